import { z } from 'zod'
import { Metric } from './measures.ts'

/**
 * What a lift is told in. Amounts are far from evenly spread, so they are compared as ratios.
 *
 *     share     difference of two shares: 0.12 is 12 points
 *     relative  how much more: 0.12 is 12 % more, -0.5 half as much (of the geometric means of one more than the amount)
 *     calls     difference of two means, in calls a session
 */
export const LiftUnit = z.enum(['share', 'relative', 'calls'])
export type LiftUnit = z.infer<typeof LiftUnit>

const Side = z.object({ sessions: z.number().int().nonnegative(), mean: z.number().nullable() })

/**
 * Treatment against control in one metric, over the sessions in which it is known, by intention to treat. 0 is always no difference,
 * and more than 0 means more in treatment. `7-measure/lift.ts` says how it is estimated.
 */
export const Lift = z.object({
  metric: Metric,
  /** Of `estimate`, `low`, `high` and `detectable`; the means stand in the unit of the metric. */
  unit: LiftUnit,
  treatment: Side,
  control: Side,
  /** Null where an arm has too few sessions. Adjusted for what sessions were asked to do, so not just the difference of the means. */
  estimate: z.number().nullable(),
  /** 95 % interval that may be looked at every night. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** The smallest difference that so many sessions show 4 times in 5; before the first estimate, that so many more will. Null where there is none. */
  detectable: z.number().nullable(),
  /**
   * How many more sessions it takes, at the present control share, to tell the estimate from zero 4 times in 5: 0 where it is told
   * from zero already, and before the first estimate, how many it takes to that. Null where it would take more than 100,000.
   */
  sessions_needed: z.number().int().nonnegative().nullable(),
})
export type Lift = z.infer<typeof Lift>
