import { z } from '@hono/zod-openapi'
import { WireTime } from '../../domain/recorded-event.ts'
import { Budget, RecordingStatus } from '../../domain/recording.ts'
import { ModelParam, Servers, Skills, System, Tools } from '../agent-config.ts'
import { bounds } from '../bounds.ts'
import { onceOf } from '../once.ts'
import { pageBothWays } from '../paging.ts'
import { ResourceParams } from '../resource.ts'
import { EventParam, WireSession, wireSession } from '../session.ts'
import { body, Flag, Metadata, MetadataPatch, paging, route, routes, several } from '../wire.ts'

const Name = z.string().min(1).max(256)
const Version = z.int().min(1).optional()

const AgentParam = z
  .union([
    Name,
    z.strictObject({ type: z.literal('agent'), id: Name, version: Version }),
    z.strictObject({
      type: z.literal('agent_with_overrides'),
      id: Name,
      version: Version,
      model: ModelParam.optional(),
      system: System.optional(),
      tools: Tools.optional(),
      mcp_servers: Servers.optional(),
      skills: Skills.optional(),
    }),
  ])
  .transform((it) => {
    if (typeof it === 'string') return { id: it, version: null, overrides: {} }
    const { type: _, id, version = null, ...given } = it
    const overrides = Object.entries(given).filter(([, value]) => value !== undefined)
    return { id, version, overrides: Object.fromEntries(overrides) }
  })

const Title = z
  .string()
  .max(1_000)
  .nullish()
  .transform((it) => it ?? null)

const BEGINNINGS = new Set(['user.message', 'user.define_outcome'])
const Beginning = z
  .array(EventParam)
  .max(50)
  .refine((all) => all.every((it) => BEGINNINGS.has(it.type)), {
    error: 'a session begins with user.message and user.define_outcome; send other events once it is there',
  })
  .refine((all) => all.filter((it) => it.type === 'user.define_outcome').length <= 1, {
    error: 'at most one user.define_outcome',
  })

const declared = { tag: 'Sessions' } as const
const one = { params: z.object({ session_id: z.string() }) }

const create = route({
  ...declared,
  role: 'writer',
  method: 'post',
  path: '/v1/sessions',
  summary: 'Create a session',
  description:
    'Nothing runs in it: its events are put in. Agents and environments that are not known are made; an `agent` that is no id is a name. A second session with the same `metadata.external_id` is the first. `metadata.task_id` says which task it is, `metadata.agent_version` which version of the agent, for what a dream compares; `metadata.person`, or `user_id`, whom it works for. With an `Idempotency-Key`, the same request sent again is done once.',
  request: {
    body: body(
      z.strictObject({
        agent: AgentParam,
        environment_id: Name.nullish().transform((it) => it ?? null),
        initial_events: Beginning.default([]),
        title: Title,
        metadata: Metadata.nullish().transform((it) => it ?? {}),
        resources: ResourceParams.default([]),
        vault_ids: z.array(z.string().min(1).max(256)).max(50).default([]),
        budget: Budget.nullish().transform((it) => it ?? null),
      }),
    ),
  },
  answer: WireSession,
})

const retrieve = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/sessions/{session_id}',
  summary: 'Retrieve a session',
  request: one,
  answer: WireSession,
})

const update = route({
  ...declared,
  role: 'writer',
  method: 'post',
  path: '/v1/sessions/{session_id}',
  summary: 'Update a session',
  description:
    'What is absent stays. Of the agent, its tools and MCP servers can change, while it does not run. A session from a transcript file never changes.',
  request: {
    ...one,
    body: body(
      z.strictObject({
        title: z.string().max(1_000).nullish(),
        metadata: MetadataPatch.nullish(),
        agent: z.strictObject({ tools: Tools.optional(), mcp_servers: Servers.optional() }).optional(),
        budget: Budget.nullable().optional(),
      }),
    ),
  },
  answer: WireSession,
})

