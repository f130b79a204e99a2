/** What a webhook is told, by whom it can be read, how often it is tried, and where it is never sent. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import OldAnthropic from 'anthropic-sdk-0'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { announce } from '../../src/db/webhooks.ts'
import type { WebhookEventType } from '../../src/domain/webhook.ts'
import { jobHandlers } from '../../src/engine/job-handlers.ts'
import type { Opened } from '../../src/engine/opened.ts'
import { deliver } from '../../src/engine/webhook-jobs.ts'
import { type Found, postWebhook } from '../../src/engine/webhook-post.ts'
import { type Engine, openEngine, openServer, openWorkspaces } from '../../src/engine.ts'
import { type Job, NotYet } from '../../src/jobs/port.ts'
import { type Work, workJobs } from '../../src/jobs/worker.ts'
import { type Receiver, receiver } from './receiver.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-webhooks-'))
afterAll(() => rmSync(folder, { recursive: true }))

const ANN = 'user:ann'
const SERVER = new URL('./killed-delivery.ts', import.meta.url)
const DREAM = 'drm_000000000000000000000001'

let database: string
let clock: Date
let db: Database
let engine: Engine
let hooks: Receiver
let opened: Opened
let databases = 0

beforeEach(async () => {
  database = join(folder, `webhooks-${databases++}.db`)
  clock = new Date()
  hooks = await receiver()
  const now = () => clock
  engine = openEngine({ database, now, allows_private_webhooks: true })
  db = openDatabase(database)
  opened = { db, now, allows_private_webhooks: true }
})
afterEach(async () => {
  await engine.close()
  await db.destroy()
  await hooks.close()
})

describe('what arrives', () => {
  test.each([
    { sdk: '1.x', client: new Anthropic({ apiKey: 'none' }) },
    { sdk: '0.x', client: new OldAnthropic({ apiKey: 'none' }) },
  ])('is unwrapped by the SDK $sdk, and refused where a byte of it is another', async ({ client }) => {
    const { webhook, secret } = await create(['dream.completed'])
    await happen('dream.completed')
    await attempt()

    const [{ body, headers }] = hooks.received as [(typeof hooks.received)[0]]
    const given = { headers: headers as Record<string, string>, key: secret }
    expect(client.beta.webhooks.unwrap(body, given)).toEqual({
      type: 'event',
      id: headers['webhook-id'],
      created_at: clock.toISOString(),
      data: {
        type: 'dream.completed',
        id: DREAM,
        organization_id: expect.stringMatching(/^org_/),
        workspace_id: 'wrkspc_000000000000000000000000',
      },
    })
    expect(headers['content-type']).toBe('application/json')
    expect((await deliveries(webhook.id))[0]).toMatchObject({
      id: headers['webhook-id'],
      status: 'completed',
      attempts: 1,
      response_status: 204,
      error: null,
    })

    expect(() => client.beta.webhooks.unwrap(body.replace(DREAM, `${DREAM.slice(0, -1)}2`), given)).toThrow(
      'No matching signature found',
    )
    expect(() => client.beta.webhooks.unwrap(body, { ...given, key: 'whsec_bm90IHRoZSBrZXk=' })).toThrow(
      'No matching signature found',
    )
  })

  test('names how many changes wait, and nothing else', async () => {
    await create(['change.awaiting_decision'])
    await happen('change.awaiting_decision', { changes: 7 })
    await attempt()

    expect(JSON.parse(hooks.received[0]!.body).data).toEqual({
      type: 'change.awaiting_decision',
      id: DREAM,
      organization_id: expect.any(String),
      workspace_id: expect.any(String),
      changes: 7,
    })
  })

  test('is signed with the old secret beside the new one for a day', async () => {
    const client = new Anthropic({ apiKey: 'none' })
    const { webhook, secret: old } = await create(['dream.failed'])
    const { secret: fresh } = await engine.replaceWebhookSecret(webhook.id, ANN)
    const is_read_with = async (key: string) => {
      await happen('dream.failed')
      await attempt()
      const { body, headers } = hooks.received.at(-1)!
      // The SDK compares with the real clock.
      const sent_at = Number(headers['webhook-timestamp']) * 1_000
      expect(Math.abs(sent_at - clock.getTime())).toBeLessThan(1_000)
      try {
        client.beta.webhooks.unwrap(body, { headers: headers as Record<string, string>, key })
        return true
      } catch {
        return false
      }
    }
    expect([await is_read_with(old), await is_read_with(fresh)]).toEqual([true, true])

    const began = clock.getTime()
    later(24 * HOUR)
    await happen('dream.failed')
    await attempt()
    expect(hooks.received.at(-1)!.headers['webhook-signature']).not.toContain(' ')
    expect(clock.getTime()).toBeGreaterThan(began)
  })
})

describe('what is told', () => {
  test('to each webhook that wants it and is enabled, under one id', async () => {
    const wanting = [await create(['dream.started', 'dream.failed']), await create(['dream.failed'])]
    const other = await create(['dream.started'])
    const off = await create(['dream.failed'])
    await engine.changeWebhook(off.webhook.id, { status: 'disabled' }, ANN)
    await happen('dream.failed')

    const told = await Promise.all(wanting.map(async (it) => deliveries(it.webhook.id)))
    expect(told.map((it) => it.map(({ event_type }) => event_type))).toEqual([
      ['dream.failed'],
      ['dream.failed'],
    ])
    expect(told[0]![0]!.id).toBe(told[1]![0]!.id)
    expect([...(await deliveries(other.webhook.id)), ...(await deliveries(off.webhook.id))]).toEqual([])
  })

  test('nothing, where what happened was taken back', async () => {
    const { webhook } = await create(['dream.failed'])
    const work = db.transaction().execute(async (tx) => {
      await announce(tx, { type: 'dream.failed', id: DREAM, now: clock })
      throw new Error('taken back')
    })
    await expect(work).rejects.toThrow('taken back')

    expect(await deliveries(webhook.id)).toEqual([])
    expect(await jobs()).toEqual([])
  })

  test('in its own workspace alone', async () => {
    const workspaces = openWorkspaces({ database })
    await workspaces.create({ name: 'red' }, ANN)
    await workspaces.close()
    const red = openDatabase(database, 'red')
    const { webhook } = await create(['dream.failed'])
    await red.transaction().execute((tx) => announce(tx, { type: 'dream.failed', id: DREAM, now: clock }))

    expect(await deliveries(webhook.id)).toEqual([])
    const there = openEngine({ database, workspace: 'red' })
    await expect(there.webhook(webhook.id)).rejects.toThrow(`there is no webhook ${webhook.id}`)
    await expect(there.webhookDeliveries(webhook.id)).rejects.toThrow('there is no webhook')
    await there.close()
    await red.destroy()
  })
})

describe('an attempt', () => {
  test('that is not answered with 2xx is made again, later each time, eight times within a day, under one id', async () => {
    const { webhook } = await create(['dream.completed'])
    hooks.answer = { status: 503 }
    await happen('dream.completed')

    const waits: number[] = []
    for (let due_at = await attempt(); due_at !== null; due_at = await attempt()) {
      waits.push((due_at.getTime() - clock.getTime()) / SECOND)
      expect((await deliveries(webhook.id))[0]).toMatchObject({
        status: 'pending',
        attempts: waits.length,
        response_status: 503,
        error: 'it answered 503',
        next_attempt_at: due_at.toISOString(),
      })
      clock = due_at
    }

    expect(waits).toEqual([5, 60, 300, 1_800, 7_200, 21_600, 54_000])
    expect(waits.reduce((a, b) => a + b) / 3_600).toBeLessThan(24)
    expect(hooks.received).toHaveLength(8)
    expect(new Set(hooks.received.map((it) => it.headers['webhook-id'])).size).toBe(1)
    expect(new Set(hooks.received.map((it) => it.body)).size).toBe(1)
    expect(new Set(hooks.received.map((it) => it.headers['webhook-timestamp'])).size).toBe(8)
    expect((await deliveries(webhook.id))[0]).toMatchObject({
      status: 'failed',
      attempts: 8,
      next_attempt_at: null,
      ended_at: clock.toISOString(),
    })
    expect((await engine.webhook(webhook.id)).status).toBe('enabled')
  })

  test.each([
    { status: 200, ended: 'completed', webhook: 'enabled', reason: null },
    { status: 299, ended: 'completed', webhook: 'enabled', reason: null },
    { status: 301, ended: 'failed', webhook: 'disabled', reason: 'redirect' },
    { status: 307, ended: 'failed', webhook: 'disabled', reason: 'redirect' },
    { status: 410, ended: 'failed', webhook: 'disabled', reason: 'gone' },
    { status: 400, ended: 'pending', webhook: 'enabled', reason: null },
    { status: 429, ended: 'pending', webhook: 'enabled', reason: null },
    { status: 500, ended: 'pending', webhook: 'enabled', reason: null },
  ])(
    'answered with $status leaves it $ended, and the webhook $webhook',
    async ({ status, ended, webhook, reason }) => {
      const elsewhere = await receiver()
      const made = await create(['dream.completed'])
      hooks.answer = { status, headers: { location: elsewhere.url } }
      await happen('dream.completed')
      await attempt()

      expect((await deliveries(made.webhook.id))[0]).toMatchObject({ status: ended, response_status: status })
      expect(await engine.webhook(made.webhook.id)).toMatchObject({
        status: webhook,
        disabled_reason: reason,
      })
      expect(elsewhere.received).toEqual([])
      if (reason !== null)
        expect((await engine.audit({ limit: 1 })).data[0]).toMatchObject({
          actor: 'server',
          action: 'webhook.changed',
          object: made.webhook.id,
        })
      await elsewhere.close()
    },
  )

  describe('of a receiver that takes nothing', () => {
    const DAY = 24 * HOUR
    /** So many messages, each tried to its end, the last of them `within` after the first. */
    async function fail(messages: number, within: number): Promise<void> {
      const first = clock.getTime()
      hooks.answer = { status: 503 }
      for (let i = 0; i < messages; i++) {
        await happen('dream.completed')
        // The seven waits of a message, in no time: what counts is when it ended.
        for (let due_at = await attempt(); due_at !== null; ) due_at = await attempt()
        clock = new Date(first + (within * (i + 1)) / (messages - 1))
      }
    }

    test.each<{ name: string; act: (id: string) => Promise<unknown>; status: string }>([
      { name: '10 messages in a row, within 3 days', act: () => fail(10, 2 * DAY), status: 'disabled' },
      { name: '9 messages', act: () => fail(9, 2 * DAY), status: 'enabled' },
      { name: '10 messages, over more than 3 days', act: () => fail(10, 4 * DAY), status: 'enabled' },
      {
        name: '10 messages, but one between them that it took',
        status: 'enabled',
        async act() {
          await fail(5, DAY)
          hooks.answer = { status: 200 }
          await happen('dream.completed')
          await attempt()
          await fail(5, DAY)
        },
      },
      {
        name: '10 messages, but 9 before somebody changed the webhook',
        status: 'enabled',
        async act(id) {
          await fail(9, DAY)
          await engine.changeWebhook(id, { description: 'mended' }, ANN)
          clock = new Date(clock.getTime() + SECOND)
          await fail(1, 0)
        },
      },
    ])('$name: the webhook is $status', async ({ act, status }) => {
      const { webhook } = await create(['dream.completed'])
      clock = new Date(clock.getTime() + SECOND)
      await act(webhook.id)

      expect(await engine.webhook(webhook.id)).toMatchObject({
        status,
        disabled_reason: status === 'disabled' ? 'failing' : null,
      })
    })
  })

  test('keeps nothing of what is answered, however much it is', async () => {
    const { webhook } = await create(['dream.completed'])
    hooks.answer = { status: 500, body: 'a secret of theirs '.repeat(100_000) }
    await happen('dream.completed')
    await attempt()

    expect((await deliveries(webhook.id))[0]).toMatchObject({ response_status: 500 })
    const kept = await db.selectFrom('webhook_delivery').selectAll().execute()
    expect(JSON.stringify([kept, await db.selectFrom('job').selectAll().execute()])).not.toContain('theirs')
  })

  test('of a webhook that was disabled or deleted meanwhile is not made', async () => {
    const [off, gone] = [await create(['dream.completed']), await create(['dream.completed'])]
    await happen('dream.completed')
    await engine.changeWebhook(off.webhook.id, { status: 'disabled' }, ANN)
    await engine.deleteWebhook(gone.webhook.id, ANN)
    await attempt()

    expect(hooks.received).toEqual([])
    expect((await deliveries(off.webhook.id))[0]).toMatchObject({ status: 'canceled' })
  })

  test('that ended two weeks ago is forgotten', async () => {
    const { webhook } = await create(['dream.completed'])
    await happen('dream.completed')
    await attempt()
    later(13 * 24 * HOUR)
    await happen('dream.completed')
    await attempt()
    expect(await deliveries(webhook.id)).toHaveLength(2)

    later(2 * 24 * HOUR)
    await happen('dream.completed')
    await attempt()
    expect(await deliveries(webhook.id)).toHaveLength(2)
  })
})

