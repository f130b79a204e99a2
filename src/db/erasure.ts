/**
 * What an erasure reads and writes: which sessions there are to go, what rests on them, and how each table lets go of it.
 *
 * Nothing here decides what goes (`erase.ts` does). What is never deleted, as history is not, is redacted: its texts go, its ids, hashes, times
 * and authors stay. The schema allows that and nothing else.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import type { Change } from '../domain/change.ts'
import type { MemoryVersion } from '../domain/memory.ts'
import { EVERY, rowKey } from '../domain/tally.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'
import { type DreamedSession, inLedger } from './tallies.ts'

const CHUNK = 400

/** Calls `work` with pieces of a list that fit into one statement. */
async function inChunks<T>(list: T[], work: (chunk: T[]) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < list.length; i += CHUNK) await work(list.slice(i, i + CHUNK))
}

// ---------------------------------------------------------------- sessions that go

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
): Promise<{ id: string; name: string; agent: string; created_at: string }[]> {
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
  const stores = await db
    .selectFrom('memory_store')
    .select(['id', 'name', 'agent', 'created_at'])
    .where('workspace_id', '=', OWN_WORKSPACE)
    .orderBy('name')
    .execute()
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

// ---------------------------------------------------------------- what a store learned, night by night

/** The dreams that put sessions into a store's ledger, in their order. */
export async function nightsOf(db: Database, memory_store_id: string): Promise<string[]> {
  const rows = await db
    .selectFrom('dream')
    .select('id')
    .where('memory_store_id', '=', memory_store_id)
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

/** Keys of the rows of a tally that have the support to be looked at; with fewer sessions it had less. */
export async function worthMining(
  db: Database,
  memory_store_id: string,
  min_support: number,
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('tally')
    .select(['context', 'trait'])
    .where('memory_store_id', '=', memory_store_id)
    .where((eb) => eb.or([eb('trait', '=', EVERY), eb('n', '>=', min_support)]))
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

// ---------------------------------------------------------------- texts that may say something of them

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

// ---------------------------------------------------------------- letting go

/** A path is redacted where `hides_path`. */
export type Hidden = { id: string; hides_path: boolean }

/** None of them may be the version that stands. */
export async function redactVersions(tx: Transaction, versions: Hidden[], at: string): Promise<void> {
  for (const { id, hides_path } of versions)
    await tx
      .updateTable('memory_version')
      .set({ content: null, redacted_at: at })
      .$if(hides_path, (it) => it.set({ path: sql`'/redacted/' || memory_id || '.md'` }))
      .where('id', '=', id)
      .execute()
}

/** What waits for a decision, or for adoption, is superseded first: nobody can decide on a text that is gone. */
export async function redactChanges(tx: Transaction, changes: Hidden[], at: string): Promise<void> {
  for (const { id, hides_path } of changes)
    await tx
      .updateTable('change')
      .set({
        status: sql`CASE WHEN status IN ('undecided', 'approved') THEN 'superseded' ELSE status END`,
        before: sql`CASE WHEN before IS NULL THEN NULL ELSE '' END`,
        after: sql`CASE WHEN after IS NULL THEN NULL ELSE '' END`,
        reason: ERASED,
        verdict_reason: ERASED,
        redacted_at: at,
      })
      .$if(hides_path, (it) =>
        it.set({
          // The same place as the memory's that it became.
          path: sql`'/redacted/' || coalesce((SELECT memory_id FROM memory_version WHERE id = change.memory_version_id), id) || '.md'`,
        }),
      )
      .where('id', '=', id)
      .execute()
}

/** Stands where a reason did. */
export const ERASED = '(erased)'

export async function redactDecisions(tx: Transaction, seqs: number[], at: string): Promise<void> {
  await inChunks(seqs, (chunk) =>
    tx
      .updateTable('decision')
      .set({ reason: ERASED, edited: null, redacted_at: at })
      .where('seq', 'in', chunk)
      .execute(),
  )
}

/** What was not wanted stays unwanted, by its key; only why is forgotten, and where the memory was that covered it. */
export async function redactTombstones(tx: Transaction, tombstones: PastTombstone[]): Promise<void> {
  for (const { seq, reason, covered_by } of tombstones)
    await tx.updateTable('tombstone').set({ reason, covered_by }).where('seq', '=', seq).execute()
}

export async function redactDreams(tx: Transaction, dreams: PastDream[], at: string): Promise<void> {
  for (const { id, ...texts } of dreams)
    await tx
      .updateTable('dream')
      .set({ ...texts, redacted_at: at })
      .where('id', '=', id)
      .execute()
}

/** A store knows exactly these patterns from now on; what it knew already keeps the time at which it was first found. */
export async function forgetPatterns(tx: Transaction, memory_store_id: string, but: string[]): Promise<void> {
  await tx
    .deleteFrom('pattern')
    .where('memory_store_id', '=', memory_store_id)
    .where(sql<boolean>`id NOT IN (SELECT value FROM json_each(${JSON.stringify(but)}))`)
    .execute()
}

/**
 * Everything that is a session's own: its row, review, fingerprints, and its transcript, where no other session has the same.
 *
 * Whoever deletes a row makes SQLite look for rows that refer to it. Ingest does not need the indexes for that, so they are there for
 * as long as this takes.
 */
export async function deleteSessions(tx: Transaction, sessions: Candidate[]): Promise<void> {
  await sql`CREATE INDEX fingerprint_of_gone ON fingerprint (session_id)`.execute(tx)
  await sql`CREATE INDEX ledger_of_gone ON ledger (session_seq)`.execute(tx)
  await sql`CREATE INDEX session_of_gone ON session (transcript_sha256)`.execute(tx)
  await inChunks(sessions, async (chunk) => {
    const ids = chunk.map((it) => it.id)
    const transcripts = chunk.map((it) => it.transcript_sha256)
    await tx.deleteFrom('fingerprint').where('session_id', 'in', ids).execute()
    await tx.deleteFrom('review').where('session_id', 'in', ids).execute()
    await tx.deleteFrom('session').where('id', 'in', ids).execute()
    const used = tx.selectFrom('session').select('transcript_sha256')
    await tx
      .deleteFrom('transcript')
      .where('sha256', 'in', transcripts)
      .where('sha256', 'not in', used.where('transcript_sha256', 'in', transcripts))
      .execute()
  })
  await sql`DROP INDEX fingerprint_of_gone`.execute(tx)
  await sql`DROP INDEX ledger_of_gone`.execute(tx)
  await sql`DROP INDEX session_of_gone`.execute(tx)
}

/** The transcript goes and the first words with it; what they were counted as, the counts and the review stay. */
export async function removeTranscripts(
  tx: Transaction,
  sessions: { id: string; transcript_sha256: string; intent: string }[],
  at: string,
): Promise<void> {
  for (const { id, transcript_sha256, intent } of sessions) {
    await tx
      .updateTable('transcript')
      .set({ content: new Uint8Array(), removed_at: at })
      .where('sha256', '=', transcript_sha256)
      .where('removed_at', 'is', null)
      .execute()
    await tx.updateTable('session').set({ title: '', intent }).where('id', '=', id).execute()
  }
}

/** Of those of these sessions whose transcript was removed, when that was. */
export async function transcriptsRemoved(
  db: Database,
  session_ids: string[],
): Promise<{ session_id: string; removed_at: string }[]> {
  const rows = await db
    .selectFrom('session')
    .innerJoin('transcript', 'transcript.sha256', 'transcript_sha256')
    .select(['session.id as session_id', 'transcript.removed_at'])
    .where('session.workspace_id', '=', OWN_WORKSPACE)
    .where('session.id', 'in', session_ids)
    .where('transcript.removed_at', 'is not', null)
    .orderBy('session.id')
    .execute()
  return rows as { session_id: string; removed_at: string }[]
}

// ---------------------------------------------------------------- what does not come back

/** The key of all keyed hashes of what was erased; made at first use. */
export async function erasureKey(tx: Transaction): Promise<string> {
  const known = await readSetting(tx, KEY)
  if (known !== undefined) return known
  const value = randomBytes(32).toString('hex')
  await tx.insertInto('setting').values({ name: KEY, value }).execute()
  return value
}

const KEY = 'erasure_key'

function keyed(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex').slice(0, 32)
}

/** Remembers sessions by keyed hashes: of their ids, and of the fingerprints of the events that were their own. */
export async function rememberErased(
  tx: Transaction,
  sessions: { id: string; external_session_id: string; own: string[] }[],
  at: string,
): Promise<void> {
  const key = await erasureKey(tx)
  for (const { id, external_session_id, own } of sessions) {
    const session_id = keyed(key, id)
    await tx
      .insertInto('erased_session')
      .values({
        id: session_id,
        external_id: keyed(key, external_session_id),
        workspace_id: OWN_WORKSPACE,
        erased_at: at,
      })
      .onConflict((it) => it.doNothing())
      .execute()
    const last = own.at(-1)
    const rows = [...new Set(own)].map((it) => ({
      fingerprint: keyed(key, it),
      workspace_id: OWN_WORKSPACE,
      session_id,
      is_last: it === last ? 1 : 0,
    }))
    await inChunks(rows, (chunk) =>
      tx
        .insertInto('erased_event')
        .values(chunk)
        .onConflict((it) => it.doNothing())
        .execute(),
    )
  }
}

/** When the session of that id, ours or the harness's own, was erased; null for one that was not. */
export async function erasedAt(db: Database | Transaction, id: string): Promise<string | null> {
  const key = await readSetting(db, KEY)
  if (key === undefined) return null
  const row = await db
    .selectFrom('erased_session')
    .select('erased_at')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where((eb) => eb.or([eb('id', '=', keyed(key, id)), eb('external_id', '=', keyed(key, id))]))
    .executeTakeFirst()
  return row?.erased_at ?? null
}

/** What tells of a session's fingerprints which were erased. Null while nothing ever was. */
export async function erasedPrints(
  db: Database | Transaction,
): Promise<((prints: string[]) => Promise<Erased>) | null> {
  const key = await readSetting(db, KEY)
  const any = await db
    .selectFrom('erased_session')
    .select('id')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .limit(1)
    .executeTakeFirst()
  if (!any || key === undefined) return null
  return async (prints) => {
    const hashes = prints.map((it) => keyed(key, it))
    const found = new Map<string, { session_id: string; erased_at: string; is_last: number }>()
    await inChunks([...new Set(hashes)], async (chunk) => {
      const rows = await db
        .selectFrom('erased_event')
        .innerJoin('erased_session', (join) =>
          join
            .onRef('erased_session.id', '=', 'erased_event.session_id')
            .onRef('erased_session.workspace_id', '=', 'erased_event.workspace_id'),
        )
        .select(['fingerprint', 'session_id', 'erased_at', 'is_last'])
        .where('erased_event.workspace_id', '=', OWN_WORKSPACE)
        .where('fingerprint', 'in', chunk)
        .orderBy('is_last')
        .execute()
      for (const it of rows) found.set(it.fingerprint, it)
    })
    const events = hashes.map((it) => found.get(it))
    const [first] = found.values()
    return {
      session_ids: [...new Set([...found.values()].map((it) => it.session_id))],
      erased_at: first?.erased_at ?? null,
      events: events.map((it) => it !== undefined),
      holds_last: [...found.values()].some((it) => it.is_last === 1),
    }
  }
}

/** What of a session was erased. */
export type Erased = {
  /** Keyed hashes. */
  session_ids: string[]
  erased_at: string | null
  /** Of each of its events. */
  events: boolean[]
  /** Whether the last event of an erased session is among them. */
  holds_last: boolean
}

/** What was erased may come again. `session_ids` are keyed hashes. */
export async function forgetErased(tx: Transaction, session_ids: string[]): Promise<void> {
  await inChunks(session_ids, (chunk) =>
    tx
      .deleteFrom('erased_session')
      .where('workspace_id', '=', OWN_WORKSPACE)
      .where('id', 'in', chunk)
      .execute(),
  )
}

// ---------------------------------------------------------------- bytes

/**
 * Writes the database anew without what was deleted from it, and empties its log. False when another process still reads what was
 * there before: then bytes of it stay in the files until that one has finished.
 */
export async function leaveNoBytes(db: Database): Promise<boolean> {
  // Not in memory: it takes as much room as the database.
  await sql`PRAGMA temp_store = FILE`.execute(db)
  try {
    await sql`VACUUM`.execute(db)
  } finally {
    await sql`PRAGMA temp_store = MEMORY`.execute(db)
  }
  return emptyLog(db)
}

async function emptyLog(db: Database): Promise<boolean> {
  const { rows } = await sql<{ timeout: number }>`PRAGMA busy_timeout`.execute(db)
  await sql`PRAGMA busy_timeout = 2000`.execute(db)
  const { rows: checked } = await sql<{ busy: number }>`PRAGMA wal_checkpoint(TRUNCATE)`.execute(db)
  await sql`PRAGMA busy_timeout = ${sql.lit(rows[0]!.timeout)}`.execute(db)
  return checked.every((it) => it.busy === 0)
}

/** Since when bytes of what was erased may be left in the files; null when nothing is. */
export async function bytesLeftSince(db: Database): Promise<string | null> {
  return (await readSetting(db, LEFT)) ?? null
}

export async function noteBytesLeft(tx: Transaction, at: string): Promise<void> {
  await tx
    .insertInto('setting')
    .values({ name: LEFT, value: at })
    .onConflict((it) => it.column('name').doNothing())
    .execute()
}

export async function noteNoBytesLeft(db: Database): Promise<void> {
  await db.deleteFrom('setting').where('name', '=', LEFT).execute()
  await emptyLog(db)
}

const LEFT = 'erasure_left_bytes_since'

async function readSetting(db: Database | Transaction, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirst()
  return row?.value
}
