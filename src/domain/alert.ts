import { z } from 'zod'
import { AlarmType } from './alarm.ts'
import { Sighting } from './tally.ts'

/**
 * Something an operator should see to before anything can be learned: sessions that die before they begin, outcomes
 * that cannot be right; or because behaviour or memory moved further than the policy wants unseen. An alert is never taught to an agent.
 */
export const Alert = z.object({
  type: z.enum(['dead_on_arrival', 'outcome_source', 'alarm']),
  /** What is wrong, where, and what to try, in sentences. */
  text: z.string(),
  sessions: z.number().int().nonnegative(),
  sightings: z.array(Sighting),
  /** Of an alarm: which, and since what day (`YYYY-MM-DD`) it stands, by the dreams that raised it night after night. */
  alarm: z.object({ type: AlarmType, since: z.string() }).optional(),
})
export type Alert = z.infer<typeof Alert>
