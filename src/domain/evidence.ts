import { z } from 'zod'
import { Origin } from './origin.ts'

/** A verbatim quote from one event of one session: what every claim rests on. */
export const Evidence = z.object({
  session_id: z.string().startsWith('sesn_'),
  external_session_id: z.string(),
  event_id: z.string(),
  origin: Origin,
  quote: z.string().min(1),
})
export type Evidence = z.infer<typeof Evidence>
