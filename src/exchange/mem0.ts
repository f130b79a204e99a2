/**
 * JSON as mem0 exports it: a list of `{id, memory, metadata, created_at, updated_at}`, in one file.
 *
 * Ours has a memory's path in `metadata`. What mem0 knows of a memory besides its text, above all whose it is, is kept as
 * front matter, so nothing of a file is dropped.
 */
import { z } from 'zod'
import { EngineError } from '../domain/error.ts'
import { joined } from '../domain/front-matter.ts'
import {
  type ExchangeFile,
  type Export,
  type Exporting,
  fileOf,
  type Import,
  type Incoming,
  MemoryPath,
  type Skipped,
  textOf,
} from './file.ts'
import { FORMAT_VERSION, plainJson } from './front-matter.ts'

const wellFormed = z.string().refine((it) => it.isWellFormed())

const Row = z.looseObject({
  id: z.union([wellFormed, z.number()]).optional(),
  memory: wellFormed,
})
type Row = z.infer<typeof Row>

const Ours = z.object({
  metadata: z.object({
    reverie: z.object({
      format_version: z.number().int().positive(),
      path: MemoryPath,
      created_by: z.string(),
    }),
  }),
  updated_at: z.string(),
})

export function writeMem0({ agent, memories }: Exporting): Export {
  const rows = memories.map((it) => ({
    id: it.id,
    memory: it.content,
    agent_id: agent,
    metadata: { reverie: { format_version: FORMAT_VERSION, path: it.path, created_by: it.created_by } },
    created_at: it.created_at,
    updated_at: it.updated_at,
  }))
  const file = fileOf('memories.json', `${JSON.stringify(rows, null, 2)}\n`)
  return { files: [file], memories: memories.length, left_out: [], notes: [] }
}

export function readMem0(files: ExchangeFile[]): Import {
  const memories: Incoming[] = []
  const skipped: Skipped[] = []
  let format_version: number | null = null
  for (const { name, rows } of files.map((it) => ({ name: it.name, rows: rowsIn(it) })))
    for (const [i, value] of rows.entries()) {
      const file = `${name}[${i}]`
      const row = Row.safeParse(value).data
      const ours = Ours.safeParse(value).data
      if (!row) skipped.push({ file, reason: 'it has no text under `memory`' })
      else if (ours) {
        const { path, created_by, format_version: version } = ours.metadata.reverie
        if (version > FORMAT_VERSION)
          throw refused(
            `${file} is of format version ${version}, and this Reverie reads up to ${FORMAT_VERSION}`,
          )
        format_version = version
        memories.push({
          path,
          content: row.memory,
          file,
          earlier: { created_by, updated_at: ours.updated_at },
        })
      } else
        memories.push({ path: `/mem0/${row.id ?? i + 1}.md`, content: foreign(row), file, earlier: null })
    }
  const notes = memories.some((it) => it.earlier === null)
    ? ['what mem0 knew of its memories besides their text is in their front matter']
    : []
  return { format_version, memories, skipped, notes }
}

function rowsIn(file: ExchangeFile): unknown[] {
  const value = parsed(textOf(file) ?? '', file.name)
  const found = z
    .union([
      z.array(z.unknown()),
      z.object({ results: z.array(z.unknown()) }).transform((it) => it.results),
      z.object({ memories: z.array(z.unknown()) }).transform((it) => it.memories),
    ])
    .safeParse(value)
  if (!found.success)
    throw refused(`${file.name} is no list of memories, nor has it one under results or memories`)
  return found.data
}

function parsed(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw refused(`${name} is not JSON: ${(error as Error).message}`, error)
  }
}

/** The text under everything else that the row says, one line each: JSON is YAML. */
function foreign({ memory, ...others }: Row): string {
  const lines = Object.entries(others)
    .filter(([, value]) => value !== null)
    .map(([key, value]) => `${/^\w+$/.test(key) ? key : plainJson(key)}: ${plainJson(value)}\n`)
  return joined({ front: lines.length === 0 ? null : lines.join(''), body: memory })
}

function refused(message: string, cause?: unknown): EngineError {
  return new EngineError('invalid_request_error', `${message}; nothing was imported`, { cause })
}
