import { z } from 'zod'
import { Lift } from './lift.ts'

/** `treatment` runs with what is tried, `control` without it. */
export const Arm = z.enum(['treatment', 'control'])
export type Arm = z.infer<typeof Arm>

/**
 * A comparison of sessions with and without something.
 *
 * - `memory`: everything that dreams taught one memory store. What people wrote is given to both arms.
 * - `lesson`: one lesson, among the sessions that are given the others.
 * - `agent`: an agent that dreams against one that does not. Nobody draws lots there: the two have to be given the same work.
 */
export const Experiment = z.object({
  id: z.string().startsWith('exp_'),
  kind: z.enum(['memory', 'lesson', 'agent']),
  memory_store_id: z.string(),
  /** The lesson of a `lesson`. */
  pattern_id: z.string().nullable(),
  /** The control of an `agent`; its treatment is the agent of the store. */
  control_agent: z.string().nullable(),
  /** Makes the lots of two experiments independent of each other. */
  salt: z.string(),
  /** Of sessions that begin now, the share that is drawn for control. */
  control_share: z.number().gt(0).lt(1),
  status: z.enum(['running', 'ended']),
  /** What the sessions so far say; null while they do not say enough. */
  verdict: z.enum(['keep', 'harm', 'futile']).nullable(),
  reason: z.string(),
  /** As they stood when they were measured last. */
  lifts: z.array(Lift),
  measured_at: z.string().nullable(),
  started_at: z.string(),
  started_by: z.string(),
  ended_at: z.string().nullable(),
})
export type Experiment = z.infer<typeof Experiment>

/** The lot that a session drew in one experiment, and how likely it was to be drawn for control. */
export const Assignment = z.object({
  experiment_id: z.string(),
  arm: Arm,
  control_share: z.number().gt(0).lt(1),
})
export type Assignment = z.infer<typeof Assignment>
