import { describe, expect, test } from 'vitest'
import type { Finding } from '../../src/3-mine/finding.ts'
import { lessonOf } from '../../src/3-mine/lesson.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { mergeTallies } from '../../src/3-mine/tally.ts'
import type { Session } from '../../src/domain/session.ts'
import { say, session } from '../session-builder.ts'
import { findingsIn, generator, tallied } from './tallied.ts'

const SHORT = 'Keep it short please.'
const DETAILED = 'Please explain it in detail.'
const NOTHING = 'Write to the customer.'

type Calendar = {
  weeks: number
  /** Sessions a day. */
  sessions?: number
  person?: string | null
  hours?: number[]
  says: (day: { weekday: number; week: number; hour: number; n: number }) => string
}

/** A person at work from Monday 2026-01-05 on, five days a week. Weekday 0 is Monday. */
function work({ weeks, sessions = 3, person = 'ana', hours = [9, 10, 11], says }: Calendar): Session[] {
  return Array.from({ length: 7 * weeks }, (_, day) => day)
    .filter((day) => day % 7 < 5)
    .flatMap((day) =>
      Array.from({ length: sessions }, (_, n) => {
        const hour = hours[n % hours.length]!
        const words = says({ weekday: day % 7, week: Math.floor(day / 7), hour, n })
        const started_at = new Date(Date.UTC(2026, 0, 5 + day, hour, n)).toISOString()
        return { ...session(say(words)), person, started_at }
      }),
    )
}

function habitsIn(sessions: Session[]): string[] {
  return findingsIn(sessions)
    .filter((it) => it.kind === 'habit' && it.published)
    .map(habit)
}

function habit({ person, trait }: Finding): string {
  return `${person ?? 'somebody'}, ${trait}`
}

describe('a habit', () => {
  test('of Mondays and another of Fridays are two lessons of one person', () => {
    const says = ({ weekday, week }: { weekday: number; week: number }) =>
      weekday === 0 ? SHORT : weekday === 4 ? DETAILED : week % 2 === 0 ? SHORT : DETAILED
    const found = findingsIn(work({ weeks: 10, says })).filter((it) => it.kind === 'habit')
    expect(found.map(habit).sort()).toEqual(['ana, Friday: detailed answers', 'ana, Monday: short answers'])
    expect(found.find((it) => it.trait.startsWith('Monday'))).toMatchObject({
      published: true,
      class: 'practice',
      channel: 'temporal',
      tier: 'people',
      person: 'ana',
      effect: { exposed: [10, 10], unexposed: [15, 40] },
      sessions: 30,
      last_seen: '2026-03-09',
    })
  })

  const onMondays = ({ weekday }: { weekday: number }) => (weekday === 0 ? SHORT : NOTHING)
  test.each([
    { name: 'seven weeks', found: 0, sessions: work({ weeks: 7, says: onMondays }) },
    { name: 'eight weeks', found: 1, sessions: work({ weeks: 8, says: onMondays }) },
    { name: 'two sessions a day', found: 0, sessions: work({ weeks: 12, sessions: 2, says: onMondays }) },
    {
      name: 'a third of the sessions of each Monday',
      found: 0,
      sessions: work({ weeks: 12, says: (it) => (it.n === 0 ? onMondays(it) : NOTHING) }),
    },
    {
      name: 'every third Monday',
      found: 0,
      sessions: work({ weeks: 24, says: (it) => (it.week % 3 === 0 ? onMondays(it) : NOTHING) }),
    },
    { name: 'every day', found: 0, sessions: work({ weeks: 12, says: () => SHORT }) },
    {
      name: 'an unknown person',
      found: 1,
      sessions: work({ weeks: 10, person: null, says: onMondays }),
    },
    {
      name: 'Mondays of long ago, and no more',
      found: 0,
      sessions: work({ weeks: 52, says: (it) => (it.week < 26 ? onMondays(it) : NOTHING) }),
    },
    {
      name: 'Mondays of the last quarter',
      found: 1,
      sessions: work({ weeks: 52, says: (it) => (it.week >= 38 ? onMondays(it) : NOTHING) }),
    },
  ])('of $name: $found', ({ sessions, found }) => {
    expect(habitsIn(sessions)).toHaveLength(found)
  })

  test('of one person is not told of another', () => {
    const sessions = [
      ...work({ weeks: 10, person: 'ana', says: onMondays }),
      ...work({ weeks: 10, person: 'ben', says: () => NOTHING }),
    ]
    expect(habitsIn(sessions)).toEqual(['ana, Monday: short answers'])
  })

  test('of the mornings is set against the rest of the same weekdays', () => {
    const sessions = work({
      weeks: 8,
      sessions: 6,
      hours: [8, 14],
      says: ({ hour }) => (hour < 12 ? SHORT : NOTHING),
    })
    expect(habitsIn(sessions)).toEqual(['ana, 06-12: short answers'])
  })

  test('of a weekday on which the person works only in the morning is one of that weekday', () => {
    const sessions = work({
      weeks: 10,
      sessions: 6,
      hours: [8, 14],
      says: ({ weekday }) => (weekday === 0 ? SHORT : NOTHING),
    }).filter((it) => new Date(it.started_at!).getUTCDay() !== 1 || it.started_at!.slice(11, 13) === '08')
    expect(habitsIn(sessions)).toEqual(['ana, Monday: short answers'])
  })
})

