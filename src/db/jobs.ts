/**
 * Jobs: durable work that waits, runs or has ended.
 *
 * Putting in and canceling happens in a workspace. All else is a worker's, which works the jobs of all workspaces: whatever it says of
 * a job, it says of one that it holds, and hears when it does not hold it any more.
 */
import { sql } from 'kysely'
import { randomId } from '../domain/id.ts'
import type { Status } from '../domain/status.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

/** Spelled out in the query, because an index of these rows alone is used for nothing else. */
const WAITS = sql.lit('pending')
const RUNS = sql.lit('running')

export type NewJob = {
  /** Names what is to be done once: a second job of that id is not put in. */
  id?: string
  kind: string
  /** Ids, never texts. */
  payload: Record<string, unknown>
  due_at?: Date
  max_attempts?: number
  now: Date
}

/** Puts a job in, due at once unless told otherwise; gives its id. */
export async function enqueue(tx: Transaction, { now, ...job }: NewJob): Promise<string> {
  const id = job.id ?? randomId('job')
  await tx
    .insertInto('job')
    .values({
      id,
      workspace_id: OWN_WORKSPACE,
      kind: job.kind,
      payload: JSON.stringify(job.payload),
      status: 'pending',
      due_at: (job.due_at ?? now).toISOString(),
      max_attempts: job.max_attempts ?? 5,
      created_at: now.toISOString(),
    })
    .onConflict((it) => it.column('id').doNothing())
    .execute()
  return id
}

/** Ends a job that waits or runs, at once; its worker hears of it. False where there is none, or it has ended. */
export async function cancelJob(db: Database | Transaction, id: string, now: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('job')
    .set({ status: 'canceled', worker: null, lease_expires_at: null, ended_at: now.toISOString() })
    .where('id', '=', id)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('status', 'in', ['pending', 'running'])
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

export type ClaimedJob = {
  id: string
  workspace_id: string
  kind: string
  payload: Record<string, unknown>
  attempt: number
  max_attempts: number
  created_at: string
}

/** Whether a job of one of these kinds is due. */
export async function isJobDue(db: Database, kinds: string[], now: Date): Promise<boolean> {
  const row = await due(db, kinds, now).limit(1).executeTakeFirst()
  return row !== undefined
}

/** Takes the job that has been due for longest; undefined where none is. In one statement, so that no two workers take the same. */
export async function claimJob(
  db: Database,
  { worker, kinds, except }: { worker: string; kinds: string[]; except: string[] },
  lease: { now: Date; until: Date },
): Promise<ClaimedJob | undefined> {
  const row = await db
    .updateTable('job')
    .set((eb) => ({
      status: 'running',
      attempt: eb('attempt', '+', 1),
      worker,
      lease_expires_at: lease.until.toISOString(),
    }))
    .where(
      'id',
      '=',
      due(db, kinds, lease.now)
        .$if(except.length > 0, (it) => it.where('id', 'not in', except))
        .limit(1),
    )
    .returning(['id', 'workspace_id', 'kind', 'payload', 'attempt', 'max_attempts', 'created_at'])
    .executeTakeFirst()
  return row && { ...row, payload: JSON.parse(row.payload) }
}

function due(db: Database, kinds: string[], now: Date) {
  return db
    .selectFrom('job')
    .select('id')
    .where('status', '=', WAITS)
    .where('due_at', '<=', now.toISOString())
    .where('kind', 'in', kinds)
    .orderBy('due_at')
    .orderBy('created_at')
    .orderBy('id')
}

/** Which jobs are being worked, by whom, and until when that counts. */
export async function heldJobs(
  db: Database,
): Promise<{ id: string; worker: string; lease_expires_at: string; lost: number }[]> {
  const rows = await db
    .selectFrom('job')
    .select(['id', 'worker', 'lease_expires_at', 'lost'])
    .where('status', '=', RUNS)
    .execute()
  return rows.map((it) => ({ ...it, worker: it.worker!, lease_expires_at: it.lease_expires_at! }))
}

/** What became of a job: who has it, and whether it has ended; undefined where it is not there. */
export async function jobState(
  db: Database | Transaction,
  id: string,
): Promise<{ status: Status; worker: string | null } | undefined> {
  const row = await db.selectFrom('job').select(['status', 'worker']).where('id', '=', id).executeTakeFirst()
  return row && { worker: row.worker, status: row.status as Status }
}

/** Puts off the end of the lease of those jobs that `worker` still holds. */
export async function renewJobs(db: Database, worker: string, ids: string[], until: Date): Promise<void> {
  await db
    .updateTable('job')
    .set({ lease_expires_at: until.toISOString() })
    .where('status', '=', RUNS)
    .where('worker', '=', worker)
    .where('id', 'in', ids)
    .execute()
}

/** Ends a job that `worker` holds. False where it does not. What its steps came to is needed no more. */
export async function endJob(
  db: Database,
  { id, worker }: { id: string; worker: string },
  end: { status: 'completed' | 'failed'; error: string | null },
  now: Date,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const { numUpdatedRows } = await held(tx, { id, worker })
      .set({ ...end, worker: null, lease_expires_at: null, ended_at: now.toISOString() })
      .executeTakeFirst()
    if (numUpdatedRows > 0n) await tx.deleteFrom('job_step').where('job_id', '=', id).execute()
    return numUpdatedRows > 0n
  })
}

