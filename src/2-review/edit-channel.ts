/**
 * The edit channel: what people change in what the agent wrote, and what the agent changes when it is corrected.
 *
 * Occasions, by context:
 *
 * - `edit`: a session in which a person edited an output. Traits: words of the request (`asked compliance`), and what
 *   was added after such a request (`add author when compliance`).
 * - `edit written`: a sentence of the agent, before the edit. Traits: its words, in their stems and as they stand.
 * - `edit added`, `edit removed`: a sentence that was put in or taken out, or reworded. Traits: the words that are new
 *   in their place, or gone, the pairs of them, and a word that came or went by itself (`add author`,
 *   `add author + source`, `remove kindly alone`).
 * - `edit replaced`: a few words put in the place of others (`replace utilize > use`).
 * - `redone written`, `redone added`, `redone removed`: the same for an output of the agent and the next, when what a
 *   person said between the two corrects it. The event to read is what the person said.
 *
 * A trait is counted once a session, but for `written`, where the share of the agent's sentences is what counts.
 * Numbers, names, paths and identifiers are no words, and neither is the name of the person who edits.
 *
 * What counts as added was typed by a person: a sentence that holds a run of words which stands in an earlier event of
 * anybody else was pasted, or was the agent's before, and is left out, as is a sentence longer than people write. So
 * is a removed sentence that a tool had said.
 */
import { isToolResult, type SessionEvent, textOf } from '../domain/event.ts'
import type { Origin } from '../domain/origin.ts'
import type { Observation } from '../domain/review.ts'
import type { Session } from '../domain/session.ts'
import { type Passage, plainSpokenWords, type Revision, revisionOf } from './draft.ts'
import { asQuote } from './quote.ts'
import { allSentences, contentWords, plainWords, SENTENCE_LIMIT, wordPairs } from './sentence.ts'
import { firstHolding } from './word-runs.ts'

/** `corrections` are what the correction channel observed in the same session. */
export function observeEdits(
  { events, person }: Pick<Session, 'events' | 'person'>,
  corrections: Observation[],
): Observation[] {
  return [...observeFeedback(events, person), ...observeRedone(events, corrections)]
}

/** Of a request and of what was added, the first words: more would not be one topic, or one thing. */
const MOST_WORDS = 24

function observeFeedback(events: SessionEvent[], person: string | null): Observation[] {
  const observations: Observation[] = []
  const seen = new Set<string>()
  const is_name = nameTest(person)
  let asked: Map<string, number> | null = null
  const traits: Record<string, number> = {}
  for (let i = 0; i < events.length; i++) {
    const edit = editIn(events[i]!)
    if (edit === null || edit.before === edit.after) continue
    if (asked === null) {
      asked = askedBefore(events, i, is_name)
      for (const [word, at] of asked) traits[`asked ${word}`] = at
      observations.push({ channel: 'edit', context: 'edit', bad: true, event: i, traits })
    }
    const revision = ownRevision(events, i)
    if (revision === null) continue
    const revised = observeRevision('edit', edit.before, revision, i, seen, is_name)
    for (const trait of addedWords(revised)) for (const [topic] of asked) traits[`${trait} when ${topic}`] = i
    observations.push(...revised)
  }
  return observations
}

function addedWords(observations: Observation[]): string[] {
  return observations
    .flatMap((it) => (it.context === 'edit added' ? Object.keys(it.traits) : []))
    .filter((it) => it.split(' ').length === 2)
    .slice(0, MOST_WORDS)
}

function askedBefore(
  events: SessionEvent[],
  end: number,
  is_name: (word: string) => boolean,
): Map<string, number> {
  const words = new Map<string, number>()
  for (let i = 0; i < end; i++) {
    if (events[i]!.type !== 'user.message') continue
    for (const word of plainWords(textOf(events[i]!).slice(0, REQUEST_LIMIT))) {
      if (words.size === MOST_WORDS) return words
      if (!words.has(word) && !is_name(word)) words.set(word, i)
    }
  }
  return words
}

const REQUEST_LIMIT = 2_000

/** Enough sentences to know how the agent writes. */
const MOST_SENTENCES = 100

function observeRevision(
  name: 'edit' | 'redone',
  before: string,
  { added, removed, replaced }: Revision,
  event: number,
  seen: Set<string>,
  is_name: (word: string) => boolean,
): Observation[] {
  const occasion = (what: string, bad: boolean, traits: string[]): Observation => ({
    channel: 'edit',
    context: `${name} ${what}`,
    bad,
    event,
    traits: Object.fromEntries(traits.map((it) => [it, event])),
  })
  const first = (traits: string[]) =>
    traits.filter((it) => {
      const is_new = !seen.has(it)
      seen.add(it)
      return is_new
    })
  const changed = (what: string, verb: string, { words }: Passage) => {
    const plain = words.filter((it) => !is_name(it))
    const alone = plain.length === 1 ? [`${plain[0]} alone`] : []
    return occasion(what, true, first([...plain, ...wordPairs(plain), ...alone].map((it) => `${verb} ${it}`)))
  }
  return [
    ...allSentences(before)
      .slice(0, MOST_SENTENCES)
      .map((it) => occasion('written', false, [...new Set([...plainWords(it), ...plainSpokenWords(it)])])),
    ...added.map((it) => changed('added', 'add', it)),
    ...removed.map((it) => changed('removed', 'remove', it)),
    ...replaced
      .filter(({ from, to }) => !`${from} ${to}`.split(' ').some(is_name))
      .map((it) => occasion('replaced', true, first([`replace ${it.from} > ${it.to}`]))),
  ]
}

