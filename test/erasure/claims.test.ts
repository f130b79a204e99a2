/**
 * What models said of sessions goes with the sessions: after an erasure a store has counted what it would have without them, lessons are told in
 * the words of what remains, and no byte of what was said of the others is left.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { ensureMemoryStore } from '../../src/db/memory-stores.ts'
import { storeAnswer } from '../../src/db/model-answers.ts'
import { NO_USAGE } from '../../src/domain/usage.ts'
import { AS_USUAL, dream } from '../../src/dream.ts'
import { type Engine, openEngine } from '../../src/engine.ts'
import { readingModel } from '../dream/reading-model.ts'
import { found } from './bytes.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-claims-'))
afterAll(() => rmSync(scratch, { recursive: true }))
let files = 0

/** What people say, what a model makes of it, and what that means. In each, the first wording stands nowhere else. */
const WISHES = [
  { words: 'Shorter next time, qzxplease.', says: 'Keep every reply qzxterse and brief.', means: 'short' },
  { words: 'That was far too long for me.', says: 'Answer in a few sentences.', means: 'short' },
  { words: 'I have no time to read all this.', says: 'Do not write so much.', means: 'short' },
  { words: 'And in which currency is that?', says: 'Name the currency of every price.', means: 'currency' },
  { words: 'Is that in dollars, or what?', says: 'Say what money a price is in.', means: 'currency' },
]
const PRICES = {
  words: 'I took that from the old list.',
  says: 'Read the price from the order.',
  means: 'price',
}

const DAY = 86_400_000
const at = (i: number) => new Date(Date.UTC(2026, 0, 5) + i * DAY).toISOString()

/** Sessions of six tasks, in which people wish now this, now that, and now and then a price is read from an old list. */
const pool = Array.from({ length: 26 }, (_, i) => ({
  id: `call-${i}`,
  agent: 'desk',
  user: i % 3 === 0 ? 'ana' : 'ben',
  task_id: `task-${i % 6}`,
  started_at: at(i),
  outcome: { success: i % 4 !== 1, rule: `check@1` },
  steps: [
    { role: 'user', text: `What is the price of part ${i}, and of part ${i + 100}?` },
    {
      role: 'assistant',
      text: i % 4 === 1 ? `It is ${i} euros. ${PRICES.words}` : `It is ${i} euros in all.`,
    },
    { role: 'user', text: WISHES[i === 0 ? 0 : 1 + (i % 4)]!.words },
  ],
}))

const model = readingModel([
  ...WISHES.map((it) => ({ ...it, kind: 'preference' as const })),
  { ...PRICES, kind: 'wrong_value' as const },
])

async function dreamed(nights: (typeof pool)[]): Promise<{ path: string; engine: Engine }> {
  const path = join(scratch, `${files++}`, 'desk.db')
  const engine = openEngine({ database: path, now: () => new Date('2026-09-01T00:00:00Z') })
  for (const lines of nights) {
    const file = join(scratch, `${files++}.jsonl`)
    writeFileSync(file, lines.map((it) => JSON.stringify(it)).join('\n'))
    await engine.ingest([file], { harness: 'steps' })
    const db = openDatabase(path)
    const memory_store = await ensureMemoryStore(db, 'desk', 'desk', '2026-01-01T00:00:00Z')
    await dream(db, { ...AS_USUAL, memory_store }, world())
    await db.destroy()
  }
  return { path, engine }
}

function world() {
  return {
    now: () => new Date('2026-09-01T00:00:00Z'),
    worker: 'test',
    is_alive: () => false,
    progress: () => {},
    model,
  }
}

test('a store that sessions were erased from has counted what one has that never had them', async () => {
  const night = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: pool.length, maxLength: pool.length })
  const gone = fc.uniqueArray(fc.nat({ max: pool.length - 1 }), { minLength: 1, maxLength: 14 })
  await fc.assert(
    fc.asyncProperty(night, gone, async (came, indices) => {
      const nightsOf = (goes: (i: number) => boolean) =>
        [0, 1, 2].map((n) => pool.filter((_, i) => came[i] === n && !goes(i))).filter((it) => it.length > 0)
      const erased = await dreamed(nightsOf(() => false))
      const session_ids = indices.map((i) => pool[i]!.id)
      await erased.engine.erase({ session_ids }, { as: 'user:ana', dry_run: false })
      await erased.engine.close()
      const never = await dreamed(nightsOf((i) => indices.includes(i)))
      await never.engine.close()
      expect(knownIn(erased.path)).toEqual(knownIn(never.path))
    }),
    { numRuns: 5, endOnFailure: true },
  )
}, 300_000)

test('what is compared above is something: lessons of both sorts, candidates and claims', async () => {
  const { path, engine } = await dreamed([pool])
  await engine.close()
  const { tally, pattern, claim } = knownIn(path)
  expect(claim.length).toBeGreaterThan(pool.length)
  expect(tally.filter((it) => it.channel === 'model').length).toBeGreaterThan(8)
  const lessons = pattern.filter((it) => it.channel === 'model')
  expect(lessons.map((it) => [it.status, it.tier])).toEqual(
    expect.arrayContaining([
      ['probation', 'people'],
      ['candidate', 'marker'],
    ]),
  )
})

