/**
 * What schedules start by themselves. Every server looks every few seconds; a run and the dream that it starts are one transaction,
 * which finds out that another server was first.
 */
import type { Database, Transaction } from '../db/database.ts'
import { writerOf } from '../db/dream-requests.ts'
import { findMemoryStore } from '../db/memory-stores.ts'
import {
  activeSchedules,
  countNewSessions,
  dreamUnderWay,
  findSchedule,
  hasRun,
  insertRun,
  updateSchedule,
  workspacesWithSchedules,
} from '../db/schedules.ts'
import { latestTime } from '../domain/cron.ts'
import type { RunError, RunTrigger, Schedule, ScheduleRun } from '../domain/schedule.ts'
import { putDreamIn } from './dream-requests.ts'
import type { Opened } from './opened.ts'

/** Starts what is due in every workspace of the database that has a schedule. */
export async function startDueEverywhere(
  db: Database,
  openedFor: (workspace_id: string) => Opened,
): Promise<void> {
  for (const id of await workspacesWithSchedules(db)) await startDue(openedFor(id))
}

/**
 * Starts what is due in this workspace; gives the runs. Of times that have passed unseen the last one counts, the others are
 * let go: a dream reads everything new anyway.
 */
export async function startDue({ db, now }: Opened): Promise<ScheduleRun[]> {
  const started: ScheduleRun[] = []
  for (const { schedule, last_slot } of await activeSchedules(db)) {
    const at = now()
    const due = dueByClock(schedule, last_slot, at) ?? (await dueByThreshold(db, schedule, at))
    const run = due && (await startOnce(db, schedule.id, due, at))
    if (run) started.push(run)
  }
  return started
}

/** Starts one because a person asked for it, whether the schedule is active or not. */
export async function startByHand(
  tx: Transaction,
  schedule: Schedule,
  as: `user:${string}`,
  now: Date,
): Promise<ScheduleRun> {
  const started = await start(tx, schedule, as, now)
  return insertRun(tx, runOf(schedule, { type: 'manual' }, started, now), null)
}

type Due = { slot: string; trigger: RunTrigger }

function dueByClock({ cron, active_since }: Schedule, last_slot: string | null, now: Date): Due | null {
  if (cron === null) return null
  const seen = last_slot !== null && last_slot > active_since ? last_slot : active_since
  const scheduled_at = latestTime(cron, new Date(seen), now)?.toISOString()
  return scheduled_at === undefined
    ? null
    : { slot: scheduled_at, trigger: { type: 'schedule', scheduled_at } }
}

/** While a dream is under way nothing is due: what it reads is not new for long. */
async function dueByThreshold(db: Database, schedule: Schedule, now: Date): Promise<Due | null> {
  const { threshold, last_run_at, memory_store_id } = schedule
  if (threshold === null) return null
  if (last_run_at !== null && now.getTime() - Date.parse(last_run_at) < threshold.min_interval_ms) return null
  const store = await findMemoryStore(db, memory_store_id)
  const slot = last_run_at === null ? 'first' : `after ${last_run_at}`
  // The run says what is wrong.
  if (!store || store.archived_at !== null) return { slot, trigger: { type: 'threshold', new_sessions: 0 } }
  if ((await dreamUnderWay(db, store.id, now)) !== null) return null
  const new_sessions = await countNewSessions(db, store, threshold.new_sessions)
  return new_sessions < threshold.new_sessions ? null : { slot, trigger: { type: 'threshold', new_sessions } }
}

/** Null where another server was first, or somebody has paused it meanwhile. */
async function startOnce(db: Database, id: string, { slot, trigger }: Due, now: Date) {
  return db.transaction().execute(async (tx) => {
    const schedule = await findSchedule(tx, id)
    if (!schedule || schedule.paused_reason !== null || schedule.archived_at !== null) return null
    const scheduled_at = trigger.type === 'schedule' ? trigger.scheduled_at : null
    if (await hasRun(tx, id, slot, scheduled_at)) return null
    const started = await start(tx, schedule, 'server', now)
    const run = await insertRun(tx, runOf(schedule, trigger, started, now), slot)
    if (run.error !== null && isForGood(run.error.type)) {
      const paused_reason = { type: 'error' as const, error: { type: run.error.type } }
      const by = { actor: 'server' as const, at: now.toISOString(), reason: run.error.type }
      await updateSchedule(tx, { ...schedule, last_run_at: run.created_at, paused_reason }, by)
    }
    return run
  })
}

type Started = Pick<ScheduleRun, 'dream_id' | 'error'>

async function start(
  tx: Transaction,
  schedule: Schedule,
  as: `user:${string}` | 'server',
  now: Date,
): Promise<Started> {
  const store = await findMemoryStore(tx, schedule.memory_store_id)
  if (!store) return failed('memory_store_not_found_error', 'the memory store was deleted')
  if (store.archived_at !== null)
    return failed('memory_store_archived_error', 'the memory store was archived')
  const other =
    (await dreamUnderWay(tx, store.id, now)) ??
    (schedule.output_behavior === 'update_existing' ? (await writerOf(tx, store.id, now))?.id : undefined)
  if (other !== undefined)
    return failed(
      'dream_in_progress_error',
      `the dream ${other} of this memory store had not ended; the next run reads what this one would have`,
    )
  const { model, instructions, output_behavior } = schedule
  const request = { memory_store_id: store.id, session_ids: null, model, instructions, output_behavior }
  const dream_id = await putDreamIn(
    tx,
    { ...request, requested_by: as === 'server' ? schedule.created_by : as },
    { actor: as, reason: `a run of the schedule ${schedule.id}` },
    now,
  )
  return { dream_id, error: null }
}

function failed(type: RunError, message: string): Started {
  return { dream_id: null, error: { type, message } }
}

function isForGood(error: RunError): boolean {
  return error !== 'dream_in_progress_error'
}

function runOf(
  schedule: Schedule,
  trigger: RunTrigger,
  started: Started,
  now: Date,
): Omit<ScheduleRun, 'id'> {
  return { schedule_id: schedule.id, trigger, ...started, created_at: now.toISOString() }
}
