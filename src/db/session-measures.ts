import type { SessionMeasures } from '../domain/measures.ts'
import { inChunks } from './chunks.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

export async function storeMeasures(
  tx: Transaction,
  session_id: string,
  measurer: number,
  measures: SessionMeasures,
): Promise<void> {
  const row = { measurer, content: JSON.stringify(measures) }
  await tx
    .insertInto('session_measures')
    .values({ session_id, ...row })
    .onConflict((conflict) => conflict.column('session_id').doUpdateSet(row))
    .execute()
}

/** Those by this measurer, by session; a session that has none was measured by an older one, or never. */
export async function readMeasures(
  db: Database | Transaction,
  session_ids: string[],
  measurer: number,
): Promise<Map<string, SessionMeasures>> {
  const found = new Map<string, SessionMeasures>()
  await inChunks(session_ids, async (chunk) => {
    const rows = await db
      .selectFrom('session_measures')
      .innerJoin('session', 'session.id', 'session_id')
      .select(['session_id', 'session_measures.content'])
      .where('workspace_id', '=', OWN_WORKSPACE)
      .where('session_id', 'in', chunk)
      .where('measurer', '=', measurer)
      .execute()
    for (const it of rows) found.set(it.session_id, JSON.parse(it.content))
  })
  return found
}
