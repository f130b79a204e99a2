import type { Count } from '../domain/tally.ts'

/**
 * Odds ratio of two groups of counts with its 95 % interval:
 *
 *     OR = (a + ½)(d + ½) / ((b + ½)(c + ½)),   log OR ± 1.96 √(Σ 1/(cell + ½))
 *
 * with a, b bad and good of `exposed`, c, d of `unexposed`. The half in every cell (Haldane 1956,
 * Anscombe 1956) keeps it finite when a cell is empty; the interval is Woolf's (1955). `null` when a group is empty.
 */
export function oddsRatio(
  exposed: Count,
  unexposed: Count,
): { odds_ratio: number; low: number; high: number } | null {
  if (exposed[1] === 0 || unexposed[1] === 0) return null
  const cells = [exposed[0], exposed[1] - exposed[0], unexposed[0], unexposed[1] - unexposed[0]].map(
    (it) => it + 0.5,
  )
  const [a, b, c, d] = cells as [number, number, number, number]
  const log = Math.log((a * d) / (b * c))
  const margin = 1.959964 * Math.sqrt(1 / a + 1 / b + 1 / c + 1 / d)
  return { odds_ratio: Math.exp(log), low: Math.exp(log - margin), high: Math.exp(log + margin) }
}
