import { z } from 'zod'
import { Alarm } from './alarm.ts'
import { Digest } from './digest.ts'
import { Experiment } from './experiment.ts'
import { Lift } from './lift.ts'
import { StageUse } from './spending.ts'

const count = z.number().int().nonnegative()
const day = z.iso.date()

/** Sessions of one arm whose outcome is known, and how many of them were completed, with the share's 95 % interval. */
const Side = z.object({ sessions: count, completed: count, low: z.number(), high: z.number() })

/** The sessions whose lots were drawn from this day on, for as long as a step is. */
export const ArmsOfStep = z.object({ day, treatment: Side, control: Side })
export type ArmsOfStep = z.infer<typeof ArmsOfStep>

/** The lift in completion as it could be told on the evening of a day; nulls where too little was known. */
export const LiftOfDay = z.object({
  day,
  sessions: count,
  estimate: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
})
export type LiftOfDay = z.infer<typeof LiftOfDay>

export const LessonEffect = Experiment.pick({
  id: true,
  pattern_id: true,
  status: true,
  verdict: true,
}).extend({
  /** Its sentence; null where it is gone. */
  lesson: z.string().nullable(),
  completion: Lift.nullable(),
  recurrence: Lift.nullable(),
})
export type LessonEffect = z.infer<typeof LessonEffect>

export const AgentEffect = Experiment.pick({
  id: true,
  control_agent: true,
  status: true,
  verdict: true,
  lifts: true,
})
export type AgentEffect = z.infer<typeof AgentEffect>

export const MemorySize = z.object({ day, memories: count, bytes: count })
export type MemorySize = z.infer<typeof MemorySize>

/** What sessions were given on one day; tokens are those of all recalls together. */
export const RecalledOfDay = z.object({ day, recalls: count, tokens: count })
export type RecalledOfDay = z.infer<typeof RecalledOfDay>

/** One memory store over a time: what was learned, whether it helps, what it costs. */
export const StoreReport = z.object({
  memory_store_id: z.string(),
  store: z.string(),
  agent: z.string(),
  /** In this time. */
  dreams: z.object({ ended: count, failed: count }),
  /** Changes that wait now: for a decision, or, approved, for adoption. */
  waiting: z.object({ undecided: count, approved: count }),
  /** Of those that proposed something, the latest first, at most ten. */
  digests: z.array(Digest),
  /** Of the comparison of sessions with lessons and sessions without any; null while there is none. */
  effect: z
    .object({
      control_share: z.number(),
      /** Whether sessions that begin now draw lots. */
      draws_lots: z.boolean(),
      verdict: Experiment.shape.verdict,
      /** How long a step of `arms` is. */
      step_days: z.number().int().positive(),
      arms: z.array(ArmsOfStep),
      lift_by_day: z.array(LiftOfDay),
      lifts: z.array(Lift),
    })
    .nullable(),
  /** Comparisons with an agent that is never given memory. */
  agents: z.array(AgentEffect),
  lessons: z.array(LessonEffect),
  memory: z.array(MemorySize),
  recalled: z.array(RecalledOfDay),
  /** What the dreams that ended in this time asked of language models, one row a stage and model. */
  asked: z.array(StageUse),
  alarms: z.array(Alarm.pick({ type: true, text: true, since: true })),
})
export type StoreReport = z.infer<typeof StoreReport>

export const Report = z.object({
  made_at: z.string(),
  /** From the beginning of the first day to the end of the last, in UTC. */
  from: day,
  to: day,
  stores: z.array(StoreReport),
})
export type Report = z.infer<typeof Report>
