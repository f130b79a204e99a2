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

/** What the sessions after a pattern was first noticed say of it; `3-mine/confirmation.ts` explains it. */
export const Confirmation = z.object({
  prior_variance: z.number().positive(),
  /** For each size of effect on the grid, how much better the sessions fit it than no effect. */
  log_ratios: z.array(z.number()),
  /** Occasions that wait to be compared, by cell: `[bad with the trait, with the trait, bad, all]`. */
  open: z.record(z.string(), z.tuple([z.number(), z.number(), z.number(), z.number()])),
})
export type Confirmation = z.infer<typeof Confirmation>

/** What a pattern leads one to expect of occasions with its trait, or of those that lack it: that they go badly, or well. */
export const Expectation = z.object({ of_those: z.enum(['with', 'without']), bad: z.boolean() })
export type Expectation = z.infer<typeof Expectation>

/** What the nights remember of a pattern, to judge it by. Not for readers. */
export const Watch = z.object({
  expectation: Expectation,
  /** Raised each time its evidence begins anew. */
  epoch: z.number().int().nonnegative(),
  /** Null where there is nothing to compare with. */
  confirmation: Confirmation.nullable(),
  /** How often the expectation came true when the pattern was last believed, from below, and the detector of its end. */
  usual_rate: z.number(),
  detector: z.number(),
  /** While only new evidence counts: of how many occasions since then the expectation came true. */
  since: z.object({ held: z.number().int(), n: z.number().int() }).nullable(),
  /** By trait, the counts of its error that are not believed any more (`3-mine/since.ts`); missing where all of them are. */
  counted_before: z.record(z.string(), Count).optional(),
  /** The pattern that tells the same tonight, in other words; missing where none does. */
  told_by: z.string().optional(),
})
export type Watch = z.infer<typeof Watch>

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
  /** How many times better the sessions since it was first noticed fit it than chance; null where nothing is compared. */
  e: z.number().nullable(),
  /** Distinct sessions behind the pattern. */
  sessions: z.number().int().nonnegative(),
  /** Where its quotes were looked up. */
  sightings: z.array(Sighting),
  evidence: z.array(Evidence),
  watch: Watch,
})
export type Pattern = z.infer<typeof Pattern>
