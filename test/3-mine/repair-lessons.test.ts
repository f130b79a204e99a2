import { describe, expect, test } from 'vitest'
import type { Session } from '../../src/domain/session.ts'
import { answer, call, error, exit, result, type Step, say } from '../session-builder.ts'
import { findingsIn, runs, told, unexplainedIn } from './tallied.ts'

const find = (order: string) => call('find_order', { order })
const gone = error('no order 5490111, only #W5490111')
const failed: Step[] = [find('5490111'), gone]
const gave_up: Step[] = [...failed, answer('Sorry.')]

const reactions: Record<string, Step[]> = {
  again: [find('5490111')],
  ask: [answer('Which one?'), say('That one'), find('5490111')],
  'change order': [find('7000000')],
  'give order: digits -> #W<n>': [find('#W7000000')],
  'take order': [find('#W5490111')],
  'first sync': [call('sync'), result(), find('5490111')],
  'first sync, change order': [call('sync'), result(), find('7000000')],
  'ask, change order': [answer('Which one?'), say('Another one'), find('7000000')],
  'switch find_order_archived': [call('find_order_archived')],
}

/** Sessions in which the call simply works, so that it is not fragile. */
const fine = runs(30, [find('7654321'), result()])

describe('what mends an error', () => {
  test.each([
    { kind: 'again', trait: 'again' },
    { kind: 'ask', trait: 'ask' },
    { kind: 'change order', trait: 'change order' },
    // More exact than that it changed, and than which shape it has.
    { kind: 'take order', trait: 'take order' },
    { kind: 'give order: digits -> #W<n>', trait: 'give order: digits -> #W<n>' },
    { kind: 'first sync', trait: 'first sync' },
    // Nobody tried one without the other, so the advice is both.
    { kind: 'first sync, change order', trait: 'first sync, change order' },
    { kind: 'ask, change order', trait: 'ask, change order' },
    { kind: 'switch find_order_archived', trait: 'switch find_order_archived' },
  ])('is found: $kind', ({ kind, trait }) => {
    const [repair, ...others] = findingsIn([
      ...runs(8, [...failed, ...reactions[kind]!, result()]),
      ...runs(1, [...failed, ...reactions[kind]!, error('down', 'infrastructure')]),
      ...runs(5, gave_up),
      ...fine,
    ])
    expect(others).toEqual([])
    expect(repair).toMatchObject({
      kind: 'repair',
      published: true,
      channel: 'repair',
      tier: 'process',
      class: kind === 'again' ? 'practice' : 'mistake',
      context: 'repair find_order | no order <n>, only <id>',
      trait,
      effect: { exposed: [1, 9], unexposed: [5, 5] },
      sessions: 14,
    })
  })

  test('is two things together where neither helps alone', () => {
    const both = 'first sync, change order'
    const sessions = [
      ...runs(8, [...failed, ...reactions[both]!, result()]),
      ...runs(8, [...failed, ...reactions['first sync']!, gone]),
      ...runs(8, [...failed, ...reactions['change order']!, gone]),
      ...fine,
    ]
    expect(ofKind('repair', sessions).map((it) => it.trait)).toEqual([both])
  })

  test('is the reaction that works best, not the most frequent one', () => {
    const sessions = [
      ...runs(2, [...failed, ...reactions.again!, error('down')]),
      ...runs(18, [...failed, ...reactions.again!, result()]),
      ...runs(10, [...failed, ...reactions['first sync']!, result()]),
      ...runs(20, gave_up),
    ]
    expect(ofKind('repair', sessions)).toMatchObject([
      { trait: 'first sync', effect: { exposed: [0, 10], unexposed: [22, 40] } },
    ])
  })

  test.each([
    { name: 'a retry that worked three times', kind: 'again', worked: 3, rest: 3, found: 1 },
    { name: 'a retry that worked twice', kind: 'again', worked: 2, rest: 6, found: 0 },
    {
      name: 'a switch that worked three times',
      kind: 'switch find_order_archived',
      worked: 3,
      rest: 3,
      found: 0,
    },
    {
      name: 'a switch that worked four times',
      kind: 'switch find_order_archived',
      worked: 4,
      rest: 3,
      found: 1,
    },
    { name: 'an error of four sessions', kind: 'again', worked: 4, rest: 0, found: 0 },
    { name: 'an error of five sessions', kind: 'again', worked: 5, rest: 0, found: 1 },
  ])('$name: $found', ({ kind, worked, rest, found }) => {
    const sessions = [...runs(worked, [...failed, ...reactions[kind]!, result()]), ...runs(rest, gave_up)]
    expect(ofKind('repair', sessions).filter((it) => it.published)).toHaveLength(found)
  })

  test.each([
    { worked: 15, failed_too: 10, found: ['told'] },
    { worked: 15, failed_too: 12, found: ['watched'] },
    { worked: 12, failed_too: 12, found: ['watched'] },
    { worked: 9, failed_too: 13, found: [] },
  ])('is $found when it worked $worked times and not $failed_too times', ({ worked, failed_too, found }) => {
    const sessions = [
      ...runs(worked, [...failed, ...reactions.again!, result()]),
      ...runs(failed_too, [...failed, ...reactions.again!, gone]),
      ...runs(50, gave_up),
    ]
    expect(ofKind('repair', sessions).map((it) => (it.published ? 'told' : 'watched'))).toEqual(found)
  })

  test('is what may be told, and not what comes near to that with more tries', () => {
    const sessions = [
      ...runs(3, [...failed, ...reactions.again!, result()]),
      ...runs(50, [...failed, ...reactions['switch find_order_archived']!, result()]),
      ...runs(35, [...failed, ...reactions['switch find_order_archived']!, gone]),
      ...runs(50, gave_up),
    ]
    expect(ofKind('repair', sessions)).toMatchObject([{ trait: 'again', published: true }])
  })

  test('is what may be told, and not a more exact account that comes near to that', () => {
    const sessions = [
      ...runs(16, [...failed, ...reactions['ask, change order']!, result()]),
      ...runs(12, [...failed, ...reactions['ask, change order']!, gone]),
      ...runs(4, [...failed, ...reactions.ask!, result()]),
      ...runs(2, [...failed, ...reactions.ask!, gone]),
      ...runs(50, gave_up),
    ]
    expect(ofKind('repair', sessions)).toMatchObject([{ trait: 'ask', published: true }])
  })

  test('is none when everything else works better', () => {
    const psql = (command: string) => [call('Bash', { command: `psql ${command}` })]
    const sessions = [
      ...runs(8, [
        ...psql('x'),
        exit(2, 'no host'),
        call('Bash', { command: 'createdb x' }),
        result(),
        ...psql('x'),
        result(),
      ]),
      ...runs(2, [
        ...psql('x'),
        exit(2, 'no host'),
        call('Bash', { command: 'createdb x' }),
        result(),
        ...psql('x'),
        exit(2, 'other'),
      ]),
      // What was changed in the command has no name, but works always.
      ...runs(10, [...psql('x'), exit(2, 'no host'), ...psql('y'), result()]),
    ]
    expect(ofKind('repair', sessions)).toEqual([])
  })

  test.each([
    { worked: 3, others: 0, of: 5, found: 1 },
    { worked: 3, others: 4, of: 5, found: 0 },
    { worked: 30, others: 4, of: 5, found: 1 },
  ])(
    'is one that works more often than $others of $of, which luck does not explain: $worked times: $found',
    ({ worked, others, of, found }) => {
      const otherwise = [call('find_order', { order: 'unlike' })]
      const sessions = [
        ...runs(worked, [...failed, ...reactions['first sync']!, result()]),
        ...runs(others, [...failed, ...otherwise, result()]),
        ...runs(of - others, [...failed, ...otherwise, gone]),
      ]
      const published = ofKind('repair', sessions).filter((it) => it.published && it.trait === 'first sync')
      expect(published).toHaveLength(found)
    },
  )

  test('is one repair for one error of one action', () => {
    const sessions = [
      ...runs(6, [...failed, ...reactions.again!, result()]),
      ...runs(6, [call('find_order', {}), error('quota exceeded'), call('find_order', {}), result()]),
    ]
    expect(ofKind('repair', sessions).map(told)).toEqual([
      'repair: repair find_order | no order <n>, only <id>: again',
      'repair: repair find_order | quota exceeded: again',
    ])
  })
})

