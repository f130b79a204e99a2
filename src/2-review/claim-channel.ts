/**
 * The model channel: what a language model said of a session, as occasions to be counted beside those of other sessions.
 *
 * A trait is a group of claims that say the same. What people want is counted over the sessions in which people spoke, as corrections
 * are; all that was said, over the sessions whose end was verified, as deeds are; and over all sessions that were read, to see what
 * recurs at all. The model was not told how a session ended, or its claims could not be held against that.
 */

import { BORNE_OUT_BY, type Claim, FAMILY } from '../domain/claim.ts'
import { isVerified } from '../domain/outcome.ts'
import type { Copied, Observation } from '../domain/review.ts'
import type { Session } from '../domain/session.ts'
import { withRule } from './approval-channel.ts'

/**
 * `claims` are all that was said of this session and believed; a session of which nothing was said is counted, too. Of a copy, only what
 * its original has not shown.
 */
export function observeClaims(
  session: Omit<Session, 'id'>,
  claims: Claim[],
  copied: Copied | null = null,
): Observation[] {
  const { events, outcome } = session
  const before = new Set(copied?.events)
  const fresh = [...events.keys()].filter((it) => !before.has(it))
  const last = fresh.at(-1)
  if (last === undefined) return []
  const said = claims.flatMap((it) => shownIn(it, before))
  const wishes = said.filter((it) => it.claim.kind === 'preference')
  const words = fresh.find((it) => SPEAKS.has(events[it]!.type))
  const is_judged = isVerified(outcome) && !copied?.was_judged
  const failed = outcome.result === 'unsatisfied'
  return [
    observed('claims seen', said.length > 0, last, said),
    ...(words === undefined ? [] : [observed('claims said', wishes.length > 0, words, wishes)]),
    ...(is_judged
      ? withRule(session, [{ ...observed('claims ended', failed, last, said), rule: NO_RULE }])
      : []),
  ]
}

const SPEAKS = new Set(['user.message', 'user.feedback', 'user.tool_confirmation'])

/** Stands for a rule without a name: what rests on how a session ended is always compared with what was judged alike. */
const NO_RULE = ''

/** A claim, and the event that shows it. */
type Shown = { claim: Claim; event: number }

/** The first event that bears it out and is no copy; nothing where there is none. */
function shownIn(claim: Claim, before: Set<number>): Shown[] {
  const bearing = claim.citations.filter((it) => BORNE_OUT_BY[claim.kind].includes(it.origin))
  const shown = bearing.find((it) => !before.has(it.event))
  return shown === undefined ? [] : [{ claim, event: shown.event }]
}

function observed(context: string, bad: boolean, event: number, said: Shown[]): Observation {
  const traits: Observation['traits'] = {}
  for (const it of said) traits[traitOf(it.claim)] ??= it.event
  return { channel: 'model', context, bad, event, traits }
}

/** What sort of thing was said, and the group: `mistake clm_…`. */
function traitOf({ kind, group_id }: Claim): string {
  return `${FAMILY[kind]} ${group_id}`
}
