/**
 * Verdict: what an experiment says of what it tried, once it says enough; null before.
 *
 * - *harm*: sessions with it complete less often, with 95 % confidence, on one side, at all looks together (an e-value of 20).
 * - *keep*: they complete more often, with 90 % confidence, on one side, at all looks together: whoever bets on it has ten times what there
 *   was. Of a lesson that was read off tool calls, or that people asked for, half of that is bet on what it is about happening less often
 *   with it, which is what it was for.
 * - *futile*: with 90 % confidence they do not complete 2 points more often, and what it is about is avoided less than a fifth of
 *   the time, or in less than 2 of 100 sessions.
 *
 * The thresholds are those of docs/measuring.md. A verdict is of tonight: it may go, or turn, with the sessions to come.
 */
import type { Experiment } from '../domain/experiment.ts'
import type { Tier } from '../domain/pattern.ts'
import { lowerBound, upperBound } from './confidence-sequence.ts'
import type { MeasuredLift } from './lift.ts'

/** Of one metric; its estimate is null while too few sessions are known. */
export type Effect = Pick<MeasuredLift, 'estimate' | 'won'>

export type Measured = {
  completion: Effect
  /** Null where the experiment is about no lesson, or about what nobody can see. */
  recurrence: Effect | null
  /** In how many of the sessions without the lesson that happened, 0 to 1. */
  recurs_without: number | null
}

/** `tier` is that of the lesson, null where the experiment is about none. */
export function verdictOf(tier: Tier | null, measured: Measured): Experiment['verdict'] {
  const completion = measured.completion.estimate
  if (completion !== null && upperBound(completion, 0.05) < 0) return 'harm'
  if (wonOn(tier, measured) >= TEN_TIMES) return 'keep'
  return completion !== null && upperBound(completion, 0.1) < WORTH_IT && isInVain(tier, measured)
    ? 'futile'
    : null
}

/** Luck wins that once in ten experiments at most. */
const TEN_TIMES = 10

/** Less than this is not worth the place in the memory, of whatever it is: 2 points. */
const WORTH_IT = 0.02

/** Of what a lesson is about, it avoids at least a fifth, or it is in vain; nothing falls short of a fifth of what never happens. */
const AVOIDS_AT_LEAST = 0.2

/** What 1 has become that was bet on what the lesson is for. What was won by so few sessions that nothing is estimated does not count yet. */
function wonOn(tier: Tier | null, { completion, recurrence }: Measured): number {
  const completes = completion.estimate === null ? 0 : completion.won.more
  if (recurrence === null || !isForItself(tier)) return completes
  const avoids = recurrence.estimate === null ? 0 : recurrence.won.fewer
  return (completes + avoids) / 2
}

/** Whether it is reason enough to keep a lesson that what it is about happens less often. */
function isForItself(tier: Tier | null): boolean {
  return tier === 'process' || tier === 'people'
}

function isInVain(tier: Tier | null, { recurrence, recurs_without }: Measured): boolean {
  if (tier === null) return true
  if (recurrence === null || recurrence.estimate === null || recurs_without === null) return false
  return -lowerBound(recurrence.estimate, 0.1) < Math.max(AVOIDS_AT_LEAST * recurs_without, WORTH_IT)
}
