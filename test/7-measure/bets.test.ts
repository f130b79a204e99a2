/** What is won by betting on a lesson: nothing on average where it does nothing, and soon much where it does much. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coverageOf, type Setting } from '../../bench/lift/coverage.ts'
import { Bets, type Won } from '../../src/7-measure/bets.ts'
import { liftOf } from '../../src/7-measure/lift.ts'
import { liftOfPairs } from '../../src/7-measure/pairs.ts'
import type { Arm } from '../../src/domain/experiment.ts'

type Session = { intent: string; arm: Arm; control_share: number; y: number }

const Arms = fc.constantFrom<Arm>('treatment', 'control')
const Share = fc.double({ min: 0.01, max: 0.99, noNaN: true })
const Y = fc.oneof(fc.constantFrom(0, 1), fc.double({ min: 0, max: 1, noNaN: true }))
const Sessions = fc.array(
  fc.record({ intent: fc.constantFrom('refund', 'order'), arm: Arms, control_share: Share, y: Y }),
  { maxLength: 60 },
)

function wonWith(sessions: Session[]): Won {
  const bets = new Bets()
  for (const it of sessions) bets.add(it, it.y)
  return bets.won()
}

const relative = (now: number, before: number) => now / before

describe('whatever came before', () => {
  test('the next session wins nothing on average where it ends alike in both arms', () => {
    fc.assert(
      fc.property(Sessions, Share, Y, (past, control_share, y) => {
        const next = (arm: Arm) => wonWith([...past, { intent: 'refund', arm, control_share, y }])
        const before = wonWith(past)
        for (const side of ['more', 'fewer'] as const) {
          const mean = (1 - control_share) * next('treatment')[side] + control_share * next('control')[side]
          expect(relative(mean, before[side])).toBeCloseTo(1, 9)
        }
      }),
    )
  })

  test('where it ends better in treatment, betting on that wins on average, and betting against it loses', () => {
    fc.assert(
      fc.property(Sessions, Share, (past, control_share) => {
        const next = (arm: Arm, y: number) => wonWith([...past, { intent: 'refund', arm, control_share, y }])
        const [treatment, control] = [next('treatment', 1), next('control', 0)]
        const meanOf = (side: keyof Won) =>
          (1 - control_share) * treatment[side] + control_share * control[side]
        const before = wonWith(past)
        expect(relative(meanOf('more'), before.more)).toBeGreaterThan(1)
        expect(relative(meanOf('fewer'), before.fewer)).toBeLessThan(1)
      }),
    )
  })

  test('there is always something left to bet', () => {
    fc.assert(
      fc.property(Sessions, (sessions) => {
        const { more, fewer } = wonWith(sessions)
        expect(Math.min(more, fewer)).toBeGreaterThan(0)
      }),
    )
  })

  test('more of something is fewer of its opposite', () => {
    fc.assert(
      fc.property(Sessions, (sessions) => {
        const turned = wonWith(sessions.map((it) => ({ ...it, y: 1 - it.y })))
        const { more, fewer } = wonWith(sessions)
        expect(relative(turned.fewer, more)).toBeCloseTo(1, 9)
        expect(relative(turned.more, fewer)).toBeCloseTo(1, 9)
      }),
    )
  })

  test('of pairs, a difference and the same the other way round win nothing together', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(-1, 0, 1), { maxLength: 40 }), (past) => {
        const wonWithPairs = (differences: number[]) => {
          const bets = new Bets()
          for (const it of differences) bets.addPair(it)
          return bets.won().more
        }
        const mean = (wonWithPairs([...past, 1]) + wonWithPairs([...past, -1])) / 2
        expect(relative(mean, wonWithPairs(past))).toBeCloseTo(1, 9)
      }),
    )
  })
})

test('before the first session there is what was bet', () => {
  expect(wonWith([])).toEqual({ more: 1, fewer: 1 })
})

test('one session, by hand', () => {
  // The lot was even, the session was given it and completed where a half was usual: 1 + u (1/2) (1/2) / (1/2), over all u of which the mean is 1/2.
  const { more, fewer } = wonWith([{ intent: 'refund', arm: 'treatment', control_share: 0.5, y: 1 }])
  expect(more).toBeCloseTo(1.25, 12)
  expect(fewer).toBeCloseTo(0.75, 12)
})

test('after very many sessions there is still a number, and what was won for long can be lost again', () => {
  const sessions = (arm: Arm, y: number) =>
    Array.from({ length: 5_000 }, () => ({ intent: 'refund', arm, control_share: 0.5, y }))
  const inTurn = (treatment: number, control: number) => {
    const others = sessions('control', control)
    return sessions('treatment', treatment).flatMap((it, i) => [it, others[i]!])
  }
  const helped = inTurn(1, 0)
  expect(wonWith(helped).more).toBe(Number.POSITIVE_INFINITY)
  expect(wonWith([...helped, ...inTurn(0, 1), ...inTurn(0, 1)]).more).toBeLessThan(1)
})

test('what is usual of its intent wins nothing, and what is unusual of it wins the more', () => {
  const session = (intent: string, arm: Arm, y: number) => ({ intent, arm, control_share: 0.5, y })
  const past = Array.from({ length: 60 }, (_, i) => [
    session('easy', i % 2 ? 'treatment' : 'control', 1),
    session('hard', i % 2 ? 'control' : 'treatment', 0),
  ]).flat()
  const wins = (intent: string) =>
    relative(wonWith([...past, session(intent, 'treatment', 1)]).more, wonWith(past).more)
  expect(wins('easy')).toBeLessThan(1.05)
  expect(wins('hard')).toBeGreaterThan(1.2)
})

test('what a session does not say is not bet on, and on amounts nobody bets', () => {
  const known: Session[] = Array.from({ length: 40 }, (_, i) => ({
    ...{ intent: 'refund', control_share: 0.5, y: i % 2 },
    arm: i % 2 === 0 ? 'control' : 'treatment',
  }))
  const all = known.flatMap((it) => [it, { ...it, y: null }])
  const won = (metric: 'completion' | 'tokens', sessions: (Omit<Session, 'y'> & { y: number | null })[]) => [
    liftOf(metric, sessions, (it) => it.y, 0.5).won,
    liftOfPairs(metric, sessions, (it) => it.y).won,
  ]
  expect(won('completion', all)).toEqual(won('completion', known))
  for (const it of won('completion', known)) expect(it.more).toBeGreaterThan(10)
  expect(won('tokens', known)).toEqual([wonWith([]), wonWith([])])
})

// 1,000 experiments each, looked at on 200 nights. What does nothing is kept in a tenth of them at most; were it exactly that, more than 125 would come up
// in one of 200 tables.
const RUNS = 1_000
const setting = { name: '', control_share: 'by verdict' as const, intents: 1 }
test.each<Setting>(
  [0.05, 0.3, 0.7, 0.95].map((p) => ({
    ...setting,
    name: `${p} are completed either way`,
    outcome: { treatment: p, control: p },
  })),
)('what does nothing is kept on any night in a tenth of experiments at most: $name', (it) => {
  expect(coverageOf(it, RUNS).keep).toBeLessThanOrEqual(0.125)
})

test('what harms is kept in hardly any', () => {
  expect(coverageOf({ ...setting, outcome: { treatment: 0.6, control: 0.7 } }, 200).keep).toBeLessThan(0.05)
})

test('what helps much is known to after some 30 sessions, and what helps less after some more', () => {
  const keptAfter = (treatment: number, control: number) =>
    5 * coverageOf({ ...setting, outcome: { treatment, control } }, 200).kept_night!
  expect(keptAfter(0.95, 0.4)).toBeLessThanOrEqual(40)
  expect(keptAfter(0.9, 0.6)).toBeLessThanOrEqual(70)
})
