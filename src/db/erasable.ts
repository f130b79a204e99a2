/**
 * What an erasure reads: which sessions there are to go, and what rests on them. Nothing here decides what goes (`erasure/erase.ts` does).
 */
import { sql } from 'kysely'
import type { Change } from '../domain/change.ts'
import type { MemoryStore, MemoryVersion } from '../domain/memory.ts'
import { EVERY, rowKey } from '../domain/tally.ts'
import { inChunks } from './chunks.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'
import { everyMemoryStore } from './memory-stores.ts'
import { type DreamedSession, inLedger } from './tallies.ts'

/** A session, as far as it matters to whether it goes. */
export type Candidate = {
  id: string
  seq: number
  harness: string
  external_session_id: string
  parent_external_session_id: string | null
  agent: string
  person: string | null
  title: string
  /** When it ended, as far as anybody knows. */
  at: string
  events: number
  transcript_sha256: string
  transcript_bytes: number
  /** When its transcript was removed and the rest kept. */
  removed_at: string | null
  /** Whether some of it was copied from another session. */
  is_copy: boolean
  /** What was put in over the wire and became this session. */
  recording_id: string | null
}

/** Every session of the workspace, in order of arrival. */
export async function candidates(db: Database | Transaction): Promise<Candidate[]> {
  const rows = await db
    .selectFrom('session')
    .innerJoin('transcript', 'transcript.sha256', 'transcript_sha256')
    .select([
      'id',
      'seq',
      'harness',
      'external_session_id',
      'parent_external_session_id',
      'agent',
      'person',
      'title',
      'events',
      'transcript_sha256',
      'transcript.size_bytes as transcript_bytes',
      'transcript.removed_at',
      'recording_id',
    ])
    .select((eb) => [
      eb.fn.coalesce('ended_at', 'started_at', 'ingested_at').as('at'),
      eb('continues_session_id', 'is not', null).as('is_copy'),
    ])
    .where('workspace_id', '=', OWN_WORKSPACE)
    .orderBy('seq')
    .execute()
  return rows.map((it) => ({ ...it, is_copy: Boolean(it.is_copy) }))
}

/** What was recalled for a session, or for none, as far as it matters to whether it goes. */
export type RecallToErase = {
  id: string
  memory_store_id: string
  agent: string
  /** What the session is called by whoever ran it: by any of its names. */
  session_key: string | null
  person: string | null
  /** When it was recalled. */
  at: string
}

/** Every recall of the workspace, in order of time. */
export async function recallsToErase(db: Database | Transaction): Promise<RecallToErase[]> {
  return db
    .selectFrom('recall')
    .select(['id', 'memory_store_id', 'agent', 'session_key', 'person', 'created_at as at'])
    .where('workspace_id', '=', OWN_WORKSPACE)
    .orderBy('seq')
    .execute()
}

/** The number of the last recall; 0 before any. */
export async function lastRecall(db: Database | Transaction): Promise<number> {
  const row = await db
    .selectFrom('recall')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .where('workspace_id', '=', OWN_WORKSPACE)
    .executeTakeFirst()
  return row?.seq ?? 0
}

/** The fingerprints of a session's events, in order, and which of them it copied from another. */
export type Prints = { id: string; events: string[]; copied: Set<number> }

export async function printsOf(db: Database | Transaction, session_ids: string[]): Promise<Prints[]> {
  const found: Prints[] = []
  await inChunks(session_ids, async (chunk) => {
    const rows = await db
      .selectFrom('session')
      .select(['id', 'fingerprints', 'copied'])
      .where('id', 'in', chunk)
      .execute()
    for (const { id, fingerprints, copied } of rows)
      found.push({
        id,
        events: Buffer.from(fingerprints).toString('hex').match(/.{16}/g) ?? [],
        copied: new Set(copied === null ? [] : (JSON.parse(copied).events as number[])),
      })
  })
  return found
}

