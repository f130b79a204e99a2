import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  afterNight,
  eValue,
  isConfirmed,
  logLikelihoodRatio,
  unconfirmed,
} from '../../src/3-mine/confirmation.ts'
import type { Confirmation } from '../../src/domain/pattern.ts'
import type { Count } from '../../src/domain/tally.ts'
import { generator } from './tallied.ts'

type Block = [a: number, x: number, m: number, n: number]

/** A night in one cell: `a` bad of `x` with the trait, `m` bad of `n` in all. */
function night(before: Confirmation, sign: 1 | -1, [a, x, m, n]: Block, cell = 'v|task'): Confirmation {
  return afterNight(before, sign, x === 0 ? {} : { [cell]: [a, x] }, { [cell]: [m, n] })
}

describe('the noncentral hypergeometric log likelihood ratio', () => {
  // SciPy 1.10: nchypergeom_fisher(n, m, x, exp(psi)).logpmf(a) - hypergeom(n, m, x).logpmf(a)
  test.each<{ block: Block; psi: number; ratio: number }>([
    { block: [3, 3, 3, 6], psi: 0.9, ratio: 1.168923850681158 },
    { block: [1, 3, 4, 7], psi: 0.9, ratio: -0.8375939767968796 },
    { block: [0, 2, 3, 6], psi: -1.5, ratio: 1.0675919052628102 },
    { block: [2, 4, 5, 9], psi: -0.3, ratio: 0.03887216090439283 },
    { block: [5, 10, 8, 40], psi: 3, ratio: 2.7316787145414314 },
    { block: [60, 100, 120, 400], psi: 1.5, ratio: 26.179751017360473 },
    { block: [4_000, 5_000, 6_000, 10_000], psi: 1.5, ratio: 842.0705595527171 },
    { block: [0, 3, 0, 6], psi: 1.2, ratio: 0 },
    { block: [4, 4, 6, 6], psi: 2.1, ratio: 0 },
  ])('of $block at ψ = $psi is $ratio', ({ block, psi, ratio }) => {
    expect(logLikelihoodRatio(block, psi)).toBeCloseTo(ratio, 9)
  })
})

describe('the e-value', () => {
  const blocks: Block[] = [
    [3, 3, 3, 6],
    [3, 4, 4, 8],
    [2, 3, 2, 7],
  ]
  const over = (sign: 1 | -1, epoch: number) =>
    eValue(blocks.reduce((state, it) => night(state, sign, it), unconfirmed(epoch)))

  // SciPy 1.10: Σ w(ψ) exp(Σ log ratio(ψ)), ψ = 0.3 … 3.0 by 0.3, w ∝ exp(-ψ² / 2σ²), Σ w = 1
  test('of three blocks that fit the lesson is 23', () => {
    expect(over(1, 0)).toBeCloseTo(23.334941047995414, 8)
  })

  test('of the same blocks against a lesson that says the opposite is far below 1', () => {
    expect(over(-1, 0)).toBeCloseTo(0.10628041200703622, 8)
  })

  test('expects larger effects after the evidence began anew', () => {
    expect(over(1, 1)).toBeCloseTo(38.36216189694193, 8)
  })

  test('of nothing is 1', () => {
    expect(eValue(unconfirmed(0))).toBe(1)
    expect(eValue(afterNight(unconfirmed(0), 1, {}, {}))).toBe(1)
  })

  test('has a limit, as JSON has no infinity', () => {
    expect(eValue(night(unconfirmed(0), 1, [1_000, 1_000, 1_000, 2_000]))).toBe(1e9)
  })

  test('is 1 on average, whatever is expected, when the trait makes no difference', () => {
    // 4,000 stores of 4 blocks each; the mean of a mixture this heavy-tailed is within 0.2 of 1.
    const random = generator(5)
    const bad = (n: number) => Array.from({ length: n }, () => random() < 0.4).filter((it) => it).length
    let sum = 0
    for (let store = 0; store < 4_000; store++) {
      let state = unconfirmed(0)
      for (let i = 0; i < 4; i++) {
        const [a, other] = [bad(3), bad(4)]
        state = night(state, 1, [a, 3, a + other, 7])
      }
      sum += eValue(state)
    }
    expect(Math.abs(sum / 4_000 - 1)).toBeLessThan(0.2)
  })
})

describe('a block', () => {
  test.each<{ name: string; nights: Block[]; is_closed: boolean }>([
    { name: 'five occasions', nights: [[2, 2, 2, 5]], is_closed: false },
    { name: 'six', nights: [[2, 2, 2, 6]], is_closed: true },
    {
      name: 'six over three nights',
      nights: [
        [1, 1, 1, 2],
        [0, 0, 0, 2],
        [1, 1, 1, 2],
      ],
      is_closed: true,
    },
    { name: 'twenty of which none has the trait', nights: [[0, 0, 9, 20]], is_closed: false },
    { name: 'twenty of which all have it', nights: [[9, 20, 9, 20]], is_closed: false },
    {
      name: 'twenty that have it, and then one that has not',
      nights: [
        [9, 20, 9, 20],
        [0, 0, 0, 1],
      ],
      is_closed: true,
    },
  ])('of $name is closed: $is_closed', ({ nights, is_closed }) => {
    const { open } = nights.reduce((state, it) => night(state, 1, it), unconfirmed(0))
    expect(open).toEqual(is_closed ? {} : { 'v|task': expect.anything() })
  })

  test('is closed by who had the trait, never by how it went', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4), fc.nat(4)), { maxLength: 8 }),
        (nights) => {
          const state = (shift: number) =>
            nights.reduce((it, [x, rest, bad_x, bad_rest]) => {
              const [a, b] = [Math.min(x, (bad_x + shift) % 5), Math.min(rest, (bad_rest + shift) % 5)]
              return night(it, 1, [a, x, a + b, x + rest])
            }, unconfirmed(0))
          expect(Object.keys(state(0).open)).toEqual(Object.keys(state(2).open))
        },
      ),
    )
  })

  test('holds one cell: what differs between tasks confirms nothing', () => {
    const hard: Count = [10, 10]
    const easy: Count = [0, 10]
    const state = afterNight(unconfirmed(0), 1, { 'v|hard': hard }, { 'v|hard': hard, 'v|easy': easy })
    expect(eValue(state)).toBe(1)
  })
})

