/**
 * What goes wrong, as the SDKs tell it: the class of the error, its type, the id of the request, and how often it was tried.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type Client,
  clientOf,
  makeWorkspace,
  type RunningServer,
  SDKS,
  type Sdk,
  startServer,
} from './server.ts'

type World = {
  running: RunningServer
  /** Of a reviewer. */
  client: Client
  reader: Client
  stranger: Client
  /** A memory store that is there, with one memory. */
  store: string
  memory: string
}

type Failing = {
  name: string
  call: (world: World) => PromiseLike<unknown>
  /** Of the error class in the SDK. */
  error: string
  status: number
  type: string
  more?: object
}

const FAILING: Failing[] = [
  {
    name: 'a dream over no sessions',
    call: ({ client, store }) => client.beta.dreams.create(dreamOf(store, [])),
    ...bad(),
  },
  {
    name: 'a dream over a hundred and one sessions',
    call: ({ client, store }) =>
      client.beta.dreams.create(
        dreamOf(
          store,
          Array.from({ length: 101 }, (_, i) => `sesn_${i}`),
        ),
      ),
    ...bad(),
  },
  {
    name: 'a dream that names a session twice',
    call: ({ client, store }) => client.beta.dreams.create(dreamOf(store, ['sesn_1', 'sesn_1'])),
    ...bad(),
  },
  {
    name: 'a dream at fast speed',
    call: ({ client, store }) =>
      client.beta.dreams.create({
        ...dreamOf(store, ['sesn_1']),
        model: { id: 'claude-opus-5', speed: 'fast' },
      }),
    ...bad(),
  },
  {
    name: 'instructions of 4,097 characters',
    call: ({ client, store }) =>
      client.beta.dreams.create({ ...dreamOf(store, ['sesn_1']), instructions: 'x'.repeat(4_097) }),
    ...bad(),
  },
  {
    name: 'an update of another store than the one that is read',
    call: async ({ client, store }) => {
      const other = await client.beta.memoryStores.create({ name: 'other' })
      return client.beta.dreams.create({
        ...dreamOf(store, ['sesn_1']),
        output_behavior: { type: 'update_existing', memory_store_id: other.id },
      })
    },
    ...bad(),
  },
  {
    name: 'a path that leads upwards',
    call: ({ client, store }) =>
      client.beta.memoryStores.memories.create(store, { path: '/../etc/passwd', content: '' }),
    ...bad(),
  },
  {
    name: 'a memory of 102,401 bytes',
    call: ({ client, store }) =>
      client.beta.memoryStores.memories.create(store, { path: '/a.md', content: 'x'.repeat(102_401) }),
    error: 'BadRequestError',
    status: 400,
    type: 'invalid_request_error',
  },
  {
    name: 'a key that is none',
    call: ({ stranger }) => stranger.beta.memoryStores.list(),
    error: 'AuthenticationError',
    status: 401,
    type: 'authentication_error',
  },
  {
    name: 'a reader that writes',
    call: ({ reader }) => reader.beta.memoryStores.create({ name: 'mine' }),
    error: 'PermissionDeniedError',
    status: 403,
    type: 'permission_error',
  },
  {
    name: 'a workspace that the key does not open',
    call: ({ client }) =>
      client.beta.memoryStores.list({}, { headers: { 'anthropic-workspace-id': 'wrkspc_other' } }),
    error: 'PermissionDeniedError',
    status: 403,
    type: 'permission_error',
  },
  {
    name: 'a memory store that is not there',
    call: ({ client }) => client.beta.memoryStores.retrieve('memstore_none'),
    ...missing(),
  },
  {
    name: 'a dream that is not there',
    call: ({ client }) => client.beta.dreams.retrieve('drm_none'),
    ...missing(),
  },
  {
    name: 'a session that is not there',
    call: ({ client }) => client.beta.sessions.retrieve('sesn_none'),
    ...missing(),
  },
  {
    name: 'a memory below a memory',
    call: ({ client, store }) =>
      client.beta.memoryStores.memories.create(store, { path: '/taken/below.md', content: '' }),
    error: 'ConflictError',
    status: 409,
    type: 'memory_path_conflict_error',
    more: { conflicting_path: '/taken', conflicting_memory_id: expect.stringMatching(/^mem_/) },
  },
  {
    name: 'a memory where one is',
    call: ({ client, store }) =>
      client.beta.memoryStores.memories.create(store, { path: '/taken', content: '' }),
    error: 'ConflictError',
    status: 409,
    type: 'memory_path_conflict_error',
    more: { conflicting_path: '/taken' },
  },
  {
    name: 'an update of another text than the one that was seen',
    call: ({ client, store, memory }) =>
      client.beta.memoryStores.memories.update(memory, {
        memory_store_id: store,
        content: 'mine',
        precondition: { type: 'content_sha256', content_sha256: '0'.repeat(64) },
      }),
    error: 'ConflictError',
    status: 409,
    type: 'memory_precondition_failed_error',
  },
  {
    name: 'the deletion of another text than the one that was seen',
    call: ({ client, store, memory }) =>
      client.beta.memoryStores.memories.delete(memory, {
        memory_store_id: store,
        expected_content_sha256: '0'.repeat(64),
      }),
    error: 'ConflictError',
    status: 409,
    type: 'memory_precondition_failed_error',
  },
  {
    name: 'a second dream that writes into the store of one that waits',
    call: async ({ client }) => {
      const store = await client.beta.memoryStores.create({ name: 'held' })
      const session = await client.beta.sessions.create({ agent: 'desk', environment_id: 'env_default' })
      const wanted = {
        ...dreamOf(store.id, [session.id]),
        output_behavior: { type: 'update_existing' as const, memory_store_id: store.id },
      }
      // The first may be over before the second is asked for, so several are asked for at once.
      const asked = await Promise.allSettled(
        Array.from({ length: 5 }, () => client.beta.dreams.create(wanted)),
      )
      const refused = asked.find((it) => it.status === 'rejected')
      if (refused) throw refused.reason
    },
    error: 'ConflictError',
    status: 409,
    type: 'conflict_error',
    more: { message: expect.stringMatching(/drm_/) },
  },
  {
    name: 'a body of 64 MB',
    call: ({ client, store }) =>
      client.beta.memoryStores.update(store, { description: 'x'.repeat(64 << 20) }),
    error: 'ContentTooLargeError',
    status: 413,
    type: 'request_too_large',
  },
]

