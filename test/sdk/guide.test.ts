/**
 * The guide's own example of a dream, as it stands there but for `baseURL`: a memory store, sessions, a dream that is polled, and
 * what is read in the store that it leaves.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { dreamed } from './dreamed.ts'
import { type Line, putIn } from './recorded-session.ts'
import { type Client, clientOf, every, type RunningServer, SDKS, startServer } from './server.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-guide-'))
let lines: Line[]

beforeAll(() => {
  generateComplianceDesk(folder, { sessions: 120 })
  lines = readdirSync(folder)
    .sort()
    .flatMap((it) => readFileSync(join(folder, it), 'utf8').split('\n').filter(Boolean))
    .map((it) => JSON.parse(it))
    .slice(0, 100)
})
afterAll(() => rmSync(folder, { recursive: true }))

describe.each(SDKS)('with $sdk', (sdk) => {
  let running: RunningServer
  let client: Client
  beforeAll(async () => {
    running = await startServer()
    client = clientOf(sdk, running, (await running.key('reviewer')).token)
  })
  afterAll(() => running.close())

  test('a dream over a hundred sessions leaves a memory store with what they teach', async () => {
    const store = await client.beta.memoryStores.create({
      name: 'Compliance desk',
      description: 'What the compliance desk has learned.',
    })
    await client.beta.memoryStores.memories.create(store.id, {
      path: '/team.md',
      content: 'The desk is staffed from 8 to 18.\n',
    })
    const session_ids: string[] = []
    for (const line of lines) session_ids.push(await putIn(client, line))

    const asked = await client.beta.dreams.create({
      inputs: [
        { type: 'memory_store', memory_store_id: store.id },
        { type: 'sessions', session_ids },
      ],
      model: 'claude-opus-5',
      instructions: 'Focus on what fails again and again.',
    })
    expect(asked).toMatchObject({
      type: 'dream',
      id: expect.stringMatching(/^drm_/),
      status: 'pending',
      inputs: [
        { type: 'memory_store', memory_store_id: store.id },
        { type: 'sessions', session_ids: session_ids.toSorted() },
      ],
      outputs: [],
      model: { id: 'claude-opus-5', speed: 'standard' },
      instructions: 'Focus on what fails again and again.',
      session_id: null,
      ended_at: null,
      archived_at: null,
      error: null,
      usage: {
        input_tokens: 0,
        output_tokens: 0,
        cache_read_input_tokens: 0,
        cache_creation_input_tokens: 0,
      },
    })

    const dream = await dreamed(client, asked.id)
    expect(dream).toMatchObject({ status: 'completed', error: null, ended_at: expect.any(String) })
    expect(dream.outputs).toEqual([{ type: 'memory_store', memory_store_id: expect.any(String) }])
    const output = dream.outputs[0]!.memory_store_id
    expect(output).not.toBe(store.id)

    const memories = await every(client.beta.memoryStores.memories.list(output, { view: 'full' }))
    const texts = memories.flatMap((it) => (it.type === 'memory' ? [it.content] : [])).join('\n')
    expect(memories.map((it) => it.path)).toEqual([
      '/_index.md',
      '/mistakes/update_record-stale-version.md',
      '/team.md',
    ])
    expect(texts).toContain('If `update_record` fails with "stale version", call `get_customer` first')

    const left = await every(client.beta.memoryStores.memories.list(store.id, { view: 'full' }))
    expect(left.map((it) => it.path)).toEqual(['/team.md'])

    const pipeline = await client.beta.sessions.retrieve(dream.session_id!)
    expect(pipeline).toMatchObject({ status: 'terminated', archived_at: expect.any(String) })
    const told = await every(client.beta.sessions.events.list(dream.session_id!))
    expect(told.length).toBeGreaterThan(0)

    const versions = await every(client.beta.memoryStores.memoryVersions.list(output))
    expect(versions.map((it) => it.created_by)).toContainEqual({
      type: 'session_actor',
      session_id: dream.session_id,
    })

    const attached = await client.beta.sessions.create({
      agent: 'compliance-desk',
      environment_id: 'env_default',
      resources: [{ type: 'memory_store', memory_store_id: output, access: 'read_only' }],
    })
    expect(attached.resources).toMatchObject([{ type: 'memory_store', memory_store_id: output }])

    await client.beta.dreams.archive(dream.id)
    expect(await every(client.beta.dreams.list())).toEqual([])
    expect(await running.failures()).toBe(0)
  })
})
