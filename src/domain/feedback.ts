import { z } from 'zod'

/** What a person, or a later system, said about a session or about one output of it. */
export const Feedback = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('approval'), comment: z.string().nullable() }),
  z.object({ kind: z.literal('rejection'), comment: z.string().nullable() }),
  /** A person changed the agent's output before using it. */
  z.object({
    kind: z.literal('edit'),
    before: z.string(),
    after: z.string(),
    comment: z.string().nullable(),
  }),
  z.object({ kind: z.literal('rating'), rating: z.number(), comment: z.string().nullable() }),
])
export type Feedback = z.infer<typeof Feedback>
