import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { DEFAULT_WORKSPACE } from '../../src/domain/default-workspace.ts'
import { openEngine, openServer, openWorkspaces } from '../../src/engine.ts'
import { serve } from '../../src/http/serve.ts'
import { clientOf, SDKS } from '../sdk/server.ts'
import type { Json } from './door.ts'
import { type Caller, type ServedDesk, serveDesk } from './served-desk.ts'

let desk: ServedDesk
let writer: Caller
let reviewer: Caller
let reader: Caller
let store: string
let session_ids: string[]

beforeAll(async () => {
  desk = await serveDesk()
  writer = await desk.caller('writer')
  reviewer = await desk.caller('reviewer')
  reader = await desk.caller('reader')
  await desk.engine.ingest([desk.sessionFile(['send_mail'], 20)])
  session_ids = (await desk.engine.sessions({ limit: 200 })).data.map((it) => it.id)
})
afterAll(() => desk.close())
beforeEach(async () => {
  store = (await reviewer.post('/v1/memory_stores', { name: 'notes' })).json.id
})

const asked = (more: object = {}): Json => ({
  inputs: [
    { type: 'memory_store', memory_store_id: store },
    { type: 'sessions', session_ids: session_ids.slice(0, 3) },
  ],
  model: 'claude-opus-5',
  ...more,
})
const updating = () => asked({ output_behavior: { type: 'update_existing', memory_store_id: store } })

test('a dream that was asked for waits, and says so in every field', async () => {
  const given = [...session_ids.slice(0, 3)].sort().reverse()
  const { status, json } = await writer.post('/v1/dreams', {
    ...asked({ instructions: 'Focus on mails.' }),
    inputs: [
      { type: 'sessions', session_ids: given },
      { type: 'memory_store', memory_store_id: store },
    ],
  })
  expect(status).toBe(200)
  expect(json).toEqual({
    type: 'dream',
    id: expect.stringMatching(/^drm_/),
    status: 'pending',
    inputs: [
      { type: 'memory_store', memory_store_id: store },
      { type: 'sessions', session_ids: [...given].sort() },
    ],
    outputs: [],
    model: { id: 'claude-opus-5', speed: 'standard' },
    instructions: 'Focus on mails.',
    output_behavior: { type: 'create_new' },
    session_id: null,
    created_at: expect.any(String),
    ended_at: null,
    archived_at: null,
    usage: { input_tokens: 0, output_tokens: 0, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 },
    error: null,
  })
  expect((await reader.get(`/v1/dreams/${json.id}`)).json).toEqual(json)
})

const at = (i: number, more: object) => ({
  inputs: [0, 1].map((n) => (n === i ? { ...asked().inputs[n], ...more } : asked().inputs[n])),
})

test.each<[name: string, body: () => object, message: RegExp]>([
  ['without inputs', () => ({ inputs: [] }), /exactly one of type memory_store/],
  ['with a store only', () => ({ inputs: asked().inputs.slice(0, 1) }), /exactly one/],
  ['with two stores', () => ({ inputs: [...asked().inputs, asked().inputs[0]] }), /exactly one/],
  ['with an input of another kind', () => ({ inputs: [{ type: 'file' }] }), /inputs.0/],
  ['with a field too many in an input', () => at(0, { name: 'x' }), /inputs.0/],
  ['without a session', () => at(1, { session_ids: [] }), /inputs.1.session_ids/],
  ['with a session twice', () => at(1, { session_ids: ['a', 'a'] }), /each session once/],
  ['with 101 sessions', () => at(1, { session_ids: [...Array(101).keys()].map(String) }), /session_ids/],
  ['with an empty id of a store', () => at(0, { memory_store_id: '' }), /memory_store_id/],
  ['without a model', () => ({ model: undefined }), /model/],
  ['with an empty model', () => ({ model: '' }), /model/],
  ['with a long model', () => ({ model: 'x'.repeat(257) }), /model/],
  ['with a fast model', () => ({ model: { id: 'x', speed: 'fast' } }), /standard/],
  ['with empty instructions', () => ({ instructions: '' }), /instructions/],
  ['with 4,097 characters of instructions', () => ({ instructions: 'x'.repeat(4_097) }), /4,096/],
  ['with an output that is none', () => ({ output_behavior: { type: 'append' } }), /output_behavior/],
  ['with an unknown field', () => ({ dry_run: true }), /dry_run/],
  [
    'that updates another store than it reads',
    () => ({ output_behavior: { type: 'update_existing', memory_store_id: 'memstore_x' } }),
    /output_behavior.memory_store_id/,
  ],
])('a dream %s is refused with 400', async (_, body, message) => {
  const { status, json } = await reviewer.post('/v1/dreams', { ...asked(), ...body() })
  expect([status, json.error.type]).toEqual([400, 'invalid_request_error'])
  expect(json.error.message).toMatch(message)
})

