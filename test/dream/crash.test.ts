import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { openDatabase } from '../../src/db/database.ts'
import { listMemoryStores } from '../../src/db/memory-stores.ts'
import { AS_USUAL, dream, type Stage } from '../../src/dream.ts'
import { openEngine } from '../../src/engine.ts'
import { onStatement } from '../db/on-statement.ts'
import { trust } from '../trusting.ts'
import { type Result, resultOf } from './result-of.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-dream-crash-'))
const place = (name: string) => join(scratch, name)
const week = (n: number) => place(`desk/week-${String(n).padStart(2, '0')}.jsonl`)
const now = () => new Date('2026-11-09T03:00:00Z')
afterAll(() => rmSync(scratch, { recursive: true }))

/** A store with one dream behind it and new sessions before it: there are memories to add and memories to refresh. */
const before = place('before.db')
let uninterrupted: Result
let stages: Record<Stage, number>
let statements: number

beforeAll(async () => {
  generateComplianceDesk(place('desk'), { sessions: 160 })
  const engine = openEngine({ database: before, now })
  await trust(engine)
  await engine.ingest([1, 2, 3, 4, 5, 6].map(week))
  await engine.dream()
  await engine.ingest([7, 8, 9, 10].map(week))
  await engine.close()
  await countStatements()
})

async function countStatements(): Promise<void> {
  const path = copy('uninterrupted.db')
  const db = openDatabase(path)
  const [memory_store] = await listMemoryStores(db)
  const begun: Partial<Record<Stage, number>> = {}
  statements = 0
  const counted = db.withPlugin(onStatement((_, n) => (statements = n)))
  const progress = (stage: Stage) => (begun[stage] ??= statements)
  const world = { now, worker: 'here', is_alive: () => true, progress }
  await dream(counted, { ...AS_USUAL, memory_store: memory_store! }, world)
  await db.destroy()
  stages = begun as Record<Stage, number>
  uninterrupted = resultOf(path)
}

test('the dream that is killed below has something to lose', () => {
  const operations = uninterrupted.version.map((it) => it.operation)
  expect(operations).toContain('created')
  expect(operations).toContain('modified')
  expect(uninterrupted.dream.map((it) => it.result)).toEqual(['changed', 'changed'])
  expect(statements - stages.finish).toBeGreaterThan(15)
})

describe('a dream that is killed and run again ends with the same result', () => {
  test('killed before it begins, and at the beginning of every stage', async () => {
    const { plan, review, mine, consolidate, finish } = stages
    await killAndResume(
      [1, 2, plan + 1, review + 1, mine + 1, consolidate + 1, finish + 1].map((it) => ['before', it]),
    )
  })

  test('killed while the quotes are looked up', async () => {
    await killAndResume([['before', Math.floor((stages.mine + stages.consolidate) / 2)]])
  })

  describe('killed at every second statement of its last transaction, and just before that is committed:', () => {
    test.each([0, 1, 2, 3])('every fourth of these, from number %i on', async (first) => {
      const points: Point[] = []
      for (let n = stages.finish + 2; n <= statements; n += 2) points.push(['before', n])
      points.push(['after', statements])
      await killAndResume(points.filter((_, i) => i % 4 === first))
    })
  })
})

type Point = [when: 'before' | 'after', statement: number]

/** Two processes at a time: one dreams while the other starts. */
async function killAndResume(points: Point[]): Promise<void> {
  const queue = [...points]
  const line = async () => {
    for (let point = queue.shift(); point; point = queue.shift()) await killAndResumeAt(point)
  }
  await Promise.all([line(), line()])
}

async function killAndResumeAt([when, statement]: Point): Promise<void> {
  const name = `killed ${when} ${statement}`
  const path = copy(`${name}.db`)

  const script = fileURLToPath(new URL('./killed-dream.ts', import.meta.url))
  const child = spawn(process.execPath, [script, path, when, String(statement)])
  expect(await once(child, 'exit'), name).toEqual([null, 'SIGKILL'])

  const { dream: dreams, ...left } = resultOf(path)
  const { dream: dreams_before, ...left_before } = resultOf(before)
  expect(left, `${name}: nothing but its own row is left`).toEqual(left_before)
  expect(dreams.slice(0, 1), name).toEqual(dreams_before)
  expect(
    dreams.slice(1).map((it) => it.status),
    name,
  ).toEqual(statement <= 2 ? [] : ['running'])

  const engine = openEngine({ database: path, now })
  await engine.dream()
  await engine.close()
  expect(resultOf(path), name).toEqual(uninterrupted)
}

