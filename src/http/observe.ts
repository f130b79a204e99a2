/** What became of each request, for the log and the metrics: facts about it, and nothing that its caller wrote. */
import type { Context, MiddlewareHandler } from 'hono'
import { matchedRoutes } from 'hono/route'
import type { Env } from './env.ts'

export type Observed = {
  request_id: string
  method: string
  /** As the routes declare it, without the ids in it: `/v1/dreams/{dream_id}`; `none` where there is no such route. */
  route: string
  status: number
  /** It was a stream of events, which lasts as long as its caller listens. */
  is_stream: boolean
  ms: number
  /** What was sent, headers and all; 0 where it did not go over a socket. */
  bytes: number
  key_id: string | null
  workspace_id: string | null
  /** The caller went away before it had the whole answer. */
  broken_off: boolean
}

export type Observer = {
  /** An answer that goes on, as a stream of events does, has begun; what it gives is called when it is over. */
  streaming?: (c: Context<Env>) => () => void
  observed?: (request: Observed) => void
}

/** Tells the observers of each request when its answer is out. */
export function observing(observers: Observer[]): MiddlewareHandler<Env> {
  return async (c, next) => {
    const started = performance.now()
    const { incoming, outgoing } = c.env ?? {}
    const socket = incoming?.socket
    const before = socket?.bytesWritten ?? 0
    await next()
    const is_stream = c.res.headers.get('content-type')?.startsWith('text/event-stream') === true
    const ended = is_stream ? observers.map((it) => it.streaming?.(c)) : []
    const over = () => {
      for (const it of ended) it?.()
      const key = c.get('key') as Env['Variables']['key'] | undefined
      const observed = {
        request_id: c.var.request_id,
        method: c.req.method,
        route: routeOf(c),
        status: c.res.status,
        is_stream,
        ms: Math.round((performance.now() - started) * 10) / 10,
        bytes: (socket?.bytesWritten ?? 0) - before,
        key_id: key?.id ?? null,
        workspace_id: key?.workspace_id ?? null,
        broken_off: outgoing?.writableFinished === false,
      }
      for (const it of observers) it.observed?.(observed)
    }
    if (outgoing === undefined || outgoing.closed) over()
    else outgoing.once('close', over)
  }
}

function routeOf(c: Context<Env>): string {
  const path = matchedRoutes(c).at(-1)?.path ?? '*'
  return path.endsWith('*') ? 'none' : path.replaceAll(/:(\w+)/g, '{$1}')
}
