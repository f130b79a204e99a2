/** What became of asking a language model about sessions: one row a session, with what is counted of it. */
import type { Claim, Dropped } from '../domain/claim.ts'
import type { Observation } from '../domain/review.ts'
import { noteBytesLeft } from './bytes.ts'
import { inChunks } from './chunks.ts'
import { claimsOf, insertClaims } from './claims.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'
import { forgetModelAnswers } from './erasure.ts'
import type { Schema } from './schema.ts'

export type ModelReview = {
  session_id: string
  /** Version of what was asked. */
  prompt: string
  /** As it was asked for: `provider/model`. */
  model: string
  status: 'read' | 'nothing_to_read' | 'unusable'
  /** Why the answer was of no use; null for the others. */
  reason: string | null
  /** In how many dreams it was asked about. */
  attempts: number
  /** What was said and not believed. */
  dropped: Dropped[]
  /** Of the session, what the model was not shown. */
  left_out: string[]
  /** Of the channel `model`, and of the verdict. They count where the ledger says that the session was counted with them. */
  observations: Observation[]
  read_at: string
}

/**
 * The model reviews of these sessions, by session. One that asked another `prompt` is left out, so that the session is asked about again;
 * but not where it was counted in any memory store: what was counted stays what it is, or it could not be taken out again.
 */
export async function readModelReviews(
  db: Database | Transaction,
  session_ids: string[],
  prompt: string,
): Promise<Map<string, ModelReview>> {
  const found = new Map<string, ModelReview>()
  await inChunks(session_ids, async (chunk) => {
    const rows = await stored(db, chunk).execute()
    const counted = await countedWithModel(
      db,
      rows.flatMap((it) => (it.prompt === prompt ? [] : it.session_id)),
    )
    for (const it of rows)
      if (it.prompt === prompt || counted.has(it.session_id)) found.set(it.session_id, parse(it))
  })
  return found
}

/**
 * Stores reviews with their claims, and gives them as they stand then: where another dream has read a session meanwhile, what that
 * one made of it. Where a transcript was removed while a model read it, nothing that quotes it is kept.
 */
export async function storeModelReviews(
  tx: Transaction,
  reviews: { review: ModelReview; claims: Claim[] }[],
): Promise<{ review: ModelReview; claims: Claim[] }[]> {
  const standing: { review: ModelReview; claims: Claim[] }[] = []
  const removed = await withoutTranscript(tx, reviews)
  if (removed.size > 0) {
    await forgetModelAnswers(tx)
    await noteBytesLeft(tx, reviews[0]!.review.read_at)
  }
  for (const it of reviews) {
    const { session_id, prompt } = it.review
    const known = (await readModelReviews(tx, [session_id], prompt)).get(session_id)
    if (known !== undefined && known.status !== 'unusable') {
      standing.push({ review: known, claims: await claimsOf(tx, [session_id]) })
      continue
    }
    await tx.deleteFrom('claim').where('session_id', '=', session_id).execute()
    await write(tx, it.review)
    await insertClaims(tx, removed.has(session_id) ? it.claims.map(unquoted) : it.claims)
    standing.push(it)
  }
  return standing
}

async function withoutTranscript(tx: Transaction, reviews: { review: ModelReview }[]): Promise<Set<string>> {
  const removed = new Set<string>()
  const ids = reviews.map((it) => it.review.session_id)
  await inChunks(ids, async (chunk) => {
    const rows = await tx
      .selectFrom('session')
      .innerJoin('transcript', 'transcript.sha256', 'session.transcript_sha256')
      .select('session.id')
      .where('session.id', 'in', chunk)
      .where('transcript.removed_at', 'is not', null)
      .execute()
    for (const it of rows) removed.add(it.id)
  })
  return removed
}

function unquoted(it: Claim): Claim {
  return { ...it, citations: [] }
}

async function write(
  tx: Transaction,
  { dropped, left_out, observations, ...review }: ModelReview,
): Promise<void> {
  const row = {
    ...review,
    dropped: JSON.stringify(dropped),
    left_out: JSON.stringify(left_out),
    observations: JSON.stringify(observations),
  }
  await tx
    .insertInto('model_review')
    .values(row)
    .onConflict((it) => it.column('session_id').doUpdateSet(row))
    .execute()
}

/** Those of these sessions that some memory store has counted with what a model saw in them. */
async function countedWithModel(db: Database | Transaction, session_ids: string[]): Promise<Set<string>> {
  if (session_ids.length === 0) return new Set()
  const rows = await db
    .selectFrom('session')
    .select('session.id')
    .where('session.id', 'in', session_ids)
    .where((eb) =>
      eb.exists(
        eb
          .selectFrom('ledger')
          .innerJoin('memory_store', 'memory_store.id', 'ledger.memory_store_id')
          .select('ledger.session_seq')
          .where('memory_store.workspace_id', '=', OWN_WORKSPACE)
          .whereRef('ledger.session_seq', '=', 'session.seq')
          .where('ledger.with_model', '=', 1),
      ),
    )
    .execute()
  return new Set(rows.map((it) => it.id))
}

/** Of this workspace alone. */
function stored(db: Database | Transaction, session_ids: string[]) {
  return db
    .selectFrom('model_review')
    .innerJoin('session', 'session.id', 'model_review.session_id')
    .selectAll('model_review')
    .where('session.workspace_id', '=', OWN_WORKSPACE)
    .where('session.id', 'in', session_ids)
}

function parse(row: Schema['model_review']): ModelReview {
  return {
    ...row,
    status: row.status as ModelReview['status'],
    dropped: JSON.parse(row.dropped),
    left_out: JSON.parse(row.left_out),
    observations: JSON.parse(row.observations),
  }
}
