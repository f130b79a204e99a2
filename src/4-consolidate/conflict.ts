/**
 * Conflict: the memories as they would stand in, the pairs that do not go together out, for a person to decide.
 *
 * Two memories conflict when a statement of one contradicts a statement of the other, or, where both are a person's, when one is a copy of
 * the other. Memories for different people do not: what one person wants differently is the reason for having two.
 *
 * A conflict loses nothing. Approving it puts a mark into one of the two memories, which says what the other one says; both stay. The mark
 * goes where less evidence is, and never into a person's memory while there is another. Newer is not better.
 */
import type { Pattern } from '../domain/pattern.ts'
import { type Contradiction, contradiction, suspicionIn } from './contradiction.ts'
import { isCopy } from './duplicate.ts'
import { differBy, isClear, zOf } from './effect.ts'
import { frontMatterOf, marksIn, wordsOf } from './memory-file.ts'
import { corpusOf } from './similarity.ts'
import { type Statement, statementsOf, subjectsOf } from './statement.ts'

/** A memory, or a lesson that is about to become one. */
export type Entry = {
  path: string
  content: string
  is_theirs: boolean
  /** The lesson that it tells. */
  pattern: Pattern | null
}

export type Conflict = {
  /** The memory that is to be marked, the line to mark it with, and the other one. */
  entry: Entry
  mark: string
  other: Entry
  /** What is the matter, in one line. The same as long as the two statements are. */
  matter: string
  /** Which of the two is better supported, and why. */
  support: string
}

/** So many of the most similar others are looked at, and so many of the most suspicious of those closely. */
const LOOKS = { at: 40, closely: 10 }

/** The surest first, none that is marked already. The order of the entries does not matter. */
export function conflictsAmong(entries: Entry[]): Conflict[] {
  const told = entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)).map(toldIn)
  const corpus = corpusOf(told.map((it) => it.claims.map(({ statement }) => statement)))
  const suspicion = suspicionIn(corpus)
  const seen = new Set<string>()
  const found = told.flatMap((one, i) =>
    corpus
      .related(i, LOOKS.at)
      .filter((j) => told[j]!.person === one.person)
      .map((j) => ({ j, suspicion: suspicion(i, j) }))
      .sort((a, b) => b.suspicion - a.suspicion || a.j - b.j)
      .slice(0, LOOKS.closely)
      .flatMap(({ j, suspicion }) => {
        const [first, second] = i < j ? [one, told[j]!] : [told[j]!, one]
        const pair = i < j ? `${i} ${j}` : `${j} ${i}`
        if (seen.has(pair) || isMarked(first, second)) return []
        seen.add(pair)
        const conflict = conflictOf(first, second)
        return conflict ? [{ conflict, suspicion }] : []
      }),
  )
  return found.sort((a, b) => b.suspicion - a.suspicion).map((it) => it.conflict)
}

type Told = {
  entry: Entry
  person: string | null
  marks: string[]
  claims: { statement: Statement; roots: Set<string> }[]
}

function toldIn(entry: Entry): Told {
  const claims = claimsOf(entry).map((statement) => ({
    statement,
    roots: new Set(subjectsOf(statement).map(({ root }) => root)),
  }))
  return { entry, person: frontMatterOf(entry.content).person, marks: marksIn(entry.content), claims }
}

/** What a memory claims. Of a lesson the sentence counts, or the words of people in it, not the numbers of its sessions. */
export function claimsOf({ content, pattern }: Pick<Entry, 'content' | 'pattern'>): Statement[] {
  if (!pattern) return statementsOf(wordsOf(content).replace(NOT_CLAIMED, ''))
  const quoted = pattern.tier === 'people' ? /"(.+)"/.exec(pattern.text)?.[1] : undefined
  return statementsOf(quoted ?? pattern.text)
}

const NOT_CLAIMED = /^(?:Why|Also, in the same sessions|The same in other words|Rests on): .*$/gm

/** Two memories of which a model says that what they say does not go together: `says` is a sentence of each. */
export function conflictBetween(one: Entry, other: Entry, says: [string, string]): Conflict {
  return contradictionOf(one, says[0], other, says[1], 'meaning')
}

