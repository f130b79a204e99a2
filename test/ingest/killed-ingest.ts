/**
 * A process that reads transcripts into a database and kills itself on the way, as `kill -9` would.
 *
 *     node killed-ingest.ts DATABASE FOLDER STATEMENT
 *
 * It dies just before its statement of that number; with a number that is never reached, it finishes.
 */
import { openDatabase } from '../../src/db/database.ts'
import { ingest } from '../../src/ingest.ts'
import { onStatement } from '../db/on-statement.ts'

const [database, folder, statement] = process.argv.slice(2)

const db = openDatabase(database!)
const killed = db.withPlugin(
  onStatement((when, n) => {
    if (when === 'before' && n === Number(statement)) process.kill(process.pid, 'SIGKILL')
  }),
)
const clock = () => new Date('2026-11-09T03:00:00Z')
await ingest(killed, [folder!], { harness: 'auto', agent: null }, clock, () => {})
await db.destroy()
