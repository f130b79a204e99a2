import { z } from 'zod'
import { Alert } from './alert.ts'
import { Spending } from './spending.ts'
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
  /** What was asked besides counting, `provider/model`; null for none, and until the dream has ended. */
  model: z.string().nullable(),
  spending: Spending.nullable(),
  created_at: z.string(),
  ended_at: z.string().nullable(),
  error: z.object({ type: z.string(), message: z.string() }).nullable(),
})
export type Dream = z.infer<typeof Dream>

/** Why a dream over the wire failed; the list of the Managed Agents API. */
export const DreamErrorType = z.enum([
  'timeout',
  'internal_error',
  'memory_store_org_limit_exceeded',
  'input_memory_store_too_large',
  'input_memory_store_unavailable',
  'input_session_unavailable',
])
export type DreamErrorType = z.infer<typeof DreamErrorType>

/** Where the result of a dream goes: into a new memory store, or into the one that it reads. */
export const OutputBehavior = z.enum(['create_new', 'update_existing'])
export type OutputBehavior = z.infer<typeof OutputBehavior>

/** What a dream was asked for with, whatever that stands for; of the command line, the model that was asked, or `none`. */
export const DreamModel = z.object({ id: z.string().min(1).max(256), speed: z.literal('standard') })
export type DreamModel = z.infer<typeof DreamModel>

/** A dream with what was asked of it. One of the command line reads everything new and writes into its own store. */
export const RequestedDream = Dream.extend({
  /** In order, as the wire knows them. Of a dream over everything new, those that it has read. */
  session_ids: z.array(z.string()),
  model: DreamModel,
  instructions: z.string().nullable(),
  output_behavior: OutputBehavior,
  /** Null until it is there. */
  output_store_id: z.string().nullable(),
  /** The session that tells what it does; null until it runs, and for one of the command line. */
  recording_id: z.string().nullable(),
  archived_at: z.string().nullable(),
})
export type RequestedDream = z.infer<typeof RequestedDream>
