import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { qValues } from '../../src/3-mine/false-discovery.ts'
import { twoSidedP } from '../../src/3-mine/normal.ts'
import { oddsRatio } from '../../src/3-mine/odds-ratio.ts'
import { fitNuisance, scoreTest } from '../../src/3-mine/score-test.ts'
import { wilsonInterval } from '../../src/domain/proportion.ts'
import type { Count } from '../../src/domain/tally.ts'
import { generator } from './tallied.ts'

describe('Wilson interval', () => {
  // SciPy 1.10: binomtest(k, n).proportion_ci(method='wilson')
  test.each([
    { k: 5, n: 10, low: 0.236593, high: 0.763407 },
    { k: 0, n: 10, low: 0, high: 0.277533 },
    { k: 10, n: 10, low: 0.722467, high: 1 },
    { k: 21, n: 22, low: 0.78202, high: 0.991931 },
    { k: 3, n: 3, low: 0.438503, high: 1 },
  ])('$k of $n is [$low, $high]', ({ k, n, low, high }) => {
    const [l, h] = wilsonInterval(k, n)
    expect(l).toBeCloseTo(low, 5)
    expect(h).toBeCloseTo(high, 5)
  })

  test('nothing seen says nothing', () => {
    expect(wilsonInterval(0, 0)).toEqual([0, 1])
  })

  test('holds the proportion, and lies in [0, 1]', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 1, max: 500 }), (a, n) => {
        const k = Math.min(a, n)
        const [low, high] = wilsonInterval(k, n)
        expect(low).toBeLessThanOrEqual(k / n + 1e-12)
        expect(high).toBeGreaterThanOrEqual(k / n - 1e-12)
        expect(low).toBeGreaterThanOrEqual(0)
        expect(high).toBeLessThanOrEqual(1)
      }),
    )
  })
})

describe('two-sided normal p value', () => {
  // SciPy 1.10: 2 * norm.sf(z)
  test.each([
    { z: 0, p: 1 },
    { z: 1, p: 0.31731050786291415 },
    { z: 1.959963984540054, p: 0.05 },
    { z: -3, p: 0.0026997960632601866 },
    { z: 5, p: 5.733031437583869e-7 },
    { z: 8, p: 1.244192114854348e-15 },
  ])('of $z is $p', ({ z, p }) => {
    expect(twoSidedP(z) / p).toBeCloseTo(1, 5)
  })
})

describe('Benjamini-Hochberg', () => {
  // By hand, from the definition.
  test.each([
    { p: [0.01, 0.02, 0.03, 0.04, 0.05], q: [0.05, 0.05, 0.05, 0.05, 0.05] },
    { p: [0.6, 0.005, 0.2, 0.009, 0.05], q: [0.6, 0.0225, 0.25, 0.0225, 0.083333] },
    { p: [1], q: [1] },
    { p: [], q: [] },
  ])('of $p is $q', ({ p, q }) => {
    const computed = qValues(p)
    expect(computed).toHaveLength(q.length)
    for (const [i, it] of q.entries()) expect(computed[i]).toBeCloseTo(it, 5)
  })

  test('never falls below p, and keeps the order of p', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 50 }),
        (p) => {
          const q = qValues(p)
          for (let i = 0; i < p.length; i++) {
            expect(q[i]!).toBeGreaterThanOrEqual(p[i]! - 1e-12)
            for (let j = 0; j < p.length; j++) if (p[i]! < p[j]!) expect(q[i]!).toBeLessThanOrEqual(q[j]!)
          }
        },
      ),
    )
  })
})

describe('odds ratio', () => {
  test.each([
    // (2.5 * 8.5) / (8.5 * 2.5), and by hand for the others.
    { exposed: [2, 10] as Count, unexposed: [2, 10] as Count, or: 1 },
    { exposed: [18, 18] as Count, unexposed: [7, 139] as Count, or: (18.5 * 132.5) / (0.5 * 7.5) },
    { exposed: [0, 5] as Count, unexposed: [5, 5] as Count, or: (0.5 * 0.5) / (5.5 * 5.5) },
  ])('of $exposed against $unexposed is finite even with an empty cell', ({ exposed, unexposed, or }) => {
    const computed = oddsRatio(exposed, unexposed)!
    expect(computed.odds_ratio).toBeCloseTo(or, 6)
    expect(computed.low).toBeLessThan(or)
    expect(computed.high).toBeGreaterThan(or)
  })

  test('needs both groups', () => {
    expect(oddsRatio([0, 0], [3, 5])).toBeNull()
    expect(oddsRatio([3, 5], [0, 0])).toBeNull()
  })
})

