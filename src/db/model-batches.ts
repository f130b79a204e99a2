import { randomId } from '../domain/id.ts'
import { inChunks } from './chunks.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

const KEPT_MS = 7 * 86_400_000

export type ModelBatch = { id: string; provider_batch_id: string; hashes: string[] }

/** What is remembered of the batches of one provider's model. */
export function modelBatches(db: Database, of: { provider: string; model: string }, now: () => Date) {
  const set = (id: string, change: { status: string; provider_batch_id?: string; ended_at?: string }) =>
    db
      .updateTable('model_batch')
      .set(change)
      .where('id', '=', id)
      .where('workspace_id', '=', OWN_WORKSPACE)
      .execute()
  return {
    async begin(hashes: string[]): Promise<string> {
      const id = randomId('mbat')
      const row = { id, workspace_id: OWN_WORKSPACE, ...of, provider_batch_id: null, ended_at: null }
      const submitted_at = now().toISOString()
      await db.transaction().execute(async (tx) => {
        await tx
          .insertInto('model_batch')
          .values({ ...row, status: 'submitting', submitted_at })
          .execute()
        await inChunks(hashes, async (chunk) => {
          await tx
            .insertInto('model_batch_request')
            .values(chunk.map((hash) => ({ batch_id: id, hash })))
            .execute()
        })
      })
      return id
    },
    async submitted(id: string, provider_batch_id: string): Promise<void> {
      await set(id, { status: 'submitted', provider_batch_id })
    },
    async abandon(id: string): Promise<void> {
      await set(id, { status: 'abandoned', ended_at: now().toISOString() })
    },
    async ended(id: string): Promise<void> {
      await set(id, { status: 'ended', ended_at: now().toISOString() })
    },
    /** Those with any of these questions that were sent in the last seven days, the newest first. */
    async holding(hashes: string[]): Promise<ModelBatch[]> {
      const found = new Map<string, ModelBatch & { submitted_at: string }>()
      const since = new Date(now().getTime() - KEPT_MS).toISOString()
      await inChunks(hashes, async (chunk) => {
        const rows = await db
          .selectFrom('model_batch')
          .innerJoin('model_batch_request', 'batch_id', 'id')
          .select(['id', 'provider_batch_id', 'submitted_at', 'hash'])
          .where('workspace_id', '=', OWN_WORKSPACE)
          .where('provider', '=', of.provider)
          .where('model', '=', of.model)
          .where('status', 'in', ['submitted', 'ended'])
          .where('submitted_at', '>=', since)
          .where('hash', 'in', chunk)
          .execute()
        for (const { id, provider_batch_id, submitted_at, hash } of rows) {
          const known = found.get(id) ?? {
            id,
            provider_batch_id: provider_batch_id!,
            submitted_at,
            hashes: [],
          }
          known.hashes.push(hash)
          found.set(id, known)
        }
      })
      return [...found.values()].sort((a, b) => (a.submitted_at < b.submitted_at ? 1 : -1))
    },
  }
}

/** What batches said to a question is noted: whoever asks it again wants another answer. */
export async function takenFromBatch(tx: Transaction, hash: string): Promise<void> {
  await tx
    .deleteFrom('model_batch_request')
    .where('hash', '=', hash)
    .where('batch_id', 'in', (it) =>
      it.selectFrom('model_batch').select('id').where('workspace_id', '=', OWN_WORKSPACE),
    )
    .execute()
}
