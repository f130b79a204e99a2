/**
 * Whatever changes a live memory happens all or not at all, wherever it is killed, and can be run again.
 *
 * Killing a process leaves what is in its files at that moment. So they are copied before each statement of an act, and each copy
 * is what a kill at that statement leaves; at some of them a process is killed for real.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyAudit } from '../../src/db/audit.ts'
import { openDatabase } from '../../src/db/database.ts'
import { sha256 } from '../../src/domain/id.ts'
import { onStatement } from '../db/on-statement.ts'
import { trust } from '../trusting.ts'
import { type Act, type ActName, acts } from './acts.ts'
import { ANA, openDesk } from './desk.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-adopt-crash-'))
const place = (name: string) => join(scratch, name)
afterAll(() => rmSync(scratch, { recursive: true }))

/** A store in which approved changes wait: one that adds, one that refreshes, one that takes away, one whose memory changed. */
const waiting = place('waiting.db')
/** The same store after they were adopted. */
const adopted = place('adopted.db')
/** A store that trusts its dreams, and has new sessions. */
const trusting = place('trusting.db')

beforeAll(async () => {
  const desk = await openDesk(scratch)
  const [pack, ship] = await desk.live(await desk.night(['ship', 'pack']))
  await desk.write('/copy.md', pack!.after!, `dream:${pack!.dream_id}`)
  const changes = [...(await desk.night(['ship'], 200)), ...(await desk.night(['load', 'sort']))]
  for (const it of changes) await desk.approve(it)
  await desk.write('/mistakes/get_sort-before-sort.md', 'Sorting is for people.\n')
  expect(changes.map((it) => it.kind).sort()).toEqual(['add', 'add', 'merge', 'refresh'])
  expect(changes.map((it) => it.path)).toContain(ship!.path)
  copyOf(desk.path, waiting)
  await desk.engine.adopt({}, ANA)
  copyOf(desk.path, adopted)
  await trust(desk.engine)
  await desk.engine.ingest([desk.sessionFile(['mail', 'fax'])])
  copyOf(desk.path, trusting)
  await desk.engine.close()
})

const storeFor = (act: ActName) =>
  act === 'adopt' ? waiting : act.startsWith('a dream') ? trusting : adopted

describe.each(Object.entries(acts) as [ActName, Act][])('%s', (name, act) => {
  const done = place(`${name} done.db`)
  const snapshots: string[] = []

  beforeAll(async () => {
    copyOf(storeFor(name), done)
    const db = openDatabase(done)
    await act(
      db.withPlugin(
        onStatement((when, n) => {
          if (when === 'before') snapshots.push(copyOf(done, place(`${name} ${n}.db`)))
        }),
      ),
    )
    snapshots.push(copyOf(done, place(`${name} at its end.db`)))
    await db.destroy()
  })

  test('has something to lose', () => {
    expect(snapshots.length).toBeGreaterThan(20)
    expect(leftIn(done)).not.toEqual(leftIn(storeFor(name)))
  })

  test('killed at any statement leaves nothing, and run again it ends with the same result', async () => {
    const [nothing, all] = [leftIn(storeFor(name)), leftIn(done)]
    // What is the same to the byte goes on the same way.
    const different = new Map(snapshots.slice(0, -1).map((path) => [bytesOf(path), path]))
    for (const path of different.values()) await runsAgain(path, nothing, all)
    expect(leftIn(snapshots.at(-1)!)).toEqual(all)
  })

  test('a process that is killed for real leaves the same', async () => {
    const last = snapshots.length - 1
    const [nothing, all] = [leftIn(storeFor(name)), leftIn(done)]
    const [uncommitted, finished] = await Promise.all([killed(name, last), killed(name, last + 1)])
    await runsAgain(uncommitted, nothing, all)
    expect(leftIn(finished)).toEqual(all)
  })

  async function runsAgain(path: string, nothing: Left, all: Left): Promise<void> {
    expect(leftIn(path), path).toEqual(nothing)
    const db = openDatabase(path)
    await act(db)
    expect((await verifyAudit(db)).broken, path).toBeNull()
    await db.destroy()
    expect(leftIn(path), path).toEqual(all)
  }
})

/** Killed when its statement of that number has been done, or, where there are fewer, when all of it has. */
async function killed(name: ActName, statement: number): Promise<string> {
  const path = copyOf(storeFor(name), place(`${name} killed ${statement}.db`))
  const script = fileURLToPath(new URL('./killed-act.ts', import.meta.url))
  const child = spawn(process.execPath, [script, path, name, String(statement)])
  expect(await once(child, 'exit'), `${name} ${statement}`).toEqual([null, 'SIGKILL'])
  return path
}

/** The files as they are, without what is in the memory of the process that has them open. */
function copyOf(from: string, to: string): string {
  for (const end of ['', '-wal'])
    if (existsSync(`${from}${end}`)) copyFileSync(`${from}${end}`, `${to}${end}`)
  return to
}

function bytesOf(path: string): string {
  const files = [path, `${path}-wal`].filter((it) => existsSync(it)).map((it) => readFileSync(it))
  return files.map((it) => `${it.length} ${sha256(it)}`).join()
}

const QUERIES = {
  memory: `SELECT memory.path, content, created_by FROM memory
           JOIN memory_version ON memory_version.id = memory_version_id ORDER BY memory.path`,
  version: 'SELECT * FROM memory_version ORDER BY seq',
  change: 'SELECT * FROM change ORDER BY rowid',
  decision: 'SELECT * FROM decision ORDER BY seq',
  tombstone: 'SELECT * FROM tombstone ORDER BY seq',
  ledger: 'SELECT * FROM ledger ORDER BY session_seq',
  pattern: 'SELECT * FROM pattern ORDER BY id',
  // What a dream proposed is hashed with its ids, which are random.
  audit: `SELECT seq, at, actor, action, object, before_sha256, reason,
            CASE action WHEN 'dream.completed' THEN NULL ELSE after_sha256 END AS after_sha256
          FROM audit ORDER BY seq`,
}

type Left = Record<keyof typeof QUERIES, unknown>

/** All that an act can leave; random ids are reduced to what they name. */
function leftIn(path: string): Left {
  const sqlite = new DatabaseSync(path)
  const rows = Object.entries(QUERIES).map(([name, query]) => [name, sqlite.prepare(query).all()])
  sqlite.close()
  const text = JSON.stringify(Object.fromEntries(rows))
  return JSON.parse(text.replace(/\b(drm|chg|mem|memver|memstore)_[0-9a-f]{24}\b/g, '$1'))
}
