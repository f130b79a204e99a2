/** Streams, over real sockets: what is put in from now on, to everybody who follows, for as long as there is something to follow. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openEngine } from '../../src/engine.ts'
import { send } from '../sdk/recorded-session.ts'
import { type Client, clientOf, every, type RunningServer, SDKS, startServer } from '../sdk/server.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-streams-'))
let running: RunningServer
let client: Client
let admin: Client
let token: string
beforeAll(async () => {
  running = await startServer()
  token = (await running.key('writer')).token
  client = clientOf(SDKS[0], running, token)
  admin = clientOf(SDKS[0], running, (await running.key('admin')).token)
})
afterAll(async () => {
  expect(await running.failures()).toBe(0)
  await running.close()
  rmSync(scratch, { recursive: true })
})

const say = (it: string, id?: string) => ({
  type: 'user.message',
  content: [{ type: 'text', text: it }],
  ...(id === undefined ? {} : { id }),
})

async function newSession(): Promise<string> {
  return (await client.beta.sessions.create({ agent: 'desk', environment_id: 'env_default' })).id
}

function open(path: string): Promise<Response> {
  return fetch(`${running.url}/v1/sessions/${path}`, { headers: { 'x-api-key': token } })
}

/** All that a stream says until it ends, or until `enough` stands in it. */
async function said(response: Response, enough?: string): Promise<string> {
  const decoder = new TextDecoder()
  let all = ''
  for await (const bytes of response.body!) {
    all += decoder.decode(bytes, { stream: true })
    if (enough !== undefined && all.includes(enough)) break
  }
  return all
}

async function until(is: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200 && !(await is()); i++) await sleep(50)
  expect(await is()).toBe(true)
}

test('a frame is an event named message, and nothing is replayed', async () => {
  const id = await newSession()
  await send(client, id, [say('before')])
  const response = await open(`${id}/events/stream?event_deltas[]=agent.message`)
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
  await send(client, id, [say('after', 'sevt_after')])

  const text = await said(response, 'after')
  expect(text).toMatch(
    /^: [^\n]+\n\nevent: message\ndata: \{"id":"sevt_after","type":"user\.message","processed_at":"[^"]+","content":\[\{"type":"text","text":"after"\}\]\}\n\n$/,
  )
  expect(text).not.toContain('before')
})

test('opened before the list, the two together hold each event once by its id', async () => {
  const id = await newSession()
  await send(client, id, [say('1')])
  const stream = await client.beta.sessions.events.stream(id)
  await send(client, id, [say('2')])
  const listed = await every(client.beta.sessions.events.list(id))
  await send(client, id, [say('3'), say('4')])
  const seen = new Map(listed.map((it) => [it.id, it]))
  for await (const it of stream) {
    if ('id' in it) seen.set(it.id, it as never)
    if (seen.size === 4) break
  }
  expect(seen.size).toBe(4)
})

test('what another process writes comes as well', async () => {
  const id = await newSession()
  const response = await open(`${id}/events/stream`)
  const other = openEngine({ database: running.database })
  await other.sendEvents(id, [say('from elsewhere')])
  expect(await said(response, 'elsewhere')).toContain('from elsewhere')
  await other.close()
})

test('of a session and its threads, each stream tells its own', async () => {
  const id = await newSession()
  await send(client, id, [
    { type: 'session.thread_created', session_thread_id: 'sthr_child', agent_name: 'helper' },
  ])
  const threads = await every(client.beta.sessions.threads.list(id))
  const streams = await Promise.all([
    open(`${id}/events/stream`),
    ...threads.map((it) => open(`${id}/threads/${it.id}/stream`)),
  ])
  await send(client, id, [
    say('mine'),
    { ...say('of the child'), session_thread_id: 'sthr_child' },
    { type: 'session.thread_status_idle', session_thread_id: 'sthr_child', agent_name: 'helper' },
    say('last'),
    { ...say('last'), session_thread_id: 'sthr_child' },
  ])
  const [all, own, child] = await Promise.all(streams.map((it) => said(it, '"last"')))
  const told = (text: string) =>
    ['mine', 'of the child', 'thread_status_idle'].filter((it) => text.includes(it))
  expect(told(all!)).toEqual(['mine', 'of the child', 'thread_status_idle'])
  expect(told(own!)).toEqual(['mine', 'thread_status_idle'])
  expect(told(child!)).toEqual(['of the child', 'thread_status_idle'])
})

