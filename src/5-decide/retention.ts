/**
 * Retention: how long a session may be kept, by the policy in force and the day on which it ended.
 *
 * The first rule that fits its agent decides; one that no rule fits is kept.
 */
import type { Policy } from '../domain/policy.ts'
import { fitsGlob } from './glob.ts'

/** Until when a session has to have ended for it, or for its transcript, to go; RFC 3339, null where it stays. */
export type KeptSince = { sessions: string | null; transcripts: string | null }

export function keptSince({ retention }: Pick<Policy, 'retention'>, agent: string, now: Date): KeptSince {
  const rule = retention.find(
    (it) => it.agent === undefined || it.agent.some((glob) => fitsGlob(glob, agent)),
  )
  return { sessions: before(rule?.sessions, now), transcripts: before(rule?.transcripts, now) }
}

function before(days: string | undefined, now: Date): string | null {
  if (days === undefined) return null
  return new Date(now.getTime() - Number.parseInt(days, 10) * DAY_MS).toISOString()
}

const DAY_MS = 86_400_000
