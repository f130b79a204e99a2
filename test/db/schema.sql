CREATE TRIGGER a_deleted_store_stays_deleted BEFORE UPDATE ON memory_store
WHEN old.deleted_at IS NOT NULL
BEGIN SELECT raise(ABORT, 'a memory store that was deleted never changes'); END;

CREATE TRIGGER a_dream_reads_its_own_workspace BEFORE INSERT ON ledger
WHEN (SELECT workspace_id FROM session WHERE seq = new.session_seq)
  <> (SELECT workspace_id FROM memory_store WHERE id = new.memory_store_id)
BEGIN SELECT raise(ABORT, 'a session and the memory store that dreams of it are in one workspace'); END;

CREATE TRIGGER a_final_status_is_final BEFORE UPDATE ON dream
WHEN old.ended_at IS NOT NULL AND NOT (new.redacted_at IS NOT NULL
  AND new.id = old.id AND new.memory_store_id = old.memory_store_id AND new.status = old.status
  AND new.result IS old.result AND new.sessions_read = old.sessions_read AND new.observations = old.observations
  AND new.read_through IS old.read_through AND new.worker IS old.worker
  AND new.created_at = old.created_at AND new.ended_at = old.ended_at AND new.error_type IS old.error_type)
BEGIN SELECT raise(ABORT, 'a dream that has ended never changes'); END;

CREATE TRIGGER a_job_that_ended_stays_so BEFORE UPDATE ON job WHEN old.ended_at IS NOT NULL
BEGIN SELECT raise(ABORT, 'a job that has ended never changes'); END;

CREATE TRIGGER a_lot_is_never_drawn_again BEFORE UPDATE ON assignment
BEGIN SELECT raise(ABORT, 'a lot is never drawn again'); END;

CREATE TRIGGER a_new_change_is_not_live BEFORE INSERT ON change
WHEN new.memory_version_id IS NOT NULL OR new.status NOT IN ('undecided', 'approved', 'denied')
BEGIN SELECT raise(ABORT, 'a new change is not live'); END;

CREATE TRIGGER a_recall_is_never_edited BEFORE UPDATE ON recall
BEGIN SELECT raise(ABORT, 'a recall is never edited'); END;

CREATE TRIGGER a_recalled_memory_is_never_edited BEFORE UPDATE ON recall_memory
BEGIN SELECT raise(ABORT, 'a recall is never edited'); END;

CREATE TRIGGER a_revoked_key_stays_revoked BEFORE UPDATE ON api_key WHEN old.revoked_at IS NOT NULL
BEGIN SELECT raise(ABORT, 'a key that was revoked never changes'); END;

CREATE TRIGGER a_run_is_never_edited BEFORE UPDATE ON dream_schedule_run
BEGIN SELECT raise(ABORT, 'what a schedule did is never edited'); END;

