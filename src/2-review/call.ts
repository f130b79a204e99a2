import { answeredCall, type ErrorClass, isToolResult, isToolUse, type SessionEvent } from '../domain/event.ts'
import { actionsOf } from './action.ts'
import { errorTemplate } from './error-template.ts'

/** One call of a session with its result: what was done, and how it went. */
export type Call = {
  /** What was called: the tool, or for a shell the program it ran. */
  action: string
  tool: string
  input: Record<string, unknown>
  /** The input as text: equal texts are the same call again. */
  signature: string
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
  const results = new Map<string, number>()
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!
    if (isToolResult(event)) results.set(answeredCall(event), i)
  }

  const calls: Call[] = []
  for (let i = 0; i < events.length; i++) {
    const event = events[i]!
    if (!isToolUse(event)) continue
    const answered_at = results.get(event.id)
    const result = answered_at === undefined ? undefined : events[answered_at]!
    const signature = JSON.stringify(event.input)
    if (answered_at === undefined || !result || !isToolResult(result)) {
      calls.push({
        tool: event.name,
        action: actionsOf(event.name, event.input).at(-1)!,
        input: event.input,
        signature,
        at: i,
        answered_at: i,
        fault: null,
        judged: false,
      })
      continue
    }
    const text = result.is_error ? result.content.map((it) => it.text).join('\n') : ''
    const action = actionToBlame(actionsOf(event.name, event.input), text)
    const failed = result.is_error && !isReport(action, text, result.error_class, result.exit_code)
    const blamed = failed && FAULTS.has(result.error_class ?? 'tool_fault')
    calls.push({
      tool: event.name,
      action,
      input: event.input,
      signature,
      at: i,
      answered_at,
      fault: blamed
        ? { error_class: result.error_class ?? 'tool_fault', template: errorTemplate(text) }
        : null,
      judged: blamed || !failed,
    })
  }
  return calls
}

/** Of several programs in one shell command: the one the error names, else the last, whose exit code it is. */
function actionToBlame(actions: string[], error: string): string {
  if (actions.length === 1 || error === '') return actions.at(-1)!
  const missing = /(?:^|[\s:])([\w.+-]+): (?:command )?not found/m.exec(error)?.[1]
  return actions.find((it) => it === missing || it.split(' ')[0] === missing) ?? actions.at(-1)!
}

/** Programs whose non-zero exit code is an answer ("no match", "tests are red") and no mistake. */
const ANSWERS_BY_EXIT_CODE =
  /^(?:e?grep|rg|diff|cmp|test|\[|which|pgrep|command|find|ls|cat|pytest|jest|vitest|mocha|tsc|eslint|biome|ruff|mypy|(?:npm|pnpm|yarn|cargo|go|make|dotnet|mvn|gradle) (?:run )?(?:test|lint|check|build|typecheck|vet|clippy))\b/

/** The closing line of a test run. */
const TEST_SUMMARY = /\b\d+ (?:tests? )?(?:failed|passed|failures?|errors?)\b/i

function isReport(
  action: string,
  text: string,
  error_class: ErrorClass | null,
  exit_code: number | null,
): boolean {
  if (error_class !== 'exit_code' || exit_code === 127) return false
  return ANSWERS_BY_EXIT_CODE.test(action) || TEST_SUMMARY.test(text.slice(-400))
}
