/**
 * Decide: proposed changes in, a verdict on each out.
 *
 * `allow` may go live by itself, `hold` waits for a person's decision, `deny` does not happen. The rules of the policy say which; besides
 * them stands what no rule can allow. Everything is weighed and the strictest word counts, so neither the order of the changes nor a second
 * reason ever lets more through.
 *
 * Never allowed, whatever the policy says: a change of what a person wrote, a conflict, a fold that loses words, lessons that a language
 * model put in other words or together, and anything of a dream that drops or alters more of the store than the policy has a dream do.
 */
import type { Change, Verdict } from '../domain/change.ts'
import { personIn, split } from '../domain/front-matter.ts'
import { INDEX_PATH } from '../domain/memory.ts'
import { bringsModelWords } from '../domain/model-words.ts'
import type { Pattern } from '../domain/pattern.ts'
import type { Policy, PolicyRule } from '../domain/policy.ts'
import { toldName } from '../domain/told-name.ts'
import { isDisguised } from '../domain/visible-text.ts'
import { capabilitiesIn, wordIn } from './capability.ts'
import { fitsGlob } from './glob.ts'

/** What of a change a verdict rests on. */
export type Judged = Pick<Change, 'operation' | 'kind' | 'path' | 'before' | 'after' | 'pattern_ids'>
export type Owned = { path: string; created_by: string; content: string }
export type Supporting = Pick<Pattern, 'id' | 'tier' | 'class' | 'channel' | 'scope' | 'sessions'>

export type Ground = {
  /** The store as it is. */
  memories: Owned[]
  /** Those that the changes name. */
  patterns: Supporting[]
  agent: string
  policy: Policy
  /** How many people are known to stand behind a pattern; without an entry none is. */
  people?: ReadonlyMap<string, number>
}

export type Judgement = { verdict: Verdict; verdict_reason: string }

/** One verdict a change, in the order of the changes. */
export function verdictsOn(changes: Judged[], ground: Ground): Judgement[] {
  const { memories, policy } = ground
  const people = new Set(memories.filter((it) => it.created_by.startsWith('user:')).map((it) => it.path))
  const lost = textsLost(changes, memories)
  const too_much = excessOf(changes, lost, ground)
  return changes.map((it) => {
    const objections = [
      ...objectionsOfPaths(it, policy),
      ...objectionsOfWords(it, ground),
      ...(it.kind === 'conflict' ? [hold('which of two memories holds is for a person to say')] : []),
      ...(people.has(it.path) ? [hold('a person wrote this memory')] : []),
      ...(bringsModelWords(it) ? [hold('a language model put lessons in other words, or together')] : []),
      ...(it.kind === 'merge' && lost.has(it)
        ? [hold('the same stands elsewhere, but not word for word')]
        : []),
      ...(too_much !== null && !isTrivial(it, lost) ? [hold(too_much)] : []),
      rulingOn(it, ground),
    ]
    return STRICTEST_FIRST.flatMap((verdict) => objections.find((it) => it.verdict === verdict) ?? [])[0]!
  })
}

const STRICTEST_FIRST: Verdict[] = ['deny', 'hold', 'allow']

function hold(verdict_reason: string): Judgement {
  return { verdict: 'hold', verdict_reason }
}

// ---------------------------------------------------------------- rules

/** What the first rule that fits says. */
function rulingOn(change: Judged, ground: Ground): Judgement {
  const { policy, patterns, agent } = ground
  const behind = patterns.filter((it) => change.pattern_ids.includes(it.id))
  const number = policy.rules.findIndex((it) => fits(it, change, behind, agent))
  const rule = policy.rules[number]
  if (policy.regulated && rule?.verdict !== 'deny')
    return hold('nothing goes live before two people approve it')
  if (!rule) return hold(whyNoRuleFits(change, behind))
  const verdict_reason = rule.because ?? `rule ${number + 1} of the policy`
  const lacking = rule.verdict === 'allow' ? lackOf(rule, change, behind, ground) : null
  return lacking === null ? { verdict: rule.verdict, verdict_reason } : hold(lacking)
}

