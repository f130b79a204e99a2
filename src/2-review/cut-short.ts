/**
 * A long text, or JSON, and how much room there is, in; a short one that says how much is missing, out.
 *
 * `[…120]` stands where 120 characters were left out.
 */
import { visible } from '../domain/visible-text.ts'

/** On one line: its beginning and its end. */
export function cutShort(text: string, limit: number): string {
  const ends = text.length > 4 * limit + SLACK
  const line = ends
    ? `${visible(text.slice(0, 2 * limit))} ${visible(text.slice(-2 * limit))}`
    : visible(text)
  if (!ends && line.length <= limit + SLACK) return line
  const head = line.slice(0, Math.ceil(0.65 * limit)).trimEnd()
  const tail = line.slice(line.length - Math.floor(0.35 * limit)).trimStart()
  const gone = (ends ? text.length : line.length) - head.length - tail.length
  return `${head}${left(gone)}${tail}`.toWellFormed()
}

/** A text that is hardly longer than its limit is not worth a mark. */
const SLACK = 12

function left(n: number): string {
  return `[…${n}]`
}

/** One line of a text, with a mark for the others. */
export function withRest(line: string, text: string): string {
  const gone = text.length - line.length
  return gone <= SLACK ? line : `${line} ${left(gone)}`
}

/**
 * JSON with as much of its structure as there is room for. What `matters` is left out last: first go nulls, long texts and all but
 * the first elements of lists, then the values that do not matter, of which the keys stay. Null where the text is no JSON object or list.
 */
export function jsonCutShort(
  text: string,
  limit: number,
  matters: (value: string) => boolean,
): string | null {
  const value = parsed(text)
  if (value === null) return null
  const whole = written(value)
  if (whole.length <= limit + SLACK) return visible(whole)
  const fewer = written(fewerOf(value, matters))
  const least = fewer.length <= limit ? fewer : written(leastOf(value, matters) ?? keysOf(value))
  const gone = Math.max(1, text.length - least.length)
  return least.length <= limit + SLACK
    ? `${visible(least)} ${left(gone)}`
    : cutShort(least, limit).replace(/\[…(\d+)\]/, (_, n: string) => left(gone + Number(n)))
}

/** As JSON, the names of fields without quotation marks: they are half of many an answer. */
function written(value: unknown): string {
  return JSON.stringify(value).replace(/"([A-Za-z_]\w*)":/g, '$1:')
}

const PARSED_LIMIT = 200_000
const PARSED_DEPTH = 100

/** Null also for what is nested too deep to be written again. */
function parsed(text: string): object | null {
  if (!/^\s*[{[]/.test(text) || text.length > PARSED_LIMIT || depthOf(text) > PARSED_DEPTH) return null
  try {
    return JSON.parse(text)
  } catch {
    // Text that begins like JSON is text.
    return null
  }
}

/** How deep brackets stand within each other; those in texts are taken for such, too. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0]
  for (const bracket of text.matchAll(/[[{\]}]/g)) {
    depth += bracket[0] === '[' || bracket[0] === '{' ? 1 : -1
    deepest = Math.max(deepest, depth)
  }
  return deepest
}

const FIRST = 2
const SHORT_TEXT = 40
const DEPTH = 8

function fewerOf(value: unknown, matters: (value: string) => boolean, depth = 0): unknown {
  if (typeof value === 'string')
    return matters(value) ? cutShort(value, 3 * SHORT_TEXT) : cutShort(value, SHORT_TEXT)
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEPTH) return '…'
  if (Array.isArray(value)) {
    const kept = value.filter((it, i) => i < FIRST || holdsWhatMatters(it, matters))
    const shown = kept.slice(0, 3 * FIRST).map((it) => fewerOf(it, matters, depth + 1))
    return shown.length < value.length ? [...shown, `…${value.length - shown.length} more`] : shown
  }
  return Object.fromEntries(entriesOf(value).map(([key, it]) => [key, fewerOf(it, matters, depth + 1)]))
}

function entriesOf(value: object): [string, unknown][] {
  return Object.entries(value).filter(([, it]) => it !== null)
}

/** What matters, and the keys of the rest; undefined where nothing does. */
function leastOf(value: unknown, matters: (value: string) => boolean, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return matters(String(value)) ? value : undefined
  if (depth > DEPTH) return undefined
  const each = (it: unknown) => leastOf(it, matters, depth + 1)
  if (Array.isArray(value)) {
    const shown = value
      .map(each)
      .filter((it) => it !== undefined)
      .slice(0, 3 * FIRST)
    if (shown.length === 0) return undefined
    return shown.length < value.length ? [...shown, `…${value.length - shown.length} more`] : shown
  }
  const shown = entriesOf(value).map(([key, it]) => [key, each(it)] as const)
  const kept = shown.filter(([, it]) => it !== undefined)
  if (kept.length === 0) return undefined
  const rest = shown.filter(([, it]) => it === undefined).map(([key]) => key)
  return { ...Object.fromEntries(kept), ...(rest.length > 0 ? { '…': rest.join(' ') } : {}) }
}

function keysOf(value: object): unknown {
  return Array.isArray(value)
    ? `…${value.length} elements`
    : {
        '…': entriesOf(value)
          .map(([key]) => key)
          .join(' '),
      }
}

function holdsWhatMatters(value: unknown, matters: (value: string) => boolean, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return matters(String(value))
  return depth <= DEPTH && Object.values(value).some((it) => holdsWhatMatters(it, matters, depth + 1))
}
