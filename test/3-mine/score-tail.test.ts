/** The chances that the score test gives far out, where outcomes are rare and few are exposed. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { twoSidedP } from '../../src/3-mine/normal.ts'
import { fitNuisance, type Nuisance, scoreInsideCells, scoreTest } from '../../src/3-mine/score-test.ts'
import type { Count } from '../../src/domain/tally.ts'

const weak = { intent: 1e-9, version: 1e-9 }

describe('the p value of a score', () => {
  // SciPy 1.10: U enumerated from scipy.stats.binom.pmf, 15 exposed of 200, each bad with chance 0.15; P(|U| as far out), the
  // chance of U itself counted half.
  test.each([
    { bad: 8, all_bad: 30, p: 0.00013674360802937169, at_most: 0.05 },
    { bad: 10, all_bad: 30, p: 9.493532124743765e-7, at_most: 0.05 },
    { bad: 12, all_bad: 32, p: 3.1417365622576984e-9, at_most: 0.05 },
    { bad: 14, all_bad: 30, p: 4.50017880762218e-13, at_most: 0.2 },
  ])('$bad bad of 15, where 15 % are bad, is $p', ({ bad, all_bad, p, at_most }) => {
    const fit = { ...fitNuisance({ 'v|t': [all_bad, 200] }, weak), p: [0.15] }
    const score = scoreTest(fit, { 'v|t': [bad, 15] })
    expect(Math.abs(score.p / p - 1)).toBeLessThan(at_most)
    expect(twoSidedP(score.z)).toBeLessThan(score.p / 5)
  })

  test('near the middle, and with many occasions, is that of the normal distribution', () => {
    for (const [bad, factor] of [
      [5_020, 1],
      [5_100, 1],
      [5_200, 1.02],
    ] as const) {
      const { z, p } = scoreTest(fitNuisance({ 'v|t': [10_000, 20_000] }, weak), { 'v|t': [bad, 10_000] })
      expect(p / twoSidedP(z)).toBeGreaterThan(0.98)
      expect(p / twoSidedP(z)).toBeLessThan(1.02 * factor)
    }
  })

  test('of the most there can be, is its chance', () => {
    // Both exposed bad and no other: 0.1^2 * 0.9^18. The other side is out of reach.
    const fit = { ...fitNuisance({ 'v|t': [2, 20] }, weak), p: [0.1] }
    const { z, p } = scoreTest(fit, { 'v|t': [2, 2] })
    expect(z).toBeGreaterThan(2)
    expect(p / (0.1 ** 2 * 0.9 ** 18)).toBeCloseTo(1, 2)
  })
})

describe('a score inside cells', () => {
  test('with one agent version is the same score', () => {
    const cells: Record<string, Count> = { 'v|a': [12, 40], 'v|b': [30, 45], 'v|c': [8, 50] }
    const exposed: Record<string, Count> = { 'v|a': [9, 18], 'v|b': [25, 33], 'v|c': [4, 12] }
    const fit = fitNuisance(cells, { intent: 0.5, version: 0.1 })
    expect(scoreInsideCells(fit, exposed).z).toBeCloseTo(scoreTest(fit, exposed).z, 6)
  })

  test('with one agent version is as probable, however many tasks nobody showed the trait in', () => {
    fc.assert(
      fc.property(shown, others, (shown, others) => {
        const cells: Record<string, Count> = {}
        const exposed: Record<string, Count> = {}
        for (const [i, it] of others.entries()) cells[`v|other${i}`] = it
        for (const [i, { n, bad, x, x_bad }] of shown.entries()) {
          cells[`v|shown${i}`] = [bad, n]
          exposed[`v|shown${i}`] = [x_bad, x]
        }
        const fit = fitNuisance(cells, { intent: 0.5, version: 0.1 })
        expect(scoreTest(fit, exposed).p / scoreInsideCells(fit, exposed).p).toBeCloseTo(1, 6)
      }),
    )
  })

  test('knows nothing of cells with one occasion', () => {
    const fit = fitNuisance({ 'v1|a': [1, 1], 'v2|a': [0, 1], 'v1|b': [1, 1] }, { intent: 0.5, version: 0.1 })
    expect(scoreInsideCells(fit, { 'v1|a': [1, 1] }).information).toBe(0)
  })

  test('is not misled by a version that is bad at one task', () => {
    // v1 fails at task a, and happens to show the trait there; inside each cell the trait changes nothing.
    const cells: Record<string, Count> = {
      'v1|a': [800, 1000],
      'v1|b': [200, 1000],
      'v2|a': [200, 1000],
      'v2|b': [200, 1000],
    }
    const exposed: Record<string, Count> = {
      'v1|a': [640, 800],
      'v1|b': [40, 200],
      'v2|a': [40, 200],
      'v2|b': [40, 200],
    }
    const fit = fitNuisance(cells, { intent: 0.5, version: 0.1 })
    expect(scoreTest(fit, exposed).z).toBeGreaterThan(3)
    expect(Math.abs(scoreInsideCells(fit, exposed).z)).toBeLessThan(0.1)
  })
})

describe('a score without its strongest intent', () => {
  const fitted = (cells: Record<string, Count>) => fitNuisance(cells, weak)

  test.each<{ name: string; cells: Record<string, Count>; exposed: Record<string, Count>; share: number }>([
    {
      name: 'four intents alike: three quarters of the information are left',
      cells: { 'v|a': [20, 40], 'v|b': [20, 40], 'v|c': [20, 40], 'v|d': [20, 40] },
      exposed: { 'v|a': [14, 20], 'v|b': [14, 20], 'v|c': [14, 20], 'v|d': [14, 20] },
      share: Math.sqrt(3 / 4),
    },
    {
      name: 'one intent alone: nothing is left',
      cells: { 'v|a': [20, 40], 'v|b': [20, 40] },
      exposed: { 'v|a': [16, 20] },
      share: 0,
    },
    {
      name: 'the other intent points the other way, half as far',
      cells: { 'v|a': [20, 40], 'v|b': [20, 40] },
      exposed: { 'v|a': [16, 20], 'v|b': [7, 20] },
      // U is 6 and -3, V alike: -3 / √V against 3 / √2V.
      share: -Math.SQRT2,
    },
  ])('$name', ({ cells, exposed, share }) => {
    const { z, without_strongest } = scoreTest(fitted(cells), exposed)
    expect(without_strongest / Math.abs(z)).toBeCloseTo(share, 4)
  })

  test('is the score itself where it is one of two hundred thousand intents alike', () => {
    const each = <T>(it: T): T[] => new Array(200_000).fill(it)
    const intent = each(0).map((_, i) => i)
    const names = intent.map((it) => `v|${it}`)
    const fit: Nuisance = {
      ...{ index: new Map(names.map((it, i) => [it, i])), intent, version: each(0) },
      ...{ n: each(2), y: each(1), p: each(0.5), intents: names.length, versions: 1 },
    }
    const { z, without_strongest } = scoreTest(fit, Object.fromEntries(names.map((it) => [it, [1, 1]])))
    expect(without_strongest / z).toBeCloseTo(1, 4)
  })
})

const size = fc.integer({ min: 1, max: 6 })

/** Tasks in which some occasions have the trait and some have not: as it falls, or all bad with it and none without. */
const shown = fc
  .record({ is_clear: fc.boolean(), sizes: fc.array(fc.tuple(size, size), { minLength: 4, maxLength: 8 }) })
  .chain(({ is_clear, sizes }) =>
    fc.tuple(
      ...sizes.map(([x, rest]) =>
        fc
          .tuple(is_clear ? fc.constant(x) : fc.nat(x), is_clear ? fc.constant(0) : fc.nat(rest))
          .map(([x_bad, rest_bad]) => ({ n: x + rest, bad: x_bad + rest_bad, x, x_bad })),
      ),
    ),
  )

/** Tasks without the trait, `[bad, n]`. */
const others = fc.array(fc.integer({ min: 1, max: 9 }).chain((n) => fc.tuple(fc.nat(n), fc.constant(n))))
