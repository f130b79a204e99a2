import type { Count } from '../domain/tally.ts'

/** One two-by-two table: `[bad, n]` of those that showed the trait, and of the others of the same stratum. */
export type Stratum = { exposed: Count; unexposed: Count }

/**
 * Exact conditional Cochran-Mantel-Haenszel test of "inside the strata, the trait changes nothing".
 *
 * Given the margins of each stratum (x exposed, m bad, n occasions), the number a of bad among the exposed is
 * hypergeometric; strata are independent, so Σ a has the convolution of these distributions:
 *
 *     P(a) = C(m, a) C(n − m, x − a) / C(n, x)
 *     mid-p = 2 min( P(Σa > seen) + ½ P(Σa = seen),  P(Σa < seen) + ½ P(Σa = seen) ), at most 1
 *     excess = seen − E(Σa), in occasions: above 0 when the exposed go badly more often
 *
 * Assumes one odds ratio in all strata only for its power; under the null it holds whatever the strata are like,
 * and needs no large numbers. The mid-p value is exact up to half the chance of what was seen. Strata without
 * both exposed and unexposed, or without both bad and good, say nothing and change nothing.
 *
 * Source: Mantel and Haenszel (1959); Agresti, Categorical Data Analysis (3rd ed., 2013), 7.3.5 and 16.5.
 */
export function exactCmh(strata: Stratum[]): { excess: number; p: number } {
  let chance = [1]
  let seen = 0
  let expected = 0
  for (const { exposed, unexposed } of strata) {
    const n = exposed[1] + unexposed[1]
    if (n === 0) continue
    const m = exposed[0] + unexposed[0]
    const least = Math.max(0, exposed[1] + m - n)
    seen += exposed[0] - least
    expected += (exposed[1] * m) / n - least
    chance = convolution(chance, hypergeometric(exposed[1], m, n))
  }
  const half = chance[seen]! / 2
  const below = chance.slice(0, seen).reduce((sum, it) => sum + it, half)
  const above = chance.slice(seen + 1).reduce((sum, it) => sum + it, half)
  return { excess: seen - expected, p: Math.min(1, 2 * Math.min(below, above)) }
}

/** The chances of each possible number of bad among `x` exposed, from the least possible on, when `m` of `n` are bad. */
function hypergeometric(x: number, m: number, n: number): number[] {
  const least = Math.max(0, x + m - n)
  const most = Math.min(x, m)
  // From the most likely number both ways, so that no weight is above 1.
  const mode = Math.min(most, Math.max(least, Math.floor(((x + 1) * (m + 1)) / (n + 2))))
  const weights = new Array<number>(most - least + 1).fill(1)
  for (let a = mode; a < most; a++)
    weights[a + 1 - least] = (weights[a - least]! * (m - a) * (x - a)) / ((a + 1) * (n - m - x + a + 1))
  for (let a = mode; a > least; a--)
    weights[a - 1 - least] = (weights[a - least]! * a * (n - m - x + a)) / ((m - a + 1) * (x - a + 1))
  const total = weights.reduce((sum, it) => sum + it, 0)
  return weights.map((it) => it / total)
}

/** A smaller chance changes no digit of any p value that somebody would look at. */
const NEGLIGIBLE = 1e-30

function convolution(a: number[], b: number[]): number[] {
  const sums = new Array<number>(a.length + b.length - 1).fill(0)
  for (let i = 0; i < a.length; i++) {
    if (a[i]! < NEGLIGIBLE) continue
    for (let j = 0; j < b.length; j++) sums[i + j]! += a[i]! * b[j]!
  }
  return sums
}