test.each([
  { name: '4,096 characters of instructions', more: { instructions: '😀'.repeat(4_096) } },
  { name: 'null for what may be left out', more: { instructions: null, model: { id: 'm', speed: null } } },
  { name: 'a model as an object', more: { model: { id: 'm' } } },
])('a dream with $name is taken', async ({ more }) => {
  const { status, json } = await writer.post('/v1/dreams', asked(more))
  expect([status, json.model.speed]).toEqual([200, 'standard'])
})

describe('what is named in a dream has to be there', () => {
  test.each<[name: string, body: () => Promise<object>, status: number, message: RegExp]>([
    ['a store', async () => at(0, { memory_store_id: 'memstore_x' }), 404, /no memory store memstore_x/],
    ['a session', async () => at(1, { session_ids: ['sesn_x'] }), 404, /no session sesn_x/],
    [
      'and a store may not be archived',
      async () => {
        await reviewer.post(`/v1/memory_stores/${store}/archive`)
        return {}
      },
      400,
      /is archived/,
    ],
  ])('%s', async (_, body, status, message) => {
    const more = await body()
    const answer = await writer.post('/v1/dreams', { ...asked(), ...more })
    expect(answer.status).toBe(status)
    expect(answer.json.error.message).toMatch(message)
  })

  test('in the workspace of the key: nothing of another is seen', async () => {
    const workspaces = openWorkspaces({ database: desk.path })
    await workspaces.create({ name: 'other' }, 'user:ana')
    await workspaces.close()
    const other = await desk.caller('admin', 'other')
    const { json } = await writer.post('/v1/dreams', asked())
    expect((await other.post('/v1/dreams', asked())).status).toBe(404)
    for (const path of [`/v1/dreams/${json.id}`]) expect((await other.get(path)).status).toBe(404)
    for (const act of ['cancel', 'archive'])
      expect((await other.post(`/v1/dreams/${json.id}/${act}`)).status).toBe(404)
    expect((await other.get('/v1/dreams')).json.data).toEqual([])
  })
})

describe('who may', () => {
  test.each([
    { role: 'a reader', does: 'start a dream', status: 403, act: () => reader.post('/v1/dreams', asked()) },
    { role: 'a writer', does: 'start a dream', status: 200, act: () => writer.post('/v1/dreams', asked()) },
    {
      ...{ role: 'a writer', does: 'have a store updated', status: 403 },
      act: () => writer.post('/v1/dreams', updating()),
    },
    {
      ...{ role: 'a reviewer', does: 'have a store updated', status: 200 },
      act: () => reviewer.post('/v1/dreams', updating()),
    },
    { role: 'a reader', does: 'cancel', status: 403, act: () => reader.post('/v1/dreams/drm_x/cancel') },
    { role: 'a reader', does: 'list', status: 200, act: () => reader.get('/v1/dreams') },
  ])('$role who wants to $does gets $status', async ({ act, status }) => {
    expect((await act()).status).toBe(status)
  })
})

describe('a store that is to be updated is held', () => {
  test('against a second dream that would, and not against one into a new store', async () => {
    const first = await reviewer.post('/v1/dreams', updating())
    const second = await reviewer.post('/v1/dreams', updating())
    expect(second.status).toBe(409)
    expect(second.json.error.type).toBe('conflict_error')
    expect(second.json.error.message).toContain(first.json.id)
    expect(second.headers.get('x-should-retry')).toBe('false')
    expect((await reviewer.post('/v1/dreams', asked())).status).toBe(200)
    await reviewer.post(`/v1/dreams/${first.json.id}/cancel`)
    expect((await reviewer.post('/v1/dreams', updating())).status).toBe(200)
  })

  test('until the dream that was canceled has fully stopped', async () => {
    const first = await reviewer.post('/v1/dreams', updating())
    const sqlite = new DatabaseSync(desk.path)
    const hold = sqlite.prepare(
      "UPDATE job SET status = 'running', worker = 'w', lease_expires_at = '2099-01-01T00:00:00.000Z' WHERE id = ?",
    )
    hold.run(first.json.id)
    await reviewer.post(`/v1/dreams/${first.json.id}/cancel`)
    const second = await reviewer.post('/v1/dreams', updating())
    expect([second.status, second.json.error.message]).toEqual([
      409,
      `the dream ${first.json.id} has not fully stopped writing into the memory store ${store}`,
    ])
    sqlite
      .prepare(
        "UPDATE job SET status = 'completed', worker = NULL, lease_expires_at = NULL, ended_at = 'x' WHERE id = ?",
      )
      .run(first.json.id)
    sqlite.close()
    expect((await reviewer.post('/v1/dreams', updating())).status).toBe(200)
  })
})

