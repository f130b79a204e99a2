/** `reverie serve`: how it starts, what it refuses, what it logs, and how it ends. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import type { Role } from '../../src/domain/api-key.ts'
import { openServer } from '../../src/engine.ts'
import * as shapes from '../cli/json-shapes.ts'
import { reverie, reverieJson } from '../cli/reverie.ts'
import { ask, opened, speak } from './raw.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-serve-'))
afterAll(() => rmSync(home, { recursive: true }))

const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const NODE_COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/reverie-test', import.meta.url))
let databases = 0
const newDatabase = () => join(home, `${databases++}.db`)
const world = (database: string) => ({ home, env: { REVERIE_DB: database, USER: 'ana' } })

const running = new Set<ChildProcess>()
afterEach(() => {
  for (const it of running) it.kill('SIGKILL')
  running.clear()
})

type Started = {
  child: ChildProcess
  first: string
  port: number
  ended: Promise<{ code: number | null; stderr: string }>
}

/** Started as a user starts it, until it says where it listens. */
async function start(database: string, args: string[] = []): Promise<Started> {
  const child = spawn(process.execPath, [main, 'serve', '--port', '0', ...args], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, USER: 'ana', REVERIE_DB: database, NODE_COMPILE_CACHE },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  const stderr = text(child.stderr)
  const ended = once(child, 'exit').then(async ([code]) => ({
    code: code as number | null,
    stderr: await stderr,
  }))
  const first = String((await Promise.race([once(child.stdout, 'data'), ended.then((it) => [it.stderr])]))[0])
  const port = Number(/http:\/\/\S*?:(\d+)/.exec(first)?.[1])
  return { child, first, port, ended }
}

async function keyOf(database: string, role: Role = 'admin'): Promise<string> {
  const server = openServer({ database })
  const wanted = { name: 'test', role, workspace: 'default', expires_at: null }
  const { token } = await server.createKey(wanted, 'user:test')
  await server.close()
  return token
}

describe('the first start on a database', () => {
  test('makes a key, shows it once, and shows how to use it', async () => {
    const database = newDatabase()
    const { child, first, port, ended } = await start(database)
    const token = /rvk_[\w-]+/.exec(first)![0]

    expect(first).toContain(`Reverie listens on http://127.0.0.1:${port}`)
    expect(first).toContain(`http://127.0.0.1:${port}/docs`)
    expect(first).toMatch(/It may do everything, and is shown this once|is shown\s+this once/)
    expect(first).toContain(`curl -H 'x-api-key: ${token}' http://127.0.0.1:${port}/v1/memory_stores`)
    const keys = await ask(port, { path: '/v1/api_keys', headers: { 'x-api-key': token } })
    expect(keys.json.data).toMatchObject([{ role: 'admin', created_by: expect.stringMatching(/^user:/) }])
    child.kill('SIGTERM')
    expect((await ended).code).toBe(0)

    const again = await start(database)
    expect(again.first).not.toContain('rvk_')
    const known = await ask(again.port, { path: '/v1/api_keys', headers: { 'x-api-key': token } })
    expect(known.status).toBe(200)
  })

  test('with --json says the same in one line', async () => {
    const database = newDatabase()
    const { first, port } = await start(database, ['--json'])
    expect(first.trimEnd().split('\n')).toHaveLength(1)
    const said = shapes.Serving.parse(JSON.parse(first))
    expect(said).toMatchObject({
      address: `http://127.0.0.1:${port}`,
      docs: `http://127.0.0.1:${port}/docs`,
      database,
    })
    expect(said.key).toMatchObject({ role: 'admin', token: expect.stringMatching(/^rvk_/) })
  })
})

describe('personal data', () => {
  test('is redacted of the classes and names that were given, in what is put in', async () => {
    const [database, names] = [newDatabase(), join(home, 'names.txt')]
    writeFileSync(names, 'Ana Duarte\n')
    const { port } = await start(database, ['--redact', 'email', '--names', names])
    const { json } = await ask(port, {
      ...{ method: 'POST', path: '/v1/sessions' },
      headers: { 'x-api-key': await keyOf(database) },
      body: { agent: 'desk', title: 'Ana Duarte, ana@example.com, 10.1.2.3' },
    })
    expect(json.title).toMatch(/^\[redacted:name:\w{12}\], \[redacted:email:\w{12}\], 10\.1\.2\.3$/)
  })

  test('nothing is served where the list of names cannot be read', async () => {
    const args = ['serve', '--port', '0', '--names', join(home, 'none.txt')]
    const { stderr, exit_code } = await reverie(args, world(newDatabase()))
    expect(exit_code).toBe(1)
    expect(stderr).toContain('none.txt cannot be read')
  })
})

