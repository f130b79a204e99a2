/**
 * Works the jobs of a database, of all its workspaces, several at a time.
 *
 * A job is claimed in one statement, so no two workers get it, and held by a lease that is renewed while it runs. Where the worker dies,
 * the job goes back: at once when its process is known to be dead, and when the lease runs out otherwise. What its steps came to is
 * kept. Whatever a worker writes about a job, it writes only while it holds it.
 *
 * What goes wrong is kept as a type and a place in the code, never as words, which may be a session's.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Database } from '../db/database.ts'
import {
  claimJob,
  endJob,
  heldJobs,
  isJobDue,
  putBackJob,
  removeEndedJobs,
  renewJobs,
  takeBackJob,
} from '../db/jobs.ts'
import { EngineError } from '../domain/error.ts'
import { type Journal, journalOf } from './journal.ts'
import { Places } from './places.ts'
import { type Handler, type Job, NotOurs, NotYet, type Port } from './port.ts'

export type World = {
  /** Names this worker to the others; no two loops have one name. */
  worker: string
  now: () => Date
  /** From 0 to 1: spreads what is tried again. */
  random: () => number
  /** Of a worker of this machine, whether its process lives; true of all others. */
  is_alive: (worker: string) => boolean
  report: (news: JobNews) => void
}

/** What became of an attempt, or that the database could not be used just now. The error is a type and a place in the code. */
export type JobNews = {
  type:
    | 'completed'
    | 'failed'
    | 'tried again later'
    | 'put off'
    | 'canceled'
    | 'taken over'
    | 'stopped'
    | 'lost'
    | 'database'
  job_id: string | null
  kind: string | null
  attempt: number | null
  took_ms: number | null
  error: string | null
}

export type Pace = {
  /** Jobs at a time, but for those that rest; one kind never takes all places, where there are several. */
  places: number
  poll_ms: number
  heartbeat_ms: number
}

export type Work = {
  /** Looks for jobs, and for jobs that were canceled, at once. */
  nudge: () => void
  /** Takes no more jobs, gives those that run so long to end, and puts back what has not ended then: that attempt does not count. */
  stop: (grace_ms: number) => Promise<void>
}

const LEASE_MS = 60_000
const PACE: Pace = { places: 4, poll_ms: 500, heartbeat_ms: LEASE_MS / 4 }
/** Ended jobs can be looked at for so long. */
const KEPT_MS = 7 * 24 * 60 * 60 * 1_000
const REMOVAL_EVERY_MS = 60 * 60 * 1_000
/** A job whose worker died so often may be what it dies of: then it waits longer from time to time. */
const LOST_WITHOUT_DELAY = 3
/** What is told to stop gets so long to say good-bye. */
const UNWINDING_MS = 1_000

type Running = { job: Job; control: AbortController; ended: Promise<void> }

/** Begins to work. Jobs of a kind that has no handler here are left alone. */
export function workJobs(
  db: Database,
  handlers: Record<string, Handler>,
  world: World,
  pace: Partial<Pace> = {},
): Work {
  const { places: count, poll_ms, heartbeat_ms } = { ...PACE, ...pace }
  const places = new Places(count)
  const running = new Map<string, Running>()
  let is_stopping = false
  let wake = () => {}
  let removed_at = 0

  const leaseEnd = () => new Date(world.now().getTime() + LEASE_MS)
  const tell = (type: JobNews['type'], job: Pick<Job, 'id'> & Partial<Job>, more: Partial<JobNews> = {}) => {
    const { id: job_id, kind = null, attempt = null } = job
    world.report({ ...NO_JOB, type, job_id, kind, attempt, ...more })
  }

  const takeBackLost = async () => {
    const now = world.now()
    for (const it of await heldJobs(db)) {
      const is_ours = it.worker === world.worker
      // Ours, and not running: its end could not be written.
      const is_lost = is_ours
        ? !running.has(it.id)
        : it.lease_expires_at < now.toISOString() || !world.is_alive(it.worker)
      if (!is_lost || running.has(it.id)) continue
      const delays = it.lost - LOST_WITHOUT_DELAY + 1
      const due_at = delays < 1 ? null : new Date(now.getTime() + delayBefore(delays, world.random()))
      if (await takeBackJob(db, it, due_at)) tell('lost', it)
    }
  }

  const noticeEnded = () => Promise.all([...running.values()].map((it) => staying(it)))
  const staying = async ({ job, control }: Running) => {
    await journalOf(db, job, world.worker, control)
      .stay()
      .catch((error) => {
        // It has aborted the job's signal, which is all that is wanted here.
        if (!(error instanceof NotOurs)) throw error
      })
  }

  const fillPlaces = async () => {
    while (!is_stopping) {
      const kinds = Object.keys(handlers).filter((it) => places.isFreeFor(it))
      // Only a look, which waits for nobody: most of the time nothing is due.
      if (kinds.length === 0 || !(await isJobDue(db, kinds, world.now()))) return
      const claim = { worker: world.worker, kinds, except: [...running.keys()] }
      const job = await claimJob(db, claim, { now: world.now(), until: leaseEnd() })
      if (job === undefined) return
      const control = new AbortController()
      places.take(job)
      const port = { ...journalOf(db, job, world.worker, control), rest: resting(job, control.signal) }
      const ended = runJob(db, handlers[job.kind]!, job, port, control, world, tell).finally(() => {
        running.delete(job.id)
        places.leave(job)
        wake()
      })
      running.set(job.id, { job, control, ended })
    }
  }

  const resting = (job: Job, signal: AbortSignal): Port['rest'] => {
    let waits = 0
    return async (wait) => {
      if (++waits === 1) {
        places.leave(job)
        wake()
      }
      try {
        return await wait()
      } finally {
        waits--
        // A wait that nobody waits for any more may end after its job.
        const goes_on = running.get(job.id)?.control.signal === signal
        if (waits === 0 && goes_on) await places.takeAgain(job, signal)
      }
    }
  }

  const removeOld = async () => {
    const now = world.now().getTime()
    if (now - removed_at < REMOVAL_EVERY_MS) return
    while ((await removeEndedJobs(db, new Date(now - KEPT_MS), 500)) === 500);
    removed_at = now
  }

  const loop = async () => {
    while (!is_stopping) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve
      })
      await outliving(world.report, async () => {
        await takeBackLost()
        await noticeEnded()
        await fillPlaces()
        await removeOld()
      })
      if (!is_stopping) await within(woken, poll_ms)
    }
  }

  const heartbeat = setInterval(() => {
    const ids = [...running.keys()]
    if (ids.length > 0) void outliving(world.report, () => renewJobs(db, world.worker, ids, leaseEnd()))
  }, heartbeat_ms)
  const looped = loop()

  return {
    nudge: () => wake(),
    async stop(grace_ms) {
      is_stopping = true
      wake()
      await looped
      await within(Promise.all([...running.values()].map((it) => it.ended)), grace_ms)
      for (const { control } of running.values()) control.abort(new NotOurs('stopped'))
      await within(Promise.all([...running.values()].map((it) => it.ended)), UNWINDING_MS)
      clearInterval(heartbeat)
      for (const { job } of running.values())
        await putBackJob(db, { id: job.id, worker: world.worker }, NOT_COUNTED)
    },
  }
}

