/** Whether dreaming helps with a workload: a table of workloads, and what is said of each. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { mine } from '../../src/3-mine/mine.ts'
import { tallyOf } from '../../src/3-mine/tally.ts'
import { type Judged, judgeFitness, type WorkedSession } from '../../src/7-measure/fitness.ts'
import { sessionsToLearn } from '../../src/7-measure/power-of-mining.ts'
import { generator } from '../3-mine/tallied.ts'

const HOUR = 3_600_000

/** A chat in which nothing is known: what each workload changes of it. */
const nothing: Omit<WorkedSession, 'at' | 'intent'> = {
  harness: 'steps',
  has_task: false,
  person: null,
  result: 'unknown',
  verified: false,
  approved: null,
  has_feedback: false,
  edited: false,
  corrected: false,
  asks: false,
  tool_calls: 0,
  failed: [],
  errors: [],
  dead_on_arrival: false,
}

/** `n` sessions, five a day. */
function work(n: number, of: (i: number) => Partial<WorkedSession>): WorkedSession[] {
  return Array.from({ length: n }, (_, i) => ({
    ...nothing,
    at: new Date(Date.UTC(2026, 7, 3) + i * 4.8 * HOUR).toISOString(),
    intent: `~${i}`,
    ...of(i),
  }))
}

const verified = (satisfied: boolean) =>
  ({ result: satisfied ? 'satisfied' : 'unsatisfied', verified: true }) as const

const WORKLOADS: {
  name: string
  sessions: WorkedSession[]
  verdict: Judged['verdict']
  says: RegExp
  first: RegExp | null
}[] = [
  {
    name: 'a helpdesk that is asked the same again and again, and is checked',
    sessions: work(300, (i) => ({
      ...verified(i % 4 > 0),
      ...{ intent: `ticket-${i % 20}`, has_task: true, person: `p${i % 7}`, tool_calls: 5 },
      ...{ approved: i % 4 > 0, has_feedback: true },
      failed: i % 5 === 0 ? ['update_record'] : [],
    })),
    verdict: 'fit',
    says: /update_record fails in 60 sessions of \d+ kinds of work/,
    first: null,
  },
  {
    name: 'a solo coder, whose outcomes nobody knows and whose commands fail',
    sessions: work(80, (i) => ({
      ...{ harness: 'claude-code', tool_calls: 30 },
      ...(i % 3 === 0 ? { failed: ['npm test'], errors: ['npm test: missing script'] } : {}),
    })),
    verdict: 'fit',
    says: /Hardly any outcome is known/,
    first: /Say how sessions end/,
  },
  {
    name: 'one-off research without tools, which nobody judges',
    sessions: work(80, () => ({})),
    verdict: 'not_for_you',
    says: /notes that people write serve better/,
    first: /Say how sessions end: `outcome`/,
  },
  {
    name: 'one-off research with tools that hardly fail',
    sessions: work(80, (i) => ({ tool_calls: 4, failed: i === 7 ? ['fetch_page'] : [] })),
    verdict: 'not_for_you',
    says: /Few calls fail/,
    first: /Say how sessions end/,
  },
  {
    name: 'the same, but too few to say no',
    sessions: work(49, () => ({})),
    verdict: 'not_yet',
    says: /with 50 sessions that can be said/,
    first: /Say how sessions end/,
  },
  {
    name: 'the same questions again and again, which nobody judges',
    sessions: work(200, (i) => ({ intent: `~${i % 12}` })),
    verdict: 'not_yet',
    says: /100 % of the sessions were asked for something that another was asked for/,
    first: /Say how sessions end/,
  },
  {
    name: 'work of which everything is approved',
    sessions: work(200, (i) => ({
      ...{ intent: `~${i % 12}`, result: 'satisfied', approved: true, has_feedback: true },
    })),
    verdict: 'not_yet',
    says: /100 % of the sessions have feedback/,
    first: /Let tests, or a check of the result, judge/,
  },
  {
    name: 'work that every check passes',
    sessions: work(200, (i) => ({ ...verified(true), intent: `t-${i % 12}`, has_task: true })),
    verdict: 'not_yet',
    says: /have a verified outcome/,
    first: /Look at the check that judges: no session fails it/,
  },
  {
    name: 'agents that are dead on arrival',
    sessions: work(160, (i) => ({
      ...verified(false),
      ...{ intent: `t-${i % 40}`, has_task: true, dead_on_arrival: i % 2 === 0, tool_calls: i % 2 },
      failed: i % 2 === 0 ? [] : ['bash'],
    })),
    verdict: 'not_yet',
    says: /50 % of the sessions ended before the agent did anything/,
    first: /Mend how the agent is installed/,
  },
  {
    name: 'a good beginning',
    sessions: work(19, (i) => ({ intent: `t-${i % 2}`, has_task: true, failed: ['bash'], tool_calls: 1 })),
    verdict: 'not_yet',
    says: /19 sessions are too few for a verdict: it takes 20/,
    first: /Ingest more sessions/,
  },
  {
    name: 'people who ask for the same ways in much different work',
    sessions: work(60, (i) => ({ corrected: i % 6 === 0, person: 'priya' })),
    verdict: 'fit',
    says: /10 of 60 sessions have a person who asks for other ways/,
    first: /Say how sessions end/,
  },
]

