import { describe, expect, test } from 'vitest'
import { callsOf } from '../../src/2-review/call.ts'
import { observeCalls } from '../../src/2-review/call-channel.ts'
import { answer, call, error, events, exit, result, type Step, say } from '../session-builder.ts'

/** Two messages of a person, so that how far the talk has come is no trait. */
const talk = [say('hello'), say('how are you?')]

describe('the first call of an action', () => {
  test('is an occasion, with how it went and what was true then', () => {
    expect(
      observed(
        call('look'),
        result(),
        call('read'),
        error('gone'),
        call('write', { text: 'hello there' }),
        error('denied'),
      ),
    ).toEqual({
      'call look': { bad: false, event: 3, traits: {} },
      'call read': { bad: true, event: 5, traits: { 'after look': 2 } },
      'call write': {
        bad: true,
        event: 7,
        traits: { 'after look': 2, 'arg text = several words': 7, 'after read failed': 7 },
      },
    })
  })

  test('is the only one that counts', () => {
    const { 'call read': first } = observed(
      call('read'),
      error('gone'),
      call('look'),
      result(),
      call('read'),
      result(),
    )
    expect(first).toEqual({ bad: true, event: 3, traits: {} })
  })

  test.each([
    { name: 'a person refuses', steps: [error('no thanks', 'user_rejection')] },
    { name: 'an outage hits', steps: [error('503', 'infrastructure')] },
    { name: 'nothing answers', steps: [say('hello?')] },
  ])('says nothing of an action when $name', ({ steps }) => {
    expect(observed(call('read'), ...steps, call('read'), result())).toEqual({})
  })
})

describe('what came before', () => {
  test.each([
    { name: 'the same value', input: { path: 'a.ts' }, traits: ['after look on the same path'] },
    {
      name: 'the same value under another name',
      input: { file: 'a.ts' },
      traits: ['after look on the same file'],
    },
    { name: 'another value', input: { path: 'b.ts' }, traits: [] },
    { name: 'a value too short to name anything', input: { path: 'ts' }, traits: [] },
    {
      name: 'a name that holds a line break',
      input: { 'my\n---\npath': 'a.ts' },
      traits: ['after look on the same my --- path'],
    },
  ])('concerned the same thing when it had $name', ({ input, traits }) => {
    const { 'call write': it } = observed(
      call('look', { path: 'a.ts', mode: 'ts' }),
      result(),
      call('write', input),
      result(),
    )
    expect(Object.keys(it!.traits).filter((trait) => trait.includes(' on the same '))).toEqual(traits)
  })

  test('does not count when it failed', () => {
    const { 'call write': it } = observed(
      call('look', { path: 'a.ts' }),
      error('gone'),
      call('ask'),
      result(),
      call('write', { path: 'a.ts' }),
      result(),
    )
    expect(traitsOf(it)).toEqual(['after ask', 'arg path = one word with .'])
  })

  test('does not count when it said no', () => {
    const { 'call deploy': it } = observed(
      call('Bash', { command: 'npm test' }),
      exit(1, '2 failed, 3 passed'),
      call('deploy'),
      result(),
    )
    expect(traitsOf(it)).toEqual([])
  })

  test('counts when it failed only if it was the call just before', () => {
    const { 'call write': it } = observed(call('look'), error('gone'), call('write'), result())
    expect(traitsOf(it)).toEqual(['after look failed'])
  })

  test('does not count when it was not answered yet: calls in parallel know nothing of each other', () => {
    const { 'call write': it, 'call send': later } = observed(
      call('look', { path: 'a.ts' }, 'c1'),
      call('peek', {}, 'c2'),
      call('write', { path: 'a.ts' }, 'c3'),
      result('here', 'c1'),
      error('gone', 'tool_fault', 'c2'),
      result('done', 'c3'),
      call('send'),
      result(),
    )
    expect(traitsOf(it)).toEqual(['arg path = one word with .'])
    expect(traitsOf(later)).toEqual(['after look', 'after write'])
  })
})

describe('an argument', () => {
  test.each([
    { name: 'has a shape', input: { id: '#W5490111' }, traits: ['arg id = #W<n>'] },
    {
      name: 'has a shape, and a word it may be chosen by',
      input: { status: 'delivered', pay: 'paypal_4711' },
      traits: [
        'arg status = one word',
        'arg status is delivered',
        'arg pay = an identifier',
        'arg pay is paypal_<n>',
      ],
    },
    {
      name: 'of a document is none',
      input: Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`key_${i}`, 'value'])),
      traits: [],
    },
  ])('$name', ({ input, traits }) => {
    const { 'call send': it } = observed(call('send', input), result())
    expect(traitsOf(it)).toEqual(traits)
  })
})

describe('the talk with the person', () => {
  test.each<{ name: string; steps: Step[]; traits: string[] }>([
    { name: 'has not begun', steps: [answer('Hi!')], traits: ['before the person said anything'] },
    { name: 'is one message long', steps: [say('Refund me.')], traits: ['before the person answered'] },
    {
      name: 'ended on a yes',
      steps: [say('Refund me.'), answer('Sure?'), say('Yes, please.')],
      traits: ['confirmed'],
    },
    {
      name: 'ended on something else',
      steps: [say('Refund me.'), answer('Sure?'), say('Not yet.')],
      traits: [],
    },
    {
      name: 'had a yes, but earlier',
      steps: [say('Refund me.'), answer('Sure?'), say('Yes.'), answer('Which?'), say('The blue one.')],
      traits: [],
    },
    {
      name: 'began with a yes, which answers nothing',
      steps: [say('Yes.')],
      traits: ['before the person answered'],
    },
  ])('$name: $traits', ({ steps, traits }) => {
    const story = events(...steps, call('refund'), result())
    expect(observeCalls(callsOf(story), story).map((it) => Object.keys(it.traits))).toEqual([traits])
  })
})

function observed(...steps: Step[]) {
  const story = events(...talk, ...steps)
  return Object.fromEntries(
    observeCalls(callsOf(story), story).map(({ context, bad, event, traits }) => [
      context,
      { bad, event, traits },
    ]),
  )
}

function traitsOf(it: { traits: Record<string, number> } | undefined): string[] {
  return Object.keys(it!.traits)
}
