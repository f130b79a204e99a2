/**
 * Session measures: one session in, what it comes to in numbers out.
 *
 * It is one pass, and depends on the session alone, so every machine gets the same for the same `MEASURER`. What a session does not
 * say is null, never a guess. The definitions, and what they do not see:
 *
 * - `completed`, `verified`: the outcome as whoever judged it told it. Nothing is read out of the words of a session.
 * - `duration_ms`: from start to end, with the time in which people thought or were away.
 * - `edit_distance`: the mean over what people edited (`edit-distance.ts`) or approved, which counts 0. What they changed
 *   elsewhere, in an editor of their own, is not seen.
 * - `escalated`: a call that did not fail and whose name says that it hands the work to a person (`escalation.ts`); or an end in
 *   which a call still waits for a person to allow it.
 * - `refusals`: messages of the agent in which it declines, in English (`refusal.ts`).
 * - `tool_errors`: failed calls that the call or the tool is to blame for. Red tests, rejections by people and outages are none.
 * - `tokens`: in and out, with what was read from and written to caches. A harness that tells no usage looks like one that spent
 *   nothing, so 0 is unknown.
 * - `tools`: calls by action. Of a shell command that runs several programs, the last; of one that failed, the one to blame.
 *
 * Of a copy, which repeats what another session has shown, only the events that are new in it are measured, and the time since the
 * first of them; how it ended counts unless the original was judged. A transcript tells the tokens of the whole, so what the
 * new part of a copy spent is unknown.
 */
import { actionsOf } from '../domain/action.ts'
import { blameOf } from '../domain/blame.ts'
import { answeredCall, isToolResult, isToolUse, type ToolUse, textOf } from '../domain/event.ts'
import type { SessionMeasures } from '../domain/measures.ts'
import type { Copied } from '../domain/review.ts'
import type { Session } from '../domain/session.ts'
import { editDistance } from './edit-distance.ts'
import { handsOver } from './escalation.ts'
import { declines } from './refusal.ts'

/** Raised whenever the same session would give other measures, so that they are made again. */
export const MEASURER = 3

export function measureSession(session: Omit<Session, 'id'>, copied: Copied | null = null): SessionMeasures {
  return { ...whole(session, copied), ...counted(session, copied) }
}

/**
 * What pieces of one session, one at least and in order of arrival, come to together. Amounts are added up; of how it ended, and of what people changed, the
 * last word counts.
 */
export function joinedMeasures(pieces: SessionMeasures[]): SessionMeasures {
  if (pieces.length === 1) return pieces[0]!
  const tools: Record<string, number> = {}
  for (const it of pieces)
    for (const [action, n] of Object.entries(it.tools)) tools[action] = (tools[action] ?? 0) + n
  const judged = pieces.findLast((it) => it.completed !== null)
  const sum = (name: 'refusals' | 'tool_calls' | 'tool_errors' | 'words') =>
    pieces.reduce((all, it) => all + it[name], 0)
  const known = (name: 'duration_ms' | 'tokens') => {
    const told = pieces.flatMap((it) => it[name] ?? [])
    return told.length === 0 ? null : told.reduce((a, b) => a + b)
  }
  return {
    completed: judged?.completed ?? null,
    verified: judged?.verified ?? false,
    duration_ms: known('duration_ms'),
    edit_distance: pieces.findLast((it) => it.edit_distance !== null)?.edit_distance ?? null,
    escalated: pieces.some((it) => it.escalated),
    refusals: sum('refusals'),
    tool_calls: sum('tool_calls'),
    tool_errors: sum('tool_errors'),
    tokens: known('tokens'),
    words: sum('words'),
    tools: largest(new Map(Object.entries(tools))),
  }
}

function whole(
  { outcome, started_at, ended_at, usage, events }: Omit<Session, 'id'>,
  copied: Copied | null,
): Pick<SessionMeasures, 'completed' | 'verified' | 'duration_ms' | 'tokens'> {
  const is_known = outcome.result !== 'unknown' && copied?.was_judged !== true
  const tokens =
    usage.input_tokens +
    usage.output_tokens +
    usage.cache_read_input_tokens +
    usage.cache_creation_input_tokens
  return {
    completed: is_known ? (outcome.result === 'satisfied' ? 1 : 0) : null,
    verified: is_known && outcome.verified,
    duration_ms: timeBetween(copied === null ? started_at : firstNew(events, copied), ended_at),
    tokens: copied !== null || tokens === 0 ? null : tokens,
  }
}

