/** Who goes without lessons, over HTTP: what runs, one of it, and what a reviewer starts and ends. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { experimentsFor } from '../../src/engine/experiments.ts'
import { openWorkspaces } from '../../src/engine.ts'
import type { Json } from './door.ts'
import { type Caller, type ServedDesk, serveDesk } from './served-desk.ts'

let desk: ServedDesk
let reader: Caller
let reviewer: Caller
let stranger: Caller
let lesson: Json
/** Two that started by themselves. */
let memory: Json
let one: Json

beforeAll(async () => {
  desk = await serveDesk()
  const workspaces = openWorkspaces({ database: desk.path })
  await workspaces.create({ name: 'others' }, 'user:ana')
  await workspaces.close()
  await desk.live(await desk.night(['refund', 'invoice']))
  reader = await desk.caller('reader')
  reviewer = await desk.caller('reviewer')
  stranger = await desk.caller('admin', 'others')
  lesson = (await reader.get('/v1/lessons?limit=1')).json.data[0]
  const db = openDatabase(desk.path)
  const now = desk.now().toISOString()
  await db.transaction().execute((tx) => experimentsFor(tx, { id: lesson.memory_store_id }, [lesson.id], now))
  await db.destroy()
  const { data } = (await reader.get('/v1/experiments')).json
  memory = data.find((it: Json) => it.kind === 'memory')
  one = data.find((it: Json) => it.kind === 'lesson')
})
afterAll(() => desk.close())

test('an experiment is told as it stands, without what the lots are made from', async () => {
  expect(one).toEqual({
    type: 'experiment',
    id: expect.stringMatching(/^exp_[0-9a-f]{24}$/),
    kind: 'lesson',
    memory_store_id: lesson.memory_store_id,
    store: 'desk',
    agent: 'desk',
    pattern_id: lesson.id,
    lesson: lesson.text,
    control_agent: null,
    control_share: 0.5,
    status: 'running',
    verdict: null,
    reason: '',
    lifts: [],
    drawn: { treatment: 0, control: 0 },
    draws_lots: true,
    measured_at: null,
    started_at: expect.any(String),
    started_by: null,
    ended_at: null,
    ended_by: null,
  })
  expect((await reader.get(`/v1/experiments/${one.id}`)).json).toEqual(one)
})

test.each([
  ['', 2],
  ['kind=memory', 1],
  ['kind=agent', 0],
  ['status=running', 2],
  ['status=ended', 0],
  ['kind=lesson&status=running', 1],
])('?%s gives %i', async (query, n) => {
  expect((await reader.get(`/v1/experiments?${query}`)).json.data).toHaveLength(n)
})

test('a page goes on where the one before ended', async () => {
  const first = (await reader.get('/v1/experiments?limit=1')).json
  const second = (await reader.get(`/v1/experiments?limit=1&page=${first.next_page}`)).json
  expect([...first.data, ...second.data].map((it: Json) => it.id).toSorted()).toEqual(
    [memory.id, one.id].toSorted(),
  )
  expect(second.next_page).toBeNull()
})

test.each(['kind=other', 'status=paused', 'memory_store_id=desk'])('?%s is refused', async (query) => {
  expect((await reader.get(`/v1/experiments?${query}`)).status).toBeGreaterThanOrEqual(400)
})

describe('a reviewer', () => {
  test('ends one with a reason, once, and starts it again', async () => {
    expect((await reader.post(`/v1/experiments/${one.id}/end`, { reason: 'x' })).status).toBe(403)
    const ended = (await reviewer.post(`/v1/experiments/${one.id}/end`, { reason: 'always' })).json
    const by = { type: 'api_actor', api_key_id: reviewer.id }
    expect(ended).toMatchObject({ status: 'ended', reason: 'always', ended_by: by, draws_lots: false })
    expect((await reviewer.post(`/v1/experiments/${one.id}/end`, { reason: 'again' })).status).toBe(409)

    const body = { pattern_id: lesson.id }
    expect((await reader.post('/v1/experiments', body)).status).toBe(403)
    const again = (await reviewer.post('/v1/experiments', body)).json
    expect(again).toMatchObject({ kind: 'lesson', pattern_id: lesson.id, started_by: by, status: 'running' })
    expect((await reviewer.post('/v1/experiments', body)).status).toBe(409)
  })

  test.each<[what: string, body: object, status: number]>([
    ['nothing', {}, 400],
    ['both', { control_agent: 'x', pattern_id: 'pat_000000000000000000000000' }, 400],
    ['an agent that nobody knows', { control_agent: 'x' }, 404],
    ['an agent against itself', { agent: 'desk', control_agent: 'desk' }, 409],
    ['a lesson that nobody knows', { pattern_id: 'pat_000000000000000000000000' }, 404],
    ['half an id', { pattern_id: 'pat_0' }, 404],
  ])('is refused a start of %s', async (_, body, status) => {
    const answer = await reviewer.post('/v1/experiments', body)
    expect([answer.status, answer.json.type]).toEqual([status, 'error'])
    expect(answer.json.error.message).toBeTruthy()
  })

  test('cannot end that of a whole memory', async () => {
    const { status, json } = await reviewer.post(`/v1/experiments/${memory.id}/end`, { reason: 'x' })
    expect([status, json.error.type]).toEqual([409, 'conflict_error'])
  })

  test.each([{}, { reason: '' }, { reason: 'x'.repeat(1_001) }, { reason: 'x', force: true }])(
    'gives a reason: %j is refused',
    async (body) => {
      expect((await reviewer.post(`/v1/experiments/${memory.id}/end`, body)).status).toBe(400)
    },
  )
})

test('another workspace knows nothing of them', async () => {
  expect((await stranger.get('/v1/experiments')).json.data).toEqual([])
  expect((await stranger.get(`/v1/experiments/${memory.id}`)).status).toBe(404)
  expect((await stranger.post(`/v1/experiments/${one.id}/end`, { reason: 'x' })).status).toBe(404)
  expect(
    (
      await stranger.post('/v1/experiments', {
        memory_store_id: lesson.memory_store_id,
        pattern_id: lesson.id,
      })
    ).status,
  ).toBe(404)
})
