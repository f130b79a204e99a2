import { describe, expect, test } from 'vitest'
import { mine } from '../../src/3-mine/mine.ts'
import { mergeTallies } from '../../src/3-mine/tally.ts'
import type { Session } from '../../src/domain/session.ts'
import type { Tally } from '../../src/domain/tally.ts'
import { answer, call, deny, error, result, say } from '../session-builder.ts'
import { simulatedSessions } from './simulated-agent.ts'
import { findingsIn, generator, runs, tallied } from './tallied.ts'

/** Something of every channel, with many ties: both guards explain the same calls, both wishes are as frequent. */
const sessions = [
  ...simulatedSessions(3, 0.4),
  ...runs(12, [call('update', { id: 'R-100' }), error('stale'), call('update', { id: 'R-101' }), result()]),
  ...runs(20, [call('get'), result(), call('peek'), result(), call('update', { id: 'R-100' }), result()]),
  ...runs(6, [
    say('Mail them.'),
    answer('Sent.'),
    say('Always add an audit trail. Always use case numbers.'),
  ]),
  ...runs(5, [call('push'), deny(), error('no', 'user_rejection')]),
]

describe('the same counts give the same findings', () => {
  const tally = tallied(sessions)
  const { findings } = mine(tally)

  test('of every channel', () => {
    expect(new Set(findings.map((it) => it.channel))).toEqual(
      new Set(['call', 'repair', 'session', 'correction']),
    )
  })

  test.each([1, 2, 3, 4, 5])('whatever the order of the rows (%i)', (seed) => {
    expect(mine(shuffled(tally, seed)).findings).toEqual(findings)
  })

  test('whether counted at once or in parts, and whoever went first', () => {
    const half = sessions.length / 2
    const ids = new Map(sessions.map((it, i) => [it, i]))
    const part = (from: number, to: number) =>
      tallied(sessions.map((it) => (ids.get(it)! >= from && ids.get(it)! < to ? it : { ...it, events: [] })))
    const merged = mergeTallies(part(half, sessions.length), part(0, half))
    expect(mine(merged).findings).toEqual(findings)
  })
})

test('nothing counted, nothing found, and the reason', () => {
  expect(mine(new Map())).toEqual({
    findings: [],
    alerts: [],
    clusters: new Map(),
    suspects: new Set(),
    notes: [
      'No lessons about whole sessions: none of the sessions has a verified outcome, and below 150 luck cannot be told from cause.',
    ],
  })
})

describe('what a better lesson explains is not told besides', () => {
  const mended = runs(10, [call('push'), error('no branch'), call('fetch'), result(), call('push'), result()])
  const lost = (n: number, message: string) => runs(n, [call('push'), error(message), answer('It fails.')])
  const kindsOf = (found: Session[]) => findingsIn(found).map((it) => it.kind)

  test.each([
    { name: 'all of whose errors can be mended', sessions: mended, fragile: false },
    { name: 'half of whose errors can be mended', sessions: [...mended, ...lost(10, 'odd')], fragile: false },
    { name: 'few of whose errors can be mended', sessions: [...mended, ...lost(30, 'odd')], fragile: true },
    {
      name: 'in whose place another one is called',
      sessions: runs(10, [
        call('push', { branch: 'a' }),
        error('no branch'),
        call('push_mirror', { branch: 'a' }),
        result(),
      ]),
      fragile: true,
    },
    {
      name: 'whose errors are mended not often enough to tell how',
      sessions: [
        ...runs(15, [call('push'), error('no branch'), call('fetch'), result(), call('push'), result()]),
        ...runs(12, [call('push'), error('no branch'), call('fetch'), result(), call('push'), error('odd')]),
      ],
      fragile: true,
    },
  ])('that an action fails, of one $name', ({ sessions, fragile }) => {
    expect(kindsOf(sessions)).toContain('repair')
    expect(kindsOf(sessions).includes('fragile')).toBe(fragile)
  })

  test.each([
    { odd: 0, recurring: [] },
    { odd: 12, recurring: ['repair push | odd', 'repair push | stale'] },
  ])('that an error recurs, when hardly any is left to be prevented ($odd others)', ({ odd, recurring }) => {
    const sessions = [
      ...runs(30, [call('look'), result(), call('push'), result()]),
      ...runs(30, [call('push'), error('unseen'), answer('It fails.')]),
      ...runs(12, [call('push'), error('stale'), answer('It fails.')]),
      ...runs(odd, [call('look'), result(), call('push'), error('odd'), answer('It fails.')]),
    ]
    const found = findingsIn(sessions)
    expect(found.some((it) => it.kind === 'guard')).toBe(true)
    expect(found.flatMap((it) => (it.kind === 'recurring' ? it.context : []))).toEqual(recurring)
  })
})

function shuffled(tally: Tally, seed: number): Tally {
  const random = generator(seed)
  return new Map(
    [...tally]
      .map(([key, row]) => ({ key, row, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ key, row }) => [
        key,
        { ...row, cells: Object.fromEntries(Object.entries(row.cells).reverse()) },
      ]),
  )
}
