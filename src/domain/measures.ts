import { z } from 'zod'

/**
 * What sessions are compared by.
 *
 *     completion      share of sessions whose outcome is satisfied, of those whose outcome is known
 *     recurrence      share of sessions in which what a lesson is about happened again; of one lesson only
 *     duration_ms     from start to end
 *     edit_distance   share of an output that a person changed, 0 where they took it as it was
 *     escalation      share of sessions that were handed to a person
 *     tool_errors     failed calls a session
 *     tokens          tokens in and out a session
 */
export const Metric = z.enum([
  'completion',
  'recurrence',
  'duration_ms',
  'edit_distance',
  'escalation',
  'tool_errors',
  'tokens',
])
export type Metric = z.infer<typeof Metric>

/** What one session comes to, in numbers; each null where the session does not say. */
export const SessionMeasures = z.object({
  /** 1 satisfied, 0 not, null unknown. */
  completed: z.union([z.literal(0), z.literal(1)]).nullable(),
  /** Whether that was verified. */
  verified: z.boolean(),
  duration_ms: z.number().nonnegative().nullable(),
  /** 0 to 1: the share of the agent's output that a person changed, the mean over what they edited or approved. */
  edit_distance: z.number().min(0).max(1).nullable(),
  /** Handed over to a person. */
  escalated: z.boolean(),
  /** Answers in which the agent declined to do what was asked. */
  refusals: z.number().int().nonnegative(),
  tool_calls: z.number().int().nonnegative(),
  tool_errors: z.number().int().nonnegative(),
  /** In and out, caches included; null where the harness told none. */
  tokens: z.number().int().nonnegative().nullable(),
  /** That the agent said to people. */
  words: z.number().int().nonnegative(),
  /** Calls by action, the most frequent thirty; the rest under `other`. */
  tools: z.record(z.string(), z.number().int().positive()),
})
export type SessionMeasures = z.infer<typeof SessionMeasures>
