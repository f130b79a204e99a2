/**
 * What a person rejected or took back is not proposed again, unless
 * - the sessions that speak for it have at least doubled since, or
 * - the reason no longer applies: its last day has passed, or the memory that was to cover it is gone.
 */
import type { Change } from '../domain/change.ts'
import { keysOf, type Tombstone } from '../domain/tombstone.ts'

/** How many times the sessions of then must speak for it now. */
const GROWTH = 2

export type Ground = {
  /** How many sessions speak for the change. */
  sessions: number
  /** `YYYY-MM-DD`. */
  today: string
  /** Where memories stand. */
  paths: Set<string>
}

type Proposed = Pick<Change, 'kind' | 'pattern_ids' | 'before' | 'after'>

/** Whether one of the tombstones keeps this change from being proposed. */
export function isBuried(change: Proposed, tombstones: Tombstone[], ground: Ground): boolean {
  return over(change, tombstones).some((it) => holds(it, ground))
}

/** Why a change is proposed again that people once did not want, in words for whoever decides; null where nobody said so. */
export function whyAgain(change: Proposed, tombstones: Tombstone[], ground: Ground): string | null {
  const last = over(change, tombstones).at(-1)
  if (last === undefined) return null
  const { cause, reason, sessions, until, covered_by } = last
  const before = `${CAUSES[cause]} before${reason === '' ? '' : `, saying “${reason}”`}`
  if (until !== null && ground.today > until) return `${before}; that was to hold until ${until}.`
  if (covered_by !== null && !ground.paths.has(covered_by))
    return `${before}; ${covered_by}, which was to cover it, is gone.`
  return `${before}. Then ${inSessions(sessions)} spoke for it, now ${inSessions(ground.sessions)}.`
}

const CAUSES = { rejected: 'Rejected', undone: 'Taken back', retired: 'Taken out of the memory' }

function inSessions(n: number): string {
  return `${n} ${n === 1 ? 'session' : 'sessions'}`
}

/** Those that were made for this change, or for one like it. */
function over(change: Proposed, tombstones: Tombstone[]): Tombstone[] {
  const keys = new Set(keysOf(change))
  return tombstones.filter((it) => it.kind === change.kind && keys.has(it.key))
}

function holds({ sessions, until, covered_by }: Tombstone, ground: Ground): boolean {
  if (until !== null && ground.today > until) return false
  if (covered_by !== null && !ground.paths.has(covered_by)) return false
  return ground.sessions < GROWTH * Math.max(1, sessions)
}
