import { basename, join, resolve } from 'node:path'
import { EngineError } from '../../domain/error.ts'
import type { MemoryVersion } from '../../domain/memory.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type { ExchangeFile, Format, ImportReport, StoredMemory } from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { isFolder, readFile, readFolder, replaceFile, writeFolder, writeNewFile } from '../folder.ts'
import { personAt } from '../person.ts'
import {
  type Exported,
  type Imported,
  showExport,
  showHistory,
  showImport,
  showMemories,
} from '../show/memory.ts'

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

type ExportOptions = Options & { format: Format; replace?: boolean }

/**
 * Writes a folder that is new or empty, or a file that is not there yet. Only a block is put into a file that is there,
 * and changes nothing of it outside the block.
 */
export async function exportMemories(
  call: Call,
  to: string,
  { store, format, replace = false }: ExportOptions,
): Promise<Answer<Exported>> {
  const engine = await call.open()
  const place = placeOf(format, to)
  const existing = BLOCK_FILES[format] === undefined ? null : blockFile(place)
  const { store: from, ...exported } = await engine.exportMemories(store, format, { existing, replace })
  const { files, memories, left_out, notes } = exported
  if (BLOCK_FILES[format] !== undefined) replaceFile(place, files[0]!.bytes)
  else if (isInOneFile(format)) writeNewFile(place, files[0]!.bytes)
  else writeFolder(place, files)
  const bytes = files.reduce((sum, it) => sum + it.bytes.length, 0)
  return {
    data: {
      store: from.name,
      format,
      folder: isInOneFile(format) ? resolve(place, '..') : place,
      file: isInOneFile(format) ? place : null,
      files: files.length,
      memories,
      bytes,
      left_out,
      notes,
    },
    show: showExport,
  }
}

type ImportOptions = Options & {
  agent?: string
  format: Format
  as?: string
  replace?: boolean
  dryRun?: boolean
}

/** Fails when a memory was left as it was because another text stands at its path. */
export async function importMemories(
  call: Call,
  from: string,
  { store, agent, format, as, replace = false, dryRun = false }: ImportOptions,
): Promise<Answer<Imported>> {
  const engine = await call.open()
  const place = placeOf(format, from)
  const { files, links } = filesAt(format, place)
  const actor = personAt(as)
  const report: ImportReport = await engine.importMemories(files, {
    store,
    agent,
    format,
    as: actor,
    replace,
    dry_run: dryRun,
  })
  const skipped = [...report.skipped, ...links.map((file) => ({ file, reason: 'it is a link, or no file' }))]
  return {
    data: { ...report, skipped, from: place, as: actor },
    show: showImport,
    exit_code: report.conflicting > 0 ? 1 : 0,
  }
}

/** Where the block goes when a folder is given. */
const BLOCK_FILES: Partial<Record<Format, string>> = { 'claude-md': 'CLAUDE.md', 'agents-md': 'AGENTS.md' }

function isInOneFile(format: Format): boolean {
  return BLOCK_FILES[format] !== undefined || format === 'mem0'
}

function placeOf(format: Format, path: string): string {
  const place = resolve(path)
  const file = BLOCK_FILES[format]
  return file !== undefined && isFolder(place) ? join(place, file) : place
}

function blockFile(place: string): ExchangeFile {
  return readFile(place, basename(place)) ?? { name: basename(place), bytes: new Uint8Array() }
}

function filesAt(format: Format, place: string): { files: ExchangeFile[]; links: string[] } {
  if (!isInOneFile(format) && isFolder(place)) return readFolder(place)
  const file = isFolder(place) ? null : readFile(place, basename(place))
  if (isInOneFile(format) && file) return { files: [file], links: [] }
  throw new EngineError(
    'file_access_error',
    file
      ? `${place} is a file, and ${format} is a format of folders`
      : `there is no ${isInOneFile(format) ? 'file' : 'folder'} ${place}`,
    { hint: 'the format is given with --format; `reverie memory import --help` lists them' },
  )
}
