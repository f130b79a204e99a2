/** Lists of a thousand rows, as `for await` reads them: every row once, in order, whatever is added meanwhile. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { send } from './recorded-session.ts'
import { type Client, clientOf, every, type RunningServer, SDKS, startServer } from './server.ts'

const ROWS = 1_000

let running: RunningServer
let token: string
let store: string
let session: string

/** What is made once and read by both SDKs. */
beforeAll(async () => {
  running = await startServer()
  token = (await running.key('reviewer')).token
  const client = clientOf(SDKS[0], running, token)
  store = (await client.beta.memoryStores.create({ name: 'large' })).id
  await times(ROWS, (i) =>
    client.beta.memoryStores.memories.create(store, { path: `/${numbered(i)}.md`, content: `${i}` }),
  )
  session = (await newSession(client, 'full')).id
  for (let i = 0; i < ROWS; i += 250)
    await send(
      client,
      session,
      Array.from({ length: 250 }, (_, n) => message(i + n)),
    )
  await times(ROWS - 1, (i) => newSession(client, numbered(i)))
})
afterAll(() => running.close())

describe.each(SDKS)('with $sdk', (sdk) => {
  let client: Client
  beforeAll(() => {
    client = clientOf(sdk, running, token)
  })

  test('memories, in pages of 20 and of 100', async () => {
    for (const limit of [20, 100]) {
      const paths = (await every(client.beta.memoryStores.memories.list(store, { limit }))).map(
        (it) => it.path,
      )
      expect(paths).toHaveLength(ROWS)
      expect(new Set(paths).size).toBe(ROWS)
    }
  })

  test('memory versions', async () => {
    const rows = await every(client.beta.memoryStores.memoryVersions.list(store, { limit: 100 }))
    expect(new Set(rows.map((it) => it.id)).size).toBe(ROWS)
    expect(rows).toHaveLength(ROWS)
    const times = rows.map((it) => it.created_at)
    expect(times).toEqual(times.toSorted().reverse())
  })

  test.each(['asc', 'desc'] as const)('sessions, %s', async (order) => {
    const rows = await every(client.beta.sessions.list({ limit: 100, order }))
    expect(new Set(rows.map((it) => it.id)).size).toBe(rows.length)
    expect(rows.length).toBeGreaterThanOrEqual(ROWS)
    const times = rows.map((it) => it.created_at)
    expect(times).toEqual(order === 'asc' ? times.toSorted() : times.toSorted().reverse())
  })

  test.each(['asc', 'desc'] as const)('events, %s', async (order) => {
    const rows = await every(client.beta.sessions.events.list(session, { limit: 90, order }))
    const ids = Array.from({ length: ROWS }, (_, i) => message(i).id)
    expect(rows.map((it) => it.id)).toEqual(order === 'asc' ? ids : ids.reverse())
  })

  test('sessions that come meanwhile shift nothing', async () => {
    const seen: string[] = []
    for await (const it of client.beta.sessions.list({ limit: 50 })) {
      seen.push(it.id)
      if (seen.length % 100 === 0) await newSession(client, 'late')
    }
    expect(new Set(seen).size).toBe(seen.length)
    expect(seen.length).toBeGreaterThanOrEqual(ROWS)
  })

  test('a page knows the page before it', async () => {
    const first = await client.beta.sessions.list({ limit: 10 })
    const second = await client.beta.sessions.list({ limit: 10, page: first.next_page! })
    const back = await client.beta.sessions.list({ limit: 10, page: second.prev_page! })
    expect(first.prev_page).toBeNull()
    expect(back.data.map((it) => it.id)).toEqual(first.data.map((it) => it.id))
    expect(second.data.map((it) => it.id)).not.toEqual(first.data.map((it) => it.id))
  })
})

function newSession(client: Client, title: string) {
  return client.beta.sessions.create({ agent: 'desk', environment_id: 'env_default', title })
}

function message(i: number) {
  return {
    type: 'agent.message',
    id: `sevt_${numbered(i)}`,
    processed_at: new Date(Date.UTC(2026, 10, 20, 0, 0, i)).toISOString(),
    content: [{ type: 'text', text: `message ${i}` }],
  }
}

function numbered(i: number): string {
  return String(i).padStart(4, '0')
}

/** Eight at a time. */
async function times(count: number, work: (i: number) => Promise<unknown>): Promise<void> {
  let next = 0
  const line = async () => {
    for (let i = next++; i < count; i = next++) await work(i)
  }
  await Promise.all(Array.from({ length: 8 }, line))
}
