/**
 * Lesson: a finding and its quotes in, a pattern in words out.
 *
 * The wording of every lesson comes from templates of ours, one file of them a channel (`*-words.ts`). What a tool said stands in it only as a
 * quotation; the one exception to our own wording is a wish that a person spoke, told in that person's words.
 */

import type { Evidence } from '../domain/evidence.ts'
import { derivedId } from '../domain/id.ts'
import type { Pattern } from '../domain/pattern.ts'
import { fragile, guard, shape } from './call-words.ts'
import { correction, refusal } from './correction-words.ts'
import type { Finding } from './finding.ts'
import { recurring, repair } from './repair-words.ts'
import { check } from './session-words.ts'
import type { Words } from './words.ts'

/**
 * The same finding of the same agent is the same pattern, night after night. What is known of an error is one
 * pattern, whichever remedy is the best so far.
 */
export function patternId(finding: Pick<Finding, 'channel' | 'context' | 'trait'>, agent: string): string {
  return derivedId('pat', agent, finding.context, finding.channel === 'repair' ? 'error' : finding.trait)
}

export function lessonOf(finding: Finding, agent: string, evidence: Evidence[]): Pattern {
  const { name, text, why } = WORDS[finding.kind](finding, evidence)
  return {
    id: patternId(finding, agent),
    class: finding.class,
    channel: finding.channel,
    tier: finding.tier,
    status: finding.published ? 'probation' : 'candidate',
    context: finding.context,
    trait: finding.trait,
    name: slug(name),
    text,
    why,
    scope: { agent, person: finding.person ?? null },
    effect: finding.effect,
    p: finding.p,
    q: finding.q,
    sessions: finding.sessions,
    sightings: finding.sightings,
    evidence,
  }
}

/** Who words which kind of finding; leaving a kind out is a compile error. */
const WORDS: Record<Finding['kind'], (finding: Finding, evidence: Evidence[]) => Words> = {
  guard,
  shape,
  fragile,
  repair,
  recurring,
  check,
  correction,
  refusal,
}

const SLUG_LIMIT = 72

function slug(text: string): string {
  const words = text
    .toLowerCase()
    .replace(/<[a-z…]+>/g, ' ')
    .match(/[a-z0-9_]+/g) ?? ['lesson']
  let name = words[0]!
  for (const word of words.slice(1)) if (name.length + 1 + word.length <= SLUG_LIMIT) name += `-${word}`
  return name.slice(0, SLUG_LIMIT)
}
