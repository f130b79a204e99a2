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
import { textOf } from './5-decide/decision.ts'
import type { PolicyError } from './5-decide/policy-file.ts'
import { adopt } from './adopt.ts'
import { type ChangeFilter, changesLike, type ListedChange, seen } from './changes.ts'
import {
  auditAfter,
  auditBefore,
  type Place,
  placesOf,
  recordedHash,
  seqOfHash,
  type Verification,
  verifyAudit,
} from './db/audit.ts'
import {
  type ChangesAsked,
  countWaiting,
  decisionsOn,
  findChanges,
  readChanges,
  type StoredChange,
  waitingChanges,
} from './db/changes.ts'
import { openDatabase, type Transaction } from './db/database.ts'
import { listDreams } from './db/dreams.ts'
import { transcriptsRemoved } from './db/erasure.ts'
import {
  ensureMemoryStore,
  findMemoryStore,
  listMemories,
  listMemoryStores,
  newestVersion,
} from './db/memories.ts'
import type { ImportResult } from './db/memory-import.ts'
import {
  findVersions,
  firstVersion,
  type HistoryRow,
  historyOf,
  type OrderedVersion,
  versionBy,
  versionsAt,
} from './db/memory-versions.ts'
import { findPatterns, readPatterns, type StoredPattern } from './db/patterns.ts'
import { type PolicyInForce, policiesLike, policyHistory, policyInForce, setPolicy } from './db/policies.ts'
import { rehearse } from './db/rehearse.ts'
import { findSession, listAgents, listSessions, readSession, type SessionRow } from './db/sessions.ts'
import { redactionKey } from './db/settings.ts'
import { loadTally } from './db/tallies.ts'
import { insertWorkspace, listWorkspaces, ownWorkspace } from './db/workspaces.ts'
import { type Choice, decide, type PersonsWord } from './decide.ts'
import type { AuditRecord } from './domain/audit.ts'
import { checkSignature, type SignatureCheck, type SignedHead, signHead } from './domain/audit-signature.ts'
import type { Change } from './domain/change.ts'
import { type Digest, digestOf } from './domain/digest.ts'
import type { Dream } from './domain/dream.ts'
import { EngineError } from './domain/error.ts'
import type { Evidence } from './domain/evidence.ts'
import { randomId, sha256 } from './domain/id.ts'
import type { Actor, Memory, MemoryStore } from './domain/memory.ts'
import type { Page, PageRequest } from './domain/page.ts'
import { pageOf, readCursor } from './domain/page.ts'
import type { Tier } from './domain/pattern.ts'
import type { PiiClass, PiiShape } from './domain/pii.ts'
import type { Policy } from './domain/policy.ts'
import { hostNamed, regionNamed } from './domain/residency.ts'
import type { Session } from './domain/session.ts'
import { toldName } from './domain/told-name.ts'
import { type Workspace, workspaceNamed } from './domain/workspace.ts'
import { type DreamReport, dream, type World } from './dream.ts'
import { type OutputMemory, outputOf } from './dream-output.ts'
import { type ErasureReport, erase, finishErasure } from './erase.ts'
import { exportMemories, type Format, importMemories } from './exchange/exchange.ts'
import type { ExchangeFile, Export, Incoming, Skipped as SkippedFile } from './exchange/file.ts'
import { importOver } from './import-over.ts'
import { type IngestProgress, type IngestReport, ingest } from './ingest.ts'
import type { IngestOptions } from './ready-session.ts'
import { removeMemory } from './remove-memory.ts'
import { type Restored, restoreStore, restoreVersion } from './restore.ts'
import { type RetentionReport, retain } from './retention.ts'
import { type TriedChange, tryPolicy } from './try-policy.ts'
import { type Undone, undo } from './undo.ts'
import { unifiedDiff } from './unified-diff.ts'
import type { Which } from './which-sessions.ts'

