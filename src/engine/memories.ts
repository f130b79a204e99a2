/** Memory stores, what stands in them, and what stood there. */
import { redact } from '../1-ingest/redact.ts'
import type { Database } from '../db/database.ts'
import { listMemories, newestVersion } from '../db/memories.ts'
import { listMemoryStores } from '../db/memory-stores.ts'
import {
  findVersions,
  firstVersion,
  type HistoryRow,
  historyOf,
  type OrderedVersion,
  versionBy,
  versionsAt,
  versionsOfMemory,
} from '../db/memory-versions.ts'
import { EngineError } from '../domain/error.ts'
import type { Actor, Memory } from '../domain/memory.ts'
import type { Page, PageRequest } from '../domain/page.ts'
import { pageOf, readCursor } from '../domain/page.ts'
import { type OutputMemory, outputOf } from '../govern/dream-output.ts'
import { removeMemory } from '../govern/remove-memory.ts'
import { type Restored, restoreStore, restoreVersion } from '../govern/restore.ts'
import { unifiedDiff } from '../govern/unified-diff.ts'
import { absolute, notFound, oneDream, onlyOne, theOne } from './find.ts'
import { oneStore, refuseArchived } from './memory-stores.ts'
import type { Opened } from './opened.ts'
import { transaction } from './opened.ts'
import { refuseRegulated } from './regulated.ts'
import { memoryStore, storesNamed } from './stores.ts'

/** A memory, with the name of the store it is in. */
export type StoredMemory = Memory & { store: string }

/** A version, and the name of the store it is in. */
export type StoredVersion = OrderedVersion & { store: string }

export type MemoryDiff = {
  before: StoredVersion | null
  after: StoredVersion
  /** The lines of a unified diff. */
  diff: string[]
}

export type StoreRestoredReport = {
  store: string
  dry_run: boolean
  /** The version after which the store was as it is now again. */
  seq: number
  /** The newest version before: restoring to it takes all of this back. */
  back: number
  restored: Restored[]
  /** What was erased since: what stands at these paths stays. */
  erased: string[]
}

export function memoriesOf({ db, now }: Opened) {
  return {
    memoryStores: () => listMemoryStores(db),

    /** The memory store of that name or id; without a name, the only one there is. */
    memoryStore: (name?: string) => memoryStore(db, name),

    /** The memories of that store, or of every store, in order of store and path. */
    async memories(store?: string, page: PageRequest = {}): Promise<Page<StoredMemory>> {
      const stores = await storesNamed(db, store)
      const limit = page.limit ?? 50
      const [last_id, last_path] = readCursor(page.page)?.split(/ (.*)/s) ?? []
      const first = Math.max(
        stores.findIndex((it) => it.id === last_id),
        0,
      )
      const rows: StoredMemory[] = []
      for (const { id, name } of stores.slice(first)) {
        const after = id === last_id ? last_path : undefined
        const found = await listMemories(db, id, { after, limit: limit + 1 - rows.length })
        rows.push(...found.map((it) => ({ ...it, store: name })))
        if (rows.length > limit) break
      }
      return pageOf(rows, { limit }, (it) => `${it.memory_store_id} ${it.path}`)
    },

    /** What stands at a path of that store, or of the only store that has it. */
    memory: (store: string | undefined, path: string): Promise<StoredMemory> => memoryAt(db, store, path),

    /** Every version of what stood at a path, newest first. */
    async memoryHistory(
      store: string | undefined,
      path: string,
      page: PageRequest = {},
    ): Promise<Page<HistoryRow>> {
      const found: { store: string; versions: HistoryRow[] }[] = []
      for (const { id, name } of await storesNamed(db, store)) {
        const versions = await historyOf(db, id, absolute(path))
        if (versions.length > 0) found.push({ store: name, versions })
      }
      return pageOf(onlyOne(found, path).versions, page)
    },

    /** One version of a memory, by its id or an unambiguous beginning of it. */
    memoryVersion: (id: string): Promise<StoredVersion> => oneVersion(db, id),

    /**
     * What stands between two versions; of one, what it changed; of a path, what its last version changed. A version is named by its id
     * or an unambiguous beginning of it.
     */
    async memoryDiff(store: string | undefined, one: string, other?: string): Promise<MemoryDiff> {
      const [first, before_first] = await versionAndFormer(db, store, one)
      const [before, after] =
        other === undefined ? [before_first, first] : [first, (await versionAndFormer(db, store, other))[0]]
      return { before, after, diff: unifiedDiff(before?.content ?? null, after.content) }
    },

    /** Puts the text of an earlier version back, as a new version. Null where it stands there already. */
    async restoreMemory(
      id: string,
      { as, dry_run = false }: { as: Actor; dry_run?: boolean },
    ): Promise<{ restored: Restored | null; version: StoredVersion; dry_run: boolean }> {
      await refuseRegulated(db, 'restore a version')
      const version = await oneVersion(db, id)
      refuseArchived(await oneStore(db, version.memory_store_id))
      const by = { actor: as, now: now().toISOString() }
      // Read again: what was erased meanwhile does not come back.
      const found = await transaction(db, dry_run, async (tx) =>
        restoreVersion(tx, (await findVersions(tx, version.id))[0]!, by),
      )
      return { restored: found?.restored ?? null, version, dry_run }
    },

    /**
     * Makes a store what it was at a time (RFC 3339), or when the version of that number had just been written, in one
     * transaction. Throws `invalid_request_error` for a time before its first version.
     */
    async restoreStore(
      store: string | undefined,
      to: { time: string } | { seq: number },
      { as, dry_run = false }: { as: Actor; dry_run?: boolean },
    ): Promise<StoreRestoredReport> {
      await refuseRegulated(db, 'restore a store')
      const { id, name } = await memoryStore(db, store)
      const by = { actor: as, now: now().toISOString() }
      return transaction(db, dry_run, async (tx) => {
        const back = (await newestVersion(tx, id)) ?? 0
        const seq = 'seq' in to ? to.seq : await versionBy(tx, id, to.time)
        const as_of = 'seq' in to ? `version ${seq}` : to.time
        const first = await firstVersion(tx, id)
        if (first === null || seq < first)
          throw new EngineError(
            'invalid_request_error',
            `the memory store ${name} held nothing at ${as_of}`,
            {
              hint: '`reverie memory history` shows when its memories were written, and the numbers of their versions',
            },
          )
        return { store: name, dry_run, seq, back, ...(await restoreStore(tx, id, { seq, as_of }, by)) }
      })
    },

    /** A person takes a memory out of a store. No dream brings it back. */
    async removeMemory(
      store: string | undefined,
      path: string,
      { as, reason }: { as: Actor; reason: string },
    ): Promise<StoredVersion> {
      const memory = await memoryAt(db, store, path)
      const by = { actor: as, reason: (await redact(reason)).text, now: now().toISOString() }
      const version = await transaction(db, false, async (tx) => {
        const { id } = await removeMemory(tx, memory.memory_store_id, memory.path, by)
        return (await findVersions(tx, id))[0]!
      })
      return { ...version, store: memory.store }
    },

    /** What a dream came to: the store as it read it with its changes put in, whatever became of them; by an unambiguous beginning of its id. */
    async dreamOutput(
      dream: string,
      { path, ...page }: { path?: string } & PageRequest = {},
    ): Promise<Page<OutputMemory & { store: string }>> {
      const memories = await outputOfDream(db, dream)
      const found = memories.filter((it) => path === undefined || it.path === absolute(path))
      if (path !== undefined && found.length === 0)
        throw notFound(
          'memory',
          `${absolute(path)} in the output of ${dream}`,
          '`reverie memory ls --dream` lists them',
        )
      return pageOf(found, page)
    },
  }
}

