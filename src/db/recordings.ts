/** Sessions that are put in over the wire, and beside them the ones that came from files: both are sessions to whoever asks. */
import { type SelectQueryBuilder, sql } from 'kysely'
import type { Place } from '../domain/page.ts'
import type { Recording, RecordingStatus } from '../domain/recording.ts'
import { inChunks } from './chunks.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'
import type { Schema } from './schema.ts'

const listed = [
  'id',
  'title',
  'metadata',
  'agent',
  'environment_id',
  'resources',
  'vault_ids',
  'budget',
  'status',
  'dream_id',
  'created_at',
  'updated_at',
  'archived_at',
  'archived_threads',
] as const

type Row = Pick<Schema['recording'], Exclude<(typeof listed)[number], 'archived_at' | 'archived_threads'>> & {
  archived_at: string | null
  archived_threads: string
}

/** A recording, with what only the database needs to know of it. */
export type StoredRecording = Recording & {
  settled_through: number
  last_event: number
  same_as: string | null
}

export type NewRecording = Omit<Recording, 'updated_at' | 'archived_at' | 'archived_threads'> & {
  external_id: string | null
  created_by: string
}

export async function insertRecording(tx: Transaction, recording: NewRecording): Promise<void> {
  const { agent, metadata, resources, vault_ids, budget, ...it } = recording
  await tx
    .insertInto('recording')
    .values({
      ...it,
      workspace_id: OWN_WORKSPACE,
      metadata: JSON.stringify(metadata),
      agent: JSON.stringify(agent),
      agent_id: agent.id,
      agent_version: agent.version,
      resources: JSON.stringify(resources),
      vault_ids: JSON.stringify(vault_ids),
      budget: budget === null ? null : JSON.stringify(budget),
      updated_at: recording.created_at,
    })
    .execute()
}

/** By its own id, or by that of a session that was stored of it. */
export async function findRecording(
  db: Database | Transaction,
  id: string,
): Promise<StoredRecording | undefined> {
  const row = await byId(db, id)
  if (row) return { ...row, ...asRecording(row) }
  const stored = await db
    .selectFrom('session')
    .select('recording_id')
    .where('id', '=', id)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .executeTakeFirst()
  const found = stored?.recording_id == null ? undefined : await byId(db, stored.recording_id)
  return found && { ...found, ...asRecording(found) }
}

function byId(db: Database | Transaction, id: string) {
  return db
    .selectFrom('recording')
    .select([...listed, 'settled_through', 'last_event', 'same_as'])
    .where('id', '=', id)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .executeTakeFirst()
}

/** The id of the recording to which its caller gave that name. */
export async function recordingOfExternalId(
  db: Database | Transaction,
  external_id: string,
): Promise<string | undefined> {
  const row = await db
    .selectFrom('recording')
    .select('id')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('external_id', '=', external_id)
    .executeTakeFirst()
  return row?.id
}

export type RecordingPatch = Partial<
  Pick<
    Recording,
    | 'title'
    | 'metadata'
    | 'agent'
    | 'resources'
    | 'budget'
    | 'status'
    | 'archived_at'
    | 'archived_threads'
    | 'updated_at'
  > & { last_event: number }
>

export async function updateRecording(tx: Transaction, id: string, patch: RecordingPatch): Promise<void> {
  const { metadata, agent, resources, budget, archived_threads, ...plain } = patch
  await tx
    .updateTable('recording')
    .set({
      ...plain,
      ...(metadata && { metadata: JSON.stringify(metadata) }),
      ...(agent && { agent: JSON.stringify(agent) }),
      ...(resources && { resources: JSON.stringify(resources) }),
      ...(budget !== undefined && { budget: budget === null ? null : JSON.stringify(budget) }),
      ...(archived_threads && { archived_threads: JSON.stringify(archived_threads) }),
    })
    .where('id', '=', id)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .execute()
}

/** Notes that a stored session holds its events up to that one. `same_as` is the session that held all of them before. */
export async function markSettled(
  tx: Transaction,
  id: string,
  settled_through: number,
  same_as: string | null,
): Promise<void> {
  await tx.updateTable('recording').set({ settled_through, same_as }).where('id', '=', id).execute()
}

/** Those that no one writes at the moment, and that have grown since they were settled. */
export async function recordingsToSettle(db: Database): Promise<string[]> {
  const rows = await db
    .selectFrom('recording')
    .select('id')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .whereRef('last_event', '>', 'settled_through')
    .where('dream_id', 'is', null)
    .where('status', 'in', ['idle', 'terminated'])
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map((it) => it.id)
}

