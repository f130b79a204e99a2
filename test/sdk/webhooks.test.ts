/** What webhooks send, as `client.beta.webhooks.unwrap` reads it on the other side. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorkspaces } from '../../src/engine.ts'
import { dreamed } from './dreamed.ts'
import { send } from './recorded-session.ts'
import { type Client, clientOf, type RunningServer, SDKS, startServer } from './server.ts'

type Received = { body: string; headers: Record<string, string> }
type Told = { id: string; data: { type: string; id: string; workspace_id: string } }

describe.each(SDKS)('with $sdk', (sdk) => {
  let running: RunningServer
  let client: Client
  const received: Received[] = []
  const receiver = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const it of request) chunks.push(it)
    received.push({
      body: Buffer.concat(chunks).toString(),
      headers: request.headers as Record<string, string>,
    })
    response.end()
  })
  let webhook: { id: string; secret: string }
  let dream_id: string

  beforeAll(async () => {
    await once(receiver.listen(0, '127.0.0.1'), 'listening')
    const { port } = receiver.address() as AddressInfo
    running = await startServer()
    const workspaces = openWorkspaces({ database: running.database })
    await workspaces.change({ name: 'default', model_hosts: [`127.0.0.1:${port}`] }, 'user:test')
    await workspaces.close()
    client = clientOf(sdk, running, (await running.key('admin')).token)
    webhook = await client.post('/v1/webhooks', {
      body: {
        url: `http://127.0.0.1:${port}/hook`,
        events: ['dream.started', 'dream.completed', 'dream.failed', 'dream.canceled'],
      },
    })
    const store = await client.beta.memoryStores.create({ name: 'Desk' })
    const session = await client.beta.sessions.create({ agent: 'desk', environment_id: 'env_default' })
    await send(client, session.id, [{ type: 'user.message', content: [{ type: 'text', text: 'Hello' }] }])
    const dream = await client.beta.dreams.create({
      inputs: [
        { type: 'memory_store', memory_store_id: store.id },
        { type: 'sessions', session_ids: [session.id] },
      ],
      model: 'claude-opus-5',
    })
    dream_id = dream.id
    await dreamed(client, dream.id)
    const give_up = Date.now() + 20_000
    while (received.length < 2 && Date.now() < give_up) await new Promise((done) => setTimeout(done, 50))
  })
  afterAll(async () => {
    await running.close()
    receiver.close()
  })

  test('a dream is told of when it starts and when it is over, each once', () => {
    const told = received.map((it) => unwrapped(client, it, webhook.secret))
    expect(told.map((it) => it.data.type).toSorted()).toEqual(['dream.completed', 'dream.started'])
    for (const it of told) {
      expect(it).toMatchObject({
        type: 'event',
        id: expect.stringMatching(/^whe_/),
        created_at: expect.any(String),
      })
      expect(it.data).toMatchObject({
        id: dream_id,
        organization_id: expect.any(String),
        workspace_id: expect.stringMatching(/^wrkspc_/),
      })
    }
    expect(new Set(told.map((it) => it.id)).size).toBe(2)
  })

  test.each([
    {
      name: 'a body that was changed',
      change: (it: Received) => ({ ...it, body: it.body.replace('dream', 'drxam') }),
    },
    {
      name: 'an id that was changed',
      change: (it: Received) => ({ ...it, headers: { ...it.headers, 'webhook-id': 'whe_other' } }),
    },
    {
      name: 'an old message sent again as new',
      change: (it: Received) => ({
        ...it,
        headers: { ...it.headers, 'webhook-timestamp': String(Number(it.headers['webhook-timestamp']) + 60) },
      }),
    },
  ])('$name is refused by the SDK', ({ change }) => {
    expect(() => unwrapped(client, received[0]!, webhook.secret)).not.toThrow()
    expect(() => unwrapped(client, change(received[0]!), webhook.secret)).toThrow()
  })

  test('while a secret is replaced both open what is sent', async () => {
    const before = received.length
    const replaced = await client.post<{ secret: string }>(`/v1/webhooks/${webhook.id}/rotate_secret`, {})
    await client.post(`/v1/webhooks/${webhook.id}/test`, {})
    const give_up = Date.now() + 20_000
    while (received.length === before && Date.now() < give_up)
      await new Promise((done) => setTimeout(done, 50))
    for (const secret of [webhook.secret, replaced.secret])
      expect(unwrapped(client, received.at(-1)!, secret).data.type).toBe('webhook.test')
  })
})

function unwrapped(client: Client, { body, headers }: Received, key: string): Told {
  return client.beta.webhooks.unwrap(body, { headers, key }) as unknown as Told
}
