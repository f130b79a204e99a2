/** Who may: keys in both spellings, roles, ends, revocations, and the walls between workspaces. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openServer, openWorkspaces, type Server } from '../../src/engine.ts'
import { type App, appOf } from '../../src/http/app.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-auth-'))
let now = new Date('2026-11-22T12:00:00Z')
let server: Server
let app: App
const tokens: Record<string, string> = {}
const ids: Record<string, string> = {}

beforeAll(async () => {
  const database = join(folder, 'reverie.db')
  const workspaces = openWorkspaces({ database })
  await workspaces.create({ name: 'acme' }, 'user:test')
  await workspaces.close()
  server = openServer({ database, now: () => now })
  app = appOf(server, (error) => {
    throw error
  })
  const make = async (name: string, role: 'reader' | 'writer' | 'reviewer' | 'admin', rest = {}) => {
    const wanted = { name, role, workspace: 'default', expires_at: null, ...rest }
    const { key, token } = await server.createKey(wanted, 'user:test')
    tokens[name] = token
    ids[name] = key.id
  }
  for (const role of ['reader', 'writer', 'reviewer', 'admin'] as const) await make(role, role)
  await make('short', 'reader', { expires_at: '2026-11-22T13:00:00.000Z' })
  await make('revoked', 'admin')
  await make('acme', 'admin', { workspace: 'acme' })
  await server.revokeKey({ id: ids.revoked!, workspace: 'default' }, 'user:test')
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

type Sent = { method?: string; headers?: Record<string, string>; body?: unknown }

async function send(path: string, { method = 'GET', headers = {}, body }: Sent = {}) {
  const answer = await app.request(path, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return {
    status: answer.status,
    headers: answer.headers,
    json: (await answer.json()) as Record<string, unknown>,
  }
}

const as = (name: string) => ({ 'x-api-key': tokens[name]! })

describe('let in is', () => {
  test.each([
    { name: 'a key as x-api-key', headers: () => as('admin') },
    { name: 'a key as a bearer token', headers: () => ({ authorization: `Bearer ${tokens.admin}` }) },
    { name: 'a bearer token in small letters', headers: () => ({ authorization: `bearer ${tokens.admin}` }) },
    {
      name: 'one that names its workspace',
      headers: () => ({ ...as('admin'), 'anthropic-workspace-id': 'wrkspc_000000000000000000000000' }),
    },
    {
      name: 'any version, any beta',
      headers: () => ({ ...as('admin'), 'anthropic-version': '1999-01-01', 'anthropic-beta': 'a,b , a' }),
    },
  ])('$name', async ({ headers }) => {
    const { status, headers: said } = await send('/v1/api_keys', {
      headers: headers() as Record<string, string>,
    })
    expect(status).toBe(200)
    expect(said.get('anthropic-workspace-id')).toBe('wrkspc_000000000000000000000000')
  })
})

describe('not let in is', () => {
  test.each([
    { name: 'nobody', headers: () => ({}), status: 401 },
    { name: 'an empty key', headers: () => ({ 'x-api-key': '' }), status: 401 },
    { name: 'a key that is none', headers: () => ({ 'x-api-key': 'rvk_none' }), status: 401 },
    { name: 'the id of a key', headers: () => ({ 'x-api-key': ids.admin! }), status: 401 },
    { name: 'a part of a key', headers: () => ({ 'x-api-key': tokens.admin!.slice(0, -1) }), status: 401 },
    {
      name: 'a key by another scheme',
      headers: () => ({ authorization: `Basic ${tokens.admin}` }),
      status: 401,
    },
    { name: 'a key that was revoked', headers: () => as('revoked'), status: 401 },
    {
      name: 'one that names another workspace',
      headers: () => ({ ...as('admin'), 'anthropic-workspace-id': 'wrkspc_other' }),
      status: 403,
    },
  ])('$name', async ({ headers, status }) => {
    const { status: said, json } = await send('/v1/api_keys', {
      headers: headers() as Record<string, string>,
    })
    expect(said).toBe(status)
    expect(json).toMatchObject({
      type: 'error',
      error: { type: status === 401 ? 'authentication_error' : 'permission_error' },
    })
    expect(JSON.stringify(json)).not.toContain(tokens.admin!.slice(0, 20))
  })

  test('a key after its end', async () => {
    const ask = async () => (await send('/v1/nothing', { headers: as('short') })).status
    expect(await ask()).toBe(404)
    now = new Date('2026-11-22T13:00:00Z')
    expect(await ask()).toBe(401)
  })
})

test.each([
  { role: 'reader', status: 403 },
  { role: 'writer', status: 403 },
  { role: 'reviewer', status: 403 },
  { role: 'admin', status: 200 },
])('of keys, a $role is told $status', async ({ role, status }) => {
  const headers = as(role)
  expect((await send('/v1/api_keys', { headers })).status).toBe(status)
  const made = await send('/v1/api_keys', { method: 'POST', headers, body: { name: 'new', role: 'reader' } })
  expect(made.status).toBe(status)
  const revoked = await send(`/v1/api_keys/${ids.short}/revoke`, { method: 'POST', headers })
  expect(revoked.status).toBe(status)
})

describe('a key over HTTP', () => {
  test('is shown once, opens what its role may, is listed without itself, and opens nothing once revoked', async () => {
    now = new Date(now.getTime() + 1_000)
    const headers = as('admin')
    const body = { name: 'ci', role: 'writer', expires_at: '2027-01-01T01:00:00+01:00' }
    const { status, json } = await send('/v1/api_keys', { method: 'POST', headers, body })
    expect(status).toBe(200)
    const { token, id } = json as { token: string; id: string }
    expect(json).toMatchObject({
      type: 'api_key',
      name: 'ci',
      role: 'writer',
      expires_at: '2027-01-01T00:00:00.000Z',
      created_by: `user:${ids.admin}`,
      revoked_at: null,
    })
    expect((await send('/v1/nothing', { headers: { 'x-api-key': token } })).status).toBe(404)

    const listed = await send('/v1/api_keys?limit=1', { headers })
    expect(listed.json).toMatchObject({ data: [{ id }], next_page: expect.any(String) })
    expect(JSON.stringify((await send('/v1/api_keys', { headers })).json)).not.toContain(token)

    const revoked = await send(`/v1/api_keys/${id}/revoke`, { method: 'POST', headers })
    expect(revoked.json).toMatchObject({ id, revoked_at: now.toISOString() })
    expect((await send('/v1/nothing', { headers: { 'x-api-key': token } })).status).toBe(401)
    const again = await send(`/v1/api_keys/${id}/revoke`, { method: 'POST', headers })
    expect(again).toMatchObject({ status: 200, json: revoked.json })
  })

  test.each([
    { name: 'no role', body: { name: 'a' } },
    { name: 'a role that there is not', body: { name: 'a', role: 'god' } },
    { name: 'no name', body: { name: ' ', role: 'reader' } },
    { name: 'an end that is past', body: { name: 'a', role: 'reader', expires_at: '2020-01-01T00:00:00Z' } },
    { name: 'an end that is no time', body: { name: 'a', role: 'reader', expires_at: 'tomorrow' } },
    { name: 'a workspace of its choice', body: { name: 'a', role: 'reader', workspace: 'acme' } },
  ])('is not made with $name', async ({ body }) => {
    const { data: before } = await server.keys({ limit: 100 })
    expect((await send('/v1/api_keys', { method: 'POST', headers: as('admin'), body })).status).toBe(400)
    expect((await server.keys({ limit: 100 })).data).toEqual(before)
  })

  test('is revoked by its whole id alone', async () => {
    const path = `/v1/api_keys/${ids.reader!.slice(0, 20)}/revoke`
    expect((await send(path, { method: 'POST', headers: as('admin') })).status).toBe(404)
    expect((await send('/v1/nothing', { headers: as('reader') })).json).toMatchObject({
      error: { type: 'not_found_error' },
    })
  })

  test('of another workspace is not seen, not revoked, and its list goes on from no place of theirs', async () => {
    const headers = as('acme')
    const { json } = await send('/v1/api_keys', { headers })
    expect((json as { data: { id: string }[] }).data.map((it) => it.id)).toEqual([ids.acme])
    const { status } = await send(`/v1/api_keys/${ids.admin}/revoke`, { method: 'POST', headers })
    expect(status).toBe(404)
    expect((await send('/v1/api_keys', { headers: as('admin') })).status).toBe(200)
  })
})

describe('the numbers for Prometheus', () => {
  const numbers = (headers: Record<string, string>, remoteAddress: string) =>
    app.request('/metrics', { headers }, { incoming: { socket: { remoteAddress }, headers } } as never)

  test.each([
    { name: 'this machine', headers: () => ({}), from: '127.0.0.1', status: 200 },
    {
      name: 'this machine, by its other address',
      headers: () => ({}),
      from: '::ffff:127.0.0.1',
      status: 200,
    },
    {
      name: 'a proxy on this machine',
      headers: () => ({ 'x-forwarded-for': '192.0.2.1' }),
      from: '127.0.0.1',
      status: 401,
    },
    { name: 'another machine', headers: () => ({}), from: '192.0.2.1', status: 401 },
    {
      name: 'another machine with a key of default',
      headers: () => as('reader'),
      from: '192.0.2.1',
      status: 200,
    },
    {
      name: 'another machine with a key of another workspace',
      headers: () => as('acme'),
      from: '192.0.2.1',
      status: 403,
    },
  ])('are told to $name: $status', async ({ headers, from, status }) => {
    expect((await numbers(headers() as Record<string, string>, from)).status).toBe(status)
  })

  test('name routes, never ids, and what is stored', async () => {
    await send('/v1/memory_stores/memstore_secret', { headers: as('reader') })
    const text = await (await numbers({}, '127.0.0.1')).text()

    expect(text).toContain(
      'reverie_http_requests_total{method="GET",route="/v1/memory_stores/{memory_store_id}",status="404"} 1',
    )
    expect(text).toContain('route="none"')
    expect(text).toMatch(/^reverie_sessions_stored 0$/m)
    expect(text).toMatch(/^reverie_jobs\{status="pending"\} \d+$/m)
    expect(text).not.toContain('secret')
  })
})

test.each([
  { name: 'lives', path: '/healthz', isReady: false, status: 200 },
  { name: 'is ready', path: '/readyz', isReady: true, status: 200 },
  { name: 'is not ready', path: '/readyz', isReady: false, status: 503 },
])('whether it $name is told without a key', async ({ path, isReady, status }) => {
  const asked = appOf(server, () => {}, { isReady: async () => isReady })
  expect((await asked.request(path)).status).toBe(status)
})

test.each([
  { host: 'localhost:4777', public_hosts: [], status: 200 },
  { host: '127.0.0.1:4777', public_hosts: [], status: 200 },
  { host: '[::1]:4777', public_hosts: [], status: 200 },
  { host: 'desk.localhost', public_hosts: [], status: 200 },
  { host: 'reverie.example.com', public_hosts: ['Reverie.example.com'], status: 200 },
  { host: 'reverie.example.com', public_hosts: null, status: 200 },
  { host: 'reverie.example.com', public_hosts: [], status: 403 },
  { host: '127.0.0.1.example.com', public_hosts: [], status: 403 },
  { host: 'localhost.example.com:4777', public_hosts: [], status: 403 },
  { host: 'evil.com', public_hosts: ['reverie.example.com'], status: 403 },
])(
  'called as $host, where it is known as $public_hosts besides: $status',
  async ({ host, public_hosts, status }) => {
    const asked = appOf(server, () => {}, { public_hosts })
    expect((await asked.request('/healthz', { headers: { host } })).status).toBe(status)
  },
)
