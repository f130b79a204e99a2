import { z } from '@hono/zod-openapi'
import type { MemoryStore } from '../../domain/memory.ts'
import { patched } from '../../domain/metadata.ts'
import { pageOfList } from '../paging.ts'
import { body, Flag, instant, List, Metadata, MetadataPatch, paging, route, routes, Time } from '../wire.ts'

const WireStore = z
  .object({
    type: z.literal('memory_store'),
    id: z.string(),
    name: z.string(),
    description: z.string(),
    metadata: z.record(z.string(), z.string()),
    archived_at: Time.nullable(),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('MemoryStore')

const Name = z
  .string()
  .min(1)
  .max(255)
  .regex(/^\P{Cc}*$/u, 'no control characters')
const Description = z.string().max(1_024)

const declared = { tag: 'Memory stores' } as const

const create = route({
  ...declared,
  role: 'reviewer',
  method: 'post',
  path: '/v1/memory_stores',
  summary: 'Create a memory store',
  request: {
    body: body(
      z.strictObject({
        name: Name,
        description: Description.nullish().transform((it) => it ?? ''),
        metadata: Metadata.nullish().transform((it) => it ?? {}),
      }),
    ),
  },
  answer: WireStore,
})

const one = { params: z.object({ memory_store_id: z.string() }) }

const retrieve = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/memory_stores/{memory_store_id}',
  summary: 'Retrieve a memory store',
  request: one,
  answer: WireStore,
})

const update = route({
  ...declared,
  role: 'reviewer',
  method: 'post',
  path: '/v1/memory_stores/{memory_store_id}',
  summary: 'Update a memory store',
  description:
    'What is absent or null stays, and so do the keys of metadata that are absent; a key that is null goes.',
  request: {
    ...one,
    body: body(
      z.strictObject({
        name: Name.nullish(),
        description: Description.nullish(),
        metadata: MetadataPatch.nullish(),
      }),
    ),
  },
  answer: WireStore,
})

const list = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/memory_stores',
  summary: 'List the memory stores of this workspace, the newest first',
  request: {
    query: z.strictObject({
      ...paging({ usual: 20, most: 100 }),
      include_archived: Flag.default(false),
      'created_at[gte]': Time.optional(),
      'created_at[lte]': Time.optional(),
    }),
  },
  answer: List(WireStore),
})

const archive = route({
  ...declared,
  role: 'reviewer',
  method: 'post',
  path: '/v1/memory_stores/{memory_store_id}/archive',
  summary: 'Archive a memory store',
  description: 'There is no way back. Its memories can be read and deleted, and nothing is written into it.',
  request: one,
  answer: WireStore,
})

const remove = route({
  ...declared,
  role: 'admin',
  method: 'delete',
  path: '/v1/memory_stores/{memory_store_id}',
  summary: 'Delete a memory store, its memories and their versions',
  description: 'Refused while a dream reads or writes it, or waits to.',
  request: one,
  answer: z.object({ type: z.literal('memory_store_deleted'), id: z.string() }),
})

export const memoryStores = routes()
  .openapi(create, async (c) => {
    const made = await c.var.engine.createStore(c.req.valid('json'), c.var.actor)
    return c.json(wireStore(made), 200)
  })
  .openapi(retrieve, async (c) => {
    const { memory_store_id } = c.req.valid('param')
    return c.json(wireStore(await c.var.engine.storeById(memory_store_id)), 200)
  })
  .openapi(update, async (c) => {
    const { memory_store_id } = c.req.valid('param')
    const { name, description, metadata } = c.req.valid('json')
    const change = (store: MemoryStore) => ({
      name: name ?? store.name,
      description: description ?? store.description,
      metadata: patched(store.metadata, metadata),
    })
    return c.json(wireStore(await c.var.engine.updateStore(memory_store_id, change, c.var.actor)), 200)
  })
  .openapi(list, async (c) => {
    const { limit, page, include_archived, ...times } = c.req.valid('query')
    const filter = {
      include_archived,
      from: instant(times['created_at[gte]']),
      to: instant(times['created_at[lte]']),
    }
    const { data, next_page } = await pageOfList({ name: 'memory_stores', filter, page }, (from) =>
      c.var.engine.listStores({ ...filter, limit, page: from }),
    )
    return c.json({ data: data.map(wireStore), next_page }, 200)
  })
  .openapi(archive, async (c) => {
    const { memory_store_id } = c.req.valid('param')
    return c.json(wireStore(await c.var.engine.archiveStore(memory_store_id, c.var.actor)), 200)
  })
  .openapi(remove, async (c) => {
    const { memory_store_id: id } = c.req.valid('param')
    await c.var.engine.deleteStore(id, c.var.actor)
    return c.json({ type: 'memory_store_deleted' as const, id }, 200)
  })

export function wireStore(store: MemoryStore) {
  const { id, name, description, metadata, archived_at, created_at, updated_at } = store
  return {
    type: 'memory_store' as const,
    id,
    name,
    description,
    metadata,
    archived_at,
    created_at,
    updated_at,
  }
}
