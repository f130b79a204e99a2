/** One session is found by its fingerprints or its id, and the memories that may be given by an index each, however many there are. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SqliteQueryCompiler, sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { claimsOf, firstOfGroup, groupsOf, quotedBy } from '../../src/db/claims.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { copiesLike } from '../../src/db/erasable.ts'
import { runningExperiments } from '../../src/db/experiments.ts'
import {
  factsOfLessons,
  liftsOfLessons,
  measuredToHelp,
  memoriesIn,
  memoriesNumbered,
  memoriesOfPeople,
  mostPromising,
  sessionsDreamed,
  tasksOf,
} from '../../src/db/memory-texts.ts'
import { answerTo } from '../../src/db/model-answers.ts'
import { paidSince, usesOf } from '../../src/db/model-calls.ts'
import { readModelReviews } from '../../src/db/model-reviews.ts'
import { deliveredTo } from '../../src/db/recalls.ts'
import { readMeasures } from '../../src/db/session-measures.ts'
import { workPutIn } from '../../src/db/session-work.ts'
import { findSession, readSession, sessionsSharing } from '../../src/db/sessions.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-plans-'))
const db = openDatabase(join(folder, 'plans.db'))
afterAll(async () => {
  await db.destroy()
  rmSync(folder, { recursive: true })
})

/** Through every row of a table, or of a workspace. */
const LONG_WAY =
  /^SCAN (?:session|fingerprint|pattern|memory\w*|experiment|ledger|claim|model_\w+)\b|\(workspace_id=\?\)/

const DAYS = { from: '2026-11-01T00:00:00Z', until: '2026-11-08T00:00:00Z', most: 1_000 }
const FINGERPRINTS = Array.from({ length: 9 }, (_, i) => `0123456789abcde${i}`)

test.each<[what: string, read: (db: Database) => Promise<unknown>]>([
  [
    'sessions that share a beginning',
    (db) => sessionsSharing(db, { ids: ['sesn_1'], external_session_id: 'run' }, FINGERPRINTS),
  ],
  ['copies of a session', (db) => copiesLike(db, { id: 'sesn_1', copied: new Set(), events: FINGERPRINTS })],
  ['a session by its id', (db) => findSession(db, 'sesn_1')],
  ['what a model answered', (db) => answerTo(db, 'sha')],
  ['what a dream asked of models', (db) => usesOf(db, 'drm_1')],
  ['what was paid that day', (db) => paidSince(db, '2026-11-03T00:00:00Z', 0)],
  ['what was paid since the last look', (db) => paidSince(db, '2026-11-03T00:00:00Z', 17)],
  ['the events of a session', (db) => readSession(db, 'sesn_1')],
  ['the measures of sessions', (db) => readMeasures(db, ['sesn_1', 'sesn_2'], 1)],
  ['the sessions of some days', (db) => workPutIn(db, 'desk', DAYS, 'at once')],
  ['those of them that were put in event by event', (db) => workPutIn(db, 'desk', DAYS, 'event by event')],
  [
    'the experiments that run on what a session recalls',
    (db) => runningExperiments(db, 'memstore_1', ['pat_1', 'pat_2']),
  ],
  ['the lessons that promise most', (db) => mostPromising(db, 'memstore_1', 'ana', 50)],
  ['the lessons that were measured to help', (db) => measuredToHelp(db, 'memstore_1', 50)],
  ['memories that people wrote', (db) => memoriesOfPeople(db, 'memstore_1', 50)],
  ['how many memories a store has', (db) => memoriesIn(db, 'memstore_1')],
  ['memories by their numbers', (db) => memoriesNumbered(db, 'memstore_1', [1, 2])],
  ['what is known of lessons', (db) => factsOfLessons(db, 'memstore_1', ['pat_1'], { with_sightings: true })],
  ['their lifts', (db) => liftsOfLessons(db, 'memstore_1', ['pat_1'])],
  ['how many sessions a store dreamed of', (db) => sessionsDreamed(db, 'memstore_1')],
  ['what models said of sessions', (db) => claimsOf(db, ['sesn_1'])],
  ['what they said of an agent', (db) => groupsOf(db, 'desk')],
  ['how they first said it', (db) => firstOfGroup(db, 'clm_1', new Set())],
  ['what they quoted for it', (db) => quotedBy(db, 'clm_1', ['sesn_1', 'sesn_2'])],
  ['what became of asking them', (db) => readModelReviews(db, ['sesn_1'], '1')],
  ['tasks of sessions', (db) => tasksOf(db, ['sesn_1'])],
  ['which lessons sessions were given', (db) => deliveredTo(db, ['sesn_1', 'sesn_2'])],
])('%s', async (_, read) => {
  const plan = await planOf(read)
  expect(plan.length).toBeGreaterThan(0)
  for (const detail of plan) expect(detail).not.toMatch(LONG_WAY)
})

test('what is known of lessons is read from an index, and not from their long rows', async () => {
  const plan = await planOf((db) => factsOfLessons(db, 'memstore_1', ['pat_1'], { with_sightings: false }))
  expect(plan[0]).toContain('USING COVERING INDEX pattern_by_facts')
})

test('the experiments that run are found by an index each', async () => {
  const plan = await planOf((db) => runningExperiments(db, 'memstore_1', ['pat_1']))
  expect(plan[0]).toContain('one_running_experiment_a_thing (memory_store_id=? AND kind=? AND <expr>=?)')
})

test('the lessons that promise most are read in the order in which an index has them', async () => {
  const plan = await planOf((db) => mostPromising(db, 'memstore_1', 'ana', 50))
  expect(plan[0]).toContain('USING INDEX pattern_by_promise')
  expect(plan.join()).not.toContain('TEMP B-TREE')
})

/** How SQLite goes about the one query that `read` asks. */
async function planOf(read: (db: Database) => Promise<unknown>): Promise<string[]> {
  const plans: string[] = []
  const explaining = db.withPlugin({
    transformQuery({ node, queryId }) {
      const { parameters, sql: text } = new SqliteQueryCompiler().compileQuery(node, queryId)
      plans.push(`EXPLAIN QUERY PLAN ${text.replaceAll('?', () => quoted(parameters[asked++]))}`)
      return node
    },
    transformResult: async ({ result }) => result,
  })
  let asked = 0
  await read(explaining)
  expect(plans).toHaveLength(1)
  const { rows } = await sql.raw<{ detail: string }>(plans[0]!).execute(db)
  return rows.map((it) => it.detail)
}

function quoted(value: unknown): string {
  return typeof value === 'number' ? String(value) : `'${value}'`
}
