import { z } from 'zod'

/** What the policy says of a change. A person's word is a decision. */
export const Verdict = z.enum(['allow', 'hold', 'deny'])
export type Verdict = z.infer<typeof Verdict>

/** One proposed edit of one memory. */
export const Change = z.object({
  id: z.string().startsWith('chg_'),
  dream_id: z.string().startsWith('drm_'),
  operation: z.enum(['created', 'modified', 'deleted']),
  kind: z.enum(['add', 'refresh', 'merge', 'stale', 'conflict']),
  path: z.string(),
  /** The exact text this change was proposed against, null when there was none, and its sha256. */
  before: z.string().nullable(),
  before_sha256: z.string().nullable(),
  after: z.string().nullable(),
  reason: z.string(),
  pattern_ids: z.array(z.string()),
  verdict: Verdict,
  verdict_reason: z.string(),
})
export type Change = z.infer<typeof Change>
