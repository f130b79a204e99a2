/**
 * What a model says of a session, checked: a claim that may be counted, or the reason why it may not.
 *
 * The statement of a claim may become the wording of a lesson, so it must say something of its own: not what a tool, a page or a
 * memory said, no address that no person named, and no leave that no person gave. The rest is for the counts, the policy and
 * people: a claim that passes here is not yet true.
 */
import {
  BORNE_OUT_BY,
  type Citation,
  type ClaimKind,
  type DropReason,
  type NewClaim,
} from '../domain/claim.ts'
import { type SessionEvent, textOf } from '../domain/event.ts'
import { namesAPlace, setsRulesAside } from '../domain/order.ts'
import type { Origin } from '../domain/origin.ts'
import { isDisguised, visible } from '../domain/visible-text.ts'
import { type Call, callsOf } from './call.ts'
import { type Checked, citationOf, isOwn, originsOf, type Quoted, type Shown } from './citation.ts'
import { ownWords } from './own-words.ts'
import { firstHolding } from './word-runs.ts'

/** As a model says it. */
export type Said = { kind: ClaimKind; statement: string; action: string | null; quotes: Quoted[] }

/** What claims are held against. */
export type Ground = Shown & {
  calls: Call[]
  /** Events that were counted with an earlier session. */
  copied: Set<number>
  /** What tools, pages and memories say, and in which event. */
  others: { at: number; text: string }[]
  /** What people wrote that is not all their own, and their own words. */
  shown: string[]
  own: string[]
}

export function groundOf(events: SessionEvent[], names: Map<string, number>, copied: Set<number>): Ground {
  const origins = originsOf(events)
  const people = events.filter((_, at) => origins[at] === 'person').map(textOf)
  return {
    ...{ events, origins, names, copied },
    calls: callsOf(events),
    others: events.flatMap((it, at) => (OTHERS.has(origins[at]!) ? [{ at, text: textOf(it) }] : [])),
    shown: people.filter((it) => ownWords(it) !== it),
    own: people.map(ownWords),
  }
}

const OTHERS = new Set<Origin>(['tool', 'web', 'memory'])

export function claimOf(said: Said, ground: Ground): NewClaim | DropReason {
  const { kind, action } = said
  const checked = said.quotes.slice(0, MOST_QUOTES).map((it) => citationOf(it, ground))
  const citations = onceEach(checked.filter((it) => typeof it !== 'string'))
  const kept = citations.filter((it) => isOfThisSession(it, ground))
  const statement = visible(said.statement)
  const bears = kept.filter((it) => BORNE_OUT_BY[kind].includes(it.origin) && !isRepeated(it, ground))
  const reason =
    whyNotQuoted(checked) ??
    (bears.length === 0 ? whyNotBorneOut(citations) : null) ??
    (isCounted(kind, bears, ground) ? 'it tells what is counted already' : null) ??
    whyNotSaid(said.statement, statement, bears, ground)
  if (reason !== null) return reason
  return { kind, statement, action: actionIn(action, ground.calls), citations: kept }
}

/** A model was told three; more are not looked at. */
const MOST_QUOTES = 5

function onceEach(citations: Citation[]): Citation[] {
  return [...new Map(citations.map((it) => [`${it.event} ${it.quote}`, it])).values()]
}

function whyNotQuoted(checked: Checked[]): DropReason | null {
  if (checked.length === 0) return 'it quotes no words of the session'
  if (checked.some((it) => typeof it !== 'string')) return null
  return checked.includes('too short')
    ? 'its quote is too short to prove anything'
    : 'its quote does not stand in the event that it names'
}

/** Memory is of other sessions, and what a person shows is not theirs. */
function isOfThisSession(it: Citation, { events }: Ground): boolean {
  return it.origin !== 'memory' && (it.origin !== 'person' || isOwn(it, events))
}

/** What the agent only repeats, all of it, is not its own: else a tool could speak in its name. */
function isRepeated({ event, origin, quote }: Citation, { others }: Ground): boolean {
  const runs = origin === 'agent' ? runsIn(quote) : []
  if (runs.length === 0) return false
  const before = others.flatMap(({ at, text }) => (at < event ? [text] : []))
  return firstHolding(runs, before).every((it) => it !== null)
}

function whyNotBorneOut(citations: Citation[]): DropReason {
  if (citations.some((it) => it.origin === 'person'))
    return 'it rests on words that a person only quoted or pasted'
  return citations.every((it) => it.origin === 'memory')
    ? 'it rests on a recalled memory'
    : 'it rests on words of others alone'
}

/** What an earlier session showed is counted with it; calls that failed are found by the miner, with what helped. */
function isCounted(kind: ClaimKind, bears: Citation[], { calls, copied }: Ground): boolean {
  const failed = new Set(calls.flatMap((it) => (it.fault === null ? [] : [it.at])))
  return (
    bears.every((it) => copied.has(it.event)) ||
    (kind !== 'preference' && bears.every((it) => failed.has(it.event)))
  )
}

const LONGEST = 200
const FEWEST_WORDS = 3

function whyNotSaid(
  raw: string,
  statement: string,
  bears: Citation[],
  { others, shown, own }: Ground,
): DropReason | null {
  if (isDisguised(raw) || isDisguised(statement))
    return 'it is written so that it does not read as what it is'
  if (!isOneSentence(raw.trim()) || statement.length > LONGEST) return 'it is not one short sentence'
  if (placesIn(statement).some((place) => !own.some((it) => it.includes(place))))
    return 'it names an address that no person named'
  const wishes = bears.filter((it) => it.origin === 'person').map((it) => it.quote)
  if (setsRulesAside(statement) && !wishes.some(setsRulesAside))
    return 'it sets rules aside, and no person asked for that'
  const runs = runsIn(statement)
  const standIn = (texts: string[]) => firstHolding(runs, texts).map((at) => at !== null)
  const [is_wish, is_own] = [standIn(wishes), standIn(own)]
  const [is_shown, is_others] = [standIn(shown), standIn(others.map((it) => it.text))]
  return runs.some((_, i) => (is_others[i] && !is_wish[i]) || (is_shown[i] && !is_own[i]))
    ? 'it repeats words of a tool, a page or a memory'
    : null
}

function placesIn(text: string): string[] {
  return text
    .split(/[\s"'`()<>,;]+/)
    .filter((it) => namesAPlace(it) || MACHINE.test(it))
    .map((it) => it.replace(/[.:!?]+$/, ''))
}

/** An address in numbers; a host with a port or a path, whatever its name ends in. */
const MACHINE = /^\d{1,3}(?:\.\d{1,3}){3}(?!\.?\d)|^[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}(?::\d|\/\S)/i

function isOneSentence(text: string): boolean {
  return !NOT_A_SENTENCE.test(text) && (text.match(/\p{L}+/gu) ?? []).length >= FEWEST_WORDS
}

/** More than one, more than one line, or marks that end a memory or begin code. */
const NOT_A_SENTENCE =
  /[.!?]["')\]]*\s+["'(]*\p{Lu}|[。！？]["'」』）]*\s*\p{L}|[\n\r\u2028\u2029]|```|<!--|-->|^---|<\/?[a-z]/u

const RUN = 5

/** Each five words in a row. */
function runsIn(text: string): string[] {
  const words = text.split(/\s+/)
  return words.slice(RUN - 1).map((_, i) => words.slice(i, i + RUN).join(' '))
}

/** An action is what the session called; whatever else a model names is none. */
function actionIn(action: string | null, calls: Call[]): string | null {
  const is_called = calls.some((it) => it.action === action || it.actions.includes(action ?? ''))
  return is_called ? action : null
}
