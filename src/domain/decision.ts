import { z } from 'zod'

/** Whose word it is: a person's, or that of the policy in force. */
export const Decider = z.union([
  z.templateLiteral(['user:', z.string()]),
  z.templateLiteral(['policy:', z.string()]),
])
export type Decider = z.infer<typeof Decider>

/** One word on one change. A change may have several: of two people, or of one who thought again. */
export const Decision = z.object({
  change_id: z.string().startsWith('chg_'),
  decision: z.enum(['approved', 'rejected']),
  by: Decider,
  reason: z.string(),
  /** RFC 3339. */
  at: z.string(),
  /** sha256 of the bytes decided on: what is approved is what goes live. Null where the change takes a memory away. */
  content_sha256: z.string().nullable(),
  /** Those bytes, where the person changed what was proposed. */
  edited: z.string().nullable(),
})
export type Decision = z.infer<typeof Decision>
