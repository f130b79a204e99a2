import { createRoute, z } from '@hono/zod-openapi'
import { mustBe } from '../../domain/api-key.ts'
import { EventType, WireTime } from '../../domain/recorded-event.ts'
import { bounds } from '../bounds.ts'
import { onceOf } from '../once.ts'
import { pageOfList } from '../paging.ts'
import { EventParam, ToldEvent } from '../session.ts'
import { streamOf } from '../streams.ts'
import { body, List, paging, route, routes, several } from '../wire.ts'

const declared = { tag: 'Events' } as const
const one = { params: z.object({ session_id: z.string() }) }

const send = route({
  ...declared,
  role: 'writer',
  method: 'post',
  path: '/v1/sessions/{session_id}/events',
  summary: 'Put events into a session',
  description:
    'All of them or none, at most 1,000 at once. An event may bring its `id` and its `processed_at`; the same event again is there already. The result of a call needs the call, in this session or in the same request. Secrets are replaced before anything is stored, and pictures and files that stand in an event byte for byte are not kept.',
  request: { ...one, body: body(z.strictObject({ events: z.array(EventParam).min(1).max(1_000) })) },
  answer: z.object({ data: z.array(ToldEvent) }),
})

const list = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/sessions/{session_id}/events',
  summary: 'List the events of a session, in the order in which they came',
  description: '`created_at` is compared with `processed_at`.',
  request: {
    ...one,
    query: z.strictObject({
      'types[]': several(EventType),
      'created_at[gt]': WireTime.optional(),
      'created_at[gte]': WireTime.optional(),
      'created_at[lt]': WireTime.optional(),
      'created_at[lte]': WireTime.optional(),
      order: z.enum(['asc', 'desc']).default('asc'),
      ...paging({ usual: 1_000, most: 1_000 }),
    }),
  },
  answer: List(ToldEvent),
})

/** What the deltas of an event would be asked for by: events come whole here, so there are none. */
export const Deltas = z.strictObject({
  'event_deltas[]': several(z.enum(['agent.message', 'agent.thinking'])),
})

export const EVENT_STREAM = {
  200: {
    description: 'Server-sent events: `event: message`, with an event as its data',
    content: { 'text/event-stream': { schema: z.string() } },
  },
}

const stream = createRoute({
  tags: ['Events'],
  method: 'get',
  path: '/v1/sessions/{session_id}/events/stream',
  summary: 'Follow a session',
  description:
    'Events that are put in from now on, as they come. Nothing is replayed: open the stream, then list the events, and merge them by id.\n\nRole: reader.',
  request: { ...one, query: Deltas },
  responses: EVENT_STREAM,
})

export const events = routes()
  .openapi(send, async (c) => {
    const { session_id } = c.req.valid('param')
    const data = await c.var.engine.sendEvents(session_id, c.req.valid('json').events, await onceOf(c))
    c.var.server.feed.look()
    return c.json({ data }, 200)
  })
  .openapi(list, async (c) => {
    const { session_id } = c.req.valid('param')
    const { limit, page, order, 'types[]': types, ...times } = c.req.valid('query')
    const filter = { types, order, processed: bounds(times) }
    const found = await pageOfList({ name: 'events', filter: { session_id, ...filter }, page }, (page) =>
      c.var.engine.eventList(session_id, { ...filter, limit, page }),
    )
    return c.json(found, 200)
  })
  .openapi(stream, async (c) => {
    mustBe('reader', c.var.key)
    return streamOf(c, await c.var.engine.followed(c.req.valid('param').session_id)) as never
  })
