/** An erasure that is killed anywhere has happened wholly or not at all, and run again it finishes, down to the bytes. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { sha256 } from '../../src/domain/id.ts'
import { openEngine } from '../../src/engine.ts'
import { erase } from '../../src/erasure/erase.ts'
import { onStatement } from '../db/on-statement.ts'
import { trust } from '../trusting.ts'
import { found } from './bytes.ts'
import { MARKS, marked, ordinary } from './marked-sessions.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-erase-crash-'))
const now = () => new Date('2026-11-09T03:00:00Z')
afterAll(() => rmSync(scratch, { recursive: true }))

const before = join(scratch, 'before.db')
const request = {
  which: { person: 'qzxperson' },
  actor: 'user:ana',
  reason: 'the person asked for it',
  dry_run: false,
} as const
let untouched: Rows
let erased: Rows
/** The first statement that writes, the first after the transaction, and the last of all. */
let begins: number
let ends: number
let last: number
/** What each statement does to which table, in their order. */
let kinds: string[]
/** What a kill before each statement would leave in the files, where that differs from the statement before. */
const snapshots = new Map<string, { statement: number; path: string }>()

beforeAll(async () => {
  const engine = openEngine({ database: before, now })
  await trust(engine)
  for (const [i, lines] of [
    [...ordinary(20), ...marked(24)],
    [...ordinary(6, 100), ...marked(4, 60)],
  ].entries()) {
    const file = join(scratch, `${i}.jsonl`)
    writeFileSync(file, lines.join('\n'))
    await engine.ingest([file], { harness: 'steps' })
    await engine.dream()
    for (const session of ['qzxsession-60', 'a session that never came'])
      await engine.recall({ agent: 'desk', session, person: 'qzxperson' }, 'user:ana')
  }
  await engine.close()
  untouched = rowsIn(before)

  const path = copy('uninterrupted')
  const db = openDatabase(path)
  kinds = []
  let statements = 0
  const counted = db.withPlugin({
    ...onStatement(() => {}),
    transformQuery({ node }) {
      statements++
      const snapshot = copy(`snapshot ${statements}`, path)
      const bytes = bytesOf(snapshot)
      if (snapshots.has(bytes)) rmSync(dirname(snapshot), { recursive: true })
      else snapshots.set(bytes, { statement: statements, path: snapshot })
      kinds.push(kindOf(JSON.stringify(node)))
      return node
    },
  })
  await erase(counted, request, { now, is_alive: () => true })
  await db.destroy()
  erased = rowsIn(path)
  last = statements
  begins = kinds.findIndex((it) => /^(?:Insert|Update|Delete)/.test(it)) + 1
  // The last of the transaction moves the head of the audit log.
  ends = kinds.lastIndexOf('InsertQueryNode audit_head') + 2
})

test('the erasure that is killed below has something to lose', () => {
  expect(
    Object.keys(erased).filter((it) => JSON.stringify(erased[it]) === JSON.stringify(untouched[it])),
  ).toEqual(
    expect.not.arrayContaining([
      'session',
      'tally',
      'pattern',
      'memory',
      'memory_version',
      'change',
      'recall',
      'assignment',
      'session_measures',
      'audit',
    ]),
  )
  expect(ends - begins).toBeGreaterThan(40)
})

test('killed at any kind of statement, it has not happened, or wholly, and run again it finishes', async () => {
  const points: Point[] = [['before', 1]]
  for (let n = begins; n < ends; n++)
    if (kinds.indexOf(kinds[n - 1]!, begins - 1) === n - 1) points.push(['before', n])
  points.push(['after', ends - 1])
  for (let n = ends; n <= last; n++) points.push(['before', n], ['after', n])
  const queue = [...points]
  const line = async () => {
    for (let point = queue.shift(); point; point = queue.shift()) await killAndRunAgain(point)
  }
  await Promise.all([line(), line()])
}, 600_000)

test('whatever the files hold before any statement, run again it finishes', async () => {
  expect(snapshots.size).toBeGreaterThan(3)
  for (const { statement, path } of snapshots.values())
    await runAgain(`snapshot ${statement}`, path, statement)
}, 300_000)

function kindOf(node: string): string {
  const [, kind] = /^\{"kind":"(\w+)"/.exec(node)!
  const [, table] = /"IdentifierNode","name":"(\w+)"/.exec(node) ?? []
  return kind === 'RawNode' ? node : `${kind} ${table}`
}

type Point = [when: 'before' | 'after', statement: number]

async function killAndRunAgain([when, statement]: Point): Promise<void> {
  const name = `${when} ${statement}`
  const path = copy(name)
  const script = fileURLToPath(new URL('./killed-erase.ts', import.meta.url))
  const child = spawn(process.execPath, [script, path, when, String(statement)])
  expect(await once(child, 'exit'), name).toEqual([null, 'SIGKILL'])
  await runAgain(name, path, statement)
}

/** Looks at what a kill has left, and runs the erasure again. */
async function runAgain(name: string, path: string, statement: number): Promise<void> {
  const left = rowsIn(path)
  if (statement < ends) expect(left, name).toEqual(untouched)
  else {
    const { setting, ...rows } = left
    const { setting: _, ...expected } = erased
    expect(rows, name).toEqual(expected)
  }

  const engine = openEngine({ database: path, now })
  expect((await engine.verifyAudit()).broken, name).toBe(null)
  await engine.erase(request.which, { as: 'user:ana', reason: request.reason, dry_run: false })
  expect((await engine.verifyAudit()).broken, name).toBe(null)
  await engine.close()
  expect(rowsIn(path), name).toEqual(erased)
  expect(found(MARKS, join(scratch, name)), name).toEqual({})
  rmSync(join(scratch, name), { recursive: true })
}

type Rows = Record<string, unknown[]>

/** Every row of every table; ids and keys that are random are reduced to what they name. */
function rowsIn(path: string): Rows {
  const sqlite = new DatabaseSync(path)
  const tables = sqlite
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all() as { name: string }[]
  const rows = tables
    .filter(({ name }) => name !== 'audit_head')
    .map(({ name }) => [name, sqlite.prepare(`SELECT * FROM "${name}"`).all()])
  sqlite.close()
  const text = JSON.stringify(Object.fromEntries(rows))
    .replace(/\b(memver)_[0-9a-f]{24}\b/g, '$1')
    .replace(/"(previous_hash|hash|value)":"[0-9a-f]{64}"/g, '"$1":""')
  const { erased_event, erased_session, ...others } = JSON.parse(text) as Rows
  return { ...others, erased: [erased_session?.length, erased_event?.length] }
}

/** The files as they are, without what is in the memory of the process that has them open. */
function copy(name: string, from = before): string {
  mkdirSync(join(scratch, name))
  const path = join(scratch, name, 'reverie.db')
  for (const end of ['', '-wal'])
    if (existsSync(`${from}${end}`)) copyFileSync(`${from}${end}`, `${path}${end}`)
  return path
}

function bytesOf(path: string): string {
  const files = [path, `${path}-wal`].filter((it) => existsSync(it)).map((it) => readFileSync(it))
  return files.map((it) => `${it.length} ${sha256(it)}`).join()
}
