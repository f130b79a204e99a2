/** The past of a memory store: its versions, in the order in which they were written. */
import { sql } from 'kysely'
import type { Actor, Memory, MemoryVersion } from '../domain/memory.ts'
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

/** Every version of what stood at a path, newest first. A memory that was moved to another path was taken away from this one. */
export async function versionsAt(
  db: Database | Transaction,
  memory_store_id: string,
  path: string,
): Promise<OrderedVersion[]> {
  const rows = await ofWhatStoodAt(db, memory_store_id, path).execute()
  return seenFrom(path, rows as OrderedVersion[])
}

/** The same, each with what is known of how it came about. */
export async function historyOf(
  db: Database | Transaction,
  memory_store_id: string,
  path: string,
): Promise<HistoryRow[]> {
  const rows = await ofWhatStoodAt(db, memory_store_id, path)
    .leftJoin('change', 'change.memory_version_id', 'memory_version.id')
    .leftJoin('audit', (join) =>
      join.onRef('audit.object', '=', 'memory_version.id').on('audit.workspace_id', '=', OWN_WORKSPACE),
    )
    .select(['change.id as change_id', 'audit.actor', 'audit.reason'])
    .execute()
  return seenFrom(path, rows as HistoryRow[])
}

/** All versions of the memories that were ever at a path, in the order of writing. */
function ofWhatStoodAt(db: Database | Transaction, memory_store_id: string, path: string) {
  const stood = db
    .selectFrom('memory_version')
    .select('memory_id')
    .where('memory_store_id', '=', memory_store_id)
    .where('path', '=', path)
  return db
    .selectFrom('memory_version')
    .selectAll('memory_version')
    .where('memory_version.memory_store_id', '=', memory_store_id)
    .where('memory_version.memory_id', 'in', stood)
    .orderBy('memory_version.seq')
}

/** What of these happened at `path`, newest first. A version whose own path was erased is no move. */
function seenFrom<T extends OrderedVersion>(path: string, versions: T[]): T[] {
  const here = new Set<string>()
  const seen: T[] = []
  for (const it of versions) {
    const is_here = it.path === path
    if (is_here) here.add(it.memory_id)
    else if (!here.has(it.memory_id)) continue
    const has_left = !is_here && it.redacted_at === null
    if (has_left) here.delete(it.memory_id)
    seen.push(has_left ? { ...it, ...GONE, path } : { ...it, path })
  }
  return seen.reverse()
}

const GONE = { operation: 'deleted', content: null, content_sha256: null, content_size_bytes: null } as const

/** The versions of one memory, wherever it stood, newest first. */
export async function versionsOfMemory(
  db: Database | Transaction,
  memory_store_id: string,
  memory_id: string,
): Promise<OrderedVersion[]> {
  const rows = await db
    .selectFrom('memory_version')
    .selectAll()
    .where('memory_store_id', '=', memory_store_id)
    .where('memory_id', '=', memory_id)
    .orderBy('seq', 'desc')
    .execute()
  return rows as OrderedVersion[]
}

/** Which versions of a store are asked for. Times are RFC 3339, both inclusive. */
export type VersionsAsked = {
  memory_id?: string
  operation?: MemoryVersion['operation']
  /** Whoever wrote is each of these, so of two different ones there is nothing. */
  authors?: Actor[]
  /** The session of the dream that wrote. */
  session_id?: string
  from?: string
  to?: string
}

/** A version, and the session of the dream that wrote it; null where a person did, or that dream has none. */
export type WrittenVersion = MemoryVersion & { session_id: string | null }

/** Newest first, those before the version of that id. Content is null where it was not asked for. */
export async function versionsBefore(
  db: Database,
  memory_store_id: string,
  asked: VersionsAsked,
  { before, limit, with_content }: { before: string | null; limit: number; with_content: boolean },
): Promise<WrittenVersion[]> {
  const { memory_id, operation, authors = [], session_id, from, to } = asked
  const rows = await written(db, memory_store_id)
    .$if(with_content, (it) => it.select('content'))
    .$if(memory_id !== undefined, (it) => it.where('memory_id', '=', memory_id!))
    .$if(operation !== undefined, (it) => it.where('operation', '=', operation!))
    .where((eb) => eb.and(authors.map((it) => eb('memory_version.created_by', '=', it))))
    .$if(session_id !== undefined, (it) => it.where('dream_request.recording_id', '=', session_id!))
    .$if(from !== undefined, (it) => it.where('memory_version.created_at', '>=', from!))
    .$if(to !== undefined, (it) => it.where('memory_version.created_at', '<=', to!))
    .$if(before !== null, (it) =>
      it.where('memory_version.seq', '<', (eb) =>
        eb.selectFrom('memory_version').select('seq').where('id', '=', before!),
      ),
    )
    .orderBy('memory_version.seq', 'desc')
    .limit(limit)
    .execute()
  return rows.map((it) => ({ content: null, ...it })) as WrittenVersion[]
}

export async function versionById(
  db: Database | Transaction,
  memory_store_id: string,
  id: string,
): Promise<WrittenVersion | undefined> {
  const row = await written(db, memory_store_id)
    .select('content')
    .where('memory_version.id', '=', id)
    .executeTakeFirst()
  return row as WrittenVersion | undefined
}

function written(db: Database | Transaction, memory_store_id: string) {
  return db
    .selectFrom('memory_version')
    .leftJoin('dream_request', (join) =>
      join
        .on('memory_version.created_by', 'like', 'dream:%')
        .on('dream_request.dream_id', '=', sql<string>`substr(memory_version.created_by, 7)`),
    )
    .select([
      'memory_version.id',
      'memory_id',
      'memory_store_id',
      'operation',
      'path',
      'content_sha256',
      'content_size_bytes',
      'memory_version.created_at',
      'memory_version.created_by',
      'redacted_at',
      'redacted_by',
      'dream_request.recording_id as session_id',
    ])
    .where('memory_store_id', '=', memory_store_id)
}

/** The versions whose id is `id` or begins with it, in any store of this workspace. */
export async function findVersions(db: Database | Transaction, id: string): Promise<OrderedVersion[]> {
  const rows = await db
    .selectFrom('memory_version')
    .innerJoin('memory_store', 'memory_store.id', 'memory_version.memory_store_id')
    .selectAll('memory_version')
    .where('memory_store.workspace_id', '=', OWN_WORKSPACE)
    .where('memory_store.deleted_at', 'is', null)
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
    .groupBy('memory_id')
  const rows = await db
    .selectFrom('memory_version')
    .selectAll()
    .select((eb) =>
      eb
        .selectFrom('memory_version as first')
        .select('first.created_at')
        .whereRef('first.memory_store_id', '=', 'memory_version.memory_store_id')
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