describe('an address that other machines reach', () => {
  test.concurrent.each([
    { name: 'without any key', keys: [], host: '0.0.0.0' },
    { name: 'without any key, over IPv6', keys: [], host: '::' },
    {
      name: 'with keys of which none is an admin’s',
      keys: ['reader', 'writer', 'reviewer'],
      host: '0.0.0.0',
    },
    { name: 'by a name', keys: [], host: 'reverie.example.com' },
  ] as const)('is refused $name, with what to do', async ({ keys, host }) => {
    const database = newDatabase()
    for (const role of keys) await keyOf(database, role)
    const { stdout, stderr, exit_code } = await reverie(
      ['serve', '--host', host, '--port', '0'],
      world(database),
    )

    expect({ stdout, exit_code }).toEqual({ stdout: '', exit_code: 1 })
    expect(stderr.replace(/\s+/g, ' ')).toMatch(/reached from other machines.*keys create NAME --role admin/)
  })

  test.concurrent('is refused where the only key was revoked', async () => {
    const database = newDatabase()
    const { id } = await reverieJson(['keys', 'create', 'ana', '--role', 'admin'], world(database))
    await reverie(['keys', 'revoke', id], world(database))
    expect((await reverie(['serve', '--host', '0.0.0.0', '--port', '0'], world(database))).exit_code).toBe(1)
  })

  test('is served where an admin has a key, under any name, and no key is made', async () => {
    const database = newDatabase()
    await keyOf(database)
    const { first, port } = await start(database, ['--host', '0.0.0.0'])
    expect(first).not.toContain('rvk_')
    expect((await ask(port, { path: '/healthz', headers: { host: 'reverie.example.com' } })).status).toBe(200)
  })
})

test('a port that is taken is said to be, and no key is made for nothing', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const database = newDatabase()
  const { stderr, exit_code } = await reverie(['serve', '--port', String(port)], world(database))
  other.close()

  expect(exit_code).toBe(1)
  expect(stderr.replace(/\s+/g, ' ')).toMatch(`port ${port} of 127.0.0.1 is taken`)
  expect((await reverieJson(['keys'], world(database))).data).toEqual([])
})

test.concurrent.each([
  { args: ['--port', '65536'], says: 'from 0 to 65535' },
  { args: ['--port', 'http'], says: 'from 0 to 65535' },
  { args: ['--rate-limit', '-1'], says: 'Give a whole number' },
  { args: ['--log-level', 'loud'], says: 'Allowed' },
])('$args is not understood', async ({ args, says }) => {
  const { stderr, exit_code } = await reverie(['serve', ...args], world(newDatabase()))
  expect(exit_code).toBe(2)
  expect(stderr).toContain(says)
})

test('a database that is no file is refused', async () => {
  const { stderr, exit_code } = await reverie(['serve', '--port', '0'], world(':memory:'))
  expect(exit_code).toBe(1)
  expect(stderr).toContain('a database that is a file')
})

