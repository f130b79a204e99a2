import { visible } from '../domain/visible-text.ts'
import { type Made, withoutGiven } from './given-name.ts'

/**
 * Error text -> template: what is left of an error when names, numbers, paths and identifiers are
 * masked, so that the same error in two sessions is the same template.
 *
 * In the manner of Drain (He et al., ICWS 2017), without its tree: the identity of a template is its
 * masked text alone. It depends on nothing but the error and the call that met it (`given-name.ts`), so two machines
 * always agree.
 */
export function errorTemplate(text: string, made: Made = MADE_BY_NOBODY): string {
  return mask(tellingLine(text), made) || NO_MESSAGE
}

export const NO_MESSAGE = '(no message)'
const MADE_BY_NOBODY: Made = { tool: '', actions: [], input: {} }
const TEMPLATE_LIMIT = 160

/**
 * The line that says what went wrong: of a traceback its exception, of JSON and of a page the message in it, as it is spelled there. Otherwise
 * the last line that sounds like an error and says more than that there was one, else the first. Verbatim.
 */
export function tellingLine(text: string): string {
  const window = text.length > 8_000 ? `${text.slice(0, 4_000)}\n${text.slice(-4_000)}` : text
  const message = /^\s*[{[]/.test(window) ? (messageIn(window) ?? codeIn(window)) : titleIn(window)
  // A message in JSON may be a whole text, with its line ends written out.
  if (message !== null) return message.includes('\\n') ? lineIn(message.split(/(?:\\[nrt])+/)) : message
  const line = lineIn(window.split(/[\n\r\u2028\u2029]/))
  return messageIn(line) ?? line
}

function lineIn(all: string[]): string {
  const exception = exceptionIn(all)
  if (exception !== null) return exception
  const lines = all.map((it) => it.trim()).filter((it) => /\w/.test(it) && !SAYS_WHERE.test(it))
  return lastWrong(lines, (it) => !SAYS_LITTLE.test(it)) ?? lastWrong(lines, () => true) ?? lines[0] ?? ''
}

/** Where nothing is called an error, "required" says no more than "not" does, and the last word counts. */
function lastWrong(lines: string[], isTelling: (line: string) => boolean): string | undefined {
  const last = (words: RegExp) =>
    lines.findLast((it) => (words.test(it) || DEMANDS.test(it)) && isTelling(it))
  const is_error = lines.findLast((it) => SOUNDS_LIKE_AN_ERROR.test(it) && isTelling(it)) !== undefined
  return last(is_error ? SOUNDS_LIKE_AN_ERROR : SOUNDS_WRONG)
}

/** What stands behind the frames of the last Python traceback. */
function exceptionIn(lines: string[]): string | null {
  const start = lines.findLastIndex((it) => it.trim() === 'Traceback (most recent call last):')
  if (start === -1) return null
  const line = lines.slice(start + 1).find((it) => /^\S/.test(it))
  return line !== undefined && /^(?:\w+\.)*[A-Z]\w*(?::|\s*$)/.test(line) ? line.trim() : null
}

const SAYS_WHERE =
  /^(?:Exit code \d+|<\/?\w+>|Traceback .*|File ".*|at (?!line\b|column\b|position\b)\S.*(?:\)|:\d+)|\.{3} \d+ more)$/

/** That something failed, but not what; where to read on; and what is no error by its own word. */
const SAYS_LITTLE =
  /\b(?:exit(?:ed)?|return(?:ed)?)\b[^:]{0,30}\b(?:code|status):? -?\d+\W*$|\bError \d+\W*$|\bprevious errors?\W*$|^\W*(?:found )?\d+ (?:errors?|problems?)\b[^:]*$|^\W*(?:\w+: )?build failed\b|^\W*(?:error\W+)?(?:for (?:more|further|full|additional|details)|see |to see |run |\[help)|\bcomplete log\b|(?:…|\.\.\.)$|^[^:]{0,60}\b(?:\w*warning|warn|notice|note|hint|help|info|debug|tip)\b *[:\]]|^\w+ warn\b/i

/** The message in JSON, or in what Python prints for it, as it stands between its quotes; null where there is none. */
function messageIn(text: string): string | null {
  return fieldIn(MESSAGE_FIELDS, text)
}

/** Of JSON without a message, whatever in it sounds like one, or else what it calls the error. */
function codeIn(text: string): string | null {
  const texts = [...text.matchAll(TEXTS)].flatMap(([, , it, is_name]) => (is_name ? [] : it!.trim()))
  const sounds = (it: string) => [SOUNDS_LIKE_AN_ERROR, SOUNDS_WRONG, DEMANDS].some((words) => words.test(it))
  return texts.find((it) => / /.test(it) && sounds(it)) ?? fieldIn(CODE_FIELDS, text)
}

function fieldIn(fields: RegExp[], text: string): string | null {
  for (const field of fields) {
    const found = field.exec(text)?.[3]
    if (found && /\w/.test(found)) return found.trim()
  }
  return null
}

/** A message says more than a field called "error", which may be a mere code. */
const MESSAGE_FIELDS = [
  /(["'])(?:message|details?|error_message|error_description|reason)\1\s*:\s*(["'])((?:(?!\2)[^\\\n\r\u2028\u2029]|\\.)+)\2/,
  /(["'])(?:error|err|msg)\1\s*:\s*(["'])((?:(?!\2)[^\\\n\r\u2028\u2029]|\\.)+)\2/,
]
/** In JSON, what stands in quotes; the third group says that it is the name of a field. */
const TEXTS = /(["'])((?:(?!\1)[^\\\n\r\u2028\u2029]|\\.)+)\1(\s{0,9}:)?/g
const CODE_FIELDS = [
  /(["'])(?:title|code|error_?code)\1\s*:\s*(["'])((?:(?!\2)[^\\\n\r\u2028\u2029]|\\.)+)\2/i,
  /(["'])(?:error_?type|type|status)\1\s*:\s*(["'])((?:(?!\2)[^\\\n\r\u2028\u2029]|\\.)+)\2/i,
]

/** What a page, or XML, says of itself; null of anything else. */
function titleIn(text: string): string | null {
  if (!/^\s*<(?:!doctype html|html|\?xml)\b/i.test(text)) return null
  for (const tag of TITLES) {
    const found = tag.exec(text)?.[1]
    if (found && /\w/.test(found)) return found.trim()
  }
  return null
}

const TITLES = ['message', 'faultstring', 'title', 'h1', 'code'].map(
  (it) => new RegExp(`<${it}(?:\\s[^<>]{0,200})?>\\s{0,80}([^<>\\n\\r\\u2028\\u2029]{1,400})`, 'i'),
)

const SOUNDS_LIKE_AN_ERROR =
  /(?:^|[\s(])(?:\w+\.){0,9}\w*(?:Error|Exception|Interrupt)\b[:(]|\b(?:error|fatal|failed|not found|denied|refused|cannot|can't|could not|unable|invalid|no such)\b/i
const DEMANDS = /\b(?:required|conflict|exceeds|must|should)\b/i
const SOUNDS_WRONG =
  /\b(?:not|no|missing|unknown|unexpected|undefined|undeclared|unsupported|unauthorized|forbidden|rejected|expired|exceeded|usage|timed? ?out|limit|already|too (?:large|many|long))\b/i

function mask(line: string, made: Made): string {
  const plain = visible(line.slice(0, 1_000))
    .replace(/\\(["'])/g, '$1')
    .replace(/^ ?(["'`])((?:(?!\1).)+)\1[^\w]*$/, '$2')
    .replace(/<\/?(?!(?:url|email|path|file|id|n)>)[a-z_]+>/g, ' ')
    .replace(BEFORE_THE_ERROR, '')
    .replace(/^ *(?:(?:Error|ERROR|error): +(?=\S))+/, '')
    // Which shell, and in which line of the command, says nothing.
    .replace(/^ ?(?:[\w./-]*\/)?(?:ba|da|z|k)?sh: (?:(?:line )?\d+: )?(?=\S)/, '')
  return withoutNames(withoutGiven(plain.slice(0, 3 * TEMPLATE_LIMIT), made, isKnownOtherwise))
    .slice(0, TEMPLATE_LIMIT)
    .toWellFormed()
    .replace(/ +/g, ' ')
    .replace(/^ | ?[.:;,! ]+$/g, '')
}

/** Frames, a time with its level, where in the code, and how the error was met. */
const BEFORE_THE_ERROR =
  /^ ?(?:[\u2500-\u259f✖✗×]+ *)*(?:\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]? *(?:[-|] *)?(?:\[?(?:ERROR|FATAL|CRITICAL|SEVERE)\]?:? +)?(?:\[[^[\]]{0,60}\]:? +)?)?(?:[^\s:(]+\.\w{1,5}(?::\d+:\d+|\(\d+(?:,\d+)?\))(?: *[-:])? +)?(?:Caused by: |Uncaught |Exception in thread "[^"]*" )?(?=\S)/

/** Words that other masks take, and those that say what is wrong. */
function isKnownOtherwise(word: string): boolean {
  return (
    SOUNDS_LIKE_AN_ERROR.test(word) ||
    SOUNDS_WRONG.test(word) ||
    DEMANDS.test(word) ||
    /^(?:and|the|for|with|was|has|true|false|null|none|all|any|yes|url|uri)$/i.test(word) ||
    /^<\w+>$/.test(withoutNames(word))
  )
}

function withoutNames(line: string): string {
  return (
    line
      .replace(/https?:\/\/\S+/g, '<url>')
      .replace(/[\w.+-]+@[\w-]+\.[\w.]+/g, '<email>')
      .replace(/\[[^[\]]*\]/g, '[…]')
      .replace(/`[^`]*`|"[^"]*"|(?<!\w)'[^']*'(?!\w)/g, '<…>')
      .replace(/(?<![\w.@+-])(?:[A-Za-z]:|~|[\w.@+-]+)?(?:[\\/][\w.@+-]+){2,}[\\/]?/g, '<path>')
      .replace(
        /\b[\w-]+\.(?:py|js|ts|json|md|txt|pdf|csv|html?|ya?ml|xml|sh|c|h|cpp|rs|go|java|zip|tar|gz|docx?|xlsx?)\b/g,
        '<file>',
      )
      .replace(/\b\d+(?:\.\d+)?(?:ms|[smh])\b/g, '<n>')
      // A code says which error it is, and so does the name of an exception, with a number in its package or not.
      .replace(
        /#?\b(?=[\w-]*\d)[\w-]*[A-Za-z_-][\w-]*\b(?!(?:\.\w+){0,9}(?:Error|Exception)\b)/g,
        (it, at: number, whole: string) =>
          /^[A-Z]{1,6}-?\d{3,6}$/.test(it) && /\berror $/i.test(whole.slice(Math.max(0, at - 7), at))
            ? it
            : '<id>',
      )
      .replace(STATUS_OR_NUMBER, (_, status?: string) => status ?? '<n>')
  )
}

/** A status code says which error it is, too. */
const STATUS_OR_NUMBER =
  /(\b(?:HTTP|[Hh]ttp|STATUS|[Ss]tatus|(?:[Ss]tatus|[Ee]rror|[Rr]esponse) [Cc]ode)[ :=]+[1-5]\d\d\b|\b(?:[Ee]rror|ERROR)[ :=]+[45]\d\d\b|\b[45]\d\d (?=(?:Bad (?:Request|Gateway)|Unauthorized|Payment Required|Forbidden|Not (?:Found|Acceptable|Implemented)|Method Not|Request Time|Conflict|Gone|Payload Too|Content Too|Unprocessable|Locked|Too Many|Internal Server|Service (?:Temporarily )?Unavailable|Gateway Time)))|(?<![A-Za-z\d])#?\d+(?:[.,:]\d+)*/g
