/** When schedules come due: what is an expression, and what the clocks of the world do to it. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { checkCron, latestTime, nextTimes } from '../../src/domain/cron.ts'

const UTC = { timezone: 'UTC' }

test.each([
  '* * * * *',
  '0 3 * * *',
  '*/15 9-17 * * 1-5',
  '0,30 0 1,15 * *',
  '0-30/10 0 * * *',
  '0 0 * * 0',
  '0 0 * * 7',
  '0 0 * * 0-7',
  '0 9 * * MON-FRI',
  '0 9 1 jan,Jul *',
  '0\t3  * * *',
  '0 0 29 2 *',
])('%s is an expression', (expression) => {
  checkCron({ expression, ...UTC })
})

test.each([
  { expression: '', why: 'it has one field, not five' },
  { expression: '@daily', why: 'it has one field, not five' },
  { expression: '0 3 * *', why: 'it has 4 fields, not five' },
  { expression: '0 0 3 * * *', why: 'it has 6 fields, not five' },
  { expression: '0 3 * * * 2027', why: 'it has 6 fields, not five' },
  { expression: ' 0 3 * * *', why: 'it has 6 fields, not five' },
  { expression: '0 3 L * *', why: 'L is no day of the month' },
  { expression: '0 3 15W * *', why: '15W is no day of the month' },
  { expression: '0 3 * * 5#2', why: '5#2 is no day of the week' },
  { expression: '0 3 ? * *', why: '? is no day of the month' },
  { expression: '? 3 * * *', why: '? is no minute' },
  { expression: '0 3 * * 5L', why: '5L is no day of the week' },
  { expression: '0 3 * * +1', why: '+1 is no day of the week' },
  { expression: '0 3 * MON *', why: 'MON is no month' },
  { expression: 'JAN 3 * * *', why: 'JAN is no minute' },
  { expression: '5/5 3 * * *', why: '5/5 is no minute' },
  { expression: '0,, 3 * * *', why: '0,, is no minute' },
  { expression: '-5 3 * * *', why: '-5 is no minute' },
  { expression: '60 3 * * *', why: 'Invalid value for minute' },
  { expression: '0 24 * * *', why: 'Invalid value for hour' },
  { expression: '0 3 0 * *', why: 'Invalid value for day' },
  { expression: '0 3 * 13 *', why: 'Invalid value for month' },
  { expression: '0 3 * * 8', why: 'Invalid value for dayOfWeek' },
  { expression: '30-10 3 * * *', why: 'From value is larger' },
  { expression: '*/0 3 * * *', why: 'illegal stepping' },
  { expression: '0 3 31 2 *', why: 'there is no such day in any year' },
])('$expression is none: $why', ({ expression, why }) => {
  expect(() => checkCron({ expression, ...UTC })).toThrow(why)
})

test.each(['', 'Mars/Olympus', '+02:00', 'Europe/Berlin; DROP TABLE', 'Europe', '../etc/localtime'])(
  '%j is no time zone',
  (timezone) => {
    expect(() => checkCron({ expression: '0 3 * * *', timezone })).toThrow('there is no time zone')
  },
)

/** Midnight of the days on which the clock changes. */
const ONE_HOUR_ON = { 'Europe/Berlin': '2026-03-28T23:00Z', 'America/New_York': '2026-03-08T05:00Z' }
const ONE_HOUR_BACK = { 'Europe/Berlin': '2026-10-24T22:00Z', 'America/New_York': '2026-11-01T04:00Z' }

