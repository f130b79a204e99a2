/** What schedules start, when, and how often: by the clock, by what came in, with any number of servers, after any pause. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { startDue, startDueEverywhere } from '../../src/engine/schedule-jobs.ts'
import type { ScheduleWanted } from '../../src/engine/schedules.ts'
import { type Engine, openEngine, openWorkspaces } from '../../src/engine.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-schedules-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ANN = 'user:ann'
const HOUR = 3_600_000
const NIGHTLY = { expression: '0 3 * * *', timezone: 'Europe/Berlin' }
const ENOUGH = { new_sessions: 3, min_interval_ms: 6 * 3_600_000 }

let database: string
let clock: Date
let db: Database
let engine: Engine
let databases = 0

beforeEach(() => {
  database = join(folder, `schedules-${databases++}.db`)
  // Noon in Berlin.
  clock = new Date('2026-06-01T10:00:00Z')
  engine = openEngine({ database, now: () => clock })
  db = openDatabase(database)
})
afterEach(async () => {
  await engine.close()
  await db.destroy()
})

describe('by the clock', () => {
  test('one dream a night is asked for, over everything new, as the schedule says', async () => {
    const schedule = await create({ cron: NIGHTLY, instructions: 'Look at refunds.' })
    expect(await tick()).toEqual([])
    clock = new Date('2026-06-02T00:59:59.999Z')
    expect(await tick()).toEqual([])

    clock = new Date('2026-06-02T01:00:02Z')
    const [run] = await tick()
    expect(run).toMatchObject({
      schedule_id: schedule.id,
      trigger: { type: 'schedule', scheduled_at: '2026-06-02T01:00:00.000Z' },
      error: null,
      created_at: '2026-06-02T01:00:02.000Z',
    })
    expect(await tick()).toEqual([])
    const [dream] = await db
      .selectFrom('dream')
      .innerJoin('dream_request', 'dream_id', 'dream.id')
      .innerJoin('job', 'job.id', 'dream.id')
      .select(['dream.id', 'dream.status', 'memory_store_id', 'session_ids', 'instructions'])
      .select(['output_behavior', 'dream_request.model', 'requested_by', 'kind'])
      .execute()
    expect(dream).toEqual({
      id: run!.dream_id,
      status: 'pending',
      memory_store_id: schedule.memory_store_id,
      session_ids: null,
      instructions: 'Look at refunds.',
      output_behavior: 'update_existing',
      model: JSON.stringify({ id: 'none', speed: 'standard' }),
      requested_by: ANN,
      kind: 'dream',
    })
    expect((await engine.schedule(schedule.id)).last_run_at).toBe('2026-06-02T01:00:02.000Z')
  })

  test('of the nights that nobody was there, the last is made up for, once', async () => {
    await create({ cron: NIGHTLY })
    clock = new Date('2026-06-20T10:00:00Z')
    expect(times(await tick())).toEqual(['2026-06-20T01:00:00.000Z'])
    expect(await tick()).toEqual([])
  })

  test('of the times while it was paused, none is made up for', async () => {
    const { id } = await create({ cron: NIGHTLY })
    await engine.pauseSchedule(id, ANN)
    clock = new Date('2026-06-20T10:00:00Z')
    expect(await tick()).toEqual([])
    await engine.unpauseSchedule(id, ANN)
    expect(await tick()).toEqual([])

    clock = new Date('2026-06-21T01:00:00Z')
    expect(times(await tick())).toEqual(['2026-06-21T01:00:00.000Z'])
  })

  test('a new rule has no times in the past', async () => {
    const { id } = await create({ cron: NIGHTLY })
    clock = new Date('2026-06-01T22:00:00Z')
    await engine.changeSchedule(id, { cron: { expression: '0 * * * *', timezone: 'UTC' } }, ANN)
    expect(await tick()).toEqual([])
    clock = new Date('2026-06-01T23:00:00Z')
    expect(times(await tick())).toEqual(['2026-06-01T23:00:00.000Z'])
  })

  test('another name does not make it forget what is due', async () => {
    const { id } = await create({ cron: NIGHTLY })
    clock = new Date('2026-06-02T01:00:02Z')
    await engine.changeSchedule(id, { name: 'every night' }, ANN)
    expect(await tick()).toHaveLength(1)
  })

  test.each([
    { zone: 'Europe/Berlin', change: 'forward', from: '2026-03-27T12:00Z', days: 4 },
    { zone: 'Europe/Berlin', change: 'back', from: '2026-10-23T12:00Z', days: 4 },
    { zone: 'America/New_York', change: 'forward', from: '2026-03-06T12:00Z', days: 4 },
    { zone: 'America/New_York', change: 'back', from: '2026-10-30T12:00Z', days: 4 },
  ])('a night is one run in $zone where the clock is put $change', async ({ zone, from, days }) => {
    clock = new Date(from)
    // A time that is left out in spring, and comes twice in autumn.
    await create({
      cron: { expression: zone === 'Europe/Berlin' ? '30 2 * * *' : '30 1-2 * * *', timezone: zone },
    })
    const runs: string[] = []
    for (const end = clock.getTime() + days * 24 * HOUR; clock.getTime() < end; later(HOUR / 6)) {
      runs.push(...times(await tick()))
      await endDreams()
    }
    const a_night = zone === 'Europe/Berlin' ? 1 : 2
    expect(runs).toHaveLength(days * a_night)
    expect(new Set(runs).size).toBe(days * a_night)
  })

  test('what is archived starts nothing any more', async () => {
    const { id } = await create({ cron: NIGHTLY })
    await engine.archiveSchedule(id, ANN)
    clock = new Date('2026-06-20T10:00:00Z')
    expect(await tick()).toEqual([])
    expect(await engine.schedule(id)).toMatchObject({ upcoming_runs_at: [], paused_reason: null })
  })
})

describe('by what came in', () => {
  test('a dream is asked for when there are enough new sessions, and long enough since the last', async () => {
    await ingest('first', 2)
    const { id } = await create({ threshold: ENOUGH }, { agent: 'desk' })
    expect(await tick()).toEqual([])
    await ingest('second', 1)
    expect(triggers(await tick())).toEqual([{ type: 'threshold', new_sessions: 3 }])
    expect(await tick()).toEqual([])

    await dreamed()
    later(HOUR)
    await ingest('third', 3)
    expect(await tick()).toEqual([])
    later(5 * HOUR)
    expect(triggers(await tick())).toEqual([{ type: 'threshold', new_sessions: 3 }])
    expect((await engine.scheduleRuns({ schedule_id: id })).data).toHaveLength(2)
  })

  test('sessions that were dreamed of are new no longer', async () => {
    await ingest('first', 5)
    await engine.dream({ agent: 'desk' })
    await create({ threshold: ENOUGH }, { agent: 'desk' })
    await ingest('second', 2)
    expect(await tick()).toEqual([])
    await ingest('third', 1)
    expect(await tick()).toHaveLength(1)
  })

  test('sessions of other agents do not count', async () => {
    await ingest('first', 1)
    await ingest('others', 5, 'shop')
    await create({ threshold: ENOUGH }, { agent: 'desk' })
    expect(await tick()).toEqual([])
  })

  test('while a dream is under way nothing is started', async () => {
    await ingest('first', 3)
    const { id } = await create({ threshold: ENOUGH }, { agent: 'desk' })
    await engine.runSchedule(id, ANN)
    expect(await tick()).toEqual([])
    await endDreams()
    expect(await tick()).toHaveLength(1)
  })

  test('beside the clock, each run counts for how long ago the last one was', async () => {
    await ingest('first', 3)
    await create({ cron: NIGHTLY, threshold: ENOUGH }, { agent: 'desk' })
    clock = new Date('2026-06-02T01:00:00Z')
    expect(triggers(await tick())).toMatchObject([{ type: 'schedule' }])
    await endDreams()
    later(5 * HOUR)
    expect(await tick()).toEqual([])
    later(HOUR)
    expect(triggers(await tick())).toMatchObject([{ type: 'threshold' }])
  })
})

describe('with any number of servers', () => {
  test('a time is one run and one dream', async () => {
    await create({ cron: { expression: '*/5 * * * *', timezone: 'UTC' } })
    const servers = Array.from({ length: 8 }, () => openDatabase(database))
    for (let i = 1; i <= 5; i++) {
      clock = new Date(Date.parse('2026-06-01T10:00:00Z') + i * 5 * 60_000)
      const runs = await Promise.all(servers.map((it) => startDue({ db: it, now: () => clock })))
      expect(runs.flat()).toHaveLength(1)
      await endDreams()
    }
    expect((await engine.scheduleRuns()).data).toHaveLength(5)
    for (const it of servers) await it.destroy()
  })

  test('enough new sessions are one run', async () => {
    await ingest('first', 3)
    await create({ threshold: { new_sessions: 3, min_interval_ms: 0 } }, { agent: 'desk' })
    const servers = Array.from({ length: 8 }, () => openDatabase(database))
    const runs = await Promise.all(servers.map((it) => startDue({ db: it, now: () => clock })))
    expect(runs.flat()).toHaveLength(1)
    for (const it of servers) await it.destroy()
  })

  test('one whose clock is slow starts nothing that is over', async () => {
    await create({ cron: { expression: '*/5 * * * *', timezone: 'UTC' } })
    clock = new Date('2026-06-01T10:10:01Z')
    expect(times(await tick())).toEqual(['2026-06-01T10:10:00.000Z'])
    await endDreams()
    clock = new Date('2026-06-01T10:09:59Z')
    expect(await tick()).toEqual([])
  })

  test('servers whose clocks differ start nothing that is over, whichever looks first', async () => {
    await create({ cron: { expression: '*/5 * * * *', timezone: 'UTC' } })
    const other = openDatabase(database)
    for (let i = 2; i < 12; i += 2) {
      const fast = new Date(Date.parse('2026-06-01T10:00:01Z') + i * 5 * 60_000)
      const slow = new Date(fast.getTime() - 2_000)
      await Promise.all([startDue({ db, now: () => fast }), startDue({ db: other, now: () => slow })])
      await endDreams()
    }
    const slots = await db
      .selectFrom('dream_schedule_run')
      .select('scheduled_at')
      .orderBy(sql`rowid`)
      .execute()
    const in_order = slots.map((it) => it.scheduled_at!)
    expect(in_order.length).toBeGreaterThanOrEqual(5)
    expect(in_order).toEqual(in_order.toSorted())
    await other.destroy()
  })

  test('a run that cannot be written starts no dream', async () => {
    const { id } = await create({ cron: NIGHTLY })
    clock = new Date('2026-06-02T01:00:00Z')
    await db
      .insertInto('dream_schedule_run')
      .values({
        ...{ id: 'drun_1', schedule_id: id, slot: '2026-06-02T01:00:00.000Z', trigger_type: 'schedule' },
        ...{ scheduled_at: '2026-06-02T01:00:00.000Z', new_sessions: null, dream_id: null },
        ...{ error_type: 'dream_in_progress_error', error_message: 'x', created_at: clock.toISOString() },
      })
      .execute()
    expect(await tick()).toEqual([])
    expect(await db.selectFrom('dream').selectAll().execute()).toEqual([])
  })

  test('each workspace has its own', async () => {
    const workspaces = openWorkspaces({ database })
    await workspaces.create({ name: 'red' }, ANN)
    await workspaces.close()
    const red = openEngine({ database, workspace: 'red', now: () => clock })
    const mine = await create({ cron: NIGHTLY })
    await expect(red.schedule(mine.id)).rejects.toThrow(`there is no schedule ${mine.id}`)
    await expect(red.createSchedule(wanted({}, mine.memory_store_id), ANN)).rejects.toThrow(
      'there is no memory store',
    )
    const { id } = await red.createStore(
      { name: 'theirs', description: '', metadata: { agent: 'desk' } },
      ANN,
    )
    const theirs = await red.createSchedule(wanted({ cron: NIGHTLY }, id), ANN)

    clock = new Date('2026-06-02T01:00:00Z')
    const opened: Database[] = []
    await startDueEverywhere(db, (id) => {
      const there = openDatabase(database, { id })
      opened.push(there)
      return { db: there, now: () => clock }
    })
    expect((await engine.scheduleRuns()).data.map((it) => it.schedule_id)).toEqual([mine.id])
    const [run] = (await red.scheduleRuns()).data
    expect(run).toMatchObject({ schedule_id: theirs.id })
    await expect(engine.scheduleRun(run!.id)).rejects.toThrow('there is no run of a schedule')
    expect((await engine.scheduleRuns({ schedule_id: theirs.id })).data).toEqual([])
    const job = await db.selectFrom('job').select('workspace_id').where('id', '=', run!.dream_id).execute()
    expect(job).toEqual([{ workspace_id: (await red.workspace()).id }])
    for (const it of opened) await it.destroy()
    await red.close()
  })
})

