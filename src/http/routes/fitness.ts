/** Whether dreaming helps the agents here, and what is missing. */
import { z } from '@hono/zod-openapi'
import { Fitness } from '../../domain/fitness.ts'
import { pageOfList } from '../paging.ts'
import { List, paging, route, routes } from '../wire.ts'

const WireFitness = z.object({ type: z.literal('fitness'), ...Fitness.shape }).openapi('Fitness')

const list = route({
  tag: 'Measuring',
  role: 'reader',
  method: 'get',
  path: '/v1/fitness',
  summary: 'List whether dreaming helps each agent',
  description:
    'One an agent, by name, from its latest 2,000 sessions: a verdict with its reasons, what can teach today, what to do first, and when to expect what.',
  request: {
    query: z.strictObject({
      agent: z.string().max(500).optional(),
      ...paging({ usual: 50, most: 1_000 }),
    }),
  },
  answer: List(WireFitness),
})

export const fitness = routes().openapi(list, async (c) => {
  const { agent, page, limit } = c.req.valid('query')
  const found = await pageOfList({ name: 'fitness', filter: { agent }, page }, (page) =>
    c.var.engine.fitness({ agent, limit, page }),
  )
  const data = found.data.map((it) => ({ type: 'fitness' as const, ...it }))
  return c.json({ data, next_page: found.next_page }, 200)
})
