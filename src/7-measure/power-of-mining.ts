/**
 * Power of mining: how many sessions it takes until a lesson about whole sessions can be told.
 *
 * Sessions of one task are compared, of which a share shows what the lesson is about. The difference between two proportions is seen 4
 * times in 5, at the p of 0.005 that a session lesson needs, with
 *
 *     n = (z_p + z_power)² ( p₁(1 − p₁)/x + p₀(1 − p₀)/(1 − x) ) / d²
 *
 * sessions in all, x being the share that is exposed and d = p₁ − p₀ (Fleiss, Statistical Methods for Rates and Proportions, 4.2,
 * without the correction). It takes the tasks to be alike; where they differ much, it takes fewer. Where very many things are tested at
 * once, it takes up to twice as many.
 */

/** Two-sided 0.005, and 4 of 5. */
const Z = { p: 2.807, power: 0.8416 }
/** Sessions with a verified outcome and a known task, below which nothing is said of whole sessions; as `3-mine/session-lessons.ts` has it. */
export const LEAST_OUTCOMES = 150
const EXPOSED = 0.3

/**
 * Sessions with a verified outcome and a known task until a difference of `effect` (0.2 is 20 points) is found, `failing` being the share of
 * all sessions that fail. Null where so large a difference cannot be: where nothing fails, or nothing goes well.
 */
export function sessionsToLearn(effect: number, failing: number): number | null {
  const unexposed = failing - effect * EXPOSED
  const exposed = unexposed + effect
  if (failing <= 0 || failing >= 1) return null
  const [p0, p1] = [within(unexposed), within(exposed)]
  const spread = (p1 * (1 - p1)) / EXPOSED + (p0 * (1 - p0)) / (1 - EXPOSED)
  return Math.max(LEAST_OUTCOMES, Math.ceil(((Z.p + Z.power) ** 2 * spread) / effect ** 2))
}

/** Where few fail, what shows the lesson fails seldom, too. */
function within(share: number): number {
  return Math.min(0.99, Math.max(0.01, share))
}