describe.each(WORKLOADS)('$name', ({ sessions, verdict, says, first }) => {
  const found = judgeFitness(sessions)

  test(`is ${verdict}, and says why`, () => {
    expect(found.verdict).toBe(verdict)
    expect(found.reasons.join('\n')).toMatch(says)
  })

  test('is told what to do first', () => {
    if (first === null) expect(found.next_steps).toEqual([])
    else expect(found.next_steps[0]!.what).toMatch(first)
  })
})

test.each([
  { name: 'approvals that follow the outcome', approves: (ok: boolean) => ok, can_speak: true },
  { name: 'approvals of everything', approves: () => true, can_speak: false },
  { name: 'approvals at random', approves: (_: boolean, i: number) => i % 3 > 0, can_speak: false },
])('$name can teach: $can_speak', ({ approves, can_speak }) => {
  const sessions = work(120, (i) => ({
    ...verified(i % 2 === 0),
    ...{ intent: 't', has_task: true, has_feedback: true, approved: approves(i % 2 === 0, i) },
  }))
  const voice = judgeFitness(sessions).channels.find((it) => it.channel === 'approval')
  expect(voice).toMatchObject({ can_speak, why: expect.stringMatching(/^People approved /) })
})

describe('habits can be told', () => {
  /** Sessions of ana, so many on every Monday for so many weeks. */
  const mondays = (weeks: number, a_day: number, of: (week: number) => Partial<WorkedSession> = () => ({})) =>
    Array.from({ length: weeks * a_day }, (_, i) => {
      const week = Math.floor(i / a_day)
      const at = new Date(Date.UTC(2026, 4, 4, 9, i % a_day) + week * 7 * 24 * HOUR).toISOString()
      return { ...nothing, at, intent: `~${i}`, person: 'ana', asks: true, ...of(week) }
    })

  test.each([
    { name: 'three sessions on a day in eight weeks', sessions: mondays(8, 3), can_speak: true },
    { name: 'three in seven weeks', sessions: mondays(7, 3), can_speak: false },
    { name: 'two on a day in half a year', sessions: mondays(25, 2), can_speak: false },
    {
      name: 'three by nobody knows whom',
      sessions: mondays(8, 3, () => ({ person: null })),
      can_speak: false,
    },
    {
      name: 'three in which nothing is asked',
      sessions: mondays(8, 3, () => ({ asks: false })),
      can_speak: false,
    },
    {
      name: 'three on mornings, and four on evenings on which nothing is asked',
      sessions: [...mondays(8, 3), ...mondays(8, 4, () => ({ asks: false })).map(inTheEvening)].sort(
        (a, b) => (a.at < b.at ? -1 : 1),
      ),
      can_speak: true,
    },
    {
      name: 'three of three people',
      sessions: mondays(8, 3).map((it, i) => ({ ...it, person: `p${i % 3}` })),
      can_speak: false,
    },
    {
      name: 'three in four weeks, half a year before four others',
      sessions: mondays(34, 3).filter((_, i) => i < 12 || i >= 90),
      can_speak: false,
    },
  ])('$name: $can_speak', ({ sessions, can_speak }) => {
    const voice = judgeFitness(sessions).channels.find((it) => it.channel === 'temporal')
    expect(voice).toMatchObject({ can_speak })
  })

  test('where the miner tells one they can, and where they cannot the miner tells none', () => {
    const DAY = 24 * HOUR
    const year = fc.record({
      weeks: fc.integer({ min: 4, max: 30 }),
      a_day: fc.integer({ min: 1, max: 5 }),
      asked_on: fc.integer({ min: 0, max: 4 }),
    })
    const found = { yes: 0, no: 0 }
    fc.assert(
      fc.property(year, ({ weeks, a_day, asked_on }) => {
        const days = Array.from({ length: weeks * 5 * a_day }, (_, i) => {
          const day = Math.floor(i / a_day)
          const at = new Date(
            Date.UTC(2026, 0, 5, 9, i % a_day) + (7 * Math.floor(day / 5) + (day % 5)) * DAY,
          )
          return { at: at.toISOString(), asks: day % 5 === asked_on }
        })
        const { findings } = mine(
          tallyOf(
            days.map(({ at, asks }, i) => ({
              ...{ session_id: `sesn_${String(i).padStart(4, '0')}`, cell: '1|t', person: 'ana', at },
              observations: [
                {
                  ...{ channel: 'temporal', context: 'asks ana', bad: asks, event: 0 },
                  traits: asks ? wishOn(new Date(at)) : {},
                },
              ],
            })),
          ),
        )
        const voice = judgeFitness(
          days.map((it, i) => ({ ...nothing, ...it, intent: `~${i}`, person: 'ana' })),
        ).channels.find((it) => it.channel === 'temporal')!
        found[findings.length > 0 ? 'yes' : 'no']++
        return voice.can_speak || findings.length === 0
      }),
      { numRuns: 40, seed: 3 },
    )
    expect(found.yes).toBeGreaterThan(5)
    expect(found.no).toBeGreaterThan(5)
  })

  function inTheEvening(it: WorkedSession): WorkedSession {
    return { ...it, at: it.at.replace('T09', 'T19') }
  }

  function wishOn(at: Date): Record<string, number> {
    const day = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'][
      at.getUTCDay()
    ]!
    return { 'short answers': 0, [`${day}: short answers`]: 0 }
  }
})

