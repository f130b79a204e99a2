/** Schedules of dreams, and what they started. */
export const schedules = `
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
CREATE INDEX dream_schedule_of_workspace ON dream_schedule (workspace_id, created_at, id);
CREATE INDEX dream_schedule_active ON dream_schedule (workspace_id)
WHERE paused_reason IS NULL AND archived_at IS NULL AND (expression IS NOT NULL OR new_sessions IS NOT NULL);
CREATE TRIGGER an_archived_schedule_stays_archived BEFORE UPDATE ON dream_schedule WHEN old.archived_at IS NOT NULL
BEGIN SELECT raise(ABORT, 'a schedule that was archived never changes'); END;

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
CREATE INDEX dream_schedule_run_by_time ON dream_schedule_run (created_at, id);
CREATE INDEX dream_schedule_run_of_schedule ON dream_schedule_run (schedule_id, created_at, id);
CREATE INDEX dream_schedule_run_by_clock ON dream_schedule_run (schedule_id, scheduled_at);
CREATE TRIGGER a_run_is_never_edited BEFORE UPDATE ON dream_schedule_run
BEGIN SELECT raise(ABORT, 'what a schedule did is never edited'); END;
`
