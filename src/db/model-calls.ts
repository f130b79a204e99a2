/** Every call of a model: whose it was, what became of it, and what it cost. No words of sessions stand here, so it outlives them. */
import { sql } from 'kysely'
import { type Amount, inUsd, type ModelCall, type ModelStage, type StageUse } from '../domain/spending.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

export async function insertModelCall(
  tx: Transaction,
  { usage, in_batch, ...call }: ModelCall,
  of: { dream_id: string | null; at: string },
): Promise<void> {
  await tx
    .insertInto('model_call')
    .values({ workspace_id: OWN_WORKSPACE, ...call, ...usage, ...of, in_batch: in_batch ? 1 : 0 })
    .execute()
}

/** What a dream has asked so far, and what that came to. */
export async function usesOf(db: Database | Transaction, dream_id: string): Promise<StageUse[]> {
  const rows = await db
    .selectFrom('model_call')
    .select((eb) => [
      'stage',
      'provider',
      'model',
      eb.fn.countAll<number>().as('calls'),
      eb.fn.sum<number>(eb.case().when('result', '=', 'unusable').then(1).else(0).end()).as('unusable'),
      eb.fn.sum<number>(eb.case().when('result', '=', 'failed').then(1).else(0).end()).as('failed'),
      eb.fn.sum<number>('input_tokens').as('input_tokens'),
      eb.fn.sum<number>('output_tokens').as('output_tokens'),
      eb.fn.sum<number>('cache_read_input_tokens').as('cache_read_input_tokens'),
      eb.fn.sum<number>('cache_creation_input_tokens').as('cache_creation_input_tokens'),
      eb.fn.sum<number | null>('cost_usd').as('cost_usd'),
      eb.fn.count<number>('cost_usd').as('priced'),
    ])
    .where('dream_id', '=', dream_id)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .groupBy(['stage', 'provider', 'model'])
    .execute()
  return rows.map(({ stage, provider, model, calls, unusable, failed, cost_usd, priced, ...usage }) => ({
    ...{ stage: stage as ModelStage, provider, model, calls, from_cache: 0, unusable, failed, usage },
    cost_usd: priced < calls ? null : inUsd(cost_usd ?? 0),
  }))
}

/**
 * What the calls since `since` (RFC 3339) came to that were noted after the one numbered `after`, and the number of the last of them. Where some
 * were counted before, only those that came after are looked at.
 */
export async function paidSince(
  db: Database,
  since: string,
  after: number,
): Promise<Amount & { through: number }> {
  const tokens = sql<number>`input_tokens + output_tokens + cache_read_input_tokens + cache_creation_input_tokens`
  const row = await db
    .selectFrom('model_call')
    .select((eb) => [
      eb.fn.max<number | null>('seq').as('through'),
      eb.fn.sum<number | null>('cost_usd').as('usd'),
      eb.fn.sum<number | null>(tokens).as('tokens'),
    ])
    .$if(after === 0, (it) => it.where('workspace_id', '=', OWN_WORKSPACE).where('at', '>=', since))
    .$if(after > 0, (it) =>
      it
        .where('seq', '>', after)
        .where(sql<string>`+workspace_id`, '=', OWN_WORKSPACE)
        .where(sql<string>`+at`, '>=', since),
    )
    .executeTakeFirstOrThrow()
  return { through: row.through ?? after, usd: row.usd ?? 0, tokens: row.tokens ?? 0 }
}
