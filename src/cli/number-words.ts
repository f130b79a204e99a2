/** Numbers as a person reads them. */

/** `1,204 events`, `1 session`. */
export function count(n: number, noun: string): string {
  return `${grouped(n)} ${n === 1 ? noun : plural(noun)}`
}

/** 1204567 -> `1,204,567` */
export function grouped(n: number): string {
  return String(n).replace(/\B(?=(\d{3})+$)/g, ',')
}

/** `3.4 MB`; thousands, not powers of two. */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`
  if (bytes < 999_500) return `${(bytes / 1e3).toFixed(bytes < 9_950 ? 1 : 0)} kB`
  if (bytes < 999_500_000) return `${(bytes / 1e6).toFixed(1)} MB`
  return `${(bytes / 1e9).toFixed(1)} GB`
}

/** `$1,204.50`; under ten cents with as many digits as say something: `$0.0031`. */
export function dollars(usd: number): string {
  const [whole, cents] = (usd > 0 && usd < 0.1 ? usd.toPrecision(2) : usd.toFixed(2)).split('.')
  if (usd > 0 && usd < 0.0001) return 'under $0.0001'
  return `$${grouped(Number(whole))}.${cents}`
}

/** Two significant digits are as many as the counts support: `396` -> `400`, `5.23` -> `5.2`. */
export function factor(value: number): string {
  if (value >= 100_000) return 'over 100,000'
  return value >= 10 ? grouped(Number(value.toPrecision(2))) : value.toFixed(value < 0.1 ? 2 : 1)
}

/** An RFC 3339 time, to the minute: `2026-11-03 09:00`. */
export function minute(time: string | null): string {
  return time === null ? 'time unknown' : time.slice(0, 16).replace('T', ' ')
}

function plural(noun: string): string {
  return /[^aeiou]y$/.test(noun) ? `${noun.slice(0, -1)}ies` : `${noun}s`
}
