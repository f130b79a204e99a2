/** What sessions are given of a memory store, and what they went without. */
import { z } from '@hono/zod-openapi'
import { Recall, RecalledMemory } from '../../domain/recall.ts'
import { WireActor, wireActor } from '../actor.ts'
import { whole, wholeOrNone } from '../ids.ts'
import { pageOfList } from '../paging.ts'
import { body, List, paging, route, routes, Time } from '../wire.ts'

const WireRecall = z
  .object({
    type: z.literal('recall'),
    ...Recall.shape,
    created_at: Time,
    created_by: WireActor.nullable(),
  })
  .openapi('Recall')

const WireRecalled = z
  .object({
    type: z.literal('recalled'),
    ...Recall.pick({ agent: true, session_key: true, arm: true, budget_tokens: true, tokens: true }).shape,
    /** Null where the agent has no memory store yet: then nothing is written down. */
    id: z.string().nullable(),
    memory_store_id: z.string().nullable(),
    /** To be put before the session as it stands; empty where there is nothing to give. */
    text: z.string(),
    memories: z.array(RecalledMemory.extend({ tokens: z.number().int() })),
    left_out: z.number().int(),
    notes: z.array(z.string()),
    created_at: Time,
  })
  .openapi('Recalled')

const declared = { tag: 'Recalls' } as const
const Name = z.string().min(1).max(500)

const recall = route({
  ...declared,
  role: 'writer',
  method: 'post',
  path: '/v1/recall',
  summary: 'Give a session what it is to know',
  description:
    'Put `text` before the session as it stands. Give `session`, by whatever name the session will have when it is put in: then its lot is written down before it begins, and the effect of what it is given can be measured. Asked again for the same session, the lots are the same.',
  request: {
    body: body(
      z.strictObject({
        agent: Name.nullish(),
        memory_store_id: z.string().nullish(),
        session: Name.nullish(),
        task: Name.nullish(),
        /** What the session begins with. It is not stored. */
        query: z.string().max(100_000).nullish(),
        person: Name.nullish(),
        budget_tokens: z.number().int().min(0).max(100_000).nullish(),
      }),
    ),
  },
  answer: WireRecalled,
})

const list = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/recalls',
  summary: 'List recalls, newest first',
  description: 'Of one `session` by any name that it has.',
  request: {
    query: z.strictObject({
      memory_store_id: z.string().optional(),
      agent: Name.optional(),
      session: Name.optional(),
      ...paging({ usual: 50, most: 1_000 }),
    }),
  },
  answer: List(WireRecall),
})

const retrieve = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/recalls/{recall_id}',
  summary: 'Retrieve a recall',
  request: { params: z.object({ recall_id: z.string() }) },
  answer: WireRecall,
})

export const recalls = routes()
  .openapi(recall, async (c) => {
    const { memory_store_id, ...asked } = c.req.valid('json')
    const given = Object.fromEntries(Object.entries(asked).filter(([, it]) => it !== null))
    const store = wholeOrNone('memstore', memory_store_id ?? undefined)
    const recalled = await c.var.engine.recall({ ...given, store }, c.var.actor)
    return c.json({ type: 'recalled' as const, ...recalled }, 200)
  })
  .openapi(list, async (c) => {
    const { memory_store_id, agent, session, page, limit } = c.req.valid('query')
    const wanted = { agent, session, store: wholeOrNone('memstore', memory_store_id) }
    const found = await pageOfList({ name: 'recalls', filter: wanted, page }, (page) =>
      c.var.engine.recalls({ ...wanted, limit, page }),
    )
    return c.json({ data: found.data.map(wireRecall), next_page: found.next_page }, 200)
  })
  .openapi(retrieve, async (c) => {
    const found = await c.var.engine.recallById(whole('rcl', c.req.valid('param').recall_id))
    return c.json(wireRecall(found), 200)
  })

function wireRecall(it: Recall): z.infer<typeof WireRecall> {
  return { type: 'recall', ...it, created_by: wireActor(it.created_by as `user:${string}`, null) }
}
