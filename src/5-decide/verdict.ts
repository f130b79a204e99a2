/**
 * Decide: proposed changes in, a verdict on each out.
 *
 * `allow` may go live by itself, `hold` waits for a person's decision, `deny` does not happen.
 */
import type { Change, Verdict } from '../domain/change.ts'
import { INDEX_PATH } from '../domain/memory.ts'

/** What of a change and of the store the verdict rests on. */
export type Judged = Pick<Change, 'operation' | 'kind' | 'path'>
export type Owned = { path: string; created_by: string; content: string }

/** A dream that drops more than this share of a store is more likely wrong than right. */
const LARGEST_DROP = 0.25

/** One verdict a change, in the order of the changes. */
export function verdictsOn(
  changes: Judged[],
  memories: Owned[],
): { verdict: Verdict; verdict_reason: string }[] {
  const people = new Set(memories.filter((it) => it.created_by.startsWith('user:')).map((it) => it.path))
  const lost = textsLost(changes, memories)
  const too_much = lost.size > LARGEST_DROP * memories.length
  const hold = (verdict_reason: string) => ({ verdict: 'hold' as const, verdict_reason })
  return changes.map((it) => {
    if (it.kind === 'conflict') return hold('which of two memories holds is for a person to say')
    if (people.has(it.path)) return hold('a person wrote this memory')
    if (lost.has(it) && it.kind === 'merge') return hold('the same stands elsewhere, but not word for word')
    if (lost.has(it) && too_much)
      return hold(`this dream would drop ${lost.size} of ${memories.length} memories, more than a quarter`)
    return { verdict: 'allow', verdict_reason: 'a memory of Reverie’s own' }
  })
}

/** Deletions that lose something: of a text that still stands elsewhere nothing is lost, and of several copies the last one is the loss. */
function textsLost(changes: Judged[], memories: Owned[]): Set<Judged> {
  const deleted = new Map(changes.filter((it) => it.operation === 'deleted').map((it) => [it.path, it]))
  // The index is made anew, so what stands there stands there no longer.
  const others = memories.filter((it) => it.path !== INDEX_PATH && !deleted.has(it.path))
  const kept = new Set(others.map((it) => it.content))
  const content = new Map(memories.map((it) => [it.path, it.content]))
  const last = new Map([...deleted.values()].map((it) => [content.get(it.path), it]))
  return new Set([...last].filter(([text]) => text === undefined || !kept.has(text)).map(([, it]) => it))
}
