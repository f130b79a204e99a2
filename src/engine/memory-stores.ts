/** Memory stores as the Managed Agents API has them: made empty, by id, with a description and metadata. */
import { appendAudit } from '../db/audit.ts'
import { noteBytesLeft } from '../db/bytes.ts'
import type { Database, Transaction } from '../db/database.ts'
import { emptyMemoryStore } from '../db/erasure.ts'
import {
  changeMemoryStore,
  dreamAtWork,
  insertMemoryStore,
  memoryStoreById,
  type StoresAsked,
  storesBefore,
} from '../db/memory-stores.ts'
import type { AuditAction } from '../domain/audit.ts'
import { EngineError } from '../domain/error.ts'
import type { Actor, MemoryStore } from '../domain/memory.ts'
import { type Page, type PageRequest, pageByTime } from '../domain/page.ts'
import { notFound } from './find.ts'
import { type Opened, transaction } from './opened.ts'

export type StoreWanted = { name: string; description: string; metadata: Record<string, string> }

export function memoryStoresOf({ db, now }: Opened) {
  return {
    /** A new, empty store. It is nobody's until it is dreamed into, or `metadata.agent` names an agent. */
    async createStore(wanted: StoreWanted, as: Actor): Promise<MemoryStore> {
      const at = now().toISOString()
      const agent = wanted.metadata.agent ?? ''
      return transaction(db, false, async (tx) => {
        const made = await insertMemoryStore(tx, { ...wanted, agent, now: at })
        await note(tx, 'store.created', made.id, 'a new memory store', { as, at })
        return made
      })
    },

    /** Throws `not_found_error` where there is none of that id in this workspace. */
    storeById: (id: string): Promise<MemoryStore> => oneStore(db, id),

    /** Newest first. */
    listStores: (asked: StoresAsked & PageRequest): Promise<Page<MemoryStore>> =>
      pageByTime(asked, (before, limit) => storesBefore(db, asked, { before, limit })),

    /**
     * What `change` makes of the store takes the place of what it was. Where that is the same, nothing is written.
     *
     * Throws `invalid_request_error` for an archived store.
     */
    async updateStore(
      id: string,
      change: (store: MemoryStore) => Partial<StoreWanted>,
      as: Actor,
    ): Promise<MemoryStore> {
      const at = now().toISOString()
      return transaction(db, false, async (tx) => {
        const store = await oneStore(tx, id)
        refuseArchived(store)
        const { name, description, metadata } = { ...store, ...change(store) }
        const was = [store.name, store.description, sorted(store.metadata)]
        if (JSON.stringify([name, description, sorted(metadata)]) === JSON.stringify(was)) return store
        await note(tx, 'store.changed', id, 'its name, description or metadata', { as, at })
        return changeMemoryStore(tx, id, { name, description, metadata }, at)
      })
    },

    /** From now on it is read, and nothing is written into it. There is no way back. Archived again it stays as it is. */
    async archiveStore(id: string, as: Actor): Promise<MemoryStore> {
      const at = now().toISOString()
      return transaction(db, false, async (tx) => {
        const store = await oneStore(tx, id)
        if (store.archived_at !== null) return store
        await note(tx, 'store.archived', id, 'nothing is written into it any more', { as, at })
        return changeMemoryStore(tx, id, { archived_at: at }, at)
      })
    },

    /**
     * The store goes with its memories, their past, and what it learned; that it was stays in the audit log, and its dreams stay, without
     * words. Throws `invalid_request_error` while a dream reads or writes it, or waits to.
     */
    async deleteStore(id: string, as: Actor): Promise<void> {
      const at = now().toISOString()
      await transaction(db, false, async (tx) => {
        await oneStore(tx, id)
        const dream = await dreamAtWork(tx, id)
        if (dream !== undefined)
          throw new EngineError('invalid_request_error', `the dream ${dream} works with this memory store`, {
            hint: 'cancel it, or wait for it to end; then delete the store',
          })
        await emptyMemoryStore(tx, id, at, as)
        await noteBytesLeft(tx, at)
        await note(tx, 'store.deleted', id, 'with all that was in it', { as, at })
      })
    },
  }
}

/** Throws `not_found_error` where there is none of that id in this workspace. */
export async function oneStore(db: Database | Transaction, id: string): Promise<MemoryStore> {
  const found = await memoryStoreById(db, id)
  if (found) return found
  throw notFound('memory store', id, 'list the memory stores of this workspace')
}

export function refuseArchived({ id, archived_at }: MemoryStore): void {
  if (archived_at === null) return
  throw new EngineError(
    'invalid_request_error',
    `the memory store ${id} was archived, so it does not change`,
    {
      hint: 'its memories can be read and deleted; write into another store',
    },
  )
}

function sorted(metadata: Record<string, string>): [string, string][] {
  return Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1))
}

async function note(
  tx: Transaction,
  action: AuditAction,
  object: string,
  reason: string,
  { as, at }: { as: Actor; at: string },
): Promise<void> {
  await appendAudit(tx, { at, actor: as, action, object, before_sha256: null, after_sha256: null, reason })
}
