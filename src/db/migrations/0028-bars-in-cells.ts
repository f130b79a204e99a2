/**
 * A bar in the name of an agent's version or of a person is written as U+FDD0 in cells (`3-mine/cell.ts`). Until now it stood there as it
 * is, and what came before the first bar was taken for the whole name. What was counted so is written anew by the names
 * of the sessions that were counted; of a session whose version has a bar, what came after it stood before the task as well.
 */
export const barsInCells = `
CREATE TEMP TABLE barred AS
WITH named AS (
  SELECT DISTINCT memory_store_id, coalesce(person, '') AS person, coalesce(agent_version, '') AS version
  FROM ledger JOIN session ON session.seq = session_seq
  WHERE instr(person, '|') > 0 OR instr(agent_version, '|') > 0
), spelled (memory_store_id, whole, name) AS (
  SELECT memory_store_id, version, version FROM named
  UNION SELECT memory_store_id, person, person FROM named
  UNION SELECT memory_store_id, person || substr(version, instr(version, '|')), person FROM named WHERE instr(version, '|') > 0
)
SELECT memory_store_id, replace(name, '|', char(0xFDD0)) AS name,
  substr(whole, 1, instr(whole, '|') - 1) AS before_bar, substr(whole, instr(whole, '|') + 1) || '|' AS after_bar
FROM spelled WHERE instr(whole, '|') > 0;

UPDATE tally SET cells = (
  WITH counted AS (
    SELECT "key" AS cell, instr("key", '|') AS bar, value ->> 0 AS bad, value ->> 1 AS n FROM json_each(tally.cells)
  ), counted_anew AS (
    SELECT bad, n, coalesce((
      -- Between the name of a version and the bar may stand by which rule its sessions were judged.
      SELECT name || substr(cell, length(before_bar) + 1, bar - length(before_bar)) || substr(cell, bar + 1 + length(after_bar))
      FROM barred
      WHERE barred.memory_store_id = tally.memory_store_id
        AND substr(cell, 1, length(before_bar)) = before_bar
        AND (bar = length(before_bar) + 1 OR substr(cell, length(before_bar) + 1, 4) = ' by ')
        AND substr(cell, bar + 1, length(after_bar)) = after_bar
      ORDER BY length(before_bar) DESC, length(after_bar) DESC LIMIT 1
    ), cell) AS cell
    FROM counted
  ), added_up AS (
    SELECT cell, sum(bad) AS bad, sum(n) AS n FROM counted_anew GROUP BY cell ORDER BY cell
  )
  SELECT json_group_object(cell, json_array(bad, n)) FROM added_up
)
WHERE memory_store_id IN (SELECT memory_store_id FROM barred) AND cells LIKE '%|%|%';

DROP TABLE barred;
`