describe('of a dream that a schedule starts', () => {
  test('is told that it started, that it ended, and how many changes wait', async () => {
    const { webhook } = await create(['dream.started', 'dream.completed', 'change.awaiting_decision'])
    await ingest(40)
    const server = openServer({ database, allows_private_webhooks: true })
    const made = await engine.createSchedule({ ...SCHEDULE, agent: 'desk' }, ANN)
    const thread = server.startJobs({ report: () => {} })
    await hooks.got(3)
    await thread.stop()
    await server.close()

    const [run] = (await engine.scheduleRuns({ schedule_id: made.id })).data
    expect(run).toMatchObject({ trigger: { type: 'threshold', new_sessions: 1 }, error: null })
    const { dream, changes } = await engine.dreamReport(run!.dream_id!)
    expect(dream).toMatchObject({ status: 'completed', sessions_read: 40 })
    const waiting = changes.filter((it) => it.status === 'undecided').length
    expect(waiting).toBeGreaterThan(0)
    const told = hooks.received.map((it) => JSON.parse(it.body).data)
    expect(told.map((it) => it.id)).toEqual([dream.id, dream.id, dream.id])
    expect(new Map(told.map((it) => [it.type, it.changes]))).toEqual(
      new Map([
        ['dream.started', undefined],
        ['dream.completed', undefined],
        ['change.awaiting_decision', waiting],
      ]),
    )
    expect((await deliveries(webhook.id)).map((it) => it.status)).toEqual([
      'completed',
      'completed',
      'completed',
    ])
  })
})

