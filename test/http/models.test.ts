/** Dreams over the wire with a model: whom its id stands for, what it used, and what is told where nobody can be asked. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Spending } from '../../src/domain/spending.ts'
import { rowsOf } from '../model/dreaming.ts'
import { type ScriptedServer, scriptedServer } from '../model/scripted-servers.ts'
import { openAskingDoor, timeIn } from './asking-door.ts'
import type { Door, Json } from './door.ts'

let provider: ScriptedServer
let asking: Awaited<ReturnType<typeof openAskingDoor>>
let door: Door
let session_ids: string[]

beforeAll(async () => {
  provider = await scriptedServer(() => ({ json: { claims: [], operations: [] } }))
  asking = await openAskingDoor(provider.base_url('anthropic'), [
    'wire: { claude-opus-5-5: scripted/m, gone: ollama/llama, off: none }',
  ])
  door = asking.door
  session_ids = await ingested([0, 1, 2])
})
afterAll(async () => {
  await asking.close()
  await provider.close()
})

function sessionLine(i: number | string): string {
  return JSON.stringify({
    ...{ id: `run-${i}`, agent: 'desk' },
    steps: [
      { role: 'user', text: `Please send offer ${i} to the customer, and never by post again.` },
      { role: 'assistant', text: `Offer ${i} went out by mail, as you asked for it.` },
    ],
  })
}

/** Ids of sessions that are new. */
async function ingested(numbers: (number | string)[]): Promise<string[]> {
  const known = (await door.engine.sessions({ limit: 100 })).data.map((it) => it.id)
  const file = join(asking.folder, `desk-${numbers[0]}.jsonl`)
  writeFileSync(file, numbers.map(sessionLine).join('\n'))
  await door.engine.ingest([file])
  return (await door.engine.sessions({ limit: 100 })).data
    .map((it) => it.id)
    .filter((it) => !known.includes(it))
}

async function asked(model: unknown, sessions = session_ids): Promise<Json> {
  const { json: store } = await door.ask('POST', '/v1/memory_stores', { name: 'notes' })
  return door.ask('POST', '/v1/dreams', {
    inputs: [
      { type: 'memory_store', memory_store_id: store.id },
      { type: 'sessions', session_ids: sessions },
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
    const { id, status, model, usage, error } = await dreamt({ id: 'claude-opus-5-5', speed: 'standard' })
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

    const { json } = await door.ask('GET', `/v1/dreams/${id}/spending`)
    expect(json).toMatchObject({ type: 'dream_spending', dream_id: id, spending: { stopped: null } })
    const { uses }: Spending = json.spending
    expect(uses.map((it) => [it.stage, it.model, it.calls])).toEqual([['review', 'm', 3]])
    expect(uses[0]!.usage).toEqual(usage)
  })

  test.each(['off', 'none'])('asked for with %s asks nobody', async (id) => {
    const before = provider.requests.length
    const { id: dream_id, status, usage } = await dreamt(id)

    expect(status).toBe('completed')
    expect((await door.ask('GET', `/v1/dreams/${dream_id}/spending`)).json.spending).toBeNull()
    expect(Object.values(usage)).toEqual([0, 0, 0, 0])
    expect(provider.requests).toHaveLength(before)
  })

  test('that is canceled while it asks stops asking, and says what it used until then', async () => {
    const script = provider.script
    const before = provider.requests.length
    provider.script = ({ n }) => (n === before + 1 ? { json: { claims: [] } } : { fault: 'slow' })
    // Other words than before: what was answered once is not asked again.
    const { json } = await asked({ id: 'claude-opus-5-5' }, await ingested(['a', 'b', 'c']))
    await expect.poll(() => provider.requests.length - before, { timeout: 10_000 }).toBe(3)
    const noted = `SELECT 1 FROM model_call WHERE dream_id = '${json.id}'`
    await expect.poll(() => rowsOf(asking.database, noted)).toHaveLength(1)
    const asked_at = performance.now()
    await door.ask('POST', `/v1/dreams/${json.id}/cancel`)
    const open = () => provider.requests.slice(before).filter((it) => it.ended === null)
    await expect.poll(open, { timeout: 5_000 }).toEqual([])
    expect(performance.now() - asked_at).toBeLessThan(5_000)

    const { json: it } = await door.ask('GET', `/v1/dreams/${json.id}`)
    expect([it.status, it.usage.output_tokens]).toEqual([
      'canceled',
      provider.requests[before]!.billed.output,
    ])
    expect(it.usage.output_tokens).toBeGreaterThan(0)
    provider.script = script
  })

  test('whose model is asked by night alone waits for it without having begun, and keeps no other from dreaming', async () => {
    const { models_file } = asking
    const text = readFileSync(models_file, 'utf8')
    writeFileSync(
      models_file,
      `${text}night: { window: "${timeIn(2)}-${timeIn(3)}", timezone: UTC, when_closed: wait }\n`,
    )
    const waiting = await Promise.all(
      [1, 2, 3].map(async () => (await asked({ id: 'claude-opus-5-5' })).json.id),
    )
    expect((await dreamt('none')).status).toBe('completed')
    const [{ due_at } = { due_at: '' }] = rowsOf(
      asking.database,
      `SELECT due_at FROM job WHERE id = '${waiting[0]}' AND status = 'pending'`,
    )
    expect(String(due_at).slice(11, 16)).toBe(timeIn(2))
    for (const id of waiting) {
      const { json } = await door.ask('GET', `/v1/dreams/${id}`)
      expect([json.status, json.session_id]).toEqual(['pending', null])
      await door.ask('POST', `/v1/dreams/${id}/cancel`)
    }
    writeFileSync(models_file, text)
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
