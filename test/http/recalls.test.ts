/** What sessions are given, over HTTP. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorkspaces } from '../../src/engine.ts'
import type { Json } from './door.ts'
import { type Caller, type ServedDesk, serveDesk } from './served-desk.ts'

let desk: ServedDesk
let writer: Caller
let reader: Caller

beforeAll(async () => {
  desk = await serveDesk()
  await desk.live(await desk.night(['refund', 'invoice']))
  writer = await desk.caller('writer')
  reader = await desk.caller('reader')
})
afterAll(() => desk.close())

test('a session of the API is given the memory of its agent, by its id alone', async () => {
  const { json: session } = await writer.post('/v1/sessions', {
    agent: 'desk',
    environment_id: 'env_default',
  })
  const { status, json } = await writer.post('/v1/recall', { session: session.id, query: 'Refund it.' })
  expect(status).toBe(200)
  expect(json).toMatchObject({
    type: 'recalled',
    id: expect.stringMatching(/^rcl_[0-9a-f]{24}$/),
    agent: 'desk',
    session_key: session.id,
    arm: expect.stringMatching(/^(?:treatment|control)$/),
    memories: [{ rank: 1, path: expect.stringContaining('refund') }, { rank: 2 }],
  })
  const { json: kept } = await reader.get(`/v1/recalls/${json.id}`)
  expect(kept).toMatchObject({
    type: 'recall',
    id: json.id,
    memories: json.memories.map(({ tokens, ...it }: Json) => it),
    created_by: { type: 'api_actor', api_key_id: writer.id },
  })
  expect((await reader.get(`/v1/recalls?session=${session.id}`)).json.data).toEqual([kept])
})

test('fields that are null are as good as absent', async () => {
  const nothing = { agent: null, memory_store_id: null, session: null, task: null, query: null, person: null }
  const answers = [{ agent: 'desk', budget_tokens: null }, { ...nothing, agent: 'desk' }, {}]
  for (const body of answers) expect((await writer.post('/v1/recall', body)).json.memories).toHaveLength(2)
})

describe('it goes through the list page by page', () => {
  test.each(['', 'agent=desk&'])('?%s', async (filter) => {
    const first = (await reader.get(`/v1/recalls?${filter}limit=1`)).json
    const rest = (await reader.get(`/v1/recalls?${filter}page=${first.next_page}`)).json
    const all = (await reader.get(`/v1/recalls?${filter}`)).json
    expect([...first.data, ...rest.data]).toEqual(all.data)
    expect(all.data.length).toBeGreaterThan(2)
  })
})

test.each<[what: string, ask: () => Promise<{ status: number; json: Json }>, status: number, type: string]>([
  ['a reader recalls nothing', () => reader.post('/v1/recall', { agent: 'desk' }), 403, 'permission_error'],
  ['an agent nobody heard of', () => writer.post('/v1/recall', { agent: 'dekc' }), 404, 'not_found_error'],
  [
    'a store by its name',
    () => writer.post('/v1/recall', { memory_store_id: 'desk' }),
    404,
    'not_found_error',
  ],
  [
    'too large a budget',
    () => writer.post('/v1/recall', { budget_tokens: 100_001 }),
    400,
    'invalid_request_error',
  ],
  ['a slip in a field', () => writer.post('/v1/recall', { sesion: 'a' }), 400, 'invalid_request_error'],
  ['half an id', () => reader.get('/v1/recalls/rcl_00'), 404, 'not_found_error'],
])('%s is refused', async (_, ask, status, type) => {
  const answer = await ask()
  expect([answer.status, answer.json.error.type]).toEqual([status, type])
})

test('another workspace knows nothing of it', async () => {
  const workspaces = openWorkspaces({ database: desk.path })
  await workspaces.create({ name: 'others' }, 'user:ana')
  await workspaces.close()
  const stranger = await desk.caller('admin', 'others')
  const [recall] = (await reader.get('/v1/recalls')).json.data
  expect((await stranger.get('/v1/recalls')).json.data).toEqual([])
  expect((await stranger.get(`/v1/recalls/${recall.id}`)).status).toBe(404)
})