/** Ids of the sessions that were stored of a recording, in order of arrival. */
export async function sessionsOfRecording(db: Database | Transaction, id: string): Promise<string[]> {
  const rows = await db
    .selectFrom('session')
    .select('id')
    .where('recording_id', '=', id)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .orderBy('seq')
    .execute()
  return rows.map((it) => it.id)
}

/** A recording, as far as it matters to whether it is erased. */
export type RecordingToErase = {
  id: string
  external_id: string | null
  agent: string
  /** Whom it worked for. */
  person: string | null
  /** When its last event was, as far as anybody knows. */
  at: string
  /** The session that said all of it before. */
  same_as: string | null
  has_events: boolean
}

/** Every recording of the workspace. */
export async function recordingsToErase(db: Database | Transaction): Promise<RecordingToErase[]> {
  const rows = await db
    .selectFrom('recording')
    .select(['id', 'external_id', 'same_as'])
    .select((eb) => [
      sql<string>`json_extract(agent, '$.name')`.as('agent'),
      sql<
        string | null
      >`coalesce(nullif(json_extract(metadata, '$.person'), ''), nullif(json_extract(metadata, '$.user_id'), ''))`.as(
        'person',
      ),
      eb.fn
        .coalesce(
          eb.selectFrom('recorded_event').select('processed_at').whereRef('seq', '=', 'last_event'),
          'recording.created_at',
        )
        .as('at'),
      eb
        .exists(
          eb
            .selectFrom('recorded_event')
            .select('seq')
            .whereRef('recording_id', '=', 'recording.id')
            .limit(1),
        )
        .as('has_events'),
    ])
    .where('workspace_id', '=', OWN_WORKSPACE)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map((it) => ({ ...it, has_events: Boolean(it.has_events) }))
}

/** The events of recordings go, and their titles; that they were there stays. */
export async function emptyRecordings(tx: Transaction, ids: string[]): Promise<void> {
  await inChunks(ids, async (chunk) => {
    await tx.deleteFrom('recorded_event').where('recording_id', 'in', chunk).execute()
    await tx
      .updateTable('recording')
      .set((eb) => ({ title: null, settled_through: eb.ref('last_event') }))
      .where('id', 'in', chunk)
      .where('workspace_id', '=', OWN_WORKSPACE)
      .execute()
  })
}

/** Recordings with all their events, and what was remembered of the requests that made them. */
export async function deleteRecordings(tx: Transaction, ids: string[]): Promise<void> {
  await inChunks(ids, async (chunk) => {
    await tx.deleteFrom('recorded_event').where('recording_id', 'in', chunk).execute()
    await tx
      .deleteFrom('recording')
      .where('id', 'in', chunk)
      .where('workspace_id', '=', OWN_WORKSPACE)
      .execute()
    await tx
      .deleteFrom('idempotency_key')
      .where('workspace_id', '=', OWN_WORKSPACE)
      .where(
        sql<boolean>`EXISTS (SELECT 1 FROM json_each(made) WHERE json_each.value IN (SELECT value FROM json_each(${JSON.stringify(chunk)})))`,
      )
      .execute()
  })
}

/** What the sessions of these memory stores' dreams tell; the sessions themselves stay. */
export async function emptyRecordingsOfDreams(tx: Transaction, store_ids: string[]): Promise<void> {
  await inChunks(store_ids, (chunk) =>
    tx
      .deleteFrom('recorded_event')
      .where('recording_id', 'in', (eb) =>
        eb
          .selectFrom('recording')
          .innerJoin('dream', 'dream.id', 'recording.dream_id')
          .select('recording.id')
          .where('dream.memory_store_id', 'in', chunk),
      )
      .execute(),
  )
}

/** A session that came from a file, as far as it is listed on the wire. */
export type FiledSession = {
  id: string
  title: string
  agent: string
  harness: string
  external_session_id: string
  task: string | null
  agent_version: string | null
  created_at: string
  updated_at: string
  ended_at: string | null
}

export type Listed = { kind: 'recorded'; recording: Recording } | { kind: 'filed'; session: FiledSession }

export type RecordingFilter = {
  agent_id?: string | undefined
  agent_version?: number | undefined
  /** Names of agents of sessions from files that go with `agent_id`. */
  agents: string[] | null
  memory_store_id?: string | undefined
  statuses?: RecordingStatus[] | undefined
  include_archived: boolean
  created: Bounds
}

/** Bounds of a time. */
export type Bounds = Partial<Record<'gt' | 'gte' | 'lt' | 'lte', string>>

