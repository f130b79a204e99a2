/** What stood in a memory store, over HTTP, and putting it back; and what docs/api.md says there is. */
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Json } from './door.ts'
import { type Caller, type ServedDesk, serveDesk } from './served-desk.ts'

const PATH = '/by-hand/refunds.md'
let desk: ServedDesk
let reader: Caller
let reviewer: Caller
let store: string

beforeAll(async () => {
  desk = await serveDesk()
  reader = await desk.caller('reader')
  reviewer = await desk.caller('reviewer')
  store = (await reviewer.post('/v1/memory_stores', { name: 'desk', metadata: { agent: 'desk' } })).json.id
  await desk.write(PATH, 'Look first.\n')
  await desk.write(PATH, 'Look twice.\n')
})
afterAll(() => desk.close())

const historyOf = async (): Promise<Json[]> =>
  (await reader.get(`/v1/memory_stores/${store}/history?path=${PATH}`)).json.data
const standing = async () => (await desk.standing())[PATH]

test('what stood at a path is told with who acted, newest first', async () => {
  const history = await historyOf()

  expect(history.map((it) => [it.type, it.operation, it.actor])).toEqual([
    ['memory_history_entry', 'modified', 'user:bo'],
    ['memory_history_entry', 'created', 'user:bo'],
  ])
  expect((await reader.get(`/v1/memory_stores/${store}/history?path=/nothing.md`)).status).toBe(404)
})

test('a version is told as what it changed', async () => {
  const [last, first] = await historyOf()
  const { json } = await reader.get(
    `/v1/memory_stores/${store}/memory_versions/${last.memory_version_id}/diff`,
  )

  expect(json).toEqual({
    type: 'memory_version_diff',
    path: PATH,
    before_version_id: first.memory_version_id,
    after_version_id: last.memory_version_id,
    diff: ['@@ -1,1 +1,1 @@', '-Look first.', '+Look twice.'],
  })
})

test('an earlier text is put back, once, by whoever may write memories', async () => {
  const first = (await historyOf()).at(-1)
  const at = `/v1/memory_stores/${store}/memory_versions/${first.memory_version_id}/restore`
  const refused = await reader.post(at)
  const rehearsed = await reviewer.post(at, { dry_run: true })
  const before = await standing()
  const { json } = await reviewer.post(at)
  const again = await reviewer.post(at)

  expect([refused.status, rehearsed.json.restored.length, before]).toEqual([403, 1, 'Look twice.\n'])
  expect(json).toMatchObject({
    type: 'memory_restored',
    dry_run: false,
    restored: [{ type: 'restored_memory', path: PATH, operation: 'modified', to: first.memory_version_id }],
  })
  expect(again.json.restored).toEqual([])
  expect(await standing()).toBe('Look first.\n')
})

test('a store is made what it was, and that is taken back', async () => {
  const { seq } = (await historyOf()).at(-2)
  const { json } = await reviewer.post(`/v1/memory_stores/${store}/restore`, { seq })
  const then = await standing()
  await reviewer.post(`/v1/memory_stores/${store}/restore`, { seq: json.back })

  expect(json).toMatchObject({ type: 'memory_store_restored', dry_run: false, seq, erased: [] })
  expect([then, await standing()]).toEqual(['Look twice.\n', 'Look first.\n'])
})

test.each<[string, Json]>([
  ['a time before there was anything', { time: '2020-01-01T00:00:00Z' }],
  ['no time', {}],
  ['a time and a number', { time: '2026-11-09T03:00:10Z', seq: 1 }],
  ['a day', { time: '2026-11-09' }],
])('a store is not restored to %s', async (_, body) => {
  const { status, json } = await reviewer.post(`/v1/memory_stores/${store}/restore`, body)

  expect([status, json.error.type]).toEqual([400, 'invalid_request_error'])
})

test('a version is looked for in its own store', async () => {
  const other = (await reviewer.post('/v1/memory_stores', { name: 'other' })).json.id
  const [{ memory_version_id }] = await historyOf()
  const at = `/v1/memory_stores/${other}/memory_versions/${memory_version_id}`

  expect([(await reader.get(`${at}/diff`)).status, (await reviewer.post(`${at}/restore`)).status]).toEqual([
    404, 404,
  ])
})

test('a store that was archived does not change', async () => {
  const change = (await desk.night(['refund']))[0]!
  await reviewer.post(`/v1/changes/${change.id}/decision`, { decision: 'approved' })
  const [{ memory_version_id }] = await historyOf()
  await reviewer.post(`/v1/memory_stores/${store}/archive`)
  const asked = [
    await reviewer.post(`/v1/memory_stores/${store}/memory_versions/${memory_version_id}/restore`),
    await reviewer.post(`/v1/memory_stores/${store}/restore`, { seq: 1 }),
    await reviewer.post(`/v1/changes/${change.id}/adopt`),
  ]

  for (const it of asked) expect([400, 404, 409]).toContain(it.status)
  expect((await reader.get(`/v1/changes/${change.id}`)).json.status).toBe('approved')
})

test('every route that docs/api.md names is there, and every route of these parts is in docs/api.md', async () => {
  const named = [...readFileSync('docs/api.md', 'utf8').matchAll(/`(GET|POST|PUT) (\/v1\/[^`?]*)`/g)].map(
    ([, method, path]) => `${method} ${path}`,
  )
  const { json } = await reader.get('/openapi.json')
  const there = Object.entries(json.paths).flatMap(([path, item]) =>
    Object.entries(item as Record<string, { tags: string[]; 'x-reverie-extension'?: true }>)
      .filter(([, it]) => it['x-reverie-extension'])
      .map(([method, it]) => ({ route: `${method.toUpperCase()} ${path}`, tag: it.tags[0]! })),
  )
  const ours = new Set(['Changes', 'Lessons', 'Audit', 'Policy', 'Memory versions', 'Sessions'])

  expect(there.map((it) => it.route)).toEqual(expect.arrayContaining(named))
  expect(named).toEqual(expect.arrayContaining(there.filter((it) => ours.has(it.tag)).map((it) => it.route)))
})