export type { PolicyError } from './5-decide/policy-file.ts'
export type { ListedChange } from './changes.ts'
export type { Verification } from './db/audit.ts'
export type { HistoryRow } from './db/memory-versions.ts'
export type { PolicyInForce } from './db/policies.ts'
export type { SessionRow } from './db/sessions.ts'
export type { Choice, PersonsWord } from './decide.ts'
export type { DreamReport, Stage } from './dream.ts'
export type { OutputMemory } from './dream-output.ts'
export type { ErasureReport } from './erase.ts'
export type { Format } from './exchange/exchange.ts'
export type { ExchangeFile, Export } from './exchange/file.ts'
export type { IngestReport, Skipped } from './ingest.ts'
export type { Restored } from './restore.ts'
export type { RetentionReport } from './retention.ts'
export type { TriedChange } from './try-policy.ts'
export type { Undone } from './undo.ts'

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

/** A signed head, and the key that it is to be checked with. */
export type SignedWith = { head: SignedHead; public_key: string }

export type VerifiedAudit = Verification & {
  /** Whether everything that was asked for holds. */
  is_good: boolean
  noted_head: 'found' | 'not found' | null
  signature: SignatureCheck | null
}

export type ChangesWanted = Omit<ChangesAsked, 'dream_id' | 'memory_store_id'> &
  Pick<ChangeFilter, 'tier' | 'path'> & {
    /** Id of the dream that proposed them, or the beginning of it. */
    dream?: string
    /** Name of the memory store; by default all of them. */
    store?: string
  }

/** A change with all its quotes, and the lessons behind it. */
export type ShownChange = ListedChange & {
  /** The text that would go live; null where the memory goes. */
  content: string | null
  /** What that does to the text before, as the lines of a unified diff. */
  diff: string[]
  lessons: Lesson[]
}

/** Which approved changes: of a dream, of a store, or these; by default those of the only store. */
export type AdoptWanted = { dream?: string; store?: string; changes?: string[]; dry_run?: boolean }

export type AdoptReport = {
  dry_run: boolean
  /** What went live, each as it is now. */
  adopted: Change[]
  /** The memory was not what it was: not live, but put up again where something is left to do. */
  superseded: { change: Change; again: Change | null; why: string }[]
  /** Not live, and as it was. */
  refused: { change: Change; why: string }[]
  /** Named, and live already. */
  known: Change[]
  /** Of the dream or store, what nobody has decided on. */
  undecided: number
}

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

/** The text of a policy, and the file it stands in. */
export type PolicyFile = { file: string; text: string }

/** One putting in force. */
export type PolicySetting = Pick<PolicyInForce, 'sha256' | 'set_at' | 'set_by'> & { seq: number }

type VerdictCounts = Record<Change['verdict'], number>

/** What a policy would have said of the changes of the past; the rows are those of which it says something else. */
export type PolicyTrial = Page<TriedChange> & {
  dreams: number
  changes: number
  /** Changes of which the policy says something else than was said. */
  differing: number
  verdicts: VerdictCounts
  would_be: VerdictCounts
  /** Would have gone live by themselves, and people rejected them or took them back. */
  allowed_against_people: number
  /** Would have been refused, and people approved them. */
  denied_against_people: number
}

/** What a word did to the changes it was said of. */
export type DecideReport = {
  decided: ListedChange[]
  /** The same person had said the same already, so nothing was added. */
  known: ListedChange[]
  /** Each as it stands, and why it was left so. */
  refused: { change: ListedChange; error: EngineError }[]
}

/** An audit record, and the memory store and path that its object has. */
export type AuditRow = AuditRecord & Place

/** The quotes behind a lesson, and the sessions that it was seen in and that can no longer be quoted. */
export type EvidenceOfLesson = {
  lesson: Lesson
  transcripts_removed: { session_id: string; removed_at: string }[]
} & Page<Evidence>

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

export type IngestChoice = Partial<Omit<IngestOptions, 'privacy' | 'workspace'>> & {
  /** Classes of personal data that are redacted; secrets always are. */
  redact?: PiiShape[]
  /** Names of persons that are redacted. */
  names?: string[]
  /** Store what was erased again. */
  again?: boolean
}

export type Engine = ReturnType<typeof openEngine>

