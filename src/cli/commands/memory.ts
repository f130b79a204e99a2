import { basename, join, resolve } from 'node:path'
import { EngineError } from '../../domain/error.ts'
import type { Page, PageRequest } from '../../domain/page.ts'
import type {
  ExchangeFile,
  Format,
  HistoryRow,
  ImportReport,
  MemoryDiff,
  OutputMemory,
  StoredMemory,
  StoredVersion,
  StoreRestoredReport,
} from '../../engine.ts'
import type { Answer, Call } from '../call.ts'
import { isFolder, readFile, readFolder, replaceFile, writeFolder, writeNewFile } from '../folder.ts'
import { personAt } from '../person.ts'
import {
  type Exported,
  type Imported,
  showExport,
  showImport,
  showMemories,
  showNoMemories,
} from '../show/memory.ts'
import {
  type MemoryRestored,
  showHistory,
  showMemoryDiff,
  showRemoved,
  showRestored,
} from '../show/memory-past.ts'

type Options = { store?: string; dream?: string }

export async function listMemories(
  call: Call,
  { store, dream, ...page }: Options & PageRequest,
): Promise<Answer<Page<StoredMemory | (OutputMemory & { store: string })>>> {
  const engine = await call.open()
  if (dream !== undefined) return { data: await engine.dreamOutput(dream, page), show: showMemories }
  const data = await engine.memories(store, page)
  const waiting = data.data.length === 0 ? await engine.waiting(store) : null
  return { data, show: waiting === null ? showMemories : (_, screen) => showNoMemories(waiting, screen) }
}

export async function showMemory(
  call: Call,
  path: string,
  { store, dream }: Options,
): Promise<Answer<StoredMemory | (OutputMemory & { store: string })>> {
  const engine = await call.open()
  const show = ({ content }: { content: string }) => content
  if (dream === undefined) return { data: await engine.memory(store, path), show }
  const { data } = await engine.dreamOutput(dream, { path })
  return { data: data[0]!, show }
}

export async function showVersion(call: Call, id: string): Promise<Answer<StoredVersion>> {
  const engine = await call.open()
  return { data: await engine.memoryVersion(id), show: ({ content }) => content ?? '' }
}

export async function diffMemory(
  call: Call,
  one: string,
  other: string | undefined,
  { store }: Options,
): Promise<Answer<MemoryDiff>> {
  const engine = await call.open()
  return { data: await engine.memoryDiff(store, one, other), show: showMemoryDiff }
}

type RestoreOptions = Options & {
  to?: { time: string } | { seq: number }
  as?: string
  dryRun?: boolean
}
/** A version puts one memory back; a time, or a number of a version, all of a store. */
export async function restoreMemory(
  call: Call,
  version: string | undefined,
  { store, to, as, dryRun: dry_run }: RestoreOptions,
): Promise<Answer<MemoryRestored | StoreRestoredReport>> {
  if ((version === undefined) === (to === undefined))
    throw new EngineError(
      'invalid_request_error',
      'what is to be restored is one version, or a store to a time',
      {
        hint: 'give the id of a version (`reverie memory history PATH` shows them), or --to TIME with --store NAME',
      },
    )
  const engine = await call.open()
  const how = { as: personAt(as), dry_run }
  const data =
    version === undefined
      ? await engine.restoreStore(store, to!, how)
      : await engine.restoreMemory(version, how)
  return { data, show: showRestored }
}

export async function removeMemory(
  call: Call,
  path: string,
  { store, reason, as }: Options & { reason: string; as?: string },
): Promise<Answer<StoredVersion>> {
  const engine = await call.open()
  return { data: await engine.removeMemory(store, path, { as: personAt(as), reason }), show: showRemoved }
}

export async function memoryHistory(
  call: Call,
  path: string,
  { store, ...page }: Options & PageRequest,
): Promise<Answer<Page<HistoryRow>>> {
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
  { store, dream, format, replace = false }: ExportOptions,
): Promise<Answer<Exported>> {
  const engine = await call.open()
  const place = placeOf(format, to)
  const existing = BLOCK_FILES[format] === undefined ? null : blockFile(place)
  const { store: from, ...exported } = await engine.exportMemories(store, format, {
    existing,
    replace,
    dream,
  })
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
