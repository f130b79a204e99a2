/** Dreams over the wire that wait for a batch of their model: others dream meanwhile. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ScriptedBatches, scriptedBatches } from '../model/scripted-batches.ts'
import { openAskingDoor, timeIn } from './asking-door.ts'
import type { Door, Json } from './door.ts'

/** As many as a server dreams at a time. */
const AT_A_TIME = 3

let provider: ScriptedBatches
let asking: Awaited<ReturnType<typeof openAskingDoor>>
let door: Door

beforeAll(async () => {
  provider = await scriptedBatches(() => ({ json: { claims: [], operations: [] } }))
  asking = await openAskingDoor(`${provider.url}/v1`, [
    'wire: { claude-opus-5-5: scripted/claude-haiku-4-5, off: none }',
    `night: { window: "${timeIn(-1)}-${timeIn(6)}", timezone: UTC, when_closed: wait }`,
  ])
  door = asking.door
})
afterAll(async () => {
  await asking.close()
  await provider.close()
})

/** Over a session of its own, since what was answered once is not asked again. */
async function dreamOf(agent: string, model: string): Promise<string> {
  const file = join(asking.folder, `${agent}.jsonl`)
  const steps = [
    { role: 'user', text: `Please send the offer to ${agent}, and never by post again.` },
    { role: 'assistant', text: 'The offer went out by mail, as you asked for it.' },
  ]
  writeFileSync(file, JSON.stringify({ id: `run-${agent}`, agent, steps }))
  await door.engine.ingest([file])
  const { data } = await door.engine.sessions({ agent, limit: 1 })
  const { json: store } = await door.ask('POST', '/v1/memory_stores', { name: agent })
  const { json } = await door.ask('POST', '/v1/dreams', {
    inputs: [
      { type: 'memory_store', memory_store_id: store.id },
      { type: 'sessions', session_ids: data.map((it) => it.id) },
    ],
    model,
  })
  return json.id
}

const dream = async (id: string): Promise<Json> => (await door.ask('GET', `/v1/dreams/${id}`)).json

test('while all that may dream at a time wait for their batches, others dream; and then they end, too', async () => {
  provider.looks = Number.POSITIVE_INFINITY
  const waiting: string[] = []
  for (let i = 0; i < AT_A_TIME; i++) waiting.push(await dreamOf(`desk-${i}`, 'claude-opus-5-5'))
  await expect.poll(() => provider.batches.length, { timeout: 20_000 }).toBe(AT_A_TIME)

  for (let i = 0; i < AT_A_TIME; i++) {
    const id = await dreamOf(`unasked-${i}`, 'off')
    await expect.poll(async () => (await dream(id)).status, { timeout: 20_000 }).toBe('completed')
  }
  expect(await Promise.all(waiting.map(async (it) => (await dream(it)).status))).toEqual(
    waiting.map(() => 'running'),
  )

  provider.looks = 0
  for (const id of waiting)
    await expect.poll(async () => (await dream(id)).status, { timeout: 40_000 }).toBe('completed')
  expect(provider.direct).toBe(0)
}, 90_000)
