/**
 * Expected lift: how many bad occasions a session is spared that is told a lesson. Memories are given in this order.
 *
 * Two sources say something of it, and are put together as estimates of the same thing, each weighed by how sure it is (the mean of a
 * normal posterior: the sum of estimate / variance over the sum of 1 / variance):
 *
 * - The counts behind the lesson. Nobody followed them through, so a promise is trusted to within its own size: its standard deviation
 *   is its absolute value, at least .01.
 * - What was measured with sessions that drew lots: completion, where a session that ends well instead of badly is a bad occasion
 *   less, and recurrence, turned round. The standard error is the width of the 95 % interval over 2 x 1.96; as that may be looked at every
 *   night, it is wide, and errs to the side of the counts.
 */
import type { Lift } from '../domain/lift.ts'
import type { Tier } from '../domain/pattern.ts'
import type { Lesson } from './candidate.ts'

/** Bad occasions a session; negative where harm is expected. Of a lesson that nobody counted nothing is expected, 0. */
export function expectedLift(
  lesson: Pick<Lesson, 'tier' | 'effect' | 'expectation' | 'lifts'>,
  sessions: number,
): number {
  const promise = promisedBy(lesson, sessions)
  const estimates = [
    { mean: promise, error: Math.max(Math.abs(promise), LEAST_ERROR) },
    ...lesson.lifts.flatMap(measured),
  ]
  const weights = estimates.map((it) => 1 / it.error ** 2)
  const sum = (values: number[]) => values.reduce((a, b) => a + b, 0)
  return sum(estimates.map((it, i) => it.mean * weights[i]!)) / sum(weights)
}

const LEAST_ERROR = 0.01

/**
 * What the counts promise: of the occasions that the lesson would change, so many as went badly more often than on the others, over
 * the sessions in which they were counted. Where a lesson warns, these are the exposed ones,
 *
 *     (bad exposed / exposed - bad unexposed / unexposed) x exposed / sessions
 *
 * and where it tells of something that works, the unexposed ones, with the sign turned. Where there is nothing to compare with, that rate is
 * taken for 0. A failed call, or a correction, does not yet spoil a session: it counts half of a verified outcome. A marker promises nothing.
 *
 * `mostPromising` in the database has the same order.
 */
export function promisedBy(
  { tier, effect: { exposed, unexposed }, expectation }: Pick<Lesson, 'tier' | 'effect' | 'expectation'>,
  sessions: number,
): number {
  const [changed, others] = expectation.bad ? [exposed, unexposed] : [unexposed, exposed]
  const usual = others[1] === 0 ? 0 : others[0] / others[1]
  return (COUNTS_FOR[tier] * (changed[0] - usual * changed[1])) / Math.max(sessions, 1)
}

const COUNTS_FOR: Record<Tier, number> = { verified: 1, process: 0.5, people: 0.5, marker: 0 }

function measured({ metric, estimate, low, high }: Lift): { mean: number; error: number }[] {
  const sign = metric === 'completion' ? 1 : metric === 'recurrence' ? -1 : null
  if (sign === null || estimate === null || low === null || high === null) return []
  return [{ mean: sign * estimate, error: Math.max((high - low) / (2 * 1.96), LEAST_ERROR) }]
}
