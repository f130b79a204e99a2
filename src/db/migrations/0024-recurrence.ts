/** Whether what a lesson is about happened again in a session that drew a lot on it: looked up in its review once, not every night. */
export const recurrence = `
CREATE TABLE recurrence (
  experiment_id TEXT NOT NULL REFERENCES experiment (id),
  session_id    TEXT NOT NULL REFERENCES session (id) ON DELETE CASCADE,
  recurred      INTEGER NOT NULL CHECK (recurred IN (0, 1)),
  PRIMARY KEY (experiment_id, session_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX recurrence_of_session ON recurrence (session_id);
`
