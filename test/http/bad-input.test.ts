/**
 * Whatever comes in: the right error, the server alive, nothing stored.
 *
 * The routes are those of /openapi.json, so a new route is tried here without a word. The server is a real one on a real port, and
 * requests are sent as bytes, since clients and frameworks mend much of what is tried here.
 */
import type { Socket } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { makeWorkspace, type RunningServer, startServer } from '../sdk/server.ts'
import { filled, fitting, type OpenApi, type Operation, operationsOf, type Schema } from './openapi.ts'
import { type Answer, type Asked, ask, opened, speak } from './raw.ts'
import { isAtRest, storedIn } from './stored.ts'

const ROLES = ['reader', 'writer', 'reviewer', 'admin'] as const

let running: RunningServer
let document: OpenApi
let operations: Operation[]
/** Of the workspace `default`, and of the workspace `others`. */
const tokens = { reader: '', writer: '', reviewer: '', admin: '', other: '' }
/** What is really there in `default`, by the name it has in paths. */
let there: Record<string, string>

beforeAll(async () => {
  running = await startServer()
  await makeWorkspace(running.database, 'others')
  for (const it of ROLES) tokens[it] = (await running.key(it)).token
  tokens.other = (await running.key('admin', 'others')).token
  document = (await ask(running.port, { path: '/openapi.json' })).json as unknown as OpenApi
  operations = operationsOf(document)
  there = await makeOneOfEach()
  // The job of the dream is through a little after the dream.
  await until(() => isAtRest(running.database))
  expect((await send({ path: `/v1/dreams/${there.dream_id}` })).json.ended_at).not.toBeNull()
})
afterAll(() => running.close())

type Tried = Asked & { token?: string }

function send({ token = tokens.admin, headers, ...asked }: Tried): Promise<Answer> {
  return ask(running.port, {
    ...asked,
    headers: { ...(token === '' ? {} : { 'x-api-key': token }), ...headers },
  })
}

async function made(path: string, body: unknown): Promise<string> {
  const answer = await send({ method: 'POST', path, body })
  expect(answer.status, `${path}: ${answer.text}`).toBe(200)
  return String(answer.json.id)
}

async function makeOneOfEach(): Promise<Record<string, string>> {
  const memory_store_id = await made('/v1/memory_stores', { name: 'Desk' })
  const memory = await send({
    method: 'POST',
    path: `/v1/memory_stores/${memory_store_id}/memories`,
    body: { path: '/a.md', content: 'A secret of the desk.' },
  })
  const agent_id = await made('/v1/agents', { name: 'desk', model: 'claude-opus-5' })
  const environment_id = await made('/v1/environments', { name: 'desk' })
  const session_id = await made('/v1/sessions', {
    agent: agent_id,
    environment_id,
    resources: [{ type: 'file', file_id: 'file_1' }],
  })
  await send({
    method: 'POST',
    path: `/v1/sessions/${session_id}/events`,
    body: { events: [{ type: 'user.message', content: [{ type: 'text', text: 'Close the ledger.' }] }] },
  })
  const page = async (path: string) =>
    ((await send({ path })).json.data?.[0] as { id?: string } | undefined)?.id ?? 'none'
  return {
    memory_store_id,
    memory_id: String(memory.json.id),
    memory_version_id: String(memory.json.memory_version_id),
    agent_id,
    environment_id,
    session_id,
    resource_id: await page(`/v1/sessions/${session_id}/resources`),
    thread_id: await page(`/v1/sessions/${session_id}/threads`),
    dream_id: await made('/v1/dreams', {
      inputs: [
        { type: 'memory_store', memory_store_id },
        { type: 'sessions', session_ids: [session_id] },
      ],
      model: 'claude-opus-5',
    }),
    experiment_id: await made('/v1/experiments', {
      memory_store_id: await made('/v1/memory_stores', { name: 'Shop', metadata: { agent: 'shop' } }),
      control_agent: 'desk',
    }),
    recall_id: await made('/v1/recall', { memory_store_id }),
    // Told of nothing here.
    webhook_id: await made('/v1/webhooks', { url: 'https://example.com/hook', events: ['lesson.disputed'] }),
    api_key_id: await page('/v1/api_keys'),
  }
}

// ---------------------------------------------------------------- every route

/** What is wrong with an answer that should have refused. */
function wrongWith(name: string, { status, headers, json }: Answer, expected?: number): string[] {
  const told: string[] = []
  if (expected === undefined ? status < 400 || status >= 500 : status !== expected)
    told.push(`${name}: status ${status}${expected === undefined ? '' : `, not ${expected}`}`)
  if (json.type !== 'error' || typeof json.error?.type !== 'string' || typeof json.error.message !== 'string')
    told.push(`${name}: no envelope`)
  if (typeof headers['request-id'] !== 'string' || headers['request-id'] !== json.request_id)
    told.push(`${name}: the request-id of the header is not that of the envelope`)
  return told
}

