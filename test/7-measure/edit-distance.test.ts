import fc from 'fast-check'
import { expect, test } from 'vitest'
import { editDistance } from '../../src/7-measure/edit-distance.ts'

test.each([
  { name: 'taken as it was', before: 'a b c d', after: 'a b c d', share: 0 },
  { name: 'only its white space changed', before: 'a b\nc d', after: ' a  b c d\n', share: 0 },
  { name: 'one word of four replaced', before: 'a b c d', after: 'a x c d', share: 0.25 },
  { name: 'one word of four taken out', before: 'a b c d', after: 'a c d', share: 0.25 },
  { name: 'a word added to four', before: 'a b c d', after: 'a b c d e', share: 0.2 },
  { name: 'two words that changed places', before: 'a b c d', after: 'a c b d', share: 0.5 },
  { name: 'written anew', before: 'a b c', after: 'x y z', share: 1 },
  { name: 'emptied', before: 'a b c', after: '', share: 1 },
  { name: 'nothing, and still nothing', before: '', after: ' ', share: 0 },
])('a text of which $name has changed by $share', ({ before, after, share }) => {
  expect(editDistance(before, after)).toBe(share)
})

const Text = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 12 }).map((it) => it.join(' '))

test('it is a share, the same both ways, and nothing exactly when the words are the same', () => {
  fc.assert(
    fc.property(Text, Text, (before, after) => {
      const share = editDistance(before, after)
      expect(share).toBeGreaterThanOrEqual(0)
      expect(share).toBeLessThanOrEqual(1)
      expect(editDistance(after, before)).toBe(share)
      expect(share === 0).toBe(before === after)
    }),
  )
})

test('it takes no more steps than the slow way of counting them', () => {
  const slow = (a: string[], b: string[]): number => {
    if (a.length === 0 || b.length === 0) return a.length + b.length
    const replaced = slow(a.slice(1), b.slice(1)) + (a[0] === b[0] ? 0 : 1)
    return Math.min(replaced, slow(a.slice(1), b) + 1, slow(a, b.slice(1)) + 1)
  }
  const Words = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(Words, Words, (a, b) => {
      const larger = Math.max(a.length, b.length)
      expect(editDistance(a.join(' '), b.join(' ')) * larger).toBeCloseTo(slow(a, b))
    }),
  )
})

test('a long text that was written anew is compared by its words, in no time', () => {
  const numbers = Array.from({ length: 20_000 }, (_, i) => `w${i}`)
  const before = numbers.join(' ')
  const after = [...numbers].reverse().slice(5_000).join(' ')
  const started = performance.now()

  expect(editDistance(before, after)).toBe(0.25)
  expect(performance.now() - started).toBeLessThan(500)
})
