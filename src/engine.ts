/**
 * The engine: what every door calls, and the one place where database, pipeline and clock are put together.
 *
 *     const engine = openEngine({ database: 'reverie.db' })
 *     await engine.ingest(['~/.claude/projects'])
 *     const [report] = await engine.dream()
 *     report.changes // what the agent's memory would gain
 *
 * What it does stands in `engine/`, a file for each noun.
 */
import { sessionFolders } from './1-ingest/find.ts'
import type { PolicyError } from './5-decide/policy-file.ts'
import { openDatabase } from './db/database.ts'
import { insertWorkspace, listWorkspaces, updateWorkspace } from './db/workspaces.ts'
import { EngineError } from './domain/error.ts'
import { sha256 } from './domain/id.ts'
import type { Actor } from './domain/memory.ts'
import { type Page, type PageRequest, pageOf } from './domain/page.ts'
import type { PrivacyChoice } from './domain/pii.ts'
import type { Policy } from './domain/policy.ts'
import { hostNamed, regionNamed } from './domain/residency.ts'
import { type Workspace, workspaceNamed } from './domain/workspace.ts'
import { agentsOf } from './engine/agents.ts'
import { auditOf } from './engine/audit.ts'
import { changesOf } from './engine/changes.ts'
import { dreamRequestsOf } from './engine/dream-requests.ts'
import { dreamsOf } from './engine/dreams.ts'
import { environmentsOf } from './engine/environments.ts'
import { exchangeOf } from './engine/exchange.ts'
import { openFeed } from './engine/feed.ts'
import { healthOf } from './engine/health.ts'
import { importsOf } from './engine/imports.ts'
import { type JobReport, type Jobs, startJobs } from './engine/jobs.ts'
import { keysOf } from './engine/keys.ts'
import { lessonsOf } from './engine/lessons.ts'
import { memoriesOf } from './engine/memories.ts'
import { memoryStoresOf } from './engine/memory-stores.ts'
import { memoryWritesOf } from './engine/memory-writes.ts'
import type { Opened } from './engine/opened.ts'
import { policiesOf } from './engine/policies.ts'
import { recordedEventsOf } from './engine/recorded-events.ts'
import { recordingsOf } from './engine/recordings.ts'
import { schedulesOf } from './engine/schedules.ts'
import { sessionsOf } from './engine/sessions.ts'
import { webhooksOf } from './engine/webhooks.ts'
import { workspaceOf } from './engine/workspaces.ts'

export type { PolicyError } from './5-decide/policy-file.ts'
export type { Verification } from './db/audit.ts'
export type { Folder, MemoryItem } from './db/memories.ts'
export type { HistoryRow, WrittenVersion } from './db/memory-versions.ts'
export type { PolicyInForce } from './db/policies.ts'
export type { SessionRow } from './db/sessions.ts'
export type { DreamReport, Stage } from './dream.ts'
export type { AuditRow, SignedWith, VerifiedAudit } from './engine/audit.ts'
export type { AdoptReport, AdoptWanted, ChangesWanted, DecideReport, ShownChange } from './engine/changes.ts'
export type { DreamWanted } from './engine/dream-requests.ts'
export type { DreamOptions } from './engine/dreams.ts'
export type { ImportOptions, ImportReport } from './engine/exchange.ts'
export type { Feed } from './engine/feed.ts'
export type { ImportChoice } from './engine/imports.ts'
export type { JobReport, Jobs } from './engine/jobs.ts'
export type { NewKey } from './engine/keys.ts'
export type { EvidenceOfLesson, Lesson, LessonsWanted, Risk } from './engine/lessons.ts'
export type { MemoryDiff, StoredMemory, StoredVersion, StoreRestoredReport } from './engine/memories.ts'
export type { View } from './engine/memory-writes.ts'
export type { PolicyFile, PolicySetting, PolicyTrial } from './engine/policies.ts'
export type { EventsWanted, Followed, SessionThread } from './engine/recorded-events.ts'
export type {
  PageBothWays,
  ResourceWanted,
  SessionPatch,
  SessionsWanted,
  SessionWanted,
  ShownSession,
} from './engine/recordings.ts'
export type { ScheduleChange, ShownSchedule } from './engine/schedules.ts'
export type { IngestChoice } from './engine/sessions.ts'
export type { ErasureReport } from './erasure/erase.ts'
export type { RetentionReport } from './erasure/retention.ts'
export type { Format } from './exchange/exchange.ts'
export type { ExchangeFile, Export } from './exchange/file.ts'
export type { ListedChange } from './govern/changes.ts'
export type { Choice, PersonsWord } from './govern/decide.ts'
export type { OutputMemory } from './govern/dream-output.ts'
export type { Restored } from './govern/restore.ts'
export type { TriedChange } from './govern/try-policy.ts'
export type { Undone } from './govern/undo.ts'
export type { IngestReport, Skipped } from './ingest.ts'
export type { Body, StreamReport } from './ingest-stream.ts'

