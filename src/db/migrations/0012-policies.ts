/** Policies as they were written, and which was in force since when, in each workspace. */
export const policies = `
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

CREATE TRIGGER policy_is_never_edited BEFORE UPDATE ON policy
BEGIN SELECT raise(ABORT, 'a policy is never edited: set another'); END;
CREATE TRIGGER policy_stays BEFORE DELETE ON policy
BEGIN SELECT raise(ABORT, 'a policy is never deleted: verdicts rest on it'); END;

-- The last of a workspace is in force, so that an older policy can be set again.
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
`
