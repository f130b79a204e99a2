/**
 * Operations: what a model advises in, what of it stands a check in, and what was refused, each with its reason, out.
 *
 * - Nothing is rewritten, merged or removed that a person wrote; between two texts of people a model decides nothing.
 * - A sentence of a model has no number, name, bound or code that the lessons lack, and lacks none of theirs; it denies nothing that they
 *   say, speaks of nothing dangerous that they do not speak of, and repeats no words of a tool or of the web.
 * - Only lessons about the very same things are merged. Their sentences and counts stay, from the record, so nothing is lost; and the
 *   memory that is merged into another goes only once a person has let the merged one live, as a change of its own.
 * - What has changed since the model was asked, contradicts itself or says nothing new, is refused.
 *
 * A refused operation takes nothing else with it: without it, what is proposed is what counts alone propose.
 */
import type { Change } from '../domain/change.ts'
import { sha256 } from '../domain/id.ts'
import type { Pattern } from '../domain/pattern.ts'
import { isDisguised, undressed, visible } from '../domain/visible-text.ts'
import { claimsOf } from './conflict.ts'
import type { Advised, Known, Proposal } from './consolidate.ts'
import { contradiction } from './contradiction.ts'
import { saysTheSame } from './duplicate.ts'
import { isPast } from './index-file.ts'
import { isInsight, isTold } from './insight-file.ts'
import { frontMatterOf, marksIn, wordsOf } from './memory-file.ts'
import { shaOfLesson } from './model-advice.ts'
import type { Named, Operation, Refused } from './operation.ts'
import { type Statement, statementsOf, subjectsOf, type Token } from './statement.ts'

export type OperationGround = {
  patterns: Pattern[]
  memories: Known[]
  /** What was put to a person before. */
  asked: Pick<Change, 'path' | 'reason'>[]
  /** What a text speaks of that can do harm. */
  capabilities: (text: string) => string[]
  /** Whether people do not want a change, by what they decided or by what they asked of this dream. */
  is_unwanted: (proposal: Proposal) => boolean
  /** What is proposed with that advice. */
  consolidated: (advised: Advised) => Proposal[]
}

/** `proposals` are those of counts alone. Never throws. */
export function withOperations(
  proposals: Proposal[],
  operations: Operation[],
  ground: OperationGround,
): { proposals: Proposal[]; refused: Refused[] } {
  const place = placesOf(proposals, ground)
  const first = examined(operations, place, ground)
  const at_first = proposedWith(first.taken, proposals, ground)
  const judged = first.taken.map((it) => ({ it, reason: objectionTo(it, at_first, proposals, ground) }))
  const taken = judged.filter(({ reason }) => reason === null).map(({ it }) => it)
  const late = judged.flatMap(({ it, reason }) =>
    reason === null ? [] : [{ operation: it.operation.operation, reason }],
  )
  return {
    proposals: late.length === 0 ? at_first : proposedWith(taken, proposals, ground),
    refused: [...first.refused, ...late],
  }
}

/** An operation with what it names, as it is now. */
type Taken = { operation: Operation; entries: Placed[] }

type Placed = {
  pattern: Pattern | null
  memory: Known | null
  /** Where it stands, or is to stand. */
  path: string
  is_theirs: boolean
}

function proposedWith(taken: Taken[], proposals: Proposal[], { consolidated }: OperationGround): Proposal[] {
  if (taken.length === 0) return proposals
  return consolidated({
    wordings: taken.flatMap(({ operation, entries }) =>
      operation.operation === 'merge' || operation.operation === 'reword'
        ? [
            {
              pattern_id: entries[0]!.pattern!.id,
              also: entries.slice(1).map((it) => it.pattern!.id),
              wording: operation.text,
            },
          ]
        : [],
    ),
    insights: taken.flatMap(({ operation, entries }) =>
      operation.operation === 'add'
        ? [{ pattern_ids: entries.map((it) => it.pattern!.id), wording: operation.text }]
        : [],
    ),
    conflicts: taken.flatMap(({ operation, entries: [one, other] }) =>
      operation.operation === 'conflict'
        ? [
            {
              paths: [one!.path, other!.path] as [string, string],
              says: operation.says.map((it) => statementsOf(it)[0]!.text) as [string, string],
            },
          ]
        : [],
    ),
  })
}

