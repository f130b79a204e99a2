/** How much and how fast: bodies, requests of one key, attempts without one, and callers that take their time. */
import { setTimeout as wait } from 'node:timers/promises'
import { Hono } from 'hono'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { appOf } from '../../src/http/app.ts'
import type { Env } from '../../src/http/env.ts'
import { answerError } from '../../src/http/errors.ts'
import { failuresOf, rateLimit } from '../../src/http/limits.ts'
import { type RunningServer, startServer } from '../sdk/server.ts'
import { ask, opened, speak } from './raw.ts'
import { storedIn } from './stored.ts'

let served: RunningServer
let writer: string

beforeAll(async () => {
  served = await startServer()
  writer = (await served.key('reviewer')).token
})
afterAll(() => served.close())

const MB = 1_000_000
const stores = '/v1/memory_stores'
const events = '/v1/sessions/sesn_0/events'
/** A JSON of that many bytes. */
const json = (bytes: number) => `{"name":"${'a'.repeat(bytes - 11)}"}`

describe('a body', () => {
  test.each([
    { name: 'of 1 MB is read', path: stores, bytes: MB, status: 400, type: 'invalid_request_error' },
    { name: 'of a byte more is not', path: stores, bytes: MB + 1, status: 413, type: 'request_too_large' },
    { name: 'of 2 MB is, where events are sent', path: events, bytes: 2 * MB, status: [400, 404] },
    { name: 'of more than 32 MB is not even there', path: events, bytes: 32 * MB + 1, status: 413 },
  ])('$name', async ({ path, bytes, status, type }) => {
    const before = storedIn(served.database)
    const answer = await ask(served.port, {
      method: 'POST',
      path,
      headers: { 'x-api-key': writer },
      body: json(bytes),
    })

    expect([status].flat()).toContain(answer.status)
    if (type !== undefined) expect(answer.json.error?.type).toBe(type)
    expect(answer.json.request_id).toBe(answer.headers['request-id'])
    expect(storedIn(served.database)).toEqual(before)
  })

  test('that comes in chunks is counted, and given up as soon as it is too large', async () => {
    const socket = await opened(served.port)
    let heard = ''
    let sent = 0
    socket.on('data', (it) => (heard += it))
    socket.write(
      `POST ${stores} HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${writer}\r\ntransfer-encoding: chunked\r\n\r\n`,
    )
    while (heard === '' && sent < 100 * MB && !socket.destroyed) {
      socket.write(`10000\r\n${'a'.repeat(0x10000)}\r\n`)
      sent += 0x10000
      await wait(1)
    }
    socket.destroy()
    expect(heard).toMatch(/^HTTP\/1\.1 413 /)
    expect(sent).toBeLessThan(20 * MB)
  })

  test('that is announced too large is refused before it is sent', async () => {
    const head = `POST ${stores} HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${writer}\r\ncontent-length: 9999999999\r\n\r\n`
    expect(await speak(served.port, head, 500)).toMatch(/^HTTP\/1\.1 413 /)
  })
})

test('a body that does not come is waited for half a minute', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const app = appOf(served.server, () => {})
  const body = new ReadableStream({ start: (it) => it.enqueue(new TextEncoder().encode('{"name":')) })
  const headers = { 'x-api-key': writer, 'content-type': 'application/json' }
  const answering = app.request(stores, { method: 'POST', headers, body, duplex: 'half' } as RequestInit)
  for (let i = 0; i < 20; i += 1) await new Promise(setImmediate)
  await vi.advanceTimersByTimeAsync(30_000)
  const answer = await answering
  vi.useRealTimers()

  expect(answer.status).toBe(408)
  expect(answer.headers.get('connection')).toBe('close')
  expect(await answer.json()).toMatchObject({ type: 'error', error: { type: 'timeout_error' } })
})

