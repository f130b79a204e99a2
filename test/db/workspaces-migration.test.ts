/** A database from before there were workspaces: all of it is in the default one afterwards, and nothing of it is changed. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { auditAfter, verifyAudit } from '../../src/db/audit.ts'
import { openDatabase } from '../../src/db/database.ts'
import { MIGRATIONS, migrate } from '../../src/db/migrate.ts'
import type { AuditEntry } from '../../src/domain/audit.ts'
import { linkedTo, NO_RECORDS } from '../../src/domain/audit-chain.ts'
import { DEFAULT_WORKSPACE } from '../../src/domain/default-workspace.ts'

const place = MIGRATIONS.findIndex((it) => it.name === '0011-workspaces')
const BEFORE = MIGRATIONS.slice(0, place)
const folder = mkdtempSync(join(tmpdir(), 'reverie-workspaces-'))
const path = join(folder, 'old.db')
afterAll(() => rmSync(folder, { recursive: true }))

const ENTRY: AuditEntry = {
  at: '2026-11-02T00:00:00.000Z',
  actor: 'ingest',
  action: 'sessions.ingested',
  object: 'sesn_1',
  before_sha256: null,
  after_sha256: null,
  reason: 'transcripts were ingested',
}
const FIRST = linkedTo(NO_RECORDS, ENTRY, null)
const SECOND = linkedTo(FIRST, { ...ENTRY, object: 'sesn_2' }, null)

/** A session with these values in front of the usual ones. */
const session = (
  own: Record<string, string | number>,
) => `INSERT INTO session (${Object.keys(own)}, harness, external_session_id,
    person, title, outcome_result, outcome_verified, events, human_turns, tool_calls, tool_errors, feedback, redactions,
    transcript_sha256, fingerprints, ingested_at)
  VALUES (${Object.values(own).map((it) => (typeof it === 'number' ? it : `'${it}'`))}, 'steps', 'run', 'ann', 'Refund order 17',
    'satisfied', 1, 1, 1, 0, 0, 0, 0, 'sha', x'0011223344556677', '2026');`

const OLD = `
INSERT INTO transcript VALUES ('sha', 2, x'00');
${session({ seq: 1, id: 'sesn_1', agent: 'desk' })}
${session({ seq: 2, id: 'sesn_2', agent: 'shop' })}
${session({ seq: 9, id: 'sesn_9', agent: 'desk' })}
DELETE FROM session WHERE seq = 9;
INSERT INTO fingerprint VALUES ('0011223344556677', 'sesn_1'), ('0011223344556677', 'sesn_2');
INSERT INTO review VALUES ('sesn_1', 1, '[]');
INSERT INTO memory_store VALUES ('memstore_1', 'desk', 'desk', '2026', 1), ('memstore_2', 'shop', 'shop', '2026', 0);
INSERT INTO dream (id, memory_store_id, status, result, created_at, ended_at)
  VALUES ('drm_1', 'memstore_1', 'completed', 'changed', '2026', '2026');
INSERT INTO ledger VALUES ('memstore_1', 1, 'drm_1');
INSERT INTO tally VALUES ('memstore_1', 'call refund', '', 'call', 1, 3, '{}', '{}', '{}');
INSERT INTO pattern VALUES ('pat_1', 'memstore_1', 'mistake', 'call', 'process', 'probation', '{"watch":{}}', '2026', '2026');
INSERT INTO memory_version (id, memory_id, memory_store_id, operation, path, content, content_sha256, content_size_bytes,
    created_at, created_by)
  VALUES ('memver_1', 'mem_1', 'memstore_1', 'created', '/a.md', 'text', 'sha', 4, '2026', 'dream:drm_1');
INSERT INTO memory VALUES ('mem_1', 'memstore_1', 'memver_1', '/a.md', '2026', '2026');
INSERT INTO change (id, dream_id, seq, operation, kind, path, after, reason, pattern_ids, verdict, verdict_reason)
  VALUES ('chg_1', 'drm_1', 0, 'created', 'add', '/a.md', 'text', 'why', '[]', 'hold', 'by default');
INSERT INTO tombstone (memory_store_id, key, kind, cause, reason, sessions, created_by, created_at)
  VALUES ('memstore_1', 'pat_1', 'add', 'rejected', 'no', 3, 'user:ann', '2026');
${[FIRST, SECOND].map((it) => `INSERT INTO audit VALUES (${columnsOf(it)});`).join('\n')}
INSERT INTO audit_head VALUES (1, ${SECOND.seq}, '${SECOND.hash}');
`

