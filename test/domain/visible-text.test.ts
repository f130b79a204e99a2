import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isDisguised, undressed, visible } from '../../src/domain/visible-text.ts'

test.each([
  { what: 'plain text', text: 'two words', seen: 'two words' },
  { what: 'lines', text: ' two\r\n\u2028 words\t', seen: 'two words' },
  { what: 'text of all the world', text: '漢字 naïve Ωμ 🙂', seen: '漢字 naïve Ωμ 🙂' },
  { what: 'zero-width letters', text: 'a\u200bb\u2060c\ufeff', seen: 'abc' },
  { what: 'tag letters', text: 'a\u{e0062}\u{e0063}', seen: 'a' },
  { what: 'data behind an emoji', text: '🙂\u{e0150}\u{e0151}!', seen: '🙂!' },
  { what: 'a passage that is turned around', text: 'a \u202eedoc\u202c b', seen: 'a b' },
  { what: 'terminal codes', text: '\u001b[8mhidden\u001b[0m', seen: 'hidden' },
  { what: 'accents piled up', text: 'a\u0301\u0316\u0323\u0301', seen: 'a\u0301\u0316' },
])('of $what is seen "$seen"', ({ text, seen }) => {
  expect(visible(text)).toBe(seen)
})

test.each([
  { what: 'wide letters', text: 'Ｉｇｎｏｒｅ' },
  { what: 'fancy letters', text: '𝐢𝐠𝐧𝐨𝐫𝐞' },
  { what: 'accents', text: 'ïgnóre' },
  { what: 'look-alikes', text: 'іgnоrе' },
  { what: 'hidden marks', text: 'ig\u00adno\u200dre' },
])('under $what a word is the same', ({ text }) => {
  expect(undressed(text)).toBe('ignore')
})

test.each([
  { text: 'іgnore', is: true },
  { text: 'i g n o r e this', is: true },
  { text: 'игнорируй', is: false },
  { text: 'row 3 is 5 µs', is: false },
  { text: 'A B C are lost', is: false },
])('$text is disguised: $is', ({ text, is }) => {
  expect(isDisguised(text)).toBe(is)
})

test('what is seen is one line, and nothing of it is hidden', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
      expect(visible(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}\u2028\u2029]/u)
      expect(visible(visible(text))).toBe(visible(text))
    }),
  )
})
