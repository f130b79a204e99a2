/**
 * Given names: the words of an error that the call itself had brought along, masked.
 *
 *     select … from orders  ->  no such table: orders  ->  no such table: <…>
 *
 * A tool often answers with what it was given, so one error names another table, host or file in every session. A short value that a call was
 * given is masked wherever it stands. Of a longer text, a query, a command line or prose, a word is masked only where it reads like a name: by
 * its form (`shipped_at`), or by where it stands in the error ("column total", "no such table: orders"). What the call did, and words that
 * say what kind of thing it was done to, tell one error from another; they stay. So does the first word before a colon, which says who speaks.
 */
import { commandLine } from '../domain/action.ts'

/** A call as far as its error may repeat it: its tool, all that it did, and with what. */
export type Made = { tool: string; actions: string[]; input: Record<string, unknown> }

/** A line of an error without the names that its call gave. A word that `stays` is masked in another way, or says what is wrong. */
export function withoutGiven(line: string, made: Made, stays: (word: string) => boolean): string {
  const { values, text } = givenIn(made)
  if (text === '') return line
  const masked = withoutWords(values.reduce(withoutPhrase, line), made, values, text, stays).replace(
    SEVERAL_MASKS,
    MASK,
  )
  return /\p{L}{3}/u.test(masked) ? masked : line
}

function withoutWords(
  line: string,
  made: Made,
  values: string[],
  text: string,
  stays: (word: string) => boolean,
): string {
  const done = new Set([made.tool, ...made.actions.flatMap((it) => it.split(' '))].map(lower))
  const words = wordsOf(line).filter(({ word, at }) => {
    const is_speaker = at === 0 && line.startsWith(': ', word.length)
    const could_be = word.length >= SHORTEST && line[at - 1] !== '-' && !is_speaker && !done.has(lower(word))
    return could_be && indexOfWord(text, lower(word)) !== -1
  })
  // What is a name in one place is that name in every place.
  const names = new Set(values.map(lower).filter((it) => !KIND.test(it)))
  for (const { word, at } of words)
    if (standsAsName(word, at, line) || (LIKE_A_NAME.test(word) && !KIND.test(word))) names.add(lower(word))

  let [masked, end] = ['', 0]
  for (const { word, at, within = word, whole } of words) {
    if (at < end || !names.has(lower(word)) || [word, within, whole].some(stays)) continue
    masked += `${line.slice(end, at)}${MASK}`
    end = at + word.length
  }
  return masked + line.slice(end)
}

/** The words of a line in order, before its parts one that has several, with where each begins and all that it is written together with. */
function wordsOf(line: string): { word: string; at: number; within?: string; whole: string }[] {
  return [...line.matchAll(WRITTEN_TOGETHER)].flatMap(({ 0: together, index }) => {
    const whole = together.replace(/[.:!?]+$/, '')
    const parts = [...whole.matchAll(PART)].map((it) => ({ word: it[0], at: index + it.index, whole }))
    const [first, last] = [parts[0], parts.at(-1)]
    if (first === undefined || first === last) return parts
    const word = line.slice(first.at, last!.at + last!.word.length)
    return [{ ...first, word }, ...parts.map((it) => ({ ...it, within: word }))]
  })
}

/** Where a word, or several, stand in a text by themselves, from `from` on; -1 where they do not. */
function indexOfWord(text: string, word: string, from = 0): number {
  for (let at = text.indexOf(word, from); at !== -1; at = text.indexOf(word, at + 1))
    if (!LETTER.test(text[at - 1] ?? ' ') && !LETTER.test(text[at + word.length] ?? ' ')) return at
  return -1
}

