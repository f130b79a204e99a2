/** A thousand sessions and a thousand events and more, gone through page by page by the official SDKs. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEngine } from '../../src/engine.ts'
import { type Client, clientOf, every, type RunningServer, SDKS, startServer } from '../sdk/server.ts'
import { sessionWanted } from '../session-wanted.ts'

const SESSIONS = 1_050
const EVENTS = 2_345

let running: RunningServer
let first: string
let token: string
beforeAll(async () => {
  running = await startServer()
  token = (await running.key('writer')).token
  const engine = openEngine({ database: running.database })
  for (let i = 0; i < SESSIONS; i++) {
    const { id } = await engine.createSession(sessionWanted, 'user:ann')
    first ??= id
  }
  for (let sent = 0; sent < EVENTS; sent += 1_000) {
    const count = Math.min(1_000, EVENTS - sent)
    await engine.sendEvents(
      first,
      Array.from({ length: count }, (_, i) => ({
        type: 'user.message',
        id: `sevt_${sent + i}`,
        content: [{ type: 'text', text: `${sent + i}` }],
      })),
    )
  }
  await engine.close()
}, 60_000)
afterAll(() => running.close())

describe.each(SDKS)('with $sdk', (sdk) => {
  let client: Client
  beforeAll(() => {
    client = clientOf(sdk, running, token)
  })

  test.each(['asc', 'desc'] as const)('every session is there once, in order %s', async (order) => {
    const all = await every(client.beta.sessions.list({ order, limit: 100 }))
    expect(new Set(all.map((it) => it.id)).size).toBe(SESSIONS)
    expect(all).toHaveLength(SESSIONS)
    const times = all.map((it) => it.created_at)
    expect(times).toEqual(order === 'asc' ? times.toSorted() : times.toSorted().reverse())
  })

  test('every event is there once, in the order in which it came', async () => {
    const all = await every(client.beta.sessions.events.list(first))
    expect(all.map((it) => it.id)).toEqual(Array.from({ length: EVENTS }, (_, i) => `sevt_${i}`))
  })
})
