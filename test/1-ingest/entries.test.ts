import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fileChunks, MAX_LINE_BYTES, readEntries } from '../../src/1-ingest/entries.ts'
import { MAX_DEPTH } from '../../src/1-ingest/json.ts'
import type { Entry, Problem } from '../../src/1-ingest/transcript.ts'

/** Entries as `line:value`, problems as `line:reason`. */
function read(...chunks: (string | Uint8Array)[]): { entries: string[]; problems: string[] } {
  const { entries, problems } = readAll(chunks.map((it) => Buffer.from(it as string)))
  return {
    entries: entries.map((it) => `${it.line}:${JSON.stringify(it.value)}`),
    problems: problems.map((it) => `${it.line}:${it.reason}`),
  }
}

function readAll(chunks: Iterable<Uint8Array>): { entries: Entry[]; problems: Problem[] } {
  const problems: Problem[] = []
  const entries = [...readEntries(chunks, (it) => problems.push(it))]
  return { entries, problems }
}

describe('lines that are read without a word', () => {
  test.each([
    ['one value a line', '{"a":1}\n{"a":2}\n', ['1:{"a":1}', '2:{"a":2}']],
    ['no newline at the end', '{"a":1}\n{"a":2}', ['1:{"a":1}', '2:{"a":2}']],
    ['newlines of Windows', '{"a":1}\r\n{"a":2}\r\n', ['1:{"a":1}', '2:{"a":2}']],
    ['a byte order mark', '\ufeff{"a":1}\n{"a":2}\n', ['1:{"a":1}', '2:{"a":2}']],
    ['blank lines', '\n{"a":1}\n  \n\r\n{"a":2}\n\n', ['2:{"a":1}', '5:{"a":2}']],
    [
      'two objects glued on one line',
      '{"a":1}{"a":"}{"}\n{"a":3}',
      ['1:{"a":1}', '1:{"a":"}{"}', '2:{"a":3}'],
    ],
    [
      'glued objects with quotes and backslashes',
      '{"a":"\\"}{"}{"b":"\\\\"}',
      ['1:{"a":"\\"}{"}', '1:{"b":"\\\\"}'],
    ],
    [
      'three objects with spaces between',
      '{"a":1} {"a":2}\t{"a":3}',
      ['1:{"a":1}', '1:{"a":2}', '1:{"a":3}'],
    ],
    ['an object printed over lines', '{\n  "a": [\n    1,\n    2\n  ]\n}\n', ['1:{"a":[1,2]}']],
    ['a byte order mark before a printed object', '\ufeff{\n"a": 1\n}\n', ['1:{"a":1}']],
    ['two objects printed over lines', '{\n"a": 1\n}\n{\n"a": 2\n}\n', ['1:{"a":1}', '4:{"a":2}']],
    [
      'an array printed over lines, element by element',
      '[\n  {\n    "a": 1\n  },\n  {\n    "a": "]"\n  }\n]',
      ['2:{"a":1}', '5:{"a":"]"}'],
    ],
    ['an array with one object a line', '[\n{"a":1},\n{"a":2}\n]', ['2:{"a":1}', '3:{"a":2}']],
    ['a file that is one array on one line', '[{"a":1},{"a":2}]\n', ['1:{"a":1}', '1:{"a":2}']],
    ['arrays among other lines stay arrays', '[{"a":1}]\n[{"a":2}]\n', ['1:[{"a":1}]', '2:[{"a":2}]']],
    ['U+FFFD that stands there by right', '{"a":"\ufffd"}', ['1:{"a":"\ufffd"}']],
  ])('%s', (_, text, expected) => {
    expect(read(text)).toEqual({ entries: expected, problems: [] })
  })
})