describe('the same request', () => {
  const post = (body: object, headers: Record<string, string>) => reviewer.post('/v1/dreams', body, headers)

  test.each<{ name: string; headers: Record<string, string> }>([
    { name: 'with the same Idempotency-Key', headers: { 'idempotency-key': 'a-key' } },
    { name: 'that a client tries again', headers: { 'x-stainless-retry-count': '1' } },
  ])('$name is the same dream', async ({ headers }) => {
    const first = await post(updating(), { ...headers, 'x-stainless-retry-count': '0' })
    const again = await post(updating(), headers)
    expect([again.status, again.json]).toEqual([200, first.json])
    const other = await post(asked({ instructions: 'Focus on mails.' }), {
      ...headers,
      'idempotency-key': 'another-key',
    })
    expect(other.json.id).not.toBe(first.json.id)
  })

  test('without either is another dream', async () => {
    const [one, other] = [await post(asked(), {}), await post(asked(), { 'x-stainless-retry-count': '0' })]
    expect(other.json.id).not.toBe(one.json.id)
  })

  test('that comes a minute later is another dream', async () => {
    const first = await post(asked(), {})
    // Each look at this clock is a second.
    for (let i = 0; i < 70; i++) desk.now()
    expect((await post(asked(), { 'x-stainless-retry-count': '1' })).json.id).not.toBe(first.json.id)
  })
})

describe('cancel and archive', () => {
  test.each<[from: string, act: string, status: number, becomes: string]>([
    ['pending', 'cancel', 200, 'canceled'],
    ['running', 'cancel', 200, 'canceled'],
    ['canceled', 'cancel', 200, 'canceled'],
    ['completed', 'cancel', 400, 'completed'],
    ['failed', 'cancel', 400, 'failed'],
    ['pending', 'archive', 400, 'pending'],
    ['running', 'archive', 400, 'running'],
    ['canceled', 'archive', 200, 'canceled'],
    ['completed', 'archive', 200, 'completed'],
    ['failed', 'archive', 200, 'failed'],
  ])('a %s dream: %s answers %i, and it is %s', async (from, act, status, becomes) => {
    const { json } = await writer.post('/v1/dreams', asked())
    become(json.id, from)
    const before = (await reader.get(`/v1/dreams/${json.id}`)).json
    const answer = await writer.post(`/v1/dreams/${json.id}/${act}`)
    expect(answer.status).toBe(status)
    const after = (await reader.get(`/v1/dreams/${json.id}`)).json
    expect(after.status).toBe(becomes)
    if (status === 400) return expect(after).toEqual(before)
    expect(answer.json).toEqual(after)
    expect(after.ended_at).not.toBeNull()
    const again = await writer.post(`/v1/dreams/${json.id}/${act}`)
    expect([again.status, again.json]).toEqual([200, after])
  })

  function become(id: string, status: string): void {
    const sqlite = new DatabaseSync(desk.path)
    const at = '2026-11-09T05:00:00.000Z'
    const of: Record<string, object> = {
      running: { worker: 'w', lease_expires_at: '2099-01-01T00:00:00.000Z' },
      canceled: { ended_at: at },
      completed: { ended_at: at, result: 'unchanged' },
      failed: { ended_at: at, error_type: 'timeout', error_message: 'too long' },
    }
    const set = { status, ...of[status] }
    const names = Object.keys(set).map((it) => `${it} = ?`)
    sqlite.prepare(`UPDATE dream SET ${names.join(', ')} WHERE id = ?`).run(...Object.values(set), id)
    sqlite.close()
  }
})

