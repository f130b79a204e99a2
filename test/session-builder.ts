/**
 * A session told step by step, as a test wants to show it:
 *
 *     session(say('refund order 17'), call('refund', { order: '17' }), error('order not found'))
 *
 * Events get the ids `e1`, `e2` … in order. A result answers the call before it, unless `of` names another.
 */
import type { ErrorClass, SessionEvent } from '../src/domain/event.ts'
import type { Feedback } from '../src/domain/feedback.ts'
import { type Outcome, UNKNOWN_OUTCOME } from '../src/domain/outcome.ts'
import type { Session } from '../src/domain/session.ts'
import { NO_USAGE } from '../src/domain/usage.ts'

/** One event, given its id and the id of the latest call. */
export type Step = (id: string, latest_call: string) => SessionEvent

export function session(...steps: Step[]): Session {
  return {
    id: 'sesn_built',
    harness: 'steps',
    external_session_id: 'built',
    agent: 'desk',
    agent_version: 'v1',
    task: null,
    person: null,
    parent_external_session_id: null,
    started_at: '2026-11-02T09:00:00Z',
    ended_at: '2026-11-02T09:30:00Z',
    outcome: UNKNOWN_OUTCOME,
    usage: NO_USAGE,
    events: events(...steps),
  }
}

export function events(...steps: Step[]): SessionEvent[] {
  let latest_call = 'no call yet'
  return steps.map((step, i) => {
    const event = step(`e${i + 1}`, latest_call)
    if (event.type === 'agent.tool_use') latest_call = event.id
    return event
  })
}

export const SATISFIED: Outcome = { ...UNKNOWN_OUTCOME, result: 'satisfied', verified: true }
export const UNSATISFIED: Outcome = { ...UNKNOWN_OUTCOME, result: 'unsatisfied', verified: true }

/** A person's words. */
export function say(words: string): Step {
  return (id) => ({ type: 'user.message', id, processed_at: null, content: text(words) })
}

/** The agent's words. */
export function answer(words: string): Step {
  return (id) => ({ type: 'agent.message', id, processed_at: null, content: text(words) })
}

export function feedback(feedback: Feedback): Step {
  return (id) => ({ type: 'user.feedback', id, processed_at: null, feedback })
}

export function call(name: string, input: Record<string, unknown> = {}, own_id?: string): Step {
  return (id) => ({ type: 'agent.tool_use', id: own_id ?? id, processed_at: null, name, input })
}

export function result(words = 'done', of?: string): Step {
  return (id, latest) => toolResult(id, of ?? latest, words, null, null)
}

export function error(words: string, error_class: ErrorClass = 'tool_fault', of?: string): Step {
  return (id, latest) => toolResult(id, of ?? latest, words, error_class, null)
}

/** What a command line answers that fails. */
export function exit(code: number, words = ''): Step {
  return (id, latest) => toolResult(id, latest, `Exit code ${code}\n${words}`, 'exit_code', code)
}

/** A person does not allow the latest call. */
export function deny(message: string | null = null): Step {
  return (id, tool_use_id) => ({
    type: 'user.tool_confirmation',
    id,
    processed_at: null,
    tool_use_id,
    result: 'deny',
    deny_message: message,
  })
}

function toolResult(
  id: string,
  tool_use_id: string,
  words: string,
  error_class: ErrorClass | null,
  exit_code: number | null,
): SessionEvent {
  const is_error = error_class !== null
  return {
    type: 'agent.tool_result',
    id,
    processed_at: null,
    tool_use_id,
    content: text(words),
    is_error,
    error_class,
    exit_code,
  }
}

function text(words: string): { type: 'text'; text: string }[] {
  return [{ type: 'text', text: words }]
}
