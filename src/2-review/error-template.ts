import { visible } from '../domain/visible-text.ts'

/**
 * Error text -> template: what is left of an error when names, numbers, paths and identifiers are
 * masked, so that the same error in two sessions is the same template.
 *
 * In the manner of Drain (He et al., ICWS 2017), without its tree: the identity of a template is its
 * masked text alone. It depends on nothing that was seen before, so two machines always agree.
 */
export function errorTemplate(text: string): string {
  return mask(tellingLine(text)) || '(no message)'
}

const TEMPLATE_LIMIT = 160

/**
 * The line that says what went wrong: the last one that sounds like an error, else the first. Verbatim; of JSON
 * the message in it, as it is spelled there.
 */
export function tellingLine(text: string): string {
  const window = text.length > 8_000 ? `${text.slice(0, 4_000)}\n${text.slice(-4_000)}` : text
  const message = /^\s*[{[]/.test(window) ? messageIn(window) : null
  if (message !== null) return message
  const lines = window
    .split(/[\n\r\u2028\u2029]/)
    .map((it) => it.trim())
    .filter((it) => /\w/.test(it) && !/^(?:Exit code \d+|<\/?\w+>|Traceback .*|File ".*)$/.test(it))
  const line =
    lines.findLast((it) => SOUNDS_LIKE_AN_ERROR.test(it)) ??
    lines.findLast((it) => SOUNDS_WRONG.test(it)) ??
    lines[0] ??
    ''
  return messageIn(line) ?? line
}

/** The message in JSON, or in what Python prints for it, as it stands between its quotes; null where there is none. */
function messageIn(text: string): string | null {
  for (const field of MESSAGE_FIELDS) {
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

const SOUNDS_LIKE_AN_ERROR =
  /^(?:\w+\.)*\w*(?:Error|Exception|Interrupt)\b[:(]|\b(?:error|fatal|failed|not found|denied|refused|cannot|can't|could not|unable|invalid|required|no such|conflict|exceeds|must|should)\b/i
const SOUNDS_WRONG =
  /\b(?:not|no|missing|unknown|unexpected|usage|timed? ?out|limit|already|too (?:large|many|long))\b/i

function mask(line: string): string {
  return (
    visible(line.slice(0, 1_000))
      .replace(/^ ?(["'`])((?:(?!\1).)+)\1[^\w]*$/, '$2')
      .replace(/<\/?(?!(?:url|email|path|file|id|n)>)[a-z_]+>/g, ' ')
      .replace(/^ *(?:(?:Error|ERROR|error): +(?=\S))+/, '')
      // Which shell, and in which line of the command, says nothing.
      .replace(/^ ?(?:[\w./-]*\/)?(?:ba|da|z|k)?sh: (?:(?:line )?\d+: )?(?=\S)/, '')
      .replace(/https?:\/\/\S+/g, '<url>')
      .replace(/[\w.+-]+@[\w-]+\.[\w.]+/g, '<email>')
      .replace(/\[[^[\]]*\]/g, '[…]')
      .replace(/`[^`]*`|"[^"]*"|(?<!\w)'[^']*'(?!\w)/g, '<…>')
      .replace(/(?<![\w.@+-])(?:[A-Za-z]:|~|[\w.@+-]+)?(?:[\\/][\w.@+-]+){2,}[\\/]?/g, '<path>')
      .replace(
        /\b[\w-]+\.(?:py|js|ts|json|md|txt|pdf|csv|html?|ya?ml|xml|sh|c|h|cpp|rs|go|java|zip|tar|gz|docx?|xlsx?)\b/g,
        '<file>',
      )
      .replace(/#?\b(?=[\w-]*\d)[\w-]*[A-Za-z_-][\w-]*\b/g, '<id>')
      // A status code says which error it is.
      .replace(
        /(\b(?:HTTP|status|status code)[ :=]+[1-5]\d\d\b)|#?\d+(?:[.,:]\d+)*/gi,
        (_, status?: string) => status ?? '<n>',
      )
      .slice(0, TEMPLATE_LIMIT)
      .toWellFormed()
      .replace(/ +/g, ' ')
      .replace(/^ | ?[.:;,! ]+$/g, '')
  )
}
