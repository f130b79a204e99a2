/** How much higher a number is than it was, and how sure that is. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { differenceOf, type Value } from '../../src/7-measure/difference.ts'
import { generator } from '../3-mine/tallied.ts'

const times = (n: number, y: number, stratum = ''): Value[] =>
  Array.from({ length: n }, () => ({ y, stratum }))
const of = (n: number, share: number, stratum = '') => [
  ...times(Math.round(n * share), 1, stratum),
  ...times(n - Math.round(n * share), 0, stratum),
]

test.each([
  { name: 'nineteen sessions of a window say nothing', before: of(19, 0.5), after: of(100, 0.5), said: null },
  { name: 'twenty do', before: of(20, 0.5), after: of(100, 0.5), said: 0 },
  { name: 'no stratum in common says nothing', before: of(50, 0.5, 'a'), after: of(50, 1, 'b'), said: null },
  {
    name: 'other work is no other behaviour: 90 % of easy and 10 % of hard sessions go well, then as now',
    before: [...of(100, 0.9, 'easy'), ...of(20, 0.1, 'hard')],
    after: [...of(20, 0.9, 'easy'), ...of(100, 0.1, 'hard')],
    said: 0,
  },
  {
    name: 'a fall within each kind of work shows through work that got easier',
    before: [...of(20, 0.9, 'easy'), ...of(100, 0.4, 'hard')],
    after: [...of(100, 0.7, 'easy'), ...of(20, 0.2, 'hard')],
    said: -0.2,
  },
])('$name', ({ before, after, said }) => {
  const found = differenceOf(before, after, true)
  if (said === null) expect(found).toBeNull()
  else expect(found!.estimate).toBeCloseTo(said)
})

test('the interval is that of Welch where there is one stratum', () => {
  // Worked by hand: means 10 and 13, variances 110/19 and 440/19, so the error is √(7.237/5) and Student has 27.9 degrees of freedom.
  const spread = (mean: number, step: number) =>
    Array.from({ length: 20 }, (_, i) => ({ y: mean + step * (i < 10 ? -1 : 1), stratum: '' }))
  const { estimate, low, high } = differenceOf(spread(10, 2), spread(13, 4), false)!
  const error = Math.sqrt((20 * 4) / 19 / 20 + (20 * 16) / 19 / 20)
  expect(estimate).toBeCloseTo(3)
  expect((high - low) / 2 / error).toBeCloseTo(2.0484, 2)
})

test('twenty sessions that all went well do not mean that none ever fails', () => {
  const { low, high } = differenceOf(times(20, 1), times(20, 1), true)!
  expect(high).toBeGreaterThan(0.1)
  expect(low).toBe(-high)
})

test('amounts of sessions that were each asked something of their own tell nothing of their spread, and shares do', () => {
  const alone = (n: number) =>
    Array.from({ length: n }, (_, i) => ({ y: i % 3 === 0 ? 1 : 0, stratum: `task ${i}` }))
  const again = (n: number) => [...alone(25), ...alone(n)]
  expect(differenceOf(alone(25), again(9), false)).toBeNull()
  expect(differenceOf(alone(25), again(10), false)).not.toBeNull()
  const { low, high } = differenceOf(alone(25), alone(25), true)!
  // Twice the error of a difference of shares of 25 sessions each, at the most that shares vary.
  expect((high - low) / 2).toBeGreaterThan(2 * Math.sqrt((2 * 0.25) / 25))
})

test('it is turned round when the windows are', () => {
  const values = fc.array(
    fc.record({ y: fc.double({ min: 0, max: 1, noNaN: true }), stratum: fc.constantFrom('a', 'b', 'c') }),
    { minLength: 60, maxLength: 90 },
  )
  fc.assert(
    fc.property(values, values, (one, other) => {
      const [forth, back] = [differenceOf(one, other, false), differenceOf(other, one, false)]
      if (forth === null || back === null) return forth === back
      return Math.abs(forth.estimate + back.estimate) < 1e-9 && Math.abs(forth.low + back.high) < 1e-9
    }),
  )
})

test.each([
  { name: 'half go well', share: 0.5, n: 40 },
  { name: 'nearly all go well', share: 0.95, n: 30 },
  { name: 'few of many', share: 0.05, n: 200 },
])('the interval holds no difference in about 95 of 100 cases: $name', ({ share, n }) => {
  const random = generator(7)
  const draw = () =>
    Array.from({ length: n }, (_, i) => ({ y: Number(random() < share), stratum: `intent ${i % 4}` }))
  const looks = Array.from({ length: 1_000 }, () => differenceOf(draw(), draw(), true)!)
  const held = looks.filter(({ low, high }) => low <= 0 && high >= 0).length
  expect(held).toBeGreaterThan(935)
  expect(held).toBeLessThan(995)
})

test.each([
  { again: [0, 10] },
  { again: [5, 5] },
  { again: [10, 10] },
  { again: [0, 30] },
  { again: [30, 30] },
])(
  'and of amounts, where 40 tasks are given once in each window and so many of them once more: $again',
  ({ again }) => {
    const random = generator(7)
    const draw = (more: number) =>
      Array.from({ length: 40 + more }, (_, i) => ({
        y: (i % 40) + random() + random() + random(),
        stratum: `task ${i % 40}`,
      }))
    const looks = Array.from({ length: 1_000 }, () => differenceOf(draw(again[0]!), draw(again[1]!), false)!)
    const held = looks.filter(({ low, high }) => low <= 0 && high >= 0).length
    expect(held).toBeGreaterThan(935)
    expect(held).toBeLessThan(970)
  },
)
