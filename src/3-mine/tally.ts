/**
 * Tally: many reviews in, additive counts out.
 *
 * `tallyOf` counts, `mergeTallies` adds, `subtractTally` takes away. Any partition of the same sessions, counted apart and
 * merged in any order, gives the same tally to the last digit, and taking a session out leaves what would stand there had it
 * never been counted: counts are sums, and sightings are the lowest few of a set.
 */
import type { Observation } from '../domain/review.ts'
import {
  type Cell,
  type Count,
  EVERY,
  rowKey,
  type Sighting,
  type Tally,
  type TallyRow,
} from '../domain/tally.ts'
import { stratumOf } from './cell.ts'
import { TOLD, toldCounts } from './told.ts'

/** One session as the miner sees it. */
export type Counted = {
  session_id: string
  cell: Cell
  /** Whom it worked for; null when unknown. */
  person: string | null
  /** RFC 3339, or null when the harness wrote no time. */
  at: string | null
  observations: Observation[]
  /** Keys of the lessons that it was given (`told.ts`); none where it was given nothing. */
  told?: string[]
}

/**
 * Counts in two passes: first it is noted of each row where its occasions were, as numbers; then each row is added up
 * alone, which is kinder to the processor's caches than to go from row to row. With the sessions in the order of their ids, the
 * first few of a row are the ones it shows.
 */
export function tallyOf(sessions: Iterable<Counted>): Tally {
  const places: Place[] = []
  const contexts = new Map<string, Map<string, Seen>>()
  for (const session of [...sessions].sort((a, b) => (a.session_id < b.session_id ? -1 : 1))) {
    const placeOf = placesIn(session, places)
    const told = toldCounts(session.told)
    for (const it of session.observations) {
      const place = placeOf(it)
      const traits = traitsIn(contexts, it.context)
      see(traits, EVERY, it, place, it.event)
      for (const trait in it.traits) see(traits, trait, it, place, it.traits[trait]!)
      if (told === null) continue
      for (const [context, trait, event] of told.again(it))
        see(traitsIn(contexts, context), trait, { channel: TOLD, bad: it.bad }, place, event)
    }
    if (told === null) continue
    const anywhere = { session_id: session.session_id, cell: NO_CELL, week: weekOf(session.at) }
    const place = places.push(anywhere) - 1
    for (const context of told.sessions)
      see(traitsIn(contexts, context), EVERY, { channel: TOLD, bad: false }, place, 0)
  }
  const tally: Tally = new Map()
  for (const [context, traits] of contexts) {
    for (const [trait, { channel, occasions }] of traits) {
      // Text that was cut in the middle of a character comes back from a database as another one.
      const row = emptyRow(channel, context.toWellFormed(), trait.toWellFormed())
      for (let i = 0; i < occasions.length; i += 3)
        count(row, places[occasions[i]!]!, occasions[i + 1]!, occasions[i + 2]!)
      const key = rowKey(row.context, row.trait)
      const alike = tally.get(key)
      if (alike) addRow(alike, row)
      else tally.set(key, row)
    }
  }
  return tally
}

/** Adds `other` to `tally`, in place. */
export function mergeTallies(tally: Tally, other: Tally): Tally {
  for (const [key, row] of other) {
    const known = tally.get(key) ?? emptyRow(row.channel, row.context, row.trait)
    addRow(known, row)
    tally.set(key, known)
  }
  return tally
}

/**
 * Takes `gone` out of `tally`, in place; all its sessions must have been counted there, and as they are counted now.
 *
 * Gives the rows that showed one of those sessions while others waited behind: their sightings are to be filled from the
 * sessions that remain (`fillSightings`), and then the tally is what it would be had the others never been counted.
 */
export function subtractTally(tally: Tally, gone: Tally): Tally {
  const short: Tally = new Map()
  for (const [key, row] of gone) {
    const known = tally.get(key)!
    takeCounts(known.cells, row.cells)
    takeCounts(known.weeks, row.weeks)
    const are_short = [
      takeSightings(known.sightings.bad, row.sightings.bad),
      takeSightings(known.sightings.good, row.sightings.good),
    ]
    if (Object.keys(known.cells).length === 0) tally.delete(key)
    else if (are_short.includes(true)) short.set(key, known)
  }
  return short
}

/** Shows in `rows`, besides what they show, these sessions of theirs. They may come in any order, and more than once. */
export function fillSightings(rows: Tally, sessions: Iterable<Counted>): void {
  for (const { session_id, observations, told } of sessions) {
    const show = (context: string, trait: string, bad: boolean, event: number) => {
      const sightings = rows.get(rowKey(context, trait).toWellFormed())?.sightings
      if (sightings) addSighting(bad ? sightings.bad : sightings.good, session_id, event)
    }
    const counts = toldCounts(told)
    for (const it of observations) {
      show(it.context, EVERY, it.bad, it.event)
      for (const trait in it.traits) show(it.context, trait, it.bad, it.traits[trait]!)
      for (const [context, trait, event] of counts?.again(it) ?? []) show(context, trait, it.bad, event)
    }
    for (const context of counts?.sessions ?? []) show(context, EVERY, false, 0)
  }
}

