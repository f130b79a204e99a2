/** A server that delivers webhooks until it is killed: `killed-delivery.ts DATABASE`. */
import { openDatabase } from '../../src/db/database.ts'
import { deliver } from '../../src/engine/webhook-jobs.ts'
import { workJobs } from '../../src/jobs/worker.ts'

const db = openDatabase(process.argv[2]!)
const now = () => new Date()
const opened = { db, now, allows_private_webhooks: true }
workJobs(
  db,
  { webhook: (job, port) => deliver(opened, job, port) },
  { worker: 'killed', now, random: () => 0, is_alive: () => true, report: () => {} },
  { poll_ms: 10 },
)
process.send!('ready')
