import { actionsOf, commandLine, isShell, plainName } from '../domain/action.ts'
import { type SessionEvent, textOf } from '../domain/event.ts'
import { isVerified } from '../domain/outcome.ts'
import type { Observation } from '../domain/review.ts'
import type { Session } from '../domain/session.ts'
import type { Call } from './call.ts'
import { shapeOf } from './shape.ts'

/**
 * The approval channel: what was thought of a session, beside how it was verified to have ended.
 *
 * People approve, reject and rate; a judge, most often a model, gives a verdict that nobody verified. Neither is the
 * truth. So a session that was judged is counted among the judged (bad: it was not approved), and where the outcome was
 * verified as well, among those of both channels, and the approved of them (bad: the work was wrong).
 *
 * Its traits are what the agent did, with the switches it set, and how its longest text looks. Of which rule verified
 * how many outcomes there is a count of its own, because a rule can be wrong.
 */
export function observeApprovals(session: Omit<Session, 'id'>, calls: Call[]): Observation[] {
  if (session.events.length === 0) return []
  const judgments = [judgmentOfPeople(session.events), judgmentOfJudge(session)].filter((it) => it !== null)
  const { outcome } = session
  const verified: Observation = {
    channel: 'approval',
    context: `outcome ${ruleOf(session) ?? ''}`,
    bad: outcome.result === 'unsatisfied',
    event: session.events.length - 1,
    traits: rewardOf(session),
  }
  const judged = judgments.map((it) => observeJudgment(session, calls, it))
  return [
    ...(isVerified(session.outcome) ? [verified] : []),
    ...judged.flatMap(([opinion]) => opinion!),
    ...judged.flatMap(([, ...held_against]) => held_against),
  ]
}

/** The judgment by itself; and, where the outcome was verified, held against that. */
export function observeJudgment(
  session: Omit<Session, 'id'>,
  calls: Call[],
  { by, approved, at }: Judgment,
): Observation[] {
  const failed = session.outcome.result === 'unsatisfied'
  const traits = { ...deedsOf(calls), ...looksOf(session.events) }
  const observed = (context: string, bad: boolean): Observation => ({
    channel: 'approval',
    context: `${context} ${by}`,
    bad,
    event: at,
    traits,
  })
  const verified = [
    observed('verified and judged by', failed),
    ...(approved ? [observed('approved by', failed)] : []),
  ]
  return [
    observed('judged by', !approved),
    ...(isVerified(session.outcome) ? withRule(session, verified) : []),
  ]
}

/** Whether a judge has given a verdict that nobody verified. */
export function isJudged(session: Omit<Session, 'id'>): boolean {
  return judgmentOfJudge(session) !== null
}

/** Names the rule that verified the outcome in observations whose `bad` rests on it. */
export function withRule(session: Omit<Session, 'id'>, observations: Observation[]): Observation[] {
  const rule = ruleOf(session)
  return rule === null ? observations : observations.map((it) => ({ ...it, rule }))
}

function ruleOf({ outcome }: Omit<Session, 'id'>): string | null {
  return outcome.verified && outcome.rule !== null ? plainName(outcome.rule).replace(/[|\s]+/g, '_') : null
}

/** A reward between nothing and all tells that the rule had to draw a line somewhere. */
function rewardOf({ outcome: { reward }, events }: Omit<Session, 'id'>): Record<string, number> {
  return reward !== null && reward > 0 && reward < 1 ? { 'a partial reward': events.length - 1 } : {}
}

export type Judgment = { by: 'people' | 'a judge'; approved: boolean; at: number }

/** The last word of the people who said whether it was good. */
function judgmentOfPeople(events: SessionEvent[]): Judgment | null {
  for (let at = events.length - 1; at >= 0; at--) {
    const approved = approvalIn(events[at]!)
    if (approved !== null) return { by: 'people', approved, at }
  }
  return null
}

