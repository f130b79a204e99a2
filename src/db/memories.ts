import type { AuditActor } from '../domain/audit.ts'
import { randomId, sha256 } from '../domain/id.ts'
import type { Actor, Memory, MemoryStore, MemoryVersion } from '../domain/memory.ts'
import { appendAudit } from './audit.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

const listed = ['id', 'name', 'agent', 'created_at'] as const

/** The store of that name, made for `agent` when there is none. */
export async function ensureMemoryStore(
  db: Database | Transaction,
  name: string,
  agent: string,
  now: string,
): Promise<MemoryStore> {
  await db
    .insertInto('memory_store')
    .values({ id: randomId('memstore'), workspace_id: OWN_WORKSPACE, name, agent, created_at: now })
    .onConflict((it) => it.columns(['workspace_id', 'name']).doNothing())
    .execute()
  return (await findMemoryStore(db, name))!
}

/** By name or id. */
export async function findMemoryStore(
  db: Database | Transaction,
  name: string,
): Promise<MemoryStore | undefined> {
  return db
    .selectFrom('memory_store')
    .select(listed)
    .where((eb) => eb.or([eb('name', '=', name), eb('id', '=', name)]))
    .where('workspace_id', '=', OWN_WORKSPACE)
    .executeTakeFirst()
}

export async function listMemoryStores(db: Database): Promise<MemoryStore[]> {
  return db
    .selectFrom('memory_store')
    .select(listed)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .orderBy('name')
    .execute()
}

/** The memories of a store in order of their paths, those after `after`; or the one at that path. */
export async function listMemories(
  db: Database | Transaction,
  memory_store_id: string,
  page: { after?: string; limit?: number; path?: string } = {},
): Promise<Memory[]> {
  const rows = await db
    .selectFrom('memory')
    .innerJoin('memory_version', 'memory_version.id', 'memory.memory_version_id')
    .select([
      'memory.id',
      'memory.memory_store_id',
      'memory.memory_version_id',
      'memory.path',
      'memory_version.content',
      'memory_version.content_sha256',
      'memory_version.content_size_bytes',
      'memory_version.created_by',
      'memory.created_at',
      'memory.updated_at',
    ])
    .where('memory.memory_store_id', '=', memory_store_id)
    .$if(page.after !== undefined, (it) => it.where('memory.path', '>', page.after!))
    .$if(page.path !== undefined, (it) => it.where('memory.path', '=', page.path!))
    .orderBy('memory.path')
    .$if(page.limit !== undefined, (it) => it.limit(page.limit!))
    .execute()
  return rows as Memory[]
}

/** The newest version of any memory of a store, by the order of writing; null when nothing was ever written. */
export async function newestVersion(
  db: Database | Transaction,
  memory_store_id: string,
): Promise<number | null> {
  const row = await db
    .selectFrom('memory_version')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .where('memory_store_id', '=', memory_store_id)
    .executeTakeFirst()
  return row?.seq ?? null
}

/**
 * Puts `content` at a path, or takes away what stands there (`null`), as one new version.
 *
 * Does so only when what stands there now has the sha256 `expected` (`null`: nothing); otherwise it writes
 * nothing and returns null. Compare and write are one transaction, so no writer overwrites what it has not seen.
 */
export async function writeMemory(
  tx: Transaction,
  memory_store_id: string,
  write: {
    path: string
    content: string | null
    expected: string | null
    /** Whose text it is. */
    created_by: Actor
    /** Who acts, where that is not the author: a person who adopts what a dream wrote. */
    actor?: AuditActor
    /** Why, for the audit log: a phrase of ours, or what a person typed; nothing of a session. */
    reason: string
    now: string
  },
): Promise<MemoryVersion | null> {
  const { path, content, now } = write
  const current = await tx
    .selectFrom('memory')
    .innerJoin('memory_version', 'memory_version.id', 'memory.memory_version_id')
    .select(['memory.id', 'memory_version.content_sha256'])
    .where('memory.memory_store_id', '=', memory_store_id)
    .where('memory.path', '=', path)
    .executeTakeFirst()
  if ((current?.content_sha256 ?? null) !== write.expected || (content === null && !current)) return null

  const version: MemoryVersion = {
    id: randomId('memver'),
    memory_id: current?.id ?? randomId('mem'),
    memory_store_id,
    operation: content === null ? 'deleted' : current ? 'modified' : 'created',
    path,
    content,
    content_sha256: content === null ? null : sha256(content),
    content_size_bytes: content === null ? null : Buffer.byteLength(content),
    created_at: now,
    created_by: write.created_by,
    redacted_at: null,
  }
  await tx.insertInto('memory_version').values(version).execute()
  if (content === null) await tx.deleteFrom('memory').where('id', '=', version.memory_id).execute()
  else if (current)
    await tx
      .updateTable('memory')
      .set({ memory_version_id: version.id, updated_at: now })
      .where('id', '=', current.id)
      .execute()
  else
    await tx
      .insertInto('memory')
      .values({
        id: version.memory_id,
        memory_store_id,
        memory_version_id: version.id,
        path,
        created_at: now,
        updated_at: now,
      })
      .execute()
  await appendAudit(tx, {
    at: now,
    actor: write.actor ?? write.created_by,
    action: `memory.${version.operation}`,
    object: version.id,
    before_sha256: write.expected,
    after_sha256: version.content_sha256,
    reason: write.reason,
  })
  return version
}
