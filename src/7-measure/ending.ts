/** Ending: when there is nothing left to compare, because no session is given the lesson any more, or given another under its name. */
import type { Pattern } from '../domain/pattern.ts'

type Status = Pattern['status']

/** A lesson that stands so is given to no session, whatever its memory says. */
const NOT_TOLD: ReadonlySet<Status> = new Set(['stale', 'dormant', 'disputed', 'retired'])

/**
 * Why the experiment on a lesson ends, in a phrase for its `reason` and for the audit log; null while it goes on.
 *
 * `status` is that of the pattern, null where it is not known any more; `is_live` says whether a live memory tells it, and `is_another` whether what
 * it says was something else until tonight, as when another remedy takes the place of the one before. A lesson that
 * comes back later is a new one to the sessions that are given it, so a new experiment begins then.
 */
export function endedBecause(status: Status | null, is_live: boolean, is_another = false): string | null {
  if (status === null) return 'the lesson is not known any more'
  if (NOT_TOLD.has(status)) return `the lesson is ${status}`
  if (!is_live) return 'no live memory tells the lesson'
  return is_another ? 'the lesson says something else now' : null
}