describe('what cannot be started is said', () => {
  test('a dream that has not ended is not doubled: the run says so, and the next one reads what it would have', async () => {
    await create({ cron: NIGHTLY })
    clock = new Date('2026-06-02T01:00:00Z')
    const [first] = await tick()
    clock = new Date('2026-06-03T01:00:00Z')
    expect((await tick())[0]).toMatchObject({
      dream_id: null,
      error: { type: 'dream_in_progress_error', message: expect.stringContaining(first!.dream_id!) },
    })
    await endDreams()
    clock = new Date('2026-06-04T01:00:00Z')
    expect((await tick())[0]).toMatchObject({ error: null })
  })

  test('a dream whose process died is not waited for', async () => {
    const { memory_store_id } = await create({ cron: NIGHTLY })
    await db
      .insertInto('dream')
      .values({
        ...{ id: 'drm_dead', memory_store_id, status: 'running', worker: 'gone:1:1' },
        ...{ lease_expires_at: '2026-06-01T09:00:00.000Z', created_at: '2026-06-01T08:00:00.000Z' },
      } as never)
      .execute()
    clock = new Date('2026-06-02T01:00:00Z')
    expect((await tick())[0]).toMatchObject({ error: null })
  })

  const ARCHIVED = { column: 'archived_at', error: 'memory_store_archived_error' } as const
  const DELETED = { column: 'deleted_at', error: 'memory_store_not_found_error' } as const

  test.each([
    { what: 'archived', rule: { cron: NIGHTLY }, by: ARCHIVED },
    { what: 'archived', rule: { threshold: ENOUGH }, by: ARCHIVED },
    { what: 'deleted', rule: { cron: NIGHTLY }, by: DELETED },
  ])('a memory store that was $what pauses the schedule $rule', async ({ rule, by }) => {
    const { column, error } = by
    const { id, memory_store_id } = await create(rule)
    await db
      .updateTable('memory_store')
      .set({ [column]: clock.toISOString() })
      .where('id', '=', memory_store_id)
      .execute()
    clock = new Date('2026-06-02T01:00:00Z')
    expect(await tick()).toMatchObject([{ dream_id: null, error: { type: error } }])

    expect((await engine.schedule(id)).paused_reason).toEqual({ type: 'error', error: { type: error } })
    expect((await engine.scheduleRuns({ schedule_id: id })).data).toMatchObject([{ error: { type: error } }])
    expect((await engine.audit({ limit: 1 })).data[0]).toMatchObject({
      ...{ actor: 'server', action: 'schedule.changed', object: id, reason: error },
    })
    clock = new Date('2026-06-03T01:00:00Z')
    expect(await tick()).toEqual([])
  })

  test('a run by hand tells of it and pauses nothing', async () => {
    const { id, memory_store_id } = await create({ cron: NIGHTLY })
    await db
      .updateTable('memory_store')
      .set({ archived_at: clock.toISOString() })
      .where('id', '=', memory_store_id)
      .execute()
    const run = await engine.runSchedule(id, ANN)
    expect(run).toMatchObject({ trigger: { type: 'manual' }, error: { type: 'memory_store_archived_error' } })
    expect(await engine.schedule(id)).toMatchObject({ paused_reason: null, last_run_at: null })
  })
})

