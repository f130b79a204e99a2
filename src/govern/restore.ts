/**
 * Restoring: an earlier text of a memory, or all of a store as it once was, is put back by new versions.
 *
 * Nothing is lost: what stood there meanwhile is in the history, and can be restored in turn. A text keeps its author. What restoring takes
 * out of the store, the next dream does not propose again; what it brings back counts as wanted again.
 */

import { appendAudit } from '../db/audit.ts'
import type { Transaction } from '../db/database.ts'
import { listMemories, writeMemory } from '../db/memories.ts'
import { isText, memoriesAsOf, type OrderedVersion, versionsAt } from '../db/memory-versions.ts'
import { EngineError } from '../domain/error.ts'
import { type Actor, INDEX_PATH, type MemoryVersion } from '../domain/memory.ts'
import { bury } from './bury.ts'
import { isOurs, keepingIndex } from './keep-index.ts'

export type Restored = {
  path: string
  operation: 'created' | 'modified' | 'deleted'
  /** The version that stood there, and the one whose text stands there now; null for nothing. */
  from: string | null
  to: string | null
}

/** What cannot be put back because its text was erased; what stands at its path stays. */
export type StoreRestored = { restored: Restored[]; erased: string[] }

type By = { actor: Actor; now: string }

/**
 * Puts the text of an earlier version back at its path. Null where it stands there already.
 *
 * Throws `invalid_request_error` for a version without a text.
 */
export async function restoreVersion(
  tx: Transaction,
  version: OrderedVersion,
  by: By,
): Promise<{ restored: Restored; version: MemoryVersion } | null> {
  const { id, memory_store_id, path, content } = version
  if (content === null)
    throw version.operation === 'deleted'
      ? new EngineError(
          'invalid_request_error',
          `${id} records that ${path} was taken away: there is no text in it`,
          {
            hint: `give the version before it, which \`reverie memory history ${path}\` shows; \`reverie memory remove\` takes a memory away`,
          },
        )
      : new EngineError('invalid_request_error', `the text of ${id} was erased`, {
          hint: `\`reverie memory history ${path}\` shows what else stood there`,
        })
  const put = { ...version, content }
  const why = `${id} was put back`
  const found = await keepingIndex(tx, memory_store_id, { created_by: by.actor, now: by.now }, () =>
    putBack(tx, memory_store_id, path, put, why, by),
  )
  return found
}

/** Makes a store what it was when the version `seq` had just been written. `as_of` says when that was, in words. */
export async function restoreStore(
  tx: Transaction,
  memory_store_id: string,
  { seq, as_of }: { seq: number; as_of: string },
  by: By,
): Promise<StoreRestored> {
  const past_memories = await memoriesAsOf(tx, memory_store_id, seq)
  const memories = await listMemories(tx, memory_store_id)
  const then = new Map(past_memories.filter(isText).map((it) => [it.path, it]))
  const now = new Map(memories.map((it) => [it.path, it]))
  // An index of Reverie's own follows by itself.
  if (isOurs(memories) && isOurs([...then.values()])) for (const it of [then, now]) it.delete(INDEX_PATH)
  const erased = past_memories
    .filter((it) => it.content === null)
    .filter((it) => now.get(it.path)?.content_sha256 !== it.content_sha256)
  for (const { id, path } of erased) {
    now.delete(path)
    for (const it of memories) if (it.id === id) now.delete(it.path)
  }
  const paths = [...new Set([...then.keys(), ...now.keys()])]
  const changed = paths.filter((it) => then.get(it)?.content_sha256 !== now.get(it)?.content_sha256).sort()
  // What has to go makes room first: a memory may have become a folder, or the other way round.
  const [puts, removals] = [changed.filter((it) => then.has(it)), changed.filter((it) => !then.has(it))]
  const restored: Restored[] = []
  await keepingIndex(tx, memory_store_id, { created_by: by.actor, now: by.now }, async () => {
    for (const path of [...removals, ...puts]) {
      const past = then.get(path)
      const put = past ? { ...past, id: past.memory_version_id } : null
      const one = await putBack(tx, memory_store_id, path, put, `the store was restored to ${as_of}`, by)
      restored.push(one!.restored)
    }
  })
  restored.sort((a, b) => (a.path < b.path ? -1 : 1))
  if (restored.length > 0)
    await appendAudit(tx, {
      at: by.now,
      actor: by.actor,
      action: 'store.restored',
      object: memory_store_id,
      before_sha256: null,
      after_sha256: null,
      reason: `to ${as_of}: ${restored.length} memories put back or taken away`,
    })
  return { restored, erased: erased.map((it) => it.path) }
}

type Put = Pick<OrderedVersion, 'id' | 'content_sha256' | 'created_by'> & { content: string }

/** `put` is what stands at the path afterwards, null for nothing. Null where it stands there already. */
async function putBack(
  tx: Transaction,
  memory_store_id: string,
  path: string,
  put: Put | null,
  why: string,
  { actor, now }: By,
): Promise<{ restored: Restored; version: MemoryVersion } | null> {
  const [newest] = await versionsAt(tx, memory_store_id, path)
  const [standing] = await listMemories(tx, memory_store_id, { path })
  const expected = standing?.content_sha256 ?? null
  if (expected === (put?.content_sha256 ?? null)) return null
  const version = await writeMemory(tx, memory_store_id, {
    path,
    content: put?.content ?? null,
    expected,
    created_by: put?.created_by ?? actor,
    actor,
    reason: why,
    now,
  })
  const burial = { cause: 'undone' as const, reason: why, by: actor, at: now }
  await bury(tx, { taken: newest!, put: put && { ...put, memory_store_id, path } }, burial)
  const { operation } = version!
  const from = standing?.memory_version_id ?? null
  return { restored: { path, operation, from, to: put?.id ?? null }, version: version! }
}