/** Ratings are read on a scale of one to five; three, and an edit, say neither. */
function approvalIn(event: SessionEvent): boolean | null {
  if (event.type !== 'user.feedback') return null
  const { feedback } = event
  switch (feedback.kind) {
    case 'approval':
      return true
    case 'rejection':
      return false
    case 'rating':
      return feedback.rating >= 4 ? true : feedback.rating <= 2 ? false : null
    default:
      return null
  }
}

/** The last verdict that nobody verified. */
function judgmentOfJudge({ outcome, events }: Omit<Session, 'id'>): Judgment | null {
  const at = events.findLastIndex(
    (it) => it.type === 'session.outcome' && !it.outcome.verified && it.outcome.result !== 'unknown',
  )
  const event = events[at]
  const verdict = event?.type === 'session.outcome' ? event.outcome : outcome
  if (verdict.verified || verdict.result === 'unknown') return null
  return { by: 'a judge', approved: verdict.result === 'satisfied', at: at === -1 ? events.length - 1 : at }
}

/** What was called, and which switches were set: `use close_ticket with skip_verification = true`. */
function deedsOf(calls: Call[]): Record<string, number> {
  const traits: Record<string, number> = {}
  const add = (trait: string, at: number) => {
    if (!(trait in traits)) traits[trait] = at
  }
  for (const call of calls) {
    add(`use ${call.action}`, call.at)
    for (const it of switchesOf(call)) add(`use ${call.action} with ${it}`, call.at)
  }
  return traits
}

/** A switch turns something on or off, so it is no value of one task. Those of a shell stand in its command. */
function switchesOf({ tool, input }: Call): string[] {
  if (isShell(tool)) {
    const command = (commandLine(tool, input) ?? '').replace(QUOTED, '')
    return actionsOf(tool, input).length === 1 ? (command.match(SWITCH) ?? []) : []
  }
  const names = Object.keys(input)
  if (names.length > ARGUMENTS_LIMIT) return []
  return names
    .filter((it) => typeof input[it] === 'boolean')
    .map((it) => `${plainName(it)} = ${shapeOf(input[it])}`)
}

const QUOTED = /'[^']*'|"(?:[^"\\]|\\.)*"/g
const SWITCH = /(?<=\s)--[a-z][a-z-]*(?=\s|$)/g
/** More arguments than this are a document, not a call. */
const ARGUMENTS_LIMIT = 20

const SHORT_WORDS = 50
const LONG_WORDS = 300

/** How the agent's longest text looks: what people have before them when they say whether it is good. */
function looksOf(events: SessionEvent[]): Record<string, number> {
  let at = -1
  let text = ''
  for (const [i, event] of events.entries()) {
    if (event.type !== 'agent.message') continue
    const said = textOf(event)
    if (said.length > text.length) [at, text] = [i, said]
  }
  if (at === -1) return {}
  const words = text.split(/\s+/).length
  const looks = LOOKS.filter((it) => it.shows.test(text)).map((it) => it.look)
  if (words <= SHORT_WORDS) looks.push('in a short text')
  if (words >= LONG_WORDS) looks.push('in a long text')
  return Object.fromEntries(looks.map((it) => [`answer ${it}`, at]))
}

const LOOKS = [
  { look: 'with a table', shows: /^\s*\|?[ :]*-{3,}[ :]*\|/m },
  { look: 'with a list', shows: /^\s*(?:[-*•]|\d+[.)])\s+\S[^\n]*\n\s*(?:[-*•]|\d+[.)])\s/m },
  { look: 'with headings', shows: /^#{1,6} \S/m },
  { look: 'with code', shows: /^\s*```/m },
  { look: 'with links', shows: /https?:\/\// },
  { look: 'with emoji', shows: /\p{Emoji_Presentation}/u },
  { look: 'with a question at the end', shows: /\?\s*$/ },
  { look: 'with an apology', shows: /\b(?:sorry|apologi[sz]e|apologies)\b/i },
]