const MASK = '<…>'
const SEVERAL_MASKS = /<…>(?:[ ./:]?<…>)+/g
/** Shorter words stand in too many others' sentences. */
const SHORTEST = 3
const WRITTEN_TOGETHER = /[^\s"'`()[\]{}<>,;=|]+/g
const LETTER = /[\p{L}\p{N}_]/u
const PART = /[\p{L}\p{N}_-]+/gu

/** Of a call with a document in it, only the beginning is looked at. */
const GIVEN_LIMIT = 4_000
const VALUES_LIMIT = 100
const DEPTH_LIMIT = 5
/** A longer value is no name, but a text with names in it. */
const NAME_LIMIT = { characters: 60, words: 5 }

/** The short values of a call, and all of its text in lower case; of a shell its command alone. */
function givenIn({ tool, input }: Made): { values: string[]; text: string } {
  const command = commandLine(tool, input)
  if (command !== null) return { values: [], text: lower(command.slice(0, GIVEN_LIMIT)) }
  const texts = textsIn(input)
  const values = texts.filter(
    (it) => it.length <= NAME_LIMIT.characters && it.split(' ').length <= NAME_LIMIT.words,
  )
  return { values, text: lower(texts.join('\n')) }
}

function textsIn(input: Record<string, unknown>): string[] {
  const texts: string[] = []
  let room = GIVEN_LIMIT
  const add = (value: unknown, depth: number) => {
    if (room <= 0 || texts.length >= VALUES_LIMIT) return
    if (typeof value === 'string') {
      texts.push(value.slice(0, room).trim())
      room -= value.length
    } else if (typeof value === 'object' && value !== null && depth < DEPTH_LIMIT)
      for (const it of Object.values(value)) add(it, depth + 1)
  }
  add(input, 0)
  return texts
}

function lower(word: string): string {
  return word.toLowerCase()
}

/** A name of several words; without a capital or a digit they are prose. */
function withoutPhrase(line: string, phrase: string): string {
  if (!phrase.includes(' ') || !/[\p{Lu}\d]/u.test(phrase)) return line
  let masked = line
  for (let at = indexOfWord(masked, phrase); at !== -1; at = indexOfWord(masked, phrase, at + MASK.length))
    masked = `${masked.slice(0, at)}${MASK}${masked.slice(at + phrase.length)}`
  return masked
}

/** What no word of prose looks like. */
const LIKE_A_NAME = /[\d_@/]|[^.:-][.:-][^.:-]|\p{Ll}\p{Lu}/u

/** Whether a word stands in an error where names do: behind what kind of thing it is, or alone behind a colon. */
function standsAsName(word: string, at: number, line: string): boolean {
  const before = line.slice(Math.max(0, at - LOOK), at)
  const after = line.slice(at + word.length, at + word.length + 2)
  return AFTER_KIND.test(before) || (AFTER_COLON.test(before) && CLAUSE_END.test(after))
}

const LOOK = 30

/** What names are names of. */
const KINDS =
  'account|alias|app|application|argument|attribute|branch|bucket|category|channel|class|cluster|collection|column|command|commit|component|container|crate|customer|database|dependency|deployment|device|directory|document|domain|environment|event|executable|extension|field|file|flag|folder|function|gem|group|host|hostname|identifier|image|index|item|job|key|label|library|method|model|module|name|namespace|node|object|option|order|organization|package|page|parameter|path|pattern|plugin|pod|procedure|process|product|profile|program|project|property|provider|queue|record|ref|refspec|region|relation|remote|repository|resource|role|room|schema|script|secret|server|service|session|sheet|stream|symbol|table|tag|target|task|team|template|tenant|test|tool|topic|type|unit|user|username|value|variable|view|volume|workflow|workspace'
const KIND = new RegExp(`^(?:${KINDS})$`, 'i')
const AFTER_KIND = new RegExp(
  `(?<![\\p{L}\\p{N}_-])(?:(?:${KINDS})(?: named| called)?|for|named|called):? ["'\`(]?$`,
  'iu',
)
const AFTER_COLON = /: ["'`(]?$/
const CLAUSE_END = /^["'`)]?(?:$|[\s.,;:!?)])/
