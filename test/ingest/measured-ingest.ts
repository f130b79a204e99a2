/**
 * A process that reads transcripts into a database, and then prints the report and its peak memory.
 *
 *     node measured-ingest.ts DATABASE UID PATH...
 *
 * With a UID it reads as that user; the database it opened before.
 */
import { openDatabase } from '../../src/db/database.ts'
import { type IngestReport, ingest } from '../../src/ingest.ts'

export type Measured = { report: IngestReport; peak_mb: number }

const [database, uid, ...paths] = process.argv.slice(2)
const db = openDatabase(database!)
if (uid !== '') process.setuid!(Number(uid))

const report = await ingest(
  db,
  paths,
  { harness: 'auto', agent: null },
  () => new Date(),
  () => {},
)
const measured: Measured = { report, peak_mb: process.resourceUsage().maxRSS / 1024 }
process.stdout.write(JSON.stringify(measured))
await db.destroy()