function whyNoRuleFits(change: Judged, behind: Supporting[]): string {
  return isWordedByModel(change, behind)
    ? 'a language model put it into words, and no rule allows that by naming the channel `model`'
    : 'no rule of the policy lets it go live by itself'
}

/** Whether the words of a model go live with it, which nobody has read. That its lesson is stale says nothing new. */
function isWordedByModel({ kind }: Judged, behind: Supporting[]): boolean {
  return kind !== 'stale' && behind.some((it) => it.channel === 'model')
}

/** Of a memory with several lessons all have to fit an `allow`; one is enough for what is stricter. What a model worded only fits an `allow` that names it. */
function fits(rule: PolicyRule, change: Judged, behind: Supporting[], agent: string): boolean {
  const among = <T>(wanted: T[] | undefined, found: T[]) =>
    wanted === undefined ||
    (rule.verdict === 'allow'
      ? found.length > 0 && found.every((it) => wanted.includes(it))
      : found.some((it) => wanted.includes(it)))
  const matched = (globs: string[] | undefined, text: string) =>
    globs === undefined || globs.some((it) => fitsGlob(it, text))
  if (rule.verdict === 'allow' && rule.channel === undefined && isWordedByModel(change, behind)) return false
  return (
    among(rule.kind, [change.kind]) &&
    among(rule.operation, [change.operation]) &&
    among(
      rule.tier,
      behind.map((it) => it.tier),
    ) &&
    among(
      rule.class,
      behind.map((it) => it.class),
    ) &&
    among(
      rule.channel,
      behind.map((it) => it.channel),
    ) &&
    among(rule.scope, scopesOf(change, behind)) &&
    matched(rule.path, change.path) &&
    // A name has no folders, even where there is a slash in it.
    matched(
      rule.agent?.map((it) => it.replaceAll('*', '**')),
      agent,
    )
  )
}

/** Whom it is for: the lessons say, and so do the memory and where it stands. */
function scopesOf(change: Judged, behind: Supporting[]): ('agent' | 'person')[] {
  const scopes = behind.map((it) => (it.scope.person === null ? 'agent' : 'person'))
  const is_personal =
    change.path.startsWith('/people/') ||
    [change.before, change.after].some((it) => it !== null && personIn(split(it).front) !== null)
  if (is_personal) return [...scopes, 'person']
  return scopes.length === 0 ? ['agent'] : scopes
}

/** What an `allow` asks for and a change does not have, in words; null where nothing is lacking. */
function lackOf(rule: PolicyRule, change: Judged, behind: Supporting[], { people }: Ground): string | null {
  const { tier, class: kind, channel, scope, min_sessions = 0, min_people = 0 } = rule
  const asks_lessons =
    min_sessions + min_people > 0 || [tier, kind, channel, scope].some((it) => it !== undefined)
  if (asks_lessons && behind.length < change.pattern_ids.length)
    return 'a lesson behind it is not known any more'
  const least = (counts: number[]) => (counts.length === 0 ? 0 : Math.min(...counts))
  const sessions = least(behind.map((it) => it.sessions))
  const persons = least(behind.map((it) => people?.get(it.id) ?? 0))
  if (sessions < min_sessions) return `sessions behind it: ${sessions}; the policy asks for ${min_sessions}`
  if (persons < min_people) return `people known behind it: ${persons}; the policy asks for ${min_people}`
  return null
}

// ---------------------------------------------------------------- paths and words

function objectionsOfPaths({ path, operation }: Judged, policy: Policy): Judgement[] {
  return policy.protected_paths
    .filter((it) => fitsGlob(it.path, path))
    .map(({ deletion }) =>
      operation === 'deleted' && deletion === 'deny'
        ? { verdict: 'deny', verdict_reason: 'nothing on this protected path is deleted by a dream' }
        : hold('the policy protects this path'),
    )
}

