/** Who goes without lessons: what starts by itself, what people start and end, and what is refused. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { armOf } from '../../src/6-recall/arm.ts'
import { appendAudit } from '../../src/db/audit.ts'
import { type Database, openDatabase, type Transaction } from '../../src/db/database.ts'
import { listExperiments, updateExperiment } from '../../src/db/experiments.ts'
import { insertRecall } from '../../src/db/recalls.ts'
import type { Experiment } from '../../src/domain/experiment.ts'
import { randomId } from '../../src/domain/id.ts'
import { type ExperimentsOfStore, experimentsFor, isControlAgent } from '../../src/engine/experiments.ts'
import { openEngine, openWorkspaces } from '../../src/engine.ts'
import { onStatement } from '../db/on-statement.ts'
import { ANA, BO, type Desk, openDesk } from '../govern/desk.ts'

let desk: Desk
let db: Database
/** The store of the agent `desk`, and two lessons of it that are live. */
let store: { id: string; name: string }
let lessons: string[]
const NOW = '2026-11-23T02:00:00.000Z'

beforeEach(async () => {
  desk = await openDesk()
  await desk.live(await desk.night(['refund', 'invoice']))
  db = openDatabase(desk.path)
  store = (await desk.engine.memoryStores())[0]!
  lessons = (await desk.engine.lessons()).data.map((it) => it.id)
  expect(lessons).toHaveLength(2)
})
afterEach(async () => {
  await db.destroy()
  await desk.close()
})

const inTransaction = <T>(work: (tx: Transaction) => Promise<T>) => db.transaction().execute(work)
const running = (patterns = lessons): Promise<ExperimentsOfStore> =>
  inTransaction((tx) => experimentsFor(tx, store, patterns, desk.now().toISOString()))
const audited = async (action: string) =>
  (await desk.engine.audit({ limit: 1_000 })).data.filter((it) => it.action === action)
const measuring = (text: string) =>
  desk.engine.setPolicy({ file: 'policy.yaml', text: `format_version: 1\nmeasuring: ${text}\n` }, ANA)
/** As a dream does. */
const endedByDream = async ({ id }: Pick<Experiment, 'id'>) => {
  await inTransaction(async (tx) => {
    await updateExperiment(tx, id, {
      status: 'ended',
      ended_at: desk.now().toISOString(),
      reason: 'the lesson is stale',
    })
    const entry = { object: id, before_sha256: null, after_sha256: null, reason: 'the lesson is stale' }
    await appendAudit(tx, { at: NOW, actor: 'dream:drm_1', action: 'experiment.ended', ...entry })
  })
}

describe('with the first session that recalls a lesson', () => {
  test('an experiment on the memory and one on each lesson start, each noted in the audit log', async () => {
    const { memory, lessons: found } = await running()
    expect(memory).toMatchObject({
      kind: 'memory',
      pattern_id: null,
      control_share: 0.1,
      started_by: 'server',
    })
    expect([...found.keys()]).toEqual(lessons)
    for (const [id, it] of found)
      expect(it).toMatchObject({
        kind: 'lesson',
        pattern_id: id,
        control_share: 0.5,
        status: 'running',
        verdict: null,
      })
    const salts = [memory!, ...found.values()].map((it) => it.salt)
    expect(new Set(salts).size).toBe(3)
    const started = await audited('experiment.started')
    expect(started.map((it) => it.object).toSorted()).toEqual(
      [memory!, ...found.values()].map((it) => it.id).toSorted(),
    )
    expect(new Set(started.map((it) => it.actor))).toEqual(new Set(['server']))
  })

  test('and the sessions after it find the same, with two reads and no write', async () => {
    const first = await running()
    let statements = 0
    const counting = db.withPlugin(onStatement((at) => at === 'before' && statements++))
    const again = await counting.transaction().execute((tx) => experimentsFor(tx, store, lessons, NOW))
    expect(again).toEqual(first)
    expect(statements).toBe(2)
    expect(await audited('experiment.started')).toHaveLength(3)
  })

  test('nothing starts while no lesson is live', async () => {
    expect(await running([])).toEqual({ memory: null, lessons: new Map() })
    expect((await desk.engine.experiments()).data).toEqual([])
  })

  test('a lesson that goes live later joins them', async () => {
    const first = await running(lessons.slice(0, 1))
    const second = await running()
    expect(second.memory).toEqual(first.memory)
    expect(second.lessons.get(lessons[0]!)).toEqual(first.lessons.get(lessons[0]!))
    expect(second.lessons.size).toBe(2)
  })

  test('four processes that begin at once start each experiment once and draw the same lots', async () => {
    const script = join(import.meta.dirname, 'starting-experiments.ts')
    const processes = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const child = fork(script, [desk.path, store.id, 'session-1', ...lessons])
        await once(child, 'message')
        return child
      }),
    )
    const answers = await Promise.all(
      processes.map(async (child) => {
        const answer = once(child, 'message')
        child.send('now')
        return JSON.stringify((await answer)[0])
      }),
    )
    expect(new Set(answers).size).toBe(1)
    expect(await listExperiments(db)).toHaveLength(3)
    expect(await audited('experiment.started')).toHaveLength(3)
  })

  test('a session draws the same lots after a restart', async () => {
    const { memory } = await running()
    const keys = Array.from({ length: 200 }, (_, i) => `session-${i}`)
    const before = keys.map((it) => armOf(memory!, it))
    expect(before).toContain('control')
    const again = openDatabase(desk.path)
    const found = await again.transaction().execute((tx) => experimentsFor(tx, store, lessons, NOW))
    await again.destroy()
    expect(keys.map((it) => armOf(found.memory!, it))).toEqual(before)
  })
})

