import { describe, expect, test } from 'vitest'
import type { ErrorClass } from '../../src/domain/event.ts'
import type { Session } from '../../src/domain/session.ts'
import { answer, call, error, result, type Step, say } from '../session-builder.ts'
import { findingsIn, runs, told, unexplainedIn } from './tallied.ts'

const works = (name: string, input = {}): Step[] => [call(name, input), result()]
const fails = (name: string, input = {}, error_class: ErrorClass = 'tool_fault'): Step[] => [
  call(name, input),
  error('stale version', error_class),
]

describe('a guard', () => {
  test('is found, with the calls made without it against those made after it', () => {
    const [guard] = guardsIn([
      ...runs(12, fails('update')),
      ...runs(20, [...works('get'), ...works('update')]),
      ...runs(2, [...works('get'), ...fails('update')]),
    ])
    expect(guard).toMatchObject({
      published: true,
      class: 'mistake',
      tier: 'process',
      context: 'call update',
      trait: 'after get',
      effect: { exposed: [12, 12], unexposed: [2, 22] },
      sessions: 12,
      lacks: 'after get',
    })
    expect(guard!.effect.low).toBeGreaterThan(5)
    expect(guard!.sightings).toHaveLength(8)
  })

  test.each([
    { name: 'of the calls without it most fail', without: [12, 12], with_it: [1, 20], tasks: 12, found: 1 },
    { name: 'only four calls were made without it', without: [4, 4], with_it: [0, 40], tasks: 40, found: 0 },
    { name: 'only four calls were made with it', without: [40, 40], with_it: [0, 4], tasks: 40, found: 0 },
    { name: 'the work is always of three kinds', without: [12, 12], with_it: [0, 20], tasks: 3, found: 0 },
    { name: 'the work is of four kinds', without: [12, 12], with_it: [0, 20], tasks: 4, found: 1 },
    {
      name: 'the calls with it fail nearly as often',
      without: [8, 24],
      with_it: [5, 24],
      tasks: 24,
      found: 0,
    },
    { name: 'the calls with it fail more often', without: [0, 12], with_it: [12, 12], tasks: 12, found: 0 },
    { name: 'nothing fails at all', without: [0, 12], with_it: [0, 12], tasks: 12, found: 0 },
  ])('when $name: $found', ({ without, with_it, tasks, found }) => {
    const guards = guardsIn([
      ...runs(without[0]!, fails('update'), { tasks }),
      ...runs(without[1]! - without[0]!, works('update'), { tasks }),
      ...runs(with_it[0]!, [...works('get'), ...fails('update')], { tasks }),
      ...runs(with_it[1]! - with_it[0]!, [...works('get'), ...works('update')], { tasks }),
    ])
    expect(guards).toHaveLength(found)
  })

  test('of the same thing is told rather than one of anything', () => {
    const get = works('get', { record: 'R-100' })
    const [guard, ...others] = guardsIn([
      ...runs(20, [...get, ...works('update', { record: 'R-100' })]),
      ...runs(10, fails('update', { record: 'R-100' })),
    ])
    expect(guard!.trait).toBe('after get on the same record')
    expect(others).toEqual([])
  })

  test('is one for each action, the clearest', () => {
    const guards = guardsIn([
      ...runs(12, fails('update')),
      ...runs(20, [...works('login'), ...works('get'), ...works('update')]),
      ...runs(4, [...works('login'), ...fails('update')]),
    ])
    expect(guards.map(told)).toEqual(['guard: call update: after get'])
  })

  test('is none where people said no', () => {
    const sessions = [
      ...runs(12, fails('update', {}, 'user_rejection')),
      ...runs(20, [...works('get'), ...works('update')]),
    ]
    expect(findingsIn(sessions)).toEqual([])
  })
})

describe('a shape', () => {
  test('that fails is told with the one that works', () => {
    const [shape] = findingsOf('shape', [
      ...runs(12, fails('exchange', { items: [] })),
      ...runs(20, works('exchange', { items: ['a', 'b'] })),
      ...runs(3, works('exchange', { items: ['a'] })),
    ])
    expect(shape).toMatchObject({
      published: true,
      context: 'call exchange',
      trait: 'arg items = an empty list',
      better: 'a list of 2 or more',
      effect: { exposed: [12, 12], unexposed: [0, 23] },
      lacks: null,
    })
  })

  test('that fails is none when no other is known to work', () => {
    const sessions = [
      ...runs(12, fails('exchange', { items: [] })),
      ...runs(6, fails('exchange', { items: ['a'] })),
      ...runs(30, works('exchange', {})),
    ]
    expect(findingsOf('shape', sessions)).toEqual([])
  })

  test('that always fails is told even where the tasks leave nothing to compare', () => {
    const [shape] = findingsOf('shape', [
      ...runs(15, fails('exchange', { items: [] })),
      ...runs(40, works('exchange', { items: ['a'] }), { tasks: 40 }).map((it) => ({
        ...it,
        task: `other-${it.task}`,
      })),
    ])
    expect(shape).toMatchObject({
      // Nothing to test: each task has only one shape.
      q: null,
      published: true,
      trait: 'arg items = an empty list',
      effect: { exposed: [15, 15] },
    })
  })

  test('is never a value', () => {
    const sessions = [
      ...runs(12, fails('pay', { card: 'ana_lee_4711' })),
      ...runs(20, works('pay', { card: '4111' })),
    ]
    expect(findingsOf('shape', sessions).map(told)).toEqual(['shape: call pay: arg card = an identifier'])
  })
})

