import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { indexFile } from '../../src/4-consolidate/index-file.ts'
import { memoryFile } from '../../src/4-consolidate/memory-file.ts'
import { pattern } from './patterns.ts'

test('the index has one line a memory, in the order of their paths, stale ones last', () => {
  expect(
    indexFile([
      { path: '/notes/tone.md', content: '\n\n## Be   kind\nand brief\n' },
      { path: '/mistakes/b.md', content: memoryFile(pattern(2), '2026-11-03') },
      { path: '/mistakes/a.md', content: memoryFile(pattern(1, { status: 'stale' }), '2026-11-03') },
      { path: '/notes/empty.md', content: '' },
      { path: '/_index.md', content: 'an older index' },
    ]),
  ).toBe(`# What earlier sessions taught

- [/mistakes/b.md](/mistakes/b.md): Call \`get\` before \`update_2\`.
- [/notes/empty.md](/notes/empty.md): (empty)
- [/notes/tone.md](/notes/tone.md): Be kind
- [/mistakes/a.md](/mistakes/a.md): (stale) Call \`get\` before \`update_1\`.
`)
})

test('a long line is cut to 200 characters, and never inside one', () => {
  const [, , line] = indexFile([{ path: '/a.md', content: '😀'.repeat(300) }]).split('\n')
  expect(line).toBe(`- [/a.md](/a.md): ${'😀'.repeat(199)}…`)
})

describe('however many memories there are', () => {
  const file = (i: number, content: string) => ({ path: `/notes/${String(i).padStart(4, '0')}.md`, content })
  const lines = (index: string) => index.split('\n').slice(0, -1)

  test.each([
    { memories: 197, listed: 197, last: /^- \[\/notes\/0196/ },
    { memories: 198, listed: 197, last: /^- … and 1 more$/ },
    { memories: 5_000, listed: 197, last: /^- … and 4803 more$/ },
  ])('$memories give at most 200 lines', ({ memories, listed, last }) => {
    const index = lines(indexFile(Array.from({ length: memories }, (_, i) => file(i, 'Be kind.'))))
    expect(index.length).toBeLessThanOrEqual(200)
    expect(index.filter((it) => it.startsWith('- [/'))).toHaveLength(listed)
    expect(index.at(-1)).toMatch(last)
  })

  test('the index keeps to 25 KB, whatever the length of its lines', () => {
    for (let length = 1; length <= 250; length++) {
      const index = indexFile(Array.from({ length: 300 }, (_, i) => file(i, 'ü'.repeat(length))))
      expect(Buffer.byteLength(index), `lines of ${length}`).toBeLessThanOrEqual(25_000)
    }
  })

  test('the index keeps to 200 lines and 25 KB, lists each memory at most once, and says how many it left out', () => {
    fc.assert(
      fc.property(fc.nat(300), fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 }), (n, text) => {
        const index = indexFile(Array.from({ length: n }, (_, i) => file(i, text)))
        const listed = lines(index).filter((it) => it.startsWith('- [/'))
        const left_out = Number(/^- … and (\d+) more$/m.exec(index)?.[1] ?? 0)
        expect(lines(index).length).toBeLessThanOrEqual(200)
        expect(Buffer.byteLength(index)).toBeLessThanOrEqual(25_000)
        expect(listed.length + left_out).toBe(n)
        expect(new Set(listed).size).toBe(listed.length)
      }),
    )
  })
})
