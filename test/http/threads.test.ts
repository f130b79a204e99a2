/** The threads and the resources of a session over the wire. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type Door, openDoor } from './door.ts'

let door: Door
beforeAll(async () => {
  door = await openDoor({ role: 'writer', now: () => new Date('2026-11-22T02:00:00.000Z') })
})
afterAll(async () => {
  await door.close()
})

const ask = (method: string, path: string, body?: unknown): Promise<Answer> =>
  door.ask(method, `/v1/sessions${path}`, body)

const at = (second: number) => ({ processed_at: `2026-01-01T08:00:0${second}.000Z` })
const child = { session_thread_id: 'sthr_child', agent_name: 'helper' }

describe('threads', () => {
  let id: string
  beforeAll(async () => {
    id = (await ask('POST', '', { agent: 'desk' })).json.id
    const { status, json: body } = await ask('POST', `/${id}/events`, {
      events: [
        { type: 'user.message', content: [{ type: 'text', text: 'Go.' }], ...at(0) },
        { type: 'session.thread_created', ...child, workflow_run_id: 'wfr_1', ...at(1) },
        { type: 'session.thread_status_running', ...child, ...at(2) },
        {
          type: 'agent.tool_use',
          id: 'sevt_use',
          name: 'look',
          input: {},
          session_thread_id: 'sthr_child',
          ...at(3),
        },
        {
          type: 'span.model_request_end',
          model_usage: { input_tokens: 7, output_tokens: 1 },
          session_thread_id: 'sthr_child',
          ...at(4),
        },
        { type: 'session.thread_status_idle', ...child, ...at(5) },
        { type: 'agent.message', content: [], session_thread_id: 'sthr_unannounced', ...at(6) },
      ],
    })
    expect(status, JSON.stringify(body)).toBe(200)
  })

  test('every session has one, and those that its events name', async () => {
    const { json: body } = await ask('GET', `/${id}/threads`)
    expect(body).toMatchObject({ next_page: null })
    const [own, helper, other] = body.data
    expect(own).toMatchObject({
      parent_thread_id: null,
      session_id: id,
      status: 'idle',
      agent: { name: 'desk' },
    })
    expect(helper).toEqual({
      type: 'session_thread',
      id: 'sthr_child',
      session_id: id,
      parent_thread_id: own.id,
      agent: expect.objectContaining({ type: 'agent', name: 'helper' }),
      status: 'idle',
      stats: { active_seconds: 3, duration_seconds: 4, startup_seconds: 0 },
      usage: expect.objectContaining({ input_tokens: 7, output_tokens: 1 }),
      workflow_run_id: 'wfr_1',
      archived_at: null,
      created_at: '2026-01-01T08:00:01.000Z',
      updated_at: '2026-01-01T08:00:05.000Z',
    })
    expect(other).toMatchObject({ id: 'sthr_unannounced', parent_thread_id: own.id })
    expect((await ask('GET', `/${id}/threads/${own.id}`)).json).toEqual(own)
  })

  test('events are told of the thread they belong to', async () => {
    const types = async (path: string) =>
      (await ask('GET', `/${id}${path}`)).json.data.map((it: { type: string }) => it.type)
    const [own] = (await ask('GET', `/${id}/threads`)).json.data
    expect(await types('/events')).toHaveLength(7)
    expect(await types(`/threads/${own.id}/events`)).toEqual([
      'user.message',
      'session.thread_created',
      'session.thread_status_running',
      'session.thread_status_idle',
    ])
    expect(await types('/threads/sthr_unannounced/events')).toEqual(['agent.message'])
    const { json: body } = await ask('GET', `/${id}/threads/sthr_child/events?limit=4`)
    const rest = await ask('GET', `/${id}/threads/sthr_child/events?limit=4&page=${body.next_page}`)
    expect([...body.data, ...rest.json.data]).toHaveLength(5)
    expect(rest.json.next_page).toBe(null)
  })

  test('lists go by page and by status', async () => {
    const { json: body } = await ask('GET', `/${id}/threads?limit=2`)
    const rest = await ask('GET', `/${id}/threads?limit=2&page=${body.next_page}`)
    expect([body.data.length, rest.json.data.length, rest.json.next_page]).toEqual([2, 1, null])
    expect((await ask('GET', `/${id}/threads?statuses[]=running`)).json.data).toEqual([])
  })

  test('one is archived, and once; the session its own is archived with the session', async () => {
    const [own] = (await ask('GET', `/${id}/threads`)).json.data
    const archived = await ask('POST', `/${id}/threads/sthr_child/archive`)
    expect(archived.json).toMatchObject({ status: 'terminated', archived_at: expect.any(String) })
    expect((await ask('POST', `/${id}/threads/sthr_child/archive`)).json).toEqual(archived.json)
    expect((await ask('POST', `/${id}/threads/${own.id}/archive`)).status).toBe(400)
    expect((await ask('GET', `/${id}/threads/sthr_none`)).status).toBe(404)
  })
})

describe('resources', () => {
  let id: string
  beforeAll(async () => {
    const resources = [{ type: 'github_repository', url: 'https://github.com/acme/ledger' }]
    id = (await ask('POST', '', { agent: 'desk', resources })).json.id
  })

  test('files are added and taken away, other things are not', async () => {
    const added = await ask('POST', `/${id}/resources`, {
      type: 'file',
      file_id: 'file_2',
      mount_path: '/a.txt',
    })
    expect(added.json).toEqual({
      type: 'file',
      id: expect.stringMatching(/^sesrsc_/),
      file_id: 'file_2',
      mount_path: '/a.txt',
      created_at: expect.any(String),
      updated_at: expect.any(String),
    })
    expect((await ask('GET', `/${id}/resources/${added.json.id}`)).json).toEqual(added.json)
    expect((await ask('GET', `/${id}/resources`)).json.data).toHaveLength(2)
    const other = { type: 'memory_store', memory_store_id: 'memstore_1' }
    expect((await ask('POST', `/${id}/resources`, other)).status).toBe(400)
    expect((await ask('DELETE', `/${id}/resources/${added.json.id}`)).json).toEqual({
      id: added.json.id,
      type: 'session_resource_deleted',
    })
    expect((await ask('DELETE', `/${id}/resources/${added.json.id}`)).status).toBe(404)
  })

  test('a token of a repository is taken and not kept', async () => {
    const [repository] = (await ask('GET', `/${id}/resources`)).json.data
    const path = `/${id}/resources/${repository.id}`
    const updated = await ask('POST', path, { authorization_token: 'ghp_qzxtoken' })
    expect(updated.json).toMatchObject({ id: repository.id, type: 'github_repository' })
    expect(JSON.stringify((await ask('GET', `/${id}`)).json)).not.toContain('qzxtoken')
  })
})