// ---------------------------------------------------------------- before it is proposed

type Reason = Refused['reason']
/** Where a named thing is now, or why it counts no longer. */
type Place = (named: Named) => Placed | Reason

function placesOf(proposals: Proposal[], { patterns, memories }: OperationGround): Place {
  const known = new Map(patterns.map((it) => [it.id, it]))
  const standing = new Map(memories.map((it) => [it.path, it]))
  const additions = new Map(
    proposals
      .filter((it) => it.before === null && !isInsight(it.after ?? ''))
      .map((it) => [it.pattern_ids[0], it.path]),
  )
  return ({ pattern_id, path, sha256: sha }) => {
    const pattern = pattern_id === null ? null : known.get(pattern_id)
    if (pattern === undefined || (pattern !== null && !isTold(pattern))) return 'outdated'
    if (path === null) {
      const to_stand = additions.get(pattern_id ?? '')
      if (pattern === null || to_stand === undefined || shaOfLesson(pattern) !== sha) return 'outdated'
      return { pattern, memory: null, path: to_stand, is_theirs: false }
    }
    const memory = standing.get(path)
    if (memory === undefined || sha256(memory.content) !== sha) return 'outdated'
    return { pattern, memory, path, is_theirs: memory.created_by.startsWith('user:') }
  }
}

function examined(
  operations: Operation[],
  place: Place,
  ground: OperationGround,
): { taken: Taken[]; refused: Refused[] } {
  const verdicts = operations.map((operation): Taken | Reason => {
    const placed = operation.of.map(place)
    const reason = placed.find((it) => typeof it === 'string')
    if (reason !== undefined) return reason
    const entries = inOrder(operation, placed as Placed[])
    return CHECKS[operation.operation](operation, entries, ground) ?? { operation, entries }
  })
  const seen = new Set<string>()
  const once = verdicts.map((it) => {
    if (typeof it === 'string') return it
    const key = JSON.stringify([
      it.operation.operation,
      it.entries.map((one) => one.path).sort(),
      it.operation.text,
    ])
    if (seen.has(key)) return 'repeated'
    seen.add(key)
    return it
  })
  const apart = once.map((it, i) =>
    typeof it !== 'string' &&
    once.some((other, j) => i !== j && typeof other !== 'string' && clash(it, other))
      ? 'contradictory'
      : it,
  )
  const folded = apart.reduce((n, it) => n + (typeof it === 'string' ? 0 : foldedBy(it)), 0)
  const within = apart.map((it) =>
    typeof it !== 'string' && foldedBy(it) > 0 && folded > mostFolded(ground) ? 'too much' : it,
  )
  return {
    taken: within.filter((it) => typeof it !== 'string'),
    refused: within.flatMap((reason, i) =>
      typeof reason === 'string' ? [{ operation: operations[i]!.operation, reason }] : [],
    ),
  }
}

/** Of lessons to be merged that one first whose memory is kept: one that has a memory, then the best supported. */
function inOrder({ operation }: Operation, entries: Placed[]): Placed[] {
  if (operation !== 'merge') return entries
  const rank = (it: Placed) => Number(it.memory === null)
  const sessions = (it: Placed) => it.pattern?.sessions ?? 0
  return entries.toSorted(
    (a, b) => rank(a) - rank(b) || sessions(b) - sessions(a) || (a.path < b.path ? -1 : 1),
  )
}

/** Whether two operations cannot both be meant: a lesson has one wording, and what says the same is in no conflict. */
function clash(one: Taken, other: Taken): boolean {
  const words = ({ operation: { operation } }: Taken) => operation === 'merge' || operation === 'reword'
  const paths = new Set(one.entries.map((it) => it.path))
  const shared = other.entries.filter((it) => paths.has(it.path)).length
  if (words(one) && words(other)) return shared > 0
  const kinds = [one, other].map((it) => it.operation.operation)
  return kinds.includes('conflict') && shared > 1
}

