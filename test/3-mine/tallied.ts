/** Sessions as the miner sees them: reviewed, counted by cell, added up. */
import { reviewSession } from '../../src/2-review/review.ts'
import { cellOf } from '../../src/3-mine/cell.ts'
import type { Finding } from '../../src/3-mine/finding.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { overnight } from '../../src/3-mine/overnight.ts'
import { tallyOf } from '../../src/3-mine/tally.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { Session } from '../../src/domain/session.ts'
import type { Tally } from '../../src/domain/tally.ts'
import { type Step, session } from '../session-builder.ts'

/** `n` sessions of the same steps. Each is of a task of its own, unless there are fewer `tasks`. */
export function runs(n: number, steps: Step[], facts: { tasks?: number; outcome?: Outcome } = {}): Session[] {
  const { tasks = n, ...rest } = facts
  return Array.from({ length: n }, (_, i) => ({ ...session(...steps), task: `task-${i % tasks}`, ...rest }))
}

export function tallied(sessions: Session[]): Tally {
  return tallyOf(
    sessions.map((it, i) => ({
      session_id: `sesn_${String(i).padStart(4, '0')}`,
      cell: cellOf({ ...it, title: '' }),
      person: it.person,
      at: it.started_at,
      observations: reviewSession(it),
    })),
  )
}

export function findingsIn(sessions: Session[]): Finding[] {
  return mine(tallied(sessions)).findings
}

/** The same, without what those that are told after a first night explain. */
export function unexplainedIn(sessions: Session[]): Finding[] {
  const tally = tallied(sessions)
  const night = { agent: 'desk', counted: [], touched: tally, tally, isFirstLook: () => true }
  return [...overnight(mine(tally).findings, [], night).found.keys()]
}

/** What a finding says, in short: its kind, what it is about, and what of it. */
export function told({ kind, context, trait }: Finding): string {
  return [kind, context, trait].filter((it) => it !== '').join(': ')
}

/** mulberry32: the same numbers in every run. */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
