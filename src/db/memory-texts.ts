/**
 * Which of the memories of a store a session may be given: found by their words, by what their lessons promise, by their size. Each is
 * one look into an index, whatever else is in the store or in others; what is given in the end, and in which order, 6-recall says.
 *
 * A memory is known here by the number of its version that stands.
 */
import { sql } from 'kysely'
import type { Lift } from '../domain/lift.ts'
import type { Memory } from '../domain/memory.ts'
import type { Effect, Expectation, Pattern } from '../domain/pattern.ts'
import type { Sighting } from '../domain/tally.ts'
import { type Database, OWN_WORKSPACE } from './database.ts'

/** Of these words of letters and digits, in which memories each stands; left out are those that stand in more than `most`, or in none. */
export async function memoriesWith(
  db: Database,
  memory_store_id: string,
  words: string[],
  most: number,
): Promise<Map<string, number[]>> {
  const before = `store : "${memory_store_id.replace('_', '')}" AND words : "`
  // One value a word, which is twice as quick as a row each.
  const { rows } = await sql<{ word: string; seqs: string }>`
    SELECT wanted.value AS word, (
      SELECT json_group_array(rowid) FROM (
        SELECT rowid FROM memory_word WHERE memory_word MATCH ${before} || wanted.value || '"' LIMIT ${most + 1}
      )
    ) AS seqs FROM json_each(${JSON.stringify(words)}) AS wanted`.execute(db)
  const found = rows.map((it): [string, number[]] => [it.word, JSON.parse(it.seqs)])
  return new Map(found.filter(([, seqs]) => seqs.length > 0 && seqs.length <= most))
}

/** How many memories stand in a store, its index left out. */
export async function memoriesIn(db: Database, memory_store_id: string): Promise<number> {
  const { n } = await db
    .selectFrom('memory_text')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('memory_store_id', '=', memory_store_id)
    .executeTakeFirstOrThrow()
  return n
}

/** Memories that no dream wrote, whatever they tell, the smallest first. */
export async function memoriesOfPeople(
  db: Database,
  memory_store_id: string,
  limit: number,
): Promise<number[]> {
  const rows = await db
    .selectFrom('memory_text')
    .select('seq')
    .where('memory_store_id', '=', memory_store_id)
    .where('pattern_id', 'is', null)
    .orderBy('size_bytes')
    .limit(limit)
    .execute()
  return rows.map((it) => it.seq)
}

/**
 * Memories whose lessons count now, and hold for everybody or for this person: those first whose counts promise to avoid most bad
 * occasions, which is what `promisedBy` of 6-recall says but for the number of sessions; the database keeps them in that order.
 */
export async function mostPromising(
  db: Database,
  memory_store_id: string,
  person: string,
  limit: number,
): Promise<number[]> {
  const { rows } = await sql<{ seq: number }>`
    SELECT memory_text.seq FROM pattern
    JOIN memory_text ON memory_text.memory_store_id = ${memory_store_id} AND memory_text.pattern_id = pattern.id
    WHERE pattern.memory_store_id = ${memory_store_id} AND coalesce(content ->> '$.scope.person', '') = ${person}
      AND status IN ('candidate', 'probation', 'confirmed') AND tier <> 'marker'
    ORDER BY (${PROMISED}) DESC LIMIT ${limit}`.execute(db)
  return rows.map((it) => it.seq)
}

/** To the letter as in the index `pattern_by_promise`, or it is not used. */
const PROMISED = sql.raw(`
  CASE tier WHEN 'verified' THEN 1.0 ELSE 0.5 END * CASE WHEN content ->> '$.watch.expectation.bad'
    THEN (content ->> '$.effect.exposed[0]') - coalesce(1.0 * (content ->> '$.effect.unexposed[0]') / nullif(content ->> '$.effect.unexposed[1]', 0), 0) * (content ->> '$.effect.exposed[1]')
    ELSE (content ->> '$.effect.unexposed[0]') - coalesce(1.0 * (content ->> '$.effect.exposed[0]') / nullif(content ->> '$.effect.exposed[1]', 0), 0) * (content ->> '$.effect.unexposed[1]') END`)