describe('what was done is told as it was done', () => {
  test.each([
    { name: 'nearly all who asked changed it', both: 9, asked: 1, trait: 'ask, change order' },
    { name: 'many who asked changed nothing', both: 6, asked: 6, trait: 'ask' },
  ])('$name: $trait', ({ both, asked, trait }) => {
    const sessions = [
      ...runs(both, [...failed, ...reactions['ask, change order']!, result()]),
      ...runs(asked, [...failed, ...reactions.ask!, result()]),
      ...runs(8, [...failed, ...reactions['change order']!, gone]),
      ...runs(3, gave_up),
    ]
    expect(ofKind('repair', sessions).map((it) => it.trait)).toEqual([trait])
  })
})

describe('an error that nothing mends', () => {
  test('is told as recurring', () => {
    expect(findingsIn([...runs(8, gave_up), ...fine]).map(told)).toEqual([
      'recurring: repair find_order | no order <n>, only <id>: met',
    ])
  })

  test.each([
    { name: 'five sessions met it', met: 5, tasks: 5, mended: 0, found: 0 },
    { name: 'six sessions met it', met: 6, tasks: 6, mended: 0, found: 1 },
    { name: 'all of them are of three tasks', met: 9, tasks: 3, mended: 0, found: 0 },
    { name: 'now and then something mends it', met: 8, tasks: 8, mended: 2, found: 1 },
    { name: 'something mends it as a rule', met: 8, tasks: 8, mended: 8, found: 0 },
    { name: 'luck may be why little mends it', met: 5, tasks: 5, mended: 2, found: 0 },
  ])('when $name: $found', ({ met, tasks, mended, found }) => {
    const sessions = [
      ...runs(met, gave_up, { tasks }),
      ...runs(mended, [...failed, ...reactions.again!, result()]),
      ...fine,
    ]
    expect(ofKind('recurring', sessions)).toHaveLength(found)
  })

  test.each([
    { tried: 6, in_vain: 6, trait: 'again' },
    { tried: 3, in_vain: 3, trait: 'met' },
    { tried: 8, in_vain: 6, trait: 'met' },
  ])('is told with what was tried $in_vain times of $tried in vain: $trait', ({ tried, in_vain, trait }) => {
    const again = [...failed, ...reactions.again!]
    const sessions = [
      ...runs(in_vain, [...again, gone]),
      ...runs(tried - in_vain, [...again, result()]),
      ...runs(6, gave_up),
      ...fine,
    ]
    expect(ofKind('recurring', sessions).map((it) => it.trait)).toEqual([trait])
  })

  test.each([
    { worked: 3, of: 6, found: 0 },
    { worked: 3, of: 7, found: 1 },
    { worked: 2, of: 4, found: 1 },
  ])(
    'is none when a reaction works half of the time, as far as $of tries tell: $found',
    ({ worked, of, found }) => {
      const again = [...failed, ...reactions.again!]
      const sessions = [
        ...runs(worked, [...again, result()]),
        ...runs(of - worked, [...again, gone]),
        ...runs(20, gave_up),
        ...fine,
      ]
      expect(ofKind('recurring', sessions)).toHaveLength(found)
    },
  )

  test('is not told again when the action is known to be fragile', () => {
    expect(unexplainedIn(runs(12, gave_up)).map((it) => it.kind)).toEqual(['fragile'])
  })
})