describe('the policy says how many go without', () => {
  test('of sessions in experiments that start from then on', async () => {
    await measuring('{ memory_control: 0.2, new_lesson_control: 0.3 }')
    const { memory, lessons: found } = await running()
    expect(memory!.control_share).toBe(0.2)
    expect([...found.values()].map((it) => it.control_share)).toEqual([0.3, 0.3])
  })

  test('switched off, nobody draws lots and nothing starts, and what ran goes on when it is switched on', async () => {
    const before = await running(lessons.slice(0, 1))
    await measuring('{ enabled: false }')
    expect(await running()).toEqual({ memory: null, lessons: new Map() })
    const { data } = await desk.engine.experiments()
    expect(data.map((it) => [it.status, it.draws_lots])).toEqual([
      ['running', false],
      ['running', false],
    ])
    await measuring('{ enabled: true }')
    expect((await running(lessons.slice(0, 1))).memory).toEqual(before.memory)
  })
})

describe('an experiment on a lesson that ends', () => {
  test('because a dream ended it begins anew with the next session that is given the lesson', async () => {
    const first = (await running()).lessons.get(lessons[0]!)!
    await endedByDream(first)
    const second = (await running()).lessons.get(lessons[0]!)!
    expect(second.id).not.toBe(first.id)
    expect(second.salt).not.toBe(first.salt)
    expect(second.control_share).toBe(0.5)
  })

  test('because a person ended it stays ended, until a person starts it again', async () => {
    const [lesson, other] = lessons as [string, string]
    const first = (await running()).lessons.get(lesson)!
    const ended = await desk.engine.endExperiment(first.id, { reason: ' always give this ' }, BO)
    expect(ended).toMatchObject({
      status: 'ended',
      reason: 'always give this',
      ended_by: BO,
      draws_lots: false,
    })
    expect([...(await running()).lessons.keys()]).toEqual([other])

    const again = await desk.engine.startExperiment({ pattern_id: lesson.slice(0, 12) }, ANA)
    expect(again).toMatchObject({ kind: 'lesson', pattern_id: lesson, started_by: ANA, control_share: 0.5 })
    expect((await running()).lessons.get(lesson)!.id).toBe(again.id)
    await endedByDream(again)
    expect((await running()).lessons.get(lesson)).toBeDefined()
  })

  test('never changes any more', async () => {
    const { id } = (await running()).lessons.get(lessons[0]!)!
    await desk.engine.endExperiment(id, { reason: 'enough' }, BO)
    await inTransaction((tx) => updateExperiment(tx, id, { verdict: 'keep', status: 'running' }))
    expect(await desk.engine.experiment(id)).toMatchObject({ status: 'ended', verdict: null })
    await expect(desk.engine.endExperiment(id, { reason: 'again' }, BO)).rejects.toMatchObject({
      type: 'conflict_error',
      message: expect.stringMatching(/ended at .* already/),
    })
  })
})

