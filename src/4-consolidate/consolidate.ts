/**
 * Consolidate: patterns and the memories as they are now in, proposed changes out.
 *
 * - A lesson without a memory is added, unless a memory says the same already; one with a memory is refreshed when its text differs.
 * - A lesson that stopped holding is marked; nothing is deleted for it. What is disputed, or only a marker, is never added.
 * - Copies of Reverie's own fold into one: the same bytes, the same lesson. Lessons from the same sessions share a memory.
 * - Memories that contradict each other are put to a person (`conflict`), once; so is what only looks like a copy.
 * - What a person wrote, or edited, is never touched: at most, a person is asked whether to mark it.
 * - The same patterns over the same memories change nothing.
 *
 * This stage proposes; it writes nothing. `before` of every change is the exact text it was proposed against.
 */
import type { Change } from '../domain/change.ts'
import { sha256 } from '../domain/id.ts'
import { INDEX_PATH, type Memory } from '../domain/memory.ts'
import type { Pattern } from '../domain/pattern.ts'
import { toldName } from '../domain/told-name.ts'
import { type Conflict, claimsOf, conflictsAmong, type Entry } from './conflict.ts'
import { isCopy, sameSessions, saysTheSame } from './duplicate.ts'
import { disputedAmong } from './effect.ts'
import { isPast } from './index-file.ts'
import { frontMatterOf, marked, marksIn, memoryFile, wordsOf } from './memory-file.ts'
import { statementsOf } from './statement.ts'
import { NO_STEERING, placed, type Steering } from './steering.ts'

export type Proposal = Pick<
  Change,
  'operation' | 'kind' | 'path' | 'before' | 'before_sha256' | 'after' | 'reason' | 'pattern_ids'
>

/** A memory, as far as consolidation looks at it. */
export type Known = Pick<Memory, 'path' | 'content' | 'created_by' | 'created_at'>

/** What earlier dreams proposed, as far as it bears on what is proposed now. */
export type Earlier = {
  /** What was put to a person, whatever became of it: the same question is not asked twice. */
  asked: Pick<Change, 'path' | 'reason'>[]
  /** Changes that are not live yet: a lesson that waits at a path keeps it, and the day since which it is known. */
  waiting: Pick<Change, 'path' | 'before' | 'after' | 'pattern_ids'>[]
}

/** More questions than this in one night would not be read. */
const MOST_QUESTIONS = 12

/** `today` is `YYYY-MM-DD`. Patterns that are only candidates are not written down. */
export function consolidate(
  found: Pattern[],
  memories: Known[],
  today: string,
  { asked, waiting }: Earlier = { asked: [], waiting: [] },
  steering: Steering = NO_STEERING,
): Proposal[] {
  const patterns = found.map(withToldNames)
  const texts = memories.filter((it) => it.path !== INDEX_PATH).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const folded = folds(texts)
  const gone = new Set(folded.map((it) => it.path))
  const kept = texts.filter((it) => !gone.has(it.path))
  const taken = new Set(texts.map((it) => it.path))
  const lessons = lessonChanges(patterns, kept, taken, today, waiting, steering)
  const { questions, withheld } = questionsOn(patterns, kept, lessons, asked)
  return [...folded, ...lessons.filter((it) => !withheld.has(it.path)), ...questions]
}

/** Whoever may choose a name may choose a sentence; in a memory it stands only where it reads like a name. */
function withToldNames(pattern: Pattern): Pattern {
  const { agent, person } = pattern.scope
  return {
    ...pattern,
    scope: { agent: toldName(agent, 'agent'), person: person === null ? null : toldName(person, 'person') },
  }
}

function lessonChanges(
  patterns: Pattern[],
  memories: Known[],
  taken: Set<string>,
  today: string,
  waiting: Earlier['waiting'],
  steering: Steering,
): Proposal[] {
  const additions = waiting.filter((it) => it.before === null && !taken.has(it.path))
  const proposed = new Map(additions.flatMap((it) => it.pattern_ids.slice(0, 1).map((id) => [id, it])))
  for (const it of additions) taken.add(it.path)
  const byPattern = memoryOfEachPattern(memories)
  const disputed = disputedAmong(patterns.filter(isTold))
  const standing = patterns.map((it) => standingOf(it, disputed))
  const groups = sameSessions(standing.filter(isTold), (it) => byPattern.has(it.id))
  const shared = new Set(groups.flatMap((it) => it.also).map((it) => it.id))
  const others = new Map(groups.map((it) => [it.pattern.id, it.also]))
  const said = memories.filter((it) => !isPast(frontMatterOf(it.content)))

  return standing.flatMap((pattern): Proposal[] => {
    const memory = byPattern.get(pattern.id)
    const also = others.get(pattern.id) ?? []
    if (!memory) {
      if (!isTold(pattern) || shared.has(pattern.id) || said.some((it) => saysAlready(it, pattern))) return []
      const before = proposed.get(pattern.id)
      const path = before?.path ?? freePath(pattern, taken, steering)
      taken.add(path)
      const since = frontMatterOf(before?.after ?? '').since ?? today
      const after = memoryFile(pattern, since, { marks: [], also })
      return [proposal('add', path, null, after, `New lesson: ${pattern.text}`, [pattern, ...also])]
    }
    if (isTheirs(memory) || pattern.status === 'candidate') return []
    const marks = marksIn(memory.content).filter((it) => stillSays(it, memories))
    const after = memoryFile(pattern, frontMatterOf(memory.content).since ?? today, { marks, also })
    if (after === memory.content) return []
    const kind = isTold(pattern) ? 'refresh' : 'stale'
    return [proposal(kind, memory.path, memory.content, after, reasonFor(pattern), [pattern, ...also])]
  })
}

