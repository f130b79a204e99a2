/** This process, as others see it, and others, as it sees them. */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'

/** This process. The digits at the end tell it from an earlier one with its number, which in a container is the rule. */
export const WORKER = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`

/** Of a worker of another machine nothing is known but its lease. */
export function isAlive(worker: string): boolean {
  const [host, pid] = worker.split(':')
  if (host !== hostname()) return true
  if (Number(pid) === process.pid) return worker === WORKER
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (error) {
    // A process of another user lives; we may only not signal it.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
