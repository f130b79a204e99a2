import { z } from 'zod'
import { Metric } from './measures.ts'

const Side = z.object({ sessions: z.number().int().nonnegative(), mean: z.number().nullable() })

/** Treatment minus control in one metric, over the sessions in which it is known, by intention to treat. */
export const Lift = z.object({
  metric: Metric,
  treatment: Side,
  control: Side,
  /** In the unit of the metric; null where an arm has too few sessions. */
  estimate: z.number().nullable(),
  /** 95 % interval that may be looked at every night. */
  low: z.number().nullable(),
  high: z.number().nullable(),
  /** The smallest difference that so many sessions would have shown, 4 times in 5. */
  detectable: z.number().nullable(),
  /** How many more sessions it takes, at the present control share, to tell the estimate from zero; null where that is not to be said. */
  sessions_needed: z.number().int().nonnegative().nullable(),
})
export type Lift = z.infer<typeof Lift>
