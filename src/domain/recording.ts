import { z } from 'zod'
import { Agent } from './agent.ts'
import type { Usage } from './usage.ts'

export const RecordingStatus = z.enum(['rescheduling', 'running', 'idle', 'terminated'])
export type RecordingStatus = z.infer<typeof RecordingStatus>

/** What a session was given, as the wire has it. A memory store stands there as it was when the session began. */
export const Resource = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('memory_store'),
    memory_store_id: z.string(),
    access: z.enum(['read_write', 'read_only']),
    instructions: z.string().nullable(),
    name: z.string(),
    description: z.string(),
    mount_path: z.string(),
  }),
  z.object({
    type: z.literal('file'),
    id: z.string(),
    file_id: z.string(),
    mount_path: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
  }),
  z.object({
    type: z.literal('github_repository'),
    id: z.string(),
    url: z.string(),
    checkout: z.looseObject({ type: z.enum(['branch', 'commit']) }).nullable(),
    mount_path: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
  }),
])
export type Resource = z.infer<typeof Resource>

export const Budget = z.strictObject({
  type: z.literal('limit'),
  max_list_cost: z.strictObject({ amount: z.string().regex(/^\d{1,15}$/), currency: z.literal('USD') }),
})
export type Budget = z.infer<typeof Budget>

export const AgentSnapshot = Agent.omit({
  metadata: true,
  created_at: true,
  updated_at: true,
  archived_at: true,
})
export type AgentSnapshot = z.infer<typeof AgentSnapshot>

/**
 * A session that is put in over the wire, event by event, as it stands. What a dream finds in it is settled: stored as a session,
 * which never changes.
 */
export const Recording = z.object({
  id: z.string().startsWith('sesn_'),
  title: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  agent: AgentSnapshot,
  environment_id: z.string(),
  resources: z.array(Resource),
  vault_ids: z.array(z.string()),
  budget: Budget.nullable(),
  status: RecordingStatus,
  /** The session of this dream, which no dream reads. */
  dream_id: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
  archived_at: z.string().nullable(),
  archived_threads: z.record(z.string(), z.string()),
})
export type Recording = z.infer<typeof Recording>

export type OutcomeEvaluation = {
  outcome_id: string
  description: string
  result: string
  explanation: string | null
  iteration: number
  completed_at: string | null
}

/** What the events of a session say of it as a whole. */
export type RecordingFacts = {
  usage: Usage
  active_seconds: number
  duration_seconds: number
  outcome_evaluations: OutcomeEvaluation[]
}