function foldedBy({ operation, entries }: Taken): number {
  return operation.operation === 'merge' ? entries.slice(1).filter((it) => it.memory !== null).length : 0
}

/** A quarter of what Reverie wrote; a store of fewer than eight memories counts as one of eight. */
function mostFolded({ memories }: OperationGround): number {
  return 0.25 * Math.max(8, memories.filter((it) => !it.created_by.startsWith('user:')).length)
}

type Check = (operation: Operation, entries: Placed[], ground: OperationGround) => Reason | null

const CHECKS: Record<Operation['operation'], Check> = {
  merge: (operation, entries, ground) =>
    ofLessons(entries, 2, 5) ?? ofOneThing(entries) ?? ofWords(operation.text, entries, ground, true),
  reword: (operation, entries, ground) =>
    ofLessons(entries, 1, 1) ??
    ofWords(operation.text, entries, ground, true) ??
    (isSaidSo(operation.text, entries[0]!) ? 'nothing new' : null),
  add: (operation, entries, ground) =>
    ofLessons(entries, 2, 8) ??
    ofWords(operation.text, entries, ground, false) ??
    ofNews(operation.text, ground),
  conflict: (operation, entries, ground) => ofConflict(operation, entries, ground),
}

function ofLessons(entries: Placed[], least: number, most: number): Reason | null {
  if (entries.some((it) => it.is_theirs)) return 'of people'
  if (entries.some((it) => it.pattern === null)) return 'no lesson'
  const n = new Set(entries.map((it) => it.path)).size
  if (n < entries.length || n < least || n > most) return 'wrong number'
  return new Set(entries.map((it) => it.pattern!.scope.person)).size > 1 ? 'other people' : null
}

/** Lessons that say the same are about the same things, and none of them denies another. */
function ofOneThing(entries: Placed[]): Reason | null {
  const claims = entries.map((it) => claimsOf({ content: '', pattern: it.pattern }))
  const things = claims.map((it) => [...thingsIn(it)].sort().join('\0'))
  if (new Set(things).size > 1) return 'other things'
  const opposed = claims.some((one, i) => claims.slice(i + 1).some((other) => deny(one, other)))
  return opposed ? 'opposite' : null
}

function deny(one: Statement[], other: Statement[]): boolean {
  return one.some((a) => other.some((b) => contradiction(a, b) !== null))
}

/**
 * What says which thing is meant, how many, or how far it holds: numbers, names, days, colours, code, and what has no other word for it.
 * Quotations only where they are asked for.
 */
function thingsIn(statements: Statement[], quotes = false): Set<string> {
  const tokens = statements.flatMap((it) => it.tokens)
  const is_thing = ({ kind, is }: Token) =>
    BOUNDS.has(is) || (kind !== 'word' && kind !== 'link' && (quotes || kind !== 'quote'))
  return new Set(tokens.filter(is_thing).map((it) => `${it.kind} ${it.is}`))
}

const BOUNDS = new Set(['unless', 'except', 'only', 'until'])

const MOST_LETTERS = 300

/** The sentence of a model, against the lessons that it is to stand for, or is read out of. */
function ofWords(
  text: string,
  entries: Placed[],
  { capabilities }: OperationGround,
  stands_for_them: boolean,
): Reason | null {
  if (!isPlainSentence(text)) return 'no sentence'
  const patterns = entries.map((it) => it.pattern!)
  const said = statementsOf(text)
  const sources = patterns.flatMap((it) => statementsOf(it.text))
  const is_alone = patterns.length === 1
  const [new_things, had] = [thingsIn(said, true), thingsIn(sources, true)]
  const claimed = patterns.flatMap((it) => claimsOf({ content: '', pattern: it }))
  const may_have = new Set([...had, ...thingsIn(claimed, true)])
  if ([...new_things].some((it) => !may_have.has(it))) return 'new name'
  // The lessons that are merged stand below it as they were, with what they quote.
  const has_to_have = is_alone ? had : thingsIn(claimed)
  if (stands_for_them && [...has_to_have].some((it) => !new_things.has(it))) return 'lost name'
  if (deny(said, sources) || deny(said, claimed)) return 'opposite'
  if (
    stands_for_them &&
    deniesAtAll(said) !== deniesAtAll(claimed) &&
    deniesAtAll(said) !== deniesAtAll(sources)
  )
    return 'opposite'
  const spoken_of = new Set(patterns.flatMap((it) => capabilities(it.text)))
  if (capabilities(text).some((it) => !spoken_of.has(it))) return 'capability'
  if (patterns.some((it) => repeatsOthers(text, it))) return 'text of a tool'
  return null
}

