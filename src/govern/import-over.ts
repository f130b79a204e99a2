/**
 * Importing: a person's texts go into a memory store. A lesson whose words a person replaces is theirs from then on: no dream writes it down
 * again beside theirs, while theirs stands.
 */

import type { Transaction } from '../db/database.ts'
import { listMemories } from '../db/memories.ts'
import { type ImportResult, importInto } from '../db/memory-import.ts'
import type { Actor } from '../domain/memory.ts'
import { asStood, bury } from './bury.ts'
import { keepingIndex } from './keep-index.ts'

export async function importOver(
  tx: Transaction,
  memory_store_id: string,
  memories: { path: string; content: string; reason: string }[],
  how: { created_by: Actor; replace: boolean; dry_run: boolean; now: string },
): Promise<ImportResult[]> {
  const before = new Map((await listMemories(tx, memory_store_id)).map((it) => [it.path, it]))
  const results = await keepingIndex(tx, memory_store_id, how, () =>
    importInto(tx, memory_store_id, memories, how),
  )
  const why = {
    cause: 'retired',
    reason: 'a person wrote another text',
    by: how.created_by,
    at: how.now,
  } as const
  for (const [i, { path }] of memories.entries()) {
    if (results[i] !== 'replaced' || how.dry_run) continue
    const [put] = await listMemories(tx, memory_store_id, { path })
    await bury(tx, { taken: asStood(before.get(path)!), put: asStood(put!) }, why)
  }
  return results
}
