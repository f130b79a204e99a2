/** History can be emptied, and nothing else: the schema refuses any other edit, whoever makes it. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEngine } from '../../src/engine.ts'
import { trust } from '../trusting.ts'
import { ordinary } from './marked-sessions.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-redaction-'))
const path = join(scratch, 'reverie.db')
let sqlite: DatabaseSync

beforeAll(async () => {
  const engine = openEngine({ database: path })
  await trust(engine)
  writeFileSync(join(scratch, 'sessions.jsonl'), ordinary(40).join('\n'))
  await engine.ingest([join(scratch, 'sessions.jsonl')], { harness: 'steps' })
  await engine.dream()
  const { path: of } = (await engine.memories()).data.find((it) => it.path !== '/_index.md')!
  await engine.removeMemory(undefined, of, { as: 'user:ana', reason: '' })
  await engine.close()
  sqlite = new DatabaseSync(path)
})
afterAll(() => {
  sqlite.close()
  rmSync(scratch, { recursive: true })
})

const OLD = 'id NOT IN (SELECT memory_version_id FROM memory)'

test.each<[what: string, sql: string, allowed: boolean]>([
  [
    'an old version is emptied',
    `UPDATE memory_version SET content = NULL, redacted_at = 'now' WHERE ${OLD}`,
    true,
  ],
  [
    'and its path hidden',
    `UPDATE memory_version SET content = NULL, redacted_at = 'now', path = '/redacted/' || memory_id || '.md' WHERE ${OLD}`,
    true,
  ],
  [
    'a version that stands is emptied',
    `UPDATE memory_version SET content = NULL, redacted_at = 'now'`,
    false,
  ],
  ['a version is rewritten', `UPDATE memory_version SET content = 'other' WHERE ${OLD}`, false],
  [
    'a version is rewritten and marked',
    `UPDATE memory_version SET content = 'other', redacted_at = 'now' WHERE ${OLD} AND content IS NOT NULL`,
    false,
  ],
  [
    'its author changes with it',
    `UPDATE memory_version SET content = NULL, redacted_at = 'now', created_by = 'user:x' WHERE ${OLD}`,
    false,
  ],
  [
    'its hash changes with it',
    `UPDATE memory_version SET content = NULL, redacted_at = 'now', content_sha256 = 'x' WHERE ${OLD} AND content IS NOT NULL`,
    false,
  ],
  [
    'its path becomes another',
    `UPDATE memory_version SET content = NULL, redacted_at = 'now', path = '/other.md' WHERE ${OLD}`,
    false,
  ],
  [
    'a change is emptied',
    `UPDATE change SET before = iif(before IS NULL, NULL, ''), after = iif(after IS NULL, NULL, ''), reason = '(erased)', verdict_reason = '(erased)', redacted_at = 'now'`,
    true,
  ],
  [
    'a change is rewritten and marked',
    `UPDATE change SET after = 'x', reason = '(erased)', verdict_reason = '(erased)', redacted_at = 'now'`,
    false,
  ],
  ['a reason is rewritten', `UPDATE change SET reason = 'x'`, false],
  [
    'a decision is emptied',
    `UPDATE decision SET reason = '(erased)', edited = NULL, redacted_at = 'now'`,
    true,
  ],
  [
    'a decision becomes another',
    `UPDATE decision SET decision = 'rejected', reason = '(erased)', edited = NULL, redacted_at = 'now'`,
    false,
  ],
  [
    'the decider changes',
    `UPDATE decision SET "by" = 'user:x', reason = '(erased)', edited = NULL, redacted_at = 'now'`,
    false,
  ],
  ['the notes of a dream are emptied', `UPDATE dream SET notes = '[]', redacted_at = 'now'`, true],
  [
    'its status changes with them',
    `UPDATE dream SET notes = '[]', status = 'failed', redacted_at = 'now'`,
    false,
  ],
  ['its notes are rewritten', `UPDATE dream SET notes = '["x"]'`, false],
  ['a transcript is removed', `UPDATE transcript SET content = x'', removed_at = 'now'`, true],
  ['a transcript is replaced', `UPDATE transcript SET content = x'00', removed_at = 'now'`, false],
  ['first words go', `UPDATE session SET title = '', intent = '~'`, true],
  ['first words become others', `UPDATE session SET title = 'x', intent = '~'`, false],
  ['a session gets another person', `UPDATE session SET person = 'x'`, false],
])('%s', (_, sql, allowed) => {
  sqlite.exec('BEGIN')
  try {
    if (allowed) expect(Number(sqlite.prepare(sql).run().changes)).toBeGreaterThan(0)
    else expect(() => sqlite.exec(sql)).toThrow(/immutable|stays as|never|stands|CHECK/)
  } finally {
    sqlite.exec('ROLLBACK')
  }
})
