/**
 * Verdict: what an experiment says of what it tried, once it says enough; null before.
 *
 * - *harm*: sessions with it complete less often, with 95 % confidence, on one side, at all looks together (an e-value of 20).
 * - *keep*: they complete more often, with 90 % confidence. A lesson that was read off tool calls, or that people asked for, is
 *   also kept when what it is about happens less often with it: that is what it was for.
 * - *futile*: with 90 % confidence they do not complete 2 points more often, and it avoids less than a fifth of what it is about.
 *
 * The thresholds are those of docs/measuring.md. A verdict is of tonight: it may go, or turn, with the sessions to come.
 */
import type { Experiment } from '../domain/experiment.ts'
import type { Tier } from '../domain/pattern.ts'
import { type Estimate, lowerBound, upperBound } from './confidence-sequence.ts'

export type Measured = {
  completion: Estimate | null
  /** Null where the experiment is about no lesson, too. */
  recurrence: Estimate | null
  /** In how many of the sessions without the lesson that happened, 0 to 1. */
  recurs_without: number | null
}

/** `tier` is that of the lesson, null where the experiment is about none. */
export function verdictOf(tier: Tier | null, measured: Measured): Experiment['verdict'] {
  const { completion } = measured
  if (completion !== null && upperBound(completion, 0.05) < 0) return 'harm'
  if (completion !== null && lowerBound(completion, 0.1) > 0) return 'keep'
  if (isForItself(tier) && recursLess(measured)) return 'keep'
  return completion !== null && upperBound(completion, 0.1) < WORTH_IT && isInVain(tier, measured)
    ? 'futile'
    : null
}

/** Less than this is not worth the place in the memory: 2 points. */
const WORTH_IT = 0.02

/** Of what a lesson is about, it avoids at least a fifth, or it is in vain. */
const AVOIDS_AT_LEAST = 0.2

/** Whether it is reason enough to keep a lesson that what it is about happens less often. */
function isForItself(tier: Tier | null): boolean {
  return tier === 'process' || tier === 'people'
}

function recursLess({ recurrence }: Measured): boolean {
  return recurrence !== null && upperBound(recurrence, 0.1) < 0
}

function isInVain(tier: Tier | null, { recurrence, recurs_without }: Measured): boolean {
  if (tier === null) return true
  if (recurrence === null || recurs_without === null) return false
  return -lowerBound(recurrence, 0.1) < AVOIDS_AT_LEAST * recurs_without
}
