import { z } from 'zod'
import { Alert } from './alert.ts'
import { Status } from './status.ts'

/** One pass: a memory store and sessions in, changes out. */
export const Dream = z.object({
  id: z.string().startsWith('drm_'),
  status: Status,
  memory_store_id: z.string(),
  agent: z.string(),
  /** How a completed dream ended, in one word, so that nothing ends in silence. */
  result: z.enum(['changed', 'unchanged', 'nothing_new']).nullable(),
  /** Sentences a person should read: what was skipped, held back or not attempted, and why. */
  notes: z.array(z.string()),
  alerts: z.array(Alert),
  sessions_read: z.number().int().nonnegative(),
  observations: z.number().int().nonnegative(),
  created_at: z.string(),
  ended_at: z.string().nullable(),
  error: z.object({ type: z.string(), message: z.string() }).nullable(),
})
export type Dream = z.infer<typeof Dream>
