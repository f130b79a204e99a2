import { describe, expect, test } from 'vitest'
import { callsOf } from '../../src/2-review/call.ts'
import { observeRepairs } from '../../src/2-review/repair-channel.ts'
import { answer, call, error, events, exit, result, type Step, say } from '../session-builder.ts'

const lookup = call('find_order', { order: '5490111', zip: '10115' })
const gone = error('order not found')

describe('after an error, the next attempt', () => {
  test.each<{ name: string; steps: Step[]; traits: string[] }>([
    { name: 'is the same call again', steps: [lookup, gone, lookup, result()], traits: ['again'] },
    {
      name: 'has another argument',
      steps: [lookup, gone, call('find_order', { order: '#W5490111', zip: '10115' }), result()],
      traits: ['change order'],
    },
    {
      name: 'takes what the error names',
      steps: [
        lookup,
        error('no 10115; did you mean 10117?'),
        call('find_order', { order: '5490111', zip: '10117' }),
        result(),
      ],
      traits: ['change zip', 'take zip'],
    },
    {
      name: 'comes after asking',
      steps: [lookup, gone, answer('Your zip?'), say('It is 10117'), lookup, result()],
      traits: ['ask'],
    },
    {
      name: 'comes after another call that worked',
      steps: [lookup, gone, call('sync'), result(), lookup, result()],
      traits: ['first sync'],
    },
    {
      name: 'comes after another call, with another argument',
      steps: [
        lookup,
        gone,
        call('sync'),
        result(),
        call('find_order', { order: '1234567', zip: '10115' }),
        result(),
      ],
      traits: ['first sync', 'change order', 'first sync, change order'],
    },
    {
      name: 'comes after another call that failed, which is no help',
      steps: [lookup, gone, call('sync'), error('down'), lookup, result()],
      traits: ['again'],
    },
    {
      name: 'is a tool of nearly the same name',
      steps: [lookup, gone, call('find_order_archived'), result()],
      traits: ['switch find_order_archived'],
    },
    {
      name: 'is a tool that takes the same arguments',
      steps: [lookup, gone, call('archive', { order: '5490111', zip: '10115' }), result()],
      traits: ['switch archive'],
    },
    {
      name: 'is something else altogether',
      steps: [lookup, gone, call('send_mail', { to: 'ana' }), result()],
      traits: ['give up'],
    },
    { name: 'never comes', steps: [lookup, gone, answer('Sorry.')], traits: ['give up'] },
    {
      name: 'comes too late to be a reaction',
      steps: [
        lookup,
        gone,
        ...Array.from({ length: 6 }, () => [call('look', {}), result()]).flat(),
        lookup,
        result(),
      ],
      traits: ['give up'],
    },
  ])('$name', ({ steps, traits }) => {
    const [first] = observed(...steps)
    expect(first!.context).toMatch(/^repair find_order \| /)
    expect(Object.keys(first!.traits)).toEqual(['met', ...traits])
    expect(first!.bad).toBe(traits.includes('give up'))
  })

  test('went badly when it failed too, and is then an error of its own', () => {
    expect(observed(lookup, gone, lookup, gone)).toMatchObject([
      { bad: true, event: 1, traits: { met: 1, again: 2 } },
      { bad: true, event: 3, traits: { 'give up': 3 } },
    ])
  })

  test('counts once a session, however often the error comes back', () => {
    const observations = observed(...Array.from({ length: 10 }, () => [lookup, gone]).flat())
    expect(observations.map(({ traits }) => Object.keys(traits))).toEqual([['met', 'again'], ['give up']])
  })
})

describe('of command lines', () => {
  const shell = (command: string) => call('Bash', { command })

  test.each<{ name: string; steps: Step[]; traits: string[] }>([
    {
      name: 'the same program with other words is another attempt, not another argument',
      steps: [shell('psql -f a.sql'), exit(2, 'no host'), shell('psql -h db -f a.sql'), result()],
      traits: [],
    },
    {
      name: 'another program on the same file is a switch',
      steps: [shell('python src/load.py'), exit(1, 'no module'), shell('uv run src/load.py'), result()],
      traits: ['switch uv run'],
    },
    {
      name: 'another program on another file is something else',
      steps: [shell('python src/load.py'), exit(1, 'no module'), shell('wget other/file.txt'), result()],
      traits: ['give up'],
    },
  ])('$name', ({ steps, traits }) => {
    expect(Object.keys(observed(...steps)[0]!.traits)).toEqual(['met', ...traits])
  })
})

test.each(['user_rejection', 'interrupt', 'infrastructure'] as const)(
  '%s is no error to repair',
  (error_class) => {
    expect(observed(lookup, error('stop', error_class), lookup, result())).toEqual([])
  },
)

function observed(...steps: Step[]) {
  const story = events(...steps)
  return observeRepairs(callsOf(story), story)
}