describe('when a lesson about whole sessions can be expected', () => {
  const desk = (n: number, tasks: number) =>
    work(n, (i) => ({ ...verified(i % 10 < 7), intent: `t-${i % tasks}`, has_task: true }))

  test('at this pace', () => {
    const { first_session_lesson, work, lift } = judgeFitness(desk(100, 10))
    expect(work.sessions_a_week).toBeCloseTo(35.35, 1)
    expect(first_session_lesson.by_30_points).toMatchObject({ so_far: 100, needed: 159 })
    expect(first_session_lesson.by_30_points!.weeks).toBeCloseTo(59 / 35.35, 1)
    expect(lift).toMatchObject({ so_far: 0, needed: 120 })
    expect(lift.weeks).toBeCloseTo(120 / 35.35, 1)
  })

  test('never, where no task is given twice', () => {
    const { by_30_points } = judgeFitness(desk(100, 100)).first_session_lesson
    expect(by_30_points).toMatchObject({ so_far: 0, weeks: null })
  })

  test('nobody knows, where all came within a day', () => {
    const sessions = desk(100, 10).map((it) => ({ ...it, at: '2026-11-03T09:00:00.000Z' }))
    const { work, first_session_lesson } = judgeFitness(sessions)
    expect(work.sessions_a_week).toBeNull()
    expect(first_session_lesson.by_30_points).toMatchObject({ so_far: 100, weeks: null })
  })

  test.each([
    { failing: 0.3, effect: 0.3, needed: 159 },
    { failing: 0.3, effect: 0.2, needed: 360 },
    { failing: 0.5, effect: 0.3, needed: 153 },
    { failing: 0.05, effect: 0.3, needed: 150 },
    { failing: 0, effect: 0.3, needed: null },
    { failing: 1, effect: 0.3, needed: null },
  ])('$needed sessions for $effect where $failing fail', ({ failing, effect, needed }) => {
    const found = sessionsToLearn(effect, failing)
    if (needed === null) expect(found).toBeNull()
    else expect(Math.abs(found! - needed)).toBeLessThanOrEqual(1)
  })

  test('so many do show the difference four times in five', () => {
    const random = generator(5)
    const [effect, failing, exposed] = [0.3, 0.4, 0.3]
    const n = sessionsToLearn(effect, failing)!
    const seen = Array.from({ length: 600 }, () => {
      const count = { with: [0, 0], without: [0, 0] }
      for (let i = 0; i < n; i++) {
        const is_exposed = random() < exposed
        const side = is_exposed ? count.with : count.without
        side[1]!++
        if (random() < failing - effect * exposed + (is_exposed ? effect : 0)) side[0]!++
      }
      const [p1, p0] = [count.with[0]! / count.with[1]!, count.without[0]! / count.without[1]!]
      const error = Math.sqrt((p1 * (1 - p1)) / count.with[1]! + (p0 * (1 - p0)) / count.without[1]!)
      return (p1 - p0) / error > 2.807
    }).filter(Boolean).length
    expect(seen / 600).toBeGreaterThan(0.74)
    expect(seen / 600).toBeLessThan(0.88)
  })
})

test('any work gets a verdict, with a reason', () => {
  const session = fc.record({
    intent: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
    has_task: fc.boolean(),
    result: fc.constantFrom('satisfied' as const, 'unsatisfied' as const, 'unknown' as const),
    verified: fc.boolean(),
    approved: fc.constantFrom(true, false, null),
    corrected: fc.boolean(),
    tool_calls: fc.nat(3),
    failed: fc.subarray(['bash', 'read']),
    dead_on_arrival: fc.boolean(),
  })
  fc.assert(
    fc.property(fc.array(session, { minLength: 1, maxLength: 90 }), (sessions) => {
      const { reasons, channels, verdict } = judgeFitness(work(sessions.length, (i) => sessions[i]!))
      expect(reasons.join('')).not.toMatch(/NaN|undefined|null/)
      expect(reasons.length).toBeGreaterThan(0)
      return verdict !== 'fit' || channels.some((it) => it.can_speak)
    }),
    { numRuns: 60 },
  )
})
