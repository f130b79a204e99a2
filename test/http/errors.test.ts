/** What cannot be read, or not be answered: always the envelope, an id for the request, and the right status; and the server goes on. */
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openServer } from '../../src/engine.ts'
import { appOf } from '../../src/http/app.ts'
import { parsed } from '../../src/http/json-body.ts'
import { type RunningServer, startServer } from '../sdk/server.ts'
import { type Answer, ask, opened, speak } from './raw.ts'
import { storedIn } from './stored.ts'

let served: RunningServer
let admin: string

beforeAll(async () => {
  served = await startServer()
  admin = (await served.key('admin')).token
})
afterAll(() => served.close())

const create = (body: unknown, headers: Record<string, string | undefined> = {}): Promise<Answer> =>
  ask(served.port, {
    method: 'POST',
    path: '/v1/memory_stores',
    headers: { 'x-api-key': admin, ...headers },
    body,
  })

describe('a body that is refused:', () => {
  const levels = (n: number) => `{"name":"a","metadata":${'['.repeat(n)}${']'.repeat(n)}}`
  test.each<{ name: string; body: string | Buffer; type?: string; says: RegExp }>([
    { name: 'half a JSON', body: '{"name":', says: /^the body is no valid JSON$/ },
    { name: 'two JSONs', body: '{"name":"a"}{"name":"b"}', says: /no valid JSON/ },
    {
      name: 'a JSON of words that are none',
      body: '{"name": secret-word}',
      says: /^the body is no valid JSON$/,
    },
    { name: 'bytes that are no UTF-8', body: Buffer.from([0x22, 0xff, 0x22]), says: /no valid JSON/ },
    { name: 'a key twice', body: '{"name":"a","name":"b"}', says: /a key twice in one object: name/ },
    {
      name: 'a key twice, once spelled otherwise',
      body: '{"name":"a","na\\u006de":"b"}',
      says: /a key twice/,
    },
    {
      name: 'a key twice, deep inside',
      body: '{"name":"a","metadata":{"a":"{","a":"b"}}',
      says: /a key twice/,
    },
    { name: '__proto__', body: '{"name":"a","metadata":{"__proto__":"b"}}', says: /__proto__/ },
    { name: '__proto__, spelled otherwise', body: '{"name":"a","\\u005f_proto__":{}}', says: /__proto__/ },
    { name: '65 levels', body: levels(64), says: /more than 64 levels/ },
    { name: 'a hundred thousand levels', body: levels(100_000), says: /more than 64 levels/ },
    {
      name: 'a form',
      body: 'name=a',
      type: 'application/x-www-form-urlencoded',
      says: /no JSON, by its content-type/,
    },
    { name: 'a text', body: '{"name":"a"}', type: 'text/plain', says: /no JSON, by its content-type/ },
    { name: 'a list', body: '[]', says: /expected object/ },
    { name: 'nothing', body: '', says: /name/ },
    { name: 'null', body: 'null', says: /expected object/ },
    { name: 'a field that there is not', body: '{"name":"a","nmae":"b"}', says: /nmae/ },
  ])('$name', async ({ body, type, says }) => {
    const before = storedIn(served.database)
    const { status, headers, json } = await create(body, type === undefined ? {} : { 'content-type': type })

    expect(status).toBe(400)
    expect(json).toEqual({
      type: 'error',
      error: expect.objectContaining({ type: 'invalid_request_error', message: expect.stringMatching(says) }),
      request_id: headers['request-id'],
    })
    expect(JSON.stringify(json)).not.toContain('secret-word')
    expect(storedIn(served.database)).toEqual(before)
  })

  test.each([
    { name: 'the same key in two objects', body: '{"name":"a","metadata":{"name":"b"}}' },
    {
      name: 'words that look like keys in a text',
      body: '{"name":"a","description":"\\"name\\":1,{\\"name\\":2"}',
    },
    { name: 'a backslash at the end of a text', body: '{"name":"\\\\","description":"\\\\"}' },
    {
      name: 'keys that every object has',
      body: '{"name":"a","metadata":{"constructor":"x","toString":"y"}}',
    },
    { name: 'a byte order mark', body: '\ufeff{"name":"a"}' },
  ])('but $name is nothing bad', async ({ body }) => {
    expect((await create(body)).status).toBe(200)
  })
})

