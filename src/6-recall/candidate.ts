import type { Lift } from '../domain/lift.ts'
import type { Effect, Expectation, Tier } from '../domain/pattern.ts'

/** A memory that a session may be given, with all that bears on it. */
export type Candidate = {
  memory_id: string
  memory_version_id: string
  path: string
  /** What it says, with its marks above, without its front matter. */
  text: string
  /** The same in one sentence. */
  description: string
  /** As its front matter has it; null where it says nothing of the kind. */
  status: string | null
  /** The only person it is for; null for everybody. */
  person: string | null
  /** The lesson of the store that it tells; null where somebody wrote it who told none, or one that the store does not know. */
  lesson: Lesson | null
  /** Ids of the lessons that it tells besides, or instead: a session that is given it is told them too. */
  also: string[]
  /** How well the query's words fit it, 0 to 1, where 1 is the best there is; null without a query. */
  relevance: number | null
}

export type Lesson = {
  /** Of the pattern. */
  id: string
  tier: Tier
  status: string
  agent: string
  person: string | null
  effect: Pick<Effect, 'exposed' | 'unexposed'>
  expectation: Expectation
  /** The tasks of the sessions in which it was sighted, as far as they have one. */
  tasks: string[]
  /** Of its experiment, as they were measured last; none where nothing was measured. */
  lifts: Lift[]
}
