/**
 * Transcripts are hostile: a tool's output may hold codes that clear the screen, rename the window or make text read
 * backwards. Everything that is shown passes through here first, and such characters come out as what they are, in
 * letters.
 */

/** Control characters but newline and tab, other line breaks, and marks that change the direction of text. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu

/** The same data with every text in it, keys included, safe to print. */
export function printable<T>(data: T): T
export function printable(data: unknown): unknown {
  if (typeof data === 'string') return printableText(data)
  if (Array.isArray(data)) return data.map((it) => printable(it))
  if (typeof data !== 'object' || data === null) return data
  return Object.fromEntries(Object.entries(data).map(([key, it]) => [printableText(key), printable(it)]))
}

/** One JSON document that a terminal may show as well: JSON itself lets some of these characters through. */
export function printableJson(data: unknown, indent = 2): string {
  return JSON.stringify(data, null, indent).replace(UNPRINTABLE, jsonEscape)
}

function printableText(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(UNPRINTABLE, (it) => {
    const code = it.codePointAt(0)!
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : jsonEscape(it)
  })
}

function jsonEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
