import { z } from 'zod'

/** Where a pattern was seen. */
export const Channel = z.enum([
  'call',
  'repair',
  'session',
  'approval',
  'edit',
  'correction',
  'temporal',
  'arrival',
  'model',
])
export type Channel = z.infer<typeof Channel>

/**
 * One occasion in one session: something that could go well or badly, how it went, and what was
 * true at the time.
 *
 * `context` says who could have shown a trait, so a trait is only ever compared with occasions of
 * the same context. A session has at most one observation of a context: occasions of one session
 * are not independent.
 */
export const Observation = z.object({
  channel: Channel,
  context: z.string(),
  bad: z.boolean(),
  /** Index, in the session's events, of the event that shows how it went. */
  event: z.number().int().nonnegative(),
  /** What was true on this occasion -> index of the event that shows it. */
  traits: z.record(z.string(), z.number().int().nonnegative()),
  /** Where `bad` is a verified outcome: the rule that judged it. Different rules are different measures. */
  rule: z.string().optional(),
})
export type Observation = z.infer<typeof Observation>

/** One session read once: deterministic for a reviewer version, stored once per session. */
export const Review = z.object({
  session_id: z.string().startsWith('sesn_'),
  /** Version of the reviewer; a review by an older one is made again. */
  reviewer: z.number().int().positive(),
  observations: z.array(Observation),
})
export type Review = z.infer<typeof Review>

/** What of a session another session has shown before: it is a resumed, forked or grown copy. */
export const Copied = z.object({
  /** Indices of the events that are copies. */
  events: z.array(z.number().int().nonnegative()),
  /** Whether a session it was copied from had been judged: how it ended is then no news. */
  was_judged: z.boolean(),
})
export type Copied = z.infer<typeof Copied>
