/** What sessions with and without something say of it: whether the estimate is right, and the interval on every night. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { coverageOf, type Setting } from '../../bench/lift/coverage.ts'
import { type Estimate, intervalOf, lowerBound, upperBound } from '../../src/7-measure/confidence-sequence.ts'
import { FEWEST, liftOf, Scores, type Trial } from '../../src/7-measure/lift.ts'
import { FEWEST_PAIRS, liftOfPairs } from '../../src/7-measure/pairs.ts'
import { detectableOf, knowingMore, sessionsNeeded } from '../../src/7-measure/power.ts'
import type { Metric } from '../../src/domain/measures.ts'

type Told = Trial & { y: number | null }

/** So many sessions of an arm, of which some have a 1; in turn with whatever else there is. */
function sessions(arm: Trial['arm'], ones: number, n: number, more: Partial<Told> = {}): Told[] {
  return Array.from({ length: n }, (_, i) => {
    const y = Math.floor(((i + 1) * ones) / n) - Math.floor((i * ones) / n)
    return { intent: 'refund', arm, control_share: 0.5, y, ...more }
  })
}

const lift = (trials: Told[], metric: Metric = 'completion', control_share = 0.5) =>
  liftOf(metric, trials, (it) => it.y, control_share).lift

function inTurn<T>(...lists: T[][]): T[] {
  const longest = Math.max(...lists.map((it) => it.length))
  return Array.from({ length: longest }, (_, i) => lists.flatMap((it) => it.slice(i, i + 1))).flat()
}

describe('of sessions with and without', () => {
  test('the means are plain, and the difference has an interval that holds it', () => {
    const it = lift(inTurn(sessions('treatment', 90, 100), sessions('control', 50, 100)))
    expect(it).toMatchObject({
      metric: 'completion',
      unit: 'share',
      treatment: { sessions: 100, mean: 0.9 },
      control: { sessions: 100, mean: 0.5 },
      sessions_needed: 0,
    })
    expect(it.estimate).toBeCloseTo(0.4, 1)
    expect(it.low).toBeGreaterThan(0.15)
    expect(it.high).toBeLessThan(0.65)
  })

  test('nothing is estimated of an arm with too few, and how many are missing is told', () => {
    const trials = (n: number) => [...sessions('control', 1, n), ...sessions('treatment', 30, 40)]
    expect(lift(trials(FEWEST - 2), 'completion', 0.1)).toMatchObject({
      estimate: null,
      low: null,
      high: null,
      sessions_needed: 20,
    })
    expect(lift(trials(FEWEST - 2), 'completion', 0.1).detectable).toBeGreaterThan(0.1)
    expect(lift(trials(FEWEST)).estimate).not.toBeNull()
  })

  test('what a session does not say is left out', () => {
    const known = inTurn(sessions('treatment', 15, 20), sessions('control', 10, 20))
    const unknown = known.flatMap((it) => [it, { ...it, y: null }])
    expect(lift(unknown)).toEqual(lift(known))
    expect(lift(sessions('control', 0, 9, { y: null }))).toMatchObject({
      control: { sessions: 0, mean: null },
      treatment: { sessions: 0, mean: null },
      detectable: null,
    })
  })

  test('nothing is certain because it was never seen', () => {
    const { low, high } = lift(inTurn(sessions('treatment', 0, 40), sessions('control', 0, 40)))
    expect(low).toBeLessThan(-0.05)
    expect(high).toBeGreaterThan(0.05)
  })

  test('hard tasks that one arm happened to get do not look like an effect', () => {
    const of = (intent: string, [treated, control]: [number, number], share: number) =>
      inTurn(
        sessions('treatment', Math.round(share * treated), treated, { intent }),
        sessions('control', Math.round(share * control), control, { intent }),
      )
    const past = [...of('easy', [60, 60], 0.9), ...of('hard', [60, 60], 0.1)]
    const luck = [...of('easy', [40, 10], 0.9), ...of('hard', [10, 40], 0.1)]
    const it = lift([...past, ...luck])
    const plain = it.treatment.mean! - it.control.mean!
    expect(plain).toBeGreaterThan(0.1)
    expect(Math.abs(it.estimate!)).toBeLessThan(plain / 2)
  })

  test('an even lot tells more than a rare one, and a rare session in control counts for the many that it stands for', () => {
    const known = (control_share: number, treated: number, control: number) => {
      const scores = new Scores()
      const trials = inTurn(
        sessions('control', control / 2, control, { control_share }),
        sessions('treatment', treated / 2, treated, { control_share }),
      )
      for (const it of trials) scores.add(it, it.y!)
      return scores.estimate()!
    }
    const [even, rare] = [known(0.5, 100, 100), known(0.1, 180, 20)]
    expect(rare.sessions / even.sessions).toBeCloseTo(0.36, 5)
    expect(rare.error).toBeGreaterThan(1.4 * even.error)
  })

  test('amounts are told as how much more, and one that nobody closed overnight does not decide', () => {
    const times = (arm: Trial['arm'], factor: number) =>
      sessions(arm, 0, 80).map((it, i) => ({ ...it, y: factor * 1_000 * (1 + (i % 7)) }))
    const it = lift(inTurn(times('treatment', 0.5), times('control', 1)), 'duration_ms')
    expect(it.unit).toBe('relative')
    expect(it.estimate).toBeCloseTo(-0.5, 1)
    expect(it.high).toBeLessThan(-0.3)
    const odd = inTurn(times('treatment', 0.5), times('control', 1))
    odd[100] = { ...odd[100]!, y: 40_000_000 }
    expect(lift(odd, 'duration_ms').high).toBeLessThan(0)
    expect(lift(odd, 'duration_ms').treatment.mean).toBeGreaterThan(500_000)
  })

  test('a session in a loop of failed calls counts as twenty', () => {
    const calls = (most: number) =>
      inTurn(
        sessions('treatment', 0, 30).map((it, i) => ({ ...it, y: i === 3 ? most : 1 })),
        sessions('control', 0, 30).map((it) => ({ ...it, y: 2 })),
      )
    expect(lift(calls(4_000), 'tool_errors').estimate).toBe(lift(calls(20), 'tool_errors').estimate)
  })
})

