import type { Stratum } from './exact-cmh.ts'

/**
 * Mantel-Haenszel odds ratio over strata with the 95 % interval of Robins, Breslow and Greenland. With a, b bad and
 * good of the exposed, c, d of the unexposed and n in all, per stratum:
 *
 *     R = ad/n,  S = bc/n,  P = (a + d)/n,  Q = (b + c)/n
 *     OR = ΣR / ΣS
 *     Var(log OR) = ΣPR / 2(ΣR)² + Σ(PS + QR) / 2 ΣR ΣS + ΣQS / 2(ΣS)²
 *
 * Assumes one odds ratio in all strata; the variance holds both for few large strata and for many small ones. `null`
 * where no stratum has anything to compare, or the ratio would be 0 or infinite.
 *
 * Source: Mantel and Haenszel (1959); Robins, Breslow and Greenland, Biometrics 42 (1986).
 */
export function mantelHaenszel(strata: Stratum[]): { odds_ratio: number; low: number; high: number } | null {
  let [r, s, pr, mixed, qs] = [0, 0, 0, 0, 0]
  for (const { exposed, unexposed } of strata) {
    const n = exposed[1] + unexposed[1]
    if (n === 0) continue
    const [a, b] = [exposed[0], exposed[1] - exposed[0]]
    const [c, d] = [unexposed[0], unexposed[1] - unexposed[0]]
    const [R, S, P, Q] = [(a * d) / n, (b * c) / n, (a + d) / n, (b + c) / n]
    r += R
    s += S
    pr += P * R
    mixed += P * S + Q * R
    qs += Q * S
  }
  if (r === 0 || s === 0) return null
  const log = Math.log(r / s)
  const margin = 1.959964 * Math.sqrt(pr / (2 * r * r) + mixed / (2 * r * s) + qs / (2 * s * s))
  return { odds_ratio: r / s, low: Math.exp(log - margin), high: Math.exp(log + margin) }
}
