/** What was asked of dreams over the wire, and every dream as the wire knows it. */
import { sql } from 'kysely'
import type { DreamModel, OutputBehavior, RequestedDream } from '../domain/dream.ts'
import { randomId } from '../domain/id.ts'
import type { Place } from '../domain/page.ts'
import type { Status } from '../domain/status.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'
import { asDream } from './dreams.ts'

export type NewDreamRequest = {
  memory_store_id: string
  /** In order; null for everything new. */
  session_ids: string[] | null
  model: DreamModel
  instructions: string | null
  output_behavior: OutputBehavior
  requested_by: string
}

/** Puts a dream in that waits to begin; gives its id. */
export async function insertRequestedDream(
  tx: Transaction,
  { memory_store_id, ...request }: NewDreamRequest,
  now: Date,
): Promise<string> {
  const id = randomId('drm')
  await tx
    .insertInto('dream')
    .values({ id, memory_store_id, status: 'pending', created_at: now.toISOString() })
    .execute()
  await tx
    .insertInto('dream_request')
    .values({ dream_id: id, ...asRow(request) })
    .execute()
  return id
}

function asRow(request: Omit<NewDreamRequest, 'memory_store_id'>) {
  return {
    ...request,
    session_ids: request.session_ids === null ? null : JSON.stringify(request.session_ids),
    model: JSON.stringify(request.model),
  }
}

/** The newest dream since `since` that the same was asked of, by the same; undefined where there is none. */
export async function sameRequest(
  tx: Transaction,
  { memory_store_id, ...request }: NewDreamRequest,
  since: Date,
): Promise<string | undefined> {
  const { session_ids, model, instructions, output_behavior, requested_by } = asRow(request)
  const row = await tx
    .selectFrom('dream')
    .innerJoin('dream_request', 'dream_request.dream_id', 'dream.id')
    .select('dream.id')
    .where('memory_store_id', '=', memory_store_id)
    .where('dream.created_at', '>=', since.toISOString())
    .where('requested_by', '=', requested_by)
    .where('session_ids', 'is', session_ids)
    .where('dream_request.model', '=', model)
    .where('instructions', 'is', instructions)
    .where('output_behavior', '=', output_behavior)
    .orderBy('dream.created_at', 'desc')
    .executeTakeFirst()
  return row?.id
}

/**
 * A dream that writes into this store and has not fully stopped: one that is to update it and waits or runs, or that has ended while its job
 * still does; or one of the command line that runs. Undefined where there is none.
 */
export async function writerOf(
  tx: Transaction,
  memory_store_id: string,
  now: Date,
): Promise<{ id: string; status: Status } | undefined> {
  const at = now.toISOString()
  const row = await tx
    .selectFrom('dream')
    .leftJoin('dream_request', 'dream_request.dream_id', 'dream.id')
    .leftJoin('job', 'job.id', 'dream.id')
    .select(['dream.id', 'dream.status'])
    .where('memory_store_id', '=', memory_store_id)
    .where((eb) =>
      eb.or([
        eb.and([
          eb('output_behavior', '=', 'update_existing'),
          eb.or([
            eb('dream.status', 'in', ['pending', 'running']),
            eb.and([eb('job.status', '=', 'running'), eb('job.lease_expires_at', '>=', at)]),
          ]),
        ]),
        eb.and([
          eb('dream_request.dream_id', 'is', null),
          eb('dream.status', '=', 'running'),
          eb('dream.lease_expires_at', '>=', at),
        ]),
      ]),
    )
    .executeTakeFirst()
  return row as { id: string; status: Status } | undefined
}

export type DreamsAsked = {
  id?: string
  statuses?: Status[]
  /** Both exclusive. */
  created_after?: string
  created_before?: string
  include_archived: boolean
  /** The dream before, in the order of the list. */
  after?: Place
  limit: number
}

/** Newest first. */
export async function requestedDreams(
  db: Database | Transaction,
  asked: DreamsAsked,
): Promise<RequestedDream[]> {
  const { id, statuses, created_after, created_before, after } = asked
  const rows = await db
    .selectFrom('dream')
    .innerJoin('memory_store', 'memory_store.id', 'dream.memory_store_id')
    .leftJoin('dream_request', 'dream_request.dream_id', 'dream.id')
    .selectAll('dream')
    .select(['memory_store.agent', 'session_ids', 'dream_request.model as asked_model'])
    .select(['instructions', 'output_behavior'])
    .select(['output_store_id', 'recording_id', 'requested_by', 'dream_request.archived_at'])
    .where('memory_store.workspace_id', '=', OWN_WORKSPACE)
    .$if(id !== undefined, (it) => it.where('dream.id', '=', id!))
    .$if(statuses !== undefined, (it) => it.where('dream.status', 'in', statuses!))
    .$if(created_after !== undefined, (it) => it.where('dream.created_at', '>', created_after!))
    .$if(created_before !== undefined, (it) => it.where('dream.created_at', '<', created_before!))
    .$if(!asked.include_archived, (it) => it.where('dream_request.archived_at', 'is', null))
    .$if(after !== undefined, (it) =>
      it.where((eb) =>
        eb.or([
          eb('dream.created_at', '<', after!.created_at),
          eb.and([eb('dream.created_at', '=', after!.created_at), eb('dream.id', '<', after!.id)]),
        ]),
      ),
    )
    .orderBy('dream.created_at', 'desc')
    .orderBy('dream.id', 'desc')
    .limit(asked.limit)
    .execute()
  return Promise.all(
    rows.map(async (it): Promise<RequestedDream> => {
      const is_of_the_command_line = (it.requested_by ?? '') === ''
      return {
        ...asDream(it),
        session_ids:
          it.session_ids === null
            ? await sessionsRead(db, it.memory_store_id, it.id)
            : JSON.parse(it.session_ids),
        model: is_of_the_command_line
          ? { ...NO_MODEL, id: it.model ?? NO_MODEL.id }
          : JSON.parse(it.asked_model!),
        instructions: it.instructions,
        output_behavior: (it.output_behavior ?? 'update_existing') as OutputBehavior,
        output_store_id: is_of_the_command_line ? it.memory_store_id : it.output_store_id,
        recording_id: it.recording_id,
        archived_at: it.archived_at,
      }
    }),
  )
}

