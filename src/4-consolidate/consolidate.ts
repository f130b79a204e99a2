/**
 * Consolidate: patterns and the memories as they are now in, proposed changes out.
 *
 * - A lesson without a memory is added, unless a memory says the same already; one with a memory is refreshed when its text differs.
 * - A lesson that stopped holding is marked; nothing is deleted for it. What is disputed, or only a marker, is never added.
 * - Copies of Reverie's own fold into one: the same bytes, the same lesson. Lessons from the same sessions share a memory.
 * - Memories that contradict each other are put to a person (`conflict`), once; so is what only looks like a copy.
 * - What a person wrote, or edited, is never touched: at most, a person is asked whether to mark it.
 * - What a model advised, and what stood the check (`operations.ts`), is proposed with the rest; the words of a model stay in a memory, or
 *   in a change that waits, as long as the lessons that they stand for say the same, without asking it again.
 * - The same patterns over the same memories change nothing.
 *
 * This stage proposes; it writes nothing. `before` of every change is the exact text it was proposed against.
 */
import type { Change } from '../domain/change.ts'
import { sha256 } from '../domain/id.ts'
import { INDEX_PATH, type Memory } from '../domain/memory.ts'
import { bringsModelWords } from '../domain/model-words.ts'
import type { Pattern } from '../domain/pattern.ts'
import { toldName } from '../domain/told-name.ts'
import { type Conflict, claimsOf, conflictBetween, conflictsAmong, type Entry } from './conflict.ts'
import { isCopy, sameSessions, saysTheSame } from './duplicate.ts'
import { disputedAmong } from './effect.ts'
import { isPast } from './index-file.ts'
import { insightFile, isInsight, isTold, nameOf } from './insight-file.ts'
import { frontMatterOf, marked, marksIn, memoryFile, wordedBy, wordsOf } from './memory-file.ts'
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

/** What a model advised, of which every part stood the check. */
export type Advised = {
  /** Other words for a lesson, and those of the lessons that say the same, which its memory is to tell for them. */
  wordings: { pattern_id: string; also: string[]; wording: string }[]
  insights: { pattern_ids: string[]; wording: string }[]
  /** Two memories that do not go together, by their paths, and a sentence of each. */
  conflicts: { paths: [string, string]; says: [string, string] }[]
}

export const NO_ADVICE: Advised = { wordings: [], insights: [], conflicts: [] }

/** More questions than this in one night would not be read. */
const MOST_QUESTIONS = 12

/** `today` is `YYYY-MM-DD`. Patterns that are only candidates are not written down. */
export function consolidate(
  found: Pattern[],
  memories: Known[],
  today: string,
  { asked, waiting }: Earlier = { asked: [], waiting: [] },
  steering: Steering = NO_STEERING,
  advised: Advised = NO_ADVICE,
): Proposal[] {
  const patterns = found.map(withToldNames)
  const texts = memories.filter((it) => it.path !== INDEX_PATH).toSorted((a, b) => (a.path < b.path ? -1 : 1))
  const folded = folds(texts)
  const gone = new Set(folded.map((it) => it.path))
  const kept = texts.filter((it) => !gone.has(it.path))
  const taken = new Set(texts.map((it) => it.path))
  const disputed = disputedAmong(patterns.filter(isTold))
  const standing = patterns.map((it) => standingOf(it, disputed))
  const lessons = [
    ...lessonChanges(standing, kept, taken, today, waiting, steering, advised),
    ...insightChanges(standing, kept, taken, today, waiting, steering, advised),
  ]
  const { questions, withheld } = questionsOn(patterns, kept, lessons, asked, advised)
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
  standing: Pattern[],
  memories: Known[],
  taken: Set<string>,
  today: string,
  waiting: Earlier['waiting'],
  steering: Steering,
  advised: Advised,
): Proposal[] {
  const additions = waiting.filter(
    (it) => it.before === null && !taken.has(it.path) && !isInsight(it.after ?? ''),
  )
  const proposed = new Map(additions.flatMap((it) => it.pattern_ids.slice(0, 1).map((id) => [id, it])))
  for (const it of additions) taken.add(it.path)
  const byPattern = memoryOfEachPattern(memories)
  const wordings = wordingsOf(standing, byPattern, proposed, waiting, advised)
  const merged = new Set([...wordings.values()].flatMap((it) => it.merged).map((it) => it.id))
  const has_place = (it: Pattern) => byPattern.has(it.id) || merged.has(it.id) || wordings.has(it.id)
  const groups = sameSessions(standing.filter(isTold), has_place)
  const shared = new Set(groups.flatMap((it) => it.also).map((it) => it.id))
  const others = new Map(groups.map((it) => [it.pattern.id, it.also]))
  const said = memories.filter((it) => !isPast(frontMatterOf(it.content)))

  return standing.flatMap((pattern): Proposal[] => {
    const memory = byPattern.get(pattern.id)
    const also = others.get(pattern.id) ?? []
    if (merged.has(pattern.id)) return []
    const { merged: besides = [], wording = null } = wordings.get(pattern.id) ?? {}
    const told = [pattern, ...besides, ...also]
    if (!memory) {
      if (!isTold(pattern) || shared.has(pattern.id) || said.some((it) => saysAlready(it, pattern))) return []
      const before = proposed.get(pattern.id)
      const path = before?.path ?? freePath(pattern, taken, steering)
      taken.add(path)
      const since = frontMatterOf(before?.after ?? '').since ?? today
      const after = memoryFile(pattern, since, { marks: [], also, merged: besides, wording })
      return [
        proposal(
          'add',
          path,
          null,
          after,
          modelReason(null, after, told) ?? `New lesson: ${pattern.text}`,
          told,
        ),
      ]
    }
    if (isTheirs(memory) || pattern.status === 'candidate') return []
    const marks = marksIn(memory.content).filter((it) => stillSays(it, memories))
    const since = frontMatterOf(memory.content).since ?? today
    const after = memoryFile(pattern, since, { marks, also, merged: besides, wording })
    if (after === memory.content) return []
    const kind = isMerge(memory.content, after) ? 'merge' : isTold(pattern) ? 'refresh' : 'stale'
    const reason = modelReason(memory.content, after, told) ?? reasonFor(pattern)
    return [proposal(kind, memory.path, memory.content, after, reason, told)]
  })
}

