/** What dreams learned and what became of it, in words. */
import { z } from '@hono/zod-openapi'
import { Decision } from '../../domain/decision.ts'
import { Digest, DigestedChange } from '../../domain/digest.ts'
import { Dream } from '../../domain/dream.ts'
import { WireDecider, wireDecider } from '../actor.ts'
import { wholeOrNone } from '../ids.ts'
import { pageOfList } from '../paging.ts'
import { List, paging, route, routes, Time } from '../wire.ts'

const WireDigest = z
  .object({
    type: z.literal('digest'),
    dream_id: z.string(),
    ...Dream.omit({ id: true }).shape,
    ...Digest.omit({ dream: true, changes: true }).shape,
    changes: z.array(
      DigestedChange.omit({ decisions: true }).extend({
        type: z.literal('digested_change'),
        decisions: z.array(
          z.object({
            type: z.literal('digested_decision'),
            decision: Decision.shape.decision,
            by: WireDecider,
            reason: z.string(),
            at: Time,
            is_edited: z.boolean(),
          }),
        ),
      }),
    ),
  })
  .openapi('Digest')

const list = route({
  tag: 'Lessons',
  role: 'reader',
  method: 'get',
  path: '/v1/digests',
  summary: 'List digests',
  description:
    'What one dream learned and what became of it; without a dream, that of the last dream of each memory store.',
  request: {
    query: z.strictObject({
      memory_store_id: z.string().optional(),
      dream_id: z.string().optional(),
      ...paging({ usual: 20, most: 100 }),
    }),
  },
  answer: List(WireDigest),
})

export const digests = routes().openapi(list, async (c) => {
  const { memory_store_id, dream_id, page, limit } = c.req.valid('query')
  const wanted = { store: wholeOrNone('memstore', memory_store_id), dream: wholeOrNone('drm', dream_id) }
  const found = await pageOfList({ name: 'digests', filter: wanted, page }, (page) =>
    c.var.engine.digests({ ...wanted, limit, page }),
  )
  return c.json({ data: found.data.map(wireDigest), next_page: found.next_page }, 200)
})

function wireDigest({ dream: { id, ...dream }, changes, ...digest }: Digest): z.infer<typeof WireDigest> {
  return {
    type: 'digest',
    dream_id: id,
    ...dream,
    ...digest,
    changes: changes.map(({ decisions, ...it }) => ({
      type: 'digested_change',
      ...it,
      decisions: decisions.map(({ by, ...said }) => ({
        type: 'digested_decision',
        ...said,
        by: wireDecider(by),
      })),
    })),
  }
}
