/** How the whole of a database is: for whoever looks after a server. */
import { type Counts, countsOf, isCurrent } from '../db/counts.ts'
import type { Opened } from './opened.ts'

/** Counting is not free, and whoever watches a server asks again and again. */
const COUNTED_EVERY_MS = 15_000

export function healthOf({ db }: Opened) {
  let counted: { at: number; counts: Counts } | null = null
  return {
    /** Whether the database answers, in the shape that this version knows. */
    async isReady(): Promise<boolean> {
      try {
        return await isCurrent(db)
      } catch {
        // Not ready is the answer, whatever the reason.
        return false
      }
    },

    /** What is in the database, all workspaces together, as of at most 15 seconds ago. */
    async counts(): Promise<Counts> {
      const at = performance.now()
      if (counted === null || at - counted.at > COUNTED_EVERY_MS) counted = { at, counts: await countsOf(db) }
      return counted.counts
    },
  }
}