const Trials = fc.array(
  fc.record({
    intent: fc.constantFrom('a', 'b', 'c'),
    arm: fc.constantFrom('treatment' as const, 'control' as const),
    control_share: fc.constantFrom(0.05, 0.1, 0.5),
    y: fc.constantFrom(0, 1),
  }),
  { minLength: 3, maxLength: 40 },
)

const estimateOf = (trials: Told[]) => {
  const scores = new Scores()
  for (const it of trials) scores.add(it, it.y!)
  return scores.estimate()!
}

test('the estimate is unbiased whatever the lots were: over all that could be drawn, its scores have the mean of the effect', () => {
  fc.assert(
    fc.property(
      Trials,
      fc.constantFrom(0.05, 0.1, 0.5),
      fc.nat(1),
      fc.nat(1),
      (past, share, with_, without) => {
        const next = (arm: Trial['arm'], y: number) => ({ intent: 'a', arm, control_share: share, y })
        const total = (trials: Told[]) => {
          const it = estimateOf(trials)
          return it.value * it.sessions
        }
        const before = total(past)
        const expected =
          share * total([...past, next('control', without)]) +
          (1 - share) * total([...past, next('treatment', with_)])
        expect(expected - before).toBeCloseTo(4 * share * (1 - share) * (with_ - without), 8)
      },
    ),
  )
})

test('which of two is called treatment changes the sign and nothing else', () => {
  fc.assert(
    fc.property(Trials, (trials) => {
      const even = trials.map((it) => ({ ...it, control_share: 0.5 }))
      const turned = even.map((it) => ({
        ...it,
        arm: it.arm === 'control' ? ('treatment' as const) : ('control' as const),
      }))
      const [one, other] = [estimateOf(even), estimateOf(turned)]
      expect(one.value).toBeCloseTo(-other.value, 8)
      expect(one.error).toBeCloseTo(other.error, 8)
    }),
  )
})

