/**
 * Duplicate: whether two texts say the same, in words that differ only where it does not matter.
 *
 * Two statements say the same when their tokens are the same in the same order: what may differ is case, punctuation, articles, politeness,
 * number and the spelling of long words. Anything else that differs may be the point: a number, a name, a colour, a condition, "only".
 * No measure of likeness can tell that apart (two decisions of one template look more alike than a copy with a word changed), so likeness
 * is needed besides, never instead.
 *
 * Symmetric. What says the same has the same numbers, code and quotations, so folding one of the two loses none; and it has the same negations,
 * order and quantifiers, so it never contradicts, and a contradiction is never folded.
 */
import type { Pattern } from '../domain/pattern.ts'
import { cosine } from './similarity.ts'
import type { Statement, Token } from './statement.ts'

/** Light edits of a text stay above, by mining.md 5.6; it is a need, not a proof. */
const ALIKE = 0.85

/** Whether two texts say the same, statement by statement. A text that says nothing says the same as none. */
export function isCopy(one: Statement[], other: Statement[]): boolean {
  if (one.length !== other.length || one.length === 0) return false
  const text = (of: Statement[]) => of.map((it) => it.text).join(' ')
  return one.every((it, i) => saysTheSame(it, other[i]!)) && cosine(text(one), text(other)) >= ALIKE
}

export function saysTheSame(one: Statement, other: Statement): boolean {
  const [a, b] = [one.tokens, other.tokens]
  return (
    a.length === b.length &&
    a.every((it, i) => isSame(it, b[i]!)) &&
    one.text.includes('?') === other.text.includes('?')
  )
}

function isSame(one: Token, other: Token): boolean {
  if (one.is === other.is) return true
  return one.kind === 'word' && other.kind === 'word' && isMisspelled(one.is, other.is)
}

/** So long that a word which differs only like this is hardly another word: "form" and "from" are short. */
const LONG = 7

/** Two neighbouring letters exchanged, or a letter written once instead of twice. Any other letter may make another word. */
function isMisspelled(one: string, other: string): boolean {
  if (Math.min(one.length, other.length) < LONG) return false
  const single = (word: string) => word.replace(/(.)\1/g, '$1')
  if (single(one) === single(other)) return true
  if (one.length !== other.length) return false
  const at = [...one].findIndex((letter, i) => letter !== other[i])
  return one === other.slice(0, at) + other[at + 1] + other[at] + other.slice(at + 2)
}

/** Two sets of sessions are one when they share at least this much of their union. */
const SHARED = 0.9
const MIN_SESSIONS = 5

/**
 * Patterns by the sessions they rest on: each with those that are of the same kind, in the same context, for the same people, and seen in the
 * same sessions (Jaccard index of the sightings, |A and B| / |A or B|, at least .9; sightings are those of the lowest session ids, so for more
 * sessions than are kept it is an estimate). The first of a group has a memory already, or else rests on most sessions;
 * those that have a memory of their own stay by themselves. The order of the patterns does not matter.
 */
export function sameSessions(
  patterns: Pattern[],
  has_memory: (pattern: Pattern) => boolean,
): { pattern: Pattern; also: Pattern[] }[] {
  const groups: { pattern: Pattern; also: Pattern[] }[] = []
  const ordered = patterns.toSorted(
    (a, b) =>
      Number(has_memory(b)) - Number(has_memory(a)) || b.sessions - a.sessions || (a.id < b.id ? -1 : 1),
  )
  for (const it of ordered) {
    const home = has_memory(it) ? undefined : groups.find(({ pattern }) => restOnTheSame(pattern, it))
    if (home) home.also.push(it)
    else groups.push({ pattern: it, also: [] })
  }
  return groups
}

function restOnTheSame(a: Pattern, b: Pattern): boolean {
  const kind = (it: Pattern) =>
    [it.channel, it.class, it.tier, it.context, it.trait.split(' ')[0], it.scope.agent, it.scope.person].join(
      '\0',
    )
  if (kind(a) !== kind(b) || Math.min(a.sessions, b.sessions) < SHARED * Math.max(a.sessions, b.sessions))
    return false
  const [one, other] = [a, b].map((it) => new Set(it.sightings.map(({ session_id }) => session_id)))
  const common = [...one!].filter((it) => other!.has(it)).length
  return common >= MIN_SESSIONS && common >= SHARED * (one!.size + other!.size - common)
}
