/** When a lesson is kept, and when it is retired. */
import { describe, expect, test } from 'vitest'
import { recurs } from '../../src/7-measure/recurrence.ts'
import { type Effect, verdictOf } from '../../src/7-measure/verdict.ts'
import type { Observation } from '../../src/domain/review.ts'
import { EVERY } from '../../src/domain/tally.ts'

/** With 200 sessions and this error a difference of about 6 points is told from none; `more` and `fewer` are what betting on it has won. */
const of = (value: number, { error = 0.02, more = 1, fewer = 1 } = {}): Effect => ({
  estimate: { value, error, sessions: 200 },
  won: { more, fewer },
})
const UNSURE = of(0, { error: 0.1 })
/** Of so few sessions that nothing is estimated. */
const few = (won: Effect['won']): Effect => ({ estimate: null, won })
const NOTHING = few({ more: 1, fewer: 1 })

describe('a lesson', () => {
  test.each([
    { name: 'nothing is known of', tier: 'verified', completion: NOTHING, recurrence: null, verdict: null },
    { name: 'nothing is sure of', tier: 'verified', completion: UNSURE, recurrence: UNSURE, verdict: null },
    {
      name: 'with which more is completed',
      tier: 'verified',
      completion: of(0.1, { more: 10 }),
      recurrence: null,
      verdict: 'keep',
    },
    {
      name: 'with which more is completed, if it is no luck',
      tier: 'verified',
      completion: of(0.1, { more: 9.9 }),
      recurrence: null,
      verdict: null,
    },
    {
      name: 'with which more was completed in a few sessions',
      tier: 'verified',
      completion: few({ more: 10, fewer: 0.1 }),
      recurrence: null,
      verdict: null,
    },
    {
      name: 'with which less is completed',
      tier: 'process',
      completion: of(-0.1),
      recurrence: of(-0.3, { fewer: 1_000 }),
      verdict: 'harm',
    },
    {
      name: 'read off calls that avoids what it is about',
      tier: 'process',
      completion: UNSURE,
      recurrence: of(-0.2, { fewer: 19 }),
      verdict: 'keep',
    },
    {
      name: 'read off calls with which more is completed',
      tier: 'process',
      completion: of(0.1, { more: 19 }),
      recurrence: UNSURE,
      verdict: 'keep',
    },
    {
      name: 'read off calls that does either, if it is no luck',
      tier: 'process',
      completion: of(0.1, { more: 7.9 }),
      recurrence: of(-0.2, { fewer: 12 }),
      verdict: null,
    },
    {
      name: 'read off calls that avoided what it is about in a few sessions',
      tier: 'process',
      completion: UNSURE,
      recurrence: few({ more: 0, fewer: 100 }),
      verdict: null,
    },
    {
      name: 'of people that avoids what it is about',
      tier: 'people',
      completion: NOTHING,
      recurrence: of(-0.2, { fewer: 20 }),
      verdict: 'keep',
    },
    {
      name: 'of outcomes that only avoids what it is about',
      tier: 'verified',
      completion: UNSURE,
      recurrence: of(-0.2, { fewer: 1_000 }),
      verdict: null,
    },
    {
      name: 'that brings about what it is about',
      tier: 'process',
      completion: UNSURE,
      recurrence: of(0.3, { more: 1_000 }),
      verdict: null,
    },
    {
      name: 'that changes nothing',
      tier: 'process',
      completion: of(-0.04),
      recurrence: of(0),
      verdict: 'futile',
    },
    {
      name: 'that completes no more but may avoid much',
      tier: 'process',
      completion: of(-0.04),
      recurrence: of(-0.05, { error: 0.05 }),
      verdict: null,
    },
    {
      name: 'that completes no more, in too few sessions to tell what it avoids',
      tier: 'process',
      completion: of(-0.04),
      recurrence: NOTHING,
      verdict: null,
    },
    {
      name: 'of outcomes that completes no more but avoids much',
      tier: 'verified',
      completion: of(-0.04),
      recurrence: of(-0.3),
      verdict: null,
    },
    {
      name: 'of which only completion is known',
      tier: 'verified',
      completion: of(-0.04),
      recurrence: null,
      verdict: null,
    },
  ] as const)('$name is judged $verdict', ({ tier, completion, recurrence, verdict }) => {
    expect(verdictOf(tier, { completion, recurrence, recurs_without: 0.5 })).toBe(verdict)
  })

  test('of which less than 2 points more can be hoped is futile, and of which as much can be hoped is not', () => {
    const measured = { recurrence: of(0), recurs_without: 0.5 }
    expect(verdictOf('verified', { completion: of(-0.04), ...measured })).toBe('futile')
    expect(verdictOf('verified', { completion: of(-0.02), ...measured })).toBeNull()
  })
})

