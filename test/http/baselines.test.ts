import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Caller, type ServedDesk, serveDesk } from './served-desk.ts'

let desk: ServedDesk
let reader: Caller

beforeAll(async () => {
  desk = await serveDesk()
  await desk.night(['refund'])
  reader = await desk.caller('reader')
})
afterAll(() => desk.close())

test('a baseline is told with each metric, its interval, and what is not known', async () => {
  const { status, json } = await reader.get('/v1/baselines')

  expect(status).toBe(200)
  expect(json.data).toMatchObject([
    { type: 'baseline', agent: 'desk', intent: null, frozen_at: null, sessions: 40, unmeasured: 0 },
  ])
  expect(json.data[0].metrics[0]).toMatchObject({ metric: 'completion', known: 0, unknown: 40, value: null })
})

test('each kind of work follows on request, page by page', async () => {
  const whole = await reader.get('/v1/baselines?by_intent=true')
  const first = await reader.get('/v1/baselines?by_intent=true&limit=1')
  const second = await reader.get(`/v1/baselines?by_intent=true&limit=1&page=${first.json.next_page}`)

  expect(whole.json.data.length).toBeGreaterThan(2)
  expect([first.json.data[0], second.json.data[0]]).toEqual(whole.json.data.slice(0, 2))
})

test.each([
  { query: 'agent=desk&since=2026-01-05T10:00:00Z', status: 200, sessions: 0 },
  { query: 'agent=desk&until=2026-01-05T10:00:00%2B01:00', status: 200, sessions: 0 },
  { query: 'agent=desk&until=2026-01-05T10:00:01%2B01:00', status: 200, sessions: 40 },
  { query: 'agent=nobody', status: 404, sessions: undefined },
  { query: 'since=monday', status: 400, sessions: undefined },
])('?$query answers $status', async ({ query, status, sessions }) => {
  const answer = await reader.get(`/v1/baselines?${query}`)

  expect(answer.status).toBe(status)
  expect(answer.json.data?.[0]?.sessions).toBe(sessions)
})