test('wishes that were made on one day only do not hide a habit', () => {
  const says = ({ weekday, week }: { weekday: number; week: number }) => {
    const is_short = weekday === 0 ? week % 4 < 3 : (week + weekday) % 4 === 0
    const once = `Please include ${'bcdfghjk'[week]}a${'vwxyz'[weekday]}ing.`
    return is_short ? `${SHORT} ${once}` : once
  }
  expect(habitsIn(work({ weeks: 8, says }))).toEqual(['ana, Monday: short answers'])
})

test('what is asked for less on Mondays is no habit of Mondays', () => {
  const sessions = work({
    weeks: 26,
    says: ({ weekday, week }) =>
      (weekday === 0 ? week % 13 < 6 : (5 * week + weekday) % 11 === 0) ? NOTHING : SHORT,
  })
  expect(habitsIn(sessions)).toEqual([])
})

test('a wish of the weekdays on which a person works in the morning is none of mornings', () => {
  const sessions = work({
    weeks: 10,
    sessions: 6,
    hours: [8, 14],
    says: ({ weekday }) => (weekday < 3 ? SHORT : NOTHING),
  }).filter((it) => {
    const is_morning = it.started_at!.slice(11, 13) === '08'
    return is_morning === [1, 2, 3].includes(new Date(it.started_at!).getUTCDay())
  })
  expect(habitsIn(sessions).filter((it) => it.includes('06-12'))).toEqual([])
})

describe('projects that ask for the same thing for days on end', () => {
  test.each([1, 2, 3, 4, 5])('are no habits, run %i', (seed) => {
    const random = generator(seed)
    let left = 0
    let day = ''
    const sessions = work({
      weeks: 26,
      sessions: 8,
      says: ({ week, weekday }) => {
        if (day !== `${week} ${weekday}`) left = left > 0 ? left - 1 : random() < 0.15 ? 3 : 0
        day = `${week} ${weekday}`
        return random() < (left > 0 ? 0.85 : 0.05) ? SHORT : NOTHING
      },
    })
    expect(habitsIn(sessions)).toEqual([])
  })
})

describe('a habit is told', () => {
  const quotes = [
    {
      session_id: 'sesn_1',
      external_session_id: 'built-1',
      event_id: 'e1',
      origin: 'person' as const,
      quote: 'Start with the open risks.',
    },
  ]
  const mondays =
    (words: string) =>
    ({ weekday }: { weekday: number }) =>
      weekday === 0 ? words : NOTHING
  test.each([
    {
      name: 'with the person, the days and how it is known',
      sessions: work({ weeks: 10, says: mondays(SHORT) }),
      text: 'On Mondays, give ana short answers.',
      why: 'ana asked for this on 10 of 10 Mondays, against 0 of 40 other days; last on 2026-03-09 (all days of three sessions or more, by UTC).',
    },
    {
      name: 'without a name where none is known',
      sessions: work({ weeks: 10, person: null, says: mondays(SHORT) }),
      text: 'On Mondays, give short answers.',
      why: 'People asked for this on 10 of 10 Mondays, against 0 of 40 other days; last on 2026-03-09 (all days of three sessions or more, by UTC).',
    },
    {
      name: 'in the words of the person where it is about the content',
      sessions: work({ weeks: 10, says: mondays('Start with the open risks.') }),
      text: 'On Mondays, do what ana then asks for: "Start with the open risks."',
      why: 'ana asked for this on 10 of 10 Mondays, against 0 of 40 other days; last on 2026-03-09 (all days of three sessions or more, by UTC).',
    },
    {
      name: 'with the time of day, in UTC',
      sessions: work({
        weeks: 10,
        sessions: 6,
        hours: [8, 14],
        says: ({ hour }) => (hour < 12 ? SHORT : NOTHING),
      }),
      text: 'Between 06:00 and 12:00 UTC, give ana short answers.',
      why: 'ana asked for this on 50 of 50 days at that time, against 0 of 50 other quarters of a day; last on 2026-03-13 (all quarters of a day of three sessions or more, by UTC).',
    },
  ])('$name', ({ sessions, text, why }) => {
    const [found] = findingsIn(sessions).filter((it) => it.kind === 'habit')
    const lesson = lessonOf(found!, 'desk', quotes)
    expect({ text: lesson.text, why: lesson.why }).toEqual({ text, why })
    expect(lesson.scope).toEqual({ agent: 'desk', person: sessions[0]!.person })
  })
})

test('half of the sessions counted apart, in any order, give the same habits', () => {
  const sessions = work({ weeks: 10, says: ({ weekday }) => (weekday === 0 ? SHORT : NOTHING) })
  const whole = tallied(sessions)
  const [odd, even] = [1, 0].map((half) =>
    tallied(sessions.map((it, i) => (i % 2 === half ? it : { ...it, events: [] }))),
  )
  const habits = (tally: typeof whole) => mine(tally).findings.filter((it) => it.kind === 'habit')
  expect(habits(mergeTallies(odd!, even!))).toEqual(habits(whole))
})
