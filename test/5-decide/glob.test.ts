import { expect, test } from 'vitest'
import { fitsGlob } from '../../src/5-decide/glob.ts'

test.each([
  ['/notes.md', '/notes.md', true],
  ['/notes.md', '/a/notes.md', false],
  ['/notes.md', '/notesXmd', false],
  ['/*', '/notes.md', true],
  ['/*', '/a/notes.md', false],
  ['/*.md', '/a.md', true],
  ['/**', '/a/b/c.md', true],
  ['/mistakes/**', '/mistakes/a/b.md', true],
  ['/mistakes/**', '/mistakes', false],
  ['/mistakes/**', '/mistakes-2/a.md', false],
  ['/**/x.md', '/x.md', true],
  ['/**/x.md', '/a/b/x.md', true],
  ['/**/x.md', '/a/bx.md', false],
  ['/a?.md', '/ab.md', true],
  ['/a?.md', '/a/.md', false],
  ['/a+(b|c)$.md', '/a+(b|c)$.md', true],
  ['/größe/*', '/größe/ü.md', true],
])('%s fits %s: %s', (glob, path, fits) => {
  expect(fitsGlob(glob, path)).toBe(fits)
})
