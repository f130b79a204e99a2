/** What a model says is believed as slowly as anything else that rests on a p value, and by the same rules. */
import { describe, expect, test } from 'vitest'
import { firstLooks } from '../../src/3-mine/first-look.ts'
import { lessonOf } from '../../src/3-mine/lesson.ts'
import { mergeTallies, tallyOf } from '../../src/3-mine/tally.ts'
import { keysOf } from '../../src/3-mine/told.ts'
import type { Pattern } from '../../src/domain/pattern.ts'
import type { Tally } from '../../src/domain/tally.ts'
import { judge } from '../../src/night.ts'
import { type Case, counted, judged, times } from '../3-mine/claimed-sessions.ts'

/** What a store knows after these nights of what a model said. */
async function knownAfter(nights: Case[][]): Promise<Pattern[]> {
  const tally: Tally = new Map()
  let known: Pattern[] = []
  for (const [i, cases] of nights.entries()) {
    const sessions = counted(cases).map((it) => ({ ...it, session_id: `${it.session_id}-${i}` }))
    const isFirstLook = firstLooks(tally)
    const touched = tallyOf(sessions)
    mergeTallies(tally, tallyOf(sessions))
    const night = { agent: 'desk', counted: sessions, touched, tally, isFirstLook }
    const { found, others } = await judge(night, known)
    const told = [...found].map(([it, standing]) => ({ ...lessonOf(it, 'desk', []), ...standing }))
    known = [...told, ...others]
  }
  return known.filter((it) => it.channel === 'model')
}

const HELPS = { with: 0.8, without: 0.2 }
const statuses = async (...nights: Case[][]) => (await knownAfter(nights)).map((it) => [it.tier, it.status])

describe('what goes with how sessions end', () => {
  const work = judged(7, { with: 0.3, without: 0.3 }, 'other-1').slice(0, 160)

  test('is told at once by a store that looks for the first time', async () => {
    expect(await statuses(judged(1, HELPS))).toEqual([['verified', 'probation']])
  })

  test('waits for later sessions where a store looks again, and is confirmed by them', async () => {
    const isHelp = (it: Pattern) => it.trait === 'mistake clm_value-1'
    const before = (await knownAfter([work, judged(1, HELPS)])).filter(isHelp)
    expect(before.map((it) => [it.tier, it.status, it.e])).toEqual([['verified', 'candidate', 1]])
    const later = (await knownAfter([work, judged(1, HELPS), judged(2, HELPS)])).filter(isHelp)
    expect(later.map((it) => it.status)).toEqual(['confirmed'])
    expect(later[0]!.e).toBeGreaterThan(100)
  })

  test('is not confirmed by sessions in which it makes no difference', async () => {
    const nothing = judged(2, { with: 0.4, without: 0.4 })
    const [later] = (await knownAfter([work, judged(1, HELPS), nothing])).filter(
      (it) => it.tier === 'verified',
    )
    expect(later!.status).toBe('candidate')
  })
})

describe('what people want, as a model read it', () => {
  const wished = times(6, () => ({ claims: ['wish-1'] }))
  const lesson = { channel: 'model' as const, context: 'claims said', trait: 'preference clm_wish-1' }

  test('is told the night on which it was said often enough', async () => {
    expect(await statuses(wished.slice(0, 3))).toEqual([['people', 'candidate']])
    expect(await statuses(wished.slice(0, 3), wished.slice(0, 1))).toEqual([['people', 'probation']])
  })

  test('stays told while those who were told it no longer say it', async () => {
    const heeded = times(40, () => ({ claims: [], told: keysOf(lesson) }))
    expect(await statuses(wished, ...times(8, () => heeded))).toEqual([['people', 'probation']])
  })
})

test('what a model only repeats is a candidate after any number of nights', async () => {
  const nights = times(20, () => times(10, () => ({ claims: ['value-1'] })))
  expect(await statuses(...nights)).toEqual([['marker', 'candidate']])
})