describe('the interval', () => {
  const at = (sessions: number): Estimate => ({ value: 0, error: 1 / Math.sqrt(sessions), sessions })

  test('is the boundary of the paper', () => {
    // By hand: alpha = .05, tuned for 100, so rho² = (5.99146 + log 5.99146 + 1) / 100 = .0878178; at t = 100
    // √(2 (8.78178 + 1) / (100 · 8.78178) · log(√9.78178 / .05)) = .30353.
    expect(intervalOf(at(100)).high).toBeCloseTo(0.30353, 4)
  })

  test('is wider than one for a single look, narrows with more sessions, and a bound on one side is nearer', () => {
    for (const sessions of [20, 50, 100, 400, 2_000]) {
      const { low, high } = intervalOf(at(sessions))
      expect(high).toBeGreaterThan(1.96 / Math.sqrt(sessions))
      expect(low).toBe(-high)
      expect(intervalOf(at(2 * sessions)).high).toBeLessThan(high)
      expect(upperBound(at(sessions), 0.05)).toBeLessThan(high)
      expect(upperBound(at(sessions), 0.1)).toBeLessThan(upperBound(at(sessions), 0.05))
      expect(lowerBound(at(sessions), 0.05)).toBe(-upperBound(at(sessions), 0.05))
    }
  })

  test('shows a difference of its power 4 times in 5, and as many more sessions as it says are enough', () => {
    const it = { value: 0.1, error: 0.05, sessions: 100 }
    const more = sessionsNeeded(it, 0.36)!
    expect(detectableOf(knowingMore(it, more * 0.36))).toBeLessThanOrEqual(0.1)
    expect(detectableOf(knowingMore(it, (more - 1) * 0.36))).toBeGreaterThan(0.1)
    expect(sessionsNeeded({ ...it, value: 0.5 }, 0.36)).toBe(0)
    expect(sessionsNeeded({ ...it, value: 0.0001 }, 0.36)).toBeNull()
    expect(sessionsNeeded({ ...it, value: 0 }, 0.36)).toBeNull()
  })
})

// 200 experiments each: had the intervals exactly the 95 % that they promise, fewer than 180 right would come up in one of 700 tables.
const RUNS = 200
const null_of = (p: number) => ({ treatment: p, control: p })
test.each<Setting>([
  { name: 'rare, one in ten in control', control_share: () => 0.1, intents: 0, outcome: null_of(0.05) },
  { name: 'at times, half in control', control_share: () => 0.5, intents: 1.5, outcome: null_of(0.3) },
  {
    name: 'mostly, ever fewer in control',
    control_share: (n) => (n < 120 ? 0.5 : 0.1),
    intents: 1.5,
    outcome: null_of(0.7),
  },
  { name: 'skewed amounts', control_share: () => 0.1, intents: 1.5, outcome: 'amounts' },
  { name: 'agents in pairs', control_share: 'pairs', intents: 1.5, outcome: null_of(0.3) },
  { name: 'a great harm', control_share: () => 0.1, intents: 1, outcome: { treatment: 0.02, control: 0.2 } },
])('on 200 nights in a row the intervals are right in 95 % of experiments: $name', (setting) => {
  expect(coverageOf(setting, RUNS).covered).toBeGreaterThanOrEqual(0.9)
})

test('a great effect is seen, and a missing one hardly ever', () => {
  const setting = { name: '', control_share: () => 0.5, intents: 1 }
  expect(coverageOf({ ...setting, outcome: { treatment: 0.9, control: 0.5 } }, 50)).toMatchObject({
    keep: 1,
    harm: 0,
    futile: 0,
  })
  const none = coverageOf({ ...setting, outcome: null_of(0.5) }, RUNS)
  expect(none.keep).toBeLessThan(0.17)
  expect(none.harm).toBeLessThan(0.1)
})

describe('of two agents', () => {
  const runs = (arm: Trial['arm'], intent: string, ys: (number | null)[]) =>
    ys.map((y) => ({ arm, intent, y }))
  const of = (list: ReturnType<typeof runs>) => liftOfPairs('completion', list, (it) => it.y).lift

  test('sessions are matched within what they were asked, in turn; the others wait', () => {
    const it = of([
      ...runs('treatment', 'a', [1, 1, 1]),
      ...runs('control', 'b', [1]),
      ...runs('control', 'a', [0, null, 1]),
    ])
    expect(it).toMatchObject({
      treatment: { sessions: 2, mean: 1 },
      control: { sessions: 2, mean: 0.5 },
      estimate: null,
      sessions_needed: 2 * (FEWEST_PAIRS - 2),
    })
  })

  test('enough pairs tell the difference', () => {
    const it = of([
      ...runs('treatment', 'a', Array(60).fill(1)),
      ...runs('control', 'a', [...Array(40).fill(0), ...Array(20).fill(1)]),
    ])
    expect(it).toMatchObject({ treatment: { sessions: 60 }, estimate: 0.6667, sessions_needed: 0 })
    expect(it.low).toBeGreaterThan(0.3)
  })
})
