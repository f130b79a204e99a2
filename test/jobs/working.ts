/**
 * A process that works jobs of kind `note`, and writes down in a file what it does: each job that it begins and ends, and each of its steps.
 *
 *     node working.ts DATABASE FILE STEPS STEP_MS
 */
import { appendFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { openDatabase } from '../../src/db/database.ts'
import { isAlive, WORKER } from '../../src/engine/worker.ts'
import { workJobs } from '../../src/jobs/worker.ts'

const [database, file, steps, step_ms] = process.argv.slice(2)
const note = (line: string) => appendFileSync(file!, `${line}\n`)

const db = openDatabase(database!)
const work = workJobs(
  db,
  {
    note: async ({ id }, { step }) => {
      note(`${id} begins`)
      for (let i = 1; i <= Number(steps); i++)
        await step(`${i}`, async () => {
          await setTimeout(Number(step_ms))
          note(`${id} step ${i}`)
        })
      note(`${id} ends`)
    },
  },
  {
    worker: WORKER,
    now: () => new Date(),
    random: Math.random,
    is_alive: isAlive,
    report: () => {},
  },
  { poll_ms: 10 },
)
process.send!('works')
process.once('message', async () => {
  await work.stop(0)
  await db.destroy()
  process.disconnect!()
})
