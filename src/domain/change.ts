import { z } from 'zod'

/** What the policy says of a change. A person's word is a decision. */
export const Verdict = z.enum(['allow', 'hold', 'deny'])
export type Verdict = z.infer<typeof Verdict>

/**
 * Where a change stands.
 *
 * - `undecided`, `approved`, `rejected`: it is not live; the words are those of the last decision on it.
 * - `adopted`: it is live. `undone`: it was, and was taken back.
 * - `superseded`: it no longer fits what stands in the store or what is known; another may have taken its place.
 * - `denied`: the policy does not have it, whoever approves.
 */
export const ChangeStatus = z.enum([
  'undecided',
  'approved',
  'rejected',
  'adopted',
  'undone',
  'superseded',
  'denied',
])
export type ChangeStatus = z.infer<typeof ChangeStatus>

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
  /** Of the policy that gave the verdict; null for changes from before there were policies. */
  policy_sha256: z.string().nullable(),
  status: ChangeStatus,
  /** The version it became; null while it is not live and never was. */
  memory_version_id: z.string().nullable(),
  /** When its texts were erased, because sessions that they quoted were; null where they stand. Then `before` and `after` are null. */
  redacted_at: z.string().nullable(),
})
export type Change = z.infer<typeof Change>
