import { hash } from 'node:crypto'
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

/** The intent half of a cell. */
export function intentOf(cell: Cell): string {
  return cell.slice(cell.indexOf('|') + 1)
}

/** The agent-version half of a cell. */
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