describe('a stream ends', () => {
  test('when its session is deleted, and says so', async () => {
    const id = await newSession()
    const response = await open(`${id}/events/stream`)
    await admin.beta.sessions.delete(id)
    expect(await said(response)).toMatch(/data: \{"id":"sevt_\w+","type":"session\.deleted"/)
  })

  test('when another process deletes its session', async () => {
    const id = await newSession()
    const response = await open(`${id}/events/stream`)
    const other = openEngine({ database: running.database })
    await other.deleteSession(id, 'user:ann')
    await other.close()
    expect(await said(response)).toContain('session.deleted')
  })

  test('at once, of a session from a file', async () => {
    const file = join(scratch, 'filed.jsonl')
    writeFileSync(
      file,
      JSON.stringify({ id: 'run-1', agent: 'desk', steps: [{ role: 'user', text: 'Hi.' }] }),
    )
    const engine = openEngine({ database: running.database })
    await engine.ingest([file])
    const [session] = (await engine.sessions()).data
    await engine.close()
    expect(await said(await open(`${session!.id}/events/stream`))).toMatch(/^: [^\n]+\n\n$/)
  })

  test('when its reader goes, and then nobody looks at the database for it', async () => {
    await until(() => running.server.feed.size === 0)
    const id = await newSession()
    const controller = new AbortController()
    const headers = { 'x-api-key': token }
    const response = await fetch(`${running.url}/v1/sessions/${id}/events/stream`, {
      headers,
      signal: controller.signal,
    })
    expect(running.server.feed.size).toBe(1)
    controller.abort()
    await expect(said(response)).rejects.toThrow()
    await until(() => running.server.feed.size === 0)
  })

  test('for a reader that does not read, when too much waits for it', async () => {
    const id = await newSession()
    const socket = connect(running.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.write(
      `GET /v1/sessions/${id}/events/stream HTTP/1.1\r\nhost: localhost\r\nx-api-key: ${token}\r\n\r\n`,
    )
    socket.pause()
    await until(() => running.server.feed.size === 1)
    const large = 'word '.repeat(100_000)
    for (let i = 0; i < 60 && running.server.feed.size > 0; i++) {
      await send(client, id, [say(large)])
      await sleep(20)
    }
    await until(() => running.server.feed.size === 0)
    socket.destroy()
  })
})

test('a stream of a session that is not there, or not of this thread, is refused', async () => {
  const id = await newSession()
  for (const path of ['sesn_none/events/stream', `${id}/threads/sthr_none/stream`])
    expect((await open(path)).status).toBe(404)
  expect((await open(`${id}/events/stream?event_deltas[]=user.message`)).status).toBe(400)
})

test('hundreds of streams hear of one event, and a thousand quiet ones do not slow the others down', async () => {
  const quiet = await newSession()
  const busy = await newSession()
  const listeners = { count: 0 }
  const ends: (() => void)[] = []
  for (let i = 0; i < 1_000; i++)
    ends.push(
      await running.server.feed.listen(quiet, {
        thread_id: null,
        is_primary: false,
        event: () => listeners.count++,
        end: () => {},
      }),
    )
  const streams = await Promise.all(Array.from({ length: 200 }, () => open(`${busy}/events/stream`)))
  const began = performance.now()
  await send(client, busy, [say('all of you')])
  const texts = await Promise.all(streams.map((it) => said(it, 'all of you')))
  expect(texts).toHaveLength(200)
  expect(performance.now() - began).toBeLessThan(5_000)
  expect(listeners.count).toBe(0)
  for (const end of ends) end()
})

test('all end when the server stops', async () => {
  const other = await startServer()
  const key = (await other.key('writer')).token
  const own = clientOf(SDKS[0], other, key)
  const { id } = await own.beta.sessions.create({ agent: 'desk', environment_id: 'env_default' })
  const response = await fetch(`${other.url}/v1/sessions/${id}/events/stream`, {
    headers: { authorization: `Bearer ${key}` },
  })
  other.server.feed.close()
  expect(await said(response)).toMatch(/^: /)
  await other.close()
})
