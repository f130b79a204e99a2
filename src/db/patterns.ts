import type { Pattern } from '../domain/pattern.ts'
import type { Database, Transaction } from './database.ts'

/** A pattern with the store it was found for, when it was first found, and when it last changed. */
export type StoredPattern = Pattern & { memory_store_id: string; created_at: string; updated_at: string }

/** The patterns of one memory store, or of all; unordered. */
export async function readPatterns(
  db: Database | Transaction,
  memory_store_id: string | null,
): Promise<StoredPattern[]> {
  const rows = await db
    .selectFrom('pattern')
    .selectAll()
    .$if(memory_store_id !== null, (it) => it.where('memory_store_id', '=', memory_store_id!))
    .execute()
  return rows.map(parse)
}

/** The patterns whose id is `id` or begins with it. */
export async function findPatterns(db: Database, id: string): Promise<StoredPattern[]> {
  const rows = await db
    .selectFrom('pattern')
    .selectAll()
    .where('id', '>=', id)
    .where('id', '<', `${id}g`)
    .execute()
  return rows.map(parse)
}

/** Writes the patterns that are new or not as they were. */
export async function storePatterns(
  tx: Transaction,
  memory_store_id: string,
  patterns: Pattern[],
  now: string,
): Promise<void> {
  for (const it of patterns) {
    const row = {
      class: it.class,
      channel: it.channel,
      tier: it.tier,
      status: it.status,
      content: JSON.stringify(it),
      updated_at: now,
    }
    await tx
      .insertInto('pattern')
      .values({ id: it.id, memory_store_id, created_at: now, ...row })
      .onConflict((conflict) =>
        conflict
          .columns(['memory_store_id', 'id'])
          .doUpdateSet(row)
          .where('pattern.content', '<>', row.content),
      )
      .execute()
  }
}

/** Candidates are only watched: those that a dream no longer knows of leave nothing behind. */
export async function forgetCandidates(
  tx: Transaction,
  memory_store_id: string,
  but: string[],
): Promise<void> {
  await tx
    .deleteFrom('pattern')
    .where('memory_store_id', '=', memory_store_id)
    .where('status', '=', 'candidate')
    .where('id', 'not in', but)
    .execute()
}

function parse(it: {
  memory_store_id: string
  content: string
  created_at: string
  updated_at: string
}): StoredPattern {
  return {
    ...(JSON.parse(it.content) as Pattern),
    memory_store_id: it.memory_store_id,
    created_at: it.created_at,
    updated_at: it.updated_at,
  }
}
