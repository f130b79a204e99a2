/**
 * The bar of the wire: recorded sessions, put in event by event and dreamed of over the wire, teach what the same sessions teach
 * when they are read from their file.
 *
 * The recordings are not part of the project; where they are missing this says so.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, type Lesson, openEngine } from '../../src/engine.ts'
import { dreamed } from './dreamed.ts'
import { type Line, putIn } from './recorded-session.ts'
import { clientOf, every, SDKS, startServer } from './server.ts'

const PROJECT = join(import.meta.dirname, '../..')
const RECORDED = join(process.env.REVERIE_DATA ?? join(PROJECT, '../shared/data'), 'tau2-retail-gpt4o.jsonl')
const is_there = existsSync(RECORDED)
const SESSIONS = 100

describe.runIf(is_there)('recorded sessions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-recorded-'))
  let lines: string[]
  let from_file: { lessons: Told[]; memories: [path: string, content: string][] }
  beforeAll(async () => {
    lines = readFileSync(RECORDED, 'utf8').split('\n').filter(Boolean).slice(0, SESSIONS)
    const file = join(folder, 'sessions.jsonl')
    writeFileSync(file, lines.join('\n'))
    const engine = openEngine({ database: join(folder, 'file.db') })
    const ingested = await engine.ingest([file])
    expect(ingested.sessions_new).toBe(SESSIONS)
    const [report] = await engine.dream()
    const output = await engine.dreamOutput(report!.dream.id, { limit: 100 })
    from_file = {
      lessons: await lessonsOf(engine, report!.dream.memory_store_id),
      memories: undated(output.data.map((it) => [it.path, it.content])),
    }
    await engine.close()
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  test.each(SDKS)('put in with $sdk they teach what their file teaches', async (sdk) => {
    const running = await startServer()
    try {
      const client = clientOf(sdk, running, (await running.key('reviewer')).token)
      const store = await client.beta.memoryStores.create({ name: 'retail' })
      const session_ids: string[] = []
      for (const line of lines) session_ids.push(await putIn(client, JSON.parse(line) as Line))
      const asked = await client.beta.dreams.create({
        inputs: [
          { type: 'memory_store', memory_store_id: store.id },
          { type: 'sessions', session_ids },
        ],
        model: 'claude-opus-5',
      })
      const dream = await dreamed(client, asked.id)
      expect(dream).toMatchObject({ status: 'completed', error: null })

      const output = await every(
        client.beta.memoryStores.memories.list(dream.outputs[0]!.memory_store_id, { view: 'full' }),
      )
      const memories = output.flatMap((it) => (it.type === 'memory' ? [[it.path, it.content!]] : []))
      expect(from_file.memories.length).toBeGreaterThan(0)
      expect(undated(memories as [string, string][])).toEqual(from_file.memories)
      const engine = openEngine({ database: running.database })
      expect(await lessonsOf(engine, store.id)).toEqual(from_file.lessons)
      await engine.close()
    } finally {
      await running.close()
    }
  })
})

test.runIf(!is_there)(`the recorded sessions are not at ${RECORDED}; set REVERIE_DATA to read them`, () => {
  expect(is_there).toBe(false)
})

type Told = Omit<Lesson, 'memory_store_id' | 'created_at' | 'updated_at'>

/** The lessons of a memory store with all their numbers, candidates too; what differs from one database to the next left out. */
async function lessonsOf(engine: Engine, memory_store_id: string): Promise<Told[]> {
  const { data } = await engine.lessons({ candidates: true, limit: 100 })
  return data
    .filter((it) => it.memory_store_id === memory_store_id)
    .map(({ memory_store_id: _, created_at: __, updated_at: ___, ...told }) => told)
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
}

/** A memory says since when it stands, and midnight may lie between the two dreams. */
function undated(memories: [path: string, content: string][]): [path: string, content: string][] {
  return memories
    .map(([path, content]): [string, string] => [path, content.replace(/^since: .*$/gm, 'since')])
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
}
