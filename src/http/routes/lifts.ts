/** What sessions with and without something say of it. */
import { z } from '@hono/zod-openapi'
import { wholeOrNone } from '../ids.ts'
import { pageOfList } from '../paging.ts'
import { List, paging, route, routes } from '../wire.ts'
import { WireExperiment, wireExperiment } from './experiments.ts'

const WireExperimentWithLifts = WireExperiment.extend({
  /** What the lifts say, in sentences; or what is missing to say anything. */
  says: z.string(),
}).openapi('ExperimentWithLifts')

const list = route({
  tag: 'Experiments',
  role: 'reader',
  method: 'get',
  path: '/v1/lifts',
  summary: 'Measure the experiments',
  description:
    'Experiments with their lifts as they are now: those of whole memories first, then of agents, then of lessons. `verdict` and `reason` are those of the last dream.',
  request: {
    query: z.strictObject({
      memory_store_id: z.string().optional(),
      experiment_id: z.string().optional(),
      kind: WireExperiment.shape.kind.optional(),
      ...paging({ usual: 50, most: 1_000 }),
    }),
  },
  answer: List(WireExperimentWithLifts),
})

export const lifts = routes().openapi(list, async (c) => {
  const { memory_store_id, experiment_id, kind, page, limit } = c.req.valid('query')
  const wanted = {
    kind,
    store: wholeOrNone('memstore', memory_store_id),
    experiment: wholeOrNone('exp', experiment_id),
  }
  const found = await pageOfList({ name: 'lifts', filter: wanted, page }, (page) =>
    c.var.engine.lifts({ ...wanted, limit, page }),
  )
  const data = found.data.map(({ says, ...it }) => ({ ...wireExperiment(it), says }))
  return c.json({ data, next_page: found.next_page }, 200)
})
