import type { AuditActor } from '../domain/audit.ts'
import { EngineError } from '../domain/error.ts'
import { randomId, sha256 } from '../domain/id.ts'
import type { Actor, Memory, MemoryVersion } from '../domain/memory.ts'
import { ancestorsOf, endOf } from '../domain/memory-path.ts'
import { appendAudit } from './audit.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

/** The memories of a store in order of their paths, those after `after`; or the one at that path. */
export async function listMemories(
  db: Database | Transaction,
  memory_store_id: string,
  page: { after?: string; limit?: number; path?: string } = {},
): Promise<Memory[]> {
  const rows = await memories(db, memory_store_id)
    .select('memory_version.content')
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

/** Paths of the memories as people wrote them since the last dream that ended well began to read; of all of theirs where there was none. */
export async function writtenByPeople(db: Database, memory_store_id: string): Promise<string[]> {
  const rows = await memories(db, memory_store_id)
    .where('memory_version.created_by', 'like', 'user:%')
    .where('memory_version.seq', '>', (eb) =>
      eb
        .selectFrom('dream')
        .select((it) => it.fn.coalesce(it.fn.max('read_through'), it.lit(0)).as('seq'))
        .where('dream.memory_store_id', '=', memory_store_id),
    )
    .orderBy('memory.path')
    .execute()
  return rows.map((it) => it.path)
}

/** What is asked of a list of memories by a reader who wants it page by page. */
export type MemoriesAsked = {
  /** Ends in `/`; null for all. */
  path_prefix: string | null
  /** Whether what lies deeper than directly below the prefix is told as the folder it lies in. */
  is_shallow: boolean
  /** The path of the item before: a memory, or a folder, which ends in `/`. */
  after: string | null
  limit: number
}

/** A memory, its text null where it was not asked for; or a folder with memories somewhere in it, known by its `/` at the end. */
export type MemoryItem = Omit<Memory, 'content'> & { content: string | null }
export type Folder = { path: `${string}/` }

/** Memories in order of their paths, and folders in their midst where the list is shallow. At most `limit` of both. */
export async function memoriesBelow(
  db: Database | Transaction,
  memory_store_id: string,
  { path_prefix, is_shallow, after, limit }: MemoriesAsked,
  how: { with_content: boolean },
): Promise<(MemoryItem | Folder)[]> {
  const found: (MemoryItem | Folder)[] = []
  let last = after
  while (found.length < limit) {
    const rows = await memories(db, memory_store_id)
      .$if(how.with_content, (it) => it.select('memory_version.content'))
      .$if(path_prefix !== null, (it) =>
        it.where('memory.path', '>=', path_prefix!).where('memory.path', '<', endOf(path_prefix!)),
      )
      .$if(last !== null, (it) =>
        last!.endsWith('/')
          ? it.where('memory.path', '>=', endOf(last!))
          : it.where('memory.path', '>', last!),
      )
      .orderBy('memory.path')
      .limit(limit - found.length)
      .execute()
    for (const row of rows) {
      const folder = is_shallow ? folderIn(path_prefix ?? '/', row.path) : null
      if (folder !== null && folder === last) continue
      found.push(folder === null ? ({ content: null, ...row } as MemoryItem) : { path: folder })
      last = folder ?? row.path
    }
    if (rows.length === 0 || !is_shallow) break
  }
  return found
}

/** The folder below the prefix in which a path lies; null for one that lies directly there. */
function folderIn(prefix: string, path: string): Folder['path'] | null {
  const end = path.indexOf('/', prefix.length)
  return end < 0 ? null : (path.slice(0, end + 1) as Folder['path'])
}

export async function memoryById(
  db: Database | Transaction,
  memory_store_id: string,
  id: string,
): Promise<Memory | undefined> {
  const row = await memories(db, memory_store_id)
    .select('memory_version.content')
    .where('memory.id', '=', id)
    .executeTakeFirst()
  return row as Memory | undefined
}

/** The same of a store that an id from outside names: undefined, too, where it is not a store of this workspace. */
export async function memoryOfWorkspace(
  db: Database,
  memory_store_id: string,
  id: string,
): Promise<Memory | undefined> {
  const row = await memories(db, memory_store_id)
    .innerJoin('memory_store', 'memory_store.id', 'memory.memory_store_id')
    .select('memory_version.content')
    .where('memory.id', '=', id)
    .where('memory_store.workspace_id', '=', OWN_WORKSPACE)
    .where('memory_store.deleted_at', 'is', null)
    .executeTakeFirst()
  return row as Memory | undefined
}

export async function countMemories(db: Database | Transaction, memory_store_id: string): Promise<number> {
  const { n } = await db
    .selectFrom('memory')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('memory_store_id', '=', memory_store_id)
    .executeTakeFirstOrThrow()
  return Number(n)
}

/** A memory that keeps another from being at `path`: one that is there, above it or below it; undefined where none does. */
export async function inTheWayOf(
  db: Database | Transaction,
  memory_store_id: string,
  path: string,
  but?: string,
): Promise<{ id: string; path: string } | undefined> {
  const at = db.selectFrom('memory').select(['id', 'path']).where('memory_store_id', '=', memory_store_id)
  const others = but === undefined ? at : at.where('id', '<>', but)
  return (
    (await others
      .where('path', 'in', [path, ...ancestorsOf(path)])
      .orderBy('path', 'desc')
      .executeTakeFirst()) ??
    (await others
      .where('path', '>=', `${path}/`)
      .where('path', '<', endOf(`${path}/`))
      .orderBy('path')
      .limit(1)
      .executeTakeFirst())
  )
}

function memories(db: Database | Transaction, memory_store_id: string) {
  return db
    .selectFrom('memory')
    .innerJoin('memory_version', 'memory_version.id', 'memory.memory_version_id')
    .select([
      'memory.id',
      'memory.memory_store_id',
      'memory.memory_version_id',
      'memory.path',
      'memory_version.content_sha256',
      'memory_version.content_size_bytes',
      'memory_version.created_by',
      'memory.created_at',
      'memory.updated_at',
    ])
    .where('memory.memory_store_id', '=', memory_store_id)
}

/**
 * Puts `content` at a path, or takes away what stands there (`null`), as one new version; `to` moves what stands there to another path as
 * well.
 *
 * Does so only when what stands there now has the sha256 `expected` (`null`: nothing); otherwise it writes
 * nothing and returns null. Compare and write are one transaction, so no writer overwrites what it has not seen.
 *
 * Throws `memory_path_conflict_error` where a memory would be at, above or below the path of another.
 */
export async function writeMemory(
  tx: Transaction,
  memory_store_id: string,
  write: {
    path: string
    to?: string
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
  const { content, now } = write
  const current = await tx
    .selectFrom('memory')
    .innerJoin('memory_version', 'memory_version.id', 'memory.memory_version_id')
    .select(['memory.id', 'memory_version.content_sha256'])
    .where('memory.memory_store_id', '=', memory_store_id)
    .where('memory.path', '=', write.path)
    .executeTakeFirst()
  if ((current?.content_sha256 ?? null) !== write.expected || (content === null && !current)) return null
  const path = write.to ?? write.path
  if (!current || path !== write.path) await refuseConflict(tx, memory_store_id, path, current?.id)

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
    redacted_by: null,
  }
  await tx.insertInto('memory_version').values(version).execute()
  if (content === null) await tx.deleteFrom('memory').where('id', '=', version.memory_id).execute()
  else if (current)
    await tx
      .updateTable('memory')
      .set({ memory_version_id: version.id, path, updated_at: now })
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

/** Throws `memory_path_conflict_error` where a memory, but for that of the id `but`, keeps another from being at `path`. */
export async function refuseConflict(
  tx: Transaction,
  memory_store_id: string,
  path: string,
  but?: string,
): Promise<void> {
  const other = await inTheWayOf(tx, memory_store_id, path, but)
  if (!other) return
  const why =
    other.path === path
      ? `there is a memory at ${path} already`
      : `${path} cannot be a memory beside ${other.path}: one would be a folder of the other`
  throw new EngineError('memory_path_conflict_error', why, {
    hint: `move or delete ${other.id} first, or update it`,
    details: { conflicting_memory_id: other.id, conflicting_path: other.path },
  })
}
