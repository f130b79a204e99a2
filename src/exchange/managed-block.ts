/**
 * A block in CLAUDE.md or AGENTS.md, between two marks of ours. Everything outside of them stays as it is, to the byte.
 *
 * The text of a memory stands in the block as a Markdown quotation: what it opens, a fence or a comment, ends with it,
 * and a line of it that looks like a mark does not begin as one. `@` is escaped, as CLAUDE.md would read in the file that
 * is named behind it. The front matter of a memory, and its path, are in the comment above it.
 *
 * Refused: two blocks, a mark without the other, a mark that is torn, each with its line. A block that somebody edited, or
 * that is another store's, is written over only when asked to.
 */
import { z } from 'zod'
import { EngineError } from '../domain/error.ts'
import { joined, split } from '../domain/front-matter.ts'
import { sha256 } from '../domain/id.ts'
import {
  type ExchangeFile,
  type Export,
  type ExportedMemory,
  type Exporting,
  type Import,
  type Incoming,
  MemoryPath,
  type Skipped,
  withoutIndexAndAuthors,
} from './file.ts'
import { aboutOf, FORMAT_VERSION, parsedMark, plainJson } from './front-matter.ts'

/** A file that every session reads whole should be short. */
const LARGE = 25_000

export function writeBlock({ store, memories, existing, replace }: Exporting): Export {
  const { kept, left_out } = withoutIndexAndAuthors(memories.filter((it) => isQuotable(it.content)))
  const unfit = memories.filter((it) => !isQuotable(it.content)).map((it) => it.path)
  if (unfit.length > 0)
    left_out.push({ what: 'the whole memory: its line ends are mixed, or it holds a NUL', paths: unfit })
  const { name, bytes } = existing ?? { name: '', bytes: new Uint8Array() }
  const found = findBlock({ name, bytes })
  if (found && !replace) refuseLoss(found, store, name)

  const inner = `\n${INTRODUCTION}\n\n${kept.map(quotation).join('')}`
  const begin = { format_version: FORMAT_VERSION, store, content_sha256: sha256(inner) }
  const block = `<!-- reverie:begin ${markJson(begin)} -->${inner}<!-- reverie:end -->`
  return {
    files: [{ name, bytes: withBlock(Buffer.from(bytes), found, block) }],
    memories: kept.length,
    left_out,
    notes:
      block.length > LARGE
        ? [`the block has ${block.length} characters, and every session reads them all`]
        : [],
  }
}

export function readBlock(files: ExchangeFile[]): Import {
  const memories: Incoming[] = []
  const skipped: Skipped[] = []
  for (const file of files) {
    const found = findBlock(file)
    if (!found)
      throw refused(`there is no block of Reverie in ${file.name}`, '`reverie memory export` makes one')
    const quoted = new Map<number, string[]>()
    let latest: string[] = []
    for (const [i, line] of found.lines.entries()) {
      const number = found.line + 1 + i
      if (found.memories.has(number)) {
        latest = []
        quoted.set(number, latest)
      } else if (quoted.size > 0 && line.startsWith('>')) latest.push(line)
      else if (line.trim() !== '' && line !== INTRODUCTION && !/^For .* alone:$/.test(line))
        skipped.push({
          file: `${file.name}:${number}`,
          reason: 'it stands in the block and belongs to no memory',
        })
    }
    for (const [number, lines] of quoted) {
      const mark = found.memories.get(number)!
      const content = joined({ front: mark.front, body: unquoted(lines, mark) })
      memories.push({ path: mark.path, content, file: `${file.name}:${number}`, earlier: null })
    }
  }
  return { format_version: FORMAT_VERSION, memories, skipped, notes: [] }
}

const INTRODUCTION = 'What earlier sessions taught, as it stands in the memory:'

// ---------------------------------------------------------------- quoting

/** How a body ended before it was quoted. */
type Kept = z.infer<typeof MemoryMark>

const MemoryMark = z.object({
  path: MemoryPath,
  front: z.string().nullable(),
  /** Set where every line of the memory ends in CRLF. */
  crlf: z.literal(true).optional(),
  /** Set where the last line does not end at all. */
  open_end: z.literal(true).optional(),
})

/** Line ends of one kind, which a file may then turn into its own. */
function isQuotable(content: string): boolean {
  return !content.includes('\0') && (!content.includes('\r') || !/\r(?!\n)|(?<!\r)\n/.test(content))
}

function quotation({ path, content }: ExportedMemory): string {
  const { front, body } = split(content)
  const { person } = aboutOf(path, content)
  const lines = body.split(/\r?\n/)
  const open_end = lines.at(-1) !== ''
  if (!open_end) lines.pop()
  const mark: Kept = {
    path,
    front,
    ...(body.includes('\r\n') ? { crlf: true } : {}),
    ...(open_end || body === '' ? { open_end: true } : {}),
  }
  return [
    `<!-- reverie:memory ${markJson(mark)} -->\n`,
    ...(person === null ? [] : [`For ${escaped(person.replace(/[<>]/g, ''))} alone:\n`, '\n']),
    ...lines.map((it) => `${it === '' ? '>' : `> ${escaped(it)}`}\n`),
    '\n',
  ].join('')
}

function unquoted(lines: string[], { crlf, open_end }: Kept): string {
  const newline = crlf ? '\r\n' : '\n'
  const text = lines.map((it) => unescaped(it.replace(/^> ?/, ''))).join(newline)
  return open_end ? text : `${text}${newline}`
}

