import { z } from 'zod'

const count = z.number().int().nonnegative()
/** 0 to 1; null where there is nothing to divide by. */
const Share = z.number().min(0).max(1).nullable()

/** What sessions of an agent look like as work. */
export const WorkProfile = z.object({
  /** At most the latest 2,000. */
  sessions: count,
  /** When the first and the last of them began. */
  from: z.string(),
  to: z.string(),
  /** Null where all began within a day: that is no pace. */
  sessions_a_week: z.number().nonnegative().nullable(),
  /** Kinds of request: tasks, and clusters of like first words where no task is known. */
  intents: count,
  sessions_an_intent: z.number().nonnegative(),
  /** Of sessions, those whose intent another session has. */
  repeated: Share,
  known_task: Share,
  known_outcome: Share,
  verified_outcome: Share,
  /** Of sessions with a known outcome, those that are satisfied. */
  satisfied: Share,
  feedback: Share,
  tool_calls: Share,
  /** Of sessions with calls, those in which a call failed. */
  tool_errors: Share,
  dead_on_arrival: Share,
  /** Named people. */
  people: count,
})
export type WorkProfile = z.infer<typeof WorkProfile>

/** Whether lessons can come from there today, and why, or why not. */
const Voice = z.object({
  channel: z.enum(['call', 'repair', 'session', 'approval', 'edit', 'correction', 'temporal']),
  can_speak: z.boolean(),
  why: z.string(),
})
export type Voice = z.infer<typeof Voice>

/** How long something takes at the present pace. */
const Outlook = z.object({
  /** Sessions of the kind that counts: so far, and a week. */
  so_far: count,
  a_week: z.number().nonnegative().nullable(),
  needed: count,
  /** From now; 0 where enough are there, null where the pace is not known or it never comes. */
  weeks: z.number().nonnegative().nullable(),
})
export type Outlook = z.infer<typeof Outlook>

export const Fitness = z.object({
  agent: z.string(),
  verdict: z.enum(['fit', 'not_yet', 'not_for_you']),
  reasons: z.array(z.string()),
  work: WorkProfile,
  channels: z.array(Voice),
  /** What to do, the most useful first. */
  next_steps: z.array(z.object({ what: z.string(), why: z.string(), see: z.string() })),
  /** Until a lesson about whole sessions can be told, by how much more often sessions fail that show it. */
  first_session_lesson: z.object({ by_20_points: Outlook.nullable(), by_30_points: Outlook.nullable() }),
  /** From the day on which the first lesson is live until its effect can be told: sessions with a known outcome. */
  lift: Outlook,
  upkeep: z.object({
    memory_stores: count,
    last_dream: z.object({ ended_at: z.string().nullable(), status: z.string() }).nullable(),
    sessions_not_dreamed_of: count,
    changes_waiting: count,
    /** When the oldest of them was proposed. */
    waiting_since: z.string().nullable(),
    active_schedules: count,
    /** What somebody should see to, in words. */
    notes: z.array(z.string()),
  }),
})
export type Fitness = z.infer<typeof Fitness>
