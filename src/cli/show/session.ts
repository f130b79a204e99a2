import { isToolResult, isToolUse, type SessionEvent, textOf } from '../../domain/event.ts'
import type { Feedback } from '../../domain/feedback.ts'
import type { Page } from '../../domain/page.ts'
import type { Recall } from '../../domain/recall.ts'
import type { Session } from '../../domain/session.ts'
import type { SessionRow } from '../../engine.ts'
import { cut, wrap } from '../layout.ts'
import { count, minute } from '../number-words.ts'
import type { Screen } from '../screen.ts'
import { showRecall } from './recall.ts'

export function showSessions({ data, next_page }: Page<SessionRow>, screen: Screen): string {
  if (data.length === 0) return `No sessions yet.\nNext: ${screen.command(['ingest', '--help'])}\n`
  return `${data.map((it) => sessionLines(it, screen)).join('\n')}${screen.more(next_page)}`
}

function sessionLines(it: SessionRow, { columns, bold, dim }: Screen): string {
  const facts = [minute(it.started_at), it.agent, outcomeWord(it), count(it.events, 'event')].join(', ')
  return `${bold(it.id)}  ${cut(it.title, columns - it.id.length - 2)}\n${dim(`  ${cut(facts, columns - 2)}`)}\n`
}

function outcomeWord({ outcome_result, outcome_verified }: SessionRow): string {
  if (outcome_result === 'unknown') return 'outcome unknown'
  return outcome_verified === 1 ? `${outcome_result} (verified)` : outcome_result
}

export type OneSession = {
  /** What only a transcript says is null where that was removed, and `events` are none. */
  session: SessionRow & { [K in 'outcome' | 'usage']: Session[K] | null }
  events: Session['events']
  transcript_removed_at: string | null
  /** What it was given of the memory, the newest first. */
  recalls: Recall[]
}

export function showOneSession(
  { session: it, events, transcript_removed_at: removed_at, recalls }: OneSession,
  screen: Screen,
): string {
  const facts: [string, string | null][] = [
    ['session', it.id],
    ['harness', `${it.harness}, which calls it ${it.external_session_id}`],
    ['agent', it.agent_version === null ? it.agent : `${it.agent}, version ${it.agent_version}`],
    ['task', it.task],
    ['time', `${minute(it.started_at)} to ${minute(it.ended_at)} UTC`],
    ['outcome', [outcomeWord(it), it.outcome?.explanation].filter(Boolean).join(': ')],
    ['parent', it.parent_external_session_id],
    ['continues', it.continues_session_id],
    ['events', eventCounts(it)],
  ]
  const head = facts
    .filter(([, value]) => value !== null)
    .map(([name, value]) => wrap(value!, screen.columns, ' '.repeat(11)).replace(/^ {11}/, name.padEnd(11)))
  const said =
    removed_at === null
      ? events.map((event) => showEvent(event, screen)).join('')
      : `Its transcript was removed by retention on ${removed_at.slice(0, 10)}; what was counted of it stays.\n`
  const given = recalls.map((recall) => `${showRecall(recall, screen)}\n`).join('')
  return `${head.join('\n')}\n\n${given}${said}`
}

function eventCounts(it: SessionRow): string {
  return [
    count(it.events, 'event'),
    `${count(it.human_turns, 'message')} of people`,
    `${count(it.tool_calls, 'tool call')} (${it.tool_errors} failed)`,
    `${count(it.redactions, 'secret')} removed`,
  ].join(', ')
}

const MAX_LINES = 6

function showEvent(event: SessionEvent, { columns, dim, bad }: Screen): string {
  const time = event.processed_at === null ? '' : `  ${event.processed_at.slice(11, 19)}`
  const failed = isToolResult(event) && event.is_error ? `  ${bad(`failed: ${event.error_class}`)}` : ''
  const words = wordsOf(event)
  const lines = words === '' ? [] : wrap(words, columns, '    ').split('\n')
  const rest = lines.length - MAX_LINES
  const shown = rest > 1 ? [...lines.slice(0, MAX_LINES), dim(`    … ${count(rest, 'more line')}`)] : lines
  return `${[`${event.type}${failed}  ${dim(event.id + time)}`, ...shown].join('\n')}\n`
}

function wordsOf(event: SessionEvent): string {
  if (isToolUse(event)) return `${event.name} ${JSON.stringify(event.input)}`
  switch (event.type) {
    case 'user.feedback':
      return feedbackWords(event.feedback)
    case 'session.outcome':
      return [event.outcome.result, event.outcome.explanation].filter(Boolean).join(': ')
    case 'session.status_idle':
      return event.stop_reason ?? ''
    case 'user.tool_confirmation':
      return [event.result, event.deny_message].filter(Boolean).join(': ')
    default:
      return textOf(event)
  }
}

function feedbackWords(it: Feedback): string {
  const said = it.kind === 'edit' ? it.after : it.kind === 'rating' ? String(it.rating) : null
  return [it.kind, said, it.comment].filter(Boolean).join(': ')
}
