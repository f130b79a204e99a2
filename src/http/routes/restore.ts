/** What stood in a memory store before, and putting it back. */
import { z } from '@hono/zod-openapi'
import { EngineError } from '../../domain/error.ts'
import { MemoryVersion } from '../../domain/memory.ts'
import type { Engine, StoredVersion } from '../../engine.ts'
import { whole } from '../ids.ts'
import { pageOfList } from '../paging.ts'
import { body, List, paging, route, routes, Time } from '../wire.ts'

const tag = 'Memory versions'
const { operation } = MemoryVersion.shape
const OneVersion = z.object({ memory_store_id: z.string(), memory_version_id: z.string() })

const WireHistory = z
  .object({
    type: z.literal('memory_history_entry'),
    memory_version_id: z.string(),
    memory_id: z.string(),
    operation,
    path: z.string(),
    content_sha256: z.string().nullable(),
    created_at: Time,
    redacted_at: Time.nullable(),
    /** The change that became it. */
    change_id: z.string().nullable(),
    /** Who acted, and why, in the words of the audit log. */
    actor: z.string().nullable(),
    reason: z.string().nullable(),
    /** Its place in the order of writing, which a store can be restored to. */
    seq: z.number().int(),
  })
  .openapi('MemoryHistoryEntry')

const history = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/memory_stores/{memory_store_id}/history',
  summary: 'List what stood at a path, and how each version came about',
  request: {
    params: z.object({ memory_store_id: z.string() }),
    query: z.strictObject({ path: z.string().min(1).max(1_024), ...paging({ usual: 50, most: 200 }) }),
  },
  answer: List(WireHistory),
})

const diff = route({
  tag,
  role: 'reader',
  method: 'get',
  path: '/v1/memory_stores/{memory_store_id}/memory_versions/{memory_version_id}/diff',
  summary: 'Show what a memory version changed',
  description: 'As the lines of a unified diff against the version before it at its path.',
  request: { params: OneVersion },
  answer: z
    .object({
      type: z.literal('memory_version_diff'),
      path: z.string(),
      before_version_id: z.string().nullable(),
      after_version_id: z.string(),
      diff: z.array(z.string()),
    })
    .openapi('MemoryVersionDiff'),
})

const Restored = z.object({
  type: z.literal('restored_memory'),
  path: z.string(),
  operation,
  /** The version that stood there, and the one whose text stands there now; null for nothing. */
  from: z.string().nullable(),
  to: z.string().nullable(),
})

const DryRun = z.strictObject({ dry_run: z.boolean().nullish() }).nullish()

const restoreOne = route({
  tag,
  role: 'reviewer',
  method: 'post',
  path: '/v1/memory_stores/{memory_store_id}/memory_versions/{memory_version_id}/restore',
  summary: 'Put the text of an earlier version back',
  description: 'As a new version. Needs no body. `restored` is empty where it stands there already.',
  request: { params: OneVersion, body: { ...body(DryRun), required: false } },
  answer: z
    .object({
      type: z.literal('memory_restored'),
      dry_run: z.boolean(),
      restored: z.array(Restored),
    })
    .openapi('MemoryRestored'),
})

const restoreAll = route({
  tag,
  role: 'reviewer',
  method: 'post',
  path: '/v1/memory_stores/{memory_store_id}/restore',
  summary: 'Make a memory store what it was',
  description:
    'At a time, or when the version of that `seq` had just been written. Restoring to `back` takes it back.',
  request: {
    params: z.object({ memory_store_id: z.string() }),
    body: body(
      z.union([
        z.strictObject({ time: Time, dry_run: z.boolean().nullish() }),
        z.strictObject({ seq: z.number().int().min(1), dry_run: z.boolean().nullish() }),
      ]),
    ),
  },
  answer: z
    .object({
      type: z.literal('memory_store_restored'),
      dry_run: z.boolean(),
      seq: z.number().int(),
      back: z.number().int(),
      restored: z.array(Restored),
      /** Paths whose text of then was erased: what stands there stays. */
      erased: z.array(z.string()),
    })
    .openapi('MemoryStoreRestored'),
})

export const restore = routes()
  .openapi(history, async (c) => {
    const { memory_store_id } = c.req.valid('param')
    const { path, page, limit } = c.req.valid('query')
    const store = whole('memstore', memory_store_id)
    const found = await pageOfList({ name: 'history', filter: { store, path }, page }, (page) =>
      c.var.engine.memoryHistory(store, path, { limit, page }),
    )
    const data = found.data.map(
      ({ id, memory_store_id: _, content, content_size_bytes, created_by, redacted_by, ...it }) => ({
        type: 'memory_history_entry' as const,
        memory_version_id: id,
        ...it,
      }),
    )
    return c.json({ data, next_page: found.next_page }, 200)
  })
  .openapi(diff, async (c) => {
    const { id } = await versionOf(c.var.engine, c.req.valid('param'))
    const { before, after, diff } = await c.var.engine.memoryDiff(undefined, id)
    return c.json(
      {
        type: 'memory_version_diff' as const,
        path: after.path,
        before_version_id: before?.id ?? null,
        after_version_id: after.id,
        diff,
      },
      200,
    )
  })
  .openapi(restoreOne, async (c) => {
    const { id } = await versionOf(c.var.engine, c.req.valid('param'))
    const dry_run = c.req.valid('json')?.dry_run ?? false
    const { restored } = await c.var.engine.restoreMemory(id, { as: c.var.actor, dry_run })
    const data = restored === null ? [] : [{ type: 'restored_memory' as const, ...restored }]
    return c.json({ type: 'memory_restored' as const, dry_run, restored: data }, 200)
  })
  .openapi(restoreAll, async (c) => {
    const id = whole('memstore', c.req.valid('param').memory_store_id)
    const { dry_run, ...to } = c.req.valid('json')
    const how = { as: c.var.actor, dry_run: dry_run ?? false }
    const { store: _, restored, ...told } = await c.var.engine.restoreStore(id, to, how)
    const data = restored.map((it) => ({ type: 'restored_memory' as const, ...it }))
    return c.json({ type: 'memory_store_restored' as const, ...told, restored: data }, 200)
  })

async function versionOf(
  engine: Engine,
  ids: { memory_store_id: string; memory_version_id: string },
): Promise<StoredVersion> {
  const store = whole('memstore', ids.memory_store_id)
  const version = await engine.memoryVersion(whole('memver', ids.memory_version_id))
  if (version.memory_store_id === store) return version
  throw new EngineError('not_found_error', `there is no memory version ${version.id} in ${store}`)
}
