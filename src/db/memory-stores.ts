/** Memory stores: those of this workspace that were not deleted. */
import { sql } from 'kysely'
import { randomId } from '../domain/id.ts'
import type { MemoryStore } from '../domain/memory.ts'
import type { Place } from '../domain/page.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

const listed = [
  'id',
  'name',
  'description',
  'metadata',
  'agent',
  'created_at',
  'updated_at',
  'archived_at',
] as const

/** The store of that name, made for `agent` when there is none but archived ones. */
export async function ensureMemoryStore(
  db: Database | Transaction,
  name: string,
  agent: string,
  now: string,
): Promise<MemoryStore> {
  const open = async (at: Database | Transaction) => {
    const found = await findMemoryStore(at, name)
    return found?.archived_at === null ? found : undefined
  }
  const known = await open(db)
  if (known) return known
  const make = async (tx: Transaction) => (await open(tx)) ?? insertMemoryStore(tx, { name, agent, now })
  return db.isTransaction ? make(db as Transaction) : db.transaction().execute(make)
}

export async function insertMemoryStore(tx: Transaction, store: NewMemoryStore): Promise<MemoryStore> {
  const made = newMemoryStore(store)
  await tx
    .insertInto('memory_store')
    .values({ ...made, workspace_id: OWN_WORKSPACE, metadata: JSON.stringify(made.metadata) })
    .execute()
  return made
}

export type NewMemoryStore = Pick<MemoryStore, 'name' | 'agent'> &
  Partial<Pick<MemoryStore, 'description' | 'metadata'>> & { now: string }

/** A store as it would be made. */
export function newMemoryStore({ now, ...store }: NewMemoryStore): MemoryStore {
  return {
    id: randomId('memstore'),
    description: '',
    metadata: {},
    ...store,
    created_at: now,
    updated_at: now,
    archived_at: null,
  }
}

/** By id or name; what looks like an id is no name. Of several with that name it is the oldest that is not archived. */
export async function findMemoryStore(
  db: Database | Transaction,
  name: string,
): Promise<MemoryStore | undefined> {
  if (/^memstore_[0-9a-f]{24}$/.test(name)) return memoryStoreById(db, name)
  const row = await stores(db)
    .where((eb) => eb.or([eb('name', '=', name), eb('id', '=', name)]))
    .orderBy((eb) => eb('archived_at', 'is not', null))
    .orderBy('created_at')
    .orderBy('id')
    .executeTakeFirst()
  return row && asMemoryStore(row)
}

/** By its id alone, archived or not. */
export async function memoryStoreById(
  db: Database | Transaction,
  id: string,
): Promise<MemoryStore | undefined> {
  const row = await stores(db).where('id', '=', id).executeTakeFirst()
  return row && asMemoryStore(row)
}

/** Which stores are asked for. Times are RFC 3339, both inclusive. */
export type StoresAsked = { include_archived: boolean; from?: string; to?: string }

/** Newest first, those before the one that was made at that time and has that id. */
export async function storesBefore(
  db: Database,
  { include_archived, from, to }: StoresAsked,
  { before, limit }: { before?: Place; limit: number },
): Promise<MemoryStore[]> {
  const rows = await stores(db)
    .$if(!include_archived, (it) => it.where('archived_at', 'is', null))
    .$if(from !== undefined, (it) => it.where('created_at', '>=', from!))
    .$if(to !== undefined, (it) => it.where('created_at', '<=', to!))
    .$if(before !== undefined, (it) =>
      it.where(sql<boolean>`(created_at, id) < (${before!.created_at}, ${before!.id})`),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(asMemoryStore)
}

/** What is given takes the place of what was there. */
export async function changeMemoryStore(
  tx: Transaction,
  id: string,
  { metadata, ...to }: Partial<Pick<MemoryStore, 'name' | 'description' | 'metadata' | 'archived_at'>>,
  now: string,
): Promise<MemoryStore> {
  await tx
    .updateTable('memory_store')
    .set({ ...to, updated_at: now })
    .$if(metadata !== undefined, (it) => it.set({ metadata: JSON.stringify(metadata) }))
    .where('id', '=', id)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .execute()
  return (await memoryStoreById(tx, id))!
}

/** A dream that waits or runs and reads or writes this store; undefined where there is none. */
export async function dreamAtWork(tx: Transaction, id: string): Promise<string | undefined> {
  const row = await tx
    .selectFrom('dream')
    .leftJoin('dream_request', 'dream_request.dream_id', 'dream.id')
    .select('dream.id')
    .where('dream.status', 'in', ['pending', 'running'])
    .where((eb) => eb.or([eb('memory_store_id', '=', id), eb('output_store_id', '=', id)]))
    .executeTakeFirst()
  return row?.id
}

/** Those that are not archived, in order of their names. */
export async function listMemoryStores(db: Database): Promise<MemoryStore[]> {
  return (await everyMemoryStore(db)).filter((it) => it.archived_at === null)
}

/** Those of an agent that are not archived, the oldest first. */
export async function storesOfAgent(db: Database, agent: string): Promise<MemoryStore[]> {
  const rows = await stores(db)
    .where('agent', '=', agent)
    .where('archived_at', 'is', null)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  return rows.map(asMemoryStore)
}

/** The archived ones, too. */
export async function everyMemoryStore(db: Database | Transaction): Promise<MemoryStore[]> {
  const rows = await stores(db).orderBy('name').orderBy('created_at').orderBy('id').execute()
  return rows.map(asMemoryStore)
}

function stores(db: Database | Transaction) {
  return db
    .selectFrom('memory_store')
    .select(listed)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('deleted_at', 'is', null)
}

function asMemoryStore(row: Omit<MemoryStore, 'metadata'> & { metadata: string }): MemoryStore {
  return { ...row, metadata: JSON.parse(row.metadata) }
}
