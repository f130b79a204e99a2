import { patternByPromise } from './0023-memory-texts.ts'

/**
 * Patterns have a rowid. SQLite keeps the rows of a table without one in an index, and a look into it reads every row that it passes, to
 * the end; that of a pattern is long.
 */
export const patternsWithRowid = `
CREATE TABLE pattern_with_rowid (
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
) STRICT;
INSERT INTO pattern_with_rowid SELECT * FROM pattern;
DROP TABLE pattern;
ALTER TABLE pattern_with_rowid RENAME TO pattern;
CREATE INDEX pattern_by_id ON pattern (id);

${patternByPromise}

-- What a recall asks of a lesson, so that it need not read the rest of it; most of that is quotes.
CREATE INDEX pattern_by_facts ON pattern (memory_store_id, id, tier, status, json_extract(content, '$.scope', '$.effect', '$.watch.expectation'));
`
