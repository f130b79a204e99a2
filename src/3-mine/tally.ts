/**
 * Tally: many reviews in, additive counts out.
 *
 * `tallyOf` counts, `mergeTallies` adds. Any partition of the same sessions, counted apart and merged in
 * any order, gives the same tally to the last digit: counts are sums, and sightings are the lowest few of
 * a set.
 */
import type { Observation } from '../domain/review.ts'
import { type Cell, type Count, EVERY, rowKey, type Sighting, type Tally } from '../domain/tally.ts'
import { stratumOf } from './cell.ts'

/** One session as the miner sees it. */
export type Counted = {
  session_id: string
  cell: Cell
  /** Whom it worked for; null when unknown. */
  person: string | null
  /** RFC 3339, or null when the harness wrote no time. */
  at: string | null
  observations: Observation[]
}

export function tallyOf(sessions: Iterable<Counted>): Tally {
  const tally: Tally = new Map()
  for (const session of sessions) {
    const week = weekOf(session.at)
    for (const it of session.observations) {
      const place = { session_id: session.session_id, cell: stratumOf(it.channel, session), week }
      count(tally, it, EVERY, it.event, place)
      for (const trait in it.traits) count(tally, it, trait, it.traits[trait]!, place)
    }
  }
  return tally
}

/** Adds `other` to `tally`, in place. */
export function mergeTallies(tally: Tally, other: Tally): Tally {
  for (const [key, row] of other) {
    const known = tally.get(key)
    if (!known) {
      tally.set(key, structuredClone(row))
      continue
    }
    addCounts(known.cells, row.cells)
    addCounts(known.weeks, row.weeks)
    known.sightings.bad = lowest([...known.sightings.bad, ...row.sightings.bad])
    known.sightings.good = lowest([...known.sightings.good, ...row.sightings.good])
  }
  return tally
}

type Place = { session_id: string; cell: Cell; week: number }

function count(tally: Tally, it: Observation, trait: string, event: number, place: Place): void {
  const key = rowKey(it.context, trait)
  let row = tally.get(key)
  if (!row) {
    row = {
      channel: it.channel,
      context: it.context,
      trait,
      cells: {},
      weeks: {},
      sightings: { bad: [], good: [] },
    }
    tally.set(key, row)
  }
  addCount(row.cells, place.cell, it.bad)
  addCount(row.weeks, String(place.week), it.bad)
  const kind = it.bad ? 'bad' : 'good'
  const sightings = row.sightings[kind]
  if (sightings.length < SIGHTINGS || place.session_id <= sightings.at(-1)!.session_id) {
    row.sightings[kind] = lowest([...sightings, { session_id: place.session_id, event }])
  }
}

function addCount(counts: Record<string, Count>, key: string, bad: boolean): void {
  const known = counts[key]
  if (!known) counts[key] = [bad ? 1 : 0, 1]
  else {
    if (bad) known[0]++
    known[1]++
  }
}

function addCounts(counts: Record<string, Count>, other: Record<string, Count>): void {
  for (const [key, [bad, n]] of Object.entries(other)) {
    const known = counts[key]
    if (known) {
      known[0] += bad
      known[1] += n
    } else counts[key] = [bad, n]
  }
}

/** Enough to show and to check a lesson by hand. */
const SIGHTINGS = 8

/** The sightings of the lowest session ids, one a session. Ids are hashes, so this is a fair sample that any two machines agree on. */
function lowest(sightings: Sighting[]): Sighting[] {
  const sorted = sightings.toSorted((a, b) =>
    a.session_id < b.session_id ? -1 : a.session_id > b.session_id ? 1 : a.event - b.event,
  )
  return sorted.filter((it, i) => i === 0 || it.session_id !== sorted[i - 1]!.session_id).slice(0, SIGHTINGS)
}

function weekOf(at: string | null): number {
  const ms = at === null ? Number.NaN : Date.parse(at)
  return Number.isNaN(ms) ? -1 : Math.floor(ms / (7 * 86_400_000))
}
