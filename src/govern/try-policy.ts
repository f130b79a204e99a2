/**
 * What a policy would have said: every change that past dreams proposed is judged anew, against the memory store as that dream read it.
 * Nothing is written.
 *
 * The lessons behind the changes are taken as they stand now, with all the sessions that have come to speak for them since.
 */
import { verdictsOn } from '../5-decide/verdict.ts'
import { listChanges, type StoredChange } from '../db/changes.ts'
import type { Database } from '../db/database.ts'
import { decisionsOn } from '../db/decisions.ts'
import { readThrough } from '../db/dreams.ts'
import { memoriesAsOf, versionBy } from '../db/memory-versions.ts'
import { patternsOf, peopleBehind } from '../db/patterns.ts'
import type { Verdict } from '../domain/change.ts'
import { INDEX_PATH, type MemoryStore } from '../domain/memory.ts'
import type { Policy } from '../domain/policy.ts'

/** A change of the past, with what was said of it and what would have been. */
export type TriedChange = Pick<
  StoredChange,
  'id' | 'dream_id' | 'store' | 'kind' | 'operation' | 'path' | 'status' | 'verdict' | 'verdict_reason'
> & {
  would_be: Verdict
  would_be_reason: string
  /** The last word of a person on it; null while there is none. */
  people: 'approved' | 'rejected' | null
}

/** The changes of that dream, or of every dream, of these stores, the latest first. */
export async function tryPolicy(
  db: Database,
  policy: Policy,
  stores: MemoryStore[],
  dream_id?: string,
): Promise<TriedChange[]> {
  const agents = new Map(stores.map((it) => [it.id, it.agent]))
  const all = await everyChange(db, dream_id)
  const tried: TriedChange[] = []
  for (const [dream_id, changes] of Map.groupBy(all, (it) => it.dream_id)) {
    const store = changes[0]!.memory_store_id
    const patterns = await patternsOf(db, store, [...new Set(changes.flatMap((it) => it.pattern_ids))])
    // A dream of before it was noted read what stood there when it began.
    const read = (await readThrough(db, dream_id)) ?? (await versionBy(db, store, changes[0]!.proposed_at))
    const memories = await memoriesAsOf(db, store, read)
    const verdicts = verdictsOn(changes, {
      memories: memories.map((it) => ({ ...it, content: it.content ?? '' })),
      patterns,
      agent: agents.get(store)!,
      policy,
      people: await peopleBehind(db, patterns),
    })
    const said = await decisionsOn(
      db,
      changes.map((it) => it.id),
    )
    for (const [i, it] of changes.entries()) {
      const last = said.get(it.id)?.findLast(({ by }) => by.startsWith('user:'))
      tried.push({
        id: it.id,
        dream_id,
        store: it.store,
        kind: it.kind,
        operation: it.operation,
        path: it.path,
        status: it.status,
        verdict: it.verdict,
        verdict_reason: it.verdict_reason,
        would_be: verdicts[i]!.verdict,
        would_be_reason: verdicts[i]!.verdict_reason,
        people: last?.decision ?? null,
      })
    }
  }
  return tried
}

const PAGE = 1_000

/** But for those of the index, which is no change any more. */
async function everyChange(db: Database, dream_id?: string): Promise<StoredChange[]> {
  const found: StoredChange[] = []
  for (let after: string | null = null; ; ) {
    const rows = await listChanges(db, { dream_id }, { after, limit: PAGE })
    found.push(...rows.filter((it) => it.path !== INDEX_PATH))
    if (rows.length < PAGE) return found
    after = rows.at(-1)!.id
  }
}
