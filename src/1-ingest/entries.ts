import { isUtf8 } from 'node:buffer'
import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { MAX_DEPTH, NOT_JSON, parseJson, scan, TOO_DEEP } from './json.ts'
import type { Entry, Problem } from './transcript.ts'

/**
 * The bytes of one transcript file in, its JSON values out, each with the line it began on.
 *
 * A line is a value. Also read: two values glued on one line, one value printed over many lines,
 * and a file that is one array, whose elements are the entries. What is torn, too long, too deep or
 * not JSON is reported and passed over, and what stands around it is kept.
 *
 * The memory used is that of the longest line, never more than `MAX_LINE_BYTES` of it. No value
 * nests deeper than `MAX_DEPTH`, so whoever walks or writes one cannot overflow the stack.
 *
 * This file knows JSON and nothing of any harness. One that writes what nobody reads may `shorten` a
 * line before it is parsed; when the shorter text is not JSON, the whole line is read.
 */
export function* readEntries(
  chunks: Iterable<Uint8Array>,
  report: (problem: Problem) => void,
  shorten: Shorten = () => null,
): Generator<Entry> {
  const entries = readValues(chunks, report, shorten)
  try {
    const first = entries.next()
    if (first.done) return
    const second = entries.next()
    if (second.done) return yield* elementsOf(first.value)
    yield first.value
    yield second.value
    yield* entries
  } finally {
    entries.return(undefined)
  }
}

/** A shorter text in place of a line, or null to read the line as it is. */
export type Shorten = (line: string) => string | null

/** Longer lines are passed over without being held. */
export const MAX_LINE_BYTES = 32 * 1024 * 1024

/**
 * The bytes of a file, a piece at a time. Each piece stands in the same memory as the one before
 * it, so it must be used before the next one is asked for.
 */
export function* fileChunks(path: string): Generator<Buffer> {
  const file = openSync(path, 'r')
  try {
    // No larger than the file: memory outside the heap makes the collector work.
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(fstatSync(file).size, MIN_CHUNK_BYTES)))
    for (let size = readSync(file, chunk); size > 0; size = readSync(file, chunk))
      yield chunk.subarray(0, size)
  } finally {
    closeSync(file)
  }
}

const CHUNK_BYTES = 1024 * 1024
const MIN_CHUNK_BYTES = 16 * 1024

/** A file that is one array is a list of entries; an array among other lines is one entry. */
function* elementsOf({ line, value }: Entry): Generator<Entry> {
  if (!Array.isArray(value)) yield { line, value }
  else for (const element of value) yield { line, value: element }
}

function* readValues(
  chunks: Iterable<Uint8Array>,
  report: (problem: Problem) => void,
  shorten: Shorten,
): Generator<Entry> {
  let line = 0
  let is_json_lines = false
  let document: Document | null = null
  for (const texts of readLines(chunks, report)) {
    for (const text of texts) {
      line++
      if (document === null) {
        const value = parseLine(text, shorten)
        if (value !== NOT_JSON && value !== TOO_DEEP) {
          is_json_lines = true
          yield { line, value }
          continue
        }
        if (is_json_lines || value === TOO_DEEP || !opensDocument(text)) {
          yield* readOddLine(text, line, report)
          continue
        }
        document = { line, texts: [], characters: 0, depth: 0, ends_in_object: false }
      }
      const state = extend(document, text)
      if (state === 'open') continue
      if (state === 'closed') yield* readDocument(document, report)
      if (state === 'lines') yield* readAsLines(document, report)
      if (state === 'too long') report({ line: document.line, reason: LONG_DOCUMENT })
      is_json_lines = state !== 'closed'
      document = null
    }
  }
  if (document !== null) yield* readTornDocument(document, report)
}

function parseLine(text: string, shorten: Shorten): unknown {
  const shorter = shorten(text)
  const value = shorter === null ? NOT_JSON : parseJson(shorter)
  return value === NOT_JSON ? parseJson(text) : value
}

/**
 * Every line in order, as text; an empty one in place of a line that is too long, so lines can be
 * counted. The lines of a chunk come together, because one generator step a line costs as much as
 * parsing a short one.
 */