describe('the list', () => {
  test('is newest first, page after page, and hides what is archived', async () => {
    const made: string[] = []
    for (let i = 0; i < 5; i++) made.unshift((await writer.post('/v1/dreams', asked())).json.id)
    const since = (await reader.get(`/v1/dreams/${made[4]}`)).json.created_at
    const after = encodeURIComponent(new Date(Date.parse(since) - 1).toISOString())
    const seen: string[] = []
    let next = ''
    do {
      const { json } = await reader.get(`/v1/dreams?limit=2&created_at%5Bgt%5D=${after}${next}`)
      seen.push(...json.data.map((it: Json) => it.id))
      next = json.next_page === null ? '' : `&page=${encodeURIComponent(json.next_page)}`
    } while (next !== '')
    expect(seen).toEqual(made)

    const exclusive = await reader.get(`/v1/dreams?created_at[gt]=${encodeURIComponent(since)}`)
    expect(exclusive.json.data.map((it: Json) => it.id)).toEqual(made.slice(0, 4))
    const before = await reader.get(`/v1/dreams?limit=100&created_at[lt]=${encodeURIComponent(since)}`)
    expect(before.json.data.map((it: Json) => it.id)).not.toContain(made[4])

    await writer.post(`/v1/dreams/${made[1]}/cancel`)
    await writer.post(`/v1/dreams/${made[1]}/archive`)
    const canceled = async (more: string) =>
      (await reader.get(`/v1/dreams?statuses[]=canceled&statuses[]=failed&limit=100${more}`)).json.data.map(
        (it: Json) => it.id,
      )
    expect(await canceled('')).not.toContain(made[1])
    expect(await canceled('&include_archived=true')).toContain(made[1])
    expect((await reader.get(`/v1/dreams/${made[1]}`)).json.archived_at).not.toBeNull()
  })

  test.each([
    'limit=0',
    'limit=101',
    'statuses[]=done',
    'created_at[gte]=2026-11-09T05:00:00Z',
    'created_at[gt]=x',
    'page=x',
  ])('with %s is refused', async (query) =>
    expect((await reader.get(`/v1/dreams?${query}`)).status).toBe(400),
  )

  test('has the dreams of the command line, too', async () => {
    const [report] = await desk.engine.dream()
    const { json } = await reader.get(`/v1/dreams/${report!.dream.id}`)
    expect(json).toMatchObject({
      status: 'completed',
      model: { id: 'none', speed: 'standard' },
      output_behavior: { type: 'update_existing', memory_store_id: report!.dream.memory_store_id },
      outputs: [{ type: 'memory_store', memory_store_id: report!.dream.memory_store_id }],
      session_id: null,
    })
    expect(json.inputs[1].session_ids).toEqual([...session_ids].sort())
    const archived = await writer.post(`/v1/dreams/${json.id}/archive`)
    expect(archived.json).toEqual({ ...json, archived_at: expect.any(String) })
  })
})

