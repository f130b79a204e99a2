import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { MIGRATIONS, type Migration, migrate } from '../../src/db/migrate.ts'
import { initial } from '../../src/db/migrations/0001-initial.ts'
import type { Answer, Order } from './opening.ts'

const NAMES = MIGRATIONS.map((it) => it.name)

const folder = mkdtempSync(join(tmpdir(), 'reverie-migrate-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('twenty processes that open one new file at once all find one migrated database, round after round', async () => {
  const processes = Array.from({ length: 20 }, () =>
    fork(join(import.meta.dirname, 'opening.ts'), { execArgv: [] }),
  )
  await Promise.all(processes.map((it) => opened(it, { path: join(folder, 'warm-up.db'), uid: null })))

  for (let round = 0; round < 5; round++) {
    const path = join(folder, `round-${round}.db`)
    const answers = await Promise.all(processes.map((it) => opened(it, { path, uid: null })))

    expect(answers).toEqual(processes.map(() => ({ migrations: NAMES })))
    expect(appliedTo(path)).toEqual(NAMES)
  }
  for (const it of processes) it.disconnect()
})

test.each<{ name: string; before: Migration[] }>([
  { name: 'a new file', before: [] },
  { name: 'a database with data', before: [{ name: '0001-initial', sql: initial }] },
])('a migration that fails halfway leaves $name as it was', ({ name, before }) => {
  const sqlite = new DatabaseSync(join(folder, `${name}.db`))
  migrate(sqlite, before)
  const untouched = contentOf(sqlite)

  const broken = { name: '0002-broken', sql: 'CREATE TABLE half (a); INSERT INTO nowhere VALUES (1);' }
  expect(() => migrate(sqlite, [...before, broken])).toThrow(/no such table: nowhere/)

  expect(contentOf(sqlite)).toEqual(untouched)
  migrate(sqlite, [...before, { name: '0002-mended', sql: 'CREATE TABLE whole (a)' }])
  expect(sqlite.prepare('SELECT name FROM migration ORDER BY name').all().at(-1)).toEqual({
    name: '0002-mended',
  })
  sqlite.close()
})

test('opening again changes nothing', async () => {
  const path = join(folder, 'again.db')
  await make(path)
  const bytes = readFileSync(path)
  await make(path)
  expect(readFileSync(path).equals(bytes)).toBe(true)
})

/** An edited migration shows here. After adding one, write the listing anew: npx vitest run test/db/migrate.test.ts -u */
test('the schema is the one in schema.sql', async () => {
  const path = join(folder, 'schema.db')
  await make(path)
  const sqlite = new DatabaseSync(path, { readOnly: true })
  const statements = sqlite
    .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all()
  sqlite.close()
  await expect(statements.map((it) => `${it.sql};\n`).join('\n')).toMatchFileSnapshot('schema.sql')
})

async function make(path: string): Promise<void> {
  const db = openDatabase(path)
  await db.selectFrom('migration').selectAll().execute()
  await db.destroy()
}

async function opened(process: ChildProcess, order: Order): Promise<Answer> {
  process.send(order)
  const [answer] = await once(process, 'message')
  return answer as Answer
}

function appliedTo(path: string): unknown[] {
  const sqlite = new DatabaseSync(path, { readOnly: true })
  const rows = sqlite.prepare('SELECT name FROM migration').all()
  sqlite.close()
  return rows.map((it) => it.name)
}

function contentOf(sqlite: DatabaseSync): unknown {
  const schema = sqlite.prepare('SELECT name, sql FROM sqlite_schema ORDER BY name').all()
  const id = sqlite.prepare('PRAGMA application_id').get()
  const has_record = schema.some((it) => it.name === 'migration')
  return { schema, id, record: has_record ? sqlite.prepare('SELECT * FROM migration').all() : null }
}
