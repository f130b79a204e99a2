import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { DEFAULT_WORKSPACE } from '../../src/domain/default-workspace.ts'

/**
 * The rules that hold whoever writes: our code, a later version of it, or a person with a SQLite shell.
 * Each statement stands alone, and the database itself refuses it.
 */
const folder = mkdtempSync(join(tmpdir(), 'reverie-rules-'))
const path = join(folder, 'rules.db')
let sqlite: DatabaseSync

beforeAll(async () => {
  const db = openDatabase(path)
  await db.selectFrom('migration').selectAll().execute()
  await db.destroy()
  sqlite = new DatabaseSync(path)
  sqlite.exec(GIVEN)
})
afterAll(() => {
  sqlite.close()
  rmSync(folder, { recursive: true })
})

const HERE = DEFAULT_WORKSPACE.id

const GIVEN = `
INSERT INTO transcript (sha256, size_bytes, content) VALUES ('sha', 2, x'00');
INSERT INTO session (id, workspace_id, harness, external_session_id, agent, title, outcome_result, outcome_verified, events, human_turns,
    tool_calls, tool_errors, feedback, redactions, transcript_sha256, fingerprints, ingested_at)
  VALUES ('sesn_1', '${HERE}', 'steps', 'run-1', 'desk', 'Refund order 17', 'satisfied', 1, 2, 1, 0, 0, 0, 0, 'sha', x'00112233445566778899aabbccddeeff', '2026');
INSERT INTO review VALUES ('sesn_1', 1, '[]');
INSERT INTO recording (id, workspace_id, metadata, agent, agent_id, agent_version, environment_id, resources, vault_ids, status, created_by, created_at, updated_at)
  VALUES ('sesn_2', '${HERE}', '{}', '{}', 'agent_1', 1, 'env_1', '[]', '[]', 'idle', 'user:ana', '2026', '2026');
INSERT INTO recorded_event (recording_id, id, type, content) VALUES ('sesn_2', 'sevt_1', 'user.message', '{"text":"password=x"}');
INSERT INTO workspace VALUES ('wrkspc_2', 'elsewhere', '2026', 0, '[]', '[]');
INSERT INTO memory_store (id, workspace_id, name, agent, created_at, updated_at)
  VALUES ('memstore_1', '${HERE}', 'desk', 'desk', '2026', '2026'), ('memstore_2', '${HERE}', 'other', 'desk', '2026', '2026'),
  ('memstore_3', 'wrkspc_2', 'desk', 'desk', '2026', '2026');
INSERT INTO memory_store (id, workspace_id, name, agent, created_at, updated_at, archived_at, deleted_at)
  VALUES ('memstore_archived', '${HERE}', 'old', '', '2026', '2026', '2026', NULL), ('memstore_deleted', '${HERE}', '', '', '2026', '2026', NULL, '2026');
INSERT INTO dream (id, memory_store_id, status, result, created_at, ended_at) VALUES ('drm_ended', 'memstore_1', 'completed', 'changed', '2026', '2026');
INSERT INTO dream (id, memory_store_id, status, worker, lease_expires_at, created_at) VALUES ('drm_runs', 'memstore_1', 'running', 'here', '2027', '2026');
INSERT INTO ledger VALUES ('memstore_1', 1, 'drm_ended', NULL, 0);
INSERT INTO tally VALUES ('memstore_1', 'call refund', '', 'call', 1, 3, '{}', '{}', '{}');
INSERT INTO memory_version (id, memory_id, memory_store_id, operation, path, content, content_sha256, content_size_bytes, created_at, created_by)
  VALUES ('memver_1', 'mem_1', 'memstore_1', 'created', '/a.md', 'text', 'sha', 4, '2026', 'dream:drm_ended');
INSERT INTO memory VALUES ('mem_1', 'memstore_1', 'memver_1', '/a.md', '2026', '2026');
INSERT INTO memory_version (id, memory_id, memory_store_id, operation, path, content, content_sha256, content_size_bytes, created_at, created_by, redacted_at, redacted_by)
  VALUES ('memver_redacted', 'mem_2', 'memstore_1', 'created', '/b.md', NULL, 'sha', 4, '2026', 'dream:drm_ended', '2026', 'user:ana');
INSERT INTO change (id, dream_id, seq, operation, kind, path, after, reason, pattern_ids, verdict, verdict_reason)
  VALUES ('chg_1', 'drm_ended', 0, 'created', 'add', '/a.md', 'text', 'why', '[]', 'hold', 'default');
INSERT INTO decision (change_id, decision, "by", reason, at, content_sha256) VALUES ('chg_1', 'rejected', 'user:ana', 'wrong', '2026', 'sha');
INSERT INTO policy VALUES ('${HERE}', 'sha', 'format_version: 1', '{}', '2026', 'user:ana');
INSERT INTO policy_in_force VALUES ('${HERE}', 1, 'sha', '2026', 'user:ana');
INSERT INTO dream_schedule (id, workspace_id, name, metadata, memory_store_id, model, output_behavior, expression, timezone, active_since, created_at, created_by, updated_at, archived_at)
  VALUES ('dsch_1', '${HERE}', 'nightly', '{}', 'memstore_1', '{}', 'create_new', '0 3 * * *', 'UTC', '2026', '2026', 'user:ana', '2026', NULL),
  ('dsch_archived', '${HERE}', 'nightly', '{}', 'memstore_1', '{}', 'create_new', NULL, NULL, '2026', '2026', 'user:ana', '2026', '2026');
INSERT INTO dream_schedule_run (id, schedule_id, slot, trigger_type, scheduled_at, error_type, error_message, created_at)
  VALUES ('drun_1', 'dsch_1', '2026', 'schedule', '2026', 'dream_in_progress_error', 'one runs', '2026');
INSERT INTO webhook (id, workspace_id, url, events, description, status, secret, created_at, created_by, updated_at)
  VALUES ('whep_1', '${HERE}', 'https://example.com', '[]', '', 'enabled', 'whsec_', '2026', 'user:ana', '2026');
INSERT INTO webhook_delivery (id, webhook_id, event_type, object_id, status, next_attempt_at, created_at)
  VALUES ('whe_1', 'whep_1', 'dream.failed', 'drm_ended', 'pending', '2026', '2026');
INSERT INTO tombstone (memory_store_id, change_id, key, kind, cause, reason, sessions, created_by, created_at)
  VALUES ('memstore_1', 'chg_1', 'pat_1', 'add', 'rejected', 'wrong', 12, 'user:ana', '2026');
INSERT INTO experiment (id, workspace_id, kind, memory_store_id, salt, control_share, started_at, started_by)
  VALUES ('exp_1', '${HERE}', 'memory', 'memstore_1', 'salt', 0.1, '2026', 'server');
INSERT INTO experiment (id, workspace_id, kind, memory_store_id, pattern_id, salt, control_share, status, started_at, started_by, ended_at)
  VALUES ('exp_ended', '${HERE}', 'lesson', 'memstore_1', 'pat_1', 'salt', 0.5, 'ended', '2026', 'server', '2027');
INSERT INTO recall (id, workspace_id, memory_store_id, agent, session_key, arm, budget_tokens, tokens, created_at, created_by)
  VALUES ('rcl_1', '${HERE}', 'memstore_1', 'desk', 'run-2', 'treatment', 100, 10, '2026', 'user:ana');
INSERT INTO recall_memory VALUES ('rcl_1', 1, 'mem_1', 'memver_1', '["pat_1"]', 'delivered');
INSERT INTO assignment VALUES ('rcl_1', 'exp_1', 'treatment', 0.1);
INSERT INTO recurrence VALUES ('exp_1', 'sesn_1', 1);
`

