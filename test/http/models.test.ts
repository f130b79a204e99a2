/** Dreams over the wire with a model: whom its id stands for, what it used, and what is told where nobody can be asked. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { configure, KEY } from '../model/scripted-models.ts'
import { type ScriptedServer, scriptedServer } from '../model/scripted-servers.ts'
import { type Door, type Json, openDoor } from './door.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-wire-models-'))
const models_file = join(folder, 'models.yaml')

let provider: ScriptedServer
let door: Door
let jobs: { stop: () => Promise<void> }
let session_ids: string[]

beforeAll(async () => {
  provider = await scriptedServer(() => ({ json: { claims: [], operations: [] } }))
  const database = join(folder, 'reverie.db')
  await configure(database, models_file, {
    ...{ protocol: 'anthropic', base_url: provider.base_url('anthropic') },
    besides: ['wire:', '  claude-opus-5-5: scripted/m', '  gone: ollama/llama', '  off: none'],
  })
  door = await openDoor({ database, models_file, now: () => new Date() })
  const file = join(folder, 'desk.jsonl')
  writeFileSync(file, [0, 1, 2].map(sessionLine).join('\n'))
  await door.engine.ingest([file])
  session_ids = (await door.engine.sessions()).data.map((it) => it.id)
  jobs = door.server.startJobs({ report: () => {} })
})
afterAll(async () => {
  await jobs.stop()
  await door.close()
  await provider.close()
  delete process.env[KEY]
  rmSync(folder, { recursive: true })
})

function sessionLine(i: number): string {
  return JSON.stringify({
    ...{ id: `run-${i}`, agent: 'desk' },
    steps: [
      { role: 'user', text: `Please send offer ${i} to the customer, and never by post again.` },
      { role: 'assistant', text: `Offer ${i} went out by mail, as you asked for it.` },
    ],
  })
}

async function asked(model: unknown): Promise<Json> {
  const { json: store } = await door.ask('POST', '/v1/memory_stores', { name: 'notes' })
  return door.ask('POST', '/v1/dreams', {
    inputs: [
      { type: 'memory_store', memory_store_id: store.id },
      { type: 'sessions', session_ids },
    ],
    model,
  })
}

/** As it is when it has ended. */
async function dreamt(model: unknown): Promise<Json> {
  const { json } = await asked(model)
  for (;;) {
    const { json: it } = await door.ask('GET', `/v1/dreams/${json.id}`)
    if (it.ended_at !== null) return it
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

describe('a dream', () => {
  test('whose id stands for a model asks it, and says what it used', async () => {
    const before = provider.billed()
    const { status, model, usage, error } = await dreamt({ id: 'claude-opus-5-5', speed: 'standard' })
    const after = provider.billed()

    expect({ status, error }).toEqual({ status: 'completed', error: null })
    expect(model).toEqual({ id: 'claude-opus-5-5', speed: 'standard' })
    expect(provider.requests.map((it) => it.model)).toEqual(['m', 'm', 'm'])
    expect(usage).toEqual({
      input_tokens: after.input - before.input,
      output_tokens: after.output - before.output,
      cache_read_input_tokens: after.cache_read - before.cache_read,
      cache_creation_input_tokens: after.cache_write - before.cache_write,
    })
    expect(usage.output_tokens).toBeGreaterThan(0)
  })

  test.each(['off', 'none'])('asked for with %s asks nobody', async (id) => {
    const before = provider.requests.length
    const { status, usage } = await dreamt(id)

    expect(status).toBe('completed')
    expect(Object.values(usage)).toEqual([0, 0, 0, 0])
    expect(provider.requests).toHaveLength(before)
  })

  test('whose model may not be called fails, and says why', async () => {
    const { status, error } = await dreamt('gone')

    expect(status).toBe('failed')
    expect(error).toEqual({
      type: 'internal_error',
      message: 'the workspace default allows no call to localhost:11434, which is not among its hosts',
    })
  })
})

test('an id that stands for nothing is refused, with those that do', async () => {
  const { status, json } = await asked('claude-opus-4')

  expect(status).toBe(400)
  expect(json.error).toMatchObject({
    type: 'invalid_request_error',
    message: 'model: there is no claude-opus-4 here; known are none, claude-opus-5-5, gone, off',
  })
})
