/**
 * Personal data: a text in, the places of it out, each with the placeholder that takes its place.
 *
 * Only the classes that were asked for are looked for, one file each. The same value has the same placeholder
 * wherever one key is used, `[redacted:email:3f9a2c81d04e]`, so that what recurs can still be counted; without the
 * key, nobody can find the value by trying. Where classes overlap, the one that says most is kept.
 *
 * Looked at is the text as it stands and, where it is JSON or a URL inside of a text, what its escapes mean.
 */
import { createHmac } from 'node:crypto'
import type { PiiClass, PiiShape } from '../domain/pii.ts'
import { findCards } from './card.ts'
import { findEmails } from './email.ts'
import { findIbans } from './iban.ts'
import { findIpAddresses } from './ip-address.ts'
import { findNationalIds } from './national-id.ts'
import { namesFinder } from './person-name.ts'
import { findPhones } from './phone.ts'
import type { FindPii, PiiFinding } from './pii-finding.ts'

/** What is redacted besides secrets. It goes to other threads, so it is plain data. */
export type Privacy = {
  classes: PiiClass[]
  /** One name a line. */
  names: string
  /** Secret, random, and the same for all that goes into one database. */
  key: string
}

export type MaskedSpan = { start: number; end: number; class: PiiClass; placeholder: string }

/** What finds personal data. `name` is the key that a text stands under, which often tells what it is. */
export type FindMasked = (text: string, name: string) => MaskedSpan[]

export function piiFinder(privacy: Privacy): FindMasked {
  const made_of = JSON.stringify(privacy)
  if (made_of === last?.made_of) return last.find
  const finders = BY_WEIGHT.filter((it) => privacy.classes.includes(it)).map((it) =>
    it === 'name' ? namesFinder(privacy.names.split(/\r?\n/)) : FINDERS[it],
  )
  const find = finderOf(finders, privacy)
  last = { made_of, find }
  return find
}

/** Files come one after another with the same wish, and a list of names takes time to prepare. */
let last: { made_of: string; find: FindMasked } | undefined

/** Equal for equal values, and says nothing to whoever does not know the key. */
export function keyedDigest(key: string, kind: string, value: string): string {
  return createHmac('sha256', key).update(`${kind}\0${value}`).digest('hex')
}

const FINDERS: Record<PiiShape, FindPii> = {
  email: findEmails,
  iban: findIbans,
  card: findCards,
  'national-id': findNationalIds,
  phone: findPhones,
  ip: findIpAddresses,
}

/** Of two that overlap, the one that is harder to be by chance comes first. */
const BY_WEIGHT: PiiClass[] = ['email', 'iban', 'card', 'national-id', 'phone', 'ip', 'name']

function finderOf(finders: FindPii[], { classes, key }: Privacy): FindMasked {
  const needs_letters = classes.includes('name')
  return (text, name) => {
    if (!needs_letters && !/[\d@]|[([]at[)\]]/i.test(text)) return []
    const plain = withoutPlaceholders(text)
    const meant = findIn(decodedView(plain), name, finders)
    // What only looks like an escape, as in `C:\\new`, is read as it stands.
    const written = findIn({ text: plain, places: null }, name, finders)
    return [...meant, ...apartFrom(meant, written)].map(({ start, end, class: kind, value }) => {
      const digest = keyedDigest(key, kind, value).slice(0, DIGEST)
      return { start, end, class: kind, placeholder: `[redacted:${kind}:${digest}]` }
    })
  }
}

/** Digits of a placeholder: among a million values, two that share theirs are unlikely. */
const DIGEST = 12
const PLACEHOLDER = /\[redacted:[a-z-]{1,40}(?::[0-9a-f]{12})?\]/g

/** Nothing is found in a placeholder, nor told by it. */
function withoutPlaceholders(text: string): string {
  return text.includes('[redacted:') ? text.replace(PLACEHOLDER, (it) => '\0'.repeat(it.length)) : text
}

/** A text to search, and where each of its characters, and its end, stands in the original; null when it is the original. */
type View = { text: string; places: Uint32Array | null }

/** What stands under a telling key is mostly nothing but the value, so in longer texts the key tells nothing. */
export const SHORT = 64

/** In order of place, those that overlap made one. */
function findIn(view: View | null, name: string, finders: FindPii[]): PiiFinding[] {
  if (view === null) return []
  const { text, places } = view
  const lead = name !== '' && text.length <= SHORT ? `${name}: ` : ''
  const all = finders.flatMap((find, rank) => find(lead + text).map((it) => ({ ...it, rank })))
  const merged: (PiiFinding & { rank: number })[] = []
  for (const it of all.sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (it.start < lead.length) continue
    if (last === undefined || it.start >= last.end) merged.push(it)
    else {
      last.end = Math.max(last.end, it.end)
      if (it.rank < last.rank) Object.assign(last, { class: it.class, value: it.value, rank: it.rank })
    }
  }
  return merged.map((it) => {
    const [start, end] = [it.start - lead.length, it.end - lead.length]
    return { ...it, start: places?.[start] ?? start, end: places?.[end] ?? end }
  })
}

/** Of `others`, those that touch none of `findings`; both are in order of place. */
function apartFrom(findings: PiiFinding[], others: PiiFinding[]): PiiFinding[] {
  let next = 0
  return others.filter((it) => {
    while (next < findings.length && findings[next]!.end <= it.start) next++
    return next === findings.length || findings[next]!.start >= it.end
  })
}

/** Line ends, quotes and characters by their number, as JSON writes them, also inside of JSON; and bytes as URLs write them. */
const ESCAPE =
  /\\{1,8}(?:u[0-9a-fA-F]{4}|["'/bfnrt])|%[0-7][0-9A-Fa-f]|%[CDcd][0-9A-Fa-f]%[89ABab][0-9A-Fa-f]|%[Ee][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){2}/g

/** The text as whoever reads its escapes sees it; null when it has none. */
function decodedView(text: string): View | null {
  ESCAPE.lastIndex = 0
  let found = ESCAPE.exec(text)
  if (found === null) return null
  const places = new Uint32Array(text.length + 1)
  const parts: string[] = []
  let length = 0
  const copy = (from: number, to: number) => {
    parts.push(text.slice(from, to))
    for (let i = from; i < to; i++) places[length++] = i
  }
  let at = 0
  for (; found !== null; found = ESCAPE.exec(text)) {
    copy(at, found.index)
    parts.push(meaningOf(found[0]))
    places[length++] = found.index
    at = ESCAPE.lastIndex
  }
  copy(at, text.length)
  places[length] = text.length
  return { text: parts.join(''), places }
}

/** One character. */
function meaningOf(written: string): string {
  if (written.startsWith('%'))
    return Buffer.from(written.replaceAll('%', ''), 'hex').toString('utf8').charAt(0)
  const letter = written.replace(/^\\+/, '')
  if (letter.length > 1) return String.fromCharCode(Number.parseInt(letter.slice(1), 16))
  return '"\'/'.includes(letter) ? letter : ' \n'.charAt(letter === 't' ? 0 : 1)
}
