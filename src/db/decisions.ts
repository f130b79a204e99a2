import type { Decision } from '../domain/decision.ts'
import type { Database, Transaction } from './database.ts'

export async function insertDecision(tx: Transaction, decision: Decision): Promise<void> {
  await tx.insertInto('decision').values(decision).execute()
}

/** Every word on these changes, the oldest first. */
export async function decisionsOn(
  db: Database | Transaction,
  change_ids: string[],
): Promise<Map<string, Decision[]>> {
  if (change_ids.length === 0) return new Map()
  const rows = await db
    .selectFrom('decision')
    .selectAll()
    .where('change_id', 'in', change_ids)
    .orderBy('seq')
    .execute()
  return Map.groupBy(
    rows.map(({ seq, redacted_at, ...it }) => it as Decision),
    (it) => it.change_id,
  )
}
