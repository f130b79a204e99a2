/** Starts the thread that works the jobs of a server, and starts another one where it dies. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Database } from '../db/database.ts'
import { giveUpAll } from '../db/jobs.ts'
import { type JobNews, NO_JOB, whatFailed } from '../jobs/worker.ts'
import { type JobThreadData, WORKER } from './worker.ts'

export type ToJobThread = { type: 'nudge' } | { type: 'stop'; grace_ms: number }

export type FromJobThread = JobNews

/** What the log of a server hears of jobs: what became of each attempt, and that the thread died of an error of that type, at that place. */
export type JobReport = JobNews | { type: 'thread died'; error: string }

export type Jobs = {
  /** Looks for jobs at once, and for those that were canceled; without it, twice a second. */
  nudge: () => void
  /** Lets jobs that run end for some seconds, puts back those that have not, and ends the thread. */
  stop: () => Promise<void>
}

const GRACE_MS = 5_000
/** A thread that is told to stop and does not in this time is stuck. */
const STUCK_MS = GRACE_MS + 5_000
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 10_000
/** A thread that lived for so long has not died of what the one before it did. */
const LIVED_WELL_MS = 60_000

let threads = 0

export function startJobs(
  db: Database,
  given: Omit<JobThreadData, 'worker'>,
  report: (it: JobReport) => void,
): Jobs {
  let is_stopping = false
  let deaths = 0
  let current = start()

  function start() {
    const worker = `${WORKER}:${++threads}`
    const started_at = performance.now()
    const thread = new Worker(threadFile(), { workerData: { ...given, worker } satisfies JobThreadData })
    let why: unknown = new Error('the thread ended')
    thread.on('message', (news: FromJobThread) => report(news))
    thread.on('error', (error) => {
      why = error
    })
    const ended = new Promise<void>((resolve) => {
      thread.on('exit', async () => {
        if (!is_stopping) report({ type: 'thread died', error: whatFailed(why) })
        await goOnWithout(worker)
        resolve()
        if (performance.now() - started_at > LIVED_WELL_MS) deaths = 0
        await sleep(Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** deaths++), undefined, { ref: false })
        if (!is_stopping) current = start()
      })
    })
    return { thread, ended }
  }

  /** What the thread held goes to the next one at once; where that cannot be written now, when the lease runs out. */
  async function goOnWithout(worker: string): Promise<void> {
    try {
      await giveUpAll(db, worker)
    } catch (error) {
      report({ ...NO_JOB, type: 'database', error: whatFailed(error) })
    }
  }

  return {
    nudge: () => current.thread.postMessage({ type: 'nudge' } satisfies ToJobThread),
    async stop() {
      is_stopping = true
      const { thread, ended } = current
      thread.postMessage({ type: 'stop', grace_ms: GRACE_MS } satisfies ToJobThread)
      const stuck = setTimeout(() => void thread.terminate(), STUCK_MS)
      await ended
      clearTimeout(stuck)
    },
  }
}

/** The thread's file stands beside this one, in the sources and in the build alike. */
function threadFile(): URL {
  return new URL(`./job-thread${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)
}
