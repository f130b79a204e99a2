/** Night: the hours in which models are cheap to ask, on the clock of a time zone. */
import { type Cron, nextTimes } from '../domain/cron.ts'
import type { Night } from './config.ts'

/** It has begun, and not ended: of the two the end comes first. */
export function isNight(night: Night, at: Date): boolean {
  return nightEnds(night, at) < nightBegins(night, at)
}

/** The first beginning after `at`. */
export function nightBegins({ from, timezone }: Night, at: Date): Date {
  return nextTimes(daily(from, timezone), at, 1)[0]!
}

/** The first end after `at`. */
export function nightEnds({ to, timezone }: Night, at: Date): Date {
  return nextTimes(daily(to, timezone), at, 1)[0]!
}

function daily(time: string, timezone: string): Cron {
  const [hour, minute] = time.split(':').map(Number)
  return { expression: `${minute} ${hour} * * *`, timezone }
}