export async function memoryAt(db: Database, store: string | undefined, path: string): Promise<StoredMemory> {
  const found: StoredMemory[] = []
  for (const { id, name } of await storesNamed(db, store)) {
    const [memory] = await listMemories(db, id, { path: absolute(path) })
    if (memory) found.push({ ...memory, store: name })
  }
  return onlyOne(found, path)
}

export async function outputOfDream(db: Database, id: string): Promise<(OutputMemory & { store: string })[]> {
  const dream = await oneDream(db, id)
  const { name } = await oneStore(db, dream.memory_store_id)
  return (await outputOf(db, dream)).map((it) => ({ ...it, store: name }))
}

async function oneVersion(db: Database, id: string): Promise<StoredVersion> {
  const found = /^memver_[0-9a-f]*$/.test(id) ? await findVersions(db, id) : []
  const version = theOne('memory version', id, found, '`reverie memory history PATH` lists those of a memory')
  return { ...version, store: (await oneStore(db, version.memory_store_id)).name }
}

/** That version, or the newest one at that path, and the one before it; null where there is none. */
async function versionAndFormer(
  db: Database,
  store: string | undefined,
  it: string,
): Promise<[StoredVersion, StoredVersion | null]> {
  const version = it.startsWith('memver_') ? await oneVersion(db, it) : await newestAt(db, store, it)
  const { memory_store_id, memory_id, path, seq, operation } = version
  // A memory that was moved is still itself. What is seen of it from where it was is that it was taken away.
  const own = operation === 'modified' ? await versionsOfMemory(db, memory_store_id, memory_id) : []
  const versions = own.length > 0 ? own : await versionsAt(db, memory_store_id, path)
  const former = versions.find((it) => it.seq < seq)
  return [version, former ? { ...former, store: version.store } : null]
}

async function newestAt(db: Database, store: string | undefined, path: string): Promise<StoredVersion> {
  const found: StoredVersion[] = []
  for (const { id, name } of await storesNamed(db, store)) {
    const [newest] = await versionsAt(db, id, absolute(path))
    if (newest) found.push({ ...newest, store: name })
  }
  return onlyOne(found, path)
}
