/**
 * A secret that one request of a session shows for what it is, and that stands bare in another: what is stored is what the same session in
 * one file comes to, and no byte of the secret is in the database.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { carryLogOver, openDatabase } from '../../src/db/database.ts'
import type { WireEvent } from '../../src/domain/recorded-event.ts'
import { type Engine, openEngine } from '../../src/engine.ts'
import { found } from '../erasure/bytes.ts'
import { sessionWanted } from '../session-wanted.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-bare-'))
afterAll(() => rmSync(scratch, { recursive: true }))
afterEach(() => void vi.useRealTimers())
let folders = 0

const SECRET = 'qzx7hunter"2\\trout9'
const OTHER = 'qzx8wolfram4kestrel'
const MARKS = ['qzx7hunter', 'trout9', OTHER]
const AT = '2026-10-01T09:00:00.000Z'

function say(id: string, text: string): WireEvent {
  return { type: 'user.message', id: `sevt_${id}`, processed_at: AT, content: [{ type: 'text', text }] }
}

function call(id: string, input: object): WireEvent {
  return { type: 'agent.tool_use', id: `sevt_${id}`, processed_at: AT, name: 'login', input }
}

const shows = call('shows', { password: SECRET })
const bare = say('bare', `sed s/${SECRET}/x/ notes`)
const nested = call('nested', { run: [{ command: `echo ${SECRET}` }], [SECRET]: SECRET })
const plain = say('plain', 'Please go on.')
const both = say('both', `token: ${OTHER} and password=${OTHER}`)
const other = say('other', `is ${OTHER} ${SECRET} it?`)

const long = Array.from({ length: 30 }, (_, i) =>
  say(`long ${i}`, `${'word '.repeat(97 * i)}${SECRET} ${'more '.repeat(31 * i)}${SECRET}`),
)

function opened(): { engine: Engine; folder: string; path: string } {
  const folder = join(scratch, `${folders++}`)
  mkdirSync(folder)
  const path = join(folder, 'reverie.db')
  return { engine: openEngine({ database: path, now: () => new Date(AT) }), folder, path }
}

async function settledEvents(engine: Engine): Promise<unknown> {
  const { data } = await engine.sessions()
  expect(data).toHaveLength(1)
  return (await engine.session(data[0]!.id)).session!.events
}

async function fromFile(events: WireEvent[]): Promise<unknown> {
  const { engine, folder } = opened()
  const file = join(folder, 'one.json')
  writeFileSync(file, JSON.stringify({ session: { id: 'sesn_file', agent: { name: 'desk' } }, events }))
  await engine.ingest([file])
  const events_stored = await settledEvents(engine)
  await engine.close()
  return events_stored
}

test.each<[what: string, requests: WireEvent[][]]>([
  ['is shown first', [[shows], [plain], [bare], [nested]]],
  ['is shown last', [[bare, nested], [plain], [shows]]],
  ['is shown in between', [[bare], [shows, plain], [nested]]],
  ['is shown in the same request', [[bare, shows, nested]]],
  ['is shown after texts of many pages', [long, [shows]]],
  ['is one of two', [[other, plain], [both], [shows], [bare]]],
])('one that %s is gone from all', async (_, requests) => {
  const { engine, folder, path } = opened()
  const { id } = await engine.createSession(sessionWanted, 'user:ann')
  for (const events of requests) await engine.sendEvents(id, events)
  // Sent again, they are known.
  for (const events of requests) await engine.sendEvents(id, events)

  const db = openDatabase(path)
  await carryLogOver(db)
  await db.destroy()
  const bytes = readFileSync(path).toString('latin1')
  expect(MARKS.filter((it) => bytes.includes(it))).toEqual([])

  await engine.settle([id])
  expect(await settledEvents(engine)).toEqual(await fromFile(requests.flat()))
  await engine.close()
  expect(found(MARKS, folder)).toEqual({})
})

test('one that stands in the title or the metadata is gone from there, and what shows it there counts as well', async () => {
  const { engine, folder } = opened()
  const first = { title: `about ${SECRET}`, metadata: { note: SECRET, external_id: 'run 1' } }
  const { id } = await engine.createSession({ ...sessionWanted, ...first }, 'user:ann')
  await engine.sendEvents(id, [shows])
  const second = { title: `password=${OTHER}`, initial_events: [say('a', OTHER)] }
  const { id: other_id } = await engine.createSession({ ...sessionWanted, ...second }, 'user:ann')
  await engine.sendEvents(other_id, [other])
  await engine.updateSession(other_id, {
    title: `still ${OTHER}`,
    metadata: { note: OTHER, password: SECRET },
  })
  await engine.updateSession(other_id, { metadata: { again: SECRET } })
  const third = { title: OTHER, metadata: { note: OTHER, external_id: 'run 3' } }
  const { id: third_id } = await engine.createSession({ ...sessionWanted, ...third }, 'user:ann')
  await engine.sendEvents(third_id, [say('b', OTHER)])
  await engine.updateSession(third_id, { metadata: { password: OTHER } })

  expect(await engine.sessionById(id)).toMatchObject({
    title: 'about [redacted:password]',
    metadata: { note: '[redacted:password]', external_id: 'run 1' },
  })
  expect((await engine.sessionById(other_id)).title).toBe('still [redacted:password]')
  await engine.close()
  expect(found(MARKS, folder)).toEqual({})
})

test('two that come at the same time: neither leaves the other bare', async () => {
  const { engine, folder } = opened()
  const { id } = await engine.createSession(sessionWanted, 'user:ann')
  await Promise.all([bare, shows, nested, plain].map((it) => engine.sendEvents(id, [it])))
  await engine.close()
  expect(found(MARKS, folder)).toEqual({})
})

test('one that a refused request shows is gone as soon as another shows it, and nothing of the refused one is stored', async () => {
  const { engine, folder } = opened()
  const { id } = await engine.createSession(sessionWanted, 'user:ann')
  await engine.sendEvents(id, [bare])
  const loose = { type: 'agent.tool_result', tool_use_id: 'sevt_none', content: [] }
  await expect(engine.sendEvents(id, [shows, loose])).rejects.toThrow('sevt_none')
  await engine.sendEvents(id, [shows])
  await engine.close()
  expect(found(MARKS, folder)).toEqual({})
})

test('other sessions keep the same words, and an hour after the last of it nothing is remembered', async () => {
  const { engine } = opened()
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  const [one, two] = [
    await engine.createSession(sessionWanted, 'user:ann'),
    await engine.createSession(sessionWanted, 'user:ann'),
  ]
  const text = `sed s/${OTHER}/x/`
  const said = async (id: string, name: string) =>
    JSON.stringify(await engine.sendEvents(id, [say(name, text)])).includes(OTHER)
  await engine.sendEvents(one.id, [both])
  vi.advanceTimersByTime(3_000_000)
  expect(await said(one.id, 'soon')).toBe(false)
  vi.advanceTimersByTime(3_000_000)
  expect(await said(one.id, 'an hour later than the first')).toBe(false)
  expect(await said(two.id, 'elsewhere')).toBe(true)
  vi.advanceTimersByTime(3_600_000)
  expect(await said(one.id, 'an hour later')).toBe(true)
  vi.useRealTimers()
  await engine.close()
})

test('an id that was there before stays: others name it', async () => {
  const { engine } = opened()
  const { id } = await engine.createSession(sessionWanted, 'user:ann')
  await engine.sendEvents(id, [say(OTHER, 'hello')])
  await engine.sendEvents(id, [both])
  const { data } = await engine.eventList(id, { processed: {}, order: 'asc' })
  expect(data[0]).toEqual(say(OTHER, 'hello'))
  await engine.close()
})

test('an id that holds one which is known is refused', async () => {
  const { engine } = opened()
  const { id } = await engine.createSession(sessionWanted, 'user:ann')
  await engine.sendEvents(id, [both])
  await expect(engine.sendEvents(id, [say(OTHER, 'hello')])).rejects.toThrow('reads like a secret')
  await engine.close()
})
