/** Copies of a memory store: of what stands in it, and of what is known by it. Each is a few statements, however much there is. */
import { sql } from 'kysely'
import type { AuditActor } from '../domain/audit.ts'
import type { MemoryStore } from '../domain/memory.ts'
import { appendAudit } from './audit.ts'
import type { Transaction } from './database.ts'
import { insertMemoryStore } from './memory-stores.ts'

/**
 * A new store with the memories of `from` as they stand: the same texts at the same paths, by the same authors and of the same
 * times, each with one version and an id of its own. The past of `from` stays with it.
 *
 * The audit log gets one record of the new store, and none of its memories: nobody wrote anything new.
 */
export async function cloneMemoryStore(
  tx: Transaction,
  from: MemoryStore,
  to: Pick<MemoryStore, 'name'> &
    Partial<Pick<MemoryStore, 'description' | 'metadata'>> & {
      /** Who makes it. */
      actor: AuditActor
      now: string
    },
): Promise<MemoryStore> {
  const { actor, now, ...named } = to
  const { description, metadata, agent } = from
  const store = await insertMemoryStore(tx, { description, metadata, agent, ...named, now })
  await copyMemories(tx, from.id, store.id)
  await appendAudit(tx, {
    at: now,
    actor,
    action: 'store.created',
    object: store.id,
    before_sha256: null,
    after_sha256: null,
    reason: `a copy of ${from.id}`,
  })
  return store
}

async function copyMemories(tx: Transaction, from_id: string, to_id: string): Promise<void> {
  await sql`
    INSERT INTO memory_version
      (id, memory_id, memory_store_id, operation, path, content, content_sha256, content_size_bytes, created_at, created_by)
    SELECT ${newId('memver')}, ${newId('mem')}, ${to_id}, 'created', memory.path,
      content, content_sha256, content_size_bytes, memory.updated_at, created_by
    FROM memory JOIN memory_version ON memory_version.id = memory.memory_version_id
    WHERE memory.memory_store_id = ${from_id} ORDER BY memory.path`.execute(tx)
  await sql`
    INSERT INTO memory (id, memory_store_id, memory_version_id, path, created_at, updated_at)
    SELECT copied.memory_id, ${to_id}, copied.id, memory.path, memory.created_at, memory.updated_at
    FROM memory JOIN memory_version AS copied ON copied.memory_store_id = ${to_id} AND copied.path = memory.path
    WHERE memory.memory_store_id = ${from_id}`.execute(tx)
}

function newId(prefix: 'mem' | 'memver') {
  return sql`${`${prefix}_`} || lower(hex(randomblob(12)))`
}

/**
 * What the store `from_id` has learned becomes known to `to_id`, which knew nothing: what it counted and of which sessions, its patterns, and
 * what is not to come back. A dream of either then goes on from there, without the other.
 */
export async function cloneKnowledge(tx: Transaction, from_id: string, to_id: string): Promise<void> {
  await sql`
    INSERT INTO ledger (memory_store_id, session_seq, dream_id, told, with_model)
    SELECT ${to_id}, session_seq, dream_id, told, with_model FROM ledger WHERE memory_store_id = ${from_id}`.execute(
    tx,
  )
  await sql`
    INSERT INTO tally (memory_store_id, context, trait, channel, bad, n, cells, weeks, sightings)
    SELECT ${to_id}, context, trait, channel, bad, n, cells, weeks, sightings
    FROM tally WHERE memory_store_id = ${from_id}`.execute(tx)
  await sql`
    INSERT INTO pattern (id, memory_store_id, class, channel, tier, status, content, created_at, updated_at)
    SELECT id, ${to_id}, class, channel, tier, status, content, created_at, updated_at
    FROM pattern WHERE memory_store_id = ${from_id}`.execute(tx)
  await sql`
    INSERT INTO tombstone
      (memory_store_id, change_id, key, kind, cause, reason, sessions, until, covered_by, created_by, created_at)
    SELECT ${to_id}, change_id, key, kind, cause, reason, sessions, until, covered_by, created_by, created_at
    FROM tombstone WHERE memory_store_id = ${from_id} ORDER BY seq`.execute(tx)
  await sql`
    UPDATE memory_store
    SET dreamed_through = (SELECT dreamed_through FROM memory_store WHERE id = ${from_id})
    WHERE id = ${to_id}`.execute(tx)
}
