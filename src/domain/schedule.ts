import { z } from 'zod'
import { Cron } from './cron.ts'
import { DreamModel, OutputBehavior } from './dream.ts'

/** What starts a dream when enough came in: so many sessions that are new, and so long since the run before. */
export const Threshold = z.object({
  new_sessions: z.number().int().min(1),
  min_interval_ms: z.number().int().nonnegative(),
})
export type Threshold = z.infer<typeof Threshold>

/** Why a run started no dream. The first two would meet every later run as well, and pause the schedule. */
export const RunError = z.enum([
  'memory_store_archived_error',
  'memory_store_not_found_error',
  'dream_in_progress_error',
])
export type RunError = z.infer<typeof RunError>

/** The rule that starts dreams: what a memory store has not dreamed of yet, by the clock or when enough came in. */
export const Schedule = z.object({
  id: z.string().startsWith('dsch_'),
  name: z.string(),
  description: z.string().nullable(),
  metadata: z.record(z.string(), z.string()),
  memory_store_id: z.string(),
  model: DreamModel,
  instructions: z.string().nullable(),
  output_behavior: OutputBehavior,
  /** Null where nothing starts by the clock. */
  cron: Cron.nullable(),
  /** Null where nothing starts by what came in. */
  threshold: Threshold.nullable(),
  /** Null while it is active. */
  paused_reason: z
    .union([
      z.object({ type: z.literal('manual') }),
      z.object({ type: z.literal('error'), error: z.object({ type: RunError }) }),
    ])
    .nullable(),
  /** Times before this one start nothing: it was made, changed or went on then. */
  active_since: z.string(),
  /** When it last started a dream, or failed to, by itself. */
  last_run_at: z.string().nullable(),
  created_at: z.string(),
  created_by: z.string(),
  updated_at: z.string(),
  archived_at: z.string().nullable(),
})
export type Schedule = z.infer<typeof Schedule>

/** Why a run is there. `scheduled_at` is the time of the clock, `new_sessions` how many there were. */
export const RunTrigger = z.discriminatedUnion('type', [
  z.object({ type: z.literal('schedule'), scheduled_at: z.string() }),
  z.object({ type: z.literal('threshold'), new_sessions: z.number().int() }),
  z.object({ type: z.literal('manual') }),
])
export type RunTrigger = z.infer<typeof RunTrigger>

/** One time that a schedule was to start a dream: the dream, or why there is none. How the dream ended stands there. */
export const ScheduleRun = z.object({
  id: z.string().startsWith('drun_'),
  schedule_id: z.string(),
  trigger: RunTrigger,
  dream_id: z.string().nullable(),
  error: z.object({ type: RunError, message: z.string() }).nullable(),
  created_at: z.string(),
})
export type ScheduleRun = z.infer<typeof ScheduleRun>
