/** The past of a memory store: its versions, in the order in which they were written. */
import type { Memory, MemoryVersion } from '../domain/memory.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

/** A version with its place in the order of writing, over all stores of the database. */
export type OrderedVersion = MemoryVersion & { seq: number }

/** A version, how it came about and who acted; nulls where the audit log of older Reveries does not tell. */
export type HistoryRow = OrderedVersion & {
  /** The change that became it. */
  change_id: string | null
  actor: string | null
  reason: string | null
}

/** Every version of what stood at a path, newest first. */
export async function versionsAt(
  db: Database | Transaction,
  memory_store_id: string,
  path: string,
): Promise<OrderedVersion[]> {
  const rows = await db
    .selectFrom('memory_version')
    .selectAll()
    .where('memory_store_id', '=', memory_store_id)
    .where('path', '=', path)
    .orderBy('seq', 'desc')
    .execute()
  return rows as OrderedVersion[]
}

/** The same, each with what is known of how it came about. */
export async function historyOf(db: Database, memory_store_id: string, path: string): Promise<HistoryRow[]> {
  const rows = await db
    .selectFrom('memory_version')
    .leftJoin('change', 'change.memory_version_id', 'memory_version.id')
    .leftJoin('audit', (join) =>
      join.onRef('audit.object', '=', 'memory_version.id').on('audit.workspace_id', '=', OWN_WORKSPACE),
    )
    .selectAll('memory_version')
    .select(['change.id as change_id', 'audit.actor', 'audit.reason'])
    .where('memory_version.memory_store_id', '=', memory_store_id)
    .where('memory_version.path', '=', path)
    .orderBy('memory_version.seq', 'desc')
    .execute()
  return rows as HistoryRow[]
}

/** The versions whose id is `id` or begins with it, in any store of this workspace. */
export async function findVersions(db: Database | Transaction, id: string): Promise<OrderedVersion[]> {
  const rows = await db
    .selectFrom('memory_version')
    .innerJoin('memory_store', 'memory_store.id', 'memory_version.memory_store_id')
    .selectAll('memory_version')
    .where('memory_store.workspace_id', '=', OWN_WORKSPACE)
    .where('memory_version.id', '>=', id)
    .where('memory_version.id', '<', `${id}g`)
    .execute()
  return rows as OrderedVersion[]
}

/** A memory as it was; its text is null where it was erased since. */
export type PastMemory = Omit<Memory, 'content'> & { content: string | null }

export function isText(it: PastMemory): it is Memory {
  return it.content !== null
}

/** The memories of a store as they stood when the version `seq` had just been written, in order of their paths. */
export async function memoriesAsOf(
  db: Database | Transaction,
  memory_store_id: string,
  seq: number,
): Promise<PastMemory[]> {
  const newest = db
    .selectFrom('memory_version')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .where('memory_store_id', '=', memory_store_id)
    .where('seq', '<=', seq)
    .groupBy('path')
  const rows = await db
    .selectFrom('memory_version')
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom('memory_version as first')
        .select('first.created_at')
        .whereRef('first.memory_store_id', '=', 'memory_version.memory_store_id')
        .whereRef('first.path', '=', 'memory_version.path')
        .whereRef('first.memory_id', '=', 'memory_version.memory_id')
        .orderBy('first.seq')
        .limit(1)
        .as('first_at'),
    )
    .where('seq', 'in', newest)
    .where('operation', '<>', 'deleted')
    .orderBy('path')
    .execute()
  return rows.map(
    (it) =>
      ({
        id: it.memory_id,
        memory_store_id,
        memory_version_id: it.id,
        path: it.path,
        content: it.content,
        content_sha256: it.content_sha256,
        content_size_bytes: it.content_size_bytes,
        created_by: it.created_by,
        created_at: it.first_at,
        updated_at: it.created_at,
      }) as PastMemory,
  )
}

/** The first version of a store; null when nothing was ever written. */
export async function firstVersion(
  db: Database | Transaction,
  memory_store_id: string,
): Promise<number | null> {
  const row = await db
    .selectFrom('memory_version')
    .select((eb) => eb.fn.min('seq').as('seq'))
    .where('memory_store_id', '=', memory_store_id)
    .executeTakeFirst()
  return row?.seq ?? null
}

/** The last version of a store that was written at or before a time (RFC 3339); 0 when there was none. */
export async function versionBy(
  db: Database | Transaction,
  memory_store_id: string,
  time: string,
): Promise<number> {
  const row = await db
    .selectFrom('memory_version')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .where('memory_store_id', '=', memory_store_id)
    .where('created_at', '<=', time)
    .executeTakeFirst()
  return row?.seq ?? 0
}
