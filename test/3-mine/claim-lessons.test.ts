import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Finding } from '../../src/3-mine/finding.ts'
import { lessonOf } from '../../src/3-mine/lesson.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { fillSightings, mergeTallies, subtractTally, tallyOf } from '../../src/3-mine/tally.ts'
import { keysOf } from '../../src/3-mine/told.ts'
import type { Evidence } from '../../src/domain/evidence.ts'
import { answer, SATISFIED, say, session, UNSATISFIED } from '../session-builder.ts'
import { type Case, counted, judged, times } from './claimed-sessions.ts'

function findingsIn(cases: Case[]): Finding[] {
  return mine(tallyOf(counted(cases))).findings.filter((it) => it.channel === 'model')
}

/** What is found, in short. */
function found(cases: Case[]): [kind: string, trait: string, published: boolean][] {
  return findingsIn(cases).map((it) => [it.kind, it.trait, it.published])
}

describe('a wish that a model read in people’s words', () => {
  test.each<{ name: string; cases: Case[]; published: boolean | null }>([
    { name: 'in two sessions', cases: times(2, () => ({ claims: ['wish-1'] })), published: null },
    { name: 'in three sessions', cases: times(3, () => ({ claims: ['wish-1'] })), published: false },
    { name: 'in four sessions', cases: times(4, () => ({ claims: ['wish-1'] })), published: true },
    {
      name: 'in twenty sessions of two tasks',
      cases: times(20, (i) => ({ claims: ['wish-1'], task: `task-${i % 2}` })),
      published: false,
    },
    {
      name: 'in four sessions of three tasks',
      cases: times(4, (i) => ({ claims: ['wish-1'], task: `task-${i % 3}` })),
      published: true,
    },
    {
      name: 'four times in other words, not known for one',
      cases: times(4, (i) => ({ claims: [`wish-${i}`] })),
      published: null,
    },
  ])('$name: told is $published', ({ cases, published }) => {
    expect(found(cases)).toEqual(
      published === null ? [] : [['asked_for', 'preference clm_wish-1', published]],
    )
  })

  test.each<{ name: string; people: (string | null)[]; person: string | undefined }>([
    { name: 'that nobody else has', people: ['ana'], person: 'ana' },
    { name: 'that another has too', people: ['ana', 'ana', 'ana', 'ben'], person: undefined },
    { name: 'whom the harness does not name', people: [null], person: undefined },
  ])('$name is of $person', ({ people, person }) => {
    const cases = times(4, (i) => ({ claims: ['wish-1'], person: people[i % people.length]! }))
    expect(findingsIn(cases).map((it) => it.person)).toEqual([person])
  })

  test('is not told twice where the counts tell it in the same places', () => {
    const correction = [say('Write it.'), answer('Done.'), say('Always put the case number first.')]
    const events = session(...correction).events
    const cases = times(6, () => ({ claims: ['wish-1'], events }))
    const { findings } = mine(tallyOf(counted(cases)))
    expect(findings.map((it) => [it.kind, it.published])).toEqual([
      ['correction', true],
      ['asked_for', false],
    ])
  })
})

describe('what a model says again and again', () => {
  test.each([3, 40, 200])('and nothing bears out is a candidate after %i sessions', (n) => {
    expect(found(times(n, () => ({ claims: ['value-1'] })))).toEqual([
      ['claimed', 'mistake clm_value-1', false],
    ])
  })

  test('is nothing after two', () => {
    expect(found(times(2, () => ({ claims: ['value-1'] })))).toEqual([])
  })
})

