import { describe, expect, test } from 'vitest'
import { callsOf } from '../../src/2-review/call.ts'
import { observeSession } from '../../src/2-review/session-channel.ts'
import { type Outcome, UNKNOWN_OUTCOME } from '../../src/domain/outcome.ts'
import { call, error, result, SATISFIED, type Step, say, session, UNSATISFIED } from '../session-builder.ts'

describe('only a verified outcome says how a session went', () => {
  test.each<{ name: string; outcome: Outcome; bad: boolean | undefined }>([
    { name: 'verified and satisfied', outcome: SATISFIED, bad: false },
    { name: 'verified and unsatisfied', outcome: UNSATISFIED, bad: true },
    { name: 'a thumb up', outcome: { ...SATISFIED, verified: false }, bad: undefined },
    { name: 'a thumb down', outcome: { ...UNSATISFIED, verified: false }, bad: undefined },
    { name: 'unknown', outcome: UNKNOWN_OUTCOME, bad: undefined },
    {
      name: 'unknown, although it was looked into',
      outcome: { ...UNKNOWN_OUTCOME, verified: true },
      bad: undefined,
    },
  ])('$name', ({ outcome, bad }) => {
    expect(observed(outcome, say('hello'))[0]?.bad).toBe(bad)
  })

  test('of a session in which something happened', () => {
    expect(observed(SATISFIED)).toEqual([])
  })
})

describe('what a session did', () => {
  test('is each thing once, with the event that first shows it', () => {
    const [whole] = observed(
      UNSATISFIED,
      say('refund me'),
      call('look', { order: '17' }),
      error('order 17 not found'),
      call('look', { order: '17' }),
      result(),
      call('refund', { order: '17' }),
      error('not allowed'),
    )
    expect(whole).toEqual({
      channel: 'session',
      context: 'session',
      bad: true,
      event: 6,
      traits: {
        'use look': 1,
        'error look | order <n> not found': 2,
        'an error': 2,
        'repeat look': 3,
        'use refund': 5,
        'error refund | not allowed': 6,
        '2 errors or more': 6,
        'a call left failed': 6,
        'left failed refund': 6,
      },
    })
  })

  test.each([
    { times: 2, traits: ['use look'] },
    { times: 3, traits: ['use look', 'use look 3 times or more'] },
    { times: 7, traits: ['use look', 'use look 3 times or more', 'use look 6 times or more'] },
  ])('$times calls of one action', ({ times, traits }) => {
    const [whole] = observed(
      SATISFIED,
      ...Array.from({ length: times }, (_, i) => [call('look', { page: i }), result()]).flat(),
    )
    expect(Object.keys(whole!.traits)).toEqual(traits)
  })

  test('is ordered: what came before the first call of each action', () => {
    const [, ...orders] = observed(
      SATISFIED,
      call('look'),
      result(),
      call('check'),
      result(),
      call('look'),
      result(),
      call('send'),
      result(),
    )
    expect(Object.fromEntries(orders.map((it) => [it.context, it.traits]))).toEqual({
      'session look': {},
      'session check': { 'before look': 0 },
      'session send': { 'before look': 0, 'before check': 2 },
    })
  })

  test('a refusal of a person leaves no call failed', () => {
    const [whole] = observed(SATISFIED, call('push'), error('no', 'user_rejection'))
    expect(whole!.traits).toEqual({ 'use push': 0 })
  })
})

function observed(outcome: Outcome, ...steps: Step[]) {
  const { events, ...facts } = { ...session(...steps), outcome }
  return observeSession({ ...facts, events }, callsOf(events))
}
