/** The thread that works the jobs of a server. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { enqueue } from '../../src/db/jobs.ts'
import { insertWorkspace } from '../../src/db/workspaces.ts'
import { type JobReport, type Jobs, openServer, type Server } from '../../src/engine.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-job-thread-'))
afterAll(() => rmSync(folder, { recursive: true }))
const now = new Date('2026-11-20T03:00:00.000Z')

let path: string
let db: Database
let server: Server
let jobs: Jobs
let told: JobReport[]
let n = 0

beforeEach(() => {
  path = join(folder, `${++n}.db`)
  db = openDatabase(path)
  server = openServer({ database: path })
  told = []
  jobs = server.startJobs({ report: (it) => told.push(it) })
})
afterEach(async () => {
  await jobs.stop()
  await server.close()
  await db.destroy()
})

/** A delivery that is not there any more: it is done when that was found out. */
async function put(on: Database): Promise<string> {
  const payload = { webhook_id: 'whk_gone', delivery_id: 'msg_gone' }
  return on.transaction().execute((tx) => enqueue(tx, { kind: 'webhook', payload, now }))
}

const jobOf = (id: string) => db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

async function until(is_so: () => unknown): Promise<void> {
  for (const give_up_at = Date.now() + 20_000; Date.now() < give_up_at; await setTimeout(10))
    if (await is_so()) return
  throw new Error(`it never came to be that ${is_so}`)
}
const done = (id: string) => until(async () => (await jobOf(id)).status === 'completed')

test('works the jobs of every workspace', async () => {
  const workspace = {
    name: 'other',
    created_at: now.toISOString(),
    offline: false,
    regions: [],
    model_hosts: [],
  }
  await db.transaction().execute((tx) => insertWorkspace(tx, workspace, 'user:ana'))
  const other = openDatabase(path, 'other')
  const ids = [await put(db), await put(other)]
  await other.destroy()
  jobs.nudge()
  for (const id of ids) await done(id)
  await until(() => told.length === 2)
  const completed = ids.map((job_id) =>
    expect.objectContaining({ type: 'completed', kind: 'webhook', job_id }),
  )
  expect(told).toEqual(expect.arrayContaining(completed))
})

test('that dies is started again, is told of, and loses nothing', async () => {
  await done(await put(db))
  // What it cannot outlive: the table it works on is not there.
  const sqlite = new DatabaseSync(path, { timeout: 5_000 })
  sqlite.exec('ALTER TABLE job RENAME TO job_away')
  const death = () => told.find((it) => it.type === 'thread died')
  await until(death)
  expect(death()).toEqual({
    type: 'thread died',
    error: expect.stringMatching(/^internal_error Error ERR_SQLITE_ERROR at driver\.ts:\d+$/),
  })
  sqlite.exec('ALTER TABLE job_away RENAME TO job')
  sqlite.close()
  await done(await put(db))
})

test('that was told to stop ends, and leaves nothing open', async () => {
  await done(await put(db))
  await jobs.stop()
  const id = await put(db)
  jobs.nudge()
  await setTimeout(700)
  expect(await jobOf(id)).toMatchObject({ status: 'pending', attempt: 0 })
  await server.close()
  await db.destroy()
  expect(existsSync(`${path}-wal`)).toBe(false)
})
