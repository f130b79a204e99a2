/** What changes a live memory, each as one act over a database: what it does is the same whenever it is run. */

import { readChanges, waitingChanges } from '../../src/db/changes.ts'
import type { Database, Transaction } from '../../src/db/database.ts'
import { listDreams } from '../../src/db/dreams.ts'
import { listMemoryStores } from '../../src/db/memory-stores.ts'
import type { Change } from '../../src/domain/change.ts'
import type { MemoryStore } from '../../src/domain/memory.ts'
import { AS_USUAL, dream } from '../../src/dream.ts'
import { adopt } from '../../src/govern/adopt.ts'
import { removeMemory } from '../../src/govern/remove-memory.ts'
import { restoreStore } from '../../src/govern/restore.ts'
import { undo } from '../../src/govern/undo.ts'
import { ANA } from './desk.ts'

const now = '2026-11-20T03:00:00.000Z'
const by = { actor: ANA, now }

export type Act = (db: Database) => Promise<void>

export const acts = {
  adopt: inOne(async (tx, store) => {
    const approved = (await waitingChanges(tx, store.id)).filter((it) => it.status === 'approved')
    await adopt(tx, store, approved, by)
  }),
  'undo of an addition': inOne((tx, store) => undoOf('add', tx, store)),
  'undo of a refreshed text': inOne((tx, store) => undoOf('refresh', tx, store)),
  'undo of a removal': inOne((tx, store) => undoOf('merge', tx, store)),
  'restoring a store': inOne(async (tx, store) => {
    await restoreStore(tx, store.id, { seq: 2, as_of: 'version 2' }, by)
  }),
  'removing a memory': inOne(async (tx, store) => {
    await removeMemory(tx, store.id, '/mistakes/get_pack-before-pack.md', { ...by, reason: 'gone' })
  }),
  'a dream whose changes the policy allows': async (db) => {
    const [memory_store] = await listMemoryStores(db)
    await dream(
      db,
      { ...AS_USUAL, memory_store: memory_store! },
      { now: () => new Date(now), worker: 'here', is_alive: () => false, progress: () => {} },
    )
  },
} satisfies Record<string, Act>

export type ActName = keyof typeof acts

function inOne(act: (tx: Transaction, store: MemoryStore) => Promise<void>): Act {
  return async (db) => {
    const [store] = await listMemoryStores(db)
    await db.transaction().execute((tx) => act(tx, store!))
  }
}

async function undoOf(kind: Change['kind'], tx: Transaction, store: MemoryStore): Promise<void> {
  const dreams = await listDreams(tx, { limit: 100 })
  const changes = (await Promise.all(dreams.map((it) => readChanges(tx, it.id)))).flat()
  const live = changes.find((it) => it.kind === kind && it.status === 'adopted')!
  await undo(tx, store.id, live, { ...by, reason: 'not so' })
}
