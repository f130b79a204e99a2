/** The key that a caller gives a request of its own, so that sent twice it is done once. */
import type { Context } from 'hono'
import { EngineError } from '../domain/error.ts'
import type { Env } from './env.ts'

/** Null where there is none. The request is its method, path and body. */
export async function onceOf(c: Context<Env>): Promise<{ key: string; request: string } | null> {
  const key = c.req.header('idempotency-key')
  if (key === undefined) return null
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw new EngineError('invalid_request_error', 'idempotency-key: it has 1 to 255 visible characters', {
      hint: 'a random UUID is a good one',
    })
  return { key, request: `${c.req.method} ${c.req.path}\n${JSON.stringify(await c.req.json())}` }
}