/** Other sessions that share a checkpoint with this one, and were found to be copies of something. */
export async function copiesLike(db: Database | Transaction, { id, events }: Prints): Promise<string[]> {
  const rows = await db
    .selectFrom('fingerprint')
    .innerJoin('session', 'session.id', 'session_id')
    .select('session.id')
    .distinct()
    .where('fingerprint.workspace_id', '=', OWN_WORKSPACE)
    .where(
      'fingerprint',
      'in',
      placesOfCheckpoints(events.length).map((it) => events[it]!),
    )
    .where('session.id', '<>', id)
    .where('session.copied', 'is not', null)
    .execute()
  return rows.map((it) => it.id)
}

/** Those of any rule (`1-ingest/copies.ts`): the powers of two, and the last. */
function placesOfCheckpoints(events: number): number[] {
  const places = new Set<number>()
  for (let n = 1; n <= events; n *= 2) places.add(n - 1)
  if (events > 0) places.add(events - 1)
  return [...places]
}

/** The session as it is stored, parsed by nobody; null where its transcript was removed. */
export async function packedTranscript(
  db: Database | Transaction,
  session_id: string,
): Promise<Uint8Array | null> {
  const row = await db
    .selectFrom('session')
    .innerJoin('transcript', 'transcript.sha256', 'transcript_sha256')
    .select(['content', 'removed_at'])
    .where('session.id', '=', session_id)
    .executeTakeFirstOrThrow()
  return row.removed_at === null ? row.content : null
}

/** The memory stores that dreamed of any of these sessions, or are of their agents. */
export async function storesInvolved(
  db: Database | Transaction,
  sessions: Candidate[],
): Promise<MemoryStore[]> {
  const found = new Set<string>()
  await inChunks(sessions, async (chunk) => {
    const rows = await db
      .selectFrom('ledger')
      .select('memory_store_id')
      .distinct()
      .where(
        'session_seq',
        'in',
        chunk.map((it) => it.seq),
      )
      .execute()
    for (const it of rows) found.add(it.memory_store_id)
  })
  const agents = [...new Set(sessions.map((it) => it.agent))]
  const stores = await everyMemoryStore(db)
  return stores.filter((it) => found.has(it.id) || agents.includes(it.agent))
}

/** A dream of one of these stores that has not ended, with who runs it and until when that is to be believed. */
export async function runningDreams(
  db: Database | Transaction,
  store_ids: string[],
): Promise<{ id: string; worker: string | null; lease_expires_at: string | null }[]> {
  return db
    .selectFrom('dream')
    .select(['id', 'worker', 'lease_expires_at'])
    .where('memory_store_id', 'in', store_ids)
    .where('status', 'in', ['pending', 'running'])
    .execute()
}

/** Takes dreams from their workers: whoever dreams next goes on with them. */
export async function disownDreams(tx: Transaction, ids: string[]): Promise<void> {
  await tx
    .updateTable('dream')
    .set({ worker: 'nobody', lease_expires_at: '' })
    .where('id', 'in', ids)
    .where('status', '=', 'running')
    .execute()
}

/** The dreams that put sessions into a store's ledger, in their order; of a copy, those of what it is a copy of as well. */
export async function nightsOf(db: Database, memory_store_id: string): Promise<string[]> {
  const rows = await db
    .selectFrom('dream')
    .select('id')
    .where((eb) =>
      eb(
        'id',
        'in',
        eb.selectFrom('ledger').select('dream_id').where('memory_store_id', '=', memory_store_id),
      ),
    )
    .orderBy('created_at')
    .orderBy(sql`dream.rowid`)
    .execute()
  return rows.map((it) => it.id)
}

export async function sessionsOfNight(
  db: Database,
  memory_store_id: string,
  dream_id: string,
): Promise<DreamedSession[]> {
  return inLedger(db, memory_store_id)
    .where('ledger.dream_id', '=', dream_id)
    .orderBy('session.seq')
    .execute()
}

