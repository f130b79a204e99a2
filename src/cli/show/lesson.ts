import type { Evidence } from '../../domain/evidence.ts'
import type { Page } from '../../domain/page.ts'
import type { EvidenceOfLesson, Lesson } from '../../engine.ts'
import { cut, wrap } from '../layout.ts'
import { count, factor } from '../number-words.ts'
import type { Screen } from '../screen.ts'

const tiers: Record<Lesson['tier'], string> = {
  verified: 'verified by outcomes',
  process: 'read off the tool calls',
  people: 'said by people',
  marker: 'a marker, no proven cause',
}

const INDENT = '    '

export function showLessons({ data, next_page }: Page<Lesson>, screen: Screen): string {
  if (data.length === 0) {
    const commands = [screen.command(['dream']), screen.command(['doctor'])]
    const words =
      'No lessons to show. A dream over stored sessions finds them; where it found none, doctor says what they lack:'
    return `${wrap(words, screen.columns)}\n  ${commands.join('\n  ')}\n`
  }
  const is_mixed = new Set(data.map((it) => it.scope.agent)).size > 1
  const lessons = data.map((it) => {
    const agent = is_mixed ? [it.scope.agent] : []
    return `${showLesson(it, screen, agent)}${INDENT}${screen.dim(evidenceCommand(it, screen))}\n`
  })
  return `${lessons.join('\n')}${screen.more(next_page)}`
}

/** One lesson: what to do, how much difference it makes, and how that is known, with more `facts` before. */
export function showLesson(lesson: Lesson, { columns, bold, dim }: Screen, facts: string[] = []): string {
  const known = [
    ...facts,
    tiers[lesson.tier],
    ...(lesson.status === 'probation' ? [] : [statuses[lesson.status]]),
    count(lesson.sessions, 'session'),
  ]
  return `${[
    bold(wrap(lesson.text, columns, '  ').replace(/^ {2}/, '* ')),
    wrap(reasons(lesson), columns, INDENT),
    dim(wrap(known.join(', '), columns, INDENT)),
  ].join('\n')}\n`
}

const statuses: Record<Lesson['status'], string> = {
  candidate: 'a candidate, only watched so far',
  probation: 'on probation',
  confirmed: 'confirmed on later sessions',
  stale: 'stale: recent sessions no longer support it, or another lesson says it better',
  dormant: 'dormant: nothing of the kind was seen for three months',
  disputed: 'disputed',
  retired: 'retired',
}

/** Long enough to be the only one, short enough to copy. */
const SHORT_ID = 'pat_'.length + 8

export function shortId({ id }: Lesson): string {
  return id.slice(0, SHORT_ID)
}

export function evidenceCommand(lesson: Lesson, screen: Screen): string {
  return screen.command(['evidence', shortId(lesson)])
}

/**
 * Why to believe it, in the lesson's own words, and how large the effect is. A lesson about whole sessions says
 * that itself, since it is adjusted, and so does what a model saw in them; a lesson without anything to compare with has only counts.
 */
function reasons({ why, channel, effect: { odds_ratio, low, high } }: Lesson): string {
  if (
    channel === 'session' ||
    channel === 'correction' ||
    channel === 'edit' ||
    channel === 'temporal' ||
    channel === 'approval' ||
    channel === 'model' ||
    odds_ratio === null ||
    low === null ||
    high === null
  )
    return why
  const [ratio, from, to, side] =
    odds_ratio >= 1 ? [odds_ratio, low, high, 'higher'] : [1 / odds_ratio, 1 / high, 1 / low, 'lower']
  if (from <= 1) {
    return `${why} Too few to say by how much: the 95 % interval of the odds ratio goes from ${factor(low)} to ${factor(high)}.`
  }
  const compared = side === 'higher' ? 'when it is not heeded' : 'when it is heeded'
  return `${why} The odds of failing are ${factor(ratio)} times ${side} ${compared} (95 % interval ${factor(from)} to ${factor(to)}).`
}

export function showEvidence(
  { lesson, data, next_page, transcripts_removed }: EvidenceOfLesson,
  screen: Screen,
): string {
  const { columns, bold } = screen
  const head = [
    bold(wrap(lesson.text, columns)),
    wrap(reasons(lesson), columns),
    `${tiers[lesson.tier]}, ${statuses[lesson.status]}, ${count(lesson.sessions, 'session')}, ${lesson.id}`,
  ].join('\n')
  const quotes = data.map((it) => showQuote(it, screen)).join('\n')
  const removed = transcripts_removed
    .map((it) => `${it.session_id}: transcript removed by retention on ${it.removed_at.slice(0, 10)}\n`)
    .join('')
  const kept = quotes === '' ? 'No quotes are kept for it.\n' : quotes
  return `${head}\n\n${kept}${removed === '' ? '' : `\n${removed}`}${screen.more(next_page)}`
}

const speakers: Record<Evidence['origin'], string> = {
  person: 'a person',
  agent: 'the agent',
  tool: 'a tool',
  web: 'the web',
  memory: 'recalled memory',
  harness: 'the harness',
}

/** The words, who said them, and where they stand. */
export function showQuote(it: Evidence, { columns, dim }: Screen): string {
  const place = `${speakers[it.origin]}, in ${it.event_id} of ${it.session_id}, which its harness calls ${it.external_session_id}`
  return `${wrap(`"${it.quote}"`, columns)}\n${dim(wrap(place, columns, INDENT))}\n`
}

/** A quote on one line, for where it only illustrates. */
export function showQuoteLine(it: Evidence, { columns }: Screen): string {
  return `${INDENT}${cut(`${speakers[it.origin]}: "${it.quote}"`, columns - INDENT.length)}\n`
}