/** Memories whose lessons were measured to help. */
export async function measuredToHelp(
  db: Database,
  memory_store_id: string,
  limit: number,
): Promise<number[]> {
  // Left to itself, SQLite would go through every experiment of the store.
  const { rows } = await sql<{ seq: number }>`
    SELECT seq FROM experiment INDEXED BY experiment_that_keeps
    JOIN memory_text ON memory_text.memory_store_id = ${memory_store_id} AND memory_text.pattern_id = experiment.pattern_id
    WHERE experiment.memory_store_id = ${memory_store_id} AND kind = 'lesson' AND status = 'running' AND verdict = 'keep'
    LIMIT ${limit}`.execute(db)
  return rows.map((it) => it.seq)
}

/** Those memories of a store, in no order. */
export async function memoriesNumbered(
  db: Database,
  memory_store_id: string,
  seqs: Iterable<number>,
): Promise<(Memory & { seq: number })[]> {
  // In this order: the store may have many more.
  const { rows } = await sql<Memory & { seq: number }>`
    SELECT seq, memory.id, memory.memory_store_id, memory.memory_version_id, memory.path, content, content_sha256,
      content_size_bytes, created_by, memory.created_at, memory.updated_at
    FROM json_each(${JSON.stringify([...seqs])}) AS wanted
    CROSS JOIN memory_version AS version ON version.seq = wanted.value
    CROSS JOIN memory ON memory.id = version.memory_id AND memory.memory_version_id = version.id
    WHERE memory.memory_store_id = ${memory_store_id}`.execute(db)
  return rows
}

/** What is known of a lesson, as far as a recall asks. */
export type LessonFacts = Pick<Pattern, 'id' | 'tier' | 'status' | 'scope'> & {
  effect: Pick<Effect, 'exposed' | 'unexposed'>
  expectation: Expectation
  /** None unless they are asked for. */
  sightings: Sighting[]
}

export async function factsOfLessons(
  db: Database,
  memory_store_id: string,
  ids: string[],
  how: { with_sightings: boolean },
): Promise<LessonFacts[]> {
  const facts = how.with_sightings ? FACTS_WITH_SIGHTINGS : FACTS
  const { rows } = await sql<Pick<LessonFacts, 'id' | 'tier' | 'status'> & { facts: string }>`
    SELECT id, tier, status, ${facts} AS facts
    FROM pattern WHERE memory_store_id = ${memory_store_id}
      AND id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`.execute(db)
  return rows.map(({ facts, ...row }) => {
    const [scope, effect, expectation, sightings = []] = JSON.parse(facts)
    return { ...row, scope, effect, expectation, sightings }
  })
}

/** To the letter as in the index `pattern_by_facts`, or the whole of a pattern is read. */
const FACTS = sql.raw("json_extract(content, '$.scope', '$.effect', '$.watch.expectation')")
const FACTS_WITH_SIGHTINGS = sql.raw(
  "json_extract(content, '$.scope', '$.effect', '$.watch.expectation', '$.sightings')",
)

/** Of these lessons, the lifts of the experiments that run, as they were measured last. */
export async function liftsOfLessons(
  db: Database,
  memory_store_id: string,
  ids: string[],
): Promise<Map<string, Lift[]>> {
  const { rows } = await sql<{ pattern_id: string; lifts: string }>`
    SELECT pattern_id, lifts FROM experiment
    WHERE memory_store_id = ${memory_store_id} AND kind = 'lesson' AND status = 'running'
      AND coalesce(pattern_id, '') IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`.execute(db)
  return new Map(rows.map((it) => [it.pattern_id, JSON.parse(it.lifts)]))
}

/** How many sessions a store has dreamed of. */
export async function sessionsDreamed(db: Database, memory_store_id: string): Promise<number> {
  const { n } = await db
    .selectFrom('ledger')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('memory_store_id', '=', memory_store_id)
    .executeTakeFirstOrThrow()
  return n
}

/** The tasks of those of these sessions that have one. */
export async function tasksOf(db: Database, session_ids: Iterable<string>): Promise<Map<string, string>> {
  const { rows } = await sql<{ id: string; task: string }>`
    SELECT id, task FROM session
    WHERE id IN (SELECT value FROM json_each(${JSON.stringify([...session_ids])}))
      AND +workspace_id = ${OWN_WORKSPACE} AND task IS NOT NULL`.execute(db)
  return new Map(rows.map((it) => [it.id, it.task]))
}