function firstNew(events: Session['events'], copied: Copied): string | null {
  const old = new Set(copied.events)
  return events.find((it, i) => !old.has(i) && it.processed_at !== null)?.processed_at ?? null
}

function timeBetween(start: string | null, end: string | null): number | null {
  if (start === null || end === null) return null
  const time = Date.parse(end) - Date.parse(start)
  return time >= 0 ? time : null
}

type Counted = Omit<SessionMeasures, 'completed' | 'verified' | 'duration_ms' | 'tokens'>

type Called = { use: ToolUse; action: string; is_new: boolean; is_answered: boolean; has_failed: boolean }

function counted({ events }: Pick<Session, 'events'>, copied: Copied | null): Counted {
  const old = new Set(copied?.events)
  const calls = new Map<string, Called>()
  const distances: number[] = []
  let [words, refusals, tool_errors] = [0, 0, 0]
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!
    const is_new = !old.has(i)
    if (isToolUse(event)) {
      const action = actionsOf(event.name, event.input).at(-1)!
      calls.set(event.id, { use: event, action, is_new, is_answered: false, has_failed: false })
    } else if (isToolResult(event)) {
      const call = calls.get(answeredCall(event))
      if (call === undefined) continue
      call.is_answered = true
      if (!event.is_error) continue
      const { action, blame } = blameOf(actionsOf(call.use.name, call.use.input), event, textOf(event))
      Object.assign(call, { action, has_failed: true })
      if (is_new && blame === 'fault') tool_errors++
    } else if (is_new && event.type === 'agent.message') {
      const text = textOf(event)
      words += wordsIn(text)
      if (declines(text)) refusals++
    } else if (is_new && event.type === 'user.feedback') {
      const { feedback } = event
      if (feedback.kind === 'approval') distances.push(0)
      else if (feedback.kind === 'edit') distances.push(editDistance(feedback.before, feedback.after))
    }
  }
  const own = [...calls.values()].filter((it) => it.is_new)
  return {
    edit_distance: distances.length === 0 ? null : distances.reduce((a, b) => a + b) / distances.length,
    escalated: own.some((it) => !it.has_failed && handsOver(it.action)) || awaitsPerson(events, own),
    refusals,
    tool_calls: own.length,
    tool_errors,
    words,
    tools: mostFrequent(own.map((it) => it.action)),
  }
}

/** Whether it ended with a call that a person was to allow, and nobody did. Custom tools are answered by a program. */
function awaitsPerson(events: Session['events'], own: Called[]): boolean {
  const last = events.at(-1)
  if (last?.type !== 'session.status_idle' || last.stop_reason !== 'requires_action') return false
  return own.some((it) => !it.is_answered && it.use.type !== 'agent.custom_tool_use')
}

/** Runs of anything but white space. */
function wordsIn(text: string): number {
  let n = 0
  let is_inside = false
  for (let i = 0; i < text.length; i++) {
    const is_space = text.charCodeAt(i) <= 32
    if (!is_space && !is_inside) n++
    is_inside = !is_space
  }
  return n
}

const MOST_TOOLS = 30
const REST = 'other'

function mostFrequent(actions: string[]): Record<string, number> {
  const counts = new Map<string, number>()
  for (const it of actions) counts.set(it, (counts.get(it) ?? 0) + 1)
  return largest(counts)
}

function largest(counts: Map<string, number>): Record<string, number> {
  const sorted = [...counts].sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
  const kept = new Map(sorted.slice(0, MOST_TOOLS))
  const rest = sorted.slice(MOST_TOOLS).reduce((sum, [, n]) => sum + n, 0)
  if (rest > 0) kept.set(REST, (kept.get(REST) ?? 0) + rest)
  return Object.fromEntries(kept)
}
