/**
 * A server that is killed at random while eight clients write and dreams run: what was acknowledged is there, no dream is lost or
 * done twice, and the audit log verifies.
 *
 * It is killed 5 times here; REVERIE_KILLS=50 takes the long walk.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { sha256 } from '../../src/domain/id.ts'
import { openEngine, openServer } from '../../src/engine.ts'
import { eventsOf, type Line, type WireEvent } from '../sdk/recorded-session.ts'
import { type Answer, type Asked, ask } from './raw.ts'

const KILLS = Number(process.env.REVERIE_KILLS ?? 5)
const CLIENTS = 8
/** Sessions of one dream. */
const NIGHT = 4

const folder = mkdtempSync(join(tmpdir(), 'reverie-killed-'))
const database = join(folder, 'reverie.db')
afterAll(() => {
  child?.kill('SIGKILL')
  rmSync(folder, { recursive: true })
})

let child: ChildProcess | null = null
let port = 0
let token = ''
/** Settled while a server is there to be asked. */
let up: Promise<void>

/** What one client was told is done. */
type Acknowledged = {
  store: string
  /** Their events, in order. */
  sessions: Map<string, string[]>
  /** By path, the hash of what was last written there. */
  memories: Map<string, string>
  dreams: string[]
  /** What was refused, which nothing here should be. */
  refused: string[]
}

test(`killed ${KILLS} times, it has lost nothing and done nothing twice`, {
  timeout: 60_000 + KILLS * 20_000,
}, async () => {
  generateComplianceDesk(join(folder, 'desk'), { sessions: Math.max(400, KILLS * 80) })
  const lines = readdirSync(join(folder, 'desk'))
    .sort()
    .flatMap((it) =>
      readFileSync(join(folder, 'desk', it), 'utf8')
        .split('\n')
        .filter(Boolean),
    )
    .map((it) => JSON.parse(it) as Line)
  const server = openServer({ database })
  const wanted = { name: 'writer', role: 'reviewer' as const, workspace: 'default', expires_at: null }
  token = (await server.createKey(wanted, 'user:test')).token
  await server.close()

  up = started()
  await up
  let over = false
  const shares = Array.from({ length: CLIENTS }, (_, i) => lines.filter((_, n) => n % CLIENTS === i))
  const clients = shares.map((share, i) => client(i, share, () => over))
  for (let kill = 0; kill < KILLS; kill++) {
    await pause(200 + Math.random() * 1_300)
    const died = once(child!, 'exit')
    child!.kill('SIGKILL')
    up = died.then(started)
    await up
  }
  over = true
  const acknowledged = await Promise.all(clients)
  await allEnded(acknowledged.flatMap((it) => it.dreams))
  child!.kill('SIGTERM')
  await once(child!, 'exit')

  await theseAreThere(acknowledged)
  await nothingIsDoubled(acknowledged)
})

