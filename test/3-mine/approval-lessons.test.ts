import { describe, expect, test } from 'vitest'
import { whyNoApprovalLessons } from '../../src/3-mine/approval-lessons.ts'
import { approvalRatio, approvalWeight } from '../../src/3-mine/approval-ratio.ts'
import type { Finding } from '../../src/3-mine/finding.ts'
import { lessonOf } from '../../src/3-mine/lesson.ts'
import { mine } from '../../src/3-mine/mine.ts'
import type { Session } from '../../src/domain/session.ts'
import type { Count, TallyRow } from '../../src/domain/tally.ts'
import { judgedSessions, type World } from './judged-sessions.ts'
import { findingsIn, tallied } from './tallied.ts'

describe('what approvals are worth', () => {
  // SciPy 1.10: scipy.stats.contingency.relative_risk(k1 + 2, n1 + 4, k0 + 2, n0 + 4), with confidence_interval(0.95).low
  test.each<{ satisfied: Count; unsatisfied: Count; ratio: number; low: number }>([
    { satisfied: [80, 100], unsatisfied: [40, 100], ratio: 1.95238, low: 1.514684 },
    { satisfied: [795, 1000], unsatisfied: [770, 1000], ratio: 1.032383, low: 0.985675 },
    { satisfied: [30, 30], unsatisfied: [0, 30], ratio: 16, low: 4.159692 },
    { satisfied: [40, 100], unsatisfied: [80, 100], ratio: 0.512195, low: 0.397368 },
    { satisfied: [0, 0], unsatisfied: [0, 0], ratio: 1, low: 0.250098 },
  ])('$satisfied of the good and $unsatisfied of the bad: $ratio, at least $low', (it) => {
    const { ratio, low } = approvalRatio(it.satisfied, it.unsatisfied)
    expect(ratio).toBeCloseTo(it.ratio, 5)
    expect(low).toBeCloseTo(it.low, 5)
  })

  test.each([
    { low: 0.9, weight: 0 },
    { low: 1, weight: 0 },
    { low: 1.514684, weight: 0.415206 },
    { low: 10, weight: 1 },
  ])('a ratio of at least $low weighs $weight', ({ low, weight }) => {
    expect(approvalWeight({ low })).toBeCloseTo(weight, 5)
  })
})

const LIKES_TABLES = (knows: boolean): World => ({
  sessions: 600,
  approves: ({ table, failed }) => (knows && failed ? 0.15 : 0.6) + (table ? 0.35 : 0),
})

