/**
 * Events on their way into a session: relieved of secrets, given what they lack, and held against what is there.
 */
import { isDeepStrictEqual } from 'node:util'
import type { Privacy } from '../1-ingest/pii.ts'
import { bareSpellings, lostSecret, type Removed, redactJson, withoutBare } from '../1-ingest/redact.ts'
import type { Transaction } from '../db/database.ts'
import {
  eventsHolding,
  eventsNamed,
  insertEvents,
  markProcessed,
  redactEvents,
} from '../db/recorded-events.ts'
import { type StoredRecording, updateRecording } from '../db/recordings.ts'
import { primaryThread } from '../domain/filed-event.ts'
import { derivedId, randomId } from '../domain/id.ts'
import { callOf, type RecordedEvent, type WireEvent } from '../domain/recorded-event.ts'
import { statusAfter } from '../domain/recording-facts.ts'
import { invalid } from './find-session.ts'
import { knownSecrets, rememberSecrets } from './known-secrets.ts'

/** Events without secrets, and what was found in them that may stand bare in others: in clear, so nobody may store it. */
export type PreparedEvents = { events: WireEvent[]; found: Removed[] }

/**
 * The same events without secrets and what `privacy` says, and without what nobody can redact: pictures and files that stand in them byte for
 * byte.
 *
 * Throws `invalid_request_error` for an id that reads like a secret: ids are told again.
 */
export async function preparedEvents(events: WireEvent[], privacy?: Privacy): Promise<PreparedEvents> {
  const { value, found } = await redactJson({ events: events.map(kept) }, privacy)
  refuseSecretIds(value.events, events)
  return { events: value.events, found }
}

function refuseSecretIds(clean: WireEvent[], given: WireEvent[]): void {
  clean.forEach((it, i) => {
    const field = ID_FIELDS.find((field) => lostSecret(it[field], given[i]![field]))
    if (field !== undefined)
      throw invalid(`events.${i}.${field}: it reads like a secret`, 'give it another id: ids are told again')
  })
}

const ID_FIELDS = [
  'id',
  'session_thread_id',
  'tool_use_id',
  'mcp_tool_use_id',
  'custom_tool_use_id',
  'outcome_id',
  'from_session_thread_id',
  'to_session_thread_id',
] as const

function kept(event: WireEvent): WireEvent {
  if (event.type === 'agent.thinking') {
    // As on the wire, where thinking has no text.
    const { content, thinking, signature, ...it } = event
    return it
  }
  if (event.type === 'session.outcome')
    return Object.fromEntries(
      Object.entries(event).filter(([key, it]) => it !== null || key === 'processed_at'),
    ) as WireEvent
  if (!Array.isArray(event.content)) return event
  return { ...event, content: event.content.map(withoutBytes) }
}

function withoutBytes(block: { source?: { type?: string } }) {
  return block.source?.type === 'base64' ? { ...block, source: { ...block.source, data: '' } } : block
}

/**
 * Puts prepared events into a session; gives the ids of all of them, also of those that were there.
 *
 * What one request of a session shows to be secret is taken out of the others as well, where it stands bare: of those that came before, and,
 * as long as `known-secrets.ts` remembers it, of those that come later.
 */
export async function putIn(
  tx: Transaction,
  recording: StoredRecording,
  prepared: PreparedEvents,
  at: string,
): Promise<string[]> {
  const { events } = withoutBare({ events: prepared.events }, knownSecrets(recording.id))
  refuseSecretIds(events, prepared.events)
  await redactEarlier(tx, recording, prepared.found, at)
  const there = await eventsNamed(
    tx,
    recording.id,
    events.flatMap((it) => it.id ?? []),
  )
  await refuseLooseAnswers(tx, recording.id, events)
  const fresh = new Map<string, RecordedEvent>()
  const ids: string[] = []
  for (const [i, event] of events.entries()) {
    const it = completed(event, recording.id, at)
    ids.push(it.id)
    const stored = there.get(it.id)
    const known = stored?.event ?? fresh.get(it.id)
    if (known === undefined) {
      fresh.set(it.id, it)
      continue
    }
    if (!isSame(known, it, event))
      throw invalid(
        `events.${i}: the id ${it.id} is that of another event of this session`,
        'give each event an id of its own; the same event may come again',
      )
    if (known.processed_at === null && it.processed_at !== null && event.processed_at != null) {
      if (stored === undefined) fresh.set(it.id, it)
      // What a dream may have read stays as it was read.
      else if (stored.seq > recording.settled_through)
        await markProcessed(tx, recording.id, it.id, it.processed_at)
    }
  }
  const put = [...fresh.values()]
  if (put.length === 0) return ids
  const last_event = await insertEvents(tx, recording.id, put)
  const status = put.flatMap((it) => statusAfter(it.type) ?? []).at(-1) ?? recording.status
  await updateRecording(tx, recording.id, { last_event, status, updated_at: at })
  return ids
}

