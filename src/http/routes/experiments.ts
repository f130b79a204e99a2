/** Who goes without lessons, so that their effect is known. */
import { z } from '@hono/zod-openapi'
import { Experiment } from '../../domain/experiment.ts'
import type { ShownExperiment } from '../../engine.ts'
import { WireDecider, wireDecider } from '../actor.ts'
import { whole, wholeOrNone } from '../ids.ts'
import { pageOfList } from '../paging.ts'
import { body, List, paging, route, routes, Time } from '../wire.ts'

export const WireExperiment = z
  .object({
    type: z.literal('experiment'),
    ...Experiment.omit({ salt: true }).shape,
    store: z.string(),
    agent: z.string(),
    /** The sentence of the lesson. */
    lesson: z.string().nullable(),
    /** How many sessions drew which lot so far; null for an `agent`, where none is drawn. */
    drawn: z.object({ treatment: z.number().int(), control: z.number().int() }).nullable(),
    /** Whether sessions that begin now draw lots in it. */
    draws_lots: z.boolean(),
    measured_at: Time.nullable(),
    started_at: Time,
    /** Null where it started by itself. */
    started_by: WireDecider.nullable(),
    ended_at: Time.nullable(),
    /** Null while it runs, and where a dream ended it. */
    ended_by: WireDecider.nullable(),
  })
  .openapi('Experiment')

const declared = { tag: 'Experiments', role: 'reviewer' } as const
const read = { ...declared, role: 'reader' } as const
const one = { params: z.object({ experiment_id: z.string() }) }
const { kind, status } = Experiment.shape

const list = route({
  ...read,
  method: 'get',
  path: '/v1/experiments',
  summary: 'List experiments, newest first',
  description:
    'Those of kind `memory` and `lesson` start by themselves with the first session that recalls a lesson.',
  request: {
    query: z.strictObject({
      memory_store_id: z.string().optional(),
      kind: kind.optional(),
      status: status.optional(),
      ...paging({ usual: 50, most: 1_000 }),
    }),
  },
  answer: List(WireExperiment),
})

const retrieve = route({
  ...read,
  method: 'get',
  path: '/v1/experiments/{experiment_id}',
  summary: 'Retrieve an experiment',
  request: one,
  answer: WireExperiment,
})

const Name = z.string().min(1).max(500)

const start = route({
  ...declared,
  method: 'post',
  path: '/v1/experiments',
  summary: 'Compare an agent with one that is given no memory, or measure a lesson again',
  description:
    'Give `control_agent` or `pattern_id`, and the memory store by its id or by its agent where there is more than one.',
  request: {
    body: body(
      z.strictObject({
        memory_store_id: z.string().optional(),
        agent: Name.optional(),
        control_agent: Name.optional(),
        pattern_id: z.string().optional(),
      }),
    ),
  },
  answer: WireExperiment,
})

const end = route({
  ...declared,
  method: 'post',
  path: '/v1/experiments/{experiment_id}/end',
  summary: 'End an experiment, for good',
  description:
    'A lesson is then given to every session that it fits, and its effect is not measured any more, until somebody starts that again.',
  request: { ...one, body: body(z.strictObject({ reason: z.string().min(1).max(1_000) })) },
  answer: WireExperiment,
})

export const experiments = routes()
  .openapi(list, async (c) => {
    const { memory_store_id, page, limit, ...like } = c.req.valid('query')
    const wanted = { ...like, store: wholeOrNone('memstore', memory_store_id) }
    const found = await pageOfList({ name: 'experiments', filter: wanted, page }, (page) =>
      c.var.engine.experiments({ ...wanted, limit, page }),
    )
    return c.json({ data: found.data.map(wireExperiment), next_page: found.next_page }, 200)
  })
  .openapi(retrieve, async (c) => {
    const { experiment_id } = c.req.valid('param')
    return c.json(wireExperiment(await c.var.engine.experiment(whole('exp', experiment_id))), 200)
  })
  .openapi(start, async (c) => {
    const { memory_store_id, pattern_id, ...wanted } = c.req.valid('json')
    const of = {
      store: wholeOrNone('memstore', memory_store_id),
      pattern_id: wholeOrNone('pat', pattern_id),
    }
    const started = await c.var.engine.startExperiment({ ...wanted, ...of }, c.var.actor)
    return c.json(wireExperiment(started), 200)
  })
  .openapi(end, async (c) => {
    const id = whole('exp', c.req.valid('param').experiment_id)
    const ended = await c.var.engine.endExperiment(id, c.req.valid('json'), c.var.actor)
    return c.json(wireExperiment(ended), 200)
  })

export function wireExperiment({
  started_by,
  ended_by,
  ...it
}: ShownExperiment): z.infer<typeof WireExperiment> {
  return { type: 'experiment', ...it, started_by: wirePerson(started_by), ended_by: wirePerson(ended_by) }
}

/** Null for what no person or key did. */
function wirePerson(actor: string | null): WireDecider | null {
  return actor?.startsWith('user:') ? wireDecider(actor) : null
}
