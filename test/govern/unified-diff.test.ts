import fc from 'fast-check'
import { expect, test } from 'vitest'
import { unifiedDiff } from '../../src/govern/unified-diff.ts'

test.each<[what: string, before: string | null, after: string | null, diff: string[]]>([
  ['nothing', 'a\n', 'a\n', []],
  ['a new text', null, 'a\nb\n', ['@@ -0,0 +1,2 @@', '+a', '+b']],
  ['a text that goes', 'a\nb\n', null, ['@@ -1,2 +0,0 @@', '-a', '-b']],
  ['a line', 'a\nb\nc\n', 'a\nB\nc\n', ['@@ -1,3 +1,3 @@', ' a', '-b', '+B', ' c']],
  ['a space at the end of a line', 'a\n', 'a \n', ['@@ -1,1 +1,1 @@', '-a', '+a ']],
  ['the end of a line', 'a\n', 'a\r\n', ['@@ -1,1 +1,1 @@', '-a', '+a\r']],
  ['the last newline', 'a\n', 'a', ['@@ -1,1 +1,1 @@', '-a', '+a', '\\ No newline at end of file']],
  [
    'two places far apart',
    '1\n2\n3\n4\n5\n6\n7\n8\n9\n',
    '0\n1\n2\n3\n4\n5\n6\n7\n8\n',
    ['@@ -1,3 +1,4 @@', '+0', ' 1', ' 2', ' 3', '@@ -6,4 +7,3 @@', ' 6', ' 7', ' 8', '-9'],
  ],
  [
    'two places near each other',
    '1\n2\n3\n4\n5\n6\n7\n',
    '0\n1\n2\n3\n4\n5\n6\n',
    ['@@ -1,7 +1,7 @@', '+0', ' 1', ' 2', ' 3', ' 4', ' 5', ' 6', '-7'],
  ],
])('%s', (_, before, after, diff) => {
  expect(unifiedDiff(before, after)).toEqual(diff)
})

test('a text with the lines of its diff put in is the other text, to the byte', () => {
  const line = fc.constantFrom('a', 'b', 'c', '', '-', '+', '@@ -1,1 +1,1 @@', 'a\r', 'd ')
  const text = fc
    .tuple(fc.array(line, { maxLength: 20 }), fc.boolean())
    .map(([lines, ends]) => lines.join('\n') + (ends && lines.length > 0 ? '\n' : ''))
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(patched(before, unifiedDiff(before, after))).toBe(after)
    }),
    { numRuns: 500 },
  )
})

/** Reads a diff as any other program would, by the numbers in its heads, and refuses one that does not fit. */
function patched(text: string, diff: string[]): string {
  const lines = text.split(/(?<=\n)/)
  const result: string[] = []
  let at = 0
  let sign = ''
  for (const it of diff) {
    const head = /^@@ -(\d+),(\d+) \+\d+,\d+ @@$/.exec(it)
    const place = result.length
    if (head) {
      const start = Number(head[1]) - (head[2] === '0' ? 0 : 1)
      result.push(...lines.slice(at, start))
      at = start
    } else if (it.startsWith('\\')) {
      if (sign !== '-') result[place - 1] = result[place - 1]!.replace(/\n$/, '')
    } else {
      const line = `${it.slice(1)}\n`
      if (it[0] !== '+') expect(lines[at++]!.replace(/\n?$/, '\n')).toBe(line)
      if (it[0] !== '-') result.push(line)
    }
    sign = it[0]!
  }
  return [...result, ...lines.slice(at)].join('')
}
