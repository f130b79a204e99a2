/**
 * What a person has a right to have forgotten can be taken out of history, and nothing else can. A row that is redacted keeps its ids, hashes,
 * times and authors; its texts are gone for good. The path of a memory is made of its lesson's words, so it may go as well.
 */
export const erasure = `
ALTER TABLE change ADD COLUMN redacted_at TEXT;
ALTER TABLE decision ADD COLUMN redacted_at TEXT;
ALTER TABLE dream ADD COLUMN redacted_at TEXT;
ALTER TABLE transcript ADD COLUMN removed_at TEXT;
-- What its first words were counted as, where they were removed with the transcript.
ALTER TABLE session ADD COLUMN intent TEXT;

CREATE TABLE memory_version_that_may_be_redacted (
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
  redacted_at        TEXT,
  -- A version has content until it is redacted, unless it records a deletion.
  CHECK ((content IS NULL) = (operation = 'deleted' OR redacted_at IS NOT NULL)),
  CHECK ((content_sha256 IS NULL) = (operation = 'deleted')),
  CHECK ((content_size_bytes IS NULL) = (operation = 'deleted'))
) STRICT;
INSERT INTO memory_version_that_may_be_redacted SELECT
  seq, id, memory_id, memory_store_id, operation, path, content, content_sha256, content_size_bytes, created_at, created_by, NULL
FROM memory_version;
DELETE FROM sqlite_sequence WHERE name = 'memory_version_that_may_be_redacted';
UPDATE sqlite_sequence SET name = 'memory_version_that_may_be_redacted' WHERE name = 'memory_version';
DROP TABLE memory_version;
ALTER TABLE memory_version_that_may_be_redacted RENAME TO memory_version;
CREATE INDEX memory_version_of_path ON memory_version (memory_store_id, path, seq);
CREATE TRIGGER memory_version_stays BEFORE DELETE ON memory_version
BEGIN SELECT raise(ABORT, 'a memory version is never deleted'); END;
CREATE TRIGGER memory_version_is_immutable BEFORE UPDATE ON memory_version
WHEN NOT (old.redacted_at IS NULL AND new.redacted_at IS NOT NULL
  AND (new.path = old.path OR new.path = '/redacted/' || old.memory_id || '.md')
  AND new.seq = old.seq AND new.id = old.id AND new.memory_id = old.memory_id
  AND new.memory_store_id = old.memory_store_id AND new.operation = old.operation
  AND new.content_sha256 IS old.content_sha256 AND new.content_size_bytes IS old.content_size_bytes
  AND new.created_at = old.created_at AND new.created_by = old.created_by)
BEGIN SELECT raise(ABORT, 'a memory version is immutable'); END;
CREATE TRIGGER what_stands_is_not_redacted BEFORE UPDATE OF redacted_at ON memory_version
WHEN EXISTS (SELECT 1 FROM memory WHERE memory_version_id = old.id)
BEGIN SELECT raise(ABORT, 'a memory that stands is changed first, then its past is redacted'); END;

DROP TRIGGER change_stays_as_proposed;
CREATE TRIGGER change_stays_as_proposed BEFORE UPDATE OF
  id, dream_id, seq, operation, kind, path, before, before_sha256, after, reason, pattern_ids, redacted_at ON change
WHEN NOT (old.redacted_at IS NULL AND new.redacted_at IS NOT NULL
  AND new.status NOT IN ('undecided', 'approved')
  AND (new.before = '' OR (new.before IS NULL AND old.before IS NULL))
  AND (new.after = '' OR (new.after IS NULL AND old.after IS NULL))
  AND new.reason = '(erased)' AND new.verdict_reason = '(erased)'
  AND (new.path = old.path OR new.path LIKE '/redacted/%')
  AND new.id = old.id AND new.dream_id = old.dream_id AND new.seq = old.seq AND new.operation = old.operation
  AND new.kind = old.kind AND new.before_sha256 IS old.before_sha256 AND new.pattern_ids = old.pattern_ids)
BEGIN SELECT raise(ABORT, 'a change stays as it was proposed'); END;

DROP TRIGGER decision_is_never_edited;
CREATE TRIGGER decision_is_never_edited BEFORE UPDATE ON decision
WHEN NOT (old.redacted_at IS NULL AND new.redacted_at IS NOT NULL
  AND new.reason = '(erased)' AND new.edited IS NULL
  AND new.seq = old.seq AND new.change_id = old.change_id AND new.decision = old.decision
  AND new."by" = old."by" AND new.at = old.at AND new.content_sha256 IS old.content_sha256)
BEGIN SELECT raise(ABORT, 'a decision is never edited: decide again'); END;

DROP TRIGGER a_final_status_is_final;
CREATE TRIGGER a_final_status_is_final BEFORE UPDATE ON dream
WHEN old.ended_at IS NOT NULL AND NOT (old.redacted_at IS NULL AND new.redacted_at IS NOT NULL
  AND new.id = old.id AND new.memory_store_id = old.memory_store_id AND new.status = old.status
  AND new.result IS old.result AND new.sessions_read = old.sessions_read AND new.observations = old.observations
  AND new.read_through IS old.read_through AND new.worker IS old.worker
  AND new.created_at = old.created_at AND new.ended_at = old.ended_at AND new.error_type IS old.error_type)
BEGIN SELECT raise(ABORT, 'a dream that has ended never changes'); END;

DROP TRIGGER transcript_is_named_by_its_content;
CREATE TRIGGER transcript_is_named_by_its_content BEFORE UPDATE ON transcript
WHEN NOT (old.removed_at IS NULL AND new.removed_at IS NOT NULL
  AND new.sha256 = old.sha256 AND new.size_bytes = old.size_bytes AND length(new.content) = 0)
BEGIN SELECT raise(ABORT, 'a transcript never changes'); END;

DROP TRIGGER session_is_never_edited;
CREATE TRIGGER session_is_never_edited BEFORE UPDATE OF
  seq, id, workspace_id, harness, external_session_id, agent, agent_version, task, person, parent_external_session_id,
  continues_session_id, copied, started_at, ended_at, outcome_result, outcome_verified, reward, outcome_rule, events,
  human_turns, tool_calls, tool_errors, feedback, redactions, transcript_sha256, fingerprints, ingested_at ON session
BEGIN SELECT raise(ABORT, 'a session is never edited after ingest'); END;
CREATE TRIGGER first_words_go_with_the_transcript BEFORE UPDATE OF title, intent ON session
WHEN old.intent IS NOT NULL OR new.intent IS NULL OR new.title <> ''
BEGIN SELECT raise(ABORT, 'a session is never edited after ingest'); END;

-- What was erased and does not come back by itself: keyed hashes, from which nothing of it can be read.
CREATE TABLE erased_session (
  -- Of its id, and of the harness's own.
  id           TEXT NOT NULL,
  external_id  TEXT NOT NULL,
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  erased_at    TEXT NOT NULL,
  PRIMARY KEY (workspace_id, id)
) STRICT, WITHOUT ROWID;

-- Of the fingerprint of each event that was its own.
CREATE TABLE erased_event (
  fingerprint  TEXT NOT NULL,
  workspace_id TEXT NOT NULL,
  session_id   TEXT NOT NULL,
  is_last      INTEGER NOT NULL CHECK (is_last IN (0, 1)),
  PRIMARY KEY (workspace_id, fingerprint, session_id),
  FOREIGN KEY (workspace_id, session_id) REFERENCES erased_session (workspace_id, id) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;
CREATE INDEX erased_event_of_session ON erased_event (workspace_id, session_id);
`