function* readLines(chunks: Iterable<Uint8Array>, report: (problem: Problem) => void): Generator<string[]> {
  let line = 1
  let unfinished: Buffer[] = []
  let unfinished_bytes = 0
  let is_valid = true
  let is_first = true

  function decode(bytes: Buffer, start: number, end: number): string {
    const text = bytes.toString('utf8', start, end)
    // Bytes that are not UTF-8 become U+FFFD, which may also stand there by right.
    if (is_valid && text.includes('\ufffd') && !isUtf8(bytes.subarray(start, end))) {
      is_valid = false
      report({ line, reason: 'not UTF-8; bytes that cannot be read are replaced here and further on' })
    }
    return text
  }

  function finish(bytes: Buffer, start: number, end: number): string {
    const size = unfinished_bytes + end - start
    const parts = unfinished
    unfinished = []
    unfinished_bytes = 0
    if (size > MAX_LINE_BYTES) {
      report({
        line,
        reason: `line of ${megabytes(size)} MB passed over; at most ${MAX_LINE_MB} MB are read`,
      })
      return ''
    }
    if (parts.length === 0) return decode(bytes, start, end)
    return decode(Buffer.concat([...parts, bytes.subarray(start, end)]), 0, size)
  }

  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    if (bytes.length === 0) continue
    if (is_first) {
      const reason = unreadable(bytes)
      if (reason !== null) return report({ line: null, reason })
      is_first = false
    }
    const lines: string[] = []
    let start = 0
    for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, start)) {
      const is_simple = unfinished_bytes === 0 && end - start <= MAX_LINE_BYTES
      lines.push(is_simple ? decode(bytes, start, end) : finish(bytes, start, end))
      start = end + 1
      line++
    }
    yield lines
    if (start === bytes.length) continue
    unfinished_bytes += bytes.length - start
    // A copy, because the memory of a chunk is used again.
    if (unfinished_bytes <= MAX_LINE_BYTES) unfinished.push(Buffer.from(bytes.subarray(start)))
    else unfinished = []
  }
  if (is_first) report({ line: null, reason: 'empty file' })
  if (unfinished_bytes > 0) yield [finish(Buffer.alloc(0), 0, 0)]
}

const NEWLINE = 0x0a
const MAX_LINE_MB = megabytes(MAX_LINE_BYTES)

function megabytes(bytes: number): number {
  return Math.ceil(bytes / 1024 / 1024)
}

/** Why a file that begins with these bytes is not read at all; null when it is. */
function unreadable(head: Buffer): string | null {
  for (const [magic, reason] of MAGIC) if (head.subarray(0, magic.length).equals(magic)) return reason
  return head.includes(0) && !BEGINS_AS_TEXT.test(head.toString('latin1', 0, 64))
    ? 'binary file, not a transcript'
    : null
}

