import type { Pattern } from '../domain/pattern.ts'

/** Above this the difference of two z values is hardly luck: two-sided p < .01 (the normal quantile is 2.58). */
const CLEAR = 2.6

/** The effect in standard errors: ln(odds ratio) over its error, which is the width of the 95 % interval of the logarithm over 2 x 1.96. */
export function zOf({ effect: { odds_ratio, low, high } }: Pattern): number | null {
  if (odds_ratio === null || low === null || high === null || !(low > 0) || !(high > low)) return null
  return Math.log(odds_ratio) / ((Math.log(high) - Math.log(low)) / (2 * 1.96))
}

/** The difference of two z values in its own standard errors, (z1 - z2) / sqrt(2): each has error 1, and they are taken to be independent. */
export function differBy(z: number, other: number): number {
  return (z - other) / Math.SQRT2
}

export function isClear(difference: number): boolean {
  return Math.abs(difference) > CLEAR
}

/**
 * The patterns that say the opposite of another one of the same trigger: the same context and trait, effects on opposite sides of none, and
 * further apart than luck allows. Another person's wish, or another agent's work, explains the difference, and then both hold where they
 * were seen.
 */
export function disputedAmong(patterns: Pattern[]): Set<Pattern> {
  const trigger = (it: Pattern) => [it.scope.agent, it.scope.person, it.context, it.trait].join('\0')
  const groups = [...Map.groupBy(patterns, trigger).values()]
  return new Set(
    groups.flatMap((group) => group.filter((it) => group.some((other) => areOpposed(it, other)))),
  )
}

function areOpposed(one: Pattern, other: Pattern): boolean {
  const [a, b] = [zOf(one), zOf(other)]
  return a !== null && b !== null && a * b < 0 && isClear(differBy(a, b))
}
