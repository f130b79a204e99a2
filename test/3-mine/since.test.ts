/**
 * When a tool changes, the remedy that used it is withdrawn by those who see it first, and what works in its place is told as soon as it is seen,
 * however long the other one had worked.
 */
import { describe, expect, test } from 'vitest'
import { firstLooks } from '../../src/3-mine/first-look.ts'
import { lessonOf } from '../../src/3-mine/lesson.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { overnight } from '../../src/3-mine/overnight.ts'
import { sinceAlarms } from '../../src/3-mine/since.ts'
import { type Counted, mergeTallies, tallyOf } from '../../src/3-mine/tally.ts'
import { keysOf } from '../../src/3-mine/told.ts'
import type { Pattern } from '../../src/domain/pattern.ts'
import type { Observation } from '../../src/domain/review.ts'
import type { Tally } from '../../src/domain/tally.ts'

const ERROR = 'repair parse | file too large'
const TOLD = keysOf({ channel: 'repair', context: ERROR, trait: 'switch stream' })

describe('a remedy', () => {
  test.each([
    { who: 'were told it', told: TOLD, worked: false, status: 'stale' },
    { who: 'were told it', told: TOLD, worked: true, status: 'probation' },
    { who: 'were not', told: [], worked: false, status: 'stale' },
    { who: 'were not', told: [], worked: true, status: 'probation' },
  ])('is $status when in sessions that $who it worked: $worked', ({ told, worked, status }) => {
    const store = withRemedy()
    store.dream(sessions(6, [tried('switch stream', worked)], told))
    expect(store.remedy()).toMatchObject({ trait: 'switch stream', status })
  })

  test('that works for all whom it was told, for 400 nights, has no more to show for it than before', () => {
    const store = withRemedy()
    const { watch, ...before } = store.remedy()
    for (let night = 0; night < 400; night++)
      store.dream(sessions(3, [tried('switch stream', true)], TOLD, night))
    expect(store.remedy()).toEqual({ ...before, watch: { ...watch, detector: expect.any(Number) } })
  })

  test('is not taken back, and nothing said against it, because it works a little less often than what is told first', () => {
    const store = new Store()
    store.dream([...sessions(4, [tried('again', true)]), ...sessions(30, [tried('give up', false)])])
    expect(store.remedy()).toMatchObject({ trait: 'again', status: 'probation' })
    for (const n of [3, 6]) {
      store.dream([...sessions(n, [tried('again', true)]), ...sessions(n, [tried('again', false)])])
      expect(store.remedy()).toMatchObject({ trait: 'again', status: 'probation' })
    }
    const fresh = new Store()
    fresh.dream([
      ...sessions(13, [tried('again', true)]),
      ...sessions(9, [tried('again', false)]),
      ...sessions(30, [tried('give up', false)]),
    ])
    expect(fresh.remedy()).toMatchObject({ trait: 'again', status: 'candidate' })
  })

  test('that is told goes before another that is not sure', () => {
    const store = new Store()
    store.dream([...sessions(4, [tried('again', true)]), ...sessions(30, [tried('give up', false)])])
    store.dream([
      ...sessions(40, [tried('again', false)]),
      ...sessions(20, [tried('switch chunks', true)]),
      ...sessions(12, [tried('switch chunks', false)]),
    ])
    expect(mine(store.tally).findings).toMatchObject([{ trait: 'switch chunks', published: false }])
    expect(store.known).toMatchObject([{ trait: 'again', status: 'stale' }])
  })

  test('that is stale does not come back by sessions that were told it, but by others', () => {
    const store = changed()
    for (let night = 0; night < 5; night++) store.dream(sessions(6, [tried('switch stream', true)], TOLD))
    expect(store.remedy()).toMatchObject({ status: 'stale', watch: { since: { held: 0, n: 0 } } })
    store.dream(sessions(6, [tried('switch stream', true)]))
    store.dream(sessions(6, [tried('switch stream', true)]))
    expect(store.remedy()).toMatchObject({ trait: 'switch stream', status: 'probation' })
  })

  test('is told no more, however often it had worked, while nothing works', () => {
    const store = changed()
    for (let night = 0; night < 5; night++) {
      store.dream(sessions(2, [tried('switch stream', false)]))
      expect(store.remedy().status).toMatch(/^(?:stale|candidate)$/)
    }
  })
})

test('a warning is not taken back because those who were warned found a way out', () => {
  const store = new Store()
  store.dream(sessions(20, [tried('again', false)]))
  expect(store.remedy()).toMatchObject({ trait: 'again', status: 'probation' })
  for (let night = 0; night < 10; night++) store.dream(sessions(6, [tried('again', true)], TOLD))
  expect(store.remedy()).toMatchObject({ trait: 'again', status: 'probation' })
})

