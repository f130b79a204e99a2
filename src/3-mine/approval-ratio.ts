/**
 * What approvals are worth: how much more often good work is approved than bad work.
 *
 *     LR = P(approved | satisfied) / P(approved | unsatisfied),   each p = (k + 2) / (n + 4)
 *     low = exp( ln LR − 1.96 √( (1 − p₁) / (p₁ (n₁ + 4)) + (1 − p₀) / (p₀ (n₀ + 4)) ) )
 *
 * The rates are posterior means under Beta(2, 2), so the ratio is finite and pulled toward 1; the interval is that of
 * Katz, Baptista, Azen and Pike (1978) on them. 1 means that approvals know nothing. Assumes that the judged sessions
 * whose outcome was verified are like the others.
 */
import type { Count } from '../domain/tally.ts'

/** Each count is `[approved, n]`. */
export function approvalRatio(satisfied: Count, unsatisfied: Count): { ratio: number; low: number } {
  const [p1, p0] = [smoothed(satisfied), smoothed(unsatisfied)]
  const variance = varianceOfLog(p1, satisfied[1]) + varianceOfLog(p0, unsatisfied[1])
  const log = Math.log(p1 / p0)
  return { ratio: Math.exp(log), low: Math.exp(log - 1.959964 * Math.sqrt(variance)) }
}

/** By how much evidence from approvals is multiplied: ln of the lower bound, in [0, 1]. It is never worth more than it says itself. */
export function approvalWeight({ low }: { low: number }): number {
  return Math.min(1, Math.max(0, Math.log(low)))
}

function smoothed([k, n]: Count): number {
  return (k + 2) / (n + 4)
}

function varianceOfLog(p: number, n: number): number {
  return (1 - p) / (p * (n + 4))
}
