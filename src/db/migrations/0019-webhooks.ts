/** Webhooks, and what they were told. */
export const webhooks = `
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
CREATE INDEX webhook_of_workspace ON webhook (workspace_id, created_at, id);

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
`
