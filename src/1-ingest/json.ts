/**
 * A text in, the JSON value it holds out, or one of two symbols when it holds none.
 *
 * Nothing here throws, and no value nests deeper than `MAX_DEPTH`, so whoever walks or writes one
 * cannot overflow the stack. JSON inside a string of other JSON, as the arguments of a call are in
 * some harnesses, must come through here too.
 */
export function parseJson(text: string): unknown {
  // JSON.parse itself needs memory for every open bracket: a long line is measured before.
  if (text.length > LONG_TEXT && scan(text, 0, 0).deepest > MAX_DEPTH) return TOO_DEEP
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return NOT_JSON
  }
  return text.length > 2 * MAX_DEPTH && isDeeperThan(value, MAX_DEPTH) ? TOO_DEEP : value
}

export const NOT_JSON = Symbol('not JSON')
export const TOO_DEEP = Symbol('nested too deeply')

/** Levels of nesting; no transcript needs a tenth of them. */
export const MAX_DEPTH = 1_000
const LONG_TEXT = 1024 * 1024

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return false
  if (depth === 0) return true
  if (Array.isArray(value)) {
    for (const element of value) if (isDeeperThan(element, depth - 1)) return true
  } else {
    for (const key in value) if (isDeeperThan(value[key as keyof typeof value], depth - 1)) return true
  }
  return false
}

type Scan = {
  /** Where the brackets that were open are all closed, exclusive; null when they are not. */
  end: number | null
  depth: number
  deepest: number
  in_string: boolean
  /** Where a string is followed by what cannot follow one. */
  broken_at: number | null
}

/** Follows the brackets outside strings from `from` on, `depth` of them open already, until all are closed. */
export function scan(text: string, from: number, depth: number): Scan {
  let deepest = depth
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      at = stringEnd(text, at)
      if (at === -1) return { end: null, depth, deepest, in_string: true, broken_at: null }
      const next = nextVisible(text, at + 1)
      if (next < text.length && !',:}]'.includes(text[next]!))
        return { end: null, depth, deepest, in_string: false, broken_at: next }
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (++depth > deepest) deepest = depth
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) {
      if (--depth <= 0) return { end: at + 1, depth: 0, deepest, in_string: false, broken_at: null }
    }
  }
  return { end: null, depth, deepest, in_string: false, broken_at: null }
}

const [QUOTE, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x22, 0x7b, 0x7d, 0x5b, 0x5d]

/** Index of the quote that closes the string opened at `open`, -1 when none does. */
function stringEnd(text: string, open: number): number {
  for (let end = text.indexOf('"', open + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text[end - 1 - slashes] === '\\') slashes++
    if (slashes % 2 === 0) return end
  }
  return -1
}

function nextVisible(text: string, from: number): number {
  let at = from
  while (at < text.length && text.charCodeAt(at) <= 0x20) at++
  return at
}
