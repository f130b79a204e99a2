CREATE TRIGGER a_final_status_is_final BEFORE UPDATE ON dream WHEN old.ended_at IS NOT NULL
BEGIN SELECT raise(ABORT, 'a dream that has ended never changes'); END;

CREATE TABLE audit (
  seq           INTEGER PRIMARY KEY,
  at            TEXT NOT NULL,
  actor         TEXT NOT NULL,
  action        TEXT NOT NULL,
  object        TEXT NOT NULL,
  before_sha256 TEXT,
  after_sha256  TEXT,
  reason        TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash          TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE audit_head (
  id   INTEGER PRIMARY KEY CHECK (id = 1),
  seq  INTEGER NOT NULL,
  hash TEXT NOT NULL
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
  memory_version_id TEXT REFERENCES memory_version (id),
  UNIQUE (dream_id, seq),
  CHECK ((before IS NULL) = (operation = 'created')),
  CHECK ((before IS NULL) = (before_sha256 IS NULL)),
  CHECK ((after IS NULL) = (operation = 'deleted'))
) STRICT;

CREATE TRIGGER change_stays_as_proposed BEFORE UPDATE OF
  id, dream_id, seq, operation, kind, path, before, before_sha256, after, reason, pattern_ids ON change
BEGIN SELECT raise(ABORT, 'a change stays as it was proposed'); END;

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
  error_message    TEXT, alerts TEXT NOT NULL DEFAULT '[]',
  CHECK ((ended_at IS NULL) = (status IN ('pending', 'running'))),
  CHECK ((worker IS NOT NULL) = (status = 'running')),
  CHECK ((lease_expires_at IS NOT NULL) = (status = 'running')),
  CHECK ((result IS NULL) = (status <> 'completed')),
  CHECK ((error_type IS NULL) = (status <> 'failed'))
) STRICT;

CREATE INDEX dream_by_time ON dream (created_at);

CREATE TABLE fingerprint (
  fingerprint TEXT NOT NULL,
  session_id  TEXT NOT NULL REFERENCES session (id),
  PRIMARY KEY (fingerprint, session_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE ledger (
  memory_store_id TEXT NOT NULL REFERENCES memory_store (id),
  session_seq     INTEGER NOT NULL REFERENCES session (seq),
  dream_id        TEXT NOT NULL REFERENCES dream (id),
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

CREATE TABLE memory_store (
  id              TEXT PRIMARY KEY,
  name            TEXT NOT NULL UNIQUE,
  agent           TEXT NOT NULL,
  created_at      TEXT NOT NULL,
  -- Every session of the agent up to this one is in the ledger, so that a dream looks only at what came after.
  dreamed_through INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE memory_version (
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
  CHECK ((content IS NULL) = (operation = 'deleted')),
  CHECK ((content IS NULL) = (content_sha256 IS NULL)),
  CHECK ((content IS NULL) = (content_size_bytes IS NULL))
) STRICT;

CREATE TRIGGER memory_version_is_immutable BEFORE UPDATE ON memory_version
BEGIN SELECT raise(ABORT, 'a memory version is immutable'); END;

CREATE INDEX memory_version_of_path ON memory_version (memory_store_id, path, seq);

CREATE TRIGGER memory_version_stays BEFORE DELETE ON memory_version
BEGIN SELECT raise(ABORT, 'a memory version is never deleted'); END;

CREATE TABLE migration (name TEXT PRIMARY KEY, applied_at TEXT NOT NULL) STRICT;

CREATE UNIQUE INDEX one_dream_a_memory_store ON dream (memory_store_id) WHERE status IN ('pending', 'running');

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
) STRICT, WITHOUT ROWID;

CREATE INDEX pattern_by_id ON pattern (id);

CREATE TABLE review (
  session_id TEXT PRIMARY KEY REFERENCES session (id),
  reviewer   INTEGER NOT NULL,
  content    TEXT NOT NULL
) STRICT;

CREATE TABLE session (
  -- Order of arrival.
  seq                        INTEGER PRIMARY KEY AUTOINCREMENT,
  id                         TEXT NOT NULL UNIQUE,
  harness                    TEXT NOT NULL,
  external_session_id        TEXT NOT NULL,
  agent                      TEXT NOT NULL,
  agent_version              TEXT,
  task                       TEXT,
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
  ingested_at                TEXT NOT NULL, person TEXT,
  CHECK ((continues_session_id IS NULL) = (copied IS NULL)),
  CHECK (outcome_verified = 0 OR outcome_result <> 'unknown'),
  CHECK (length(fingerprints) = 8 * events)
) STRICT;

CREATE INDEX session_by_external_id ON session (external_session_id);

CREATE TRIGGER session_is_never_edited BEFORE UPDATE ON session
BEGIN SELECT raise(ABORT, 'a session is never edited after ingest'); END;

CREATE INDEX session_of_agent ON session (agent, seq);

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

CREATE TABLE transcript (
  -- Of the uncompressed content, which is the session as JSON, redacted.
  sha256     TEXT PRIMARY KEY,
  size_bytes INTEGER NOT NULL CHECK (size_bytes >= 0),
  -- Compressed with zstd.
  content    BLOB NOT NULL
) STRICT;

CREATE TRIGGER transcript_is_named_by_its_content BEFORE UPDATE ON transcript
BEGIN SELECT raise(ABORT, 'a transcript never changes'); END;