/** Sends each, and gives what is wrong with the answers; that nothing was stored is seen at the end. */
async function allRefused(tried: { name: string; asked: Tried; expected?: number }[]): Promise<string[]> {
  expect(tried.length).toBeGreaterThan(0)
  const before = storedIn(running.database)
  const wrong: string[] = []
  for (const { name, asked, expected } of tried) wrong.push(...wrongWith(name, await send(asked), expected))
  const after = storedIn(running.database)
  for (const table of Object.keys(after))
    if (after[table] !== before[table]) wrong.push(`something was stored in ${table}`)
  return wrong
}

const NONE = 'x'.repeat(24)
const noneOf = (parameter: string) => `${parameter.replace(/_id$/, '')}_${NONE}`
const takesJson = () => operations.filter((it) => it.body !== null)

describe('every route', () => {
  test('the document names the routes of the wire', () => {
    const names = operations.map((it) => it.name)
    for (const it of ['POST /v1/dreams', 'POST /v1/memory_stores', 'POST /v1/sessions', 'GET /v1/sessions'])
      expect(names).toContain(it)
    expect(document.openapi).toMatch(/^3\.1/)
  })

  test.each([
    { name: 'without a key', token: '' },
    { name: 'with a key that is none', token: 'rv_nobody' },
  ])('refuses a request $name', async ({ token }) => {
    const behind = operations.filter((it) => it.path.startsWith('/v1/'))
    // After thirty of these an address is told to wait.
    const tried = behind.slice(0, 14).map((it) => ({
      name: it.name,
      asked: { method: it.method, path: filled(it, noneOf), token },
      expected: 401,
    }))
    expect(await allRefused(tried)).toEqual([])
  })

  test('refuses a key of a lesser role than it says, whatever is asked', async () => {
    const tried = operations.flatMap((it) => {
      const [, least] = /Role: (\w+)\./.exec(it.description) ?? []
      const lesser = ROLES[ROLES.indexOf(least as (typeof ROLES)[number]) - 1]
      if (lesser === undefined) return []
      const asked = { method: it.method, path: filled(it, noneOf), token: tokens[lesser], body: bodyOf(it) }
      return [{ name: `${it.name} as ${lesser}`, asked, expected: 403 }]
    })
    expect(await allRefused(tried)).toEqual([])
  })

  test.each([
    { name: 'that is an array', body: '[]' },
    { name: 'that is a text', body: '"x"' },
    { name: 'that is a number', body: '17' },
    { name: 'that ends early', body: '{"a":' },
    { name: 'with more behind it', body: '{} {}' },
    { name: 'that is no UTF-8', body: Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]) },
    { name: 'with a key __proto__', body: '{"__proto__":{"name":"x"}}' },
    { name: 'with a key that stands twice', body: '{"name":"a","name":"b"}' },
    { name: 'of ten thousand levels', body: `{"a":${'['.repeat(10_000)}${']'.repeat(10_000)}}` },
    { name: 'of another content type', body: '<a/>', headers: { 'content-type': 'application/xml' } },
    { name: 'of a form', body: 'name=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
  ])('refuses a body $name', async ({ body, headers = {} }) => {
    const tried = takesJson().map((it) => ({
      name: it.name,
      asked: { method: it.method, path: filled(it, noneOf), body, headers },
      expected: 400,
    }))
    expect(await allRefused(tried)).toEqual([])
  })

  test('refuses a field that it does not know', async () => {
    const tried = takesJson().map((it) => ({
      name: it.name,
      asked: {
        method: it.method,
        path: filled(it, noneOf),
        body: { ...(bodyOf(it) as object), constructor: 1, surprise: { a: 1 } },
      },
      expected: 400,
    }))
    expect(await allRefused(tried)).toEqual([])
  })

  test('refuses a value of another type in any field', async () => {
    const tried = takesJson().flatMap((it) => {
      const properties = propertiesOf(it.body!)
      return Object.entries(properties).flatMap(([key, schema]) =>
        wrongFor(schema).map((value) => ({
          name: `${it.name} with ${key} = ${JSON.stringify(value).slice(0, 20)}`,
          asked: {
            method: it.method,
            path: filled(it, noneOf),
            body: { ...(bodyOf(it) as object), [key]: value },
          },
        })),
      )
    })
    expect(await allRefused(tried)).toEqual([])
  })

  test('refuses a query parameter that it does not know', async () => {
    const tried = operations
      .filter((it) => it.method === 'GET' && it.path.startsWith('/v1/'))
      .flatMap((it) =>
        ['surprise=1', '__proto__=1', 'constructor[prototype][x]=1', 'limit[gt]=1'].map((query) => ({
          name: `${it.name}?${query}`,
          asked: { path: `${filled(it, (name) => there[name] ?? noneOf(name))}?${query}` },
        })),
      )
    expect(await allRefused(tried)).toEqual([])
  })

  test('refuses a limit that is none, and a cursor that is none', async () => {
    const tried = operations
      .filter((it) => it.method === 'GET' && it.parameters.some(({ name }) => name === 'page'))
      .flatMap((it) =>
        [
          ...['abc', '0', '-1', '1.5', '1e9', '', '99999999999999999999'].map((value) => `limit=${value}`),
          ...['limit=1&limit=2', 'limit[]=1'],
          ...['x', '%00', '..%2f', 'eyJhIjoxfQ', "'%20OR%201=1--", 'é', 'A'.repeat(1_000)].map(
            (value) => `page=${encodeURI(decodeURI(value))}`,
          ),
          'page[]=x',
        ].map((query) => ({
          name: `${it.name}?${query.slice(0, 30)}`,
          asked: { path: `${filled(it, (name) => there[name] ?? noneOf(name))}?${query}` },
          expected: 400,
        })),
      )
    expect(await allRefused(tried)).toEqual([])
  })

  test('tells ids that are none like ids of nothing', async () => {
    const ids = [
      'x',
      '..',
      '%2e%2e%2f%2e%2e%2fetc',
      '%00',
      'a%0d%0aSet-Cookie:%20a=b',
      '%ff%fe',
      '%',
      "'%20OR%201=1--",
      '%F0%9F%92%A9',
      '__proto__',
      'constructor',
      'A'.repeat(5_000),
    ]
    const tried = operations
      .filter((it) => it.path.includes('{'))
      .flatMap((it) =>
        ids.map((id) => ({
          name: `${it.name} of ${id.slice(0, 20)}`,
          asked: { method: it.method, path: filled(it, () => id), body: bodyOf(it) },
        })),
      )
    const wrong = await allRefused(tried)
    // `..` leads to another route, which may be there.
    expect(wrong.filter((it) => !/ of \.\.: /.test(it))).toEqual([])
  })

  test('refuses verbs that it does not have', async () => {
    const paths = [...new Set(operations.map((it) => it.path))]
    const tried = paths.flatMap((path) =>
      ['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']
        .filter((method) => !operations.some((it) => it.path === path && it.method === method))
        // Updates take PATCH too, as a courtesy.
        .filter((method) => method !== 'PATCH' || !/\}$/.test(path))
        .map((method) => ({
          name: `${method} ${path}`,
          asked: { method, path: path.replaceAll(/\{(\w+)\}/g, (_, name) => noneOf(name)) },
        })),
    )
    expect(await allRefused(tried)).toEqual([])
  })

  test('takes a POST without a body for what it is, with and without a content type', async () => {
    const bodyless = operations.filter(
      (it) => it.method === 'POST' && it.body === null && it.path.includes('{'),
    )
    const tried = bodyless.flatMap((it) =>
      [{}, { 'content-type': 'application/json' }, { 'content-length': '0' }].map((headers) => ({
        name: it.name,
        asked: { method: 'POST', path: filled(it, noneOf), headers },
        expected: 404,
      })),
    )
    expect(bodyless.map((it) => it.name)).toContain('POST /v1/dreams/{dream_id}/cancel')
    expect(await allRefused(tried)).toEqual([])
  })

  test('has nothing to say of itself when it refuses', async () => {
    const told: string[] = []
    for (const it of takesJson()) {
      const answer = await send({ method: it.method, path: filled(it, noneOf), body: '{"a":' })
      if (/\bat \w+ \(|node_modules|\.ts:\d+|SQLITE|sqlite/i.test(answer.text)) told.push(answer.text)
    }
    expect(told).toEqual([])
  })

  test('never fails, whatever is asked of it', async () => {
    const before = storedIn(running.database)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(),
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }),
        fc.dictionary(fc.string({ maxLength: 12 }), fc.string({ maxLength: 20 }), { maxKeys: 3 }),
        fc.oneof(fc.jsonValue({ maxDepth: 4 }), fc.dictionary(fc.string(), fc.jsonValue())),
        fc.jsonValue({ maxDepth: 3 }),
        async (n, id, query, body, value) => {
          const it = operations.filter((o) => !o.path.endsWith('/stream'))[n % (operations.length - 2)]!
          const keys = it.body === null ? [] : Object.keys(propertiesOf(it.body))
          const mixed =
            n % 3 === 0 || keys.length === 0
              ? body
              : { ...(bodyOf(it) as object), [keys[n % keys.length]!]: value }
          const path = filled(it, (name) => (n % 2 === 0 ? encodeURIComponent(id) : noneOf(name)))
          const search = new URLSearchParams(query).toString()
          const asked = { method: it.method, path: search === '' ? path : `${path}?${search}` }
          const answer = await send(
            it.method === 'GET' ? asked : { ...asked, body: JSON.stringify(mixed) ?? 'x' },
          )
          expect(answer.status, answer.text).toBeLessThan(500)
          if (answer.status >= 400) {
            expect(wrongWith(it.name, answer)).toEqual([])
            if (it.method !== 'GET') expect(answer.json.error!.message).not.toContain('[object')
          }
        },
      ),
      { numRuns: 400 },
    )
    const after = storedIn(running.database)
    // Some of it is a memory store after all; what was there is as it was.
    for (const table of ['workspace', 'memory', 'memory_version', 'recorded_event', 'session', 'policy'])
      expect(after[table], table).toBe(before[table])
    expect(await running.failures()).toBe(0)
  })
})

