/**
 * Times of day that come again, as five cron fields read on the clock of a time zone.
 *
 * Where that clock is put forward, a time that is left out comes when the clock goes on; where it is put back, a time that comes twice
 * counts once, the first time. That holds for hours and minutes that are named (`30 2 * * *`, `0 1,2 * * *`). Those that are counted
 * off (`*`, `0-59/15`) mean the time that passes: nothing is made up for in the gap, and the hour that comes twice is two hours.
 */
import { Cron as Pattern } from 'croner'
import { z } from 'zod'
import { EngineError } from './error.ts'

export const Cron = z.object({
  /** Minute, hour, day of the month, month, day of the week (0 and 7 are Sunday). */
  expression: z.string(),
  /** A name of the IANA time zone database. */
  timezone: z.string(),
})
export type Cron = z.infer<typeof Cron>

const MONTHS = 'JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC'
const DAYS = 'SUN|MON|TUE|WED|THU|FRI|SAT'
const FIELDS = [
  { name: 'minute', values: '' },
  { name: 'hour', values: '' },
  { name: 'day of the month', values: '' },
  { name: 'month', values: `|${MONTHS}` },
  { name: 'day of the week', values: `|${DAYS}` },
].map(({ name, values }) => {
  const value = `(?:\\d{1,2}${values})`
  const item = `(?:\\*(?:/\\d{1,2})?|${value}(?:-${value}(?:/\\d{1,2})?)?)`
  return { name, syntax: new RegExp(`^${item}(?:,${item})*$`, 'i') }
})

/** Throws `invalid_request_error` for what is no such expression or zone, and for a date that never comes. */
export function checkCron({ expression, timezone }: Cron): void {
  if (!isZone(timezone))
    throw new EngineError('invalid_request_error', `timezone: there is no time zone ${timezone}`, {
      hint: 'give a name of the IANA database: Europe/Berlin, America/New_York, UTC',
    })
  const fields = expression.split(/[ \t]+/)
  if (fields.length !== FIELDS.length)
    throw notCron(`it has ${fields.length === 1 ? 'one field' : `${fields.length} fields`}, not five`)
  const wrong = FIELDS.findIndex(({ syntax }, i) => !syntax.test(fields[i]!))
  if (wrong >= 0) throw notCron(`${fields[wrong]} is no ${FIELDS[wrong]!.name}`)
  if (nextTimes({ expression, timezone }, new Date(), 1).length === 0)
    throw notCron('there is no such day in any year')
}

/** The first `n` times after that one, in order. */
export function nextTimes(cron: Cron, after: Date, n: number): Date[] {
  return patternOf(cron).nextRuns(n, after)
}

/** The last time after `after` that has come at `now`; null where none has. */
export function latestTime(cron: Cron, after: Date, now: Date): Date | null {
  // Times are whole minutes, and the search begins before the one it is given.
  const next_minute = new Date(Math.floor(now.getTime() / MINUTE_MS + 1) * MINUTE_MS)
  const [latest] = patternOf(cron).previousRuns(1, next_minute)
  return latest !== undefined && latest > after ? latest : null
}

const MINUTE_MS = 60_000

function patternOf({ expression, timezone }: Cron): Pattern {
  try {
    return new Pattern(expression, { mode: '5-part', timezone, fixedTimeRule: 'no-wildcard' })
  } catch (error) {
    throw notCron((error as Error).message.replace(/^CronPattern: /, ''), error)
  }
}

export function isZone(name: string): boolean {
  // `Intl` takes offsets as well, which no change of the clock applies to.
  if (!/^[A-Za-z]/.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}

function notCron(why: string, cause?: unknown): EngineError {
  return new EngineError('invalid_request_error', `expression: ${why}`, {
    hint: 'give minute, hour, day of the month, month and day of the week: `0 3 * * 1-5` is three in the morning on weekdays',
    cause,
  })
}
