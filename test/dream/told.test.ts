/** Which sessions were given a lesson, as a dream sees it, and what it makes of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { keysOf } from '../../src/3-mine/told.ts'
import { openDatabase } from '../../src/db/database.ts'
import { deliveredTo } from '../../src/db/recalls.ts'
import { type Engine, openEngine } from '../../src/engine.ts'
import { at, ordinary } from '../erasure/marked-sessions.ts'
import { trust } from '../trusting.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-told-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const GUARD = 'get_order-before-refund'
let engine: Engine
let database: string
let today: number

beforeEach(async () => {
  database = join(mkdtempSync(join(scratch, 'run-')), 'reverie.db')
  today = 100
  engine = openEngine({ database, now: () => new Date(at(today)) })
  await trust(engine)
  await ingest(ordinary(60))
  await engine.dream()
  return () => engine.close()
})

async function ingest(lines: string[], harness: 'steps' | 'claude-code' = 'steps'): Promise<void> {
  const file = join(scratch, 'sessions.jsonl')
  writeFileSync(file, lines.join('\n'))
  await engine.ingest([file], { harness })
}

function rows(query: string): Record<string, unknown>[] {
  const sqlite = new DatabaseSync(database, { readOnly: true })
  const found = sqlite.prepare(query).all()
  sqlite.close()
  return found
}

/** The sessions that were counted as told the guard, by the harness's ids. */
function told(): unknown[] {
  const [guard] = rows(`SELECT content FROM pattern WHERE content ->> '$.name' = '${GUARD}'`)
  const [key] = keysOf(JSON.parse(String(guard!.content)))
  return rows(`SELECT external_session_id AS id FROM ledger JOIN session ON seq = session_seq
    WHERE told LIKE '%"${key}"%' ORDER BY 1`).map((it) => it.id)
}

/** Recalls until the lots have given the guard to one session and held it back from another, and gives those. */
async function givenAndHeld(): Promise<{ given: string; held: string }> {
  const found: Record<string, string> = {}
  for (let i = 200; !found.delivered || !found.held; i++) {
    const { memories } = await engine.recall({ agent: 'desk', session: `ordinary-${i}` }, 'user:ana')
    const guard = memories.find((it) => it.path.includes(GUARD))
    found[guard?.given ?? 'control'] = `ordinary-${i}`
  }
  return { given: found.delivered!, held: found.held! }
}

const lineOf = (id: string) => ordinary(1, Number(id.split('-')[1]))

test('a session is told what it was given before it came, and not what was held back from it', async () => {
  const { given, held } = await givenAndHeld()
  await ingest([...lineOf(given), ...lineOf(held), ...ordinary(1, 150)])
  await engine.dream()
  expect(told()).toEqual([given])
})

test('what was recalled after a session was stored cannot have helped it', async () => {
  const { given } = await givenAndHeld()
  const [late] = [`ordinary-${Number(given.split('-')[1]) + 1_000}`]
  await ingest(lineOf(late))
  today++
  const sqlite = new DatabaseSync(database)
  sqlite.exec(`
    INSERT INTO recall (id, workspace_id, memory_store_id, agent, session_key, budget_tokens, tokens, created_at, created_by)
      SELECT 'rcl_late', workspace_id, memory_store_id, agent, '${late}', 1, 1, '${at(today)}', created_by FROM recall WHERE session_key = '${given}';
    INSERT INTO recall_memory SELECT 'rcl_late', rank, memory_id, memory_version_id, pattern_ids, given FROM recall_memory
      JOIN recall ON recall.id = recall_id WHERE session_key = '${given}'`)
  sqlite.close()
  await engine.dream()
  expect(told()).toEqual([])
})

test('a subagent is told what its parent was told', async () => {
  const line = (i: number, more: object) =>
    JSON.stringify({
      ...{
        type: 'user',
        uuid: `u${i}`,
        parentUuid: null,
        sessionId: 'parent',
        cwd: '/srv/app',
        timestamp: at(i),
      },
      ...{ message: { role: 'user', content: `Words ${i}` }, ...more },
    })
  const { given } = await givenAndHeld()
  const sqlite = new DatabaseSync(database)
  sqlite.exec(`
    INSERT INTO recall (id, workspace_id, memory_store_id, agent, session_key, budget_tokens, tokens, created_at, created_by)
      SELECT 'rcl_parent', workspace_id, memory_store_id, agent, 'parent', 1, 1, created_at, created_by FROM recall WHERE session_key = '${given}';
    INSERT INTO recall_memory SELECT 'rcl_parent', rank, memory_id, memory_version_id, pattern_ids, given FROM recall_memory
      JOIN recall ON recall.id = recall_id WHERE session_key = '${given}'`)
  sqlite.close()
  await ingest([line(0, {}), line(1, { isSidechain: true, agentId: 'helper' })], 'claude-code')
  const { data } = await engine.sessions({ limit: 3 })
  const ids = data.filter((it) => it.harness === 'claude-code').map((it) => it.id)
  expect(ids).toHaveLength(2)
  const db = openDatabase(database)
  const delivered = await deliveredTo(db, ids)
  await db.destroy()
  const lessons = JSON.parse(
    String(
      rows(`SELECT pattern_ids FROM recall_memory WHERE recall_id = 'rcl_parent' AND given = 'delivered'`)[0]!
        .pattern_ids,
    ),
  )
  expect(delivered).toEqual(new Map(ids.map((id) => [id, expect.toSatisfy((it) => it.has(lessons[0]))])))
})

test('what the told ones do neither makes the lesson stale nor speaks for it, and erasing them changes nothing but what others show', async () => {
  const known = () => rows(`SELECT content FROM pattern WHERE content LIKE '%${GUARD}%'`)
  const before = known()
  const ids: string[] = []
  for (let i = 200; ids.length < 30; i++) {
    const { memories } = await engine.recall({ agent: 'desk', session: `ordinary-${i}` }, 'user:ana')
    if (memories.some((it) => it.path.includes(GUARD) && it.given === 'delivered')) ids.push(`ordinary-${i}`)
  }
  // They look nothing up, and all goes well.
  const well = ids.flatMap(lineOf).map((it) => {
    const { steps, ...session } = JSON.parse(it)
    const text = (of: { role: string; name?: string }) =>
      of.role === 'tool' ? { text: 'refunded', error: false } : {}
    const left = steps
      .filter(
        (step: { calls?: { name: string }[]; name?: string }) =>
          step.calls?.[0]?.name !== 'get_order' && step.name !== 'get_order',
      )
      .map((step: { role: string }) => ({ ...step, ...text(step) }))
    return JSON.stringify({ ...session, steps: left, outcome: { success: true, rule: 'books@1' } })
  })
  await ingest(well)
  await engine.dream()

  expect(told()).toHaveLength(30)
  expect(known()).toEqual(before)
  const { data } = await engine.lessons()
  expect(data.filter((it) => it.name === GUARD)).toMatchObject([{ status: 'probation' }])

  await engine.erase({ session_ids: ids }, { as: 'user:ana', dry_run: false })
  expect(rows(`SELECT context FROM tally WHERE channel = 'told'`)).toEqual([])
  expect(known()).toEqual(before)
})
