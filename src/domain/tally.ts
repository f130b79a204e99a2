import { z } from 'zod'

/** `[bad, n]`: on how many of `n` occasions it went badly. */
export const Count = z.tuple([z.number().int().nonnegative(), z.number().int().nonnegative()])
export type Count = z.infer<typeof Count>

/** Agent version and intent: the stratum inside which occasions are compared. */
export type Cell = string

/** Where to look an occasion up. */
export const Sighting = z.object({ session_id: z.string(), event: z.number().int().nonnegative() })
export type Sighting = z.infer<typeof Sighting>

/**
 * The counts of one trait in one context, over any set of sessions. All fields are additive, or a
 * function of the set alone (`sightings`), so tallies merge exactly, in any order, on any machine.
 *
 * The trait `''` stands for every occasion of the context: what the other traits are compared with.
 */
export const TallyRow = z.object({
  channel: z.string(),
  context: z.string(),
  trait: z.string(),
  cells: z.record(z.string(), Count),
  /** By calendar week (days since 1970 divided by 7), `-1` for occasions without a time. */
  weeks: z.record(z.string(), Count),
  /** At most eight each, those of the lowest session ids. */
  sightings: z.object({ bad: z.array(Sighting), good: z.array(Sighting) }),
})
export type TallyRow = z.infer<typeof TallyRow>

/** Rows by `rowKey`. */
export type Tally = Map<string, TallyRow>

/** What is added after such requests in a smaller share of all edited sessions tells nobody when to add it. */
export const RARE_EDIT = 0.01

/** The trait that stands for every occasion of a context. */
export const EVERY = ''

export function rowKey(context: string, trait: string): string {
  return `${context}\0${trait}`
}

/** `[bad, n]` over all cells; `[0, 0]` of nothing. */
export function totalOf(row: Pick<TallyRow, 'cells'> | undefined): Count {
  let bad = 0
  let n = 0
  for (const cell in row?.cells) {
    bad += row.cells[cell]![0]
    n += row.cells[cell]![1]
  }
  return [bad, n]
}
