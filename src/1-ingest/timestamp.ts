/**
 * A time as a transcript writes it in; RFC 3339 in UTC out, or null when it is no time.
 *
 * A text without a zone is read as UTC, never as the zone of this machine, so the same transcript
 * gives the same session everywhere. Numbers are milliseconds since 1970, or seconds when too small for that.
 */
export function utcTime(value: unknown): string | null {
  if (typeof value === 'string') {
    if (CANONICAL.test(value)) return value
    if (!DATE_AND_TIME.test(value)) return null
    return fromMilliseconds(Date.parse(HAS_ZONE.test(value) ? value : `${value}Z`))
  }
  if (typeof value === 'number') return fromMilliseconds(value < MILLISECONDS_FROM ? value * 1000 : value)
  return null
}

const CANONICAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/
const DATE_AND_TIME = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d/
const HAS_ZONE = /(?:z|[+-]\d\d:?\d\d)$/i

/** As seconds this lies in the year 5138, as milliseconds in 1973. */
const MILLISECONDS_FROM = 1e11
/** The last millisecond of the year 9999, after which a year has five digits. */
const LATEST = 253402300799999

function fromMilliseconds(ms: number): string | null {
  return ms > 0 && ms <= LATEST ? new Date(ms).toISOString() : null
}
