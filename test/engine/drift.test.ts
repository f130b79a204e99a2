/** Day 100 against day 1, and the alarms of the nights between, in a database on disk. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { writeMemory } from '../../src/db/memories.ts'
import { type Engine, openEngine } from '../../src/engine.ts'
import { generator } from '../3-mine/tallied.ts'
import { trust } from '../trusting.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-drift-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const DAY_MS = 86_400_000
const START = Date.UTC(2026, 7, 3)
let database: string
let engine: Engine
let clock: number
let files = 0
let random: () => number

beforeEach(() => {
  random = generator(4)
  clock = START
  database = join(scratch, `${files++}.db`)
  engine = openEngine({ database, now: () => new Date(clock) })
})
afterEach(() => engine.close())

const dayAfter = (days: number) => new Date(START + days * DAY_MS).toISOString().slice(0, 10)

type Ways = {
  /** Null where nobody knows how a session ended. */
  well?: number | null
  guard?: number
  tool?: string
  agent?: string
  approved?: boolean
  version?: string
}

/** What the agent did on a day: `n` sessions of four tasks, of which that share goes well. */
async function work(
  day: number,
  n: number,
  { well = 0.8, guard = 0.5, tool = 'search', agent = 'desk', approved, version = 'v1' }: Ways = {},
): Promise<void> {
  const lines = Array.from({ length: n }, (_, i) => {
    const outcome = well === null ? {} : { outcome: { success: random() < well } }
    const looked = random() < guard
    const calls: [string, boolean][] = [
      [tool, true],
      ...(looked ? ([['get_order', true]] as [string, boolean][]) : []),
      ['refund', looked],
    ]
    return JSON.stringify({
      id: `${files}-${agent}-${day}-${i}`,
      agent,
      agent_version: version,
      task_id: `task-${i % 4}`,
      started_at: new Date(START + day * DAY_MS + (i + 1) * 60_000).toISOString(),
      ...outcome,
      steps: [
        { role: 'user', text: `Please see to case ${day}-${i}.` },
        ...calls.flatMap(([name, ok], c) => [
          { role: 'assistant', calls: [{ id: `c${c}`, name, args: { case: `${day}-${i}` } }] },
          { role: 'tool', call_id: `c${c}`, name, text: ok ? 'done' : 'Error: look first', error: !ok },
        ]),
        { role: 'assistant', text: 'It is done.' },
        ...(approved === undefined ? [] : [{ role: 'feedback', kind: approved ? 'approval' : 'rejection' }]),
      ],
    })
  })
  const path = join(scratch, `${files++}.jsonl`)
  writeFileSync(path, lines.join('\n'))
  await engine.ingest([path])
}

/** The night after a day: a dream, and what it alerts of. */
async function night(day: number): Promise<string[]> {
  clock = START + (day + 1) * DAY_MS + 2 * 3_600_000
  const [report] = await engine.dream({ agent: 'desk' })
  return report!.dream.alerts.flatMap((it) =>
    it.alarm === undefined ? [] : [`${it.alarm.type} since ${it.alarm.since}`],
  )
}

