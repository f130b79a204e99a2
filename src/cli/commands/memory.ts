import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve, sep } from 'node:path'
import { EngineError } from '../../domain/error.ts'
import type { MemoryVersion } from '../../domain/memory.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { Engine, StoredMemory } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { type Exported, showExport, showHistory, showMemories } from '../show/memory.ts'

type Options = { store?: string }

export async function listMemories(
  call: Call,
  { store, ...page }: Options & PageRequest,
): Promise<Answer<Page<StoredMemory>>> {
  const engine = await call.open()
  return { data: await engine.memories(store, page), show: showMemories }
}

export async function showMemory(
  call: Call,
  path: string,
  { store }: Options,
): Promise<Answer<StoredMemory>> {
  const engine = await call.open()
  return { data: await engine.memory(store, path), show: ({ content }) => content }
}

export async function memoryHistory(
  call: Call,
  path: string,
  { store, ...page }: Options & PageRequest,
): Promise<Answer<Page<MemoryVersion>>> {
  const engine = await call.open()
  return { data: await engine.memoryHistory(store, path, page), show: showHistory }
}

/** Writes only into a folder that is new or empty, so nothing of anybody's is overwritten. */
export async function exportMemories(call: Call, dir: string, { store }: Options): Promise<Answer<Exported>> {
  const engine = await call.open()
  const { name } = await engine.memoryStore(store)
  const folder = resolve(dir)
  const memories = await allMemories(engine, name)
  const files = memories.map(({ path, content }) => ({ file: placeIn(folder, path), content }))
  asFileError(folder, () => {
    mkdirSync(folder, { recursive: true })
    if (readdirSync(folder).length > 0)
      throw new EngineError('invalid_request_error', `the folder ${folder} is not empty`, {
        hint: 'give a folder that is not there yet: an export never overwrites a file',
      })
    for (const { file, content } of files) {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, content, { flag: 'wx' })
    }
  })
  const bytes = memories.reduce((sum, it) => sum + it.content_size_bytes, 0)
  return { data: { store: name, folder, files: files.length, bytes }, show: showExport }
}

async function allMemories(engine: Engine, store: string): Promise<StoredMemory[]> {
  const all: StoredMemory[] = []
  for (let page: string | null | undefined; page !== null; ) {
    const { data, next_page } = await engine.memories(store, { limit: 1_000, page })
    all.push(...data)
    page = next_page
  }
  return all
}

/** A memory's path is a name in its store; on disk it must not lead out of the folder. */
function placeIn(folder: string, path: string): string {
  const file = resolve(join(folder, path))
  if (!file.startsWith(folder + sep))
    throw new EngineError('invalid_request_error', `the memory ${path} would be written outside ${folder}`)
  return file
}

function asFileError(folder: string, work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error
    throw new EngineError('file_access_error', `cannot write to ${folder}: ${error.message}`, {
      hint: 'give a folder that you may write to',
      cause: error,
    })
  }
}
