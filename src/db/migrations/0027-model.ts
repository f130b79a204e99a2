/** What a language model said of sessions, what was asked of it, and what that came to. */
export const model = `
ALTER TABLE dream ADD COLUMN model TEXT;
ALTER TABLE dream ADD COLUMN spending TEXT;
ALTER TABLE ledger ADD COLUMN with_model INTEGER NOT NULL DEFAULT 0 CHECK (with_model IN (0, 1));

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

CREATE TABLE model_answer (
  workspace_id TEXT NOT NULL REFERENCES workspace (id),
  hash         TEXT NOT NULL,
  content      TEXT NOT NULL,
  usage        TEXT NOT NULL,
  answered_at  TEXT NOT NULL,
  PRIMARY KEY (workspace_id, hash)
) STRICT;

CREATE INDEX model_answer_by_age ON model_answer (answered_at);

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

CREATE INDEX model_call_by_dream ON model_call (dream_id, seq) WHERE dream_id IS NOT NULL;
CREATE INDEX model_call_by_day ON model_call (workspace_id, at);

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

CREATE TABLE model_batch_request (
  batch_id TEXT NOT NULL REFERENCES model_batch (id) ON DELETE CASCADE,
  hash     TEXT NOT NULL,
  PRIMARY KEY (batch_id, hash)
) STRICT, WITHOUT ROWID;

CREATE INDEX model_batch_by_request ON model_batch_request (hash);
`