describe.each(SDKS)('with $sdk', (sdk) => {
  let world: World
  beforeAll(async () => {
    const running = await startServer()
    const client = clientOf(sdk, running, (await running.key('reviewer')).token)
    const { id } = await client.beta.memoryStores.create({ name: 'Desk' })
    const memory = await client.beta.memoryStores.memories.create(id, { path: '/taken', content: 'x' })
    world = {
      running,
      client,
      reader: clientOf(sdk, running, (await running.key('reader')).token),
      stranger: clientOf(sdk, running, 'rv_nobody'),
      store: id,
      memory: memory.id,
    }
  })
  afterAll(() => world.running.close())

  test.each(FAILING)('$name: $status $type', async ({ call, error, status, type, more }) => {
    const told = await refused(call(world))

    // Older SDKs have no class for every status, and give the common one.
    const class_of_error =
      (sdk.Sdk as unknown as Record<string, unknown>)[error] === undefined ? 'APIError' : error
    expect(told.constructor.name).toBe(class_of_error)
    expect(told).toMatchObject({
      status,
      requestID: expect.stringMatching(/^req_/),
      error: {
        type: 'error',
        error: { type, message: expect.any(String), ...more },
        request_id: told.requestID,
      },
    })
  })

  test('none of this was a failure of the server', async () => {
    expect(await world.running.failures()).toBe(0)
  })

  test.each([
    { name: 'a conflict', attempts: 1, call: (it: World) => FAILING.find((f) => f.status === 409)!.call(it) },
    { name: 'what does not fit', attempts: 1, call: (it: World) => FAILING[0]!.call(it) },
    { name: 'what is missing', attempts: 1, call: (it: World) => it.client.beta.dreams.retrieve('drm_none') },
    {
      name: 'what is forbidden',
      attempts: 1,
      call: (it: World) => it.client.beta.dreams.retrieve('drm_none'),
    },
  ])('$name is tried $attempts times', async ({ call, attempts }) => {
    const seen: string[] = []
    const counted = counting(sdk, world, seen)
    await refused(call({ ...world, client: counted }))
    expect(seen).toHaveLength(attempts)
  })

  test('an answer that is lost is asked for again, and a write with a key of its own is made once', async () => {
    let lost = 0
    const losing = new sdk.Sdk({
      baseURL: world.running.url,
      apiKey: world.client.apiKey,
      fetch: async (url, init) => {
        const answer = await fetch(url, init)
        if (lost++ > 0) return answer
        await answer.arrayBuffer()
        throw new TypeError('the connection broke')
      },
    })
    const session = await losing.beta.sessions.create(
      { agent: 'desk', environment_id: 'env_default', title: 'once' },
      { headers: { 'Idempotency-Key': `once-${sdk.sdk.split(' ')[1]}` } },
    )
    expect(lost).toBe(2)
    expect(await titled(world, 'once')).toHaveLength(1)
    expect(session.title).toBe('once')
  })

  test('every answer has the id of its request', async () => {
    const store = await world.client.beta.memoryStores.retrieve(world.store)
    expect((store as { _request_id?: string })._request_id).toMatch(/^req_/)
  })

  test('what belongs to another workspace is told exactly like what is not there', async () => {
    await makeWorkspace(world.running.database, 'others')
    const other = clientOf(sdk, world.running, (await world.running.key('admin', 'others')).token)
    const calls: [string, (client: Client, id: string) => PromiseLike<unknown>, real: string][] = [
      ['memstore', (it, id) => it.beta.memoryStores.retrieve(id), world.store],
      ['memstore', (it, id) => it.beta.memoryStores.archive(id), world.store],
      ['memstore', (it, id) => it.beta.memoryStores.memories.list(id), world.store],
      [
        'memstore',
        (it, id) => it.beta.memoryStores.memories.create(id, { path: '/a', content: '' }),
        world.store,
      ],
      [
        'mem',
        (it, id) => it.beta.memoryStores.memories.retrieve(id, { memory_store_id: world.store }),
        world.memory,
      ],
      ['memstore', (it, id) => it.beta.dreams.create(dreamOf(id, ['sesn_1'])), world.store],
    ]
    for (const [prefix, call, real] of calls) {
      const none = `${prefix}_${'0'.repeat(24)}`
      const to_foreign = await refused(call(other, real))
      const to_none = await refused(call(other, none))
      expect(withoutIds(to_foreign, real)).toEqual(withoutIds(to_none, none))
    }
  })
})