describe('what a model says of sessions whose end is known', () => {
  test.each([
    { group: 'value-1', fails: { with: 0.7, without: 0.2 }, class: 'mistake', trait: 'mistake clm_value-1' },
    { group: 'wish-1', fails: { with: 0.7, without: 0.2 }, class: 'mistake', trait: 'preference clm_wish-1' },
    { group: 'way-1', fails: { with: 0.1, without: 0.6 }, class: 'success', trait: 'practice clm_way-1' },
  ])('is a verified lesson where $trait goes with how they end', ({ group, fails, class: kind, trait }) => {
    expect(findingsIn(judged(1, fails, group))).toContainEqual(
      expect.objectContaining({
        kind: 'borne_out',
        class: kind,
        channel: 'model',
        tier: 'verified',
        context: 'claims ended',
        trait,
        published: true,
        needs_confirmation: true,
      }),
    )
  })

  test.each([
    { name: 'a mistake after which all goes well', group: 'value-1', fails: { with: 0.1, without: 0.6 } },
    { name: 'good practice after which it fails', group: 'way-1', fails: { with: 0.7, without: 0.2 } },
  ])('is only watched where it does not make sense: $name', ({ group, fails }) => {
    expect(findingsIn(judged(2, fails, group)).map((it) => [it.kind, it.published])).toEqual([
      ['claimed', false],
    ])
  })

  test('is not told where only the tasks decide how they end', () => {
    const told = times(30, (seed) => findingsIn(judged(seed, null)).filter((it) => it.published))
    expect(told.flat().length).toBeLessThanOrEqual(1)
  })

  test('is not told of tasks that are not known', () => {
    const cases = judged(1, { with: 0.7, without: 0.2 }).map((it) => ({ ...it, task: null }))
    expect(findingsIn(cases).map((it) => it.published)).toEqual([false])
  })

  test('is not told by a rule whose measure jumped when it came', () => {
    const cases = judged(1, { with: 0.95, without: 0.4 })
    const by = (rule: string, its: Case[], week: number) =>
      its.map((it) => ({
        ...it,
        started_at: `2026-0${week}-02T09:00:00Z`,
        outcome: { ...it.outcome!, rule },
      }))
    const easy = times(60, (i) => ({
      task: `task-${i % 12}`,
      outcome: i % 20 === 0 ? UNSATISFIED : SATISFIED,
    }))
    const told = (its: Case[]) => findingsIn(its).map((it) => it.published)
    expect(told(by('hard@1', cases, 3))).toEqual([true])
    expect(told([...by('easy@1', easy, 1), ...by('hard@1', cases, 3)])).toEqual([false])
  })

  test('is one finding, not a candidate besides', () => {
    const traits = findingsIn(judged(1, { with: 0.7, without: 0.2 })).map((it) => it.trait)
    expect(traits).toEqual(['mistake clm_value-1'])
  })
})

test('asking a model takes nothing from what counts find, and adds nothing to it', () => {
  const cases = judged(5, { with: 0.7, without: 0.2 })
  const others = (its: Case[]) => mine(tallyOf(counted(its))).findings.filter((it) => it.channel !== 'model')
  const unread = counted(cases).map((it) => ({
    ...it,
    observations: it.observations.filter(({ channel }) => channel !== 'model'),
  }))
  const { findings, notes, alerts } = mine(tallyOf(unread))
  expect(others(cases)).toEqual(findings)
  expect(mine(tallyOf(counted(cases)))).toMatchObject({ notes, alerts })
})

describe('sessions that were given a lesson', () => {
  const lesson = { channel: 'model' as const, context: 'claims said', trait: 'preference clm_wish-1' }

  test('say nothing of it, and all of other claims', () => {
    const cases = times(10, (i) => ({
      claims: ['wish-1', 'value-1'],
      told: i < 7 ? keysOf(lesson) : [],
    }))
    const sessions = (trait: string) => findingsIn(cases).find((it) => it.trait === trait)?.sessions
    expect(sessions('preference clm_wish-1')).toBe(3)
    expect(sessions('mistake clm_value-1')).toBe(10)
  })

  test('nor where the same is counted for another reason', () => {
    const cases = judged(1, { with: 0.7, without: 0.2 }, 'wish-1').map((it) => ({
      ...it,
      told: keysOf(lesson),
    }))
    expect(findingsIn(cases)).toEqual([])
  })
})

