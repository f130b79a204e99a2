/** Values of options and arguments, read at the door. What does not fit is a usage error that says what would. */
import { InvalidArgumentError } from 'commander'
import { PII_SHAPES, type PiiShape } from '../domain/pii.ts'
import type { Budget } from '../domain/spending.ts'

const UNITS_MS = { h: 3_600_000, d: 86_400_000, w: 604_800_000 }

/** `7d`, `12h`, `2w` before `now`, or a date, as an RFC 3339 time. */
export function sinceTime(text: string, now: Date = new Date()): string {
  const [, n, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? []
  if (n && unit) return new Date(now.getTime() - Number(n) * UNITS_MS[unit as 'h']).toISOString()
  const date = /^\d{4}-\d{2}-\d{2}([T ].+)?$/.test(text) ? new Date(text) : null
  if (date === null || Number.isNaN(date.getTime()) || !date.toISOString().startsWith(text.slice(0, 8)))
    throw new InvalidArgumentError('Give hours, days or weeks as 12h, 7d, 2w, or a date as 2026-11-03.')
  return date.toISOString()
}

/** `12h`, `30d`, `2w` after `now`, or the end of a day in UTC, as an RFC 3339 time. */
export function untilTime(text: string, now: Date = new Date()): string {
  const [, n, unit] = /^(\d{1,5})([hdw])$/.exec(text) ?? []
  if (n && unit) return new Date(now.getTime() + Number(n) * UNITS_MS[unit as 'h']).toISOString()
  return new Date(Date.parse(day(text)) + UNITS_MS.d - 1).toISOString()
}

/** A time as `sinceTime` reads it, or the number of a version. */
export function pastState(text: string): { time: string } | { seq: number } {
  return /^\d{1,15}$/.test(text) ? { seq: Number(text) } : { time: sinceTime(text) }
}

/** `email,phone`, `all`, or nothing at all. */
export function piiShapes(text: string): PiiShape[] {
  const words = text.split(/[\s,]+/).filter((it) => it !== '')
  if (words.includes('all')) return [...PII_SHAPES]
  const shapes = PII_SHAPES.filter((it) => words.includes(it))
  if (shapes.length < new Set(words).size)
    throw new InvalidArgumentError(`Give all, or some of ${PII_SHAPES.join(',')}.`)
  return shapes
}

/** `200000tokens`, `2.50usd`, or one of each with a comma between. */
export function budgetOf(text: string): Budget {
  const budget: Budget = { tokens: null, usd: null }
  for (const part of text.split(',')) {
    const [, amount, unit] = /^(\d{1,12}(?:\.\d{1,6})?)(tokens|usd)$/.exec(part.trim()) ?? []
    const key = unit as keyof Budget | undefined
    const n = Number(amount)
    if (key === undefined || budget[key] !== null || n <= 0 || (key === 'tokens' && !Number.isInteger(n)))
      throw new InvalidArgumentError('Give 200000tokens, 2.50usd, or both with a comma between.')
    budget[key] = n
  }
  return budget
}

/** A day of the calendar. */
export function day(text: string): string {
  const date = /^\d{4}-\d{2}-\d{2}$/.test(text) ? new Date(`${text}T00:00:00Z`) : null
  if (date === null || Number.isNaN(date.getTime()) || !date.toISOString().startsWith(text))
    throw new InvalidArgumentError('Give a date as 2026-12-31.')
  return text
}

/** `7d` or `4w`, as a number of days. */
export function windowDays(text: string): number {
  const [, n, unit] = /^([1-9]\d{0,3})([dw])$/.exec(text) ?? []
  if (n === undefined) throw new InvalidArgumentError('Give days or weeks, as 7d or 4w.')
  return Number(n) * (unit === 'w' ? 7 : 1)
}

export function portNumber(text: string): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535)
    throw new InvalidArgumentError('Give a whole number from 0 to 65535.')
  return Number(text)
}

export function rateLimit(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 0 to 999999.')
  return Number(text)
}

export function rowLimit(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError('Give a whole number from 1 to 999999.')
  return Number(text)
}

export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const n = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
    if (n >= least && n <= most) return n
    throw new InvalidArgumentError(`Give a whole number from ${least} to ${most}.`)
  }
}

/** A name that a line of the history can show. */
export function personName(text: string): string {
  if (!/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,200}$/u.test(text) || text.trim() !== text)
    throw new InvalidArgumentError('Give a name, without control characters or spaces around it.')
  return text
}