/**
 * Remembers what was found in a session, and takes it out of what is stored of it, where it stands bare. Ids stay, for others name them;
 * and what was settled before stays in the session that was stored then, as with a file that grew.
 */
export async function redactEarlier(
  tx: Transaction,
  { id, title, metadata }: StoredRecording,
  found: Removed[],
  at: string,
): Promise<void> {
  rememberSecrets(id, found)
  if (found.length === 0) return
  // Also what is known: a request that showed it may have been refused in the end.
  const texts = [...new Set(found.flatMap(bareSpellings))]
  const told = { title, metadata }
  const clean = withoutBare(told, found)
  const holding = await eventsHolding(tx, id, texts)
  const redacted = holding
    .map(({ seq, event }) => ({ seq, before: event, event: redactedEvent(event, found) }))
    .filter(({ before, event }) => !isDeepStrictEqual(before, event))
  if (clean !== told) {
    const { external_id } = metadata
    const named = { ...clean.metadata, ...(external_id !== undefined && { external_id }) }
    await updateRecording(tx, id, { title: clean.title, metadata: named })
  }
  await redactEvents(tx, redacted, at)
}

function redactedEvent(event: RecordedEvent, found: Removed[]): RecordedEvent {
  const [clean] = withoutBare({ events: [event] }, found).events
  const ids = ID_FIELDS.flatMap((field) => (event[field] === undefined ? [] : [[field, event[field]]]))
  return { ...clean!, ...Object.fromEntries(ids) }
}

/** With all that an event has when it is told. */
function completed(event: WireEvent, recording_id: string, at: string): RecordedEvent {
  const { id = randomId('sevt'), type, processed_at = at, session_thread_id, ...rest } = event
  const is_child = session_thread_id != null && session_thread_id !== primaryThread(recording_id)
  const it: RecordedEvent = { id, type, processed_at, ...rest, ...(is_child ? { session_thread_id } : {}) }
  switch (type) {
    case 'user.define_outcome':
      it.outcome_id ??= derivedId('outc', recording_id, id)
      it.max_iterations ??= 3
      return it
    case 'session.status_idle':
      it.stop_reason ??= { type: 'end_turn' }
      it.stop_details ??= null
      return it
    default:
      return it
  }
}

/** A time that nobody gave is no difference, nor is one of an event that was only queued when it came first. */
function isSame(known: RecordedEvent, it: RecordedEvent, given: WireEvent): boolean {
  const is_of_another_time =
    given.processed_at != null && known.processed_at !== null && known.processed_at !== it.processed_at
  return (
    !is_of_another_time &&
    isDeepStrictEqual({ ...known, processed_at: null }, asStored({ ...it, processed_at: null }))
  )
}

/** JSON knows no undefined. */
function asStored(it: RecordedEvent): unknown {
  return JSON.parse(JSON.stringify(it))
}

/** Throws `invalid_request_error` for the answer to a call that is neither in the session nor in the request. */
async function refuseLooseAnswers(tx: Transaction, recording_id: string, events: WireEvent[]): Promise<void> {
  const types = new Map(events.flatMap((it) => (it.id === undefined ? [] : [[it.id, it.type] as const])))
  const calls = events.map(callOf)
  const elsewhere = calls.flatMap((it) => (it === null || types.has(it.id) ? [] : it.id))
  for (const [id, { event }] of await eventsNamed(tx, recording_id, [...new Set(elsewhere)]))
    types.set(id, event.type)
  calls.forEach((call, i) => {
    if (call === null || call.uses.includes(types.get(call.id) ?? '')) return
    throw invalid(
      `events.${i}.${call.field}: ${call.id} is no ${call.uses.join(' or ')} of this session`,
      'put in the call before its result, or in the same request',
    )
  })
}
