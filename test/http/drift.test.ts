/** Drift and fitness over HTTP: as the engine tells them, of one's own workspace. */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorkspaces } from '../../src/engine.ts'
import { type Caller, type ServedDesk, serveDesk } from './served-desk.ts'

let desk: ServedDesk
let reader: Caller
let stranger: Caller

beforeAll(async () => {
  desk = await serveDesk()
  const workspaces = openWorkspaces({ database: desk.path })
  await workspaces.create({ name: 'others' }, 'user:ana')
  await workspaces.close()
  const lines = ['2026-08-03', '2026-11-10'].flatMap((day) =>
    Array.from({ length: 25 }, (_, i) => ({
      ...{ id: `${day}-${i}`, agent: 'desk', task_id: `t-${i % 3}`, started_at: `${day}T09:${i + 10}:00Z` },
      outcome: { success: day < '2026-09' || i % 5 === 0 },
      steps: [{ role: 'user', text: `Case ${day} ${i}` }],
    })),
  )
  const file = join(dirname(desk.path), 'sessions.jsonl')
  writeFileSync(file, lines.map((it) => JSON.stringify(it)).join('\n'))
  await desk.engine.ingest([file])
  reader = await desk.caller('reader')
  stranger = await desk.caller('admin', 'others')
})
afterAll(() => desk.close())

test('drift is what the engine says, with its alarms', async () => {
  const { status, json } = await reader.get(
    '/v1/drift?agent=desk&from=2026-08-03&to=2026-11-10&window_days=3',
  )
  expect(status).toBe(200)
  expect(json).toEqual({
    type: 'drift',
    ...(await desk.engine.drift({ agent: 'desk', from: '2026-08-03', to: '2026-11-10', window_days: 3 })),
  })
  expect(json.alarms.map((it: { type: string }) => it.type)).toEqual(['completion'])
})

test('fitness is a list, one an agent', async () => {
  const { json } = await reader.get('/v1/fitness?limit=1')
  expect(json.data).toEqual([{ type: 'fitness', ...(await desk.engine.fitness({ limit: 1 })).data[0] }])
})

test.each([
  ['/v1/drift?agent=dsek', 404, /no agent dsek/],
  ['/v1/drift?from=yesterday', 400, /from/],
  ['/v1/drift?window_days=0', 400, /window_days/],
  ['/v1/drift?agent=desk&window_days=900', 400, /overlap/],
  ['/v1/fitness?agent=dsek', 404, /no agent dsek/],
])('GET %s is refused', async (path, status, message) => {
  const answer = await reader.get(path)
  expect(answer.status).toBe(status)
  expect(answer.json.error.message).toMatch(message)
})

test('another workspace is told nothing of it', async () => {
  expect((await stranger.get('/v1/drift?agent=desk')).status).toBe(404)
  expect((await stranger.get('/v1/fitness')).json.data).toEqual([])
})
