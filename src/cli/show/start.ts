import type { IngestReport, Skipped } from '../../engine.ts'
import type { Folder, LessonWithQuotes, Started } from '../commands/start.ts'
import { cut, wrap } from '../layout.ts'
import { count, grouped } from '../number-words.ts'
import { onDatabase, type Screen } from '../screen.ts'
import { showDreamedAgent, showFailed } from './dream.ts'
import { showIngest, showSkipped } from './ingest.ts'
import { evidenceCommand, shortId, showLesson, showQuoteLine } from './lesson.ts'

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

const CHANGES_SHOWN = 15

export function showLearned(data: Started, usual: Screen): string {
  const screen = data.is_sample ? onDatabase(usual, data.database) : usual
  const elsewhere = usual.command(['ingest', '--help'])
  return [showLessonsOf(data, screen), showMemoryOf(data, screen), showNext(data, screen, elsewhere)].join(
    '\n',
  )
}

function showLessonsOf({ lessons, lessons_by_agent }: Started, screen: Screen): string {
  if (lessons.length === 0)
    return `${screen.bold('No lessons yet')}\n${wrap('Nothing recurs often enough to be told from chance. More sessions help; Reverie reads them when it is started again.', screen.columns, '  ')}\n`
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

function showMemoryOf({ dreams, failed }: Started, screen: Screen): string {
  const ended = dreams.filter((it) => it.changes.length > 0 || it.dream.result !== 'nothing_new')
  const quiet = dreams.length - ended.length
  return [
    `${screen.bold('Memory')}\n`,
    ...ended.map((it) => showDreamedAgent(it, screen, CHANGES_SHOWN)),
    ...failed.map((it) => showFailed(it, screen)),
    ...(quiet > 0 ? [`Nothing is new for ${count(quiet, 'agent')}.\n`] : []),
  ].join('')
}

function showNext({ lessons }: Started, screen: Screen, elsewhere: string): string {
  const lines: [what: string, command: string][] = [
    ['all lessons', screen.command(['lessons'])],
    ['what the memory holds', screen.command(['memory'])],
    ['sessions from elsewhere', elsewhere],
  ]
  if (lessons[0]) lines.unshift(['the quotes behind the first lesson', evidenceCommand(lessons[0], screen)])
  return `${screen.bold('Next')}\n${lines.map(([what, command]) => `  ${screen.dim(`${what}:`)}\n    ${command}\n`).join('')}`
}
