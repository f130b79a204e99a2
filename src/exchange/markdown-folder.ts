/**
 * Our own format: a folder of the memories as they are, and a manifest that says which file is which memory.
 *
 * Exact: paths, bytes, who wrote the current version and when come back as they were. With a manifest an import is all
 * or nothing: a file that is missing, changed or not listed is refused by name. A folder without one is of version 0,
 * what the first releases wrote: each file is the memory at its own path.
 */
import { z } from 'zod'
import { EngineError } from '../domain/error.ts'
import { sha256 } from '../domain/id.ts'
import { Actor } from '../domain/memory.ts'
import {
  type ExchangeFile,
  type Export,
  type Exporting,
  fileOf,
  type Import,
  MemoryPath,
  type Skipped,
  textOf,
  textsOf,
} from './file.ts'
import { fileNames, isLitter } from './file-name.ts'

const FORMAT_VERSION = 1

const MANIFEST = 'reverie-manifest.json'

/** Who and when are null where an older version did not tell. */
const ManifestRow = z.object({
  path: MemoryPath,
  file: z.string(),
  content_sha256: z.string(),
  content_size_bytes: z.number().int().nonnegative(),
  created_by: Actor.nullable(),
  created_at: z.string().nullable(),
  updated_at: z.string().nullable(),
})

const Manifest = z.object({
  format: z.literal('reverie-memory-store'),
  format_version: z.literal(FORMAT_VERSION),
  store: z.string().nullable(),
  agent: z.string().nullable(),
  exported_at: z.string().nullable(),
  memories: z.array(ManifestRow),
})
type Manifest = z.infer<typeof Manifest>

export function writeFolder({ store, agent, memories, now }: Exporting): Export {
  const names = fileNames(
    memories.map((it) => it.path),
    { taken: [MANIFEST] },
  )
  const manifest: Manifest = {
    format: 'reverie-memory-store',
    format_version: FORMAT_VERSION,
    store,
    agent,
    exported_at: now,
    memories: memories.map((it) => ({
      path: it.path,
      file: names.get(it.path)!,
      content_sha256: it.content_sha256,
      content_size_bytes: it.content_size_bytes,
      created_by: it.created_by,
      created_at: it.created_at,
      updated_at: it.updated_at,
    })),
  }
  const files = memories.map((it) => fileOf(names.get(it.path)!, it.content))
  return {
    files: [...files, fileOf(MANIFEST, `${JSON.stringify(manifest, null, 2)}\n`)],
    memories: memories.length,
    left_out: [],
    notes: [],
  }
}

export function readFolder(all: ExchangeFile[]): Import {
  let folder = openFolder(all.filter((it) => !isLitter(it.name)))
  const { version: found } = folder
  while (folder.version < FORMAT_VERSION) folder = migrations[folder.version]!(folder)
  const manifest = Manifest.safeParse(folder.manifest)
  if (!manifest.success) {
    const [{ path, message }] = manifest.error.issues as [z.core.$ZodIssue]
    throw refused(`${MANIFEST} is not a manifest: ${path.join('.')}: ${message}`, manifest.error)
  }
  const contents = contentsOf(manifest.data, folder.files)
  return {
    format_version: found,
    memories: manifest.data.memories.map((it) => ({
      path: it.path,
      content: contents.get(it.file)!,
      file: it.file,
      earlier:
        it.created_by && it.updated_at ? { created_by: it.created_by, updated_at: it.updated_at } : null,
    })),
    skipped: folder.skipped,
    notes: found === 0 ? [`a folder without ${MANIFEST}: each file is the memory at its own path`] : [],
  }
}

type Folder = { version: number; manifest: unknown; files: ExchangeFile[]; skipped: Skipped[] }

/** From each older version to the one after it. */
const migrations: Record<number, (folder: Folder) => Folder> = { 0: fromVersion0 }

/** Version 0 had no manifest. */
function fromVersion0({ files }: Folder): Folder {
  const { texts, skipped } = textsOf(files)
  const unknown = { created_by: null, created_at: null, updated_at: null }
  const memories = texts.map(({ name, text }) => ({
    path: `/${name}`,
    file: name,
    content_sha256: sha256(text),
    content_size_bytes: Buffer.byteLength(text),
    ...unknown,
  }))
  const manifest = {
    format: 'reverie-memory-store',
    format_version: 1,
    store: null,
    agent: null,
    exported_at: null,
    memories,
  }
  const read = new Set(texts.map((it) => it.name))
  return { version: 1, manifest, files: files.filter((it) => read.has(it.name)), skipped }
}

function openFolder(files: ExchangeFile[]): Folder {
  const file = files.find((it) => it.name === MANIFEST)
  if (!file) return { version: 0, manifest: null, files, skipped: [] }
  const manifest = parsed(textOf(file) ?? '')
  const version = z.object({ format_version: z.number().int().positive() }).safeParse(manifest)
    .data?.format_version
  if (version === undefined) throw refused(`${MANIFEST} is not a manifest: it has no format_version`)
  if (version > FORMAT_VERSION)
    throw refused(
      `the folder is of format version ${version}, and this Reverie reads up to ${FORMAT_VERSION}`,
      undefined,
      'import it with the version of Reverie that wrote it, or a newer one',
    )
  return { version, manifest, files: files.filter((it) => it !== file), skipped: [] }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw refused(`${MANIFEST} is not JSON: ${(error as Error).message}`, error)
  }
}

/** The text of each listed file. Names every file that is not as the manifest says. */
function contentsOf({ memories }: Manifest, files: ExchangeFile[]): Map<string, string> {
  // Some file systems spell the accents in a name their own way.
  const by_name = new Map(files.map((it) => [it.name.normalize('NFC'), it]))
  const contents = new Map<string, string>()
  const problems: string[] = []
  for (const { file, content_sha256 } of memories) {
    const found = by_name.get(file.normalize('NFC'))
    const text = found ? textOf(found) : null
    if (contents.has(file)) problems.push(`${file} is listed twice`)
    else if (!found) problems.push(`${file} is missing`)
    else if (text === null || sha256(text) !== content_sha256) problems.push(`${file} was changed`)
    contents.set(file, text ?? '')
  }
  const listed = new Set(memories.map((it) => it.file.normalize('NFC')))
  for (const [name, { name: shown }] of by_name)
    if (!listed.has(name)) problems.push(`${shown} is not listed`)
  if (problems.length === 0) return contents
  const others = problems.length > 3 ? `, and ${problems.length - 3} more` : ''
  throw refused(
    `the files are not those of ${MANIFEST}: ${problems.slice(0, 3).join(', ')}${others}`,
    undefined,
    `to take the files as they are, without what the manifest says of them, remove ${MANIFEST}`,
  )
}

function refused(message: string, cause?: unknown, hint?: string): EngineError {
  return new EngineError('invalid_request_error', `${message}; nothing was imported`, { cause, hint })
}
