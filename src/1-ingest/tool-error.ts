import type { ErrorClass } from '../domain/event.ts'
import { saysError } from './error-words.ts'

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
  const failed =
    is_error === true || (code !== null && code !== 0) || (is_error === null && failedByWords(head))
  return { is_error: failed, error_class: failed ? errorClass(head, code) : null, exit_code: code }
}

const HEAD = 400

/** `Exit code 1` of a command line, `<returncode>1</returncode>` of mini-swe-agent; not a text about exit codes. */
const EXIT_CODE = /^\s*(?:exit code:? |<returncode>)(-?\d{1,9})\b(?! (?:means|is|indicates|stands)\b)/i

function exitCodeOf(head: string): number | null {
  const found = EXIT_CODE.exec(head)
  return found === null ? null : Number(found[1])
}

/** Where no flag is kept, a text is an error when it begins as errors do, or with words of a harness. */
function failedByWords(head: string): boolean {
  return RULES.some(([, words]) => words.test(head)) || saysError(head)
}

/** The first rule that matches wins: what a person or a harness did comes before what the tool did. */
function errorClass(head: string, exit_code: number | null): ErrorClass {
  for (const [error_class, words] of RULES) if (words.test(head)) return error_class
  if (exit_code === TIMEOUT_EXIT_CODE || COMMAND_TIMED_OUT.test(head)) return 'timeout'
  if (exit_code !== null && exit_code !== 0) return 'exit_code'
  if (TIMED_OUT.test(head)) return 'timeout'
  return INFRASTRUCTURE.some((it) => it.test(head)) ? 'infrastructure' : 'tool_fault'
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

/**
 * Words that the network, the provider of the model or the machine failed: no call of the agent made
 * it so, and none would mend it. A tool speaks of its own business in like words ("not connected to
 * a database", "the method is overloaded", "rate limit must be a number"), and those teach something.
 */
const INFRASTRUCTURE = [
  // As harnesses and their libraries write it, word for word.
  /^\s*(?:error: )?not connected\.?\s*$|mcp error -32000: connection closed/i,
  /^\s*api error\b[^\n]{0,40}?(?:\b(?:429|5\d\d)\b|connection|overloaded|terminated)|^\s*api error: \d{3} \{"type":"error"/i,
  /\bECONN(?:REFUSED|RESET|ABORTED)\b|\bENOTFOUND\b|\bEAI_AGAIN\b|\bE(?:HOST|NET)UNREACH\b|socket hang up/i,
  /(?:^\s*|error: )fetch failed["'.]*\s*(?:$|\n)/i,
  /\bconnection ?(?:(?:was|has been) )?(?:refused|reset|aborted)/i,
  /\bconnection (?:was |has been )?closed (?:by|unexpectedly)\b|^\s*(?:\w*error: )?connection (?:closed|error)\.?\s*$/i,
  /(?<!\b(?:expected|expects|unknown|invalid) )\bstatus code:? (?:429|5\d\d)\b(?! (?:is|must|does|was)\b)/i,
  /\b50[234] (?:bad gateway|service unavailable|gateway time-?out)|\b429 too many requests/i,
  /\b(?:http|http error|error code:?|error) (?:429|50[234]|529)\b/i,
  // What is exceeded; an argument by that name is the agent's.
  /(?<!\b(?:invalid|missing|unknown|unexpected|required|argument|parameter|option|field):? ["'`]?)rate[ _-]?limit(?!\w*["'`]?(?: [\w.-]{1,12})? (?:must|should|has to|needs|cannot|can't|may not|to be|expected|is (?:above|below|invalid|missing|no|not|out|required|too)))/i,
  /\boverloaded_error\b|(?:^|[:"'] ?)overloaded["'.]*\s*(?:$|[\n"}])|\b(?:api|backend|engine|host|machine|model|provider|server|service|system) (?:is|was)(?: currently| temporarily)? overloaded/i,
]
