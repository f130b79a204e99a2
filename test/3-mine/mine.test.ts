import { describe, expect, test } from 'vitest'
import { mine } from '../../src/3-mine/mine.ts'
import { mergeTallies } from '../../src/3-mine/tally.ts'
import type { Tally } from '../../src/domain/tally.ts'
import { answer, call, deny, error, result, say } from '../session-builder.ts'
import { simulatedSessions } from './simulated-agent.ts'
import { generator, runs, tallied } from './tallied.ts'

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
