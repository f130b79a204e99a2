/** Server-sent events, as the SDKs read them. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EVERY_EVENT } from './every-event.ts'
import { send, type WireEvent } from './recorded-session.ts'
import { type Client, clientOf, every, type RunningServer, SDKS, startServer } from './server.ts'

describe.each(SDKS)('with $sdk', (sdk) => {
  let running: RunningServer
  let client: Client
  let admin: Client
  beforeAll(async () => {
    running = await startServer()
    client = clientOf(sdk, running, (await running.key('writer')).token)
    admin = clientOf(sdk, running, (await running.key('admin')).token)
  })
  afterAll(() => running.close())

  test('a stream tells what comes after it was opened, each event once and in order, of every type', async () => {
    const { id } = await newSession(client)
    await send(client, id, [message('before')])
    const stream = await client.beta.sessions.events.stream(id)
    const heard = gather(stream)
    const sent = (Object.values(EVERY_EVENT) as unknown as WireEvent[]).filter(
      (it) => it.type !== 'session.status_terminated',
    )
    for (const event of sent) await send(client, id, [event])
    await until(() => heard.length >= sent.length)
    stream.controller.abort()

    expect(heard.map((it) => it.id)).toEqual(sent.map((it) => it.id))
    expect(heard).toMatchObject(sent)
  })

  test('what is streamed is what is listed', async () => {
    const { id } = await newSession(client)
    const stream = await client.beta.sessions.events.stream(id)
    const heard = gather(stream)
    await client.beta.sessions.events.send(id, {
      events: [{ type: 'user.message', content: [{ type: 'text', text: 'Hello' }] }],
    })
    await until(() => heard.length > 0)
    stream.controller.abort()
    expect(heard).toEqual(await every(client.beta.sessions.events.list(id)))
  })

  test('opened first and merged with the history by id, nothing is missed', async () => {
    const { id } = await newSession(client)
    let done = false
    const writer = (async () => {
      for (let i = 0; i < 60; i++) await send(client, id, [message(`m${i}`)])
      done = true
    })()
    await new Promise((go) => setTimeout(go, 20))
    const stream = await client.beta.sessions.events.stream(id)
    const heard = gather(stream)
    const listed = await every(client.beta.sessions.events.list(id))
    await writer
    expect(done).toBe(true)
    const seen = () => new Set([...listed, ...heard].map((it) => it.id))
    await until(() => seen().size >= 60)
    stream.controller.abort()
    expect(seen().size).toBe(60)
  })

  test('two streams of one session tell the same, and a third of another session nothing of it', async () => {
    const { id } = await newSession(client)
    const other = await newSession(client)
    const streams = await Promise.all([id, id, other.id].map((it) => client.beta.sessions.events.stream(it)))
    const heard = streams.map(gather)
    await send(client, id, [message('one'), message('two')])
    await until(() => heard[0]!.length >= 2 && heard[1]!.length >= 2)
    for (const it of streams) it.controller.abort()
    expect(heard[0]).toEqual(heard[1])
    expect(heard[2]).toEqual([])
  })

  test('a session that is deleted ends its stream with that word', async () => {
    const { id } = await newSession(client)
    const stream = await client.beta.sessions.events.stream(id)
    const heard = gather(stream)
    await admin.beta.sessions.delete(id)
    await until(() => heard.some((it) => it.type === 'session.deleted'))
    expect(heard.at(-1)!.type).toBe('session.deleted')
  })

  test('the stream of a session that is not there is refused before it begins', async () => {
    await expect(client.beta.sessions.events.stream('sesn_none')).rejects.toMatchObject({
      status: 404,
      error: { error: { type: 'not_found_error' } },
    })
  })

  test('the stream of a dream tells what the dream does', async () => {
    const store = await admin.beta.memoryStores.create({ name: 'told' })
    const { id } = await newSession(client)
    await send(client, id, [message('said')])
    const dream = await client.beta.dreams.create({
      inputs: [
        { type: 'memory_store', memory_store_id: store.id },
        { type: 'sessions', session_ids: [id] },
      ],
      model: 'claude-opus-5',
    })
    await until(async () => (await client.beta.dreams.retrieve(dream.id)).ended_at !== null)
    const { session_id } = await client.beta.dreams.retrieve(dream.id)
    const told = await every(client.beta.sessions.events.list(session_id!))
    expect(told.map((it) => it.type)).toEqual(
      expect.arrayContaining(['session.status_running', 'agent.message']),
    )
  })
})

function newSession(client: Client) {
  return client.beta.sessions.create({ agent: 'desk', environment_id: 'env_default' })
}

function message(name: string): WireEvent {
  return { type: 'agent.message', id: `sevt_${name}`, content: [{ type: 'text', text: name }] }
}

type Heard = { id: string; type: string }

/** Everything a stream tells, as it comes. */
function gather(stream: AsyncIterable<unknown>): Heard[] {
  const heard: Heard[] = []
  const listen = async () => {
    for await (const it of stream) heard.push(it as Heard)
  }
  // A stream that is cut off on purpose ends with an error, or quietly, by SDK.
  listen().catch(() => {})
  return heard
}

async function until(is_so: () => boolean | Promise<boolean>): Promise<void> {
  const give_up = Date.now() + 15_000
  while (!(await is_so())) {
    if (Date.now() > give_up) throw new Error('it did not come to be')
    await new Promise((done) => setTimeout(done, 20))
  }
}
