/**
 * A JSON text as its owner wrote it: a member or an element is put in or taken out, and every other byte stays as it is.
 *
 * Only texts that `JSON.parse` takes may come here. What is put in takes the line ends and the indentation of the text.
 */

/** A value and where it stands: `text.slice(start, end)`. `key_start` is where its key stands, or else its own start. */
export type Place = { key: string; key_start: number; start: number; end: number }

/** The members of an object, or the elements of a list, by the way that leads there; null where there is none of that type. */
export function placesIn(text: string, way: (string | number)[], open: '{' | '['): Place[] | null {
  const start = startOf(text, way)
  return start === null || text[start] !== open ? null : itemsOf(text, start)
}

/** Puts an item behind the others of the object or list at `way`. An object's item has a key. */
export function withItem(text: string, way: (string | number)[], key: string | null, value: unknown): string {
  const open = startOf(text, way)!
  const items = itemsOf(text, open)
  const { newline, unit } = styleOf(text)
  const depth = newline + unit.repeat(way.length + 1)
  const json = JSON.stringify(value, null, unit).replaceAll('\n', depth)
  const item = key === null ? json : `${JSON.stringify(key)}:${unit === '' ? '' : ' '}${json}`
  const last = items.at(-1)
  if (last) return `${text.slice(0, last.end)},${depth}${item}${text.slice(last.end)}`
  const close = newline + unit.repeat(way.length)
  return `${text.slice(0, open + 1)}${depth}${item}${close}${text.slice(endOfValue(text, open) - 1)}`
}

/** Takes an item out, with the comma that it came with. */
export function withoutItem(text: string, way: (string | number)[], index: number): string {
  const open = startOf(text, way)!
  const items = itemsOf(text, open)
  const { key_start, end } = items[index]!
  if (index > 0) return text.slice(0, items[index - 1]!.end) + text.slice(end)
  if (items.length > 1) return text.slice(0, key_start) + text.slice(items[1]!.key_start)
  return text.slice(0, open + 1) + text.slice(endOfValue(text, open) - 1)
}

/** How a text is laid out: in lines with so much indentation a level, or all in one line. */
function styleOf(text: string): { newline: string; unit: string } {
  const first = itemsOf(text, skipSpace(text, 0))[0]
  if (!first) return { newline: text.includes('\r\n') ? '\r\n' : '\n', unit: '  ' }
  const [, newline, unit] = /(\r?\n)([ \t]*)$/.exec(text.slice(0, first.key_start)) ?? []
  return newline === undefined ? { newline: '', unit: '' } : { newline, unit: unit! }
}

function startOf(text: string, way: (string | number)[]): number | null {
  let at = skipSpace(text, 0)
  for (const step of way) {
    if (text[at] !== (typeof step === 'string' ? '{' : '[')) return null
    const items = itemsOf(text, at)
    // Of two members of one name the last counts, as it does for JSON.parse.
    const found = typeof step === 'string' ? items.findLast((it) => it.key === step) : items[step]
    if (!found) return null
    at = found.start
  }
  return at
}

function itemsOf(text: string, open: number): Place[] {
  const has_keys = text[open] === '{'
  const items: Place[] = []
  let at = skipSpace(text, open + 1)
  while (text[at] !== '}' && text[at] !== ']') {
    const key_start = at
    const key_end = has_keys ? endOfValue(text, at) : at
    const start = has_keys ? skipSpace(text, skipSpace(text, key_end) + 1) : at
    const end = endOfValue(text, start)
    items.push({
      key: has_keys ? JSON.parse(text.slice(key_start, key_end)) : String(items.length),
      key_start,
      start,
      end,
    })
    at = skipSpace(text, end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return items
}

const STRING = /"[^"\\]*(?:\\.[^"\\]*)*"/y
const PLAIN = /[^\s,\]}]+/y

function endOfValue(text: string, start: number): number {
  const first = text[start]
  if (first === '"') return endOfMatch(STRING, text, start)
  if (first !== '{' && first !== '[') return endOfMatch(PLAIN, text, start)
  let depth = 0
  for (let at = start; ; at++) {
    const it = text[at]
    if (it === '"') at = endOfMatch(STRING, text, at) - 1
    else if (it === '{' || it === '[') depth++
    else if ((it === '}' || it === ']') && --depth === 0) return at + 1
  }
}

function endOfMatch(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  pattern.exec(text)
  return pattern.lastIndex
}

function skipSpace(text: string, from: number): number {
  let at = from
  // A mark of the byte order may stand first.
  while (/[\s\ufeff]/.test(text[at] ?? '.')) at++
  return at
}
