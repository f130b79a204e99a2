/**
 * Sentences and texts in; for each sentence the first text in which a run of its words stands, out: however it is
 * spaced, dressed and punctuated there.
 *
 * Every text is read once, whatever the number of sentences, for there are a few of these and megabytes of texts. Four
 * letters of each run are its mark; only where one of the marks stands the whole run is compared.
 */
import { undressed } from '../domain/visible-text.ts'

/** For each sentence the index of the first of `texts` that holds a run of its words; null where none does. */
export function firstHolding(sentences: string[], texts: Iterable<string>): (number | null)[] {
  const first: (number | null)[] = sentences.map(() => null)
  const runs = sentences.flatMap(runsOf)
  if (runs.length === 0) return first
  const marked = new Marked(runs)
  let index = 0
  for (const text of texts) {
    for (const { sentence } of marked.standingIn(text)) first[sentence] ??= index
    index++
  }
  return first
}

/** So many words in a row are not said twice by chance. */
const RUN = 6
/** Fewer words than this are anybody's. */
const SHORTEST_RUN = 4
/** Of a text of more words than a person says at once, runs here and there are enough. */
const MOST_RUNS = 60

type Run = {
  /** Undressed, with one space between. */
  words: string
  /** Where the letters end that it is looked for by, and their window. */
  mark_end: number
  mark: number
  /** Index of the sentence it is of. */
  sentence: number
}

function runsOf(text: string, sentence: number): Run[] {
  const tokens = text.match(/\S+/g) ?? []
  const length = Math.min(RUN, tokens.length)
  const runs: Run[] = []
  const step = Math.ceil(tokens.length / MOST_RUNS)
  for (let i = 0; length >= SHORTEST_RUN && i + length <= tokens.length; i += step) {
    const words = wordsIn(tokens.slice(i, i + length).join(' '))
    const mark_end = endOfMark(words)
    if (mark_end !== null && words.includes(' '))
      runs.push({ words, mark_end, mark: windowAt(words, mark_end), sentence })
  }
  return runs
}

