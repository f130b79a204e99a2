/** Whether dreaming helps with a workload: a table of workloads, and what is said of each. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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