describe('after a remedy has stopped working', () => {
  test('what works in its place is told the night it is seen, and by what was counted since', () => {
    const store = changed()
    store.dream(sessions(6, [tried('switch chunks', true)]))
    expect(mine(store.tally).findings).toMatchObject([{ trait: 'switch stream' }])
    expect(store.remedy()).toMatchObject({
      ...{ trait: 'switch chunks', status: 'probation', sessions: 6 },
      effect: { exposed: [0, 6], unexposed: [0, 0] },
    })
  })

  test('the next alarm notes anew what is not believed', () => {
    const store = changed()
    const before = store.remedy().watch.counted_before
    store.dream(sessions(6, [tried('switch chunks', true)]))
    expect(store.remedy().watch.counted_before).toEqual(before)
    store.dream(sessions(15, [tried('switch chunks', false)], TOLD))
    expect(store.remedy()).toMatchObject({
      status: 'stale',
      // Of those who were told it nothing was counted, so nothing has to be taken out.
      watch: { counted_before: { ...before, '': [10, 46], met: [10, 46], 'switch chunks': [0, 6] } },
    })
    store.dream(sessions(6, [tried('switch bytes', true)]))
    expect(store.remedy()).toMatchObject({ trait: 'switch bytes', sessions: 6 })
  })

  test('what is known of other errors is counted as ever', () => {
    const other = 'repair send | not open'
    const store = changed()
    store.dream(sessions(6, [{ ...tried('switch post', true), context: other }]))
    const found = () => store.known.find((it) => it.context === other)
    expect(found()).toMatchObject({ sessions: 6, watch: { counted_before: undefined } })
    store.dream(sessions(6, [{ ...tried('switch post', true), context: other }]))
    expect(found()).toMatchObject({ sessions: 12 })
  })

  test.each([
    { action: 'chunks', which: 'another way out of the error, is stale with it', status: 'stale' },
    { action: 'mail', which: 'no way out of it, is told still', status: 'probation' },
  ])('a warning of $action, $which', ({ action, status }) => {
    const context = `call ${action}`
    const fails: Observation = { channel: 'call', context, bad: true, event: 1, traits: {} }
    const store = new Store()
    store.dream([
      ...sessions(20, [tried('switch stream', true)]),
      ...sessions(4, [tried('switch chunks', false)]),
      ...sessions(30, [fails]),
    ])
    const warning = () => store.known.find((it) => it.context === context && it.trait === '')
    expect(warning()).toMatchObject({ status: 'probation' })
    store.dream(sessions(6, [tried('switch stream', false)], TOLD))
    expect(warning()).toMatchObject({ status })
    store.dream(sessions(3, []))
    expect(warning()).toMatchObject({ status })
    store.dream(sessions(6, [fails]))
    expect(warning()).toMatchObject({ status: 'probation' })
  })
})

/** A store that tells a remedy which has always worked. */
function withRemedy(): Store {
  const store = new Store()
  store.dream([...sessions(30, [tried('switch stream', true)]), ...sessions(10, [tried('again', false)])])
  expect(store.remedy()).toMatchObject({ trait: 'switch stream', status: 'probation' })
  return store
}

/** The same, on the night after which it works no more. */
function changed(): Store {
  const store = withRemedy()
  store.dream(sessions(6, [tried('switch stream', false)], TOLD))
  expect(store.remedy().status).toBe('stale')
  return store
}

/** A memory store, night after night, as a dream keeps it. */
class Store {
  known: Pattern[] = []
  readonly tally: Tally = new Map()

  dream(counted: Counted[]): void {
    const isFirstLook = firstLooks(this.tally)
    const touched = tallyOf(counted)
    mergeTallies(this.tally, touched)
    const night = { agent: 'desk', counted, touched, tally: this.tally, isFirstLook }
    const { findings } = mine(this.tally, sinceAlarms(this.known))
    const { found, others } = overnight(findings, this.known, night)
    // What is shown of the counts goes on being counted.
    this.known = structuredClone([
      ...[...found].map(([it, standing]) => ({ ...lessonOf(it, 'desk', []), ...standing })),
      ...others,
    ])
  }

  /** What is known of the error. */
  remedy(): Pattern {
    return this.known.find((it) => it.context === ERROR)!
  }
}

function tried(how: string, worked: boolean): Observation {
  return { channel: 'repair', context: ERROR, bad: !worked, event: 1, traits: { met: 0, [how]: 1 } }
}

let made = 0

function sessions(n: number, observations: Observation[], told: string[] = [], night = 0): Counted[] {
  return Array.from({ length: n }, () => {
    const i = made++
    const at = new Date(Date.UTC(2026, 0, 5, 9) + night * 86_400_000).toISOString()
    return {
      session_id: `sesn_${String(i).padStart(6, '0')}`,
      cell: `v1|task-${i % 7}`,
      ...{ person: 'ana', at, observations, told },
    }
  })
}
