/**
 * Statement: the text of a memory in, what it says out, sentence by sentence.
 *
 * A statement is one sentence or one item of a list, as a sequence of tokens. What a token *is* matters more than how it
 * is spelled: a number, a name, a colour, a piece of code says *which thing* is meant, so two statements that differ in
 * one of these are about different things, however alike they look. Words that only hold the sentence together are left out.
 *
 * This knows no grammar beyond lists of closed word classes, all of them English. Of another language it sees words and
 * identities, and so takes fewer statements for equal or opposed than there are; it never takes more.
 */

/** One meaningful token. */
export type Token = {
  /** As compared: lower case, without the ending of a plural or of `-ing`; code, quotes and numbers as they stand. */
  is: string
  /** The same, reduced further, for finding what a text is about. */
  root: string
  kind: Kind
}

/**
 * A `link` is a word of a closed class: it says how things hang together, and nothing of what they are. Everything but a word and a link
 * carries identity: it says which one, or how many.
 */
export type Kind = 'link' | 'word' | 'number' | 'code' | 'quote' | 'name' | 'colour' | 'day'

export type Statement = {
  text: string
  clauses: Token[][]
  /** The tokens of all clauses, in order. */
  tokens: Token[]
}

/** The statements of a text, without fenced code and the marks of lists and headings. */
export function statementsOf(content: string): Statement[] {
  return content
    .replace(/^(```|~~~)[\s\S]*?^\1/gm, '\n')
    .split(/\n\s*\n|\n(?=\s*(?:[-*+>#]|\d+[.)])\s)/)
    .flatMap(sentences)
    .map(statementOf)
    .filter((it) => it.tokens.length > 0)
}

export function statementOf(text: string): Statement {
  const clauses = clausesOf(text)
  return { text, clauses, tokens: clauses.flat() }
}

/** The tokens that say what a statement is about. */
export function subjectsOf({ tokens }: Statement): Token[] {
  return tokens.filter((it) => it.kind !== 'link')
}

function sentences(block: string): string[] {
  const text = block
    .replace(/^\s*(?:[-*+>]|#+|\d+[.)])\s+/, '')
    .replace(/\s+/g, ' ')
    .trim()
  // A full stop inside code, a quotation, a number or a file name ends nothing.
  const marks = [...text.matchAll(/`[^`]*`|"[^"]*"|“[^”]*”|[.!?]+(?=\s+(?:["“`(]|\p{Lu}|\p{N}|$))/gu)]
  const ends = marks.filter(([it]) => /^[.!?]/.test(it)).map((it) => it.index + it[0].length)
  return [0, ...ends]
    .map((start, i) => text.slice(start, ends[i] ?? text.length).trim())
    .filter((it) => it !== '')
}

const TOKEN =
  /`(?<code>[^`]+)`|["“](?<quote>[^"”]+)["”]|(?<path>[\w.~-]*(?:\/[\w.@~-]+)+\/?|\w+(?:\.\w+)*@[\w.]+|[\w-]+\.[a-z]{2,4}\b)|(?<number>[#$€£]?\p{N}+(?:[.,:/-]\p{N}+)*%?)(?<unit>\p{L}+)?|(?<word>\p{L}[\p{L}\p{N}_]*(?:['’-][\p{L}\p{N}_]+)*)|(?<stop>[,;:()]|\s[-–—]\s)/gu

/** A clause ends at a stop, or before a word that begins a new thought. */
function clausesOf(text: string): Token[][] {
  const clauses: Token[][] = [[]]
  let is_first = true
  for (const { groups } of text.matchAll(TOKEN)) {
    const { code, quote, path, number, unit, word, stop } = groups!
    const clause = clauses.at(-1)!
    if (stop !== undefined) clauses.push([])
    else if (code !== undefined) clause.push(exact(code.replace(/\s+/g, ' ').trim(), 'code'))
    else if (quote !== undefined) clause.push(exact(quote.replace(/\s+/g, ' ').trim(), 'quote'))
    else if (path !== undefined) clause.push(exact(path, 'code'))
    else if (number !== undefined) {
      clause.push(exact(number.replace(/(?<=\p{N}),(?=\p{N}{3})/gu, ''), 'number'))
      if (unit !== undefined) clause.push(...wordTokens(unit, true))
    } else if (word !== undefined) {
      if (JOINTS.has(word.toLowerCase()) || CONDITIONS.has(word.toLowerCase())) clauses.push([])
      clauses.at(-1)!.push(...wordTokens(word, is_first))
    }
    if (stop === undefined) is_first = false
  }
  return clauses.filter((it) => it.length > 0)
}

function exact(text: string, kind: Kind): Token {
  return { is: text, root: text.toLowerCase(), kind }
}

/** None for a word that only holds the sentence together; two for "don't". */
function wordTokens(word: string, is_first: boolean): Token[] {
  const plain = word.replaceAll('’', "'")
  const lower = plain.toLowerCase().replace(/'s$/, '')
  if (/n't$/.test(lower)) return [exact('not', 'link')]
  if (lower === 'cannot') return [exact('not', 'link')]
  if (FILLERS.has(lower) || JOINTS.has(lower)) return []
  if (/^(?:i|we|you|they|he|she|it)'/.test(lower)) return [exact(lower.replace(/'.*/, ''), 'link')]
  if (/[\p{N}_]|\p{Ll}\p{Lu}/u.test(plain)) return [exact(plain, 'code')]
  const day = lower.replace(/s$/, '')
  const is_capital = /^\p{Lu}/u.test(plain)
  if (DAYS.has(day) && (is_capital || !ALSO_VERBS.has(day))) return [exact(day.toUpperCase(), 'day')]
  if (LINKS.has(lower)) return [exact(ONE_OF_KIND.get(lower) ?? lower, 'link')]
  const digits = NUMBER_WORDS.indexOf(lower)
  if (digits !== -1) return [exact(String(digits), 'number')]
  const is = stemOf(lower)
  const kind = COLOURS.has(lower) ? 'colour' : is_capital && !is_first ? 'name' : 'word'
  return [{ is, root: rootOf(is), kind }]
}

/** "tests", "testing" -> "test"; a past tense stays, since what was done is not what is to be done. */
function stemOf(word: string): string {
  if (word.length > 4 && word.endsWith('ies')) return `${word.slice(0, -3)}y`
  if (word.length > 4 && /(?:ss|sh|ch|x|z)es$/.test(word)) return word.slice(0, -2)
  if (word.length > 3 && /[^suai]s$/.test(word)) return word.slice(0, -1)
  if (word.length > 5 && word.endsWith('ing') && /[aeiouy]/.test(word.slice(0, -3)))
    return undoubled(word.slice(0, -3))
  return word
}

/** "celebrated", "celebrate", "celebrating" -> "celebrat". */
function rootOf(stem: string): string {
  const present = stem.length > 4 && stem.endsWith('ed') ? undoubled(stem.slice(0, -2)) : stem
  return present.length > 3 ? present.replace(/e$/, '').replace(/(?<=.{2})i$/, 'y') : present
}

function undoubled(stem: string): string {
  return /([bdgmnprt])\1$/.test(stem) ? stem.slice(0, -1) : stem
}

const words = (list: string) => new Set(list.split(/\s+/))

/** Articles, politeness and auxiliaries: without them the sentence still says the same. */
const FILLERS = words(
  'a an the please kindly just simply really very quite that this these those there then so do does did be been am will would shall',
)
/** Pronouns, prepositions, modal verbs, negators, quantifiers and question words. */
const LINKS = words(
  `i me my mine myself we us our you your he him his she her they them their it its one someone something anything everything nothing nobody is are was were has have had having
in on at to for of from with without by about into onto over under between through during until since before after as than or nor not never no none neither can could should may might must
need all any some each every both other more most less few many much only also too always sometimes usually often ever still already yet now again here what where how why if unless when while`,
)
/** What joins two thoughts. */
const JOINTS = words('and but which who whose because since although though whereas')
/** What begins a condition, and so stays. */
const CONDITIONS = words('if unless when while')
/** Prepositions and forms that may stand for each other. */
const ONE_OF_KIND = new Map([
  ...['in', 'on', 'at'].map((it): [string, string] => [it, 'at']),
  ...['to', 'for'].map((it): [string, string] => [it, 'to']),
  ...['are', 'is'].map((it): [string, string] => [it, 'is']),
  ...['has', 'have'].map((it): [string, string] => [it, 'have']),
  ...['was', 'were'].map((it): [string, string] => [it, 'was']),
])
/** Each at the place of its number; "one" is mostly a pronoun. */
const NUMBER_WORDS = 'zero - two three four five six seven eight nine ten eleven twelve'.split(' ')
const COLOURS = words(
  'black white red green blue yellow orange purple violet pink brown grey gray cyan magenta teal turquoise indigo maroon navy beige gold silver',
)
const DAYS = words(
  'monday tuesday wednesday thursday friday saturday sunday weekday weekend january february march april may june july august september october november december today tomorrow yesterday morning noon afternoon evening night midnight',
)
/** Days only when written large. */
const ALSO_VERBS = words('may march')
