/** What is personal is redacted in all that comes over the wire, before it is stored, where the server was started so. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { found } from '../erasure/bytes.ts'
import { type Door, type Json, openDoor } from './door.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-wire-privacy-'))
const folder = join(scratch, 'data')
mkdirSync(folder)

const MAIL = 'qzxana@example.com'
const PHONE = '+33 6 12 34 56 78'
const DIGITS = '33612345678'
const PERSON = 'Qzxana Duarte'
const FIRST_NAME = 'qzxlea'
const MARKS = ['qzxana', 'qzxlea', '6 12 34 56 78', DIGITS]

let door: Door
beforeAll(async () => {
  const redacts = { redact: ['email' as const, 'phone' as const], names: [PERSON, FIRST_NAME] }
  door = await openDoor({ database: join(folder, 'reverie.db'), redacts })
})
afterAll(async () => {
  await door.close()
  rmSync(scratch, { recursive: true })
})

async function ask(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<Json> {
  const { status, json } = await door.ask(method, path, body, { headers })
  expect(status, JSON.stringify(json)).toBe(200)
  return json
}

const say = (text: string) => ({ type: 'user.message', content: [{ type: 'text', text }] })

test.each<[what: string, put: () => Promise<Json>]>([
  [
    'a session, with title, metadata, agent and first events',
    () =>
      ask('POST', '/v1/sessions', {
        agent: `desk of ${MAIL}`,
        title: `Call ${PERSON}`,
        environment_id: `room of ${MAIL}`,
        metadata: { note: MAIL, kind: FIRST_NAME, result: PERSON, external_id: `run of ${MAIL}` },
        initial_events: [say(`I am ${MAIL}`)],
      }),
  ],
  [
    'an update of a session',
    async () => {
      const { id } = await ask('POST', '/v1/sessions', { agent: 'desk' })
      return ask('POST', `/v1/sessions/${id}`, { title: MAIL, metadata: { phone: PHONE } })
    },
  ],
  [
    'events, in whatever field',
    async () => {
      const { id } = await ask('POST', '/v1/sessions', { agent: 'desk' })
      return ask('POST', `/v1/sessions/${id}/events`, {
        events: [
          say(`Mail ${MAIL} or call ${PHONE}.`),
          { type: 'agent.tool_use', id: 'sevt_1', name: 'mail', input: { to: MAIL, [MAIL]: 1 } },
          {
            type: 'agent.tool_result',
            tool_use_id: 'sevt_1',
            content: [{ type: 'text', text: `to=${encodeURIComponent(MAIL)}` }],
          },
          { type: 'user.feedback', rating: 2, comment: `Ask ${PERSON}.` },
          { type: 'session.outcome', result: 'satisfied', explanation: `${PERSON} said so` },
        ],
      })
    },
  ],
  [
    'an agent, with its system prompt',
    () =>
      ask('POST', '/v1/agents', {
        name: `for ${MAIL}`,
        model: 'claude-opus-5',
        system: `You work for ${PERSON}.`,
        metadata: { owner: MAIL },
      }),
  ],
  [
    'a new version of an agent',
    async () => {
      const { id } = await ask('POST', '/v1/agents', { name: 'clerk', model: 'claude-opus-5' })
      return ask('POST', `/v1/agents/${id}`, { system: `Write to ${MAIL}.`, metadata: { owner: PHONE } })
    },
  ],
  [
    'an environment',
    async () => {
      const { id } = await ask('POST', '/v1/environments', { name: `of ${MAIL}` })
      return ask('POST', `/v1/environments/${id}`, { description: PHONE, metadata: { owner: PERSON } })
    },
  ],
  [
    'a transcript that asks for no redaction itself',
    () =>
      ask(
        'POST',
        '/v1/sessions/import?harness=steps',
        { agent: 'desk', user: MAIL, steps: [{ role: 'user', text: `Ask ${PERSON}.` }] },
        { 'content-type': 'application/x-ndjson' },
      ),
  ],
])('%s', async (_, put) => {
  const told = JSON.stringify(await put()).toLowerCase()
  expect(MARKS.filter((mark) => told.includes(mark))).toEqual([])
})

test('of all that, no byte is in the files', async () => {
  await door.engine.settle()
  expect(found(MARKS, folder)).toEqual({})
})

test('without it, personal data is stored as it came', async () => {
  const plain = await openDoor()
  const { json } = await plain.ask('POST', '/v1/sessions', { agent: 'desk', title: MAIL })
  expect(json.title).toBe(MAIL)
  await plain.close()
})

test('placeholders are those that the same value has in sessions from files, also where it is settled', async () => {
  const { id } = await ask('POST', '/v1/sessions', { agent: 'desk', metadata: { person: MAIL } })
  await ask('POST', `/v1/sessions/${id}/events`, { events: [say(`I am ${MAIL}.`)] })
  const { engine } = door
  await engine.settle([id])
  const file = join(scratch, 'one.jsonl')
  writeFileSync(
    file,
    JSON.stringify({ agent: 'desk', user: MAIL, steps: [{ role: 'user', text: `It is ${MAIL}!` }] }),
  )
  await engine.ingest([file], { harness: 'steps', redact: ['email'] })

  const { data } = await engine.sessions({ limit: 2 })
  const sessions = await Promise.all(data.map((row) => engine.session(row.id)))
  const placeholders = JSON.stringify(sessions).match(/\[redacted:email:[0-9a-f]{12}\]/g)!
  expect(placeholders.length).toBeGreaterThanOrEqual(4)
  expect(new Set(placeholders).size).toBe(1)
  expect(data.map((row) => row.person)).toEqual([placeholders[0], placeholders[0]])
  // By the name that nobody sees any more, both are found.
  const unread = await ask('POST', '/v1/sessions', { agent: 'desk', metadata: { user_id: MAIL } })
  await engine.erase({ person: MAIL }, { as: 'user:ann', dry_run: false })
  for (const gone of [id, unread.id]) await expect(engine.sessionById(gone)).rejects.toThrow('no session')
})

test('a session is found again by a name that was redacted, and the same request makes nothing', async () => {
  const wanted = { agent: 'desk', metadata: { external_id: `ticket of ${MAIL}` } }
  const first = await ask('POST', '/v1/sessions', wanted)
  expect((await ask('POST', '/v1/sessions', wanted)).id).toBe(first.id)
  const key = { 'idempotency-key': 'once' }
  const made = await ask('POST', '/v1/sessions', { agent: 'desk', title: MAIL }, key)
  expect((await ask('POST', '/v1/sessions', { agent: 'desk', title: MAIL }, key)).id).toBe(made.id)
})

test('of a request that came with a key, no hash is kept that a guess has elsewhere', async () => {
  const plain = await openDoor()
  const wanted = { agent: 'desk', title: MAIL }
  const hashes: string[] = []
  for (const at of [plain, door]) {
    await at.ask('POST', '/v1/sessions', wanted, { headers: { 'idempotency-key': 'same' } })
    const kept = at.db.selectFrom('idempotency_key').select('request_sha256').where('key', '=', 'same')
    hashes.push((await kept.executeTakeFirstOrThrow()).request_sha256)
  }
  expect(hashes[0]).not.toBe(hashes[1])
  await plain.close()
})

test('a number that one request shows for what it is, is gone where it stands bare in another', async () => {
  const { id } = await ask('POST', '/v1/sessions', { agent: 'desk', title: `about ${DIGITS}` })
  const send = (text: string) => ask('POST', `/v1/sessions/${id}/events`, { events: [say(text)] })
  await send(`row ${DIGITS} of the table`)
  await send(`row 99${DIGITS}99 is another`)
  await send(`Call me on ${PHONE}.`)
  await send(`again ${DIGITS}`)

  const told = JSON.stringify([
    await ask('GET', `/v1/sessions/${id}`),
    await ask('GET', `/v1/sessions/${id}/events`),
  ])
  expect(told.match(/\[redacted:phone:[0-9a-f]{12}\]/g)).toHaveLength(4)
  expect(told.split(DIGITS)).toHaveLength(2)
})