test('a lesson is told in the words of the earliest claim that remains, and no byte of the others is left', async () => {
  const { path, engine } = await dreamed([pool])
  const db = openDatabase(path)
  await db
    .transaction()
    .execute((tx) => storeAnswer(tx, 'hash', { value: 'a qzxplease answer', usage: NO_USAGE }, '2026'))
  await db.destroy()
  const textsOf = async () =>
    (await engine.lessons({ limit: 50 })).data.filter((it) => it.channel === 'model').map((it) => it.text)
  expect(await textsOf()).toContain('Keep every reply qzxterse and brief.')
  expect(Object.keys(marksIn(path)).sort()).toEqual(['qzxplease', 'qzxterse'])

  await engine.erase({ session_ids: ['call-0'] }, { as: 'user:ana', dry_run: false })
  expect(await textsOf()).toContain('Do not write so much.')
  await engine.close()
  expect(marksIn(path)).toEqual({})
})

function marksIn(path: string): Record<string, string[]> {
  return found(['qzxterse', 'qzxplease'], dirname(path))
}

test('where transcripts go by the policy, so do the quotes of claims; what was said and counted stays', async () => {
  const { path, engine } = await dreamed([pool])
  const before = (await engine.lessons({ limit: 50 })).data.filter((it) => it.channel === 'model')
  expect((await engine.evidence(before[0]!.id)).data).not.toEqual([])
  const text = 'format_version: 1\nretention:\n  - transcripts: 60d\n'
  await engine.setPolicy({ file: 'policy.yaml', text }, 'user:ana')
  expect(await engine.retain(false)).toMatchObject({ transcripts: pool.length })

  const after = (await engine.lessons({ limit: 50 })).data.filter((it) => it.channel === 'model')
  const told = (it: (typeof after)[number]) => [it.text, it.why, it.sessions, it.status]
  expect(after.map(told)).toEqual(before.map(told))
  expect((await engine.evidence(after[0]!.id)).data).toEqual([])
  await engine.close()
  const { claim } = knownIn(path)
  expect(claim.length).toBeGreaterThan(pool.length)
  expect(claim.filter((it) => it.citations !== '[]')).toEqual([])
})

test('sessions that were counted without the model are taken out without it, although it has read them since', async () => {
  const path = join(scratch, `${files++}`, 'desk.db')
  const engine = openEngine({ database: path, now: () => new Date('2026-09-01T00:00:00Z') })
  const file = join(scratch, `${files++}.jsonl`)
  writeFileSync(file, pool.map((it) => JSON.stringify(it)).join('\n'))
  await engine.ingest([file], { harness: 'steps' })
  const db = openDatabase(path)
  const dreamInto = async (name: string, with_model: boolean) => {
    const memory_store = await ensureMemoryStore(db, name, 'desk', '2026-01-01T00:00:00Z')
    const { model, ...plain } = world()
    await dream(db, { ...AS_USUAL, memory_store }, with_model ? { ...plain, model } : plain)
  }
  await dreamInto('without', false)
  await dreamInto('with', true)
  await db.destroy()
  await engine.erase({ session_ids: pool.map((it) => it.id) }, { as: 'user:ana', dry_run: false })
  await engine.close()
  expect(knownIn(path)).toEqual({ ledger: [], tally: [], pattern: [], claim: [], model_review: [] })
})

const QUERIES = {
  ledger: `SELECT memory_store.name, session.id, with_model FROM ledger JOIN session ON session.seq = session_seq
    JOIN memory_store ON memory_store.id = memory_store_id ORDER BY 1, 2`,
  tally: 'SELECT context, trait, channel, bad, n, cells, weeks, sightings FROM tally',
  pattern: 'SELECT class, channel, tier, status, content FROM pattern',
  claim: 'SELECT id, session_id, kind, statement, action, citations, group_id FROM claim ORDER BY id',
  model_review:
    'SELECT session_id, prompt, model, status, reason, dropped, left_out, observations FROM model_review ORDER BY 1',
}

/** All that is known, a group called by the first of its claims that is left: in one store that is not the one that it was named by. */
function knownIn(path: string): Record<keyof typeof QUERIES, Record<string, unknown>[]> {
  const sqlite = new DatabaseSync(path)
  const firsts = sqlite.prepare('SELECT group_id, min(id) AS first FROM claim GROUP BY group_id').all() as {
    group_id: string
    first: string
  }[]
  const called = new Map(firsts.map((it) => [it.group_id, `group of ${it.first}`]))
  const plain = (row: Record<string, unknown>) => {
    const { id, memory_store_id, created_at, updated_at, ...content } = JSON.parse(
      typeof row.content === 'string' ? row.content : '{}',
    )
    const text = JSON.stringify('content' in row ? { ...row, content } : row)
    return JSON.parse(
      text.replace(
        /(?<=(?:mistake|preference|practice) |"group_id":")clm_\w+/g,
        (it) => called.get(it) ?? it,
      ),
    )
  }
  const rows = Object.entries(QUERIES).map(([name, query]) => [
    name,
    inOrder(sqlite.prepare(query).all().map(plain)),
  ])
  sqlite.close()
  return Object.fromEntries(rows)
}

/** What is named by a group stands in another order where the group is named otherwise; so do the traits of an observation. */
function inOrder(rows: Record<string, unknown>[]): Record<string, unknown>[] {
  return rows
    .map((it) => [JSON.stringify(it), it] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, it]) => it)
}