describe('what users preferred', () => {
  test('is told where approvals know good work from bad, and is on probation at most', () => {
    const [found] = approvalsIn(LIKES_TABLES(true))
    expect(found).toMatchObject({
      published: true,
      kind: 'preference',
      class: 'practice',
      channel: 'approval',
      tier: 'people',
      context: 'judged by people',
      trait: 'answer with a table',
    })
    const lesson = lessonOf(found!, 'desk', [])
    expect(lesson.status).toBe('probation')
    expect(lesson.text).toBe('Answer with a table: users preferred it.')
    expect(lesson.why).toMatch(
      /^Approved were \d+ of \d+ sessions with such an answer and \d+ of \d+ without\./,
    )
  })

  test('is told as what a judge preferred, when it was a judge', () => {
    const [found] = approvalsIn({ ...LIKES_TABLES(true), by: 'a judge' })
    expect(lessonOf(found!, 'desk', []).text).toBe('Answer with a table: a judge preferred it.')
  })

  test('may be that something is left out', () => {
    const world: World = {
      sessions: 600,
      approves: ({ table, failed }) => (failed ? 0.15 : 0.6) + (table ? 0 : 0.35),
    }
    expect(approvalsIn(world).map((it) => lessonOf(it, 'desk', []).text)).toEqual([
      'Do not answer with a table: users preferred other answers.',
    ])
  })

  test.each<{ name: string; world: World }>([
    { name: 'approvals that do not know good work from bad', world: LIKES_TABLES(false) },
    {
      name: 'approvals of which eighteen can be held against an outcome',
      world: { ...LIKES_TABLES(true), verified: 18 / 600 },
    },
    { name: 'approvals of work that nobody verified', world: { ...LIKES_TABLES(true), verified: 0 } },
    {
      name: 'approvals of what was done, and not of how the answer looks',
      world: {
        sessions: 600,
        approves: ({ shortcut, failed }) => (failed ? 0.1 : 0.5) + (shortcut ? 0.4 : 0),
      },
    },
  ])('is not told on $name', ({ world }) => {
    expect(approvalsIn(world)).toEqual([])
  })

  test.each([
    {
      name: 'they do not tell good from bad',
      world: LIKES_TABLES(false),
      says: /^No lessons from what people approve: of the sessions they judged they approved \d+ of \d+ that went well and \d+ of \d+ that failed/,
    },
    {
      name: 'nobody verified the work',
      world: { ...LIKES_TABLES(true), verified: 0 },
      says: /too few of the judged sessions have a verified outcome/,
    },
  ])('and the dream says why, when $name', ({ world, says }) => {
    const { notes } = mine(tallied(judgedSessions(1, world)))
    expect(notes).toContainEqual(expect.stringMatching(says))
  })

  test.each<{ good: Count; bad: Count; says: string }>([
    { good: [63, 70], bad: [45, 47], says: 'so their approval does not tell good work from bad.' },
    { good: [10, 20], bad: [5, 10], says: 'so their approval does not tell good work from bad.' },
    {
      good: [18, 18],
      bad: [0, 2],
      says: 'which is not enough to show that their approval tells good work from bad.',
    },
    {
      good: [20, 22],
      bad: [0, 0],
      says: 'which is not enough to show that their approval tells good work from bad.',
    },
    {
      good: [0, 0],
      bad: [3, 22],
      says: 'which is not enough to show that their approval tells good work from bad.',
    },
  ])('of $good of the good approved and $bad of the bad it says: $says', ({ good, bad, says }) => {
    const row = (context: string, count: Count): [TallyRow, TallyRow[]] => [
      {
        channel: 'approval',
        context,
        trait: '',
        cells: { 'v1|task': count },
        weeks: {},
        sightings: { bad: [], good: [] },
      },
      [],
    ]
    const n = good[1] + bad[1]
    const notes = whyNoApprovalLessons(
      new Map([
        row('judged by people', [n - good[0] - bad[0], n]),
        row('verified and judged by people', [bad[1], n]),
        row('approved by people', [bad[0], good[0] + bad[0]]),
      ]),
    )
    expect(notes).toEqual([
      `No lessons from what people approve: of the sessions they judged they approved ${good.join(' of ')} that went well and ${bad.join(' of ')} that failed, ${says}`,
    ])
  })

  test('and says nothing of approvals that it uses, or of a handful', () => {
    for (const world of [LIKES_TABLES(true), { ...LIKES_TABLES(false), sessions: 15 }])
      expect(mine(tallied(judgedSessions(1, world))).notes.join()).not.toContain('approve')
  })
})

/** The shortcut fails nearly always, and people like it all the same. */
const LIKED_BUT_WRONG: World = {
  sessions: 240,
  fails: ({ shortcut }, usual) => (shortcut ? 0.9 : usual),
  approves: ({ shortcut }) => (shortcut ? 0.95 : 0.7),
}

