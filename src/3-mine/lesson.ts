/**
 * Lesson: a finding and its quotes in, a pattern in words out.
 *
 * The wording of every lesson comes from templates of ours, one file of them a channel (`*-words.ts`). What a tool said stands in it only as a
 * quotation, and only what it states (`stated.ts`). There are two exceptions to our own wording: a wish that a person spoke, told in that person's
 * words, and what a model said of sessions and counts bear out, which was checked when it was said (`2-review/model-review.ts`).
 */

import { isContraction, withPlainApostrophes } from '../domain/contraction.ts'
import type { Evidence } from '../domain/evidence.ts'
import { derivedId } from '../domain/id.ts'
import type { Pattern } from '../domain/pattern.ts'
import { toldName } from '../domain/told-name.ts'
import { disputed, preference } from './approval-words.ts'
import { fragile, guard, shape, timing } from './call-words.ts'
import { askedFor, borneOut, claimed } from './claim-words.ts'
import { correction, refusal } from './correction-words.ts'
import { addition, removal, replacement } from './edit-words.ts'
import type { Finding } from './finding.ts'
import { recurring, repair } from './repair-words.ts'
import { check, marker } from './session-words.ts'
import { statedIn } from './stated.ts'
import { habit } from './temporal-words.ts'
import { NOT_REPEATED, type Words } from './words.ts'

/**
 * The same finding of the same agent is the same pattern, night after night. What is known of an error is one
 * pattern, whichever remedy is the best so far.
 */
export function patternId(finding: Pick<Finding, 'channel' | 'context' | 'trait'>, agent: string): string {
  return derivedId('pat', agent, finding.context, finding.channel === 'repair' ? 'error' : finding.trait)
}

/** Where it stands among what was known before is for `overnight.ts` to say. */
export function lessonOf(
  finding: Finding,
  agent: string,
  evidence: Evidence[],
): Omit<Pattern, 'e' | 'watch'> {
  const { name, text, why } = WORDS[finding.kind](tellable(finding), evidence)
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

/** The finding as it may be told: of its error what that states, of its person a name. What it is counted by stays what it is. */
function tellable(finding: Finding): Finding {
  const { context, trait, person } = finding
  return {
    ...finding,
    context: context.startsWith('repair ') ? withStated(context) : context,
    trait: trait.startsWith('error ') ? withStated(trait) : trait,
    ...(person === undefined ? {} : { person: toldName(person, 'person') }),
  }
}

function withStated(key: string): string {
  const end = key.indexOf(ERROR_MARK)
  return `${key.slice(0, end + ERROR_MARK.length)}${statedIn(key.slice(end + ERROR_MARK.length)) ?? NOT_REPEATED}`
}

/** Between what was called and its error. */
const ERROR_MARK = ' | '

/** Who words which kind of finding; leaving a kind out is a compile error. */
const WORDS: Record<Finding['kind'], (finding: Finding, evidence: Evidence[]) => Words> = {
  guard,
  shape,
  timing,
  fragile,
  repair,
  recurring,
  check,
  marker,
  correction,
  refusal,
  addition,
  removal,
  replacement,
  habit,
  preference,
  disputed,
  asked_for: askedFor,
  borne_out: borneOut,
  claimed,
}

const SLUG_LIMIT = 72

/** As many of its words as fit, and none at the end that would join it to the next. */
function slug(text: string): string {
  const words = text
    .toLowerCase()
    .replace(/<[a-z…]+>/g, ' ')
    .replace(/\S+/g, (it) => (isContraction(it) ? withPlainApostrophes(it).replace("'", '') : it))
    .match(/[a-z0-9_]+/g) ?? ['lesson']
  let end = 1
  for (let length = words[0]!.length; end < words.length; end++) {
    length += 1 + words[end]!.length
    if (length > SLUG_LIMIT) break
  }
  if (end < words.length) while (end > 1 && JOINS.test(words[end - 1]!)) end--
  return words.slice(0, end).join('-').slice(0, SLUG_LIMIT)
}

const JOINS = /^(?:an?|the|and|or|of|as|at|by|in|on|to|for|from|with|without|before|after|instead|is|not|no)$/
