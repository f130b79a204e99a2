import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ALARM, detectorAfter, holdsAgain, usualRate } from '../../src/3-mine/staleness.ts'
import { generator } from './tallied.ts'

describe('the detector', () => {
  test('follows the recursion of Shiryaev and Roberts', () => {
    // Python 3.11, from the definition, p0 = 0.8: after each of six occasions.
    const occasions = [false, false, true, false, false, false]
    const steps = occasions.map((_, i) => detectorAfter(occasions.slice(0, i + 1), 0, 0.8))
    for (const [i, it] of [3, 12, 6.5, 22.5, 70.5, 214.5].entries()) expect(steps[i]).toBeCloseTo(it, 9)
  })

  test('is the same whether occasions come in one night or in several', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean()), fc.nat(20), (occasions, at) => {
        const first = detectorAfter(occasions.slice(0, at), 0, 0.7)
        expect(detectorAfter(occasions.slice(at), first, 0.7)).toBe(detectorAfter(occasions, 0, 0.7))
      }),
    )
  })

  test('that has reached the alarm stays there', () => {
    expect(detectorAfter(new Array(50).fill(true), ALARM, 0.9)).toBe(ALARM)
  })

  test('grows by one an occasion on average while the rate is as usual', () => {
    // 20,000 runs of 5 occasions: M - 5 is a martingale at p = p0, standard error about 0.1.
    const random = generator(2)
    let sum = 0
    for (let run = 0; run < 20_000; run++)
      sum += detectorAfter(
        Array.from({ length: 5 }, () => random() < 0.6),
        0,
        0.6,
      )
    expect(Math.abs(sum / 20_000 - 5)).toBeLessThan(0.4)
  })
})

describe('the usual rate is taken from below', () => {
  // SciPy 1.17: binomtest(k, n).proportion_ci(0.95, method='wilson').low
  test.each([
    { held: 36, n: 40, rate: 0.769482247724777 },
    { held: 10, n: 10, rate: 0.7224672001371109 },
    { held: 3, n: 5, rate: 0.230724281276013 },
    { held: 0, n: 0, rate: 0 },
  ])('$held of $n: $rate', ({ held, n, rate }) => {
    expect(usualRate({ held, n })).toBeCloseTo(rate, 6)
  })
})

test.each([
  { held: 4, n: 4, again: false, why: 'too few to say' },
  { held: 5, n: 5, again: true, why: 'every time' },
  { held: 5, n: 10, again: false, why: 'half of the time, which ten occasions cannot tell from a quarter' },
  { held: 30, n: 50, again: true, why: 'not as often as before, but surely half as often' },
  { held: 0, n: 50, again: false, why: 'never' },
])(
  'a lesson that used to hold on 80 % and since then on $held of $n holds again: $again, $why',
  ({ held, n, again }) => {
    expect(holdsAgain({ held, n }, 0.8)).toBe(again)
  },
)
