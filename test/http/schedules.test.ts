/** Schedules over the wire: the shapes of deployments, and what is refused. When they start what is in test/jobs/schedules.test.ts. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Door, type Json, openDoor } from './door.ts'

let door: Door
let store: string
beforeAll(async () => {
  door = await openDoor()
  store = (await door.ask('POST', '/v1/memory_stores', { name: 'desk', metadata: { agent: 'desk' } })).json.id
})
afterAll(() => door.close())

const PATH = '/v1/dream_schedules'
const RUNS = '/v1/dream_schedule_runs'
const CRON = { type: 'cron', expression: '0 3 * * 1-5', timezone: 'Europe/Berlin' }
const wanted = (more: object = {}) => ({ name: 'nightly', memory_store_id: store, model: 'none', ...more })

test('a schedule has the shape of a deployment, every field filled in', async () => {
  const made = await door.ask('POST', PATH, wanted({ schedule: CRON }))
  expect(made.status).toBe(200)
  expect(made.json).toEqual({
    type: 'dream_schedule',
    id: expect.stringMatching(/^dsch_[0-9a-f]{24}$/),
    name: 'nightly',
    description: null,
    metadata: {},
    memory_store_id: store,
    model: { id: 'none', speed: 'standard' },
    instructions: null,
    output_behavior: { type: 'update_existing', memory_store_id: store },
    schedule: {
      ...CRON,
      last_run_at: null,
      // The clock of this test stands on a Sunday.
      upcoming_runs_at: [
        '2026-11-23T02:00:00.000Z',
        '2026-11-24T02:00:00.000Z',
        '2026-11-25T02:00:00.000Z',
        '2026-11-26T02:00:00.000Z',
        '2026-11-27T02:00:00.000Z',
      ],
    },
    threshold: null,
    status: 'active',
    paused_reason: null,
    last_run_at: null,
    created_at: expect.any(String),
    updated_at: made.json.created_at,
    archived_at: null,
  })
  expect((await door.ask('GET', `${PATH}/${made.json.id}`)).json).toEqual(made.json)
})

test('one without a rule is started by hand alone', async () => {
  const { id, schedule, threshold } = (await door.ask('POST', PATH, wanted())).json
  expect([schedule, threshold]).toEqual([null, null])

  const run = (await door.ask('POST', `${PATH}/${id}/run`)).json
  expect(run).toEqual({
    type: 'dream_schedule_run',
    id: expect.stringMatching(/^drun_[0-9a-f]{24}$/),
    schedule_id: id,
    trigger_context: { type: 'manual' },
    dream_id: expect.stringMatching(/^drm_/),
    error: null,
    created_at: expect.any(String),
  })
  expect((await door.ask('GET', `${RUNS}/${run.id}`)).json).toEqual(run)
  const second = (await door.ask('POST', `${PATH}/${id}/run`)).json
  expect(second).toMatchObject({ dream_id: null, error: { type: 'dream_in_progress_error' } })

  const list = async (query: string) =>
    (await door.ask('GET', `${RUNS}?schedule_id=${id}${query}`)).json.data.map((it: Json) => it.id)
  expect(await list('')).toEqual([second.id, run.id])
  expect(await list('&has_error=true')).toEqual([second.id])
  expect(await list('&has_error=false')).toEqual([run.id])
  expect(await list('&trigger_type=schedule')).toEqual([])
  expect(await list(`&created_at[gt]=${run.created_at}`)).toEqual([second.id])
  expect(await list(`&created_at[gte]=${run.created_at}`)).toEqual([second.id, run.id])
  expect(await list(`&created_at[lt]=${second.created_at}`)).toEqual([run.id])
  expect(await list(`&created_at[lte]=${second.created_at}`)).toEqual([second.id, run.id])
  expect((await door.ask('GET', `${PATH}/${id}`)).json).toMatchObject({ last_run_at: null })
})

test('what an update gives takes the place of what was there; null clears, what is absent stays', async () => {
  const threshold = { new_sessions: 50, min_interval_ms: 86_400_000 }
  const made = (
    await door.ask('POST', PATH, {
      ...wanted({ schedule: CRON, threshold, instructions: 'Look at refunds.', description: 'Each night.' }),
      metadata: { team: 'a', owner: 'ann' },
      output_behavior: { type: 'create_new' },
    })
  ).json
  expect(made).toMatchObject({
    threshold: { type: 'threshold', ...threshold },
    output_behavior: { type: 'create_new' },
  })
  const path = `${PATH}/${made.id}`

  const same = await door.ask('POST', path, { name: 'nightly' })
  expect(same.json).toEqual(made)
  const changed = (
    await door.ask('POST', path, {
      ...{ name: 'weekly', metadata: { owner: null, more: 'b' }, description: null, threshold: null },
      ...{
        schedule: { ...CRON, expression: '0 3 * * 0' },
        model: { id: 'claude-opus-5', speed: 'standard' },
      },
    })
  ).json
  expect(changed).toMatchObject({
    ...{ name: 'weekly', metadata: { team: 'a', more: 'b' }, description: null, threshold: null },
    ...{ instructions: 'Look at refunds.', output_behavior: { type: 'create_new' } },
    model: { id: 'claude-opus-5', speed: 'standard' },
  })
  expect((changed.schedule as { upcoming_runs_at: string[] }).upcoming_runs_at[0]).toBe(
    '2026-11-29T02:00:00.000Z',
  )
  expect((await door.ask('POST', path, { schedule: null, instructions: null })).json).toMatchObject({
    schedule: null,
    instructions: null,
  })
})

test('is paused, goes on and is archived, each as often as one likes', async () => {
  const { id } = (await door.ask('POST', PATH, wanted({ schedule: CRON }))).json
  const act = async (verb: string) => (await door.ask('POST', `${PATH}/${id}/${verb}`)).json
  const paused = await act('pause')
  expect(paused).toMatchObject({ status: 'paused', paused_reason: { type: 'manual' } })
  // What it would do if it went on.
  expect((paused.schedule as { upcoming_runs_at: string[] }).upcoming_runs_at).toHaveLength(5)
  expect(await act('pause')).toEqual(paused)
  expect(await act('run')).toMatchObject({ trigger_context: { type: 'manual' } })
  expect(await act('unpause')).toMatchObject({ status: 'active', paused_reason: null })
  expect(await act('unpause')).toMatchObject({ status: 'active', paused_reason: null })

  await act('pause')
  const archived = await act('archive')
  expect(archived).toMatchObject({ status: 'active', archived_at: archived.updated_at })
  expect((archived.schedule as { upcoming_runs_at: string[] }).upcoming_runs_at).toEqual([])
  expect(await act('archive')).toEqual(archived)
  for (const verb of ['pause', 'unpause', 'run'])
    expect((await act(verb)).error).toMatchObject({ type: 'invalid_request_error' })
  expect((await door.ask('POST', `${PATH}/${id}`, { name: 'late' })).status).toBe(400)
})

test('lists are newest first, filtered, and go on where a page ended', async () => {
  const other = (await door.ask('POST', '/v1/memory_stores', { name: 'shop', metadata: { agent: 'shop' } }))
    .json.id
  const made: Json[] = []
  for (let i = 0; i < 5; i++)
    made.unshift(
      (await door.ask('POST', PATH, { ...wanted({ name: `n${i}` }), memory_store_id: other })).json as never,
    )
  await door.ask('POST', `${PATH}/${made[1]!.id}/pause`)
  await door.ask('POST', `${PATH}/${made[2]!.id}/archive`)
  const names = async (query: string) => {
    const found: unknown[] = []
    for (let page: string | null = ''; page !== null; ) {
      const at: string = `${PATH}?memory_store_id=${other}&limit=2${query}${page && `&page=${page}`}`
      const { data, next_page }: Json = (await door.ask('GET', at)).json
      found.push(...data.map((it: Json) => it.name))
      page = next_page
    }
    return found
  }
  expect(await names('')).toEqual(['n4', 'n3', 'n1', 'n0'])
  expect(await names('&include_archived=true')).toEqual(['n4', 'n3', 'n2', 'n1', 'n0'])
  expect(await names('&status=paused')).toEqual(['n3'])
  expect(await names('&status=active')).toEqual(['n4', 'n1', 'n0'])
  expect(await names(`&created_at[gte]=${made[1]!.created_at}`)).toEqual(['n4', 'n3'])
  expect(await names(`&created_at[lte]=${made[3]!.created_at}`)).toEqual(['n1', 'n0'])

  const { next_page } = (await door.ask('GET', `${PATH}?limit=1&memory_store_id=${other}`)).json
  const elsewhere = await door.ask('GET', `${PATH}?limit=1&page=${next_page}`)
  expect(elsewhere).toMatchObject({ status: 400, json: { error: { type: 'invalid_request_error' } } })
})

test('by the name of an agent, it is the schedule of its memory store', async () => {
  const engine = door.engine
  const made = await door.ask('POST', PATH, { name: 'nightly', agent: 'nobody', model: 'none' })
  expect(made).toMatchObject({ status: 404, json: { error: { message: 'there is no agent nobody' } } })
  expect((await engine.memoryStores()).map((it) => it.name)).not.toContain('nobody')
})

describe('is refused', () => {
  test.each<[what: string, body: object, message: string]>([
    ['a schedule of nothing', { memory_store_id: undefined }, 'either memory_store_id or agent'],
    ['one of two things', { agent: 'desk' }, 'either memory_store_id or agent'],
    ['one without a name', { name: '' }, 'name'],
    ['one without a model', { model: undefined }, 'model'],
    ['a fast model', { model: { id: 'claude-opus-5', speed: 'fast' } }, 'model'],
    ['a field that there is not', { jitter: 1 }, 'jitter'],
    ['seconds', { schedule: { ...CRON, expression: '0 0 3 * * *' } }, 'expression: it has 6 fields'],
    ['@daily', { schedule: { ...CRON, expression: '@daily' } }, 'expression: it has one field'],
    ['a last day', { schedule: { ...CRON, expression: '0 3 L * *' } }, 'expression: L is no day'],
    ['a date that never comes', { schedule: { ...CRON, expression: '0 3 30 2 *' } }, 'no such day'],
    ['no time zone', { schedule: { type: 'cron', expression: '0 3 * * *' } }, 'timezone'],
    ['an offset', { schedule: { ...CRON, timezone: '+01:00' } }, 'there is no time zone +01:00'],
    ['a zone of no place', { schedule: { ...CRON, timezone: 'Europe/Bielefeld' } }, 'there is no time zone'],
    ['another kind of rule', { schedule: { ...CRON, type: 'rrule' } }, 'schedule.type'],
    ['a threshold of nothing', { threshold: { new_sessions: 0 } }, 'threshold.new_sessions'],
    [
      'one every second',
      { threshold: { new_sessions: 1, min_interval_ms: 1_000 } },
      'threshold.min_interval_ms',
    ],
    [
      'another store to update',
      { output_behavior: { type: 'update_existing', memory_store_id: 'x' } },
      'not the memory store',
    ],
    ['long instructions', { instructions: 'x'.repeat(4_097) }, 'instructions'],
  ])('%s', async (_, more, message) => {
    const answer = await door.ask('POST', PATH, wanted(more))
    expect(answer.status).toBe(400)
    expect(answer.json.error.type).toBe('invalid_request_error')
    expect(answer.json.error.message).toContain(message)
  })

  test("a memory store that is no agent's", async () => {
    const { id } = (await door.ask('POST', '/v1/memory_stores', { name: 'blank' })).json
    const answer = await door.ask('POST', PATH, wanted({ memory_store_id: id }))
    expect(answer.json.error.message).toContain("is no agent's yet")
  })

  test('a memory store that is archived, or not there', async () => {
    const { id } = (await door.ask('POST', '/v1/memory_stores', { name: 'old' })).json
    await door.ask('POST', `/v1/memory_stores/${id}/archive`)
    expect((await door.ask('POST', PATH, wanted({ memory_store_id: id }))).status).toBe(400)
    expect((await door.ask('POST', PATH, wanted({ memory_store_id: 'memstore_none' }))).status).toBe(404)
  })

  test.each(['reader', 'writer', 'reviewer'] as const)(
    'a %s who would change one; reading is let',
    async (role) => {
      const { token } = await door.keyOf(role)
      const { id } = (await door.ask('POST', PATH, wanted())).json
      for (const path of ['', `/${id}`, `/${id}/pause`, `/${id}/unpause`, `/${id}/archive`, `/${id}/run`])
        expect((await door.ask('POST', `${PATH}${path}`, { name: 'mine' }, { token })).status).toBe(403)
      for (const path of [PATH, `${PATH}/${id}`, RUNS])
        expect((await door.ask('GET', path, undefined, { token })).status).toBe(200)
    },
  )

  test('what is not there', async () => {
    for (const [method, path] of [
      ['GET', `${PATH}/dsch_none`],
      ['POST', `${PATH}/dsch_none/run`],
      ['POST', `${PATH}/dsch_none/archive`],
      ['GET', `${RUNS}/drun_none`],
    ] as const)
      expect((await door.ask(method, path)).status).toBe(404)
    expect((await door.ask('GET', `${RUNS}?schedule_id=dsch_none`)).json).toEqual({
      data: [],
      next_page: null,
    })
  })
})
