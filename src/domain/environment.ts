import { z } from 'zod'

/** Where an agent runs. Nothing runs here, so it is kept and told again, and changes nothing. */
export const Environment = z.object({
  id: z.string().startsWith('env_'),
  name: z.string(),
  description: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  config: z.looseObject({ type: z.enum(['cloud', 'self_hosted']) }),
  created_at: z.string(),
  updated_at: z.string(),
  archived_at: z.string().nullable(),
})
export type Environment = z.infer<typeof Environment>
