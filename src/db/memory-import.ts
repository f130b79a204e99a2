import { sha256 } from '../domain/id.ts'
import type { Actor } from '../domain/memory.ts'
import { ancestorsOf } from '../domain/memory-path.ts'
import type { Transaction } from './database.ts'
import { listMemories, writeMemory } from './memories.ts'

/** What became of one imported memory. `conflicting`: another text stands at its path, above or below it, and was left as it is. */
export type ImportResult = 'created' | 'equal' | 'replaced' | 'conflicting'

/**
 * Puts these memories into a store, in the order given, and says of each what became of it.
 *
 * Writes over another text only with `replace`; a text that stands there already gets no new version.
 */
export async function importInto(
  tx: Transaction,
  memory_store_id: string,
  memories: { path: string; content: string; reason: string }[],
  how: { created_by: Actor; replace: boolean; dry_run: boolean; now: string },
): Promise<ImportResult[]> {
  const standing = new Map(
    (await listMemories(tx, memory_store_id)).map((it) => [it.path, it.content_sha256]),
  )
  // Where another memory would be a folder, or have to be in one that is a memory.
  const folders = new Set([...standing.keys()].flatMap(ancestorsOf))
  const taken = new Set(standing.keys())
  const { created_by, now } = how
  const results: ImportResult[] = []
  for (const { path, content, reason } of memories) {
    const expected = standing.get(path) ?? null
    const above = ancestorsOf(path)
    const has_room = expected !== null || !(folders.has(path) || above.some((it) => taken.has(it)))
    const result = !has_room ? 'conflicting' : resultOf(expected, sha256(content), how.replace)
    const is_write = result === 'created' || result === 'replaced'
    if (is_write && !how.dry_run)
      await writeMemory(tx, memory_store_id, { path, content, expected, created_by, reason, now })
    if (result === 'created') taken.add(path)
    if (result === 'created') for (const it of above) folders.add(it)
    results.push(result)
  }
  return results
}

function resultOf(standing: string | null, incoming: string, replace: boolean): ImportResult {
  if (standing === null) return 'created'
  if (standing === incoming) return 'equal'
  return replace ? 'replaced' : 'conflicting'
}
