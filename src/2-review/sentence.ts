/**
 * A text in; its sentences, and the words in them that mean something, out.
 *
 * Words are compared across sessions, so they must not tell one session from another: numbers never count as
 * words, and `plainWords` leaves out whatever is spelled like an identifier.
 */
import { isContraction, withPlainApostrophes } from '../domain/contraction.ts'

/** Longer texts are pasted material, not something a person says to an agent. */
export const SENTENCE_LIMIT = 240
const TEXT_LIMIT = 2_000
const SENTENCE_END = /(?<=[.!?])\s+|[\n\r\u2028\u2029]+/

/** What a person says in a text, sentence by sentence, verbatim; at most 40 of them. */
export function sentencesOf(text: string): string[] {
  if (text.length < 8 || text.length > TEXT_LIMIT) return []
  return allSentences(text)
    .filter((it) => it.length >= 8 && it.length <= SENTENCE_LIMIT)
    .slice(0, 40)
}

/** Every sentence and every line of a text, verbatim. */
export function allSentences(text: string): string[] {
  return text
    .split(SENTENCE_END)
    .map((it) => it.trim())
    .filter((it) => it !== '')
}

/** Words that carry meaning, in a plain stem; no numbers. */
export function contentWords(sentence: string): string[] {
  const lower = sentence.toLowerCase()
  const words: string[] = []
  const found = ASCII_ONLY.test(lower) ? lower.match(ASCII_WORD) : withPlainApostrophes(lower).match(WORD)
  for (const word of found ?? []) {
    if (word.length < 3 || word.length > 24 || (word.includes("'") && isContraction(word))) continue
    const plain = word.endsWith("'s") ? word.slice(0, -2) : word
    if (plain.length < 3 || STOP_WORDS.has(plain)) continue
    words.push(plain.length > 4 && plain.endsWith('s') && !plain.endsWith('ss') ? plain.slice(0, -1) : plain)
  }
  return words
}

const ASCII_ONLY = /^[\t-~]*$/
const ASCII_WORD = /[a-z](?:['-]?[a-z])*/g
const WORD = /\p{L}(?:['-]?[\p{L}\p{M}])*/gu

/** The content words that are spelled like words: no part of a name, number, path, address or identifier. */
export function plainWords(sentence: string): string[] {
  return contentWords(sentence.replace(CHUNK, (it) => (IDENTIFIER.test(it) ? ' ' : it)))
}

const CHUNK = /[^\s,;|=()[\]{}<>"“”]+/g
const IDENTIFIER = /\p{N}|[@_\\/#]|[\p{L}][.:][\p{L}]|\p{Ll}\p{Lu}/u

/** Whether something is spelled like a name, number, path, address or identifier rather than like a word. */
export function isIdentifier(text: string): boolean {
  return IDENTIFIER.test(text)
}

/** Words this far apart, counting only content words, are still said together. */
const PAIR_DISTANCE = 3

/** The pairs of different words said together, the same way around whichever comes first. */
export function wordPairs(words: string[]): string[] {
  const pairs: string[] = []
  for (let i = 0; i < words.length; i++) {
    const a = words[i]!
    for (let j = i + 1; j < words.length && j <= i + PAIR_DISTANCE; j++) {
      const b = words[j]!
      if (a !== b) pairs.push(a < b ? `${a} + ${b}` : `${b} + ${a}`)
    }
  }
  return pairs
}

const STOP_WORDS = new Set(
  `the and for that this with you your from have has had was were are not but can could would should will shall may might must please just also
   all any some more most very too then than there here when where what which who whom whose why how into onto over under again once only own same
   such nor its our ours their them they she her
   him his hers been being did does doing done get got make made let like want need know think see say said tell told ask asked one two use used using
   always never instead rather next time now thank thanks sorry yes yeah okay sure actually really still already right wrong correct hello help
   about because before after both each few other out off own down during between against above below until while does myself yourself`.split(
    /\s+/,
  ),
)
