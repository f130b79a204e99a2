import { describe, expect, test } from 'vitest'
import { observeClaims } from '../../src/2-review/claim-channel.ts'
import type { Claim } from '../../src/domain/claim.ts'
import { claim, quoted } from '../3-mine/claims.ts'
import { answer, call, result, SATISFIED, type Step, say, session, UNSATISFIED } from '../session-builder.ts'

const talk = [
  say('What does it cost?'),
  answer('The price is 20 euros.'),
  say('Tell me the currency, please.'),
]
const mistake = claim()
const wish = claim({
  id: 'clm_2',
  kind: 'preference',
  citations: [quoted(1), quoted(2, { origin: 'person', quote: 'Tell me the currency' })],
})

/** Context, whether bad, the event, and what was seen. */
function seen(steps: Step[], claims: Claim[], of: object = {}): unknown[][] {
  return observeClaims({ ...session(...steps), ...of }, claims).map((it) => [
    it.context,
    it.bad,
    it.event,
    it.traits,
  ])
}

describe('of a session that a model read', () => {
  test('all that was said is counted, and what people want where people spoke', () => {
    expect(seen(talk, [mistake, wish])).toEqual([
      ['claims seen', true, 2, { 'mistake clm_1': 1, 'preference clm_2': 2 }],
      ['claims said', true, 0, { 'preference clm_2': 2 }],
    ])
  })

  test('of which nothing was said, that is counted too', () => {
    expect(seen(talk, [])).toEqual([
      ['claims seen', false, 2, {}],
      ['claims said', false, 0, {}],
    ])
  })

  test.each([
    { name: 'failed', outcome: UNSATISFIED, bad: true },
    { name: 'went well', outcome: SATISFIED, bad: false },
  ])('and that $name, everything said is held against it', ({ outcome, bad }) => {
    expect(seen(talk, [mistake, wish], { outcome })).toContainEqual([
      'claims ended',
      bad,
      2,
      { 'mistake clm_1': 1, 'preference clm_2': 2 },
    ])
  })

  test.each([
    { name: 'nobody verified', outcome: { ...UNSATISFIED, verified: false } },
    { name: 'nobody knows', outcome: { ...SATISFIED, result: 'unknown' as const } },
  ])('whose end $name, nothing is', ({ outcome }) => {
    expect(seen(talk, [mistake], { outcome }).map(([context]) => context)).toEqual([
      'claims seen',
      'claims said',
    ])
  })

  test('in which no person spoke, nobody could say what they want', () => {
    expect(seen([call('quote'), result()], [claim({ citations: [quoted(0)] })])).toEqual([
      ['claims seen', true, 1, { 'mistake clm_1': 0 }],
    ])
  })

  test('the rule that verified its end is named, or that it has no name: else it is compared with what people are', () => {
    const ended = (rule: string | null) =>
      observeClaims({ ...session(...talk), outcome: { ...SATISFIED, rule } }, []).at(-1)!.rule
    expect([ended('second-line check@2'), ended(null)]).toEqual(['second-line_check@2', ''])
  })

  test('kinds of mistakes are counted as one, and the first to say it is where it is looked up', () => {
    const again = claim({ id: 'clm_3', group_id: 'clm_1', kind: 'violated_policy', citations: [quoted(2)] })
    expect(seen(talk, [mistake, again])[0]).toEqual(['claims seen', true, 2, { 'mistake clm_1': 1 }])
  })
})

describe('of a copy', () => {
  const copied = { events: [0, 1], was_judged: true }

  test('only what is new in it is counted', () => {
    const it = { ...session(...talk), outcome: UNSATISFIED }
    expect(
      observeClaims(it, [mistake, wish], copied).map(({ context, event, traits }) => [
        context,
        event,
        traits,
      ]),
    ).toEqual([
      ['claims seen', 2, { 'preference clm_2': 2 }],
      ['claims said', 2, { 'preference clm_2': 2 }],
    ])
  })

  test('a claim that rests on what is old and what is new is counted for what is new', () => {
    const both = claim({ citations: [quoted(1), quoted(2, { origin: 'person' })] })
    const [seen] = observeClaims(session(...talk), [both], copied)
    expect(seen).toMatchObject({ context: 'claims seen', bad: true, traits: { 'mistake clm_1': 2 } })
  })

  test('in which nothing is new, nothing is', () => {
    expect(observeClaims(session(...talk), [mistake], { events: [0, 1, 2], was_judged: false })).toEqual([])
  })
})
