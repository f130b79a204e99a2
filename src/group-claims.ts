/**
 * Grouping: new claims in, the same claims with their groups out.
 *
 * A claim joins the group of an earlier one that says the same, or begins a group. It gets its group once; what a model could not decide
 * stays two. Nothing is written here, so whoever is stopped asks again, and what was answered is known (`model/cached.ts`).
 */
import {
  type Asked,
  type Comparing,
  candidatesFor,
  decidedBy,
  mayBeOne,
  type Named,
  sameAs,
  sameQuestion,
} from './3-mine/claim-groups.ts'
import { contradiction } from './4-consolidate/contradiction.ts'
import { saysTheSame } from './4-consolidate/duplicate.ts'
import { type Kind, type Statement, statementOf, subjectsOf } from './4-consolidate/statement.ts'
import { groupsOf } from './db/claims.ts'
import type { Database } from './db/database.ts'
import type { Claim, NewClaim } from './domain/claim.ts'
import { derivedId } from './domain/id.ts'
import type { Ask } from './model/model.ts'
import { ModelError } from './model/model-error.ts'

/** A claim about a session of an agent. */
export type ClaimOfSession = NewClaim & Pick<Claim, 'session_id' | 'agent'>

/**
 * In the order that they came in, which decides whose words a group has; what was said twice of one session, once.
 *
 * Without `ask`, and where an answer is of no use, only what says the same word for word is one. Throws the `ModelError` of a provider that
 * is not there, refuses, or is not asked any more: then nothing was decided, and the sessions can wait.
 */
export async function groupClaims(
  db: Database,
  ask: Ask | null,
  claims: ClaimOfSession[],
  signal?: AbortSignal,
): Promise<Claim[]> {
  const named = new Map<string, Ungrouped>()
  for (const it of claims) {
    const name = idOf(it)
    if (!named.has(name)) named.set(name, { ...it, name })
  }
  const groups = new Map<string, string>()
  const comparing = comparingAll()
  for (const [agent, said] of Map.groupBy(named.values(), (it) => it.agent)) {
    const known = (await groupsOf(db, agent)).map((it) => ({ ...it, name: it.group_id }))
    for (let from = 0; from < said.length; from += AT_ONCE)
      await groupSome(said.slice(from, from + AT_ONCE), { known, groups, comparing, ask, signal })
  }
  return [...named.values()].map(({ name: id, ...it }) => ({ ...it, id, group_id: groups.get(id)! }))
}

/** Claims that are put into one question. */
const AT_ONCE = 12

function idOf({ session_id, kind, statement, action }: ClaimOfSession): string {
  return derivedId('clm', session_id, kind, statement, action ?? '')
}

type Ungrouped = ClaimOfSession & Named

type Grouping = {
  /** The first claim of each group of the agent. */
  known: Named[]
  /** What was decided so far: the name of each claim, and of its group. */
  groups: Map<string, string>
  comparing: Comparing
  ask: Ask | null
  signal: AbortSignal | undefined
}

/** Notes the group of each in `groups`, and those that begin one in `known`. */
async function groupSome(
  claims: Ungrouped[],
  { known, groups, comparing, ask, signal }: Grouping,
): Promise<void> {
  const same = new Map<string, string>()
  const open: Ungrouped[] = []
  const asked: Asked[] = []
  for (const claim of claims) {
    const copy = sameAs(claim, [...known, ...open], comparing)
    if (copy !== undefined) {
      same.set(claim.name, copy.name)
      continue
    }
    // What is said of one session beside something else is something else.
    const elsewhere = [...known, ...open.filter((it) => it.session_id !== claim.session_id)]
    const candidates = candidatesFor(claim, elsewhere, comparing)
    if (candidates.length > 0) asked.push({ claim, candidates })
    open.push(claim)
  }
  if (ask !== null && asked.length > 0)
    for (const [name, other] of await decisions(asked, ask, signal)) same.set(name, other)

  // Whatever a claim is the same as stands before it, and has its group.
  const firsts = new Map([...known, ...open].map((it) => [it.name, it]))
  for (const claim of claims) {
    const other = same.get(claim.name)
    const first = other === undefined ? undefined : firsts.get(groups.get(other) ?? other)
    if (first !== undefined && mayBeOne(claim, first, comparing)) groups.set(claim.name, first.name)
    else {
      groups.set(claim.name, claim.name)
      known.push(claim)
    }
  }
}

/** An answer of no use to many claims at once may be of use for each of them alone. */
async function decisions(
  asked: Asked[],
  ask: Ask,
  signal: AbortSignal | undefined,
): Promise<Map<string, string>> {
  try {
    const { value } = await ask(sameQuestion(asked), signal)
    return decidedBy(value, asked)
  } catch (error) {
    if (!(error instanceof ModelError) || error.kind !== 'unusable') throw error
    if (asked.length === 1) return new Map()
  }
  const decided = new Map<string, string>()
  for (const it of asked)
    for (const [name, same] of await decisions([it], ask, signal)) decided.set(name, same)
  return decided
}

/** Each text is taken apart once. */
function comparingAll(): Comparing {
  const known = new Map<string, { statement: Statement; roots: Set<string> }>()
  const of = (text: string) => {
    const it = known.get(text)
    if (it !== undefined) return it
    const statement = statementOf(text)
    const made = { statement, roots: new Set(subjectsOf(statement).map(({ root }) => root)) }
    known.set(text, made)
    return made
  }
  return {
    isSame: (one, other) => one === other || saysTheSame(of(one).statement, of(other).statement),
    mayBeSame: (one, other) => {
      const [a, b] = [of(one).statement, of(other).statement]
      return namesTheSame(a, b) && contradiction(a, b) === null
    },
    likeness: (one, other) => overlap(of(one).roots, of(other).roots),
  }
}

/** The cosine of two sets: what they share over the root of the product of their sizes. */
function overlap(a: Set<string>, b: Set<string>): number {
  let shared = 0
  for (const it of a) if (b.has(it)) shared++
  return shared === 0 ? 0 : shared / Math.sqrt(a.size * b.size)
}

/** Tokens that say which thing is meant, or how many. */
const TELLING: Kind[] = ['number', 'code', 'quote', 'name', 'colour', 'day']

/** False where each of two names a thing that the other does not: another number, tool, person or day. */
function namesTheSame(one: Statement, other: Statement): boolean {
  const named = ({ tokens }: Statement, kind: Kind) =>
    tokens.filter((it) => it.kind === kind).map((it) => it.is)
  return TELLING.every((kind) => {
    const [a, b] = [named(one, kind), named(other, kind)]
    return a.every((it) => b.includes(it)) || b.every((it) => a.includes(it))
  })
}