/** That a session was told a lesson is compared with nothing. */
const NO_CELL = '|'

function traitsIn(contexts: Map<string, Map<string, Seen>>, context: string): Map<string, Seen> {
  let traits = contexts.get(context)
  if (!traits) {
    traits = new Map()
    contexts.set(context, traits)
  }
  return traits
}

/** Under which names the occasions of one session are counted. */
type Place = { session_id: string; cell: Cell; week: string }

/** The index of the place of an occasion; made once for all that are counted alike, for a session has hundreds. */
function placesIn(session: Counted, places: Place[]): (it: Observation) => number {
  const { session_id } = session
  const week = weekOf(session.at)
  const known = new Map<string, number>()
  return ({ channel, rule }) => {
    const key = rule === undefined ? channel : `${channel} ${rule}`
    let place = known.get(key)
    if (place === undefined) {
      place = places.push({ session_id, cell: stratumOf(channel, session, rule).toWellFormed(), week }) - 1
      known.set(key, place)
    }
    return place
  }
}

/** The occasions of one row: index of the place, 1 if it went badly, index of the event; three numbers each. */
type Seen = { channel: string; occasions: number[] }

function see(
  traits: Map<string, Seen>,
  trait: string,
  { channel, bad }: { channel: string; bad: boolean },
  place: number,
  event: number,
): void {
  const seen = traits.get(trait)
  if (seen) seen.occasions.push(place, bad ? 1 : 0, event)
  else traits.set(trait, { channel, occasions: [place, bad ? 1 : 0, event] })
}

function count(row: TallyRow, { session_id, cell, week }: Place, bad: number, event: number): void {
  addCount(row.cells, cell, bad, 1)
  addCount(row.weeks, week, bad, 1)
  addSighting(bad ? row.sightings.bad : row.sightings.good, session_id, event)
}

function emptyRow(channel: string, context: string, trait: string): TallyRow {
  // Without a prototype it is a table from the start, and quicker to fill with names of any kind.
  const cells: TallyRow['cells'] = Object.create(null)
  return { channel, context, trait, cells, weeks: {}, sightings: { bad: [], good: [] } }
}

function addRow(row: TallyRow, other: TallyRow): void {
  addCounts(row.cells, other.cells)
  addCounts(row.weeks, other.weeks)
  for (const it of other.sightings.bad) addSighting(row.sightings.bad, it.session_id, it.event)
  for (const it of other.sightings.good) addSighting(row.sightings.good, it.session_id, it.event)
}

function addCount(counts: Record<string, Count>, key: string, bad: number, n: number): void {
  const known = counts[key]
  if (known) {
    known[0] += bad
    known[1] += n
  } else counts[key] = [bad, n]
}

function addCounts(counts: Record<string, Count>, other: Record<string, Count>): void {
  for (const key in other) addCount(counts, key, ...other[key]!)
}

function takeCounts(counts: Record<string, Count>, gone: Record<string, Count>): void {
  for (const key in gone) {
    addCount(counts, key, -gone[key]![0], -gone[key]![1])
    if (counts[key]![1] === 0) delete counts[key]
  }
}

/** Enough to show and to check a lesson by hand. */
export const SIGHTINGS = 8

/**
 * Keeps the sightings of the lowest session ids, one a session, in order. Ids are hashes, so this is a fair sample that
 * any two machines agree on.
 */
function addSighting(sightings: Sighting[], session_id: string, event: number): void {
  let place = sightings.length
  while (place > 0 && sightings[place - 1]!.session_id > session_id) place--
  const before = sightings[place - 1]
  if (before?.session_id === session_id) {
    before.event = Math.min(before.event, event)
    return
  }
  if (place === SIGHTINGS) return
  if (sightings.length === SIGHTINGS) sightings.pop()
  sightings.push({ session_id, event })
  for (let i = sightings.length - 1; i > place; i--) {
    const moved = sightings[i]!
    sightings[i] = sightings[i - 1]!
    sightings[i - 1] = moved
  }
}

/** Whether there may be others to take the place of those that are gone. */
function takeSightings(sightings: Sighting[], gone: Sighting[]): boolean {
  const was_full = sightings.length === SIGHTINGS
  const ids = new Set(gone.map((it) => it.session_id))
  const kept = sightings.filter((it) => !ids.has(it.session_id))
  sightings.splice(0, sightings.length, ...kept)
  return was_full && kept.length < SIGHTINGS
}

function weekOf(at: string | null): string {
  const ms = at === null ? Number.NaN : Date.parse(at)
  return Number.isNaN(ms) ? '-1' : String(Math.floor(ms / (7 * 86_400_000)))
}
