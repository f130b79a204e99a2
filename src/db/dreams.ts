import { proposalsHash } from '../domain/digest.ts'
import type { Dream } from '../domain/dream.ts'
import { EngineError } from '../domain/error.ts'
import { randomId } from '../domain/id.ts'
import { appendAudit } from './audit.ts'
import { readChanges } from './changes.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

/** A dream that says nothing for this long is believed dead: its process was killed, or its machine. */
const LEASE_MS = 60_000
/** How often a living dream says so. */
export const RENEW_MS = LEASE_MS / 4

/**
 * Begins a dream of a memory store, or takes over one whose worker is gone.
 *
 * Throws `conflict_error` while another dream of this store runs: the database allows one at a time.
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
    const running = await tx
      .selectFrom('dream')
      .select(['id', 'worker', 'lease_expires_at'])
      .where('memory_store_id', '=', memory_store_id)
      .where('status', 'in', ['pending', 'running'])
      .executeTakeFirst()
    const lease = { worker, lease_expires_at: new Date(now.getTime() + LEASE_MS).toISOString() }
    if (!running) {
      const id = randomId('drm')
      await tx
        .insertInto('dream')
        .values({ id, memory_store_id, status: 'running', created_at: now.toISOString(), ...lease })
        .execute()
      return id
    }
    const { worker: other, lease_expires_at } = running
    if (other !== null && lease_expires_at! >= now.toISOString() && is_alive(other)) {
      throw new EngineError(
        'conflict_error',
        `the dream ${running.id} of this memory store is still running`,
        {
          hint: 'wait for it to end, then dream again: what it has read by then is not read twice',
        },
      )
    }
    await tx
      .updateTable('dream')
      .set({ status: 'running', ...lease })
      .where('id', '=', running.id)
      .execute()
    return running.id
  })
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

/**
 * Ends a dream that `worker` still runs, its changes being stored already; one that another worker has taken over is left to
 * that one. The audit log gets the hash of what was proposed, and of an error only its type.
 */
export async function endDream(
  tx: Transaction,
  id: string,
  worker: string,
  end: Pick<Dream, 'status' | 'result' | 'notes' | 'alerts' | 'sessions_read' | 'observations' | 'error'> & {
    /** The newest memory version it saw. */
    read_through: number | null
  },
  now: string,
): Promise<void> {
  const { numUpdatedRows } = await tx
    .updateTable('dream')
    .set({
      status: end.status,
      result: end.result,
      notes: JSON.stringify(end.notes),
      alerts: JSON.stringify(end.alerts),
      sessions_read: end.sessions_read,
      observations: end.observations,
      read_through: end.read_through,
      error_type: end.error?.type ?? null,
      error_message: end.error?.message ?? null,
      worker: null,
      lease_expires_at: null,
      ended_at: now,
    })
    .where('id', '=', id)
    .where('worker', '=', worker)
    .executeTakeFirst()
  if (numUpdatedRows === 0n) return
  const changes = await readChanges(tx, id)
  await appendAudit(tx, {
    at: now,
    actor: `dream:${id}`,
    action: end.status === 'completed' ? 'dream.completed' : 'dream.failed',
    object: id,
    before_sha256: null,
    after_sha256: end.status === 'completed' ? proposalsHash(changes) : null,
    reason: end.error?.type ?? `new sessions read: ${end.sessions_read}, changes proposed: ${changes.length}`,
  })
}

export async function writeLedger(
  tx: Transaction,
  memory_store_id: string,
  dream_id: string,
  session_seqs: number[],
): Promise<void> {
  for (let i = 0; i < session_seqs.length; i += CHUNK) {
    const rows = session_seqs
      .slice(i, i + CHUNK)
      .map((session_seq) => ({ memory_store_id, session_seq, dream_id }))
    await tx.insertInto('ledger').values(rows).execute()
  }
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
    before?: { created_at: string; id: string }
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
  return rows.map((it) => ({
    id: it.id,
    status: it.status as Dream['status'],
    memory_store_id: it.memory_store_id,
    agent: it.agent,
    result: it.result as Dream['result'],
    notes: JSON.parse(it.notes),
    alerts: JSON.parse(it.alerts),
    sessions_read: it.sessions_read,
    observations: it.observations,
    created_at: it.created_at,
    ended_at: it.ended_at,
    error: it.error_type === null ? null : { type: it.error_type, message: it.error_message ?? '' },
  }))
}
