/**
 * A change as whoever decides sees it: with the text that would go live, what was said of it, how well it is supported, and the
 * quotes it rests on. Nothing here decides anything.
 */
import { approvalOf, decisionOn, stateOf, textOf } from '../5-decide/decision.ts'
import { fitsGlob } from '../5-decide/glob.ts'
import { type ChangesAsked, listChanges, type StoredChange } from '../db/changes.ts'
import type { Database } from '../db/database.ts'
import { decisionsOn } from '../db/decisions.ts'
import { patternsOf, type StoredPattern } from '../db/patterns.ts'
import type { Decision } from '../domain/decision.ts'
import type { Evidence } from '../domain/evidence.ts'
import type { Tier } from '../domain/pattern.ts'

export type ListedChange = StoredChange & {
  decision: 'undecided' | 'approved' | 'rejected'
  /** The oldest first. */
  decisions: Decision[]
  /** Who approves exactly the text that would go live, and how many have to. */
  approved_by: Decision['by'][]
  approvals_needed: 1 | 2
  /** Of the text that would go live; null where the memory goes. */
  content_sha256: string | null
  /** Whose text that is, where it is not the one that was proposed. */
  edited_by: Decision['by'] | null
  /** Another one when anything of the change is not what it was. */
  state_sha256: string
  /** Of the lessons behind it. */
  tiers: Tier[]
  /** Some of the quotes, and how many there are. */
  evidence: Evidence[]
  evidence_count: number
}

export type ChangeFilter = ChangesAsked & { tier?: Tier; path?: string }

const QUOTES = 3
const BATCH = 200

/** Up to `limit` changes after the change `after`, in the order of `listChanges`. */
export async function changesLike(
  db: Database,
  { tier, path, ...asked }: ChangeFilter,
  page: { after: string | null; limit: number },
  regulated: boolean,
): Promise<ListedChange[]> {
  const found: ListedChange[] = []
  for (let after = page.after; found.length < page.limit; ) {
    const rows = await listChanges(db, asked, { after, limit: BATCH })
    const fitting = rows.filter((it) => path === undefined || fitsGlob(path, it.path))
    for (const { change } of await seen(db, fitting, regulated))
      if (tier === undefined || change.tiers.includes(tier)) found.push(change)
    if (rows.length < BATCH) break
    after = rows.at(-1)!.id
  }
  return found.slice(0, page.limit)
}

/** Each as it is seen, with `quotes` of the quotes at most, and the patterns behind it. */
export async function seen(
  db: Database,
  changes: StoredChange[],
  regulated: boolean,
  quotes = QUOTES,
): Promise<{ change: ListedChange; patterns: StoredPattern[] }[]> {
  const decisions = await decisionsOn(
    db,
    changes.map((it) => it.id),
  )
  const patterns = await patternsBehind(db, changes)
  return changes.map((it) => {
    const said = decisions.get(it.id) ?? []
    const behind = it.pattern_ids.flatMap((id) => patterns.get(`${it.memory_store_id} ${id}`) ?? [])
    const evidence = behind.flatMap((it) => it.evidence)
    const { content_sha256, edited_by } = textOf(it, said)
    const { approved_by, approvals_needed } = approvalOf(it, said, regulated)
    const change = {
      ...it,
      decision: decisionOn(it, said),
      decisions: said,
      approved_by,
      approvals_needed,
      content_sha256,
      edited_by,
      state_sha256: stateOf(it, said),
      tiers: [...new Set(behind.map((it) => it.tier))],
      evidence: evidence.slice(0, quotes),
      evidence_count: evidence.length,
    }
    return { change, patterns: behind }
  })
}

/** By memory store and id. */
async function patternsBehind(db: Database, changes: StoredChange[]): Promise<Map<string, StoredPattern>> {
  const found = new Map<string, StoredPattern>()
  for (const [store, its] of Map.groupBy(changes, (it) => it.memory_store_id)) {
    const ids = [...new Set(its.flatMap((it) => it.pattern_ids))]
    for (const it of await patternsOf(db, store, ids)) found.set(`${store} ${it.id}`, it)
  }
  return found
}
