/** Redacting one version of a memory: its text and path go for good; who wrote it, and when, stay. */
import { appendAudit } from '../db/audit.ts'
import { noteBytesLeft } from '../db/bytes.ts'
import type { Transaction } from '../db/database.ts'
import { redactText, redactVersions } from '../db/erasure.ts'
import { memoryById } from '../db/memories.ts'
import { versionById, type WrittenVersion } from '../db/memory-versions.ts'
import { EngineError } from '../domain/error.ts'
import type { Actor } from '../domain/memory.ts'

/**
 * The version as it is then; one that was redacted before stays as it is. With the last version that has a text, the text also goes from
 * the changes of dreams.
 *
 * Throws `not_found_error`, and `invalid_request_error` for the version that stands.
 */
export async function redactVersion(
  tx: Transaction,
  memory_store_id: string,
  id: string,
  { actor, now }: { actor: Actor; now: string },
): Promise<WrittenVersion> {
  const version = await oneVersion(tx, memory_store_id, id)
  if (version.redacted_at !== null) return version
  const { memory_id, content, content_sha256 } = version
  const memory = await memoryById(tx, memory_store_id, memory_id)
  if (memory?.memory_version_id === id)
    throw new EngineError('invalid_request_error', `${id} is what ${memory_id} is now`, {
      hint: 'write a new version of the memory, or delete it; then redact this one',
    })
  await redactVersions(tx, [{ id, hides_path: true }], now, actor)
  if (content !== null && content_sha256 !== null)
    await redactText(tx, memory_store_id, { content, content_sha256 }, now)
  await noteBytesLeft(tx, now)
  await appendAudit(tx, {
    at: now,
    actor,
    action: 'version.redacted',
    object: id,
    before_sha256: content_sha256,
    after_sha256: null,
    reason: 'redacted over the API',
  })
  return oneVersion(tx, memory_store_id, id)
}

export async function oneVersion(
  tx: Parameters<typeof versionById>[0],
  memory_store_id: string,
  id: string,
): Promise<WrittenVersion> {
  const version = await versionById(tx, memory_store_id, id)
  if (version) return version
  throw new EngineError('not_found_error', `there is no memory version ${id} in this memory store`, {
    hint: 'list the memory versions of the store',
  })
}
