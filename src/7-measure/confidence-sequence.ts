/**
 * Confidence sequence: how far an estimate may be off, at every look at once.
 *
 * An ordinary 95 % interval is right 19 times in 20 if one looks once. Who looks every night, and stops when it pleases, sees it exclude
 * the truth sooner or later. The intervals here hold at all times together: in 19 of 20 experiments none of them ever
 * excludes the truth, whenever somebody looks, acts or stops.
 *
 * For scores with mean θ and standard deviation σ, the mean of the first t of them is within
 *
 *     σ √( 2 (tρ² + 1) / (t²ρ²) · log( √(tρ² + 1) / α ) )
 *
 * of θ at all t at once, with probability 1 − α (asymptotically: the central limit theorem does for it what it does for an ordinary
 * interval). On one side only, `1 + √(tρ² + 1) / (2α)` stands in the logarithm. ρ says at which t the interval is to be narrow.
 *
 * Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2024), Time-uniform central limit theory and asymptotic confidence sequences,
 * Annals of Statistics 52: the boundary that is a mixture over normal effects, on two sides and on one.
 */

/** A mean, and how sure it is. */
export type Estimate = {
  value: number
  /** Its standard error. */
  error: number
  /** How much is known: as much as so many sessions tell that are split evenly between the arms. */
  sessions: number
}

/** The intervals are narrowest, for what is known, here: 100 sessions split evenly, or 280 of which one in ten is control. */
const TUNED_FOR = 100

/** The 95 % interval, or that of another `alpha`. */
export function intervalOf(
  { value, error, sessions }: Estimate,
  alpha = 0.05,
): { low: number; high: number } {
  const margin = error * errorsOff(sessions, alpha)
  return { low: value - margin, high: value + margin }
}

/** What the truth is above, but for a chance of `alpha`. */
export function lowerBound({ value, error, sessions }: Estimate, alpha: number): number {
  return value - error * errorsOffOnOneSide(sessions, alpha)
}

/** What the truth is below, but for a chance of `alpha`. */
export function upperBound({ value, error, sessions }: Estimate, alpha: number): number {
  return value + error * errorsOffOnOneSide(sessions, alpha)
}

/** Half the width of the 95 % interval, in standard errors: about 3, where an ordinary interval has 1.96. */
export function errorsOff(sessions: number, alpha = 0.05): number {
  const t = sessions * rhoSquared(alpha)
  return Math.sqrt(2 * ((t + 1) / t) * Math.log(Math.sqrt(t + 1) / alpha))
}

function errorsOffOnOneSide(sessions: number, alpha: number): number {
  const t = sessions * rhoSquared(2 * alpha)
  return Math.sqrt(2 * ((t + 1) / t) * Math.log(1 + Math.sqrt(t + 1) / (2 * alpha)))
}

/** The ρ² that makes the interval narrowest at `TUNED_FOR`, nearly: (−2 log α + log(−2 log α) + 1) / t, from the source. */
function rhoSquared(alpha: number): number {
  const it = -2 * Math.log(alpha)
  return (it + Math.log(it) + 1) / TUNED_FOR
}
