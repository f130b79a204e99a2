import { z } from 'zod'

/** The life of everything asynchronous. The last three are final. */
export const Status = z.enum(['pending', 'running', 'completed', 'failed', 'canceled'])
export type Status = z.infer<typeof Status>