describe('a yes of the person', () => {
  const asked = (reply: string): Step[] => [say('Cancel it.'), answer('Shall I?'), say(reply)]

  test('is a guard', () => {
    const [guard, ...others] = findingsIn([
      ...runs(20, [...asked('Yes, please.'), ...works('cancel')]),
      ...runs(12, [...asked('What would it cost?'), ...fails('cancel')]),
    ])
    expect(guard).toMatchObject({
      kind: 'guard',
      trait: 'confirmed',
      lacks: 'confirmed',
      effect: { exposed: [12, 12], unexposed: [0, 20] },
    })
    expect(others.filter((it) => it.channel === 'call')).toEqual([])
  })
})

describe('timing', () => {
  const early: Step[] = [say('Where is my order?')]
  const later: Step[] = [...early, answer('Your number?'), say('It is 17.')]

  test.each<{ name: string; bad: Step[]; good: Step[]; trait: string }>([
    { name: 'before the person said a word', bad: [], good: early, trait: 'before the person said anything' },
    { name: "on the person's first message", bad: early, good: later, trait: 'before the person answered' },
    {
      name: 'right after another call failed',
      bad: [...later, call('find'), error('no such page')],
      good: [...later, call('sync'), result()],
      trait: 'after find failed',
    },
  ])('is told when calls fail that are made $name', ({ bad, good, trait }) => {
    const found = findingsOf('timing', [
      ...runs(12, [...bad, ...fails('track')]),
      ...runs(20, [...good, ...works('track')]),
    ])
    expect(found.map((it) => it.trait)).toContain(trait)
    expect(found[0]).toMatchObject({ effect: { exposed: [12, 12], unexposed: [0, 20] }, lacks: null })
  })
})

describe('a word that an argument is chosen by', () => {
  const orders = (n: number, status: string, steps: (name: string, input: object) => Step[]) =>
    runs(n, steps('list', { status }))

  test('is told when there are few, with the one that works', () => {
    const [choice, ...others] = findingsOf('shape', [
      ...orders(12, 'archived', fails),
      ...orders(20, 'open', works),
      ...orders(8, 'closed', works),
    ])
    expect(choice).toMatchObject({
      trait: 'arg status is archived',
      better: 'open',
      effect: { exposed: [12, 12], unexposed: [0, 28] },
    })
    expect(others).toEqual([])
  })

  test.each([
    {
      name: 'the words are many',
      others: Array.from({ length: 9 }, (_, i) =>
        runs(5, works('list', { status: `w${'abcdefghi'[i]}` })),
      ).flat(),
    },
    {
      name: 'most values are no such word',
      others: [...orders(10, 'open', works), ...runs(40, works('list', { status: 'Ana Lee' }))],
    },
    {
      name: 'a word is used in one kind of work only, as a name is',
      others: [...orders(20, 'open', works), ...runs(12, works('list', { status: 'ana' }), { tasks: 1 })],
    },
  ])('is not told when $name', ({ others }) => {
    const found = findingsOf('shape', [...orders(12, 'archived', fails), ...others])
    expect(found.filter((it) => it.trait.includes(' is '))).toEqual([])
  })
})

describe('a fragile action', () => {
  test.each([
    { name: 'fails always', failed: 10, of: 10, tasks: 10, found: 1 },
    { name: 'fails mostly', failed: 16, of: 20, tasks: 20, found: 1 },
    { name: 'fails in one kind of work', failed: 10, of: 10, tasks: 1, found: 0 },
    { name: 'fails as often as it works', failed: 10, of: 20, tasks: 20, found: 0 },
    { name: 'failed four times', failed: 4, of: 4, tasks: 4, found: 0 },
  ])('$name ($failed of $of): $found', ({ failed, of, tasks, found }) => {
    const sessions = [...runs(failed, fails('dot'), { tasks }), ...runs(of - failed, works('dot'), { tasks })]
    expect(findingsOf('fragile', sessions)).toHaveLength(found)
  })

  test.each(['user_rejection', 'interrupt', 'infrastructure'] as const)(
    'is none because of %s',
    (error_class) => {
      expect(findingsIn(runs(20, fails('deploy', {}, error_class)))).toEqual([])
    },
  )

  test('is not told again when a guard explains it', () => {
    const sessions = [...runs(30, fails('update')), ...runs(10, [...works('get'), ...works('update')])]
    expect(unexplainedIn(sessions).map(told)).toEqual(['guard: call update: after get'])
  })
})

function guardsIn(sessions: Session[]) {
  return findingsOf('guard', sessions)
}

function findingsOf(kind: string, sessions: Session[]) {
  return findingsIn(sessions).filter((it) => it.kind === kind)
}
