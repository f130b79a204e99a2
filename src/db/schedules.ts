/** Schedules of dreams, and what they did. */
import type { ExpressionBuilder, Selectable } from 'kysely'
import { randomId } from '../domain/id.ts'
import type { MemoryStore } from '../domain/memory.ts'
import type { Place } from '../domain/page.ts'
import { Schedule, ScheduleRun } from '../domain/schedule.ts'
import { appendAudit } from './audit.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'
import type { Schema } from './schema.ts'

type By = { actor: `user:${string}` | 'server'; at: string; reason: string }

export type ScheduleSettings = Pick<
  Schedule,
  | 'name'
  | 'description'
  | 'metadata'
  | 'memory_store_id'
  | 'model'
  | 'instructions'
  | 'output_behavior'
  | 'cron'
  | 'threshold'
>

export async function insertSchedule(
  tx: Transaction,
  settings: ScheduleSettings,
  by: By & { actor: `user:${string}` },
): Promise<Schedule> {
  const made: Schedule = {
    ...{ id: randomId('dsch'), ...settings, paused_reason: null, active_since: by.at },
    ...{ last_run_at: null, created_at: by.at, created_by: by.actor, updated_at: by.at, archived_at: null },
  }
  await tx
    .insertInto('dream_schedule')
    .values({ ...rowOf(made), workspace_id: OWN_WORKSPACE })
    .execute()
  await note(tx, made.id, 'schedule.created', by)
  return made
}

/** Writes `schedule` in the place of what had its id. */
export async function updateSchedule(tx: Transaction, schedule: Schedule, by: By): Promise<Schedule> {
  const changed = { ...schedule, updated_at: by.at }
  await tx
    .updateTable('dream_schedule')
    .set(rowOf(changed))
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('id', '=', schedule.id)
    .execute()
  await note(tx, schedule.id, schedule.archived_at === null ? 'schedule.changed' : 'schedule.archived', by)
  return changed
}

export async function findSchedule(db: Database | Transaction, id: string): Promise<Schedule | undefined> {
  const row = await schedules(db).where('id', '=', id).executeTakeFirst()
  return row && asSchedule(row)
}

export type SchedulesWanted = {
  include_archived?: boolean
  status?: 'active' | 'paused'
  memory_store_id?: string
  since?: string
  until?: string
}

/** Newest first, those before `before`. */
export async function listSchedules(
  db: Database,
  wanted: SchedulesWanted & { before?: Place; limit: number },
): Promise<Schedule[]> {
  const { status, memory_store_id, since, until, before } = wanted
  const rows = await schedules(db)
    .$if(!wanted.include_archived, (it) => it.where('archived_at', 'is', null))
    .$if(status === 'active', (it) => it.where('paused_reason', 'is', null))
    .$if(status === 'paused', (it) => it.where('paused_reason', 'is not', null))
    .$if(memory_store_id !== undefined, (it) => it.where('memory_store_id', '=', memory_store_id!))
    .$if(since !== undefined, (it) => it.where('created_at', '>=', since!))
    .$if(until !== undefined, (it) => it.where('created_at', '<=', until!))
    .$if(before !== undefined, (it) =>
      it.where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(before!.created_at, before!.id))),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(wanted.limit)
    .execute()
  return rows.map(asSchedule)
}

/** How many there are that are not archived. */
export async function countSchedules(db: Transaction): Promise<number> {
  const { n } = await db
    .selectFrom('dream_schedule')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('archived_at', 'is', null)
    .executeTakeFirstOrThrow()
  return n
}

/** Ids of the workspaces that have a schedule which may start something, of the whole database. */
export async function workspacesWithSchedules(db: Database): Promise<string[]> {
  const rows = await db
    .selectFrom('dream_schedule')
    .select('workspace_id')
    .where(isActive)
    .distinct()
    .execute()
  return rows.map((it) => it.workspace_id)
}

/** What may start by itself, each with the last time of the clock that it has a run for. */
export async function activeSchedules(
  db: Database,
): Promise<{ schedule: Schedule; last_slot: string | null }[]> {
  const rows = await schedules(db)
    .where(isActive)
    .select((eb) =>
      eb
        .selectFrom('dream_schedule_run')
        .select((run) => run.fn.max('scheduled_at').as('at'))
        .whereRef('schedule_id', '=', 'dream_schedule.id')
        .as('last_slot'),
    )
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(({ last_slot, ...row }) => ({ schedule: asSchedule(row), last_slot }))
}

