/** What happened to a memory store over time: what was written and by whom, what people did not want, what sessions were given. */
import type { AuditActor } from '../domain/audit.ts'
import { INDEX_PATH, type MemoryVersion } from '../domain/memory.ts'
import type { Tombstone } from '../domain/tombstone.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

/** One writing of a memory, with the text that stood there before; texts are null where there was none, or where it was erased. */
export type Written = Pick<MemoryVersion, 'path' | 'operation' | 'content' | 'created_at'> & {
  former: string | null
  /** Who acted; where the audit log does not tell, whose text it is. */
  by: AuditActor
}

/** What was written after the version `after`, up to and with the version `through`, in order. */
export async function writtenBetween(
  db: Database | Transaction,
  memory_store_id: string,
  { after, through }: { after: number; through: number },
): Promise<Written[]> {
  const rows = await db
    .selectFrom('memory_version')
    .leftJoin('audit', (join) =>
      join.onRef('audit.object', '=', 'memory_version.id').on('audit.workspace_id', '=', OWN_WORKSPACE),
    )
    .select(['path', 'operation', 'content', 'created_at', 'created_by', 'actor'])
    .select((eb) =>
      eb
        .selectFrom('memory_version as older')
        .select('older.content')
        .whereRef('older.memory_store_id', '=', 'memory_version.memory_store_id')
        .whereRef('older.memory_id', '=', 'memory_version.memory_id')
        .whereRef('older.seq', '<', 'memory_version.seq')
        .orderBy('older.seq', 'desc')
        .limit(1)
        .as('former'),
    )
    .where('memory_store_id', '=', memory_store_id)
    .where('memory_version.seq', '>', after)
    .where('memory_version.seq', '<=', through)
    .orderBy('memory_version.seq')
    .execute()
  return rows.map(({ created_by, actor, ...it }) => ({ ...it, by: actor ?? created_by }) as Written)
}

/** What people did not want to be added, and since when, up to and with a time. */
export async function unwantedBy(
  db: Database | Transaction,
  memory_store_id: string,
  time: string,
): Promise<(Pick<Tombstone, 'key' | 'cause'> & { created_at: string })[]> {
  const rows = await db
    .selectFrom('tombstone')
    .select(['key', 'cause', 'created_at'])
    .where('memory_store_id', '=', memory_store_id)
    .where('kind', '=', 'add')
    .where('created_at', '<=', time)
    .orderBy('seq')
    .execute()
  return rows as (Pick<Tombstone, 'key' | 'cause'> & { created_at: string })[]
}

/** One recall, and the memory versions that were really given. */
export type Given = { id: string; arm: string | null; versions: string[] }

/** The recalls of a memory store at or after `from` and before `until`. */
export async function givenBetween(
  db: Database | Transaction,
  memory_store_id: string,
  { from, until }: { from: string; until: string },
): Promise<Given[]> {
  const rows = await db
    .selectFrom('recall')
    .leftJoin('recall_memory', (join) =>
      join.onRef('recall_memory.recall_id', '=', 'recall.id').on('given', '=', 'delivered'),
    )
    .select(['recall.id', 'arm', 'memory_version_id'])
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('memory_store_id', '=', memory_store_id)
    .where('recall.created_at', '>=', from)
    .where('recall.created_at', '<', until)
    .orderBy('recall.seq')
    .orderBy('memory_version_id')
    .execute()
  const recalls = new Map<string, Given>()
  for (const { id, arm, memory_version_id } of rows) {
    const known = recalls.get(id) ?? { id, arm, versions: [] }
    if (memory_version_id !== null) known.versions.push(memory_version_id)
    recalls.set(id, known)
  }
  return [...recalls.values()]
}

/** When a lesson first went live in a store: the first writing that is a dream's, or that tells a lesson in a person's words; null where none did. */
export async function firstLessonAt(
  db: Database | Transaction,
  memory_store_id: string,
): Promise<string | null> {
  const row = await db
    .selectFrom('memory_version')
    .select('created_at')
    .where('memory_store_id', '=', memory_store_id)
    .where((eb) =>
      eb.or([eb('created_by', 'like', 'dream:%'), eb('content', 'like', '---\n%\npattern: pat_%')]),
    )
    .where('path', '<>', INDEX_PATH)
    .orderBy('seq')
    .limit(1)
    .executeTakeFirst()
  return row?.created_at ?? null
}