test('counted apart and merged, or taken out again, it is what it is counted at once', () => {
  const groups = fc.subarray(['wish-1', 'wish-2', 'value-1', 'way-1'])
  const kind = fc.record({
    claims: groups,
    person: fc.constantFrom('ana', 'ben', null),
    outcome: fc.constantFrom(SATISFIED, UNSATISFIED, { ...SATISFIED, verified: false }),
    told: fc.constantFrom(
      [],
      keysOf({ channel: 'model', context: 'claims ended', trait: 'mistake clm_value-1' }),
    ),
  })
  const inOrder = (tally: ReturnType<typeof tallyOf>) =>
    [...tally].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, it]) => JSON.parse(JSON.stringify(it)))
  fc.assert(
    fc.property(fc.array(kind, { maxLength: 40 }), fc.nat(), (cases, cut) => {
      const sessions = counted(cases)
      const at = cut % (sessions.length + 1)
      const [some, others] = [sessions.slice(0, at), sessions.slice(at)]
      const all = tallyOf(sessions)
      expect(inOrder(sorted(mergeTallies(tallyOf(others), tallyOf(some))))).toEqual(inOrder(sorted(all)))
      fillSightings(subtractTally(all, tallyOf(some)), others)
      expect(inOrder(sorted(all))).toEqual(inOrder(sorted(tallyOf(others))))
    }),
    { numRuns: 60 },
  )
})

/** Cells in the order of their names. */
function sorted(tally: ReturnType<typeof tallyOf>): ReturnType<typeof tallyOf> {
  for (const row of tally.values())
    row.cells = Object.fromEntries(Object.entries(row.cells).sort(([a], [b]) => (a < b ? -1 : 1)))
  return tally
}

describe('the words of a lesson', () => {
  const evidence: Evidence[] = [
    {
      session_id: 'sesn_1',
      external_session_id: 's1',
      event_id: 'e1',
      origin: 'person',
      quote: 'Shorter, please',
    },
  ]
  const wordsOf = (cases: Case[], statement?: string) => {
    const finding = findingsIn(cases)[0]!
    const { name, text, why } = lessonOf({ ...finding, statement }, 'desk', evidence)
    return { name, text, why }
  }

  test('are those of the first claim, with how many sessions bear it out', () => {
    expect(
      wordsOf(
        times(5, () => ({ claims: ['wish-1'] })),
        'Keep replies brief',
      ),
    ).toEqual({
      name: 'keep-replies-brief',
      text: 'Keep replies brief.',
      why: 'People asked for it in 5 sessions ("Shorter, please"); a language model read them, and put it so.',
    })
  })

  test('say whose wish it is', () => {
    const cases = times(5, () => ({ claims: ['wish-1'], person: 'ana' }))
    expect(wordsOf(cases, 'Keep replies brief.')).toMatchObject({
      name: 'ana-keep-replies-brief',
      text: 'When you work for ana: Keep replies brief.',
      why: expect.stringMatching(/^ana asked for it in 5 sessions/),
    })
  })

  test('say what goes with how sessions end', () => {
    const { text, why } = wordsOf(judged(1, { with: 0.7, without: 0.2 }), 'Read the price from the order.')
    expect(text).toBe('Read the price from the order.')
    expect(why).toMatch(
      /^Sessions in which a language model saw that it was not done \("Shorter, please"\) failed in \d+ % \(\d+ of \d+\), the others in \d+ % \(\d+ of \d+\)\. At the same task and agent version their odds of failing are [\d.]+ times higher \(95 % interval [\d.]+ to [\d.]+\)\.$/,
    )
  })

  test('say that a candidate is none', () => {
    expect(
      wordsOf(
        times(3, () => ({ claims: ['value-1'] })),
        'Read the price.',
      ).why,
    ).toMatch(/^A language model said it of 3 sessions .* Nothing that was counted bears it out/)
  })

  test('are one line whatever a model says, and open nothing that hides what follows', () => {
    const finding = findingsIn(times(4, () => ({ claims: ['wish-1'] })))[0]!
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), (statement) => {
        const { text, why } = lessonOf({ ...finding, statement }, 'desk', evidence)
        for (const it of [text, why]) expect(it).not.toMatch(/[\n\r\0\u202a-\u202e]|<!--|```|~~~/)
        expect(text).toMatch(/[.!?]$/)
      }),
    )
  })

  test.each([
    ['# Heading\n---\nkeep it short', 'Heading --- keep it short.'],
    ['<!-- hidden --> Keep it short.', 'hidden   Keep it short.'],
    ['```sh Keep it short', "'sh Keep it short."],
    ['> - Keep\u200B it short!', 'Keep it short!'],
  ])('are one line without marks: %j', (statement, text) => {
    expect(
      wordsOf(
        times(4, () => ({ claims: ['wish-1'] })),
        statement,
      ).text,
    ).toBe(text)
  })
})
