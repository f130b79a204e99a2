import type { Selectable } from 'kysely'
import type { AuditAction } from '../domain/audit.ts'
import type { Dream } from '../domain/dream.ts'
import { EngineError } from '../domain/error.ts'
import { randomId } from '../domain/id.ts'
import type { Actor } from '../domain/memory.ts'
import type { Place } from '../domain/page.ts'
import { proposalsHash } from '../domain/proposals-hash.ts'
import type { Spending } from '../domain/spending.ts'
import { appendAudit } from './audit.ts'
import { readChanges } from './changes.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'
import type { Schema } from './schema.ts'
import { announce } from './webhooks.ts'

/** A dream that says nothing for this long is believed dead: its process was killed, or its machine. */
const LEASE_MS = 60_000
/** How often a living dream says so. */
export const RENEW_MS = LEASE_MS / 4

/**
 * Begins a dream of a memory store, or takes over one whose worker is gone.
 *
 * Throws `conflict_error` while another dream of this store runs: the database allows one at a time. One that waits is no other: it
 * begins when its turn comes. One that was asked for over the wire and whose worker is gone waits again, for its job to go on with it.
 * `is_alive` tells of a worker of this machine whether its process still lives.
 */
export async function beginDream(
  db: Database,
  memory_store_id: string,
  worker: string,
  now: Date,
  is_alive: (worker: string) => boolean,
): Promise<string> {
  return db.transaction().execute(async (tx) => {
    const running = await runningDream(tx, memory_store_id)
    if (running !== undefined && holds(running, now, is_alive)) {
      throw new EngineError(
        'conflict_error',
        `the dream ${running.id} of this memory store is still running`,
        {
          hint: 'wait for it to end, then dream again: what it has read by then is not read twice',
        },
      )
    }
    if (running !== undefined && !running.is_requested) {
      await giveTo(tx, running.id, worker, now)
      return running.id
    }
    if (running !== undefined) await putBack(tx, running.id)
    const id = randomId('drm')
    await tx
      .insertInto('dream')
      .values({ id, memory_store_id, created_at: now.toISOString(), ...lease(worker, now) })
      .execute()
    await announce(tx, { type: 'dream.started', id, now })
    return id
  })
}

/** How a dream that was asked for can go on: it runs now, another has to end first, or it has ended. */
export type Turn = { is: 'begun' | 'resumed' | 'ended' } | { is: 'waiting'; for: string }

/**
 * Gives a dream that was asked for to `worker`, whose job it is: whoever ran it before is cut off. It waits while another dream of its
 * store runs, or was asked for before it and has a job of its own to run it. A dream of the command line whose process is gone has failed.
 */