let sqlite: DatabaseSync
let before: Record<string, unknown[]>
let after: Record<string, unknown[]>

beforeAll(() => {
  sqlite = new DatabaseSync(path)
  migrate(sqlite, BEFORE)
  sqlite.exec(OLD)
  before = content()
  migrate(sqlite, MIGRATIONS.slice(0, place + 1))
  after = content()
})
afterAll(() => sqlite.close())

test('every row is there as it was, in the default workspace where it belongs to one', () => {
  const own = (rows: unknown[]) =>
    rows.map((it) => ({ workspace_id: DEFAULT_WORKSPACE.id, ...(it as object) }))

  expect(Object.keys(before).length).toBeGreaterThan(12)
  for (const [table, rows] of Object.entries(before)) {
    const expected = ['session', 'fingerprint', 'memory_store', 'audit'].includes(table) ? own(rows) : rows
    if (table !== 'audit_head') expect(after[table], table).toEqual(expected)
  }
  expect(after.audit_head).toEqual([
    { workspace_id: DEFAULT_WORKSPACE.id, seq: SECOND.seq, hash: SECOND.hash },
  ])
  expect(sqlite.prepare('PRAGMA foreign_key_check').all()).toEqual([])
  expect(sqlite.prepare('PRAGMA integrity_check').all()).toEqual([{ integrity_check: 'ok' }])
})

test('the old audit records have their hashes, and the log verifies', async () => {
  const db = openDatabase(path)

  expect(await auditAfter(db, 0, 10)).toEqual([FIRST, SECOND])
  expect(await verifyAudit(db)).toEqual({
    records: 2,
    head: { seq: SECOND.seq, hash: SECOND.hash },
    broken: null,
  })
  await db.destroy()
})

test('a number that a session had is not given to another', () => {
  sqlite.exec(session({ id: 'sesn_9', workspace_id: DEFAULT_WORKSPACE.id, agent: 'desk' }))

  expect(sqlite.prepare("SELECT seq FROM session WHERE id = 'sesn_9'").get()).toEqual({ seq: 10 })
})

describe('the tables that were made anew still refuse', () => {
  test.each<[what: string, statement: string, because: RegExp]>([
    ['to edit a session', "UPDATE session SET title = 'x'", /never edited/],
    ['to remove a session in a ledger', "DELETE FROM session WHERE id = 'sesn_1'", /FOREIGN KEY/],
    [
      'to remove a memory store that has memories',
      "DELETE FROM memory_store WHERE id = 'memstore_1'",
      /FOREIGN KEY/,
    ],
    ['to change an audit record', "UPDATE audit SET actor = 'nobody'", /never changed/],
    ['to remove an audit record', 'DELETE FROM audit', /never shortened/],
    ['a ledger entry of no store', "INSERT INTO ledger VALUES ('gone', 2, 'drm_1', NULL, 0)", /FOREIGN KEY/],
  ])('%s', (_, statement, because) => {
    expect(() => sqlite.exec(statement)).toThrow(because)
  })
})

test('a migration that leaves a row referring to nothing is refused whole', () => {
  const other = new DatabaseSync(join(folder, 'refused.db'))
  migrate(other, BEFORE)
  other.exec(OLD)
  const broken = { name: '0011-broken', sql: "DELETE FROM session WHERE id = 'sesn_1'" }

  expect(() => migrate(other, [...BEFORE, broken])).toThrow(/0011-broken leaves \w+ referring to no session/)
  expect(other.prepare('SELECT count(*) AS n FROM session').get()).toEqual({ n: 2 })
  expect(other.prepare('PRAGMA foreign_keys').get()).toEqual({ foreign_keys: 1 })
  other.close()
})

function columnsOf(record: object): string {
  const { seq, at, actor, action, object, before_sha256, after_sha256, reason, previous_hash, hash } =
    record as Record<string, unknown>
  return [seq, at, actor, action, object, before_sha256, after_sha256, reason, previous_hash, hash]
    .map((it) => (it === null ? 'NULL' : typeof it === 'number' ? String(it) : `'${it}'`))
    .join(', ')
}

/** All rows of all tables but those of SQLite and of migrations, as objects, so that the order of columns does not matter. */
function content(): Record<string, unknown[]> {
  const tables = sqlite
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name")
    .all()
    .map((it) => String(it.name))
    .filter((it) => it !== 'migration')
  return Object.fromEntries(
    tables.map((it) => [
      it,
      sqlite
        .prepare(`SELECT * FROM "${it}"`)
        .all()
        .map((row) => ({ ...row })),
    ]),
  )
}
