/**
 * The engine: what every door calls, and the one place where database, pipeline and clock are put together.
 *
 *     const engine = openEngine({ database: 'reverie.db' })
 *     await engine.ingest(['~/.claude/projects'])
 *     const [report] = await engine.dream()
 *     report.changes // what the agent's memory gained
 */
import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { sessionFolders } from './1-ingest/find.ts'
import { openDatabase } from './db/database.ts'
import { listDreams, readChanges } from './db/dreams.ts'
import {
  ensureMemoryStore,
  findMemoryStore,
  listMemories,
  listMemoryStores,
  memoryHistory,
} from './db/memories.ts'
import { findPatterns, readPatterns, type StoredPattern } from './db/patterns.ts'
import { findSession, listAgents, listSessions, readSession, type SessionRow } from './db/sessions.ts'
import type { Change } from './domain/change.ts'
import type { Dream } from './domain/dream.ts'
import { EngineError } from './domain/error.ts'
import type { Evidence } from './domain/evidence.ts'
import { randomId } from './domain/id.ts'
import type { Memory, MemoryStore, MemoryVersion } from './domain/memory.ts'
import type { Page, PageRequest } from './domain/page.ts'
import { pageOf, readCursor } from './domain/page.ts'
import type { Tier } from './domain/pattern.ts'
import type { Session } from './domain/session.ts'
import { type DreamReport, dream, type World } from './dream.ts'
import { type IngestProgress, type IngestReport, ingest } from './ingest.ts'
import type { IngestOptions } from './ready-session.ts'

export type { SessionRow } from './db/sessions.ts'
export type { DreamReport, Stage } from './dream.ts'
export type { IngestReport, Skipped } from './ingest.ts'

/** A pattern as a lesson: what a user is told. */
export type Lesson = Pick<
  StoredPattern,
  | 'id'
  | 'class'
  | 'channel'
  | 'tier'
  | 'status'
  | 'name'
  | 'text'
  | 'why'
  | 'scope'
  | 'effect'
  | 'q'
  | 'sessions'
  | 'created_at'
  | 'updated_at'
> & { memory_store_id: string; evidence_count: number }

/** A memory, with the name of the store it is in. */
export type StoredMemory = Memory & { store: string }

export type DreamOptions = {
  /** Name of the memory store; by default that of the agent. */
  store?: string
  /** Only this agent; by default every agent that has sessions, one dream and one store each. */
  agent?: string
  since?: string
  dry_run?: boolean
}

export type Engine = ReturnType<typeof openEngine>