CREATE TABLE agent (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id           TEXT NOT NULL,
  name         TEXT NOT NULL,
  version      INTEGER NOT NULL CHECK (version >= 1),
  metadata     TEXT NOT NULL CHECK (json_type(metadata) = 'object'),
  created_at   TEXT NOT NULL,
  updated_at   TEXT NOT NULL,
  archived_at  TEXT,
  PRIMARY KEY (workspace_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX agent_by_name ON agent (workspace_id, name);

CREATE INDEX agent_of_workspace ON agent (workspace_id, created_at, id);

CREATE TABLE agent_version (
  workspace_id TEXT NOT NULL,
  agent_id     TEXT NOT NULL,
  version      INTEGER NOT NULL,
  -- Everything of it that has versions, as JSON.
  content      TEXT NOT NULL CHECK (json_type(content) = 'object'),
  created_at   TEXT NOT NULL,
  PRIMARY KEY (workspace_id, agent_id, version),
  FOREIGN KEY (workspace_id, agent_id) REFERENCES agent (workspace_id, id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER an_archived_schedule_stays_archived BEFORE UPDATE ON dream_schedule WHEN old.archived_at IS NOT NULL
BEGIN SELECT raise(ABORT, 'a schedule that was archived never changes'); END;

CREATE TRIGGER an_archived_store_stays_archived BEFORE UPDATE OF archived_at ON memory_store
WHEN old.archived_at IS NOT NULL AND new.archived_at IS NOT old.archived_at
BEGIN SELECT raise(ABORT, 'a memory store is archived once'); END;

CREATE TRIGGER an_ended_experiment_has_ended BEFORE UPDATE ON experiment WHEN old.status = 'ended'
BEGIN SELECT raise(ABORT, 'an experiment that has ended never changes'); END;

CREATE TABLE api_key (
  id           TEXT PRIMARY KEY,
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  name         TEXT NOT NULL,
  role         TEXT NOT NULL CHECK (role IN ('reader', 'writer', 'reviewer', 'admin')),
  -- The key itself is shown once and kept nowhere.
  token_sha256 TEXT NOT NULL UNIQUE,
  created_at   TEXT NOT NULL,
  created_by   TEXT NOT NULL,
  expires_at   TEXT,
  revoked_at   TEXT,
  last_used_at TEXT
) STRICT;

CREATE INDEX api_key_of_workspace ON api_key (workspace_id, created_at, id);

CREATE TABLE assignment (
  recall_id     TEXT NOT NULL REFERENCES recall (id) ON DELETE CASCADE,
  experiment_id TEXT NOT NULL REFERENCES experiment (id),
  arm           TEXT NOT NULL CHECK (arm IN ('treatment', 'control')),
  control_share REAL NOT NULL CHECK (control_share > 0 AND control_share < 1),
  PRIMARY KEY (recall_id, experiment_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX assignment_by_experiment ON assignment (experiment_id, recall_id);

CREATE TABLE "audit" (
  workspace_id  TEXT NOT NULL REFERENCES workspace (id),
  seq           INTEGER NOT NULL,
  at            TEXT NOT NULL,
  actor         TEXT NOT NULL,
  action        TEXT NOT NULL,
  object        TEXT NOT NULL,
  before_sha256 TEXT,
  after_sha256  TEXT,
  reason        TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash          TEXT NOT NULL UNIQUE, policy_sha256 TEXT,
  PRIMARY KEY (workspace_id, seq)
) STRICT;

CREATE INDEX audit_by_object ON audit (object);

CREATE TABLE "audit_head" (
  workspace_id TEXT PRIMARY KEY REFERENCES workspace (id),
  seq          INTEGER NOT NULL,
  hash         TEXT NOT NULL
) STRICT;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'the audit log is never changed'); END;

CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'the audit log is never shortened'); END;

CREATE TABLE change (
  id                TEXT PRIMARY KEY,
  dream_id          TEXT NOT NULL REFERENCES dream (id),
  seq               INTEGER NOT NULL,
  operation         TEXT NOT NULL CHECK (operation IN ('created', 'modified', 'deleted')),
  kind              TEXT NOT NULL CHECK (kind IN ('add', 'refresh', 'merge', 'stale', 'conflict')),
  path              TEXT NOT NULL,
  before            TEXT,
  before_sha256     TEXT,
  after             TEXT,
  reason            TEXT NOT NULL,
  pattern_ids       TEXT NOT NULL,
  verdict           TEXT NOT NULL CHECK (verdict IN ('allow', 'hold', 'deny')),
  verdict_reason    TEXT NOT NULL,
  -- The version this change became; null while it is held or when it was denied.
  memory_version_id TEXT REFERENCES memory_version (id), status TEXT NOT NULL DEFAULT 'undecided'
  CHECK (status IN ('undecided', 'approved', 'rejected', 'adopted', 'undone', 'superseded', 'denied')), policy_sha256 TEXT, redacted_at TEXT,
  UNIQUE (dream_id, seq),
  CHECK ((before IS NULL) = (operation = 'created')),
  CHECK ((before IS NULL) = (before_sha256 IS NULL)),
  CHECK ((after IS NULL) = (operation = 'deleted'))
) STRICT;

CREATE TRIGGER change_moves_on BEFORE UPDATE OF status ON change
WHEN new.status <> old.status AND (old.status || ' ' || new.status) NOT IN (
  'undecided approved', 'undecided rejected', 'undecided superseded',
  'approved undecided', 'approved rejected', 'approved adopted', 'approved superseded',
  'rejected approved', 'rejected undecided',
  'adopted undone')
BEGIN SELECT raise(ABORT, 'a change cannot go from this status to that one'); END;

CREATE INDEX change_of_version ON change (memory_version_id) WHERE memory_version_id IS NOT NULL;

CREATE TRIGGER change_stays_as_proposed BEFORE UPDATE OF
  id, dream_id, seq, operation, kind, path, before, before_sha256, after, reason, pattern_ids, redacted_at ON change
WHEN NOT (new.redacted_at IS NOT NULL AND (old.redacted_at IS NULL OR new.redacted_at = old.redacted_at)
  AND new.status NOT IN ('undecided', 'approved')
  AND (new.before = '' OR (new.before IS NULL AND old.before IS NULL))
  AND (new.after = '' OR (new.after IS NULL AND old.after IS NULL))
  AND new.reason = '(erased)' AND new.verdict_reason = '(erased)'
  AND (new.path = old.path OR new.path LIKE '/redacted/%')
  AND new.id = old.id AND new.dream_id = old.dream_id AND new.seq = old.seq AND new.operation = old.operation
  AND new.kind = old.kind AND new.before_sha256 IS old.before_sha256 AND new.pattern_ids = old.pattern_ids)
BEGIN SELECT raise(ABORT, 'a change stays as it was proposed'); END;

CREATE INDEX change_that_waits ON change (dream_id) WHERE status IN ('undecided', 'approved');

CREATE TABLE claim (
  seq          INTEGER PRIMARY KEY,
  id           TEXT NOT NULL UNIQUE,
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  session_id   TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  agent        TEXT NOT NULL,
  kind         TEXT NOT NULL,
  statement    TEXT NOT NULL,
  action       TEXT,
  citations    TEXT NOT NULL,
  group_id     TEXT NOT NULL
) STRICT;

CREATE INDEX claim_by_agent ON claim (workspace_id, agent, group_id, seq);

CREATE INDEX claim_by_group ON claim (group_id, seq);

CREATE INDEX claim_by_session ON claim (session_id);

CREATE TABLE decision (
  -- Order of deciding: clocks repeat themselves.
  seq            INTEGER PRIMARY KEY AUTOINCREMENT,
  change_id      TEXT NOT NULL REFERENCES change (id),
  decision       TEXT NOT NULL CHECK (decision IN ('approved', 'rejected')),
  "by"           TEXT NOT NULL CHECK ("by" LIKE 'user:%' OR "by" LIKE 'policy:%'),
  reason         TEXT NOT NULL,
  at             TEXT NOT NULL,
  content_sha256 TEXT,
  edited         TEXT, redacted_at TEXT,
  CHECK (edited IS NULL OR content_sha256 IS NOT NULL)
) STRICT;

CREATE TRIGGER decision_is_never_edited BEFORE UPDATE ON decision
WHEN NOT (old.redacted_at IS NULL AND new.redacted_at IS NOT NULL
  AND new.reason = '(erased)' AND new.edited IS NULL
  AND new.seq = old.seq AND new.change_id = old.change_id AND new.decision = old.decision
  AND new."by" = old."by" AND new.at = old.at AND new.content_sha256 IS old.content_sha256)
BEGIN SELECT raise(ABORT, 'a decision is never edited: decide again'); END;

CREATE INDEX decision_on_change ON decision (change_id, seq);

CREATE TRIGGER decision_stays BEFORE DELETE ON decision
BEGIN SELECT raise(ABORT, 'a decision is never deleted'); END;

CREATE TABLE dream (
  id               TEXT PRIMARY KEY,
  memory_store_id  TEXT NOT NULL REFERENCES memory_store (id),
  status           TEXT NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed', 'canceled')),
  result           TEXT CHECK (result IN ('changed', 'unchanged', 'nothing_new')),
  notes            TEXT NOT NULL DEFAULT '[]',
  sessions_read    INTEGER NOT NULL DEFAULT 0,
  observations     INTEGER NOT NULL DEFAULT 0,
  -- Who runs it, and until when others must believe that it still does.
  worker           TEXT,
  lease_expires_at TEXT,
  created_at       TEXT NOT NULL,
  ended_at         TEXT,
  error_type       TEXT,
  error_message    TEXT, alerts TEXT NOT NULL DEFAULT '[]', read_through INTEGER, redacted_at TEXT, model TEXT, spending TEXT,
  CHECK ((ended_at IS NULL) = (status IN ('pending', 'running'))),
  CHECK ((worker IS NOT NULL) = (status = 'running')),
  CHECK ((lease_expires_at IS NOT NULL) = (status = 'running')),
  CHECK ((result IS NULL) = (status <> 'completed')),
  CHECK ((error_type IS NULL) = (status <> 'failed'))
) STRICT;

CREATE INDEX dream_by_time ON dream (created_at);

CREATE TABLE dream_request (
  dream_id        TEXT PRIMARY KEY REFERENCES dream (id),
  -- In order; null: everything new.
  session_ids     TEXT CHECK (json_type(session_ids) = 'array'),
  model           TEXT NOT NULL CHECK (json_type(model) = 'object'),
  instructions    TEXT,
  output_behavior TEXT NOT NULL CHECK (output_behavior IN ('create_new', 'update_existing')),
  -- The memory store that holds the result; null until it is there.
  output_store_id TEXT,
  -- Of a new store: the newest version of the input when it was copied.
  cloned_through  INTEGER,
  -- The session that tells what the dream does; null until it runs.
  recording_id    TEXT,
  requested_by    TEXT NOT NULL,
  archived_at     TEXT
) STRICT;

CREATE TABLE dream_schedule (
  id               TEXT PRIMARY KEY,
  workspace_id     TEXT NOT NULL REFERENCES workspace (id),
  name             TEXT NOT NULL,
  description      TEXT,
  metadata         TEXT NOT NULL CHECK (json_type(metadata) = 'object'),
  memory_store_id  TEXT NOT NULL REFERENCES memory_store (id),
  model            TEXT NOT NULL CHECK (json_type(model) = 'object'),
  instructions     TEXT,
  output_behavior  TEXT NOT NULL CHECK (output_behavior IN ('create_new', 'update_existing')),
  -- By the clock: five cron fields, read in a time zone.
  expression       TEXT,
  timezone         TEXT,
  -- By what came in: that many new sessions, and that long since the run before.
  new_sessions     INTEGER CHECK (new_sessions >= 1),
  min_interval_ms  INTEGER CHECK (min_interval_ms >= 0),
  -- What stopped it: a person, or the error of a run that every later run would have as well.
  paused_reason    TEXT CHECK (paused_reason IN ('manual', 'error')),
  paused_error     TEXT,
  -- Times before this one start nothing: it was made, changed or went on then.
  active_since     TEXT NOT NULL,
  -- When it last started something by itself.
  last_run_at      TEXT,
  created_at       TEXT NOT NULL,
  created_by       TEXT NOT NULL,
  updated_at       TEXT NOT NULL,
  archived_at      TEXT,
  CHECK ((expression IS NULL) = (timezone IS NULL)),
  CHECK ((new_sessions IS NULL) = (min_interval_ms IS NULL)),
  CHECK ((paused_error IS NOT NULL) = (paused_reason IS 'error'))
) STRICT;

CREATE INDEX dream_schedule_active ON dream_schedule (workspace_id)
WHERE paused_reason IS NULL AND archived_at IS NULL AND (expression IS NOT NULL OR new_sessions IS NOT NULL);

CREATE INDEX dream_schedule_of_workspace ON dream_schedule (workspace_id, created_at, id);

CREATE TABLE dream_schedule_run (
  id            TEXT PRIMARY KEY,
  schedule_id   TEXT NOT NULL REFERENCES dream_schedule (id),
  -- Names the occasion: however many servers see it, it has one run. Null for a run that a person asked for.
  slot          TEXT,
  trigger_type  TEXT NOT NULL CHECK (trigger_type IN ('schedule', 'manual', 'threshold')),
  scheduled_at  TEXT,
  new_sessions  INTEGER,
  dream_id      TEXT REFERENCES dream (id),
  error_type    TEXT,
  error_message TEXT,
  created_at    TEXT NOT NULL,
  UNIQUE (schedule_id, slot),
  CHECK ((slot IS NULL) = (trigger_type = 'manual')),
  CHECK ((scheduled_at IS NOT NULL) = (trigger_type = 'schedule')),
  CHECK ((new_sessions IS NOT NULL) = (trigger_type = 'threshold')),
  CHECK ((dream_id IS NULL) = (error_type IS NOT NULL)),
  CHECK ((error_type IS NULL) = (error_message IS NULL))
) STRICT;

CREATE INDEX dream_schedule_run_by_clock ON dream_schedule_run (schedule_id, scheduled_at);

CREATE INDEX dream_schedule_run_by_time ON dream_schedule_run (created_at, id);

CREATE INDEX dream_schedule_run_of_schedule ON dream_schedule_run (schedule_id, created_at, id);

CREATE INDEX dream_waiting ON dream (memory_store_id, status) WHERE status IN ('pending', 'running');

CREATE TABLE environment (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  id           TEXT NOT NULL,
  name         TEXT NOT NULL,
  description  TEXT,
  metadata     TEXT NOT NULL CHECK (json_type(metadata) = 'object'),
  config       TEXT NOT NULL CHECK (json_type(config) = 'object'),
  created_at   TEXT NOT NULL,
  updated_at   TEXT NOT NULL,
  archived_at  TEXT,
  PRIMARY KEY (workspace_id, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX environment_of_workspace ON environment (workspace_id, created_at, id);

CREATE TABLE erased_event (
  fingerprint  TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  session_id   TEXT NOT NULL,
  is_last      INTEGER NOT NULL CHECK (is_last IN (0, 1)),
  PRIMARY KEY (workspace_id, fingerprint, session_id),
  FOREIGN KEY (workspace_id, session_id) REFERENCES erased_session (workspace_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX erased_event_of_session ON erased_event (workspace_id, session_id);

CREATE TABLE erased_session (
  -- Of its id, and of the harness's own.
  id           TEXT NOT NULL,
  external_id  TEXT NOT NULL,
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  erased_at    TEXT NOT NULL,
  PRIMARY KEY (workspace_id, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE experiment (
  id              TEXT PRIMARY KEY,
  workspace_id    TEXT NOT NULL REFERENCES workspace (id),
  kind            TEXT NOT NULL CHECK (kind IN ('memory', 'lesson', 'agent')),
  memory_store_id TEXT NOT NULL REFERENCES memory_store (id),
  pattern_id      TEXT CHECK ((kind = 'lesson') = (pattern_id IS NOT NULL)),
  control_agent   TEXT CHECK ((kind = 'agent') = (control_agent IS NOT NULL)),
  salt            TEXT NOT NULL,
  control_share   REAL NOT NULL CHECK (control_share > 0 AND control_share < 1),
  status          TEXT NOT NULL DEFAULT 'running' CHECK (status IN ('running', 'ended')),
  verdict         TEXT CHECK (verdict IN ('keep', 'harm', 'futile')),
  reason          TEXT NOT NULL DEFAULT '',
  lifts           TEXT NOT NULL DEFAULT '[]',
  measured_at     TEXT,
  started_at      TEXT NOT NULL,
  started_by      TEXT NOT NULL,
  ended_at        TEXT CHECK ((status = 'ended') = (ended_at IS NOT NULL))
) STRICT;

CREATE INDEX experiment_that_keeps ON experiment (memory_store_id, pattern_id)
WHERE kind = 'lesson' AND status = 'running' AND verdict = 'keep';

CREATE TABLE "fingerprint" (
  workspace_id TEXT NOT NULL,
  fingerprint  TEXT NOT NULL,
  session_id   TEXT NOT NULL REFERENCES session (id),
  PRIMARY KEY (workspace_id, fingerprint, session_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER first_words_go_with_the_transcript BEFORE UPDATE OF title, intent ON session
WHEN old.intent IS NOT NULL OR new.intent IS NULL OR new.title <> ''
BEGIN SELECT raise(ABORT, 'a session is never edited after ingest'); END;

CREATE TABLE idempotency_key (
  workspace_id   TEXT NOT NULL REFERENCES workspace (id),
  key            TEXT NOT NULL,
  request_sha256 TEXT NOT NULL,
  -- The ids of what was made, as JSON.
  made           TEXT NOT NULL CHECK (json_type(made) = 'array'),
  created_at     TEXT NOT NULL,
  PRIMARY KEY (workspace_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX idempotency_key_by_age ON idempotency_key (created_at);

CREATE TABLE job (
  -- A name that is given twice is one job.
  id               TEXT PRIMARY KEY,
  workspace_id     TEXT NOT NULL REFERENCES workspace (id),
  kind             TEXT NOT NULL,
  -- Ids, never texts.
  payload          TEXT NOT NULL CHECK (json_type(payload) = 'object'),
  status           TEXT NOT NULL CHECK (status IN ('pending', 'running', 'completed', 'failed', 'canceled')),
  -- Not before this time.
  due_at           TEXT NOT NULL,
  attempt          INTEGER NOT NULL DEFAULT 0,
  max_attempts     INTEGER NOT NULL CHECK (max_attempts >= 1),
  -- How often its worker died while it had it.
  lost             INTEGER NOT NULL DEFAULT 0,
  worker           TEXT,
  lease_expires_at TEXT,
  error            TEXT,
  created_at       TEXT NOT NULL,
  ended_at         TEXT,
  CHECK ((worker IS NOT NULL) = (status = 'running')),
  CHECK ((lease_expires_at IS NOT NULL) = (status = 'running')),
  CHECK ((ended_at IS NOT NULL) = (status IN ('completed', 'failed', 'canceled')))
) STRICT;

CREATE INDEX job_due ON job (due_at) WHERE status = 'pending';

CREATE INDEX job_ended ON job (ended_at) WHERE ended_at IS NOT NULL;

CREATE INDEX job_running ON job (worker) WHERE status = 'running';

CREATE TABLE job_step (
  job_id TEXT NOT NULL REFERENCES job (id),
  key    TEXT NOT NULL,
  result TEXT NOT NULL,
  PRIMARY KEY (job_id, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
  memory_store_id TEXT NOT NULL REFERENCES memory_store (id),
  session_seq     INTEGER NOT NULL REFERENCES session (seq),
  dream_id        TEXT NOT NULL REFERENCES dream (id), told TEXT, with_model INTEGER NOT NULL DEFAULT 0 CHECK (with_model IN (0, 1)),
  PRIMARY KEY (memory_store_id, session_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE memory (
  id                TEXT PRIMARY KEY,
  memory_store_id   TEXT NOT NULL REFERENCES memory_store (id),
  memory_version_id TEXT NOT NULL REFERENCES memory_version (id) DEFERRABLE INITIALLY DEFERRED,
  path              TEXT NOT NULL CHECK (path LIKE '/%'),
  created_at        TEXT NOT NULL,
  updated_at        TEXT NOT NULL,
  UNIQUE (memory_store_id, path)
) STRICT;

CREATE TABLE "memory_store" (
  id              TEXT PRIMARY KEY,
  workspace_id    TEXT NOT NULL REFERENCES workspace (id),
  name            TEXT NOT NULL,
  description     TEXT NOT NULL DEFAULT '',
  metadata        TEXT NOT NULL DEFAULT '{}' CHECK (json_type(metadata) = 'object'),
  -- Whose memory it is; empty until the first dream of a store that was made over the wire.
  agent           TEXT NOT NULL,
  created_at      TEXT NOT NULL,
  updated_at      TEXT NOT NULL,
  archived_at     TEXT,
  -- What it held is gone then; the row stays, because dreams and the audit log name it.
  deleted_at      TEXT,
  dreamed_through INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX memory_store_by_name ON memory_store (workspace_id, name);

CREATE INDEX memory_store_by_time ON memory_store (workspace_id, created_at, id);

CREATE TRIGGER memory_store_stays_in_its_workspace BEFORE UPDATE OF id, workspace_id ON memory_store
BEGIN SELECT raise(ABORT, 'a memory store stays in its workspace'); END;

CREATE TABLE memory_text (
  seq             INTEGER PRIMARY KEY REFERENCES memory_version (seq),
  memory_id       TEXT NOT NULL UNIQUE,
  memory_store_id TEXT NOT NULL,
  pattern_id      TEXT,
  size_bytes      INTEGER NOT NULL
) STRICT;

CREATE TRIGGER memory_text_changes AFTER UPDATE OF memory_version_id ON memory
BEGIN
  INSERT INTO memory_word (memory_word, rowid, store, words) SELECT 'delete', version.seq, replace(version.memory_store_id, '_', ''), version.path || ' ' || version.content
    FROM memory_version AS version JOIN memory_text USING (seq) WHERE memory_text.memory_id = old.id;
  DELETE FROM memory_text WHERE memory_id = old.id;
  INSERT INTO memory_text SELECT version.seq, version.memory_id, version.memory_store_id, CASE WHEN version.created_by LIKE 'dream:%' AND version.content GLOB '---' || char(10) || '*' AND version.content LIKE '%' || char(10) || '---' || char(10) || '%'
  THEN nullif(substr(version.content, nullif(instr(substr(version.content, 1, instr(version.content, char(10) || '---' || char(10))), char(10) || 'pattern: pat_'), 0) + 10, 28), '') END, version.content_size_bytes
  FROM memory_version AS version WHERE version.content IS NOT NULL AND version.path <> '/_index.md' AND version.id = new.memory_version_id;
  INSERT INTO memory_word (rowid, store, words) SELECT version.seq, replace(version.memory_store_id, '_', ''), version.path || ' ' || version.content
    FROM memory_version AS version JOIN memory_text USING (seq) WHERE version.id = new.memory_version_id;
END;

CREATE TRIGGER memory_text_comes AFTER INSERT ON memory
BEGIN
  INSERT INTO memory_text SELECT version.seq, version.memory_id, version.memory_store_id, CASE WHEN version.created_by LIKE 'dream:%' AND version.content GLOB '---' || char(10) || '*' AND version.content LIKE '%' || char(10) || '---' || char(10) || '%'
  THEN nullif(substr(version.content, nullif(instr(substr(version.content, 1, instr(version.content, char(10) || '---' || char(10))), char(10) || 'pattern: pat_'), 0) + 10, 28), '') END, version.content_size_bytes
  FROM memory_version AS version WHERE version.content IS NOT NULL AND version.path <> '/_index.md' AND version.id = new.memory_version_id;
  INSERT INTO memory_word (rowid, store, words) SELECT version.seq, replace(version.memory_store_id, '_', ''), version.path || ' ' || version.content
    FROM memory_version AS version JOIN memory_text USING (seq) WHERE version.id = new.memory_version_id;
END;

CREATE TRIGGER memory_text_goes AFTER DELETE ON memory
BEGIN
  INSERT INTO memory_word (memory_word, rowid, store, words) SELECT 'delete', version.seq, replace(version.memory_store_id, '_', ''), version.path || ' ' || version.content
    FROM memory_version AS version JOIN memory_text USING (seq) WHERE memory_text.memory_id = old.id;
  DELETE FROM memory_text WHERE memory_id = old.id;
END;

CREATE INDEX memory_text_of_lesson ON memory_text (memory_store_id, pattern_id, size_bytes);

CREATE TABLE "memory_version" (
  -- Order of writing: clocks repeat themselves and run backwards.
  seq                INTEGER PRIMARY KEY AUTOINCREMENT,
  id                 TEXT NOT NULL UNIQUE,
  -- No foreign key: history outlives the memory.
  memory_id          TEXT NOT NULL,
  memory_store_id    TEXT NOT NULL REFERENCES memory_store (id),
  operation          TEXT NOT NULL CHECK (operation IN ('created', 'modified', 'deleted')),
  path               TEXT NOT NULL,
  content            TEXT,
  content_sha256     TEXT,
  content_size_bytes INTEGER,
  created_at         TEXT NOT NULL,
  created_by         TEXT NOT NULL CHECK (created_by LIKE 'dream:%' OR created_by LIKE 'user:%'),
  redacted_at        TEXT, redacted_by TEXT,
  -- A version has content until it is redacted, unless it records a deletion.
  CHECK ((content IS NULL) = (operation = 'deleted' OR redacted_at IS NOT NULL)),
  CHECK ((content_sha256 IS NULL) = (operation = 'deleted')),
  CHECK ((content_size_bytes IS NULL) = (operation = 'deleted'))
) STRICT;

CREATE TRIGGER memory_version_is_immutable BEFORE UPDATE ON memory_version
WHEN NOT (new.redacted_at IS NOT NULL
  AND (new.path = old.path OR new.path = '/redacted/' || old.memory_id || '.md')
  AND (old.redacted_at IS NULL OR new.redacted_at = old.redacted_at AND new.redacted_by IS old.redacted_by)
  AND new.seq = old.seq AND new.id = old.id AND new.memory_id = old.memory_id
  AND new.memory_store_id = old.memory_store_id AND new.operation = old.operation
  AND new.content_sha256 IS old.content_sha256 AND new.content_size_bytes IS old.content_size_bytes
  AND new.created_at = old.created_at AND new.created_by = old.created_by)
BEGIN SELECT raise(ABORT, 'a memory version is immutable'); END;

CREATE INDEX memory_version_of_memory ON memory_version (memory_store_id, memory_id, seq);

CREATE INDEX memory_version_of_path ON memory_version (memory_store_id, path, seq);

CREATE INDEX memory_version_of_store ON memory_version (memory_store_id, seq);

CREATE TRIGGER memory_version_stays BEFORE DELETE ON memory_version
BEGIN SELECT raise(ABORT, 'a memory version is never deleted'); END;

CREATE VIRTUAL TABLE memory_word USING fts5 (store, words, content = '', tokenize = 'porter unicode61 remove_diacritics 2');

CREATE TABLE 'memory_word_config'(k PRIMARY KEY, v) WITHOUT ROWID;

CREATE TABLE 'memory_word_data'(id INTEGER PRIMARY KEY, block BLOB);

CREATE TABLE 'memory_word_docsize'(id INTEGER PRIMARY KEY, sz BLOB);

CREATE TABLE 'memory_word_idx'(segid, term, pgno, PRIMARY KEY(segid, term)) WITHOUT ROWID;

CREATE TABLE migration (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL) STRICT;

CREATE TABLE model_answer (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  hash         TEXT NOT NULL,
  content      TEXT NOT NULL,
  usage        TEXT NOT NULL,
  answered_at  TEXT NOT NULL,
  PRIMARY KEY (workspace_id, hash)
) STRICT;

CREATE INDEX model_answer_by_age ON model_answer (answered_at);

CREATE TABLE model_batch (
  id                TEXT PRIMARY KEY,
  workspace_id      TEXT NOT NULL REFERENCES workspace (id),
  provider          TEXT NOT NULL,
  model             TEXT NOT NULL,
  provider_batch_id TEXT,
  status            TEXT NOT NULL CHECK (status IN ('submitting', 'submitted', 'ended', 'abandoned')),
  submitted_at      TEXT NOT NULL,
  ended_at          TEXT
) STRICT;

CREATE INDEX model_batch_by_request ON model_batch_request (hash);

CREATE TABLE model_batch_request (
  batch_id TEXT NOT NULL REFERENCES model_batch (id) ON DELETE CASCADE,
  hash     TEXT NOT NULL,
  PRIMARY KEY (batch_id, hash)
) STRICT, WITHOUT ROWID;

CREATE TABLE model_call (
  seq                         INTEGER PRIMARY KEY,
  workspace_id                TEXT NOT NULL REFERENCES workspace (id),
  dream_id                    TEXT REFERENCES dream (id),
  stage                       TEXT NOT NULL,
  provider                    TEXT NOT NULL,
  model                       TEXT NOT NULL,
  hash                        TEXT NOT NULL,
  result                      TEXT NOT NULL CHECK (result IN ('answered', 'unusable', 'failed')),
  reason                      TEXT CHECK ((result = 'answered') = (reason IS NULL)),
  in_batch                    INTEGER NOT NULL CHECK (in_batch IN (0, 1)),
  input_tokens                INTEGER NOT NULL,
  output_tokens               INTEGER NOT NULL,
  cache_read_input_tokens     INTEGER NOT NULL,
  cache_creation_input_tokens INTEGER NOT NULL,
  cost_usd                    REAL,
  at                          TEXT NOT NULL
) STRICT;

CREATE INDEX model_call_by_day ON model_call (workspace_id, at);

CREATE INDEX model_call_by_dream ON model_call (dream_id, seq) WHERE dream_id IS NOT NULL;

CREATE TABLE model_review (
  session_id   TEXT PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
  prompt       TEXT NOT NULL,
  model        TEXT NOT NULL,
  status       TEXT NOT NULL CHECK (status IN ('read', 'nothing_to_read', 'unusable')),
  reason       TEXT CHECK ((status = 'unusable') = (reason IS NOT NULL)),
  attempts     INTEGER NOT NULL CHECK (attempts >= 0),
  dropped      TEXT NOT NULL,
  left_out     TEXT NOT NULL,
  observations TEXT NOT NULL,
  read_at      TEXT NOT NULL
) STRICT;

CREATE UNIQUE INDEX one_dream_a_memory_store ON dream (memory_store_id) WHERE status = 'running';

CREATE UNIQUE INDEX one_running_experiment_a_thing
  ON experiment (memory_store_id, kind, coalesce(pattern_id, ''), coalesce(control_agent, '')) WHERE status = 'running';

CREATE TRIGGER only_what_is_live_has_a_version BEFORE UPDATE ON change
WHEN (new.memory_version_id IS NOT NULL) <> (new.status IN ('adopted', 'undone'))
BEGIN SELECT raise(ABORT, 'a change has a version when it is, or was, live'); END;

CREATE TABLE "pattern" (
  id              TEXT NOT NULL,
  memory_store_id TEXT NOT NULL REFERENCES memory_store (id),
  class           TEXT NOT NULL CHECK (class IN ('mistake', 'success', 'practice', 'insight')),
  channel         TEXT NOT NULL,
  tier            TEXT NOT NULL CHECK (tier IN ('verified', 'process', 'people', 'marker')),
  status          TEXT NOT NULL CHECK (status IN ('candidate', 'probation', 'confirmed', 'stale', 'dormant', 'disputed', 'retired')),
  content         TEXT NOT NULL,
  created_at      TEXT NOT NULL,
  updated_at      TEXT NOT NULL,
  PRIMARY KEY (memory_store_id, id)
) STRICT;

CREATE INDEX pattern_by_facts ON pattern (memory_store_id, id, tier, status, json_extract(content, '$.scope', '$.effect', '$.watch.expectation'));

CREATE INDEX pattern_by_id ON pattern (id);

CREATE INDEX pattern_by_promise ON pattern (memory_store_id, coalesce(content ->> '$.scope.person', ''), (
  CASE tier WHEN 'verified' THEN 1.0 ELSE 0.5 END * CASE WHEN content ->> '$.watch.expectation.bad'
    THEN (content ->> '$.effect.exposed[0]') - coalesce(1.0 * (content ->> '$.effect.unexposed[0]') / nullif(content ->> '$.effect.unexposed[1]', 0), 0) * (content ->> '$.effect.exposed[1]')
    ELSE (content ->> '$.effect.unexposed[0]') - coalesce(1.0 * (content ->> '$.effect.exposed[0]') / nullif(content ->> '$.effect.exposed[1]', 0), 0) * (content ->> '$.effect.unexposed[1]') END) DESC)
WHERE status IN ('candidate', 'probation', 'confirmed') AND tier <> 'marker';

CREATE TABLE policy (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  -- Of the text.
  sha256       TEXT NOT NULL,
  -- As a person wrote it, and as it was understood, which is JSON.
  content      TEXT NOT NULL,
  parsed       TEXT NOT NULL CHECK (json_type(parsed) = 'object'),
  created_at   TEXT NOT NULL,
  created_by   TEXT NOT NULL CHECK (created_by LIKE 'user:%'),
  PRIMARY KEY (workspace_id, sha256)
) STRICT;

CREATE TABLE policy_in_force (
  workspace_id  TEXT NOT NULL,
  seq           INTEGER NOT NULL,
  policy_sha256 TEXT NOT NULL,
  set_at        TEXT NOT NULL,
  set_by        TEXT NOT NULL CHECK (set_by LIKE 'user:%'),
  PRIMARY KEY (workspace_id, seq),
  FOREIGN KEY (workspace_id, policy_sha256) REFERENCES policy (workspace_id, sha256)
) STRICT;

CREATE TRIGGER policy_in_force_is_never_edited BEFORE UPDATE ON policy_in_force
BEGIN SELECT raise(ABORT, 'what was in force stays: set another policy'); END;

CREATE TRIGGER policy_in_force_stays BEFORE DELETE ON policy_in_force
BEGIN SELECT raise(ABORT, 'what was in force stays: set another policy'); END;

CREATE TRIGGER policy_is_never_edited BEFORE UPDATE ON policy
BEGIN SELECT raise(ABORT, 'a policy is never edited: set another'); END;

CREATE TRIGGER policy_stays BEFORE DELETE ON policy
BEGIN SELECT raise(ABORT, 'a policy is never deleted: verdicts rest on it'); END;

CREATE TABLE recall (
  seq             INTEGER PRIMARY KEY,
  id              TEXT NOT NULL UNIQUE,
  workspace_id    TEXT NOT NULL REFERENCES workspace (id),
  memory_store_id TEXT NOT NULL REFERENCES memory_store (id),
  agent           TEXT NOT NULL,
  session_key     TEXT,
  person          TEXT,
  task            TEXT,
  arm             TEXT CHECK (arm IN ('treatment', 'control')),
  budget_tokens   INTEGER NOT NULL,
  tokens          INTEGER NOT NULL,
  created_at      TEXT NOT NULL,
  created_by      TEXT NOT NULL
) STRICT;

CREATE INDEX recall_by_memory_store ON recall (memory_store_id, seq);

CREATE INDEX recall_by_session ON recall (workspace_id, session_key) WHERE session_key IS NOT NULL;

CREATE TABLE recall_memory (
  recall_id         TEXT NOT NULL REFERENCES recall (id) ON DELETE CASCADE,
  rank              INTEGER NOT NULL CHECK (rank > 0),
  memory_id         TEXT NOT NULL,
  memory_version_id TEXT NOT NULL REFERENCES memory_version (id),
  pattern_ids       TEXT NOT NULL,
  given             TEXT NOT NULL CHECK (given IN ('delivered', 'held')),
  PRIMARY KEY (recall_id, rank)
) STRICT, WITHOUT ROWID;

CREATE TABLE recorded_event (
  -- Order of arrival, over all sessions: what streams go on from.
  seq          INTEGER PRIMARY KEY AUTOINCREMENT,
  recording_id TEXT NOT NULL REFERENCES recording (id),
  id           TEXT NOT NULL,
  type         TEXT NOT NULL,
  thread_id    TEXT,
  processed_at TEXT,
  -- The event as it is on the wire, redacted, as JSON.
  content      TEXT NOT NULL, redacted_at TEXT,
  UNIQUE (recording_id, id)
) STRICT;

CREATE INDEX recorded_event_in_order ON recorded_event (recording_id, seq);

CREATE TRIGGER recorded_event_is_never_edited BEFORE UPDATE OF seq, recording_id, id, type, thread_id, content, redacted_at ON recorded_event
WHEN NOT (new.redacted_at IS NOT NULL AND instr(new.content, '[redacted:') > 0
  AND new.seq = old.seq AND new.recording_id = old.recording_id AND new.id = old.id AND new.type = old.type
  AND new.thread_id IS old.thread_id)
BEGIN SELECT raise(ABORT, 'an event is never edited'); END;

CREATE INDEX recorded_event_of_state ON recorded_event (recording_id, seq)
WHERE type IN ('session.status_running', 'session.status_idle', 'session.status_terminated', 'session.status_rescheduled', 'session.usage', 'session.thread_created', 'session.thread_status_running', 'session.thread_status_idle', 'session.thread_status_terminated', 'session.thread_status_rescheduled', 'span.model_request_end', 'span.outcome_evaluation_start', 'span.outcome_evaluation_ongoing', 'span.outcome_evaluation_end', 'user.define_outcome');

CREATE INDEX recorded_event_of_thread ON recorded_event (recording_id, thread_id, seq) WHERE thread_id IS NOT NULL;

CREATE TABLE recording (
  id              TEXT PRIMARY KEY,
  workspace_id    TEXT NOT NULL REFERENCES workspace (id),
  title           TEXT,
  metadata        TEXT NOT NULL CHECK (json_type(metadata) = 'object'),
  -- The agent as it was when the session began, as JSON.
  agent           TEXT NOT NULL CHECK (json_type(agent) = 'object'),
  agent_id        TEXT NOT NULL,
  agent_version   INTEGER NOT NULL,
  environment_id  TEXT NOT NULL,
  resources       TEXT NOT NULL CHECK (json_type(resources) = 'array'),
  vault_ids       TEXT NOT NULL CHECK (json_type(vault_ids) = 'array'),
  budget          TEXT,
  status          TEXT NOT NULL CHECK (status IN ('rescheduling', 'running', 'idle', 'terminated')),
  -- The caller's own name for it: a second session of that name is the same one.
  external_id     TEXT,
  -- The session of a dream, which no dream reads.
  dream_id        TEXT,
  created_by      TEXT NOT NULL,
  created_at      TEXT NOT NULL,
  updated_at      TEXT NOT NULL,
  archived_at     TEXT,
  -- The last of its events that a stored session holds; 0 for none.
  settled_through INTEGER NOT NULL DEFAULT 0,
  last_event      INTEGER NOT NULL DEFAULT 0,
  -- The stored session that said all of it before; null where it has stored sessions of its own, or none yet.
  same_as         TEXT,
  -- Threads that were archived, by id, with when.
  archived_threads TEXT NOT NULL DEFAULT '{}' CHECK (json_type(archived_threads) = 'object')
) STRICT;

CREATE UNIQUE INDEX recording_by_external_id ON recording (workspace_id, external_id) WHERE external_id IS NOT NULL;

CREATE INDEX recording_by_time ON recording (workspace_id, created_at, id);

CREATE INDEX recording_of_dream ON recording (dream_id) WHERE dream_id IS NOT NULL;

CREATE INDEX recording_same_as ON recording (same_as) WHERE same_as IS NOT NULL;

CREATE INDEX recording_to_settle ON recording (workspace_id) WHERE last_event > settled_through AND dream_id IS NULL;

CREATE TABLE recurrence (
  experiment_id TEXT NOT NULL REFERENCES experiment (id),
  session_id    TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  recurred      INTEGER NOT NULL CHECK (recurred IN (0, 1)),
  PRIMARY KEY (experiment_id, session_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX recurrence_of_session ON recurrence (session_id);

CREATE TABLE review (
  session_id TEXT PRIMARY KEY REFERENCES session (id),
  reviewer   INTEGER NOT NULL,
  content    TEXT NOT NULL
) STRICT;

CREATE TABLE "session" (
  -- Order of arrival.
  seq                        INTEGER PRIMARY KEY AUTOINCREMENT,
  id                         TEXT NOT NULL UNIQUE,
  workspace_id               TEXT NOT NULL REFERENCES workspace (id),
  harness                    TEXT NOT NULL,
  external_session_id        TEXT NOT NULL,
  agent                      TEXT NOT NULL,
  agent_version              TEXT,
  task                       TEXT,
  person                     TEXT,
  parent_external_session_id TEXT,
  -- Set when the first events of this session are those of another: a resumed, forked or grown copy.
  continues_session_id       TEXT,
  -- Which of its events those are, as JSON; null when all are its own.
  copied                     TEXT,
  title                      TEXT NOT NULL,
  started_at                 TEXT,
  ended_at                   TEXT,
  outcome_result             TEXT NOT NULL CHECK (outcome_result IN ('satisfied', 'unsatisfied', 'unknown')),
  outcome_verified           INTEGER NOT NULL CHECK (outcome_verified IN (0, 1)),
  reward                     REAL,
  outcome_rule               TEXT,
  events                     INTEGER NOT NULL,
  human_turns                INTEGER NOT NULL,
  tool_calls                 INTEGER NOT NULL,
  tool_errors                INTEGER NOT NULL,
  feedback                   INTEGER NOT NULL,
  redactions                 INTEGER NOT NULL,
  transcript_sha256          TEXT NOT NULL REFERENCES transcript (sha256),
  -- One 8-byte fingerprint per event, in order: what copies are recognised by.
  fingerprints               BLOB NOT NULL,
  ingested_at                TEXT NOT NULL, intent TEXT, recording_id TEXT,
  CHECK ((continues_session_id IS NULL) = (copied IS NULL)),
  CHECK (outcome_verified = 0 OR outcome_result <> 'unknown'),
  CHECK (length(fingerprints) = 8 * events)
) STRICT;

CREATE INDEX session_by_external_id ON session (external_session_id);

CREATE INDEX session_by_time ON session (workspace_id, coalesce(started_at, ingested_at), id) WHERE recording_id IS NULL;

CREATE TRIGGER session_is_never_edited BEFORE UPDATE OF
  seq, id, workspace_id, harness, external_session_id, agent, agent_version, task, person, parent_external_session_id,
  continues_session_id, copied, started_at, ended_at, outcome_result, outcome_verified, reward, outcome_rule, events,
  human_turns, tool_calls, tool_errors, feedback, redactions, transcript_sha256, fingerprints, ingested_at ON session
BEGIN SELECT raise(ABORT, 'a session is never edited after ingest'); END;

CREATE TABLE session_measures (
  session_id TEXT PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
  measurer   INTEGER NOT NULL,
  content    TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX session_of_agent ON session (workspace_id, agent, seq);

CREATE INDEX session_of_recording ON session (recording_id, seq) WHERE recording_id IS NOT NULL;

CREATE INDEX session_of_workspace ON session (workspace_id, seq);

CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT;

CREATE TABLE tally (
  memory_store_id TEXT NOT NULL REFERENCES memory_store (id),
  context         TEXT NOT NULL,
  trait           TEXT NOT NULL,
  channel         TEXT NOT NULL,
  bad             INTEGER NOT NULL CHECK (bad >= 0),
  n               INTEGER NOT NULL CHECK (n >= bad),
  cells           TEXT NOT NULL,
  weeks           TEXT NOT NULL,
  sightings       TEXT NOT NULL,
  PRIMARY KEY (memory_store_id, context, trait)
) STRICT, WITHOUT ROWID;

CREATE INDEX tally_by_support ON tally (memory_store_id, n);

CREATE TABLE tombstone (
  seq             INTEGER PRIMARY KEY AUTOINCREMENT,
  memory_store_id TEXT NOT NULL REFERENCES memory_store (id),
  -- Null where a person took a memory away without a change.
  change_id       TEXT REFERENCES change (id),
  key             TEXT NOT NULL,
  kind            TEXT NOT NULL CHECK (kind IN ('add', 'refresh', 'merge', 'stale', 'conflict')),
  cause           TEXT NOT NULL CHECK (cause IN ('rejected', 'undone', 'retired')),
  reason          TEXT NOT NULL,
  sessions        INTEGER NOT NULL CHECK (sessions >= 0),
  until           TEXT,
  covered_by      TEXT,
  created_by      TEXT NOT NULL,
  created_at      TEXT NOT NULL
) STRICT;

CREATE INDEX tombstone_by_key ON tombstone (memory_store_id, key);

CREATE TABLE transcript (
  -- Of the uncompressed content, which is the session as JSON, redacted.
  sha256     TEXT PRIMARY KEY,
  size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
  -- Compressed with zstd.
  content    BLOB NOT NULL
, removed_at TEXT) STRICT;

CREATE TRIGGER transcript_is_named_by_its_content BEFORE UPDATE ON transcript
WHEN NOT (old.removed_at IS NULL AND new.removed_at IS NOT NULL
  AND new.sha256 = old.sha256 AND new.size_bytes = old.size_bytes AND length(new.content) = 0)
BEGIN SELECT raise(ABORT, 'a transcript never changes'); END;

CREATE TABLE webhook (
  id                    TEXT PRIMARY KEY,
  workspace_id          TEXT NOT NULL REFERENCES workspace (id),
  url                   TEXT NOT NULL,
  events                TEXT NOT NULL CHECK (json_type(events) = 'array'),
  description           TEXT NOT NULL,
  status                TEXT NOT NULL CHECK (status IN ('enabled', 'disabled')),
  disabled_reason       TEXT CHECK (disabled_reason IN ('manual', 'gone', 'redirect', 'failing')),
  -- Signing takes the secret itself, so this is the one secret that is kept.
  secret                TEXT NOT NULL,
  -- The one before signs as well, until then.
  previous_secret       TEXT,
  previous_secret_until TEXT,
  created_at            TEXT NOT NULL,
  created_by            TEXT NOT NULL,
  updated_at            TEXT NOT NULL,
  CHECK ((disabled_reason IS NOT NULL) = (status = 'disabled')),
  CHECK ((previous_secret IS NULL) = (previous_secret_until IS NULL))
) STRICT;

CREATE TABLE webhook_delivery (
  -- Of what happened; several webhooks may be told of it.
  id              TEXT NOT NULL,
  webhook_id      TEXT NOT NULL REFERENCES webhook (id),
  event_type      TEXT NOT NULL,
  object_id       TEXT NOT NULL,
  changes         INTEGER,
  status          TEXT NOT NULL CHECK (status IN ('pending', 'completed', 'failed', 'canceled')),
  attempts        INTEGER NOT NULL DEFAULT 0,
  response_status INTEGER,
  error           TEXT,
  next_attempt_at TEXT,
  created_at      TEXT NOT NULL,
  ended_at        TEXT,
  PRIMARY KEY (webhook_id, id),
  CHECK ((ended_at IS NULL) = (status = 'pending')),
  CHECK ((next_attempt_at IS NULL) = (ended_at IS NOT NULL))
) STRICT, WITHOUT ROWID;

CREATE INDEX webhook_delivery_by_time ON webhook_delivery (webhook_id, created_at, id);

CREATE INDEX webhook_delivery_ended ON webhook_delivery (ended_at) WHERE ended_at IS NOT NULL;

CREATE INDEX webhook_of_workspace ON webhook (workspace_id, created_at, id);

CREATE TRIGGER what_an_experiment_compares_is_fixed
BEFORE UPDATE OF id, workspace_id, kind, memory_store_id, pattern_id, control_agent, salt, started_at, started_by ON experiment
BEGIN SELECT raise(ABORT, 'what an experiment compares never changes'); END;

CREATE TRIGGER what_stands_is_not_redacted BEFORE UPDATE OF redacted_at ON memory_version
WHEN EXISTS (SELECT 1 FROM memory WHERE memory_version_id = old.id)
BEGIN SELECT raise(ABORT, 'a memory that stands is changed first, then its past is redacted'); END;

CREATE TABLE workspace (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,
  created_at  TEXT NOT NULL,
  offline     INTEGER NOT NULL CHECK (offline IN (0, 1)),
  regions     TEXT NOT NULL CHECK (json_type(regions) = 'array'),
  model_hosts TEXT NOT NULL CHECK (json_type(model_hosts) = 'array')
) STRICT;