/** Keys of the rows of a tally that have the support to be looked at, or are taken out of such; with fewer sessions it had less. */
export async function worthMining(
  db: Database,
  memory_store_id: string,
  min_support: number,
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('tally')
    .select(['context', 'trait'])
    .where('memory_store_id', '=', memory_store_id)
    .where((eb) => eb.or([eb('trait', '=', EVERY), eb('n', '>=', min_support), eb('channel', '=', 'told')]))
    .execute()
  return new Set(rows.map((it) => rowKey(it.context, it.trait)))
}

/** Sessions in a store's ledger, the latest first. */
export async function latestDreamed(db: Database, memory_store_id: string, limit: number): Promise<string[]> {
  const rows = await db
    .selectFrom('ledger')
    .innerJoin('session', 'session.seq', 'ledger.session_seq')
    .select('session.id')
    .where('memory_store_id', '=', memory_store_id)
    .orderBy('session.seq', 'desc')
    .limit(limit)
    .execute()
  return rows.map((it) => it.id)
}

export type PastVersion = Pick<
  MemoryVersion,
  'id' | 'memory_id' | 'operation' | 'path' | 'content' | 'content_sha256' | 'created_by'
> & {
  is_live: boolean
}

export async function versionsOf(
  db: Database | Transaction,
  memory_store_id: string,
): Promise<PastVersion[]> {
  const rows = await db
    .selectFrom('memory_version')
    .leftJoin('memory', 'memory.memory_version_id', 'memory_version.id')
    .select([
      'memory_version.id',
      'memory_version.memory_id',
      'operation',
      'memory_version.path',
      'content',
      'content_sha256',
      'created_by',
    ])
    .select('memory.id as live_id')
    .where('memory_version.memory_store_id', '=', memory_store_id)
    .where('redacted_at', 'is', null)
    .orderBy('seq')
    .execute()
  return rows.map(({ live_id, ...it }) => ({ ...it, is_live: live_id !== null })) as PastVersion[]
}

export type PastChange = Pick<
  Change,
  | 'id'
  | 'status'
  | 'path'
  | 'before'
  | 'after'
  | 'reason'
  | 'verdict_reason'
  | 'pattern_ids'
  | 'memory_version_id'
>

export async function changesOf(db: Database, memory_store_id: string): Promise<PastChange[]> {
  const rows = await db
    .selectFrom('change')
    .innerJoin('dream', 'dream.id', 'change.dream_id')
    .select([
      'change.id',
      'change.status',
      'path',
      'before',
      'after',
      'reason',
      'verdict_reason',
      'pattern_ids',
      'memory_version_id',
    ])
    .where('dream.memory_store_id', '=', memory_store_id)
    .where('change.redacted_at', 'is', null)
    .execute()
  return rows.map((it) => ({ ...it, pattern_ids: JSON.parse(it.pattern_ids) })) as PastChange[]
}

export type PastDecision = { seq: number; change_id: string; reason: string; edited: string | null }

export async function decisionsOf(db: Database, memory_store_id: string): Promise<PastDecision[]> {
  return db
    .selectFrom('decision')
    .innerJoin('change', 'change.id', 'decision.change_id')
    .innerJoin('dream', 'dream.id', 'change.dream_id')
    .select(['decision.seq', 'decision.change_id', 'decision.reason', 'decision.edited'])
    .where('dream.memory_store_id', '=', memory_store_id)
    .where('decision.redacted_at', 'is', null)
    .execute()
}

export type PastTombstone = { seq: number; reason: string; covered_by: string | null }

export async function tombstonesOf(db: Database, memory_store_id: string): Promise<PastTombstone[]> {
  return db
    .selectFrom('tombstone')
    .select(['seq', 'reason', 'covered_by'])
    .where('memory_store_id', '=', memory_store_id)
    .execute()
}

export type PastDream = { id: string; notes: string; alerts: string; error_message: string | null }

export async function dreamsOf(db: Database, memory_store_id: string): Promise<PastDream[]> {
  return db
    .selectFrom('dream')
    .select(['id', 'notes', 'alerts', 'error_message'])
    .where('memory_store_id', '=', memory_store_id)
    .where('ended_at', 'is not', null)
    .where('redacted_at', 'is', null)
    .execute()
}
