import { describe, expect, test } from 'vitest'
import { contentWords, plainWords, sentencesOf, wordPairs } from '../../src/2-review/sentence.ts'

describe('sentences', () => {
  test.each([
    {
      name: 'end with a mark or with the line',
      text: 'First one here. Second one!\nThird one here\r\nFourth one',
      sentences: ['First one here.', 'Second one!', 'Third one here', 'Fourth one'],
    },
    { name: 'are long enough to say something', text: 'No. Ok. Do it again', sentences: ['Do it again'] },
    { name: 'are not pasted material', text: 'It is so. '.repeat(250), sentences: [] },
    {
      name: 'keep an abbreviated number together',
      text: 'Use version 3.12 of it',
      sentences: ['Use version 3.12 of it'],
    },
  ])('$name', ({ text, sentences }) => {
    expect(sentencesOf(text)).toEqual(sentences)
  })

  test('are at most forty', () => {
    expect(sentencesOf('It is so. '.repeat(150))).toHaveLength(40)
  })
})

describe('words', () => {
  test.each([
    { text: "The customer's orders were closed", content: ['customer', 'order', 'closed'] },
    {
      text: "It's sure that we couldn't ship what Ann's desk hadn't packed",
      content: ['ship', 'ann', 'desk', 'packed'],
    },
    { text: 'They don’t, donʼt and don´t ship it', content: ['ship'] },
    { text: 'Größere Rechnungen prüfen', content: ['größere', 'rechnungen', 'prüfen'] },
    { text: 'Ask tomas.b about POL-23', content: ['toma', 'pol'], plain: [] },
    { text: 'mail ana@desk.example now', content: ['mail', 'ana', 'desk', 'example'], plain: ['mail'] },
    { text: 'see src/auth/login.ts or getUser', content: ['src', 'auth', 'login', 'getuser'], plain: [] },
    {
      text: 'author=ana_k; timestamp=10:02',
      content: ['author', 'ana', 'timestamp'],
      plain: ['author', 'timestamp'],
    },
  ])('of "$text"', ({ text, content, plain = content }) => {
    expect(contentWords(text)).toEqual(content)
    expect(plainWords(text)).toEqual(plain)
  })

  test('make pairs when they stand near each other, whichever comes first', () => {
    expect(wordPairs(['trail', 'audit'])).toEqual(wordPairs(['audit', 'trail']))
    expect(wordPairs(['a', 'b', 'c', 'd', 'e'])).not.toContain('a + e')
    expect(wordPairs(['a', 'b', 'c', 'd', 'e'])).toContain('a + d')
  })
})
