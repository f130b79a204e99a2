/**
 * A dream that asks a model hundreds of questions, killed again and again: what was answered is not paid for again, and in the end it is as if
 * nothing had happened.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEngine } from '../../src/engine.ts'
import { answerTo, modelTranscripts } from '../golden/model-reader.ts'
import { trust } from '../trusting.ts'
import { AGENT, copyOf, FIRST_NIGHT, leftIn, newPlace, rowsOf, saidIn } from './dreaming.ts'
import { configure, KEY } from './scripted-models.ts'
import { type Asked, type ScriptedServer, scriptedServer } from './scripted-servers.ts'

const { place, remove } = newPlace()
afterAll(remove)

/** As many questions as are under way at once, and so as many as may be lost with a process. */
const AT_ONCE = 8

beforeAll(async () => {
  const folder = place('transcripts')
  mkdirSync(folder)
  for (const [i, text] of Object.values(modelTranscripts()).entries())
    writeFileSync(
      join(folder, `${i}.jsonl`),
      text.replaceAll(/\b(?:refund|parcel|booking|letter)-desk"/g, `${AGENT}"`),
    )
  const engine = openEngine({ database: place('before.db'), now: FIRST_NIGHT })
  await trust(engine)
  await engine.ingest([folder])
  await engine.close()
})

test('killed at five moments of more than two hundred calls, it pays for no answer twice and ends with the same result', async () => {
  const whole = await desk('undisturbed')
  expect(await exitOf(dreaming(whole))).toEqual([0, null])
  const calls = whole.server.requests.length
  expect(calls).toBeGreaterThan(200)

  const { database, server, models_file } = await desk('killed')
  let lost = 0
  for (const moment of [23, 77, 140, 201, 'advice'] as const) {
    const child = dreaming({ database, models_file })
    server.script = async (asked) => {
      if (asked.n === moment || (moment === 'advice' && isAdvice(asked))) child.kill('SIGKILL')
      return answer(asked)
    }
    expect(await exitOf(child), `killed at ${moment}`).toEqual([null, 'SIGKILL'])
    const noted = Number(rowsOf(database, 'SELECT count(*) AS n FROM model_call')[0]!.n)
    expect(server.requests.length - lost - noted, 'what was under way').toBeLessThanOrEqual(AT_ONCE)
    expect(server.requests.length - lost - noted, 'what was under way').toBeGreaterThan(0)
    lost = server.requests.length - noted
  }
  server.script = answer
  expect(await exitOf(dreaming({ database, models_file }))).toEqual([0, null])

  expect(server.requests.length, 'nothing is asked again but what nobody had heard the answer to').toBe(
    calls + lost,
  )
  expect(new Set(server.requests.map(textOf))).toEqual(new Set(whole.server.requests.map(textOf)))
  const [notes] = rowsOf(database, 'SELECT count(*) AS n, count(DISTINCT hash) AS different FROM model_call')
  expect(notes).toEqual({ n: calls, different: calls })
  const { dream, ...left } = leftIn(database)
  const { dream: dreams_whole, ...left_whole } = leftIn(whole.database)
  expect(left).toEqual(left_whole)
  expect(saidIn(database)).toEqual(saidIn(whole.database))
  expect(dream.map(asPaid)).toEqual(dreams_whole.map(asPaid))
})

/** A dream as it ended, with what it paid; what it planned to ask when it began last, and how often it knew an answer already, depends on the kills. */
function asPaid({ spending, ...dream }: Record<string, unknown>) {
  const { uses } = JSON.parse(String(spending))
  return {
    ...dream,
    uses: uses.map(({ from_cache, ...it }: { from_cache: number }) => it),
  }
}

type Desk = { database: string; models_file: string; server: ScriptedServer }

const servers: ScriptedServer[] = []
afterAll(() => Promise.all(servers.map((it) => it.close())))

async function desk(name: string): Promise<Desk> {
  const database = copyOf(place('before.db'), place(`${name}.db`))
  const server = await scriptedServer(answer)
  servers.push(server)
  const models_file = place(`${name}.yaml`)
  const base_url = server.base_url('anthropic')
  await configure(database, models_file, {
    protocol: 'anthropic',
    base_url,
    more: [`concurrency: ${AT_ONCE}`],
  })
  return { database, models_file, server }
}

/** It takes its time, so that many are under way. */
const answer = (asked: Asked) => ({ json: answerTo(asked), ms: 20 + (asked.n % 7) * 5 })

const isAdvice = ({ schema }: Asked) => 'operations' in (schema!.properties as object)
const textOf = ({ system, prompt }: Asked) => `${system}\n${prompt}`

function dreaming({ database, models_file }: Pick<Desk, 'database' | 'models_file'>): ChildProcess {
  const script = fileURLToPath(new URL('./killed-reading.ts', import.meta.url))
  const env = { ...process.env, [KEY]: 'sk-scripted' }
  return spawn(process.execPath, [script, database, models_file, AGENT], {
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

async function exitOf(child: ChildProcess): Promise<unknown[]> {
  return once(child, 'exit')
}
