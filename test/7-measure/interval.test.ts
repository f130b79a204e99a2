import { describe, expect, test } from 'vitest'
import { meanInterval, medianInterval } from '../../src/7-measure/interval.ts'

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

describe('the median', () => {
  // The values are their ranks. Tables of order statistics: Conover, Practical Nonparametric Statistics, 1999, 3.2.
  test.each([
    { n: 5, low: null, high: null },
    { n: 6, low: 1, high: 6 },
    { n: 9, low: 2, high: 8 },
    { n: 20, low: 6, high: 15 },
    { n: 100, low: 40, high: 61 },
    { n: 5_000, low: 2_431, high: 2_570 },
  ])('of $n values lies between the values $low and $high', ({ n, low, high }) => {
    expect(medianInterval(upTo(n))).toEqual({ value: (n + 1) / 2, low, high })
  })

  test('does not depend on the order, and is not moved by one value that is far off', () => {
    const usual = medianInterval(upTo(20))!

    expect(medianInterval(upTo(20).toReversed())).toEqual(usual)
    expect(medianInterval([...upTo(19), 1e9])).toEqual(usual)
  })

  test('of no values is unknown', () => {
    expect(medianInterval([])).toBeNull()
  })
})

describe('the mean', () => {
  test('has the interval of Student', () => {
    // SciPy 1.10: scipy.stats.t.interval(0.95, 9, loc=5.5, scale=scipy.stats.sem(range(1, 11)))
    const { value, low, high } = meanInterval(upTo(10))!

    expect(value).toBe(5.5)
    expect(low).toBeCloseTo(3.334149, 2)
    expect(high).toBeCloseTo(7.665851, 2)
  })

  test.each([
    { name: 'few values', values: [1, 2, 3, 4, 5], value: 3 },
    { name: 'values that are all the same', values: [0, 0, 0, 0, 0, 0, 0], value: 0 },
  ])('of $name has none', ({ values, value }) => {
    expect(meanInterval(values)).toEqual({ value, low: null, high: null })
  })

  test('of what cannot be below 0 or above 1 does not reach there', () => {
    const { low, high } = meanInterval([0, 0, 0, 0, 0, 1], 1)!

    expect([low, high]).toEqual([0, expect.closeTo(0.595, 2)])
    expect(meanInterval([1, 1, 1, 1, 1, 0], 1)!.high).toBe(1)
  })

  test('of no values is unknown', () => {
    expect(meanInterval([])).toBeNull()
  })
})

test('each interval holds what it is of in about 95 of 100 samples of long-tailed values', () => {
  let state = 7
  const uniform = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647
  }
  // Exponential, with mean 1 and median ln 2.
  const samples = Array.from({ length: 600 }, () => Array.from({ length: 60 }, () => -Math.log(uniform())))
  const held = (of: number, interval: typeof meanInterval) =>
    samples.filter((it) => {
      const { low, high } = interval(it)!
      return low! <= of && of <= high!
    }).length / samples.length

  expect(held(Math.LN2, medianInterval)).toBeGreaterThan(0.94)
  expect(held(1, meanInterval)).toBeGreaterThan(0.91)
})
