import { z } from '@hono/zod-openapi'
import { MemoryVersion } from '../../domain/memory.ts'
import type { View, WrittenVersion } from '../../engine.ts'
import { actorNamed, WireActor, wireActor } from '../actor.ts'
import { pageOfList } from '../paging.ts'
import { instant, List, paging, route, routes, Time } from '../wire.ts'

const { operation } = MemoryVersion.shape

const WireVersion = z
  .object({
    type: z.literal('memory_version'),
    id: z.string(),
    memory_id: z.string(),
    memory_store_id: z.string(),
    operation,
    path: z.string().nullable(),
    content: z.string().nullable(),
    content_sha256: z.string().nullable(),
    content_size_bytes: z.number().int().nullable(),
    created_at: Time,
    created_by: WireActor.nullable(),
    redacted_at: Time.nullable(),
    redacted_by: WireActor.nullable(),
  })
  .openapi('MemoryVersion')

const WithText = z.enum(['basic', 'full']).openapi({ description: '`basic` leaves `content` out, as null.' })

const declared = { tag: 'Memory versions' } as const
const one = z.object({ memory_store_id: z.string(), memory_version_id: z.string() })

const list = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/memory_stores/{memory_store_id}/memory_versions',
  summary: 'List memory versions, the newest first',
  description: 'Those of memories that were deleted as well. With `view=full` a page has at most 20 items.',
  request: {
    params: z.object({ memory_store_id: z.string() }),
    query: z.strictObject({
      ...paging({ usual: 20, most: 100 }),
      memory_id: z.string().optional(),
      operation: operation.optional(),
      session_id: z.string().optional(),
      api_key_id: z.string().optional(),
      service_account_id: z.string().optional(),
      'created_at[gte]': Time.optional(),
      'created_at[lte]': Time.optional(),
      view: WithText.default('basic'),
    }),
  },
  answer: List(WireVersion),
})

const retrieve = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/memory_stores/{memory_store_id}/memory_versions/{memory_version_id}',
  summary: 'Retrieve a memory version',
  request: { params: one, query: z.strictObject({ view: WithText.default('full') }) },
  answer: WireVersion,
})

const redact = route({
  ...declared,
  role: 'admin',
  method: 'post',
  path: '/v1/memory_stores/{memory_store_id}/memory_versions/{memory_version_id}/redact',
  summary: 'Redact a memory version',
  description:
    'Its content, path, hash and size are gone for good; who wrote it, and when, stays. The current version of a memory cannot be redacted: write a new one, or delete the memory, first.',
  request: { params: one },
  answer: WireVersion,
})

export const memoryVersions = routes()
  .openapi(list, async (c) => {
    const { memory_store_id } = c.req.valid('param')
    const { limit, page, view, ...query } = c.req.valid('query')
    const filter = {
      memory_id: query.memory_id,
      operation: query.operation,
      session_id: query.session_id,
      authors: [
        ...(query.api_key_id === undefined ? [] : [actorNamed(query.api_key_id, 'apikey_')]),
        ...(query.service_account_id === undefined ? [] : [actorNamed(query.service_account_id, 'svac_')]),
      ],
      from: instant(query['created_at[gte]']),
      to: instant(query['created_at[lte]']),
    }
    const bound = { name: `versions of ${memory_store_id}`, filter, page }
    const { data, next_page } = await pageOfList(bound, (from) =>
      c.var.engine.listVersions(memory_store_id, filter, { view, limit, page: from }),
    )
    return c.json({ data: data.map((it) => wireVersion(it, view)), next_page }, 200)
  })
  .openapi(retrieve, async (c) => {
    const { memory_store_id, memory_version_id } = c.req.valid('param')
    const found = await c.var.engine.versionById(memory_store_id, memory_version_id)
    return c.json(wireVersion(found, c.req.valid('query').view), 200)
  })
  .openapi(redact, async (c) => {
    const { memory_store_id, memory_version_id } = c.req.valid('param')
    const redacted = await c.var.engine.redactVersion(memory_store_id, memory_version_id, c.var.actor)
    return c.json(wireVersion(redacted, 'full'), 200)
  })

/** What was redacted has neither path nor hash any more for whoever asks. */
function wireVersion(version: WrittenVersion, view: View) {
  const { session_id, created_by, redacted_by, ...shown } = version
  const nothing = { path: null, content: null, content_sha256: null, content_size_bytes: null }
  return {
    type: 'memory_version' as const,
    ...shown,
    ...(view === 'basic' ? { content: null } : {}),
    ...(shown.redacted_at === null ? {} : nothing),
    created_by: wireActor(created_by, session_id),
    redacted_by: wireActor(redacted_by, null),
  }
}
