/**
 * Since: of an error whose remedy stopped working, what was counted from then on.
 *
 * The sessions in which the remedy worked stand in the tally still, and would hide for months what works in its place. So the night on
 * which a lesson about an error stops holding (`staleness.ts`) notes what had been counted of that error by then, without those who were told it
 * (`watch.counted_before`), and what mends it is mined from what was counted besides. The tally itself keeps all of it and stays
 * additive. What was noted stays with whatever lesson the error has next, and the next alarm notes it anew.
 */
import type { Pattern } from '../domain/pattern.ts'
import { type Count, EVERY, type Tally, type TallyRow, totalOf } from '../domain/tally.ts'
import type { Claim } from './expectation.ts'
import { untoldIn } from './told.ts'

/** What is not believed any more: by context of an error, then by trait. */
export type Since = Map<string, Map<string, Count>>

export function sinceAlarms(known: Pattern[]): Since {
  return new Map(
    known.flatMap(({ context, watch: { counted_before } }) =>
      counted_before === undefined ? [] : [[context, new Map(Object.entries(counted_before))] as const],
    ),
  )
}

/** What is to be noted when a claim stops holding, of rows with at least so many occasions; undefined when it is not about an error. */
export function countedBefore(
  { channel, context }: Claim,
  tally: Tally,
  min_support: number,
): Pattern['watch']['counted_before'] {
  if (channel !== 'repair') return undefined
  const untold = untoldIn(tally)
  const rows = [...tally.values()].filter((it) => it.context === context && totalOf(it)[1] >= min_support)
  rows.sort((a, b) => (a.trait < b.trait ? -1 : 1))
  return Object.fromEntries(rows.map((it) => [it.trait, totalOf(untold(it, EVERY))]))
}

/** `[bad, n]` of a row of an error, as far as it is believed. */
export function totalSince(row: TallyRow, since: Since): Count {
  const [bad, n] = totalOf(row)
  const [bad_before, n_before] = since.get(row.context)?.get(row.trait) ?? [0, 0]
  return [bad - bad_before, n - n_before]
}
