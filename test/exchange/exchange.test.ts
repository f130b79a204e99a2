/** What every format promises: what goes out comes back, and what does not go out is named. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exportMemories, type Format, importMemories } from '../../src/exchange/exchange.ts'
import type { Export, Exporting } from '../../src/exchange/file.ts'
import { anyContents, exporting } from './memories.ts'

const FORMATS: Format[] = ['markdown', 'claude-code', 'claude-md', 'agents-md', 'skills', 'mem0']

test.each(FORMATS)('%s: every memory comes back to the byte, or is named as left out', (format) => {
  fc.assert(
    fc.property(anyContents, (contents) => {
      const sent = exporting(contents)
      const out = exportMemories(format, withFile(format, sent))
      const back = importMemories(format, out.files)
      const missing = leftOutWhole(out)

      expect(Object.fromEntries(back.memories.map((it) => [it.path, it.content]))).toEqual(
        Object.fromEntries(Object.entries(contents).filter(([path]) => !missing.includes(path))),
      )
      expect(out.memories).toBe(back.memories.length)
      expect(back.skipped).toEqual([])
      expect(back.notes).toEqual([])
      if (out.memories > 0) expect(back.format_version).toBe(1)
    }),
    { numRuns: 300 },
  )
})

test.each(FORMATS)('%s: the same memories give the same files', (format) => {
  fc.assert(
    fc.property(anyContents, (contents) => {
      const files = () => exportMemories(format, withFile(format, exporting(contents))).files

      expect(files()).toEqual(files())
    }),
    { numRuns: 50 },
  )
})

test.each<{ format: Format; left_out: Export['left_out'] }>([
  { format: 'markdown', left_out: [] },
  { format: 'mem0', left_out: [] },
  {
    format: 'claude-code',
    left_out: [
      { what: 'the generated index', paths: ['/_index.md'] },
      { what: 'who wrote it and when', paths: ['/a.md', '/mixed.md'] },
    ],
  },
  {
    format: 'skills',
    left_out: [
      { what: 'the generated index', paths: ['/_index.md'] },
      { what: 'who wrote it and when', paths: ['/a.md', '/mixed.md'] },
    ],
  },
  {
    format: 'claude-md',
    left_out: [
      { what: 'the generated index', paths: ['/_index.md'] },
      { what: 'who wrote it and when', paths: ['/a.md'] },
      { what: 'the whole memory: its line ends are mixed, or it holds a NUL', paths: ['/mixed.md'] },
    ],
  },
])('$format says what it has no place for', ({ format, left_out }) => {
  const contents = {
    '/_index.md': '# What earlier sessions taught\n',
    '/a.md': 'a\n',
    '/mixed.md': 'a\r\nb\n',
  }

  expect(exportMemories(format, withFile(format, exporting(contents))).left_out).toEqual(left_out)
})

test.each<{ format: Format; files: Record<string, string> }>([
  {
    format: 'claude-code',
    files: {
      'a.md': `---\nname: a\nmetadata:\n  reverie: '{"format_version":1,"path":"/b.md","front":null}'\n---\n1`,
      'b.md': '2',
    },
  },
  {
    format: 'mem0',
    files: { 'm.json': '[{"id":"1","memory":"a"},{"id":"1","memory":"b"}]' },
  },
])('$format: two memories for one path are refused, not one of them lost', ({ format, files }) => {
  expect(() => importMemories(format, filesOf(files))).toThrow(
    / and .* are both the memory \/.*; nothing was imported/,
  )
})

test.each<{ format: Format; files: Record<string, string> }>([
  { format: 'markdown', files: { 'reverie-manifest.json': '{"format_version":2}' } },
  { format: 'claude-code', files: { 'MEMORY.md': '<!-- reverie:index {"format_version":2} -->\n' } },
  {
    format: 'claude-md',
    files: { 'C.md': '<!-- reverie:begin {"format_version":2} -->\n<!-- reverie:end -->\n' },
  },
  {
    format: 'skills',
    files: { 'a/SKILL.md': `---\nname: a\nmetadata:\n  reverie: '{"format_version":2}'\n---\n` },
  },
  {
    format: 'mem0',
    files: {
      'm.json': JSON.stringify([
        {
          memory: 'a',
          metadata: { reverie: { format_version: 2, path: '/a', created_by: 'user:ann' } },
          updated_at: '',
        },
      ]),
    },
  },
])('$format: what a newer Reverie wrote is refused, not guessed at', ({ format, files }) => {
  expect(() => importMemories(format, filesOf(files))).toThrow(/format version 2, and this Reverie .* 1/)
})

function withFile(format: Format, sent: Exporting): Exporting {
  const is_block = format === 'claude-md' || format === 'agents-md'
  return is_block ? { ...sent, existing: { name: 'C.md', bytes: Buffer.from('# Ours\n') } } : sent
}

function leftOutWhole({ left_out }: Export): string[] {
  return left_out.filter((it) => it.what !== 'who wrote it and when').flatMap((it) => it.paths)
}

function filesOf(files: Record<string, string>) {
  return Object.entries(files).map(([name, text]) => ({ name, bytes: Buffer.from(text) }))
}
