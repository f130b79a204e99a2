import { describe, expect, test } from 'vitest'
import { liftOf } from '../../src/7-measure/lift.ts'
import { armsByStep, type EndedTrial, liftByDay, stepDays } from '../../src/7-measure/over-time.ts'

/** Ten sessions a day, the first of them in control; those of either arm are completed in turn. */
const trials: EndedTrial[] = Array.from({ length: 400 }, (_, i) => ({
  intent: 'refund',
  arm: i % 4 === 0 ? 'control' : 'treatment',
  control_share: 0.25,
  at: `${dayOf(Math.floor(i / 10))}T09:00:00.000Z`,
  completed: i % 4 === 0 ? (i % 8 === 0 ? 1 : 0) : i % 16 === 1 ? null : i % 3 === 0 ? 0 : 1,
}))

function dayOf(i: number): string {
  return new Date(Date.UTC(2026, 9, 1 + i)).toISOString().slice(0, 10)
}

test.each([
  { to: '2026-10-01', days: 1 },
  { to: '2026-10-26', days: 1 },
  { to: '2026-10-27', days: 7 },
  { to: '2027-03-31', days: 7 },
  { to: '2027-04-15', days: 28 },
  { to: '2029-10-01', days: 91 },
])('from 2026-10-01 to $to a step has $days days', ({ to, days }) => {
  expect(stepDays('2026-10-01', to)).toBe(days)
})

describe('the arms', () => {
  const weeks = armsByStep(trials, '2026-10-01', '2026-11-30')

  test('of every week hold the sessions that began in it and whose end is known', () => {
    expect(weeks.map((it) => it.day).slice(0, 3)).toEqual(['2026-10-01', '2026-10-08', '2026-10-15'])
    const known = weeks.reduce((sum, it) => sum + it.treatment.sessions + it.control.sessions, 0)
    expect(known).toBe(trials.filter((it) => it.completed !== null).length)
    expect(weeks[0]!.control).toMatchObject({ sessions: 18, completed: 9 })
  })

  test('have a share within its interval', () => {
    for (const it of weeks.flatMap(({ treatment, control }) => [treatment, control])) {
      expect(it.low).toBeLessThan(it.completed / it.sessions)
      expect(it.high).toBeGreaterThan(it.completed / it.sessions)
    }
  })

  test('of a week without sessions are left out, and so is what began before or after', () => {
    expect(armsByStep(trials, '2026-11-01', '2026-12-01').map((it) => it.day)).toEqual([
      '2026-11-01',
      '2026-11-08',
    ])
    expect(armsByStep(trials, '2026-09-01', '2026-09-30')).toEqual([])
  })
})

describe('the lift by day', () => {
  test('is on each day that of all sessions up to it, those before the time included', () => {
    const days = liftByDay(trials, 0.25, '2026-10-20', '2026-10-25')
    const { lift } = liftOf('completion', trials.slice(0, 250), (it) => it.completed, 0.25)

    expect(days.map((it) => it.day)).toEqual([19, 20, 21, 22, 23, 24].map(dayOf))
    expect(days.at(-1)).toMatchObject({ estimate: lift.estimate, low: lift.low, high: lift.high })
    expect(days.at(-1)!.sessions).toBe(trials.slice(0, 250).filter((it) => it.completed !== null).length)
  })

  test('is unknown while too little is', () => {
    expect(liftByDay(trials, 0.25, '2026-10-01', '2026-10-01')).toMatchObject([
      { estimate: null, low: null, high: null },
    ])
  })

  test('of years is told of a few days, the last among them', () => {
    const years = Array.from({ length: 500 }, (_, i) => ({
      ...trials[i % 400]!,
      at: `${dayOf(i)}T09:00:00.000Z`,
    }))
    const days = liftByDay(years, 0.25, dayOf(0), dayOf(499))

    expect(days.length).toBeLessThanOrEqual(120)
    expect(days.at(-1)!.day).toBe(dayOf(499))
  })
})
