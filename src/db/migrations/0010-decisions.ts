/** Changes wait for a decision; decisions, and what is not to come back, are remembered. */
export const decisions = `
ALTER TABLE change ADD COLUMN status TEXT NOT NULL DEFAULT 'undecided'
  CHECK (status IN ('undecided', 'approved', 'rejected', 'adopted', 'undone', 'superseded', 'denied'));
ALTER TABLE change ADD COLUMN policy_sha256 TEXT;
UPDATE change SET status = CASE
  WHEN memory_version_id IS NOT NULL THEN 'adopted'
  WHEN verdict = 'deny' THEN 'denied'
  ELSE 'undecided' END;

CREATE INDEX change_that_waits ON change (dream_id) WHERE status IN ('undecided', 'approved');

CREATE TRIGGER change_moves_on BEFORE UPDATE OF status ON change
WHEN new.status <> old.status AND (old.status || ' ' || new.status) NOT IN (
  'undecided approved', 'undecided rejected', 'undecided superseded',
  'approved undecided', 'approved rejected', 'approved adopted', 'approved superseded',
  'rejected approved', 'rejected undecided',
  'adopted undone')
BEGIN SELECT raise(ABORT, 'a change cannot go from this status to that one'); END;

CREATE TRIGGER only_what_is_live_has_a_version BEFORE UPDATE ON change
WHEN (new.memory_version_id IS NOT NULL) <> (new.status IN ('adopted', 'undone'))
BEGIN SELECT raise(ABORT, 'a change has a version when it is, or was, live'); END;

CREATE TRIGGER a_new_change_is_not_live BEFORE INSERT ON change
WHEN new.memory_version_id IS NOT NULL OR new.status NOT IN ('undecided', 'approved', 'denied')
BEGIN SELECT raise(ABORT, 'a new change is not live'); END;

CREATE TABLE decision (
  -- Order of deciding: clocks repeat themselves.
  seq            INTEGER PRIMARY KEY AUTOINCREMENT,
  change_id      TEXT NOT NULL REFERENCES change (id),
  decision       TEXT NOT NULL CHECK (decision IN ('approved', 'rejected')),
  "by"           TEXT NOT NULL CHECK ("by" LIKE 'user:%' OR "by" LIKE 'policy:%'),
  reason         TEXT NOT NULL,
  at             TEXT NOT NULL,
  content_sha256 TEXT,
  edited         TEXT,
  CHECK (edited IS NULL OR content_sha256 IS NOT NULL)
) STRICT;

CREATE INDEX decision_on_change ON decision (change_id, seq);

CREATE TRIGGER decision_is_never_edited BEFORE UPDATE ON decision
BEGIN SELECT raise(ABORT, 'a decision is never edited: decide again'); END;
CREATE TRIGGER decision_stays BEFORE DELETE ON decision
BEGIN SELECT raise(ABORT, 'a decision is never deleted'); END;

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

-- The newest memory version that the dream saw: with its changes, that is its output.
ALTER TABLE dream ADD COLUMN read_through INTEGER;
`
