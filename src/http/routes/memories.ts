import { z } from '@hono/zod-openapi'
import type { Folder, MemoryItem, View } from '../../engine.ts'
import { pageOfList } from '../paging.ts'
import { body, List, paging, route, routes, Time } from '../wire.ts'

const WireMemory = z
  .object({
    type: z.literal('memory'),
    id: z.string(),
    memory_store_id: z.string(),
    memory_version_id: z.string(),
    path: z.string(),
    content: z.string().nullable(),
    content_sha256: z.string(),
    content_size_bytes: z.number().int(),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('Memory')

const WirePrefix = z
  .object({ type: z.literal('memory_prefix'), path: z.string() })
  .openapi('MemoryPrefix', { description: 'A folder, in the place of all memories in it.' })

const WithText = z.enum(['basic', 'full']).openapi({ description: '`basic` leaves `content` out, as null.' })
/** What is written is answered without its text unless that is asked for; what is retrieved with it. */
const written = z.strictObject({ view: WithText.default('basic') })
const retrieved = z.strictObject({ view: WithText.default('full') })

const declared = { tag: 'Memories' } as const
const inStore = z.object({ memory_store_id: z.string() })
const oneOf = z.object({ memory_store_id: z.string(), memory_id: z.string() })

const PATH_RULES =
  'A path starts with `/`, has 1 to 20 segments, none of them empty, `.` or `..`, and at most 1,024 bytes, is in NFC, and has no control or format characters. No memory is at the path of another, above or below it.'

const create = route({
  ...declared,
  role: 'reviewer',
  method: 'post',
  path: '/v1/memory_stores/{memory_store_id}/memories',
  summary: 'Create a memory',
  description: PATH_RULES,
  request: {
    params: inStore,
    query: written,
    body: body(z.strictObject({ path: z.string(), content: z.string().nullable() })),
  },
  answer: WireMemory,
})

const retrieve = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/memory_stores/{memory_store_id}/memories/{memory_id}',
  summary: 'Retrieve a memory',
  request: { params: oneOf, query: retrieved },
  answer: WireMemory,
})

const update = route({
  ...declared,
  role: 'reviewer',
  method: 'post',
  path: '/v1/memory_stores/{memory_store_id}/memories/{memory_id}',
  summary: 'Update a memory: its content, its path, or both',
  description: `What is absent stays. With a precondition it is done only if the content is still what the caller has seen. ${PATH_RULES}`,
  request: {
    params: oneOf,
    query: written,
    body: body(
      z.strictObject({
        content: z.string().nullish(),
        path: z.string().nullish(),
        precondition: z
          .strictObject({ type: z.literal('content_sha256'), content_sha256: z.string().optional() })
          .nullish(),
      }),
    ),
  },
  answer: WireMemory,
})

const list = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/memory_stores/{memory_store_id}/memories',
  summary: 'List memories, in order of their paths',
  description:
    'With `depth=1` only what is directly below `path_prefix`; what is deeper is told as the folder it is in. With `view=full` a page has at most 20 items.',
  request: {
    params: inStore,
    query: z.strictObject({
      ...paging({ usual: 20, most: 100 }),
      path_prefix: z.string().optional(),
      depth: z.enum(['0', '1']).default('0'),
      view: WithText.default('basic'),
    }),
  },
  answer: List(z.union([WireMemory, WirePrefix])),
})

const remove = route({
  ...declared,
  role: 'reviewer',
  method: 'delete',
  path: '/v1/memory_stores/{memory_store_id}/memories/{memory_id}',
  summary: 'Delete a memory; its versions stay',
  request: {
    params: oneOf,
    query: z.strictObject({ expected_content_sha256: z.string().optional() }),
  },
  answer: z.object({ type: z.literal('memory_deleted'), id: z.string() }),
})

export const memories = routes()
  .openapi(create, async (c) => {
    const { memory_store_id } = c.req.valid('param')
    const { path, content } = c.req.valid('json')
    const wanted = { path, content: content ?? '' }
    const made = await c.var.engine.createMemory(memory_store_id, wanted, c.var.actor)
    return c.json(wireMemory(made, c.req.valid('query').view), 200)
  })
  .openapi(retrieve, async (c) => {
    const { memory_store_id, memory_id } = c.req.valid('param')
    const found = await c.var.engine.memoryById(memory_store_id, memory_id)
    return c.json(wireMemory(found, c.req.valid('query').view), 200)
  })
  .openapi(update, async (c) => {
    const { memory_store_id, memory_id } = c.req.valid('param')
    const { content = null, path = null, precondition } = c.req.valid('json')
    const wanted = { content, path, expected: precondition?.content_sha256 ?? null }
    const changed = await c.var.engine.updateMemory(memory_store_id, memory_id, wanted, c.var.actor)
    return c.json(wireMemory(changed, c.req.valid('query').view), 200)
  })
  .openapi(list, async (c) => {
    const { memory_store_id } = c.req.valid('param')
    const { limit, page, view, path_prefix = null, depth } = c.req.valid('query')
    const filter = { path_prefix, is_shallow: depth === '1' }
    const bound = { name: `memories of ${memory_store_id}`, filter, page }
    const { data, next_page } = await pageOfList(bound, (from) =>
      c.var.engine.listMemories(memory_store_id, { ...filter, view, limit, page: from }),
    )
    return c.json(
      { data: data.map((it) => ('id' in it ? wireMemory(it, view) : wirePrefix(it))), next_page },
      200,
    )
  })
  .openapi(remove, async (c) => {
    const { memory_store_id, memory_id: id } = c.req.valid('param')
    const expected = c.req.valid('query').expected_content_sha256 ?? null
    await c.var.engine.deleteMemory(memory_store_id, id, expected, c.var.actor)
    return c.json({ type: 'memory_deleted' as const, id }, 200)
  })

function wireMemory({ created_by, ...memory }: MemoryItem, view: View) {
  return { type: 'memory' as const, ...memory, content: view === 'full' ? memory.content : null }
}

function wirePrefix({ path }: Folder) {
  return { type: 'memory_prefix' as const, path }
}