describe('score test', () => {
  const weak = { intent: 1e-9, version: 1e-9 }

  test('without strata its square is Pearson’s chi square', () => {
    // SciPy 1.10: chi2_contingency([[30, 20], [20, 40]], correction=False) is 7.822222222222223
    const fit = fitNuisance({ 'v|t': [50, 110] }, weak)
    const { z } = scoreTest(fit, { 'v|t': [30, 50] })
    expect(z ** 2).toBeCloseTo(7.822222222222223, 4)
  })

  test('with one agent version and many tasks it is Cochran’s stratified test', () => {
    // Cochran (1954): (Σ a - n1 m / n)² / Σ n1 n0 m (n - m) / n³, computed here by its own formula.
    const cells: Record<string, Count> = { 'v|a': [12, 40], 'v|b': [30, 45], 'v|c': [8, 50] }
    const exposed: Record<string, Count> = { 'v|a': [9, 18], 'v|b': [25, 33], 'v|c': [4, 12] }
    let u = 0
    let variance = 0
    for (const key of Object.keys(cells)) {
      const [m, n] = cells[key]!
      const [a, n1] = exposed[key]!
      u += a - (n1 * m) / n
      variance += (n1 * (n - n1) * m * (n - m)) / n ** 3
    }
    const { z } = scoreTest(fitNuisance(cells, weak), exposed)
    expect(z).toBeCloseTo(u / Math.sqrt(variance), 3)
  })

  test('a trait of a hard task is no trait of failure: Simpson’s paradox is removed', () => {
    // Every session of the hard task shows the trait half the time, with no difference inside either task.
    const cells: Record<string, Count> = { 'v|hard': [70, 100], 'v|easy': [10, 100] }
    const exposed: Record<string, Count> = { 'v|hard': [63, 90], 'v|easy': [1, 10] }
    const crude = scoreTest(fitNuisance({ 'v|all': [80, 200] }, weak), { 'v|all': [64, 100] })
    const adjusted = scoreTest(fitNuisance(cells, weak), exposed)
    expect(crude.z).toBeGreaterThan(5)
    expect(Math.abs(adjusted.z)).toBeLessThan(0.1)
  })

  test('a trait that came with a worse agent version is no trait of failure', () => {
    const cells: Record<string, Count> = {
      'v1|a': [10, 100],
      'v2|a': [60, 100],
      'v1|b': [20, 100],
      'v2|b': [75, 100],
    }
    const exposed: Record<string, Count> = {
      'v2|a': [54, 90],
      'v2|b': [68, 90],
      'v1|a': [1, 10],
      'v1|b': [2, 10],
    }
    expect(Math.abs(scoreTest(fitNuisance(cells, { intent: 0.5, version: 0.1 }), exposed).z)).toBeLessThan(1)
  })

  test('all outcomes equal: no information, no lesson', () => {
    const { z, information } = scoreTest(
      fitNuisance({ 'v|a': [0, 20], 'v|b': [0, 20] }, { intent: 0.5, version: 0.1 }),
      { 'v|a': [0, 10] },
    )
    expect(Math.abs(z)).toBeLessThan(1)
    expect(information).toBeLessThan(0.5)
  })

  test('its p values are calibrated when a trait means nothing', () => {
    // 400 random traits over 20 tasks of very different difficulty: about 5 % of p below 0.05.
    const random = generator(7)
    const tasks = Array.from({ length: 20 }, (_, i) => ({
      cell: `v|${i}`,
      bad: 0.05 + 0.045 * i,
      trait: (i % 5) / 5 + 0.05,
    }))
    let below = 0
    for (let round = 0; round < 400; round++) {
      const cells: Record<string, Count> = {}
      const exposed: Record<string, Count> = {}
      for (const task of tasks) {
        cells[task.cell] = [0, 0]
        exposed[task.cell] = [0, 0]
        for (let i = 0; i < 15; i++) {
          const bad = random() < task.bad ? 1 : 0
          cells[task.cell]![0] += bad
          cells[task.cell]![1]++
          if (random() >= task.trait) continue
          exposed[task.cell]![0] += bad
          exposed[task.cell]![1]++
        }
      }
      if (twoSidedP(scoreTest(fitNuisance(cells, { intent: 0.5, version: 0.1 }), exposed).z) < 0.05) below++
    }
    expect(below).toBeLessThan(36)
    expect(below).toBeGreaterThan(6)
  })
})
