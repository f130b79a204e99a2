import { firstLooks } from '../../src/3-mine/first-look.ts'
import { asKnown } from '../../src/3-mine/known-wishes.ts'
import { lessonOf } from '../../src/3-mine/lesson.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { overnight } from '../../src/3-mine/overnight.ts'
import { sinceAlarms } from '../../src/3-mine/since.ts'
import { type Counted, mergeTallies, tallyOf } from '../../src/3-mine/tally.ts'
import type { Pattern } from '../../src/domain/pattern.ts'
import type { Tally } from '../../src/domain/tally.ts'

/** A memory store, night after night, as a dream keeps it. */
export class Store {
  known: Pattern[] = []
  private readonly tally: Tally = new Map()

  dream(counted: Counted[]): Pattern[] {
    const isFirstLook = firstLooks(this.tally)
    const touched = tallyOf(counted)
    mergeTallies(this.tally, touched)
    const night = { agent: 'desk', counted, touched, tally: this.tally, isFirstLook }
    const { findings } = mine(this.tally, sinceAlarms(this.known))
    const { found, others } = overnight(asKnown(findings, this.known, 'desk'), this.known, night)
    // What is shown of the counts goes on being counted.
    this.known = structuredClone([
      ...[...found].map(([it, standing]) => ({ ...lessonOf(it, 'desk', []), ...standing })),
      ...others,
    ])
    return this.known
  }
}
