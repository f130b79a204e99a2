/**
 * A process that waits for a word and then begins a session: it asks which experiments run on these lessons and draws a lot in each.
 *
 *     node starting-experiments.ts DATABASE STORE SESSION PATTERN...
 */
import { armOf } from '../../src/6-recall/arm.ts'
import { openDatabase } from '../../src/db/database.ts'
import { experimentsFor } from '../../src/engine/experiments.ts'

const [database, id, session, ...patterns] = process.argv.slice(2)
const db = openDatabase(database!)
process.once('message', async () => {
  const { memory, lessons } = await db
    .transaction()
    .execute((tx) => experimentsFor(tx, { id: id! }, patterns, '2026-11-23T02:00:00.000Z'))
  const experiments = [memory!, ...patterns.map((it) => lessons.get(it)!)]
  process.send!(experiments.map((it) => [it.id, armOf(it, session!)]))
  await db.destroy()
  process.disconnect!()
})
process.send!('ready')
