/**
 * What people take out of a memory store stays out: the change that wrote it, and the lesson itself where nothing of it is left, are
 * remembered, and neither the next dream nor one over the same sessions ingested again proposes them. Where another text stands in its
 * place, that holds as long as this text does.
 *
 * What is put back counts as wanted again: what was remembered against it is forgotten. A person's rejection stays.
 */
import { frontMatterOf } from '../4-consolidate/memory-file.ts'
import { changesBehind } from '../db/changes.ts'
import type { Transaction } from '../db/database.ts'
import { patternsOf } from '../db/patterns.ts'
import { insertTombstones, liftTombstones } from '../db/tombstones.ts'
import type { Change } from '../domain/change.ts'
import { type Actor, INDEX_PATH, type Memory, type MemoryVersion } from '../domain/memory.ts'
import { keysOf, type Tombstone } from '../domain/tombstone.ts'

/** A version, as far as it says what stood where. */
export type Stood = Pick<MemoryVersion, 'id' | 'memory_store_id' | 'path' | 'content' | 'content_sha256'>

export function asStood({
  memory_version_id: id,
  memory_store_id,
  path,
  content,
  content_sha256,
}: Memory): Stood {
  return { id, memory_store_id, path, content, content_sha256 }
}

export type Burial = {
  cause: Tombstone['cause']
  reason: string
  by: Actor
  at: string
  until?: string | null
  covered_by?: string | null
}

/** `taken` stands there no longer; `put` does from now on, null where nothing does. */
export async function bury(
  tx: Transaction,
  { taken, put }: { taken: Stood; put: Stood | null },
  why: Burial,
): Promise<void> {
  // Made from the others, so it is neither wanted nor unwanted.
  if (taken.path === INDEX_PATH) return
  const undone = await changesBehind(tx, taken)
  const wanted = put === null ? [] : await changesBehind(tx, put)
  await liftTombstones(
    tx,
    [...undone, ...wanted].map((it) => it.id),
  )
  const addition = additionOf(taken, undone)
  const is_left = put !== null && isTold(addition, put)
  const gone = is_left || undone.some((it) => it.kind === 'add') ? undone : [...undone, addition]
  for (const it of gone)
    await remember(tx, taken.memory_store_id, it, { ...why, covered_by: put?.path ?? null })
}

/** Whether a text is of the same lesson, or nothing was a lesson. */
function isTold({ pattern_ids }: Remembered, { content }: Stood): boolean {
  return pattern_ids.length === 0 || pattern_ids.includes(frontMatterOf(content ?? '').pattern ?? '')
}

type Remembered = Pick<Change, 'kind' | 'pattern_ids' | 'before' | 'after'> & { id: string | null }

/** The change that would bring the text of `gone` back where nothing stands. */
function additionOf(gone: Stood, changes: Change[]): Remembered {
  const { pattern, also } = frontMatterOf(gone.content ?? '')
  const told = pattern === null ? [] : [pattern, ...also]
  const pattern_ids = [...told, ...changes.flatMap((it) => it.pattern_ids)]
  return {
    id: changes.at(-1)?.id ?? null,
    kind: 'add',
    pattern_ids: [...new Set(pattern_ids)],
    // A lesson goes with all that is told beside it, whoever worded it.
    before: pattern === null ? null : gone.content,
    after: gone.content,
  }
}

/** Remembers that this change is not to be proposed again. */
export async function remember(
  tx: Transaction,
  memory_store_id: string,
  change: Remembered,
  { cause, reason, by, at, until = null, covered_by = null }: Burial,
): Promise<void> {
  const { id: change_id, kind, pattern_ids } = change
  const patterns = await patternsOf(tx, memory_store_id, pattern_ids)
  const sessions = Math.max(0, ...patterns.map((it) => it.sessions))
  const one = { change_id, kind, cause, reason, sessions, until, covered_by }
  const tombstones = keysOf(change).map((key) => ({ ...one, key }))
  await insertTombstones(tx, memory_store_id, tombstones, { created_by: by, created_at: at })
}
