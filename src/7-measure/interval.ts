/** Intervals that hold what they are of in 95 of 100 cases, looked at once. For shares there is Wilson's (`domain/proportion.ts`). */
import { mean, studentQuantile } from './difference.ts'

/** Low and high are null where there are too few values to say, or where all are the same and so tell nothing of their spread. */
export type Interval = { value: number; low: number | null; high: number | null }

const Z_95 = 1.959964
/** Five values all lie on one side of the median in 1 of 16 cases, which is too often. */
const MIN_VALUES = 6

/**
 * The median of values of any distribution, with the two order statistics between which it lies: the r-th from below and from above, r
 * being the largest with 2 P(X < r) ≤ 5 % for X binomial with n trials and chance 1/2 (David and Nagaraja, Order Statistics, 2003, 7.1).
 * Null for no values. Distribution-free: a few sessions that lasted a week do not move it.
 */
export function medianInterval(values: number[]): Interval | null {
  if (values.length === 0) return null
  const sorted = values.toSorted((a, b) => a - b)
  const n = sorted.length
  const value = (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2
  const r = rankOf(n)
  return r === 0 ? { value, low: null, high: null } : { value, low: sorted[r - 1]!, high: sorted[n - r]! }
}

function rankOf(n: number): number {
  let log_chance = -n * Math.LN2
  let below = 0
  for (let r = 0; r < n; r++) {
    below += Math.exp(log_chance)
    if (2 * below > 0.05) return r
    log_chance += Math.log((n - r) / (r + 1))
  }
  return 0
}

/**
 * The mean with Student's interval (1908), cut at 0 and `most`. Null for no values. With skewed values and few of them it holds the mean
 * somewhat less often than it says.
 */
export function meanInterval(values: number[], most = Number.POSITIVE_INFINITY): Interval | null {
  if (values.length === 0) return null
  const n = values.length
  const value = mean(values)
  const variance = values.reduce((sum, it) => sum + (it - value) ** 2, 0) / (n - 1)
  if (n < MIN_VALUES || variance === 0) return { value, low: null, high: null }
  const margin = studentQuantile(Z_95, n - 1) * Math.sqrt(variance / n)
  return { value, low: Math.max(0, value - margin), high: Math.min(most, value + margin) }
}
