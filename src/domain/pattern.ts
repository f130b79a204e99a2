import { z } from 'zod'
import { Evidence } from './evidence.ts'
import { Channel } from './review.ts'
import { Count, Sighting } from './tally.ts'

/** For whom a lesson holds: the agent's work for everybody, or only for one person. */
export const Scope = z.object({ agent: z.string(), person: z.string().nullable() })
export type Scope = z.infer<typeof Scope>

/** How well a pattern is supported; see GLOSSARY. */
export const Tier = z.enum(['verified', 'process', 'people', 'marker'])
export type Tier = z.infer<typeof Tier>

/** Two groups of occasions and how differently they went. `null` where a group is empty or has no meaning. */
export const Effect = z.object({
  /** Occasions that showed the pattern. */
  exposed: Count,
  /** Occasions of the same context that did not. */
  unexposed: Count,
  /** Odds of going badly, exposed against unexposed, adjusted where the channel adjusts; with its 95 % interval. */
  odds_ratio: z.number().nullable(),
  low: z.number().nullable(),
  high: z.number().nullable(),
})
export type Effect = z.infer<typeof Effect>

/** One thing that recurs across sessions, and the lesson from it. */
export const Pattern = z.object({
  id: z.string().startsWith('pat_'),
  class: z.enum(['mistake', 'success', 'practice', 'insight']),
  channel: Channel,
  tier: Tier,
  status: z.enum(['candidate', 'probation', 'confirmed', 'stale', 'dormant', 'disputed', 'retired']),
  context: z.string(),
  trait: z.string(),
  /** Short stable slug; becomes the memory's file name. */
  name: z.string(),
  /** The lesson: one imperative sentence. */
  text: z.string(),
  /** Why to believe it: counts in words, and the words that were seen, quoted. */
  why: z.string(),
  scope: Scope,
  effect: Effect,
  /** Two-sided p value and its Benjamini-Hochberg q, where the channel tests. */
  p: z.number().nullable(),
  q: z.number().nullable(),
  /** Distinct sessions behind the pattern. */
  sessions: z.number().int().nonnegative(),
  /** Where its quotes were looked up. */
  sightings: z.array(Sighting),
  evidence: z.array(Evidence),
})
export type Pattern = z.infer<typeof Pattern>
