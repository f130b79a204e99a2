/** Memory stores by their names. */
import type { Database } from '../db/database.ts'
import { ensureMemoryStore, findMemoryStore, listMemoryStores, newMemoryStore } from '../db/memory-stores.ts'
import { EngineError } from '../domain/error.ts'
import type { MemoryStore } from '../domain/memory.ts'
import { notFound } from './find.ts'
import type { Opened } from './opened.ts'

export async function memoryStore(db: Database, name?: string): Promise<MemoryStore> {
  const stores = await listMemoryStores(db)
  const names = stores.map((it) => it.name).join(', ')
  if (name === undefined) {
    if (stores.length === 1) return stores[0]!
    throw stores.length === 0
      ? notFound('memory store', '', 'ingest sessions and run `reverie dream`: the first dream makes one')
      : new EngineError('invalid_request_error', `there are ${stores.length} memory stores`, {
          hint: `choose one with --store: ${names}`,
        })
  }
  // A name may look like the id of another store.
  const found = stores.find((it) => it.id === name) ?? stores.find((it) => it.name === name)
  if (!found)
    throw notFound(
      'memory store',
      name,
      stores.length === 0 ? 'the first `reverie dream` makes one' : `known are ${names}`,
    )
  return found
}

export async function storesNamed(db: Database, name: string | undefined): Promise<MemoryStore[]> {
  return name === undefined ? listMemoryStores(db) : [await memoryStore(db, name)]
}

export async function storesOf(
  db: Database,
  { agent, store }: { agent?: string; store?: string },
): Promise<MemoryStore[]> {
  const stores = await storesNamed(db, store)
  const found = stores.filter((it) => agent === undefined || it.agent === agent)
  if (found.length > 0 || agent === undefined) return found
  const known = [...new Set(stores.map((it) => it.agent))].join(', ')
  throw notFound(
    'agent',
    agent,
    known === '' ? 'the first `reverie dream` makes its store' : `known are ${known}`,
  )
}

/** The agent's store, made when there is none; a dry run makes nothing, not even that. */
export async function storeOf(
  opened: Opened,
  agent: string,
  how: { store?: string; dry_run?: boolean },
): Promise<MemoryStore> {
  const name = how.store ?? agent
  const now = opened.now().toISOString()
  const store = how.dry_run
    ? ((await findMemoryStore(opened.db, name)) ?? newMemoryStore({ name, agent, now }))
    : await ensureMemoryStore(opened.db, name, agent, now)
  if (store.agent === agent) return store
  if (store.agent === '') return { ...store, agent }
  throw new EngineError('conflict_error', `the memory store ${name} belongs to the agent ${store.agent}`, {
    hint: `give ${agent} a store of its own with --agent and --store`,
  })
}