test.each([
  { name: 'bytes', content: Buffer.from('28b52ffd00', 'hex') },
  { name: 'another session', content: zstdCompressSync('{"id":"sesn_other","events":[]}') },
])(
  'a dream that meets $name in place of a transcript says why it failed, leaves the store as it was, and the next one can run',
  async ({ name, content }) => {
    const path = copy(`damaged by ${name}.db`)
    const sqlite = new DatabaseSync(path)
    const transcripts = sqlite.prepare('SELECT sha256, content FROM transcript').all()
    sqlite.exec('DROP TRIGGER transcript_is_named_by_its_content')
    sqlite.prepare('UPDATE transcript SET content = ?').run(content)
    const engine = openEngine({ database: path, now })

    await expect(engine.dream()).rejects.toMatchObject({
      type: 'database_error',
      message: expect.stringMatching(/transcript of the session sesn_\w+ is damaged/),
      hint: expect.stringMatching(/backup/),
    })
    const { dream: failed, ...left } = resultOf(path)
    const { dream: _, ...left_before } = resultOf(before)
    expect(left).toEqual(left_before)
    expect(failed.at(-1)).toMatchObject({
      status: 'failed',
      error_type: 'database_error',
      error_message: expect.stringMatching(/transcript of the session sesn_\w+ is damaged/),
      worker: null,
    })

    const mend = sqlite.prepare('UPDATE transcript SET content = ? WHERE sha256 = ?')
    for (const it of transcripts) mend.run(it.content!, it.sha256!)
    sqlite.close()
    await engine.dream()
    await engine.close()
    const { dream: dreams, ...result } = resultOf(path)
    const { dream: expected, ...others } = uninterrupted
    expect(result).toEqual(others)
    expect(dreams.toSpliced(1, 1)).toEqual(expected)
  },
)

test('thirty dreams over sessions that are known change nothing', async () => {
  const path = copy('thirty.db')
  let day = 9
  const engine = openEngine({ database: path, now: () => new Date(Date.UTC(2026, 10, day++)) })
  await engine.dream()
  const { dream: _, ...settled } = resultOf(path)

  for (let night = 0; night < 30; night++) {
    const [report] = await engine.dream()
    expect(report!.dream).toMatchObject({ status: 'completed', result: 'nothing_new', sessions_read: 0 })
    expect(report!.changes).toEqual([])
  }

  await engine.close()
  const { dream: dreams, ...after } = resultOf(path)
  expect(after).toEqual(settled)
  expect(dreams).toHaveLength(32)
})

test('what one dream passes over is new to the next, and no session is dreamed twice', async () => {
  const path = copy('since.db')
  const engine = openEngine({ database: path, now })
  const asked = { since: '2026-10-26T00:00:00.000Z' }
  const [newest] = await engine.dream(asked)
  const [again] = await engine.dream(asked)
  const [rest] = await engine.dream()
  await engine.close()

  expect(newest!.dream.sessions_read).toBeGreaterThan(0)
  expect(again!.dream.sessions_read).toBe(0)
  expect(rest!.dream.sessions_read).toBeGreaterThan(0)
  const { ledger, tally } = resultOf(path)
  expect(ledger.map((it) => it.session_seq)).toEqual(uninterrupted.ledger.map((it) => it.session_seq))
  expect(tally).toEqual(uninterrupted.tally)
})

test('a dry run says the same and writes nothing', async () => {
  const path = copy('dry.db')
  const engine = openEngine({ database: path, now })
  const [report] = await engine.dream({ dry_run: true })
  await engine.close()

  expect(resultOf(path)).toEqual(resultOf(before))
  const proposed = uninterrupted.change.filter((_, i) => i >= resultOf(before).change.length)
  expect(report!.changes.map((it) => [it.operation, it.path, it.after])).toEqual(
    proposed.map((it) => [it.operation, it.path, it.after]),
  )
})

test('ten dreams over a tenth of the sessions each count what one dream over all of them does, and tell no more', async () => {
  generateComplianceDesk(place('ten'))
  const weeks = Array.from({ length: 10 }, (_, i) =>
    join(place('ten'), `week-${String(i + 1).padStart(2, '0')}.jsonl`),
  )
  const results: Result[] = []
  for (const [name, nights] of [
    ['one', [weeks]],
    ['ten', weeks.map((it) => [it])],
  ] as const) {
    const engine = openEngine({ database: place(`${name}.db`), now })
    for (const night of nights) {
      await engine.ingest(night)
      await engine.dream()
    }
    await engine.close()
    results.push(resultOf(place(`${name}.db`)))
  }

  const [one, ten] = results
  expect(ten!.tally).toEqual(one!.tally)
  expect(ten!.tally.length).toBeGreaterThan(1_000)
  expect(ten!.ledger.map((it) => it.session_seq)).toEqual(one!.ledger.map((it) => it.session_seq))
  const found = new Set(one!.pattern.map((it) => it.id))
  expect(ten!.pattern.filter((it) => found.has(it.id)).map(asFound)).toEqual(one!.pattern.map(asFound))
  expect(found.size).toBeGreaterThan(8)
  // What looked like a lesson halfway, and does not any more, is still known as that.
  const others = ten!.pattern.filter((it) => !found.has(it.id))
  expect(others.filter((it) => it.status !== 'stale' && it.status !== 'candidate')).toEqual([])
  // A memory keeps the path it was first given, so only its text is compared.
  const lessons = ({ memory }: Result) =>
    memory
      .filter((it) => it.path !== '/_index.md')
      .map((it) => String(it.content))
      .filter((it) => !it.includes('\nstatus: stale\n'))
      .map((it) => it.replace('\nstatus: confirmed\n', '\n'))
  // One dream may judge all of a backlog at once; from night to night, what only a p value shows has to be confirmed.
  const told_at_once = lessons(one!)
  expect(lessons(ten!).filter((it) => !told_at_once.includes(it))).toEqual([])
  expect(told_at_once.length - lessons(ten!).length).toBeLessThan(3)
})

/** A pattern without what the nights made of it. */
function asFound({ content }: Record<string, unknown>): Record<string, unknown> {
  const { status, e, watch, ...pattern } = JSON.parse(String(content))
  return pattern
}

function copy(name: string): string {
  copyFileSync(before, place(name))
  return place(name)
}
