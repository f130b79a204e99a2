/**
 * First look: what had been counted before a night in; which findings of that night nobody could have tested before, out.
 *
 * A p value stands one look. What goes with how sessions end is tested from so many outcomes on, so its first look is the first night on
 * which there are as many, whatever nights were before: none of them looked at how these sessions ended. Which night that is follows from
 * a number of sessions and never from how they ended, so its p values are worth as much as those of a backlog that is dreamed of in one go. But
 * whoever works night by night gets the confirmation of later sessions for nothing: only what is beyond doubt does not wait for it.
 * Outcomes that are not trusted tonight are among them, for they were looked at while they were. All else is tested from a store's first night on.
 */
import { EVERY, rowKey, type Tally } from '../domain/tally.ts'
import type { Finding } from './finding.ts'
import { type EndingTier, hasEnoughOutcomes } from './session-lessons.ts'

export type IsFirstLook = (finding: Pick<Finding, 'channel' | 'tier' | 'q'>) => boolean

/** `before` is looked at now and not later, so tonight may be added to it. */
export function firstLooks(before: Tally): IsFirstLook {
  const is_first_night = before.size === 0
  const untested = FAMILIES.filter(
    ({ whole, tier }) => !hasEnoughOutcomes(before.get(rowKey(whole, EVERY)), tier),
  )
  return ({ channel, tier, q }) => {
    if (is_first_night) return true
    const is_untested = untested.some((it) => it.channel === channel && it.tier === tier)
    return is_untested && q !== null && q <= BEYOND_DOUBT
  }
}

/** A fifth of the rate at which a backlog is judged. */
const BEYOND_DOUBT = 0.01

/** What is tested together, and the context of which every session with an outcome is an occasion. */
const FAMILIES: { channel: Finding['channel']; tier: EndingTier; whole: string }[] = [
  { channel: 'session', tier: 'verified', whole: 'session' },
  { channel: 'session', tier: 'marker', whole: 'session' },
  { channel: 'model', tier: 'verified', whole: 'claims ended' },
]