const NO_MODEL: DreamModel = { id: 'none', speed: 'standard' }

/** The sessions that a dream put into the ledger of its store, in order, as the wire knows them. */
async function sessionsRead(
  db: Database | Transaction,
  memory_store_id: string,
  dream_id: string,
): Promise<string[]> {
  const rows = await db
    .selectFrom('ledger')
    .innerJoin('session', 'session.seq', 'ledger.session_seq')
    .select((eb) => eb.fn.coalesce('session.recording_id', 'session.id').as('id'))
    .distinct()
    .where('memory_store_id', '=', memory_store_id)
    .where('ledger.dream_id', '=', dream_id)
    .orderBy('id')
    .execute()
  return rows.map((it) => it.id)
}

/** Whether the dream is over everything new. */
export async function isOverEverythingNew(db: Database | Transaction, dream_id: string): Promise<boolean> {
  const row = await db
    .selectFrom('dream_request')
    .select('session_ids')
    .where('dream_id', '=', dream_id)
    .executeTakeFirst()
  return row?.session_ids === null
}

/** Where the result goes, and of a new store through which version of the input it was copied. */
export async function setOutput(
  tx: Transaction,
  dream_id: string,
  output: { output_store_id: string; cloned_through: number | null },
): Promise<void> {
  await tx.updateTable('dream_request').set(output).where('dream_id', '=', dream_id).execute()
}

export async function clonedThrough(db: Database | Transaction, dream_id: string): Promise<number> {
  const row = await db
    .selectFrom('dream_request')
    .select('cloned_through')
    .where('dream_id', '=', dream_id)
    .executeTakeFirst()
  return row?.cloned_through ?? 0
}

export async function setRecording(tx: Transaction, dream_id: string, recording_id: string): Promise<void> {
  await tx.updateTable('dream_request').set({ recording_id }).where('dream_id', '=', dream_id).execute()
}

/** Archives a dream that has ended; one of the command line gets a request for that. False where it was archived already. */
export async function archiveDream(tx: Transaction, dream_id: string, now: Date): Promise<boolean> {
  const archived_at = now.toISOString()
  const nobodys = { session_ids: null, model: NO_MODEL, instructions: null, requested_by: '' }
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('dream_request')
    .values({ dream_id, ...asRow({ ...nobodys, output_behavior: 'update_existing' }), archived_at })
    .onConflict((it) =>
      it.column('dream_id').doUpdateSet({ archived_at }).where('dream_request.archived_at', 'is', null),
    )
    .executeTakeFirst()
  return numInsertedOrUpdatedRows === 1n
}

/** What an id of the wire names: a session that can be dreamed of, or the session of a dream. */
export async function namedSessions(
  db: Database | Transaction,
  ids: string[],
): Promise<Map<string, 'session' | 'session of a dream'>> {
  const recorded = await db
    .selectFrom('recording')
    .select(['id', 'dream_id'])
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('id', 'in', ids)
    .execute()
  const ingested = await db
    .selectFrom('session')
    .select('id')
    .where(sql<string>`+workspace_id`, '=', OWN_WORKSPACE)
    .where('recording_id', 'is', null)
    .where('id', 'in', ids)
    .execute()
  return new Map([
    ...ingested.map((it) => [it.id, 'session'] as const),
    ...recorded.map((it) => [it.id, it.dream_id === null ? 'session' : 'session of a dream'] as const),
  ])
}

/** The ids of the sessions as they are stored: of a session put in over the wire, all that was settled of it. */
export async function storedSessions(db: Database | Transaction, ids: string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('session')
    .select('id')
    .where(sql<string>`+workspace_id`, '=', OWN_WORKSPACE)
    .where((eb) =>
      eb.or([
        eb.and([eb('id', 'in', ids), eb('recording_id', 'is', null)]),
        eb('recording_id', 'in', ids),
        eb(
          'id',
          'in',
          eb
            .selectFrom('recording')
            .select('same_as')
            .where('id', 'in', ids)
            .where('same_as', 'is not', null)
            .$castTo<{ same_as: string }>(),
        ),
      ]),
    )
    .orderBy('seq')
    .execute()
  return rows.map((it) => it.id)
}

/** How many memory stores this workspace has, the archived ones too. */
export async function countStores(db: Database | Transaction): Promise<number> {
  const { n } = await db
    .selectFrom('memory_store')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow()
  return Number(n)
}

/** How much stands in a store. */
export async function sizeOf(
  db: Database | Transaction,
  memory_store_id: string,
): Promise<{ memories: number; bytes: number }> {
  const row = await db
    .selectFrom('memory')
    .innerJoin('memory_version', 'memory_version.id', 'memory.memory_version_id')
    .select((eb) => [
      eb.fn.countAll<number>().as('memories'),
      eb.fn.sum<number | null>('content_size_bytes').as('bytes'),
    ])
    .where('memory.memory_store_id', '=', memory_store_id)
    .executeTakeFirstOrThrow()
  return { memories: Number(row.memories), bytes: Number(row.bytes ?? 0) }
}
