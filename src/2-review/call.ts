import { actionsOf } from '../domain/action.ts'
import { blameOf } from '../domain/blame.ts'
import {
  answeredCall,
  type ErrorClass,
  isToolResult,
  isToolUse,
  type SessionEvent,
  type ToolResult,
  type ToolUse,
  textOf,
} from '../domain/event.ts'
import { errorTemplate, NO_MESSAGE } from './error-template.ts'
import type { Made } from './given-name.ts'

/** One call of a session with its result: what was done, and how it went. */
export type Call = {
  /** What was called: the tool, or for a shell the program it ran. */
  action: string
  /** Everything that the call did, in order: of a shell all its programs, otherwise the tool. */
  actions: string[]
  tool: string
  input: Record<string, unknown>
  /** Index of the call in the session's events. */
  at: number
  /** Index of the result; equal to `at` when the result is missing. */
  answered_at: number
  /** Null when the call went well, or when how it went is not the agent's or the tool's doing. */
  fault: Fault | null
  /** False when nobody knows, or when a person, an interrupt or the infrastructure stood in the way. */
  judged: boolean
  /** What it said by its exit code, where that is an answer ("tests are red") and no fault; masked as an error is. */
  answer: string | null
  /** What stood in the way where that was the infrastructure, masked as an error is. */
  outage: string | null
  /** Whether a person did not let it run. */
  denied: boolean
}

export type Fault = { error_class: ErrorClass; template: string }

/** The calls of a session in order, each with the result that answers it. */
export function callsOf(events: SessionEvent[]): Call[] {
  const answers = new Map<string, number>()
  const denied = new Set<string>()
  for (const [i, event] of events.entries()) {
    if (isToolResult(event)) answers.set(answeredCall(event), i)
    if (event.type === 'user.tool_confirmation' && event.result === 'deny') denied.add(event.tool_use_id)
  }
  return events.flatMap((event, i) =>
    isToolUse(event) ? [callAt(event, i, events, answers.get(event.id), denied.has(event.id))] : [],
  )
}

/** Whether a call was made as it has to be; what a check then says of the work is another matter. */
export function ran({ judged, fault }: Call): boolean {
  return judged && fault === null
}

/** Whether a call did what it was made for; one that says no did not. */
export function succeeded(call: Call): boolean {
  return ran(call) && call.answer === null
}

/** The input as text: equal texts are the same call again. */
export function signatureOf(call: Call): string {
  return JSON.stringify(call.input)
}

function callAt(
  use: ToolUse,
  at: number,
  events: SessionEvent[],
  answered_at: number | undefined,
  denied: boolean,
): Call {
  const actions = actionsOf(use.name, use.input)
  const action = actions.at(-1)!
  const made = { actions, tool: use.name, input: use.input, at, answered_at: answered_at ?? at, denied }
  const call = { ...made, action, fault: null, answer: null, outage: null }
  const result = answered_at === undefined ? undefined : (events[answered_at] as ToolResult)
  if (!result || denied) return { ...call, judged: false }
  if (!result.is_error) return { ...call, judged: true }

  const text = textOf(result)
  const { action: blamed, error_class, blame } = blameOf(actions, result, text)
  const is_outage = error_class === 'infrastructure' && !DROPPED.test(text)
  const template = blame === 'nobody' && !is_outage ? '' : templateOf(text, result.exit_code, made)
  return {
    ...{ ...call, action: blamed, judged: blame !== 'nobody' },
    fault: blame === 'fault' ? { error_class, template } : null,
    answer: blame === 'answer' ? template : null,
    outage: is_outage ? template : null,
  }
}

/** What a harness did not let run because another call failed: no outage, and nothing to mend. */
const DROPPED = /^\s*<tool_use_error>/

/** Without a word, what is known of an error is its exit code; 1 is the code of everything. */
function templateOf(text: string, exit_code: number | null, made: Made): string {
  const template = errorTemplate(text, made)
  return template === NO_MESSAGE && exit_code !== null && exit_code > 1 ? `exit code ${exit_code}` : template
}
