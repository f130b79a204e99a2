import { z } from 'zod'

/** What the policy sets a threshold for; docs/policy.md says what each measures. */
export const AlarmType = z.enum([
  'completion',
  'approved_but_wrong',
  'tool_errors',
  'refusals',
  'escalation',
  'tool_mix',
  'memory_growth',
  'memory_churn',
  'contradictions',
  'resurrections',
  'lessons_retired',
])
export type AlarmType = z.infer<typeof AlarmType>

/** A threshold of the policy that was passed: behaviour or memory moved further than somebody wants unseen. */
export const Alarm = z.object({
  type: AlarmType,
  /** What moved, from where to where, in a sentence. */
  text: z.string(),
  /** `YYYY-MM-DD`: the first day of the window in which it shows; in a dream, the day on which it was raised first. */
  since: z.string(),
  /** Both in the unit of the threshold. */
  measured: z.number(),
  threshold: z.number(),
  to_do: z.string(),
})
export type Alarm = z.infer<typeof Alarm>
