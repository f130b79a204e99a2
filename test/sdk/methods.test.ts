/**
 * Every method of the parts of the SDKs that are ours, called, and its answer held against the SDK's own types.
 *
 * The table is compared with what the resource classes really have, so a method that an SDK gains fails here until it is called.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { dreamed } from './dreamed.ts'
import { EVERY_EVENT } from './every-event.ts'
import { send, type WireEvent } from './recorded-session.ts'
import { type Client, clientOf, every, type RunningServer, SDKS, startServer } from './server.ts'
import * as shapes from './shapes.ts'

type World = {
  client: Client
  /** For what only an admin may. */
  admin: Client
}

type Call = (world: World) => Promise<unknown>
type Called = { call: Call; answer: z.ZodType }

const METHODS: Record<string, Called> = {
  'dreams.create': { call: (it) => newDream(it), answer: shapes.Dream },
  'dreams.retrieve': {
    call: async (it) => it.client.beta.dreams.retrieve((await newDream(it)).id),
    answer: shapes.Dream,
  },
  'dreams.list': {
    call: async (it) => {
      const { id } = await newDream(it)
      await dreamed(it.client, id)
      return (
        await every(
          it.client.beta.dreams.list({
            limit: 2,
            include_archived: true,
            statuses: ['completed', 'failed', 'canceled'],
            'created_at[gt]': '2026-01-01T00:00:00Z',
            'created_at[lt]': '2100-01-01T00:00:00Z',
          }),
        )
      ).filter((dream) => dream.id === id)
    },
    answer: z.tuple([shapes.Dream]),
  },
  'dreams.archive': {
    call: async (it) => it.client.beta.dreams.archive((await endedDream(it)).id),
    answer: shapes.Dream.extend({ archived_at: z.string() }),
  },
  'dreams.cancel': {
    call: async (it) => it.client.beta.dreams.cancel((await dreamInLine(it)).id),
    answer: shapes.Dream.extend({ status: z.literal('canceled'), ended_at: z.string() }),
  },

  'memoryStores.create': { call: newStore, answer: shapes.MemoryStore },
  'memoryStores.retrieve': {
    call: async (it) => it.client.beta.memoryStores.retrieve((await newStore(it)).id),
    answer: shapes.MemoryStore,
  },
  'memoryStores.update': {
    call: async (it) =>
      it.client.beta.memoryStores.update((await newStore(it)).id, {
        name: 'Renamed',
        description: '',
        metadata: { team: null, shift: 'late' },
      }),
    answer: shapes.MemoryStore.extend({
      name: z.literal('Renamed'),
      description: z.literal(''),
      metadata: z.strictObject({ shift: z.literal('late') }),
    }),
  },
  'memoryStores.list': {
    call: async (it) => {
      const { id } = await newStore(it)
      const found = await every(
        it.client.beta.memoryStores.list({
          limit: 3,
          include_archived: true,
          'created_at[gte]': '2026-01-01T00:00:00Z',
          'created_at[lte]': '2100-01-01T00:00:00Z',
        }),
      )
      return found.filter((store) => store.id === id)
    },
    answer: z.tuple([shapes.MemoryStore]),
  },
  'memoryStores.delete': {
    call: async (it) => it.admin.beta.memoryStores.delete((await newStore(it)).id),
    answer: shapes.Deleted('memory_store'),
  },
  'memoryStores.archive': {
    call: async (it) => it.client.beta.memoryStores.archive((await newStore(it)).id),
    answer: shapes.MemoryStore.extend({ archived_at: z.string() }),
  },

  'memoryStores.memories.create': { call: newMemory, answer: shapes.BasicMemory },
  'memoryStores.memories.retrieve': {
    call: async (it) => {
      const { id, memory_store_id } = await newMemory(it)
      return it.client.beta.memoryStores.memories.retrieve(id, { memory_store_id })
    },
    answer: shapes.FullMemory.extend({ content: z.literal('Ledgers close on Friday.\n') }),
  },
  'memoryStores.memories.update': {
    call: async (it) => {
      const { id, memory_store_id, content_sha256 } = await newMemory(it)
      return it.client.beta.memoryStores.memories.update(id, {
        memory_store_id,
        content: 'Ledgers close on Thursday.\n',
        path: '/renamed.md',
        precondition: { type: 'content_sha256', content_sha256 },
        view: 'full',
      })
    },
    answer: shapes.FullMemory.extend({
      path: z.literal('/renamed.md'),
      content: z.literal('Ledgers close on Thursday.\n'),
    }),
  },
  'memoryStores.memories.list': {
    call: async (it) => {
      const { memory_store_id } = await newMemory(it)
      for (const path of ['/notes/deep/a.md', '/notes/b.md'])
        await it.client.beta.memoryStores.memories.create(memory_store_id, { path, content: '' })
      const list = (query: object) => every(it.client.beta.memoryStores.memories.list(memory_store_id, query))
      return [
        await list({ limit: 1 }),
        await list({ path_prefix: '/notes/', depth: 1, limit: 1 }),
        await list({ view: 'full', path_prefix: '/notes/deep/' }),
      ]
    },
    answer: z.tuple([
      z.array(shapes.BasicMemory).length(3),
      z.array(z.union([shapes.BasicMemory, shapes.MemoryPrefix])).length(2),
      z.tuple([shapes.FullMemory.extend({ content: z.literal('') })]),
    ]),
  },
  'memoryStores.memories.delete': {
    call: async (it) => {
      const { id, memory_store_id, content_sha256 } = await newMemory(it)
      return it.client.beta.memoryStores.memories.delete(id, {
        memory_store_id,
        expected_content_sha256: content_sha256,
      })
    },
    answer: shapes.Deleted('memory'),
  },

  'memoryStores.memoryVersions.retrieve': {
    call: async (it) => {
      const { memory_store_id, memory_version_id } = await newMemory(it)
      return it.client.beta.memoryStores.memoryVersions.retrieve(memory_version_id, { memory_store_id })
    },
    answer: shapes.FullVersion.extend({ created_by: z.looseObject({ type: z.literal('api_actor') }) }),
  },
  'memoryStores.memoryVersions.list': {
    call: async (it) => {
      const { memory_store_id, id } = await newMemory(it)
      await it.client.beta.memoryStores.memories.delete(id, { memory_store_id })
      return every(
        it.client.beta.memoryStores.memoryVersions.list(memory_store_id, {
          memory_id: id,
          limit: 1,
          'created_at[gte]': '2026-01-01T00:00:00Z',
          'created_at[lte]': '2100-01-01T00:00:00Z',
        }),
      )
    },
    answer: z.tuple([shapes.DeletedVersion, shapes.BasicVersion]),
  },
  'memoryStores.memoryVersions.redact': {
    call: async (it) => {
      const { memory_store_id, memory_version_id, id } = await newMemory(it)
      await it.client.beta.memoryStores.memories.update(id, { memory_store_id, content: 'clean' })
      return it.admin.beta.memoryStores.memoryVersions.redact(memory_version_id, { memory_store_id })
    },
    answer: shapes.RedactedVersion,
  },

  'sessions.create': { call: newSession, answer: shapes.Session.extend({ status: z.literal('idle') }) },
  'sessions.retrieve': {
    call: async (it) => it.client.beta.sessions.retrieve((await newSession(it)).id),
    answer: shapes.Session,
  },
  'sessions.update': {
    call: async (it) =>
      it.client.beta.sessions.update((await newSession(it)).id, {
        title: 'Renamed',
        metadata: { team: null, shift: 'late' },
      }),
    answer: shapes.Session.extend({
      title: z.literal('Renamed'),
      metadata: z.strictObject({ shift: z.literal('late') }),
    }),
  },
  'sessions.list': {
    call: async (it) => {
      const { id } = await newSession(it)
      const found = await every(
        it.client.beta.sessions.list({
          limit: 2,
          order: 'asc',
          statuses: ['idle', 'terminated'],
          include_archived: true,
          'created_at[gte]': '2026-01-01T00:00:00Z',
          'created_at[lt]': '2100-01-01T00:00:00Z',
        }),
      )
      return found.filter((session) => session.id === id)
    },
    answer: z.tuple([shapes.Session]),
  },
  'sessions.delete': {
    call: async (it) => it.admin.beta.sessions.delete((await newSession(it)).id),
    answer: shapes.Deleted('session'),
  },
  'sessions.archive': {
    call: async (it) => it.client.beta.sessions.archive((await newSession(it)).id),
    answer: shapes.Session.extend({ status: z.literal('terminated'), archived_at: z.string() }),
  },

  'sessions.events.list': {
    call: async (it) => {
      const { id } = await newSession(it)
      const sent = Object.values(EVERY_EVENT) as unknown as WireEvent[]
      for (const event of sent) await send(it.client, id, [event])
      const list = await every(it.client.beta.sessions.events.list(id, { limit: 7 }))
      expect(list).toMatchObject(sent)
      return every(
        it.client.beta.sessions.events.list(id, {
          order: 'desc',
          types: ['agent.message', 'user.message'],
          'created_at[gt]': '2026-11-20T00:00:00Z',
        }),
      )
    },
    answer: z.tuple([
      shapes.Event.extend({ type: z.literal('agent.message') }),
      shapes.Event.extend({ type: z.literal('user.message') }),
    ]),
  },
  'sessions.events.send': {
    call: async (it) =>
      it.client.beta.sessions.events.send((await newSession(it)).id, {
        events: [
          { type: 'user.message', content: [{ type: 'text', text: 'Hello' }] },
          { type: 'user.interrupt' },
        ],
      }),
    answer: z.looseObject({
      data: z.tuple([
        shapes.Event.extend({ type: z.literal('user.message') }),
        shapes.Event.extend({ type: z.literal('user.interrupt') }),
      ]),
    }),
  },
  'sessions.events.stream': {
    call: async (it) => {
      const { id } = await newSession(it)
      const stream = await it.client.beta.sessions.events.stream(id)
      await send(it.client, id, [EVERY_EVENT['agent.message'] as unknown as WireEvent])
      return first(stream)
    },
    answer: shapes.Event.extend({ type: z.literal('agent.message') }),
  },
  'sessions.events.toolRunner': {
    call: async (it) => {
      const { id } = await newSession(it)
      await send(it.client, id, [EVERY_EVENT['agent.custom_tool_use'] as unknown as WireEvent])
      const runner = it.client.beta.sessions.events.toolRunner(id, { tools: [askAna], maxIdleMs: 100 })
      const call = await first(runner)
      const list = await every(it.client.beta.sessions.events.list(id))
      return [call, list.at(-1)]
    },
    answer: z.tuple([
      z.looseObject({ name: z.literal('ask_ana'), isError: z.literal(false), posted: z.literal(true) }),
      shapes.Event.extend({
        type: z.literal('user.custom_tool_result'),
        custom_tool_use_id: z.literal(EVERY_EVENT['agent.custom_tool_use'].id),
      }),
    ]),
  },

  'sessions.resources.list': {
    call: async (it) => every(it.client.beta.sessions.resources.list((await newSession(it)).id)),
    answer: z.tuple([shapes.MemoryStoreResource, shapes.FileResource, shapes.RepositoryResource]),
  },
  'sessions.resources.add': {
    call: async (it) =>
      it.client.beta.sessions.resources.add((await newSession(it)).id, { type: 'file', file_id: 'file_2' }),
    answer: shapes.FileResource,
  },
  'sessions.resources.retrieve': {
    call: async (it) => {
      const { id, file } = await withFile(it)
      return it.client.beta.sessions.resources.retrieve(file, { session_id: id })
    },
    answer: shapes.FileResource,
  },
  'sessions.resources.update': {
    call: async (it) => {
      const { id, repository } = await withFile(it)
      return it.client.beta.sessions.resources.update(repository, {
        session_id: id,
        authorization_token: 'ghp_of_somebody',
      })
    },
    answer: shapes.RepositoryResource.refine((it) => !JSON.stringify(it).includes('ghp_of_somebody')),
  },
  'sessions.resources.delete': {
    call: async (it) => {
      const { id, file } = await withFile(it)
      return it.client.beta.sessions.resources.delete(file, { session_id: id })
    },
    answer: shapes.Deleted('session_resource'),
  },

  'sessions.threads.list': {
    call: async (it) => every(it.client.beta.sessions.threads.list((await withThread(it)).id)),
    answer: z.array(shapes.Thread).length(2),
  },
  'sessions.threads.retrieve': {
    call: async (it) => {
      const { id, child } = await withThread(it)
      return it.client.beta.sessions.threads.retrieve(child, { session_id: id })
    },
    answer: shapes.Thread.extend({ parent_thread_id: z.string() }),
  },
  'sessions.threads.archive': {
    call: async (it) => {
      const { id, child } = await withThread(it)
      return it.client.beta.sessions.threads.archive(child, { session_id: id })
    },
    answer: shapes.Thread.extend({ archived_at: z.string() }),
  },
  'sessions.threads.events.list': {
    call: async (it) => {
      const { id, child } = await withThread(it)
      return every(it.client.beta.sessions.threads.events.list(child, { session_id: id }))
    },
    answer: z.array(shapes.Event).min(1),
  },
  'sessions.threads.events.stream': {
    call: async (it) => {
      const { id, child } = await withThread(it)
      const stream = await it.client.beta.sessions.threads.events.stream(child, { session_id: id })
      const idle = EVERY_EVENT['session.thread_status_idle'] as unknown as WireEvent
      await send(it.client, id, [{ ...idle, id: 'sevt_later' }])
      return first(stream)
    },
    answer: shapes.Event.extend({ id: z.literal('sevt_later') }),
  },

  'agents.create': { call: newAgent, answer: shapes.Agent.extend({ version: z.literal(1) }) },
  'agents.retrieve': {
    call: async (it) => it.client.beta.agents.retrieve((await newAgent(it)).id),
    answer: shapes.Agent,
  },
  'agents.update': {
    call: async (it) => {
      const { id, version } = await newAgent(it)
      return it.client.beta.agents.update(id, { version, system: 'You close ledgers.' })
    },
    answer: shapes.Agent.extend({ version: z.literal(2), system: z.literal('You close ledgers.') }),
  },
  'agents.list': {
    call: async (it) => {
      const { id } = await newAgent(it)
      return (await every(it.client.beta.agents.list({ limit: 2 }))).filter((agent) => agent.id === id)
    },
    answer: z.tuple([shapes.Agent]),
  },
  'agents.archive': {
    call: async (it) => it.client.beta.agents.archive((await newAgent(it)).id),
    answer: shapes.Agent.extend({ archived_at: z.string() }),
  },
  'agents.versions.list': {
    call: async (it) => {
      const { id, version } = await newAgent(it)
      await it.client.beta.agents.update(id, { version, description: 'Closes ledgers.' })
      return every(it.client.beta.agents.versions.list(id, { limit: 1 }))
    },
    answer: z.array(shapes.Agent).length(2),
  },

  'environments.create': { call: newEnvironment, answer: shapes.Environment },
  'environments.retrieve': {
    call: async (it) => it.client.beta.environments.retrieve((await newEnvironment(it)).id),
    answer: shapes.Environment,
  },
  'environments.update': {
    call: async (it) =>
      it.client.beta.environments.update((await newEnvironment(it)).id, { description: 'The desk.' }),
    answer: shapes.Environment.extend({ description: z.literal('The desk.') }),
  },
  'environments.list': {
    call: async (it) => {
      const { id } = await newEnvironment(it)
      return (await every(it.client.beta.environments.list({ limit: 2 }))).filter((env) => env.id === id)
    },
    answer: z.tuple([shapes.Environment]),
  },
  'environments.delete': {
    call: async (it) => it.admin.beta.environments.delete((await newEnvironment(it)).id),
    answer: shapes.Deleted('environment'),
  },
  'environments.archive': {
    call: async (it) => it.client.beta.environments.archive((await newEnvironment(it)).id),
    answer: shapes.Environment.extend({ archived_at: z.string() }),
  },
}

