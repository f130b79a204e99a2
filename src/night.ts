/**
 * A night: what is counted, what is new in it and what was known in; what was found, and where each pattern stands now, out.
 *
 * A dream judges tonight so, and an erasure every night again, without the sessions that are gone.
 */
import { byCluster } from './3-mine/intent.ts'
import { asKnown } from './3-mine/known-wishes.ts'
import { withoutSuspects, withoutSuspectVerdicts } from './3-mine/outcome-source.ts'
import { type Night, overnight } from './3-mine/overnight.ts'
import { sinceAlarms } from './3-mine/since.ts'
import type { Pattern } from './domain/pattern.ts'
import type { Tally } from './domain/tally.ts'
import { mineOnThread } from './mine-on-thread.ts'

export type Judged = ReturnType<typeof overnight> &
  Pick<Awaited<ReturnType<typeof mineOnThread>>, 'notes' | 'alerts'>

export async function judge(night: Night, known: Pattern[]): Promise<Judged> {
  const { findings, notes, alerts, clusters, suspects } = await mineOnThread(night.tally, sinceAlarms(known))
  const trusted = (it: Tally) => withoutSuspects(byCluster(it, clusters), suspects)
  const judged = overnight(asKnown(findings, known, night.agent), known, {
    ...night,
    counted: withoutSuspectVerdicts(night.counted, suspects),
    touched: trusted(night.touched),
    tally: trusted(night.tally),
  })
  return { ...judged, notes, alerts }
}