describe('a comparison of two agents', () => {
  const AGAINST = { agent: 'desk', control_agent: 'till' }

  beforeEach(async () => {
    for (const agent of ['till', 'shop']) await sessionOf(agent)
  })

  test('runs from a person’s word to a person’s word, and gives the control no memory while it does', async () => {
    const isControl = (agent: string) => inTransaction((tx) => isControlAgent(tx, agent))
    expect(await isControl('till')).toBe(false)
    const started = await desk.engine.startExperiment(AGAINST, ANA)
    expect(started).toMatchObject({
      kind: 'agent',
      store: 'desk',
      agent: 'desk',
      control_agent: 'till',
      drawn: null,
    })
    expect([await isControl('till'), await isControl('desk')]).toEqual([true, false])
    expect((await audited('experiment.started'))[0]).toMatchObject({ actor: ANA, object: started.id })

    await desk.engine.endExperiment(started.id, { reason: 'the quarter is over' }, BO)
    expect(await isControl('till')).toBe(false)
    expect((await audited('experiment.ended'))[0]).toMatchObject({ actor: BO, reason: 'the quarter is over' })
    expect((await desk.engine.startExperiment(AGAINST, ANA)).id).not.toBe(started.id)
  })

  test.each<[what: string, given: () => Promise<unknown>, wanted: object, type: string, message: RegExp]>([
    ['an agent that nobody knows', nothing, { control_agent: 'tilll' }, 'not_found_error', /no agent tilll/],
    [
      'an agent that learns and that nobody knows',
      nothing,
      { ...AGAINST, agent: 'x' },
      'not_found_error',
      /no agent x/,
    ],
    ['an agent with itself', nothing, { control_agent: 'desk' }, 'conflict_error', /its own control/],
    ['nothing', nothing, {}, 'invalid_request_error', /either a control agent or a lesson/],
    [
      'both an agent and a lesson',
      nothing,
      { ...AGAINST, pattern_id: 'pat_1' },
      'invalid_request_error',
      /either a control agent or a lesson/,
    ],
    [
      'what runs already',
      () => desk.engine.startExperiment(AGAINST, ANA),
      AGAINST,
      'conflict_error',
      /runs already/,
    ],
    [
      'an agent that is given memories',
      () => recallOf('till'),
      AGAINST,
      'conflict_error',
      /sessions of till are given memories of the store desk, the last on 2026-11-23/,
    ],
    [
      'an agent that is itself a control',
      async () => {
        const { name } = await desk.engine.createStore(
          { name: 'till', description: '', metadata: { agent: 'till' } },
          ANA,
        )
        await desk.engine.startExperiment(AGAINST, ANA)
        return name
      },
      { agent: 'till', control_agent: 'shop' },
      'conflict_error',
      /till is given no memory: it is the control of desk/,
    ],
    [
      'a control that is compared itself',
      async () => {
        await desk.engine.createStore({ name: 'till', description: '', metadata: { agent: 'till' } }, ANA)
        await desk.engine.startExperiment({ agent: 'till', control_agent: 'shop' }, ANA)
      },
      AGAINST,
      'conflict_error',
      /till is compared with a control of its own, shop/,
    ],
  ])('is refused of %s', async (_, given, wanted, type, message) => {
    await given()
    const before = await listExperiments(db)
    const asked = { ...wanted }
    if (!('agent' in asked)) Object.assign(asked, { store: 'desk' })
    await expect(desk.engine.startExperiment(asked, ANA)).rejects.toMatchObject({
      type,
      message: expect.stringMatching(message),
    })
    expect(await listExperiments(db)).toEqual(before)
  })

  test('is allowed of an agent whose memories nobody can be given any more', async () => {
    const old = await desk.engine.createStore(
      { name: 'till', description: '', metadata: { agent: 'till' } },
      ANA,
    )
    await desk.engine.createMemory(old.id, { path: '/a.md', content: 'A.' }, ANA)
    await recallOf('till', old.id)
    await desk.engine.archiveStore(old.id, ANA)
    expect(await desk.engine.startExperiment({ store: 'desk', control_agent: 'till' }, ANA)).toMatchObject({
      kind: 'agent',
    })
  })
})

test.each<[what: string, given: () => Promise<unknown>, message: RegExp]>([
  ['whose experiment runs', async () => running(), /runs already/],
  ['that no live memory tells', removeLesson, /no live memory tells the lesson/],
  ['while measuring is switched off', () => measuring('{ enabled: false }'), /measuring switched off/],
])('a lesson %s cannot be measured again', async (_, given, message) => {
  await given()
  await expect(desk.engine.startExperiment({ pattern_id: lessons[0]! }, ANA)).rejects.toMatchObject({
    type: 'conflict_error',
    message: expect.stringMatching(message),
  })
})

test('that of a whole memory is ended by no person, but switched off in the policy', async () => {
  const { memory } = await running()
  await expect(desk.engine.endExperiment(memory!.id, { reason: 'x' }, ANA)).rejects.toMatchObject({
    type: 'conflict_error',
    hint: expect.stringMatching(/measuring section of the policy/),
  })
})

