/** The folder of Markdown: exact, or refused by the name of the file that is not what it was. */
import { expect, test } from 'vitest'
import { exportMemories, importMemories } from '../../src/exchange/exchange.ts'
import type { ExchangeFile } from '../../src/exchange/file.ts'
import { exporting, stored } from './memories.ts'

const MANIFEST = 'reverie-manifest.json'
const contents = { '/a.md': 'a\n', '/b.md': '', '/CON': 'device\r\n' }

test('the manifest says of each file which memory it is, its hash, and who wrote it when', () => {
  const { files } = exportMemories('markdown', exporting({ '/a.md': 'a\n' }))

  expect(JSON.parse(textIn(files, MANIFEST))).toEqual({
    format: 'reverie-memory-store',
    format_version: 1,
    store: 'desk',
    agent: 'refund-desk',
    exported_at: '2026-11-03T09:00:00.000Z',
    memories: [
      {
        path: '/a.md',
        file: 'a.md',
        content_sha256: '87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7',
        content_size_bytes: 2,
        created_by: 'user:ann',
        created_at: '2026-11-03T09:00:00.000Z',
        updated_at: '2026-11-03T09:00:00.000Z',
      },
    ],
  })
})

test('an import knows who wrote a memory where it comes from', () => {
  const { files } = exportMemories('markdown', exporting({ '/a.md': 'a\n' }))

  expect(importMemories('markdown', files).memories[0]!.earlier).toEqual({
    created_by: 'user:ann',
    updated_at: '2026-11-03T09:00:00.000Z',
  })
})

test.each<{ name: string; spoil: (files: ExchangeFile[]) => ExchangeFile[]; told: RegExp }>([
  { name: 'was edited', spoil: (it) => withText(it, 'a.md', 'A\n'), told: /: a\.md was changed; nothing/ },
  { name: 'lost its line ends', spoil: (it) => withText(it, 'a.md', 'a\r\n'), told: /a\.md was changed/ },
  {
    name: 'is no text any more',
    spoil: (it) => [...without(it, 'a.md'), { name: 'a.md', bytes: Buffer.from([0xff]) }],
    told: /a\.md was changed/,
  },
  { name: 'is missing', spoil: (it) => without(it, 'b.md'), told: /b\.md is missing/ },
  { name: 'came in addition', spoil: (it) => [...it, file('new.md', 'x')], told: /new\.md is not listed/ },
  {
    name: 'stands in the manifest twice',
    spoil: (it) =>
      withManifest(it, (m) => ({
        ...m,
        memories: [m.memories[1], { ...m.memories[1], path: '/c' }, ...m.memories],
      })),
    told: /a\.md is listed twice/,
  },
  {
    name: 'is outside of the folder',
    spoil: (it) =>
      withManifest(it, (m) => ({ ...m, memories: [{ ...m.memories[0], file: '../../etc/passwd' }] })),
    told: /\.\.\/\.\.\/etc\/passwd is missing/,
  },
])('a file that $name is refused by name, and with it everything', ({ spoil, told }) => {
  const { files } = exportMemories('markdown', exporting(contents))

  expect(() => importMemories('markdown', spoil(files))).toThrow(told)
})

test.each([
  ['no JSON', '{', /is not JSON.*nothing was imported/s],
  ['no object', '[]', /it has no format_version/],
  ['another program’s', '{"format_version":1,"format":"x"}', /is not a manifest: format/],
  [
    'one with a path that is none',
    '{"format_version":1,"format":"reverie-memory-store","store":null,"agent":null,"exported_at":null,"memories":[{"path":"a"}]}',
    /is not a manifest: memories\.0\.path/,
  ],
  ['one of the future', '{"format_version":7}', /format version 7, and this Reverie reads up to 1/],
])('a manifest that is %s is refused', (_, text, told) => {
  expect(() => importMemories('markdown', [file(MANIFEST, text)])).toThrow(told)
})

test('what file managers leave in a folder is not in the way', () => {
  const { files } = exportMemories('markdown', exporting(contents))
  const litter = ['.DS_Store', 'notes/._a.md', 'Thumbs.db', 'desktop.ini'].map((it) => file(it, '\0'))

  expect(importMemories('markdown', [...files, ...litter]).memories).toHaveLength(3)
})

test('a name that the file system wrote with accents of its own is found', () => {
  const { files } = exportMemories('markdown', exporting({ '/é.md': 'x' }))
  const renamed = files.map((it) => ({ ...it, name: it.name.normalize('NFD') }))

  expect(importMemories('markdown', renamed).memories).toMatchObject([{ path: '/é.md', content: 'x' }])
})

test('a stored export of version 0, which had no manifest, is imported', () => {
  const { format_version, memories, skipped, notes } = importMemories('markdown', stored('version-0'))

  expect(format_version).toBe(0)
  expect(memories.map((it) => [it.path, it.content, it.earlier])).toEqual([
    ['/_index.md', '# What earlier sessions taught\n\n- [/notes/año.md](/notes/año.md): Orders\n', null],
    ['/empty.md', '', null],
    ['/notes/año.md', '# Orders\r\n\r\nAsk first.', null],
  ])
  expect(skipped).toEqual([{ file: 'picture.png', reason: 'no UTF-8 text' }])
  expect(notes).toHaveLength(1)
})

test('a stored export of version 1 is imported, and written again just so', () => {
  const files = stored('version-1')
  const { format_version, memories } = importMemories('markdown', files)

  expect(format_version).toBe(1)
  expect(Object.fromEntries(memories.map((it) => [it.path, it.content]))).toEqual({
    '/../up.md': 'No way out.\n',
    '/empty.md': '',
    '/notes/año.md': '# Orders\r\n\r\nAsk first.',
  })
  const again = exportMemories(
    'markdown',
    exporting(Object.fromEntries(memories.map((it) => [it.path, it.content]))),
  )
  expect(byName(again.files)).toEqual(byName(files))
})

function byName(files: ExchangeFile[]): Record<string, string> {
  return Object.fromEntries(files.map((it) => [it.name, Buffer.from(it.bytes).toString()]))
}

function file(name: string, text: string): ExchangeFile {
  return { name, bytes: Buffer.from(text) }
}

function textIn(files: ExchangeFile[], name: string): string {
  return Buffer.from(files.find((it) => it.name === name)!.bytes).toString()
}

function without(files: ExchangeFile[], name: string): ExchangeFile[] {
  return files.filter((it) => it.name !== name)
}

function withText(files: ExchangeFile[], name: string, text: string): ExchangeFile[] {
  return [...without(files, name), file(name, text)]
}

// biome-ignore lint/suspicious/noExplicitAny: a manifest that is spoiled on purpose has no type
function withManifest(files: ExchangeFile[], spoil: (manifest: any) => unknown): ExchangeFile[] {
  return withText(files, MANIFEST, JSON.stringify(spoil(JSON.parse(textIn(files, MANIFEST)))))
}
