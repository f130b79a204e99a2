import type { Change } from '../domain/change.ts'
import type { Tombstone } from '../domain/tombstone.ts'
import type { Database, Transaction } from './database.ts'

export async function insertTombstones(
  tx: Transaction,
  memory_store_id: string,
  tombstones: Tombstone[],
  made: { created_by: string; created_at: string },
): Promise<void> {
  for (const it of tombstones)
    await tx
      .insertInto('tombstone')
      .values({ memory_store_id, ...it, ...made })
      .execute()
}

export async function listTombstones(
  db: Database | Transaction,
  memory_store_id: string,
): Promise<Tombstone[]> {
  const rows = await db
    .selectFrom('tombstone')
    .selectAll()
    .where('memory_store_id', '=', memory_store_id)
    .orderBy('seq')
    .execute()
  return rows.map(({ seq, memory_store_id, created_by, created_at, ...it }) => it as Tombstone)
}

/** What a rejection left holds for as long as it is the last word on the change. */
export async function deleteTombstones(tx: Transaction, change_id: string): Promise<void> {
  await tx
    .deleteFrom('tombstone')
    .where('change_id', '=', change_id)
    .where('cause', '=', 'rejected')
    .execute()
}

/** What was remembered against changes of that kind and those keys: somebody wants one after all. */
export async function forgetTombstones(
  tx: Transaction,
  memory_store_id: string,
  { kind, keys }: { kind: Change['kind']; keys: string[] },
): Promise<void> {
  await tx
    .deleteFrom('tombstone')
    .where('memory_store_id', '=', memory_store_id)
    .where('kind', '=', kind)
    .where('key', 'in', keys)
    .execute()
}

/** What came of taking these changes back, or of their taking something out; what people rejected stays rejected. */
export async function liftTombstones(tx: Transaction, change_ids: string[]): Promise<void> {
  await tx
    .deleteFrom('tombstone')
    .where('change_id', 'in', change_ids)
    .where('cause', '<>', 'rejected')
    .execute()
}