type Wording = { merged: Pattern[]; wording: string | null }

/**
 * The lessons that are told in a model's words, or together with others: as is advised tonight, or else as the change says that waits for
 * its memory, or else as the memory says. Lessons stay together as long as each of them is told; words, as long as all of them say the same.
 */
function wordingsOf(
  patterns: Pattern[],
  byPattern: Map<string, Known>,
  proposed: Map<string, Earlier['waiting'][number]>,
  waiting: Earlier['waiting'],
  { wordings }: Advised,
): Map<string, Wording> {
  const known = new Map(patterns.map((it) => [it.id, it]))
  const found = new Map<string, Wording>()
  const gone = new Set<string>()
  const mates = (ids: string[], { id, scope }: Pattern) =>
    ids.flatMap((it) => {
      const mate = known.get(it)
      const is_theirs = byPattern.has(it) && isTheirs(byPattern.get(it)!)
      const fits = mate && isTold(mate) && mate.scope.person === scope.person && !is_theirs
      return fits && it !== id && !gone.has(it) && !found.has(it) ? [mate] : []
    })
  for (const { pattern_id, also, wording } of wordings) {
    const pattern = known.get(pattern_id)!
    const before = frontMatterOf(textInForce(pattern, byPattern, proposed, waiting)).also
    const merged = mates([...new Set([...before, ...also])], pattern)
    for (const it of merged) gone.add(it.id)
    found.set(pattern_id, { merged, wording })
  }
  for (const pattern of patterns.filter(isTold)) {
    if (found.has(pattern.id) || gone.has(pattern.id)) continue
    const text = textInForce(pattern, byPattern, proposed, waiting)
    const { also, worded, description } = frontMatterOf(text)
    if (also.length === 0 && worded === null) continue
    const merged = mates(also, pattern)
    for (const it of merged) gone.add(it.id)
    const is_worded = description !== null && worded === wordedBy([pattern, ...merged], description)
    found.set(pattern.id, { merged, wording: is_worded ? description : null })
  }
  return found
}

/** What the memory of a lesson says, or what is to stand there once the change is decided on that waits for it; empty without either. */
function textInForce(
  { id }: Pattern,
  byPattern: Map<string, Known>,
  proposed: Map<string, Earlier['waiting'][number]>,
  waiting: Earlier['waiting'],
): string {
  const memory = byPattern.get(id)
  if (memory === undefined) return proposed.get(id)?.after ?? ''
  const edit = waiting.find((it) => it.path === memory.path && it.before === memory.content)
  return edit && bringsModelWords(edit) ? edit.after! : memory.content
}

function isMerge(before: string, after: string): boolean {
  const had = frontMatterOf(before).also
  return frontMatterOf(after).also.some((it) => !had.includes(it))
}

/** Why a change is proposed that brings what a model said; null for one that does not. */
function modelReason(before: string | null, after: string, patterns: Pattern[]): string | null {
  if (!bringsModelWords({ before, after })) return null
  const { also, description } = frontMatterOf(after)
  const told = patterns.filter((it, i) => i === 0 || also.includes(it.id))
  const record = told.map((it) => `“${it.text}”`).join(' and ')
  return told.length > 1
    ? `A model says that ${record} say the same, and puts it so: ${description}`
    : `A model puts it in other words: ${description} The record says: ${record}`
}

