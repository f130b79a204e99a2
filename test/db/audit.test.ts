import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { appendAudit, verifyAudit } from '../../src/db/audit.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { writeMemory } from '../../src/db/memories.ts'
import { ensureMemoryStore } from '../../src/db/memory-stores.ts'
import type { AuditEntry } from '../../src/domain/audit.ts'
import { NO_RECORDS } from '../../src/domain/audit-chain.ts'

let folder: string
let path: string
let db: Database

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'reverie-audit-'))
  path = join(folder, 'audit.db')
  db = openDatabase(path)
})
afterEach(async () => {
  await db.destroy()
  rmSync(folder, { recursive: true })
})

test('an empty log is whole', async () => {
  expect(await verifyAudit(db)).toEqual({ records: 0, head: NO_RECORDS, broken: null })
})

test('a log that nobody touched is whole, however it was appended to', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 6 }), async (batches) => {
      const before = await verifyAudit(db)
      for (const size of batches)
        await append(...Array.from({ length: size }, (_, i) => entry(`memstore_1/${i}.md`)))

      const { records, broken } = await verifyAudit(db)
      expect(broken).toBeNull()
      expect(records).toBe(before.records + batches.reduce((sum, it) => sum + it, 0))
    }),
    { numRuns: 20 },
  )
})

/** What somebody with the file and a SQLite shell can do, the triggers taken away first. */
describe('of ten records, verify finds the first bad one when', () => {
  test.each([
    { name: 'a reason is reworded', sql: "UPDATE audit SET reason = 'nothing to see' WHERE seq = 4", seq: 4 },
    { name: 'an actor is changed', sql: "UPDATE audit SET actor = 'user:bob' WHERE seq = 1", seq: 1 },
    {
      name: 'a hash of content is changed',
      sql: "UPDATE audit SET after_sha256 = 'b' WHERE seq = 10",
      seq: 10,
    },
    {
      name: 'a hash of content is taken out',
      sql: 'UPDATE audit SET after_sha256 = NULL WHERE seq = 5',
      seq: 5,
    },
    {
      name: 'a policy is exchanged for another',
      sql: "UPDATE audit SET policy_sha256 = 'laxer' WHERE seq = 6",
      seq: 6,
    },
    { name: 'a policy is taken out', sql: 'UPDATE audit SET policy_sha256 = NULL WHERE seq = 6', seq: 6 },
    { name: 'a time is moved', sql: "UPDATE audit SET at = '2020-01-01T00:00:00Z' WHERE seq = 7", seq: 7 },
    { name: 'the first is removed', sql: 'DELETE FROM audit WHERE seq = 1', seq: 1 },
    { name: 'one in the middle is removed', sql: 'DELETE FROM audit WHERE seq = 6', seq: 6 },
    {
      name: 'one is removed and the others move up',
      sql: 'DELETE FROM audit WHERE seq = 6; UPDATE audit SET seq = seq - 1 WHERE seq > 6',
      seq: 6,
    },
    { name: 'the last is removed', sql: 'DELETE FROM audit WHERE seq = 10', seq: 10 },
    { name: 'all are removed', sql: 'DELETE FROM audit', seq: 1 },
    {
      name: 'two change places',
      sql: 'UPDATE audit SET seq = 99 WHERE seq = 3; UPDATE audit SET seq = 3 WHERE seq = 4; UPDATE audit SET seq = 4 WHERE seq = 99',
      seq: 3,
    },
    {
      name: 'one is put in at the end',
      sql: "INSERT INTO audit (workspace_id, seq, at, actor, action, object, before_sha256, after_sha256, reason, previous_hash, hash) SELECT workspace_id, 11, at, actor, action, object, before_sha256, after_sha256, reason, hash, 'made up' FROM audit WHERE seq = 10",
      seq: 11,
    },
    { name: 'the head is moved back', sql: 'UPDATE audit_head SET seq = 9', seq: 10 },
    { name: 'the head is removed', sql: 'DELETE FROM audit_head', seq: 1 },
  ])('$name', async ({ sql, seq }) => {
    await append(...Array.from({ length: 10 }, (_, i) => entry(`memstore_1/${i}.md`)))
    const sqlite = new DatabaseSync(path)
    sqlite.exec('DROP TRIGGER audit_is_never_changed; DROP TRIGGER audit_is_never_shortened')
    sqlite.exec(sql)
    sqlite.close()

    const { broken } = await verifyAudit(db)
    expect(broken?.seq).toBe(seq)
  })
})

test('the database itself refuses to change or remove a record', async () => {
  await append(entry('memstore_1/a.md'))
  const sqlite = new DatabaseSync(path)
  expect(() => sqlite.exec("UPDATE audit SET actor = 'nobody'")).toThrow('never changed')
  expect(() => sqlite.exec('DELETE FROM audit')).toThrow('never shortened')
  sqlite.close()
})

test('a write that fails leaves no record, and one that succeeds leaves one', async () => {
  const now = '2026-11-03T09:00:00.000Z'
  const { id } = await ensureMemoryStore(db, 'desk', 'desk', now)
  const write = { path: '/a.md', content: 'text', expected: null, created_by: 'user:ann' as const, now }
  const version = await db.transaction().execute((tx) => writeMemory(tx, id, { ...write, reason: 'by hand' }))
  const failing = db.transaction().execute(async (tx) => {
    await writeMemory(tx, id, { ...write, path: '/b.md', reason: 'by hand' })
    throw new Error('the rest of the transaction failed')
  })
  await expect(failing).rejects.toThrow('the rest')

  expect(await db.selectFrom('audit').select(['actor', 'action', 'object', 'reason']).execute()).toEqual([
    { actor: 'user:ann', action: 'memory.created', object: version!.id, reason: 'by hand' },
  ])
  expect((await verifyAudit(db)).broken).toBeNull()
})

test('who acts may be another than who wrote: the version has the author, the log has the actor', async () => {
  const now = '2026-11-03T09:00:00.000Z'
  const { id } = await ensureMemoryStore(db, 'desk', 'desk', now)
  const write = { path: '/a.md', content: 'text', expected: null, reason: 'adopted', now }
  const version = await db
    .transaction()
    .execute((tx) => writeMemory(tx, id, { ...write, created_by: 'dream:drm_1', actor: 'user:ann' }))

  expect(version!.created_by).toBe('dream:drm_1')
  expect(await db.selectFrom('audit').select(['actor', 'object']).execute()).toEqual([
    { actor: 'user:ann', object: version!.id },
  ])
})

function append(...entries: AuditEntry[]): Promise<void> {
  return db.transaction().execute((tx) => appendAudit(tx, ...entries))
}

function entry(object: string): AuditEntry {
  return {
    at: '2026-11-03T09:00:00.000Z',
    actor: 'user:ann',
    action: 'memory.modified',
    object,
    before_sha256: 'a'.repeat(64),
    after_sha256: 'c'.repeat(64),
    reason: 'by hand',
  }
}
