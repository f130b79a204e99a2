/**
 * What a server needs: keys, sessions that are put in event by event, agents and environments, dreams that were asked for over the
 * wire, and jobs. Memory stores get what the Managed Agents API says of them; their names may repeat there.
 */
export const server = `
DROP TRIGGER a_dream_reads_its_own_workspace;
CREATE TABLE memory_store_of_the_api (
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
INSERT INTO memory_store_of_the_api
SELECT id, workspace_id, name, '', '{}', agent, created_at, created_at, NULL, NULL, dreamed_through FROM memory_store;
DROP TABLE memory_store;
ALTER TABLE memory_store_of_the_api RENAME TO memory_store;
CREATE INDEX memory_store_by_name ON memory_store (workspace_id, name);
CREATE INDEX memory_store_by_time ON memory_store (workspace_id, created_at, id);
CREATE TRIGGER memory_store_stays_in_its_workspace BEFORE UPDATE OF id, workspace_id ON memory_store
BEGIN SELECT raise(ABORT, 'a memory store stays in its workspace'); END;
CREATE TRIGGER a_deleted_store_stays_deleted BEFORE UPDATE ON memory_store
WHEN old.deleted_at IS NOT NULL
BEGIN SELECT raise(ABORT, 'a memory store that was deleted never changes'); END;
CREATE TRIGGER an_archived_store_stays_archived BEFORE UPDATE OF archived_at ON memory_store
WHEN old.archived_at IS NOT NULL AND new.archived_at IS NOT old.archived_at
BEGIN SELECT raise(ABORT, 'a memory store is archived once'); END;
CREATE TRIGGER a_dream_reads_its_own_workspace BEFORE INSERT ON ledger
WHEN (SELECT workspace_id FROM session WHERE seq = new.session_seq)
  <> (SELECT workspace_id FROM memory_store WHERE id = new.memory_store_id)
BEGIN SELECT raise(ABORT, 'a session and the memory store that dreams of it are in one workspace'); END;

-- Who took its text out over the wire.
ALTER TABLE memory_version ADD COLUMN redacted_by TEXT;
-- What became of one memory, wherever it stood, and of a store, in order.
CREATE INDEX memory_version_of_memory ON memory_version (memory_store_id, memory_id, seq);
CREATE INDEX memory_version_of_store ON memory_version (memory_store_id, seq);
-- What of a row was left when some of it was redacted may go later.
DROP TRIGGER memory_version_is_immutable;
CREATE TRIGGER memory_version_is_immutable BEFORE UPDATE ON memory_version
WHEN NOT (new.redacted_at IS NOT NULL
  AND (new.path = old.path OR new.path = '/redacted/' || old.memory_id || '.md')
  AND (old.redacted_at IS NULL OR new.redacted_at = old.redacted_at AND new.redacted_by IS old.redacted_by)
  AND new.seq = old.seq AND new.id = old.id AND new.memory_id = old.memory_id
  AND new.memory_store_id = old.memory_store_id AND new.operation = old.operation
  AND new.content_sha256 IS old.content_sha256 AND new.content_size_bytes IS old.content_size_bytes
  AND new.created_at = old.created_at AND new.created_by = old.created_by)
BEGIN SELECT raise(ABORT, 'a memory version is immutable'); END;
DROP TRIGGER change_stays_as_proposed;
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
DROP TRIGGER a_final_status_is_final;
CREATE TRIGGER a_final_status_is_final BEFORE UPDATE ON dream
WHEN old.ended_at IS NOT NULL AND NOT (new.redacted_at IS NOT NULL
  AND new.id = old.id AND new.memory_store_id = old.memory_store_id AND new.status = old.status
  AND new.result IS old.result AND new.sessions_read = old.sessions_read AND new.observations = old.observations
  AND new.read_through IS old.read_through AND new.worker IS old.worker
  AND new.created_at = old.created_at AND new.ended_at = old.ended_at AND new.error_type IS old.error_type)
BEGIN SELECT raise(ABORT, 'a dream that has ended never changes'); END;

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
CREATE TRIGGER a_revoked_key_stays_revoked BEFORE UPDATE ON api_key WHEN old.revoked_at IS NOT NULL
BEGIN SELECT raise(ABORT, 'a key that was revoked never changes'); END;

-- Ids of agents and environments may be their callers' own, so two workspaces may have the same.
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
CREATE INDEX agent_of_workspace ON agent (workspace_id, created_at, id);
CREATE INDEX agent_by_name ON agent (workspace_id, name);

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

-- A session that is put in over the wire, as it stands. What a dream finds in it is stored as a session, which never changes.
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
CREATE INDEX recording_same_as ON recording (same_as) WHERE same_as IS NOT NULL;
CREATE INDEX recording_by_time ON recording (workspace_id, created_at, id);
CREATE UNIQUE INDEX recording_by_external_id ON recording (workspace_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX recording_to_settle ON recording (workspace_id) WHERE last_event > settled_through AND dream_id IS NULL;
CREATE INDEX recording_of_dream ON recording (dream_id) WHERE dream_id IS NOT NULL;

CREATE TABLE recorded_event (
  -- Order of arrival, over all sessions: what streams go on from.
  seq          INTEGER PRIMARY KEY AUTOINCREMENT,
  recording_id TEXT NOT NULL REFERENCES recording (id),
  id           TEXT NOT NULL,
  type         TEXT NOT NULL,
  thread_id    TEXT,
  processed_at TEXT,
  -- The event as it is on the wire, redacted, as JSON.
  content      TEXT NOT NULL,
  UNIQUE (recording_id, id)
) STRICT;
CREATE INDEX recorded_event_in_order ON recorded_event (recording_id, seq);
-- What the state, the usage and the threads of a session are worked out from.
CREATE INDEX recorded_event_of_state ON recorded_event (recording_id, seq)
WHERE type IN ('session.status_running', 'session.status_idle', 'session.status_terminated', 'session.status_rescheduled', 'session.usage', 'session.thread_created', 'session.thread_status_running', 'session.thread_status_idle', 'session.thread_status_terminated', 'session.thread_status_rescheduled', 'span.model_request_end', 'span.outcome_evaluation_start', 'span.outcome_evaluation_ongoing', 'span.outcome_evaluation_end', 'user.define_outcome');
CREATE INDEX recorded_event_of_thread ON recorded_event (recording_id, thread_id, seq) WHERE thread_id IS NOT NULL;
CREATE TRIGGER recorded_event_is_never_edited BEFORE UPDATE OF seq, recording_id, id, type, content ON recorded_event
BEGIN SELECT raise(ABORT, 'an event is never edited'); END;

-- Set on what was stored of a recording: the wire knows it by the recording's id.
ALTER TABLE session ADD COLUMN recording_id TEXT;
CREATE INDEX session_of_recording ON session (recording_id, seq) WHERE recording_id IS NOT NULL;
CREATE INDEX session_by_time ON session (workspace_id, coalesce(started_at, ingested_at), id) WHERE recording_id IS NULL;

-- A request that came with a key of its caller, and what it made: asked again, it makes nothing.
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

-- What was asked of a dream over the wire; a dream of the command line has none, unless it was archived.
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

-- A dream that was asked for waits its turn; only one at a time runs over a memory store.
DROP INDEX one_dream_a_memory_store;
CREATE UNIQUE INDEX one_dream_a_memory_store ON dream (memory_store_id) WHERE status = 'running';
CREATE INDEX dream_waiting ON dream (memory_store_id, status) WHERE status IN ('pending', 'running');

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
CREATE INDEX job_running ON job (worker) WHERE status = 'running';
CREATE INDEX job_ended ON job (ended_at) WHERE ended_at IS NOT NULL;
CREATE TRIGGER a_job_that_ended_stays_so BEFORE UPDATE ON job WHEN old.ended_at IS NOT NULL
BEGIN SELECT raise(ABORT, 'a job that has ended never changes'); END;

-- What a step of a job came to, so that a job that is run again does not do it again.
CREATE TABLE job_step (
  job_id TEXT NOT NULL REFERENCES job (id),
  key    TEXT NOT NULL,
  result TEXT NOT NULL,
  PRIMARY KEY (job_id, key)
) STRICT, WITHOUT ROWID;
`
