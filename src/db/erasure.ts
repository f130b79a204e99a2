/**
 * How each table lets go of what is erased. What is never deleted, as history is not, is redacted: its texts go, its ids, hashes, times
 * and authors stay. The schema allows that and nothing else.
 */
import { sql } from 'kysely'
import { inChunks } from './chunks.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

import type { Candidate, PastDream, PastTombstone } from './erasable.ts'

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
