/** A process that opens each database it is told of, as another user if asked, and says how that went. */
import { openDatabase } from '../../src/db/database.ts'
import { EngineError } from '../../src/domain/error.ts'

export type Order = { path: string; uid: number | null }
export type Answer = { migrations: string[] } | { type: string; message: string; hint: string | null }

process.on('message', async ({ path, uid }: Order) => {
  // Only now, because that user need not be able to read this file.
  if (uid !== null) process.setuid!(uid)
  process.send!(await open(path))
})

async function open(path: string): Promise<Answer> {
  try {
    const db = openDatabase(path)
    const rows = await db.selectFrom('migration').select('name').orderBy('name').execute()
    await db.destroy()
    return { migrations: rows.map((it) => it.name) }
  } catch (error) {
    const { type, message, hint } = error as EngineError
    return error instanceof EngineError
      ? { type, message, hint }
      : { type: 'bug', message: String(error), hint: null }
  }
}
