import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exactCmh, type Stratum } from '../../src/3-mine/exact-cmh.ts'
import { mantelHaenszel } from '../../src/3-mine/mantel-haenszel.ts'

const strata = (...tables: [a: number, x: number, c: number, y: number][]): Stratum[] =>
  tables.map(([a, x, c, y]) => ({ exposed: [a, x], unexposed: [c, y] }))

describe('exact conditional Cochran-Mantel-Haenszel test', () => {
  // SciPy 1.10: convolution of scipy.stats.hypergeom.pmf of each stratum, and the mid-p of its tails.
  test.each([
    { name: 'one table', given: strata([7, 10, 3, 12]), excess: 2.454545454545454, p: 0.05038614636137856 },
    {
      name: 'three strata',
      given: strata([9, 18, 3, 22], [25, 33, 5, 12], [4, 12, 4, 38]),
      excess: 8.68,
      p: 0.00030485109273247033,
    },
    {
      name: 'many thin strata, one of them with nothing to compare',
      given: strata([5, 5, 0, 3], [3, 4, 1, 4], [0, 2, 1, 6], [2, 2, 0, 0], [1, 3, 2, 2]),
      excess: 1.8249999999999993,
      p: 0.1773852040816326,
    },
    {
      name: 'large strata that point in two directions',
      given: strata([300, 1000, 200, 1000], [40, 50, 900, 2000]),
      excess: 67.07317073170731,
      p: 6.510509429803416e-11,
    },
  ])('$name', ({ given, excess, p }) => {
    const computed = exactCmh(given)
    expect(computed.excess).toBeCloseTo(excess, 9)
    expect(computed.p / p).toBeCloseTo(1, 6)
  })

  test('nothing to compare says nothing', () => {
    expect(exactCmh([])).toEqual({ excess: 0, p: 1 })
    expect(exactCmh(strata([3, 5, 0, 0], [0, 4, 0, 9], [0, 0, 0, 0]))).toEqual({ excess: 0, p: 1 })
  })

  const stratum = fc
    .tuple(fc.nat(12), fc.nat(12), fc.nat(12), fc.nat(12))
    .map(([a, b, c, d]): Stratum => ({ exposed: [a, a + b], unexposed: [c, c + d] }))

  test('exposed and unexposed in exchange: the same chance, the other sign; so with bad and good', () => {
    fc.assert(
      fc.property(fc.array(stratum, { maxLength: 6 }), (given) => {
        const { excess, p } = exactCmh(given)
        const sides = given.map(({ exposed, unexposed }) => ({ exposed: unexposed, unexposed: exposed }))
        const good = given.map(({ exposed: [a, x], unexposed: [c, y] }) => ({
          exposed: [x - a, x] satisfies [number, number],
          unexposed: [y - c, y] satisfies [number, number],
        }))
        for (const turned of [exactCmh(sides), exactCmh(good as Stratum[])]) {
          expect(turned.excess).toBeCloseTo(-excess, 9)
          expect(turned.p).toBeCloseTo(p, 9)
        }
        expect(p).toBeGreaterThan(0)
        expect(p).toBeLessThanOrEqual(1)
      }),
    )
  })

  test('its direction is that of the Mantel-Haenszel odds ratio', () => {
    fc.assert(
      fc.property(fc.array(stratum, { minLength: 1, maxLength: 6 }), (given) => {
        const ratio = mantelHaenszel(given)?.odds_ratio
        if (ratio === undefined) return
        const { excess } = exactCmh(given)
        if (Math.abs(excess) > 1e-9) expect(Math.sign(excess)).toBe(Math.sign(Math.log(ratio)))
      }),
    )
  })
})

describe('Mantel-Haenszel odds ratio', () => {
  test('lung cancer and smoking in eight cities: 2.17, from 1.98 to 2.38', () => {
    // Liu (1992), as told and computed by Agresti, Categorical Data Analysis (2nd ed., 2002), tables 6.7 and 6.3.5.
    const cities = strata(
      [126, 226, 35, 96],
      [908, 1596, 497, 1304],
      [913, 1660, 336, 934],
      [235, 407, 58, 179],
      [402, 710, 121, 336],
      [182, 338, 72, 170],
      [60, 159, 11, 54],
      [104, 193, 21, 57],
    )
    const { odds_ratio, low, high } = mantelHaenszel(cities)!
    expect(odds_ratio).toBeCloseTo(2.17, 2)
    expect(low).toBeCloseTo(1.98, 2)
    expect(high).toBeCloseTo(2.38, 2)
  })

  // NumPy 1.24, the formulas of Robins, Breslow and Greenland (1986).
  test.each([
    { given: strata([7, 10, 3, 12]), found: [7.0, 1.0675113882266483, 45.90114966492195] },
    {
      given: strata([9, 18, 3, 22], [25, 33, 5, 12], [4, 12, 4, 38]),
      found: [4.938492563650114, 2.0873934537555097, 11.683810140033168],
    },
    {
      given: strata([5, 5, 0, 3], [3, 4, 1, 4], [0, 2, 1, 6], [2, 2, 0, 0], [1, 3, 2, 2]),
      found: [2.553191489361702, 0.6161127008607504, 10.580510306380384],
    },
  ])('with its interval: $found', ({ given, found }) => {
    const { odds_ratio, low, high } = mantelHaenszel(given)!
    for (const [i, it] of [odds_ratio, low, high].entries()) expect(it / found[i]!).toBeCloseTo(1, 6)
  })

  test.each([
    { name: 'no stratum', given: [] },
    { name: 'an empty one', given: strata([0, 0, 0, 0]) },
    { name: 'no bad among the exposed', given: strata([0, 5, 3, 5]) },
    { name: 'only bad among the exposed', given: strata([5, 5, 3, 5]) },
  ])('is not told of $name', ({ given }) => {
    expect(mantelHaenszel(given)).toBeNull()
  })
})
