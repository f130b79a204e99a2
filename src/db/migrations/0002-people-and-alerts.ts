/** Sessions know their person, dreams their alerts, and a pattern can be dormant. */
export const peopleAndAlerts = `
ALTER TABLE session ADD COLUMN person TEXT;

ALTER TABLE dream ADD COLUMN alerts TEXT NOT NULL DEFAULT '[]';

CREATE TABLE pattern_with_dormant (
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
INSERT INTO pattern_with_dormant SELECT * FROM pattern;
DROP TABLE pattern;
ALTER TABLE pattern_with_dormant RENAME TO pattern;
CREATE INDEX pattern_by_id ON pattern (id);
`
