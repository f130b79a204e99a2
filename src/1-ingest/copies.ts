/**
 * Copies: resumed, forked, grown and re-printed sessions, found by content.
 *
 * One mistake that stands in nine transcripts is one mistake. Every event has a fingerprint; where the harness
 * gives events ids of their own, that id, otherwise a chain over the contents, so that equal fingerprints at
 * one place mean equal events up to that place.
 */
import { hash } from 'node:crypto'
import { isToolUse, type SessionEvent, textOf } from '../domain/event.ts'
import type { Outcome } from '../domain/outcome.ts'
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
  has_own_name: boolean
  /** So many events, from the first on, say more than two runs say alike by chance; null when all together do not. */
  telling_events: number | null
}

/** Which session it is, and how it ended. */
type Run = { agent: string; external_session_id: string; result: Outcome['result'] }
type Known = Run & { events: string }

export function fingerprintsOf({
  session,
  event_ids_survive_copying,
  has_own_name,
}: Transcript): Fingerprints {
  const common = { has_own_name, telling_events: tellingEvents(session.events) }
  if (event_ids_survive_copying) {
    const events = session.events.map((it) => digest(it.id))
    return { ...common, events: events.join(''), checkpoints: checkpointsOf(events, 1), rule: 'id' }
  }
  let link = ''
  const events = session.events.map((it) => {
    link = digest(`${link}\0${it.type}\0${it.processed_at ?? ''}\0${contentOf(it)}`)
    return link
  })
  const timed = session.events.filter((it) => it.processed_at !== null).length
  const rule = 2 * timed > events.length ? 'beginning' : 'whole'
  // Sessions without times may well begin alike: looking all of those up would take the square of their number.
  const checkpoints = checkpointsOf(events, rule === 'beginning' ? 1 : 4)
  return { ...common, events: events.join(''), checkpoints, rule }
}

/** Which events of a session are already in one that is known, by index. */
export function copiedEvents(run: Run, fingerprints: Fingerprints, known: Known): number[] {
  const { rule } = fingerprints
  const [own, other] = [split(fingerprints.events), split(known.events)]
  if (rule === 'id') {
    const ids = new Set(other)
    return own.flatMap((it, i) => (ids.has(it) ? [i] : []))
  }
  let common = 0
  while (common < own.length && own[common] === other[common]) common++
  const is_whole = common === Math.min(own.length, other.length)
  const is_grown = own.length !== other.length
  const copied =
    rule === 'beginning'
      ? is_whole || common >= NO_CHANCE
      : is_whole && isOneRun(run, fingerprints, known, common, is_grown)
  return copied ? Array.from({ length: common }, (_, i) => i) : []
}

/**
 * Whether two sessions without times, one of which is wholly the beginning of the other, are one run. Short runs of one task are often alike
 * to the letter: where they have names of their own, or ended in different ways, each is a session. What the agent wrote at length is not
 * written twice.
 */
function isOneRun(
  run: Run,
  { has_own_name, telling_events }: Fingerprints,
  known: Known,
  common: number,
  is_grown: boolean,
): boolean {
  if (run.external_session_id === known.external_session_id) return true
  if (run.agent !== known.agent) return false
  if (run.result !== known.result && run.result !== 'unknown' && known.result !== 'unknown') return false
  if (telling_events !== null && common >= telling_events) return true
  if (isHashedId(run.external_session_id) || isHashedId(known.external_session_id)) return true
  return is_grown && !has_own_name
}

/** The id of a session that was given none: a hash of what it says, made by a parser or, longer, where personal data is masked. */
function isHashedId(external_session_id: string): boolean {
  return /^(?:steps|chat)-(?:[0-9a-f]{24}|[0-9a-f]{32})$/.test(external_session_id)
}

/** Characters that an agent does not write alike twice. */
const TELLING_CHARACTERS = 1_000

function tellingEvents(events: SessionEvent[]): number | null {
  let written = 0
  for (const [index, event] of events.entries()) {
    if (event.type === 'agent.message') written += textOf(event).length
    else if (isToolUse(event)) written += JSON.stringify(event.input).length
    if (written >= TELLING_CHARACTERS) return index + 1
  }
  return null
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
