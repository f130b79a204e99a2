/**
 * Copies: resumed, forked, grown and re-printed sessions, found by content.
 *
 * One mistake that stands in nine transcripts is one mistake. Every event has a fingerprint; where the harness
 * gives events ids of their own, that id, otherwise a chain over the contents, so that equal fingerprints at
 * one place mean equal events up to that place.
 */
import { hash } from 'node:crypto'
import { isToolUse, type SessionEvent, textOf } from '../domain/event.ts'
import type { Transcript } from './transcript.ts'

/** What copies of a session are recognised by. */
export type Fingerprints = {
  /** 16 hexadecimal digits for each event, in order. */
  events: string
  /** The few to look other sessions up by: any copy that shares a beginning shares one of them. */
  checkpoints: string[]
  /**
   * What makes an event known. `id`: its own fingerprint, wherever it stands. `beginning`: the two sessions
   * begin alike, at the same times to the digit. `whole`: events without ids and times; two runs may
   * begin alike by chance, so only a session that is wholly the beginning of the other is a copy.
   */
  rule: 'id' | 'beginning' | 'whole'
}

export function fingerprintsOf({ session, event_ids_survive_copying }: Transcript): Fingerprints {
  if (event_ids_survive_copying) {
    const events = session.events.map((it) => digest(it.id))
    return { events: events.join(''), checkpoints: checkpointsOf(events, 1), rule: 'id' }
  }
  let link = ''
  const events = session.events.map((it) => {
    link = digest(`${link}\0${it.type}\0${it.processed_at ?? ''}\0${contentOf(it)}`)
    return link
  })
  const timed = session.events.filter((it) => it.processed_at !== null).length
  const rule = 2 * timed > events.length ? 'beginning' : 'whole'
  // Sessions without times may well begin alike: looking all of those up would take the square of their number.
  return { events: events.join(''), checkpoints: checkpointsOf(events, rule === 'beginning' ? 1 : 4), rule }
}

/** Which events of `mine` are already in the session with the fingerprints `theirs`, by index. */
export function copiedEvents(mine: string, theirs: string, rule: Fingerprints['rule']): number[] {
  const [own, other] = [split(mine), split(theirs)]
  if (rule === 'id') {
    const known = new Set(other)
    return own.flatMap((it, i) => (known.has(it) ? [i] : []))
  }
  let common = 0
  while (common < own.length && own[common] === other[common]) common++
  const is_whole = common === Math.min(own.length, other.length)
  const copied = is_whole || (rule === 'beginning' && common >= NO_CHANCE)
  return copied ? Array.from({ length: common }, (_, i) => i) : []
}

/** Agents that start in the same millisecond may greet in the same words. They do not go on so. */
const NO_CHANCE = 3

function split(fingerprints: string): string[] {
  return fingerprints.match(/.{16}/g) ?? []
}

/** Places 1, 2, 4, 8 … from `first` on, and the last: whatever beginning two sessions share, they share its largest power of two. */
function checkpointsOf(events: string[], first: number): string[] {
  const places = new Set<number>()
  for (let place = first; place <= events.length; place *= 2) places.add(place)
  places.add(events.length)
  return [...places].filter((it) => it > 0).map((it) => events[it - 1]!)
}

function contentOf(event: SessionEvent): string {
  return isToolUse(event) ? `${event.name}\0${JSON.stringify(event.input)}` : textOf(event)
}

function digest(text: string): string {
  return hash('sha1', text).slice(0, 16)
}
