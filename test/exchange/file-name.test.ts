/** A memory may be called anything; its file must be a file on every system. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fileNames } from '../../src/exchange/file-name.ts'
import { anyPath } from './memories.ts'

test.each([
  ['a plain path', '/mistakes/get-order-first.md'],
  ['letters of any language', '/lecciones/pedido-año.md'],
  ['an alphabet that is not Latin', '/経験/注文.md'],
  ['spaces and signs that every system takes', '/my notes/a+b (1), c@d=e_f.md'],
])('%s is its own name', (_, path) => {
  expect(nameOf(path)).toBe(path.slice(1))
})

test.each([
  ['a way out of the folder', '/../outside.md', /^outside~[0-9a-f]{24}\.md$/],
  ['a way out in the middle', '/a/../../b.md', /^b~/],
  ['a hidden file', '/.git/config', /^config~/],
  ['a name Windows keeps for a device', '/notes/CON.md', /^CON~.*\.md$/],
  ['a device with two extensions', '/com1.tar.gz', /^com1-tar~.*\.gz$/],
  ['a character Windows forbids', '/a<b>:"c|d?*e.md', /^a-b-c-d-e~/],
  ['a backslash', '/..\\..\\a.md', /^a~/],
  ['a dot at the end', '/a.', /^a~/],
  ['a space at the end of a folder', '/a /b.md', /^b~/],
  ['an empty name', '/', /^memory~/],
  ['an empty folder', '//a.md', /^a~/],
  ['a NUL', '/a\0b', /^a-b~/],
  ['a line break', '/a\nb.md', /^a-b~.*\.md$/],
  ['text that reads backwards', '/\u202egnp.md', /^gnp~/],
  ['an accent written as two characters', '/e\u0301.md', /^e~/],
  ['signs only', '/🙂', /^memory~[0-9a-f]{24}$/],
  ['a name longer than systems take', `/${'x'.repeat(300)}.md`, /^x{40}~.*\.md$/],
  ['a path deeper than systems take', '/a'.repeat(2_000), /^a~/],
  ['what file managers leave behind', '/notes/Thumbs.db', /^Thumbs~.*\.db$/],
  ['the name of the manifest', '/Reverie-Manifest.json', /^Reverie-Manifest~.*\.json$/],
])('%s gets a name made for it', (_, path, name) => {
  expect(nameOf(path)).toMatch(name)
})

test.each([
  ['in case', ['/A.md', '/a.md']],
  ['in the case of a folder below which one is a file', ['/Notes', '/notes/a.md']],
  ['as a file and a folder', ['/notes', '/notes/a.md']],
  ['as a folder and a file', ['/notes/a.md', '/notes']],
  ['in a ligature', ['/ﬁle.md', '/file.md']],
  ['in an ß', ['/straße.md', '/STRASSE.md']],
])('two that differ only %s get names that differ everywhere', (_, paths) => {
  const names = [...fileNames(paths, { taken: [] }).values()]

  expect(names[0]).toBe(paths[0]!.slice(1))
  expect(names[1]).toMatch(/~/)
})

test('no two paths ever share a file, on any system, and none is refused by one', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(anyPath, { maxLength: 12 }),
      fc.constantFrom('', '.md'),
      (paths, extension) => {
        const names = [...fileNames(paths, { taken: ['MEMORY.md'], extension }).values()]
        const keys = names.map((it) => it.normalize('NFD').toLowerCase())

        expect(new Set(keys).size).toBe(paths.length)
        for (const a of keys) for (const b of keys) expect(b.startsWith(`${a}/`)).toBe(false)
        for (const it of names) {
          expect(it).not.toMatch(/[<>:"\\|?*\p{Cc}]|(?:^|\/)(?:\.|\/|$)|[. ](?:\/|$)/u)
          expect(it).not.toMatch(/(?:^|\/)(?:con|prn|aux|nul|com\d|lpt\d)(?:[./]|$)/i)
          expect(Buffer.byteLength(it)).toBeLessThan(200)
          expect(it.endsWith(extension)).toBe(true)
        }
      },
    ),
    { numRuns: 500 },
  )
})

function nameOf(path: string): string {
  return fileNames([path], { taken: ['reverie-manifest.json'] }).get(path)!
}
