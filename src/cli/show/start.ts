import type { Evidence } from '../../domain/evidence.ts'
import type { Harness } from '../../domain/session.ts'
import type { IngestReport, Lesson, Skipped } from '../../engine.ts'
import { cut, wrap } from '../layout.ts'
import { count, grouped } from '../number-words.ts'
import { onDatabase, type Screen } from '../screen.ts'
import { type Dreamed, showDreamedAgent, showFailed } from './dream.ts'
import { showIngest, showSkipped } from './ingest.ts'
import { evidenceCommand, shortId, showLesson, showQuoteLine } from './lesson.ts'

export type Folder = { harness: Harness; path: string }
export type LessonWithQuotes = Lesson & { evidence: Evidence[] }

export type Started = Dreamed & {
  /** Whether these are lessons of the sample workload, as the machine has no sessions. */
  is_sample: boolean
  database: string
  folders: Folder[]
  ingest: IngestReport
  /** Changes that wait for a decision, and approved ones that wait for adoption. */
  waiting: { undecided: number; approved: number }
  /** The best of each agent. */
  lessons: LessonWithQuotes[]
  /** How many lessons there are, by agent. */
  lessons_by_agent: Record<string, number>
}

const harnesses: Partial<Record<Folder['harness'], string>> = {
  'claude-code': 'Claude Code',
  codex: 'Codex',
}

export function showFound({ folders }: { folders: Folder[] }, { bold, columns }: Screen): string {
  const lines = folders.map(
    (it) => `  ${cut(`${harnesses[it.harness] ?? it.harness}: ${it.path}`, columns - 2)}\n`,
  )
  return lines.length === 0 ? '' : `${bold('Agent sessions on this machine')}\n${lines.join('')}\n`
}

type SampleMade = { sessions: number; folder: string; skipped: Skipped[] }

export function showSampleMade({ sessions, folder, skipped }: SampleMade, screen: Screen): string {
  const { bold, columns } = screen
  const words =
    `There are no sessions of Claude Code or Codex on this machine. So here is a sample: ` +
    `${count(sessions, 'session')} of an invented compliance desk, made in`
  return `${showSkipped(skipped, screen)}${bold('No agent sessions found')}\n${wrap(words, columns, '  ')}\n  ${folder}\n\n`
}

export function showRead(report: IngestReport, screen: Screen): string {
  const news = report.sessions_new === 0 ? 'Nothing is new: these sessions were all read before.\n' : ''
  return `${screen.bold('Read')}\n${news}${showIngest(report, screen)}\n`
}

export function showLearned(data: Started, usual: Screen): string {
  const screen = data.is_sample ? onDatabase(usual, data.database) : usual
  const elsewhere = usual.command(['ingest', '--help'])
  return [showLessonsOf(data, screen), showMemoryOf(data, screen), showNext(data, screen, elsewhere)].join(
    '\n',
  )
}

function showLessonsOf({ lessons, lessons_by_agent, dreams, failed }: Started, screen: Screen): string {
  if (lessons.length === 0) return showNoLessons({ dreams, failed }, screen)
  return [...Map.groupBy(lessons, (it) => it.scope.agent)]
    .map(([agent, its]) => {
      const rest = lessons_by_agent[agent]! - its.length
      const more = rest > 0 ? `\n  and ${grouped(rest)} more\n` : ''
      return `${screen.bold(`Lessons of ${agent}`)}\n${its.map((it) => withQuotes(it, screen)).join('\n')}${more}`
    })
    .join('\n')
}

function withQuotes(lesson: LessonWithQuotes, screen: Screen): string {
  return (
    showLesson(lesson, screen, [shortId(lesson)]) +
    lesson.evidence.map((it) => showQuoteLine(it, screen)).join('')
  )
}

/** Why there are none is told for the agent with the most sessions: for the others it is true all the more. */
function showNoLessons(
  { dreams, failed }: Pick<Started, 'dreams' | 'failed'>,
  { bold, columns }: Screen,
): string {
  const [most] = dreams.toSorted((a, b) => b.dream.sessions_read - a.dream.sessions_read)
  const reasons =
    most === undefined && failed.length > 0
      ? ['No dream came to its end; why is told below.']
      : ['Nothing recurs often enough yet to be told from chance.', ...(most?.dream.notes ?? [])]
  return `${bold('No lessons yet')}\n${reasons.map((it) => `${wrap(it, columns, '  ')}\n`).join('')}`
}

const AGENTS_SHOWN = 10
const CHANGES_SHOWN = 30

function showMemoryOf({ dreams, failed, waiting }: Started, screen: Screen): string {
  const changed = dreams.filter((it) => it.changes.length > 0)
  const each = Math.max(3, Math.floor(CHANGES_SHOWN / changed.length))
  const rest = changed.length - AGENTS_SHOWN
  const unchanged = dreams.filter((it) => it.changes.length === 0 && it.dream.sessions_read > 0).length
  const idle = dreams.length - changed.length - unchanged
  return [
    `${screen.bold('Memory')}\n`,
    ...changed.slice(0, AGENTS_SHOWN).map((it) => showDreamedAgent(it, screen, { limit: each })),
    ...(rest > 0 ? [`and changes proposed for ${count(rest, 'other agent')}\n`] : []),
    ...failed.map((it) => showFailed(it, screen)),
    ...(unchanged > 0 ? [`Nothing to change for ${count(unchanged, 'agent')}.\n`] : []),
    ...(changed.length === 0 && waiting.undecided > 0
      ? [
          `${count(waiting.undecided, 'change')} of earlier dreams ${waiting.undecided === 1 ? 'waits' : 'wait'} for a decision.\n`,
        ]
      : []),
    ...(idle > 0 ? [`No new sessions of ${count(idle, 'agent')}.\n`] : []),
  ].join('')
}

function showNext({ lessons, waiting }: Started, screen: Screen, elsewhere: string): string {
  const { undecided, approved } = waiting
  const lines: [what: string, command: string][] = [
    ['all lessons', screen.command(['lessons'])],
    ['what the memory holds', screen.command(['memory'])],
    ['sessions from elsewhere', elsewhere],
  ]
  if (approved > 0) lines.unshift(['put what was approved into the memory', screen.command(['adopt'])])
  if (undecided > 0) lines.unshift(['decide what goes into the memory', screen.command(['decide'])])
  if (lessons[0]) lines.unshift(['the quotes behind the first lesson', evidenceCommand(lessons[0], screen)])
  return `${screen.bold('Next')}\n${lines.map(([what, command]) => `  ${screen.dim(`${what}:`)}\n    ${command}\n`).join('')}`
}
