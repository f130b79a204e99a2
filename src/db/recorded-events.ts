/** The events of sessions that are put in over the wire, in the order in which they came. */
import { sql } from 'kysely'
import type { RecordedEvent } from '../domain/recorded-event.ts'
import { inChunks } from './chunks.ts'
import type { Database, Transaction } from './database.ts'
import { type Bounds, OPERATORS } from './recordings.ts'

/** An event with its place in the order of all events of the database. */
export type StoredEvent = { seq: number; event: RecordedEvent }

/** Puts events in, in order; gives the place of the last. */
export async function insertEvents(
  tx: Transaction,
  recording_id: string,
  events: RecordedEvent[],
): Promise<number> {
  let last = 0
  await inChunks(events, async (chunk) => {
    const rows = await tx
      .insertInto('recorded_event')
      .values(
        chunk.map(({ processed_at, ...event }) => ({
          recording_id,
          id: event.id,
          type: event.type,
          thread_id: event.session_thread_id ?? null,
          processed_at,
          content: JSON.stringify(event),
        })),
      )
      .returning('seq')
      .execute()
    last = Math.max(last, ...rows.map((it) => it.seq))
  })
  return last
}

/** Says when an event was processed that was only queued when it came. */
export async function markProcessed(
  tx: Transaction,
  recording_id: string,
  id: string,
  processed_at: string,
): Promise<void> {
  await tx
    .updateTable('recorded_event')
    .set({ processed_at })
    .where('recording_id', '=', recording_id)
    .where('id', '=', id)
    .execute()
}

/** Those of these ids that are there, by id. */
export async function eventsNamed(
  db: Database | Transaction,
  recording_id: string,
  ids: string[],
): Promise<Map<string, StoredEvent>> {
  const found = new Map<string, StoredEvent>()
  await inChunks(ids, async (chunk) => {
    const rows = await db
      .selectFrom('recorded_event')
      .select(['seq', 'processed_at', 'content'])
      .where('recording_id', '=', recording_id)
      .where('id', 'in', chunk)
      .execute()
    for (const it of rows) {
      const stored = asStored(it)
      found.set(stored.event.id, stored)
    }
  })
  return found
}

/** The events of a session in which one of these texts stands, as it is in JSON. */
export async function eventsHolding(
  tx: Transaction,
  recording_id: string,
  texts: string[],
): Promise<StoredEvent[]> {
  const found = new Map<number, StoredEvent>()
  await inChunks(texts, async (chunk) => {
    const rows = await tx
      .selectFrom('recorded_event')
      .select(['seq', 'processed_at', 'content'])
      .where('recording_id', '=', recording_id)
      .where((eb) =>
        eb.or(chunk.map((it) => sql<boolean>`instr(content, ${JSON.stringify(it).slice(1, -1)}) > 0`)),
      )
      .execute()
    for (const it of rows) found.set(it.seq, asStored(it))
  })
  return [...found.values()]
}

/** Puts these in the place of the same events with more in them. */
export async function redactEvents(tx: Transaction, events: StoredEvent[], at: string): Promise<void> {
  for (const { seq, event } of events) {
    const { processed_at, ...it } = event
    await tx
      .updateTable('recorded_event')
      .set({ content: JSON.stringify(it), redacted_at: at })
      .where('seq', '=', seq)
      .execute()
  }
}

export type EventFilter = {
  types?: string[] | undefined
  /** Only those of a thread; null for those of the session itself, and what it is told of its threads. */
  thread_id?: string | null | undefined
  processed: Bounds
}

/** At most `limit` events beyond the place `after`. */
export async function listEvents(
  db: Database | Transaction,
  recording_id: string,
  filter: EventFilter,
  { after, order, limit }: { after: number | null; order: 'asc' | 'desc'; limit: number },
): Promise<StoredEvent[]> {
  let query = db
    .selectFrom('recorded_event')
    .select(['seq', 'processed_at', 'content'])
    .where('recording_id', '=', recording_id)
    .$if(filter.types !== undefined, (it) => it.where('type', 'in', filter.types!))
    .$if(after !== null, (it) => it.where('seq', order === 'asc' ? '>' : '<', after!))
  if (filter.thread_id === null)
    query = query.where((eb) => eb.or([eb('thread_id', 'is', null), eb('type', 'like', 'session.thread%')]))
  else if (filter.thread_id !== undefined) query = query.where('thread_id', '=', filter.thread_id)
  for (const [name, operator] of OPERATORS) {
    const bound = filter.processed[name]
    if (bound !== undefined) query = query.where('processed_at', operator, bound)
  }
  const rows = await query.orderBy('seq', order).limit(limit).execute()
  return rows.map(asStored)
}

