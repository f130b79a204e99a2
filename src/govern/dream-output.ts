/**
 * The output of a dream: the memory store as the dream read it, with its changes put in. It is a view: nothing is stored of it, and the
 * store itself is untouched. What the policy denies, or was erased since, is not in it.
 */
import { indexFile } from '../4-consolidate/index-file.ts'
import { readChanges } from '../db/changes.ts'
import type { Database } from '../db/database.ts'
import { readThrough } from '../db/dreams.ts'
import { isText, memoriesAsOf, type PastMemory, versionBy } from '../db/memory-versions.ts'
import type { Change } from '../domain/change.ts'
import type { Dream } from '../domain/dream.ts'
import { sha256 } from '../domain/id.ts'
import { INDEX_PATH, type Memory } from '../domain/memory.ts'
import { isOurs } from './keep-index.ts'

/** A memory as it would stand. What a change makes of it has no version, and a new one no id. */
export type OutputMemory = Omit<Memory, 'id' | 'memory_version_id'> & {
  id: string | null
  memory_version_id: string | null
  /** The change that makes it what it is; null where the dream leaves it as it was, and for the index. */
  change_id: string | null
}

/** In order of their paths. */
export async function outputOf(db: Database, dream: Dream): Promise<OutputMemory[]> {
  const { id, memory_store_id, created_at } = dream
  const read = (await readThrough(db, id)) ?? (await versionBy(db, memory_store_id, created_at))
  const input = await memoriesAsOf(db, memory_store_id, read)
  return withChanges(input, await readChanges(db, id), dream)
}

type Dreamed = Pick<Dream, 'id' | 'memory_store_id' | 'ended_at' | 'created_at'>

/** A change that was put up again, against what stood there later, is none of the dream's own. */
export function withChanges(input: PastMemory[], changes: Change[], dream: Dreamed): OutputMemory[] {
  const texts = input.filter(isText)
  const before = new Map(input.map((it) => [it.path, it]))
  const output = new Map(texts.map((it): [string, OutputMemory] => [it.path, { ...it, change_id: null }]))
  const put = (path: string, content: string | null, change_id: string | null) => {
    if (content === null) output.delete(path)
    else output.set(path, written(path, content, change_id, before.get(path), dream))
  }
  for (const it of changes) {
    const fits = it.before_sha256 === (before.get(it.path)?.content_sha256 ?? null)
    if (fits && it.status !== 'denied' && it.redacted_at === null) put(it.path, it.after, it.id)
  }
  const index = output.get(INDEX_PATH)
  const made = output.size > (index ? 1 : 0) ? indexFile([...output.values()]) : null
  if (isOurs(texts) && made !== (index?.content ?? null)) put(INDEX_PATH, made, null)
  return [...output.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}

function written(
  path: string,
  content: string,
  change_id: string | null,
  before: PastMemory | undefined,
  { id, memory_store_id, ended_at, created_at }: Dreamed,
): OutputMemory {
  const at = ended_at ?? created_at
  return {
    id: before?.id ?? null,
    memory_store_id,
    memory_version_id: null,
    path,
    content,
    content_sha256: sha256(content),
    content_size_bytes: Buffer.byteLength(content),
    created_by: `dream:${id}`,
    created_at: before?.created_at ?? at,
    updated_at: at,
    change_id,
  }
}
