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
import { actionsOf } from './action.ts'
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

/** What a call can be blamed for. A rejection is feedback, an outage nobody's fault, an interrupt neither. */
const FAULTS = new Set<ErrorClass>(['tool_fault', 'exit_code', 'validation', 'permission_denied', 'timeout'])

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
  const action = actionToBlame(actions, text)
  const error_class = result.error_class ?? 'tool_fault'
  if (isReport(action, text, error_class, result.exit_code))
    return { ...call, action, fault: null, judged: true }
  if (!FAULTS.has(error_class)) return { ...call, action, fault: null, judged: false }
  return { ...call, action, fault: { error_class, template: errorTemplate(text) }, judged: true }
}

/** Of several programs in one shell command: the one the error names, else the last, whose exit code it is. */
function actionToBlame(actions: string[], error: string): string {
  if (actions.length === 1) return actions[0]!
  const found =
    /command not found: ([\w.+-]+)/.exec(error) ??
    /(?:^|[\s:])([\w.+-]+): (?:command )?not found/m.exec(error)
  const missing = found?.[1]
  return actions.find((it) => it === missing || it.split(' ')[0] === missing) ?? actions.at(-1)!
}

/** Programs whose non-zero exit code is an answer ("no match", "tests are red") and no mistake. */
const ANSWERS_BY_EXIT_CODE =
  /^(?:e?grep|rg|diff|cmp|test|\[|which|pgrep|command|find|ls|cat|pytest|jest|vitest|mocha|tsc|eslint|biome|ruff|mypy|(?:npm|pnpm|yarn|cargo|go|make|dotnet|mvn|gradle) (?:run )?(?:test|lint|check|build|typecheck|vet|clippy))\b/

/** The closing line of a test run. */
const TEST_SUMMARY = /\b\d+ (?:tests? )?(?:failed|passed|failures?|errors?)\b/i

function isReport(action: string, text: string, error_class: ErrorClass, exit_code: number | null): boolean {
  if (error_class !== 'exit_code' || exit_code === 127) return false
  return ANSWERS_BY_EXIT_CODE.test(action) || TEST_SUMMARY.test(text.slice(-400))
}
