/**
 * Claim: what a language model says of one session, with the words of that session that it says it by.
 *
 * A claim by itself is worth nothing: it is counted like anything else that was seen in a session, together with the claims of other
 * sessions that say the same (its group), and becomes a lesson where counts of outcomes, or people's own words, bear it out.
 */
import { z } from 'zod'
import { Origin } from './origin.ts'

/** What counts cannot see. */
export const ClaimKind = z.enum([
  'wrong_value',
  'wrong_refusal',
  'violated_policy',
  'other_mistake',
  'preference',
  'good_practice',
])
export type ClaimKind = z.infer<typeof ClaimKind>

/** Whose words can bear a claim out: of these at least one quote has to be. What a tool or the web says alone bears out nothing. */
export const BORNE_OUT_BY: Record<ClaimKind, Origin[]> = {
  wrong_value: ['agent', 'person'],
  wrong_refusal: ['agent', 'person'],
  violated_policy: ['agent', 'person'],
  other_mistake: ['agent', 'person'],
  preference: ['person'],
  good_practice: ['agent', 'person'],
}

/** Claims of one family can say the same: whether a value was wrong or a rule was broken is often a matter of words. */
export const FAMILY: Record<ClaimKind, 'mistake' | 'preference' | 'practice'> = {
  wrong_value: 'mistake',
  wrong_refusal: 'mistake',
  violated_policy: 'mistake',
  other_mistake: 'mistake',
  preference: 'preference',
  good_practice: 'practice',
}

/** Words that stand, letter by letter, in that event. */
export const Citation = z.object({
  /** Index in the session's events. */
  event: z.number().int().nonnegative(),
  event_id: z.string(),
  origin: Origin,
  quote: z.string().min(1),
})
export type Citation = z.infer<typeof Citation>

export const Claim = z.object({
  /** Derived from what it says of which session. */
  id: z.string().startsWith('clm_'),
  session_id: z.string().startsWith('sesn_'),
  agent: z.string(),
  kind: ClaimKind,
  /** One imperative sentence: what to do the next time. */
  statement: z.string().min(1),
  /** The action it is about, as `domain/action.ts` names it; null where it is about the whole session. */
  action: z.string().nullable(),
  citations: z.array(Citation).min(1),
  /** The id of the first claim that said the same; its own where it is the first. */
  group_id: z.string().startsWith('clm_'),
})
export type Claim = z.infer<typeof Claim>

/** As an answer has it, checked: not yet known whether others say the same. */
export type NewClaim = Omit<Claim, 'id' | 'session_id' | 'agent' | 'group_id'>

/** Why something that a model said is not believed. */
export const DropReason = z.enum([
  'it quotes no words of the session',
  'its quote does not stand in the event that it names',
  'its quote is too short to prove anything',
  'it rests on a recalled memory',
  'it rests on words of others alone',
  'it rests on words that a person only quoted or pasted',
  'it tells what is counted already',
  'it is not one short sentence',
  'it repeats words of a tool, a page or a memory',
  'it names an address that no person named',
  'it sets rules aside, and no person asked for that',
  'it is written so that it does not read as what it is',
  'the same is said twice of one session',
  'more is said of one session than is taken',
  'not every point of the rubric is graded once',
])
export type DropReason = z.infer<typeof DropReason>

/** Without its words, which may be anything. */
export const Dropped = z.object({
  what: z.union([ClaimKind, z.literal('grade')]),
  reason: DropReason,
})
export type Dropped = z.infer<typeof Dropped>
