/** Schedules: the rules that start dreams by themselves. */
import type { Database } from '../db/database.ts'
import { findMemoryStore } from '../db/memory-stores.ts'
import {
  countSchedules,
  findRun,
  findSchedule,
  insertSchedule,
  listRuns,
  listSchedules,
  type RunsWanted,
  type ScheduleSettings,
  type SchedulesWanted,
  updateSchedule,
} from '../db/schedules.ts'
import { listAgents } from '../db/sessions.ts'
import { checkCron, nextTimes } from '../domain/cron.ts'
import { EngineError } from '../domain/error.ts'
import { type Page, type PageRequest, pageByTime } from '../domain/page.ts'
import type { Schedule, ScheduleRun } from '../domain/schedule.ts'
import { checkModel } from './dream-requests.ts'
import { notFound } from './find.ts'
import type { Opened } from './opened.ts'
import { startByHand } from './schedule-jobs.ts'
import { storeOf } from './stores.ts'

/** A schedule, and when it would start something next. */
export type ShownSchedule = Schedule & { upcoming_runs_at: string[] }

/** Of the store of that id, or of the store of that agent. */
export type ScheduleWanted = Omit<ScheduleSettings, 'memory_store_id'> &
  ({ memory_store_id: string } | { agent: string })

/** What an update gives takes the place of what was there; what it does not give stays. */
export type ScheduleChange = Partial<Omit<ScheduleSettings, 'memory_store_id'>>

const MOST = 1_000
const UPCOMING = 5

export function schedulesOf(opened: Opened) {
  const { db, now } = opened
  return {
    /**
     * A new schedule. Throws `invalid_request_error` for times that are none, for a model that is not configured, and for a store that is
     * archived; `not_found_error` for a store or an agent that is not there.
     */
    async createSchedule(wanted: ScheduleWanted, as: `user:${string}`): Promise<ShownSchedule> {
      if (wanted.cron) checkCron(wanted.cron)
      await checkModel(opened, wanted.model)
      const memory_store_id = await storeWanted(opened, wanted)
      const { name, description, metadata, model, instructions, output_behavior, cron, threshold } = wanted
      const settings = { name, description, metadata, model, instructions, output_behavior, cron, threshold }
      const made = await db.transaction().execute(async (tx) => {
        if ((await countSchedules(tx)) >= MOST)
          throw new EngineError('invalid_request_error', `there are ${MOST} schedules already`, {
            hint: 'archive one that is no longer needed',
          })
        const by = { actor: as, at: now().toISOString(), reason: 'a person made a schedule' }
        return insertSchedule(tx, { ...settings, memory_store_id }, by)
      })
      return shown(made)
    },

    /** Newest first. */
    async schedules(wanted: SchedulesWanted & PageRequest = {}): Promise<Page<ShownSchedule>> {
      const { data, next_page } = await pageByTime(wanted, (before, limit) =>
        listSchedules(db, { ...wanted, before, limit }),
      )
      return { data: data.map(shown), next_page }
    },

    /** Throws `not_found_error` where there is none of that id. */
    async schedule(id: string): Promise<ShownSchedule> {
      return shown(await oneSchedule(db, id))
    },

    /** Throws `not_found_error`; `invalid_request_error` for times that are none, a model that is not configured, and a schedule that is archived. */
    async changeSchedule(id: string, change: ScheduleChange, as: `user:${string}`): Promise<ShownSchedule> {
      if (change.cron) checkCron(change.cron)
      if (change.model) await checkModel(opened, change.model)
      return write(id, as, 'a person changed a schedule', (it, at) => {
        const { cron = it.cron } = change
        // Times that a new rule had in the past are none that were missed.
        const is_same_rule = JSON.stringify(cron) === JSON.stringify(it.cron)
        return { ...it, ...change, active_since: is_same_rule ? it.active_since : at }
      })
    },

    /** It starts nothing any more, for good; its runs can still be read. Throws `not_found_error`. */
    async archiveSchedule(id: string, as: `user:${string}`): Promise<ShownSchedule> {
      const found = await oneSchedule(db, id)
      if (found.archived_at !== null) return shown(found)
      return write(id, as, 'a person archived a schedule', (it, at) => ({
        ...it,
        paused_reason: null,
        archived_at: at,
      }))
    },

    /** It starts nothing by itself until it goes on. Throws like `changeSchedule`. */
    async pauseSchedule(id: string, as: `user:${string}`): Promise<ShownSchedule> {
      return write(id, as, 'a person paused a schedule', (it) => ({
        ...it,
        paused_reason: it.paused_reason ?? { type: 'manual' as const },
      }))
    },

    /** It goes on with the next time to come; what passed meanwhile is not made up for. Throws like `changeSchedule`. */
    async unpauseSchedule(id: string, as: `user:${string}`): Promise<ShownSchedule> {
      return write(id, as, 'a person let a schedule go on', (it, at) =>
        it.paused_reason === null ? it : { ...it, paused_reason: null, active_since: at },
      )
    },

    /** One run now, of a paused one as well. Throws like `changeSchedule`. */
    async runSchedule(id: string, as: `user:${string}`): Promise<ScheduleRun> {
      return db.transaction().execute(async (tx) => startByHand(tx, await unarchived(tx, id), as, now()))
    },

    /** What schedules did, newest first. */
    async scheduleRuns(wanted: RunsWanted & PageRequest = {}): Promise<Page<ScheduleRun>> {
      return pageByTime(wanted, (before, limit) => listRuns(db, { ...wanted, before, limit }))
    },

    /** Throws `not_found_error` where there is none of that id. */
    async scheduleRun(id: string): Promise<ScheduleRun> {
      const found = await findRun(db, id)
      if (!found) throw notFound('run of a schedule', id, 'list the runs of a schedule')
      return found
    },
  }

  /** Writes what `change` makes of a schedule, and nothing where that is what it was. */
  async function write(
    id: string,
    actor: `user:${string}`,
    reason: string,
    change: (schedule: Schedule, at: string) => Schedule,
  ): Promise<ShownSchedule> {
    const at = now().toISOString()
    const written = await db.transaction().execute(async (tx) => {
      const before = await unarchived(tx, id)
      const after = change(before, at)
      const is_same = JSON.stringify(after) === JSON.stringify(before)
      return is_same ? before : updateSchedule(tx, after, { actor, at, reason })
    })
    return shown(written)
  }

  function shown(schedule: Schedule): ShownSchedule {
    const { cron, archived_at } = schedule
    const times = cron === null || archived_at !== null ? [] : nextTimes(cron, now(), UPCOMING)
    return { ...schedule, upcoming_runs_at: times.map((it) => it.toISOString()) }
  }
}

