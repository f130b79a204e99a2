/** Several processes work the jobs of one database, and are killed at any moment: every job is done, once, and nothing that was done is done again. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { enqueue } from '../../src/db/jobs.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-job-processes-'))
afterAll(() => rmSync(folder, { recursive: true }))

let db: Database
let path: string
let workers: ChildProcess[]
let n = 0
beforeEach(() => {
  path = join(folder, `${++n}.db`)
  db = openDatabase(path)
  workers = []
})
afterEach(async () => {
  for (const it of workers) it.kill('SIGKILL')
  await db.destroy()
})

async function worker(steps: number, step_ms: number): Promise<ChildProcess> {
  const script = new URL('./working.ts', import.meta.url)
  const child = fork(script, [path, `${path}.notes`, String(steps), String(step_ms)], { execArgv: [] })
  workers.push(child)
  await once(child, 'message')
  return child
}

const put = (ids: string[]) =>
  db.transaction().execute(async (tx) => {
    for (const id of ids) await enqueue(tx, { id, kind: 'note', payload: {}, now: new Date() })
  })
const notes = () =>
  existsSync(`${path}.notes`) ? readFileSync(`${path}.notes`, 'utf8').trimEnd().split('\n') : []
const ended = async () => {
  const rows = await db.selectFrom('job').select('id').where('status', '=', 'completed').execute()
  return rows.length
}

async function until(is_so: () => unknown): Promise<void> {
  for (const give_up_at = Date.now() + 30_000; Date.now() < give_up_at; await setTimeout(10))
    if (await is_so()) return
  throw new Error(`it never came to be that ${is_so}`)
}

test('three workers do two hundred jobs, each once', async () => {
  const ids = Array.from({ length: 200 }, (_, i) => `job_${i}`)
  await Promise.all([worker(1, 1), worker(1, 1), worker(1, 1)])
  await put(ids)
  await until(async () => (await ended()) === ids.length)

  const begun = notes().filter((it) => it.endsWith('begins'))
  expect(new Set(begun).size).toBe(ids.length)
  expect(notes()).toHaveLength(3 * ids.length)
})

test('a worker that is killed again and again between and in steps loses no job, and repeats no step that was done', async () => {
  const STEPS = 40
  const ids = ['job_a', 'job_b', 'job_c', 'job_d', 'job_e', 'job_f']
  let looked_at = 0
  await put(ids)
  let done_before: Record<string, number> = {}
  for (let kill = 0; kill < 5; kill++) {
    const child = await worker(STEPS, 15)
    await setTimeout(30 + Math.random() * 150)
    child.kill('SIGKILL')
    await once(child, 'exit')

    const times = countsOf(notes())
    looked_at += Object.keys(done_before).length
    for (const [step, count] of Object.entries(done_before)) expect(times[step], step).toBe(count)
    const kept = await db.selectFrom('job_step').select(['job_id', 'key']).execute()
    done_before = Object.fromEntries(
      kept.map((it) => [`${it.job_id} step ${it.key}`, times[`${it.job_id} step ${it.key}`]!]),
    )
  }
  expect(looked_at).toBeGreaterThan(20)

  // A job that was lost three times waits a little, which is not what is looked at here.
  await db.updateTable('job').set({ due_at: '2026' }).where('status', '=', 'pending').execute()
  const waiting = (await db.selectFrom('job').select('id').where('status', '<>', 'completed').execute()).map(
    (it) => it.id,
  )
  const noted = notes().length
  await worker(STEPS, 1)
  await until(async () => (await ended()) === ids.length)

  const times = countsOf(notes())
  for (const [step, count] of Object.entries(done_before)) expect(times[step], step).toBe(count)
  const ends = notes()
    .slice(noted)
    .filter((it) => it.endsWith('ends'))
  expect(ends.sort()).toEqual(waiting.sort().map((id) => `${id} ends`))
  for (const id of ids) {
    for (let i = 1; i <= STEPS; i++) expect(times[`${id} step ${i}`], `${id} step ${i}`).toBeGreaterThan(0)
  }
})

test('what a worker leaves that is told to stop, the next one takes up at once', async () => {
  await put(['job_a'])
  const first = await worker(3, 40)
  await until(() => notes().includes('job_a step 1'))
  first.send('stop')
  await once(first, 'exit')
  const left = await db.selectFrom('job').selectAll().executeTakeFirstOrThrow()
  expect(left).toMatchObject({ status: 'pending', attempt: 0, lost: 0 })

  await worker(3, 1)
  await until(async () => (await ended()) === 1)
  expect(countsOf(notes())).toMatchObject({ 'job_a begins': 2, 'job_a step 1': 1, 'job_a ends': 1 })
})

function countsOf(lines: string[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const it of lines) counts[it] = (counts[it] ?? 0) + 1
  return counts
}
