import { sql } from 'kysely'
import type { SessionMeasures } from '../domain/measures.ts'
import type { Copied } from '../domain/review.ts'
import { inChunks } from './chunks.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

/** Nothing happens where the session has been erased meanwhile. */
export async function storeMeasures(
  tx: Database | Transaction,
  session_id: string,
  measurer: number,
  measures: SessionMeasures,
): Promise<void> {
  const row = { measurer, content: JSON.stringify(measures) }
  await tx
    .insertInto('session_measures')
    .columns(['session_id', 'measurer', 'content'])
    .expression((eb) =>
      eb
        .selectFrom('session')
        .select((it) => ['id', it.val(row.measurer).as('measurer'), it.val(row.content).as('content')])
        .where('id', '=', session_id)
        .where('workspace_id', '=', OWN_WORKSPACE),
    )
    .onConflict((conflict) => conflict.column('session_id').doUpdateSet(row))
    .execute()
}

/** Those by this measurer, by session; a session that has none was measured by an older one, or never. The plus keeps SQLite from going through all sessions of the workspace. */
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
      .where(sql<string>`+workspace_id`, '=', OWN_WORKSPACE)
      .where('session_id', 'in', chunk)
      .where('measurer', '=', measurer)
      .execute()
    for (const it of rows) found.set(it.session_id, JSON.parse(it.content))
  })
  return found
}

/** What of each of these sessions is a copy, by session; null for one that is none. */
export async function readCopied(
  db: Database | Transaction,
  session_ids: string[],
): Promise<Map<string, Copied | null>> {
  const found = new Map<string, Copied | null>()
  await inChunks(session_ids, async (chunk) => {
    const rows = await db
      .selectFrom('session')
      .select(['id', 'copied'])
      .where(sql<string>`+workspace_id`, '=', OWN_WORKSPACE)
      .where('id', 'in', chunk)
      .execute()
    for (const { id, copied } of rows) found.set(id, copied === null ? null : JSON.parse(copied))
  })
  return found
}
