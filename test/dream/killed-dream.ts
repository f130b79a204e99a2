/**
 * A process that dreams and kills itself on the way, as `kill -9` would.
 *
 *     node killed-dream.ts DATABASE before|after STATEMENT
 *
 * It dies just before, or just after, its statement of that number.
 */
import { hostname } from 'node:os'
import { openDatabase } from '../../src/db/database.ts'
import { listMemoryStores } from '../../src/db/memory-stores.ts'
import { AS_USUAL, dream } from '../../src/dream.ts'
import { onStatement } from '../db/on-statement.ts'

const [database, when, statement] = process.argv.slice(2)

const db = openDatabase(database!)
const [memory_store] = await listMemoryStores(db)
const killed = db.withPlugin(
  onStatement((at, n) => {
    if (at === when && n === Number(statement)) process.kill(process.pid, 'SIGKILL')
  }),
)
await dream(
  killed,
  { ...AS_USUAL, memory_store: memory_store! },
  {
    now: () => new Date('2026-11-09T03:00:00Z'),
    worker: `${hostname()}:${process.pid}:killed`,
    is_alive: () => true,
    progress: () => {},
  },
)
await db.destroy()
