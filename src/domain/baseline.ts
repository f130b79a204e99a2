import { z } from 'zod'
import { Metric } from './measures.ts'

const count = z.number().int().nonnegative()

export const BaselineMetric = z.object({
  /** All but `recurrence`, which is of one lesson. */
  metric: Metric.exclude(['recurrence']),
  /** Of what is told: sessions, as a share; or a session, by the mean or the median of all. */
  statistic: z.enum(['share', 'mean', 'median']),
  /** Sessions in which it is known; of the others nothing is guessed. */
  known: count,
  unknown: count,
  /** In the unit of the metric; null where it is known of no session. */
  value: z.number().nullable(),
  /** 95 % interval; null where the sessions are too few, or too much alike, to say. */
  low: z.number().nullable(),
  high: z.number().nullable(),
})
export type BaselineMetric = z.infer<typeof BaselineMetric>

/** How an agent works without lessons: the sessions that began before the first one was live in a memory of its. */
export const Baseline = z.object({
  agent: z.string(),
  /** A task, or the name of a cluster of like requests, which begins with `~`; null for all that the agent does. */
  intent: z.string().nullable(),
  /** How a session of it began, where the intent is a cluster. */
  example: z.string().nullable(),
  /** When the first lesson went live, which ends the baseline; null while there is none. */
  frozen_at: z.string().nullable(),
  /** When the first and the last of these sessions began. */
  first_at: z.string().nullable(),
  last_at: z.string().nullable(),
  sessions: count,
  /** Of them, those whose outcome was verified. */
  verified: count,
  /** Of them, those of which no numbers are left: their transcripts were removed before they were measured. */
  unmeasured: count,
  metrics: z.array(BaselineMetric),
})
export type Baseline = z.infer<typeof Baseline>
