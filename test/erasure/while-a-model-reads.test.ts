/** What has to go while a model still reads it: afterwards no word of it is left either, whenever the answer comes. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEngine } from '../../src/engine.ts'
import { answerTo } from '../golden/model-reader.ts'
import { AGENT, NIGHT, newPlace, openDesk, rowsOf } from '../model/dreaming.ts'
import { configure } from '../model/scripted-models.ts'
import { type ScriptedServer, scriptedServer } from '../model/scripted-servers.ts'

const { place, remove } = newPlace()
const database = place('desk/desk.db')
let server: ScriptedServer
let removed = 0

beforeAll(async () => {
  await openDesk(database)
  const models_file = place('models.yaml')
  const late = openEngine({ database, now: () => new Date(NIGHT().getTime() + 400 * 86_400_000) })
  const text = 'format_version: 1\nretention:\n  - transcripts: 300d\n'
  await late.setPolicy({ file: 'policy.yaml', text }, 'user:ana')
  let gone: Promise<unknown> | null = null
  server = await scriptedServer(async (asked) => {
    gone ??= late.retain(false).then((it) => {
      removed = it.transcripts
    })
    await gone
    return { json: answerTo(asked) }
  })
  await configure(database, models_file, { protocol: 'openai', base_url: server.base_url('openai') })
  const engine = openEngine({ database, models_file, now: NIGHT })
  await engine.dream({ agent: AGENT, model: 'scripted/reader' }).catch((error) => error)
  await engine.close()
  await late.close()
})
afterAll(async () => {
  await server.close()
  remove()
})

test('transcripts went while the model was asked about them', () => {
  expect(removed).toBeGreaterThan(10)
  expect(server.requests.length).toBeGreaterThan(1)
  expect(rowsOf(database, 'SELECT status FROM model_review').length).toBeGreaterThan(1)
})

test('their quotes are stored with no claim', () => {
  const rows = rowsOf(database, 'SELECT citations FROM claim')
  expect(rows.filter((it) => it.citations !== '[]')).toEqual([])
})

test('the bytes are known to be left, and are taken out with the next erasure', () => {
  expect(rowsOf(database, "SELECT * FROM setting WHERE name = 'erasure_left_bytes_since'")).not.toEqual([])
})

test('no answer about them is kept', () => {
  const answers = rowsOf(database, 'SELECT content FROM model_answer').map((it) => String(it.content))
  expect(answers.filter((it) => /quote|VAT|tax/.test(it))).toEqual([])
})
