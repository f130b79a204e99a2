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
import { errorTemplate } from './error-template.ts'

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
}

export type Fault = { error_class: ErrorClass; template: string }

/** The calls of a session in order, each with the result that answers it. */
export function callsOf(events: SessionEvent[]): Call[] {
  const answers = new Map<string, number>()
  for (const [i, event] of events.entries()) if (isToolResult(event)) answers.set(answeredCall(event), i)
  return events.flatMap((event, i) =>
    isToolUse(event) ? [callAt(event, i, events, answers.get(event.id))] : [],
  )
}

/** The input as text: equal texts are the same call again. */
export function signatureOf(call: Call): string {
  return JSON.stringify(call.input)
}

function callAt(use: ToolUse, at: number, events: SessionEvent[], answered_at: number | undefined): Call {
  const actions = actionsOf(use.name, use.input)
  const call = { actions, tool: use.name, input: use.input, at, answered_at: answered_at ?? at }
  const result = answered_at === undefined ? undefined : (events[answered_at] as ToolResult)
  if (!result) return { ...call, action: actions.at(-1)!, fault: null, judged: false }
  if (!result.is_error) return { ...call, action: actions.at(-1)!, fault: null, judged: true }

  const text = textOf(result)
  const { action, error_class, blame } = blameOf(actions, result, text)
  const fault = blame === 'fault' ? { error_class, template: errorTemplate(text) } : null
  return { ...call, action, fault, judged: blame !== 'nobody' }
}