/** At most `limit`, from the place `after` on, oldest first or newest first. */
export async function listRecordings(
  db: Database,
  filter: RecordingFilter,
  { after, order, limit }: { after: Place | null; order: 'asc' | 'desc'; limit: number },
): Promise<Listed[]> {
  const recorded = await inOrder(
    db
      .selectFrom('recording')
      .select(listed)
      .where('workspace_id', '=', OWN_WORKSPACE)
      .$if(!filter.include_archived, (it) => it.where('archived_at', 'is', null))
      .$if(filter.agent_id !== undefined, (it) => it.where('agent_id', '=', filter.agent_id!))
      .$if(filter.agent_version !== undefined, (it) => it.where('agent_version', '=', filter.agent_version!))
      .$if(filter.statuses !== undefined, (it) => it.where('status', 'in', filter.statuses!))
      .$if(filter.memory_store_id !== undefined, (it) =>
        it.where(
          sql<boolean>`EXISTS (SELECT 1 FROM json_each(resources) WHERE json_extract(json_each.value, '$.memory_store_id') = ${filter.memory_store_id})`,
        ),
      ),
    sql.ref('created_at'),
    filter.created,
    { after, order, limit },
  ).execute()
  const filed = takesFiled(filter)
    ? await inOrder(
        filedSessions(db).$if(filter.agents !== null, (it) => it.where('agent', 'in', filter.agents!)),
        BEGAN,
        filter.created,
        { after, order, limit },
      ).execute()
    : []
  const sign = order === 'asc' ? 1 : -1
  return [
    ...recorded.map((row): Listed => ({ kind: 'recorded', recording: asRecording(row) })),
    ...filed.map((session): Listed => ({ kind: 'filed', session })),
  ]
    .sort((a, b) => sign * compare(placeOf(a), placeOf(b)))
    .slice(0, limit)
}

export function placeOf(it: Listed): Place {
  const { created_at, id } = it.kind === 'recorded' ? it.recording : it.session
  return { created_at, id }
}

export async function findFiledSession(
  db: Database | Transaction,
  id: string,
): Promise<FiledSession | undefined> {
  return filedSessions(db).where('id', '=', id).executeTakeFirst()
}

function filedSessions(db: Database | Transaction) {
  return db
    .selectFrom('session')
    .select([
      'id',
      'title',
      'agent',
      'harness',
      'external_session_id',
      'task',
      'agent_version',
      'ended_at',
      'ingested_at as updated_at',
    ])
    .select(BEGAN.as('created_at'))
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('recording_id', 'is', null)
}

/** As the index has it. */
const BEGAN = sql<string>`coalesce(started_at, ingested_at)`

/** Sessions from files are finished, hold no memory stores, and are of the first version of their agent. */
function takesFiled({ statuses, memory_store_id, agents, agent_version }: RecordingFilter): boolean {
  return (
    (statuses === undefined || statuses.includes('idle')) &&
    memory_store_id === undefined &&
    (agents === null || agents.length > 0) &&
    (agent_version === undefined || agent_version === 1)
  )
}

function inOrder<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
  time: ReturnType<typeof sql<string>>,
  created: Bounds,
  { after, order, limit }: { after: Place | null; order: 'asc' | 'desc'; limit: number },
): SelectQueryBuilder<DB, TB, O> {
  let found = query
  for (const [name, operator] of OPERATORS) {
    const bound = created[name]
    if (bound !== undefined) found = found.where(sql<boolean>`${time} ${sql.raw(operator)} ${bound}`)
  }
  if (after !== null) {
    const beyond = sql.raw(order === 'asc' ? '>' : '<')
    // The first says what the second says again: an index on an expression knows no pairs.
    found = found
      .where(sql<boolean>`${time} ${beyond}= ${after.created_at}`)
      .where(sql<boolean>`(${time}, id) ${beyond} (${after.created_at}, ${after.id})`)
  }
  const direction = sql.raw(order)
  return found.orderBy(sql`${time} ${direction}`).orderBy(sql`id ${direction}`).limit(limit)
}

export const OPERATORS = [
  ['gt', '>'],
  ['gte', '>='],
  ['lt', '<'],
  ['lte', '<='],
] as const

function compare(a: Place, b: Place): number {
  if (a.created_at !== b.created_at) return a.created_at < b.created_at ? -1 : 1
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0
}

function asRecording(row: Row): Recording {
  return {
    ...row,
    status: row.status as RecordingStatus,
    metadata: JSON.parse(row.metadata),
    agent: JSON.parse(row.agent),
    resources: JSON.parse(row.resources),
    vault_ids: JSON.parse(row.vault_ids),
    budget: row.budget === null ? null : JSON.parse(row.budget),
    archived_threads: JSON.parse(row.archived_threads),
  }
}