export async function takeTurn(
  tx: Transaction,
  id: string,
  worker: string,
  now: Date,
  is_alive: (worker: string) => boolean,
): Promise<Turn> {
  const { status, memory_store_id, created_at } = await tx
    .selectFrom('dream')
    .select(['status', 'memory_store_id', 'created_at'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  if (status !== 'pending' && status !== 'running') return { is: 'ended' }
  if (status === 'running') {
    await giveTo(tx, id, worker, now)
    return { is: 'resumed' }
  }
  const running = await runningDream(tx, memory_store_id)
  if (running !== undefined && (running.is_requested || holds(running, now, is_alive)))
    return { is: 'waiting', for: running.id }
  if (running !== undefined) {
    const error = { type: 'internal_error', message: 'the process that ran it was ended' }
    await endDream(tx, running.id, running.worker!, failureOf(error), now)
  }
  const before = await tx
    .selectFrom('dream')
    .innerJoin('job', 'job.id', 'dream.id')
    .select('dream.id')
    .where('memory_store_id', '=', memory_store_id)
    .where('dream.status', '=', 'pending')
    .where('job.status', 'in', ['pending', 'running'])
    .where((eb) =>
      eb.or([
        eb('dream.created_at', '<', created_at),
        eb.and([eb('dream.created_at', '=', created_at), eb('dream.id', '<', id)]),
      ]),
    )
    .executeTakeFirst()
  if (before !== undefined) return { is: 'waiting', for: before.id }
  await giveTo(tx, id, worker, now)
  await announce(tx, { type: 'dream.started', id, now })
  return { is: 'begun' }
}

type RunningDream = {
  id: string
  worker: string | null
  lease_expires_at: string | null
  is_requested: boolean
}

async function runningDream(
  tx: Database | Transaction,
  memory_store_id: string,
): Promise<RunningDream | undefined> {
  const row = await tx
    .selectFrom('dream')
    .leftJoin('dream_request', 'dream_request.dream_id', 'dream.id')
    .select(['dream.id', 'worker', 'lease_expires_at', 'dream_request.dream_id'])
    .where('memory_store_id', '=', memory_store_id)
    .where('status', '=', 'running')
    .executeTakeFirst()
  return row && { ...row, is_requested: row.dream_id !== null }
}

/** The dream of a store that runs and was not asked for over the wire; null where there is none. */
export async function dreamBegun(db: Database, memory_store_id: string): Promise<string | null> {
  const running = await runningDream(db, memory_store_id)
  return running === undefined || running.is_requested ? null : running.id
}

function holds(
  { worker, lease_expires_at }: RunningDream,
  now: Date,
  is_alive: (worker: string) => boolean,
): boolean {
  return worker !== null && lease_expires_at! >= now.toISOString() && is_alive(worker)
}

function lease(worker: string, now: Date) {
  return {
    status: 'running',
    worker,
    lease_expires_at: new Date(now.getTime() + LEASE_MS).toISOString(),
  } as const
}

async function giveTo(tx: Transaction, id: string, worker: string, now: Date): Promise<void> {
  await tx.updateTable('dream').set(lease(worker, now)).where('id', '=', id).execute()
}

async function putBack(tx: Transaction, id: string): Promise<void> {
  await tx
    .updateTable('dream')
    .set({ status: 'pending', worker: null, lease_expires_at: null })
    .where('id', '=', id)
    .execute()
}

/** Says that the dream is still alive. Throws `conflict_error` when another worker has taken it over. */
export async function renewLease(
  db: Database | Transaction,
  id: string,
  worker: string,
  now: Date,
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('dream')
    .set({ lease_expires_at: new Date(now.getTime() + LEASE_MS).toISOString() })
    .where('id', '=', id)
    .where('worker', '=', worker)
    .where('status', '=', 'running')
    .executeTakeFirst()
  if (numUpdatedRows === 0n)
    throw new EngineError('conflict_error', `the dream ${id} was taken over by another process`, {
      hint: 'nothing is lost: the other process finishes it, and `reverie dreams` shows how it ended',
    })
}

/** Notes what a dream is about to ask of a model: what it came to can be told then, however it ends. */
export async function noteSpending(
  db: Database,
  id: string,
  worker: string,
  spending: Spending,
): Promise<void> {
  await db
    .updateTable('dream')
    .set({ model: spending.model, spending: JSON.stringify(spending) })
    .where('id', '=', id)
    .where('worker', '=', worker)
    .where('status', '=', 'running')
    .execute()
}

/** Of a dream that whoever runs it does not end: what it planned to ask, and what was paid. */
async function spentSoFar(tx: Transaction, id: string): Promise<Pick<Dream, 'model' | 'spending'>> {
  const { model, spending } = await tx
    .selectFrom('dream')
    .select(['model', 'spending'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow()
  if (spending === null) return { model, spending }
  // What a hook loads is loaded by every session that begins.
  const { usesOf } = await import('./model-calls.ts')
  return { model, spending: { ...JSON.parse(spending), uses: await usesOf(tx, id) } }
}

/** Cancels a dream that has not ended; false where it has. Whoever runs it cannot write from then on. */
export async function cancelDream(tx: Transaction, id: string, actor: Actor, now: Date): Promise<boolean> {
  const { spending } = await spentSoFar(tx, id)
  const { numUpdatedRows } = await tx
    .updateTable('dream')
    .set({
      status: 'canceled',
      spending: spending && JSON.stringify(spending),
      worker: null,
      lease_expires_at: null,
      ended_at: now.toISOString(),
    })
    .where('id', '=', id)
    .where('status', 'in', ['pending', 'running'])
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  await recordEnd(tx, { id, actor, action: 'dream.canceled', reason: '', now })
  await announce(tx, { type: 'dream.canceled', id, now })
  return true
}

export type DreamEnd = Pick<
  Dream,
  'status' | 'result' | 'notes' | 'alerts' | 'sessions_read' | 'observations' | 'model' | 'spending' | 'error'
> & {
  /** The newest memory version it saw. */
  read_through: number | null
}

/** How a dream ends that has come to nothing. */
export function failureOf(
  error: NonNullable<Dream['error']>,
  spent: Pick<Dream, 'model' | 'spending'> = { model: null, spending: null },
): DreamEnd {
  const nothing = { notes: [], alerts: [], sessions_read: 0, observations: 0, read_through: null }
  return { status: 'failed', result: null, ...nothing, ...spent, error }
}

/**
 * Ends a dream that `worker` still runs, or, where that is null, one that waits or runs, its changes being stored already; one that
 * another worker has taken over, or that has ended, is left as it is, and the answer is false. The audit log gets the hash of what was
 * proposed, and of an error only its type.
 */
export async function endDream(
  tx: Transaction,
  id: string,
  worker: string | null,
  end: DreamEnd,
  now: Date,
): Promise<boolean> {
  const is_completed = end.status === 'completed'
  const { model, spending } = is_completed || end.spending !== null ? end : await spentSoFar(tx, id)
  const { numUpdatedRows } = await tx
    .updateTable('dream')
    .set({
      status: end.status,
      result: end.result,
      notes: JSON.stringify(end.notes),
      alerts: JSON.stringify(end.alerts),
      sessions_read: end.sessions_read,
      observations: end.observations,
      model: end.model ?? model,
      spending: spending && JSON.stringify(spending),
      read_through: end.read_through,
      error_type: end.error?.type ?? null,
      error_message: end.error?.message ?? null,
      worker: null,
      lease_expires_at: null,
      ended_at: now.toISOString(),
    })
    .where('id', '=', id)
    .where('status', 'in', ['pending', 'running'])
    .$if(worker !== null, (it) => it.where('worker', '=', worker))
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return false
  const changes = await readChanges(tx, id)
  await recordEnd(tx, {
    ...{ id, actor: `dream:${id}`, now },
    action: is_completed ? 'dream.completed' : 'dream.failed',
    after_sha256: is_completed ? proposalsHash(changes) : null,
    reason: end.error?.type ?? `new sessions read: ${end.sessions_read}, changes proposed: ${changes.length}`,
  })
  await announce(tx, { type: is_completed ? 'dream.completed' : 'dream.failed', id, now })
  const undecided = changes.filter((it) => it.status === 'undecided').length
  if (undecided > 0) await announce(tx, { type: 'change.awaiting_decision', id, changes: undecided, now })
  return true
}

async function recordEnd(
  tx: Transaction,
  end: {
    id: string
    actor: Actor
    action: AuditAction
    after_sha256?: string | null
    reason: string
    now: Date
  },
): Promise<void> {
  const { id, now, after_sha256 = null, ...what } = end
  await appendAudit(tx, { at: now.toISOString(), ...what, object: id, before_sha256: null, after_sha256 })
}

/** `with_model`: whether what a model saw in the session was counted with it. */
export async function writeLedger(
  tx: Transaction,
  memory_store_id: string,
  dream_id: string,
  sessions: { seq: number; told: string[]; with_model: boolean }[],
): Promise<void> {
  for (let i = 0; i < sessions.length; i += CHUNK) {
    const rows = sessions.slice(i, i + CHUNK).map(({ seq: session_seq, told, with_model }) => ({
      memory_store_id,
      session_seq,
      dream_id,
      told: told.length === 0 ? null : JSON.stringify(told),
      with_model: Number(with_model),
    }))
    await tx.insertInto('ledger').values(rows).execute()
  }
}

/** Notes whose memory a store is that was nobody's. */
export async function setAgent(tx: Transaction, memory_store_id: string, agent: string): Promise<void> {
  await tx
    .updateTable('memory_store')
    .set({ agent })
    .where('id', '=', memory_store_id)
    .where('agent', '=', '')
    .execute()
}

/** Notes that every session of the agent up to `session_seq` is in the ledger: later dreams need not look there again. */
export async function markDreamedThrough(
  tx: Transaction,
  memory_store_id: string,
  session_seq: number,
): Promise<void> {
  await tx
    .updateTable('memory_store')
    .set({ dreamed_through: session_seq })
    .where('id', '=', memory_store_id)
    .where('dreamed_through', '<', session_seq)
    .execute()
}

const CHUNK = 1_000

/** The newest memory version that a dream read, 0 for none; null where it is a dream of before that was noted. */
export async function readThrough(db: Database, dream_id: string): Promise<number | null> {
  const row = await db
    .selectFrom('dream')
    .select('read_through')
    .where('id', '=', dream_id)
    .executeTakeFirst()
  return row?.read_through ?? null
}

/** Newest first, those that began before `before`; or those whose id is `id` or begins with it. */
export async function listDreams(
  db: Database | Transaction,
  filter: {
    id?: string
    memory_store_id?: string
    before?: Place
    limit: number
  },
): Promise<Dream[]> {
  const rows = await db
    .selectFrom('dream')
    .innerJoin('memory_store', 'memory_store.id', 'dream.memory_store_id')
    .selectAll('dream')
    .select('memory_store.agent')
    .where('memory_store.workspace_id', '=', OWN_WORKSPACE)
    .$if(filter.id !== undefined, (it) =>
      it.where('dream.id', '>=', filter.id!).where('dream.id', '<', `${filter.id!}g`),
    )
    .$if(filter.memory_store_id !== undefined, (it) =>
      it.where('memory_store_id', '=', filter.memory_store_id!),
    )
    .$if(filter.before !== undefined, (it) =>
      it.where((eb) =>
        eb.or([
          eb('dream.created_at', '<', filter.before!.created_at),
          eb.and([
            eb('dream.created_at', '=', filter.before!.created_at),
            eb('dream.id', '<', filter.before!.id),
          ]),
        ]),
      ),
    )
    .orderBy('dream.created_at', 'desc')
    .orderBy('dream.id', 'desc')
    .limit(filter.limit)
    .execute()
  return rows.map(asDream)
}

export function asDream(it: Selectable<Schema['dream']> & { agent: string }): Dream {
  return {
    id: it.id,
    status: it.status as Dream['status'],
    memory_store_id: it.memory_store_id,
    agent: it.agent,
    result: it.result as Dream['result'],
    notes: JSON.parse(it.notes),
    alerts: JSON.parse(it.alerts),
    sessions_read: it.sessions_read,
    observations: it.observations,
    model: it.model,
    // Until a dream has ended, what it has spent is what `model_call` says.
    spending: it.spending === null || it.ended_at === null ? null : JSON.parse(it.spending),
    created_at: it.created_at,
    ended_at: it.ended_at,
    error: it.error_type === null ? null : { type: it.error_type, message: it.error_message ?? '' },
  }
}
