/** A dream that asks by night: it waits for its batch, and a process that is killed while it waits loses nothing and pays nothing twice. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEngine } from '../../src/engine.ts'
import { answerTo } from '../golden/model-reader.ts'
import { AGENT, copyOf, leftIn, NEW, NIGHT, newPlace, openDesk, rowsOf } from './dreaming.ts'
import { type BatchRequest, type ScriptedBatches, scriptedBatches } from './scripted-batches.ts'
import { configure } from './scripted-models.ts'

const { place, remove } = newPlace()
let desk: string
let server: ScriptedBatches

beforeAll(async () => {
  desk = place('desk.db')
  await openDesk(desk)
  server = await scriptedBatches(({ params }) =>
    params.messages[0]!.content.includes('<transcript')
      ? { json: { claims: [] } }
      : { json: { operations: [] } },
  )
})
afterAll(async () => {
  await server.close()
  remove()
})

const MODEL = 'scripted/claude-haiku-4-5'

async function night(name: string, window: string, when_closed = 'wait') {
  const database = copyOf(desk, place(`${name}/reverie.db`))
  const models_file = place(`${name}/models.yaml`)
  const besides = [`night: { window: "${window}", timezone: UTC, when_closed: ${when_closed} }`]
  await configure(database, models_file, { protocol: 'anthropic', base_url: `${server.url}/v1`, besides })
  return { database, models_file }
}

/** From an hour ago until in six hours, so that it is night for a process that reads the clock. */
function nightNow(): string {
  const time = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString().slice(11, 16)
  return `${time(-1)}-${time(6)}`
}

test('all its questions are one batch, at half the price', async () => {
  const before = server.batches.length
  const engine = openEngine({ ...(await night('together', '02:00-06:00')), now: NIGHT })
  const [report] = await engine.dream({ agent: AGENT, model: MODEL, at_night: true })
  await engine.close()

  const batches = server.batches.slice(before)
  expect(batches[0]!.requests).toHaveLength(NEW)
  const [use] = report!.dream.spending!.uses
  expect(use!.usage.output_tokens).toBe(12 * NEW)
  // 120 tokens in, 12 out and 1,000 from the cache for each, at 1, 5 and 0.10 USD a million, halved.
  expect(use!.cost_usd).toBeCloseTo((NEW * (120 * 1 + 12 * 5 + 1_000 * 0.1)) / 1e6 / 2, 8)
})

test('what is compared and advised waits for no batch of its own', async () => {
  const [before, direct] = [server.batches.length, server.direct]
  const place = await night('stages', '02:00-06:00')
  const script = server.answer
  server.answer = ({ params: { messages, output_config } }) => ({
    json: answerTo({ prompt: messages[0]!.content, schema: output_config.format.schema }),
  })
  const engine = openEngine({ ...place, now: NIGHT })
  await engine.dream({ agent: AGENT, model: MODEL, at_night: true })
  await engine.close()
  server.answer = script

  expect(server.batches).toHaveLength(before + 1)
  expect(callsIn(place.database).map((it) => [it.stage, it.in_batch])).toEqual([
    ['consolidate', 0],
    ['review', 1],
    ['same', 0],
  ])
  expect(server.direct).toBeGreaterThan(direct + 1)
})

test('an answer of no use is asked for anew the next night, and paid for as often as it was given', async () => {
  const place = await night('useless', '02:00-06:00')
  const script = server.answer
  const [first] = server.batches.at(-1)!.requests
  const isFirst = (it: BatchRequest) => it.params.messages[0]!.content === first!.params.messages[0]!.content
  const dreamtAt = async (now: () => Date) => {
    const engine = openEngine({ ...place, now })
    const [report] = await engine.dream({ agent: AGENT, model: MODEL, at_night: true })
    await engine.close()
    return report!.dream.sessions_read
  }
  server.answer = (it) => (isFirst(it) ? { text: 'Well,' } : script(it))
  expect(await dreamtAt(NIGHT)).toBe(NEW - 1)
  server.answer = script
  expect(await dreamtAt(() => new Date('2026-11-05T03:00:00Z'))).toBe(1)

  expect(
    callsIn(place.database).flatMap((it) => (it.stage === 'review' ? [[it.result, it.calls]] : [])),
  ).toEqual([
    ['answered', NEW],
    ['unusable', 2],
  ])
})

test.each([
  ['nobody configured a night', { besides: [] }, 'scripted/claude-haiku-4-5', /no night is configured/],
  [
    'the provider takes no batches',
    { besides: ['night: { window: "02:00-06:00", timezone: UTC }'] },
    'ollama/qwen3',
    /takes no batches/,
  ],
])('is refused where %s', async (_, { besides }, model, because) => {
  const database = copyOf(desk, place(`refused-${model.slice(0, 6)}/reverie.db`))
  const models_file = place(`refused-${model.slice(0, 6)}/models.yaml`)
  await configure(database, models_file, { protocol: 'anthropic', base_url: `${server.url}/v1`, besides })
  const engine = openEngine({ database, models_file, now: NIGHT })
  await expect(engine.dream({ agent: AGENT, model, at_night: true })).rejects.toThrow(because)
  await engine.close()
})

test('a process that is killed while it waits: the next one waits for the same batch, and the dream ends the same', async () => {
  const before = server.batches.length
  const undisturbed = await night('undisturbed', nightNow())
  await dreaming(undisturbed).ended()
  const sent = server.batches.length - before

  const { database, models_file } = await night('killed', nightNow())
  server.looks = Number.POSITIVE_INFINITY
  const first = dreaming({ database, models_file })
  await expect
    .poll(() => rowsOf(database, "SELECT 1 FROM model_batch WHERE status = 'submitted'").length, {
      timeout: 30_000,
    })
    .toBe(1)
  first.kill()
  expect(await first.exit).toEqual([null, 'SIGKILL'])

  server.looks = 0
  await dreaming({ database, models_file }).ended()
  expect(server.batches.length - before).toBe(2 * sent)
  expect(callsIn(database)).toEqual(callsIn(undisturbed.database))
  expect(leftIn(database).cursor).toEqual(leftIn(undisturbed.database).cursor)
}, 60_000)

function callsIn(database: string) {
  return rowsOf(
    database,
    'SELECT stage, result, in_batch, count(*) AS calls FROM model_call GROUP BY 1, 2, 3 ORDER BY 1, 2',
  )
}

function dreaming({ database, models_file }: { database: string; models_file: string }) {
  const args = [
    'src/cli/main.ts',
    'dream',
    '--agent',
    AGENT,
    '--db',
    database,
    '--model',
    MODEL,
    '--at-night',
    '--json',
  ]
  const child = spawn(process.execPath, args, {
    env: { ...process.env, REVERIE_MODELS: models_file },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const exit = once(child, 'exit')
  return {
    exit,
    kill: () => child.kill('SIGKILL'),
    ended: async () => expect(await exit).toEqual([0, null]),
  }
}
