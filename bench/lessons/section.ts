import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** One question that the benchmark answers: a table to read, and the bars it has to reach. */
export type Section = {
  name: string
  /** What is measured, on what, with which settings: one or two sentences. */
  about: string
  /** The table, a record a row. */
  rows: Record<string, string | number>[]
  bars: Bar[]
  /** Why nothing was measured; null when something was. */
  skipped: string | null
}

/** A number and the side of the limit it has to be on. */
export type Bar = { name: string; value: number; limit: number; is: 'at least' | 'at most' }

export function isMet({ value, limit, is }: Bar): boolean {
  return is === 'at least' ? value >= limit : value <= limit
}

/** The recordings, which are not part of the project; null when they are not on this machine. */
export function recordings(): string | null {
  const folder = process.env.REVERIE_DATA ?? join(import.meta.dirname, '../../../shared/data')
  return existsSync(folder) ? folder : null
}

/** A section that could not be measured, and why. */
export function skipped(name: string, why: string): Section {
  return { name, about: '', rows: [], bars: [], skipped: why }
}
