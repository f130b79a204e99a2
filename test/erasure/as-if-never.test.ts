/**
 * After an erasure a store has counted and knows what one does that never had the sessions: for any sessions, over any nights, whether they are
 * named by their ids, their person or their age, and whatever lessons the sessions were given. Nothing of the others is touched.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../../src/engine.ts'
import { at, marked, ordinary } from './marked-sessions.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-as-if-never-'))
afterAll(() => rmSync(scratch, { recursive: true }))
let files = 0

/** Told by their ids, in the order of the days on which they ended. */
const pool = [...ordinary(45), ...marked(35, 60), ...ordinary(20, 120, 9)].map((line) => {
  const { id, user, started_at } = JSON.parse(line)
  return { line, id: String(id), user: String(user), at: String(started_at) }
})

const which = fc.oneof(
  fc.uniqueArray(fc.nat({ max: pool.length - 1 }), { minLength: 1, maxLength: 40 }).map((indices) => ({
    asked: { session_ids: indices.map((i) => pool[i]!.id) },
    goes: (it: (typeof pool)[number]) => indices.includes(pool.indexOf(it)),
  })),
  fc.constantFrom('ana', 'ben', 'qzxperson').map((person) => ({
    asked: { person },
    goes: (it: (typeof pool)[number]) => it.user === person,
  })),
  fc.integer({ min: 1, max: 150 }).map((day) => ({
    asked: { before: at(day) },
    goes: (it: (typeof pool)[number]) => it.at < at(day),
  })),
)

/** What the store has learned before, of sessions that stay: one lesson of it is given to every third session that comes. */
const founding = ordinary(40, 400, 3).map((line) => JSON.stringify({ ...JSON.parse(line), user: 'dora' }))

/** On which night each session came; some never did. */
const nights = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: pool.length, maxLength: pool.length })

test('a store that sessions were erased from is one that never had them', async () => {
  await fc.assert(
    fc.asyncProperty(nights, fc.array(which, { minLength: 1, maxLength: 2 }), async (came, erasures) => {
      const erased = await dreamed(came, () => true)
      const goes = (it: (typeof pool)[number]) => erasures.some((erasure) => erasure.goes(it))
      for (const { asked } of erasures) await erased.engine.erase(asked, { as: 'user:ana', dry_run: false })
      expect((await erased.engine.verifyAudit()).broken).toBe(null)
      await erased.engine.close()
      const never = await dreamed(came, (it) => !goes(it))
      await never.engine.close()

      expect(knownIn(erased.path)).toEqual(knownIn(never.path))
    }),
    { numRuns: 8, endOnFailure: true },
  )
}, 300_000)

test('what is compared above is something', async () => {
  const { path, engine } = await dreamed(
    pool.map((_, i) => i % 3),
    () => true,
  )
  await engine.close()
  const { tally, pattern, ledger } = knownIn(path)
  expect(tally.length).toBeGreaterThan(100)
  expect(pattern.filter((it) => it.status !== 'candidate').length).toBeGreaterThan(3)
  expect(ledger).toHaveLength(pool.length + founding.length)
  expect(ledger.filter((it) => it.told !== null).length).toBeGreaterThan(20)
  expect(tally.filter((it) => it.channel === 'told').length).toBeGreaterThan(2)
})

async function dreamed(
  came: number[],
  has: (it: (typeof pool)[number]) => boolean,
): Promise<{ path: string; engine: Engine }> {
  const path = join(scratch, `${files++}.db`)
  const engine = openEngine({ database: path, now: () => new Date('2026-09-01T00:00:00Z') })
  const dreamOf = async (lines: string[]) => {
    const file = join(scratch, `${files++}.jsonl`)
    writeFileSync(file, lines.join('\n'))
    await engine.ingest([file], { harness: 'steps' })
    await engine.dream({ store: 'desk', agent: 'desk' })
  }
  await dreamOf(founding)
  give(
    path,
    pool.filter((_, i) => i % 3 === 0).map((it) => it.id),
  )
  for (let night = 0; night < 4; night++)
    await dreamOf(pool.filter((it, i) => came[i] === night && has(it)).map((it) => it.line))
  return { path, engine }
}

/** Notes that each of these sessions was given the guard that was learned of the founding ones. No memory has to stand for that. */
function give(path: string, session_keys: string[]): void {
  const sqlite = new DatabaseSync(path, { enableForeignKeyConstraints: false })
  const lesson = sqlite
    .prepare(`SELECT id, memory_store_id FROM pattern WHERE channel = 'call' AND status = 'probation'`)
    .all() as { id: string; memory_store_id: string }[]
  expect(lesson).toHaveLength(1)
  const [{ id, memory_store_id }] = lesson as [(typeof lesson)[number]]
  const recall = sqlite.prepare(
    `INSERT INTO recall (id, workspace_id, memory_store_id, agent, session_key, arm, budget_tokens, tokens, created_at, created_by)
     SELECT ?, workspace_id, id, agent, ?, 'treatment', 2000, 10, '2026-08-01T00:00:00.000Z', 'user:ana' FROM memory_store WHERE id = ?`,
  )
  const memory = sqlite.prepare(
    `INSERT INTO recall_memory VALUES (?, 1, 'mem_1', 'memver_1', ?, 'delivered')`,
  )
  for (const [i, key] of session_keys.entries()) {
    recall.run(`rcl_${i}`, key, memory_store_id)
    memory.run(`rcl_${i}`, JSON.stringify([id]))
  }
  sqlite.close()
}

const QUERIES = {
  session:
    'SELECT id, person, title, transcript_sha256, hex(fingerprints) AS prints FROM session ORDER BY id',
  review: 'SELECT * FROM review ORDER BY session_id',
  fingerprint: 'SELECT * FROM fingerprint ORDER BY 1, 2',
  transcript: 'SELECT sha256, hex(content) FROM transcript ORDER BY 1',
  ledger: 'SELECT session.id, told FROM ledger JOIN session ON session.seq = session_seq ORDER BY 1',
  tally: 'SELECT context, trait, channel, bad, n, cells, weeks, sightings FROM tally ORDER BY 1, 2',
  pattern: 'SELECT id, class, channel, tier, status, content FROM pattern ORDER BY id',
}

function knownIn(path: string): Record<keyof typeof QUERIES, Record<string, unknown>[]> {
  const sqlite = new DatabaseSync(path)
  const rows = Object.entries(QUERIES).map(([name, query]) => [name, sqlite.prepare(query).all().map(plain)])
  sqlite.close()
  return Object.fromEntries(rows)
}

/** A pattern that is carried over from an earlier night says where it was stored, too. */
function plain(row: Record<string, unknown>): Record<string, unknown> {
  if (typeof row.content !== 'string' || !row.content.startsWith('{')) return { ...row }
  const { memory_store_id, created_at, updated_at, ...content } = JSON.parse(row.content)
  return { ...row, content }
}
