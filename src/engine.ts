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
import type { AuditRecord } from './domain/audit.ts'
import { sha256 } from './domain/id.ts'
import type { PrivacyChoice } from './domain/pii.ts'
import type { Policy } from './domain/policy.ts'
import { openFeed } from './engine/feed.ts'
import { type JobReport, type Jobs, startJobs } from './engine/jobs.ts'
import type { Opened } from './engine/opened.ts'

export type { PolicyError } from './5-decide/policy-file.ts'
export type { Verification } from './db/audit.ts'
export type { Folder, MemoryItem } from './db/memories.ts'
export type { HistoryRow, WrittenVersion } from './db/memory-versions.ts'
export type { PolicyInForce } from './db/policies.ts'
export type { SessionRow } from './db/sessions.ts'
export type { DreamReport, Stage } from './dream.ts'
export type { AuditRow, SignedWith, VerifiedAudit } from './engine/audit.ts'
export type { BaselineWanted } from './engine/baselines.ts'
export type { AdoptReport, AdoptWanted, ChangesWanted, DecideReport, ShownChange } from './engine/changes.ts'
export type { DreamWanted } from './engine/dream-requests.ts'
export type { DreamOptions, PlannedDream } from './engine/dreams.ts'
export type { DriftWanted } from './engine/drift.ts'
export type { ImportOptions, ImportReport } from './engine/exchange.ts'
export type { ExperimentsWanted, ExperimentWanted, ShownExperiment } from './engine/experiments.ts'
export type { Feed } from './engine/feed.ts'
export type { HarnessSession, SessionBegun } from './engine/harness-sessions.ts'
export type { ImportChoice } from './engine/imports.ts'
export type { JobReport, Jobs } from './engine/jobs.ts'
export type { NewKey } from './engine/keys.ts'
export type { EvidenceOfLesson, Lesson, LessonsWanted } from './engine/lessons.ts'
export type { ExperimentWithLifts, LiftsWanted } from './engine/lifts.ts'
export type { MemoryDiff, StoredMemory, StoredVersion, StoreRestoredReport } from './engine/memories.ts'
export type { View } from './engine/memory-writes.ts'
export type { ModelSetup, ShownProvider } from './engine/models.ts'
export type { PolicyFile, PolicySetting, PolicyTrial } from './engine/policies.ts'
export type { Recalled, RecallWanted } from './engine/recalls.ts'
export type { EventsWanted, Followed, SessionThread } from './engine/recorded-events.ts'
export type {
  PageBothWays,
  ResourceWanted,
  SessionPatch,
  SessionsWanted,
  SessionWanted,
  ShownSession,
} from './engine/recordings.ts'
export type { ReportWanted } from './engine/reports.ts'
export type { Risk } from './engine/risk.ts'
export type { ScheduleChange, ShownSchedule } from './engine/schedules.ts'
export type { IngestChoice } from './engine/sessions.ts'
export type { NewWorkspace } from './engine/workspaces.ts'
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
  /** Path of `models.yaml`, which says what models may be asked; without it, none is unless one is named. */
  models_file?: string
  /** Of somebody in a hurry: the longest wait for others, in ms. The database is then opened as it stands, neither made nor migrated. */
  patience_ms?: number
}) {
  const { patience_ms } = options
  const hurry = patience_ms === undefined ? {} : { patience_ms, as_it_stands: true }
  const db = openDatabase(options.database, options.workspace, hurry)
  const { now = () => new Date(), allows_private_webhooks, redacts, models_file } = options
  return engineOver({ db, now, allows_private_webhooks, redacts, models_file })
}

