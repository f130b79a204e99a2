import { z } from 'zod'
import { Sighting } from './tally.ts'

/**
 * Something an operator should see to before anything can be learned: sessions that die before they begin, outcomes
 * that cannot be right. An alert is never taught to an agent.
 */
export const Alert = z.object({
  type: z.enum(['dead_on_arrival', 'outcome_source']),
  /** What is wrong, where, and what to try, in sentences. */
  text: z.string(),
  sessions: z.number().int().nonnegative(),
  sightings: z.array(Sighting),
})
export type Alert = z.infer<typeof Alert>
