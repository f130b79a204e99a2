/**
 * Power: what so many sessions can show, and how many more it takes.
 *
 * An interval excludes zero when the estimate is further from it than its margin. The estimate varies by its own error about the
 * truth, so a difference of the margin and 0.84 errors is seen 4 times in 5. More sessions are taken to be like those so far: the
 * error falls with the square root of what is known, and the margin a little slower.
 */
import { type Estimate, errorsOff } from './confidence-sequence.ts'

/** Where a standard normal variable is 4 times in 5, from below: Φ⁻¹(0.8). */
const FOUR_IN_FIVE = 0.8416

/** The smallest true difference that is told from zero 4 times in 5, on the scale of the estimate. */
export function detectableOf({ error, sessions }: Pick<Estimate, 'error' | 'sessions'>): number {
  return error * (errorsOff(sessions) + FOUR_IN_FIVE)
}

/** The same estimate after so much more of the same; `sessions` counts as those of an estimate do. */
export function knowingMore(it: Estimate, sessions: number): Estimate {
  return {
    ...it,
    error: it.error * Math.sqrt(it.sessions / (it.sessions + sessions)),
    sessions: it.sessions + sessions,
  }
}

/**
 * How many more sessions it takes to tell the estimate from zero 4 times in 5, should the truth be what it is now; 0 where the interval
 * excludes zero already, null where it is more than anybody waits for. `each` is how much one session tells, 1 where the lots are even.
 */
export function sessionsNeeded(estimate: Estimate, each: number): number | null {
  const size = Math.abs(estimate.value)
  if (size > estimate.error * errorsOff(estimate.sessions)) return 0
  const isEnough = (more: number) => size >= detectableOf(knowingMore(estimate, more * each))
  if (!isEnough(MOST)) return null
  let [too_few, enough] = [0, MOST]
  while (enough - too_few > 1) {
    const between = Math.floor((too_few + enough) / 2)
    if (isEnough(between)) enough = between
    else too_few = between
  }
  return enough
}

const MOST = 100_000
