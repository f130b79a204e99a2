import type { Effect, Pattern } from '../domain/pattern.ts'
import type { Channel } from '../domain/review.ts'
import type { Sighting } from '../domain/tally.ts'

/** What the counts say, before there are words for it: a pattern without its sentence and its quotes. */
export type Finding = {
  /** Strong enough to be told to an agent; otherwise a candidate that is only watched. */
  published: boolean
  /** Set when it rests on a p value alone: after the first look at it, it is told only when later sessions confirm it. */
  needs_confirmation?: boolean
  kind:
    | 'guard'
    | 'shape'
    | 'timing'
    | 'fragile'
    | 'repair'
    | 'recurring'
    | 'check'
    | 'marker'
    | 'correction'
    | 'refusal'
    | 'addition'
    | 'removal'
    | 'replacement'
    | 'habit'
    | 'preference'
    | 'disputed'
    | 'asked_for'
    | 'borne_out'
    | 'claimed'
  class: Pattern['class']
  channel: Channel
  tier: Pattern['tier']
  context: string
  trait: string
  /** The other shape of a `shape` finding that works; the second trait words of a correction cluster. */
  better: string | null
  effect: Effect
  p: number | null
  q: number | null
  /** How strongly the counts speak, for ranking within a kind: |z|, or a lower bound. */
  strength: number
  sessions: number
  /** Where to look for quotes, best first. */
  sightings: Sighting[]
  /** Set when the finding is about one person's wishes and holds for nobody else. */
  person?: string
  /** The day, `YYYY-MM-DD`, on which a habit in time was last seen. */
  last_seen?: string
  /** Set when verified outcomes contradict what people, or a judge, think of it: how many they rejected, of those they judged. */
  disputed?: Pick<Effect, 'exposed' | 'unexposed'>
  /** Other accounts of the same, best first. */
  alike?: Finding[]
  /** A word of the requests after which it holds; without one it holds after all. */
  topic?: string
  /** Words that recur enough to stand in its wording; every other word of a quote is left out of it. */
  sayable?: string[]
  /** Of what a model said: how the first of the claims says it. */
  statement?: string
  /** Sightings must not show this trait: it is what was missing. */
  lacks: string | null
}

/** The action a finding is about: what stands in its context behind the channel's word. Empty for a whole session. */
export function actionOf({ context }: Pick<Finding, 'context'>): string {
  const action = context.slice(context.indexOf(' ') + 1 || context.length)
  const end = action.indexOf(' | ')
  return end === -1 ? action : action.slice(0, end)
}

/** The error template that a repair context ends in. */
export function templateOf({ context }: Pick<Finding, 'context'>): string {
  return context.slice(context.indexOf(' | ') + 3)
}
