/** Removing: a person takes a memory out of a store, by a new version, and no dream brings it back. Its past stays in the history. */

import type { Transaction } from '../db/database.ts'
import { listMemories, writeMemory } from '../db/memories.ts'
import { EngineError } from '../domain/error.ts'
import type { Actor, MemoryVersion } from '../domain/memory.ts'
import { asStood, bury } from './bury.ts'
import { keepingIndex } from './keep-index.ts'

/** `reason` is what the person typed, redacted. Throws `not_found_error` where nothing stands. */
export async function removeMemory(
  tx: Transaction,
  memory_store_id: string,
  path: string,
  { actor, reason, now }: { actor: Actor; reason: string; now: string },
): Promise<MemoryVersion> {
  const [standing] = await listMemories(tx, memory_store_id, { path })
  if (!standing)
    throw new EngineError('not_found_error', `there is no memory ${path}`, {
      hint: '`reverie memory ls` lists them',
    })
  const version = await keepingIndex(tx, memory_store_id, { created_by: actor, now }, () =>
    writeMemory(tx, memory_store_id, {
      path,
      content: null,
      expected: standing.content_sha256,
      created_by: actor,
      reason,
      now,
    }),
  )
  await bury(tx, { taken: asStood(standing), put: null }, { cause: 'retired', reason, by: actor, at: now })
  return version!
}
