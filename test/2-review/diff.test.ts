import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hunksOf } from '../../src/2-review/diff.ts'

test.each([
  { name: 'nothing changed', before: 'a b c', after: 'a b c', hunks: [] },
  { name: 'all is new', before: '', after: 'a b', hunks: [{ removed: [], added: ['a', 'b'], at: 0 }] },
  { name: 'all is gone', before: 'a b', after: '', hunks: [{ removed: ['a', 'b'], added: [], at: 0 }] },
  {
    name: 'one item was put in',
    before: 'a c',
    after: 'a b c',
    hunks: [{ removed: [], added: ['b'], at: 1 }],
  },
  {
    name: 'one was replaced',
    before: 'a b c',
    after: 'a x c',
    hunks: [{ removed: ['b'], added: ['x'], at: 1 }],
  },
  {
    name: 'two places changed',
    before: 'a b c d e',
    after: 'a x c e f',
    hunks: [
      { removed: ['b'], added: ['x'], at: 1 },
      { removed: ['d'], added: [], at: 3 },
      { removed: [], added: ['f'], at: 4 },
    ],
  },
])('$name', ({ before, after, hunks }) => {
  expect(hunksOf(items(before), items(after))).toEqual(hunks)
})

const text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 })

test('applied to the text before, hunks give the text after', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      expect(applied(before, hunksOf(before, after)!)).toEqual(after)
    }),
  )
})

test('no fewer items could have been changed', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const changed = hunksOf(before, after)!.reduce(
        (sum, it) => sum + it.removed.length + it.added.length,
        0,
      )
      expect(changed).toBe(before.length + after.length - 2 * longestCommon(before, after))
    }),
  )
})

test('a small change of a very long text is found, a long text written anew is not compared', () => {
  const long = Array.from({ length: 50_000 }, (_, i) => `sentence ${i}`)
  expect(hunksOf(long, long.toSpliced(7_000, 1, 'another'))).toEqual([
    { removed: ['sentence 7000'], added: ['another'], at: 7_000 },
  ])
  expect(hunksOf(long, long.toReversed())).toBeNull()
})

function items(text: string): string[] {
  return text.split(' ').filter((it) => it !== '')
}

function applied(before: string[], hunks: { removed: string[]; added: string[]; at: number }[]): string[] {
  return hunks.reduce((text, it) => text.toSpliced(it.at, it.removed.length, ...it.added), before)
}

/** By trying every choice: slow, and plainly right. */
function longestCommon(a: string[], b: string[], known = new Map<string, number>()): number {
  if (a.length === 0 || b.length === 0) return 0
  const key = `${a.length},${b.length}`
  if (!known.has(key)) {
    const [, ...rest_a] = a
    const [, ...rest_b] = b
    known.set(
      key,
      a[0] === b[0]
        ? 1 + longestCommon(rest_a, rest_b, known)
        : Math.max(longestCommon(rest_a, b, known), longestCommon(a, rest_b, known)),
    )
  }
  return known.get(key)!
}
