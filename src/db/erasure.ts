/**
 * How each table lets go of what is erased. What is never deleted, as history is not, is redacted: its texts go, its ids, hashes, times
 * and authors stay. The schema allows that and nothing else.
 */
import { sql } from 'kysely'
import type { Actor } from '../domain/memory.ts'
import { inChunks } from './chunks.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

import type { Candidate, PastDream, PastTombstone } from './erasable.ts'

/** A path is redacted where `hides_path`. */
export type Hidden = { id: string; hides_path: boolean }

/** None of them may be the version that stands. `by` is whoever asked for that of these versions. */
export async function redactVersions(
  tx: Transaction,
  versions: Hidden[],
  at: string,
  by: Actor | null = null,
): Promise<void> {
  for (const { id, hides_path } of versions)
    await tx
      .updateTable('memory_version')
      .set({ content: null, redacted_at: at, redacted_by: by })
      .$if(hides_path, (it) => it.set({ path: NO_PATH_OF_VERSION }))
      .where('id', '=', id)
      .execute()
}

/** What waits for a decision, or for adoption, is superseded first: nobody can decide on a text that is gone. */
export async function redactChanges(tx: Transaction, changes: Hidden[], at: string): Promise<void> {
  for (const { id, hides_path } of changes)
    await tx
      .updateTable('change')
      .set({ ...NO_TEXTS_OF_CHANGE, redacted_at: at })
      .$if(hides_path, (it) => it.set({ path: NO_PATH_OF_CHANGE }))
      .where('id', '=', id)
      .execute()
}

/** Stands where a reason did. */
export const ERASED = '(erased)'

const NO_PATH_OF_VERSION = sql<string>`'/redacted/' || memory_id || '.md'`
const NO_TEXTS_OF_CHANGE = {
  status: sql<string>`CASE WHEN status IN ('undecided', 'approved') THEN 'superseded' ELSE status END`,
  before: sql<string | null>`CASE WHEN before IS NULL THEN NULL ELSE '' END`,
  after: sql<string | null>`CASE WHEN after IS NULL THEN NULL ELSE '' END`,
  reason: ERASED,
  verdict_reason: ERASED,
}
/** The same place as the memory's that it became. */
const NO_PATH_OF_CHANGE = sql<string>`'/redacted/' || coalesce((SELECT memory_id FROM memory_version WHERE id = change.memory_version_id), id) || '.md'`

/**
 * A text that no version of a store has any more goes from the changes that proposed or replaced it as well, and from what
 * people typed of it.
 */
export async function redactText(
  tx: Transaction,
  memory_store_id: string,
  { content, content_sha256 }: { content: string; content_sha256: string },
  at: string,
): Promise<void> {
  const left = await tx
    .selectFrom('memory_version')
    .select('id')
    .where('memory_store_id', '=', memory_store_id)
    .where('content_sha256', '=', content_sha256)
    .where('redacted_at', 'is', null)
    .executeTakeFirst()
  if (left) return
  const dreams = tx.selectFrom('dream').select('id').where('memory_store_id', '=', memory_store_id)
  const changes = await tx
    .selectFrom('change')
    .select('id')
    .where('dream_id', 'in', dreams)
    .where('redacted_at', 'is', null)
    .where((eb) => eb.or([eb('before_sha256', '=', content_sha256), eb('after', '=', content)]))
    .execute()
  await redactChanges(
    tx,
    changes.map(({ id }) => ({ id, hides_path: false })),
    at,
  )
  const decisions = await tx
    .selectFrom('decision')
    .innerJoin('change', 'change.id', 'decision.change_id')
    .select('decision.seq')
    .where('change.dream_id', 'in', dreams)
    .where('decision.content_sha256', '=', content_sha256)
    .where('decision.edited', 'is not', null)
    .execute()
  await redactDecisions(
    tx,
    decisions.map((it) => it.seq),
    at,
  )
}

/**
 * Everything that a memory store held and knew. What is history keeps its ids, hashes, times and authors; of the store there remains
 * that it was. Its dreams must have ended.
 */
export async function emptyMemoryStore(
  tx: Transaction,
  memory_store_id: string,
  at: string,
  by: Actor,
): Promise<void> {
  for (const it of ['memory', 'ledger', 'tally', 'pattern', 'tombstone', 'recall', 'experiment'] as const)
    await tx.deleteFrom(it).where('memory_store_id', '=', memory_store_id).execute()
  const since = sql<string>`coalesce(redacted_at, ${at})`
  await tx
    .updateTable('memory_version')
    .set({
      content: null,
      path: NO_PATH_OF_VERSION,
      redacted_at: since,
      redacted_by: sql<string>`CASE WHEN redacted_at IS NULL THEN ${by} ELSE redacted_by END`,
    })
    .where('memory_store_id', '=', memory_store_id)
    .execute()
  const dreams = tx.selectFrom('dream').select('id').where('memory_store_id', '=', memory_store_id)
  await tx
    .updateTable('change')
    .set({ ...NO_TEXTS_OF_CHANGE, path: NO_PATH_OF_CHANGE, redacted_at: since })
    .where('dream_id', 'in', dreams)
    .execute()
  await tx
    .updateTable('decision')
    .set({ reason: ERASED, edited: null, redacted_at: at })
    .where('change_id', 'in', tx.selectFrom('change').select('id').where('dream_id', 'in', dreams))
    .where('redacted_at', 'is', null)
    .execute()
  await tx
    .updateTable('dream')
    .set({
      notes: '[]',
      alerts: '[]',
      error_message: sql<string | null>`CASE WHEN error_message IS NULL THEN NULL ELSE ${ERASED} END`,
      redacted_at: since,
    })
    .where('memory_store_id', '=', memory_store_id)
    .execute()
  await tx
    .updateTable('memory_store')
    .set({ name: ERASED, description: '', metadata: '{}', updated_at: at, deleted_at: at })
    .where('id', '=', memory_store_id)
    .execute()
}

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
 * Everything that is a session's own: its row, review, fingerprints, what a model said of it, and its transcript, where no other session has
 * the same.
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
    await tx.deleteFrom('model_review').where('session_id', 'in', ids).execute()
    await tx.deleteFrom('claim').where('session_id', 'in', ids).execute()
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

/** What was given to sessions goes, with the lots that they drew. */
export async function deleteRecalls(tx: Transaction, ids: string[]): Promise<void> {
  await inChunks(ids, (chunk) =>
    tx.deleteFrom('recall').where('workspace_id', '=', OWN_WORKSPACE).where('id', 'in', chunk).execute(),
  )
}

/**
 * What experiments have measured is forgotten, so that the next measurement is one without the sessions that are gone: in these stores, and
 * where one of these agents is the control. One that has ended keeps its numbers, in which nobody's session can be told from another's.
 */
export async function unmeasure(
  tx: Transaction,
  { store_ids, agents }: { store_ids: string[]; agents: string[] },
): Promise<void> {
  const list = (values: string[]) => sql`(SELECT value FROM json_each(${JSON.stringify(values)}))`
  await tx
    .updateTable('experiment')
    .set({ lifts: '[]', measured_at: null })
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('status', '=', 'running')
    .where(sql<boolean>`(memory_store_id IN ${list(store_ids)} OR control_agent IN ${list(agents)})`)
    .execute()
}

/** What models answered goes, all of it: an answer repeats what it was asked about, and no row tells whose words that were. */
export async function forgetModelAnswers(tx: Transaction): Promise<void> {
  await tx.deleteFrom('model_answer').where('workspace_id', '=', OWN_WORKSPACE).execute()
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