/** What of the text an agent would newly read needs a person, or is refused. */
function objectionsOfWords(change: Judged, { policy, agent }: Ground): Judgement[] {
  const text = newText(change, agent)
  const { deny, hold: held } = policy.words
  const denied = wordIn(text, deny)
  const own = wordIn(text, held)
  const capabilities = capabilitiesIn(text).map(({ capability, words }): Judgement => {
    const verdict_reason = `it speaks of ${CAPABILITY_NAMES[capability]}: "${words}"`
    return { verdict: policy.capabilities[capability], verdict_reason }
  })
  const is_watched = Object.values(policy.capabilities).some((it) => it !== 'allow')
  return [
    ...(denied === null
      ? []
      : [{ verdict: 'deny' as const, verdict_reason: `the policy refuses the word "${denied}"` }]),
    ...capabilities.filter((it) => it.verdict !== 'allow'),
    ...(own === null ? [] : [hold(`the policy holds the word "${own}"`)]),
    ...(is_watched && isDisguised(text) ? [hold('words in it are spelled to look like others')] : []),
  ]
}

const CAPABILITY_NAMES: Record<keyof Policy['capabilities'], string> = {
  credentials: 'credentials',
  network: 'the network',
  disabling_checks: 'disabling checks',
  approving: 'approving',
  payment: 'payment',
  deletion: 'deletion',
}

/** The lines that were not there before. The agent's own name, and our own warning, tell it nothing. */
function newText({ before, after }: Judged, agent: string): string {
  if (after === null) return ''
  const known = new Set(before?.split('\n'))
  const name = toldName(agent, 'agent')
  const scopes = [name, JSON.stringify(name)].map((it) => `scope: { agent: ${it}`)
  return after
    .split('\n')
    .filter((it) => !known.has(it) && it !== WARNING)
    .map((it) => it.slice(scopes.find((scope) => it.startsWith(scope))?.length ?? 0))
    .join('\n')
}

const WARNING = 'Disputed: approved by people but judged wrong by verified outcomes. Do not follow it.'

// ---------------------------------------------------------------- how much

/** Why a dream is held as a whole; null where it stays within bounds. The index is made from the others, and a question alters nothing. */
function excessOf(changes: Judged[], lost: Set<Judged>, { memories, policy }: Ground): string | null {
  const { dropped, touched } = policy.largest_share
  const all = memories.filter((it) => it.path !== INDEX_PATH).length
  const altering = changes.filter(
    (it) =>
      it.operation !== 'created' && it.kind !== 'conflict' && it.path !== INDEX_PATH && !isTrivial(it, lost),
  )
  const altered = new Set(altering.map((it) => it.path)).size
  if (lost.size > dropped * all)
    return `this dream would drop ${lost.size} of ${all} memories, more than ${percent(dropped)}`
  if (altered > touched * Math.max(all, FEW))
    return `this dream would alter ${altered} of ${all} memories, more than ${percent(touched)}`
  return null
}

/** A share of fewer memories than this says nothing: in a young store every change of a lesson would be too much. What is dropped counts all the same. */
const FEW = 8

function percent(share: number): string {
  return `${Math.round(100 * share)} %`
}

/** Whether nothing is lost or said anew: a text goes that stands elsewhere, or only the counts behind a lesson are newer. */
function isTrivial(change: Judged, lost: Set<Judged>): boolean {
  const { operation, before, after } = change
  if (operation === 'deleted') return !lost.has(change)
  return before !== null && after !== null && withoutCounts(before) === withoutCounts(after)
}

function withoutCounts(content: string): string {
  return content.replace(/^(?:Why|Rests on|The same in other words): .*$/gm, (it) => it.replace(/\d+/g, '#'))
}

/** Deletions that lose something: of a text that still stands elsewhere nothing is lost, and of several copies the last one is the loss. */
function textsLost(changes: Judged[], memories: Owned[]): Set<Judged> {
  const deleted = changes
    .filter((it) => it.operation === 'deleted')
    .toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const gone = new Set(deleted.map((it) => it.path))
  // The index is made anew, so what stands there stands there no longer.
  const others = memories.filter((it) => it.path !== INDEX_PATH && !gone.has(it.path))
  const kept = new Set(others.map((it) => it.content))
  const last = new Map(deleted.map((it) => [it.before, it]))
  return new Set([...last].filter(([text]) => text === null || !kept.has(text)).map(([, it]) => it))
}
