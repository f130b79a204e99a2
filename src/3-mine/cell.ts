import { hash } from 'node:crypto'
import type { Channel } from '../domain/review.ts'
import type { Cell } from '../domain/tally.ts'

/** What of a session decides which others it may be compared with. */
export type Comparable = {
  agent_version: string | null
  task: string | null
  /** The first words of a person. */
  title: string
}

/**
 * The cell of a session: agent version and intent.
 *
 * The intent is the task when it is known. Otherwise it is one of 256 buckets of similar first
 * messages (sign of 8 random projections of the words, Charikar 2002): coarse, but a function of the
 * message alone, so every machine agrees. Buckets are good enough to ask "in how many kinds of work was
 * this seen?"; they are too coarse to remove the difficulty of the work, so nothing that needs that is
 * mined from sessions without a task.
 */
export function cellOf(session: Comparable): Cell {
  return `${session.agent_version ?? ''}|${session.task === null ? `~${bucketOf(session.title)}` : session.task}`
}

/**
 * The stratum in which an occasion of a channel is compared. What people say and change is counted by person and
 * intent, so that it shows how many of them ask for it; habits in time by person and hour of the calendar (UTC); all
 * else by the session's cell.
 */
export function stratumOf(
  channel: Channel,
  session: { cell: Cell; person: string | null; at: string | null },
): Cell {
  switch (channel) {
    case 'edit':
    case 'correction':
      return `${session.person ?? ''}|${intentOf(session.cell)}`
    case 'temporal':
      return `${session.person ?? ''}|${session.at?.slice(0, 13) ?? ''}`
    default:
      return session.cell
  }
}

/** The intent half of a cell. */
export function intentOf(cell: Cell): string {
  return cell.slice(cell.indexOf('|') + 1)
}

/** The first half of a cell: the agent version, or the person in a channel that counts by people. */
export function versionOf(cell: Cell): string {
  return cell.slice(0, cell.indexOf('|'))
}

function bucketOf(text: string): number {
  const sums = new Array<number>(8).fill(0)
  const words = new Set(text.toLowerCase().match(/[a-z]{3,}/g) ?? [])
  for (const word of words) {
    const bits = Number.parseInt(hash('sha1', word).slice(0, 2), 16)
    for (let i = 0; i < 8; i++) sums[i]! += bits & (1 << i) ? 1 : -1
  }
  return sums.reduce((bucket, sum, i) => bucket | (sum > 0 ? 1 << i : 0), 0)
}
