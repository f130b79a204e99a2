import { describe, expect, test } from 'vitest'
import { mine } from '../../src/3-mine/mine.ts'
import { answer, type Step, say, UNSATISFIED } from '../session-builder.ts'
import { runs, tallied } from './tallied.ts'

const broken =
  (message: string): Step =>
  (id) => ({ type: 'session.error', id, processed_at: null, error: { type: 'start_error', message } })
const dead = (n: number, message: string) =>
  runs(n, [say('Fix the build.'), broken(message)], { outcome: UNSATISFIED })

describe('sessions that died on arrival', () => {
  test('are an alert, with their error, how many, since when, and what to check', () => {
    const { alerts, findings } = mine(tallied(dead(4, 'mini: command "run" not found')))

    expect(findings).toEqual([])
    expect(alerts).toEqual([
      {
        type: 'dead_on_arrival',
        text: '4 sessions ended before the agent did anything, all with "mini: command <…> not found", last in the week of 2026-10-29. Check how the agent is installed and started; these sessions count neither for it nor against it.',
        sessions: 4,
        sightings: [0, 1, 2, 3].map((i) => ({ session_id: `sesn_000${i}`, event: 1 })),
      },
    ])
  })

  test.each([
    { name: 'two are chance', sessions: dead(2, 'disk full'), told: [] },
    { name: 'three of one error are told', sessions: dead(3, 'disk full'), told: [3] },
    {
      name: 'three of three errors are not',
      sessions: [...dead(1, 'disk full'), ...dead(1, 'no network'), ...dead(1, 'bad key')],
      told: [],
    },
    {
      name: 'each error is told for itself, the most frequent first',
      sessions: [...dead(3, 'disk full'), ...dead(5, 'no network')],
      told: [5, 3],
    },
    {
      name: 'sessions in which the agent acted are none',
      sessions: runs(9, [say('Fix it.'), answer('Hm.'), broken('disk full')], { outcome: UNSATISFIED }),
      told: [],
    },
  ])('$name', ({ sessions, told }) => {
    expect(
      mine(tallied(sessions))
        .alerts.filter((it) => it.type === 'dead_on_arrival')
        .map((it) => it.sessions),
    ).toEqual(told)
  })

  test('without a word or a time say so', () => {
    const silent = runs(3, [say('Fix the build.')], { outcome: UNSATISFIED }).map((it) => ({
      ...it,
      started_at: null,
    }))
    expect(mine(tallied(silent)).alerts[0]!.text).toMatch(
      /^3 sessions ended before the agent did anything, without a word why\. Check /,
    )
  })
})
