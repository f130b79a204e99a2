/**
 * A text before and after it was worked over in; what was put in, taken out and replaced, sentence by sentence, out.
 *
 * Only what is new in its place counts: of a sentence that was reworded the words that were not there before, of a
 * sentence that moved nothing.
 */
import { fullFormsOf, withPlainApostrophes } from '../domain/contraction.ts'
import { hunksOf } from './diff.ts'
import { allSentences, isIdentifier, plainWords } from './sentence.ts'

/** A sentence with something new in it, or something that is gone. */
export type Passage = {
  /** The parts that are new, or gone, verbatim: some words of it, or all of a sentence that is mostly new. */
  parts: string[]
  /** The words in these parts that mean something, each once. */
  words: string[]
}

export type Revision = {
  added: Passage[]
  removed: Passage[]
  /** A few words that took the place of a few others, in lower case. */
  replaced: { from: string; to: string }[]
}

/** Longer texts are documents; what recurs in them is not what people do to a draft. */
const DRAFT_LIMIT = 100_000
/** A person who changes more than this writes a text of their own. */
const MOST_CHANGES = 40

/** Null when nothing changed, and when the text was not worked over but written anew. */
export function revisionOf(before: string, after: string): Revision | null {
  if (before === after || before.length > DRAFT_LIMIT || after.length > DRAFT_LIMIT) return null
  const hunks = hunksOf(allSentences(before), allSentences(after))
  if (hunks === null) return null
  const gone = new Set(hunks.flatMap((it) => it.removed))
  const moved = new Set(hunks.flatMap((it) => it.added).filter((it) => gone.has(it)))

  const revision: Revision = { added: [], removed: [], replaced: [] }
  for (const hunk of hunks) {
    const removed = hunk.removed.filter((it) => !moved.has(it))
    const added = hunk.added.filter((it) => !moved.has(it))
    revision.added.push(...added.map((it) => passageOf(it, removed)))
    revision.removed.push(...removed.map((it) => passageOf(it, added)))
    // As many sentences as before are mostly the same ones, each reworded.
    if (removed.length === added.length)
      revision.replaced.push(...removed.flatMap((it, i) => replacedIn(it, added[i]!)))
  }
  if (revision.added.length + revision.removed.length > MOST_CHANGES) return null
  const hasParts = (it: Passage) => it.parts.length > 0
  return { ...revision, added: revision.added.filter(hasParts), removed: revision.removed.filter(hasParts) }
}

/** What of a sentence is not in those that stood, or now stand, in its place. */
function passageOf(sentence: string, others: string[]): Passage {
  const parts = others.length === 0 ? [sentence] : newParts(others.join(' '), sentence)
  const known = new Set(others.flatMap(plainWords))
  return { parts, words: [...new Set(parts.flatMap(plainWords))].filter((it) => !known.has(it)) }
}

function newParts(other: string, sentence: string): string[] {
  const tokens = [...sentence.matchAll(/\S+/g)]
  const hunks = hunksOf(spokenWords(other), spokenWords(sentence))?.filter((it) => it.added.length > 0)
  const changed = hunks?.reduce((sum, it) => sum + it.added.length, 0) ?? tokens.length
  if (hunks === undefined || 2 * changed > tokens.length) return [sentence]
  return hunks.map(({ at, added }) => {
    const last = tokens[at + added.length - 1]!
    return sentence.slice(tokens[at]!.index, last.index + last[0].length)
  })
}

/** A phrase has at most this many words: so few are anybody's, wherever they were read before. */
const PHRASE = 3

function replacedIn(before: string, after: string): Revision['replaced'] {
  const [old_words, new_words] = [spokenWords(before), spokenWords(after)]
  const hunks = hunksOf(old_words, new_words) ?? []
  const kept = new_words.length - hunks.reduce((sum, it) => sum + it.added.length, 0)
  const is_phrase = Math.max(old_words.length, new_words.length) <= PHRASE
  if (!is_phrase && 2 * kept < Math.min(old_words.length, new_words.length)) return []
  return hunks
    .filter((it) => [it.removed, it.added].every((words) => isPhrase(words)))
    .map((it) => ({ from: it.removed.join(' '), to: it.added.join(' ') }))
    .filter((it) => plainWords(`${it.from} ${it.to}`).length > 0 || isSpelling(it))
}

/** Words that mean little are changed for many reasons, but for one where a contraction is written out, or made. */
function isSpelling({ from, to }: { from: string; to: string }): boolean {
  return fullFormsOf(from).includes(to) || fullFormsOf(to).includes(from)
}

function isPhrase(words: string[]): boolean {
  return words.length >= 1 && words.length <= PHRASE && words.every(isPlain)
}

function isPlain(word: string): boolean {
  return /\p{L}/u.test(word) && !isIdentifier(word)
}

/** Every word of a sentence as it is said, those that mean little included; no numbers and identifiers. */
export function plainSpokenWords(sentence: string): string[] {
  return spokenWords(sentence).filter(isPlain)
}

/** Every word of a sentence in lower case, without the marks around it. */
function spokenWords(sentence: string): string[] {
  return (sentence.match(/\S+/g) ?? []).map(
    (it) =>
      withPlainApostrophes(it)
        .toLowerCase()
        .replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '') || it,
  )
}
