/** What passes between a store and the outside: files, the memories that go into them, and those that come out. */
import { z } from 'zod'
import { INDEX_PATH, type Memory } from '../domain/memory.ts'

/** A file by its name, with `/` between folders whatever the platform. */
export type ExchangeFile = { name: string; bytes: Uint8Array }

export type ExportedMemory = Pick<
  Memory,
  | 'id'
  | 'path'
  | 'content'
  | 'content_sha256'
  | 'content_size_bytes'
  | 'created_by'
  | 'created_at'
  | 'updated_at'
>

export type Exporting = {
  store: string
  agent: string
  /** In order of their paths. */
  memories: ExportedMemory[]
  /** RFC 3339. */
  now: string
  /** The file that a block is to be put into, as it stands; null where there is none. */
  existing: ExchangeFile | null
  /** Whether a block of another store, or one that somebody edited, may be written over. */
  replace: boolean
}

/** Something that the format has no place for, and the memories it is missing of. */
export type LeftOut = { what: string; paths: string[] }

export type Export = { files: ExchangeFile[]; memories: number; left_out: LeftOut[]; notes: string[] }

/** A memory that a file tells of. */
export type Incoming = {
  path: string
  content: string
  file: string
  /** Who wrote it where it comes from, and when, as the file says; null where the format does not say. */
  earlier: { created_by: string; updated_at: string } | null
}

export type Skipped = { file: string; reason: string }

export type Import = {
  /** Of an export of ours; null for what others wrote. */
  format_version: number | null
  memories: Incoming[]
  skipped: Skipped[]
  notes: string[]
}

/** The path of a memory, as a file may name it: any text that a database can hold. */
export const MemoryPath = z
  .string()
  .regex(/^\//)
  .refine((it) => it.isWellFormed())

export function fileOf(name: string, text: string): ExchangeFile {
  return { name, bytes: Buffer.from(text) }
}

/** The text of a file to the byte, a byte order mark included; null where it is no UTF-8. */
export function textOf({ bytes }: ExchangeFile): string | null {
  const text = Buffer.from(bytes).toString()
  return Buffer.from(text).equals(bytes) ? text : null
}

/** The texts among these files, and the others as skipped. */
export function textsOf(files: ExchangeFile[]): {
  texts: { name: string; text: string }[]
  skipped: Skipped[]
} {
  const texts: { name: string; text: string }[] = []
  const skipped: Skipped[] = []
  for (const file of files) {
    const text = textOf(file)
    if (text === null) skipped.push({ file: file.name, reason: 'no UTF-8 text' })
    else texts.push({ name: file.name, text })
  }
  return { texts, skipped }
}

/** What every format but our own folder loses. */
export function withoutIndexAndAuthors(memories: ExportedMemory[]): {
  kept: ExportedMemory[]
  left_out: LeftOut[]
} {
  const kept = memories.filter((it) => it.path !== INDEX_PATH)
  const rows: LeftOut[] = [
    {
      what: 'the generated index',
      paths: memories.filter((it) => it.path === INDEX_PATH).map((it) => it.path),
    },
    { what: 'who wrote it and when', paths: kept.map((it) => it.path) },
  ]
  return { kept, left_out: rows.filter((it) => it.paths.length > 0) }
}
