/** For whoever runs the server: does it live, is it ready, and how is it doing. None of these answers tells what anybody stored. */
import { createRoute, z } from '@hono/zod-openapi'
import type { Context } from 'hono'
import { DEFAULT_WORKSPACE } from '../../domain/default-workspace.ts'
import { EngineError } from '../../domain/error.ts'
import type { Env } from '../env.ts'
import { isLoopback } from '../hosts.ts'
import { routes } from '../wire.ts'

const Health = z.object({ status: z.enum(['ok', 'unavailable']) }).openapi('Health')
const health = (description: string) => ({ description, content: { 'application/json': { schema: Health } } })

const alive = createRoute({
  tags: ['Server'],
  method: 'get',
  path: '/healthz',
  summary: 'Whether the process lives',
  description: 'Needs no key.',
  security: [],
  responses: { 200: health('It does') },
})

const ready = createRoute({
  tags: ['Server'],
  method: 'get',
  path: '/readyz',
  summary: 'Whether requests may be sent here',
  description:
    'They may while the database answers, jobs are worked on, and the server is not stopping. Needs no key.',
  security: [],
  responses: { 200: health('They may'), 503: health('They may not, now') },
})

const measure = createRoute({
  tags: ['Server'],
  method: 'get',
  path: '/metrics',
  summary: 'Numbers for Prometheus',
  description:
    'Of all workspaces together. From this machine itself it needs no key; from elsewhere, or through a proxy, any key of the workspace `default`.',
  responses: {
    200: { description: 'The numbers', content: { 'text/plain': { schema: z.string() } } },
  },
})

type Asked = {
  /** Whether requests may be sent here. */
  isReady: () => Promise<boolean>
  metrics: { text: () => Promise<string>; contentType: string }
  keyOf: (c: Context<Env>) => Promise<{ workspace_id: string }>
}

export function healthRoutes({ isReady, metrics, keyOf }: Asked) {
  return routes()
    .openapi(alive, (c) => c.json({ status: 'ok' as const }, 200))
    .openapi(ready, async (c) =>
      (await isReady())
        ? c.json({ status: 'ok' as const }, 200)
        : c.json({ status: 'unavailable' as const }, 503),
    )
    .openapi(measure, async (c) => {
      if (!isOfThisMachine(c)) {
        const { workspace_id } = await keyOf(c)
        if (workspace_id !== DEFAULT_WORKSPACE.id)
          throw new EngineError('permission_error', 'these numbers are of all workspaces together', {
            hint: `ask with a key of the workspace ${DEFAULT_WORKSPACE.name}`,
          })
      }
      return c.text(await metrics.text(), 200, { 'content-type': metrics.contentType })
    })
}

/** Not what a proxy on this machine hands on. */
function isOfThisMachine(c: Context<Env>): boolean {
  const address = c.env?.incoming?.socket.remoteAddress?.replace(/^::ffff:/, '') ?? ''
  const is_handed_on = ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via'].some(
    (it) => c.req.header(it) !== undefined,
  )
  return isLoopback(address) && !is_handed_on
}