test('callers that send their headers a byte at a time hold nobody up', async () => {
  const slow = await Promise.all(Array.from({ length: 500 }, () => opened(served.port)))
  for (const it of slow) it.write('GET /v1/dreams HTTP/1.1\r\nhost: loc')
  const started = performance.now()
  for (let i = 0; i < 20; i += 1) expect((await ask(served.port, { path: '/healthz' })).status).toBe(200)
  expect(performance.now() - started).toBeLessThan(2_000)
  for (const it of slow) it.destroy()
})

describe('one key', () => {
  /** What was answered at each of these milliseconds. */
  async function answers(
    a_second: number,
    at_ms: number[],
    keys = ['apikey_a'],
  ): Promise<(number | string)[]> {
    let now = 0
    const limit = rateLimit(a_second, () => now)
    const app = new Hono<Env>()
    let turn = 0
    app.use(async (c, next) => {
      c.set('request_id', 'req_1')
      c.set('key', { id: keys[turn++ % keys.length]! } as Env['Variables']['key'])
      await next()
    })
    app.get('/', limit, (c) => c.text('ok'))
    app.onError(answerError)
    const said: (number | string)[] = []
    for (const it of at_ms) {
      now = it
      const answer = await app.request('/')
      if (answer.status === 429) expect(answer.headers.get('x-should-retry')).toBe('true')
      said.push(answer.status === 429 ? `wait ${answer.headers.get('retry-after')} s` : answer.status)
    }
    return said
  }
  const at = (ms: number, n: number) => Array.from({ length: n }, () => ms)

  test('may ask ten seconds worth at once, and then so many a second', async () => {
    const said = await answers(2, [...at(0, 21), ...at(500, 2), ...at(60_000, 21)])
    expect(said.slice(0, 20)).toEqual(at(200, 20))
    expect(said.slice(20, 23)).toEqual(['wait 1 s', 200, 'wait 1 s'])
    expect(said.slice(23)).toEqual([...at(200, 20), 'wait 1 s'])
  })

  test('does not use up what another one may', async () => {
    const said = await answers(1, at(0, 22), ['apikey_a', 'apikey_b'])
    expect(said).toEqual([...at(200, 20), 'wait 1 s', 'wait 1 s'])
  })

  test('may ask as often as it likes where that is wished', async () => {
    expect(await answers(0, at(0, 5_000))).toEqual(at(200, 5_000))
  })

  test('of a real server is told to wait, and the official way', async () => {
    const limited = await startServer({ rate_limit: 1 })
    const { token: key } = await limited.key('reader')
    const asked = { path: '/v1/nothing', headers: { 'x-api-key': key } }
    const said = []
    for (let i = 0; i < 12; i += 1) said.push(await ask(limited.port, asked))
    await limited.close()

    expect(said.slice(0, 10).map((it) => it.status)).toEqual(at(404, 10))
    expect(said.at(-1)).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1', 'x-should-retry': 'true' },
      json: { type: 'error', error: { type: 'rate_limit_error' } },
    })
  })
})

describe('whoever comes without a good key', () => {
  test('is told to wait after thirty times, and one who has a key is not', async () => {
    const mine = await startServer()
    const { token: key } = await mine.key('reader')
    const status = async (token: string) =>
      (await ask(mine.port, { path: '/v1/nothing', headers: { 'x-api-key': token } })).status
    const said = []
    for (let i = 0; i < 32; i += 1) said.push(await status(`rvk_${i}`))
    const good = await status(key)
    await mine.close()

    expect(said.slice(0, 30)).toEqual(at(401, 30))
    expect(said.at(-1)).toBe(429)
    expect(good).toBe(404)
  })

  test('is not remembered for ever: a million addresses take the room of ten thousand', () => {
    let now = 0
    const failures = failuresOf(() => now)
    for (let i = 0; i < 100; i += 1) failures.take('guesser')
    expect(failures.take('guesser')).toBeGreaterThan(0)
    for (let i = 0; i < 30_000; i += 1) {
      now += 0.001
      failures.take(`address ${i}`)
    }
    now += 60_000
    expect(failures.take('guesser')).toBe(0)
  })
  const at = (status: number, n: number) => Array.from({ length: n }, () => status)
})
