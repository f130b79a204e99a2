/**
 * The pipeline, shown: transcripts and a memory store in, the memory store after the dream out, byte for byte. The policy is one that
 * lets everything of Reverie's own go live.
 *
 *     golden/<case>/transcripts/      what is ingested; night by night where it has folders
 *     golden/<case>/store-before/     memories: those with front matter of ours are Reverie's, others a person's
 *     golden/<case>/store-after/      the memories after the last dream
 *     golden/<case>/dreams.txt        what each dream says it did
 *     golden/<case>/recording/        where a language model reads: all that it was asked, and what it answered
 *     golden/<case>/asked.txt         of that, for people to read, the first question of each kind as a model gets it
 *
 * The answers of a recording are replayed, so nothing is called. They were recorded from a server of the real protocol on this machine, which
 * says what `model-reader.ts` tells.
 *
 * `REVERIE_GOLDEN=write` writes expectations that are missing, for a person to read before they are committed.
 * It never changes one: to accept a change, delete the old one first. Where a question to a model is worded anew, these are `recording` and
 * `asked.txt` of every case that has them; what becomes of the answers must not change by that.
 */
import {
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { frontMatterOf } from '../src/4-consolidate/memory-file.ts'
import { openDatabase } from '../src/db/database.ts'
import { writeMemory } from '../src/db/memories.ts'
import { ensureMemoryStore } from '../src/db/memory-stores.ts'
import type { Pattern } from '../src/domain/pattern.ts'
import type { DreamReport } from '../src/dream.ts'
import { type DreamOptions, openEngine } from '../src/engine.ts'
import { answerTo, modelTranscripts } from './golden/model-reader.ts'
import { transcripts } from './golden/transcripts.ts'
import { configure } from './model/scripted-models.ts'
import { scriptedServer } from './model/scripted-servers.ts'
import { trust, trustAModel } from './trusting.ts'

const MAY_WRITE = process.env.REVERIE_GOLDEN === 'write' && !process.env.CI
const golden = join(import.meta.dirname, 'golden')
const scratch = mkdtempSync(join(tmpdir(), 'reverie-golden-'))
afterAll(() => rmSync(scratch, { recursive: true }))

const told = Object.entries({ ...transcripts(), ...modelTranscripts() })
const is_read = new Set(Object.keys(modelTranscripts()).map((it) => it.split('/')[0]))
if (MAY_WRITE) for (const [path, content] of told) writeMissing(join(golden, path), content)
const cases = readdirSync(golden, { withFileTypes: true })
  .filter((it) => it.isDirectory())
  .map((it) => it.name)
  .sort()

test('the transcripts are those that transcripts.ts tells', () => {
  const kept = cases.flatMap((name) =>
    Object.keys(filesIn(golden)).filter((it) => it.startsWith(`/${name}/transcripts/`)),
  )
  expect(kept.sort()).toEqual(told.map(([path]) => `/${path}`).sort())
  for (const [path, content] of told)
    expect(readFileSync(join(golden, path), 'utf8') === content, path).toBe(true)
})

describe('a dream over', () => {
  test.each(cases)('%s', async (name) => {
    const folder = join(golden, name)
    const expected = join(folder, 'dreams.txt')
    if (MAY_WRITE && is_read.has(name) && !existsSync(join(folder, 'recording'))) await record(folder)
    const { store, said } = await dreamed(
      folder,
      is_read.has(name) ? { replay: join(folder, 'recording') } : {},
    )

    if (MAY_WRITE && !existsSync(expected)) {
      for (const [path, content] of Object.entries(store))
        writeMissing(join(folder, 'store-after', path), content)
      writeMissing(expected, said)
    }
    expect(existsSync(expected), 'there is no expectation: write it with REVERIE_GOLDEN=write').toBe(true)
    if (is_read.has(name))
      expect(readFileSync(join(folder, 'asked.txt'), 'utf8')).toBe(askedIn(join(folder, 'recording')))
    expect(said).toBe(readFileSync(expected, 'utf8'))
    expect(store).toEqual(filesIn(join(folder, 'store-after')))
  })
})

type Model = Pick<DreamOptions, 'model' | 'record' | 'replay'>

/** Every night what is new is ingested and dreamed over, at three in the morning. */
async function dreamed(
  folder: string,
  model: Model,
  configured: (database: string) => Promise<string | undefined> = async () => undefined,
): Promise<{ store: Record<string, string>; said: string }> {
  const database = join(mkdtempSync(join(scratch, 'case-')), `${basename(folder)}.db`)
  let now = new Date('2026-11-02T12:00:00Z')
  const models_file = await configured(database)
  const engine = openEngine({ database, models_file, now: () => now })
  await (is_read.has(basename(folder)) ? trustAModel(engine) : trust(engine))
  const said: string[] = []
  for (const [i, night] of nightsOf(join(folder, 'transcripts')).entries()) {
    const { skipped } = await engine.ingest([night])
    expect(skipped).toEqual([])
    const [agent] = await engine.agents()
    if (i === 0) await seed(database, agent!.agent, filesIn(join(folder, 'store-before')))
    now = new Date(Date.UTC(2026, 10, 3 + i, 3))
    const [report] = await engine.dream({ agent: agent!.agent, ...model })
    said.push(tell(report!, now))
  }
  const { data } = await engine.memories(undefined, { limit: 1_000 })
  await engine.close()
  return { store: Object.fromEntries(data.map((it) => [it.path, it.content])), said: said.join('\n') }
}

/** Asks everything once, of a server on this machine. */
async function record(folder: string): Promise<void> {
  const server = await scriptedServer((asked) => ({ json: answerTo(asked) }))
  const recording = join(folder, 'recording')
  const models_file = join(scratch, 'models.yaml')
  const base_url = server.base_url('openai')
  await dreamed(folder, { model: 'scripted/reader', record: recording }, async (database) => {
    await configure(database, models_file, { protocol: 'openai', base_url, more: ['concurrency: 8'] })
    return models_file
  })
  await server.close()
  writeMissing(join(folder, 'asked.txt'), askedIn(recording))
}

/** The first question of each kind, by the names of the files. */
function askedIn(recording: string): string {
  const files = readdirSync(recording).sort()
  const first = [...new Set(files.map((it) => it.split('-')[0]!))].map(
    (stage) => files.find((it) => it.startsWith(`${stage}-`) && it.endsWith('.json'))!,
  )
  const texts = first.flatMap((file) => {
    const { stage, system, prompt } = JSON.parse(readFileSync(join(recording, file), 'utf8'))
    return [
      `=== ${stage}: what it is told every time`,
      readFileSync(join(recording, system), 'utf8'),
      `=== ${stage}: what it is asked first, ${file}`,
      prompt.join('\n'),
    ]
  })
  return `${texts.join('\n\n')}\n`
}

function nightsOf(folder: string): string[] {
  const nights = readdirSync(folder, { withFileTypes: true }).filter((it) => it.isDirectory())
  return nights.length === 0 ? [folder] : nights.map((it) => join(folder, it.name)).sort()
}

async function seed(database: string, agent: string, files: Record<string, string>): Promise<void> {
  const db = openDatabase(database)
  const now = '2026-11-01T12:00:00Z'
  const store = await ensureMemoryStore(db, agent, agent, now)
  await db.transaction().execute(async (tx) => {
    for (const [path, content] of Object.entries(files)) {
      const created_by = frontMatterOf(content).pattern === null ? 'user:ana' : 'dream:drm_earlier'
      await writeMemory(tx, store.id, {
        path,
        content,
        expected: null,
        created_by,
        reason: 'there before',
        now,
      })
    }
  })
  await db.destroy()
}

/** What a dream says it did, without what differs from run to run. */
function tell({ dream, changes, patterns }: DreamReport, now: Date): string {
  const lines = [
    `${now.toISOString().slice(0, 10)}: ${dream.result}, ${dream.sessions_read} sessions read`,
    ...changes.map((it) => `  ${it.kind} ${it.path}: ${it.verdict}`),
    ...patterns.filter((it) => isWatched(it)).map((it) => `  only watched: ${it.text}`),
    ...patterns.filter((it) => it.status === 'disputed').map((it) => `  disputed: ${it.text}`),
    ...dream.alerts.map((it) => `  alert: ${it.text}`),
    ...dream.notes,
  ]
  return `${lines.join('\n')}\n`
}

/** What a model said in several sessions, and neither people nor outcomes bear out. */
function isWatched({ channel, status }: Pattern): boolean {
  return channel === 'model' && status === 'candidate'
}

/** Path from the folder, beginning with a slash -> content; of a folder that is not there, nothing. */
function filesIn(folder: string): Record<string, string> {
  const files = globSync('**/*', { cwd: folder, withFileTypes: true }).filter((it) => it.isFile())
  return Object.fromEntries(
    files.map((it) => {
      const path = join(it.parentPath, it.name)
      return [path.slice(folder.length).replaceAll('\\', '/'), readFileSync(path, 'utf8')]
    }),
  )
}

function writeMissing(path: string, content: string): void {
  if (existsSync(path)) return
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, content)
}
