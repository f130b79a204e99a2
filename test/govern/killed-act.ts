/**
 * A process that acts on a live memory and kills itself on the way, as `kill -9` would.
 *
 *     node killed-act.ts DATABASE ACT STATEMENT
 *
 * It dies just after its statement of that number, or, where there are fewer, when the act is done.
 */
import { openDatabase } from '../../src/db/database.ts'
import { onStatement } from '../db/on-statement.ts'
import { type ActName, acts } from './acts.ts'

const [database, act, statement] = process.argv.slice(2)

const db = openDatabase(database!)
const killed = db.withPlugin(
  onStatement((at, n) => {
    if (at === 'after' && n === Number(statement)) process.kill(process.pid, 'SIGKILL')
  }),
)
await acts[act as ActName](killed)
process.kill(process.pid, 'SIGKILL')
