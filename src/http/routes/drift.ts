/** How far an agent and its memory have moved. */
import { z } from '@hono/zod-openapi'
import { Drift } from '../../domain/drift.ts'
import { wholeOrNone } from '../ids.ts'
import { route, routes } from '../wire.ts'

const WireDrift = z.object({ type: z.literal('drift'), ...Drift.shape }).openapi('Drift')

const retrieve = route({
  tag: 'Measuring',
  role: 'reader',
  method: 'get',
  path: '/v1/drift',
  summary: 'Compare an agent and its memory between two days',
  description:
    'The window that begins with `from` against the one that ends with `to`, with the alarms that the thresholds of the policy raise. Without days, the first and the last on which the agent worked.',
  request: {
    query: z.strictObject({
      agent: z.string().max(500).optional(),
      memory_store_id: z.string().optional(),
      from: z.iso.date().optional(),
      to: z.iso.date().optional(),
      window_days: z.coerce.number().int().min(1).max(3_660).optional(),
    }),
  },
  answer: WireDrift,
})

export const drift = routes().openapi(retrieve, async (c) => {
  const { memory_store_id, ...wanted } = c.req.valid('query')
  const found = await c.var.engine.drift({ ...wanted, store: wholeOrNone('memstore', memory_store_id) })
  return c.json({ type: 'drift' as const, ...found }, 200)
})
