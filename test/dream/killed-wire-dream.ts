/**
 * A process that runs a dream that was asked for over the wire and kills itself on the way, as `kill -9` would.
 *
 *     node killed-wire-dream.ts DATABASE DREAM before|after STATEMENT
 *
 * It dies just before, or just after, its statement of that number.
 */
import { onStatement } from '../db/on-statement.ts'
import { openWire } from './wire-dreaming.ts'

const [database, id, when, statement] = process.argv.slice(2)

const wire = openWire(database!, () => new Date('2026-11-09T03:00:00Z'))
const killed = wire.db.withPlugin(
  onStatement((at, n) => {
    if (at === when && n === Number(statement)) process.kill(process.pid, 'SIGKILL')
  }),
)
await wire.run(id!, { db: killed })
await wire.close()
