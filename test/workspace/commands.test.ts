/**
 * Every command, run in one workspace of a database that has another: it tells nothing of the other, and opens no socket.
 *
 * A command that is not in the table makes the first test fail. The one that goes on until it is ended has tests of its own below.
 */
import { type ChildProcess, fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reverieProgram } from '../../src/cli/program.ts'
import { type Engine, openServer } from '../../src/engine.ts'
import type { Ran } from './running-commands.ts'
import { AGENTS, type Tenant, tenant } from './tenants.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-commands-'))
const database = join(home, 'shared.db')
const main = fileURLToPath(import.meta.resolve('../../src/cli/main.ts'))
const guard = import.meta.resolve('./no-network.ts')
const env = { PATH: process.env.PATH, HOME: home, XDG_DATA_HOME: home }
afterAll(() => rmSync(home, { recursive: true }))

/** In this order: what one command makes, another reads. */
const COMMANDS: Record<string, (engine: Engine) => Promise<string[]> | string[]> = {
  'workspace create': () => ['lab', '--model-host', 'localhost:11434', '--offline'],
  'workspace set': () => ['lab', '--any-region', '--online'],
  'workspace show': () => [],
  'workspace list': () => [],
  start: () => [],
  ingest: () => [join(home, 'red', 'desk-0.jsonl'), '--redact', 'all'],
  dream: () => [],
  lessons: () => ['--candidates'],
  evidence: async (it) => [(await it.lessons({ candidates: true })).data[0]!.id],
  risk: () => [],
  doctor: () => [],
  baseline: () => ['--by-intent'],
  lift: () => [],
  report: () => ['--out', join(home, 'report')],
  drift: async (it) => ['--agent', 'desk', '--window', '1d', '--to', await laterDay(it)],
  recall: () => ['--agent', 'desk', '--session', 'run-1', '--query', 'Please see to it'],
  recalls: () => [],
  'sessions list': () => [],
  'sessions show': async (it) => [(await it.sessions()).data[0]!.id],
  'memory ls': () => [],
  'memory cat': () => ['/by-hand/0.md', '--store', 'desk'],
  'memory history': () => ['/by-hand/0.md', '--store', 'desk'],
  'memory export': () => [join(home, 'exported'), '--store', 'desk'],
  'memory import': () => [join(home, 'exported'), '--store', 'desk', '--dry-run'],
  'dreams list': () => [],
  'dreams show': async (it) => [(await it.dreams()).data[0]!.id],
  models: () => [],
  digest: () => [],
  'changes list': () => [],
  'changes show': async (it) => [(await it.changes()).data[0]!.id],
  decide: async (it) => [(await it.changes()).data[0]!.id, 'approve'],
  adopt: async (it) => [(await it.changes({ status: ['approved'] })).data[0]!.dream_id],
  undo: async (it) => [(await it.changes({ status: ['adopted'] })).data[0]!.id],
  'experiments start': () => ['--agent', 'desk', '--control-agent', 'shop'],
  'experiments list': () => [],
  'experiments show': async (it) => [(await it.experiments()).data[0]!.id],
  'experiments end': async (it) => [(await it.experiments()).data[0]!.id, '--reason', 'enough'],
  simulate: () => ['--nights', '1', '--sessions', '2'],
  'memory diff': () => ['/by-hand/0.md', '--store', 'desk'],
  'memory show': async (it) => [(await it.memory('desk', '/by-hand/0.md')).memory_version_id],
  'memory remove': () => ['/by-hand/0.md', '--store', 'desk', '--reason', 'no longer true'],
  'memory restore': async (it) => [(await it.memoryHistory('desk', '/by-hand/0.md')).data.at(-1)!.id],
  erase: async (it) => ['--session', (await it.sessions({ limit: 99 })).data.at(-1)!.id, '--yes'],
  'retention run': () => ['--dry-run'],
  'policy show': () => [],
  'policy check': () => [policyFile()],
  'policy set': () => [policyFile()],
  'policy test': () => [policyFile()],
  'policy history': () => [],
  'audit list': () => [],
  'audit export': () => [join(home, 'audit.jsonl')],
  'audit keygen': () => [join(home, 'key.pem')],
  'audit sign': () => ['--key', join(home, 'key.pem')],
  'audit verify': () => [],
  install: () => ['claude-code'],
  uninstall: () => ['claude-code'],
  'hook session-start': () => [],
  'hook catch-up': () => [],
  'keys create': () => ['ci', '--role', 'reader'],
  'keys list': () => [],
  'keys revoke': async () => [await lastKey('red')],
}

const GOES_ON = ['serve']

/** It starts `hook catch-up` in the background; test/cli/hook.test.ts says what becomes of that. */
const STARTS_ANOTHER = ['hook session-end']

test('every command is in the table', () => {
  expect([...Object.keys(COMMANDS), ...GOES_ON, ...STARTS_ANOTHER].sort()).toEqual(
    leavesOf(reverieProgram(async () => {})).sort(),
  )
})