test.each([
  { name: 'never happens', recurs_without: 0, avoided: 0, verdict: 'futile' },
  { name: 'hardly ever happens', recurs_without: 0.02, avoided: 0.01, verdict: 'futile' },
  { name: 'seldom happens, and may be avoided', recurs_without: 0.05, avoided: 0.03, verdict: null },
  {
    name: 'often happens, and is avoided less than a fifth',
    recurs_without: 0.5,
    avoided: 0.05,
    verdict: 'futile',
  },
])(
  'a lesson that completes no more, about what $name, is judged $verdict',
  ({ recurs_without, avoided, verdict }) => {
    const measured = { completion: of(-0.04), recurrence: of(-avoided, { error: 0.002 }), recurs_without }
    for (const tier of ['process', 'people', 'verified'] as const)
      expect(verdictOf(tier, measured)).toBe(verdict)
  },
)

test('a whole memory needs no recurrence to be futile', () => {
  expect(verdictOf(null, { completion: of(-0.04), recurrence: null, recurs_without: null })).toBe('futile')
})

describe('what a lesson is about happened again', () => {
  const lesson = (more: object) => ({
    channel: 'call' as const,
    context: 'call refund',
    trait: 'after get_order',
    scope: { agent: 'desk', person: null as string | null },
    watch: {
      expectation: { of_those: 'without' as const, bad: true },
      ...{ epoch: 0, confirmation: null, usual_rate: 0.9, detector: 0, since: null },
    },
    ...more,
  })
  const watch = (of_those: 'with' | 'without', bad: boolean) => ({
    watch: { ...lesson({}).watch, expectation: { of_those, bad } },
  })
  const saw = (bad: boolean, traits: string[] = [], more: Partial<Observation> = {}): Observation => ({
    channel: 'call',
    context: 'call refund',
    event: 0,
    bad,
    traits: Object.fromEntries(traits.map((it) => [it, 0])),
    ...more,
  })
  const repair = { channel: 'repair', context: 'repair refund | not allowed' } as const
  const said = { channel: 'correction', context: 'said' } as const
  const redone = { channel: 'correction', context: 'redone added' } as const

  test.each([
    { name: 'the call failed without its guard', of: {}, saw: saw(true), again: true },
    { name: 'the call failed after its guard', of: {}, saw: saw(true, ['after get_order']), again: false },
    { name: 'the call worked without its guard', of: {}, saw: saw(false), again: false },
    { name: 'another call failed', of: {}, saw: saw(true, [], { context: 'call invoice' }), again: false },
    {
      name: 'the call failed in the shape that fails',
      of: watch('with', true),
      saw: saw(true, ['after get_order']),
      again: true,
    },
    { name: 'the call failed in another shape', of: watch('with', true), saw: saw(true), again: false },
    { name: 'it went wrong without what goes well', of: watch('with', false), saw: saw(true), again: true },
    {
      name: 'it went wrong all the same',
      of: watch('with', false),
      saw: saw(true, ['after get_order']),
      again: false,
    },
    { name: 'any call of it failed', of: { trait: EVERY }, saw: saw(true, ['x']), again: true },
    {
      name: 'the error was met and not mended',
      of: { ...repair, trait: 'ask', ...watch('with', false) },
      saw: saw(true, ['met'], repair),
      again: true,
    },
    {
      name: 'the error was mended in whatever way',
      of: { ...repair, trait: 'ask', ...watch('with', false) },
      saw: saw(false, ['met'], repair),
      again: false,
    },
    {
      name: 'people said it again',
      of: { ...said, trait: 'add author', ...watch('with', true) },
      saw: saw(true, ['add author'], said),
      again: true,
    },
    {
      name: 'people said something else',
      of: { ...said, trait: 'add author', ...watch('with', true) },
      saw: saw(true, ['be brief'], said),
      again: false,
    },
    {
      name: 'people used the words, correcting nothing',
      of: { ...said, trait: 'add author', ...watch('with', true) },
      saw: saw(false, ['add author'], said),
      again: false,
    },
    {
      name: 'the agent did its work over once more as people asked, which is seen in what it wrote',
      of: { ...redone, trait: 'add author', ...watch('with', true) },
      saw: saw(true, ['add author'], { ...redone, channel: 'edit' }),
      again: true,
    },
    {
      name: 'the agent did its work over in another way',
      of: { ...redone, trait: 'add author', ...watch('with', true) },
      saw: saw(true, ['add date'], { ...redone, channel: 'edit' }),
      again: false,
    },
  ])('$name: $again', ({ of, saw, again }) => {
    expect(recurs(lesson(of), { person: null, observations: [saw] })).toBe(again)
  })

  test('not in a session without such an occasion, and not to somebody else', () => {
    expect(recurs(lesson({}), { person: null, observations: [] })).toBe(false)
    const of_ana = lesson({ scope: { agent: 'desk', person: 'ana' } })
    expect(recurs(of_ana, { person: 'bo', observations: [saw(true)] })).toBe(false)
    expect(recurs(of_ana, { person: 'ana', observations: [saw(true)] })).toBe(true)
  })
})
