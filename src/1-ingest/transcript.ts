import type { Session } from '../domain/session.ts'

/** One entry of a transcript file: a JSON value and where it stood. */
export type Entry = {
  /** 1-based. */
  line: number
  value: unknown
}

/** Something of a transcript that could not be read, and why; the rest is kept. */
export type Problem = {
  /** 1-based line, null when it concerns the whole file. */
  line: number | null
  reason: string
}

/** What is known of a transcript before it is read. */
export type Source = {
  /** Path as the user would recognise it. */
  path: string
  /** The agent's name when the user gave one; otherwise the parser works it out. */
  agent: string | null
}

/** One session as its harness wrote it: complete, not yet redacted, without an id of ours. */
export type Transcript = {
  session: Omit<Session, 'id'>
  /**
   * True where the harness gives every event an id that survives copying (a uuid), so the same
   * event id in two files is the same event. False where event ids are numbered by us.
   */
  event_ids_survive_copying: boolean
  /** Whether the session's id was given to it as its name, so that another session has another: no file's name, hash, or id of a request. */
  has_own_name: boolean
  /** Kinds of entries that were passed over, counted: unknown types and those without meaning for us. */
  passed_over: Record<string, number>
}

/**
 * A parser reads the entries of one file and gives the sessions in it, each as soon as it is complete.
 *
 * Guarantees of every parser: whatever the entries are, it never throws; what it cannot read it
 * reports and passes over; an entry of an unknown type is counted in `passed_over`, never fatal.
 */
export type Parser = (
  entries: Iterable<Entry>,
  source: Source,
  report: (problem: Problem) => void,
) => Generator<Transcript>
