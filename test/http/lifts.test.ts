/** What sessions with and without memory say of it, over HTTP. */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorkspaces } from '../../src/engine.ts'
import { ANA } from '../govern/desk.ts'
import type { Json } from './door.ts'
import { type Caller, type ServedDesk, serveDesk } from './served-desk.ts'

let desk: ServedDesk
let reader: Caller
let stranger: Caller

beforeAll(async () => {
  desk = await serveDesk()
  const workspaces = openWorkspaces({ database: desk.path })
  await workspaces.create({ name: 'others' }, ANA)
  await workspaces.close()
  await desk.live(await desk.night(['refund']))
  const lines = ['case-1', 'case-2'].map((id) =>
    JSON.stringify({ id, agent: 'desk', steps: [{ role: 'user', text: `Please see to ${id}.` }] }),
  )
  for (const session of ['case-1', 'case-2']) await desk.engine.recall({ agent: 'desk', session }, ANA)
  const file = join(dirname(desk.path), 'cases.jsonl')
  writeFileSync(file, lines.join('\n'))
  await desk.engine.ingest([file])
  reader = await desk.caller('reader')
  stranger = await desk.caller('admin', 'others')
})
afterAll(() => desk.close())

test('the whole memory comes before single lessons, each measured now', async () => {
  const { status, json } = await reader.get('/v1/lifts')
  expect(status).toBe(200)
  expect(json.data.map((it: Json) => [it.type, it.kind])).toEqual([
    ['experiment', 'memory'],
    ['experiment', 'lesson'],
  ])
  const [memory] = json.data
  const escalation = memory.lifts.find((it: Json) => it.metric === 'escalation')
  expect(escalation.treatment.sessions + escalation.control.sessions).toBe(2)
  expect(memory.says).toMatch(/^Too early to say: /)
  expect(JSON.stringify(json)).not.toContain('salt')
})

test('by experiment, kind and memory store, page by page', async () => {
  const { data } = (await reader.get('/v1/lifts')).json
  const [memory, lesson] = data
  expect((await reader.get(`/v1/lifts?experiment_id=${lesson.id}`)).json.data).toEqual([lesson])
  expect((await reader.get('/v1/lifts?kind=memory')).json.data).toEqual([memory])
  expect((await reader.get(`/v1/lifts?memory_store_id=${memory.memory_store_id}`)).json.data).toEqual(data)
  const first = (await reader.get('/v1/lifts?limit=1')).json
  expect((await reader.get(`/v1/lifts?limit=1&page=${first.next_page}`)).json.data).toEqual([lesson])
})

test('another workspace knows nothing of it', async () => {
  const [memory] = (await reader.get('/v1/lifts')).json.data
  expect((await stranger.get('/v1/lifts')).json.data).toEqual([])
  expect((await stranger.get(`/v1/lifts?experiment_id=${memory.id}`)).status).toBe(404)
})