describe('whatever a JSON holds,', () => {
  const bytesOf = (text: string) => new TextEncoder().encode(text)
  const words = fc.constantFrom('a', '"', '\\\\', '{', '}', '[', ']', ':', ',', '"a":', '\\u0061', 'é', '\n')
  const key = fc
    .oneof(
      fc.string(),
      fc.array(words).map((it) => it.join('')),
    )
    .filter((it) => it !== '__proto__')
  const { json: value } = fc.letrec((tie) => ({
    json: fc.oneof(
      { maxDepth: 6, depthSize: 'medium' },
      fc.oneof(key, fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean(), fc.constant(null)),
      fc.array(tie('json')),
      fc.dictionary(key, tie('json')),
    ),
  }))

  test('it is read as it is', () => {
    fc.assert(
      fc.property(value, fc.constantFrom(0, 1), (it, indent) => {
        const text = JSON.stringify(it, null, indent)
        expect(parsed(bytesOf(text))).toEqual(JSON.parse(text))
      }),
    )
  })

  test('and is refused as soon as it says one thing twice', () => {
    fc.assert(
      fc.property(value, value, value, key, fc.boolean(), (before, one, other, name, deep) => {
        const [a, b, c, k] = [before, one, other, name].map((it) => JSON.stringify(it))
        const twice = `{"before!": ${a}, ${k}: ${b}, "between!": ${a}, ${k} : ${c}}`
        expect(() => parsed(bytesOf(deep ? `[${a},{"in":${twice}}]` : twice))).toThrow(/a key twice/)
      }),
    )
  })
})

test.each([
  { name: 'without a content type', headers: { 'content-type': undefined } },
  { name: 'with a charset', headers: { 'content-type': 'application/json; charset=utf-8' } },
  { name: 'of a kind of JSON', headers: { 'content-type': 'application/merge-patch+json' } },
])('a JSON $name is read', async ({ headers }) => {
  const body = '{"name":"a"}'
  const bare = `POST /v1/memory_stores HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx-api-key: ${admin}\r\ncontent-length: ${body.length}\r\n`
  const type = headers['content-type'] === undefined ? '' : `content-type: ${headers['content-type']}\r\n`
  expect(await speak(served.port, `${bare}${type}\r\n${body}`)).toMatch(/^HTTP\/1\.1 200 /)
})

describe('what is no request gets the envelope too:', () => {
  const host = 'host: localhost\r\n'
  test.each([
    { name: 'something else than HTTP', bytes: 'hello\r\n\r\n', status: 400 },
    { name: 'a header without a name', bytes: `GET /healthz HTTP/1.1\r\n${host}: a\r\n\r\n`, status: 400 },
    { name: 'a header with a NUL', bytes: `GET /healthz HTTP/1.1\r\n${host}a: \0b\r\n\r\n`, status: 400 },
    { name: 'no host', bytes: 'GET /healthz HTTP/1.0\r\n\r\n', status: 400 },
    { name: 'a host that is none', bytes: 'GET /healthz HTTP/1.1\r\nhost: a/b@c\r\n\r\n', status: 400 },
    { name: 'a backslash in the address', bytes: `GET /v1\\dreams HTTP/1.1\r\n${host}\r\n`, status: 400 },
    {
      name: 'two lengths',
      bytes: `POST / HTTP/1.1\r\n${host}content-length: 1\r\ncontent-length: 2\r\n\r\nab`,
      status: 400,
    },
    {
      name: 'a length and chunks',
      bytes: `POST / HTTP/1.1\r\n${host}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      status: 400,
    },
    {
      name: 'an address that is too long',
      bytes: `GET /${'a'.repeat(20_000)} HTTP/1.1\r\n${host}\r\n`,
      status: 431,
    },
    {
      name: 'headers that are too large',
      bytes: `GET / HTTP/1.1\r\n${host}a: ${'a'.repeat(20_000)}\r\n\r\n`,
      status: 431,
    },
    {
      name: 'an expectation',
      bytes: `GET / HTTP/1.1\r\n${host}connection: close\r\nexpect: a miracle\r\n\r\n`,
      status: 417,
    },
  ])('$name', async ({ bytes, status }) => {
    const heard = await speak(served.port, bytes)
    const [head, text] = heard.split('\r\n\r\n') as [string, string]

    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `))
    const request_id = /^request-id: (req_\w+)$/m.exec(head)?.[1]
    expect(JSON.parse(text)).toMatchObject({
      type: 'error',
      error: { type: 'invalid_request_error' },
      request_id,
    })
    expect(head).toMatch(/^connection: close$/im)
    expect((await ask(served.port, { path: '/healthz' })).status).toBe(200)
  })
})