describe('behaviour', () => {
  test('the week around day 1 against the week around day 100', async () => {
    for (let day = 0; day < 7; day++) await work(day, 20, { approved: true })
    for (let day = 93; day < 100; day++)
      await work(day, 20, { well: 0.4, tool: 'browse', approved: true, version: 'v2' })

    const it = await engine.drift({ agent: 'desk', from: dayAfter(0), to: dayAfter(99) })

    expect(it.before).toEqual({ from: '2026-08-03', to: '2026-08-09', sessions: 140, intents: 4 })
    expect(it.after).toEqual({ from: '2026-11-04', to: '2026-11-10', sessions: 140, intents: 4 })
    expect(it.alarms.map(({ type }) => type)).toEqual(['completion', 'approved_but_wrong', 'tool_mix'])
    const [completion] = it.behaviour
    expect(completion).toMatchObject({ behaviour: 'completion', before: { sessions: 140 } })
    expect(completion!.at_equal_work!.estimate).toBeCloseTo(-0.4, 0)
    expect(
      it.actions.moved
        .slice(0, 2)
        .map(({ name }) => name)
        .sort(),
    ).toEqual(['browse', 'search'])
    expect(it.actions.appeared).toEqual([{ name: 'browse', sessions: 140 }])
    expect(it.actions.vanished).toEqual([{ name: 'search', sessions: 140 }])
    expect(it.intents.divergence).toBe(0)
    expect(it.versions).toEqual([
      { version: 'v2', before: 0, after: 140 },
      { version: 'v1', before: 140, after: 0 },
    ])
    expect(it.memory).toBeNull()
  })

  test('the days are those on which the agent worked first and last, unless somebody says', async () => {
    await work(0, 25)
    await work(50, 25)
    const { before, after } = await engine.drift({ window_days: 14 })
    expect([before.from, before.to]).toEqual([dayAfter(0), dayAfter(13)])
    expect([after.from, after.to]).toEqual([dayAfter(37), dayAfter(50)])
  })

  test('windows with too few sessions say so, and raise nothing', async () => {
    await work(0, 25)
    await work(50, 5, { well: 0 })
    const { notes, alarms, behaviour } = await engine.drift()
    expect(notes[0]).toMatch(
      /^Too few sessions to compare behaviour: 25 before and 5 after, and it takes 20 of each/,
    )
    expect(alarms).toEqual([])
    expect(behaviour.every((it) => it.difference === null)).toBe(true)
  })

  test('what a session was asked without a task is told in its words', async () => {
    await work(0, 30)
    const lines = Array.from({ length: 30 }, (_, i) => ({
      ...{ id: `w${i}`, agent: 'desk', started_at: new Date(START + 50 * DAY_MS + i * 60_000).toISOString() },
      steps: [{ role: 'user', text: `Where is my parcel today: ${i}` }],
    }))
    const path = join(scratch, `${files++}.jsonl`)
    writeFileSync(path, lines.map((it) => JSON.stringify(it)).join('\n'))
    await engine.ingest([path])
    const { intents } = await engine.drift()
    expect(intents.appeared).toEqual([{ name: 'like "Where is my parcel today: 0"', sessions: 30 }])
    expect(intents.p).toBe(0.001)
  })

  test.each<{ name: string; asked: Parameters<Engine['drift']>[0]; message: RegExp; hint: RegExp }>([
    {
      name: 'a day before anything is known',
      asked: { from: '2026-01-01' },
      message: /nothing is known of desk from 2026-01-01 to 2026-01-07/,
      hint: /known from 2026-08-03 to 2026-09-22/,
    },
    {
      name: 'a day after',
      asked: { to: '2027-01-01' },
      message: /nothing is known of desk from 2026-12-26/,
      hint: /known from 2026-08-03 to 2026-09-22/,
    },
    {
      name: 'windows that overlap',
      asked: { from: '2026-09-15', to: '2026-09-20' },
      message: /overlap/,
      hint: /further apart/,
    },
    { name: 'an agent that is not there', asked: { agent: 'dsek' }, message: /no agent dsek/, hint: /desk/ },
    { name: 'a store that is not there', asked: { store: 'x' }, message: /no memory store x/, hint: /dream/ },
  ])('refuses $name, with what is known', async ({ asked, message, hint }) => {
    await work(0, 3)
    await work(50, 3)
    const refused = engine.drift(asked)
    await expect(refused).rejects.toThrow(message)
    await expect(refused).rejects.toMatchObject({ hint: expect.stringMatching(hint) })
  })

  test('of several agents one has to be named', async () => {
    await work(0, 3)
    await work(0, 3, { agent: 'shop' })
    await expect(engine.drift()).rejects.toMatchObject({ hint: 'choose one with --agent: desk, shop' })
  })
})

