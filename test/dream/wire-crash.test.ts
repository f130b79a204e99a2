import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { OutputBehavior } from '../../src/domain/dream.ts'
import { openEngine } from '../../src/engine.ts'
import { onStatement } from '../db/on-statement.ts'
import { trust } from '../trusting.ts'
import { deskFiles, openWire } from './wire-dreaming.ts'

const { folder, week } = deskFiles(120)
const now = () => new Date('2026-11-09T03:00:00Z')
afterAll(() => rmSync(folder, { recursive: true }))

/** How many times each dream is killed on its way, and once just before it is done. */
const POINTS = 6

/** A database with a dream that was asked for and one that came before it, for each way of asking. */
const asked = {} as Record<OutputBehavior, { path: string; dream_id: string }>

beforeAll(async () => {
  const ingested = join(folder, 'ingested.db')
  const engine = openEngine({ database: ingested, now })
  await trust(engine)
  await engine.ingest([1, 2, 3, 4].map(week))
  await engine.close()
  for (const output_behavior of ['create_new', 'update_existing'] as const) {
    const path = join(folder, `${output_behavior}.db`)
    copyFileSync(ingested, path)
    const wire = openWire(path, now)
    const { id } = await wire.store()
    await wire.run((await wire.ask(id, await wire.sessions(), { output_behavior: 'update_existing' })).id)
    await wire.engine.ingest([5, 6].map(week))
    const { id: dream_id } = await wire.ask(id, (await wire.sessions()).slice(-60), { output_behavior })
    asked[output_behavior] = { path, dream_id }
    await wire.close()
  }
})

test.each([{ output_behavior: 'create_new' as const }, { output_behavior: 'update_existing' as const }])(
  'a dream with $output_behavior that is killed anywhere, and gone on with, ends as if it had not been',
  async ({ output_behavior }) => {
    const { dream_id } = asked[output_behavior]
    const { statements, left: uninterrupted } = await run(
      output_behavior,
      copy(output_behavior, 'uninterrupted'),
    )
    expect(statements).toBeGreaterThan(60)
    expect(uninterrupted.change!.length).toBeGreaterThan(0)

    const points = [...Array(POINTS).keys()].map((i) => Math.round(((i + 1) * statements) / (POINTS + 1)))
    const queue = [...points.map((it) => ['before', it] as const), ['after', statements] as const]
    const line = async () => {
      for (let point = queue.shift(); point; point = queue.shift()) {
        const [when, statement] = point
        const name = `killed ${when} ${statement} of ${statements}`
        const path = copy(output_behavior, name)
        const script = fileURLToPath(new URL('./killed-wire-dream.ts', import.meta.url))
        const child = spawn(process.execPath, [script, path, dream_id, when, String(statement)], {
          stdio: 'inherit',
        })
        expect(await once(child, 'exit'), name).toEqual([null, 'SIGKILL'])
        expect((await run(output_behavior, path)).left, name).toEqual(uninterrupted)
      }
    }
    await Promise.all([line(), line()])
  },
  60_000,
)

function copy(output_behavior: OutputBehavior, name: string): string {
  const path = join(folder, `${output_behavior} ${name}.db`)
  copyFileSync(asked[output_behavior].path, path)
  return path
}

/** Runs the dream to its end here; what is left then, and how many statements it took. */
async function run(output_behavior: OutputBehavior, path: string) {
  const wire = openWire(path, now)
  let statements = 0
  const counted = wire.db.withPlugin(onStatement((_, n) => (statements = n)))
  const dream = await wire.run(asked[output_behavior].dream_id, { db: counted })
  expect(dream.status).toBe('completed')
  expect(await wire.engine.verifyAudit()).toMatchObject({ broken: null })
  await wire.close()
  return { statements, left: leftIn(path) }
}

const QUERIES = {
  store: 'SELECT name, agent, dreamed_through FROM memory_store ORDER BY name',
  memory: `SELECT memory_store.name, memory.path, content, created_by FROM memory
    JOIN memory_version ON memory_version.id = memory_version_id
    JOIN memory_store ON memory_store.id = memory.memory_store_id ORDER BY name, memory.path`,
  version: `SELECT name, path, operation, content_sha256, created_by FROM memory_version
    JOIN memory_store ON memory_store.id = memory_store_id ORDER BY name, path, seq`,
  change:
    'SELECT path, kind, change.status, after FROM change JOIN dream ON dream.id = dream_id ORDER BY dream.rowid, seq',
  dream: 'SELECT status, result, notes, sessions_read, observations FROM dream ORDER BY rowid',
  tally:
    'SELECT name, tally.* FROM tally JOIN memory_store ON memory_store.id = memory_store_id ORDER BY name, context, trait',
  ledger:
    'SELECT name, session_seq FROM ledger JOIN memory_store ON memory_store.id = memory_store_id ORDER BY name, session_seq',
  pattern:
    'SELECT name, pattern.id, pattern.status FROM pattern JOIN memory_store ON memory_store.id = memory_store_id ORDER BY name, pattern.id',
  recording: 'SELECT status, archived_at FROM recording ORDER BY rowid',
  told: `SELECT type, count(*) AS n, count(DISTINCT recorded_event.content) AS different FROM recorded_event
    GROUP BY recording_id, type ORDER BY recording_id, type`,
}

/** Random ids are reduced to what they name. */
function leftIn(path: string): Record<string, unknown[]> {
  const sqlite = new DatabaseSync(path)
  const rows = Object.entries(QUERIES).map(([name, query]) => [name, sqlite.prepare(query).all()])
  sqlite.close()
  const text = JSON.stringify(Object.fromEntries(rows))
  const left = JSON.parse(text.replace(/\b(chg|mem|memver|memstore|drm)_[0-9a-f]{24}\b/g, '$1'))
  left.told.sort((a: object, b: object) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  return left
}
