/** Night mode: questions that can wait are asked together, by the real SDK, and nothing is paid twice. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { modelBatches } from '../../src/db/model-batches.ts'
import { sha256 } from '../../src/domain/id.ts'
import { anthropicBatches } from '../../src/model/anthropic-batch.ts'
import { batched } from '../../src/model/batched.ts'
import type { Night, ProviderSettings } from '../../src/model/config.ts'
import type { Ask, Question } from '../../src/model/model.ts'
import { ModelError } from '../../src/model/model-error.ts'
import { isNight, nightBegins, nightEnds } from '../../src/model/night.ts'
import { type ScriptedBatches, scriptedBatches } from './scripted-batches.ts'

const NIGHT: Night = { from: '22:00', to: '06:00', timezone: 'Europe/Berlin', when_closed: 'direct' }
const OF = { provider: 'anthropic', model: 'claude-haiku-4-5' }
const Answer = z.object({ about: z.string() })

let folder: string
let db: Database
let server: ScriptedBatches
let at: string
let direct: string[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reverie-'))
  db = openDatabase(join(folder, 'reverie.db'))
  server = await scriptedBatches(({ params }) => ({ json: { about: params.messages[0]!.content } }))
  at = '2026-11-23T22:30:00Z'
  direct = []
})
afterEach(async () => {
  await server.close()
  await db.destroy()
  rmSync(folder, { recursive: true })
})

const question = (prompt: string): Question<{ about: string }> => ({
  ...{ stage: 'review', system: 'Say what it is about.', prompt },
  ...{ schema: Answer, max_output_tokens: 100 },
})

const byHand: Ask = async (asked) => {
  direct.push(asked.prompt)
  const usage = {
    input_tokens: 9,
    output_tokens: 1,
    cache_read_input_tokens: 0,
    cache_creation_input_tokens: 0,
  }
  return { value: asked.schema.parse({ about: asked.prompt }), usage, from: 'provider' }
}

/** As a process has it that has just begun. */
function model(night = NIGHT): Ask {
  const now = () => new Date(at)
  const settings: ProviderSettings = {
    ...{
      name: 'anthropic',
      kind: 'anthropic',
      base_url: `${server.url}/v1`,
      api_key: 'sk-ant-test',
      aws: null,
    },
    ...{ region: null, concurrency: 4, timeout_ms: 5_000 },
  }
  return batched(byHand, {
    provider: anthropicBatches(settings, OF.model, (url, request) => fetch(url, request)),
    batches: modelBatches(db, OF, now),
    ...{ night, now, gather_ms: 20, look_ms: 5 },
    hashOf: ({ system, prompt }) => sha256(`${system}\0${prompt}`),
  })
}

const askAll = (ask: Ask, prompts: string[], signal?: AbortSignal) =>
  Promise.all(prompts.map((it) => ask(question(it), signal)))

const sent = () => server.batches.map((it) => it.requests.map(({ params }) => params.messages[0]!.content))
const reasons = async (asked: Promise<unknown>[]) =>
  (await Promise.allSettled(asked)).map((it) =>
    it.status === 'fulfilled' ? 'answered' : it.reason instanceof ModelError ? it.reason.reason : it.reason,
  )

test('a night is that of a time zone, over midnight, and as long as its clock says', () => {
  const of = (time: string) => {
    const now = new Date(time)
    return [isNight(NIGHT, now), nightBegins(NIGHT, now).toISOString(), nightEnds(NIGHT, now).toISOString()]
  }
  expect(of('2026-11-23T20:59:00Z')).toEqual([false, '2026-11-23T21:00:00.000Z', '2026-11-24T05:00:00.000Z'])
  expect(of('2026-11-23T21:00:00Z')[0]).toBe(true)
  expect(of('2026-11-24T04:59:00Z')[0]).toBe(true)
  expect(of('2026-11-24T05:00:00Z')[0]).toBe(false)
  // In summer Berlin is two hours ahead.
  expect(of('2026-07-01T20:00:00Z')[0]).toBe(true)
  expect(of('2026-07-01T04:00:00Z')[0]).toBe(false)
})

