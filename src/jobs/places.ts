/**
 * Places: which jobs work at a time, of all that have begun.
 *
 * A job that only waits for somebody outside gives its place to others, and takes one again before it goes on, ahead of those that have not
 * begun. One kind never takes all places, where there are several: what takes long leaves room for what does not.
 */
import type { Job } from './port.ts'

type Seat = Pick<Job, 'id' | 'kind'>

export class Places {
  private readonly count: number
  private readonly taken = new Map<string, Seat>()
  /** In the order in which they came back. */
  private returning: (Seat & { enter: () => void })[] = []

  constructor(count: number) {
    this.count = count
  }

  isFreeFor(kind: string): boolean {
    if (this.taken.size >= this.count) return false
    const of_kind = [...this.taken.values()].filter((it) => it.kind === kind).length
    return this.count === 1 || of_kind < this.count - 1
  }

  take({ id, kind }: Seat): void {
    this.taken.set(id, { id, kind })
  }

  /** Whoever has come back goes on in its place. A job that was coming back itself, and leaves again or ends, waits for no place any more. */
  leave({ id }: Pick<Seat, 'id'>): void {
    this.taken.delete(id)
    const own = this.returning.filter((it) => it.id === id)
    this.returning = this.returning.filter((it) => it.id !== id)
    for (const it of own) it.enter()
    const next = this.returning.find((it) => this.isFreeFor(it.kind))
    if (next === undefined) return
    this.returning = this.returning.filter((it) => it !== next)
    this.take(next)
    next.enter()
  }

  /** Resolves once the job has a place, or leaves again. Throws the reason of `signal` when that is aborted before. */
  async takeAgain(job: Seat, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.isFreeFor(job.kind)) return this.take(job)
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const waiting = { ...job, enter: resolve }
    const giveUp = () => {
      this.returning = this.returning.filter((it) => it !== waiting)
      reject(signal.reason)
    }
    this.returning.push(waiting)
    signal.addEventListener('abort', giveUp, { once: true })
    await promise.finally(() => signal.removeEventListener('abort', giveUp))
  }
}
