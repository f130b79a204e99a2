/**
 * How much one caller may ask: so many requests a second for each key, so many failed attempts to be let in for each address. Both
 * are buckets that fill up again with time, and are kept in memory: a server that starts anew starts with full ones.
 */
import type { MiddlewareHandler } from 'hono'
import { EngineError } from '../domain/error.ts'
import type { Env } from './env.ts'

/** How many seconds' worth may come at once. */
const BURST_S = 10

/** Failed attempts to be let in, for each address. */
const FAILURES_A_SECOND = 1
const FAILURES_AT_ONCE = 30

/** Refuses with `rate_limit_error` what a key asks beyond its share, and says when to come back. 0 refuses nothing. */
export function rateLimit(a_second: number, clock?: () => number): MiddlewareHandler<Env> {
  if (a_second === 0) return (_, next) => next()
  const buckets = bucketsOf({ a_second, at_once: a_second * BURST_S, clock })
  return async (c, next) => {
    const wait_ms = buckets.take(c.var.key.id)
    if (wait_ms > 0) {
      c.header('retry-after', String(Math.ceil(wait_ms / 1000)))
      throw new EngineError(
        'rate_limit_error',
        `the key ${c.var.key.id} asks more than ${a_second} times a second`,
        {
          hint: 'wait as long as retry-after says; the official SDKs do',
        },
      )
    }
    await next()
  }
}

/** Milliseconds that whoever failed to be let in has to wait, 0 where nobody keeps count yet of so few. A good key is never kept out. */
export function failuresOf(clock?: () => number): { take: (address: string) => number } {
  return bucketsOf({ a_second: FAILURES_A_SECOND, at_once: FAILURES_AT_ONCE, clock })
}

const MOST_BUCKETS = 10_000

function bucketsOf({
  a_second,
  at_once,
  clock = () => performance.now(),
}: {
  a_second: number
  at_once: number
  clock?: (() => number) | undefined
}) {
  const buckets = new Map<string, { left: number; at: number }>()
  const refilled = (left: number, ms: number) => Math.min(at_once, left + (ms * a_second) / 1000)
  return {
    /** Takes one: 0, or, where none is left, the milliseconds until there is one. */
    take(name: string): number {
      const now = clock()
      const bucket = buckets.get(name) ?? { left: at_once, at: now }
      bucket.left = refilled(bucket.left, now - bucket.at)
      bucket.at = now
      if (!buckets.has(name) && buckets.size >= MOST_BUCKETS) forgetSome(now)
      buckets.set(name, bucket)
      if (bucket.left < 1) return ((1 - bucket.left) * 1000) / a_second
      bucket.left -= 1
      return 0
    },
  }

  /** Those that are full again, and if there are none the oldest. */
  function forgetSome(now: number): void {
    for (const [name, it] of buckets) if (refilled(it.left, now - it.at) === at_once) buckets.delete(name)
    const [oldest] = buckets.keys()
    if (buckets.size >= MOST_BUCKETS && oldest !== undefined) buckets.delete(oldest)
  }
}
