/** Agents and environments over the wire: kept, versioned, archived. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type Door, type Json, openDoor } from './door.ts'

let door: Door
beforeAll(async () => {
  door = await openDoor({ role: 'writer' })
})
afterAll(async () => {
  await door.close()
})

const ask = (
  method: string,
  path: string,
  body?: unknown,
  role: 'writer' | 'admin' = 'writer',
): Promise<Answer> => door.ask(method, `/v1/${path}`, body, { role })

async function agent(more: object = {}): Promise<Json> {
  const answer = await ask('POST', 'agents', { name: 'desk', model: 'claude-opus-5', ...more })
  expect(answer.status, JSON.stringify(answer.json)).toBe(200)
  return answer.json
}

describe('an agent', () => {
  test('has every key of the API', async () => {
    expect(await agent()).toEqual({
      type: 'agent',
      id: expect.stringMatching(/^agent_/),
      version: 1,
      name: 'desk',
      description: null,
      model: { id: 'claude-opus-5' },
      system: null,
      tools: [],
      mcp_servers: [],
      skills: [],
      multiagent: null,
      execution_identity: { type: 'service_account' },
      metadata: {},
      archived_at: null,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    })
  })

  test('what is left out of its tools is filled in', async () => {
    const made = await agent({
      model: { id: 'claude-opus-5', effort: 'high' },
      tools: [
        { type: 'agent_toolset_20260401', configs: [{ name: 'bash', enabled: false }] },
        { type: 'mcp_toolset', mcp_server_name: 'ledger' },
        { type: 'custom', name: 'ask', description: 'Asks.', input_schema: { type: 'object' } },
      ],
      mcp_servers: [{ type: 'url', name: 'ledger', url: 'https://ledger.example/mcp' }],
      skills: [{ type: 'anthropic', skill_id: 'xlsx' }],
    })
    const allow = { type: 'always_allow' }
    expect(made).toMatchObject({
      model: { effort: { type: 'high' } },
      tools: [
        {
          default_config: { enabled: true, permission_policy: allow },
          configs: [{ name: 'bash', type: 'bash', enabled: false, permission_policy: allow }],
        },
        { default_config: { enabled: true, permission_policy: { type: 'always_ask' } }, configs: [] },
        { name: 'ask' },
      ],
      skills: [{ version: 'latest' }],
    })
    expect((await ask('GET', `agents/${made.id}`)).json).toEqual(made)
  })

  test('each change is a version; none is where nothing changes, and metadata has none', async () => {
    const made = await agent({ system: 'Be brief.' })
    const update = async (body: object) => (await ask('POST', `agents/${made.id}`, body)).json
    expect(await update({ system: 'Be brief.' })).toMatchObject({ version: 1 })
    expect(await update({ metadata: { team: 'ledger' } })).toMatchObject({
      version: 1,
      metadata: { team: 'ledger' },
    })
    expect(await update({ system: '', description: 'Closes ledgers.' })).toMatchObject({
      version: 2,
      system: null,
      description: 'Closes ledgers.',
    })
    expect(await update({ tools: null, name: 'clerk', version: 2 })).toMatchObject({
      version: 3,
      name: 'clerk',
    })

    const { json: body } = await ask('GET', `agents/${made.id}/versions?limit=2`)
    expect(body.data.map((it: { version: number }) => it.version)).toEqual([3, 2])
    const rest = await ask('GET', `agents/${made.id}/versions?limit=2&page=${body.next_page}`)
    expect(rest.json).toMatchObject({ data: [{ version: 1, system: 'Be brief.' }], next_page: null })
    expect((await ask('GET', `agents/${made.id}?version=1`)).json).toMatchObject({ system: 'Be brief.' })
    expect((await ask('GET', `agents/${made.id}?version=9`)).status).toBe(404)
  })

  test('an update of another version than stands there is a conflict', async () => {
    const made = await agent()
    await ask('POST', `agents/${made.id}`, { system: 'New.' })
    const answer = await ask('POST', `agents/${made.id}`, { system: 'Mine.', version: 1 })
    expect([answer.status, answer.json.error.type]).toEqual([409, 'conflict_error'])
    expect(answer.headers.get('x-should-retry')).toBe('false')
    expect((await ask('GET', `agents/${made.id}`)).json.system).toBe('New.')
  })

  test('an archived one is listed where that is asked for, and changes no more', async () => {
    const made = await agent({ name: 'gone' })
    const archived = await ask('POST', `agents/${made.id}/archive`)
    expect(archived.json.archived_at).toEqual(expect.any(String))
    expect((await ask('POST', `agents/${made.id}/archive`)).json).toEqual(archived.json)
    expect((await ask('POST', `agents/${made.id}`, { system: 'x' })).status).toBe(400)
    const ids = async (query: string) =>
      (await ask('GET', `agents?limit=1000${query}`)).json.data.map((it: { id: string }) => it.id)
    expect(await ids('')).not.toContain(made.id)
    expect(await ids('&include_archived=true')).toContain(made.id)
    expect(await ids(`&include_archived=true&created_at[gte]=${made.created_at}`)).toEqual([made.id])
  })

  test.each([
    { name: 'x' },
    { model: 'm' },
    { name: '', model: 'm' },
    { name: 'x', model: 'm', colour: 'red' },
    { name: 'x', model: { id: 'm', effort: 'huge' } },
    { name: 'x', model: 'm', tools: [{ type: 'hammer' }] },
    { name: 'x', model: 'm', mcp_servers: [{ type: 'url', name: 'a', url: 'no url' }] },
  ])('%j is refused', async (body) => {
    expect((await ask('POST', 'agents', body)).status).toBe(400)
  })

  test.each(['agents/agent_none', 'agents/agent_none/versions', 'agents/x%2Fy'])(
    '%s is not there',
    async (path) => {
      expect((await ask('GET', path)).status).toBe(404)
    },
  )
})

describe('an environment', () => {
  test('is self-hosted unless said otherwise, and has every key of the API', async () => {
    const { json: body } = await ask('POST', 'environments', { name: 'desk' })
    expect(body).toEqual({
      type: 'environment',
      id: expect.stringMatching(/^env_/),
      name: 'desk',
      description: null,
      metadata: {},
      config: { type: 'self_hosted' },
      scope: 'organization',
      archived_at: null,
      created_at: expect.any(String),
      updated_at: expect.any(String),
    })
    expect((await ask('GET', `environments/${body.id}`)).json).toEqual(body)
  })

  test('what is left out of one in the cloud is filled in', async () => {
    const config = { type: 'cloud', networking: { type: 'limited', allowed_hosts: ['a.example'] } }
    const { json: body } = await ask('POST', 'environments', { name: 'cloud', config })
    expect(body.config).toEqual({
      type: 'cloud',
      networking: {
        type: 'limited',
        allow_mcp_servers: false,
        allow_package_managers: false,
        allowed_hosts: ['a.example'],
      },
      packages: { type: 'packages', apt: [], cargo: [], gem: [], go: [], npm: [], pip: [] },
    })
  })

  test('is updated, archived once and for all, and deleted', async () => {
    const { json: made } = await ask('POST', 'environments', { name: 'a', metadata: { x: '1', y: '2' } })
    const changed = await ask('POST', `environments/${made.id}`, {
      description: '',
      metadata: { x: '', z: '3' },
    })
    expect(changed.json).toMatchObject({ name: 'a', description: '', metadata: { y: '2', z: '3' } })
    const archived = await ask('POST', `environments/${made.id}/archive`)
    expect(archived.json.archived_at).toEqual(expect.any(String))
    const refused = await ask('POST', `environments/${made.id}`, { name: 'b' })
    expect([refused.status, refused.json.error.error_code]).toEqual([400, 'environment_archived'])
    const list = async (query: string) =>
      (await ask('GET', `environments${query}`)).json.data.map((it: { id: string }) => it.id)
    expect(await list('')).not.toContain(made.id)
    expect(await list('?include_archived=true')).toContain(made.id)
    expect((await ask('DELETE', `environments/${made.id}`)).status).toBe(403)
    expect((await ask('DELETE', `environments/${made.id}`, undefined, 'admin')).json).toEqual({
      id: made.id,
      type: 'environment_deleted',
    })
    expect((await ask('GET', `environments/${made.id}`)).status).toBe(404)
  })

  test('is made with the first session that names it, by id or by name', async () => {
    const one = await ask('POST', 'sessions', { agent: 'desk', environment_id: 'env_of_elsewhere' })
    expect(one.json.environment_id).toBe('env_of_elsewhere')
    const two = await ask('POST', 'sessions', { agent: 'desk', environment_id: 'laptop' })
    expect((await ask('GET', `environments/${two.json.environment_id}`)).json).toMatchObject({
      name: 'laptop',
    })
  })
})