/** One backslash more before an `@` that begins a word, and in what reads like a mark; taken away again by `unescaped`. */
function escaped(line: string): string {
  return line.replace(/(?<![\w`\\])(\\*)@/g, '\\$1@').replace(/<(\\*)(?=!--\s*reverie)/gi, '<\\$1')
}

function unescaped(line: string): string {
  return line.replace(/<\\(\\*)(?=!--\s*reverie)/gi, '<$1').replace(/(?<![\w`\\])\\(\\*)@/g, '$1@')
}

function markJson(value: unknown): string {
  return plainJson(value).replaceAll('@', '\\u0040')
}

// ---------------------------------------------------------------- finding

type Found = {
  /** Offsets of the block in the file, marks included. */
  start: number
  end: number
  /** Line of the first mark. */
  line: number
  begin: z.infer<typeof BeginMark>
  /** What stands between the marks, without its line ends. */
  lines: string[]
  /** The marks of memories, by their lines. */
  memories: Map<number, Kept>
}

const BeginMark = z.object({
  format_version: z.number().int().positive(),
  store: z.string(),
  content_sha256: z.string(),
})

/** The one block in a file, null where there is none. Marks are ASCII, so the bytes around them may be anything. */
function findBlock({ name, bytes }: ExchangeFile): Found | null {
  const text = Buffer.from(bytes).toString('latin1')
  if (/^(?:\xff\xfe|\xfe\xff)/.test(text))
    throw refused(`${name} is UTF-16`, 'save it as UTF-8: a block can only be put into such a file')
  const marks: { line: number; offset: number; text: string }[] = []
  let line = 1
  let offset = 0
  for (const it of text.split('\n')) {
    if (/^(?:\xef\xbb\xbf)?\s*<!--\s*reverie:/.test(it)) marks.push({ line, offset, text: it })
    line++
    offset += it.length + 1
  }
  if (marks.length === 0) return null

  const begins = marks.filter((it) => /<!--\s*reverie:begin\b/.test(it.text))
  const ends = marks.filter((it) => /<!--\s*reverie:end\b/.test(it.text))
  if (begins.length > 1 || ends.length > 1)
    throw refused(
      `${name} has more than one block of Reverie: marks in the lines ${[...begins, ...ends]
        .map((it) => it.line)
        .sort((a, b) => a - b)
        .join(', ')}`,
      'leave one block, or none',
    )
  const [begin] = begins
  const [end] = ends
  if (!begin || !end || end.offset < begin.offset) {
    const { line } = begin ?? end ?? marks[0]!
    throw refused(
      `the block of Reverie in ${name} is not whole: the mark in line ${line} has no other that belongs to it`,
      'restore the mark that is missing, or take the rest of the block away',
    )
  }
  const told = parsedAt(BeginMark, /^(?:\xef\xbb\xbf)?\s*<!-- reverie:begin (.*) -->\s*$/, begin, name)
  if (!/^\s*<!-- reverie:end -->\s*$/.test(end.text)) throw torn(name, end.line)
  const memories = new Map<number, Kept>()
  for (const it of marks)
    if (it !== begin && it !== end) {
      if (it.offset < begin.offset || it.offset > end.offset) throw torn(name, it.line)
      memories.set(it.line, parsedAt(MemoryMark, /^<!-- reverie:memory (.*) -->\s*$/, it, name))
    }
  const from = begin.offset + begin.text.trimEnd().length
  const inner = Buffer.from(bytes)
    .subarray(from, end.offset + end.text.indexOf('<!--'))
    .toString()
  return {
    start: begin.offset + begin.text.indexOf('<!--'),
    end: end.offset + end.text.indexOf('-->') + 3,
    line: begin.line,
    begin: told,
    lines: inner.split(/\r?\n/).slice(1),
    memories,
  }
}

function parsedAt<T>(
  shape: z.ZodType<T>,
  form: RegExp,
  mark: { line: number; text: string },
  name: string,
): T {
  const json = form.exec(mark.text)?.[1]
  const told = json === undefined ? null : parsedMark(shape, Buffer.from(json, 'latin1').toString(), name)
  if (told === null) throw torn(name, mark.line)
  return told
}

function torn(name: string, line: number): EngineError {
  return refused(
    `the mark of Reverie in ${name}, line ${line}, is torn`,
    'restore it, or take it and the rest of the block away',
  )
}

function refuseLoss({ begin, lines }: Found, store: string, name: string): void {
  if (begin.store !== store)
    throw new EngineError(
      'conflict_error',
      `the block in ${name} is of the memory store ${begin.store}, not of ${store}`,
      {
        hint: 'give --replace to write over it',
      },
    )
  if (sha256(`\n${lines.join('\n')}`) !== begin.content_sha256)
    throw new EngineError('conflict_error', `somebody edited the block in ${name} since it was written`, {
      hint: 'take the edits over with `reverie memory import`, or give --replace to write over them',
    })
}

/** The file with the block in the place of the one found, or at its end, after an empty line; with the line ends of the file. */
function withBlock(before: Buffer, found: Found | null, text: string): Buffer {
  const newline = /^[^\n]*\r\n/.test(before.toString('latin1')) ? '\r\n' : '\n'
  const block = Buffer.from(text.replaceAll('\n', newline))
  if (found) return Buffer.concat([before.subarray(0, found.start), block, before.subarray(found.end)])
  const is_empty = before.length === 0 || before.equals(BOM)
  const gap = is_empty ? '' : before.at(-1) === 0x0a ? newline : newline + newline
  return Buffer.concat([before, Buffer.from(gap), block, Buffer.from(newline)])
}

const BOM = Buffer.from('\ufeff')

function refused(message: string, hint: string): EngineError {
  return new EngineError('invalid_request_error', message, { hint })
}