const NOT_COUNTED = { due_at: null, error: null, counts: false }

/** One attempt, and what becomes of the job by it. */
async function runJob(
  db: Database,
  handler: Handler,
  job: Job,
  port: Port,
  control: AbortController,
  world: World,
  tell: (type: JobNews['type'], job: Job, more: Partial<JobNews>) => void,
): Promise<void> {
  const holding = { id: job.id, worker: world.worker }
  const begun = performance.now()
  const told = (type: JobNews['type'], error: string | null = null) =>
    tell(type, job, { error, took_ms: Math.round(performance.now() - begun) })

  const failure = await handler(job, port).then(
    () => null,
    (error: unknown) => ({ error }),
  )
  const now = world.now()
  await outliving(world.report, async () => {
    if (failure === null) {
      const is_done = await endJob(db, holding, { status: 'completed', error: null }, now)
      return told(is_done ? 'completed' : await whyNotOurs(port))
    }
    if (control.signal.aborted) {
      // Of one that was canceled or taken over, nothing is held any more, and nothing is put back.
      await putBackJob(db, holding, NOT_COUNTED)
      return told(control.signal.reason.reason)
    }
    const { error } = failure
    if (error instanceof NotYet) {
      const is_done = await putBackJob(db, holding, { ...NOT_COUNTED, due_at: error.due_at })
      return told(is_done ? 'put off' : await whyNotOurs(port))
    }
    const what = whatFailed(error)
    if (job.attempt >= job.max_attempts) {
      const is_done = await endJob(db, holding, { status: 'failed', error: what }, now)
      return told(is_done ? 'failed' : await whyNotOurs(port), what)
    }
    const due_at = new Date(now.getTime() + delayBefore(job.attempt, world.random()))
    const is_done = await putBackJob(db, holding, { due_at, error: what, counts: true })
    told(is_done ? 'tried again later' : await whyNotOurs(port), what)
  })
}

async function whyNotOurs(port: Journal): Promise<NotOurs['reason']> {
  await port.stay().catch(() => undefined)
  return port.signal.reason.reason
}

const FIRST_DELAY_MS = 1_000
const LONGEST_DELAY_MS = 60 * 60 * 1_000

/** How long to wait after so many attempts that failed: twice as long each time, and not all jobs equally long. */
export function delayBefore(failed: number, random: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failed - 1)) * (0.5 + random / 2)
}

/** The type of an error and where it came from, without its words. */
export function whatFailed(error: unknown): string {
  if (error instanceof EngineError) return error.type
  if (!(error instanceof Error)) return 'internal_error'
  const { code } = error as NodeJS.ErrnoException
  const head = `${error.name}: ${error.message}`
  const frames = error.stack?.startsWith(head) ? error.stack.slice(head.length) : ''
  const place = /([\w.-]+\.[jt]s:\d+):\d+\)?$/m.exec(frames)?.[1]
  return ['internal_error', error.name, code, place && `at ${place}`]
    .filter((it) => it !== undefined)
    .join(' ')
}

/** A database that cannot be used now, full or locked for long, is tried again: what could not be written of a job brings it back. */
async function outliving(report: World['report'], work: () => Promise<void>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (!(error instanceof EngineError)) throw error
    report({ ...NO_JOB, type: 'database', error: error.type })
  }
}

export const NO_JOB = { job_id: null, kind: null, attempt: null, took_ms: null, error: null }

async function within(work: Promise<unknown>, ms: number): Promise<void> {
  const control = new AbortController()
  const { signal } = control
  await Promise.race([work, sleep(ms, undefined, { signal }).catch(() => undefined)])
  control.abort()
}
