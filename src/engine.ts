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
import type { Privacy } from './1-ingest/pii.ts'
import { redact } from './1-ingest/redact.ts'
import { signatureOf } from './3-mine/intent.ts'
import { MIN_SUPPORT } from './3-mine/mine.ts'
import { type IntentRisk, riskByIntent } from './3-mine/risk.ts'
import { auditAfter, auditBefore, type Verification, verifyAudit } from './db/audit.ts'
import { openDatabase } from './db/database.ts'
import { listDreams, readChanges } from './db/dreams.ts'
import {
  ensureMemoryStore,
  findMemoryStore,
  listMemories,
  listMemoryStores,
  memoryHistory,
} from './db/memories.ts'
import { type ImportResult, importInto } from './db/memory-import.ts'
import { findPatterns, readPatterns, type StoredPattern } from './db/patterns.ts'
import { findSession, listAgents, listSessions, readSession, type SessionRow } from './db/sessions.ts'
import { redactionKey } from './db/settings.ts'
import { loadTally } from './db/tallies.ts'
import type { AuditRecord } from './domain/audit.ts'
import type { Change } from './domain/change.ts'
import type { Dream } from './domain/dream.ts'
import { EngineError } from './domain/error.ts'
import type { Evidence } from './domain/evidence.ts'
import { randomId } from './domain/id.ts'
import type { Actor, Memory, MemoryStore, MemoryVersion } from './domain/memory.ts'
import type { Page, PageRequest } from './domain/page.ts'
import { pageOf, readCursor } from './domain/page.ts'
import type { Tier } from './domain/pattern.ts'
import type { PiiClass, PiiShape } from './domain/pii.ts'
import type { Session } from './domain/session.ts'
import { toldName } from './domain/told-name.ts'
import { type DreamReport, dream, type World } from './dream.ts'
import { exportMemories, type Format, importMemories } from './exchange/exchange.ts'
import type { ExchangeFile, Export, Skipped as SkippedFile } from './exchange/file.ts'
import { type IngestProgress, type IngestReport, ingest } from './ingest.ts'
import type { IngestOptions } from './ready-session.ts'

export type { Verification } from './db/audit.ts'
export type { SessionRow } from './db/sessions.ts'
export type { DreamReport, Stage } from './dream.ts'
export type { Format } from './exchange/exchange.ts'
export type { ExchangeFile, Export } from './exchange/file.ts'
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
  | 'e'
  | 'sessions'
  | 'created_at'
  | 'updated_at'
> & { memory_store_id: string; evidence_count: number }

/** Where sessions of an agent are likely to fail: a view for a person, no lesson. */
export type Risk = IntentRisk & {
  memory_store_id: string
  agent: string
  /** How a session of it began, where the intent is a cluster; null for a task, whose name says what it is. */
  example: string | null
}

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

export type ImportOptions = {
  /** Name of the memory store; by default the only one. */
  store?: string
  /** Makes the store, for this agent, where there is none of that name. */
  agent?: string
  format: Format
  /** Who imports: the versions written are that person's. */
  as: Actor
  /** Write over other texts that stand at the same paths. */
  replace: boolean
  dry_run: boolean
}

/** What an import did, memory by memory. */
export type ImportReport = {
  store: string
  format: Format
  /** Of the export; null for files that are no export of ours. */
  format_version: number | null
  dry_run: boolean
  created: number
  equal: number
  replaced: number
  conflicting: number
  /** Secrets removed from texts before they were stored. */
  redactions: number
  memories: { path: string; file: string; result: ImportResult }[]
  /** What is no memory of this format, or could not be read. */
  skipped: SkippedFile[]
  /** Sentences to be read. */
  notes: string[]
}