/** Insights that are new, those that wait, and those that stand, each with its lessons as they are tonight. */
function insightChanges(
  patterns: Pattern[],
  memories: Known[],
  taken: Set<string>,
  today: string,
  waiting: Earlier['waiting'],
  steering: Steering,
  { insights }: Advised,
): Proposal[] {
  const known = new Map(patterns.map((it) => [it.id, it]))
  const lessonsIn = (ids: string[]) => ids.flatMap((it) => known.get(it) ?? [])
  const render = (content: string, marks: string[]) => {
    const { also, description, since, worded } = frontMatterOf(content)
    const lessons = lessonsIn(also)
    if (lessons.length === 0 || description === null) return null
    const after = insightFile({ wording: description, lessons }, since ?? today, { worded: worded!, marks })
    return { after, lessons, wording: description }
  }
  const standing = memories
    .filter((it) => !isTheirs(it) && isInsight(it.content))
    .flatMap((it): Proposal[] => {
      const marks = marksIn(it.content).filter((mark) => stillSays(mark, memories))
      const now = render(it.content, marks)
      if (now === null || now.after === it.content) return []
      const [kind, reason] = isPast(frontMatterOf(now.after))
        ? (['stale', `What it rests on no longer holds: ${now.wording}`] as const)
        : (['refresh', `Newer evidence behind it: ${now.wording}`] as const)
      return [proposal(kind, it.path, it.content, now.after, reason, now.lessons)]
    })
  const reason = (wording: string, n: number) => `A model reads it out of ${n} lessons: ${wording}`
  const again = waiting
    .filter((it) => it.before === null && !taken.has(it.path) && isInsight(it.after ?? ''))
    .flatMap((it): Proposal[] => {
      const now = render(it.after!, [])
      if (now === null || isPast(frontMatterOf(now.after))) return []
      taken.add(it.path)
      return [proposal('add', it.path, null, now.after, reason(now.wording, now.lessons.length), now.lessons)]
    })
  const fresh = insights.map(({ pattern_ids, wording }): Proposal => {
    const lessons = lessonsIn(pattern_ids)
    const as_lesson = { ...lessons[0]!, class: 'insight' as const, name: nameOf(wording) }
    const path = freePath(as_lesson, taken, steering)
    taken.add(path)
    const after = insightFile({ wording, lessons }, today)
    return proposal('add', path, null, after, reason(wording, lessons.length), lessons)
  })
  return [...standing, ...again, ...fresh]
}

/** A lesson that is as well supported as its opposite is disputed, and what turns out to be a marker teaches nothing any more. */
function standingOf(pattern: Pattern, disputed: Set<Pattern>): Pattern {
  if (disputed.has(pattern)) return { ...pattern, status: 'disputed' }
  const was_told = pattern.status === 'probation' || pattern.status === 'confirmed'
  return was_told && pattern.tier === 'marker' ? { ...pattern, status: 'stale' } : pattern
}

function reasonFor({ status, tier, channel, text, why, watch }: Pattern): string {
  if (status === 'disputed')
    return tier === 'people' || channel === 'approval'
      ? `Approved by people but judged wrong: ${text}`
      : `As much speaks for the opposite: ${text}`
  if (status === 'dormant') return `Not seen for three months: ${text}`
  if (status === 'retired') return `Followed, and it did not help: ${text}`
  if (status === 'stale' && watch.told_by !== undefined) return `Another lesson says the same: ${text}`
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
  advised: Advised,
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
  const byPath = new Map(entries.map((it) => [it.path, it]))
  const read = advised.conflicts.flatMap(({ paths: [one, other], says }) => {
    const [a, b] = [byPath.get(one), byPath.get(other)]
    return a && b ? [conflictBetween(a, b, says)] : []
  })
  const conflicts = Map.groupBy([...conflictsAmong(entries), ...read], (it) => it.entry.path)
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
  const homes = homesOf(memories)
  const texts = memories.toSorted(byPrecedence).map((memory) => {
    const statements = statementsOf(wordsOf(memory.content))
    const front = frontMatterOf(memory.content)
    return { memory, statements, front, size: statements.map((it) => it.tokens.length).join(' ') }
  })
  const sameSize = Map.groupBy(texts, (it) => `${it.front.person}\0${it.size}`)
  return texts.flatMap(({ memory, statements, front, size }): Proposal[] => {
    if (isTheirs(memory)) return []
    const home = homes.get(front.pattern ?? '')
    if (home && home.path !== memory.path)
      return [merge(memory, `${home.path} tells its lesson too, in words for both.`)]
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

/** By lesson, the memory of Reverie's that tells it for another lesson too. Where two tell each other's, the first by its path does. */
function homesOf(memories: Known[]): Map<string, Known> {
  const homes = new Map<string, Known>()
  for (const it of memories.filter((it) => !isTheirs(it))) {
    const front = frontMatterOf(it.content)
    if (front.pattern === null || isPast(front) || homes.has(front.pattern)) continue
    for (const id of front.also) homes.set(id, homes.get(id) ?? it)
  }
  return homes
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