describe('with several servers', () => {
  test('each is delivered once', async () => {
    await create(['dream.completed'])
    const others = [openDatabase(database), openDatabase(database)]
    const works = others.map((it, i) => working(it, `server-${i}`))
    for (let i = 0; i < 20; i++) await happen('dream.completed')
    await hooks.got(20)
    await Promise.all(works.map((it) => it.stop(1_000)))

    expect(hooks.received).toHaveLength(20)
    expect(new Set(hooks.received.map((it) => it.headers['webhook-id'])).size).toBe(20)
    for (const it of others) await it.destroy()
  })

  test('what one was killed over is delivered by the next, under the same id', async () => {
    const { webhook } = await create(['dream.completed'])
    hooks.answer = { status: null }
    const child: ChildProcess = fork(SERVER, [database], { execArgv: [] })
    await once(child, 'message')
    await happen('dream.completed')
    await hooks.got(1)
    child.kill('SIGKILL')
    await once(child, 'exit')

    hooks.answer = { status: 204 }
    const work = working(db, 'the next')
    await hooks.got(2)
    await work.stop(1_000)
    const [first, second] = hooks.received
    expect(second).toMatchObject({ body: first!.body })
    expect(second!.headers['webhook-id']).toBe(first!.headers['webhook-id'])
    expect((await deliveries(webhook.id))[0]).toMatchObject({ status: 'completed', attempts: 2 })
  })
})