/** What a sandbox of Anthropic's needs of its environment; Reverie runs no sandboxes. */
const NOT_OURS = ['environments.work']

describe.each(SDKS)('with $sdk', (sdk) => {
  let running: RunningServer
  let world: World
  beforeAll(async () => {
    running = await startServer()
    world = {
      client: clientOf(sdk, running, (await running.key('reviewer')).token),
      admin: clientOf(sdk, running, (await running.key('admin')).token),
    }
  })
  afterAll(() => running.close())

  test('the table below names every method there is', () => {
    const { dreams, memoryStores, sessions, agents, environments } = world.client.beta
    const parts = { dreams, memoryStores, sessions, agents, environments }
    const there = Object.entries(parts).flatMap(([name, part]) => methodsOf(name, part))
    expect(there.toSorted()).toEqual(Object.keys(METHODS).toSorted())
  })

  test.each(Object.keys(METHODS))('%s', async (method) => {
    const { call, answer } = METHODS[method]!
    const told = await call(world)
    const read = answer.safeParse(JSON.parse(JSON.stringify(told)))
    expect(read.error?.issues ?? [], JSON.stringify(told, null, 1)).toEqual([])
  })

  test('none of this was a failure of the server', async () => {
    expect(await running.failures()).toBe(0)
  })
})

