import { describe, expect, test } from 'vitest'
import { callsOf } from '../../src/2-review/call.ts'
import { observeSession } from '../../src/2-review/session-channel.ts'
import { type Outcome, UNKNOWN_OUTCOME } from '../../src/domain/outcome.ts'
import {
  answer,
  call,
  error,
  result,
  SATISFIED,
  type Step,
  say,
  session,
  UNSATISFIED,
} from '../session-builder.ts'

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
      // "send" says that it changes something.
      'session-change': {},
    })
  })

  test('is counted in calls, of all kinds together', () => {
    const [whole] = observed(
      SATISFIED,
      ...Array.from({ length: 20 }, (_, i) => [call(`look_${i}`), result()]).flat(),
    )
    expect(whole!.traits).toMatchObject({ '10 calls or more': 18, '20 calls or more': 38 })
    expect(whole!.traits).not.toHaveProperty('40 calls or more')
  })

  test('is, of one shell command, each program that it ran', () => {
    const [whole] = observed(SATISFIED, call('bash', { command: 'npm ci && npm test && git push' }), result())
    expect(whole!.traits).toEqual({ 'use npm ci': 0, 'use npm test': 0, 'use git push': 0 })
  })

  test('a refusal of a person leaves no call failed', () => {
    const [whole] = observed(SATISFIED, call('push'), error('no', 'user_rejection'))
    expect(whole!.traits).toEqual({ 'use push': 0 })
  })
})

describe('how a session went about its changes', () => {
  const yes = [say('cancel order 17'), answer('Cancel it, and refund you?'), say('Yes, please do.')]

  test.each<{ name: string; steps: Step[]; traits: Record<string, number> | undefined }>([
    { name: 'no change', steps: [say('yes'), call('get_order'), result()], traits: undefined },
    {
      name: 'a change that a person had just agreed to',
      steps: [...yes, call('cancel_order'), result()],
      traits: { 'a yes before': 2 },
    },
    {
      name: 'a change that a person had not agreed to',
      steps: [say('cancel order 17'), call('cancel_order'), result()],
      traits: {},
    },
    {
      name: 'a change after the talk had gone on to something else',
      steps: [...yes, answer('Done. What else?'), say('the invoice'), call('cancel_order'), result()],
      traits: {},
    },
    {
      name: 'two changes of one kind',
      steps: [
        say('go'),
        call('cancel_order', { id: 1 }),
        result(),
        call('cancel_order', { id: 2 }),
        result(),
      ],
      traits: {},
    },
    {
      name: 'two kinds of change, and a look at what came of them',
      steps: [
        say('go'),
        call('cancel_order'),
        result(),
        call('send_mail'),
        result(),
        call('get_order'),
        result(),
      ],
      traits: { 'changes of two kinds or more': 3, 'a look after': 5 },
    },
    {
      name: 'a look that failed is none',
      steps: [say('go'), call('cancel_order'), result(), call('get_order'), error('busy')],
      traits: {},
    },
  ])('$name', ({ steps, traits }) => {
    const change = observed(SATISFIED, ...steps).find((it) => it.context === 'session-change')
    expect(change?.traits).toEqual(traits)
  })

  test('a yes counts for the change that it came before, and for no other call', () => {
    const contexts = observed(SATISFIED, ...yes, call('get_order'), result(), call('cancel_order'), result())
    const traitsOf = (context: string) => contexts.find((it) => it.context === context)!.traits
    expect(traitsOf('session get_order')).toEqual({})
    expect(traitsOf('session cancel_order')).toEqual({ 'before get_order': 3, 'a yes before': 2 })
  })
})

function observed(outcome: Outcome, ...steps: Step[]) {
  const { events, ...facts } = { ...session(...steps), outcome }
  return observeSession({ ...facts, events }, callsOf(events))
}