function isPlainSentence(text: string): boolean {
  return (
    text !== '' &&
    [...text].length <= MOST_LETTERS &&
    visible(text) === text &&
    !isDisguised(text) &&
    statementsOf(text).length === 1 &&
    !LIKE_OURS.test(text)
  )
}

/** As lines begin that say something about a memory. */
const LIKE_OURS =
  /^(?:[^\p{L}\p{N}`"“]|(?:conflict|copy|why|also|stale|dormant|disputed|retired|rests on|the same in other words)\b[^.]{0,40}:)/iu

const NEGATORS = new Set('not never no none neither nor without avoid'.split(' '))

function deniesAtAll(statements: Statement[]): boolean {
  return statements.some((it) => it.tokens.some(({ is }) => NEGATORS.has(is)))
}

/** So many words in a row are not said twice by chance. */
const RUN = 5
/** Of a shorter text all words, if they are so many. */
const SHORTEST_RUN = 3

/** Whether a sentence has words that only a tool, a page or a memory said, and that are no quotation of the lesson's own. */
function repeatsOthers(text: string, { text: lesson, evidence }: Pattern): boolean {
  const known = ` ${plainWords(lesson)} `
  const said = ` ${plainWords(text)} `
  return evidence
    .filter((it) => it.origin !== 'person' && it.origin !== 'agent')
    .flatMap((it) => runsOf(plainWords(it.quote)))
    .some((run) => said.includes(` ${run} `) && !known.includes(` ${run} `))
}

function runsOf(words: string): string[] {
  const all = words.split(' ')
  const length = Math.min(RUN, all.length)
  if (length < SHORTEST_RUN) return []
  return all.slice(0, all.length - length + 1).map((_, i) => all.slice(i, i + length).join(' '))
}

function plainWords(text: string): string {
  return undressed(text)
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}

/** Whether a lesson, or its memory, says it in these words already. */
function isSaidSo(text: string, { pattern, memory }: Placed): boolean {
  return [pattern!.text, frontMatterOf(memory?.content ?? '').description].includes(text)
}

function ofNews(text: string, { patterns, memories }: OperationGround): Reason | null {
  const [said] = statementsOf(text)
  const told = [
    ...patterns.filter(isTold).flatMap((it) => claimsOf({ content: '', pattern: it })),
    ...memories.flatMap((it) => statementsOf(wordsOf(it.content))),
  ]
  return told.some((it) => saysTheSame(it, said!)) ? 'nothing new' : null
}

function ofConflict({ says }: Operation, entries: Placed[], { asked }: OperationGround): Reason | null {
  const [one, other] = entries
  if (entries.length !== 2 || says.length !== 2 || one!.path === other!.path) return 'wrong number'
  if (one!.is_theirs && other!.is_theirs) return 'of people'
  if (personOf(one!) !== personOf(other!)) return 'other people'
  if (!says.every((it, i) => stands(it, entries[i]!))) return 'no such quote'
  const names = (a: Placed, b: Placed) =>
    marksIn(a.memory?.content ?? '').some((it) => it.includes(`: ${b.path} says `)) ||
    asked.some((it) => it.path === a.path && it.reason.includes(`${b.path}: here "`))
  return names(one!, other!) || names(other!, one!) ? 'nothing new' : null
}

function personOf({ pattern, memory }: Placed): string | null {
  return pattern?.scope.person ?? frontMatterOf(memory?.content ?? '').person
}

/** Whether it is a sentence of the lesson, or of the memory without what our lines say of others; word for word, however it is spaced. */
function stands(quote: string, { pattern, memory }: Placed): boolean {
  const texts = pattern
    ? [pattern.text, frontMatterOf(memory?.content ?? '').description ?? '']
    : [wordsOf(memory!.content)]
  const [said, ...more] = statementsOf(quote)
  return (
    said !== undefined &&
    more.length === 0 &&
    visible(said.text) === said.text &&
    [...quote].length <= MOST_LETTERS &&
    texts.flatMap(statementsOf).some((it) => it.text === said.text)
  )
}

// ---------------------------------------------------------------- as it is proposed

/** Of the words of what it is made of, at most this share may be missing. */
const MOST_LOST = 0.25
const MOST_BYTES = 20_000

/** What speaks against what would become of an operation; null where it may be proposed. */
function objectionTo(
  { operation, entries }: Taken,
  now: Proposal[],
  before: Proposal[],
  { is_unwanted, memories }: OperationGround,
): Reason | null {
  const its = changesOf(operation, entries, now)
  if (its.length === 0) return 'nothing new'
  if (its.every((it) => before.some((one) => one.path === it.path && one.after === it.after)))
    return 'nothing new'
  if (its.some(is_unwanted)) return 'unwanted'
  if (operation.operation === 'conflict') return null
  if (
    operation.operation === 'add' &&
    [...before.map((it) => it.after ?? ''), ...memories.map((it) => it.content)].some((it) =>
      isReadOut(it, entries),
    )
  )
    return 'nothing new'
  const [{ after }] = its as [Proposal]
  const kept = entries.flatMap(({ pattern }) =>
    operation.operation === 'reword' ? [pattern!.why] : [pattern!.text, pattern!.why],
  )
  if (kept.some((it) => !after!.includes(it)) || Buffer.byteLength(after!) > MOST_BYTES) return 'lost words'
  if (operation.operation === 'add') return null
  const sources = entries.flatMap(({ pattern, memory }) => [
    pattern!.text,
    pattern!.why,
    ...(memory ? [withoutCounts(wordsOf(memory.content))] : []),
  ])
  return lossOf(sources, after!) > MOST_LOST ? 'lost words' : null
}

function changesOf({ operation, text }: Operation, entries: Placed[], now: Proposal[]): Proposal[] {
  if (operation === 'conflict') {
    const paths = entries.map((it) => it.path)
    return now.filter(
      (it) =>
        it.kind === 'conflict' &&
        paths.includes(it.path) &&
        paths.some((one) => it.reason.includes(`${one}: here "`)),
    )
  }
  const is_its = ({ after }: Proposal) => frontMatterOf(after ?? '').description === text
  if (operation === 'add')
    return now.filter((it) => it.kind === 'add' && is_its(it) && isInsight(it.after ?? ''))
  return now.filter((it) => it.path === entries[0]!.path && it.kind !== 'conflict' && is_its(it))
}

/** Whether a text is an insight out of exactly these lessons, and holds. */
function isReadOut(content: string, entries: Placed[]): boolean {
  const front = frontMatterOf(content)
  const ids = entries.map((it) => it.pattern!.id).sort()
  return isInsight(content) && !isPast(front) && front.also.toSorted().join(' ') === ids.join(' ')
}

/** The share of the different words that are gone, in whatever form they stood; words that only hold sentences together are none. */
function lossOf(sources: string[], after: string): number {
  const rootsIn = (text: string) =>
    statementsOf(text)
      .flatMap(subjectsOf)
      .map((it) => it.root)
  const words = new Set(sources.flatMap(rootsIn))
  const left = new Set(rootsIn(wordsOf(after)))
  return words.size === 0 ? 0 : [...words].filter((it) => !left.has(it)).length / words.size
}

/** Newer counts take the place of older ones. */
function withoutCounts(text: string): string {
  return text.replace(/\p{N}+/gu, '')
}
