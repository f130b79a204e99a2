import { isToolResult, isToolUse, type SessionEvent, textOf } from '../domain/event.ts'
import type { Observation } from '../domain/review.ts'
import type { Session } from '../domain/session.ts'
import { errorTemplate } from './error-template.ts'

/**
 * The arrival channel: sessions that were dead on arrival. The agent never did anything, and something says that it
 * went wrong: an error, a word of the harness, a verdict. Whoever runs the agent has to look; the agent has made no
 * mistake.
 *
 * Null for every other session, among them those that a person opened and left, and those whose output somebody
 * gave feedback on, so there was one.
 */
export function observeDeadOnArrival({ events, outcome }: Omit<Session, 'id'>): Observation | null {
  if (events.length === 0 || events.some((it) => isAgents(it) || it.type === 'user.feedback')) return null
  const event = complaintIn(events)
  const verdict = outcome.explanation || outcome.reported || ''
  if (event === null && outcome.result !== 'unsatisfied' && !SOUNDS_BROKEN.test(verdict)) return null
  const at = event ?? events.length - 1
  const template = errorTemplate(event === null ? verdict : textOf(events[event]!))
  return { channel: 'arrival', context: 'arrival', bad: true, event: at, traits: { [template]: at } }
}

const SOUNDS_BROKEN = /error|fail|crash|timed? ?out|abort|not found/i

function isAgents(event: SessionEvent): boolean {
  return isToolUse(event) || event.type === 'agent.message' || event.type === 'agent.thinking'
}

/** The last error, or else what the harness said after the task was given; null when there is neither. */
function complaintIn(events: SessionEvent[]): number | null {
  const error = events.findLastIndex((it) => it.type === 'session.error' || (isToolResult(it) && it.is_error))
  if (error !== -1) return error
  const task = events.findIndex((it) => it.type === 'user.message')
  const last = events.findLastIndex((it) => it.type === 'system.message' && SOUNDS_BROKEN.test(textOf(it)))
  return task !== -1 && last > task ? last : null
}
