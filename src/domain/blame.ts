import type { ErrorClass, ToolResult } from './event.ts'

/**
 * What a failed call says of whoever made it.
 *
 *     fault    the call was wrong, or the tool was
 *     answer   nothing went wrong: "no match" and "tests are red" are told by an exit code
 *     nobody   a person, an interrupt or an outage stood in the way
 */
export type Blame = 'fault' | 'answer' | 'nobody'

/** Of a failed call, by all that it did: which of that is to blame, and for what. `error` is the text of its result. */
export function blameOf(
  actions: string[],
  { error_class, exit_code }: Pick<ToolResult, 'error_class' | 'exit_code'>,
  error: string,
): { action: string; error_class: ErrorClass; blame: Blame } {
  const action = actionToBlame(actions, error)
  const told = error_class ?? 'tool_fault'
  const blame = isReport(action, error, told, exit_code) ? 'answer' : FAULTS.has(told) ? 'fault' : 'nobody'
  return { action, error_class: told, blame }
}

/** What a call can be blamed for. A rejection is feedback, an outage nobody's fault, an interrupt neither. */
const FAULTS = new Set<ErrorClass>(['tool_fault', 'exit_code', 'validation', 'permission_denied', 'timeout'])

/** Of several programs in one shell command: the one the error names, else the last, whose exit code it is. */
function actionToBlame(actions: string[], error: string): string {
  if (actions.length === 1) return actions[0]!
  const found =
    /command not found: ([\w.+-]+)/.exec(error) ??
    /(?:^|[\s:])([\w.+-]+): (?:command )?not found/m.exec(error)
  const missing = found?.[1]
  return actions.find((it) => it === missing || it.split(' ')[0] === missing) ?? actions.at(-1)!
}

/** Programs whose non-zero exit code is an answer and no mistake: "no match". */
const LOOKS = /^(?:e?grep|rg|diff|cmp|test|\[|which|pgrep|command|find|ls|cat)\b/

/** The same of those that check an agent's work: "tests are red". */
const CHECKS =
  /^(?:pytest|jest|vitest|mocha|tsc|eslint|biome|ruff|mypy|(?:npm|pnpm|yarn|cargo|go|make|dotnet|mvnw?|gradlew?) (?:run )?(?:test|lint|check|build|typecheck|vet|clippy))\b/

/** Whether a check said no without having checked anything: it could not even begin, as far as its last words tell. */
export function couldNotCheck(action: string, text: string): boolean {
  return CHECKS.test(action) && !countsResults(text)
}

/** The closing line of a test run; "port 5433 failed: …" is none. */
const TEST_SUMMARY = /\b\d+ (?:tests? )?(?:failed|passed|failures?|errors?)\b(?!\s*:)/i

function isReport(action: string, text: string, error_class: ErrorClass, exit_code: number | null): boolean {
  if (error_class !== 'exit_code' || exit_code === 127) return false
  return LOOKS.test(action) || CHECKS.test(action) || countsResults(text)
}

function countsResults(text: string): boolean {
  return TEST_SUMMARY.test(text.slice(-400))
}
