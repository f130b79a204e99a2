/** The words of the memories that stand, to be found by; and which lessons promise most, to be picked first. */

/** What a memory is found by: the store that it is in, as one word, and its path and text. */
const WORDS = "replace(version.memory_store_id, '_', ''), version.path || ' ' || version.content"

/** The pattern in the front matter of what a dream wrote; null in any other text, which may be about lessons that the store does not know. */
const PATTERN = `CASE WHEN version.created_by LIKE 'dream:%' AND version.content GLOB '---' || char(10) || '*' AND version.content LIKE '%' || char(10) || '---' || char(10) || '%'
  THEN nullif(substr(version.content, nullif(instr(substr(version.content, 1, instr(version.content, char(10) || '---' || char(10))), char(10) || 'pattern: pat_'), 0) + 10, 28), '') END`

const STANDS = `SELECT version.seq, version.memory_id, version.memory_store_id, ${PATTERN}, version.content_size_bytes
  FROM memory_version AS version WHERE version.content IS NOT NULL AND version.path <> '/_index.md'`

export const patternByPromise = `-- The lessons of a store for everybody, and for one person, those first that promise to avoid most; db/memory-texts.ts says how.
CREATE INDEX pattern_by_promise ON pattern (memory_store_id, coalesce(content ->> '$.scope.person', ''), (
  CASE tier WHEN 'verified' THEN 1.0 ELSE 0.5 END * CASE WHEN content ->> '$.watch.expectation.bad'
    THEN (content ->> '$.effect.exposed[0]') - coalesce(1.0 * (content ->> '$.effect.unexposed[0]') / nullif(content ->> '$.effect.unexposed[1]', 0), 0) * (content ->> '$.effect.exposed[1]')
    ELSE (content ->> '$.effect.unexposed[0]') - coalesce(1.0 * (content ->> '$.effect.exposed[0]') / nullif(content ->> '$.effect.exposed[1]', 0), 0) * (content ->> '$.effect.unexposed[1]') END) DESC)
WHERE status IN ('candidate', 'probation', 'confirmed') AND tier <> 'marker';`

export const memoryTexts = `
-- One row a memory that stands, the index of a store left out. Numbered as its version, whose number nothing ever changes.
CREATE TABLE memory_text (
  seq             INTEGER PRIMARY KEY REFERENCES memory_version (seq),
  memory_id       TEXT NOT NULL UNIQUE,
  memory_store_id TEXT NOT NULL,
  pattern_id      TEXT,
  size_bytes      INTEGER NOT NULL
) STRICT;

CREATE INDEX memory_text_of_lesson ON memory_text (memory_store_id, pattern_id, size_bytes);

-- Holds no text, only which memories have which word. What is taken out of it is really gone.
CREATE VIRTUAL TABLE memory_word USING fts5 (store, words, content = '', tokenize = 'porter unicode61 remove_diacritics 2');
INSERT INTO memory_word (memory_word, rank) VALUES ('secure-delete', 1);

CREATE TRIGGER memory_text_comes AFTER INSERT ON memory
BEGIN
  INSERT INTO memory_text ${STANDS} AND version.id = new.memory_version_id;
  INSERT INTO memory_word (rowid, store, words) SELECT version.seq, ${WORDS}
    FROM memory_version AS version JOIN memory_text USING (seq) WHERE version.id = new.memory_version_id;
END;

CREATE TRIGGER memory_text_changes AFTER UPDATE OF memory_version_id ON memory
BEGIN
  INSERT INTO memory_word (memory_word, rowid, store, words) SELECT 'delete', version.seq, ${WORDS}
    FROM memory_version AS version JOIN memory_text USING (seq) WHERE memory_text.memory_id = old.id;
  DELETE FROM memory_text WHERE memory_id = old.id;
  INSERT INTO memory_text ${STANDS} AND version.id = new.memory_version_id;
  INSERT INTO memory_word (rowid, store, words) SELECT version.seq, ${WORDS}
    FROM memory_version AS version JOIN memory_text USING (seq) WHERE version.id = new.memory_version_id;
END;

CREATE TRIGGER memory_text_goes AFTER DELETE ON memory
BEGIN
  INSERT INTO memory_word (memory_word, rowid, store, words) SELECT 'delete', version.seq, ${WORDS}
    FROM memory_version AS version JOIN memory_text USING (seq) WHERE memory_text.memory_id = old.id;
  DELETE FROM memory_text WHERE memory_id = old.id;
END;

INSERT INTO memory_text ${STANDS} AND version.id IN (SELECT memory_version_id FROM memory);
INSERT INTO memory_word (rowid, store, words) SELECT version.seq, ${WORDS} FROM memory_version AS version JOIN memory_text USING (seq);

${patternByPromise}

CREATE INDEX experiment_that_keeps ON experiment (memory_store_id, pattern_id)
WHERE kind = 'lesson' AND status = 'running' AND verdict = 'keep';
`
