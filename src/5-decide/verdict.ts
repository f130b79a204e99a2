/**
 * Decide: proposed changes in, a verdict on each out.
 *
 * `allow` may go live by itself, `hold` waits for a person's decision, `deny` does not happen.
 */
import type { Verdict } from '../domain/change.ts'

/** What of a change and of the store the verdict rests on. */
export type Judged = { operation: 'created' | 'modified' | 'deleted'; path: string; before: string | null }
export type Owned = { path: string; created_by: string; content: string }

/** A dream that drops more than this share of a store is more likely wrong than right. */
const LARGEST_DROP = 0.25

/** One verdict a change, in the order of the changes. */
export function verdictsOn(
  changes: Judged[],
  memories: Owned[],
): { verdict: Verdict; verdict_reason: string }[] {
  const people = new Set(memories.filter((it) => it.created_by.startsWith('user:')).map((it) => it.path))
  const dropped = textsDropped(changes, memories)
  const too_much = dropped > LARGEST_DROP * memories.length
  return changes.map((it) => {
    if (people.has(it.path)) return { verdict: 'hold', verdict_reason: 'a person wrote this memory' }
    if (it.operation === 'deleted' && too_much) {
      return {
        verdict: 'hold',
        verdict_reason: `this dream would drop ${dropped} of ${memories.length} memories, more than a quarter`,
      }
    }
    return { verdict: 'allow', verdict_reason: 'a memory of Reverie’s own' }
  })
}

/** Deletions that lose something: of a text that still stands elsewhere nothing is lost. */
function textsDropped(changes: Judged[], memories: Owned[]): number {
  const deleted = changes.filter((it) => it.operation === 'deleted')
  const gone = new Set(deleted.map((it) => it.path))
  const kept = new Set(memories.filter((it) => !gone.has(it.path)).map((it) => it.content))
  return deleted.filter((it) => !kept.has(it.before!)).length
}
