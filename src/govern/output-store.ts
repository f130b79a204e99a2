/**
 * The output of a dream as a memory store of its own: the input as it stands, with everything that waits for it put in. It can be given to
 * sessions as it is, while people decide on the changes one by one in the input.
 *
 * The output was copied from the input when the dream began. What was written to the input since is put in as well; what somebody wrote to
 * the output meanwhile is left as it is. All of it is in the transaction that ends the dream.
 */
import { textOf } from '../5-decide/decision.ts'
import { waitingChanges } from '../db/changes.ts'
import type { Transaction } from '../db/database.ts'
import { decisionsOn } from '../db/decisions.ts'
import { inTheWayOf, listMemories, writeMemory } from '../db/memories.ts'
import { memoriesAsOf } from '../db/memory-versions.ts'
import type { Change } from '../domain/change.ts'
import { type Actor, INDEX_PATH, type Memory } from '../domain/memory.ts'
import { keepingIndex } from './keep-index.ts'

export type Filled = {
  written: Change[]
  /** What does not fit what stands in the output. */
  left_out: Change[]
}

type Stores = {
  input_id: string
  output_id: string
  /** The newest version of the input when it was copied; 0 for none. */
  cloned_through: number
}

export async function fillOutput(
  tx: Transaction,
  stores: Stores,
  isWanted: (change: Change) => boolean,
  { dream_id, now }: { dream_id: string; now: string },
): Promise<Filled> {
  const { input_id, output_id } = stores
  const actor = `dream:${dream_id}` as const
  const waiting = (await waitingChanges(tx, input_id)).filter((it) => it.redacted_at === null && isWanted(it))
  const decisions = await decisionsOn(
    tx,
    waiting.map((it) => it.id),
  )
  return keepingIndex(tx, output_id, { created_by: actor, now }, async () => {
    await catchUp(tx, stores, { actor, now })
    const filled: Filled = { written: [], left_out: [] }
    const standing = new Map((await listMemories(tx, output_id)).map((it) => [it.path, it]))
    for (const change of waiting) {
      const { content, edited_by } = textOf(change, decisions.get(change.id) ?? [])
      const before = standing.get(change.path)
      const author = edited_by ?? before?.created_by
      const created_by = author?.startsWith('user:') ? (author as Actor) : actor
      const is_written =
        (before?.content_sha256 ?? null) === change.before_sha256 &&
        (await put(tx, output_id, { path: change.path, content, before, created_by, actor, now }))
      filled[is_written ? 'written' : 'left_out'].push(change)
    }
    return filled
  })
}

/** Puts in what was written to the input since it was copied, where the output is still the copy. */
async function catchUp(
  tx: Transaction,
  { input_id, output_id, cloned_through }: Stores,
  { actor, now }: { actor: Actor; now: string },
): Promise<void> {
  const copied = byPath(await memoriesAsOf(tx, input_id, cloned_through))
  const input = byPath(await listMemories(tx, input_id))
  const output = byPath(await listMemories(tx, output_id))
  const isDreams = (path: string) => path === INDEX_PATH && !input.get(path)?.created_by.startsWith('user:')
  for (const path of [...new Set([...copied.keys(), ...input.keys()])].sort()) {
    const before = output.get(path)
    const [was, is, has] = [copied.get(path), input.get(path), before].map((it) => it?.content_sha256 ?? null)
    if (is === was || is === has || has !== was || isDreams(path)) continue
    const { content = null, created_by = actor } = input.get(path) ?? {}
    await put(tx, output_id, { path, content, before, created_by, actor, now })
  }
}

/** False where another memory is in the way. */
async function put(
  tx: Transaction,
  memory_store_id: string,
  write: {
    path: string
    content: string | null
    before: Memory | undefined
    created_by: Actor
    actor: Actor
    now: string
  },
): Promise<boolean> {
  const { before, ...rest } = write
  if (!before && (write.content === null || (await inTheWayOf(tx, memory_store_id, write.path)))) return false
  const expected = before?.content_sha256 ?? null
  const reason = 'the output of a dream'
  return (await writeMemory(tx, memory_store_id, { ...rest, expected, reason })) !== null
}

function byPath<T extends { path: string }>(memories: T[]): Map<string, T> {
  return new Map(memories.map((it) => [it.path, it]))
}
