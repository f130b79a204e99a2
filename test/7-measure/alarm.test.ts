/** Which moves raise an alarm, which do not, and when one is over. */
import { describe, expect, test } from 'vitest'
import { behaviourAlarms, type Held, memoryAlarms, unmeasured } from '../../src/7-measure/alarm.ts'
import { behaviourDrift, type MeasuredSession } from '../../src/7-measure/drift.ts'
import type { AlarmType } from '../../src/domain/alarm.ts'
import type { MemoryDrift, StoreState } from '../../src/domain/drift.ts'
import { Alarms } from '../../src/domain/policy.ts'
import { generator } from '../3-mine/tallied.ts'

const thresholds = Alarms.parse({})
const held: Held = { thresholds, since: '2026-11-02' }
const standing = (...types: AlarmType[]): Held => ({ ...held, standing: new Set(types) })

type Ways = {
  well?: number
  refuses?: number
  hands_over?: number
  fails?: number
  tool?: string
  intent?: string
}

/** Sessions of which these shares go so. */
function sessions(
  n: number,
  { well = 0.8, refuses = 0, hands_over = 0, fails = 0, tool = 'search', intent = 'reviews' }: Ways = {},
): MeasuredSession[] {
  const first = (i: number, share: number) => i < Math.round(n * share)
  return Array.from({ length: n }, (_, i) => ({
    intent,
    agent_version: 'v1',
    approved: null,
    measures: {
      completed: first(i, well) ? 1 : 0,
      verified: true,
      duration_ms: 60_000,
      edit_distance: null,
      escalated: first(i, hands_over),
      refusals: Number(first(i, refuses)),
      tool_calls: 10,
      tool_errors: Math.round(10 * fails),
      tokens: null,
      words: 50,
      tools: { [tool]: 7, read: 3 },
    },
  }))
}

const raised = (before: MeasuredSession[], after: MeasuredSession[], how = held) =>
  behaviourAlarms(behaviourDrift(before, after), how).map((it) => it.type)

describe('behaviour', () => {
  const usual = sessions(200)

  test.each<{ name: string; after: MeasuredSession[]; types: AlarmType[] }>([
    { name: 'as ever', after: usual, types: [] },
    { name: 'fewer sessions end well', after: sessions(100, { well: 0.5 }), types: ['completion'] },
    { name: 'more sessions end well', after: sessions(100, { well: 1 }), types: [] },
    { name: 'fewer do by nine points, of very many', after: sessions(4_000, { well: 0.71 }), types: [] },
    { name: 'fewer do by twelve points, of few', after: sessions(25, { well: 0.68 }), types: [] },
    { name: 'the agent declines', after: sessions(100, { refuses: 0.3 }), types: ['refusals'] },
    { name: 'work is handed over', after: sessions(100, { hands_over: 0.3 }), types: ['escalation'] },
    { name: 'calls fail', after: sessions(100, { fails: 0.3 }), types: ['tool_errors'] },
    { name: 'another tool is used', after: sessions(100, { tool: 'browse' }), types: ['tool_mix'] },
    {
      name: 'other work is done, of another kind and with another tool, and goes well less often',
      after: [...sessions(30), ...sessions(100, { intent: 'tickets', well: 0.3, tool: 'browse' })],
      types: [],
    },
  ])('$name: $types', ({ after, types }) => expect(raised(usual, after)).toEqual(types))

  test('what was approved and verified to be wrong', () => {
    const judged = (n: number, well: number) => sessions(n, { well }).map((it) => ({ ...it, approved: true }))
    expect(raised(judged(200, 0.8), judged(100, 0.4))).toEqual(['completion', 'approved_but_wrong'])
  })

  test('too few sessions raise nothing', () => {
    expect(raised(usual, sessions(19, { well: 0, refuses: 1, tool: 'browse' }))).toEqual([])
  })

  test('it says from where to where, how surely, and what to do', () => {
    const [alarm] = behaviourAlarms(behaviourDrift(usual, sessions(100, { well: 0.5 })), held)
    expect(alarm).toMatchObject({ type: 'completion', since: '2026-11-02', threshold: 0.1 })
    expect(alarm!.measured).toBeCloseTo(0.3)
    expect(alarm!.text).toMatch(
      /^Sessions that end well went from 80 % of 200 to 50 % of 100: -30 points \(95 % interval -4\d points to -1\d points\)/,
    )
    expect(alarm!.to_do).toMatch(/reverie risk/)
  })

  test('an alarm that stands is over within half of its threshold, and not before', () => {
    const [a_little, less] = [sessions(100, { well: 0.73 }), sessions(100, { well: 0.76 })]
    expect(raised(usual, a_little)).toEqual([])
    expect(raised(usual, a_little, standing('completion'))).toEqual(['completion'])
    expect(raised(usual, less, standing('completion'))).toEqual([])
  })

  const unjudged = sessions(100).map((it) => ({
    ...it,
    measures: { ...it.measures, completed: null, verified: false },
  }))
  test.each<{ name: string; after: MeasuredSession[][]; types: AlarmType[] }>([
    { name: 'sessions as ever, of which none is approved', after: [usual], types: ['approved_but_wrong'] },
    { name: 'sessions that nobody judged', after: [unjudged], types: ['completion', 'approved_but_wrong'] },
    { name: 'such, and others that were judged', after: [unjudged, usual], types: ['approved_but_wrong'] },
    {
      name: 'sessions without calls',
      after: [usual.map((it) => ({ ...it, measures: { ...it.measures, tool_calls: 0, tools: {} } }))],
      types: ['approved_but_wrong', 'tool_errors', 'tool_mix'],
    },
    {
      name: 'nothing',
      after: [],
      types: ['completion', 'approved_but_wrong', 'tool_errors', 'refusals', 'escalation', 'tool_mix'],
    },
  ])('of $name it is not known whether these are over: $types', ({ after, types }) => {
    const moved = after.map((it) => behaviourDrift(usual, it, { actions: 1, intents: 1 }))
    expect([...unmeasured(moved)]).toEqual(types)
  })

  test('off is off', () => {
    const off = { ...held, thresholds: Alarms.parse({ completion: 'off' }) }
    expect(raised(usual, sessions(100, { well: 0.1 }), off)).toEqual([])
  })

  test('luck raises one in a thousand looks at most', () => {
    const random = generator(21)
    const draw = (n: number) =>
      sessions(n).map((it) => ({
        ...it,
        intent: `intent ${Math.floor(random() * 5)}`,
        measures: {
          ...it.measures,
          completed: random() < 0.6 ? (1 as const) : (0 as const),
          refusals: Number(random() < 0.1),
          escalated: random() < 0.1,
        },
      }))
    const looks = Array.from({ length: 1_000 }, () => draw(40)).map((after) =>
      behaviourAlarms(behaviourDrift(draw(160), after, { actions: 1, intents: 1 }), held),
    )
    expect(looks.filter((it) => it.length > 0).length).toBeLessThanOrEqual(5)
  })
})

