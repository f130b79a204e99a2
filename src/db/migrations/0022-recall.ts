/** What sessions are given, which lot they drew, and what they come to in numbers. */
export const recall = `
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

CREATE UNIQUE INDEX one_running_experiment_a_thing
  ON experiment (memory_store_id, kind, coalesce(pattern_id, ''), coalesce(control_agent, '')) WHERE status = 'running';

CREATE TRIGGER what_an_experiment_compares_is_fixed
BEFORE UPDATE OF id, workspace_id, kind, memory_store_id, pattern_id, control_agent, salt, started_at, started_by ON experiment
BEGIN SELECT raise(ABORT, 'what an experiment compares never changes'); END;

CREATE TRIGGER an_ended_experiment_has_ended BEFORE UPDATE ON experiment WHEN old.status = 'ended'
BEGIN SELECT raise(ABORT, 'an experiment that has ended never changes'); END;

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

CREATE INDEX recall_by_session ON recall (workspace_id, session_key) WHERE session_key IS NOT NULL;
CREATE INDEX recall_by_memory_store ON recall (memory_store_id, seq);

CREATE TABLE recall_memory (
  recall_id         TEXT NOT NULL REFERENCES recall (id) ON DELETE CASCADE,
  rank              INTEGER NOT NULL CHECK (rank > 0),
  memory_id         TEXT NOT NULL,
  memory_version_id TEXT NOT NULL REFERENCES memory_version (id),
  pattern_ids       TEXT NOT NULL,
  given             TEXT NOT NULL CHECK (given IN ('delivered', 'held')),
  PRIMARY KEY (recall_id, rank)
) STRICT, WITHOUT ROWID;

CREATE TABLE assignment (
  recall_id     TEXT NOT NULL REFERENCES recall (id) ON DELETE CASCADE,
  experiment_id TEXT NOT NULL REFERENCES experiment (id),
  arm           TEXT NOT NULL CHECK (arm IN ('treatment', 'control')),
  control_share REAL NOT NULL CHECK (control_share > 0 AND control_share < 1),
  PRIMARY KEY (recall_id, experiment_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX assignment_by_experiment ON assignment (experiment_id, recall_id);

-- Written down before anybody knows how the session ends, so nobody writes it over afterwards. Erasing a session takes its recalls out.
CREATE TRIGGER a_recall_is_never_edited BEFORE UPDATE ON recall
BEGIN SELECT raise(ABORT, 'a recall is never edited'); END;
CREATE TRIGGER a_recalled_memory_is_never_edited BEFORE UPDATE ON recall_memory
BEGIN SELECT raise(ABORT, 'a recall is never edited'); END;
CREATE TRIGGER a_lot_is_never_drawn_again BEFORE UPDATE ON assignment
BEGIN SELECT raise(ABORT, 'a lot is never drawn again'); END;

CREATE TABLE session_measures (
  session_id TEXT PRIMARY KEY REFERENCES session (id) ON DELETE CASCADE,
  measurer   INTEGER NOT NULL,
  content    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`