function engineOver(opened: Opened) {
  return {
    /** Where the harnesses on this machine keep their sessions; only folders that exist. */
    sessionFolders,
    ...later(
      async () => (await import('./engine/sessions.ts')).sessionsOf(opened),
      ['ingest', 'sessions', 'session', 'agents', 'recordingsBehind', 'erase', 'finishErasure', 'retain'],
    ),
    ...later(
      async () => (await import('./engine/recordings.ts')).recordingsOf(opened),
      [
        'createSession',
        'sessionById',
        'sessionList',
        'updateSession',
        'archiveSession',
        'deleteSession',
        'addFile',
        'renewRepository',
        'removeResource',
        'resourceById',
        'settle',
      ],
    ),
    ...later(
      async () => (await import('./engine/recorded-events.ts')).recordedEventsOf(opened),
      ['sendEvents', 'eventList', 'followed', 'threadList', 'threadById', 'archiveThread', 'threadEvents'],
    ),
    ...later(
      async () => (await import('./engine/agents.ts')).agentsOf(opened),
      ['createAgent', 'agentById', 'agentList', 'agentVersions', 'changeAgent', 'archiveAgent'],
    ),
    ...later(
      async () => (await import('./engine/environments.ts')).environmentsOf(opened),
      [
        'createEnvironment',
        'environmentById',
        'environmentList',
        'changeEnvironment',
        'archiveEnvironment',
        'deleteEnvironment',
      ],
    ),
    ...later(async () => (await import('./engine/imports.ts')).importsOf(opened), ['importSessions']),
    ...later(
      async () => (await import('./engine/dreams.ts')).dreamsOf(opened),
      ['dream', 'dreams', 'dreamReport', 'digests'],
    ),
    ...later(
      async () => (await import('./engine/dream-requests.ts')).dreamRequestsOf(opened),
      ['requestDream', 'requestedDream', 'requestedDreams', 'cancelDream', 'archiveDream'],
    ),
    ...later(async () => (await import('./engine/lessons.ts')).lessonsOf(opened), ['lessons', 'evidence']),
    ...later(async () => (await import('./engine/risk.ts')).riskOf(opened), ['risk']),
    ...later(async () => (await import('./engine/baselines.ts')).baselinesOf(opened), ['baseline']),
    ...later(async () => (await import('./engine/models.ts')).modelsOf(opened), ['models']),
    ...later(async () => (await import('./engine/reports.ts')).reportsOf(opened), ['report']),
    ...later(async () => (await import('./engine/drift.ts')).driftOf(opened), ['drift']),
    ...later(async () => (await import('./engine/fitness.ts')).fitnessOf(opened), ['fitness']),
    ...later(
      async () => (await import('./engine/experiments.ts')).experimentsOf(opened),
      ['experiments', 'experiment', 'startExperiment', 'endExperiment'],
    ),
    ...later(async () => (await import('./engine/lifts.ts')).liftsOf(opened), ['lifts']),
    ...later(
      async () => (await import('./engine/recalls.ts')).recallsOf(opened),
      ['recall', 'recalls', 'recallById'],
    ),
    ...later(
      async () => (await import('./engine/changes.ts')).changesOf(opened),
      ['changes', 'change', 'waiting', 'decide', 'adopt', 'undo'],
    ),
    ...later(
      async () => (await import('./engine/memories.ts')).memoriesOf(opened),
      [
        'memoryStores',
        'memoryStore',
        'memories',
        'memory',
        'memoryHistory',
        'memoryVersion',
        'memoryDiff',
        'restoreMemory',
        'restoreStore',
        'removeMemory',
        'dreamOutput',
      ],
    ),
    ...later(
      async () => (await import('./engine/memory-stores.ts')).memoryStoresOf(opened),
      ['createStore', 'storeById', 'listStores', 'updateStore', 'archiveStore', 'deleteStore'],
    ),
    ...later(
      async () => (await import('./engine/memory-writes.ts')).memoryWritesOf(opened),
      [
        'createMemory',
        'memoryById',
        'updateMemory',
        'deleteMemory',
        'listMemories',
        'listVersions',
        'versionById',
        'redactVersion',
      ],
    ),
    ...later(
      async () => (await import('./engine/exchange.ts')).exchangeOf(opened),
      ['exportMemories', 'importMemories'],
    ),
    ...later(
      async () => (await import('./engine/policies.ts')).policiesOf(opened),
      ['policy', 'policyHistory', 'setPolicy', 'testPolicy'],
    ),
    ...later(
      async () => (await import('./engine/audit.ts')).auditOf(opened),
      ['audit', 'auditHead', 'verifyAudit', 'signAudit'],
    ),
    /** Every audit record in the order of the chain. */
    async *auditLog(): AsyncGenerator<AuditRecord> {
      yield* (await import('./engine/audit.ts')).auditLog(opened)
    },
    ...later(
      async () => (await import('./engine/schedules.ts')).schedulesOf(opened),
      [
        'createSchedule',
        'schedules',
        'schedule',
        'changeSchedule',
        'archiveSchedule',
        'pauseSchedule',
        'unpauseSchedule',
        'runSchedule',
        'scheduleRuns',
        'scheduleRun',
      ],
    ),
    ...later(
      async () => (await import('./engine/webhooks.ts')).webhooksOf(opened),
      [
        'createWebhook',
        'webhooks',
        'webhook',
        'changeWebhook',
        'deleteWebhook',
        'testWebhook',
        'replaceWebhookSecret',
        'webhookDeliveries',
      ],
    ),
    ...later(
      async () => (await import('./engine/harness-sessions.ts')).harnessSessionsOf(opened),
      ['sessionBegins', 'storeEnded', 'dreamWhereDue'],
    ),
    ...later(async () => (await import('./engine/workspaces.ts')).workspaceOf(opened), ['workspace']),
    close: () => opened.db.destroy(),
  }
}