async function oneSchedule(db: Database, id: string): Promise<Schedule> {
  const found = await findSchedule(db, id)
  if (!found) throw notFound('schedule', id, 'list the schedules of this workspace')
  return found
}

async function unarchived(db: Database, id: string): Promise<Schedule> {
  const found = await oneSchedule(db, id)
  if (found.archived_at === null) return found
  throw new EngineError('invalid_request_error', `the schedule ${id} is archived`, {
    hint: 'make a new one: what is archived stays as it is',
  })
}

async function storeWanted(opened: Opened, wanted: ScheduleWanted): Promise<string> {
  if ('agent' in wanted) {
    const known = (await listAgents(opened.db)).map((it) => it.agent)
    if (!known.includes(wanted.agent))
      throw notFound('agent', wanted.agent, 'give a memory_store_id, or put in a session of that agent first')
    return (await storeOf(opened, wanted.agent, {})).id
  }
  const id = wanted.memory_store_id
  const store = id.startsWith('memstore_') ? await findMemoryStore(opened.db, id) : undefined
  if (!store) throw notFound('memory store', id, 'list the memory stores of this workspace')
  if (store.archived_at !== null)
    throw new EngineError('invalid_request_error', `the memory store ${id} is archived`, {
      hint: 'give one that is not: nothing is dreamed into an archived store',
    })
  if (store.agent === '')
    throw new EngineError(
      'invalid_request_error',
      `the memory store ${id} is no agent's yet: nothing is new to it`,
      {
        hint: 'make one with an agent in its metadata, or dream into it once, of sessions that you name',
      },
    )
  return id
}
