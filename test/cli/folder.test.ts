/** Files on a real disk: what an export writes there is what an import reads, and nobody's file is lost on the way. */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { readFolder, replaceFile, writeFolder, writeNewFile } from '../../src/cli/folder.ts'
import { exportMemories, type Format, importMemories } from '../../src/exchange/exchange.ts'
import { anyContents, exporting } from '../exchange/memories.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-folder-'))
afterAll(() => rmSync(home, { recursive: true }))

test.each<Format>(['markdown', 'claude-code', 'skills'])('%s: any store survives the disk', (format) => {
  let n = 0
  fc.assert(
    fc.property(anyContents, (contents) => {
      const { files } = exportMemories(format, exporting(contents))
      const folder = join(home, `${format}-${n++}`)
      writeFolder(folder, files)
      const back = importMemories(format, readFolder(folder).files)

      expect(Object.fromEntries(back.memories.map((it) => [it.path, it.content]))).toEqual(
        Object.fromEntries(
          Object.entries(contents).filter(([path]) => format === 'markdown' || path !== '/_index.md'),
        ),
      )
    }),
    { numRuns: 60 },
  )
})

test('a folder that holds something is left as it is', () => {
  const folder = folderWith({ 'theirs.md': 'theirs' })

  expect(() => writeFolder(folder, [file('a.md', 'a')])).toThrow(/is not empty/)
  expect(readdirSync(folder)).toEqual(['theirs.md'])
})

test('an export that fails halfway leaves nothing behind', () => {
  const folder = join(home, 'halfway')

  expect(() => writeFolder(folder, [file('a.md', 'a'), file('a.md/b.md', 'b')])).toThrow(/cannot write to/)
  expect(existsSync(folder)).toBe(false)
})

test('no name leads out of the folder', () => {
  expect(() => writeFolder(join(home, 'in'), [file('../out.md', 'x')])).toThrow(/leads out of/)
  expect(existsSync(join(home, 'out.md'))).toBe(false)
})

test('a file that is there is not written over', () => {
  const folder = folderWith({ 'm.json': 'theirs' })

  expect(() => writeNewFile(join(folder, 'm.json'), Buffer.from('ours'))).toThrow(/cannot write/)
  expect(readFileSync(join(folder, 'm.json'), 'utf8')).toBe('theirs')
})

test('links are not followed, and named', () => {
  const secret = folderWith({ secret: 'x' })
  const folder = folderWith({ 'a.md': 'a' })
  symlinkSync(join(secret, 'secret'), join(folder, 'link.md'))
  symlinkSync(secret, join(folder, 'links'))
  const { files, links } = readFolder(folder)

  expect(files.map((it) => it.name)).toEqual(['a.md'])
  expect(links.sort()).toEqual(['link.md', 'links'])
})

test('a history of git is not read', () => {
  const folder = folderWith({ 'a.md': 'a' })
  mkdirSync(join(folder, '.git'))
  writeFileSync(join(folder, '.git', 'HEAD'), 'x')

  expect(readFolder(folder).files.map((it) => it.name)).toEqual(['a.md'])
})

test('a replaced file keeps its mode, and a link to it stays one', () => {
  const folder = folderWith({ 'AGENTS.md': 'old' })
  chmodSync(join(folder, 'AGENTS.md'), 0o640)
  symlinkSync('AGENTS.md', join(folder, 'CLAUDE.md'))
  replaceFile(join(folder, 'CLAUDE.md'), Buffer.from('new'))

  expect(readFileSync(join(folder, 'AGENTS.md'), 'utf8')).toBe('new')
  expect(lstatSync(join(folder, 'CLAUDE.md')).isSymbolicLink()).toBe(true)
  expect(statSync(join(folder, 'AGENTS.md')).mode & 0o777).toBe(0o640)
  expect(readdirSync(folder).sort()).toEqual(['AGENTS.md', 'CLAUDE.md'])
})

let folders = 0

function folderWith(files: Record<string, string>): string {
  const folder = join(home, `folder-${folders++}`)
  mkdirSync(folder)
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

function file(name: string, text: string) {
  return { name, bytes: Buffer.from(text) }
}
