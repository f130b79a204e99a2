import { z } from '@hono/zod-openapi'
import type { Agent } from '../../domain/agent.ts'
import { WireTime } from '../../domain/recorded-event.ts'
import { ModelParam, Servers, Skills, System, Tools, WireAgentConfig } from '../agent-config.ts'
import { bounds } from '../bounds.ts'
import { pageOfList } from '../paging.ts'
import { body, Flag, List, Metadata, MetadataPatch, paging, route, routes, Time } from '../wire.ts'

const WireAgent = z
  .object({
    type: z.literal('agent'),
    id: z.string(),
    version: z.number().int(),
    ...WireAgentConfig,
    metadata: z.record(z.string(), z.string()),
    archived_at: Time.nullable(),
    created_at: Time,
    updated_at: Time,
  })
  .openapi('Agent')

const Name = z.string().min(1).max(256)
const Description = z
  .string()
  .max(2_048)
  .nullable()
  .transform((it) => (it === '' ? null : it))
const Multiagent = z.looseObject({ type: z.string() }).nullable()
const Identity = z
  .union([
    z.strictObject({ type: z.literal('service_account') }),
    z.strictObject({ type: z.literal('aws_role'), role_arn: z.string() }),
  ])
  .nullable()
  .transform((it) => it ?? { type: 'service_account' as const })

const declared = { tag: 'Agents' } as const
const one = { params: z.object({ agent_id: z.string() }) }

const create = route({
  ...declared,
  role: 'writer',
  method: 'post',
  path: '/v1/agents',
  summary: 'Create an agent',
  description: 'Reverie runs no agents: what is said here stands in the sessions that are made with it.',
  request: {
    body: body(
      z.strictObject({
        name: Name,
        model: ModelParam,
        description: Description.default(null),
        system: System.default(null),
        tools: Tools.default([]),
        mcp_servers: Servers.default([]),
        skills: Skills.default([]),
        multiagent: Multiagent.default(null),
        execution_identity: Identity.default({ type: 'service_account' }),
        metadata: Metadata.default({}),
      }),
    ),
  },
  answer: WireAgent,
})

const retrieve = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/agents/{agent_id}',
  summary: 'Retrieve an agent, at its last version or at another',
  request: { ...one, query: z.strictObject({ version: z.coerce.number().int().min(1).optional() }) },
  answer: WireAgent,
})

const update = route({
  ...declared,
  role: 'writer',
  method: 'post',
  path: '/v1/agents/{agent_id}',
  summary: 'Update an agent',
  description: 'What is absent stays. With `version`, only where that is still the last one.',
  request: {
    ...one,
    body: body(
      z.strictObject({
        version: z.int().min(1).optional(),
        name: Name.optional(),
        model: ModelParam.optional(),
        description: Description.optional(),
        system: System.optional(),
        tools: Tools.nullish(),
        mcp_servers: Servers.nullish(),
        skills: Skills.nullish(),
        multiagent: Multiagent.optional(),
        execution_identity: Identity.optional(),
        metadata: MetadataPatch.nullish(),
      }),
    ),
  },
  answer: WireAgent,
})

const list = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/agents',
  summary: 'List agents, newest first',
  request: {
    query: z.strictObject({
      'created_at[gte]': WireTime.optional(),
      'created_at[lte]': WireTime.optional(),
      include_archived: Flag.default(false),
      ...paging({ usual: 20, most: 1_000 }),
    }),
  },
  answer: List(WireAgent),
})

const archive = route({
  ...declared,
  role: 'writer',
  method: 'post',
  path: '/v1/agents/{agent_id}/archive',
  summary: 'Archive an agent',
  request: one,
  answer: WireAgent,
})

const versions = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/agents/{agent_id}/versions',
  summary: 'List the versions of an agent, newest first',
  request: { ...one, query: z.strictObject(paging({ usual: 20, most: 1_000 })) },
  answer: List(WireAgent),
})

export const agents = routes()
  .openapi(create, async (c) => c.json(wireAgent(await c.var.engine.createAgent(c.req.valid('json'))), 200))
  .openapi(retrieve, async (c) => {
    const { agent_id } = c.req.valid('param')
    return c.json(wireAgent(await c.var.engine.agentById(agent_id, c.req.valid('query').version)), 200)
  })
  .openapi(update, async (c) => {
    const { agent_id } = c.req.valid('param')
    const { version, metadata, tools, mcp_servers, skills, ...given } = c.req.valid('json')
    const patch = {
      ...present(given),
      ...(tools === undefined ? {} : { tools: tools ?? [] }),
      ...(mcp_servers === undefined ? {} : { mcp_servers: mcp_servers ?? [] }),
      ...(skills === undefined ? {} : { skills: skills ?? [] }),
      ...(metadata == null ? {} : { metadata }),
    }
    return c.json(wireAgent(await c.var.engine.changeAgent(agent_id, patch, version)), 200)
  })
  .openapi(list, async (c) => {
    const { limit, page, include_archived, ...times } = c.req.valid('query')
    const filter = { include_archived, created: bounds(times) }
    const { data, next_page } = await pageOfList({ name: 'agents', filter, page }, (page) =>
      c.var.engine.agentList({ ...filter, limit, page }),
    )
    return c.json({ data: data.map(wireAgent), next_page }, 200)
  })
  .openapi(archive, async (c) =>
    c.json(wireAgent(await c.var.engine.archiveAgent(c.req.valid('param').agent_id)), 200),
  )
  .openapi(versions, async (c) => {
    const { agent_id } = c.req.valid('param')
    const { limit, page } = c.req.valid('query')
    const list = { name: 'agent versions', filter: { agent_id }, page }
    const { data, next_page } = await pageOfList(list, (page) =>
      c.var.engine.agentVersions(agent_id, { limit, page }),
    )
    return c.json({ data: data.map(wireAgent), next_page }, 200)
  })

/** Without the keys that were not given. */
function present<T extends object>(given: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(given).filter(([, it]) => it !== undefined)) as never
}

function wireAgent(agent: Agent) {
  const { id, version, name, ...it } = agent
  return { type: 'agent' as const, id, version, name, ...it }
}