const state: StoreState = {
  ...{ memories: 40, bytes: 30_000, index_tokens: 900, by_people: 5, contradictions: 0, erased: 0 },
  lessons: { probation: 20, confirmed: 15, stale: 0, dormant: 0, disputed: 0, retired: 0 },
}
const writes = { created: 2, modified: 1, refreshed: 30, deleted: 0 }
const memory: MemoryDrift = {
  ...{
    memory_store_id: 'memstore_1',
    store: 'desk',
    before: state,
    after: state,
    writes: [],
    resurrected: [],
  },
  a_week: { before: writes, after: writes },
  seen: {
    before: { recalls: 0, control: 0, versions: 0, sets: 0 },
    after: { recalls: 0, control: 0, versions: 0, sets: 0 },
    versions_in_both: 0,
  },
}

describe('memory', () => {
  test.each<{ name: string; of: Partial<MemoryDrift>; weeks?: number; types: AlarmType[] }>([
    { name: 'a quiet week, in which many counts are newer', of: {}, types: [] },
    {
      name: 'a flood of memories',
      of: { a_week: { before: writes, after: { ...writes, created: 60 } } },
      types: ['memory_growth'],
    },
    {
      name: 'most memories reworded',
      of: { a_week: { before: writes, after: { ...writes, modified: 25 } } },
      types: ['memory_churn'],
    },
    {
      name: 'four of four memories reworded, which is what a young memory does',
      of: { after: { ...state, memories: 4 }, a_week: { before: writes, after: { ...writes, modified: 4 } } },
      types: [],
    },
    { name: 'a contradiction', of: { after: { ...state, contradictions: 1 } }, types: ['contradictions'] },
    {
      name: 'a lesson that people rejected',
      of: {
        resurrected: [
          {
            path: '/a.md',
            cause: 'rejected',
            buried_at: '2026-10-01T00:00:00Z',
            live_since: '2026-10-20T00:00:00Z',
          },
        ],
      },
      types: ['resurrections'],
    },
    {
      name: 'five lessons retired in a week',
      of: { after: { ...state, lessons: { ...state.lessons, retired: 3, disputed: 2 } } },
      types: ['lessons_retired'],
    },
    {
      name: 'five lessons retired in ten weeks',
      of: { after: { ...state, lessons: { ...state.lessons, retired: 5 } } },
      weeks: 10,
      types: [],
    },
  ])('$name: $types', ({ of, weeks = 1, types }) => {
    expect(memoryAlarms({ ...memory, ...of }, weeks, held).map((it) => it.type)).toEqual(types)
  })
})