/**
 * The named methods of a noun, whose code is loaded when one of them is called: a command needs one or two nouns, and a hook has no time
 * for the others. A method that is not named is not the engine's.
 */
function later<T extends Record<keyof T, Later>, const K extends keyof T>(
  load: () => Promise<T>,
  names: K[],
): Pick<T, K> {
  let loaded: Promise<T> | null = null
  const call = async (name: K, given: Parameters<T[K]>) => {
    loaded ??= load()
    return (await loaded)[name](...given)
  }
  return Object.fromEntries(
    names.map((name) => [name, (...given: Parameters<T[K]>) => call(name, given)]),
  ) as Pick<T, K>
}

// biome-ignore lint/suspicious/noExplicitAny: what each takes and gives is told by its noun; here it only has to be a promise.
type Later = (...given: any[]) => Promise<any>

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
  /** As of `openEngine`. */
  models_file?: string
}) {
  const db = openDatabase(options.database, undefined, SERVING)
  const { now = () => new Date(), allows_private_webhooks, redacts, models_file } = options
  const engines = new Map<string, Engine>()
  const feed = openFeed(db)
  return {
    now,
    /** Tells of events of sessions of every workspace as they are written: who listens has been let in before. */
    feed,
    ...later(
      async () => (await import('./engine/keys.ts')).keysOf({ db, now }),
      ['createKey', 'keys', 'revokeKey', 'hasKey', 'authenticate'],
    ),
    ...later(async () => (await import('./engine/health.ts')).healthOf({ db, now }), ['isReady', 'counts']),

    /** The engine of the workspace of that id. */
    engineOf(workspace_id: string): Engine {
      const known = engines.get(workspace_id)
      if (known) return known
      const own = openDatabase(options.database, { id: workspace_id }, SERVING)
      const engine = engineOver({ db: own, now, allows_private_webhooks, redacts, models_file })
      engines.set(workspace_id, engine)
      return engine
    },

    /** Works jobs, of all workspaces, in a thread of their own, until it is stopped: before the server is closed. */
    startJobs({ report }: { report: (it: JobReport) => void }): Jobs {
      const { database } = options
      const given = { database, allows_private_webhooks: allows_private_webhooks ?? false, models_file }
      return startJobs(db, given, report)
    },

    async close(): Promise<void> {
      feed.close()
      for (const it of engines.values()) await it.close()
      await db.destroy()
    },
  }
}

export type Workspaces = ReturnType<typeof openWorkspaces>

/** The workspaces of a database: for whoever looks after the whole of it, and so apart from what one of them may see. */
export function openWorkspaces(options: { database: string; now?: () => Date }) {
  const db = openDatabase(options.database)
  const now = options.now ?? (() => new Date())
  return {
    ...later(
      async () => (await import('./engine/workspaces.ts')).workspacesOf({ db, now }),
      ['list', 'create', 'change'],
    ),
    close: () => db.destroy(),
  }
}

/** What is wrong with the text of a policy, by line and column; nothing where it could be put in force. Needs no database. */
export async function checkPolicy(text: string): Promise<PolicyCheck> {
  const { readPolicy } = await import('./5-decide/policy-file.ts')
  return { ...readPolicy(text), sha256: sha256(text) }
}

export type PolicyCheck = { policy: Policy | null; errors: PolicyError[]; sha256: string }
