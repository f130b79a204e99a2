/**
 * The index of a memory store follows every write to the store, in the same transaction: whoever reads the store finds in the
 * index what is there. An index that a person wrote, or edited, is that person's and stays as it is.
 */
import { indexFile } from '../4-consolidate/index-file.ts'
import type { Transaction } from '../db/database.ts'
import { listMemories, writeMemory } from '../db/memories.ts'
import { type Actor, INDEX_PATH, type Memory } from '../domain/memory.ts'
import { overlaps } from '../domain/memory-path.ts'

/** Whose text an index is that is made now, who acts, and when. */
export type Maker = { created_by: Actor; actor?: Actor; now: string }

/** Runs `write`, then makes the index anew where it is Reverie's own. A store without memories has none. */
export async function keepingIndex<T>(
  tx: Transaction,
  memory_store_id: string,
  by: Maker,
  write: () => Promise<T>,
): Promise<T> {
  const before = await listMemories(tx, memory_store_id)
  const result = await write()
  const after = await listMemories(tx, memory_store_id)
  if (isOurs(before, indexIn(after)) || isOurs(after)) await writeIndex(tx, memory_store_id, after, by)
  return result
}

/**
 * The same for a write over the wire, where the index is kept only if there is one: a program that writes two memories into a store
 * finds these two in it. A store gets its index with the first change of a dream that goes live there, or when a person imports or
 * restores by hand, and loses it to whoever deletes it.
 */
export async function keepingIndexThere<T>(
  tx: Transaction,
  memory_store_id: string,
  { of, ...by }: Maker & { /** The path of the memory that is written. */ of: string },
  write: () => Promise<T>,
): Promise<T> {
  const [index] = await listMemories(tx, memory_store_id, { path: INDEX_PATH })
  return index && of !== INDEX_PATH ? keepingIndex(tx, memory_store_id, by, write) : write()
}

/** Whether nobody wrote the index of these memories, a dream did, or it says exactly what Reverie says of them. */
export function isOurs(
  memories: { path: string; content: string; created_by: Actor }[],
  index = memories.find((it) => it.path === INDEX_PATH),
): boolean {
  return !index || index.created_by.startsWith('dream:') || index.content === indexFile(memories)
}

async function writeIndex(
  tx: Transaction,
  memory_store_id: string,
  memories: Memory[],
  { created_by, actor, now }: Maker,
): Promise<void> {
  const index = indexIn(memories)
  const content = memories.length > (index ? 1 : 0) ? indexFile(memories) : null
  const has_room = index || !memories.some((it) => overlaps(it.path, INDEX_PATH))
  const is_wanted = index ? index.content !== content : content !== null
  if (!is_wanted || !has_room) return
  await writeMemory(tx, memory_store_id, {
    path: INDEX_PATH,
    content,
    expected: index?.content_sha256 ?? null,
    created_by: created_by.startsWith('user:') ? (writerOf(index) ?? created_by) : created_by,
    actor: actor ?? created_by,
    reason: 'the index follows the memories',
    now,
  })
}

/** The dream whose index it was: an index that an older Reverie wrote in other words is known by that. */
function writerOf(index: Memory | undefined): Actor | undefined {
  return index?.created_by.startsWith('dream:') ? index.created_by : undefined
}

function indexIn(memories: Memory[]): Memory | undefined {
  return memories.find((it) => it.path === INDEX_PATH)
}