describe('approved but wrong', () => {
  test('is a warning to a person, and never told to an agent', () => {
    const [found, ...others] = approvalsIn(LIKED_BUT_WRONG)
    expect(others).toEqual([])
    expect(found).toMatchObject({
      published: false,
      kind: 'disputed',
      class: 'mistake',
      tier: 'verified',
      trait: 'use close with force = true',
    })
    const lesson = lessonOf(found!, 'desk', [])
    expect(lesson.text).toBe(
      'Check the outcome when `close` is called with `force = true`: people approve it, and it fails.',
    )
    expect(lesson.why).toMatch(
      /^People approved (\d+) of \d+ of these sessions, and \d+ of \d+ of the other judged sessions\. Where the outcome was verified \d+ of \d+ of these had failed, and \d+ of \d+ of the others/,
    )
  })

  test('shows the sessions that were approved and failed', () => {
    const sessions = judgedSessions(1, LIKED_BUT_WRONG)
    const [found] = findingsIn(sessions).filter((it) => it.channel === 'approval')
    expect(found!.sightings).toHaveLength(8)
    for (const { session_id } of found!.sightings)
      expect(sessions[Number(session_id.slice(5))]!.outcome.result).toBe('unsatisfied')
  })

  test('is said of a judge too', () => {
    const [found] = approvalsIn({ ...LIKED_BUT_WRONG, by: 'a judge' })
    expect(lessonOf(found!, 'desk', []).text).toBe(
      'Check the outcome when `close` is called with `force = true`: a judge approves it, and it fails.',
    )
  })

  test('takes the place of a preference, as the same pattern', () => {
    const liked = approvalsIn(LIKES_TABLES(true))[0]!
    const [wrong, ...others] = approvalsIn({
      sessions: 600,
      fails: ({ table }) => (table ? 0.7 : 0.5),
      approves: ({ table, failed }) => (table ? 0.95 : failed ? 0 : 0.9),
    })
    expect(wrong).toMatchObject({ kind: 'disputed', trait: 'answer with a table' })
    expect(others).toEqual([])
    expect(lessonOf(wrong!, 'desk', []).id).toBe(lessonOf(liked, 'desk', []).id)
  })

  test.each<{ name: string; world: World }>([
    {
      name: 'people see it themselves',
      world: { ...LIKED_BUT_WRONG, approves: ({ failed }) => (failed ? 0.1 : 0.9) },
    },
    {
      name: 'it fails more often, yet mostly goes well',
      world: { ...LIKED_BUT_WRONG, fails: ({ shortcut }) => (shortcut ? 0.35 : 0.1) },
    },
    { name: 'it fails as often as the rest', world: { sessions: 240, approves: () => 0.9 } },
    {
      name: 'it goes well, and all work is rejected alike',
      world: {
        ...LIKED_BUT_WRONG,
        fails: ({ shortcut }, usual) => (shortcut ? 0.02 : usual + 0.2),
        approves: () => 0.3,
      },
    },
    { name: 'nobody verified it', world: { ...LIKED_BUT_WRONG, verified: 0 } },
    { name: 'it was seen in three sessions', world: { ...LIKED_BUT_WRONG, sessions: 10 } },
  ])('is not said when $name', ({ world }) => {
    expect(approvalsIn(world).filter((it) => it.kind === 'disputed')).toEqual([])
  })

  test('is not said of what was seen in three kinds of work', () => {
    const sessions = judgedSessions(1, { ...LIKED_BUT_WRONG, sessions: 960 })
    expect(disputesAmong(onlyIn((task) => task < 4, sessions))).toHaveLength(1)
    expect(disputesAmong(onlyIn((task) => task < 3, sessions))).toEqual([])
  })

  test('is not said of a habit of the hardest tasks', () => {
    const hard: World = {
      sessions: 600,
      fails: ({ task }) => (task >= 8 ? 0.9 : 0.1),
      approves: () => 0.9,
    }
    expect(disputesAmong(onlyIn((task) => task >= 8, judgedSessions(1, hard)))).toEqual([])
  })

  test('has its counterpart: rejected but right', () => {
    const [found] = approvalsIn({
      sessions: 480,
      fails: ({ shortcut }, usual) => (shortcut ? 0.02 : usual + 0.2),
      approves: ({ shortcut }) => (shortcut ? 0.2 : 0.8),
    })
    expect(found).toMatchObject({ kind: 'disputed', class: 'success' })
    expect(lessonOf(found!, 'desk', []).text).toBe(
      'Check the outcome when `close` is called with `force = true`: people reject it, and it works.',
    )
  })
})