/** In lower case, without accents and other dress, with one space between. */
function wordsIn(text: string): string {
  return undressed(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/**
 * The end of the longest word, which is the rarest; null when there is none of three letters, so that nothing is said.
 * In a text the first and the last word may be parts of longer ones, so they are taken only where the others are short.
 */
function endOfMark(run: string): number | null {
  const words = [...run.matchAll(/[^ ]{3,}/g)].map((it) => ({
    length: it[0].length,
    end: it.index + it[0].length,
  }))
  const inner = words.filter(({ length, end }) => end > length && end < run.length)
  const [longest] = (inner.length > 0 ? inner : words).sort((a, b) => b.length - a.length)
  return longest?.end ?? null
}

/** The last four characters that were passed, mixed into sixteen bits. */
function moved(window: number, letter: number): number {
  return ((window << 4) ^ letter) & 0xffff
}

function windowAt(text: string, end: number): number {
  let window = GAP
  for (let i = Math.max(0, end - 4); i < end; i++) window = moved(window, letterAt(text, i))
  return window
}

/** Runs by their marks. */
class Marked {
  private readonly by_mark: Map<number, Run[]>
  private readonly is_mark = new Uint8Array(1 << 16)

  constructor(runs: Run[]) {
    this.by_mark = Map.groupBy(runs, (it) => it.mark)
    for (const { mark } of runs) this.is_mark[mark] = 1
  }

  /** As often as they stand there. */
  standingIn(text: string, is_undressed = false): Run[] {
    const least = is_undressed ? UNKNOWN + 1 : 0
    const found: Run[] = []
    for (let from = 0; from < text.length; from += CHUNK) {
      const length = bytes.write(text.slice(from, from + CHUNK), 'utf16le') / 2
      let window = windowAt(text, from)
      for (let i = 0; i < length; i++) {
        i = nextToSee(i, length, window, least, codes, letters, this.is_mark)
        if (i === length) break
        if (letterOf(codes[i]!) < least) return this.standingIn(undressedWords(text), true)
        window = windowAt(text, from + i + 1)
        this.addAt(from + i + 1, text, window, found)
      }
    }
    return found
  }

  private addAt(end: number, text: string, mark: number, found: Run[]): void {
    for (const run of this.by_mark.get(mark) ?? []) if (standsAround(end, text, run)) found.push(run)
  }
}

/**
 * Index of the next character that ends a mark, or was not met yet, or is less than the `least` letter; `length` when there is none. The
 * tables are arguments because those are faster to read than what is outside.
 */
function nextToSee(
  from: number,
  length: number,
  before: number,
  least: number,
  codes: Uint16Array,
  letters: Int32Array,
  is_mark: Uint8Array,
): number {
  let window = before
  for (let i = from; i < length; i++) {
    const letter = letters[codes[i]!]!
    window = moved(window, letter)
    if (letter < least || is_mark[window] !== 0) return i
  }
  return length
}

/** To look at every character of a string takes twice as long as to look at those of a copy. */
const CHUNK = 32_768
const codes = new Uint16Array(CHUNK)
const bytes = Buffer.from(codes.buffer)

/** Whether all words of the run stand in the text where its mark ends at `end`: what follows tells sooner than the mark. */
function standsAround(end: number, text: string, { words, mark_end }: Run): boolean {
  return agree(text, end, words, mark_end, 1) && agree(text, end - 1, words, mark_end - 1, -1)
}

function agree(text: string, from: number, words: string, from_word: number, step: 1 | -1): boolean {
  let i = from
  for (let j = from_word; j >= 0 && j < words.length; j += step) {
    if (i < 0 || i >= text.length || letterAt(text, i) !== letterAt(words, j)) return false
    i += step
    while (words[j] === ' ' && i >= 0 && i < text.length && letterAt(text, i) === GAP) i += step
  }
  return true
}

/** The code of a letter or digit in lower case; `GAP`; or a negative number for what is no letter yet, but may become one or vanish. */
function letterAt(text: string, at: number): number {
  return letterOf(text.charCodeAt(at))
}

function letterOf(code: number): number {
  const letter = letters[code]!
  return letter === UNKNOWN ? readLetter(code) : letter
}

const GAP = 1
const ESCAPE = 0x1b
/** Less than every letter. */
const UNKNOWN = -(1 << 16)
/** By character code; unknown where the character was not met yet. */
const letters = new Int32Array(1 << 16).fill(UNKNOWN)

function readLetter(code: number): number {
  const character = String.fromCharCode(code)
  const is_half = /\p{Cs}/u.test(character)
  const is_gap = !is_half && code !== ESCAPE && /^a[^\p{L}\p{N}]+b$/u.test(undressed(`a${character}b`))
  const is_plain = /[a-z0-9]/i.test(character)
  letters[code] = is_plain ? character.toLowerCase().charCodeAt(0) : is_gap ? GAP : -code
  return letters[code]
}

/** The words of the lines that are dressed; the other lines as they are, for to undress takes long. */
function undressedWords(text: string): string {
  if (TURNS.test(text)) return readings(text).map(wordsIn).join('\n')
  return text
    .split('\n')
    .map((it) => (isDressed(it) ? wordsIn(it) : it))
    .join('\n')
}

function isDressed(line: string): boolean {
  for (let i = 0; i < line.length; i++) if (letterAt(line, i) < 0) return true
  return false
}

const TURNS = /[\u202d\u202e]/

/** What is turned around is no words of the text or some, as far as it is taken to go. */
function readings(text: string): string[] {
  const closed = text.replace(/[\u202d\u202e][^\u202c-\u202e]*\u202c/g, '')
  return [text, ...[text, closed].map((it) => it.replace(/[\u202d\u202e]/g, ''))]
}
