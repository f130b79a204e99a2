/**
 * Consolidate: patterns and the memories as they are now in, proposed changes out.
 *
 * - A lesson without a memory is added; one with a memory is refreshed when its text differs.
 * - A lesson that stopped holding is marked stale; nothing is deleted for it.
 * - Byte-identical memories fold into one.
 * - What a person wrote, or edited, is never touched.
 * - The same patterns over the same memories change nothing.
 *
 * This stage proposes; it writes nothing. `before` of every change is the exact text it was proposed against.
 */
import type { Change } from '../domain/change.ts'
import { sha256 } from '../domain/id.ts'
import type { Memory } from '../domain/memory.ts'
import type { Pattern } from '../domain/pattern.ts'
import { INDEX_PATH, indexFile } from './index-file.ts'
import { frontMatterOf, memoryFile } from './memory-file.ts'

export type Proposal = Omit<Change, 'id' | 'dream_id' | 'verdict' | 'verdict_reason'>

/** A memory, as far as consolidation looks at it. */
export type Known = Pick<Memory, 'path' | 'content' | 'created_by' | 'created_at'>

/** `today` is `YYYY-MM-DD`. Patterns that are only candidates are not written down. */
export function consolidate(patterns: Pattern[], memories: Known[], today: string): Proposal[] {
  const texts = memories.filter((it) => it.path !== INDEX_PATH)
  const merged = folds(texts)
  const changes = [...merged, ...lessonChanges(patterns, texts, merged, today)]
  return [...changes, ...indexChange(memories, changes)]
}

function lessonChanges(
  patterns: Pattern[],
  memories: Known[],
  merged: Proposal[],
  today: string,
): Proposal[] {
  const gone = new Set(merged.map((it) => it.path))
  const byPattern = memoryOfEachPattern(memories.filter((it) => !gone.has(it.path)))
  const paths = new Set(memories.map((it) => it.path))

  return patterns.flatMap((pattern): Proposal[] => {
    const memory = byPattern.get(pattern.id)
    if (!memory) {
      if (pattern.status === 'candidate' || pattern.status === 'stale') return []
      const path = freePath(pattern, paths)
      paths.add(path)
      return [
        proposal('add', path, null, memoryFile(pattern, today), `New lesson: ${pattern.text}`, [pattern.id]),
      ]
    }
    if (isTheirs(memory) || pattern.status === 'candidate') return []
    const after = memoryFile(pattern, frontMatterOf(memory.content).since ?? today)
    if (after === memory.content) return []
    return pattern.status === 'stale'
      ? [
          proposal('stale', memory.path, memory.content, after, `No longer supported: ${pattern.text}`, [
            pattern.id,
          ]),
        ]
      : [
          proposal('refresh', memory.path, memory.content, after, `Newer evidence: ${pattern.why}`, [
            pattern.id,
          ]),
        ]
  })
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

/** Whether a person wrote it, or edited it. */
function isTheirs(memory: Known): boolean {
  return memory.created_by.startsWith('user:')
}

/** Of byte-identical memories a person's stays, else the oldest; the others, if Reverie's, go. */
function folds(memories: Known[]): Proposal[] {
  const same = Map.groupBy(memories, (it) => it.content)
  return [...same.values()].flatMap((group) => {
    const [kept, ...others] = group.toSorted(
      (a, b) =>
        Number(isTheirs(b)) - Number(isTheirs(a)) ||
        (a.created_at < b.created_at ? -1 : a.created_at > b.created_at ? 1 : a.path < b.path ? -1 : 1),
    )
    return others
      .filter((it) => !isTheirs(it))
      .map((it) => proposal('merge', it.path, it.content, null, `The same text stands in ${kept!.path}`, []))
  })
}

function indexChange(memories: Known[], changes: Proposal[]): Proposal[] {
  const index = memories.find((it) => it.path === INDEX_PATH)
  if (index && isTheirs(index)) return []
  const after = new Map(memories.map((it) => [it.path, it.content]))
  for (const it of changes) {
    if (it.after === null) after.delete(it.path)
    else after.set(it.path, it.after)
  }
  after.delete(INDEX_PATH)
  if (!index && after.size === 0) return []
  const content = indexFile([...after].map(([path, content]) => ({ path, content })))
  if (index?.content === content) return []
  const reason = 'One line for each memory, so that a session finds the one it needs'
  return [proposal(index ? 'refresh' : 'add', INDEX_PATH, index?.content ?? null, content, reason, [])]
}

function proposal(
  kind: Proposal['kind'],
  path: string,
  before: string | null,
  after: string | null,
  reason: string,
  pattern_ids: string[],
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
    pattern_ids,
  }
}

const FOLDERS = { mistake: 'mistakes', success: 'successes', practice: 'practices', insight: 'insights' }

function freePath(pattern: Pattern, taken: Set<string>): string {
  const stem = `/${FOLDERS[pattern.class]}/${pattern.name}`
  let path = `${stem}.md`
  for (let n = 2; taken.has(path); n++) path = `${stem}-${n}.md`
  return path
}