/** Inserts the row `change.of` of a table again, with other values in some columns. */
const copyOf = (table: string, change: Record<string, string>) => {
  const columns = sqlite.prepare(
    `SELECT name FROM pragma_table_info('${table}') WHERE type <> 'INTEGER' OR pk = 0`,
  )
  const names = columns.all().map((it) => String(it.name))
  const values = names.map((it) => change[it] ?? it)
  return `INSERT INTO ${table} (${names.join(', ')}) SELECT ${values.join(', ')} FROM ${table} WHERE id = '${change.of}'`
}
const session = (change: Record<string, string>) =>
  copyOf('session', { of: 'sesn_1', id: "'sesn_2'", ...change })
const dream = (change: Record<string, string>) =>
  copyOf('dream', { of: 'drm_runs', id: "'drm_2'", memory_store_id: "'memstore_2'", ...change })
const version = (change: Record<string, string>) =>
  copyOf('memory_version', { of: 'memver_1', id: "'memver_2'", ...change })
const change = (change: Record<string, string>) =>
  copyOf('change', { of: 'chg_1', id: "'chg_2'", seq: '1', ...change })

describe('the database refuses', () => {
  test.each<[what: string, statement: () => string, because: RegExp]>([
    ['to edit a session', () => "UPDATE session SET title = 'x'", /a session is never edited/],
    ['a second session of one id', () => session({ id: 'id' }), /UNIQUE.*session\.id/],
    ['a session without its transcript', () => session({ transcript_sha256: "'gone'" }), /FOREIGN KEY/],
    [
      'a session whose fingerprints are not one an event',
      () => session({ events: '3' }),
      /CHECK.*fingerprints/,
    ],
    ['an outcome of another name', () => session({ outcome_result: "'good'" }), /CHECK.*outcome_result/],
    ['a verified unknown outcome', () => session({ outcome_result: "'unknown'" }), /CHECK.*outcome_verified/],
    ['to change a transcript', () => "UPDATE transcript SET content = x'01'", /a transcript never changes/],
    ['to remove a transcript in use', () => 'DELETE FROM transcript', /FOREIGN KEY/],
    ['to remove a session in a ledger', () => 'DELETE FROM session', /FOREIGN KEY/],
    ['a review of no session', () => "INSERT INTO review VALUES ('sesn_9', 1, '[]')", /FOREIGN KEY/],
    ['a second review of a session', () => "INSERT INTO review VALUES ('sesn_1', 2, '[]')", /UNIQUE/],

    [
      'a memory store of no workspace',
      () => copyOf('memory_store', { of: 'memstore_1', id: "'memstore_4'", workspace_id: "'gone'" }),
      /FOREIGN KEY/,
    ],
    ['a session of no workspace', () => session({ workspace_id: "'gone'" }), /FOREIGN KEY/],
    [
      'to move a memory store to another workspace',
      () => "UPDATE memory_store SET workspace_id = 'wrkspc_2' WHERE id = 'memstore_1'",
      /stays in its workspace/,
    ],
    [
      'to dream a session into a store of another workspace',
      () => "INSERT INTO ledger VALUES ('memstore_3', 1, 'drm_runs', NULL, 0)",
      /are in one workspace/,
    ],
    [
      'two workspaces of one name',
      () => "INSERT INTO workspace VALUES ('wrkspc_3', 'default', '2026', 0, '[]', '[]')",
      /UNIQUE.*workspace\.name/,
    ],
    ['a workspace that is half offline', () => 'UPDATE workspace SET offline = 2', /CHECK.*offline/],
    ['hosts that are no list', () => "UPDATE workspace SET model_hosts = '{}'", /CHECK.*model_hosts/],
    [
      'a second running dream of a store',
      () => dream({ memory_store_id: "'memstore_1'" }),
      /UNIQUE.*dream\.memory_store_id/,
    ],
    ['a dream in no status', () => dream({ status: "'paused'" }), /CHECK.*status/],
    ['a running dream that nobody runs', () => dream({ worker: 'NULL' }), /CHECK.*worker/],
    ['a running dream without a lease', () => dream({ lease_expires_at: 'NULL' }), /CHECK.*lease_expires_at/],
    [
      'to end a dream without a time',
      () =>
        "UPDATE dream SET status = 'canceled', worker = NULL, lease_expires_at = NULL WHERE id = 'drm_runs'",
      /CHECK.*ended_at/,
    ],
    [
      'to complete a dream without a result',
      () =>
        "UPDATE dream SET status = 'completed', worker = NULL, lease_expires_at = NULL, ended_at = '2026' WHERE id = 'drm_runs'",
      /CHECK.*result/,
    ],
    [
      'to fail a dream without a reason',
      () =>
        "UPDATE dream SET status = 'failed', worker = NULL, lease_expires_at = NULL, ended_at = '2026' WHERE id = 'drm_runs'",
      /CHECK.*error_type/,
    ],
    [
      'to change a dream that has ended',
      () => "UPDATE dream SET notes = '[]' WHERE id = 'drm_ended'",
      /has ended never changes/,
    ],
    [
      'to start a dream that has ended again',
      () =>
        "UPDATE dream SET status = 'running', ended_at = NULL, result = NULL, worker = 'x', lease_expires_at = '2027' WHERE id = 'drm_ended'",
      /has ended never changes/,
    ],
    [
      'to dream a session into a store twice',
      () => "INSERT INTO ledger VALUES ('memstore_1', 1, 'drm_runs', NULL, 0)",
      /UNIQUE/,
    ],
    [
      'a ledger entry of no session',
      () => "INSERT INTO ledger VALUES ('memstore_1', 99, 'drm_runs', NULL, 0)",
      /FOREIGN KEY/,
    ],
    ['more bad occasions than occasions', () => 'UPDATE tally SET bad = 4', /CHECK.*n >= bad/],
    ['a negative count', () => 'UPDATE tally SET bad = -1', /CHECK.*bad >= 0/],

    [
      'to edit a memory version',
      () => "UPDATE memory_version SET content = 'x'",
      /a memory version is immutable/,
    ],
    [
      'to redact what stands',
      () => "UPDATE memory_version SET content = NULL, redacted_at = '2026' WHERE id = 'memver_1'",
      /a memory that stands is changed first/,
    ],
    [
      'to redact a version in another name afterwards',
      () => "UPDATE memory_version SET redacted_by = 'user:bo' WHERE id = 'memver_redacted'",
      /a memory version is immutable/,
    ],
    [
      'to move a version that was redacted',
      () => "UPDATE memory_version SET path = '/c.md' WHERE id = 'memver_redacted'",
      /a memory version is immutable/,
    ],
    [
      'to bring an archived store back',
      () => "UPDATE memory_store SET archived_at = NULL WHERE id = 'memstore_archived'",
      /a memory store is archived once/,
    ],
    [
      'to bring a deleted store back',
      () => "UPDATE memory_store SET deleted_at = NULL WHERE id = 'memstore_deleted'",
      /a memory store that was deleted never changes/,
    ],
    ['to remove a memory version', () => 'DELETE FROM memory_version', /never deleted/],
    ['a version without text that is no deletion', () => version({ content: 'NULL' }), /CHECK.*content/],
    ['a deletion with text', () => version({ operation: "'deleted'" }), /CHECK.*content/],
    ['a text without its digest', () => version({ content_sha256: 'NULL' }), /CHECK.*content_sha256/],
    ['a text without its size', () => version({ content_size_bytes: 'NULL' }), /CHECK.*content_size_bytes/],
    ['a version that nobody wrote', () => version({ created_by: "'somebody'" }), /CHECK.*created_by/],
    [
      'two memories at one path',
      () => copyOf('memory', { of: 'mem_1', id: "'mem_2'" }),
      /UNIQUE.*memory\.path/,
    ],
    [
      'a memory outside the root',
      () => copyOf('memory', { of: 'mem_1', id: "'mem_2'", path: "'b.md'" }),
      /CHECK.*path/,
    ],
    [
      'a memory without a version',
      () => copyOf('memory', { of: 'mem_1', id: "'mem_2'", path: "'/b.md'", memory_version_id: "'gone'" }),
      /FOREIGN KEY/,
    ],

    [
      'to rewrite what was proposed',
      () => "UPDATE change SET after = 'x'",
      /a change stays as it was proposed/,
    ],
    ['an addition over something', () => change({ before: "'x'", before_sha256: "'sha'" }), /CHECK.*before/],
    [
      'an edit of something unnamed',
      () => change({ operation: "'modified'", before: "'x'" }),
      /CHECK.*before/,
    ],
    [
      'a deletion that leaves text',
      () => change({ operation: "'deleted'", before: "'x'", before_sha256: "'sha'" }),
      /CHECK.*after/,
    ],
    ['two changes in one place of a dream', () => change({ seq: '0' }), /UNIQUE.*change\.seq/],
    ['a verdict of another name', () => change({ verdict: "'maybe'" }), /CHECK.*verdict/],
    ['a change in no status', () => change({ status: "'lost'" }), /CHECK.*status|a new change is not live/],
    [
      'a change that begins live',
      () => change({ memory_version_id: "'memver_1'" }),
      /a new change is not live/,
    ],
    ['a change that begins rejected', () => change({ status: "'rejected'" }), /a new change is not live/],
    [
      'to adopt what nobody approved',
      () => "UPDATE change SET status = 'adopted', memory_version_id = 'memver_1'",
      /cannot go from this status/,
    ],
    [
      'to undo what is not live',
      () => "UPDATE change SET status = 'undone', memory_version_id = 'memver_1'",
      /cannot go from this status/,
    ],
    [
      'an adopted change without a version',
      () => "UPDATE change SET status = 'approved'; UPDATE change SET status = 'adopted'",
      /has a version when it is, or was, live/,
    ],
    [
      'a version of a change that is not live',
      () => "UPDATE change SET memory_version_id = 'memver_1'",
      /has a version when it is, or was, live/,
    ],
    ['to edit an event', () => edited("content = '{}'"), /never edited/],
    [
      'to edit an event and call it redacted',
      () => edited("content = '{}', redacted_at = '2026'"),
      /never edited/,
    ],
    [
      'to give an event that is redacted another id',
      () => edited("content = '[redacted:password]', redacted_at = '2026', id = 'sevt_2'"),
      /never edited/,
    ],
    ['to edit a policy', () => "UPDATE policy SET content = ''", /a policy is never edited/],
    ['to remove a policy', () => 'DELETE FROM policy', /a policy is never deleted/],
    ['to edit what was in force', () => "UPDATE policy_in_force SET set_at = ''", /what was in force stays/],
    ['to forget what was in force', () => 'DELETE FROM policy_in_force', /what was in force stays/],
    [
      'a policy that a dream sets',
      () => `INSERT INTO policy_in_force VALUES ('${HERE}', 2, 'sha', '2026', 'dream:drm_1')`,
      /CHECK.*set_by/,
    ],
    [
      'to put a policy of another workspace in force',
      () => "INSERT INTO policy_in_force VALUES ('wrkspc_2', 1, 'sha', '2026', 'user:ana')",
      /FOREIGN KEY/,
    ],
    ['to edit a decision', () => "UPDATE decision SET decision = 'approved'", /a decision is never edited/],
    ['to remove a decision', () => 'DELETE FROM decision', /a decision is never deleted/],
    [
      'a decision of nobody',
      () =>
        `INSERT INTO decision (change_id, decision, "by", reason, at) VALUES ('chg_1', 'approved', 'dream:drm_1', '', '2026')`,
      /CHECK.*by/,
    ],
    [
      'a decision on nothing',
      () =>
        `INSERT INTO decision (change_id, decision, "by", reason, at) VALUES ('chg_9', 'approved', 'user:ana', '', '2026')`,
      /FOREIGN KEY/,
    ],
    ['a tombstone for no cause', () => "UPDATE tombstone SET cause = 'whim'", /CHECK.*cause/],
    [
      'a schedule that was archived and goes on',
      () => "UPDATE dream_schedule SET archived_at = NULL WHERE id = 'dsch_archived'",
      /a schedule that was archived never changes/,
    ],
    [
      'a time without a zone',
      () => "UPDATE dream_schedule SET timezone = NULL WHERE id = 'dsch_1'",
      /CHECK.*timezone/,
    ],
    [
      'a pause by an error without the error',
      () => "UPDATE dream_schedule SET paused_reason = 'error' WHERE id = 'dsch_1'",
      /CHECK.*paused_error/,
    ],
    [
      'a run that is told otherwise',
      () => "UPDATE dream_schedule_run SET error_message = 'no'",
      /never edited/,
    ],
    [
      'a second run for one time',
      () => copyOf('dream_schedule_run', { of: 'drun_1', id: "'drun_2'" }),
      /UNIQUE.*schedule_id/,
    ],
    [
      'a run that started a dream and failed',
      () =>
        copyOf('dream_schedule_run', {
          of: 'drun_1',
          id: "'drun_2'",
          slot: "'later'",
          dream_id: "'drm_ended'",
        }),
      /CHECK.*dream_id/,
    ],
    [
      'a webhook that is disabled for no reason',
      () => "UPDATE webhook SET status = 'disabled'",
      /CHECK.*disabled_reason/,
    ],
    [
      'a delivery that waits and has ended',
      () => "UPDATE webhook_delivery SET ended_at = '2026'",
      /CHECK.*ended_at/,
    ],
    [
      'a second experiment on the same thing while one runs',
      () => copyOf('experiment', { of: 'exp_1', id: "'exp_2'" }),
      /UNIQUE/,
    ],
    [
      'to compare something else in an experiment',
      () => "UPDATE experiment SET memory_store_id = 'memstore_2' WHERE id = 'exp_1'",
      /what an experiment compares never changes/,
    ],
    [
      'to deal the lots of an experiment anew',
      () => "UPDATE experiment SET salt = 'other' WHERE id = 'exp_1'",
      /what an experiment compares never changes/,
    ],
    [
      'to go on with an experiment that has ended',
      () => "UPDATE experiment SET status = 'running', ended_at = NULL WHERE id = 'exp_ended'",
      /an experiment that has ended never changes/,
    ],
    [
      'an experiment in which everybody goes without',
      () => "UPDATE experiment SET control_share = 1 WHERE id = 'exp_1'",
      /CHECK.*control_share/,
    ],
    [
      'an experiment on a lesson that is none',
      () => copyOf('experiment', { of: 'exp_1', id: "'exp_2'", kind: "'lesson'" }),
      /CHECK.*pattern_id/,
    ],
    [
      'an experiment with an agent that is none',
      () => copyOf('experiment', { of: 'exp_1', id: "'exp_2'", kind: "'agent'" }),
      /CHECK.*control_agent/,
    ],
    [
      'an experiment that ended at no time',
      () => "UPDATE experiment SET status = 'ended' WHERE id = 'exp_1'",
      /CHECK.*ended_at/,
    ],
    [
      'to edit what a session was given',
      () => "UPDATE recall SET arm = 'control'",
      /a recall is never edited/,
    ],
    [
      'to say that a memory was kept from a session that was given it',
      () => "UPDATE recall_memory SET given = 'held'",
      /a recall is never edited/,
    ],
    [
      'to draw a lot again when the end is known',
      () => "UPDATE assignment SET arm = 'control'",
      /a lot is never drawn again/,
    ],
    [
      'a second lot of one session in one experiment',
      () => "INSERT INTO assignment VALUES ('rcl_1', 'exp_1', 'control', 0.1)",
      /UNIQUE/,
    ],
    [
      'a lot in no experiment',
      () => "INSERT INTO assignment VALUES ('rcl_1', 'exp_9', 'control', 0.1)",
      /FOREIGN KEY/,
    ],
    [
      'that something happened again in part of a session',
      () => 'UPDATE recurrence SET recurred = 2',
      /CHECK.*recurred/,
    ],
    [
      'that something happened again in no session',
      () => "INSERT INTO recurrence VALUES ('exp_1', 'sesn_9', 1)",
      /FOREIGN KEY/,
    ],
    [
      'a second text of one memory to be found by',
      () => "INSERT INTO memory_text VALUES (2, 'mem_1', 'memstore_1', NULL, 4)",
      /UNIQUE.*memory_text\.memory_id/,
    ],
    ['a text in place of a number', () => "UPDATE tally SET n = 'many'", /cannot store TEXT/],
  ])('%s', (_, statement, because) => {
    const before = contentOf()
    // Some rules are looked at when a transaction is committed.
    expect(() => sqlite.exec(`BEGIN; ${statement()}; COMMIT`)).toThrow(because)
    sqlite.exec('ROLLBACK')
    expect(contentOf()).toEqual(before)
  })

  test('none of the rows these statements are made from', () => {
    for (const whole of [session({}), dream({}), version({}), change({})]) {
      sqlite.exec('BEGIN')
      sqlite.exec(whole)
      sqlite.exec('ROLLBACK')
    }
  })
})

function contentOf(): unknown[] {
  const tables = sqlite.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all()
  return tables.map((it) => sqlite.prepare(`SELECT * FROM ${it.name}`).all())
}

function edited(how: string): string {
  return `UPDATE recorded_event SET ${how} WHERE id = 'sevt_1'`
}