describe('a lesson from approvals says no more than the counts', () => {
  const [liked] = approvalsIn(LIKES_TABLES(true))
  const [wrong] = approvalsIn(LIKED_BUT_WRONG)
  const table = (exposed: Count, unexposed: Count, odds_ratio: number): Finding => ({
    ...liked!,
    effect: { ...liked!.effect, exposed, unexposed, odds_ratio },
  })
  const close = (of: Partial<Finding>, opinion: [Count, Count], ended: [Count, Count]): Finding => ({
    ...wrong!,
    ...of,
    disputed: { exposed: opinion[0], unexposed: opinion[1] },
    effect: { ...wrong!.effect, exposed: ended[0], unexposed: ended[1] },
  })
  const CHECK = 'Check the outcome when `close` is called with `force = true`:'

  // Counts are of what went badly: rejected, or failed.
  test.each<{ finding: Finding; text: string; why: string }>([
    {
      finding: table([10, 60], [30, 100], 0.5),
      text: 'Answer with a table: users preferred it.',
      why: 'Approved were 50 of 60 sessions with such an answer and 70 of 100 without. That',
    },
    {
      finding: table([30, 60], [30, 100], 0.5),
      text: 'Answer with a table: users preferred it.',
      why: 'Approved were 30 of 60 sessions with such an answer and 70 of 100 without (the difference of the tasks hides it). That',
    },
    {
      finding: table([40, 60], [30, 100], 2),
      text: 'Do not answer with a table: users preferred other answers.',
      why: 'Approved were 20 of 60 sessions with such an answer and 70 of 100 without. That',
    },
    {
      finding: table([10, 60], [30, 100], 2),
      text: 'Do not answer with a table: users preferred other answers.',
      why: 'Approved were 50 of 60 sessions with such an answer and 70 of 100 without (the difference of the tasks hides it). That',
    },
    {
      finding: close(
        {},
        [
          [1, 30],
          [30, 90],
        ],
        [
          [25, 30],
          [30, 90],
        ],
      ),
      text: `${CHECK} people approve it, and it fails.`,
      why: 'People approved 29 of 30 of these sessions, and 60 of 90 of the other judged sessions. Where the outcome was verified 25 of 30 of these had failed, and 30 of 90 of the others,',
    },
    {
      finding: close(
        {},
        [
          [8, 30],
          [4, 90],
        ],
        [
          [25, 30],
          [30, 90],
        ],
      ),
      text: `${CHECK} it fails, and people still approve most of it.`,
      why: 'People approved 22 of 30 of these sessions, and 86 of 90 of the other judged sessions.',
    },
    {
      finding: close(
        { class: 'success' },
        [
          [28, 30],
          [20, 90],
        ],
        [
          [5, 30],
          [60, 90],
        ],
      ),
      text: `${CHECK} people reject it, and it works.`,
      why: 'People rejected 28 of 30 of these sessions, and 20 of 90 of the other judged sessions. Where the outcome was verified 25 of 30 of these had gone well, and 30 of 90 of the others,',
    },
    {
      finding: close(
        { class: 'success', context: 'judged by a judge' },
        [
          [22, 30],
          [85, 90],
        ],
        [
          [5, 30],
          [60, 90],
        ],
      ),
      text: `${CHECK} it works, and a judge still rejects most of it.`,
      why: 'A judge rejected 22 of 30 of these sessions, and 85 of 90 of the other judged sessions.',
    },
  ])('$text $why', ({ finding, text, why }) => {
    const lesson = lessonOf(finding, 'desk', [])
    expect(lesson.text).toBe(text)
    expect(lesson.why).toContain(why)
  })
})

/** The shortcut is known by its switch; sessions of other tasks lose it. */
function onlyIn(holds: (task: number) => boolean, sessions: Session[]): Session[] {
  return sessions.map((it) =>
    holds(Number(it.task!.slice('task-'.length)))
      ? it
      : { ...it, events: it.events.map((event) => ('input' in event ? { ...event, input: {} } : event)) },
  )
}

function disputesAmong(sessions: Session[]) {
  return findingsIn(sessions).filter((it) => it.kind === 'disputed')
}

function approvalsIn(world: World) {
  return findingsIn(judgedSessions(1, world)).filter((it) => it.channel === 'approval')
}