async function started(): Promise<void> {
  const script = fileURLToPath(new URL('./killed-server.ts', import.meta.url))
  child = spawn(process.execPath, [script, database, String(port)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const said = createInterface(child.stdout!)
  const [line] = (await Promise.race([
    once(said, 'line'),
    once(child, 'exit').then(() => Promise.reject(new Error('the server did not start'))),
  ])) as [string]
  port = Number(line.split(' ')[1])
}

/** Asks until there is an answer: a request whose answer was lost is asked again, with the same key. */
async function insist(asked: Asked, idempotency_key: string): Promise<Answer> {
  for (;;) {
    await up
    try {
      return await ask(port, {
        ...asked,
        headers: { 'x-api-key': token, 'idempotency-key': idempotency_key },
      })
    } catch {
      await pause(20)
    }
  }
}

/** Puts sessions in, writes memories between them, and asks for dreams, until it is over and there were some. */
async function client(n: number, lines: Line[], isOver: () => boolean): Promise<Acknowledged> {
  let requests = 0
  const refused: string[] = []
  const post = async (path: string, body: unknown) => {
    const answer = await insist({ method: 'POST', path, body }, `client-${n}-${++requests}`)
    if (answer.status !== 200) refused.push(`${path}: ${answer.status} ${answer.text}`)
    return answer
  }
  const store = String((await post('/v1/memory_stores', { name: `of client ${n}` })).json.id)
  const memories = `/v1/memory_stores/${store}/memories`
  const done: Acknowledged = { store, sessions: new Map(), memories: new Map(), dreams: [], refused }
  const written = new Map<string, string>()
  for (const [i, line] of lines.entries()) {
    if ((isOver() && done.dreams.length > 1) || refused.length > 0) break
    const session = await post('/v1/sessions', {
      agent: 'compliance-desk',
      environment_id: 'env_default',
      metadata: { external_id: line.id, task_id: String(line.task_id) },
    })
    const id = String(session.json.id)
    const kept: string[] = []
    done.sessions.set(id, kept)
    for (const batch of batches(eventsOf(line), 8)) {
      const answer = await post(`/v1/sessions/${id}/events`, { events: batch })
      kept.push(...((answer.json.data ?? []) as WireEvent[]).map((it) => it.id!))
    }
    const path = `/notes/${i % 7}.md`
    const content = `what client ${n} wrote in round ${i}\n`
    const memory = written.get(path)
    const answer = await post(memory === undefined ? memories : `${memories}/${memory}`, { path, content })
    if (answer.status === 200) {
      written.set(path, String(answer.json.id))
      done.memories.set(path, sha256(content))
    }
    if (i % NIGHT === NIGHT - 1) {
      const session_ids = [...done.sessions.keys()].slice(-NIGHT)
      const dream = await post('/v1/dreams', {
        inputs: [
          { type: 'memory_store', memory_store_id: store },
          { type: 'sessions', session_ids },
        ],
        model: 'claude-opus-5',
      })
      if (dream.status === 200) done.dreams.push(String(dream.json.id))
    }
  }
  return done
}

async function allEnded(dreams: string[]): Promise<void> {
  expect(dreams.length).toBeGreaterThan(0)
  for (const id of dreams)
    for (;;) {
      const { json } = await insist({ path: `/v1/dreams/${id}` }, `look-${Math.random()}`)
      if (json.ended_at !== null) break
      await pause(50)
    }
}

async function theseAreThere(acknowledged: Acknowledged[]): Promise<void> {
  const sqlite = new DatabaseSync(database, { readOnly: true })
  const events = sqlite.prepare('SELECT id FROM recorded_event WHERE recording_id = ? ORDER BY seq')
  const memory = sqlite.prepare(
    'SELECT content_sha256 FROM memory JOIN memory_version ON memory_version.id = memory_version_id WHERE memory.memory_store_id = ? AND memory.path = ?',
  )
  let count = 0
  for (const it of acknowledged) {
    for (const [id, kept] of it.sessions) {
      expect(
        events.all(id).map((row) => row.id),
        id,
      ).toEqual(kept)
      count += kept.length
    }
    for (const [path, hash] of it.memories)
      expect(memory.get(it.store, path)?.content_sha256, `${it.store} ${path}`).toBe(hash)
  }
  expect(count).toBeGreaterThan(100)
  expect(sqlite.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' })
  expect(sqlite.prepare('PRAGMA foreign_key_check').all()).toEqual([])
  sqlite.close()
}

async function nothingIsDoubled(acknowledged: Acknowledged[]): Promise<void> {
  const sqlite = new DatabaseSync(database, { readOnly: true })
  const rows = (sql: string) => sqlite.prepare(sql).all()
  const dreams = acknowledged.flatMap((it) => it.dreams)
  const stored = new Map(rows('SELECT id, status FROM dream').map((it) => [it.id, it.status]))
  for (const id of dreams) expect([id, stored.get(id)]).toEqual([id, 'completed'])

  expect(rows('SELECT dream_id, path FROM change GROUP BY dream_id, path HAVING count(*) > 1')).toEqual([])
  const ends = rows(
    "SELECT object, action FROM audit WHERE action LIKE 'dream.%' GROUP BY object, action HAVING count(*) > 1",
  )
  expect(ends, 'what the audit log says twice of one dream').toEqual([])
  // Every dream has left one memory store, and no attempt that was cut off another.
  const stores = rows('SELECT id FROM memory_store WHERE deleted_at IS NULL').length
  expect(stores).toBe(CLIENTS + dreams.length)
  expect(rows('SELECT output_store_id FROM dream_request WHERE output_store_id IS NULL')).toEqual([])
  // What was put in once and asked for twice is one session.
  expect(rows('SELECT id FROM recording WHERE dream_id IS NULL').length).toBe(
    acknowledged.reduce((sum, it) => sum + it.sessions.size, 0),
  )
  sqlite.close()

  const engine = openEngine({ database })
  expect(await engine.verifyAudit()).toMatchObject({ is_good: true })
  await engine.close()
}

function batches<T>(all: T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size))
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms))
}
