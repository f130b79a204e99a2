/**
 * Whether two traits were shown by the same occasions, as far as a tally tells. Nothing here looks at how they went,
 * except to find the ids, so what is left out for it biases no test.
 */
import { type TallyRow, totalOf } from '../domain/tally.ts'

/** Traits that share this much of their occasions cannot be told apart: one hypothesis, not two (mining.md 7.7). */
export const SAME_EXPOSURE = 0.9

/** The sessions that showed a trait, as far as its row tells: how many in each cell, and the ids of a sample of them. */
export type Exposure = { cells: TallyRow['cells']; ids: Set<string>; last: string }

export function exposureOf(row: TallyRow): Exposure {
  const { bad, good } = row.sightings
  const [all_bad, all] = totalOf(row)
  const ends = [
    ...(bad.length < all_bad ? [bad.at(-1)?.session_id ?? ''] : []),
    ...(good.length < all - all_bad ? [good.at(-1)?.session_id ?? ''] : []),
  ].sort()
  const ids = [...bad, ...good].map((it) => it.session_id).sort()
  return { cells: row.cells, ids: new Set(ids), last: ends[0] ?? LAST_OF_ALL }
}

/** Behind every id. */
const LAST_OF_ALL = '\uffff'

/**
 * Jaccard index |A ∩ B| / |A ∪ B| of two exposures: the lesser of what two sources allow.
 *
 * - Counts in each cell, an upper bound: Σ min(a_c, b_c) / Σ max(a_c, b_c).
 * - The sessions with the lowest ids, which a row keeps. Ids are hashes, so they are a random sample of the union,
 *   and the share of it that stands in both rows estimates the index without bias (Broder 1997; bottom-k sketch); exact
 *   when the rows keep all their sessions.
 */
export function exposureOverlap(a: Exposure, b: Exposure): number {
  const sampled = overlapOfSample(a, b)
  // Who asks wants to know of exposures that are nearly the same.
  return sampled < 0.5 ? sampled : Math.min(sampled, overlapOfCells(a, b))
}

/**
 * Three marks of an exposure, one of which every other that is the same has too, so that only few need be compared:
 * the pairs of its lowest three ids. A row keeps at most 16 ids, so of two that agree in 0.9 one id at most stands in
 * one alone.
 */
export function marksOf({ ids }: Exposure): string[] {
  const [a, b, c] = ids
  return [`${a} ${b}`, `${a} ${c}`, `${b} ${c}`]
}

/** Both keep all their ids up to the lesser `last`; what lies behind is not compared. */
function overlapOfSample(a: Exposure, b: Exposure): number {
  const last = [a.last, b.last].sort()[0]!
  let both = 0
  let either = 0
  for (const id of a.ids) {
    if (id > last) break
    either++
    if (b.ids.has(id)) both++
  }
  for (const id of b.ids) {
    if (id > last) break
    if (!a.ids.has(id)) either++
  }
  return either === 0 ? 1 : both / either
}

function overlapOfCells({ cells: a }: Exposure, { cells: b }: Exposure): number {
  let both = 0
  let either = 0
  for (const cell in a) {
    const [x, y] = [a[cell]![1], b[cell]?.[1] ?? 0]
    both += Math.min(x, y)
    either += Math.max(x, y)
  }
  for (const cell in b) if (!(cell in a)) either += b[cell]![1]
  return either === 0 ? 0 : both / either
}
