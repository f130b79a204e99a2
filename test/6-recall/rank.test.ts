import { describe, expect, test } from 'vitest'
import type { Candidate, Lesson } from '../../src/6-recall/candidate.ts'
import { expectedLift, promisedBy } from '../../src/6-recall/expected-lift.ts'
import { fitOf, type Occasion, rankMemories } from '../../src/6-recall/rank.ts'
import { candidate, lesson, lift, telling } from './candidates.ts'

const USUAL: Occasion = { agents: ['desk'], person: null, task: null, sessions: 100 }
const ranked = (candidates: Candidate[], occasion: Partial<Occasion> = {}) =>
  rankMemories(candidates, { ...USUAL, ...occasion }).map((it) => it.path)

describe('counts promise to avoid bad occasions, so many a session', () => {
  const guard = { exposed: [40, 50], unexposed: [10, 50] } satisfies Lesson['effect']
  const warns = { of_those: 'without', bad: true } as const
  const tells = { of_those: 'with', bad: false } as const
  test.each<[what: string, over: Partial<Lesson>, promise: number]>([
    ['a warning: all that is more than on other occasions', { effect: guard, expectation: warns }, 0.3],
    [
      'what works: as much, on the occasions that lack it',
      { effect: { exposed: guard.unexposed, unexposed: guard.exposed }, expectation: tells },
      0.3,
    ],
    ['nothing to compare with: all of it', { effect: { exposed: [40, 50], unexposed: [0, 0] } }, 0.4],
    ['harm, where the counts have turned', { effect: { exposed: [10, 50], unexposed: [40, 50] } }, -0.3],
    ['a failed call: half', { effect: guard, tier: 'process' }, 0.15],
    ['what people ask for: half', { effect: guard, tier: 'people' }, 0.15],
    ['a marker: nothing', { effect: guard, tier: 'marker' }, 0],
    ['nothing counted: nothing', { effect: { exposed: [0, 0], unexposed: [0, 0] } }, 0],
  ])('%s', (_, over, promise) => {
    expect(promisedBy(lesson(over), 100)).toBeCloseTo(promise)
  })
})

describe('what was measured outweighs the promise as far as it is surer', () => {
  test.each<[what: string, lifts: Lesson['lifts'], low: number, high: number]>([
    ['nothing measured: the promise', [], 0.4, 0.4],
    ['surely no difference: hardly anything is left', [lift('completion', 0, 0.02)], 0, 0.01],
    ['a guess of no difference: most is left', [lift('completion', 0, 2)], 0.3, 0.4],
    ['it happens less often again: that counts, turned round', [lift('recurrence', -0.2, 0.02)], 0.19, 0.21],
    ['surely harm: harm', [lift('completion', -0.2, 0.02)], -0.2, -0.19],
    ['another metric: nothing', [lift('tokens', -4_000, 100)], 0.4, 0.4],
    [
      'too few sessions: nothing',
      [{ ...lift('completion', 0, 1), estimate: null, low: null, high: null }],
      0.4,
      0.4,
    ],
  ])('%s', (_, lifts, low, high) => {
    const expected = expectedLift(lesson({ lifts }), 100)
    expect(expected).toBeGreaterThanOrEqual(low - 1e-9)
    expect(expected).toBeLessThanOrEqual(high + 1e-9)
  })
})

describe('how well a lesson fits', () => {
  test.each<[what: string, tasks: string[], relevance: number | null, task: string | null, fit: number]>([
    ['nothing is known of the session', ['a'], null, null, 1],
    ['seen in that task', ['a', 'b'], null, 'a', 1],
    ['seen in another task', ['b'], null, 'a', 0.2],
    ['seen in four others, so in none', ['b', 'c', 'd', 'e'], null, 'a', 0.6],
    ['of no known task', [], null, 'a', 1],
    ['the best of the query', [], 1, null, 1],
    ['no word of the query', [], 0, null, 0.2],
    ['another task, and half the words', ['b'], 0.5, 'a', 0.6],
  ])('%s', (_, tasks, relevance, task, fit) => {
    expect(fitOf({ tasks }, relevance, task)).toBeCloseTo(fit)
  })
})

test('lessons come in the order of what is expected of them', () => {
  const counted = (bad: number) =>
    ({ effect: { exposed: [bad, 50], unexposed: [0, 50] } }) satisfies Partial<Lesson>
  const harmful = telling('/harms.md', { ...counted(40), lifts: [lift('completion', -0.2, 0.02)] })
  expect(
    ranked([
      telling('/unknown.md', counted(0)),
      harmful,
      telling('/some.md', counted(10)),
      telling('/most.md', counted(40)),
      telling('/measured.md', { ...counted(10), lifts: [lift('completion', 0.9, 0.02)] }),
      telling('/off-topic.md', counted(40), { relevance: 0 }),
    ]),
  ).toEqual(['/measured.md', '/most.md', '/some.md', '/off-topic.md', '/unknown.md', '/harms.md'])
})

test('what people wrote comes first where it is small or fits, and last where it is neither', () => {
  const long = { text: 'x'.repeat(401) }
  expect(
    ranked([
      candidate('/long.md', { ...long, relevance: 0.2 }),
      telling('/lesson.md', {}, { relevance: 1 }),
      candidate('/small.md', { relevance: 0 }),
      candidate('/long-and-fits.md', { ...long, relevance: 0.5 }),
    ]),
  ).toEqual(['/long-and-fits.md', '/small.md', '/lesson.md', '/long.md'])
})

describe('never given is', () => {
  const PAST = ['stale', 'dormant', 'disputed', 'retired']
  test.each<[what: string, it: Candidate]>([
    ...PAST.map((status): [string, Candidate] => [
      `a lesson that is ${status}`,
      telling('/a.md', { status }),
    ]),
    ...PAST.map((status): [string, Candidate] => [
      `a memory that says it is ${status}`,
      telling('/a.md', {}, { status }),
    ]),
    ['a marker', telling('/a.md', { tier: 'marker' })],
    ['a lesson of another person', telling('/a.md', { person: 'bo' })],
    ['a memory for another person', candidate('/a.md', { person: 'bo' })],
    ['a lesson about another agent', telling('/a.md', { agent: 'other' })],
  ])('%s', (_, it) => {
    for (const person of [null, 'ana']) expect(ranked([it], { person })).toEqual([])
  })

  test.each<[what: string, it: Candidate]>([
    ['a lesson on probation', telling('/a.md', { status: 'probation' })],
    ["a person's own lesson", telling('/a.md', { person: 'ana' }, { person: 'ana' })],
    [
      'one of a person whose name no memory may tell',
      telling('/a.md', { person: 'ana' }, { person: 'person' }),
    ],
    ['a lesson about the agent of the store', telling('/a.md', { agent: 'desk' })],
  ])('but given is %s', (_, it) => {
    expect(ranked([it], { person: 'ana', agents: ['clone', 'desk'] })).toEqual(['/a.md'])
  })
})
