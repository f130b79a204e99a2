import { z } from '@hono/zod-openapi'
import { type ApiKey, Role } from '../../domain/api-key.ts'
import { whole } from '../ids.ts'
import { pageOfList } from '../paging.ts'
import { body, List, paging, route, routes, Time } from '../wire.ts'

const WireKey = z
  .object({
    type: z.literal('api_key'),
    id: z.string(),
    workspace_id: z.string(),
    name: z.string(),
    role: Role,
    created_at: Time,
    created_by: z.string(),
    expires_at: Time.nullable(),
    revoked_at: Time.nullable(),
    last_used_at: Time.nullable(),
  })
  .openapi('ApiKey')

const NewWireKey = WireKey.extend({
  token: z.string().openapi({ description: 'What requests show. It is told this once, and kept nowhere.' }),
}).openapi('NewApiKey')

const create = route({
  tag: 'API keys',
  role: 'admin',
  method: 'post',
  path: '/v1/api_keys',
  summary: 'Create a key to this workspace',
  request: {
    body: body(
      z.strictObject({
        name: z.string().min(1).max(100),
        role: Role,
        expires_at: Time.nullish().transform((it) => it ?? null),
      }),
    ),
  },
  answer: NewWireKey,
})

const query = z.strictObject(paging({ usual: 20, most: 100 }))

const list = route({
  tag: 'API keys',
  role: 'admin',
  method: 'get',
  path: '/v1/api_keys',
  summary: 'List the keys to this workspace, the newest first',
  description: 'Keys that were revoked or have ended stay listed.',
  request: { query },
  answer: List(WireKey),
})

const revoke = route({
  tag: 'API keys',
  role: 'admin',
  method: 'post',
  path: '/v1/api_keys/{api_key_id}/revoke',
  summary: 'Revoke a key',
  description: 'It opens nothing from now on. A key may revoke itself.',
  request: { params: z.object({ api_key_id: z.string() }) },
  answer: WireKey,
})

export const apiKeys = routes()
  .openapi(create, async (c) => {
    const { name, role, expires_at } = c.req.valid('json')
    const { name: workspace } = await c.var.engine.workspace()
    const ends = expires_at === null ? null : new Date(expires_at).toISOString()
    const made = await c.var.server.createKey({ name, role, workspace, expires_at: ends }, c.var.actor)
    return c.json({ ...wireKey(made.key), token: made.token }, 200)
  })
  .openapi(list, async (c) => {
    const { limit, page } = c.req.valid('query')
    const { name: workspace } = await c.var.engine.workspace()
    const { data, next_page } = await pageOfList({ name: 'api_keys', filter: {}, page }, (from) =>
      c.var.server.keys({ workspace, limit, page: from }),
    )
    return c.json({ data: data.map(wireKey), next_page }, 200)
  })
  .openapi(revoke, async (c) => {
    const id = whole('apikey', c.req.valid('param').api_key_id)
    const { name: workspace } = await c.var.engine.workspace()
    return c.json(wireKey(await c.var.server.revokeKey({ id, workspace }, c.var.actor)), 200)
  })

function wireKey(key: ApiKey) {
  return { type: 'api_key' as const, ...key }
}
