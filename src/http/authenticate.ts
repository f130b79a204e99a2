/** Who is asking: the key of a request, as a bearer token or as `x-api-key`, and the workspace that it opens. */
import type { Context, MiddlewareHandler } from 'hono'
import type { ApiKey } from '../domain/api-key.ts'
import { EngineError } from '../domain/error.ts'
import type { Env } from './env.ts'
import { failuresOf } from './limits.ts'

/** Lets a request in that shows a key. One address that shows what is none too often is told to wait, whatever it shows that is none. */
export function authenticating(clock?: () => number) {
  const failures = failuresOf(clock)

  const keyOf = async (c: Context<Env>): Promise<ApiKey> => {
    try {
      const token = tokenOf(c.req.header('authorization'), c.req.header('x-api-key'))
      return await c.var.server.authenticate(token)
    } catch (error) {
      if (!(error instanceof EngineError) || error.type !== 'authentication_error') throw error
      const wait_ms = failures.take(c.env?.incoming?.socket.remoteAddress ?? '')
      if (wait_ms === 0) throw error
      c.header('retry-after', String(Math.ceil(wait_ms / 1000)))
      throw new EngineError('rate_limit_error', 'too many requests came from this address without a key', {
        hint: error.hint!,
      })
    }
  }

  const authenticate: MiddlewareHandler<Env> = async (c, next) => {
    const key = await keyOf(c)
    const named = c.req.header('anthropic-workspace-id')
    if (named !== undefined && named !== key.workspace_id)
      throw new EngineError(
        'permission_error',
        'the key is of another workspace than anthropic-workspace-id names',
        { hint: 'leave the header out: a key opens one workspace' },
      )
    c.set('key', key)
    c.set('actor', `user:${key.id}`)
    c.set('engine', c.var.server.engineOf(key.workspace_id))
    c.header('anthropic-workspace-id', key.workspace_id)
    await next()
  }

  return { keyOf, authenticate }
}

function tokenOf(authorization: string | undefined, api_key: string | undefined): string {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1]
  const token = api_key ?? bearer
  if (token !== undefined && token !== '') return token
  throw new EngineError('authentication_error', 'the request names no key', {
    hint: 'send it as `x-api-key: KEY` or as `authorization: Bearer KEY`; `reverie keys create` makes one',
  })
}