/** Opens a workspace of a database, that named default unless another is named. It can neither see nor change anything of the others. */
export function openEngine(options: { database: string; workspace?: string; now?: () => Date }) {
  const db = openDatabase(options.database, options.workspace)
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
        again: how.again ?? false,
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
    async evidence(id: string, page: PageRequest = {}): Promise<EvidenceOfLesson> {
      const pattern = await onePattern(id)
      const sighted = pattern.sightings.map((it) => it.session_id)
      const transcripts_removed = await transcriptsRemoved(db, sighted)
      return { lesson: asLesson(pattern), ...pageOf(pattern.evidence, page), transcripts_removed }
    },

    /**
     * Removes sessions and all that rests on them; `dry_run` only says what would go. `docs/privacy.md` says what stays.
     *
     * Throws `not_found_error` for a session or person that is not there, `conflict_error` while a dream of a store involved runs.
     */
    async erase(
      which: Exclude<Which, { due: unknown }>,
      { as, reason = '', dry_run }: { as: Actor; reason?: string; dry_run: boolean },
    ): Promise<ErasureReport> {
      const typed = (await redact(reason.trim())).text
      const why = 'person' in which ? typed.replaceAll(which.person, '(the person)') : typed
      const request = {
        which,
        actor: as as `user:${string}`,
        reason: why || 'a person asked for it',
        dry_run,
      }
      return erase(db, request, { now, is_alive: isAlive })
    },

    /** Removes bytes that an erasure had to leave in the database's files. False where another process still keeps them. */
    finishErasure: (): Promise<boolean> => finishErasure(db),

    /** Removes what the policy in force no longer lets be kept; `dry_run` only says what would go. */
    retain: (dry_run: boolean): Promise<RetentionReport> =>
      retain(db, { dry_run }, { now, is_alive: isAlive }),

    async sessions(filter: { agent?: string } & PageRequest = {}): Promise<Page<SessionRow>> {
      const limit = filter.limit ?? 50
      const before = readCursor(filter.page) ?? undefined
      const rows = await listSessions(db, { agent: filter.agent, before, limit: limit + 1 })
      return pageOf(rows, { limit }, (it) => it.id)
    },

    /** One session with its events, by our id or the harness's. */
    async session(
      id: string,
    ): Promise<{ row: SessionRow; session: Session | null; transcript_removed_at: string | null }> {
      const row = await findSession(db, id)
      if (!row) throw notFound('session', id, '`reverie sessions` lists them')
      const [removed] = await transcriptsRemoved(db, [row.id])
      const transcript_removed_at = removed?.removed_at ?? null
      return { row, session: (await readSession(db, row.id)) ?? null, transcript_removed_at }
    },

    agents: () => listAgents(db),

    /** The workspace that is open, with what it allows. */
    workspace: () => ownWorkspace(db),

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
    memory: (store: string | undefined, path: string): Promise<StoredMemory> => memoryAt(store, path),

    /** Every version of what stood at a path, newest first. */
    async memoryHistory(
      store: string | undefined,
      path: string,
      page: PageRequest = {},
    ): Promise<Page<HistoryRow>> {
      const found: { store: string; versions: HistoryRow[] }[] = []
      for (const { id, name } of await storesNamed(store)) {
        const versions = await historyOf(db, id, absolute(path))
        if (versions.length > 0) found.push({ store: name, versions })
      }
      return pageOf(onlyOne(found, path).versions, page)
    },

    /** One version of a memory, by its id or an unambiguous beginning of it. */
    memoryVersion: (id: string): Promise<StoredVersion> => oneVersion(id),

    /**
     * What stands between two versions; of one, what it changed; of a path, what its last version changed. A version is named by its id
     * or an unambiguous beginning of it.
     */
    async memoryDiff(store: string | undefined, one: string, other?: string): Promise<MemoryDiff> {
      const [first, before_first] = await versionAndFormer(store, one)
      const [before, after] =
        other === undefined ? [before_first, first] : [first, (await versionAndFormer(store, other))[0]]
      return { before, after, diff: unifiedDiff(before?.content ?? null, after.content) }
    },

    /** Puts the text of an earlier version back, as a new version. Null where it stands there already. */
    async restoreMemory(
      id: string,
      { as, dry_run = false }: { as: Actor; dry_run?: boolean },
    ): Promise<{ restored: Restored | null; version: StoredVersion; dry_run: boolean }> {
      await refuseRegulated('restore a version')
      const version = await oneVersion(id)
      const by = { actor: as, now: now().toISOString() }
      // Read again: what was erased meanwhile does not come back.
      const found = await transaction(dry_run, async (tx) =>
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
      await refuseRegulated('restore a store')
      const { id, name } = await memoryStore(store)
      const by = { actor: as, now: now().toISOString() }
      return transaction(dry_run, async (tx) => {
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
      const memory = await memoryAt(store, path)
      const by = { actor: as, reason: (await redact(reason)).text, now: now().toISOString() }
      const version = await transaction(false, async (tx) => {
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
      const memories = await outputOfDream(dream)
      const found = memories.filter((it) => path === undefined || it.path === absolute(path))
      if (path !== undefined && found.length === 0)
        throw notFound(
          'memory',
          `${absolute(path)} in the output of ${dream}`,
          '`reverie memory ls --dream` lists them',
        )
      return pageOf(found, page)
    },

    /** The memories of a store, or the output of a dream, as files of that format. `existing` is the file a block is put into, where there is one. */
    async exportMemories(
      store: string | undefined,
      format: Format,
      { existing, replace, dream }: { existing: ExchangeFile | null; replace: boolean; dream?: string },
    ): Promise<{ store: MemoryStore } & Export> {
      const from = await memoryStore(dream === undefined ? store : (await oneDream(dream)).memory_store_id)
      const memories =
        dream === undefined
          ? await listMemories(db, from.id)
          : (await outputOfDream(dream)).map((it) => ({ ...it, id: it.id ?? it.change_id ?? dream }))
      const [name, agent] = [toldName(from.name, 'agent'), toldName(from.agent, 'agent')]
      const whose = { store: name, agent, now: now().toISOString() }
      return { store: from, ...exportMemories(format, { ...whose, memories, existing, replace }) }
    },

    /**
     * Puts the memories in these files into a store, in one transaction, as a person's act. Secrets are removed first.
     * What stands at a path already is only written over with `replace`; without, it is `conflicting` and stays.
     */
    async importMemories(files: ExchangeFile[], how: ImportOptions): Promise<ImportReport> {
      if (!how.dry_run) await refuseRegulated('import memories')
      const { memories, ...read } = importMemories(how.format, files)
      let redactions = 0
      const clean: { path: string; content: string; reason: string }[] = []
      for (const { path, content, earlier } of memories) {
        const redacted = await redact(content)
        for (const n of Object.values(redacted.redactions)) redactions += n
        const reason = (await redact(importReason(how.format, earlier))).text
        clean.push({ path, content: redacted.text, reason })
      }
      const { store: name, agent, replace, dry_run } = how
      const store =
        agent === undefined ? await memoryStore(name) : await storeOf(agent, { store: name, dry_run })
      const written = { created_by: how.as, replace, dry_run, now: now().toISOString() }
      const results = await db.transaction().execute((tx) => importOver(tx, store.id, clean, written))
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
      const found = await oneDream(id)
      return { dream: found, changes: await readChanges(db, found.id) }
    },

    /** Changes, unless other statuses are asked for those that wait for a decision or for adoption; those of the latest dream first. */
    async changes(wanted: ChangesWanted & PageRequest = {}): Promise<Page<ListedChange>> {
      const { dream, store, limit = 50, page, ...asked } = wanted
      const filter = {
        status: ['undecided', 'approved'] as const,
        ...asked,
        dream_id: dream === undefined ? undefined : (await oneDream(dream)).id,
        memory_store_id: store === undefined ? undefined : (await memoryStore(store)).id,
      }
      const place = { after: readCursor(page), limit: limit + 1 }
      return pageOf(await changesLike(db, filter, place, await isRegulated()), { limit }, (it) => it.id)
    },

    /** One change with all that a decision rests on, by its id or an unambiguous beginning of it. */
    async change(id: string): Promise<ShownChange> {
      const every_quote = Number.POSITIVE_INFINITY
      const [found] = await seen(db, [await oneChange(id)], await isRegulated(), every_quote)
      const { change, patterns } = found!
      const { content } = textOf(change, change.decisions)
      const diff = unifiedDiff(change.before, content)
      return { ...change, content, diff, lessons: patterns.map(asLesson) }
    },

    /** Puts approved changes into the live memory, in one transaction: exactly the bytes that were approved. */
    async adopt(wanted: AdoptWanted, as: Actor): Promise<AdoptReport> {
      const { changes = [], dry_run = false } = wanted
      const named: string[] = []
      for (const it of changes) named.push((await oneChange(it)).id)
      const dream_id = wanted.dream === undefined ? undefined : (await oneDream(wanted.dream)).id
      const is_of_store = wanted.store !== undefined || (dream_id === undefined && named.length === 0)
      const store_id = is_of_store ? (await memoryStore(wanted.store)).id : undefined
      return transaction(dry_run, async (tx) => {
        const found: Change[] = []
        if (store_id !== undefined) found.push(...(await waitingChanges(tx, store_id)))
        if (dream_id !== undefined) found.push(...(await readChanges(tx, dream_id)))
        const asked = new Set(found.filter((it) => it.status === 'approved').map((it) => it.id))
        const undecided = found.filter((it) => it.status === 'undecided').length
        return adoptAll(tx, [...new Set([...asked, ...named])], { actor: as, undecided, dry_run })
      })
    },

    /** Takes one adopted change back. Throws `conflict_error` where it is not live, or its memory was changed since. */
    async undo(id: string, { as, reason = '' }: { as: Actor; reason?: string }): Promise<Undone> {
      const change = await oneChange(id)
      const by = { actor: as, reason: (await redact(reason)).text, now: now().toISOString() }
      return transaction(false, async (tx) => {
        const [live] = await findChanges(tx, change.id)
        return undo(tx, live!.memory_store_id, asChange(live!), by)
      })
    },

    /** How many changes wait for a decision, and how many approved ones for adoption. */
    async waiting(store?: string): Promise<{ undecided: number; approved: number }> {
      return countWaiting(db, store === undefined ? null : (await memoryStore(store)).id)
    },

    /**
     * A person's word on these changes, by their ids or unambiguous beginnings, in one transaction. What cannot be decided,
     * or is not what the person saw, is refused; the others are decided all the same.
     */
    async decide(choices: Choice[], word: PersonsWord, as: `user:${string}`): Promise<DecideReport> {
      const whole: Choice[] = []
      for (const it of choices) whole.push({ ...it, id: (await oneChange(it.id)).id })
      const decided = await db.transaction().execute(async (tx) => {
        const { policy } = await policyInForce(tx)
        return decide(tx, whole, word, { by: as, now: now().toISOString(), regulated: policy.regulated })
      })
      const changes = await seen(
        db,
        decided.map((it) => it.change),
        await isRegulated(),
      )
      const report: DecideReport = { decided: [], known: [], refused: [] }
      for (const [i, { result }] of decided.entries()) {
        const { change } = changes[i]!
        if (result instanceof EngineError) report.refused.push({ change, error: result })
        else report[result].push(change)
      }
      return report
    },

    /** The policy in force; or the one whose sha256 begins so, in force or not. */
    async policy(sha256?: string): Promise<PolicyInForce> {
      const current = await policyInForce(db)
      if (sha256 === undefined || (sha256 !== '' && current.sha256.startsWith(sha256))) return current
      const found = /^[0-9a-f]+$/.test(sha256) ? await policiesLike(db, sha256) : []
      return theOne('policy version', sha256, found, '`reverie policy history` lists them')
    },

    /** Every putting in force of a policy, the latest first. The default, which is in force at first, is none of them. */
    async policyHistory(page: PageRequest = {}): Promise<Page<PolicySetting>> {
      const limit = page.limit ?? 50
      const cursor = readCursor(page.page)
      const rows = await policyHistory(db, {
        before: cursor === null ? undefined : Number(cursor),
        limit: limit + 1,
      })
      const settings = rows.map(({ seq, sha256, set_at, set_by }) => ({ seq, sha256, set_at, set_by }))
      return pageOf(settings, { limit }, (it) => String(it.seq))
    },

    /**
     * Puts a policy in force; `is_new` is false where it was already. What waits for a decision keeps the verdict it has.
     *
     * Throws `invalid_request_error` with all that is wrong with it, by line and column.
     */
    async setPolicy(
      { file, text }: PolicyFile,
      as: Actor & `user:${string}`,
    ): Promise<PolicyInForce & { is_new: boolean }> {
      const { parsePolicy } = await import('./5-decide/policy-file.ts')
      const policy = parsePolicy(text, file)
      if ((await redact(text)).text !== text)
        throw new EngineError('invalid_request_error', `there is a secret in ${file}`, {
          hint: 'take it out: a policy is kept for good, and everybody who decides reads it',
        })
      const setting = { set_by: as, set_at: now().toISOString() }
      return db.transaction().execute(async (tx) => {
        const is_new = await setPolicy(tx, { content: text, policy }, setting)
        return { ...(await policyInForce(tx)), is_new }
      })
    },

    /** What a policy would have said of the changes of that dream, or of all of them. Writes nothing. */
    async testPolicy(
      { file, text }: PolicyFile,
      { dream, ...page }: { dream?: string } & PageRequest = {},
    ): Promise<PolicyTrial> {
      const { parsePolicy } = await import('./5-decide/policy-file.ts')
      const policy = parsePolicy(text, file)
      const dream_id = dream === undefined ? undefined : (await oneDream(dream)).id
      const tried = await tryPolicy(db, policy, await listMemoryStores(db), dream_id)
      const differing = tried.filter((it) => it.verdict !== it.would_be)
      const counts = (verdicts: Change['verdict'][]): VerdictCounts => {
        const of = (verdict: Change['verdict']) => verdicts.filter((it) => it === verdict).length
        return { allow: of('allow'), hold: of('hold'), deny: of('deny') }
      }
      const unwanted = (it: TriedChange) => it.people === 'rejected' || it.status === 'undone'
      return {
        ...pageOf(differing, page),
        dreams: new Set(tried.map((it) => it.dream_id)).size,
        changes: tried.length,
        differing: differing.length,
        verdicts: counts(tried.map((it) => it.verdict)),
        would_be: counts(tried.map((it) => it.would_be)),
        allowed_against_people: tried.filter((it) => it.would_be === 'allow' && unwanted(it)).length,
        denied_against_people: tried.filter((it) => it.would_be === 'deny' && it.people === 'approved')
          .length,
      }
    },

    /** What a dream learned, and what became of it; by default the last dream of each memory store, or of that one. */
    async digests(filter: { dream?: string; store?: string } & PageRequest = {}): Promise<Page<Digest>> {
      if (filter.dream !== undefined)
        return { data: [await digest(await oneDream(filter.dream))], next_page: null }
      const { data, next_page } = pageOf(await storesNamed(filter.store), filter)
      const last = await Promise.all(data.map((it) => listDreams(db, { memory_store_id: it.id, limit: 1 })))
      return { data: await Promise.all(last.flat().map(digest)), next_page }
    },

    /** What happened, the latest first, each with where its object is. */
    async audit(page: PageRequest = {}): Promise<Page<AuditRow>> {
      const limit = page.limit ?? 50
      const cursor = readCursor(page.page)
      const records = await auditBefore(db, cursor === null ? null : Number(cursor), limit + 1)
      const places = await placesOf(db, records)
      const rows = records.map((it, i) => ({ ...it, ...places[i]! }))
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

    /** Whether the audit log is as it was written, from its first record to its head, and leads through a head known from elsewhere. */
    async verifyAudit({ head, signed }: { head?: string; signed?: SignedWith } = {}): Promise<VerifiedAudit> {
      const { records, broken, ...end } = await verifyAudit(db)
      const found = head === undefined ? null : await seqOfHash(db, head)
      const noted_head =
        head === undefined ? null : found !== null && found <= records ? 'found' : 'not found'
      const signature = signed
        ? checkSignature(signed.head, signed.public_key, {
            records,
            found: await seqOfHash(db, signed.head.hash),
          })
        : null
      const is_good = broken === null && noted_head !== 'not found' && (signature?.problem ?? null) === null
      return { is_good, records, ...end, broken, noted_head, signature }
    },

    /** A head that vouches for the audit log up to now. The key is only used. Throws `conflict_error` where the log is not as it was written. */
    async signAudit(private_key: string): Promise<SignedHead> {
      const { records, head, broken } = await verifyAudit(db)
      if (broken !== null)
        throw new EngineError('conflict_error', `${broken.reason}, so nothing was signed`, {
          hint: 'a signature would vouch for that: see `reverie audit verify`',
        })
      if (records === 0)
        throw new EngineError('invalid_request_error', 'the audit log is empty: there is nothing to sign', {
          hint: 'sign when something has happened',
        })
      return signHead(head, now().toISOString(), private_key)
    },

    /** The memory store of that name or id; without a name, the only one there is. */
    memoryStore,

    close: () => db.destroy(),
  }

  async function digest(dream: Dream): Promise<Digest> {
    const changes = await readChanges(db, dream.id)
    const ids = changes.map((it) => it.id)
    const { name } = await memoryStore(dream.memory_store_id)
    const recorded = await recordedHash(db, 'dream.completed', dream.id)
    return digestOf(dream, name, changes, await decisionsOn(db, ids), recorded)
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
    let before: string | undefined
    while (found.size < wanted.size) {
      const rows = await listSessions(db, { agent, before, limit: 1_000 })
      if (rows.length === 0) break
      for (const { task, title } of rows) {
        const intent = task === null ? signatureOf(title) : ''
        if (wanted.has(intent) && !found.has(intent)) found.set(intent, title)
      }
      before = rows.at(-1)!.id
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
    return theOne('lesson', id, found, '`reverie lessons` lists them')
  }

  async function oneDream(id: string): Promise<Dream> {
    const found = /^drm_[0-9a-f]*$/.test(id) ? await listDreams(db, { id, limit: 100 }) : []
    return theOne('dream', id, found, '`reverie dreams` lists them')
  }

  async function oneChange(id: string): Promise<StoredChange> {
    const found = /^chg_[0-9a-f]*$/.test(id) ? await findChanges(db, id) : []
    return theOne('change', id, found, '`reverie changes --status all` lists them')
  }

  async function transaction<T>(dry_run: boolean, work: (tx: Transaction) => Promise<T>): Promise<T> {
    return dry_run ? rehearse(db, work) : db.transaction().execute(work)
  }

  async function adoptAll(
    tx: Transaction,
    ids: string[],
    { actor, undecided, dry_run }: { actor: Actor; undecided: number; dry_run: boolean },
  ): Promise<AdoptReport> {
    const report: AdoptReport = { dry_run, adopted: [], superseded: [], refused: [], known: [], undecided }
    const approved: StoredChange[] = []
    for (const id of ids) {
      const [it] = await findChanges(tx, id)
      if (it!.status === 'approved') approved.push(it!)
      else if (it!.status === 'adopted') report.known.push(asChange(it!))
      else
        report.refused.push({
          change: asChange(it!),
          why: `it is ${it!.status}, and only what is approved goes live`,
        })
    }
    for (const [store_id, its] of Map.groupBy(approved, (it) => it.memory_store_id)) {
      const store = (await findMemoryStore(tx, store_id))!
      const by = { actor, now: now().toISOString() }
      for (const { change, again, why } of await adopt(tx, store, its.map(asChange), by)) {
        if (why === null) report.adopted.push(change)
        else if (change.status === 'superseded') report.superseded.push({ change, again, why })
        else report.refused.push({ change, why })
      }
    }
    return report
  }

  /** What goes live in a regulated workspace, two people approve: nobody puts it there alone. */
  async function refuseRegulated(what: string): Promise<void> {
    if (!(await isRegulated())) return
    throw new EngineError(
      'permission_error',
      `the policy in force is regulated, so nobody may ${what} alone`,
      {
        hint: 'what goes live there, two people approve: `reverie decide`; `reverie undo` and `reverie memory remove` take back what is live',
      },
    )
  }

  async function oneVersion(id: string): Promise<StoredVersion> {
    const found = /^memver_[0-9a-f]*$/.test(id) ? await findVersions(db, id) : []
    const version = theOne(
      'memory version',
      id,
      found,
      '`reverie memory history PATH` lists those of a memory',
    )
    return { ...version, store: (await findMemoryStore(db, version.memory_store_id))!.name }
  }

  /** That version, or the newest one at that path, and the one before it at its path; null where there is none. */
  async function versionAndFormer(
    store: string | undefined,
    it: string,
  ): Promise<[StoredVersion, StoredVersion | null]> {
    const version = it.startsWith('memver_') ? await oneVersion(it) : await newestAt(store, it)
    const versions = await versionsAt(db, version.memory_store_id, version.path)
    const former = versions.find(({ seq }) => seq < version.seq)
    return [version, former ? { ...former, store: version.store } : null]
  }

  async function newestAt(store: string | undefined, path: string): Promise<StoredVersion> {
    const found: StoredVersion[] = []
    for (const { id, name } of await storesNamed(store)) {
      const [newest] = await versionsAt(db, id, absolute(path))
      if (newest) found.push({ ...newest, store: name })
    }
    return onlyOne(found, path)
  }

  async function memoryAt(store: string | undefined, path: string): Promise<StoredMemory> {
    const found: StoredMemory[] = []
    for (const { id, name } of await storesNamed(store)) {
      const [memory] = await listMemories(db, id, { path: absolute(path) })
      if (memory) found.push({ ...memory, store: name })
    }
    return onlyOne(found, path)
  }

  async function outputOfDream(id: string): Promise<(OutputMemory & { store: string })[]> {
    const dream = await oneDream(id)
    const { name } = (await findMemoryStore(db, dream.memory_store_id))!
    return (await outputOf(db, dream)).map((it) => ({ ...it, store: name }))
  }

  async function isRegulated(): Promise<boolean> {
    return (await policyInForce(db)).policy.regulated
  }
}

/** What is wrong with the text of a policy, by line and column; nothing where it could be put in force. Needs no database. */
export async function checkPolicy(text: string): Promise<PolicyCheck> {
  const { readPolicy } = await import('./5-decide/policy-file.ts')
  return { ...readPolicy(text), sha256: sha256(text) }
}

export type PolicyCheck = { policy: Policy | null; errors: PolicyError[]; sha256: string }

export type Workspaces = ReturnType<typeof openWorkspaces>

export type NewWorkspace = Partial<Pick<Workspace, 'offline' | 'regions' | 'model_hosts'>> & { name: string }

/** The workspaces of a database: for whoever looks after the whole of it, and so apart from what one of them may see. */
export function openWorkspaces(options: { database: string; now?: () => Date }) {
  const db = openDatabase(options.database)
  const now = options.now ?? (() => new Date())
  return {
    async list(page: PageRequest = {}): Promise<Page<Workspace>> {
      return pageOf(await listWorkspaces(db), page)
    },

    /** Throws `invalid_request_error` for what is no name, region or host, `conflict_error` for a name that is taken. */
    async create(it: NewWorkspace, as: Actor): Promise<Workspace> {
      const workspace = {
        name: workspaceNamed(it.name),
        created_at: now().toISOString(),
        offline: it.offline ?? false,
        regions: [...new Set(it.regions?.map(regionNamed))],
        model_hosts: [...new Set(it.model_hosts?.map(hostNamed))],
      }
      return db.transaction().execute((tx) => insertWorkspace(tx, workspace, as))
    },

    close: () => db.destroy(),
  }
}

/** For the audit log, which holds no text of files: of who wrote a memory a plain name, and when only where that is a time. */
function importReason(format: Format, earlier: Incoming['earlier']): string {
  if (earlier === null) return `imported from ${format}`
  const [kind, name] = /^(user|dream):(.+)$/s.exec(earlier.created_by)?.slice(1) ?? [
    'user',
    earlier.created_by,
  ]
  const at = new Date(earlier.updated_at)
  const when = Number.isNaN(at.getTime()) ? '' : ` at ${at.toISOString()}`
  return `imported from ${format}, where ${kind}:${toldName(name!, 'person')} wrote it${when}`
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

/** A change without what was joined to it. */
function asChange({ memory_store_id, store, proposed_at, ...change }: StoredChange): Change {
  return change
}

function notFound(noun: string, name: string, hint: string): EngineError {
  return new EngineError(
    'not_found_error',
    name === '' ? `there is no ${noun} yet` : `there is no ${noun} ${name}`,
    { hint },
  )
}

/** What has this id, or an id that begins with it. */
function theOne<T>(noun: string, id: string, found: T[], hint: string): T {
  if (found.length === 1) return found[0]!
  if (found.length === 0) throw notFound(noun, id, hint)
  throw new EngineError('invalid_request_error', `${found.length} ${noun}s begin with ${id}`, {
    hint: 'give more of the id',
  })
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