describe('memory', () => {
  test('is as it stood on each day, with who wrote what between', async () => {
    await trust(engine)
    await work(0, 60)
    await night(0)
    const lessons = (await engine.memories()).data.length - 1
    expect(lessons).toBeGreaterThan(0)
    clock = START + 20 * DAY_MS
    const { id } = await engine.memoryStore()
    await engine.createMemory(id, { path: '/by-hand.md', content: 'Ask first.' }, 'user:ann')
    await engine.createMemory(id, { path: '/other.md', content: 'Ask twice.' }, 'user:ben')
    await work(30, 25)

    const { memory, alarms } = await engine.drift({ from: dayAfter(1), to: dayAfter(30) })

    expect(memory!.before).toMatchObject({ memories: lessons, by_people: 0 })
    expect(memory!.after).toMatchObject({ memories: lessons + 2, by_people: 2, erased: 0, contradictions: 0 })
    expect(memory!.after.bytes - memory!.before.bytes).toBe('Ask first.Ask twice.'.length)
    expect(memory!.before.lessons.probation).toBe(lessons)
    expect(memory!.writes.filter(({ by }) => by.startsWith('user:'))).toEqual([
      { by: 'user:ann', created: 1, modified: 0, refreshed: 0, deleted: 0 },
      { by: 'user:ben', created: 1, modified: 0, refreshed: 0, deleted: 0 },
    ])
    expect(memory!.seen.after).toEqual({ recalls: 0, control: 0, versions: 0, sets: 0 })
    expect(alarms).toEqual([])
  })

  test('a lesson that people took out, and that is live again without their word, is a resurrection and an alarm', async () => {
    await trust(engine)
    await work(0, 40)
    await night(0)
    const taken = (await engine.memories()).data.find((it) => it.path !== '/_index.md')!
    const { memory_store_id, path, content } = taken
    /** As something else than a dream or a person would write it. */
    const written = async (path: string, now: string) => {
      const db = openDatabase(database)
      const write = {
        path,
        content,
        expected: null,
        created_by: 'dream:drm_0',
        reason: 'a test',
        now,
      } as const
      await db.transaction().execute((tx) => writeMemory(tx, memory_store_id, write))
      await db.destroy()
    }
    await written('/copy-from-before.md', new Date(clock).toISOString())
    clock += 3_600_000
    await engine.removeMemory(undefined, path, { as: 'user:ann', reason: 'not here' })
    clock += 60_000
    await engine.createMemory(memory_store_id, { path: '/by-hand.md', content }, 'user:ann')

    // However much speaks for it, a dream only asks for it.
    await work(30, 120)
    await night(30)
    const asked = { from: dayAfter(0), to: dayAfter(30) }
    expect((await engine.drift(asked)).memory!.resurrected).toEqual([])

    await written(path, `${dayAfter(29)}T12:00:00.000Z`)

    const { memory, alarms } = await engine.drift(asked)
    expect(memory!.resurrected).toEqual([
      {
        ...{ path, cause: 'retired', buried_at: expect.stringMatching(/^2026-08-04/) },
        live_since: `${dayAfter(29)}T12:00:00.000Z`,
      },
    ])
    expect(alarms.map((it) => it.type)).toContain('resurrections')
  })

  test('which versions sessions were given, then and now', async () => {
    await trust(engine)
    await work(0, 60)
    await night(0)
    await work(1, 20)
    clock = START + 1.5 * DAY_MS
    for (let i = 0; i < 5; i++) await engine.recall({ agent: 'desk', task: 'task-1' }, 'user:ann')
    clock = START + 25 * DAY_MS
    await work(25, 20)
    await engine.recall({ agent: 'desk', task: 'task-1' }, 'user:ann')

    const { seen } = (await engine.drift({ from: dayAfter(0), to: dayAfter(26) })).memory!

    expect(seen.before).toMatchObject({ recalls: 5, sets: 1 })
    expect(seen.after).toMatchObject({ recalls: 1, sets: 1 })
    expect(seen.before.versions).toBeGreaterThan(0)
    expect(seen.versions_in_both).toBe(seen.after.versions)
  })
})