describe('lines that are reported, while the others are kept', () => {
  const TORN = 'torn: a JSON value that does not end'
  test.each([
    ['a torn last line', '{"a":1}\n{"a":"b', ['1:{"a":1}'], [`2:${TORN}`]],
    ['a torn first line', '{"a":"b\n{"a":2}\n', ['2:{"a":2}'], [`1:${TORN}`]],
    [
      'a first line torn after a comma',
      '{"a":1,\n{"a":2}\n{"a":3}\n',
      ['2:{"a":2}', '3:{"a":3}'],
      [`1:${TORN}`],
    ],
    ['a first line torn after a comma, one line after it', '{"a":1,\n{"a":2}', ['2:{"a":2}'], [`1:${TORN}`]],
    [
      'a torn line with the next one glued to it',
      '{"a":"b{"a":2}\n{"a":3}',
      ['1:{"a":2}', '2:{"a":3}'],
      [`1:${TORN}`],
    ],
    ['a line torn and glued deep inside', '{"a":[{"b":"c{"a":[2]}', ['1:{"a":[2]}'], [`1:${TORN}`]],
    [
      'comments',
      '// by hand\n# by hand\n{"a":1}',
      ['3:{"a":1}'],
      ['1:comment passed over', '2:comment passed over'],
    ],
    ['words', 'hello\n{"a":1}', ['2:{"a":1}'], ['1:not JSON']],
    ['words before an object', 'log: {"a":1}', ['1:{"a":1}'], ['1:not JSON']],
    ['a printed object cut off', '{\n  "a": 1,\n  "b": [', [], [`1:${TORN}`]],
    ['a printed array cut off', '[\n  {\n"a": 1\n},\n  {\n"a"', ['2:{"a":1}'], [`5:${TORN}`]],
    ['an empty file', '', [], ['null:empty file']],
    [
      'zeros that a power failure left',
      `{"a":1}\n${'\0'.repeat(512)}{"a":2}\n{"a":3}`,
      ['1:{"a":1}', '2:{"a":2}', '3:{"a":3}'],
      ['2:not JSON'],
    ],
    ['a binary file', 'ELF\0\0{"a":1}\n', [], ['null:binary file, not a transcript']],
    [
      'UTF-16',
      Buffer.from('\ufeff{"a":1}', 'utf16le'),
      [],
      ['null:UTF-16 text; save it as UTF-8: iconv -f UTF-16 -t UTF-8 FILE'],
    ],
    ['gzip', gzipSync('{"a":1}'), [], ['null:compressed with gzip; unpack it first: gzip -d FILE']],
    ['zstd', zstdCompressSync('{"a":1}'), [], ['null:compressed with zstd; unpack it first: zstd -d FILE']],
  ])('%s', (_, bytes, entries, problems) => {
    expect(read(bytes)).toEqual({ entries, problems })
  })

  test('bytes that are not UTF-8 are replaced, and reported once a file', () => {
    const bad = Buffer.from([...Buffer.from('{"a":"'), 0xc3, 0x28, ...Buffer.from('"}\n')])
    expect(read('{"a":1}\n', bad, bad)).toEqual({
      entries: ['1:{"a":1}', '2:{"a":"\ufffd("}', '3:{"a":"\ufffd("}'],
      problems: ['2:not UTF-8; bytes that cannot be read are replaced here and further on'],
    })
  })
})

describe('nesting', () => {
  const nested = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`
  const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`

  test.each([
    ['as deep as allowed', nested(MAX_DEPTH), true],
    ['one level deeper', nested(MAX_DEPTH + 1), false],
    ['objects, one level deeper', objects(MAX_DEPTH + 1), false],
    ['100,000 levels', nested(100_000), false],
    ['10,000,000 levels', nested(10_000_000), false],
    ['10,000,000 levels that never end', '['.repeat(10_000_000), false],
    ['100,000 levels glued to another value', `{"b":1}${nested(100_000)}`, true],
    ['100,000 levels printed over lines', nested(100_000).replaceAll('[[', '[\n['), false],
    ['brackets in a string are no levels', `{"a":"${'['.repeat(2_000_000)}"}`, true],
  ])('%s', (_, text, is_read) => {
    const { entries, problems } = readAll([Buffer.from(`${text}\n`)])
    expect(entries).toHaveLength(is_read ? 1 : 0)
    for (const { value } of entries) expect(() => JSON.stringify(value)).not.toThrow()
    if (!is_read) expect(problems[0]!.reason).toMatch(/deeper than 1000 levels|does not end/)
  })
})

