/** How agents work without lessons. */
import { z } from '@hono/zod-openapi'
import { Baseline } from '../../domain/baseline.ts'
import { pageOfList } from '../paging.ts'
import { Flag, instant, List, paging, route, routes, Time } from '../wire.ts'

const WireBaseline = z
  .object({
    type: z.literal('baseline'),
    ...Baseline.shape,
    frozen_at: Time.nullable(),
    first_at: Time.nullable(),
    last_at: Time.nullable(),
  })
  .openapi('Baseline')

const list = route({
  tag: 'Measuring',
  role: 'reader',
  method: 'get',
  path: '/v1/baselines',
  summary: 'List how agents work without lessons',
  description:
    'One an agent, over the sessions that began before its first lesson went live, each metric with its 95 % interval; with `by_intent=true` each kind of work follows.',
  request: {
    query: z.strictObject({
      agent: z.string().max(500).optional(),
      since: Time.optional(),
      until: Time.optional(),
      by_intent: Flag.optional(),
      ...paging({ usual: 50, most: 1_000 }),
    }),
  },
  answer: List(WireBaseline),
})

export const baselines = routes().openapi(list, async (c) => {
  const { agent, since, until, by_intent, page, limit } = c.req.valid('query')
  const wanted = { agent, since: instant(since), until: instant(until), by_intent }
  const found = await pageOfList({ name: 'baselines', filter: wanted, page }, (page) =>
    c.var.engine.baseline({ ...wanted, limit, page }),
  )
  const data = found.data.map((it) => ({ type: 'baseline' as const, ...it }))
  return c.json({ data, next_page: found.next_page }, 200)
})
