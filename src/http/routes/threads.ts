import { createRoute, z } from '@hono/zod-openapi'
import { mustBe } from '../../domain/api-key.ts'
import { RecordingStatus } from '../../domain/recording.ts'
import { pageOfList } from '../paging.ts'
import { ToldEvent, WireThread, wireThread } from '../session.ts'
import { streamOf } from '../streams.ts'
import { List, paging, route, routes, several } from '../wire.ts'
import { Deltas, EVENT_STREAM } from './events.ts'

const declared = { tag: 'Threads' } as const
const one = { params: z.object({ session_id: z.string(), thread_id: z.string() }) }

const list = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/sessions/{session_id}/threads',
  summary: 'List the threads of a session',
  description:
    'The one that every session has comes first. Others are those that its events name, with `session_thread_id`.',
  request: {
    params: z.object({ session_id: z.string() }),
    query: z.strictObject({
      'statuses[]': several(RecordingStatus),
      ...paging({ usual: 100, most: 1_000 }),
    }),
  },
  answer: List(WireThread),
})

const retrieve = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/sessions/{session_id}/threads/{thread_id}',
  summary: 'Retrieve a thread',
  request: one,
  answer: WireThread,
})

const archive = route({
  ...declared,
  role: 'writer',
  method: 'post',
  path: '/v1/sessions/{session_id}/threads/{thread_id}/archive',
  summary: 'Archive a thread',
  request: one,
  answer: WireThread,
})

const events = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/sessions/{session_id}/threads/{thread_id}/events',
  summary: 'List the events of a thread',
  request: { ...one, query: z.strictObject(paging({ usual: 1_000, most: 1_000 })) },
  answer: List(ToldEvent),
})

const stream = createRoute({
  tags: ['Threads'],
  method: 'get',
  path: '/v1/sessions/{session_id}/threads/{thread_id}/stream',
  summary: 'Follow a thread',
  description: 'As the stream of a session, with the events of one thread.\n\nRole: reader.',
  request: { ...one, query: Deltas },
  responses: EVENT_STREAM,
})

export const threads = routes()
  .openapi(list, async (c) => {
    const { session_id } = c.req.valid('param')
    const { limit, page, 'statuses[]': statuses } = c.req.valid('query')
    const bound = { name: 'threads', filter: { session_id, statuses }, page }
    const { data, next_page } = await pageOfList(bound, (page) =>
      c.var.engine.threadList(session_id, { statuses, limit, page }),
    )
    return c.json({ data: data.map(wireThread), next_page }, 200)
  })
  .openapi(retrieve, async (c) => {
    const { session_id, thread_id } = c.req.valid('param')
    return c.json(wireThread(await c.var.engine.threadById(session_id, thread_id)), 200)
  })
  .openapi(archive, async (c) => {
    const { session_id, thread_id } = c.req.valid('param')
    return c.json(wireThread(await c.var.engine.archiveThread(session_id, thread_id)), 200)
  })
  .openapi(events, async (c) => {
    const { session_id, thread_id } = c.req.valid('param')
    const { limit, page } = c.req.valid('query')
    const bound = { name: 'thread events', filter: { session_id, thread_id }, page }
    const found = await pageOfList(bound, (page) =>
      c.var.engine.threadEvents(session_id, thread_id, { limit, page }),
    )
    return c.json(found, 200)
  })
  .openapi(stream, async (c) => {
    mustBe('reader', c.var.key)
    const { session_id, thread_id } = c.req.valid('param')
    return streamOf(c, await c.var.engine.followed(session_id, thread_id)) as never
  })
