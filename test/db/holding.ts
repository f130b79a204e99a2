/**
 * A process, or a thread, that holds the write lock of a database for a while, and says so.
 *
 *     node holding.ts DATABASE MS
 */
import { setTimeout } from 'node:timers/promises'
import { parentPort } from 'node:worker_threads'
import { sql } from 'kysely'
import { openDatabase } from '../../src/db/database.ts'

const [database, ms] = process.argv.slice(2)
const db = openDatabase(database!)
await db.transaction().execute(async (tx) => {
  await sql`INSERT INTO setting (name, value) VALUES (${`held by ${process.pid}`}, '')`.execute(tx)
  if (parentPort) parentPort.postMessage('held')
  else process.send!('held')
  await setTimeout(Number(ms))
})
await db.destroy()
process.disconnect?.()
