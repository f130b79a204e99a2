/**
 * Dreams as the Managed Agents API has them: asked for and looked at again, canceled and archived. What runs them is `dream-jobs.ts`.
 */
import { appendAudit } from '../db/audit.ts'
import type { Database, Transaction } from '../db/database.ts'
import {
  archiveDream,
  type DreamsAsked,
  insertRequestedDream,
  type NewDreamRequest,
  namedSessions,
  requestedDreams,
  sameRequest,
  writerOf,
} from '../db/dream-requests.ts'
import { cancelDream } from '../db/dreams.ts'
import { enqueue } from '../db/jobs.ts'
import { findMemoryStore } from '../db/memory-stores.ts'
import type { AuditAction, AuditActor } from '../domain/audit.ts'
import type { DreamModel, RequestedDream } from '../domain/dream.ts'
import { EngineError } from '../domain/error.ts'
import { type Page, type PageRequest, pageByTime } from '../domain/page.ts'
import { closeDreamSession, said } from './dream-session.ts'
import { notFound } from './find.ts'
import { type Once, once } from './idempotency.ts'
import type { Opened } from './opened.ts'

export type DreamWanted = Omit<NewDreamRequest, 'requested_by' | 'session_ids'> & { session_ids: string[] }

/** How long a client's second try of a request is known to be one. */
const RETRIED_WITHIN_MS = 60_000

export function dreamRequestsOf(opened: Opened) {
  const { db, now } = opened
  const find = async (id: string, source: Database | Transaction = db): Promise<RequestedDream> => {
    const [found] = await requestedDreams(source, { id, include_archived: true, limit: 1 })
    if (found) return found
    throw notFound('dream', id, 'list the dreams of this workspace')
  }

  return {
    /**
     * Puts a dream in, which begins when nothing of its store is in its way. The same request is the same dream where it comes with the
     * same key, or is said to be a client's second try within a minute.
     *
     * Throws `not_found_error` for a store or session that is not there, `invalid_request_error` for a model that is not configured, a store that
     * is archived or the session of a dream, `conflict_error` while another dream writes into a store that is to be updated.
     */
    async requestDream(
      wanted: DreamWanted,
      as: `user:${string}`,
      how: { once: Once; is_retry: boolean } = { once: null, is_retry: false },
    ): Promise<RequestedDream> {
      await checkModel(opened, wanted.model)
      const at = now()
      const request = { ...wanted, session_ids: [...wanted.session_ids].sort(), requested_by: as }
      return db.transaction().execute(async (tx) => {
        const made = await once(tx, how.once, at, async () => {
          const before = new Date(at.getTime() - RETRIED_WITHIN_MS)
          const known = how.is_retry ? await sameRequest(tx, request, before) : undefined
          if (known !== undefined) return [known]
          await refuseInputs(tx, request, at)
          return [await putDreamIn(tx, request, { actor: as, reason: '' }, at)]
        })
        return find(made[0]!, tx)
      })
    },

    /** Throws `not_found_error` where there is none of that id in this workspace. */
    requestedDream: (id: string): Promise<RequestedDream> => find(id),

    /** Those of the command line, too; newest first. */
    async requestedDreams(
      filter: Pick<DreamsAsked, 'statuses' | 'created_after' | 'created_before'> & {
        include_archived?: boolean
      } & PageRequest = {},
    ): Promise<Page<RequestedDream>> {
      const { include_archived = false, ...asked } = filter
      return pageByTime(filter, (after, limit) =>
        requestedDreams(db, { ...asked, include_archived, after, limit }),
      )
    },

    /**
     * Cancels a dream that waits or runs, at once; one that is canceled stays so. What it has written by then stays.
     *
     * Throws `invalid_request_error` for one that has completed or failed.
     */
    async cancelDream(id: string, as: `user:${string}`): Promise<RequestedDream> {
      return db.transaction().execute(async (tx) => {
        const { status, recording_id } = await find(id, tx)
        if (status === 'completed' || status === 'failed')
          throw new EngineError('invalid_request_error', `the dream ${id} has ${status} already`, {
            hint: 'archive it, or look at its outputs',
          })
        const at = now()
        if ((await cancelDream(tx, id, as, at)) && recording_id !== null)
          await closeDreamSession(tx, recording_id, [said('canceled', 'Canceled.')], at.toISOString())
        return find(id, tx)
      })
    },

    /** Throws `invalid_request_error` for a dream that has not ended. */
    async archiveDream(id: string, as: `user:${string}`): Promise<RequestedDream> {
      return db.transaction().execute(async (tx) => {
        const { ended_at, status } = await find(id, tx)
        if (ended_at === null)
          throw new EngineError('invalid_request_error', `the dream ${id} is ${status}`, {
            hint: 'cancel it first, or wait for it to end',
          })
        const at = now()
        if (await archiveDream(tx, id, at))
          await record(tx, 'dream.archived', id, { actor: as, reason: '' }, at)
        return find(id, tx)
      })
    },
  }
}

/** Throws `invalid_request_error` for an id that the configuration does not name; without a configuration every id is taken. */
export async function checkModel(opened: Opened, { id }: DreamModel): Promise<void> {
  if (opened.models_file === undefined) return
  const { modelOnTheWire } = await import('./models.ts')
  modelOnTheWire(opened, id)
}

/** Puts a dream in with the job that runs it; gives its id. */
export async function putDreamIn(
  tx: Transaction,
  request: NewDreamRequest,
  by: { actor: AuditActor; reason: string },
  now: Date,
): Promise<string> {
  const id = await insertRequestedDream(tx, request, now)
  await enqueue(tx, { id, kind: 'dream', payload: { dream_id: id }, now })
  await record(tx, 'dream.requested', id, by, now)
  return id
}

async function refuseInputs(
  tx: Transaction,
  { memory_store_id, session_ids, output_behavior }: DreamWanted,
  now: Date,
): Promise<void> {
  const store = memory_store_id.startsWith('memstore_')
    ? await findMemoryStore(tx, memory_store_id)
    : undefined
  if (!store) throw notFound('memory store', memory_store_id, 'list the memory stores of this workspace')
  if (store.archived_at !== null)
    throw new EngineError('invalid_request_error', `the memory store ${store.id} is archived`, {
      hint: 'dream of another: an archived store is not read or written any more',
    })
  const known = await namedSessions(tx, session_ids)
  for (const id of session_ids) {
    if (!known.has(id)) throw notFound('session', id, 'list the sessions of this workspace')
    if (known.get(id) === 'session of a dream')
      throw new EngineError('invalid_request_error', `the session ${id} is that of a dream`, {
        hint: 'give sessions of agents: what a dream does is nothing to learn from',
      })
  }
  const writer = output_behavior === 'update_existing' ? await writerOf(tx, store.id, now) : undefined
  if (writer === undefined) return
  const is_stopping = writer.status !== 'pending' && writer.status !== 'running'
  throw new EngineError(
    'conflict_error',
    `the dream ${writer.id} ${is_stopping ? 'has not fully stopped writing' : 'is to write'} into the memory store ${store.id}`,
    { hint: is_stopping ? 'try again in a moment' : 'wait for it to end, or cancel it; then ask again' },
  )
}

async function record(
  tx: Transaction,
  action: AuditAction,
  object: string,
  by: { actor: AuditActor; reason: string },
  now: Date,
): Promise<void> {
  await appendAudit(tx, {
    at: now.toISOString(),
    ...by,
    action,
    object,
    before_sha256: null,
    after_sha256: null,
  })
}