test('a reason holds no secret, and there has to be one', async () => {
  const { id } = (await running()).lessons.get(lessons[0]!)!
  await expect(desk.engine.endExperiment(id, { reason: ' ' }, ANA)).rejects.toMatchObject({
    type: 'invalid_request_error',
  })
  const secret = `AKIA${'Z3XQ7K2M5N8P4R6T'}`
  const ended = await desk.engine.endExperiment(id, { reason: `the key is ${secret}` }, ANA)
  expect(ended.reason).toMatch(/\[redacted:/)
  expect(JSON.stringify(await audited('experiment.ended'))).not.toContain(secret)
})

describe('the list', () => {
  test('tells the newest first, with what each is about, and never the salt', async () => {
    await running(lessons.slice(0, 1))
    await sessionOf('till')
    await desk.engine.startExperiment({ store: 'desk', control_agent: 'till' }, ANA)
    const { data } = await desk.engine.experiments()
    expect(data[0]).toMatchObject({ kind: 'agent', store: 'desk', agent: 'desk' })
    const [lesson] = (await desk.engine.experiments({ kind: 'lesson' })).data
    expect(lesson!.lesson).toBe((await desk.engine.lessons()).data.find((it) => it.id === lessons[0])!.text)
    expect(JSON.stringify(data)).not.toContain('salt')
    expect((await desk.engine.experiments({ status: 'ended' })).data).toEqual([])
    const first = await desk.engine.experiments({ limit: 2 })
    const second = await desk.engine.experiments({ limit: 2, page: first.next_page })
    expect([...first.data, ...second.data]).toEqual(data)
  })

  test('counts the sessions that drew each lot, one that recalled twice as one', async () => {
    const { memory } = await running()
    const lot = (arm: 'treatment' | 'control') => [{ experiment_id: memory!.id, arm, control_share: 0.1 }]
    await recallOf('desk', store.id, 'a', lot('treatment'))
    await recallOf('desk', store.id, 'a', lot('treatment'))
    await recallOf('desk', store.id, 'b', lot('treatment'))
    await recallOf('desk', store.id, 'c', lot('control'))
    expect((await desk.engine.experiment(memory!.id)).drawn).toEqual({ treatment: 2, control: 1 })
  })

  test('knows nothing of other workspaces', async () => {
    const { memory } = await running()
    await sessionOf('till')
    await desk.engine.startExperiment({ store: 'desk', control_agent: 'till' }, ANA)
    const workspaces = openWorkspaces({ database: desk.path })
    await workspaces.create({ name: 'others' }, ANA)
    await workspaces.close()
    const others = openEngine({ database: desk.path, workspace: 'others' })
    expect((await others.experiments()).data).toEqual([])
    await expect(others.experiment(memory!.id)).rejects.toMatchObject({ type: 'not_found_error' })
    await expect(others.endExperiment(memory!.id, { reason: 'x' }, ANA)).rejects.toMatchObject({
      type: 'not_found_error',
    })
    await others.close()
    const other = openDatabase(desk.path, 'others')
    expect(await other.transaction().execute((tx) => isControlAgent(tx, 'till'))).toBe(false)
    await other.destroy()
  })
})

async function nothing(): Promise<void> {}

/** The memory that tells the first lesson. */
async function removeLesson(): Promise<void> {
  const { data } = await desk.engine.memories(undefined, { limit: 100 })
  const { path } = data.find((it) => it.content.includes(`pattern: ${lessons[0]}`))!
  await desk.engine.removeMemory(undefined, path, { as: ANA, reason: 'no more' })
}

/** An agent that did something once. */
async function sessionOf(agent: string): Promise<void> {
  const file = desk.sessionFile(['close'], 1)
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"agent":"desk"', `"agent":"${agent}"`))
  await desk.engine.ingest([file])
}

/** A session of that agent was given a memory. */
async function recallOf(
  agent: string,
  memory_store_id = store.id,
  session_key = 'x',
  lots: Parameters<typeof insertRecall>[2] = [],
): Promise<void> {
  const { data } = await desk.engine.listMemories(memory_store_id, {
    path_prefix: null,
    is_shallow: false,
    view: 'full',
  })
  const memory = data.find((it) => 'id' in it)!
  const given = {
    memory_id: memory.id,
    memory_version_id: memory.memory_version_id,
    path: memory.path,
    rank: 1,
    pattern_ids: [],
    given: 'delivered' as const,
  }
  await inTransaction((tx) =>
    insertRecall(
      tx,
      {
        id: randomId('rcl'),
        memory_store_id,
        agent,
        session_key,
        person: null,
        task: null,
        arm: 'treatment',
        budget_tokens: 100,
        tokens: 10,
        memories: [given],
        created_at: NOW,
        created_by: ANA,
      },
      lots,
    ),
  )
}