function methodsOf(name: string, resource: object): string[] {
  if (NOT_OURS.includes(name)) return []
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(resource))
  const parts = Object.entries(resource).filter(([it]) => !it.startsWith('_'))
  return [
    ...own.filter((it) => it !== 'constructor').map((it) => `${name}.${it}`),
    ...parts.flatMap(([it, part]) => methodsOf(`${name}.${it}`, part as object)),
  ]
}

async function first<T>(stream: AsyncIterable<T>): Promise<T | undefined> {
  for await (const it of stream) return it
  return undefined
}

async function newStore({ client }: World) {
  return client.beta.memoryStores.create({
    name: 'Desk',
    description: 'What the desk knows.',
    metadata: { team: 'ledger' },
  })
}

async function newMemory(world: World) {
  const store = await newStore(world)
  return world.client.beta.memoryStores.memories.create(store.id, {
    path: '/ledger.md',
    content: 'Ledgers close on Friday.\n',
  })
}

async function newSession(world: World) {
  const store = await newStore(world)
  return world.client.beta.sessions.create({
    agent: 'desk',
    environment_id: 'env_default',
    title: 'Close the ledger',
    metadata: { team: 'ledger' },
    resources: [
      {
        type: 'memory_store',
        memory_store_id: store.id,
        access: 'read_only',
        instructions: 'Read it first.',
      },
      { type: 'file', file_id: 'file_1' },
      { type: 'github_repository', url: 'https://github.com/acme/ledger', authorization_token: 'ghp_secret' },
    ],
  })
}

