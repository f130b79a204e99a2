import { z } from 'zod'

/**
 * How a session ended, judged. `unknown` is a value of its own: a session that never started, or
 * that nobody judged, is neither a success nor a failure.
 */
export const Outcome = z.object({
  result: z.enum(['satisfied', 'unsatisfied', 'unknown']),
  /** Judged by something that cannot be talked round: tests, a business check, a revert. Not a thumb, not a model. */
  verified: z.boolean(),
  /** The raw reward as reported, unmapped; null when none was. */
  reward: z.number().nullable(),
  /** Which rule turned the report into `result`, with its version; a change of rule is a break in the series. */
  rule: z.string().nullable(),
  /** The harness's own word. */
  reported: z.string().nullable(),
  explanation: z.string().nullable(),
})
export type Outcome = z.infer<typeof Outcome>

export const UNKNOWN_OUTCOME: Outcome = {
  result: 'unknown',
  verified: false,
  reward: null,
  rule: null,
  reported: null,
  explanation: null,
}

/** Whether it is known how the session ended, and not only thought. */
export function isVerified({ result, verified }: Pick<Outcome, 'result' | 'verified'>): boolean {
  return verified && result !== 'unknown'
}
