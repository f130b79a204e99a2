/**
 * A process that writes many transactions, one right after another.
 *
 *     node writing.ts DATABASE HOW_MANY
 */
import { openDatabase } from '../../src/db/database.ts'

const [database, how_many] = process.argv.slice(2)
const db = openDatabase(database!)
process.send!('begins')
for (let i = 0; i < Number(how_many); i++)
  await db.transaction().execute((tx) =>
    tx
      .insertInto('setting')
      .values({ name: `there ${i}`, value: '' })
      .execute(),
  )
await db.destroy()
process.disconnect!()
