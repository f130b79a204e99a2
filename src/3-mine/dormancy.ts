/**
 * Dormancy: how long nothing of the kind was seen.
 *
 * Time is counted in weeks in which the agent worked, so that lessons do not fall asleep while it rests; and not in those in which
 * sessions were told the lesson, for then it may be the lesson's doing that nothing was seen.
 */
import { EVERY, rowKey, type Tally } from '../domain/tally.ts'
import type { Claim } from './expectation.ts'
import { weeksTold } from './told.ts'

/** Ninety days. */
const DORMANT_AFTER_WEEKS = 13

/** The calendar weeks with any session, of those that have a time. */
export function weeksOfWork(tally: Tally): Set<number> {
  const weeks = new Set<number>()
  for (const row of tally.values()) {
    if (row.trait === EVERY) for (const week in row.weeks) if (Number(week) >= 0) weeks.add(Number(week))
  }
  return weeks
}

export function isLongUnseen(claim: Claim, tally: Tally, weeks_of_work: Set<number>): boolean {
  const seen = Object.keys(tally.get(seenIn(claim))?.weeks ?? {}).map(Number)
  if (seen.length === 0 || seen.includes(-1)) return false
  const last = Math.max(...seen)
  const unseen = [...weeks_of_work].filter((it) => it > last)
  if (unseen.length < DORMANT_AFTER_WEEKS) return false
  const told = weeksTold(tally, claim)
  return unseen.filter((it) => !(it in told)).length >= DORMANT_AFTER_WEEKS
}

/** The context of a call or of an error names the thing itself; elsewhere the trait does. */
function seenIn({ channel, context, trait }: Claim): string {
  return rowKey(context, channel === 'call' || channel === 'repair' ? EVERY : trait)
}