describe('with a server that works', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-dreams-'))
  const ingested = join(folder, 'ingested.db')
  afterAll(() => rmSync(folder, { recursive: true }))
  let lessons: string[]

  beforeAll(async () => {
    generateComplianceDesk(join(folder, 'desk'), { sessions: 100 })
    const engine = openEngine({ database: ingested })
    await engine.ingest([join(folder, 'desk')])
    await engine.close()
    copyFileSync(ingested, join(folder, 'usual.db'))
    const usual = openEngine({ database: join(folder, 'usual.db') })
    const [report] = await usual.dream()
    lessons = report!.changes.map((it) => it.after!.replace(/\d{4}-\d\d-\d\d/g, 'DAY'))
    await usual.close()
    expect(lessons.length).toBeGreaterThan(2)
  })

  test.each(SDKS)(
    'a program for hosted dreams runs with $sdk: same lessons as `reverie dream`',
    async (sdk) => {
      await withServer(async ({ client }) => {
        const sessions: string[] = []
        for await (const it of client(sdk).beta.sessions.list()) sessions.push(it.id)
        const input = await client(sdk).beta.memoryStores.create({ name: 'notes' })
        const { beta } = client(sdk)
        let dream = await beta.dreams.create({
          inputs: [
            { type: 'memory_store', memory_store_id: input.id },
            { type: 'sessions', session_ids: sessions.slice(0, 100) },
          ],
          model: 'claude-opus-5',
        })
        while (dream.status === 'pending' || dream.status === 'running') {
          await new Promise((done) => setTimeout(done, 50))
          dream = await beta.dreams.retrieve(dream.id)
        }
        expect(dream).toMatchObject({ status: 'completed', error: null })
        const texts: string[] = []
        for await (const it of beta.memoryStores.memories.list(dream.outputs[0]!.memory_store_id, {
          view: 'full',
        }))
          if (it.type === 'memory' && it.path !== '/_index.md')
            texts.push(it.content!.replace(/\d{4}-\d\d-\d\d/g, 'DAY'))
        expect(texts.sort()).toEqual([...lessons].sort())
        const session = await beta.sessions.retrieve(dream.session_id!)
        expect(session).toMatchObject({ status: 'terminated', agent: { name: 'reverie' } })
        const types = new Set<string>()
        for await (const it of beta.sessions.events.list(dream.session_id!)) types.add(it.type)
        expect([...types]).toEqual(
          expect.arrayContaining(['session.status_running', 'agent.tool_use', 'session.status_idle']),
        )
        expect(await beta.dreams.archive(dream.id)).toMatchObject({ archived_at: expect.any(String) })
      })
    },
    30_000,
  )

  test('a dream that is canceled at any moment is canceled or completed, never both', async () => {
    await withServer(async ({ client, path, db }) => {
      const { beta } = client(SDKS[0])
      const sessions: string[] = []
      for await (const it of beta.sessions.list({ limit: 100 })) sessions.push(it.id)
      const one = async (i: number) => {
        const input = await beta.memoryStores.create({ name: `notes ${i}` })
        const { id } = await beta.dreams.create({
          inputs: [
            { type: 'memory_store', memory_store_id: input.id },
            { type: 'sessions', session_ids: sessions.slice(0, 60) },
          ],
          model: 'm',
        })
        await until(async () => (await beta.dreams.retrieve(id)).status !== 'pending')
        await new Promise((done) => setTimeout(done, i * 12))
        const said = await beta.dreams.cancel(id).then(
          (it) => it.status as string,
          (error) => {
            expect(error.status).toBe(400)
            return 'completed'
          },
        )
        return { id, input: input.id, said }
      }
      const asked: Awaited<ReturnType<typeof one>>[] = []
      for (let i = 0; i < 20; i++) asked.push(await one(i))
      await until(
        async () =>
          db.prepare("SELECT 1 FROM job WHERE ended_at IS NULL AND kind = 'dream'").get() === undefined,
      )

      for (const { id, input, said } of asked) {
        const dream = await beta.dreams.retrieve(id)
        expect(dream.status).toBe(said)
        const changes = db.prepare('SELECT count(*) AS n FROM change WHERE dream_id = ?').get(id)!.n as number
        const counted = db.prepare('SELECT count(*) AS n FROM ledger WHERE memory_store_id = ?').get(input)!.n
        expect([changes > 0, counted]).toEqual(said === 'completed' ? [true, 60] : [false, 0])
        if (dream.session_id !== null)
          expect((await beta.sessions.retrieve(dream.session_id)).archived_at).not.toBeNull()
      }
      expect(new Set(asked.map((it) => it.said)), path).toEqual(new Set(['canceled', 'completed']))
    })
  }, 60_000)

  type Running = { client: (sdk: (typeof SDKS)[number]) => Anthropic; path: string; db: DatabaseSync }

  async function withServer(act: (running: Running) => Promise<void>): Promise<void> {
    const path = join(folder, `${Math.random()}.db`)
    copyFileSync(ingested, path)
    const server = openServer({ database: path })
    const listening = {
      host: '127.0.0.1',
      port: 0,
      public_hosts: [],
      rate_limit: 0,
      log_level: 'silent' as const,
    }
    const { address, stop } = await serve(server, listening)
    const wanted = {
      name: 'test',
      role: 'admin' as const,
      workspace: DEFAULT_WORKSPACE.name,
      expires_at: null,
    }
    const { token } = await server.createKey(wanted, 'user:test')
    const db = new DatabaseSync(path)
    try {
      await act({
        client: (sdk) => clientOf(sdk, { url: address } as Parameters<typeof clientOf>[1], token),
        path,
        db,
      })
    } finally {
      db.close()
      await stop()
      await server.close()
    }
  }

  async function until(is: () => Promise<boolean>): Promise<void> {
    while (!(await is())) await new Promise((done) => setTimeout(done, 10))
  }
})
