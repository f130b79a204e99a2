/** Events over the wire: the whole union is taken, checked, relieved of secrets, kept once, and told again as it was. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EVENT_TYPES } from '../../src/domain/recorded-event.ts'
import { EVERY_EVENT } from '../sdk/every-event.ts'
import { type Answer, type Door, type Json, openDoor } from './door.ts'

const NOW = '2026-11-22T02:00:00.000Z'
let door: Door
beforeAll(async () => {
  door = await openDoor({ role: 'writer', now: () => new Date(NOW) })
})
afterAll(async () => {
  await door.close()
})

const text = (it: string) => [{ type: 'text', text: it }]
const say = (it: string, more: object = {}) => ({ type: 'user.message', content: text(it), ...more })
const SECRET = 'sk-ant-api03-abcdefghijklmnopqrstuvwxyz0123456789-ABCDEFGH'

async function session(): Promise<string> {
  return (await door.ask('POST', '/v1/sessions', { agent: 'desk' })).json.id
}

function send(id: string, events: unknown[], headers: Record<string, string> = {}): Promise<Answer> {
  return door.ask('POST', `/v1/sessions/${id}/events`, { events }, { headers })
}

async function list(id: string, query = ''): Promise<Json['data']> {
  const { status, json: body } = await door.ask('GET', `/v1/sessions/${id}/events${query}`)
  expect(status, JSON.stringify(body)).toBe(200)
  return body.data
}

describe('what is sent', () => {
  test('every type that can be asked for is there', () => {
    expect(EVENT_TYPES.toSorted()).toEqual(
      [...Object.keys(EVERY_EVENT), 'user.feedback', 'session.outcome'].toSorted(),
    )
  })

  test('one of every type comes back as it was sent', async () => {
    const id = await session()
    const events = Object.values(EVERY_EVENT)
    const { status, json: body } = await send(id, events)
    expect(status, JSON.stringify(body)).toBe(200)
    expect(body.data).toEqual(events)
    expect(await list(id)).toEqual(events)
  })

  test.each<[what: string, sent: object, told: object]>([
    ['a rating', { kind: 'rating', rating: 2 }, { kind: 'rating', rating: 2 }],
    [
      'a rating without its kind',
      { rating: 5, comment: 'good' },
      { kind: 'rating', rating: 5, comment: 'good' },
    ],
    ['an approval', { approval: true }, { kind: 'approval' }],
    ['an edit', { edit: { before: 'a', after: 'b' } }, { kind: 'edit', before: 'a', after: 'b' }],
    [
      'one in a field of its own',
      { feedback: { kind: 'rejection', comment: 'no' } },
      { kind: 'rejection', comment: 'no' },
    ],
  ])('feedback: %s', async (_, sent, told) => {
    const id = await session()
    expect((await send(id, [{ type: 'user.feedback', ...sent }])).json.data).toEqual([
      { id: expect.any(String), type: 'user.feedback', processed_at: NOW, ...told },
    ])
  })

  test('what is missing is filled in', async () => {
    const id = await session()
    const { json: body } = await send(id, [
      say('Hello'),
      { type: 'user.define_outcome', description: 'Done.', rubric: { type: 'text', content: 'x' } },
      { type: 'session.status_idle' },
      { type: 'session.outcome', result: 'satisfied', reward: null },
    ])
    const base = { id: expect.stringMatching(/^sevt_/), processed_at: NOW }
    expect(body.data).toEqual([
      { ...base, ...say('Hello') },
      {
        ...base,
        type: 'user.define_outcome',
        description: 'Done.',
        rubric: { type: 'text', content: 'x' },
        max_iterations: 3,
        outcome_id: expect.stringMatching(/^outc_/),
      },
      { ...base, type: 'session.status_idle', stop_reason: { type: 'end_turn' }, stop_details: null },
      { ...base, type: 'session.outcome', result: 'satisfied', verified: false },
    ])
  })

  test('times are told in UTC, and one that is not known stays so', async () => {
    const id = await session()
    const { json: body } = await send(id, [
      say('a', { processed_at: '2026-01-01T10:00:00+02:00' }),
      say('b', { processed_at: '2026-01-01T10:00:00.123456Z' }),
      say('c', { processed_at: null }),
    ])
    expect(body.data.map((it: { processed_at: string }) => it.processed_at)).toEqual([
      '2026-01-01T08:00:00.000Z',
      '2026-01-01T10:00:00.123Z',
      null,
    ])
  })

  test('a secret is gone before anything is stored; ids, names and numbers stay', async () => {
    const id = await session()
    const { json: body } = await send(id, [
      say(`My key is ${SECRET}.`, { id: 'sevt_said' }),
      {
        type: 'agent.tool_use',
        id: 'sevt_use',
        name: 'login',
        input: { key: SECRET, tries: 3, nested: [{ note: `again ${SECRET}` }] },
      },
    ])
    expect(JSON.stringify(body)).not.toContain(SECRET)
    expect(body.data[1]).toMatchObject({ id: 'sevt_use', name: 'login', input: { tries: 3 } })
    expect(body.data[1].input.nested[0].note).toMatch(/^again \[redacted:/)
  })

  test('thinking has no text, and pictures are not kept byte for byte', async () => {
    const id = await session()
    const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' } }
    const { json: body } = await send(id, [
      { type: 'agent.thinking', content: text('qzxthought') },
      { type: 'user.message', content: [image] },
    ])
    expect(JSON.stringify(body)).not.toMatch(/qzxthought|iVBOR/)
    expect(body.data[1].content).toEqual([{ ...image, source: { ...image.source, data: '' } }])
  })

  test.each<[what: string, events: unknown, message: RegExp]>([
    ['an unknown type', [say('a'), { type: 'user.wave' }], /events\.1.*there is no event "user\.wave"/],
    ['no type', [{ content: [] }], /events\.0/],
    ['no object', ['hello'], /events\.0/],
    ['no list', { type: 'user.message' }, /events/],
    ['nothing', [], /events/],
    ['more than a thousand', Array.from({ length: 1_001 }, () => say('a')), /events/],
    ['an unknown field of what people send', [say('a', { colour: 'red' })], /colour/],
    ['an unknown block', [{ type: 'user.message', content: [{ type: 'video' }] }], /content\.0/],
    ['a text that is a number', [{ type: 'agent.message', content: [{ type: 'text', text: 7 }] }], /text/],
    ['an id with a slash', [say('a', { id: 'sevt_a/b' })], /id/],
    ['an id of another kind', [say('a', { id: 'msg_1' })], /id/],
    ['an id that is too long', [say('a', { id: `sevt_${'x'.repeat(124)}` })], /id/],
    ['an id that reads like a secret', [{ ...outcome('x'), outcome_id: SECRET }], /reads like a secret/],
    ['a time without a zone', [say('a', { processed_at: '2026-01-01T10:00:00' })], /processed_at/],
    ['a day that is none', [say('a', { processed_at: '2026-02-30T10:00:00Z' })], /processed_at/],
    ['a rating of six', [{ type: 'user.feedback', rating: 6 }], /rating/],
    ['feedback of no kind', [{ type: 'user.feedback', comment: 'hm' }], /kind/],
    ['an outcome of another word', [{ type: 'session.outcome', result: 'ok' }], /result/],
    ['a rubric that is too long', [outcome('x'.repeat(262_145))], /rubric/],
    ['21 iterations', [{ ...outcome('x'), max_iterations: 21 }], /max_iterations/],
    [
      'a result without its call',
      [toolResult('sevt_nobody')],
      /tool_use_id: sevt_nobody is no agent\.tool_use/,
    ],
    [
      'a result of a message',
      [say('a', { id: 'sevt_m' }), toolResult('sevt_m')],
      /sevt_m is no agent\.tool_use/,
    ],
    ['one id for two', [say('a', { id: 'sevt_two' }), say('b', { id: 'sevt_two' })], /another event/],
  ])('%s is refused, and nothing of the request is stored', async (_, events, message) => {
    const id = await session()
    const answer = await door.ask('POST', `/v1/sessions/${id}/events`, { events })
    expect([answer.status, answer.json.error?.message]).toEqual([400, expect.stringMatching(message)])
    expect(await list(id)).toEqual([])
  })

  test('a result may come with its call, before it, or later', async () => {
    const id = await session()
    const use = { type: 'agent.tool_use', id: 'sevt_use', name: 'look', input: {} }
    expect((await send(id, [toolResult('sevt_use'), use])).status).toBe(200)
    expect((await send(id, [toolResult('sevt_use')])).status).toBe(200)
    const other = await session()
    expect((await send(other, [toolResult('sevt_use')])).status).toBe(400)
  })
})

describe('the same event again', () => {
  test('is there already, with or without its time', async () => {
    const id = await session()
    const event = say('a', { id: 'sevt_a', processed_at: '2026-01-01T08:00:00Z' })
    const first = (await send(id, [event])).json
    expect((await send(id, [event, say('a', { id: 'sevt_a' })])).json.data).toEqual([
      first.data[0],
      first.data[0],
    ])
    expect(await list(id)).toHaveLength(1)
  })

  test.each([
    ['other words', say('b', { id: 'sevt_a', processed_at: '2026-01-01T08:00:00Z' })],
    ['another time', say('a', { id: 'sevt_a', processed_at: '2026-01-02T08:00:00Z' })],
    ['another type', { type: 'user.interrupt', id: 'sevt_a' }],
  ])('with %s is another one, and refused', async (_, event) => {
    const id = await session()
    await send(id, [say('a', { id: 'sevt_a', processed_at: '2026-01-01T08:00:00Z' })])
    const answer = await send(id, [say('c'), event])
    expect([answer.status, answer.json.error.message]).toEqual([
      400,
      expect.stringContaining('another event'),
    ])
    expect(await list(id)).toHaveLength(1)
  })

  test('one that was queued is processed when it comes with its time', async () => {
    const id = await session()
    await send(id, [say('a', { id: 'sevt_a', processed_at: null })])
    await send(id, [say('a', { id: 'sevt_a', processed_at: '2026-01-01T08:00:00Z' })])
    await send(id, [say('a', { id: 'sevt_a', processed_at: null })])
    expect(await list(id)).toEqual([say('a', { id: 'sevt_a', processed_at: '2026-01-01T08:00:00.000Z' })])
  })

  test('an event id is of one session: another has its own', async () => {
    const [one, other] = [await session(), await session()]
    await send(one, [say('a', { id: 'sevt_a' })])
    expect((await send(other, [say('b', { id: 'sevt_a' })])).status).toBe(200)
  })

  test('with an idempotency key, events without ids are put in once', async () => {
    const id = await session()
    const key = { 'idempotency-key': 'page-1' }
    const first = await send(id, [say('a'), say('b')], key)
    expect((await send(id, [say('a'), say('b')], key)).json).toEqual(first.json)
    expect(await list(id)).toEqual(first.json.data)
    expect((await send(id, [say('c')], key)).status).toBe(409)
  })
})

describe('what a session says of itself follows its events', () => {
  test.each([
    ['session.status_running', 'running'],
    ['session.status_idle', 'idle'],
    ['session.status_rescheduled', 'rescheduling'],
    ['session.status_terminated', 'terminated'],
  ])('after %s it is %s', async (type, status) => {
    const id = await session()
    await send(id, [{ type: 'session.status_running' }, { type }, say('later')])
    expect((await door.ask('GET', `/v1/sessions/${id}`)).json.status).toBe(status)
    const { json: body } = await door.ask('GET', `/v1/sessions?statuses[]=${status}&limit=1000`)
    expect(body.data.map((it: { id: string }) => it.id)).toContain(id)
  })

  test('usage, times and outcomes are summed up', async () => {
    const id = await session()
    const at = (second: number) => ({ processed_at: `2026-01-01T08:00:${String(second).padStart(2, '0')}Z` })
    const usage = (input_tokens: number) => ({
      type: 'span.model_request_end',
      model_usage: {
        input_tokens,
        output_tokens: 2,
        cache_read_input_tokens: 3,
        cache_creation_input_tokens: 4,
      },
    })
    const span = (which: string, iteration: number, more: object = {}) => ({
      type: `span.outcome_evaluation_${which}`,
      outcome_id: 'outc_1',
      iteration,
      ...more,
    })
    await send(id, [
      say('Go.', at(0)),
      { ...outcome('rows'), outcome_id: 'outc_1' },
      { type: 'session.status_running', ...at(1) },
      { ...usage(10), ...at(2) },
      { ...usage(20), ...at(3) },
      { type: 'session.status_idle', ...at(11) },
      { ...span('end', 0, { result: 'needs_revision', explanation: 'no' }), ...at(12) },
    ])
    const shown = async () => (await door.ask('GET', `/v1/sessions/${id}`)).json
    expect(await shown()).toMatchObject({
      usage: {
        input_tokens: 30,
        output_tokens: 4,
        cache_read_input_tokens: 6,
        cache_creation: { ephemeral_5m_input_tokens: 8, ephemeral_1h_input_tokens: 0 },
        active_seconds: 10,
      },
      outcome_evaluations: [{ outcome_id: 'outc_1', result: 'running', iteration: 0, completed_at: null }],
    })
    await send(id, [span('start', 1)])
    expect((await shown()).outcome_evaluations).toMatchObject([{ result: 'evaluating', iteration: 1 }])
    await send(id, [{ ...span('end', 1, { result: 'satisfied', explanation: 'yes' }), ...at(20) }])
    expect((await shown()).outcome_evaluations).toMatchObject([
      { result: 'satisfied', explanation: 'yes', completed_at: '2026-01-01T08:00:20.000Z' },
    ])
  })
})

describe('lists', () => {
  let id: string
  beforeAll(async () => {
    id = await session()
    const events = Array.from({ length: 25 }, (_, i) =>
      i % 5 === 0
        ? { type: 'agent.message', content: text(`${i}`), id: `sevt_${i}`, processed_at: at(i) }
        : say(`${i}`, { id: `sevt_${i}`, processed_at: i === 24 ? null : at(i) }),
    )
    await send(id, events)
  })
  const at = (i: number) => `2026-01-01T08:00:${String(i).padStart(2, '0')}.000Z`
  const ids = (events: { id: string }[]) => events.map((it) => Number(it.id.slice('sevt_'.length)))

  test.each<[what: string, query: string, found: number[]]>([
    ['a type', '?types[]=agent.message', [0, 5, 10, 15, 20]],
    ['types in any spelling', '?types=agent.message&types[1]=user.interrupt', [0, 5, 10, 15, 20]],
    ['against their order', '?types[]=agent.message&order=desc', [20, 15, 10, 5, 0]],
    ['after a time', `?created_at[gt]=${at(21)}`, [22, 23]],
    ['from a time on', `?created_at[gte]=${at(22)}`, [22, 23]],
    ['before a time', `?created_at[lt]=${at(2)}`, [0, 1]],
    ['up to a time, encoded', `?created_at%5Blte%5D=${at(1)}`, [0, 1]],
  ])('of %s', async (_, query, found) => {
    expect(ids(await list(id, query))).toEqual(found)
  })

  test.each(['asc', 'desc'])('pages in order %s hold each event once', async (order) => {
    const found: number[] = []
    for (let page: string | null = ''; page !== null; ) {
      const { json: body } = await door.ask(
        'GET',
        `/v1/sessions/${id}/events?limit=10&order=${order}${page && `&page=${page}`}`,
      )
      found.push(...ids(body.data))
      page = body.next_page
    }
    const all = Array.from({ length: 25 }, (_, i) => i)
    expect(found).toEqual(order === 'asc' ? all : all.reverse())
  })

  test('a page with nothing after it has no next one', async () => {
    const { json: body } = await door.ask('GET', `/v1/sessions/${id}/events?limit=25`)
    expect(body.next_page).toBe(null)
  })

  test.each([
    '?limit=1001',
    '?types[]=user.wave',
    '?order=up',
    '?page=zzz',
    '?created_at[gt]=today',
    '?colour=red',
  ])('%s is refused', async (query) => {
    expect((await door.ask('GET', `/v1/sessions/${id}/events${query}`)).status).toBe(400)
  })

  test('a cursor is of one session, one order and one filter', async () => {
    const { json: body } = await door.ask('GET', `/v1/sessions/${id}/events?limit=3`)
    const other = await session()
    for (const path of [
      `${other}/events?limit=3`,
      `${id}/events?limit=3&order=desc`,
      `${id}/events?limit=3&types[]=user.message`,
    ])
      expect((await door.ask('GET', `/v1/sessions/${path}&page=${body.next_page}`)).status).toBe(400)
  })
})

describe('roles', () => {
  test.each([
    ['a reader puts nothing in', 'POST', 403],
    ['a reader reads', 'GET', 200],
  ])('%s', async (_, method, status) => {
    const id = await session()
    const body = method === 'POST' ? { events: [say('a')] } : undefined
    const answer = await door.ask(method, `/v1/sessions/${id}/events`, body, { role: 'reader' })
    expect(answer.status).toBe(status)
  })
})

function toolResult(tool_use_id: string) {
  return { type: 'agent.tool_result', tool_use_id, content: text('ok') }
}

function outcome(content: string) {
  return { type: 'user.define_outcome', description: 'Done.', rubric: { type: 'text', content } }
}
