/** An open database and a clock: what everything the engine does is done with. */
import type { Database, Transaction } from '../db/database.ts'
import { rehearse } from '../db/rehearse.ts'

export type Opened = { db: Database; now: () => Date }

export async function transaction<T>(
  db: Database,
  dry_run: boolean,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return dry_run ? rehearse(db, work) : db.transaction().execute(work)
}
