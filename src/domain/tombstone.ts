import { z } from 'zod'
import { Change } from './change.ts'
import { fieldIn, split } from './front-matter.ts'
import { sha256 } from './id.ts'
import { bringsModelWords } from './model-words.ts'

/** What a person did not want, or took back: it does not come back with the next dream, nor when sessions are ingested again. */
export const Tombstone = z.object({
  /** Null where a person took a memory away without a change. */
  change_id: z.string().startsWith('chg_').nullable(),
  /** A pattern's id, or the sha256 of what a text says: `keysOf` of the change. */
  key: z.string(),
  /** The kind of change that it stops. */
  kind: Change.shape.kind,
  cause: z.enum(['rejected', 'undone', 'retired']),
  reason: z.string(),
  /** How many sessions spoke for it. */
  sessions: z.number().int().nonnegative(),
  /** The reason holds up to and on this day, `YYYY-MM-DD`; null when it does not end. */
  until: z.string().nullable(),
  /** The reason holds while a memory stands at this path; null when it is not about another memory. */
  covered_by: z.string().nullable(),
})
export type Tombstone = z.infer<typeof Tombstone>

/**
 * What a change is known by when it is proposed again: its patterns, and what the memory says, however it is spaced and spelled large.
 *
 * Of what a model put in other words, or together, the patterns are no key one by one: whoever does not want those words has nothing
 * against the lessons, but for one that was to be told for the first time.
 */
export function keysOf({
  pattern_ids,
  before,
  after,
}: Pick<Change, 'pattern_ids' | 'before' | 'after'>): string[] {
  const said = sha256(saidIn(after ?? before ?? ''))
  if (!bringsModelWords({ before, after })) return [...pattern_ids, said]
  const told_first = before === null ? fieldIn(split(after ?? '').front, 'pattern') : null
  const together = pattern_ids.length > 1 ? [pattern_ids.toSorted().join(' ')] : []
  return [...(told_first === null ? [] : [told_first]), ...together, said]
}

/** The first line under the front matter, which is the lesson; numbers and dates around it change from night to night. */
function saidIn(content: string): string {
  return split(content).body.trim().split('\n')[0]!.toLowerCase().replace(/\s+/g, ' ').trim()
}