export function openEngine(options: { database: string; now?: () => Date }) {
  const db = openDatabase(options.database)
  const now = options.now ?? (() => new Date())

  return {
    /** Where the harnesses on this machine keep their sessions; only folders that exist. */
    sessionFolders,

    /** Stores the sessions in these files and folders. What cannot be read is in the report, never an error. */
    async ingest(
      paths: string[],
      how: Partial<IngestOptions> = {},
      progress: IngestProgress = () => {},
    ): Promise<IngestReport> {
      return ingest(db, paths, { harness: how.harness ?? 'auto', agent: how.agent ?? null }, now, progress)
    },

    /**
     * One dream for each agent that was asked for, one after another.
     *
     * Throws `not_found_error` for an unknown agent or store, `conflict_error` while a dream of the same store runs.
     */
    async dream(how: DreamOptions = {}, progress: World['progress'] = () => {}): Promise<DreamReport[]> {
      const reports: DreamReport[] = []
      for (const memory_store of await storesToDream(how)) {
        const world = { now, worker: WORKER, is_alive: isAlive, progress }
        reports.push(
          await dream(db, { memory_store, since: how.since ?? null, dry_run: how.dry_run ?? false }, world),
        )
      }
      return reports
    },

    /** Lessons, those that matter most first; candidates, which are only watched, on request. */
    async lessons(
      filter: { store?: string; tier?: Tier; candidates?: boolean } & PageRequest = {},
    ): Promise<Page<Lesson>> {
      const store = filter.store === undefined ? null : (await memoryStore(filter.store)).id
      const patterns = (await readPatterns(db, store))
        .filter((it) => filter.tier === undefined || it.tier === filter.tier)
        .filter((it) => filter.candidates === true || it.status !== 'candidate')
        .sort(byWeight)
      return pageOf(patterns.map(asLesson), filter)
    },

    /** The quotes behind one lesson, by its id or an unambiguous beginning of it. */
    async evidence(id: string, page: PageRequest = {}): Promise<{ lesson: Lesson } & Page<Evidence>> {
      const pattern = await onePattern(id)
      return { lesson: asLesson(pattern), ...pageOf(pattern.evidence, page) }
    },

    async sessions(filter: { agent?: string } & PageRequest = {}): Promise<Page<SessionRow>> {
      const limit = filter.limit ?? 50
      const before = readCursor(filter.page)
      const rows = await listSessions(db, {
        agent: filter.agent,
        before: before === null ? undefined : Number(before),
        limit: limit + 1,
      })
      return pageOf(rows, { limit }, (it) => String(it.seq))
    },

    /** One session with its events, by our id or the harness's. */
    async session(id: string): Promise<{ row: SessionRow; session: Session }> {
      const row = await findSession(db, id)
      if (!row) throw notFound('session', id, '`reverie sessions` lists them')
      return { row, session: (await readSession(db, row.id))! }
    },

    agents: () => listAgents(db),

    memoryStores: () => listMemoryStores(db),

    /** The memories of that store, or of every store, in order of store and path. */
    async memories(store?: string, page: PageRequest = {}): Promise<Page<StoredMemory>> {
      const stores = await storesNamed(store)
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
    async memory(store: string | undefined, path: string): Promise<StoredMemory> {
      const found: StoredMemory[] = []
      for (const { id, name } of await storesNamed(store)) {
        const memory = (await listMemories(db, id)).find((it) => it.path === absolute(path))
        if (memory) found.push({ ...memory, store: name })
      }
      return onlyOne(found, path)
    },

    /** Every version of what stood at a path, newest first. */
    async memoryHistory(
      store: string | undefined,
      path: string,
      page: PageRequest = {},
    ): Promise<Page<MemoryVersion>> {
      const found: { store: string; versions: MemoryVersion[] }[] = []
      for (const { id, name } of await storesNamed(store)) {
        const versions = await memoryHistory(db, id, absolute(path))
        if (versions.length > 0) found.push({ store: name, versions })
      }
      return pageOf(onlyOne(found, path).versions, page)
    },

    async dreams(filter: { store?: string } & PageRequest = {}): Promise<Page<Dream>> {
      const memory_store_id = filter.store === undefined ? undefined : (await memoryStore(filter.store)).id
      const limit = filter.limit ?? 50
      const cursor = readCursor(filter.page)?.split(' ')
      const before = cursor ? { created_at: cursor[0]!, id: cursor[1]! } : undefined
      const rows = await listDreams(db, { memory_store_id, before, limit: limit + 1 })
      return pageOf(rows, { limit }, (it) => `${it.created_at} ${it.id}`)
    },

    async dreamReport(id: string): Promise<{ dream: Dream; changes: Change[] }> {
      const [found] = await listDreams(db, { id, limit: 1 })
      if (!found) throw notFound('dream', id, '`reverie dreams` lists them')
      return { dream: found, changes: await readChanges(db, id) }
    },

    /** The memory store of that name or id; without a name, the only one there is. */
    memoryStore,

    close: () => db.destroy(),
  }

  async function storesToDream(how: DreamOptions): Promise<MemoryStore[]> {
    const agents = (await listAgents(db)).map((it) => it.agent)
    if (how.agent !== undefined && !agents.includes(how.agent)) {
      throw notFound(
        'agent',
        how.agent,
        agents.length === 0 ? 'ingest some sessions first' : `known are ${agents.join(', ')}`,
      )
    }
    const known = how.store === undefined ? undefined : await findMemoryStore(db, how.store)
    if (known && how.agent !== undefined && known.agent !== how.agent) {
      throw new EngineError(
        'invalid_request_error',
        `the memory store ${known.name} belongs to the agent ${known.agent}`,
        {
          hint: 'a store holds what one agent learned: give another --store',
        },
      )
    }
    if (known) return [known]
    const chosen = how.agent !== undefined ? [how.agent] : agents
    if (how.store !== undefined && chosen.length !== 1) {
      throw new EngineError(
        'invalid_request_error',
        `there is no memory store ${how.store}, and ${chosen.length} agents it could be made for`,
        {
          hint: `add --agent NAME${chosen.length === 0 ? '' : `, one of ${chosen.join(', ')}`}`,
        },
      )
    }
    return Promise.all(chosen.map((agent) => storeOf(agent, how)))
  }

  /** The agent's store, made when there is none; a dry run makes nothing, not even that. */
  async function storeOf(agent: string, how: DreamOptions): Promise<MemoryStore> {
    const name = how.store ?? agent
    const created_at = now().toISOString()
    const store = how.dry_run
      ? ((await findMemoryStore(db, name)) ?? { id: randomId('memstore'), name, agent, created_at })
      : await ensureMemoryStore(db, name, agent, created_at)
    if (store.agent === agent) return store
    throw new EngineError('conflict_error', `the memory store ${name} belongs to the agent ${store.agent}`, {
      hint: `give ${agent} a store of its own with --agent and --store`,
    })
  }

  async function memoryStore(name?: string): Promise<MemoryStore> {
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
    const found = stores.find((it) => it.name === name || it.id === name)
    if (!found)
      throw notFound(
        'memory store',
        name,
        stores.length === 0 ? 'the first `reverie dream` makes one' : `known are ${names}`,
      )
    return found
  }

  async function storesNamed(name: string | undefined): Promise<MemoryStore[]> {
    return name === undefined ? listMemoryStores(db) : [await memoryStore(name)]
  }

  async function onePattern(id: string): Promise<StoredPattern> {
    const found = /^pat_[0-9a-f]*$/.test(id) ? await findPatterns(db, id) : []
    if (found.length === 1) return found[0]!
    if (found.length === 0) throw notFound('lesson', id, '`reverie lessons` lists them')
    throw new EngineError('invalid_request_error', `${found.length} lessons begin with ${id}`, {
      hint: 'give more of the id',
    })
  }
}

const tiers: Tier[] = ['verified', 'process', 'people', 'marker']

/** Live lessons before stale ones, better supported tiers first, then by the number of sessions behind them. */
function byWeight(a: StoredPattern, b: StoredPattern): number {
  const live = (it: StoredPattern) => (it.status === 'stale' ? 1 : it.status === 'candidate' ? 2 : 0)
  return (
    live(a) - live(b) ||
    tiers.indexOf(a.tier) - tiers.indexOf(b.tier) ||
    b.sessions - a.sessions ||
    (a.id < b.id ? -1 : 1)
  )
}

function asLesson(it: StoredPattern): Lesson {
  const {
    id,
    class: kind,
    channel,
    tier,
    status,
    name,
    text,
    why,
    scope,
    effect,
    q,
    sessions,
    memory_store_id,
    created_at,
    updated_at,
  } = it
  return {
    id,
    class: kind,
    channel,
    tier,
    status,
    name,
    text,
    why,
    scope,
    effect,
    q,
    sessions,
    evidence_count: it.evidence.length,
    memory_store_id,
    created_at,
    updated_at,
  }
}

function notFound(noun: string, name: string, hint: string): EngineError {
  return new EngineError(
    'not_found_error',
    name === '' ? `there is no ${noun} yet` : `there is no ${noun} ${name}`,
    { hint },
  )
}

/** What stands at a path, when one store has it. */
function onlyOne<T extends { store: string }>(found: T[], path: string): T {
  if (found.length === 1) return found[0]!
  if (found.length === 0) throw notFound('memory', absolute(path), '`reverie memory ls` lists them')
  throw new EngineError('invalid_request_error', `${found.length} memory stores have ${absolute(path)}`, {
    hint: `choose one with --store: ${found.map((it) => it.store).join(', ')}`,
  })
}

function absolute(path: string): string {
  return path.startsWith('/') ? path : `/${path}`
}

/** This process. The digits at the end tell it from an earlier one with its number, which in a container is the rule. */
const WORKER = `${hostname()}:${process.pid}:${randomBytes(4).toString('hex')}`

/** Of a worker of another machine nothing is known but its lease. */
function isAlive(worker: string): boolean {
  const [host, pid] = worker.split(':')
  if (host !== hostname()) return true
  if (Number(pid) === process.pid) return worker === WORKER
  try {
    process.kill(Number(pid), 0)
    return true
  } catch (error) {
    // A process of another user lives; we may only not signal it.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