describe('a command', () => {
  let own: Tenant
  let other: Tenant
  let runner: ChildProcess
  let ended: Promise<Ran>
  const log = join(home, 'network.log')

  beforeAll(async () => {
    other = await tenant(database, join(home, 'blue'), 'blue', 'azure')
    own = await tenant(database, join(home, 'red'), 'red', 'crimson')
    for (const { act } of [other, own])
      for (const agent of AGENTS) {
        await act({ does: 'ingest', agent, batch: 0 })
        await act({ does: 'dream' })
        await act({ does: 'import', agent, path: 0, text: 0, replace: false })
      }
    await newKey('blue', other.word)
    runner = fork(join(import.meta.dirname, 'running-commands.ts'), {
      execArgv: ['--import', guard],
      env: { ...env, NETWORK_LOG: log },
    })
    ended = once(runner, 'exit').then(() => ({ exit_code: -1, said: 'the process ended' }))
  })
  afterAll(async () => {
    runner.kill()
    await own.engine.close()
    await other.engine.close()
  })

  test.each(Object.entries(COMMANDS))('%s', async (path, args) => {
    const argv = [...path.split(' '), ...(await args(own.engine)), '--db', database, '--workspace', 'red']
    runner.send(argv)
    const answered = once(runner, 'message').then(([it]) => it as Ran)
    const { exit_code, said } = await Promise.race([answered, ended])

    expect(existsSync(log) ? readFileSync(log, 'utf8') : '').toBe('')
    expect(said).not.toContain(other.word)
    expect(exit_code, said).toBe(0)
  })

  test('serve', async () => {
    const token = await newKey('red', 'red')
    const log = join(home, 'serving.log')
    const argv = ['serve', '--port', '0', '--json', '--db', database, '--workspace', 'red']
    const child = spawn(process.execPath, ['--import', guard, main, ...argv], {
      env: { ...env, NETWORK_LOG: log, NETWORK_MAY: 'listen' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const said = text(child.stderr)
    const [line] = await once(child.stdout, 'data')
    const { address } = JSON.parse(String(line))
    const document = (await (await fetch(`${address}/openapi.json`)).json()) as { paths: object }
    const lists = Object.keys(document.paths).filter((it) => it.startsWith('/v1/') && !it.includes('{'))
    const answers = await Promise.all(
      lists.map(async (it) => {
        const answer = await fetch(address + it, { headers: { 'x-api-key': token } })
        return { status: answer.status, body: await answer.text() }
      }),
    )
    child.kill('SIGTERM')
    const [exit_code] = await once(child, 'exit')

    expect(existsSync(log) ? readFileSync(log, 'utf8') : '').toBe('')
    expect(answers.filter((it) => it.status === 200 && it.body.includes('"data"')).length).toBeGreaterThan(1)
    expect(JSON.stringify(answers) + (await said)).not.toContain(other.word)
    expect(exit_code).toBe(0)
  })
})

describe('what the guard of these tests sees', () => {
  test('a call of one that may wait to be called', async () => {
    const log = join(home, 'listening.log')
    const attempt =
      "const net = await import('node:net'); const server = net.createServer().listen(0, () => net.connect(server.address().port, '127.0.0.1'))"
    const child = spawn(process.execPath, ['--import', guard, '--input-type=module', '--eval', attempt], {
      env: { ...env, NETWORK_LOG: log, NETWORK_MAY: 'listen' },
      stdio: 'ignore',
    })
    await once(child, 'exit')

    expect(readFileSync(log, 'utf8')).toBe('TCPCONNECTWRAP\n')
  })

  test.concurrent.each([
    ['fetch', "await fetch('http://127.0.0.1:49151')"],
    ['a socket', "(await import('node:net')).connect(49151, '127.0.0.1')"],
    ['a server', "(await import('node:net')).createServer().listen(0)"],
    ['a name', "await (await import('node:dns/promises')).lookup('localhost')"],
    ['a question to a name server', "await (await import('node:dns/promises')).resolve4('localhost')"],
    ['http', "(await import('node:http')).get('http://127.0.0.1:49151')"],
    ['https', "(await import('node:https')).get('https://127.0.0.1:49151')"],
    ['http2', "(await import('node:http2')).connect('http://127.0.0.1:49151')"],
    ['a datagram', "(await import('node:dgram')).createSocket('udp4').send('x', 49151, '127.0.0.1')"],
    ['a web socket', "new WebSocket('ws://127.0.0.1:49151')"],
    ['a socket of a file', "(await import('node:net')).connect('/nowhere')"],
    ['a program', "(await import('node:child_process')).spawn('true')"],
    [
      'another thread',
      "new (await import('node:worker_threads')).Worker(\"fetch('http://127.0.0.1:49151')\", { eval: true })",
    ],
  ])('%s', async (name, attempt) => {
    const log = join(home, `${name}.log`)
    const child = spawn(process.execPath, ['--import', guard, '--input-type=module', '--eval', attempt], {
      env: { ...env, NETWORK_LOG: log },
      stdio: 'ignore',
    })
    await once(child, 'exit')

    expect(existsSync(log) ? readFileSync(log, 'utf8') : '').toMatch(/^[A-Z]/)
  })
})

async function newKey(workspace: string, name: string): Promise<string> {
  const server = openServer({ database })
  const wanted = { name, role: 'admin', workspace, expires_at: null } as const
  const { token } = await server.createKey(wanted, 'user:test')
  await server.close()
  return token
}

async function lastKey(workspace: string): Promise<string> {
  const server = openServer({ database })
  const { data } = await server.keys({ workspace })
  await server.close()
  return data[0]!.id
}

/** Stores a session of another day, since drift needs two of them. */
async function laterDay(engine: Engine): Promise<string> {
  const day = '2026-11-05'
  const file = join(home, 'later.jsonl')
  const steps = [{ role: 'user', text: 'Please book the last trip.', ts: `${day}T09:00:00Z` }]
  writeFileSync(file, JSON.stringify({ id: 'later', agent: 'desk', steps }))
  await engine.ingest([file])
  return day
}

function policyFile(): string {
  const file = join(home, 'policy.yaml')
  mkdirSync(home, { recursive: true })
  writeFileSync(file, 'format_version: 1\nregulated: false\n')
  return file
}

function leavesOf(command: Command, before = ''): string[] {
  return command.commands.flatMap((it) =>
    it.commands.length > 0 ? leavesOf(it, `${before}${it.name()} `) : [`${before}${it.name()}`],
  )
}