export type Engine = ReturnType<typeof openEngine>

/** Opens a workspace of a database, that named default unless another is named. It can neither see nor change anything of the others. */
export function openEngine(options: {
  database: string
  workspace?: string
  now?: () => Date
  allows_private_webhooks?: boolean
  /** Personal data that is redacted in all that is put in over the wire. */
  redacts?: PrivacyChoice
}) {
  const db = openDatabase(options.database, options.workspace)
  const { now = () => new Date(), allows_private_webhooks, redacts } = options
  return engineOver({ db, now, allows_private_webhooks, redacts })
}

function engineOver(opened: Opened) {
  return {
    /** Where the harnesses on this machine keep their sessions; only folders that exist. */
    sessionFolders,
    ...sessionsOf(opened),
    ...recordingsOf(opened),
    ...recordedEventsOf(opened),
    ...agentsOf(opened),
    ...environmentsOf(opened),
    ...importsOf(opened),
    ...dreamsOf(opened),
    ...dreamRequestsOf(opened),
    ...lessonsOf(opened),
    ...changesOf(opened),
    ...memoriesOf(opened),
    ...memoryStoresOf(opened),
    ...memoryWritesOf(opened),
    ...exchangeOf(opened),
    ...policiesOf(opened),
    ...auditOf(opened),
    ...schedulesOf(opened),
    ...webhooksOf(opened),
    ...workspaceOf(opened),
    close: () => opened.db.destroy(),
  }
}

/** The thread that works jobs carries the log over; the one that answers does it only where that one cannot keep up, at 64 MB. */
const SERVING = { checkpoint_pages: 16_384 }

export type Server = ReturnType<typeof openServer>

/** All workspaces of a database, each opened for whoever has a key to it. */
export function openServer(options: {
  database: string
  now?: () => Date
  allows_private_webhooks?: boolean
  /** Personal data that is redacted in all that is put in over the wire. */
  redacts?: PrivacyChoice
}) {
  const db = openDatabase(options.database, undefined, SERVING)
  const { now = () => new Date(), allows_private_webhooks, redacts } = options
  const engines = new Map<string, Engine>()
  const feed = openFeed(db)
  return {
    now,
    /** Tells of events of sessions of every workspace as they are written: who listens has been let in before. */
    feed,
    ...keysOf({ db, now }),
    ...healthOf({ db, now }),

    /** The engine of the workspace of that id. */
    engineOf(workspace_id: string): Engine {
      const known = engines.get(workspace_id)
      if (known) return known
      const own = openDatabase(options.database, { id: workspace_id }, SERVING)
      const engine = engineOver({ db: own, now, allows_private_webhooks, redacts })
      engines.set(workspace_id, engine)
      return engine
    },

    /** Works jobs, of all workspaces, in a thread of their own, until it is stopped: before the server is closed. */
    startJobs({ report }: { report: (it: JobReport) => void }): Jobs {
      const { database } = options
      return startJobs(db, { database, allows_private_webhooks: allows_private_webhooks ?? false }, report)
    },

    async close(): Promise<void> {
      feed.close()
      for (const it of engines.values()) await it.close()
      await db.destroy()
    },
  }
}

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
    async create({ name, ...allowed }: NewWorkspace, as: Actor): Promise<Workspace> {
      const workspace = {
        name: workspaceNamed(name),
        created_at: now().toISOString(),
        ...{ offline: false, regions: [], model_hosts: [] },
        ...checkedAllowance(allowed),
      }
      return db.transaction().execute((tx) => insertWorkspace(tx, workspace, as))
    },

    /** What is given takes the place of what the workspace allowed; what is not stays. Throws `not_found_error` for a name that is not there. */
    async change({ name, ...allowed }: NewWorkspace, as: Actor): Promise<Workspace> {
      const by = { actor: as, at: now().toISOString() }
      const changed = await db
        .transaction()
        .execute((tx) => updateWorkspace(tx, name, checkedAllowance(allowed), by))
      if (changed) return changed
      throw new EngineError('not_found_error', `there is no workspace ${name}`, {
        hint: '`reverie workspace list` shows those that are there',
      })
    },

    close: () => db.destroy(),
  }
}

function checkedAllowance({ offline, regions, model_hosts }: Omit<NewWorkspace, 'name'>) {
  return {
    ...(offline === undefined ? {} : { offline }),
    ...(regions === undefined ? {} : { regions: [...new Set(regions.map(regionNamed))] }),
    ...(model_hosts === undefined ? {} : { model_hosts: [...new Set(model_hosts.map(hostNamed))] }),
  }
}

/** What is wrong with the text of a policy, by line and column; nothing where it could be put in force. Needs no database. */
export async function checkPolicy(text: string): Promise<PolicyCheck> {
  const { readPolicy } = await import('./5-decide/policy-file.ts')
  return { ...readPolicy(text), sha256: sha256(text) }
}

export type PolicyCheck = { policy: Policy | null; errors: PolicyError[]; sha256: string }
