import type { Channel } from '../domain/review.ts'
import type { Cell } from '../domain/tally.ts'
import { signatureOf } from './intent.ts'

/** What of a session decides which others it may be compared with. */
export type Comparable = {
  agent_version: string | null
  task: string | null
  /** The first words of a person. */
  title: string
  /** What those were counted as, where the words themselves are no longer kept. */
  intent?: string | null
}

/**
 * The cell of a session: agent version and intent.
 *
 * The intent is the task when it is known. Otherwise it is the signature of the first words, which is made into a cluster
 * when the tally is mined (`intent.ts`). A cell is a function of its session alone, so every machine agrees.
 */
export function cellOf(session: Comparable): Cell {
  return cellIn(session.agent_version ?? '', session.task ?? session.intent ?? signatureOf(session.title))
}

/**
 * The cell of these two halves. Only the second may hold a bar: one in the name of a version or person is written as a character that
 * Unicode keeps out of texts, so a name without one is stored as it is.
 */
export function cellIn(name: string, intent: string): Cell {
  return `${name.replaceAll('|', BAR)}|${intent}`
}

const BAR = '\uFDD0'

/**
 * The stratum in which an occasion of a channel is compared. What people say and change is counted by person and
 * intent, so that it shows how many of them ask for it, and so is what a model read in what they say; habits in time by
 * person and hour of the calendar (UTC); all else by the session's cell, and by the `rule` that verified its outcome where
 * that is what is counted.
 */
export function stratumOf(
  channel: Channel,
  session: { cell: Cell; person: string | null; at: string | null },
  rule?: string,
): Cell {
  switch (rule === undefined ? channel : 'session') {
    case 'edit':
    case 'correction':
    case 'model':
      return cellIn(session.person ?? '', intentOf(session.cell))
    case 'temporal':
      return cellIn(session.person ?? '', session.at?.slice(0, 13) ?? '')
    default:
      return rule === undefined
        ? session.cell
        : cellIn(`${versionOf(session.cell)}${BY}${rule}`, intentOf(session.cell))
  }
}

/** Stands in a cell before the rule that judged its sessions: they are compared like those of another agent version. */
const BY = ' by '

/** The rule in a cell; null where none is told. */
export function ruleOf(cell: Cell): string | null {
  const version = versionOf(cell)
  const at = version.lastIndexOf(BY)
  return at === -1 ? null : version.slice(at + BY.length)
}

/** The intent half of a cell. */
export function intentOf(cell: Cell): string {
  return cell.slice(cell.indexOf('|') + 1)
}

/** The first half of a cell: the agent version, or the person in a channel that counts by people. */
export function versionOf(cell: Cell): string {
  return cell.slice(0, cell.indexOf('|')).replaceAll(BAR, '|')
}