/**
 * Whether the schedule has a run for that slot, or for a later time of the clock. Asked in the transaction that puts the run in, so
 * that of servers that ask at once one is told no.
 */
export async function hasRun(
  tx: Transaction,
  schedule_id: string,
  slot: string,
  scheduled_at: string | null,
): Promise<boolean> {
  const found = await tx
    .selectFrom('dream_schedule_run')
    .select('id')
    .where('schedule_id', '=', schedule_id)
    .where((eb) => eb.or([eb('slot', '=', slot), eb('scheduled_at', '>=', scheduled_at)]))
    .executeTakeFirst()
  return found !== undefined
}

/** Puts a run in; one that was not asked for by a person is noted on its schedule. */
export async function insertRun(
  tx: Transaction,
  run: Omit<ScheduleRun, 'id'>,
  slot: string | null,
): Promise<ScheduleRun> {
  const made = { id: randomId('drun'), ...run }
  const { trigger, error, ...rest } = made
  await tx
    .insertInto('dream_schedule_run')
    .values({
      ...{ ...rest, slot, trigger_type: trigger.type },
      scheduled_at: trigger.type === 'schedule' ? trigger.scheduled_at : null,
      new_sessions: trigger.type === 'threshold' ? trigger.new_sessions : null,
      error_type: error?.type ?? null,
      error_message: error?.message ?? null,
    })
    .execute()
  if (slot !== null)
    await tx
      .updateTable('dream_schedule')
      .set({ last_run_at: run.created_at })
      .where('workspace_id', '=', OWN_WORKSPACE)
      .where('id', '=', run.schedule_id)
      .execute()
  return made
}

export type RunsWanted = {
  schedule_id?: string
  has_error?: boolean
  trigger_type?: ScheduleRun['trigger']['type']
  after?: string
  since?: string
  earlier?: string
  until?: string
}

/** Newest first, those before `before`. */
export async function listRuns(
  db: Database,
  wanted: RunsWanted & { before?: Place; limit: number },
): Promise<ScheduleRun[]> {
  const { schedule_id, has_error, trigger_type, before } = wanted
  const times = [
    ['>', wanted.after],
    ['>=', wanted.since],
    ['<', wanted.earlier],
    ['<=', wanted.until],
  ] as const
  let query = runs(db)
    .$if(schedule_id !== undefined, (it) => it.where('schedule_id', '=', schedule_id!))
    .$if(has_error === true, (it) => it.where('error_type', 'is not', null))
    .$if(has_error === false, (it) => it.where('error_type', 'is', null))
    .$if(trigger_type !== undefined, (it) => it.where('trigger_type', '=', trigger_type!))
  for (const [compared, time] of times)
    if (time !== undefined) query = query.where('dream_schedule_run.created_at', compared, time)
  const rows = await query
    .$if(before !== undefined, (it) =>
      it.where((eb) =>
        eb(
          eb.refTuple('dream_schedule_run.created_at', 'dream_schedule_run.id'),
          '<',
          eb.tuple(before!.created_at, before!.id),
        ),
      ),
    )
    .orderBy('dream_schedule_run.created_at', 'desc')
    .orderBy('dream_schedule_run.id', 'desc')
    .limit(wanted.limit)
    .execute()
  return rows.map(asRun)
}

export async function findRun(db: Database, id: string): Promise<ScheduleRun | undefined> {
  const row = await runs(db).where('dream_schedule_run.id', '=', id).executeTakeFirst()
  return row && asRun(row)
}

/** The dream of that store that waits or runs; null where none does. One that nobody will end is none: the next takes it over. */
export async function dreamUnderWay(
  db: Database | Transaction,
  memory_store_id: string,
  now: Date,
): Promise<string | null> {
  const row = await db
    .selectFrom('dream')
    .leftJoin('job', 'job.id', 'dream.id')
    .select('dream.id')
    .where('memory_store_id', '=', memory_store_id)
    .where('dream.status', 'in', ['pending', 'running'])
    .where((eb) =>
      eb.or([
        eb('dream.lease_expires_at', '>=', now.toISOString()),
        eb('job.status', 'in', ['pending', 'running']),
      ]),
    )
    .executeTakeFirst()
  return row?.id ?? null
}

