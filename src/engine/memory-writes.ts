/** Memories and their versions by id, as the Managed Agents API has them. */
import type { Transaction } from '../db/database.ts'
import {
  type Folder,
  type MemoriesAsked,
  type MemoryItem,
  memoriesBelow,
  memoryOfWorkspace,
} from '../db/memories.ts'
import { type VersionsAsked, versionsBefore, type WrittenVersion } from '../db/memory-versions.ts'
import type { Actor, Memory, MemoryStore } from '../domain/memory.ts'
import { checkPrefix } from '../domain/memory-path.ts'
import { type Page, type PageRequest, pageOf, readCursor } from '../domain/page.ts'
import { oneVersion, redactVersion } from '../govern/redact-version.ts'
import { changeMemory, createMemory, deleteMemory, oneMemory } from '../govern/write-memory.ts'
import { oneStore, refuseArchived } from './memory-stores.ts'
import { type Opened, transaction } from './opened.ts'
import { refuseRegulated } from './regulated.ts'

/** `basic` leaves the texts out. */
export type View = 'basic' | 'full'

/** With texts a page has no more than this. */
const MOST_WITH_TEXT = 20

type Listing = PageRequest & { view: View }

export function memoryWritesOf({ db, now }: Opened) {
  return {
    /** A new memory. Throws `permission_error` where the policy in force is regulated, `memory_path_conflict_error` where it has no room. */
    createMemory: (store_id: string, wanted: { path: string; content: string }, as: Actor): Promise<Memory> =>
      write(store_id, as, (tx, store, by) => createMemory(tx, store.id, wanted, by)),

    /** Throws `not_found_error` where the store has none of that id. */
    async memoryById(store_id: string, id: string): Promise<Memory> {
      const found = await memoryOfWorkspace(db, store_id, id)
      // What is missing is said by whoever looks for it step by step.
      return found ?? oneMemory(db, (await oneStore(db, store_id)).id, id)
    },

    /**
     * Another text or path of a memory, or both; null for what stays. Where that is what it is already, nothing is written. Throws
     * `memory_precondition_failed_error` where its text has not the sha256 `expected`, null for whatever it is.
     */
    updateMemory: (
      store_id: string,
      id: string,
      wanted: { path: string | null; content: string | null; expected: string | null },
      as: Actor,
    ): Promise<Memory> => write(store_id, as, (tx, store, by) => changeMemory(tx, store.id, id, wanted, by)),

    /** No dream brings it back. Throws `memory_precondition_failed_error` where its text has not the sha256 `expected`. */
    async deleteMemory(store_id: string, id: string, expected: string | null, as: Actor): Promise<void> {
      const by = { actor: as, now: now().toISOString() }
      await transaction(db, false, async (tx) =>
        deleteMemory(tx, (await oneStore(tx, store_id)).id, id, expected, by),
      )
    },

    /** In order of their paths, folders among them where the list is shallow. */
    async listMemories(
      store_id: string,
      { path_prefix, is_shallow, ...listing }: Pick<MemoriesAsked, 'path_prefix' | 'is_shallow'> & Listing,
    ): Promise<Page<MemoryItem | Folder>> {
      const { id } = await oneStore(db, store_id)
      if (path_prefix !== null) checkPrefix(path_prefix)
      const { limit, with_content } = extentOf(listing)
      const asked = { path_prefix, is_shallow, after: readCursor(listing.page), limit: limit + 1 }
      return pageOf(await memoriesBelow(db, id, asked, { with_content }), { limit }, (it) => it.path)
    },

    /** Newest first, of memories that were deleted as well. */
    async listVersions(
      store_id: string,
      asked: VersionsAsked,
      listing: Listing,
    ): Promise<Page<WrittenVersion>> {
      const { id } = await oneStore(db, store_id)
      const { limit, with_content } = extentOf(listing)
      const before = readCursor(listing.page)
      const found = await versionsBefore(db, id, asked, { before, limit: limit + 1, with_content })
      return pageOf(found, { limit }, (it) => it.id)
    },

    /** Throws `not_found_error` where the store has none of that id. */
    async versionById(store_id: string, id: string): Promise<WrittenVersion> {
      return oneVersion(db, (await oneStore(db, store_id)).id, id)
    },

    /** Takes the text of a version out of history. Throws `invalid_request_error` for the version that stands. */
    async redactVersion(store_id: string, id: string, as: Actor): Promise<WrittenVersion> {
      const by = { actor: as, now: now().toISOString() }
      return transaction(db, false, async (tx) =>
        redactVersion(tx, (await oneStore(tx, store_id)).id, id, by),
      )
    },
  }

  async function write<T>(
    store_id: string,
    as: Actor,
    work: (tx: Transaction, store: MemoryStore, by: { actor: Actor; now: string }) => Promise<T>,
  ): Promise<T> {
    await refuseRegulated(db, 'write a memory')
    const by = { actor: as, now: now().toISOString() }
    return transaction(db, false, async (tx) => {
      const store = await oneStore(tx, store_id)
      refuseArchived(store)
      return work(tx, store, by)
    })
  }
}

function extentOf({ limit = 20, view }: Listing): { limit: number; with_content: boolean } {
  return view === 'full'
    ? { limit: Math.min(limit, MOST_WITH_TEXT), with_content: true }
    : { limit, with_content: false }
}
