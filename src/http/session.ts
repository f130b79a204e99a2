/** Sessions, their events and threads, as the wire tells of them. */
import { z } from '@hono/zod-openapi'
import { WireEvent } from '../domain/recorded-event.ts'
import { RecordingStatus } from '../domain/recording.ts'
import type { Usage } from '../domain/usage.ts'
import type { SessionThread, ShownSession } from '../engine.ts'
import { WireAgentConfig } from './agent-config.ts'
import { WireResource } from './resource.ts'
import { Time } from './wire.ts'

/** Told in the documentation by its type: what else it has, the table of events says. */
export const EventParam = z
  .looseObject({ type: z.string() })
  .openapi('EventToSend', {
    description:
      'Any event of the Managed Agents API, with its `id` and `processed_at` if it has them; and `user.feedback` (`kind`: approval, rejection, rating with `rating`, edit with `before` and `after`; `comment`) and `session.outcome` (`result`: satisfied, unsatisfied or unknown; `verified`, `reward`, `rule`, `explanation`).',
  })
  .pipe(WireEvent)

export const ToldEvent = z
  .looseObject({ id: z.string(), type: z.string(), processed_at: Time.nullable() })
  .openapi('Event')

const Snapshot = z
  .object({ type: z.literal('agent'), id: z.string(), version: z.number().int(), ...WireAgentConfig })
  .openapi('SessionAgent')

const ToldUsage = z.object({
  input_tokens: z.number().int(),
  output_tokens: z.number().int(),
  cache_read_input_tokens: z.number().int(),
  cache_creation: z.object({
    ephemeral_5m_input_tokens: z.number().int(),
    ephemeral_1h_input_tokens: z.number().int(),
  }),
  active_seconds: z.number(),
  list_cost: z.null(),
  server_tool_use: z.null(),
})
const Stats = z.object({ active_seconds: z.number(), duration_seconds: z.number() })

export const WireSession = z
  .object({
    type: z.literal('session'),
    id: z.string(),
    status: RecordingStatus,
    title: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    agent: Snapshot,
    environment_id: z.string(),
    resources: z.array(WireResource),
    outcome_evaluations: z.array(
      z.object({
        type: z.literal('outcome_evaluation'),
        outcome_id: z.string(),
        description: z.string(),
        result: z.string(),
        explanation: z.string().nullable(),
        iteration: z.number().int(),
        completed_at: Time.nullable(),
      }),
    ),
    stats: Stats,
    usage: ToldUsage,
    vault_ids: z.array(z.string()),
    budget: z.looseObject({ type: z.literal('limit') }).nullable(),
    deployment_id: z.null(),
    archived_at: Time.nullable(),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('Session')

export function wireSession(it: ShownSession) {
  return {
    type: 'session' as const,
    id: it.id,
    status: it.status,
    title: it.title,
    metadata: it.metadata,
    agent: { type: 'agent' as const, ...it.agent },
    environment_id: it.environment_id,
    resources: it.resources,
    outcome_evaluations: it.outcome_evaluations.map((evaluation) => ({
      type: 'outcome_evaluation' as const,
      ...evaluation,
    })),
    stats: { active_seconds: it.active_seconds, duration_seconds: it.duration_seconds },
    usage: wireUsage(it.usage, it.active_seconds),
    vault_ids: it.vault_ids,
    budget: it.budget,
    deployment_id: null,
    archived_at: it.archived_at,
    created_at: it.created_at,
    updated_at: it.updated_at,
  }
}

/** Events tell how much was written to a cache, not for how long: that stands under the shorter time. */
function wireUsage({ cache_creation_input_tokens, ...usage }: Usage, active_seconds: number) {
  return {
    ...usage,
    cache_creation: {
      ephemeral_5m_input_tokens: cache_creation_input_tokens,
      ephemeral_1h_input_tokens: 0,
    },
    active_seconds,
    ...{ list_cost: null, server_tool_use: null },
  }
}

export const WireThread = z
  .object({
    type: z.literal('session_thread'),
    id: z.string(),
    session_id: z.string(),
    parent_thread_id: z.string().nullable(),
    agent: Snapshot,
    status: RecordingStatus,
    stats: Stats.extend({ startup_seconds: z.number() }),
    usage: ToldUsage.nullable(),
    workflow_run_id: z.string().nullable(),
    archived_at: Time.nullable(),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('SessionThread')

export function wireThread({ usage, agent, active_seconds, duration_seconds, ...it }: SessionThread) {
  return {
    type: 'session_thread' as const,
    ...it,
    agent: { type: 'agent' as const, ...agent },
    stats: { active_seconds, duration_seconds, startup_seconds: 0 },
    usage: usage && wireUsage(usage, active_seconds),
  }
}
