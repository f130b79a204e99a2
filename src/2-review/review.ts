/**
 * Review: one session in, one review out.
 *
 * A review is what is worth counting in a session: occasions, how each went, and what was true at the
 * time. It is a function of the session alone, the same on every machine for the same `REVIEWER`.
 *
 * This stage reads one session and never looks at another: what recurs is for `3-mine` to find.
 */
import type { Copied, Observation } from '../domain/review.ts'
import type { Session } from '../domain/session.ts'
import { observeApprovals, withRule } from './approval-channel.ts'
import { observeDeadOnArrival } from './arrival-channel.ts'
import { callsOf } from './call.ts'
import { observeCalls } from './call-channel.ts'
import { observeCorrections } from './correction-channel.ts'
import { observeEdits } from './edit-channel.ts'
import { observeRepairs } from './repair-channel.ts'
import { observeSession } from './session-channel.ts'
import { observeWishes } from './temporal-channel.ts'

/** Raised whenever the same session would give other observations, so that old reviews are made again. */
export const REVIEWER = 6

/** What a session shows. Of a copy, only what its original has not shown. */
export function reviewSession(session: Omit<Session, 'id'>, copied: Copied | null = null): Observation[] {
  const dead = observeDeadOnArrival(session)
  const observations = dead === null ? observe(session) : [dead]
  return copied === null ? observations : withoutCopied(observations, copied)
}

function observe(session: Omit<Session, 'id'>): Observation[] {
  const calls = callsOf(session.events)
  const corrections = observeCorrections(session.events, calls)
  return [
    ...observeCalls(calls, session.events),
    ...observeRepairs(calls, session.events),
    ...withRule(session, observeSession(session, calls)),
    ...observeApprovals(session, calls),
    ...corrections,
    ...observeEdits(session, corrections),
    ...observeWishes(session),
  ]
}

export function withoutCopied(observations: Observation[], copied: Copied): Observation[] {
  const events = new Set(copied.events)
  const isNew = (it: Observation) => !events.has(it.event)
  return observations.filter((it) => {
    if (isOfOutcome(it)) return !copied.was_judged
    return isNew(it) || (isHeldAgainstOutcome(it) && !copied.was_judged)
  })
}

/** Whether it says how a whole session ended, which is no news once the original has said it. */
function isOfOutcome({ channel, context }: Observation): boolean {
  return channel === 'session' || context.startsWith('outcome ')
}

/** Whether it sets what somebody thought of a session beside how it ended: news when either is. */
function isHeldAgainstOutcome({ channel, context }: Observation): boolean {
  return channel === 'approval' && /^(?:verified and judged|approved) by /.test(context)
}
