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

/** The line that says what went wrong: the last one that sounds like an error, else the first. Verbatim. */
export function tellingLine(text: string): string {
  const window = text.length > 8_000 ? `${text.slice(0, 4_000)}\n${text.slice(-4_000)}` : text
  const lines = window
    .split('\n')
    .map((it) => it.trim())
    .filter((it) => /\w/.test(it) && !/^(?:Exit code \d+|<\/?\w+>|Traceback .*|File ".*)$/.test(it))
  return (
    lines.findLast((it) => SOUNDS_LIKE_AN_ERROR.test(it)) ??
    lines.findLast((it) => SOUNDS_WRONG.test(it)) ??
    lines[0] ??
    ''
  )
}

const SOUNDS_LIKE_AN_ERROR =
  /^(?:\w+\.)*\w*(?:Error|Exception|Interrupt)\b[:(]|\b(?:error|fatal|failed|not found|denied|refused|cannot|can't|could not|unable|invalid|required|no such|conflict|exceeds|must|should)\b/i
const SOUNDS_WRONG =
  /\b(?:not|no|missing|unknown|unexpected|usage|timed? ?out|limit|already|too (?:large|many|long))\b/i

function mask(line: string): string {
  return (
    line
      .slice(0, 1_000)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal colours start with the escape character
      .replace(/\u001b\[[0-9;]*[A-Za-z]/g, '')
      .replace(/<\/?[a-z_]+>/g, ' ')
      .replace(/^(?:Error|ERROR|error): +(?=\S)/, '')
      .replace(/https?:\/\/\S+/g, '<url>')
      .replace(/[\w.+-]+@[\w-]+\.[\w.]+/g, '<email>')
      .replace(/\[[^[\]]*\]/g, '[…]')
      .replace(/`[^`]*`|"[^"]*"|(?<!\w)'[^']*'(?!\w)/g, '<…>')
      .replace(/(?:[A-Za-z]:)?(?:~|\.{1,2})?(?:[\\/][\w.@+-]+){2,}[\\/]?/g, '<path>')
      .replace(
        /\b[\w-]+\.(?:py|js|ts|json|md|txt|pdf|csv|html?|ya?ml|xml|sh|c|h|cpp|rs|go|java|zip|tar|gz|docx?|xlsx?)\b/g,
        '<file>',
      )
      .replace(/#?\b(?=[\w-]*\d)[\w-]*[A-Za-z_-][\w-]*\b/g, '<id>')
      .replace(/#?\d+(?:[.,:]\d+)*/g, '<n>')
      .replace(/\s+/g, ' ')
      .trim()
      .replace(/[.:;,!]+$/, '')
      .slice(0, TEMPLATE_LIMIT)
  )
}