test('what is asked at about the same time is one batch, in the shape and with the instructions that providers keep', async () => {
  const answers = await askAll(model(), ['a refund', 'an invoice', 'a refund'])

  expect(answers.map((it) => it.value.about)).toEqual(['a refund', 'an invoice', 'a refund'])
  expect(answers[0]).toMatchObject({
    from: 'batch',
    usage: { input_tokens: 120, cache_read_input_tokens: 1_000 },
  })
  expect(sent()).toEqual([['a refund', 'an invoice']])
  expect(server.batches[0]!.requests[0]!.params).toMatchObject({
    ...{ model: OF.model, max_tokens: 100 },
    system: [{ text: 'Say what it is about.', cache_control: { type: 'ephemeral' } }],
    output_config: {
      format: { type: 'json_schema', schema: { required: ['about'], additionalProperties: false } },
    },
  })
  expect(direct).toEqual([])
})

describe('a process that begins again', () => {
  test('waits for the batch that was sent, and pays nothing twice', async () => {
    server.looks = 1_000
    const stop = new AbortController()
    const asked = askAll(model(), ['a refund', 'an invoice'], stop.signal)
    await expect.poll(() => server.batches.length).toBe(1)
    const hash = sha256('Say what it is about.\0a refund')
    await expect.poll(() => modelBatches(db, OF, () => new Date(at)).holding([hash])).toHaveLength(1)
    stop.abort()
    await expect(asked).rejects.toThrow(/abort/i)

    server.looks = 0
    const answers = await askAll(model(), ['a refund', 'an invoice'])
    expect(answers.map((it) => it.value.about)).toEqual(['a refund', 'an invoice'])
    expect(server.batches).toHaveLength(1)
  })

  test('takes the answers of a batch that has ended, and asks only what is new', async () => {
    await askAll(model(), ['a refund'])
    await askAll(model(), ['a refund', 'an invoice'])
    expect(sent()).toEqual([['a refund'], ['an invoice']])
  })

  test('does not take them after a week, nor those of another model', async () => {
    await askAll(model(), ['a refund'])
    const others = modelBatches(db, { ...OF, model: 'claude-opus-4-7' }, () => new Date(at))
    expect(await others.holding([sha256('Say what it is about.\0a refund')])).toEqual([])
    at = '2026-12-01T22:30:00Z'
    await askAll(model(), ['a refund'])
    expect(server.batches).toHaveLength(2)
  })
})

test.each(['while it is gathered', 'while the batch is looked at'])(
  'who is told to stop %s is held up by nothing, and what was not sent is not sent',
  async (when) => {
    const is_sent = when === 'while the batch is looked at'
    server.looks = 1_000
    const stop = new AbortController()
    const asked = askAll(model(), ['a refund'], stop.signal)
    if (is_sent) {
      await expect.poll(() => server.batches.length).toBe(1)
      server.is_silent = true
      // Now it waits for a look that is not answered.
      await new Promise((resolve) => setTimeout(resolve, 60))
    }
    const began = performance.now()
    stop.abort(new Error('canceled'))
    await expect(asked).rejects.toThrow('canceled')
    expect(performance.now() - began).toBeLessThan(1_000)
    expect(server.batches).toHaveLength(is_sent ? 1 : 0)
  },
)

test('a batch that the provider knows no more is asked anew', async () => {
  await askAll(model(), ['a refund'])
  server.batches[0]!.id = 'of another account'
  expect((await askAll(model(), ['a refund']))[0]!.value.about).toBe('a refund')
  await askAll(model(), ['a refund'])
  expect(sent()).toEqual([['a refund'], ['a refund']])
})

test('results that do not come through are fetched again', async () => {
  server.broken_results = 2
  expect((await askAll(model(), ['a refund', 'an invoice'])).map((it) => it.value.about)).toEqual([
    'a refund',
    'an invoice',
  ])
  expect(server.fetched).toBe(3)
})