function bodyOf({ body }: Operation): unknown {
  return body === null ? undefined : fitting(body, document)
}

function resolved(schema: Schema): Schema {
  const name = schema.$ref?.split('/').at(-1)
  return name === undefined ? schema : resolved(document.components!.schemas![name]!)
}

function propertiesOf(schema: Schema): Record<string, Schema> {
  const it = resolved(schema)
  const choice = it.anyOf ?? it.oneOf
  return it.properties ?? (choice === undefined ? {} : propertiesOf(choice[0]!))
}

/** Values of types that a schema does not take. */
function wrongFor(schema: Schema): unknown[] {
  const taken = typesOf(schema)
  if (taken === null) return []
  const values: Record<string, unknown> = {
    string: 'x\u0000y',
    number: 17,
    boolean: true,
    object: { a: { b: 1 } },
    array: [[1]],
  }
  return Object.keys(values)
    .filter((type) => !taken.has(type))
    .map((type) => values[type])
}

/** Null for any type. */
function typesOf(schema: Schema): Set<string> | null {
  const it = resolved(schema)
  const choices = it.anyOf ?? it.oneOf ?? it.allOf
  if (choices !== undefined) {
    const all = choices.map(typesOf)
    return all.includes(null) ? null : new Set(all.flatMap((types) => [...types!]))
  }
  const value = it.const ?? it.enum?.[0]
  if (it.type === undefined && value === undefined) return null
  const types = it.type === undefined ? [typeof value] : [it.type].flat()
  return new Set(types.map((type) => (type === 'integer' ? 'number' : type)))
}

