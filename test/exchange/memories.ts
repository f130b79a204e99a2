/** Memories to exchange: plain ones by name, and any that a store may hold. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { sha256 } from '../../src/domain/id.ts'
import type { ExchangeFile, ExportedMemory, Exporting } from '../../src/exchange/file.ts'

export const NOW = '2026-11-03T09:00:00.000Z'

export function memory(path: string, content: string): ExportedMemory {
  return {
    id: `mem_${sha256(path).slice(0, 24)}`,
    path,
    content,
    content_sha256: sha256(content),
    content_size_bytes: Buffer.byteLength(content),
    created_by: 'user:ann',
    created_at: NOW,
    updated_at: NOW,
  }
}

/** The memories of a store named desk, in order of their paths. */
export function exporting(
  contents: Record<string, string>,
  how: { existing?: ExchangeFile; replace?: boolean; store?: string } = {},
): Exporting {
  const memories = Object.entries(contents)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([path, content]) => memory(path, content))
  return {
    store: how.store ?? 'desk',
    agent: 'refund-desk',
    memories,
    now: NOW,
    existing: how.existing ?? null,
    replace: how.replace ?? false,
  }
}

/** The files of an export that an earlier version wrote. */
export function stored(name: string): ExchangeFile[] {
  const folder = fileURLToPath(new URL(`../fixtures/exchange/${name}/`, import.meta.url))
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile())
    .map((it) => join(it.parentPath, it.name))
    .map((path) => ({ name: path.slice(folder.length).replaceAll(sep, '/'), bytes: readFileSync(path) }))
}

export const LESSON = `---
name: get-order-first
description: Call get_order before refund_order
type: mistake
scope: { agent: refund-desk, person: priya.n }
since: 2026-11-03
pattern: pat_0123456789abcdef01234567
---
Call \`get_order\` before \`refund_order\`.

Why: without it 21 of 22 sessions were rejected.
`

/** Pieces that mean something to a format, a Markdown reader or a file system. */
const PIECES = [
  '---\n',
  '---\r\n',
  '\n---\n',
  'name: x\n',
  'description: "a: b"\n',
  'type: user\n',
  'metadata:\n',
  `  reverie: '{"format_version":1,"path":"/theirs.md","front":null}'\n`,
  `---\nname: a\ndescription: b\nmetadata:\n  reverie: '{"format_version":2}'\n---\n`,
  '<!-- reverie:begin {} -->\n',
  '<!-- reverie:end -->',
  '<\\!-- reverie:end -->\n',
  '<!-- reverie:memory {"path":"/theirs.md","front":null} -->\n',
  '<!--',
  '-->',
  '```\n',
  '> ',
  '>',
  '@~/.ssh/id_rsa',
  '\\@a \\\\@b',
  '\n',
  '\r\n',
  '\r',
  ' ',
  '\ufeff',
  '\u2028',
  '\0',
  'For priya.n alone:\n',
]

const text = fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 8 }))
export const anyContent = fc.oneof(
  { weight: 4, arbitrary: fc.array(text, { maxLength: 12 }).map((it) => it.join('')) },
  { weight: 1, arbitrary: fc.constant(LESSON) },
)

const NAMES = [
  'a',
  'A',
  'b.md',
  'B.MD',
  'é.md',
  'e\u0301.md',
  'CON',
  'nul.txt',
  'a.',
  ' ',
  '..',
  '.git',
  '~',
  'MEMORY.md',
]
const NAMES_OF_FORMATS = [
  'reverie-manifest.json',
  'SKILL.md',
  '_index.md',
  'Thumbs.db',
  '漢字.md',
  'x'.repeat(300),
]
const name = fc.oneof(
  fc.constantFrom(...NAMES, ...NAMES_OF_FORMATS),
  fc.string({ unit: 'binary', maxLength: 6 }),
)
export const anyPath = fc.array(name, { minLength: 1, maxLength: 3 }).map((it) => `/${it.join('/')}`)

export const anyContents = fc
  .array(fc.tuple(anyPath, anyContent), { maxLength: 8 })
  .map((it) => Object.fromEntries(it))
