import { z } from '@hono/zod-openapi'
import { pageOf } from '../../domain/page.ts'
import { pageOfList } from '../paging.ts'
import { FileParam, WireFile, WireResource } from '../resource.ts'
import { body, List, paging, route, routes } from '../wire.ts'

const declared = { tag: 'Resources' } as const
const of_session = { params: z.object({ session_id: z.string() }) }
const one = { params: z.object({ session_id: z.string(), resource_id: z.string() }) }

const list = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/sessions/{session_id}/resources',
  summary: 'List what a session was given',
  request: { ...of_session, query: z.strictObject(paging({ usual: 100, most: 1_000 })) },
  answer: List(WireResource),
})

const add = route({
  ...declared,
  role: 'writer',
  method: 'post',
  path: '/v1/sessions/{session_id}/resources',
  summary: 'Add a file to a session',
  description: 'Memory stores and repositories are given when a session is created.',
  request: { ...of_session, body: body(FileParam) },
  answer: WireFile,
})

const retrieve = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/sessions/{session_id}/resources/{resource_id}',
  summary: 'Retrieve a resource',
  description: 'A memory store has no id of its own here, and is found by that of the store.',
  request: one,
  answer: WireResource,
})

const update = route({
  ...declared,
  role: 'writer',
  method: 'post',
  path: '/v1/sessions/{session_id}/resources/{resource_id}',
  summary: 'Give a repository another token',
  description: 'Nothing here fetches repositories, so the token is not kept.',
  request: { ...one, body: body(z.strictObject({ authorization_token: z.string().min(1) })) },
  answer: WireResource,
})

const remove = route({
  ...declared,
  role: 'writer',
  method: 'delete',
  path: '/v1/sessions/{session_id}/resources/{resource_id}',
  summary: 'Take a resource from a session',
  request: one,
  answer: z.object({ id: z.string(), type: z.literal('session_resource_deleted') }),
})

export const resources = routes()
  .openapi(list, async (c) => {
    const { session_id } = c.req.valid('param')
    const { limit, page } = c.req.valid('query')
    const all = (await c.var.engine.sessionById(session_id)).resources
    const found = await pageOfList({ name: 'resources', filter: { session_id }, page }, async (page) =>
      pageOf(all, { limit, page }),
    )
    return c.json(found, 200)
  })
  .openapi(add, async (c) => {
    const { type: _, ...file } = c.req.valid('json')
    return c.json(await c.var.engine.addFile(c.req.valid('param').session_id, file), 200)
  })
  .openapi(retrieve, async (c) => {
    const { session_id, resource_id } = c.req.valid('param')
    return c.json(await c.var.engine.resourceById(session_id, resource_id), 200)
  })
  .openapi(update, async (c) => {
    const { session_id, resource_id } = c.req.valid('param')
    return c.json(await c.var.engine.renewRepository(session_id, resource_id), 200)
  })
  .openapi(remove, async (c) => {
    const { session_id, resource_id: id } = c.req.valid('param')
    await c.var.engine.removeResource(session_id, id)
    return c.json({ id, type: 'session_resource_deleted' as const }, 200)
  })