/** The events that say how these sessions stand, by session. In the words of the index that has them. */
export async function eventsOfState(
  db: Database | Transaction,
  recording_ids: string[],
): Promise<Map<string, RecordedEvent[]>> {
  const found = new Map<string, RecordedEvent[]>()
  await inChunks(recording_ids, async (chunk) => {
    const rows = await db
      .selectFrom('recorded_event')
      .select(['recording_id', 'seq', 'processed_at', 'content'])
      .where('recording_id', 'in', chunk)
      .where(OF_STATE)
      .orderBy('recording_id')
      .orderBy('seq')
      .execute()
    for (const it of rows) {
      const events = found.get(it.recording_id) ?? []
      found.set(it.recording_id, events)
      events.push(asStored(it).event)
    }
  })
  return found
}

const OF_STATE = sql<boolean>`type IN ('session.status_running', 'session.status_idle', 'session.status_terminated', 'session.status_rescheduled', 'session.usage', 'session.thread_created', 'session.thread_status_running', 'session.thread_status_idle', 'session.thread_status_terminated', 'session.thread_status_rescheduled', 'span.model_request_end', 'span.outcome_evaluation_start', 'span.outcome_evaluation_ongoing', 'span.outcome_evaluation_end', 'user.define_outcome')`

export type Span = { first_at: string | null; last_at: string | null }

/** When the first and the last event of each of these sessions were, those without a time left out. */
export async function spansOf(db: Database, recording_ids: string[]): Promise<Map<string, Span>> {
  const found = new Map<string, Span>()
  await inChunks(recording_ids, async (chunk) => {
    const rows = await db
      .selectFrom('recorded_event')
      .select((eb) => [
        'recording_id',
        eb.fn.min('processed_at').as('first_at'),
        eb.fn.max('processed_at').as('last_at'),
      ])
      .where('recording_id', 'in', chunk)
      .groupBy('recording_id')
      .execute()
    for (const { recording_id, ...span } of rows) found.set(recording_id, span)
  })
  return found
}

/** The threads that events of a session name, each with the times of its first and last event. */
export async function threadsNamed(
  db: Database | Transaction,
  recording_id: string,
): Promise<(Span & { thread_id: string })[]> {
  const rows = await db
    .selectFrom('recorded_event')
    .select((eb) => [
      'thread_id',
      eb.fn.min('processed_at').as('first_at'),
      eb.fn.max('processed_at').as('last_at'),
    ])
    .where('recording_id', '=', recording_id)
    .where('thread_id', 'is not', null)
    .groupBy('thread_id')
    .orderBy((eb) => eb.fn.min('seq'))
    .execute()
  return rows.map((it) => ({ ...it, thread_id: it.thread_id! }))
}

/** The place of the last event of the whole database. */
export async function lastSeq(db: Database): Promise<number> {
  const row = await db
    .selectFrom('recorded_event')
    .select((eb) => eb.fn.max('seq').as('last'))
    .executeTakeFirst()
  return row?.last ?? 0
}

/** Which sessions the events after that place are of, whatever their workspace. */
export async function arrivedAfter(
  db: Database,
  seq: number,
  limit: number,
): Promise<{ seq: number; recording_id: string }[]> {
  return db
    .selectFrom('recorded_event')
    .select(['seq', 'recording_id'])
    .where('seq', '>', seq)
    .orderBy('seq')
    .limit(limit)
    .execute()
}

export async function eventsAt(
  db: Database,
  seqs: number[],
): Promise<(StoredEvent & { recording_id: string; thread_id: string | null })[]> {
  const found: (StoredEvent & { recording_id: string; thread_id: string | null })[] = []
  await inChunks(seqs, async (chunk) => {
    const rows = await db
      .selectFrom('recorded_event')
      .select(['seq', 'recording_id', 'thread_id', 'processed_at', 'content'])
      .where('seq', 'in', chunk)
      .orderBy('seq')
      .execute()
    for (const it of rows)
      found.push({ ...asStored(it), recording_id: it.recording_id, thread_id: it.thread_id })
  })
  return found
}

/** Those of these sessions that are still there. */
export async function stillThere(db: Database, recording_ids: string[]): Promise<Set<string>> {
  const found = new Set<string>()
  await inChunks(recording_ids, async (chunk) => {
    const rows = await db.selectFrom('recording').select('id').where('id', 'in', chunk).execute()
    for (const it of rows) found.add(it.id)
  })
  return found
}

function asStored(row: { seq: number; processed_at: string | null; content: string }): StoredEvent {
  const { id, type, ...rest } = JSON.parse(row.content)
  return { seq: row.seq, event: { id, type, processed_at: row.processed_at, ...rest } }
}
