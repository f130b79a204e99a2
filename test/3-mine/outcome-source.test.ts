import { describe, expect, test } from 'vitest'
import { mine } from '../../src/3-mine/mine.ts'
import { mergeTallies } from '../../src/3-mine/tally.ts'
import type { Session } from '../../src/domain/session.ts'
import { call, error, result, SATISFIED, session, UNSATISFIED } from '../session-builder.ts'
import { simulatedSessions } from './simulated-agent.ts'
import { tallied } from './tallied.ts'

type Judged = { rule: string | null; n: number; failed: number; day?: string; reward?: number }

/** `n` sessions in the sight of one rule, `failed` of them failed. */
function judged({ rule, n, failed, day = '2026-11-02', reward }: Judged): Session[] {
  return Array.from({ length: n }, (_, i) => ({
    ...session(call('look'), result()),
    task: `task-${i % 12}`,
    started_at: `${day}T09:00:00Z`,
    outcome: { ...(i < failed ? UNSATISFIED : SATISFIED), rule, reward: reward ?? null },
  }))
}

const alertsOn = (...sources: Judged[]) =>
  mine(tallied(sources.flatMap(judged))).alerts.filter((it) => it.type === 'outcome_source')

describe('a rule is suspect', () => {
  test.each<{ name: string; sources: Judged[]; alerts: number }>([
    { name: 'when all of 20 failed', sources: [{ rule: 'tests@1', n: 20, failed: 20 }], alerts: 1 },
    { name: 'when all of 20 went well', sources: [{ rule: 'tests@1', n: 20, failed: 0 }], alerts: 1 },
    { name: 'not when all of 19 failed', sources: [{ rule: 'tests@1', n: 19, failed: 19 }], alerts: 0 },
    { name: 'not when one of 20 went well', sources: [{ rule: 'tests@1', n: 20, failed: 19 }], alerts: 0 },
    { name: 'even without a name', sources: [{ rule: null, n: 25, failed: 25 }], alerts: 1 },
    {
      name: 'when success jumped by 35 points with its new version',
      sources: [
        { rule: 'tests@9', n: 20, failed: 10 },
        { rule: 'tests@10', n: 20, failed: 3 },
      ],
      alerts: 1,
    },
    {
      name: 'when success fell by 35 points with its new version',
      sources: [
        { rule: 'tests@1', n: 20, failed: 3 },
        { rule: 'tests@2', n: 20, failed: 10 },
      ],
      alerts: 1,
    },
    {
      name: 'not when it moved by 30 points',
      sources: [
        { rule: 'tests@1', n: 20, failed: 10 },
        { rule: 'tests@2', n: 20, failed: 4 },
      ],
      alerts: 0,
    },
    {
      name: 'not when the old version had judged 19 sessions',
      sources: [
        { rule: 'tests@1', n: 19, failed: 12 },
        { rule: 'tests@2', n: 20, failed: 1 },
      ],
      alerts: 0,
    },
    {
      name: 'not when the new version has judged 19 sessions',
      sources: [
        { rule: 'tests@1', n: 20, failed: 10 },
        { rule: 'tests@2', n: 19, failed: 1 },
      ],
      alerts: 0,
    },
    {
      name: 'when it took the place of another rule and success jumped',
      sources: [
        { rule: 'tests@1', n: 20, failed: 12, day: '2026-10-05' },
        { rule: 'second-line', n: 20, failed: 1, day: '2026-11-02' },
      ],
      alerts: 1,
    },
    {
      name: 'not when its old version, of which all 20 failed, is',
      sources: [
        { rule: 'tests@1', n: 20, failed: 20 },
        { rule: 'tests@2', n: 20, failed: 4 },
      ],
      alerts: 1,
    },
    {
      name: 'not when another rule before it, by which all 20 went well, is',
      sources: [
        { rule: 'tests@1', n: 20, failed: 0, day: '2026-10-05' },
        { rule: 'second-line', n: 20, failed: 12, day: '2026-11-02' },
      ],
      alerts: 1,
    },
    {
      name: 'when success jumped since the last version before one of which all 20 failed',
      sources: [
        { rule: 'tests@1', n: 20, failed: 12 },
        { rule: 'tests@2', n: 20, failed: 20 },
        { rule: 'tests@3', n: 20, failed: 1 },
      ],
      alerts: 2,
    },
    {
      name: 'not when two rules judge other work side by side',
      sources: [
        { rule: 'tests@1', n: 20, failed: 12, day: '2026-10-05' },
        { rule: 'second-line', n: 20, failed: 1, day: '2026-10-19' },
        { rule: 'tests@1', n: 20, failed: 12, day: '2026-11-02' },
      ],
      alerts: 0,
    },
  ])('$name', ({ sources, alerts }) => {
    expect(alertsOn(...sources)).toHaveLength(alerts)
  })

  test('and the alert says what is wrong, where, and what to try', () => {
    expect(alertsOn({ rule: 'reward>=0.999@1', n: 24, failed: 24, reward: 0.93 })).toEqual([
      {
        type: 'outcome_source',
        text: 'All 24 sessions judged by "reward>=0.999@1" failed. Work is seldom like that; a rule that cannot tell good from bad is. 24 of them have a reward between 0 and 1: perhaps the rule asks for more than good work is given. Read three of these sessions and see whether the verdict is right. Until then what it judged teaches nothing about whole sessions; correct the rule, or give it a new version once you know that it is right, and what is judged from then on counts.',
        sessions: 24,
        sightings: Array.from({ length: 8 }, (_, i) => ({ session_id: `sesn_000${i}`, event: 1 })),
      },
    ])
  })

  test('and the alert of a jump names both rules', () => {
    const [alert] = alertsOn({ rule: 'tests@9', n: 40, failed: 20 }, { rule: 'tests@10', n: 20, failed: 2 })
    expect(alert!.text).toMatch(
      /^Success went from 50 % to 90 % when "tests@10" took the place of "tests@9" \(40 and 20 sessions\)\./,
    )
  })
})

