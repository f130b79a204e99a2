/** One session is found by its fingerprints or its id, however many sessions its workspace has. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SqliteQueryCompiler, sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { copiesLike } from '../../src/db/erasable.ts'
import { findSession, readSession, sessionsSharing } from '../../src/db/sessions.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-plans-'))
const db = openDatabase(join(folder, 'plans.db'))
afterAll(async () => {
  await db.destroy()
  rmSync(folder, { recursive: true })
})

const FINGERPRINTS = Array.from({ length: 9 }, (_, i) => `0123456789abcde${i}`)

test.each<[what: string, read: (db: Database) => Promise<unknown>]>([
  ['sessions that share a beginning', (db) => sessionsSharing(db, FINGERPRINTS)],
  ['copies of a session', (db) => copiesLike(db, { id: 'sesn_1', copied: new Set(), events: FINGERPRINTS })],
  ['a session by its id', (db) => findSession(db, 'sesn_1')],
  ['the events of a session', (db) => readSession(db, 'sesn_1')],
])('%s', async (_, read) => {
  const plans: string[] = []
  const explaining = db.withPlugin({
    transformQuery({ node, queryId }) {
      const { parameters, sql: text } = new SqliteQueryCompiler().compileQuery(node, queryId)
      plans.push(`EXPLAIN QUERY PLAN ${text.replaceAll('?', () => quoted(parameters[asked++]))}`)
      return node
    },
    transformResult: async ({ result }) => result,
  })
  let asked = 0
  await read(explaining)

  expect(plans).toHaveLength(1)
  const { rows } = await sql.raw<{ detail: string }>(plans[0]!).execute(db)
  expect(rows.length).toBeGreaterThan(0)
  for (const { detail } of rows)
    expect(detail).not.toMatch(/^SCAN (?:session|fingerprint)\b|\(workspace_id=\?\)/)
})

function quoted(value: unknown): string {
  return typeof value === 'number' ? String(value) : `'${value}'`
}