const list = route({
  ...declared,
  role: 'reader',
  method: 'get',
  path: '/v1/sessions',
  summary: 'List sessions, newest first',
  description: 'Those that were put in over the wire and those that were read from transcript files.',
  request: {
    query: z
      .strictObject({
        agent_id: z.string().optional(),
        agent_version: z.coerce.number().int().min(1).optional(),
        memory_store_id: z.string().optional(),
        deployment_id: z.string().optional(),
        'statuses[]': several(RecordingStatus),
        'created_at[gt]': WireTime.optional(),
        'created_at[gte]': WireTime.optional(),
        'created_at[lt]': WireTime.optional(),
        'created_at[lte]': WireTime.optional(),
        include_archived: Flag.default(false),
        order: z.enum(['asc', 'desc']).default('desc'),
        ...paging({ usual: 20, most: 1_000 }),
      })
      .refine((it) => it.agent_version === undefined || it.agent_id !== undefined, {
        path: ['agent_version'],
        error: 'it says something together with agent_id only',
      }),
  },
  answer: z.object({
    data: z.array(WireSession),
    next_page: z.string().nullable(),
    prev_page: z.string().nullable(),
  }),
})

const archive = route({
  ...declared,
  role: 'writer',
  method: 'post',
  path: '/v1/sessions/{session_id}/archive',
  summary: 'Archive a session: it takes no more events',
  request: one,
  answer: WireSession,
})

const remove = route({
  ...declared,
  role: 'admin',
  method: 'delete',
  path: '/v1/sessions/{session_id}',
  summary: 'Delete a session and all that rests on it',
  description: 'What dreams have learned from it alone goes, too, as with `reverie erase`.',
  request: one,
  answer: z.object({ id: z.string(), type: z.literal('session_deleted') }),
})

export const sessions = routes()
  .openapi(create, async (c) => {
    const made = await c.var.engine.createSession(c.req.valid('json'), c.var.actor, await onceOf(c))
    c.var.server.feed.look()
    return c.json(wireSession(made), 200)
  })
  .openapi(retrieve, async (c) =>
    c.json(wireSession(await c.var.engine.sessionById(c.req.valid('param').session_id)), 200),
  )
  .openapi(update, async (c) => {
    const { session_id } = c.req.valid('param')
    const { title, metadata, agent, budget } = c.req.valid('json')
    const { tools, mcp_servers } = agent ?? {}
    const changed = await c.var.engine.updateSession(session_id, {
      ...(title === undefined ? {} : { title }),
      ...(metadata == null ? {} : { metadata }),
      ...(agent === undefined
        ? {}
        : { agent: { ...(tools && { tools }), ...(mcp_servers && { mcp_servers }) } }),
      ...(budget === undefined ? {} : { budget }),
    })
    return c.json(wireSession(changed), 200)
  })
  .openapi(list, async (c) => {
    const { limit, page, order, 'statuses[]': statuses, deployment_id, ...query } = c.req.valid('query')
    const { agent_id, agent_version, memory_store_id, include_archived } = query
    const filter = {
      agent_id,
      agent_version,
      memory_store_id,
      statuses,
      include_archived,
      created: bounds(query),
    }
    const bound = { name: 'sessions', filter: { ...filter, deployment_id, order }, page }
    // Nothing is deployed here.
    if (deployment_id !== undefined) return c.json({ data: [], next_page: null, prev_page: null }, 200)
    const found = await pageBothWays(bound, (page) =>
      c.var.engine.sessionList({ ...filter, order, limit, page }),
    )
    return c.json({ ...found, data: found.data.map(wireSession) }, 200)
  })
  .openapi(archive, async (c) =>
    c.json(wireSession(await c.var.engine.archiveSession(c.req.valid('param').session_id)), 200),
  )
  .openapi(remove, async (c) => {
    const id = await c.var.engine.deleteSession(c.req.valid('param').session_id, c.var.actor)
    c.var.server.feed.deleted(id)
    return c.json({ id, type: 'session_deleted' as const }, 200)
  })