describe('by day', () => {
  test('questions are asked directly, where that is allowed', async () => {
    at = '2026-11-23T12:00:00Z'
    await askAll(model(), ['a refund'])
    expect([direct, sent()]).toEqual([['a refund'], []])
  })

  test('they wait for the night, where it is not', async () => {
    at = '2026-11-23T20:59:59.900Z'
    const asked = askAll(model({ ...NIGHT, when_closed: 'wait' }), ['a refund'])
    await new Promise((resolve) => setTimeout(resolve, 60))
    expect(server.batches).toEqual([])
    at = '2026-11-23T21:00:00Z'
    await asked
    expect([direct, sent()]).toEqual([[], [['a refund']]])
  })

  test('a batch that is not through is canceled, and what it leaves is asked directly', async () => {
    server.looks = 1_000
    const asked = askAll(model(), ['a refund'])
    await expect.poll(() => server.batches.length).toBe(1)
    at = '2026-11-24T05:00:00Z'
    expect((await asked)[0]!.value.about).toBe('a refund')
    expect(direct).toEqual(['a refund'])
  })

  test('a batch is waited for on, where nothing may be asked directly', async () => {
    server.looks = 8
    const asked = askAll(model({ ...NIGHT, when_closed: 'wait' }), ['a refund'])
    await expect.poll(() => server.batches.length).toBe(1)
    at = '2026-11-24T05:00:00Z'
    expect((await asked)[0]!.from).toBe('batch')
    expect(server.batches[0]!.status).toBe('ended')
  })
})

describe('what a batch comes to', () => {
  test.each<[says: string, result: ReturnType<ScriptedBatches['answer']>, reason: string]>([
    ['no JSON', { text: 'Well,' }, 'no JSON'],
    ['another shape', { json: { topic: 'x' } }, 'other shape'],
    ['nothing', { text: '' }, 'empty'],
    ['half of it', { text: '{"about":', stop_reason: 'max_tokens' }, 'cut off'],
    ['that it does not want to', { text: 'No.', stop_reason: 'refusal' }, 'refusal'],
    ['that the question is wrong', { error: 'invalid_request_error' }, 'invalid_request_error'],
    [
      'that the question is too long',
      { error: 'invalid_request_error', says: 'prompt is too long: 208310 tokens > 200000 maximum' },
      'too long',
    ],
  ])('says %s', async (_, result, reason) => {
    server.answer = ({ params }) =>
      params.messages[0]!.content === 'bad' ? result : { json: { about: 'good' } }
    const ask = model()
    expect(await reasons([ask(question('bad')), ask(question('good'))])).toEqual([reason, 'answered'])
    expect(direct).toEqual([])
  })

  test.each<ReturnType<ScriptedBatches['answer']>>(['expired', { error: 'overloaded_error' }])(
    'leaves a question open (%o), which is then asked directly, or told so',
    async (result) => {
      server.answer = () => result
      expect((await askAll(model(), ['a refund']))[0]!.from).toBe('provider')
      expect(await reasons([model({ ...NIGHT, when_closed: 'wait' })(question('an invoice'))])).toEqual([
        'left over',
      ])
    },
  )

  test('an answer of no use is not taken from the batch again by who asks again', async () => {
    server.answer = () => (server.batches.length === 1 ? { text: 'Well,' } : { json: { about: 'a refund' } })
    const ask = model()
    await expect(ask(question('a refund'))).rejects.toMatchObject({
      reason: 'no JSON',
      usage: { output_tokens: 12 },
    })
    expect((await ask(question('a refund'))).value.about).toBe('a refund')
    expect(server.batches).toHaveLength(2)
  })
})

test('a provider that fails now and then is asked again; one that takes no batch is said to', async () => {
  server.faults = [529, 429]
  expect((await askAll(model(), ['a refund']))[0]!.from).toBe('batch')
  // Whether a batch was taken, nobody knows: it is not sent again by itself.
  server.faults = [500]
  expect(await reasons([model()(question('a reminder'))])).toEqual(['status 500'])
  server.faults = [401]
  expect(await reasons([model()(question('an invoice'))])).toEqual(['status 401'])
})