test('the log tells of each request, and of nothing that was said in it', async () => {
  const database = newDatabase()
  const token = await keyOf(database)
  const { child, port, ended } = await start(database)
  const headers = { 'x-api-key': token, 'user-agent': 'secret-agent' }
  await ask(port, { path: '/v1/api_keys?limit=secret-query', headers })
  const made = await ask(port, {
    method: 'POST',
    path: '/v1/memory_stores',
    headers,
    body: { name: 'secret-name' },
  })
  await ask(port, { path: '/v1/memory_stores/secret-id', headers })
  await ask(port, { path: '/secret-path', headers })
  await ask(port, { method: 'POST', path: '/v1/memory_stores', headers, body: '{secret-body' })
  await speak(port, 'secret-line\r\n\r\n', 200)
  await ask(port, { path: '/healthz' })
  child.kill('SIGTERM')
  const { stderr } = await ended

  const lines = stderr
    .trim()
    .split('\n')
    .map((it) => JSON.parse(it))
  const requests = lines.filter((it) => it.msg === 'request')
  expect(requests).toMatchObject([
    { level: 'info', method: 'GET', route: '/v1/api_keys', status: 400 },
    {
      method: 'POST',
      route: '/v1/memory_stores',
      status: 200,
      request_id: made.headers['request-id'],
      key_id: expect.stringMatching(/^apikey_/),
      workspace_id: 'wrkspc_000000000000000000000000',
      ms: expect.any(Number),
      bytes: expect.any(Number),
    },
    { route: '/v1/memory_stores/{memory_store_id}', status: 404 },
    { route: 'none', status: 404 },
    { route: '/v1/memory_stores', status: 400 },
  ])
  expect(lines.find((it) => it.msg === 'unreadable request')).toMatchObject({ status: 400 })
  expect(stderr).not.toContain('secret')
  expect(stderr).not.toContain(token)
})

describe('told to end', () => {
  const head = (token: string, length: number) =>
    `POST /v1/memory_stores HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${token}\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`

  test.each(['SIGTERM', 'SIGINT'] as const)(
    'by %s, it finishes what has begun, lets nobody else in, and ends well',
    async (signal) => {
      const database = newDatabase()
      const token = await keyOf(database)
      const { child, port, ended } = await start(database)
      const body = '{"name":"kept"}'
      const socket = await opened(port)
      let heard = ''
      socket.on('data', (it) => (heard += it))
      socket.write(head(token, body.length) + body.slice(0, 5))
      await wait(200)
      child.kill(signal)
      await wait(300)
      await expect(ask(port, { path: '/healthz', headers: { connection: 'close' } })).rejects.toThrow(
        /ECONNREFUSED|socket hang up/,
      )
      socket.write(body.slice(5))

      expect((await ended).code).toBe(0)
      expect(heard).toMatch(/^HTTP\/1\.1 200 /)
      const { id } = JSON.parse(heard.slice(heard.indexOf('{')))
      const server = openServer({ database })
      const engine = server.engineOf('wrkspc_000000000000000000000000')
      expect(await engine.storeById(id)).toMatchObject({ name: 'kept' })
      await server.close()
    },
  )

  test('it ends the streams that are open, cleanly and soon', async () => {
    const database = newDatabase()
    const token = await keyOf(database)
    const { child, port, ended } = await start(database)
    const headers = { 'x-api-key': token, 'content-type': 'application/json' }
    const url = `http://127.0.0.1:${port}`
    const made = async (path: string, body: object) => {
      const answer = await fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) })
      return ((await answer.json()) as { id: string }).id
    }
    const agent = await made('/v1/agents', { name: 'desk', model: 'claude-opus-5' })
    const environment_id = await made('/v1/environments', { name: 'desk' })
    const session = await made('/v1/sessions', { agent, environment_id })
    const stream = await fetch(`${url}/v1/sessions/${session}/events/stream`, { headers })
    const all = stream.text()
    const numbers = await (await fetch(`${url}/metrics`)).text()
    const started = performance.now()
    child.kill('SIGTERM')
    await all
    const { code, stderr } = await ended

    expect(stream.status).toBe(200)
    expect(numbers).toMatch(/^reverie_http_streams_open 1$/m)
    expect(code).toBe(0)
    expect(performance.now() - started).toBeLessThan(5_000)
    const lines = stderr
      .trim()
      .split('\n')
      .map((it) => JSON.parse(it))
    expect(lines.find((it) => it.is_stream)).toMatchObject({ status: 200, broken_off: false })
    expect(lines.filter((it) => it.level === 'error')).toEqual([])
  })

  test('twice, it ends at once', async () => {
    const database = newDatabase()
    const token = await keyOf(database)
    const { child, port, ended } = await start(database)
    const socket = await opened(port)
    socket.write(`${head(token, 100)}{`)
    await wait(200)
    child.kill('SIGTERM')
    await wait(200)
    child.kill('SIGTERM')
    expect((await ended).code).toBe(1)
  })
})
