/** What a digest says of a dream, and when it says that the proposals are no longer those that the audit log recorded. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Change } from '../../src/domain/change.ts'
import type { Decision } from '../../src/domain/decision.ts'
import { type Digest, digestOf } from '../../src/domain/digest.ts'
import type { Dream } from '../../src/domain/dream.ts'
import { proposalsHash } from '../../src/domain/proposals-hash.ts'

const lesson = (text: string, why: string) =>
  `---\nname: a\ndescription: ${text}\n---\n${text}\n\nWhy: ${why}\n`

const dream: Dream = {
  id: 'drm_1',
  status: 'completed',
  memory_store_id: 'memstore_1',
  agent: 'desk',
  result: 'changed',
  notes: [],
  alerts: [],
  sessions_read: 47,
  observations: 100,
  model: null,
  spending: null,
  created_at: '2026-11-03T02:00:00.000Z',
  ended_at: '2026-11-03T02:01:00.000Z',
  error: null,
}

function change(id: number, over: Partial<Change> = {}): Change {
  return {
    id: `chg_${id}`,
    dream_id: dream.id,
    operation: 'created',
    kind: 'add',
    path: `/${id}.md`,
    before: null,
    before_sha256: null,
    after: lesson(`Do ${id} first`, `it failed in ${id} of 40 sessions.`),
    reason: 'Newer evidence',
    pattern_ids: ['pat_1'],
    verdict: 'hold',
    verdict_reason: 'nothing goes live without a decision',
    policy_sha256: 'a'.repeat(64),
    status: 'undecided',
    memory_version_id: null,
    redacted_at: null,
    ...over,
  }
}

function digest(changes: Change[], recorded: string | null, decisions: Decision[] = []): Digest {
  return digestOf(
    dream,
    'desk',
    changes,
    Map.groupBy(decisions, (it) => it.change_id),
    recorded,
  )
}

test('it counts what was proposed by kind, and what became of it', () => {
  const { counts } = digest(
    [
      change(1, { status: 'adopted' }),
      change(2),
      change(3, { kind: 'stale', status: 'rejected' }),
      change(4, { status: 'undone' }),
    ],
    null,
  )

  expect(counts).toEqual({
    proposed: { add: 3, refresh: 0, merge: 0, stale: 1, conflict: 0 },
    status: { undecided: 1, approved: 0, rejected: 1, adopted: 1, undone: 1, superseded: 0, denied: 0 },
    alerts: 0,
  })
})

test.each<{ name: string; one: Partial<Change>; lesson: string | null; why: string | null }>([
  {
    name: 'a new lesson, by its text and the reason to believe it',
    one: {},
    lesson: 'Do 1 first',
    why: 'it failed in 1 of 40 sessions.',
  },
  {
    name: 'a refreshed one, by what is new',
    one: { kind: 'refresh', reason: 'Newer evidence: 9 of 40' },
    lesson: 'Do 1 first',
    why: 'Newer evidence: 9 of 40',
  },
  {
    name: 'a conflict, by its first matter',
    one: { kind: 'conflict', reason: 'It says the opposite of /b.md\n3 sessions speak for it' },
    lesson: 'Do 1 first',
    why: 'It says the opposite of /b.md',
  },
  {
    name: 'a deletion, by what was there',
    one: {
      kind: 'merge',
      operation: 'deleted',
      before: lesson('Do it', 'so'),
      after: null,
      reason: 'A copy.',
    },
    lesson: 'Do it',
    why: 'A copy.',
  },
  {
    name: 'a memory without front matter, by its first line',
    one: { after: '# Do it\n\nNow.\n', reason: 'Said so.' },
    lesson: 'Do it',
    why: 'Said so.',
  },
  {
    name: 'what was erased, by nothing',
    one: { after: null, reason: 'It says "x"', redacted_at: '2026-12-01T00:00:00.000Z' },
    lesson: null,
    why: null,
  },
])('$name', ({ one, lesson, why }) => {
  expect(digest([change(1, one)], null).changes[0]).toMatchObject({ lesson, why })
})

test('it has every word on a change, and not the text that somebody edited', () => {
  const words: Decision[] = [
    {
      change_id: 'chg_1',
      decision: 'rejected',
      by: 'user:ann',
      reason: 'not yet',
      at: '2026-11-04T09:00:00.000Z',
      content_sha256: 'b'.repeat(64),
      edited: null,
    },
    {
      change_id: 'chg_1',
      decision: 'approved',
      by: 'user:bob',
      reason: '',
      at: '2026-11-05T09:00:00.000Z',
      content_sha256: 'c'.repeat(64),
      edited: 'my own words',
    },
  ]
  const { changes } = digest([change(1), change(2)], null, words)

  expect(changes.map((it) => it.decisions)).toEqual([
    [
      {
        decision: 'rejected',
        by: 'user:ann',
        reason: 'not yet',
        at: '2026-11-04T09:00:00.000Z',
        is_edited: false,
      },
      { decision: 'approved', by: 'user:bob', reason: '', at: '2026-11-05T09:00:00.000Z', is_edited: true },
    ],
    [],
  ])
  expect(JSON.stringify(changes)).not.toContain('my own words')
})

const proposed = [change(1), change(2), change(3)]
const recorded = proposalsHash(proposed)

test.each<{ name: string; now: Change[]; is_as_recorded: boolean }>([
  { name: 'nothing happened', now: proposed, is_as_recorded: true },
  {
    name: 'they were decided, adopted and taken back',
    now: proposed.map((it) => ({ ...it, status: 'undone' as const, memory_version_id: 'memver_1' })),
    is_as_recorded: true,
  },
  {
    name: 'one was put up again, after a memory had changed',
    now: [...proposed, change(4)],
    is_as_recorded: true,
  },
  { name: 'one is missing at the end', now: proposed.slice(0, 2), is_as_recorded: false },
  { name: 'one is missing in the middle', now: [proposed[0]!, proposed[2]!], is_as_recorded: false },
  { name: 'two changed places', now: [proposed[1]!, proposed[0]!, proposed[2]!], is_as_recorded: false },
  {
    name: 'one came in between',
    now: [proposed[0]!, change(9), ...proposed.slice(1)],
    is_as_recorded: false,
  },
])('when $name, the proposals are as recorded: $is_as_recorded', ({ now, is_as_recorded }) => {
  expect(digest(now, recorded)).toMatchObject({ recorded_sha256: recorded, is_as_recorded })
})

test.each<Partial<Change>>([
  { id: 'chg_9' },
  { operation: 'modified' },
  { kind: 'refresh' },
  { path: '/b.md' },
  { before_sha256: 'd'.repeat(64) },
  { after: 'other words' },
  { after: null },
  { reason: 'another' },
  { pattern_ids: ['pat_2'] },
  { verdict: 'allow' },
  { verdict_reason: 'another' },
  { policy_sha256: null },
])('a proposal whose %j was changed is found out', (other) => {
  const now = [proposed[0]!, { ...proposed[1]!, ...other }, proposed[2]!]

  expect(digest(now, recorded).is_as_recorded).toBe(false)
})

test('where texts were erased, it says so instead of calling it a forgery', () => {
  const redacted_at = '2026-12-01T00:00:00.000Z'
  const now = [proposed[0]!, { ...proposed[1]!, before: null, after: null, redacted_at }, proposed[2]!]

  expect(digest(now, recorded)).toMatchObject({ erased: 1, is_as_recorded: null })
})

test('a dream without proposals is as recorded, and one without a record is neither', () => {
  expect(digest([], proposalsHash([])).is_as_recorded).toBe(true)
  expect(digest(proposed, null)).toMatchObject({ recorded_sha256: null, is_as_recorded: null })
})

test('no two lists of proposals have the same hash', () => {
  const lists = fc.uniqueArray(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 5 }), {
    selector: (it) => it.join(),
    minLength: 2,
    maxLength: 2,
  })
  fc.assert(
    fc.property(lists, ([a, b]) => {
      const hash = (ids: number[]) => proposalsHash(ids.map((it) => change(it)))
      expect(hash(a!)).not.toBe(hash(b!))
    }),
  )
})