/**
 * How many sessions the store has not dreamed of, up to `most`: those that are stored, and those that were put in
 * over the wire since and that no one writes at the moment.
 */
export async function countNewSessions(
  db: Database | Transaction,
  { id, agent }: Pick<MemoryStore, 'id' | 'agent'>,
  most: number,
): Promise<number> {
  const stored = db
    .selectFrom('session')
    .select('id')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('agent', '=', agent)
    .where('seq', '>', (eb) => eb.selectFrom('memory_store').select('dreamed_through').where('id', '=', id))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('ledger')
            .select('session_seq')
            .where('memory_store_id', '=', id)
            .whereRef('session_seq', '=', 'session.seq'),
        ),
      ),
    )
  const recorded = db
    .selectFrom('recording')
    .select('id')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .whereRef('last_event', '>', 'settled_through')
    .where('dream_id', 'is', null)
    .where('status', 'in', ['idle', 'terminated'])
    .where((eb) => eb(eb.fn('json_extract', ['agent', eb.val('$.name')]), '=', agent))
  const { n } = await db
    .selectFrom(stored.unionAll(recorded).limit(most).as('fresh'))
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .executeTakeFirstOrThrow()
  return n
}

function isActive(eb: ExpressionBuilder<Schema, 'dream_schedule'>) {
  return eb.and([
    eb('paused_reason', 'is', null),
    eb('archived_at', 'is', null),
    eb.or([eb('expression', 'is not', null), eb('new_sessions', 'is not', null)]),
  ])
}

async function note(
  tx: Transaction,
  object: string,
  action: 'schedule.created' | 'schedule.changed' | 'schedule.archived',
  { actor, at, reason }: By,
): Promise<void> {
  await appendAudit(tx, { at, actor, action, object, before_sha256: null, after_sha256: null, reason })
}

function schedules(db: Database | Transaction) {
  return db.selectFrom('dream_schedule').selectAll().where('workspace_id', '=', OWN_WORKSPACE)
}

function runs(db: Database) {
  return db
    .selectFrom('dream_schedule_run')
    .innerJoin('dream_schedule', 'dream_schedule.id', 'schedule_id')
    .selectAll('dream_schedule_run')
    .where('workspace_id', '=', OWN_WORKSPACE)
}

/** A schedule as its row, but for its workspace. */
function rowOf(schedule: Schedule) {
  const { cron, threshold, paused_reason, ...rest } = schedule
  return {
    ...rest,
    metadata: JSON.stringify(rest.metadata),
    model: JSON.stringify(rest.model),
    expression: cron?.expression ?? null,
    timezone: cron?.timezone ?? null,
    new_sessions: threshold?.new_sessions ?? null,
    min_interval_ms: threshold?.min_interval_ms ?? null,
    paused_reason: paused_reason?.type ?? null,
    paused_error: paused_reason?.type === 'error' ? paused_reason.error.type : null,
  }
}

function asSchedule(row: Selectable<Schema['dream_schedule']>): Schedule {
  const { expression, timezone, new_sessions, min_interval_ms, paused_reason, paused_error } = row
  return Schedule.parse({
    ...row,
    metadata: JSON.parse(row.metadata),
    model: JSON.parse(row.model),
    cron: expression === null ? null : { expression, timezone },
    threshold: new_sessions === null ? null : { new_sessions, min_interval_ms },
    paused_reason:
      paused_reason === null
        ? null
        : paused_error === null
          ? { type: 'manual' }
          : { type: 'error', error: { type: paused_error } },
  })
}

function asRun(row: Selectable<Schema['dream_schedule_run']>): ScheduleRun {
  const { trigger_type: type, scheduled_at, new_sessions, error_type, error_message } = row
  return ScheduleRun.parse({
    ...row,
    trigger: { type, ...(scheduled_at && { scheduled_at }), ...(new_sessions !== null && { new_sessions }) },
    error: error_type === null ? null : { type: error_type, message: error_message },
  })
}
