/**
 * Writing over the wire: a memory is made, changed, moved or taken away by its id, by a new version.
 *
 * The text is the caller's own document, kept to the byte: its sha256 is what callers compare, so nothing of it is redacted. What somebody
 * writes over, moves or takes away no dream brings back, as with everything that people do.
 */
import type { Database, Transaction } from '../db/database.ts'
import { countMemories, memoryById, refuseConflict, writeMemory } from '../db/memories.ts'
import { EngineError } from '../domain/error.ts'
import type { Actor, Memory } from '../domain/memory.ts'
import { checkPath } from '../domain/memory-path.ts'
import { asStood, bury } from './bury.ts'
import { keepingIndexThere } from './keep-index.ts'

const MOST_BYTES = 102_400
const MOST_MEMORIES = 10_000

type By = { actor: Actor; now: string }

/** Throws `invalid_request_error` for what is no path or no text, and in a full store, `memory_path_conflict_error` where it has no room. */
export async function createMemory(
  tx: Transaction,
  memory_store_id: string,
  { path, content }: { path: string; content: string },
  { actor, now }: By,
): Promise<Memory> {
  checkPath(path)
  checkContent(content)
  if ((await countMemories(tx, memory_store_id)) >= MOST_MEMORIES)
    throw new EngineError('invalid_request_error', `a memory store holds at most ${MOST_MEMORIES} memories`, {
      hint: 'delete some, or use another store',
    })
  await refuseConflict(tx, memory_store_id, path)
  const by = { created_by: actor, now }
  const made = await keepingIndexThere(tx, memory_store_id, { ...by, of: path }, () =>
    writeMemory(tx, memory_store_id, {
      path,
      content,
      expected: null,
      ...by,
      reason: 'written over the API',
    }),
  )
  return (await memoryById(tx, memory_store_id, made!.memory_id))!
}

/**
 * What is not given stays. Where nothing changes there is no new version, whatever was expected.
 *
 * Throws `not_found_error`, `memory_precondition_failed_error` where the text is not the expected one, and as for a new memory.
 */
export async function changeMemory(
  tx: Transaction,
  memory_store_id: string,
  id: string,
  wanted: { path: string | null; content: string | null; expected: string | null },
  { actor, now }: By,
): Promise<Memory> {
  const memory = await oneMemory(tx, memory_store_id, id)
  const { path = memory.path, content = memory.content } = withoutNulls(wanted)
  if (path === memory.path && content === memory.content) return memory
  refuseUnexpected(memory, wanted.expected)
  if (path !== memory.path) checkPath(path)
  checkContent(content)
  const by = { created_by: actor, now }
  const reason = `${path === memory.path ? 'written' : 'moved'} over the API`
  await keepingIndexThere(tx, memory_store_id, { ...by, of: memory.path }, () =>
    writeMemory(tx, memory_store_id, {
      path: memory.path,
      to: path,
      content,
      expected: memory.content_sha256,
      ...by,
      reason,
    }),
  )
  const changed = await oneMemory(tx, memory_store_id, id)
  const why = { cause: 'retired', reason, by: actor, at: now } as const
  await bury(tx, { taken: asStood(memory), put: asStood(changed) }, why)
  return changed
}

/** Its past stays. Throws `not_found_error`, and `memory_precondition_failed_error` where its text is not the expected one. */
export async function deleteMemory(
  tx: Transaction,
  memory_store_id: string,
  id: string,
  expected: string | null,
  { actor, now }: By,
): Promise<void> {
  const memory = await oneMemory(tx, memory_store_id, id)
  refuseUnexpected(memory, expected)
  const { path, content_sha256 } = memory
  const reason = 'deleted over the API'
  const by = { created_by: actor, now }
  await keepingIndexThere(tx, memory_store_id, { ...by, of: path }, () =>
    writeMemory(tx, memory_store_id, { path, content: null, expected: content_sha256, ...by, reason }),
  )
  await bury(tx, { taken: asStood(memory), put: null }, { cause: 'retired', reason, by: actor, at: now })
}

export async function oneMemory(
  tx: Database | Transaction,
  memory_store_id: string,
  id: string,
): Promise<Memory> {
  const memory = await memoryById(tx, memory_store_id, id)
  if (memory) return memory
  throw new EngineError('not_found_error', `there is no memory ${id} in this memory store`, {
    hint: 'list the memories of the store',
  })
}

function withoutNulls({ path, content }: { path: string | null; content: string | null }) {
  return { path: path ?? undefined, content: content ?? undefined }
}

function refuseUnexpected({ id, content_sha256 }: Memory, expected: string | null): void {
  if (expected === null || expected === content_sha256) return
  throw new EngineError('memory_precondition_failed_error', `${id} is not the text that was expected`, {
    hint: 'retrieve it, and try again from what it is now',
  })
}

function checkContent(content: string): void {
  const bytes = Buffer.byteLength(content)
  if (bytes > MOST_BYTES)
    throw new EngineError(
      'invalid_request_error',
      `content: a memory has at most ${MOST_BYTES} bytes, and this is ${bytes}`,
      { hint: 'put it into several memories' },
    )
  if (!content.isWellFormed())
    throw new EngineError('invalid_request_error', 'content: it is no well-formed Unicode')
}
