/**
 * A database has workspaces, and all that was in it is in the one named default. Sessions, memory stores and the audit log
 * belong to one; everything else hangs on those.
 */
export const workspaces = `
CREATE TABLE workspace (
  id          TEXT PRIMARY KEY,
  name        TEXT NOT NULL UNIQUE,
  created_at  TEXT NOT NULL,
  offline     INTEGER NOT NULL CHECK (offline IN (0, 1)),
  regions     TEXT NOT NULL CHECK (json_type(regions) = 'array'),
  model_hosts TEXT NOT NULL CHECK (json_type(model_hosts) = 'array')
) STRICT;
INSERT INTO workspace
VALUES ('wrkspc_000000000000000000000000', 'default', strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), 0, '[]', '[]');

CREATE TABLE session_of_a_workspace (
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
  ingested_at                TEXT NOT NULL,
  CHECK ((continues_session_id IS NULL) = (copied IS NULL)),
  CHECK (outcome_verified = 0 OR outcome_result <> 'unknown'),
  CHECK (length(fingerprints) = 8 * events)
) STRICT;
INSERT INTO session_of_a_workspace SELECT
  seq, id, 'wrkspc_000000000000000000000000', harness, external_session_id, agent, agent_version, task, person,
  parent_external_session_id, continues_session_id, copied, title, started_at, ended_at, outcome_result, outcome_verified, reward,
  outcome_rule, events, human_turns, tool_calls, tool_errors, feedback, redactions, transcript_sha256, fingerprints, ingested_at
FROM session;
-- A number that was given once is not given again, whether its session is still there or not.
DELETE FROM sqlite_sequence WHERE name = 'session_of_a_workspace';
UPDATE sqlite_sequence SET name = 'session_of_a_workspace' WHERE name = 'session';
DROP TABLE session;
ALTER TABLE session_of_a_workspace RENAME TO session;

CREATE INDEX session_of_workspace ON session (workspace_id, seq);
CREATE INDEX session_of_agent ON session (workspace_id, agent, seq);
CREATE INDEX session_by_external_id ON session (external_session_id);

CREATE TRIGGER session_is_never_edited BEFORE UPDATE ON session
BEGIN SELECT raise(ABORT, 'a session is never edited after ingest'); END;

-- A few fingerprints of each session, enough to find any other session of the workspace that shares its beginning.
CREATE TABLE fingerprint_of_a_workspace (
  workspace_id TEXT NOT NULL,
  fingerprint  TEXT NOT NULL,
  session_id   TEXT NOT NULL REFERENCES session (id),
  PRIMARY KEY (workspace_id, fingerprint, session_id)
) STRICT, WITHOUT ROWID;
INSERT INTO fingerprint_of_a_workspace
SELECT 'wrkspc_000000000000000000000000', fingerprint, session_id FROM fingerprint;
DROP TABLE fingerprint;
ALTER TABLE fingerprint_of_a_workspace RENAME TO fingerprint;

CREATE TABLE memory_store_of_a_workspace (
  id              TEXT PRIMARY KEY,
  workspace_id    TEXT NOT NULL REFERENCES workspace (id),
  name            TEXT NOT NULL,
  agent           TEXT NOT NULL,
  created_at      TEXT NOT NULL,
  -- Every session of the agent up to this one is in the ledger, so that a dream looks only at what came after.
  dreamed_through INTEGER NOT NULL DEFAULT 0,
  UNIQUE (workspace_id, name)
) STRICT;
INSERT INTO memory_store_of_a_workspace
SELECT id, 'wrkspc_000000000000000000000000', name, agent, created_at, dreamed_through FROM memory_store;
DROP TABLE memory_store;
ALTER TABLE memory_store_of_a_workspace RENAME TO memory_store;

CREATE TRIGGER memory_store_stays_in_its_workspace BEFORE UPDATE OF id, workspace_id ON memory_store
BEGIN SELECT raise(ABORT, 'a memory store stays in its workspace'); END;

CREATE TRIGGER a_dream_reads_its_own_workspace BEFORE INSERT ON ledger
WHEN (SELECT workspace_id FROM session WHERE seq = new.session_seq)
  <> (SELECT workspace_id FROM memory_store WHERE id = new.memory_store_id)
BEGIN SELECT raise(ABORT, 'a session and the memory store that dreams of it are in one workspace'); END;

-- One chain a workspace: each is whole by itself, and tells nothing of the others, not even how much happened in them.
CREATE TABLE audit_of_a_workspace (
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
  hash          TEXT NOT NULL UNIQUE,
  PRIMARY KEY (workspace_id, seq)
) STRICT;
INSERT INTO audit_of_a_workspace SELECT
  'wrkspc_000000000000000000000000', seq, at, actor, action, object, before_sha256, after_sha256, reason, previous_hash, hash
FROM audit;
DROP TABLE audit;
ALTER TABLE audit_of_a_workspace RENAME TO audit;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN SELECT raise(ABORT, 'the audit log is never changed'); END;
CREATE TRIGGER audit_is_never_shortened BEFORE DELETE ON audit
BEGIN SELECT raise(ABORT, 'the audit log is never shortened'); END;

CREATE TABLE audit_head_of_a_workspace (
  workspace_id TEXT PRIMARY KEY REFERENCES workspace (id),
  seq          INTEGER NOT NULL,
  hash         TEXT NOT NULL
) STRICT;
INSERT INTO audit_head_of_a_workspace SELECT 'wrkspc_000000000000000000000000', seq, hash FROM audit_head;
DROP TABLE audit_head;
ALTER TABLE audit_head_of_a_workspace RENAME TO audit_head;
`