// ---------------------------------------------------------------- deeds

type Runs = Awaited<ReturnType<typeof startDue>>

function tick(): Promise<Runs> {
  return startDue({ db, now: () => clock })
}

function later(ms: number): void {
  clock = new Date(clock.getTime() + ms)
}

function times(runs: Runs): string[] {
  return runs.flatMap(({ trigger }) => (trigger.type === 'schedule' ? [trigger.scheduled_at] : []))
}

function triggers(runs: Runs) {
  return runs.map((it) => it.trigger)
}

function wanted(how: Partial<ScheduleWanted>, memory_store_id: string): ScheduleWanted {
  return {
    name: 'nightly',
    description: null,
    metadata: {},
    model: { id: 'none', speed: 'standard' },
    instructions: null,
    output_behavior: 'update_existing',
    cron: null,
    threshold: null,
    ...how,
    memory_store_id,
  }
}

async function create(how: Partial<ScheduleWanted>, of?: { agent: string }) {
  if (of !== undefined) {
    const { memory_store_id: _, ...rest } = { ...wanted(how, ''), memory_store_id: '' }
    return engine.createSchedule({ ...rest, ...of }, ANN)
  }
  const { id } = await engine.createStore({ name: 'desk', description: '', metadata: { agent: 'desk' } }, ANN)
  return engine.createSchedule(wanted(how, id), ANN)
}

async function ingest(name: string, n: number, agent = 'desk'): Promise<void> {
  const file = join(folder, `${databases}-${name}.jsonl`)
  const lines = Array.from({ length: n }, (_, i) =>
    JSON.stringify({
      id: `${name}-${i}`,
      agent,
      steps: [{ role: 'user', text: `Refund order ${name} ${i}.` }],
    }),
  )
  writeFileSync(file, lines.join('\n'))
  await engine.ingest([file])
}

/** What was asked for ends, having read nothing. */
async function endDreams(): Promise<void> {
  await db.deleteFrom('job').execute()
  await db
    .updateTable('dream')
    .set({ status: 'canceled', ended_at: clock.toISOString() })
    .where('status', '=', 'pending')
    .execute()
}

/** What was asked for ends, having read everything. */
async function dreamed(): Promise<void> {
  await endDreams()
  await engine.dream({ agent: 'desk' })
}