/** What was cut off by a power failure may end in zeros, and what comes before them is kept. */
const BEGINS_AS_TEXT = /^(?:\xef\xbb\xbf)?\s*[[{/#]/

const MAGIC: [Buffer, string][] = [
  [Buffer.from([0x1f, 0x8b]), 'compressed with gzip; unpack it first: gzip -d FILE'],
  [Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), 'compressed with zstd; unpack it first: zstd -d FILE'],
  [Buffer.from('PK\x03\x04'), 'a zip archive; unpack it first: unzip FILE'],
  [Buffer.from([0xff, 0xfe]), 'UTF-16 text; save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE'],
  [Buffer.from([0xfe, 0xff]), 'UTF-16 text; save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE'],
]

/** A line that is not one JSON value: blank, a comment, several values, or torn. */
function* readOddLine(text: string, line: number, report: (problem: Problem) => void): Generator<Entry> {
  // White space, for JavaScript, includes a byte order mark.
  const start = text.trimStart()
  if (start === '') return
  if (start.startsWith('//') || start.startsWith('#')) return report({ line, reason: 'comment passed over' })
  yield* readSpans(text, 0, line, report)
}

/** Reads the values that stand side by side in `text` from `from` on. */
function* readSpans(
  text: string,
  from: number,
  first_line: number,
  report: (problem: Problem) => void,
): Generator<Entry> {
  let line = first_line
  let counted = 0
  for (const { start, end, is_whole } of spansOf(text, from)) {
    line += newlines(text, counted, start)
    counted = start
    const value = is_whole ? parseJson(text.slice(start, end)) : NOT_JSON
    if (value === TOO_DEEP)
      report({ line, reason: `JSON nested deeper than ${MAX_DEPTH} levels passed over` })
    else if (value !== NOT_JSON) yield { line, value }
    else report({ line, reason: is_whole ? 'not JSON' : 'torn: a JSON value that does not end' })
  }
}

type Span = { start: number; end: number; is_whole: boolean }

/** Splits at the brackets alone: whether a span is JSON is for the parser to say. */
function* spansOf(text: string, from: number): Generator<Span> {
  let start = from
  while (start < text.length) {
    const character = text[start]!
    if (character === '{' || character === '[') {
      const { end, broken_at } = scan(text, start, 0)
      // A value torn in the middle, with the next one glued to it, breaks off inside the next one.
      const next = broken_at === null ? -1 : text.lastIndexOf('{', broken_at)
      const stop = end ?? (next > start ? next : text.length)
      yield { start, end: stop, is_whole: end !== null }
      start = stop
    } else if (BETWEEN.test(character)) {
      start++
    } else {
      const stop = nextBracket(text, start)
      yield { start, end: stop, is_whole: true }
      start = stop
    }
  }
}

/** White space, the commas of an array, and the bracket that closes it. */
const BETWEEN = /[\s,\]]/

function nextBracket(text: string, from: number): number {
  const found = text.slice(from).search(/[{[]/)
  return found === -1 ? text.length : from + found
}

function newlines(text: string, from: number, to: number): number {
  let count = 0
  for (let at = from; at < to; at++) if (text.charCodeAt(at) === NEWLINE) count++
  return count
}

/** One JSON value printed over many lines, as far as it has been read. */
type Document = {
  line: number
  texts: string[]
  characters: number
  /** Brackets that are open. */
  depth: number
  /** The last line is a whole object by itself. */
  ends_in_object: boolean
}

const LONG_DOCUMENT = `one JSON value over many lines, longer than ${MAX_LINE_MB} MB; write it as one value a line: jq -c '.[]' FILE`

/** No line of a printed document ends inside a string; a torn line of JSON mostly does. */
function opensDocument(text: string): boolean {
  const { depth, in_string, broken_at } = scan(text, 0, 0)
  return /^\s*[{[]/.test(text) && depth > 0 && !in_string && broken_at === null
}

/** `lines` when the first line turns out to be torn: no document has two whole objects on two lines without a comma. */
function extend(document: Document, text: string): 'open' | 'closed' | 'lines' | 'too long' {
  document.texts.push(text)
  document.characters += text.length + 1
  const { depth, end } = scan(text, 0, document.depth)
  document.depth = depth
  if (end !== null) return 'closed'
  const is_object = /^\s*\{/.test(text) && /\}\s*$/.test(text) && parseJson(text) !== NOT_JSON
  if (is_object && document.ends_in_object) return 'lines'
  document.ends_in_object = is_object
  return document.characters > MAX_LINE_BYTES ? 'too long' : 'open'
}

function* readDocument(document: Document, report: (problem: Problem) => void): Generator<Entry> {
  const text = document.texts.join('\n')
  // The bracket of an array is passed over, so that its elements stand side by side.
  const from = /^\s*\[/.exec(text)?.[0].length ?? 0
  yield* readSpans(text, from, document.line, report)
}

function* readAsLines(document: Document, report: (problem: Problem) => void): Generator<Entry> {
  for (const [index, text] of document.texts.entries())
    yield* readOddLine(text, document.line + index, report)
}

/** The file ended inside a document: of an array the whole elements are kept, else the lines that are values. */
function* readTornDocument(document: Document, report: (problem: Problem) => void): Generator<Entry> {
  yield* document.ends_in_object ? readAsLines(document, report) : readDocument(document, report)
}
