/**
 * What durable work is written against. A job is run at least once, and again after its process died: so what must not happen twice is a
 * step, whose result is kept, or a transaction that finds out that it was done.
 */

/** A unit of durable work, as its handler sees it. */
export type Job = {
  id: string
  workspace_id: string
  kind: string
  /** Ids, never texts. */
  payload: Record<string, unknown>
  /** 1 the first time. */
  attempt: number
  max_attempts: number
  created_at: string
}

export type Port = {
  /** The result of `work`, which is JSON of ids and numbers, never texts; of a step that was done before, its result from then. */
  step: <T>(key: string, work: () => Promise<T>) => Promise<T>
  /** One step an item, `width` at a time (4 unless told), in the order of the items. */
  fan: <T, R>(
    key: string,
    items: T[],
    work: (item: T, i: number) => Promise<R>,
    width?: number,
  ) => Promise<R[]>
  /**
   * The result of `wait`, which only waits for somebody outside: others have the job's place meanwhile, and it has one again before it goes
   * on. Where several waits overlap, before the last of them goes on. Throws as `stay` does.
   */
  rest: <T>(wait: () => Promise<T>) => Promise<T>
  /** Throws `NotOurs` where the job was canceled, another worker has it, or its worker is to stop; so do `step` and `fan`. One small read. */
  stay: () => Promise<void>
  /** Aborted, with `NotOurs` as its reason, when `stay` would throw. */
  signal: AbortSignal
}

export type Handler = (job: Job, port: Port) => Promise<void>

/** Why a worker has to leave a job alone. What becomes of the job is settled already, so whoever catches this lets it go on. */
export class NotOurs extends Error {
  readonly reason: 'canceled' | 'taken over' | 'stopped'

  constructor(reason: NotOurs['reason']) {
    super(`the job was ${reason}`)
    this.name = 'NotOurs'
    this.reason = reason
  }
}

/** Thrown by a handler whose job cannot be done yet: it is put back until then, and the attempt does not count. */
export class NotYet extends Error {
  readonly due_at: Date

  constructor(due_at: Date, reason: string) {
    super(reason)
    this.name = 'NotYet'
    this.due_at = due_at
  }
}