// ---------------------------------------------------------------- ids of others

describe('ids of another workspace', () => {
  test('are told exactly like ids of nothing, on every route', async () => {
    const wrong: string[] = []
    let compared = 0
    for (const it of operations.filter((o) => o.path.includes('{'))) {
      const real = (name: string) => there[name] ?? noneOf(name)
      const none = (name: string) => (there[name] ?? noneOf(name)).replace(/_.*/, `_${NONE}`)
      const asked = (idOf: (name: string) => string): Tried => ({
        method: it.method,
        path: filled(it, idOf),
        body: bodyOf(it),
        token: tokens.other,
      })
      const [foreign, absent] = [await send(asked(real)), await send(asked(none))]
      compared += 1
      if (foreign.status < 400) wrong.push(`${it.name}: ${foreign.status} ${foreign.text.slice(0, 100)}`)
      if (plain(foreign) !== plain(absent))
        wrong.push(`${it.name}: ${plain(foreign)} against ${plain(absent)}`)
    }
    expect(compared).toBeGreaterThan(10)
    expect(wrong).toEqual([])
  })

  test.each([
    {
      name: 'a dream over them',
      path: '/v1/dreams',
      body: (id: (name: string) => string) => ({
        inputs: [
          { type: 'memory_store', memory_store_id: id('memory_store_id') },
          { type: 'sessions', session_ids: [id('session_id')] },
        ],
        model: 'claude-opus-5',
      }),
    },
    {
      name: 'a session that mounts a memory store',
      path: '/v1/sessions',
      body: (id: (name: string) => string) => ({
        agent: 'desk',
        environment_id: 'env_default',
        resources: [{ type: 'memory_store', memory_store_id: id('memory_store_id') }],
      }),
    },
  ])('are told like ids of nothing by $name', async ({ path, body }) => {
    const none = (name: string) => there[name]!.replace(/_.*/, `_${NONE}`)
    const post = (idOf: (name: string) => string) =>
      send({ method: 'POST', path, body: body(idOf), token: tokens.other })
    const [foreign, absent] = [await post((name) => there[name]!), await post(none)]
    expect(plain(foreign)).toBe(plain(absent))
  })

  test.each([
    { list: '/v1/sessions?agent_id=', of: 'agent_id' },
    { list: '/v1/sessions?memory_store_id=', of: 'memory_store_id' },
  ])('find nothing in $list', async ({ list, of }) => {
    const answer = await send({ path: `${list}${there[of]}`, token: tokens.other })
    expect(answer.json.data, answer.text).toEqual([])
  })

  test('no list of another workspace holds any of them', async () => {
    for (const it of operations.filter((o) => o.method === 'GET' && !o.path.includes('{'))) {
      const { text } = await send({ path: it.path, token: tokens.other })
      for (const id of Object.values(there)) expect(text.includes(id), `${it.name} holds ${id}`).toBe(false)
    }
  })

  test('a cursor of another workspace opens nothing of it', async () => {
    await made('/v1/memory_stores', { name: 'second' })
    const { json } = await send({ path: '/v1/memory_stores?limit=1' })
    const answer = await send({
      path: `/v1/memory_stores?limit=1&page=${json.next_page}`,
      token: tokens.other,
    })
    if (answer.status === 200) expect(answer.json.data).toEqual([])
    else expect(wrongWith('cursor', answer, 400)).toEqual([])
  })
})