describe('where it is never sent', () => {
  test.each([
    { url: 'ftp://example.com/', why: 'it is no web address' },
    { url: 'example.com/hooks', why: 'it is no web address' },
    { url: 'https://', why: 'it is no web address' },
    { url: 'https://ann:secret@example.com/', why: 'a name or a password' },
    { url: 'https://token@example.com/', why: 'a name or a password' },
    { url: 'https://example.com/#here', why: 'a fragment' },
    { url: 'http://example.com/hooks', why: 'not encrypted' },
    { url: 'https://example.com:22/', why: "the port 22 is another service's" },
    { url: 'https://example.com:80/', why: "the port 80 is another service's" },
    ...[
      ...['127.0.0.1', '127.1', '2130706433', '0x7f000001', '0x7f.0.0.1', '0177.0.0.1', '017700000001', '0'],
      ...['10.0.0.1', '169.254.169.254', '0xa9fea9fe', '100.100.100.200', '192.168.1.1', '[::1]', '[::]'],
      ...['[::ffff:127.0.0.1]', '[::ffff:a9fe:a9fe]', '[fe80::1]', '[fd00:ec2::254]', '[64:ff9b::7f00:1]'],
      ...['[ff02::1]', '224.0.0.1', '255.255.255.255', '１２７.0.0.1', '127。0。0。1', '①27.0.0.1'],
    ].map((host) => ({ url: `https://${host}/hooks`, why: 'is no address that webhooks are sent to' })),
  ])('$url is refused when it is given', async ({ url, why }) => {
    const careful = openEngine({ database })
    await expect(careful.createWebhook({ ...WANTED, url }, ANN)).rejects.toThrow(why)
    const { webhook } = await careful.createWebhook({ ...WANTED, url: 'https://example.com/hooks' }, ANN)
    await expect(careful.changeWebhook(webhook.id, { url }, ANN)).rejects.toThrow(why)
    await careful.close()
  })

  test.each<{ name: string; found: string[] }>([
    { name: 'this machine', found: ['127.0.0.1'] },
    { name: 'this machine in IPv6', found: ['::1'] },
    { name: 'this machine in disguise', found: ['::ffff:127.0.0.1'] },
    { name: 'a private network', found: ['10.1.2.3'] },
    { name: 'the metadata of a cloud', found: ['169.254.169.254'] },
    { name: 'a public address and a private one', found: ['93.184.216.34', '127.0.0.1'] },
  ])('a name that means $name is called only where that is allowed', async ({ found }) => {
    const resolve = async () => found.map(asFound)
    const url = new URL(`http://hooks.example.com:${hooks.port}/hooks`)
    const how = { resolve, signal: new AbortController().signal, timeout_ms: 500 }
    const answer = await postWebhook(url, { headers: {}, body: '{}' }, ['public'], how)

    expect(answer).toEqual({ error: expect.stringMatching(/^the host leads to an address/) })
    expect(hooks.received).toEqual([])
  })

  test('the address that was looked up and found good is the one that is called, whatever the name means next', async () => {
    let asked = 0
    const resolve = async () => [asFound(asked++ === 0 ? '127.0.0.1' : '127.0.0.2')]
    const url = new URL(`http://hooks.example.com:${hooks.port}/hooks?a=b`)
    const how = { resolve, signal: new AbortController().signal }
    const answer = await postWebhook(url, { headers: {}, body: '{}' }, ['private'], how)

    expect(answer).toEqual({ status: 204 })
    expect(asked).toBe(1)
    expect(hooks.received[0]).toMatchObject({
      path: '/hooks?a=b',
      headers: { host: `hooks.example.com:${hooks.port}` },
    })
  })

  test('over https the other side has to show that it is the host that was named', async () => {
    const greetings: Buffer[] = []
    const server = createServer((socket) => {
      socket.once('data', (greeting: Buffer) => {
        greetings.push(greeting)
        socket.destroy()
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const resolve = async () => [asFound('127.0.0.1')]
    const how = { resolve, signal: new AbortController().signal }
    const url = new URL(`https://hooks.example.com:${port}/`)
    const answer = await postWebhook(url, { headers: {}, body: 'in the clear' }, ['private'], how)
    server.close()

    expect(answer).toEqual({ error: expect.stringMatching(/^the connection failed/) })
    expect(greetings[0]!.toString('latin1')).toContain('hooks.example.com')
    expect(greetings[0]!.toString('latin1')).not.toContain('in the clear')
  })

  test('no proxy of the environment is asked', async () => {
    const proxy = await receiver()
    const address = `http://127.0.0.1:${proxy.port}`
    const proxied = { NODE_USE_ENV_PROXY: '1', http_proxy: address, https_proxy: address, no_proxy: '' }
    const child = fork(SERVER, [database], { execArgv: [], env: { ...process.env, ...proxied } })
    await once(child, 'message')
    await create(['dream.completed'])
    await happen('dream.completed')
    await Promise.race([hooks.got(1), proxy.got(1)])
    child.kill('SIGKILL')

    expect(hooks.received).toHaveLength(1)
    expect(proxy.received).toEqual([])
    await proxy.close()
  })

  test('one that never stops talking is not listened to', async () => {
    let hung_up = () => {}
    const closed = new Promise<void>((resolve) => {
      hung_up = resolve
    })
    const server = createServer((socket) => {
      socket.on('error', () => {}).on('close', hung_up)
      socket.write('HTTP/1.1 500 No\r\n\r\n')
      const talk = () => {
        while (!socket.destroyed && socket.write('la '.repeat(1_000)));
      }
      socket.on('drain', talk)
      talk()
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const how = { resolve: async () => [], signal: new AbortController().signal, timeout_ms: 60_000 }
    const url = new URL(`http://127.0.0.1:${port}/`)
    const answer = await postWebhook(url, { headers: {}, body: '{}' }, ['private'], how)

    expect(answer).toEqual({ status: 500 })
    await closed
    server.close()
  }, 10_000)

  test('one that says nothing is not waited for', async () => {
    hooks.answer = { status: null }
    const how = { resolve: async () => [], signal: new AbortController().signal, timeout_ms: 50 }
    const answer = await postWebhook(new URL(hooks.url), { headers: {}, body: '{}' }, ['private'], how)

    expect(answer).toEqual({ error: 'there was no answer in time' })
  })

  test.each([
    {
      name: 'offline',
      allowed: { offline: true },
      status: 'pending',
      error: 'the workspace default is offline',
    },
    {
      name: 'offline, where it does not list this machine',
      allowed: { offline: true, model_hosts: ['localhost:1'] },
      ...{ status: 'pending', error: 'the workspace default is offline' },
    },
  ])('nothing leaves a workspace that is $name', async ({ allowed, status, error }) => {
    const { webhook } = await create(['dream.completed'])
    await allow(allowed)
    await happen('dream.completed')
    await attempt()

    expect(hooks.received).toEqual([])
    expect((await deliveries(webhook.id))[0]).toMatchObject({ status, error: expect.stringContaining(error) })
  })

  test('a workspace that is offline is told so at once, and later no name is even looked up', async () => {
    const url = `https://hooks.example.com:${hooks.port}/`
    const { webhook } = await create(['dream.completed'])
    await engine.changeWebhook(webhook.id, { url }, ANN)
    // Listed or not: a listed host that is elsewhere stays elsewhere.
    await allow({ offline: true, model_hosts: [`hooks.example.com:${hooks.port}`] })
    await expect(engine.createWebhook({ ...WANTED, url }, ANN)).rejects.toThrow(
      'the workspace default is offline',
    )

    await happen('dream.completed')
    await attempt(() => Promise.reject(new Error('looked up')))
    expect((await deliveries(webhook.id))[0]!.error).toBe('the workspace default is offline')
  })

  test('a host that the workspace lists may be on a network of its own, also where the server allows none', async () => {
    await allow({ offline: true, model_hosts: [`127.0.0.1:${hooks.port}`] })
    opened = { ...opened, allows_private_webhooks: false }
    await create(['dream.completed'])
    await happen('dream.completed')
    await attempt()

    expect(hooks.received).toHaveLength(1)
  })

  test('a metadata address is not even called where private ones are allowed', async () => {
    const { webhook } = await create(['dream.completed'])
    const resolve = async () => [asFound('169.254.169.254')]
    await engine.changeWebhook(webhook.id, { url: `https://hooks.example.com:${hooks.port}/` }, ANN)
    await happen('dream.completed')
    await attempt(resolve)

    expect((await deliveries(webhook.id))[0]!.error).toBe(
      'the host leads to an address that nothing is sent to',
    )
  })
})

// ---------------------------------------------------------------- deeds

const SECOND = 1_000
const HOUR = 3_600_000
const WANTED = { url: '', events: ['dream.completed'] as WebhookEventType[], description: '' }

const SCHEDULE = {
  name: 'when something came in',
  description: null,
  metadata: {},
  model: { id: 'none', speed: 'standard' },
  instructions: null,
  output_behavior: 'update_existing',
  cron: null,
  threshold: { new_sessions: 1, min_interval_ms: HOUR },
} as const

function later(ms: number): void {
  clock = new Date(clock.getTime() + ms)
}

function create(events: WebhookEventType[]) {
  return engine.createWebhook({ url: hooks.url, events, description: '' }, ANN)
}

async function happen(type: WebhookEventType, more: { changes?: number } = {}): Promise<void> {
  await db.transaction().execute((tx) => announce(tx, { type, id: DREAM, ...more, now: clock }))
}

/** Sessions of which every other one shows what a call needs before it. */
async function ingest(n: number): Promise<void> {
  const file = join(folder, `${databases}.jsonl`)
  const lines = Array.from({ length: n }, (_, i) => {
    const looks_up = i % 2 === 0
    const steps = [
      { role: 'user', text: `Please refund order ${1000 + i}.` },
      ...(looks_up
        ? [
            {
              role: 'assistant',
              calls: [{ id: `l${i}`, name: 'find_order', args: { order: `${1000 + i}` } }],
            },
            { role: 'tool', call_id: `l${i}`, text: 'found' },
          ]
        : []),
      { role: 'assistant', calls: [{ id: `r${i}`, name: 'refund', args: { order: `${1000 + i}` } }] },
      {
        role: 'tool',
        call_id: `r${i}`,
        ...(looks_up ? { text: 'done' } : { text: 'Error: the order is not loaded', error: true }),
      },
    ]
    return JSON.stringify({ id: `session-${i}`, agent: 'desk', task: `task-${i % 5}`, steps })
  })
  writeFileSync(file, lines.join('\n'))
  await engine.ingest([file])
}

async function deliveries(id: string) {
  return (await engine.webhookDeliveries(id)).data
}

async function jobs(): Promise<Job[]> {
  const rows = await db.selectFrom('job').selectAll().where('status', '=', 'pending').execute()
  return rows.map((it) => ({ ...it, payload: JSON.parse(it.payload) }))
}

/** One attempt of everything that waits; when the last of it is to be tried again, null where it is not. */
async function attempt(resolve?: () => Promise<Found[]>): Promise<Date | null> {
  let due_at: Date | null = null
  for (const job of await jobs()) {
    try {
      await deliver(opened, job, { signal: new AbortController().signal }, resolve)
      await db.deleteFrom('job').where('id', '=', job.id).execute()
      due_at = null
    } catch (error) {
      if (!(error instanceof NotYet)) throw error
      due_at = error.due_at
    }
  }
  return due_at
}

function working(on: Database, worker: string): Work {
  const now = () => new Date()
  const handlers = {
    webhook: (job: Job, port: never) => jobHandlers.webhook!({ ...opened, db: on, now }, job, port),
  }
  const world = {
    worker,
    now,
    random: () => 0,
    is_alive: (it: string) => !it.startsWith('killed'),
    report: () => {},
  }
  return workJobs(on, handlers as never, world, { poll_ms: 10 })
}

async function allow(allowed: { offline?: boolean; model_hosts?: string[] }): Promise<void> {
  const workspaces = openWorkspaces({ database })
  await workspaces.change({ name: 'default', ...allowed }, ANN)
  await workspaces.close()
}

function asFound(address: string): Found {
  return { address, family: address.includes(':') ? 6 : 4 }
}
