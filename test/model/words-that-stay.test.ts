/** What a model is never sent, and what is left nowhere: keys, and the secrets that people wrote into memories or into what they asked of a dream. */
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { writeMemory } from '../../src/db/memories.ts'
import { ensureMemoryStore } from '../../src/db/memory-stores.ts'
import { answerTo } from '../golden/model-reader.ts'
import { openDoor } from '../http/door.ts'
import { AGENT, NIGHT, newPlace, openDesk, rowsOf } from './dreaming.ts'
import { configure } from './scripted-models.ts'
import { type ScriptedServer, scriptedServer } from './scripted-servers.ts'

const MODEL_KEY = 'sk-scripted'
const WRITTEN = `ghp_${'zQ7xW2vB9nM4kL8pR3tY6uJ1hG5fD0sAcE'.padEnd(36, 'x')}`
const ASKED = `ghp_${'aB3dE6gH9jK2mN5pQ8sT1vW4xY7zC0fRiO'.padEnd(36, 'y')}`

const { place, remove } = newPlace()
const database = place('desk/desk.db')
let server: ScriptedServer

beforeAll(async () => {
  server = await scriptedServer((asked) => ({ json: answerTo(asked) }))
  await openDesk(database)
  await write('/deploy.md', `Offers are published with the token ${WRITTEN}; never by hand.\n`)
  const models_file = place('models.yaml')
  await configure(database, models_file, {
    ...{ protocol: 'openai', base_url: server.base_url('openai') },
    besides: ['wire:', '  reader: scripted/reader'],
  })
  const door = await openDoor({ database, models_file, now: NIGHT, role: 'writer' })
  const jobs = door.server.startJobs({ report: () => {} })
  const { data: stores } = (await door.ask('GET', '/v1/memory_stores')).json
  const fresh = rowsOf(
    database,
    'SELECT id FROM session WHERE seq NOT IN (SELECT session_seq FROM ledger)',
  ).map((it) => it.id)
  const inputs = [
    { type: 'memory_store', memory_store_id: stores[0].id },
    { type: 'sessions', session_ids: fresh },
  ]
  const instructions = `Publish it with ${ASKED}, as ever.`
  const { json } = await door.ask('POST', '/v1/dreams', { inputs, model: 'reader', instructions })
  await vi.waitFor(
    async () => expect((await door.ask('GET', `/v1/dreams/${json.id}`)).json.status).toBe('completed'),
    { timeout: 60_000, interval: 200 },
  )
  await jobs.stop()
  await door.close()
})
afterAll(async () => {
  await server.close()
  remove()
})

test('a model is asked about sessions and about memories', () => {
  const asked = server.requests.map((it) => `${it.system}\n${it.prompt}`)
  expect(asked.some((it) => it.includes('<transcript-'))).toBe(true)
  expect(asked.some((it) => it.includes('Offers are published with the token'))).toBe(true)
  expect(asked.some((it) => it.includes('<wish-'))).toBe(true)
})

test.each([
  ['a memory', WRITTEN],
  ['what was asked of the dream', ASKED],
])('no secret in %s is sent', (_, secret) => {
  expect(server.requests.filter((it) => JSON.stringify(it.body).includes(secret))).toEqual([])
})

test('the key of the provider is sent to it, and stands in no file and no row of ours', () => {
  expect(server.requests[0]!.headers.authorization).toBe(`Bearer ${MODEL_KEY}`)
  const folder = dirname(database)
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((it) => it.isFile())
  expect(files.length).toBeGreaterThan(0)
  for (const it of files)
    expect(readFileSync(join(it.parentPath, it.name)).includes(MODEL_KEY), it.name).toBe(false)
})

test('calls, batches and the audit log hold no word of a session', () => {
  const rows = ['model_call', 'model_batch', 'model_batch_request', 'audit', 'job'].flatMap((it) =>
    rowsOf(database, `SELECT * FROM ${it}`),
  )
  expect(rows.length).toBeGreaterThan(10)
  expect(JSON.stringify(rows)).not.toMatch(/VAT|before tax|net price/i)
})

async function write(path: string, content: string): Promise<void> {
  const db = openDatabase(database)
  const store = await ensureMemoryStore(db, AGENT, AGENT, NIGHT().toISOString())
  await db.transaction().execute((tx) =>
    writeMemory(tx, store.id, {
      ...{ path, content, expected: null, created_by: 'user:ana', reason: 'ours' },
      now: NIGHT().toISOString(),
    }),
  )
  await db.destroy()
}
