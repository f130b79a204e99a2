import { describe, expect, test } from 'vitest'
import { callsOf } from '../../src/2-review/call.ts'
import { observeCalls } from '../../src/2-review/call-channel.ts'
import { call, error, events, result, type Step, say } from '../session-builder.ts'

describe('the first call of an action', () => {
  test('is an occasion, with how it went and what had succeeded before', () => {
    expect(
      observed(
        call('look'),
        result(),
        call('read'),
        error('gone'),
        call('write', { text: 'hello' }),
        error('denied'),
      ),
    ).toEqual({
      'call look': { bad: false, event: 1, traits: {} },
      'call read': { bad: true, event: 3, traits: { 'after look': 0 } },
      'call write': { bad: true, event: 5, traits: { 'after look': 0, 'arg text = one word': 4 } },
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
    expect(first).toEqual({ bad: true, event: 1, traits: {} })
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
      call('write', { path: 'a.ts' }),
      result(),
    )
    expect(it!.traits).toEqual({ 'arg path = one word': 2 })
  })
})

test('a document of an input has no arguments', () => {
  const input = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`key_${i}`, 'value']))
  expect(observed(call('send', input), result())).toEqual({
    'call send': { bad: false, event: 1, traits: {} },
  })
})

function observed(...steps: Step[]) {
  const observations = observeCalls(callsOf(events(...steps)))
  return Object.fromEntries(
    observations.map(({ context, bad, event, traits }) => [context, { bad, event, traits }]),
  )
}