function conflictOf(one: Told, other: Told): Conflict | null {
  const [texts, others] = [one, other].map((it) => it.claims.map(({ statement }) => statement))
  if (one.entry.is_theirs && other.entry.is_theirs && isCopy(texts!, others!))
    return copyOf(one.entry, other.entry)
  for (const a of one.claims) {
    for (const b of other.claims) {
      // Statements without a word in common contradict each other by no rule.
      if (![...a.roots].some((it) => b.roots.has(it))) continue
      const kind = contradiction(a.statement, b.statement)
      if (kind) return contradictionOf(one.entry, a.statement.text, other.entry, b.statement.text, kind)
    }
  }
  return null
}

/** The one with the shorter path stays as it is: a copy is mostly called "…-copy". */
function copyOf(...entries: [Entry, Entry]): Conflict {
  const [one, copy] = entries.sort((a, b) => a.path.length - b.path.length || (a.path < b.path ? -1 : 1))
  return {
    entry: copy,
    mark: `Copy: ${one.path} says the same.`,
    other: one,
    matter: `It says what ${one.path} says, in the same words or nearly so.`,
    support:
      'People wrote both, so both stay. Approve to mark this one as a copy, or delete the one that is not needed.',
  }
}

const WAYS: Record<Contradiction | 'meaning', string> = {
  polarity: 'one denies what the other says',
  quantity: 'they differ in how far it holds',
  order: 'they turn the order round',
  number: 'they give different numbers',
  opposite: 'they say opposite things',
  choice: 'they choose differently',
  meaning: 'a model says that they cannot both hold',
}

function contradictionOf(
  one: Entry,
  said: string,
  other: Entry,
  says: string,
  kind: Contradiction | 'meaning',
): Conflict {
  const { weaker, support } = compared(one, other)
  const [entry, own, against, theirs] = weaker === one ? [one, said, other, says] : [other, says, one, said]
  return {
    entry,
    mark: `Conflict: ${against.path} says "${theirs}"`,
    other: against,
    matter: `It contradicts ${against.path}: here "${own}", there "${theirs}" (${WAYS[kind]}).`,
    support: `${support} Approve to keep both, with a mark here that says so; or change one of the two.`,
  }
}

const TIERS: Record<Pattern['tier'], { rank: number; how: string }> = {
  verified: { rank: 3, how: 'verified by outcomes' },
  process: { rank: 2, how: 'read off the tool calls' },
  people: { rank: 1, how: 'said by people' },
  marker: { rank: 0, how: 'no proven cause' },
}

function compared(one: Entry, other: Entry): { weaker: Entry; support: string } {
  const [a, b] = [one.pattern, other.pattern]
  const better = advantage(a, b)
  const weaker =
    one.is_theirs !== other.is_theirs
      ? one.is_theirs
        ? other
        : one
      : better > 0
        ? other
        : better < 0
          ? one
          : other
  const evidence = `${grounds(one)}; ${grounds(other)}.`
  if (!a && !b) return { weaker, support: `No sessions are counted for either: ${evidence}` }
  const verdict =
    better === 0
      ? 'Neither is clearly better supported'
      : `Better supported is ${(better > 0 ? one : other).path}`
  return { weaker, support: `${verdict}: ${evidence}` }
}

function grounds({ path, pattern, is_theirs }: Entry): string {
  if (pattern) return `${path} rests on ${pattern.sessions} sessions, ${TIERS[pattern.tier].how}`
  return is_theirs ? `${path} is a person’s word` : `${path} was written without a lesson behind it`
}

/** Positive when `a` is better supported than `b`: counted at all, by a better kind of evidence, or clearly more strongly. */
function advantage(a: Pattern | null, b: Pattern | null): number {
  if (!a || !b) return Number(a !== null) - Number(b !== null)
  const tiers = TIERS[a.tier].rank - TIERS[b.tier].rank
  if (tiers !== 0) return tiers
  const [z, other] = [zOf(a), zOf(b)]
  if (z === null || other === null) return 0
  const difference = differBy(Math.abs(z), Math.abs(other))
  return isClear(difference) ? difference : 0
}

function isMarked(one: Told, other: Told): boolean {
  const names = ({ marks }: Told, { entry }: Told) => marks.some((it) => it.includes(`: ${entry.path} says `))
  return names(one, other) || names(other, one)
}