function withoutIds(told: Refused, id: string) {
  return {
    status: told.status,
    error: { ...told.error.error, message: told.error.error.message.replaceAll(id, 'ID') },
  }
}

type Refused = {
  status: number
  requestID: string
  error: { error: { type: string; message: string }; request_id: string }
  constructor: { name: string }
}

async function refused(answer: PromiseLike<unknown>): Promise<Refused> {
  const told = await Promise.resolve(answer).then(
    (it) => {
      throw new Error(`nothing was refused: ${JSON.stringify(it)}`)
    },
    (error) => error,
  )
  return told as Refused
}

function counting(sdk: Sdk, { running, client }: World, seen: string[]): Client {
  return new sdk.Sdk({
    baseURL: running.url,
    apiKey: client.apiKey,
    fetch: (url, init) => {
      seen.push(String(url))
      return fetch(url, init)
    },
  })
}

/** Other sessions come and go meanwhile, as those of dreams do. */
async function titled({ client }: World, title: string): Promise<string[]> {
  const ids: string[] = []
  for await (const it of client.beta.sessions.list()) if (it.title === title) ids.push(it.id)
  return ids
}

function dreamOf(memory_store_id: string, session_ids: string[]) {
  return {
    inputs: [
      { type: 'memory_store' as const, memory_store_id },
      { type: 'sessions' as const, session_ids },
    ],
    model: 'claude-opus-5',
  }
}

function bad() {
  return { error: 'BadRequestError', status: 400, type: 'invalid_request_error' }
}

function missing() {
  return { error: 'NotFoundError', status: 404, type: 'not_found_error' }
}
