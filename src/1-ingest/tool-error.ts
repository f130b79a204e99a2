import type { ErrorClass } from '../domain/event.ts'

/**
 * The words of a tool result, with what its harness says of them, in; whether it is an error and
 * why, out. Every parser asks here, so one text means the same in every harness.
 *
 * Only the beginning of a text is read: harnesses put their verdict first, and what comes later is
 * the output of the tool, which may quote any error in the world.
 */
export type ToolError = {
  is_error: boolean
  /** Null exactly when `is_error` is false. */
  error_class: ErrorClass | null
  exit_code: number | null
}

/**
 * @param text what the tool, or the harness in its place, answered
 * @param is_error what the harness says: true or false, or null when it says nothing, so that the text is judged
 * @param exit_code as the harness reports it beside the text; null lets the text say it
 *
 * An exit code other than 0 makes a result an error whatever the flag says.
 */
export function toolError(
  text: string,
  is_error: boolean | null,
  exit_code: number | null = null,
): ToolError {
  const head = text.length > HEAD ? text.slice(0, HEAD) : text
  const code = exit_code ?? (is_error === false ? null : exitCodeOf(head))
  const failed = is_error === true || (code !== null && code !== 0) || (is_error === null && saysError(head))
  return { is_error: failed, error_class: failed ? errorClass(head, code) : null, exit_code: code }
}

const HEAD = 400

/** `Exit code 1` of a command line, `<returncode>1</returncode>` of mini-swe-agent. */
const EXIT_CODE = /^\s*(?:exit code:? |<returncode>)(-?\d{1,9})\b/i

function exitCodeOf(head: string): number | null {
  const found = EXIT_CODE.exec(head)
  return found === null ? null : Number(found[1])
}

/** Where no flag is kept, a text is an error when it begins as errors of libraries do, or with words of a harness. */
function saysError(head: string): boolean {
  return SAYS_ERROR.test(head) || RULES.some(([, words]) => words.test(head))
}

const SAYS_ERROR =
  /^\s*(?:error\b[: ]|\w*(?:error|exception): |execution error: |\w+ verification failed|traceback \(most recent call last\)|\{"error":(?! ?(?:null|false|""|\{\})))/i

/** The first rule that matches wins: what a person or a harness did comes before what the tool did. */
function errorClass(head: string, exit_code: number | null): ErrorClass {
  for (const [error_class, words] of RULES) if (words.test(head)) return error_class
  if (exit_code === TIMEOUT_EXIT_CODE || COMMAND_TIMED_OUT.test(head)) return 'timeout'
  if (exit_code !== null && exit_code !== 0) return 'exit_code'
  if (TIMED_OUT.test(head)) return 'timeout'
  return INFRASTRUCTURE.test(head) ? 'infrastructure' : 'tool_fault'
}

/** Words that a harness puts in the place of a tool's own. */
const RULES: [ErrorClass, RegExp][] = [
  ['interrupt', /^\s*(?:\[request interrupted by user|(?:command )?aborted by user)/i],
  [
    'user_rejection',
    /^\s*(?:the user doesn['’]t want to (?:proceed with this tool use|take this action)|user chose to stay in plan mode|the agent proposed a plan that was rejected by the user|user rejected|(?:exec command|patch|command) rejected by user|[^\n]{0,80}rejected\("rejected by user"\))/i,
  ],
  [
    'permission_denied',
    /^\s*(?:permission (?:to use|for this (?:tool use|action|command))[^\n]{0,200}denied|claude requested permissions? |this command requires approval|(?:pre|post)tooluse[^\n]{0,60} hook |hook (?:pre|post)tooluse[^\n]{0,60} denied|[^\n]{0,80}(?:denied by (?:the )?(?:policy|sandbox)|sandbox denied))/i,
  ],
  // A call that the harness dropped because a parallel one failed says nothing about its own arguments.
  ['infrastructure', /^\s*<tool_use_error>(?:cancelled: parallel|(?:error: )?sibling tool call errored)/i],
  [
    'validation',
    /^\s*(?:<tool_use_error>|(?:error: )?inputvalidationerror|mcp error -3260[12]|failed to parse (?:function )?arguments|unsupported call: )/i,
  ],
]

/** What `timeout` of GNU coreutils exits with, and harnesses after it. */
const TIMEOUT_EXIT_CODE = 124
const COMMAND_TIMED_OUT = /^\s*(?:exit code:? \d+\s+)?command timed out/i
const TIMED_OUT =
  /\btimed out\b|\btimeout(?:error\b| of \d| after | exceeded| expired)|\b(?:request|connection|gateway) timeout\b|\bETIMEDOUT\b/i
const INFRASTRUCTURE =
  /^\s*api error|\bECONN(?:REFUSED|RESET)\b|\bENOTFOUND\b|socket hang up|fetch failed|connection (?:closed|refused|error)|not connected|status code (?:429|5\d\d)|\b50[234] (?:bad gateway|service unavailable|gateway timeout)|rate limit|overloaded|mcp error -32000/i