describe('what a suspect rule judged', () => {
  /** Sessions of a world where nothing matters, all judged by a rule of sense. */
  const sound = simulatedSessions(3).map((it) => ({
    ...it,
    outcome: { ...it.outcome, rule: 'second-line@1' },
  }))
  /** Sessions in which a fault was injected, judged by a rule that nothing can pass. */
  const broken: Session[] = Array.from({ length: 110 }, (_, i) => ({
    ...session(call('get_order'), error('503 service unavailable'), call('get_order'), result()),
    task: `task-${i % 12}`,
    agent_version: `v${1 + (i % 2)}`,
    outcome: { ...UNSATISFIED, reward: 0.93, rule: 'reward>=0.999@1' },
  }))
  const lessonsOn = (sessions: Session[]) =>
    mine(tallied(sessions)).findings.filter((it) => it.channel === 'session')

  test('teaches nothing, where the same sessions under a trusted rule would', () => {
    const trusted = broken.map((it) => ({ ...it, outcome: { ...it.outcome, rule: 'second-line@1' } }))
    expect(lessonsOn([...sound, ...trusted]).map((it) => it.trait)).toContain('use get_order')
    expect(lessonsOn([...sound, ...broken])).toEqual(lessonsOn(sound))
  })

  test('teaches nothing of what it tells apart either, when it came with a jump', () => {
    const harmful = simulatedSessions(4, 0.4).map((it) => ({
      ...it,
      outcome: { ...it.outcome, rule: 'tests@2' },
    }))
    const before = judged({ rule: 'tests@1', n: 40, failed: 2 })
    expect(lessonsOn(harmful).map((it) => it.trait)).toContain('use shortcut')
    expect(lessonsOn([...before, ...harmful])).toEqual([])
  })

  test('comes out exactly, however the sessions were counted', () => {
    const all = [...broken, ...sound]
    const halves = [0, 1].map((half) =>
      tallied(all.map((it, i) => (i % 2 === half ? it : { ...it, events: [] }))),
    )
    expect(mine(mergeTallies(halves[0]!, halves[1]!))).toEqual(mine(tallied(all)))
  })

  test('counts again under a rule of a new version that is as it used to be', () => {
    const later = simulatedSessions(4, 0.4).map((it) => ({
      ...it,
      outcome: { ...it.outcome, rule: 'reward>=0.9@2' },
    }))
    const { alerts } = mine(tallied([...broken, ...later]))
    expect(alerts.map((it) => it.text.slice(0, 40))).toEqual(['All 110 sessions judged by "reward>=0.99'])
    expect(lessonsOn([...broken, ...later]).map((it) => it.trait)).toContain('use shortcut')
  })
})