async function withFile(world: World) {
  const { id, resources } = await newSession(world)
  const idOf = (type: string) => {
    const found = resources.find((it) => it.type === type)
    return found !== undefined && 'id' in found ? found.id : ''
  }
  return { id, file: idOf('file'), repository: idOf('github_repository') }
}

async function withThread(world: World) {
  const { id } = await newSession(world)
  const types = ['session.thread_created', 'session.thread_status_running'] as const
  await send(
    world.client,
    id,
    types.map((it) => EVERY_EVENT[it] as unknown as WireEvent),
  )
  const threads = await every(world.client.beta.sessions.threads.list(id))
  return { id, child: threads.find((it) => it.parent_thread_id !== null)!.id }
}

async function newDream(world: World) {
  return world.client.beta.dreams.create(await dreamWanted(world))
}

/** One that cannot have ended yet: others of its store are before it. */
async function dreamInLine(world: World) {
  const wanted = await dreamWanted(world)
  for (let before = 0; before < 5; before++) await world.client.beta.dreams.create(wanted)
  return world.client.beta.dreams.create(wanted)
}

async function dreamWanted(world: World) {
  const store = await newStore(world)
  const session = await newSession(world)
  await send(world.client, session.id, [EVERY_EVENT['user.message'] as unknown as WireEvent])
  return {
    inputs: [
      { type: 'sessions' as const, session_ids: [session.id] },
      { type: 'memory_store' as const, memory_store_id: store.id },
    ],
    model: { id: 'claude-opus-5', speed: 'standard' as const },
  }
}

async function endedDream(world: World) {
  return dreamed(world.client, (await newDream(world)).id)
}

async function newAgent({ client }: World) {
  return client.beta.agents.create({ name: 'desk', model: 'claude-opus-5', metadata: { team: 'ledger' } })
}

async function newEnvironment({ client }: World) {
  return client.beta.environments.create({ name: 'desk', config: { type: 'self_hosted' } })
}

const askAna = {
  type: 'custom' as const,
  name: 'ask_ana',
  description: 'Asks Ana.',
  input_schema: { type: 'object' as const },
  run: async () => 'Number 8',
  parse: (it: unknown) => it,
}