export type IngestChoice = Partial<Omit<IngestOptions, 'privacy'>> & {
  /** Classes of personal data that are redacted; secrets always are. */
  redact?: PiiShape[]
  /** Names of persons that are redacted. */
  names?: string[]
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
      how: IngestChoice = {},
      progress: IngestProgress = () => {},
    ): Promise<IngestReport> {
      const options = {
        harness: how.harness ?? 'auto',
        agent: how.agent ?? null,
        privacy: await privacyOf(how),
      }
      return ingest(db, paths, options, now, progress)
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

    /** Lessons, those that matter most first; candidates, which are only watched, and markers, which are no lessons, on request. */
    async lessons(
      filter: { store?: string; tier?: Tier; candidates?: boolean } & PageRequest = {},
    ): Promise<Page<Lesson>> {
      const store = filter.store === undefined ? null : (await memoryStore(filter.store)).id
      const patterns = (await readPatterns(db, store))
        .filter((it) => (filter.tier === undefined ? it.tier !== 'marker' : it.tier === filter.tier))
        .filter((it) => filter.candidates === true || it.status !== 'candidate')
        .sort(byWeight)
      return pageOf(patterns.map(asLesson), filter)
    },

    /**
     * Failure risk by intent, the surest first, from the counts of each store: the sessions that were dreamed of and have a
     * verified outcome. It shows a person where to look; nothing of it is a lesson.
     */
    async risk(filter: { agent?: string; store?: string } & PageRequest = {}): Promise<Page<Risk>> {
      const risks: Risk[] = []
      for (const { id, agent } of await storesOf(filter)) {
        const intents = riskByIntent(await loadTally(db, id, new Map(), MIN_SUPPORT))
        const examples = await beginningsOf(agent, intents)
        for (const it of intents)
          risks.push({ memory_store_id: id, agent, ...it, example: examples.get(it.intent) ?? null })
      }
      return pageOf(
        risks.sort((a, b) => b.low - a.low),
        filter,
      )
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

    /** The memories of a store as files of that format. `existing` is the file a block is put into, where there is one. */
    async exportMemories(
      store: string | undefined,
      format: Format,
      { existing, replace }: { existing: ExchangeFile | null; replace: boolean },
    ): Promise<{ store: MemoryStore } & Export> {
      const from = await memoryStore(store)
      const memories = await listMemories(db, from.id)
      const [name, agent] = [toldName(from.name, 'agent'), toldName(from.agent, 'agent')]
      const whose = { store: name, agent, now: now().toISOString() }
      return { store: from, ...exportMemories(format, { ...whose, memories, existing, replace }) }
    },

    /**
     * Puts the memories in these files into a store, in one transaction, as a person's act. Secrets are removed first.
     * What stands at a path already is only written over with `replace`; without, it is `conflicting` and stays.
     */
    async importMemories(files: ExchangeFile[], how: ImportOptions): Promise<ImportReport> {
      const { memories, ...read } = importMemories(how.format, files)
      let redactions = 0
      const clean: { path: string; content: string; reason: string }[] = []
      for (const { path, content, earlier } of memories) {
        const redacted = await redact(content)
        for (const n of Object.values(redacted.redactions)) redactions += n
        const reason = `imported from ${how.format}${earlier === null ? '' : `, where ${earlier}`}`
        clean.push({ path, content: redacted.text, reason: (await redact(reason)).text })
      }
      const { store: name, agent, replace, dry_run } = how
      const store =
        agent === undefined ? await memoryStore(name) : await storeOf(agent, { store: name, dry_run })
      const written = { created_by: how.as, replace, dry_run, now: now().toISOString() }
      const results = await db.transaction().execute((tx) => importInto(tx, store.id, clean, written))
      const sum = (result: ImportResult) => results.filter((it) => it === result).length
      return {
        store: store.name,
        format: how.format,
        format_version: read.format_version,
        dry_run: how.dry_run,
        created: sum('created'),
        equal: sum('equal'),
        replaced: sum('replaced'),
        conflicting: sum('conflicting'),
        redactions,
        memories: memories.map(({ path, file }, i) => ({ path, file, result: results[i]! })),
        skipped: read.skipped,
        notes: read.notes,
      }
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

    /** What happened, the latest first. */
    async audit(page: PageRequest = {}): Promise<Page<AuditRecord>> {
      const limit = page.limit ?? 50
      const cursor = readCursor(page.page)
      const rows = await auditBefore(db, cursor === null ? null : Number(cursor), limit + 1)
      return pageOf(rows, { limit }, (it) => String(it.seq))
    },

    /** Every audit record in the order of the chain. */
    async *auditLog(): AsyncGenerator<AuditRecord> {
      for (let after = 0; ; ) {
        const records = await auditAfter(db, after, 1_000)
        if (records.length === 0) return
        yield* records
        after = records.at(-1)!.seq
      }
    },

    /** Whether the audit log is as it was written, from its first record to its head. */
    verifyAudit: (): Promise<Verification> => verifyAudit(db),

    /** The memory store of that name or id; without a name, the only one there is. */
    memoryStore,

    close: () => db.destroy(),
  }

  async function storesOf({ agent, store }: { agent?: string; store?: string }): Promise<MemoryStore[]> {
    const stores = await storesNamed(store)
    const found = stores.filter((it) => agent === undefined || it.agent === agent)
    if (found.length > 0 || agent === undefined) return found
    const known = [...new Set(stores.map((it) => it.agent))].join(', ')
    throw notFound(
      'agent',
      agent,
      known === '' ? 'the first `reverie dream` makes its store' : `known are ${known}`,
    )
  }

  async function privacyOf({ redact = [], names = [] }: IngestChoice): Promise<Privacy | undefined> {
    const listed = names.filter((it) => it.trim() !== '')
    const classes = [...new Set<PiiClass>([...redact, ...(listed.length > 0 ? (['name'] as const) : [])])]
    if (classes.length === 0) return undefined
    return { classes, names: listed.join('\n'), key: await redactionKey(db, now().toISOString()) }
  }

  /** The first words of a session of each cluster among these intents. */
  async function beginningsOf(agent: string, intents: IntentRisk[]): Promise<Map<string, string>> {
    const wanted = new Set(intents.map((it) => it.intent).filter((it) => it.startsWith('~')))
    const found = new Map<string, string>()
    let before: number | undefined
    while (found.size < wanted.size) {
      const rows = await listSessions(db, { agent, before, limit: 1_000 })
      if (rows.length === 0) break
      for (const { task, title } of rows) {
        const intent = task === null ? signatureOf(title) : ''
        if (wanted.has(intent) && !found.has(intent)) found.set(intent, title)
      }
      before = rows.at(-1)!.seq
    }
    return found
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
    e,
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
    e,
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
