/**
 * Citations: what a model says it read, held against the session.
 *
 * A quote counts when it stands in the event that is named, letter by letter but for white space, quotation marks and the dress of
 * dashes. What is stored are the session's own letters, on one line. Every text is read once, so that none can make it take long.
 */
import type { Citation } from '../domain/claim.ts'
import {
  answeredCall,
  isToolResult,
  isToolUse,
  originOf,
  type SessionEvent,
  textOf,
} from '../domain/event.ts'
import type { Origin } from '../domain/origin.ts'
import { isRecalled } from '../domain/recalled-memory.ts'
import { visible } from '../domain/visible-text.ts'
import { ownWords, pastedIn } from './own-words.ts'
import { asQuote } from './quote.ts'

/** As a model gives it: the name of an event, and words of it. */
export type Quoted = { event: string; quote: string }

/** What a model was shown. */
export type Shown = {
  events: SessionEvent[]
  origins: Origin[]
  /** What the events were called -> index. */
  names: Map<string, number>
}

/** A quote that stands, or why it does not. */
export type Checked = Citation | 'not there' | 'too short'

/** Fewer letters are anybody's, unless the event says no more. */
const SHORTEST = 12

/**
 * An event that is not named as it was shown is found by the quote, where that stands in one event alone: models shorten
 * names, and make them up.
 */
export function citationOf({ event, quote }: Quoted, { events, origins, names }: Shown): Checked {
  const sought = [quote, quote.replace(LABEL, '')].flatMap((it) => soughtIn(it) ?? [])
  const named = names.get(plainNameOf(event))
  const places = (named === undefined ? [...names.values()] : [named]).flatMap((at) => {
    const found = findIn(events[at]!, sought)
    return found === null ? [] : [{ at, found: longestLine(found) }]
  })
  const [place] = places
  if (place === undefined || places.length > 1) return 'not there'
  const { at, found } = place
  const is_whole = wholesOf(events[at]!).some((it) => visible(it) === visible(found))
  const words = found.length < SHORTEST && !is_whole ? null : asQuote(found)
  return words === null
    ? 'too short'
    : { event: at, event_id: events[at]!.id, origin: origins[at]!, quote: words }
}

/** What stands before the words of an event where it is shown. */
const LABEL = /^(?:e\d+ )?(?:person|agent|call|result|error|page|memory|harness)\b[^:"]{0,60}: /

/** `E7`, `[e7]` and `7` are `e7`. */
function plainNameOf(event: string): string {
  const number = /^\W*e?(\d+)\W*$/i.exec(event)?.[1]
  return number === undefined ? event : `e${number}`
}

/** Who produced the words of each event, those of a recalled memory told apart. */
export function originsOf(events: SessionEvent[]): Origin[] {
  const called = new Map(events.filter(isToolUse).map((it) => [it.id, it]))
  return events.map((it) => {
    const call = isToolResult(it) ? (called.get(answeredCall(it)) ?? null) : null
    return isRecalled(it) ? 'memory' : originOf(it, call)
  })
}

/** Whether a person says it themself, rather than showing what others wrote. */
export function isOwn({ event, quote }: Citation, events: SessionEvent[]): boolean {
  return (
    ownWords(textOf(events[event]!)).includes(quote) &&
    pastedIn([{ sentence: quote, at: event }], events).size === 0
  )
}

/** All that an event says: of a call its name with what it is given, as it is stored and as it is shown. */
function wholesOf(event: SessionEvent): string[] {
  if (!isToolUse(event)) return [textOf(event)]
  const input = JSON.stringify(event.input)
  return [input, `${event.name} ${input}`, `${event.name}: ${input}`]
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : []
}

function findIn(event: SessionEvent, sought: string[]): string | null {
  const texts = isToolUse(event) ? [...stringsIn(event.input), ...wholesOf(event)] : wholesOf(event)
  for (const text of texts) {
    const { letters, places } = lettersOf(text)
    for (const it of sought) {
      const first = letters.indexOf(it)
      if (first !== -1) return text.slice(places[first]!, places[first + it.length - 1]! + 1)
    }
  }
  return null
}

/** Null for a quote without words. */
function soughtIn(quote: string): string | null {
  const { letters } = lettersOf(visible(quote).replace(AROUND, ''))
  return /[\p{L}\p{N}]/u.test(letters) ? letters : null
}

/** What a model puts around a quote. Looked for from where it begins alone: else a long row of such marks would take long. */
const AROUND = /^["“”„«»'‘’…\s]+|(?<!["“”„«»'‘’…\s])["“”„«»'‘’…\s]+$/g

/** The letters of a text in plain dress, with one space between words and none beside a mark of JSON; and where each stands. */
function lettersOf(text: string): { letters: string; places: number[] } {
  const places: number[] = []
  let letters = ''
  let is_apart = false
  for (let i = 0; i < text.length; i++) {
    const letter = DRESS.get(text[i]!) ?? text[i]!
    if (letter === '') continue
    if (/\s/.test(letter)) {
      is_apart = true
      continue
    }
    if (is_apart && letters !== '' && !MARK.test(letter) && !MARK.test(letters.at(-1)!)) {
      letters += ' '
      places.push(i)
    }
    is_apart = false
    letters += letter
    places.push(i)
  }
  return { letters, places }
}

const MARK = /[{}[\],:]/
/** Quotation marks are nothing. */
const DRESS = new Map(
  Object.entries({ '': '"“”„«»', "'": '’‘`ʼ', '-': '–—', '<': '‹' }).flatMap(([plain, dresses]) =>
    [...dresses].map((it): [string, string] => [it, plain]),
  ),
)

function longestLine(text: string): string {
  const lines = text.split(/[\n\r\u2028\u2029]/).map((it) => it.trim())
  return lines.reduce((longest, it) => (it.length > longest.length ? it : longest), '')
}
