/**
 * Choose: as many of the ranked memories as there is room for, and the text that they are given as.
 *
 * Whole memories are taken in their order, each that still fits; then one line each for those that did not, while there is room. Chosen
 * is as if all were given: only then lots are drawn, and what is held back leaves its room empty. So what a session could have been given
 * never depends on its lot.
 *
 * The text stands between tags by which 1-ingest knows it again, and nothing that a memory says can close them.
 */
import type { Candidate } from './candidate.ts'

/** An estimate that needs no tokenizer: four characters are a token. */
const CHARACTERS_A_TOKEN = 4

export type Chosen = {
  candidate: Candidate
  /** 1 is the one that is expected to help most. */
  rank: number
  is_whole: boolean
  /** As it stands in the text. */
  words: string
}

/** `left_out` are those there was no room for, `unseen` how many more there are that nobody looked at. */
export type Choice = { chosen: Chosen[]; left_out: Candidate[]; unseen: number }

/** `ranked` in order; the text has to have room to say how many more there are. */
export function choose(ranked: Candidate[], budget_tokens: number, unseen: number): Choice {
  const more = moreLine(ranked.length + unseen)
  let room = budget_tokens * CHARACTERS_A_TOKEN - framed('').length - more.length
  const take = (words: string) => {
    if (words.length > room) return false
    room -= words.length
    return true
  }
  const whole = new Set(ranked.filter((it) => take(wholeText(it))))
  const rest = ranked.filter((it) => !whole.has(it))
  const short = rest.findIndex((it) => !take(lineText(it)))
  const lines = new Set(rest.slice(0, short === -1 ? undefined : short))
  const chosen = ranked
    .filter((it) => whole.has(it) || lines.has(it))
    .map((candidate, i) => {
      const is_whole = whole.has(candidate)
      const words = is_whole ? wholeText(candidate) : lineText(candidate)
      return { candidate, rank: i + 1, is_whole, words }
    })
  return { chosen, left_out: rest.filter((it) => !lines.has(it)), unseen }
}

/** What a session is given; an empty text where that is nothing. */
export function textOf(given: Chosen[], left_out: number): string {
  if (given.length === 0) return ''
  const wholes = given.filter((it) => it.is_whole).map((it) => it.words)
  const lines = given.filter((it) => !it.is_whole).map((it) => it.words)
  return framed([...wholes, ...lines, left_out === 0 ? '' : moreLine(left_out)].join(''))
}

export function tokensOf(text: string): number {
  return Math.ceil(text.length / CHARACTERS_A_TOKEN)
}

function framed(words: string): string {
  return `<reverie-memory>\n# What earlier sessions taught\n\n${words}</reverie-memory>\n`
}

function wholeText({ path, text }: Candidate): string {
  return harmless(`## ${path}\n\n${text}\n\n`)
}

function lineText({ path, description }: Candidate): string {
  return harmless(`- ${path}: ${description}\n`)
}

function moreLine(n: number): string {
  return `- … and ${n} more\n`
}

/** With our tag in it, opening or closing, in whatever case and with whatever in between that no eye sees, no longer a tag. */
function harmless(text: string): string {
  return text.replace(OUR_TAG, '&lt;')
}

const OUR_TAG = new RegExp(
  `<(?=[\\s/\\p{Cf}]*${[...'reverie'].join('\\p{Cf}*')}[\\s\\p{Cf}]*[-_\\p{Pd}][\\s\\p{Cf}]*${[...'memory'].join('\\p{Cf}*')})`,
  'giu',
)