/** Puts a job back that `worker` holds, due at another time, or when it was. False where it does not hold it. */
export async function putBackJob(
  db: Database,
  { id, worker }: { id: string; worker: string },
  why: { due_at: Date | null; error: string | null; counts: boolean },
): Promise<boolean> {
  const { numUpdatedRows } = await held(db, { id, worker })
    .set((eb) => ({
      ...PENDING,
      error: why.error,
      ...(why.due_at ? { due_at: why.due_at.toISOString() } : {}),
      ...(why.counts ? {} : { attempt: eb('attempt', '-', 1) }),
    }))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

/** Puts a job back whose worker is gone: that attempt does not count. */
export async function takeBackJob(
  db: Database,
  { id, worker }: { id: string; worker: string },
  due_at: Date | null,
): Promise<boolean> {
  const { numUpdatedRows } = await held(db, { id, worker })
    .set((eb) => ({
      ...PENDING,
      ...(due_at ? { due_at: due_at.toISOString() } : {}),
      attempt: eb('attempt', '-', 1),
      lost: eb('lost', '+', 1),
    }))
    .executeTakeFirst()
  return numUpdatedRows > 0n
}

const PENDING = { status: 'pending', worker: null, lease_expires_at: null }

function held(db: Database | Transaction, { id, worker }: { id: string; worker: string }) {
  return db.updateTable('job').where('id', '=', id).where('worker', '=', worker).where('status', '=', RUNS)
}

/** What the step came to, as JSON; undefined where it was not done. */
export async function readStep(db: Database, job_id: string, key: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('job_step')
    .select('result')
    .where('job_id', '=', job_id)
    .where('key', '=', key)
    .executeTakeFirst()
  return row?.result
}

/** Notes what the step of a job came to, if `worker` holds it. False where it does not. */
export async function storeStep(
  db: Database,
  { id, worker }: { id: string; worker: string },
  { key, result }: { key: string; result: string },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto('job_step')
    .columns(['job_id', 'key', 'result'])
    .expression((eb) =>
      eb
        .selectFrom('job')
        .select(['id', sql<string>`${key}`.as('key'), sql<string>`${result}`.as('result')])
        .where('id', '=', id)
        .where('worker', '=', worker)
        .where('status', '=', RUNS),
    )
    .executeTakeFirst()
  return (numInsertedOrUpdatedRows ?? 0n) > 0n
}

/** Removes jobs that ended before that time, and steps of those that were canceled; at most so many, so that nobody waits for it. */
export async function removeEndedJobs(db: Database, before: Date, at_most: number): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const ended = await tx
      .selectFrom('job')
      .select('id')
      .where('ended_at', '<', before.toISOString())
      .limit(at_most)
      .execute()
    const ids = ended.map((it) => it.id)
    if (ids.length === 0) return 0
    await tx.deleteFrom('job_step').where('job_id', 'in', ids).execute()
    await tx.deleteFrom('job').where('id', 'in', ids).execute()
    return ids.length
  })
}

/** Gives up all that a worker that is no more held: its jobs wait again, and its dreams are whoever's comes next. */
export async function giveUpAll(db: Database, worker: string): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await tx
      .updateTable('job')
      .set((eb) => ({ ...PENDING, attempt: eb('attempt', '-', 1), lost: eb('lost', '+', 1) }))
      .where('status', '=', RUNS)
      .where('worker', '=', worker)
      .execute()
    await tx
      .updateTable('dream')
      .set({ lease_expires_at: '' })
      .where('status', '=', RUNS)
      // A dream names its worker, and then which attempt it is.
      .where((eb) => eb.or([eb('worker', '=', worker), eb('worker', 'like', `${worker}:%`)]))
      .execute()
  })
}
