import type { Database, Transaction } from './database.ts'

/** What `work` would come to: it runs in a transaction that is taken back at its end. */
export async function rehearse<T>(db: Database, work: (tx: Transaction) => Promise<T>): Promise<T> {
  const rehearsal = { result: undefined as T }
  try {
    await db.transaction().execute(async (tx) => {
      rehearsal.result = await work(tx)
      throw rehearsal
    })
  } catch (error) {
    if (error !== rehearsal) throw error
  }
  return rehearsal.result
}
