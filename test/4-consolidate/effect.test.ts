import { expect, test } from 'vitest'
import { differBy, disputedAmong, isClear, zOf } from '../../src/4-consolidate/effect.ts'
import type { Pattern } from '../../src/domain/pattern.ts'
import { pattern } from './patterns.ts'

const odds = (odds_ratio: number, factor: number, of: Partial<Pattern> = {}) =>
  pattern(1, {
    ...of,
    effect: {
      exposed: [12, 12],
      unexposed: [2, 22],
      odds_ratio,
      low: odds_ratio / factor,
      high: odds_ratio * factor,
    },
  })

test('the effect in standard errors is read off the odds ratio and its interval', () => {
  // math.log(200) / ((math.log(900) - math.log(9)) / (2 * 1.96)) in Python 3.
  expect(zOf(pattern(1))).toBeCloseTo(4.510019, 6)
  expect(zOf(odds(1, 3))).toBe(0)
  expect(zOf(odds(0.2, 2))).toBeLessThan(0)
  expect(zOf(pattern(1, { effect: { ...pattern(1).effect, low: null } }))).toBe(null)
  expect(zOf(pattern(1, { effect: { ...pattern(1).effect, low: 0 } }))).toBe(null)
})

test('two effects differ clearly when luck would do that in one case of a hundred', () => {
  expect(differBy(4, 0)).toBeCloseTo(2.828427, 6)
  expect([differBy(4, 0), differBy(0, 4), differBy(3, 0), differBy(2, -2)].map(isClear)).toEqual([
    true,
    true,
    false,
    true,
  ])
})

test.each([
  { name: 'the opposite of the same', of: [odds(5, 2), odds(0.2, 2)], disputed: 2 },
  { name: 'the opposite, by little', of: [odds(1.2, 2), odds(0.8, 2)], disputed: 0 },
  { name: 'the same, more or less', of: [odds(50, 2), odds(2, 2)], disputed: 0 },
  {
    name: 'the opposite of another trait',
    of: [odds(5, 2), odds(0.2, 2, { trait: 'after put' })],
    disputed: 0,
  },
  {
    name: 'the opposite, for one person',
    of: [odds(5, 2), odds(0.2, 2, { scope: { agent: 'desk', person: 'ana' } })],
    disputed: 0,
  },
  {
    name: 'the opposite, in the work of another agent',
    of: [odds(5, 2), odds(0.2, 2, { scope: { agent: 'shop', person: null } })],
    disputed: 0,
  },
])('of two patterns that say $name, $disputed are disputed', ({ of, disputed }) => {
  expect(disputedAmong(of).size).toBe(disputed)
  expect(disputedAmong(of.toReversed()).size).toBe(disputed)
})