/** A lesson that is as well supported as its opposite is disputed, and what turns out to be a marker teaches nothing any more. */
function standingOf(pattern: Pattern, disputed: Set<Pattern>): Pattern {
  if (disputed.has(pattern)) return { ...pattern, status: 'disputed' }
  const was_told = pattern.status === 'probation' || pattern.status === 'confirmed'
  return was_told && pattern.tier === 'marker' ? { ...pattern, status: 'stale' } : pattern
}

/** Whether an agent is to be told of it as something to do. */
function isTold({ status, tier }: Pattern): boolean {
  return (status === 'probation' || status === 'confirmed') && tier !== 'marker'
}

function reasonFor({ status, tier, channel, text, why }: Pattern): string {
  if (status === 'disputed')
    return tier === 'people' || channel === 'approval'
      ? `Approved by people but judged wrong: ${text}`
      : `As much speaks for the opposite: ${text}`
  if (status === 'dormant') return `Not seen for three months: ${text}`
  if (status === 'retired') return `Followed, and it did not help: ${text}`
  return status === 'stale' ? `No longer supported: ${text}` : `Newer evidence: ${why}`
}

/** Whether a memory for the same people says what the lesson says. */
function saysAlready({ content }: Known, pattern: Pattern): boolean {
  if (frontMatterOf(content).person !== pattern.scope.person) return false
  const statements = statementsOf(wordsOf(content))
  return claimsOf({ content: '', pattern }).every((it) => statements.some((other) => saysTheSame(it, other)))
}

/** Whether the memory that a mark names still says what the mark quotes. */
function stillSays(mark: string, memories: Known[]): boolean {
  const [, path, quote] = /: (\/\S.*?) says (?:"(.*)"|the same\.)$/.exec(mark) ?? []
  const other = memories.find((it) => it.path === path)
  return (
    other !== undefined &&
    (quote === undefined || statementsOf(wordsOf(other.content)).some((it) => it.text === quote))
  )
}

/** Reverie's own memory of a lesson before a person's, and the first by its path. */
function memoryOfEachPattern(memories: Known[]): Map<string, Known> {
  const ordered = memories.toSorted(
    (a, b) => Number(isTheirs(a)) - Number(isTheirs(b)) || (a.path < b.path ? -1 : 1),
  )
  const byPattern = new Map<string, Known>()
  for (const it of ordered) {
    const id = frontMatterOf(it.content).pattern
    if (id !== null && !byPattern.has(id)) byPattern.set(id, it)
  }
  return byPattern
}

/** What only a person can decide, and the paths whose own change waits for that. */
function questionsOn(
  patterns: Pattern[],
  memories: Known[],
  lessons: Proposal[],
  asked: Earlier['asked'],
): { questions: Proposal[]; withheld: Set<string> } {
  const known = new Map(patterns.map((it) => [it.id, it]))
  const changed = new Map(lessons.map((it) => [it.path, it]))
  const owners = new Map(memories.map((it) => [it.path, isTheirs(it)]))
  const stands = [
    ...memories.map((it) => ({ path: it.path, content: changed.get(it.path)?.after ?? it.content })),
    ...lessons.filter((it) => it.before === null).map((it) => ({ path: it.path, content: it.after! })),
  ]
  const entries = stands.flatMap(({ path, content }): Entry[] => {
    const front = frontMatterOf(content)
    const pattern = (owners.get(path) ? null : known.get(front.pattern ?? '')) ?? null
    return isPast(front) ? [] : [{ path, content, is_theirs: owners.get(path) ?? false, pattern }]
  })
  const conflicts = Map.groupBy(conflictsAmong(entries), (it) => it.entry.path)
  const before = new Map(memories.map((it) => [it.path, it.content]))
  const put = [
    ...copies(memories),
    ...[...conflicts.values()].map((it) => question(it, before.get(it[0]!.entry.path) ?? null)),
  ]
  const first = [...Map.groupBy(put, (it) => it.path).values()].map(([it]) => it!)
  const questions = first.filter((it) => !wasAsked(it, asked)).slice(0, MOST_QUESTIONS)
  const additions = [...conflicts.keys()].filter((it) => !before.has(it))
  return { questions, withheld: new Set([...additions, ...questions.map((it) => it.path)]) }
}

