import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { openDatabase } from '../../src/db/database.ts'
import { sha256 } from '../../src/domain/id.ts'
import { ingest } from '../../src/ingest.ts'
import { onStatement } from '../db/on-statement.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-ingest-crash-'))
/** The sample workload, read on one thread. */
const desk = join(scratch, 'desk')
/** The same, and among it enough long sessions that it is read on several threads. */
const large = join(scratch, 'large')
let desk_content: Content
let large_content: Content
let desk_statements = 0
let large_threads = 0
afterAll(() => rmSync(scratch, { recursive: true }))

beforeAll(async () => {
  generateComplianceDesk(desk)
  generateComplianceDesk(large)
  for (let i = 0; i < 5; i++) writeFileSync(join(large, `week-0${i}-long.jsonl`), longSession(`long ${i}`))
  desk_statements = await readAll('desk.db', [desk])
  large_threads = await threadsStartedBy(() => readAll('large.db', [large]))
  desk_content = contentOf('desk.db')
  large_content = contentOf('large.db')
})

test('reading on several threads and on one stores the same rows in the same order', async () => {
  expect(large_threads).toBeGreaterThan(1)

  const files = readdirSync(large).sort()
  const one_by_one = () => readAll('one-thread.db', ...files.map((it) => [join(large, it)]))
  expect(await threadsStartedBy(one_by_one)).toBe(0)
  expect(contentOf('one-thread.db')).toEqual(large_content)
})

test('threads that have read before read again as well, and no new ones are started', async () => {
  expect(await threadsStartedBy(() => readAll('again.db', [large]))).toBe(0)
  expect(contentOf('again.db')).toEqual(large_content)
})

test('killed before whichever statement, again and again, it leaves whole sessions, and the last run finds the rest', () => {
  const stored: number[] = []
  // The sessions are stored in two transactions: one is finished about half way.
  for (const part of [0.005, 0.48, 0.55, 0.1, 0.5]) {
    const statement = Math.ceil(part * desk_statements)
    const { signal } = spawnSync(process.execPath, killedIngest('walk.db', desk, statement))
    expect(signal, `killed before statement ${statement} of ${desk_statements}`).toBe('SIGKILL')
    stored.push(wholeSessions('walk.db'))
  }
  const { status } = spawnSync(process.execPath, killedIngest('walk.db', desk, Number.MAX_SAFE_INTEGER))

  expect(status).toBe(0)
  const half = stored[2]!
  expect(half).toBeGreaterThan(100)
  expect(stored).toEqual([0, 0, half, half, half])
  expect(contentOf('walk.db')).toEqual(desk_content)
})

test('killed at any moment it leaves whole sessions, and the next run finds the rest', async () => {
  for (const ms of [300, 600, 900]) {
    const child = spawn(process.execPath, killedIngest('moments.db', large, Number.MAX_SAFE_INTEGER))
    const ended = once(child, 'exit')
    await Promise.race([setTimeout(ms), ended])
    child.kill('SIGKILL')
    await ended
    wholeSessions('moments.db')
  }
  await readAll('moments.db', [large])
  expect(contentOf('moments.db')).toEqual(large_content)
})

test('two processes that read the same transcripts at once store each session once', async () => {
  const children = [1, 2].map(() =>
    spawn(process.execPath, killedIngest('both.db', desk, Number.MAX_SAFE_INTEGER)),
  )
  const exits = await Promise.all(children.map((it) => once(it, 'exit')))

  expect(exits).toEqual([
    [0, null],
    [0, null],
  ])
  wholeSessions('both.db')
  expect(contentOf('both.db').transcript).toEqual(desk_content.transcript)
})

function killedIngest(database: string, folder: string, statement: number): string[] {
  return [
    fileURLToPath(new URL('./killed-ingest.ts', import.meta.url)),
    join(scratch, database),
    folder,
    String(statement),
  ]
}

async function threadsStartedBy(work: () => Promise<unknown>): Promise<number> {
  let threads = 0
  const count = () => {
    threads++
  }
  process.on('worker', count)
  await work()
  process.off('worker', count)
  return threads
}

/** Reads in one call after another, and gives the number of statements that took. */
async function readAll(database: string, ...calls: string[][]): Promise<number> {
  let statements = 0
  const db = openDatabase(join(scratch, database)).withPlugin(onStatement((_, n) => (statements = n)))
  const clock = () => new Date('2026-11-09T03:00:00Z')
  for (const paths of calls) await ingest(db, paths, { harness: 'auto', agent: null }, clock, () => {})
  await db.destroy()
  return statements
}

/** The number of sessions, after a look at each: all of it is there, and nothing else is. */
function wholeSessions(database: string): number {
  const sqlite = new DatabaseSync(join(scratch, database))
  const all = (sql: string) => sqlite.prepare(sql).all()
  if (all("SELECT 1 FROM sqlite_schema WHERE name = 'session'").length === 0) return 0

  expect(all('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }])
  expect(all('PRAGMA foreign_key_check')).toEqual([])
  expect(all('SELECT 1 FROM transcript WHERE sha256 NOT IN (SELECT transcript_sha256 FROM session)')).toEqual(
    [],
  )
  const sessions = all(
    `SELECT session.*, transcript.content, transcript.size_bytes, review.content AS review,
       (SELECT count(*) FROM fingerprint WHERE session_id = session.id) AS checkpoints
     FROM session JOIN transcript ON sha256 = transcript_sha256 JOIN review ON review.session_id = session.id`,
  )
  for (const it of sessions) {
    const json = zstdDecompressSync(it.content as Uint8Array)
    const session = JSON.parse(json.toString())
    expect([sha256(json), json.length]).toEqual([it.transcript_sha256, it.size_bytes])
    expect([session.id, session.events.length]).toEqual([it.id, it.events])
    expect(JSON.parse(String(it.review))).toBeInstanceOf(Array)
    expect(it.checkpoints).toBeGreaterThan(0)
  }
  expect(all('SELECT count(*) AS n FROM session')).toEqual([{ n: sessions.length }])
  sqlite.close()
  return sessions.length
}

type Content = Record<string, unknown>

/** Every row of every table, in order. */
function contentOf(database: string): Content {
  const sqlite = new DatabaseSync(join(scratch, database), { readOnly: true })
  const rows = (table: string) =>
    sqlite
      .prepare(`SELECT * FROM ${table} ORDER BY 1, 2`)
      .all()
      .map((row) => Object.values(row).map((it) => (it instanceof Uint8Array ? sha256(it) : it)))
  const content = Object.fromEntries(
    ['session', 'transcript', 'fingerprint', 'review', 'sqlite_sequence'].map((it) => [it, rows(it)]),
  )
  sqlite.close()
  return content
}

/** One session of two megabytes: a tool that prints and prints. */
function longSession(id: string): string {
  const steps = Array.from({ length: 200 }, (_, i) => [
    { role: 'assistant', calls: [{ id: `c${i}`, name: 'print_page', args: { page: i } }] },
    {
      role: 'tool',
      call_id: `c${i}`,
      text: `page ${i} of ${id}: ${'lorem ipsum dolor sit amet '.repeat(400)}`,
    },
  ]).flat()
  return `${JSON.stringify({ id, agent: 'printer', started_at: '2026-11-03T09:00:00Z', steps })}\n`
}