describe('what waits', () => {
  /** A night of one occasion, with the trait, in each of `n` cells that come once and never again. */
  const passingBy = (before: Confirmation, night: number, n: number) => {
    const cells = Object.fromEntries(
      Array.from({ length: n }, (_, i): [string, Count] => [`v|${night} ${i}`, [0, 1]]),
    )
    return afterNight(before, 1, cells, cells)
  }

  test('is a thousand cells at most, those that something came to last', () => {
    let state = unconfirmed(0)
    for (let i = 0; i < 30; i++) state = passingBy(state, i, 50)
    expect(new Set(Object.keys(state.open).map((it) => Number(it.slice(2).split(' ')[0])))).toEqual(
      new Set(Array.from({ length: 20 }, (_, i) => 10 + i)),
    )
    expect(Object.keys(state.open)).toHaveLength(1_000)
  })

  test('waits on while something comes to it now and then, however much passes by', () => {
    let state = unconfirmed(0)
    for (let i = 0; i < 6; i++) {
      for (const half of [0, 1]) state = passingBy(state, 2 * i + half, 400)
      state = night(state, 1, i % 2 === 0 ? [1, 1, 1, 1] : [0, 0, 0, 1])
    }
    expect(state.open['v|task']).toBeUndefined()
    expect(eValue(state)).toBeGreaterThan(1)
  })

  test('is dropped in the order in which it came and by who had the trait, never by how it went', () => {
    fc.assert(
      fc.property(fc.nat(), fc.tuple(fc.nat(), fc.nat()), (exposures, outcomes) => {
        const [one, other] = outcomes.map((it, is_stored_every_night) => {
          const [which, went] = [generator(exposures), generator(it)]
          let state = unconfirmed(0)
          for (let i = 0; i < 40; i++) {
            const exposed: Record<string, Count> = {}
            const all: Record<string, Count> = {}
            for (let k = 0; k < 60; k++) {
              // Some kinds of work come again and again, some seldom, most never.
              const cell = `1|${Math.floor(3_000 * which() ** 3)}`
              const bad = went() < 0.5 ? 1 : 0
              all[cell] = [(all[cell]?.[0] ?? 0) + bad, (all[cell]?.[1] ?? 0) + 1]
              if (which() < 0.5)
                exposed[cell] = [(exposed[cell]?.[0] ?? 0) + bad, (exposed[cell]?.[1] ?? 0) + 1]
            }
            state = afterNight(state, 1, exposed, all)
            if (is_stored_every_night) state = JSON.parse(JSON.stringify(state))
          }
          return Object.entries(state.open).map(([cell, [, x, , n]]) => ({ cell, x, n }))
        })
        expect(one).toEqual(other)
        expect(one!.length).toBeGreaterThan(900)
      }),
      { numRuns: 10 },
    )
  })

  test('leaves an e-value of exactly 1 on average when the trait makes no difference, though some was dropped', () => {
    // Every way in which nine occasions can go, by its probability: three before a thousand others pass by, six after that.
    const P_BAD = 0.3
    let mean = 0
    for (let ways = 0; ways < 2 ** 9; ways++) {
      const bad = Array.from({ length: 9 }, (_, i) => (ways >> i) & 1)
      const among = (from: number, to: number) => bad.slice(from, to).reduce((sum, it) => sum + it, 0)
      let state = night(unconfirmed(0), 1, [among(0, 2), 2, among(0, 3), 3])
      state = passingBy(state, 0, 1_000)
      state = night(state, 1, [among(3, 6), 3, among(3, 9), 6])
      mean += eValue(state) * bad.reduce((p, it) => p * (it ? P_BAD : 1 - P_BAD), 1)
      expect(state.open['v|task']).toBeUndefined()
    }
    expect(mean).toBeCloseTo(1, 9)
  })
})

describe('e-BH', () => {
  // By hand: the largest k with the k-th largest at least K / (0.01 k).
  test.each<{ e: number[]; confirmed: number[] }>([
    { e: [100], confirmed: [100] },
    { e: [99.9], confirmed: [] },
    { e: [199, 1], confirmed: [] },
    { e: [200, 1], confirmed: [200] },
    { e: [100, 100], confirmed: [100, 100] },
    { e: [150, 1, 150, 0.2], confirmed: [] },
    { e: [200, 1, 201, 0.2], confirmed: [200, 201] },
    { e: [], confirmed: [] },
  ])('of $e confirms $confirmed', ({ e, confirmed }) => {
    const is_confirmed = isConfirmed(e)
    expect(e.filter((_, i) => is_confirmed[i])).toEqual(confirmed)
  })
})
