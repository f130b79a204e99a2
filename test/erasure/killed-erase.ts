/**
 * A process that erases what one person said and kills itself on the way, as `kill -9` would.
 *
 *     node killed-erase.ts DATABASE before|after STATEMENT
 *
 * It dies just before, or just after, its statement of that number.
 */
import { openDatabase } from '../../src/db/database.ts'
import { erase } from '../../src/erasure/erase.ts'
import { onStatement } from '../db/on-statement.ts'

const [database, when, statement] = process.argv.slice(2)

const db = openDatabase(database!)
const killed = db.withPlugin(
  onStatement((at, n) => {
    if (at === when && n === Number(statement)) process.kill(process.pid, 'SIGKILL')
  }),
)
await erase(
  killed,
  { which: { person: 'qzxperson' }, actor: 'user:ana', reason: 'the person asked for it', dry_run: false },
  { now: () => new Date('2026-11-09T03:00:00Z'), is_alive: () => true },
)
await db.destroy()