describe('an error that goes by itself', () => {
  const list = (limit: number) => call('list_orders', { limit })
  const many = error('Request failed with status code 429', 'infrastructure')
  const sleep = (n: number) => [call('Bash', { command: `sleep ${n}` }), result()]
  const again = [list(500), many, list(500), many]

  test.each<{ name: string; worked: Step[][]; trait: string }>([
    { name: 'a wait', worked: [[...sleep(3), list(500)]], trait: 'wait' },
    { name: 'as long a wait as all had', worked: [[...sleep(30), list(500)]], trait: 'wait 10 s' },
    {
      name: 'a wait of two lengths, told by the shorter',
      worked: [
        [...sleep(20), list(500)],
        [...sleep(90), list(500)],
      ],
      trait: 'wait 10 s',
    },
    { name: 'less at once', worked: [[list(50)]], trait: 'lower limit' },
    { name: 'a wait and less', worked: [[...sleep(3), list(50)]], trait: 'wait, lower limit' },
  ])('is mended by $name: $trait', ({ worked, trait }) => {
    const sessions = [
      ...worked.flatMap((steps) => runs(8, [list(500), many, ...steps, result()])),
      ...runs(8, again),
      ...runs(4, [list(500), many, list(900), many]),
    ]
    expect(ofKind('repair', sessions).map((it) => it.trait)).toEqual([trait])
  })

  test('is mended by a longer wait where a short one was in vain', () => {
    const sessions = [
      ...runs(10, [list(500), many, ...sleep(60), list(500), result()]),
      ...runs(10, [list(500), many, ...sleep(2), list(500), many]),
    ]
    expect(ofKind('repair', sessions)).toMatchObject([
      { trait: 'wait 1 min', effect: { exposed: [0, 10], unexposed: [20, 20] } },
    ])
  })

  test('is nothing to rule out before a call, but what is tried in vain is told', () => {
    const met = [list(500), many]
    expect(ofKind('recurring', [...runs(12, met), ...fine])).toEqual([])
    expect(ofKind('recurring', [...runs(12, again), ...fine]).map(told)).toEqual([
      'recurring: repair list_orders | Request failed with status code 429: again',
    ])
  })
})

describe('no lesson comes', () => {
  test('from errors without words: there is nothing to recognize them by', () => {
    const silent = error('Exit code 1')
    const sessions = runs(10, [find('1'), silent, find('1'), result()])
    expect(ofKind('repair', sessions)).toEqual([])
    expect(ofKind('recurring', runs(10, [find('1'), silent]))).toEqual([])
  })

  test.each(['user_rejection', 'interrupt'] as const)('from %s', (error_class) => {
    const no = error('no order 5490111', error_class)
    expect(findingsIn(runs(10, [find('5490111'), no, find('5490111'), result()]))).toEqual([])
  })
})

function ofKind(kind: string, sessions: Session[]) {
  return findingsIn(sessions).filter((it) => it.kind === kind)
}