test.each([
  // The clock goes from 2:00 to 3:00.
  {
    name: 'a time that is left out comes when the clock goes on',
    ...{ zone: 'Europe/Berlin', on: ONE_HOUR_ON, expression: '30 2 * * *' },
    times: ['2026-03-29T01:00Z', '2026-03-30T00:30Z'],
  },
  {
    name: 'a time that is left out comes when the clock goes on',
    ...{ zone: 'America/New_York', on: ONE_HOUR_ON, expression: '30 2 * * *' },
    times: ['2026-03-08T07:00Z', '2026-03-09T06:30Z'],
  },
  {
    name: 'two times that are left out come once',
    ...{ zone: 'Europe/Berlin', on: ONE_HOUR_ON, expression: '0,30 2 * * *' },
    times: ['2026-03-29T01:00Z', '2026-03-30T00:00Z'],
  },
  {
    name: 'what is counted off is not made up for',
    ...{ zone: 'Europe/Berlin', on: ONE_HOUR_ON, expression: '*/30 * * * *' },
    times: [
      '2026-03-28T23:00Z',
      '2026-03-28T23:30Z',
      '2026-03-29T00:00Z',
      '2026-03-29T00:30Z',
      '2026-03-29T01:00Z',
    ],
  },
  {
    name: 'a time of another hour stays where it is on the clock',
    ...{ zone: 'Europe/Berlin', on: ONE_HOUR_ON, expression: '0 9 * * *' },
    times: ['2026-03-29T07:00Z', '2026-03-30T07:00Z'],
  },
  // Berlin goes from 3:00 to 2:00, New York from 2:00 to 1:00.
  {
    name: 'a time that comes twice counts once',
    ...{ zone: 'Europe/Berlin', on: ONE_HOUR_BACK, expression: '30 2 * * *' },
    times: ['2026-10-25T00:30Z', '2026-10-26T01:30Z'],
  },
  {
    name: 'a time that comes twice counts once',
    ...{ zone: 'America/New_York', on: ONE_HOUR_BACK, expression: '30 1 * * *' },
    times: ['2026-11-01T05:30Z', '2026-11-02T06:30Z'],
  },
  {
    name: 'each of several times that come twice counts once',
    ...{ zone: 'Europe/Berlin', on: ONE_HOUR_BACK, expression: '15,45 2,3 * * *' },
    times: ['2026-10-25T00:15Z', '2026-10-25T00:45Z', '2026-10-25T02:15Z', '2026-10-25T02:45Z'],
  },
  {
    name: 'an hour that comes twice is two hours to what is counted off',
    ...{ zone: 'America/New_York', on: ONE_HOUR_BACK, expression: '0 * * * *' },
    times: ['2026-11-01T04:00Z', '2026-11-01T05:00Z', '2026-11-01T06:00Z', '2026-11-01T07:00Z'],
  },
])('$zone, $expression: $name', ({ zone, on, expression, times }) => {
  const cron = { expression, timezone: zone }
  const before = new Date(Date.parse(on[zone as keyof typeof on]) - 1)
  const expected = times.map((it) => new Date(it).toISOString())

  expect(nextTimes(cron, before, times.length).map((it) => it.toISOString())).toEqual(expected)
  for (const time of expected) {
    expect(latestTime(cron, before, new Date(time))?.toISOString()).toBe(time)
    expect(latestTime(cron, new Date(time), new Date(time))).toBeNull()
  }
})

test('of a month day and a weekday either is enough, as cron has it', () => {
  const times = nextTimes({ expression: '0 0 13 * FRI', ...UTC }, new Date('2026-11-10T00:00Z'), 3)
  expect(times.map((it) => it.toISOString().slice(0, 10))).toEqual(['2026-11-13', '2026-11-20', '2026-11-27'])
})

test('the last time that has come is the last of those that were to come', () => {
  const minute = fc.oneof(fc.constantFrom('*', '*/20', '0,45'), fc.nat({ max: 59 }).map(String))
  const hour = fc.oneof(fc.constantFrom('*', '*/5', '1-3', '0,2'), fc.nat({ max: 23 }).map(String))
  const weekday = fc.constantFrom('*', '0', '7', '1-5')
  const zone = fc.constantFrom(
    'UTC',
    'Europe/Berlin',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
  )
  // Around the changes of 2026, where it is hard.
  const around = fc.constantFrom(
    '2026-03-08',
    '2026-03-29',
    '2026-04-05',
    '2026-10-04',
    '2026-10-25',
    '2026-11-01',
  )
  fc.assert(
    fc.property(
      minute,
      hour,
      weekday,
      zone,
      around,
      fc.integer({ min: -3_000, max: 3_000 }),
      (m, h, w, timezone, day, by) => {
        const cron = { expression: `${m} ${h} * * ${w}`, timezone }
        const now = new Date(Date.parse(`${day}T03:00Z`) + by * 60_000 + 17_123)
        const after = new Date(now.getTime() - 2 * 86_400_000)
        const came = nextTimes(cron, after, 3_000).filter((it) => it <= now)
        expect(latestTime(cron, after, now)?.toISOString()).toBe(came.at(-1)?.toISOString())
      },
    ),
    { numRuns: 40 },
  )
})
