/**
 * Staleness: has what a lesson says stopped happening?
 *
 * Every lesson leads one to expect something of single occasions (`expectation.ts`), and has a rate at which that
 * used to come true. The Shiryaev-Roberts detector M says how strongly recent occasions speak for a lower rate. After each
 * occasion, with y = 1 when the expectation came true and p0 the usual rate,
 *
 *     M ← (M + 1) · LR(y),   LR(y) = ¼ Σ p1^y (1 − p1)^(1−y) / p0^y (1 − p0)^(1−y),   p1 ∈ {.2, .4, .6, .8} p0
 *
 * While the true rate is at least p0, M minus the number of occasions is a supermartingale, so the mean time to a false alarm at
 * M ≥ 1000 is at least 1000 occasions. Assumes that occasions are independent given the rate, and that p0 is not above it.
 *
 * Sources: Shiryaev (1963), Roberts (1966); with a mixture of alternatives as an e-detector, Shin, Ramdas and Rinaldo (2024).
 */
import { wilsonInterval } from '../domain/proportion.ts'

/** From here on a lesson is stale. */
export const ALARM = 1000

const SHARES_LEFT = [0.2, 0.4, 0.6, 0.8]

/** The detector after more occasions, in their order. Once it has reached the alarm it stays there. */
export function detectorAfter(occasions: boolean[], detector: number, usual_rate: number): number {
  for (const y of occasions) {
    if (detector >= ALARM) break
    detector = (detector + 1) * likelihoodRatio(y, usual_rate)
  }
  return detector
}

function likelihoodRatio(y: boolean, p0: number): number {
  const ratios = SHARES_LEFT.map((share) => (y ? share : (1 - share * p0) / (1 - p0)))
  return ratios.reduce((sum, it) => sum + it) / ratios.length
}

/**
 * How often a lesson holds, from below: the lower end of the 95 % Wilson interval, for the detector assumes that the true rate is not below
 * it. (With that of 80 %, and 20 occasions before, one lesson in fifteen that holds in nine of ten is called stale within 500; with this, one in 400,
 * and one that stops holding is noticed after nine occasions instead of seven.) It is taken once, when the lesson is first told: a rate that
 * followed the occasions would follow them down, and of lessons that fall from 70 % to 40 % one in three would not be noticed within 500 occasions.
 */
export function usualRate({ held, n }: { held: number; n: number }): number {
  return wilsonInterval(held, n)[0]
}

const MIN_OCCASIONS = 5

/** Whether a lesson that had stopped holding holds again: since then, with 95 % confidence, at least half as often as it used to. */
export function holdsAgain({ held, n }: { held: number; n: number }, usual_rate: number): boolean {
  return n >= MIN_OCCASIONS && wilsonInterval(held, n)[0] >= usual_rate / 2
}
