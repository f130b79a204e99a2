import type { FindPii, PiiFinding } from './pii-finding.ts'

/**
 * Names of persons from a list, as whole words in any spelling of Unicode.
 *
 * A name of several words is found in any case and with any sign between its words, also with the last one in
 * front (`Silva, Ana`, `ana.silva`). A name of one word is found as it is written in the list, and in capitals,
 * since `mark` may be a verb; written without capitals in the list, it is found in any case. Chinese, Japanese, Korean and Thai
 * put no space between words, so there names are found inside of them.
 */
export function namesFinder(names: string[]): FindPii {
  const by_beginning = new Map<string, Name[]>()
  const by_character = new Map<string, string[]>()
  for (const name of new Set(names.map((it) => it.normalize('NFC').trim()))) {
    const joined = name.replace(/\s/g, '')
    if (WITHOUT_SPACES.test(joined))
      for (const it of new Set([name, joined])) addTo(by_character, it.charAt(0), it)
    else for (const it of spellingsOf(name)) addTo(by_beginning, it.words.slice(0, 2).join(' '), it)
  }
  // A name may be the beginning of another.
  for (const all of by_beginning.values()) all.sort((a, b) => b.words.length - a.words.length)
  for (const all of by_character.values()) all.sort((a, b) => b.length - a.length)
  const first_words = firstWords([...by_beginning.keys()].map((it) => it.split(' ')[0]!))
  return (text) => [
    ...(by_beginning.size > 0 ? namesOfWords(text, by_beginning, first_words) : []),
    ...(by_character.size > 0 ? namesOfCharacters(text, by_character) : []),
  ]
}

/** Words in lower case; `cases` are the spellings in which a name of one word counts, null for all of them. */
type Name = { words: string[]; cases: string[] | null; value: string }

const UNSPACED = String.raw`[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}]`
const LETTER = String.raw`[[\p{L}\p{M}\p{N}]--${UNSPACED}]`
const WORD = new RegExp(`${LETTER}+`, 'gv')
const WITHOUT_SPACES = new RegExp(`^${UNSPACED}{2,}$`, 'v')
const NEXT_WORD = new RegExp(String.raw`[\s.,_'’·+\-]{1,3}(${LETTER}+)`, 'vy')
/** A pattern of more words than this is slow to build, and then every word is looked up. */
const FEW_WORDS = 256

function addTo<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key)
  if (known === undefined) map.set(key, [value])
  else known.push(value)
}

function spellingsOf(name: string): Name[] {
  const written = name.match(WORD) ?? []
  const words = written.map((it) => it.toLowerCase())
  const value = words.join(' ')
  if (words.length === 0) return []
  if (words.length === 1) {
    const only = written[0]!
    return [{ words, cases: only === value ? null : [only, only.toUpperCase()], value }]
  }
  const last_first = [words.at(-1)!, ...words.slice(0, -1)]
  return [words, last_first].map((it) => ({ words: it, cases: null, value }))
}

function firstWords(words: string[]): RegExp {
  const spellings = new Set(words.flatMap((it) => [it, it.normalize('NFD')]))
  if (spellings.size > FEW_WORDS) return WORD
  const any = [...spellings].join('|')
  return new RegExp(`(?<!${LETTER})(?:${any})(?!${LETTER})`, 'giv')
}

function namesOfWords(text: string, names: Map<string, Name[]>, first_words: RegExp): PiiFinding[] {
  const findings: PiiFinding[] = []
  first_words.lastIndex = 0
  for (let match = first_words.exec(text); match !== null; match = first_words.exec(text)) {
    const word = match[0].normalize('NFC')
    const lower = word.toLowerCase()
    const start = match.index
    const end = first_words.lastIndex
    const next = wordAfter(text, end)
    const found =
      endOfAny(text, end, next === null ? [] : (names.get(`${lower} ${next.word}`) ?? [])) ??
      endOfAny(
        text,
        end,
        names.get(lower)?.filter((it) => it.cases === null || it.cases.includes(word)) ?? [],
      )
    if (found !== null) findings.push({ start, end: found.end, class: 'name', value: found.value })
    first_words.lastIndex = found?.end ?? end
  }
  return findings
}

/** Where the first of these names ends whose words after the first stand from `at` on. */
function endOfAny(text: string, at: number, names: Name[]): { end: number; value: string } | null {
  for (const { words, value } of names) {
    let end: number | null = at
    for (let i = 1; i < words.length && end !== null; i++) {
      const next = wordAfter(text, end)
      end = next?.word === words[i] ? next!.end : null
    }
    if (end !== null) return { end, value }
  }
  return null
}

function wordAfter(text: string, at: number): { word: string; end: number } | null {
  NEXT_WORD.lastIndex = at
  const match = NEXT_WORD.exec(text)
  return match === null ? null : { word: match[1]!.normalize('NFC').toLowerCase(), end: NEXT_WORD.lastIndex }
}

function namesOfCharacters(text: string, names: Map<string, string[]>): PiiFinding[] {
  const findings: PiiFinding[] = []
  for (let at = 0; at < text.length; at++) {
    const found = names.get(text.charAt(at))?.find((it) => text.startsWith(it, at))
    if (found === undefined) continue
    findings.push({ start: at, end: at + found.length, class: 'name', value: found.replace(/\s/g, '') })
    at += found.length - 1
  }
  return findings
}