test('half a million values glued on one line are read in one go over it', () => {
  expect(readAll([Buffer.from('{}'.repeat(500_000))]).entries).toHaveLength(500_000)
}, 10_000)

test('60,000,000 levels on one line need little more memory than the line', () => {
  const script = `
    import { readEntries } from ${JSON.stringify(join(import.meta.dirname, '../../src/1-ingest/entries.ts'))}
    const line = Buffer.alloc(60_000_000, '[')
    for (const _ of readEntries([line], () => {})) throw new Error('read')
    console.log(process.resourceUsage().maxRSS)`
  const kilobytes = Number(execFileSync(process.execPath, ['--input-type=module', '-e', script]))
  expect(kilobytes).toBeLessThan(800_000)
})

test('lines after a torn first line are given before the file ends', () => {
  const given: number[] = []
  function* chunks() {
    yield Buffer.from('{"a":1,\n{"a":2}\n{"a":3}\n')
    expect(given).toEqual([2, 3])
    yield Buffer.from('{"a":4}\n')
  }
  for (const { line } of readEntries(chunks(), () => {})) given.push(line)
  expect(given).toEqual([2, 3, 4])
})

describe('long lines', () => {
  const MB = 1024 * 1024
  const filler = Buffer.alloc(MB, 'x')

  function* longLine(megabytes: number): Generator<Buffer> {
    yield Buffer.from('{"a":1}\n{"a":"')
    for (let i = 0; i < megabytes; i++) yield filler
    yield Buffer.from('"}\n{"a":3}\n')
  }

  test('one of 200 MB is passed over without being held, and the lines around it are kept', () => {
    let most = 0
    const { entries, problems } = readAll(
      (function* () {
        for (const chunk of longLine(200)) {
          most = Math.max(most, process.memoryUsage().arrayBuffers)
          yield chunk
        }
      })(),
    )
    expect(entries).toEqual([
      { line: 1, value: { a: 1 } },
      { line: 3, value: { a: 3 } },
    ])
    expect(problems).toEqual([{ line: 2, reason: 'line of 201 MB passed over; at most 32 MB are read' }])
    expect(most).toBeLessThan(2 * MAX_LINE_BYTES)
  })

  test('one just under the limit is read', () => {
    const { entries, problems } = readAll(longLine(31))
    expect(problems).toEqual([])
    expect(entries.map((it) => it.line)).toEqual([1, 2, 3])
  })
})

test('where the chunks are cut changes nothing', () => {
  const bytes = Buffer.from('\ufeff{"a":"ä€😀"}\r\n\n{"b":1}{"b":2}\n// c\n{"c":"\\"\\\\"}\n{"d":')
  const whole = readAll([bytes])
  for (let size = 1; size < bytes.length; size++) {
    const chunks = []
    for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size))
    expect(readAll(chunks)).toEqual(whole)
  }
})

describe('fileChunks', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'reverie-entries-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  test('a file of several chunks is read whole, although they share their memory', () => {
    const path = join(folder, 'long.jsonl')
    const lines = Array.from({ length: 30_000 }, (_, i) => JSON.stringify({ i, text: 'x'.repeat(i % 300) }))
    writeFileSync(path, lines.join('\n'))
    const { entries, problems } = readAll(fileChunks(path))
    expect(problems).toEqual([])
    expect(entries.map((it) => JSON.stringify(it.value))).toEqual(lines)
  })

  test.runIf(process.platform === 'linux')('a file that is read in part is closed', () => {
    const path = join(folder, 'short.jsonl')
    writeFileSync(path, '{"a":1}\n{"a":2}\n{"a":3}\n')
    for (const _ of readEntries(fileChunks(path), () => {})) break
    const open = execFileSync('ls', ['-l', `/proc/${process.pid}/fd`], { encoding: 'utf8' })
    expect(open).not.toContain(path)
  })
})