describe('the alarms of a dream', () => {
  test('a regression is raised the night it is sure, stands with its day, and is over when it is', async () => {
    const told: string[][] = []
    for (let day = 0; day < 60; day++) {
      await work(day, 8, { well: day >= 35 && day < 45 ? 0.2 : 0.85 })
      if (day >= 30) told.push(await night(day))
    }
    const completion = told.map((it) => it.find((one) => one.startsWith('completion')) ?? '')
    expect(completion.slice(0, 5)).toEqual(['', '', '', '', ''])
    const days = completion.filter((it) => it !== '')
    expect(days.length).toBeGreaterThan(5)
    expect(new Set(days).size, 'it stands since one day').toBe(1)
    expect(completion.lastIndexOf(days[0]!) - completion.indexOf(days[0]!) + 1, 'without a gap').toBe(
      days.length,
    )
    expect(completion.slice(-5)).toEqual(['', '', '', '', ''])
  }, 60_000)

  test('nothing is raised while nothing changes, sixty nights long', async () => {
    for (let day = 0; day < 60; day++) {
      await work(day, 8, { well: 0.6 })
      expect(await night(day), dayAfter(day)).toEqual([])
    }
  }, 60_000)

  test('days without enough sessions neither raise an alarm nor end one', async () => {
    for (let day = 0; day < 30; day++) await work(day, 8, { well: day < 23 ? 0.9 : 0.1 })
    expect(await night(29)).toEqual([`completion since ${dayAfter(30)}`])
    expect(await night(50)).toEqual([`completion since ${dayAfter(30)}`])
  })

  test('days on which nobody knows how sessions ended do not end what is known of how they end', async () => {
    for (let day = 0; day < 30; day++) await work(day, 8, { well: day < 23 ? 0.9 : 0.1 })
    expect(await night(29)).toEqual([`completion since ${dayAfter(30)}`])
    for (let day = 30; day < 38; day++) await work(day, 8, { well: null })
    expect(await night(37)).toEqual([`completion since ${dayAfter(30)}`])
    for (let day = 38; day < 45; day++) await work(day, 8, { well: 0.9 })
    expect(await night(44)).toEqual([])
  })

  test('what the policy has off is not raised', async () => {
    const text = 'format_version: 1\nalarms:\n  completion: off\n'
    await engine.setPolicy({ file: 'policy.yaml', text }, 'user:ann')
    for (let day = 0; day < 30; day++) await work(day, 8, { well: day < 23 ? 0.9 : 0.1 })
    expect(await night(29)).toEqual([])
  })

  test('what is switched off while it stands is over, though nothing was measured', async () => {
    for (let day = 0; day < 30; day++) await work(day, 8, { well: day < 23 ? 0.9 : 0.1 })
    expect(await night(29)).toEqual([`completion since ${dayAfter(30)}`])
    const text = 'format_version: 1\nalarms:\n  completion: off\n'
    await engine.setPolicy({ file: 'policy.yaml', text }, 'user:ann')
    expect(await night(50)).toEqual([])
  })
})

test('fitness reads the sessions that are stored, and how Reverie is kept going', async () => {
  for (let day = 0; day < 10; day++) await work(day, 6, { approved: true })
  const never = (await engine.fitness({ agent: 'desk' })).data[0]!
  expect(never).toMatchObject({
    ...{ agent: 'desk', verdict: 'fit' },
    work: { sessions: 60, intents: 4, repeated: 1, known_task: 1, verified_outcome: 1, feedback: 1 },
    upkeep: { memory_stores: 0, sessions_not_dreamed_of: 60, last_dream: null },
  })
  expect(never.channels.find((it) => it.channel === 'call')).toMatchObject({
    can_speak: true,
    why: expect.stringMatching(/^refund fails in \d+ sessions of 4 kinds of work\.$/),
  })

  await night(9)
  clock += 20 * DAY_MS
  await work(29, 6)
  const { upkeep } = (await engine.fitness()).data[0]!
  expect(upkeep).toMatchObject({
    memory_stores: 1,
    sessions_not_dreamed_of: 6,
    changes_waiting: expect.any(Number),
  })
  expect(upkeep.notes).toEqual([
    '6 sessions wait since the last dream, 20 days ago, and no schedule is set here.',
    expect.stringMatching(/^\d+ changes? waits? for a decision, the oldest for 20 days/),
  ])
  await expect(engine.fitness({ agent: 'dsek' })).rejects.toMatchObject({ hint: 'known are desk' })
})
