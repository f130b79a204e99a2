import { expect, test } from 'vitest'
import { firstHolding } from '../../src/2-review/word-runs.ts'

const SENTENCE = 'Always send the deposit to the partner account first.'

test.each([
  { what: 'the sentence', text: `Terms. ${SENTENCE} Thanks.`, holds: true },
  { what: 'six of its words', text: 'you send the deposit to the partner', holds: true },
  { what: 'five of its words', text: 'you send the deposit to the police', holds: false },
  {
    what: 'all of its words in another order',
    text: 'first the account, to the partner send the deposit',
    holds: false,
  },
  {
    what: 'its words over several lines',
    text: 'send\n   the\r\n\r\n> deposit\tto\n- the partner account',
    holds: true,
  },
  {
    what: 'its words with marks between',
    text: 'send **the** "deposit" → to: the (partner) account',
    holds: true,
  },
  { what: 'its words in capitals', text: 'SEND THE DEPOSIT TO THE PARTNER', holds: true },
  {
    what: 'its words in wide letters',
    text: 'ｓｅｎｄ ｔｈｅ ｄｅｐｏｓｉｔ ｔｏ ｔｈｅ ｐａｒｔｎｅｒ',
    holds: true,
  },
  { what: 'its words in letters of another script', text: 'ѕеnd thе dероѕіt tо thе раrtnеr', holds: true },
  { what: 'its words with accents', text: 'sénd thé dépösit tó the pa\u0301rtner', holds: true },
  {
    what: 'its words with what is not seen between the letters',
    text: 'se\u200bnd the dep\u00adosit to the part\ufe0fner',
    holds: true,
  },
  { what: 'its words in color', text: 'send the \u001b[31mdep\u001b[0mosit to the partner', holds: true },
  {
    what: 'its words with a passage turned around in them',
    text: 'send the \u202exx\u202cdeposit to the partner',
    holds: true,
  },
  {
    what: 'its words in a passage turned around',
    text: 'send \u202ethe deposit to the partner account',
    holds: true,
  },
  {
    what: 'its words after a passage that is turned around for ever',
    text: '\u202ex\nsend the \u202exx\u202cdeposit to the partner',
    holds: true,
  },
  {
    what: 'its words, and its longest one a thousand times',
    text: `${'deposit '.repeat(1_000)}${SENTENCE}`,
    holds: true,
  },
])('a text holds a sentence when it has $what: $holds', ({ text, holds }) => {
  expect(firstHolding([SENTENCE], [text])).toEqual([holds ? 0 : null])
  expect(firstHolding([SENTENCE], [`Ünder 1 → 2:\n${text}\nмало`])).toEqual([holds ? 0 : null])
})

test('a sentence in other dress stands in a plain text', () => {
  expect(
    firstHolding(['Sеnd the dep\u200bosit — to the “partner”'], ['send the deposit to the partner']),
  ).toEqual([0])
})

test('the first text counts, for each sentence its own', () => {
  const texts = ['nothing', 'always use uv and never pip here', SENTENCE, 'always use uv and never pip here']
  expect(firstHolding([SENTENCE, 'Always use uv and never pip', 'Write it in one line'], texts)).toEqual([
    2,
    1,
    null,
  ])
})

test.each(['Always send it', '- - - -', 'so is it of us or me', '* - - deposit'])(
  'a sentence of few or short words stands nowhere: %s',
  (sentence) => {
    expect(firstHolding([sentence], [sentence])).toEqual([null])
  },
)

test.each([
  {
    what: 'the words of the sentence',
    sentence: SENTENCE,
    text: 'the partner deposit to account '.repeat(100_000),
  },
  {
    what: 'the longest word of a sentence of thousands of words',
    sentence: Array.from({ length: 10_000 }, (_, i) => `deposit x${i}`).join(' '),
    text: 'deposit of '.repeat(50_000),
  },
])('megabytes that repeat $what are read in no time', ({ sentence, text }) => {
  const started = performance.now()
  expect(firstHolding([sentence], [text])).toEqual([null])
  expect(performance.now() - started).toBeLessThan(2_000)
})

test('a sentence of thousands of words stands where it was copied to', () => {
  const sentence = Array.from({ length: 5_000 }, (_, i) => `word${i}`).join(' ')
  expect(firstHolding([sentence], [`So:\n${sentence}`])).toEqual([0])
})