/** An answer without what differs from request to request. */
function plain({ status, json }: Answer): string {
  const { request_id: _, ...rest } = json
  return `${status} ${JSON.stringify(rest).replaceAll(/\b[a-z]+_(?:[0-9a-f]{24}|x{24})\b/g, 'ID')}`
}

// ---------------------------------------------------------------- paths of memories

describe('a memory', () => {
  const write = (path: unknown, content: unknown = 'x') =>
    send({
      method: 'POST',
      path: `/v1/memory_stores/${there.memory_store_id}/memories`,
      body: { path, content },
    })

  test.each([
    { name: 'that does not begin with /', path: 'a.md' },
    { name: 'of nothing', path: '' },
    { name: 'that is the root', path: '/' },
    { name: 'that ends with /', path: '/notes/' },
    { name: 'with an empty segment', path: '/a//b' },
    { name: 'with a segment .', path: '/a/./b' },
    { name: 'with a segment ..', path: '/a/../b' },
    { name: 'that leads out', path: '/../../etc/passwd' },
    { name: 'with a NUL', path: '/a\u0000.md' },
    { name: 'with a newline', path: '/a\nb' },
    { name: 'with an escape', path: '/a\u001b[31m' },
    { name: 'with a delete', path: '/a\u007f' },
    { name: 'with a C1 control', path: '/a\u0085b' },
    { name: 'with a line separator', path: '/a\u2028b' },
    { name: 'with a paragraph separator', path: '/a\u2029b' },
    { name: 'with a zero-width joiner', path: '/a\u200db' },
    { name: 'with a right-to-left mark', path: '/a\u202eb' },
    { name: 'with a soft hyphen', path: '/a\u00adb' },
    { name: 'with a byte order mark', path: '/\ufeffa' },
    { name: 'with half a surrogate pair', path: '/a\ud800' },
    { name: 'that is not in NFC', path: '/e\u0301.md' },
    { name: 'of 21 segments', path: '/a'.repeat(21) },
    { name: 'of 1,025 bytes', path: `/${'a'.repeat(1_024)}` },
    { name: 'of 1,025 bytes in 513 characters', path: `/${'é'.repeat(512)}` },
    { name: 'that is a number', path: 17 },
    { name: 'that is null', path: null },
    { name: 'that is a list', path: ['/a'] },
  ])('at a path $name is refused', async ({ path }) => {
    const before = storedIn(running.database)
    expect(wrongWith('path', await write(path), 400)).toEqual([])
    expect(storedIn(running.database)).toEqual(before)
  })

  test.each([
    { name: 'of 20 segments', path: '/a'.repeat(20) },
    { name: 'of 1,024 bytes', path: `/${'b'.repeat(1_023)}` },
    { name: 'with spaces and dots', path: '/a file. with ..dots' },
    { name: 'of a word in NFC', path: '/é.md' },
    { name: 'that differs by its case', path: '/A.md' },
    { name: 'that looks like a URL', path: '/%2e%2e%2fx' },
    { name: 'that looks like SQL', path: "/'; DROP TABLE memory; --" },
    { name: 'called like a key of every object', path: '/__proto__' },
  ])('at a path $name is kept', async ({ path }) => {
    const answer = await write(path)
    expect(answer.status, answer.text).toBe(200)
    expect(answer.json.path).toBe(path)
  })

  test.each([
    { name: 'where one is', path: '/a.md' },
    { name: 'below one', path: '/a.md/b' },
    { name: 'far below one', path: '/a.md/b/c/d' },
    { name: 'above one', path: '/a/a' },
  ])('$name is a conflict that is named, and never tried again', async ({ path }) => {
    const before = storedIn(running.database)
    const answer = await write(path)
    expect(wrongWith('path', answer, 409)).toEqual([])
    expect(answer.json.error).toMatchObject({
      type: 'memory_path_conflict_error',
      conflicting_path: expect.stringMatching(/^\//),
      conflicting_memory_id: expect.any(String),
    })
    expect(answer.headers['x-should-retry']).toBe('false')
    expect(storedIn(running.database)).toEqual(before)
  })

  test('is renamed under the same rules', async () => {
    const before = storedIn(running.database)
    const path = `/v1/memory_stores/${there.memory_store_id}/memories/${there.memory_id}`
    for (const to of ['/a/../b', '/x\u0000', 'relative', '/e\u0301'])
      expect(wrongWith(to, await send({ method: 'POST', path, body: { path: to } }), 400)).toEqual([])
    expect(wrongWith('taken', await send({ method: 'POST', path, body: { path: '/A.md' } }), 409)).toEqual([])
    expect(storedIn(running.database)).toEqual(before)
  })

  test.each([
    { name: '102,401 bytes', content: 'x'.repeat(102_401) },
    { name: '102,402 bytes in 51,201 characters', content: 'é'.repeat(51_201) },
    { name: 'half a surrogate pair', content: 'a\ud800b' },
    { name: 'a number', content: 17 },
    { name: 'a list', content: ['x'] },
  ])('of $name is refused', async ({ content }) => {
    const before = storedIn(running.database)
    expect(wrongWith('content', await write('/new.md', content), 400)).toEqual([])
    expect(storedIn(running.database)).toEqual(before)
  })

  test('of 102,400 bytes is kept to the byte, and so is one with a NUL and one of nothing', async () => {
    for (const [i, content] of ['é'.repeat(51_200), 'a\u0000b\r\n', ''].entries()) {
      const answer = await write(`/kept-${i}.md`, content)
      expect(answer.status, answer.text).toBe(200)
      const path = `/v1/memory_stores/${there.memory_store_id}/memories/${answer.json.id}`
      expect((await send({ path })).json.content).toBe(content)
    }
  })
})

// ---------------------------------------------------------------- cursors

describe('a cursor', () => {
  const cursorOf = async (path: string) => {
    const { json } = await send({ path })
    expect(json.next_page, path).toEqual(expect.any(String))
    return json.next_page!
  }

  test('of another list, another filter or another order is refused', async () => {
    await made('/v1/memory_stores', { name: 'more' })
    for (let i = 0; i < 3; i++)
      await made('/v1/sessions', { agent: 'desk', environment_id: 'env_default', title: `${i}` })
    const stores = await cursorOf('/v1/memory_stores?limit=1')
    const sessions = await cursorOf('/v1/sessions?limit=1')
    const wrong = await allRefused(
      [
        `/v1/sessions?limit=1&page=${stores}`,
        `/v1/memory_stores?limit=1&page=${sessions}`,
        `/v1/memory_stores?limit=1&include_archived=true&page=${stores}`,
        `/v1/sessions?limit=1&order=asc&page=${sessions}`,
        `/v1/sessions?limit=1&created_at%5Bgte%5D=2026-01-01T00:00:00Z&page=${sessions}`,
        `/v1/sessions?limit=1&statuses%5B%5D=idle&page=${sessions}`,
        `/v1/memory_stores/${there.memory_store_id}/memories?limit=1&page=${stores}`,
        `/v1/memory_stores?limit=1&page=${stores.slice(0, -2)}`,
        `/v1/memory_stores?limit=1&page=${stores}AAAA`,
        `/v1/memory_stores?limit=1&page=${stores.slice(0, 16)}`,
        `/v1/memory_stores?limit=1&page=${stores}&page=${stores}`,
      ].map((path) => ({ name: path, asked: { path }, expected: 400 })),
    )
    expect(wrong).toEqual([])
  })

  test('that stays the same with another limit goes on where it was', async () => {
    const page = await cursorOf('/v1/sessions?limit=1')
    const answer = await send({ path: `/v1/sessions?limit=2&page=${page}` })
    expect(answer.status, answer.text).toBe(200)
  })
})

// ---------------------------------------------------------------- bytes

describe('bytes on the wire', () => {
  const head = (line: string, ...headers: string[]) =>
    [line, 'Host: localhost', `x-api-key: ${tokens.admin}`, ...headers, '', ''].join('\r\n')

  test.each([
    { name: 'a line that is no request', bytes: () => 'hello there\r\n\r\n', status: 400 },
    {
      name: 'a header that is broken in two',
      bytes: () => head('GET /v1/memory_stores HTTP/1.1', 'x-a: b\r\n c'),
      status: 400,
    },
    {
      name: 'a header with a NUL',
      bytes: () => head('GET /v1/memory_stores HTTP/1.1', 'x-a: b\u0000c'),
      status: 400,
    },
    {
      name: 'two lengths',
      bytes: () => head('POST /v1/memory_stores HTTP/1.1', 'content-length: 2', 'content-length: 3'),
      status: 400,
    },
    {
      name: 'a length and chunks',
      bytes: () =>
        `${head('POST /v1/memory_stores HTTP/1.1', 'content-length: 6', 'transfer-encoding: chunked')}0\r\n\r\nGET /v1/memory_stores HTTP/1.1\r\n\r\n`,
      status: 400,
    },
    {
      name: 'a length that is negative',
      bytes: () => head('POST /v1/memory_stores HTTP/1.1', 'content-length: -1'),
      status: 400,
    },
    {
      name: 'a header of 100 KB',
      bytes: () => head('GET /v1/memory_stores HTTP/1.1', `x-a: ${'b'.repeat(100_000)}`),
      status: 431,
    },
    {
      name: 'a line of 100 KB',
      bytes: () => head(`GET /v1/memory_stores?a=${'b'.repeat(100_000)} HTTP/1.1`),
      status: 431,
    },
    {
      name: 'a path with a control character',
      bytes: () => head('GET /v1/memory_stores/\u0001 HTTP/1.1'),
      status: 400,
    },
    {
      name: 'no host',
      bytes: () => `GET /v1/memory_stores HTTP/1.1\r\nx-api-key: ${tokens.admin}\r\n\r\n`,
      status: 400,
    },
    {
      name: 'a host that is another name',
      bytes: () =>
        `GET /v1/memory_stores HTTP/1.1\r\nHost: evil.example\r\nx-api-key: ${tokens.admin}\r\nconnection: close\r\n\r\n`,
      status: 403,
    },
  ])('$name: $status, with the envelope', async ({ bytes, status }) => {
    const before = storedIn(running.database)
    const heard = await speak(running.port, bytes())
    expect(heard.split('\r\n')[0]).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(heard).toMatch(/request-id: req_/i)
    expect(heard).toContain('"type":"error"')
    expect(heard.match(/^HTTP\/1\.1 /gm), 'one answer').toHaveLength(1)
    expect(storedIn(running.database)).toEqual(before)
  })

  test.each([
    {
      name: 'an encoding that nobody knows',
      bytes: () => `${head('POST /v1/memory_stores HTTP/1.1', 'transfer-encoding: gzip')}x`,
    },
    {
      name: 'a chunk whose length is no number',
      bytes: () => `${head('POST /v1/memory_stores HTTP/1.1', 'transfer-encoding: chunked')}zz\r\nabc\r\n`,
    },
  ])('$name, in a request that has begun, ends the connection and stores nothing', async ({ bytes }) => {
    const before = storedIn(running.database)
    const heard = await speak(running.port, bytes())
    expect(heard).toMatch(/^(HTTP\/1\.1 400 .*)?$/s)
    expect(storedIn(running.database)).toEqual(before)
    expect((await send({ path: '/v1/memory_stores' })).status).toBe(200)
  })

  test('two keys at once open no more than either', async () => {
    const both = (first: string, second: string) =>
      send({ path: '/v1/memory_stores', token: first, headers: { authorization: `Bearer ${second}` } })
    const of_other = await both(tokens.other, tokens.admin)
    expect(of_other.status === 200 ? JSON.stringify(of_other.json.data) : '').not.toContain(
      there.memory_store_id,
    )
    const twice = await speak(
      running.port,
      `GET /v1/memory_stores HTTP/1.1\r\nHost: localhost\r\nx-api-key: ${tokens.other}\r\nx-api-key: ${tokens.admin}\r\nconnection: close\r\n\r\n`,
    )
    expect(twice).not.toContain(there.memory_store_id)
  })

  test('what is sent never comes back as a header', async () => {
    const answer = await send({
      path: '/v1/memory_stores/a%0d%0aset-cookie:%20x=1?limit=%0d%0ax-evil:%201',
      headers: { 'anthropic-beta': 'a, b', 'request-id': 'req_mine', 'x-request-id': 'mine' },
    })
    expect(answer.headers['set-cookie']).toBeUndefined()
    expect(answer.headers['x-evil']).toBeUndefined()
    expect(answer.headers['request-id']).not.toBe('req_mine')
  })

  test.each([
    { name: 'headers of betas', headers: { 'anthropic-beta': 'dreaming-2026-04-21,dreaming-2026-04-21, x' } },
    { name: 'no version', headers: {} },
    { name: 'a version of long ago', headers: { 'anthropic-version': '2023-06-01' } },
    { name: 'a bearer token', headers: {}, bearer: true },
  ])('$name are no reason to refuse', async ({ headers, bearer }) => {
    const asked = bearer
      ? { token: '', headers: { ...headers, authorization: `Bearer ${tokens.reader}` } }
      : { token: tokens.reader, headers }
    expect((await send({ path: '/v1/memory_stores?beta=true', ...asked })).status).toBe(200)
  })

  test('a body that is too large is refused while it comes, and nothing of it is kept', async () => {
    const before = storedIn(running.database)
    const size = 40_000_000
    const socket = await opened(running.port)
    let heard = ''
    socket.on('data', (it) => {
      heard += it.toString()
    })
    socket.write(
      head(
        `POST /v1/sessions/${there.session_id}/events HTTP/1.1`,
        'content-type: application/json',
        'transfer-encoding: chunked',
      ),
    )
    const chunk = Buffer.from(`10000\r\n${'x'.repeat(0x10000)}\r\n`)
    for (let sent = 0; sent < size && !socket.destroyed && heard === ''; sent += 0x10000) {
      if (!socket.write(chunk)) await pause(1)
    }
    await until(() => heard !== '' || socket.destroyed)
    expect(heard).toMatch(/^HTTP\/1\.1 413 /)
    expect(heard).toContain('request_too_large')
    socket.destroy()
    expect(storedIn(running.database)).toEqual(before)
  })
})

// ---------------------------------------------------------------- slow and many

describe('slow clients', () => {
  test('bytes that come one by one hold nobody else up', async () => {
    const body = JSON.stringify({ name: 'written slowly' })
    const bytes = `POST /v1/memory_stores HTTP/1.1\r\nHost: localhost\r\nx-api-key: ${tokens.admin}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\nconnection: close\r\n\r\n${body}`
    const slow = Array.from({ length: 50 }, async () => {
      const socket = await opened(running.port)
      let heard = ''
      socket.on('data', (it) => {
        heard += it.toString()
      })
      for (const byte of bytes) {
        socket.write(byte)
        await pause(2)
      }
      await until(() => /\}$/.test(heard))
      return heard
    })
    const waits = await timesOf(100)
    expect(percentile(waits, 0.95)).toBeLessThan(200)
    for (const heard of await Promise.all(slow)) expect(heard).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('requests that stop in the middle, and go away, leave nothing behind', async () => {
    const before = storedIn(running.database)
    const sockets: Socket[] = []
    for (const half of [
      'POST /v1/mem',
      'POST /v1/memory_stores HTTP/1.1\r\nHost: localhost\r\n',
      `POST /v1/memory_stores HTTP/1.1\r\nHost: localhost\r\nx-api-key: ${tokens.admin}\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{"name":"half"`,
      `POST /v1/memory_stores HTTP/1.1\r\nHost: localhost\r\nx-api-key: ${tokens.admin}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n10\r\n{"name":"half"`,
    ])
      for (let i = 0; i < 50; i++) {
        const socket = await opened(running.port)
        socket.write(half)
        sockets.push(socket)
      }
    expect(percentile(await timesOf(50), 0.95)).toBeLessThan(200)
    for (const [i, it] of sockets.entries())
      if (i % 2 === 0) it.destroy()
      else it.resetAndDestroy()
    await pause(100)
    expect(storedIn(running.database)).toEqual(before)
    expect(await running.failures()).toBe(0)
  })

  test('two thousand streams that nobody reads hold nobody up, and end when they are left', async () => {
    const request = `GET /v1/sessions/${there.session_id}/events/stream HTTP/1.1\r\nHost: localhost\r\nx-api-key: ${tokens.admin}\r\n\r\n`
    const sockets: Socket[] = []
    let answered = 0
    const told = new Set<string>()
    for (let i = 0; i < 2_000; i += 100)
      sockets.push(
        ...(await Promise.all(
          Array.from({ length: 100 }, async () => {
            const socket = await opened(running.port)
            socket.once('data', (it) => {
              answered += 1
              told.add(it.toString().split('\r\n')[0]!)
            })
            socket.write(request)
            return socket
          }),
        )),
      )
    await until(() => answered === 2_000, 20_000)
    // All of them, or as many as one key may have; and then with the envelope.
    for (const it of told) expect(it).toMatch(/^HTTP\/1\.1 (200|429) /)
    expect(await openStreams()).toBeGreaterThan(0)
    expect(percentile(await timesOf(100), 0.95)).toBeLessThan(200)

    const sent = await send({
      method: 'POST',
      path: `/v1/sessions/${there.session_id}/events`,
      body: { events: [{ type: 'user.message', content: [{ type: 'text', text: 'x'.repeat(10_000) }] }] },
    })
    expect(sent.status, sent.text).toBe(200)
    expect(percentile(await timesOf(50), 0.95)).toBeLessThan(500)

    for (const it of sockets) it.destroy()
    await until(async () => (await openStreams()) === 0)
  })
})

async function openStreams(): Promise<number> {
  const { text } = await ask(running.port, { path: '/metrics' })
  return Number(/^reverie_http_streams_open (\d+)/m.exec(text)?.[1])
}

/** How long so many reads take, one after another, in milliseconds. */
async function timesOf(count: number): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    const begin = performance.now()
    const { status } = await send({
      path: `/v1/memory_stores/${there.memory_store_id}`,
      token: tokens.reader,
    })
    expect(status).toBe(200)
    times.push(performance.now() - begin)
  }
  return times
}

function percentile(times: number[], share: number): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length * share)]!
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}

async function until(is_so: () => boolean | Promise<boolean>, patience_ms = 10_000): Promise<void> {
  const give_up = Date.now() + patience_ms
  while (!(await is_so())) {
    if (Date.now() > give_up) throw new Error('it did not come to be')
    await pause(20)
  }
}
