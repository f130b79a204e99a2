/**
 * What a memory store has counted is a function of the sessions it dreamed of: not of the nights, their order, the machine,
 * or of what was forgotten again. Compared is the text of the table, byte for byte.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { mergeTallies } from '../../src/3-mine/tally.ts'
import { openDatabase } from '../../src/db/database.ts'
import { ensureMemoryStore } from '../../src/db/memory-stores.ts'
import { loadTally, storeTally } from '../../src/db/tallies.ts'
import { openEngine } from '../../src/engine.ts'
import { forgetSessions } from '../../src/erasure/forget-session.ts'
import { generator } from '../3-mine/tallied.ts'

const AGENT = 'compliance-desk'
const scratch = mkdtempSync(join(tmpdir(), 'reverie-exactness-'))
afterAll(() => rmSync(scratch, { recursive: true }))

/** Sessions as lines; every third of no known task, so that it is counted by its first words. */
let sessions: string[]
let at_once: Row[]

beforeAll(async () => {
  generateComplianceDesk(join(scratch, 'desk'), { sessions: 170 })
  const lines = readdirSync(join(scratch, 'desk')).flatMap((it) =>
    readFileSync(join(scratch, 'desk', it), 'utf8')
      .split('\n')
      .filter(Boolean),
  )
  // Of copies the first that arrives counts, and so the order does: each session once.
  const first_steps = (it: string) => JSON.stringify(JSON.parse(it).steps[0])
  const once = [...new Map(lines.map((it) => [first_steps(it), it])).values()]
  sessions = once.map((it, i) => (i % 3 > 0 ? it : JSON.stringify({ ...JSON.parse(it), task_id: undefined })))
  at_once = tallyIn(await dreamed('at-once', [sessions]))
})

test.each([
  { name: 'forty nights', nights: () => inNights(sessions, 40) },
  { name: 'twenty nights, in another order', nights: () => inNights(shuffled(sessions), 20) },
  { name: 'one night, in another order', nights: () => [shuffled(sessions)] },
])('$name count what one dream counts', async ({ name, nights }) => {
  expect(at_once.length).toBeGreaterThan(500)
  expect(tallyIn(await dreamed(name, nights()))).toEqual(at_once)
})

test('two databases that dreamed of half the sessions each have, merged, counted what one has', async () => {
  const mixed = shuffled(sessions)
  const halves = [mixed.slice(0, 60), mixed.slice(60)]
  const path = join(scratch, 'merged.db')
  const db = openDatabase(path)
  const { id } = await ensureMemoryStore(db, AGENT, AGENT, '2026-11-02T00:00:00Z')
  for (const [i, half] of halves.entries()) {
    const shard = openDatabase(await dreamed(`half-${i}`, inNights(half, 4)))
    const { id: store } = await ensureMemoryStore(shard, AGENT, AGENT, '')
    const other = await loadTally(shard, store, new Map(), 0)
    await shard.destroy()
    const tally = mergeTallies(await loadTally(db, id, other, 0), other)
    await db.transaction().execute((tx) => storeTally(tx, id, tally, other))
  }
  await db.destroy()

  expect(tallyIn(path)).toEqual(at_once)
})

test('a store that has forgotten sessions has counted what one has that never dreamed of them', async () => {
  const mixed = shuffled(sessions)
  const without = tallyIn(await dreamed('without', [mixed.slice(12)]))
  const path = await dreamed('forgetful', [sessions])
  const forgotten = new Set(mixed.slice(0, 12).map((it) => JSON.parse(it).id))
  const db = openDatabase(path)
  const { id } = await ensureMemoryStore(db, AGENT, AGENT, '')
  const rows = await db.selectFrom('session').select(['id', 'external_session_id']).execute()
  const gone = rows.filter((it) => forgotten.has(it.external_session_id))

  const ids = gone.map((it) => it.id)
  const forget = (some: string[]) => db.transaction().execute((tx) => forgetSessions(tx, id, some))

  expect(await forget(ids.slice(0, 1))).toBe(1)
  expect(await forget(ids)).toBe(11)
  expect(await forget(ids)).toBe(0)
  await db.destroy()
  expect(gone).toHaveLength(12)
  expect(tallyIn(path)).toEqual(without)
  expect(tallyIn(path)).not.toEqual(at_once)
})

/** The path of a database whose store dreamed of these sessions, a dream after each night. */
async function dreamed(name: string, nights: string[][]): Promise<string> {
  const path = join(scratch, `${name}.db`)
  const engine = openEngine({ database: path })
  for (const [i, night] of nights.entries()) {
    const file = join(scratch, `${name}-${i}.jsonl`)
    writeFileSync(file, night.join('\n'))
    await engine.ingest([file], { harness: 'steps' })
    await engine.dream()
  }
  await engine.close()
  return path
}

type Row = Record<string, unknown>

function tallyIn(path: string): Row[] {
  const sqlite = new DatabaseSync(path)
  const rows = sqlite
    .prepare(
      'SELECT context, trait, channel, bad, n, cells, weeks, sightings FROM tally ORDER BY context, trait',
    )
    .all()
  sqlite.close()
  return rows
}

function inNights(lines: string[], nights: number): string[][] {
  return Array.from({ length: nights }, (_, i) => lines.filter((_, j) => j % nights === i))
}

function shuffled<T>(list: T[]): T[] {
  const random = generator(7)
  return list
    .map((it) => ({ it, at: random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ it }) => it)
}
