import { z } from '@hono/zod-openapi'
import type { Environment } from '../../domain/environment.ts'
import { pageOfList } from '../paging.ts'
import { body, Flag, List, Metadata, MetadataPatch, paging, route, routes, Time } from '../wire.ts'

const WireEnvironment = z
  .object({
    type: z.literal('environment'),
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    metadata: z.record(z.string(), z.string()),
    config: z.looseObject({ type: z.enum(['cloud', 'self_hosted']) }),
    scope: z.literal('organization'),
    archived_at: Time.nullable(),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('Environment')

const names = z
  .array(z.string())
  .nullish()
  .transform((it) => it ?? [])
const Network = z
  .discriminatedUnion('type', [
    z.strictObject({ type: z.literal('unrestricted') }),
    z.strictObject({
      type: z.literal('limited'),
      allow_mcp_servers: z.boolean().nullish().transform(Boolean),
      allow_package_managers: z.boolean().nullish().transform(Boolean),
      allowed_hosts: names,
    }),
  ])
  .nullish()
  .transform((it) => it ?? { type: 'unrestricted' as const })
const Packages = z
  .strictObject({
    type: z.literal('packages').default('packages'),
    ...{ apt: names, cargo: names, gem: names, go: names, npm: names, pip: names },
  })
  .nullish()
  .transform(
    (it) => it ?? { type: 'packages' as const, apt: [], cargo: [], gem: [], go: [], npm: [], pip: [] },
  )
const Config = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('self_hosted') }),
  z.strictObject({ type: z.literal('cloud'), networking: Network, packages: Packages }),
])

const Name = z.string().min(1).max(255)
const Description = z.string().max(2_048)
const Scope = z.enum(['organization']).nullish()

const declared = { tag: 'Environments' } as const
const one = { params: z.object({ environment_id: z.string() }) }

const create = route({
  ...declared,
  role: 'writer',
  method: 'post',
  path: '/v1/environments',
  summary: 'Create an environment',
  description: 'Nothing runs in it: it is kept and told again. Without `config` it is self-hosted.',
  request: {
    body: body(
      z.strictObject({
        name: Name,
        description: Description.nullish().transform((it) => it ?? null),
        metadata: Metadata.nullish().transform((it) => it ?? {}),
        config: Config.nullish().transform((it) => it ?? { type: 'self_hosted' as const }),
        scope: Scope,
      }),
    ),
  },
  answer: WireEnvironment,
})

const retrieve = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/environments/{environment_id}',
  summary: 'Retrieve an environment',
  request: one,
  answer: WireEnvironment,
})

const update = route({
  ...declared,
  role: 'writer',
  method: 'post',
  path: '/v1/environments/{environment_id}',
  summary: 'Update an environment',
  description: 'What is absent stays; a key of metadata that is null or empty goes.',
  request: {
    ...one,
    body: body(
      z.strictObject({
        name: Name.nullish(),
        description: Description.nullish(),
        metadata: MetadataPatch.nullish(),
        config: Config.nullish(),
        scope: Scope,
      }),
    ),
  },
  answer: WireEnvironment,
})

const list = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/environments',
  summary: 'List environments, newest first',
  request: {
    query: z.strictObject({
      include_archived: Flag.default(false),
      ...paging({ usual: 20, most: 1_000 }),
    }),
  },
  answer: List(WireEnvironment),
})

const archive = route({
  ...declared,
  role: 'writer',
  method: 'post',
  path: '/v1/environments/{environment_id}/archive',
  summary: 'Archive an environment',
  request: one,
  answer: WireEnvironment,
})

const remove = route({
  ...declared,
  role: 'admin',
  method: 'delete',
  path: '/v1/environments/{environment_id}',
  summary: 'Delete an environment',
  description: 'Sessions that name it stay, and go on naming it.',
  request: one,
  answer: z.object({ id: z.string(), type: z.literal('environment_deleted') }),
})

export const environments = routes()
  .openapi(create, async (c) => {
    const { scope, ...wanted } = c.req.valid('json')
    return c.json(wireEnvironment(await c.var.engine.createEnvironment(wanted)), 200)
  })
  .openapi(retrieve, async (c) => {
    const { environment_id } = c.req.valid('param')
    return c.json(wireEnvironment(await c.var.engine.environmentById(environment_id)), 200)
  })
  .openapi(update, async (c) => {
    const { environment_id } = c.req.valid('param')
    const { name, description, metadata, config } = c.req.valid('json')
    const emptied = Object.entries(metadata ?? {}).map(([key, it]) => [key, it === '' ? null : it])
    const patch = {
      ...(name == null ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(config == null ? {} : { config }),
      ...(metadata == null ? {} : { metadata: Object.fromEntries(emptied) }),
    }
    return c.json(wireEnvironment(await c.var.engine.changeEnvironment(environment_id, patch)), 200)
  })
  .openapi(list, async (c) => {
    const { limit, page, ...filter } = c.req.valid('query')
    const { data, next_page } = await pageOfList({ name: 'environments', filter, page }, (page) =>
      c.var.engine.environmentList({ ...filter, limit, page }),
    )
    return c.json({ data: data.map(wireEnvironment), next_page }, 200)
  })
  .openapi(archive, async (c) => {
    const { environment_id } = c.req.valid('param')
    return c.json(wireEnvironment(await c.var.engine.archiveEnvironment(environment_id)), 200)
  })
  .openapi(remove, async (c) => {
    const { environment_id: id } = c.req.valid('param')
    await c.var.engine.deleteEnvironment(id)
    return c.json({ id, type: 'environment_deleted' as const }, 200)
  })

function wireEnvironment(it: Environment) {
  return { type: 'environment' as const, scope: 'organization' as const, ...it }
}