/** One question for all that does not go together with one memory. */
function question(conflicts: Conflict[], before: string | null): Proposal {
  const { entry } = conflicts[0]!
  const after = marked(
    entry.content,
    conflicts.map((it) => it.mark),
  )
  const reason = conflicts.map((it) => `${it.matter}\n${it.support}`).join('\n')
  const behind = conflicts.flatMap((it) => [it.entry, it.other]).flatMap((it) => it.pattern ?? [])
  return proposal('conflict', entry.path, before, after, reason, [...new Set(behind)])
}

/** Whether every matter of a question was put before. A reason is lines of matter and support in turn. */
function wasAsked({ path, reason }: Proposal, asked: Earlier['asked']): boolean {
  const before = asked.filter((it) => it.path === path).flatMap((it) => it.reason.split('\n'))
  return reason.split('\n').every((it, i) => i % 2 === 1 || before.includes(it))
}

/** Memories of Reverie that say nothing of their own: older copies of a lesson, and texts that stand elsewhere but for a trifle. */
function copies(memories: Known[]): Proposal[] {
  const byPattern = memoryOfEachPattern(memories)
  const texts = memories.toSorted(byPrecedence).map((memory) => {
    const statements = statementsOf(wordsOf(memory.content))
    const front = frontMatterOf(memory.content)
    return { memory, statements, front, size: statements.map((it) => it.tokens.length).join(' ') }
  })
  const sameSize = Map.groupBy(texts, (it) => `${it.front.person}\0${it.size}`)
  return texts.flatMap(({ memory, statements, front, size }): Proposal[] => {
    if (isTheirs(memory)) return []
    const newer = front.pattern === null ? undefined : byPattern.get(front.pattern)
    if (newer && newer !== memory && !isTheirs(newer))
      return [merge(memory, `It tells the lesson of ${newer.path} as it was at another time.`)]
    if (front.pattern !== null) return []
    const first = sameSize
      .get(`${front.person}\0${size}`)!
      .find((it) => it.memory === memory || isCopy(it.statements, statements))!
    return first.memory === memory
      ? []
      : [merge(memory, `It says what ${first.memory.path} says, but for a trifle.`)]
  })
}

/** Whether a person wrote it, or edited it. */
function isTheirs(memory: Known): boolean {
  return memory.created_by.startsWith('user:')
}

/** A person's before Reverie's, then the oldest, then by path. */
function byPrecedence(a: Known, b: Known): number {
  const [one, other] = [`${a.created_at}\0${a.path}`, `${b.created_at}\0${b.path}`]
  return Number(isTheirs(b)) - Number(isTheirs(a)) || (one < other ? -1 : 1)
}

/** Of byte-identical memories the first by precedence stays; the others, if Reverie's, go. */
function folds(memories: Known[]): Proposal[] {
  const same = Map.groupBy(memories, (it) => it.content)
  return [...same.values()].flatMap((group) => {
    const [kept, ...others] = group.toSorted(byPrecedence)
    return others
      .filter((it) => !isTheirs(it))
      .map((it) => merge(it, `The same text stands in ${kept!.path}`))
  })
}

function merge({ path, content }: Known, reason: string): Proposal {
  return proposal('merge', path, content, null, reason, [])
}

function proposal(
  kind: Proposal['kind'],
  path: string,
  before: string | null,
  after: string | null,
  reason: string,
  patterns: Pattern[],
): Proposal {
  const operation = before === null ? 'created' : after === null ? 'deleted' : 'modified'
  return {
    operation,
    kind,
    path,
    before,
    before_sha256: before === null ? null : sha256(before),
    after,
    reason,
    pattern_ids: patterns.map((it) => it.id),
  }
}

const FOLDERS = { mistake: 'mistakes', success: 'successes', practice: 'practices', insight: 'insights' }

/** By class; what is one person's wish stands in that person's folder. */
function freePath(pattern: Pattern, taken: Set<string>, steering: Steering): string {
  const stem = placed(usualStem(pattern), pattern.class, steering)
  let path = `${stem}.md`
  for (let n = 2; taken.has(path); n++) path = `${stem}-${n}.md`
  return path
}

/** Where the memory of a lesson would stand that nobody wants elsewhere. */
export function usualPath(pattern: Pattern, taken: Set<string>): string {
  return freePath(withToldNames(pattern), taken, NO_STEERING)
}

function usualStem({ name, class: kind, scope }: Pattern): string {
  const folder = scope.person === null ? '' : `/people/${folderOf(scope.person)}`
  return `${folder}/${FOLDERS[kind]}/${name}`
}

/** A name that is safe in any file system. Whose folder it is, the memories in it say themselves. */
function folderOf(person: string): string {
  const words =
    person
      .normalize('NFC')
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  return [...words.join('-')].slice(0, 60).join('') || `person-${sha256(person).slice(0, 8)}`
}
