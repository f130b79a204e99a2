/** Numbers as the report tells them. */
import type { Lift } from '../domain/lift.ts'

/** `1,204`; `1.2` of what is below ten and not whole. */
export function amount(value: number): string {
  const digits = Math.abs(value) < 10 && !Number.isInteger(value) ? 1 : 0
  return new Intl.NumberFormat('en', { maximumFractionDigits: digits }).format(value)
}

export function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}

export function bytes(n: number): string {
  return n < 1_000 ? `${amount(n)} B` : n < 1e6 ? `${amount(n / 1e3)} kB` : `${amount(n / 1e6)} MB`
}

/** A difference in its unit, with its sign: `+12 points`, `−8 %`, `+0.4 calls`. */
export function difference(value: number, unit: Lift['unit']): string {
  return `${signed(value, unit)} ${UNITS[unit]}`
}

/** `+4 to +19`, in that unit. */
export function interval(low: number, high: number, unit: Lift['unit']): string {
  return `${signed(low, unit)} to ${signed(high, unit)}`
}

const UNITS: Record<Lift['unit'], string> = { share: 'points', relative: '%', calls: 'calls' }

function signed(value: number, unit: Lift['unit']): string {
  const size = Math.abs(value)
  const told = unit === 'calls' ? size.toFixed(1) : amount(Math.round(100 * size))
  if (Number(told) === 0) return told
  return value > 0 ? `+${told}` : `−${told}`
}

/** `$1,204.50`; of less than ten cents, as many digits as say something. */
export function dollars(usd: number): string {
  const digits = usd > 0 && usd < 0.1 ? { maximumSignificantDigits: 2 } : {}
  return new Intl.NumberFormat('en', { style: 'currency', currency: 'USD', ...digits }).format(usd)
}

/** `1 dream`, `1,204 dreams`; of what takes an s. */
export function counted(n: number, noun: string): string {
  return `${amount(n)} ${noun}${n === 1 ? '' : 's'}`
}
