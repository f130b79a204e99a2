/** This worker, as others see it, and others, as it sees them. */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { isMainThread, workerData } from 'node:worker_threads'

/** What a thread that works jobs is started with: where, and what it is called. */
export type JobThreadData = {
  database: string
  worker: string
  allows_private_webhooks: boolean
  models_file: string | undefined
}

const given: unknown = isMainThread ? undefined : (workerData as Partial<JobThreadData> | null)?.worker

/**
 * Whoever works in this thread: this process, or, in a thread that it started for jobs, that thread by its number. The letters tell a
 * process from an earlier one with its number, which in a container is the rule.
 */
export const WORKER =
  typeof given === 'string' ? given : `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`

/** Of a worker of another machine nothing is known but its lease. */
export function isAlive(worker: string): boolean {
  const [host, pid] = worker.split(':')
  if (host !== hostname()) return true
  if (Number(pid) === process.pid) return processOf(worker) === processOf(WORKER)
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (error) {
    // A process of another user lives; we may only not signal it.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function processOf(worker: string): string {
  return worker.split(':').slice(0, 3).join(':')
}