/** What a person changed with their own words, and what of the agent's own words they took out; null when there is nothing to say. */
function ownRevision(events: SessionEvent[], at: number): Revision | null {
  const { before, after } = editIn(events[at]!)!
  const revision = revisionOf(before, after)
  if (revision === null) return null
  const heard: string[] = []
  const told: string[] = []
  for (const event of events.slice(0, at)) {
    if (event.type.startsWith('user.') && !isToolResult(event)) continue
    const text = textOf(event)
    heard.push(text)
    if (event.type !== 'agent.message') told.push(text)
  }
  const typed = revision.added.filter((it) => it.parts.every((part) => part.length <= SENTENCE_LIMIT))
  return {
    added: withoutHeard(typed, heard),
    removed: withoutHeard(revision.removed, told),
    replaced: revision.replaced,
  }
}

/** The passages of which no part stands in one of the texts. */
function withoutHeard(passages: Passage[], texts: string[]): Passage[] {
  const parts = passages.flatMap((it) => it.parts)
  const first = firstHolding(parts, texts)
  const heard = new Set(parts.filter((_, i) => first[i] !== null))
  return passages.filter((it) => !it.parts.some((part) => heard.has(part)))
}

/** An output of the agent, what a person said to correct it, and the output that came of it. */
function observeRedone(events: SessionEvent[], corrections: Observation[]): Observation[] {
  const observations: Observation[] = []
  const seen = new Set<string>()
  for (const { context, bad, event } of corrections) {
    if (context !== 'said' || !bad || events[event]!.type !== 'user.message') continue
    const before = longestOutput(events, event, -1)
    const after = longestOutput(events, event, 1)
    if (!isSameWork(before, after)) continue
    const revision = revisionOf(before, after)
    if (revision === null) continue
    observations.push(
      ...observeRevision('redone', before, { ...revision, replaced: [] }, event, seen, () => false),
    )
  }
  return observations
}

/** The longest message of the agent between what a person said at `from` and what a person said before or after that. */
function longestOutput(events: SessionEvent[], from: number, step: 1 | -1): string {
  let longest = ''
  for (let i = from + step; i >= 0 && i < events.length && events[i]!.type !== 'user.message'; i += step) {
    if (events[i]!.type !== 'agent.message') continue
    const text = textOf(events[i]!)
    if (text.length > longest.length) longest = text
  }
  return longest
}

const SHORTEST_WORK = 3

/** Two versions of one text have at least half of the words of the shorter in common; an answer to it does not. */
function isSameWork(before: string, after: string): boolean {
  const [a, b] = [before, after].map((it) => new Set(contentWords(it.slice(0, REQUEST_LIMIT))))
  const common = [...a!].filter((it) => b!.has(it)).length
  return common >= SHORTEST_WORK && 2 * common >= Math.min(a!.size, b!.size)
}

/**
 * The words of an edit that show what `trait` says, verbatim, and whose they are: a person's when they were added, the
 * agent's when they were taken out. Null for other events and traits.
 */
export function quoteOfEdit(
  events: SessionEvent[],
  at: number,
  trait: string,
): { quote: string; origin: Origin } | null {
  const [, verb, words] = /^(add|remove|replace) (.+)$/.exec(trait.replace(/ when \S+$/, '')) ?? []
  if (verb === undefined || words === undefined || editIn(events[at]!) === null) return null
  const revision = ownRevision(events, at)
  if (revision === null) return null
  const is_added = verb !== 'remove'
  const [wanted, wordsIn] =
    verb === 'replace'
      ? [words.slice(words.indexOf(' > ') + 3).split(' '), plainSpokenWords]
      : [words.split(' + '), plainWords]
  const part = (is_added ? revision.added : revision.removed)
    .flatMap((it) => it.parts)
    .find((it) => {
      const held = wordsIn(it)
      return wanted.every((word) => held.includes(word))
    })
  const quote = asQuote(part ?? '')
  return quote === null ? null : { quote, origin: is_added ? 'person' : 'agent' }
}

function editIn(event: SessionEvent): { before: string; after: string } | null {
  return event.type === 'user.feedback' && event.feedback.kind === 'edit' ? event.feedback : null
}

/** Whether a word is a part of a person's name. */
function nameTest(person: string | null): (word: string) => boolean {
  const parts = new Set([...(person?.toLowerCase().split(/[^\p{L}]+/u) ?? []), ...contentWords(person ?? '')])
  return (word) => parts.has(word)
}
