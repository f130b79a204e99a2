/** Sessions over the wire: created, listed in both directions, changed, archived and deleted. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Door, type Json, openDoor } from './door.ts'

let door: Door
let ticks = 0
const scratch = mkdtempSync(join(tmpdir(), 'reverie-sessions-'))
beforeAll(async () => {
  door = await openDoor({
    role: 'writer',
    now: () => new Date(Date.UTC(2026, 10, 22, 2) + 1_000 * ticks++),
  })
})
afterAll(async () => {
  await door.close()
  rmSync(scratch, { recursive: true })
})

const text = (it: string) => [{ type: 'text', text: it }]

async function made(body: object = {}): Promise<Json> {
  const answer = await door.ask('POST', '/v1/sessions', { agent: 'desk', ...body })
  expect(answer.status, JSON.stringify(answer.json)).toBe(200)
  return answer.json
}

async function newStore(name = 'Desk notes'): Promise<string> {
  const { json: body } = await door.ask('POST', '/v1/memory_stores', { name }, { role: 'reviewer' })
  return body.id
}

describe('creating', () => {
  test('a session has every key of the API, with null and [] where there is nothing', async () => {
    const session = await made()

    expect(session).toEqual({
      type: 'session',
      id: expect.stringMatching(/^sesn_[0-9a-f]{24}$/),
      status: 'idle',
      title: null,
      metadata: {},
      agent: {
        type: 'agent',
        id: expect.stringMatching(/^agent_/),
        version: 1,
        name: 'desk',
        description: null,
        model: { id: 'unknown' },
        system: null,
        tools: [],
        mcp_servers: [],
        skills: [],
        multiagent: null,
        execution_identity: { type: 'service_account' },
      },
      environment_id: 'env_default',
      resources: [],
      outcome_evaluations: [],
      stats: { active_seconds: 0, duration_seconds: 0 },
      usage: {
        input_tokens: 0,
        output_tokens: 0,
        cache_read_input_tokens: 0,
        cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
        active_seconds: 0,
        list_cost: null,
        server_tool_use: null,
      },
      vault_ids: [],
      budget: null,
      deployment_id: null,
      archived_at: null,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    })
    expect((await door.ask('GET', `/v1/sessions/${session.id}`)).json).toEqual(session)
  })

  test.each([
    { agent: 'clerk', told: { name: 'clerk', version: 1 } },
    { agent: 'agent_of_elsewhere', told: { id: 'agent_of_elsewhere', version: 1 } },
    { agent: { type: 'agent', id: 'agent_of_old', version: 7 }, told: { id: 'agent_of_old', version: 7 } },
    {
      agent: { type: 'agent_with_overrides', id: 'clerk', model: 'claude-opus-5', system: 'Be brief.' },
      told: { name: 'clerk', model: { id: 'claude-opus-5' }, system: 'Be brief.' },
    },
  ])('an agent that is not known is made: $agent', async ({ agent, told }) => {
    const session = await made({ agent })
    expect(session.agent).toMatchObject(told)
    expect((await made({ agent })).agent).toEqual(session.agent)
    const { status } = await door.ask('GET', `/v1/agents/${session.agent.id}`)
    expect(status).toBe(200)
  })

  test('an agent that was made has its snapshot in the session, at the version that was asked for', async () => {
    const { json: agent } = await door.ask('POST', '/v1/agents', { name: 'tailor', model: 'claude-opus-5' })
    await door.ask('POST', `/v1/agents/${agent.id}`, { system: 'Measure twice.' })

    expect((await made({ agent: agent.id })).agent).toMatchObject({ version: 2, system: 'Measure twice.' })
    expect((await made({ agent: 'tailor' })).agent).toMatchObject({ id: agent.id, version: 2 })
    const old = await made({ agent: { type: 'agent', id: agent.id, version: 1 } })
    expect(old.agent).toMatchObject({ version: 1, system: null })
    const none = { type: 'agent', id: agent.id, version: 3 }
    expect((await door.ask('POST', '/v1/sessions', { agent: none })).status).toBe(404)
  })

  test('what it was given stands there as it was then', async () => {
    const store = await newStore('Desk — Notes & more')
    const session = await made({
      title: 'Close the ledger',
      resources: [
        { type: 'memory_store', memory_store_id: store, instructions: 'Read it first.' },
        { type: 'file', file_id: 'file_1' },
        {
          type: 'github_repository',
          url: 'https://github.com/acme/ledger.git',
          authorization_token: 'ghp_x',
        },
      ],
      vault_ids: ['vlt_1'],
      budget: { type: 'limit', max_list_cost: { amount: '2500', currency: 'USD' } },
    })
    await door.ask('POST', `/v1/memory_stores/${store}`, { name: 'Renamed' }, { role: 'reviewer' })

    const { json: body } = await door.ask('GET', `/v1/sessions/${session.id}`)
    expect(body.resources).toMatchObject([
      {
        name: 'Desk — Notes & more',
        access: 'read_write',
        instructions: 'Read it first.',
        mount_path: '/mnt/memory/desk-notes-more',
      },
      { file_id: 'file_1', mount_path: '/mnt/session/uploads/file_1' },
      { url: 'https://github.com/acme/ledger.git', mount_path: '/workspace/ledger', checkout: null },
    ])
    expect(JSON.stringify(body)).not.toContain('ghp_x')
    expect(body.budget.max_list_cost.amount).toBe('2500')
    const listed = await door.ask('GET', `/v1/sessions?memory_store_id=${store}`)
    expect(listed.json.data.map((it: { id: string }) => it.id)).toEqual([session.id])
  })

  test('it begins with its first events', async () => {
    const session = await made({
      initial_events: [
        { type: 'user.message', content: text('Close the ledger.') },
        {
          type: 'user.define_outcome',
          description: 'It is closed.',
          rubric: { type: 'text', content: 'No open rows.' },
        },
      ],
    })
    expect(session.outcome_evaluations).toEqual([
      {
        type: 'outcome_evaluation',
        outcome_id: expect.stringMatching(/^outc_/),
        description: 'It is closed.',
        result: 'pending',
        explanation: null,
        iteration: 0,
        completed_at: null,
      },
    ])
    const { json: body } = await door.ask('GET', `/v1/sessions/${session.id}/events`)
    expect(body.data.map((it: { type: string }) => it.type)).toEqual(['user.message', 'user.define_outcome'])
  })

  test('a second session of one external id is the first', async () => {
    const metadata = { external_id: 'run-7', task_id: 't1' }
    const first = await made({ metadata, title: 'First' })
    expect(await made({ metadata, title: 'Second' })).toEqual(first)
  })

  test('secrets in what is said of it are not kept', async () => {
    const session = await made({
      title: 'Use sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789-ABCDEFGH now',
      metadata: { note: 'password=hunter2hunter2' },
    })
    expect(session.title).toContain('[redacted:')
    expect(JSON.stringify(session)).not.toContain('abcdefghijklmnop')
  })

  test.each<[what: string, body: object, status: number, message: RegExp]>([
    ['no agent', { agent: undefined }, 400, /agent/],
    ['an unknown field', { colour: 'red' }, 400, /colour/],
    ['17 pairs of metadata', { metadata: pairs(17) }, 400, /at most 16 pairs/],
    ['a value of metadata that is too long', { metadata: { a: 'x'.repeat(513) } }, 400, /metadata\.a/],
    [
      'a store that is not there',
      { resources: [store('memstore_none')] },
      404,
      /no memory store memstore_none/,
    ],
    [
      'nine memory stores',
      { resources: Array.from({ length: 9 }, (_, i) => store(`m${i}`)) },
      400,
      /at most 8/,
    ],
    ['a store twice', { resources: [store('memstore_1'), store('memstore_1')] }, 400, /twice/],
    ['another first event', { initial_events: [{ type: 'user.interrupt' }] }, 400, /begins with/],
    ['two outcomes', { initial_events: [outcome(), outcome()] }, 400, /at most one/],
    ['a cost that is no number', { budget: budget('1.5') }, 400, /budget/],
    [
      'an external id that reads like a secret',
      { metadata: { external_id: SECRET } },
      400,
      /reads like a secret/,
    ],
  ])('%s is refused, and nothing is stored', async (_, body, status, message) => {
    const count = async () => (await door.ask('GET', '/v1/sessions?limit=1000')).json.data.length
    const before = await count()
    const answer = await door.ask('POST', '/v1/sessions', { agent: 'desk', ...body })
    expect(answer.status).toBe(status)
    expect(answer.json.error.message).toMatch(message)
    expect(await count()).toBe(before)
  })

  test('an archived store, agent or environment is given to no new session', async () => {
    const store_id = await newStore()
    await door.ask('POST', `/v1/memory_stores/${store_id}/archive`, undefined, { role: 'reviewer' })
    const { json: agent } = await door.ask('POST', '/v1/agents', { name: 'old', model: 'm' })
    await door.ask('POST', `/v1/agents/${agent.id}/archive`)
    const { json: environment } = await door.ask('POST', '/v1/environments', { name: 'old' })
    await door.ask('POST', `/v1/environments/${environment.id}/archive`)

    for (const body of [
      { resources: [store(store_id)] },
      { agent: agent.id },
      { environment_id: environment.id },
    ]) {
      const answer = await door.ask('POST', '/v1/sessions', { agent: 'desk', ...body })
      expect([answer.status, answer.json.error.message]).toEqual([400, expect.stringContaining('archived')])
    }
  })
})

describe('an idempotency key', () => {
  const headers = { 'idempotency-key': 'run-of-tuesday' }

  test('the same request is done once, another one with its key is refused', async () => {
    const body = { agent: 'desk', title: 'Tuesday' }
    const first = await door.ask('POST', '/v1/sessions', body, { headers })
    const again = await door.ask('POST', '/v1/sessions', body, { headers })
    expect(again.json).toEqual(first.json)

    const other = await door.ask('POST', '/v1/sessions', { ...body, title: 'Wednesday' }, { headers })
    expect([other.status, other.json.error.type]).toEqual([409, 'conflict_error'])
    expect(other.headers.get('x-should-retry')).toBe('false')
  })

  test('it is forgotten after a day', async () => {
    const body = { agent: 'desk', title: 'Daily' }
    const daily = { headers: { 'idempotency-key': 'daily' } }
    const first = await door.ask('POST', '/v1/sessions', body, daily)
    ticks += 86_400
    const next_day = await door.ask('POST', '/v1/sessions', body, daily)
    expect(next_day.json.id).not.toBe(first.json.id)
  })

  test('one with spaces is refused', async () => {
    const odd = { headers: { 'idempotency-key': 'a b' } }
    expect((await door.ask('POST', '/v1/sessions', { agent: 'desk' }, odd)).status).toBe(400)
  })
})

describe('updating', () => {
  test('title, metadata, tools and budget change, what is absent stays', async () => {
    const session = await made({
      title: 'One',
      metadata: { a: '1', b: '2' },
      budget: budget('100'),
    })
    const tools = [{ type: 'custom', name: 'ask', description: 'Asks.', input_schema: { type: 'object' } }]
    const { json: body } = await door.ask('POST', `/v1/sessions/${session.id}`, {
      metadata: { a: null, c: '3' },
      agent: { tools },
      budget: null,
    })
    expect(body).toMatchObject({ title: 'One', metadata: { b: '2', c: '3' }, agent: { tools }, budget: null })
    expect(body.updated_at > session.updated_at).toBe(true)
    expect((await door.ask('POST', `/v1/sessions/${session.id}`, { title: null })).json.title).toBe(null)
  })

  test('a budget is not added later, an external id not changed, and the agent not while it runs', async () => {
    const session = await made({ metadata: { external_id: 'fixed' } })
    const update = (body: object) => door.ask('POST', `/v1/sessions/${session.id}`, body)
    expect((await update({ budget: budget('1') })).status).toBe(400)
    expect((await update({ metadata: { external_id: 'other' } })).status).toBe(400)
    await send(session.id, [{ type: 'session.status_running' }])
    expect((await update({ agent: { tools: [] } })).status).toBe(400)
    expect((await update({ title: 'Runs' })).json).toMatchObject({ status: 'running', title: 'Runs' })
  })
})

describe('archiving and deleting', () => {
  test('an archived session is terminated, stays so, and takes no more events', async () => {
    const { id } = await made()
    const archived = await door.ask('POST', `/v1/sessions/${id}/archive`)
    expect(archived.json).toMatchObject({ status: 'terminated', archived_at: expect.any(String) })
    expect((await door.ask('POST', `/v1/sessions/${id}/archive`)).json).toEqual(archived.json)
    const sent = await door.ask('POST', `/v1/sessions/${id}/events`, { events: [{ type: 'user.interrupt' }] })
    expect([sent.status, sent.json.error.message]).toEqual([400, expect.stringContaining('archived')])
  })

  test('a running session is neither archived nor deleted', async () => {
    const { id } = await made()
    await send(id, [{ type: 'session.status_running' }])
    expect((await door.ask('POST', `/v1/sessions/${id}/archive`)).status).toBe(400)
    expect((await door.ask('DELETE', `/v1/sessions/${id}`, undefined, { role: 'admin' })).status).toBe(400)
    await send(id, [{ type: 'session.status_idle', stop_reason: { type: 'end_turn' } }])
    expect((await door.ask('POST', `/v1/sessions/${id}/archive`)).status).toBe(200)
  })

  test('only an admin deletes, and then it is gone', async () => {
    const { id } = await made({ metadata: { external_id: 'to-go' } })
    await send(id, [{ type: 'user.message', content: text('Bye.') }])
    expect((await door.ask('DELETE', `/v1/sessions/${id}`)).status).toBe(403)
    const deleted = await door.ask('DELETE', `/v1/sessions/${id}`, undefined, { role: 'admin' })
    expect(deleted.json).toEqual({ id, type: 'session_deleted' })
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/events'],
      ['GET', '/events/stream'],
      ['POST', '/archive'],
      ['DELETE', ''],
    ])
      expect(
        (await door.ask(method!, `/v1/sessions/${id}${path}`, undefined, { role: 'admin' })).status,
      ).toBe(404)
    expect((await made({ metadata: { external_id: 'to-go' } })).id).not.toBe(id)
  })

  test('one that was settled is erased with all that is stored of it', async () => {
    const { id } = await made()
    await send(id, [{ type: 'user.message', content: text('Erase me.') }])
    const { session_ids } = await door.engine.settle([id])
    expect((await door.ask('GET', `/v1/sessions/${session_ids[0]}`)).json.id).toBe(id)

    const deleted = await door.ask('DELETE', `/v1/sessions/${session_ids[0]}`, undefined, { role: 'admin' })
    expect(deleted.json).toEqual({ id, type: 'session_deleted' })
    await expect(door.engine.session(session_ids[0]!)).rejects.toThrow('there is no session')
  })
})

describe('listing', () => {
  let own: Door
  const ids: string[] = []
  let filed: string
  let middle: string
  let minute = 0
  beforeAll(async () => {
    own = await openDoor({ role: 'writer', now: () => new Date(Date.UTC(2026, 10, 1, 0, minute++)) })
    for (let i = 0; i < 9; i++) {
      const agent = i % 3 === 0 ? 'clerk' : 'desk'
      ids.push((await own.ask('POST', '/v1/sessions', { agent, title: `Number ${i}` })).json.id)
    }
    middle = (await own.ask('GET', `/v1/sessions/${ids[3]}`)).json.created_at
    const file = join(scratch, 'filed.jsonl')
    const line = {
      id: 'run-1',
      agent: 'desk',
      started_at: new Date(Date.parse(middle) + 30_000).toISOString(),
      steps: [
        { role: 'user', text: 'Old work.' },
        { role: 'assistant', calls: [{ id: 'c', name: 'look', args: { at: 'it' } }] },
        { role: 'tool', call_id: 'c', text: 'Error: no', error: true },
        { role: 'feedback', kind: 'rejection', comment: 'not so' },
      ].map((it, i) => ({ ...it, ts: new Date(Date.parse(middle) + 30_000 + 1_000 * i).toISOString() })),
      outcome: { success: false },
    }
    writeFileSync(file, JSON.stringify(line))
    await own.engine.ingest([file])
    filed = (await own.engine.sessions()).data[0]!.id
  })
  afterAll(() => own.close())

  const pages = async (query: string, direction: 'next_page' | 'prev_page', from?: string) => {
    const found: string[][] = []
    for (let page: string | null = from ?? ''; page !== null; ) {
      const { status, json: body } = await own.ask('GET', `/v1/sessions?${query}${page && `&page=${page}`}`)
      expect(status, JSON.stringify(body)).toBe(200)
      found.push(body.data.map((it: { id: string }) => it.id))
      page = body[direction]
    }
    return found
  }

  test.each(['asc', 'desc'])(
    'in order %s, through and back again, with those from files among them',
    async (order) => {
      const all = (await pages(`order=${order}&limit=1000`, 'next_page')).flat()
      expect(all).toHaveLength(10)
      expect(all).toContain(filed)
      const listed = await own.ask('GET', `/v1/sessions?order=${order}&limit=1000`)
      const times = listed.json.data.map((it: { created_at: string }) => it.created_at)
      expect(times).toEqual(order === 'asc' ? times.toSorted() : times.toSorted().reverse())

      const forth = await pages(`order=${order}&limit=3`, 'next_page')
      expect(forth.map((it) => it.length)).toEqual([3, 3, 3, 1])
      expect(forth.flat()).toEqual(all)
      let last = await own.ask('GET', `/v1/sessions?order=${order}&limit=3`)
      expect(last.json.prev_page).toBe(null)
      while (last.json.next_page !== null)
        last = await own.ask('GET', `/v1/sessions?order=${order}&limit=3&page=${last.json.next_page}`)
      const back = await pages(`order=${order}&limit=3`, 'prev_page', last.json.prev_page)
      expect(back.toReversed().flat()).toEqual(all.slice(0, 9))
    },
  )

  test.each<[what: string, query: string, count: number]>([
    ['an agent', 'agent_id=CLERK', 3],
    ['an agent, with its sessions from files', 'agent_id=DESK', 7],
    ['a version', 'agent_id=DESK&agent_version=2', 0],
    ['a status', 'statuses[]=running', 0],
    ['several statuses', 'statuses[]=idle&statuses[]=running', 10],
    ['a time, exclusive', 'created_at[gt]=MIDDLE', 6],
    ['a time in another zone, inclusive', 'created_at[gte]=ELSEWHERE', 7],
    ['a time before which they were', 'created_at[lt]=MIDDLE', 3],
    ['a span of time', 'created_at[gt]=MIDDLE&created_at[lte]=MIDDLE', 0],
    ['a deployment', 'deployment_id=depl_1', 0],
    ['a memory store', 'memory_store_id=memstore_1', 0],
  ])('of %s', async (_, query, count) => {
    const { json: body } = await own.ask('GET', '/v1/sessions?limit=1000')
    const idOf = (name: string) =>
      body.data.find((it: { agent: { name: string } }) => it.agent.name === name).agent.id
    const elsewhere = new Date(Date.parse(middle) + 3_600_000).toISOString().replace('Z', '%2B01:00')
    const asked = query
      .replace('CLERK', idOf('clerk'))
      .replace('DESK', idOf('desk'))
      .replaceAll('MIDDLE', middle)
      .replace('ELSEWHERE', elsewhere)
    const answer = await own.ask('GET', `/v1/sessions?limit=1000&${asked}`)
    expect(answer.json.data ?? answer.json).toHaveLength(count)
  })

  test.each([
    ['another order', 'order=asc&limit=3'],
    ['another filter', 'limit=3&created_at[lt]=2026-01-01T00:00:00Z'],
    ['another list', 'limit=3&agent_id=agent_1'],
  ])('a cursor with %s is refused', async (_, query) => {
    const { json: body } = await own.ask('GET', '/v1/sessions?limit=3')
    const answer = await own.ask('GET', `/v1/sessions?${query}&page=${body.next_page}`)
    expect([answer.status, answer.json.error.message]).toEqual([400, expect.stringContaining('page')])
  })

  test.each([
    'limit=0',
    'limit=1001',
    'order=up',
    'agent_version=1',
    'colour=red',
    'statuses[]=done',
    'page=x',
  ])('%s is refused', async (query) => {
    expect((await own.ask('GET', `/v1/sessions?${query}`)).status).toBe(400)
  })

  test('one from a file is finished: it is read, and takes nothing', async () => {
    const { json: body } = await own.ask('GET', `/v1/sessions/${filed}`)
    expect(body).toMatchObject({
      status: 'idle',
      title: 'Old work.',
      metadata: { harness: 'steps', external_id: 'run-1' },
      agent: { name: 'desk' },
    })
    const events = await own.ask('GET', `/v1/sessions/${filed}/events?limit=2`)
    expect(events.json.data).toMatchObject([
      { type: 'user.message' },
      { type: 'agent.tool_use', name: 'look' },
    ])
    const rest = await own.ask('GET', `/v1/sessions/${filed}/events?limit=9&page=${events.json.next_page}`)
    expect(rest.status).toBe(200)
    expect(rest.json.data.map((it: { type: string }) => it.type)).toEqual([
      'agent.tool_result',
      'user.feedback',
    ])
    expect((await own.ask('GET', `/v1/sessions/${filed}/threads`)).json.data).toMatchObject([
      { parent_thread_id: null, status: 'idle' },
    ])
    for (const [path, asked] of [
      ['/events', { events: [{ type: 'user.interrupt' }] }],
      ['', { title: 'Mine' }],
      ['/resources', { type: 'file', file_id: 'file_1' }],
    ] as const) {
      const answer = await own.ask('POST', `/v1/sessions/${filed}${path}`, asked)
      expect([answer.status, answer.json.error.message]).toEqual([400, expect.stringContaining('transcript')])
    }
  })

  test('the events of one from a file, put in again over the wire, are the same session', async () => {
    const { json: body } = await own.ask('GET', `/v1/sessions/${filed}/events`)
    const created = await own.ask('POST', '/v1/sessions', { agent: 'desk' })
    const sent = await own.ask('POST', `/v1/sessions/${created.json.id}/events`, { events: body.data })
    expect(sent.status, JSON.stringify(sent.json)).toBe(200)
    expect((await own.engine.settle([created.json.id])).session_ids).toEqual([filed])
    await own.ask('DELETE', `/v1/sessions/${created.json.id}`, undefined, { role: 'admin' })
    expect((await own.engine.session(filed)).row.id).toBe(filed)
  })
})

async function send(id: string, events: object[]): Promise<void> {
  const answer = await door.ask('POST', `/v1/sessions/${id}/events`, { events })
  expect(answer.status, JSON.stringify(answer.json)).toBe(200)
}

const SECRET = 'sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789-ABCDEFGH'

function pairs(count: number) {
  return Object.fromEntries(Array.from({ length: count }, (_, i) => [`k${i}`, 'v']))
}

function store(memory_store_id: string) {
  return { type: 'memory_store', memory_store_id }
}

function outcome() {
  return { type: 'user.define_outcome', description: 'Done.', rubric: { type: 'text', content: 'x' } }
}

function budget(amount: string) {
  return { type: 'limit', max_list_cost: { amount, currency: 'USD' } }
}
