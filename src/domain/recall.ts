import { z } from 'zod'
import { Arm } from './experiment.ts'

/** One memory that a recall chose: given to the session, or held back from it on purpose, so that its effect can be told. */
export const RecalledMemory = z.object({
  memory_id: z.string().startsWith('mem_'),
  /** The exact text that was given: which version each session saw. */
  memory_version_id: z.string().startsWith('memver_'),
  path: z.string(),
  /** 1 is the one that is expected to help most. */
  rank: z.number().int().positive(),
  /** The lessons it tells; none where a person wrote it. */
  pattern_ids: z.array(z.string()),
  given: z.enum(['delivered', 'held']),
})
export type RecalledMemory = z.infer<typeof RecalledMemory>

/** What one session was given of a memory store, written down before anybody knows how the session ends. Never edited. */
export const Recall = z.object({
  id: z.string().startsWith('rcl_'),
  memory_store_id: z.string(),
  agent: z.string(),
  /** How the session is called by whoever runs it: the harness's own id, or ours. Null for a recall that belongs to none. */
  session_key: z.string().nullable(),
  person: z.string().nullable(),
  task: z.string().nullable(),
  /** Of the whole memory store. Null without a session: then nothing is held back and nothing is measured. */
  arm: Arm.nullable(),
  /** An estimate: a token is taken for four characters. */
  budget_tokens: z.number().int().nonnegative(),
  tokens: z.number().int().nonnegative(),
  memories: z.array(RecalledMemory),
  created_at: z.string(),
  created_by: z.string(),
})
export type Recall = z.infer<typeof Recall>