test('what follows a length that is a lie is not taken for a request of its own', async () => {
  const head = `POST /v1/memory_stores HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${admin}\r\ncontent-type: application/json\r\n`
  const heard = await speak(
    served.port,
    `${head}content-length: 12\r\n\r\n{"name":"a"}DELETE /everything`,
    500,
  )
  expect(heard.match(/HTTP\/1\.1 /g)?.length ?? 0).toBeLessThanOrEqual(1)
})

test('a caller that goes away halfway stores nothing, and the server goes on', async () => {
  const before = storedIn(served.database)
  const socket = await opened(served.port)
  socket.write(
    `POST /v1/memory_stores HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${admin}\r\ncontent-length: 100\r\n\r\n{"name":`,
  )
  await new Promise((done) => setTimeout(done, 50))
  socket.destroy()
  expect((await ask(served.port, { path: '/healthz' })).status).toBe(200)
  expect(storedIn(served.database)).toEqual(before)
})

test.each([
  { name: 'there is nothing at an address', path: '/v1/dream', method: 'GET', status: 404 },
  { name: 'there is no such verb', path: '/v1/memory_stores', method: 'DELETE', status: 404 },
  { name: 'another page asks what it may', path: '/v1/memory_stores', method: 'OPTIONS', status: 404 },
])('where $name, the answer says so, and lets no other page in', async ({ path, method, status }) => {
  const answer = await ask(served.port, {
    path,
    method,
    headers: { 'x-api-key': admin, origin: 'https://example.com' },
  })
  expect(answer.status).toBe(status)
  expect(answer.json).toMatchObject({
    type: 'error',
    error: { type: 'not_found_error' },
    request_id: answer.headers['request-id'],
  })
  expect(Object.keys(answer.headers).filter((it) => it.startsWith('access-control-'))).toEqual([])
})

test('PATCH updates as POST does, and makes nothing', async () => {
  const { id } = (await create({ name: 'before' })).json
  const patch = (path: string) =>
    ask(served.port, { method: 'PATCH', path, headers: { 'x-api-key': admin }, body: { name: 'after' } })

  expect(await patch(`/v1/memory_stores/${id}`)).toMatchObject({ status: 200, json: { id, name: 'after' } })
  expect((await patch('/v1/memory_stores')).status).toBe(404)
  expect((await patch(`/v1/memory_stores/${id}/archive`)).status).toBe(404)
})

test('answers are not kept by anybody, and are what they say they are', async () => {
  const { headers } = await ask(served.port, { path: '/v1/api_keys', headers: { 'x-api-key': admin } })
  expect(headers).toMatchObject({
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'request-id': expect.stringMatching(/^req_/),
  })
})

test('a failure of ours tells its caller nothing but where to look', async () => {
  const server = openServer({ database: ':memory:' })
  const reported: unknown[] = []
  const broken = { ...server, authenticate: () => Promise.reject(new Error('the secret is 42')) }
  const app = appOf(broken, (error, id) => reported.push([String(error), id]))
  const answer = await app.request('/v1/api_keys', { headers: { 'x-api-key': 'x' } })
  const request_id = answer.headers.get('request-id')

  expect(answer.status).toBe(500)
  expect(await answer.json()).toEqual({
    type: 'error',
    error: { type: 'api_error', message: expect.stringContaining(request_id!) },
    request_id,
  })
  expect(reported).toEqual([['Error: the secret is 42', request_id]])
  await server.close()
})
