/** The thread that works the jobs of a server, so that the one that answers never waits for a dream. */
import { setInterval } from 'node:timers'
import { parentPort, workerData } from 'node:worker_threads'
import { carryLogOver, openDatabase } from '../db/database.ts'
import type { Handler } from '../jobs/port.ts'
import { NO_JOB, whatFailed, workJobs } from '../jobs/worker.ts'
import { jobHandlers } from './job-handlers.ts'
import type { FromJobThread, ToJobThread } from './jobs.ts'
import type { Opened } from './opened.ts'
import { startDueEverywhere } from './schedule-jobs.ts'
import { isAlive, type JobThreadData, WORKER } from './worker.ts'

const { database, allows_private_webhooks, models_file } = workerData as JobThreadData
const port = parentPort!
const tell = (message: FromJobThread) => port.postMessage(message)

const db = openDatabase(database)
const now = () => new Date()
const opened = new Map<string, Opened>()

function openedFor(workspace_id: string): Opened {
  const known = opened.get(workspace_id)
  if (known) return known
  const made = { db: openDatabase(database, { id: workspace_id }), now, allows_private_webhooks, models_file }
  opened.set(workspace_id, made)
  return made
}

const handlers = Object.entries(jobHandlers).map(([kind, handle]): [string, Handler] => [
  kind,
  async (job, its_port) => handle(openedFor(job.workspace_id), job, its_port),
])

const work = workJobs(db, Object.fromEntries(handlers), {
  worker: WORKER,
  now,
  random: Math.random,
  is_alive: isAlive,
  report: tell,
})

/** At once, and again and again. */
const every = (ms: number, work: () => Promise<void>) => {
  const once = () => work().catch((error) => tell({ ...NO_JOB, type: 'database', error: whatFailed(error) }))
  void once()
  return setInterval(once, ms)
}

const CARRY_OVER_EVERY_MS = 1_000
const carrying = every(CARRY_OVER_EVERY_MS, () => carryLogOver(db))

const SCHEDULES_EVERY_MS = 5_000
const starting = every(SCHEDULES_EVERY_MS, () => startDueEverywhere(db, openedFor))

port.on('message', async (message: ToJobThread) => {
  if (message.type === 'nudge') return work.nudge()
  await work.stop(message.grace_ms)
  clearInterval(starting)
  clearInterval(carrying)
  for (const it of opened.values()) await it.db.destroy()
  await db.destroy()
  // Only this thread ends; a handler that does not listen ends with it.
  process.exit()
})
