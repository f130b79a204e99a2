/**
 * Two workspaces and two agents share a database, and neither workspace can tell that the other is there.
 *
 * Every method of the engine is in the table below; one that is not makes the first test fail. What a workspace is
 * told is the same, to the last count and hash, as what it is told in a database of its own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { readSession } from '../../src/db/sessions.ts'
import { newKeyPair } from '../../src/domain/audit-signature.ts'
import { ChangeStatus } from '../../src/domain/change.ts'
import type { Page, PageRequest } from '../../src/domain/page.ts'
import { type Engine, openEngine } from '../../src/engine.ts'
import { type Act, AGENTS, type AgentName, type Tenant, tenant } from './tenants.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-isolation-'))
afterAll(() => rmSync(scratch, { recursive: true }))
let databases = 0

type Reading = {
  /** Everything that this method tells a workspace of itself. */
  all?: (engine: Engine) => Promise<unknown>
  /** What it tells of one agent, or of the memory store of that name. */
  of?: (engine: Engine, agent: AgentName) => Promise<unknown>
  /** Asks for what has that id or name. */
  by_id?: (engine: Engine, id: string) => Promise<unknown>
}

const EXPORT = { existing: null, replace: false }
const POLICY = { file: 'policy.yaml', text: 'format_version: 1\n' }
const SCHEDULE = {
  name: 'nightly',
  description: null,
  metadata: {},
  model: { id: 'none', speed: 'standard' },
  instructions: null,
  output_behavior: 'update_existing',
  cron: null,
  threshold: null,
} as const
const EVERY_CHANGE = { status: ChangeStatus.options }
const EVERY_MEMORY = { path_prefix: null, is_shallow: false, view: 'full' } as const
const REWRITE = { path: null, content: 'Mine.', expected: null }
const WORD = { decision: 'approved', reason: '', edited: null, until: null, covered_by: null } as const

const EVERY_SESSION = { created: {}, include_archived: true, order: 'desc', limit: 7, page: null } as const
const EVERY_EVENT = { processed: {}, order: 'asc' } as const

function allSessions(engine: Engine) {
  return every(({ page = null }) => engine.sessionList({ ...EVERY_SESSION, page }))
}

const READINGS: { [Method in keyof Engine]: Reading | string } = {
  sessionFolders: 'reads folders, not the database',
  close: 'tells nothing',
  ingest: 'tells of the files it is given; known sessions are in the property',
  importSessions: 'tells of the transcript it is given, as ingest does',
  storeEnded: 'tells of the files it is given, as ingest does',
  sessionBegins: 'tells what recall tells of an agent of that name',
  dreamWhereDue: 'tells what dream tells',
  signAudit: {
    all: async (it) => ({ ...(await it.signAudit(KEY.private_key)), signature: null }),
  },
  // That of the default one is when the database was made, by the real clock.
  workspace: { all: async (it) => ({ ...(await it.workspace()), created_at: null }) },
  agents: { all: (it) => it.agents() },
  sessions: {
    all: (it) => every((page) => it.sessions(page)),
    of: (it, agent) => every((page) => it.sessions({ agent, ...page })),
  },
  session: {
    all: async (it) =>
      Promise.all((await every((page) => it.sessions(page))).map(({ id }) => it.session(id))),
    by_id: (it, id) => it.session(id),
  },
  createStore: 'tells of what was just made',
  createSchedule: { by_id: (it, id) => it.createSchedule({ ...SCHEDULE, memory_store_id: id }, 'user:ann') },
  schedules: {
    all: (it) => every((page) => it.schedules({ include_archived: true, ...page })),
    by_id: (it, id) => it.schedules({ memory_store_id: id }),
  },
  schedule: { by_id: (it, id) => it.schedule(id) },
  changeSchedule: { by_id: (it, id) => it.changeSchedule(id, { name: 'mine' }, 'user:ann') },
  archiveSchedule: { by_id: (it, id) => it.archiveSchedule(id, 'user:ann') },
  pauseSchedule: { by_id: (it, id) => it.pauseSchedule(id, 'user:ann') },
  unpauseSchedule: { by_id: (it, id) => it.unpauseSchedule(id, 'user:ann') },
  runSchedule: { by_id: (it, id) => it.runSchedule(id, 'user:ann') },
  scheduleRuns: {
    all: (it) => every((page) => it.scheduleRuns(page)),
    by_id: (it, id) => it.scheduleRuns({ schedule_id: id }),
  },
  scheduleRun: { by_id: (it, id) => it.scheduleRun(id) },
  createWebhook: 'tells of what was just made',
  models: { all: (it) => it.models() },
  webhooks: { all: (it) => every((page) => it.webhooks(page)) },
  webhook: { by_id: (it, id) => it.webhook(id) },
  changeWebhook: { by_id: (it, id) => it.changeWebhook(id, { description: 'mine' }, 'user:ann') },
  deleteWebhook: { by_id: (it, id) => it.deleteWebhook(id, 'user:ann') },
  testWebhook: { by_id: (it, id) => it.testWebhook(id) },
  replaceWebhookSecret: { by_id: (it, id) => it.replaceWebhookSecret(id, 'user:ann') },
  webhookDeliveries: { by_id: (it, id) => it.webhookDeliveries(id) },
  storeById: { by_id: (it, id) => it.storeById(id) },
  listStores: { all: (it) => every((page) => it.listStores({ include_archived: true, ...page })) },
  updateStore: { by_id: (it, id) => it.updateStore(id, () => ({ description: 'x' }), 'user:ann') },
  archiveStore: { by_id: (it, id) => it.archiveStore(id, 'user:ann') },
  deleteStore: { by_id: (it, id) => it.deleteStore(id, 'user:ann') },
  createMemory: { by_id: (it, id) => it.createMemory(id, { path: '/a.md', content: '' }, 'user:ann') },
  updateMemory: {
    by_id: async (it, id) => inOwn(it, (store) => it.updateMemory(store ?? id, id, REWRITE, 'user:ann')),
  },
  deleteMemory: {
    by_id: async (it, id) => inOwn(it, (store) => it.deleteMemory(store ?? id, id, null, 'user:ann')),
  },
  memoryById: { by_id: async (it, id) => inOwn(it, (store) => it.memoryById(store ?? id, id)) },
  listMemories: {
    all: async (it) => inStores(it, (store, page) => it.listMemories(store, { ...EVERY_MEMORY, ...page })),
    by_id: (it, id) => it.listMemories(id, EVERY_MEMORY),
  },
  listVersions: {
    all: async (it) => inStores(it, (store, page) => it.listVersions(store, {}, { view: 'full', ...page })),
    by_id: async (it, id) => inOwn(it, (store) => it.listVersions(store ?? id, {}, { view: 'full' })),
  },
  versionById: { by_id: async (it, id) => inOwn(it, (store) => it.versionById(store ?? id, id)) },
  redactVersion: {
    by_id: async (it, id) => inOwn(it, (store) => it.redactVersion(store ?? id, id, 'user:ann')),
  },
  createSession: 'tells of what was just made',
  sessionById: {
    all: async (it) => Promise.all((await allSessions(it)).map(({ id }) => it.sessionById(id))),
    by_id: (it, id) => it.sessionById(id),
  },
  sessionList: {
    all: allSessions,
    by_id: async (it, id) => [
      await it.sessionList({ ...EVERY_SESSION, agent_id: id }),
      await it.sessionList({ ...EVERY_SESSION, memory_store_id: id }),
    ],
  },
  updateSession: { by_id: (it, id) => it.updateSession(id, { title: 'Mine' }) },
  archiveSession: { by_id: (it, id) => it.archiveSession(id) },
  deleteSession: { by_id: (it, id) => it.deleteSession(id, 'user:ann') },
  addFile: { by_id: (it, id) => it.addFile(id, { file_id: 'file_1', mount_path: null }) },
  renewRepository: { by_id: (it, id) => it.renewRepository(id, 'sesrsc_1') },
  removeResource: { by_id: (it, id) => it.removeResource(id, 'sesrsc_1') },
  resourceById: { by_id: (it, id) => it.resourceById(id, 'sesrsc_1') },
  settle: { all: (it) => it.settle(), by_id: async (it, id) => (await it.settle([id])).skipped },
  sendEvents: { by_id: (it, id) => it.sendEvents(id, [{ type: 'user.interrupt' }]) },
  eventList: {
    all: async (it) =>
      Promise.all(
        (await allSessions(it)).map(({ id }) =>
          every((page) => it.eventList(id, { ...EVERY_EVENT, ...page })),
        ),
      ),
    by_id: (it, id) => it.eventList(id, EVERY_EVENT),
  },
  followed: { by_id: (it, id) => it.followed(id) },
  threadList: {
    all: async (it) => Promise.all((await allSessions(it)).map(({ id }) => it.threadList(id, {}))),
    by_id: (it, id) => it.threadList(id, {}),
  },
  threadById: { by_id: (it, id) => it.threadById(id, id) },
  archiveThread: { by_id: (it, id) => it.archiveThread(id, id) },
  threadEvents: { by_id: (it, id) => it.threadEvents(id, id, {}) },
  createAgent: 'tells of what was just made',
  agentById: { by_id: (it, id) => it.agentById(id) },
  agentList: { all: (it) => every((page) => it.agentList({ include_archived: true, created: {}, ...page })) },
  agentVersions: { by_id: (it, id) => it.agentVersions(id, {}) },
  changeAgent: { by_id: (it, id) => it.changeAgent(id, { description: 'Mine' }) },
  archiveAgent: { by_id: (it, id) => it.archiveAgent(id) },
  createEnvironment: 'tells of what was just made',
  environmentById: { by_id: (it, id) => it.environmentById(id) },
  environmentList: { all: (it) => every((page) => it.environmentList({ include_archived: true, ...page })) },
  changeEnvironment: { by_id: (it, id) => it.changeEnvironment(id, { name: 'Mine' }) },
  archiveEnvironment: { by_id: (it, id) => it.archiveEnvironment(id) },
  deleteEnvironment: { by_id: (it, id) => it.deleteEnvironment(id) },
  memoryStores: { all: (it) => it.memoryStores() },
  memoryStore: {
    of: (it, agent) => it.memoryStore(agent),
    by_id: (it, id) => it.memoryStore(id),
  },
  recordingsBehind: { by_id: async (it, id) => [...(await it.recordingsBehind([id]))] },
  dream: {
    all: (it) => it.dream({ dry_run: true }),
    of: (it, agent) => it.dream({ agent, dry_run: true }),
    by_id: (it, id) => it.dream({ agent: id, dry_run: true }),
  },
  dreams: {
    all: (it) => every((page) => it.dreams(page)),
    of: (it, store) => every((page) => it.dreams({ store, ...page })),
    by_id: (it, id) => it.dreams({ store: id }),
  },
  requestDream: {
    by_id: (it, id) =>
      it.requestDream(
        {
          ...{ memory_store_id: id, session_ids: [id], instructions: null },
          ...{ model: { id: 'none', speed: 'standard' }, output_behavior: 'create_new' },
        },
        'user:ann',
      ),
  },
  requestedDream: {
    all: async (it) =>
      Promise.all((await every((page) => it.dreams(page))).map(({ id }) => it.requestedDream(id))),
    by_id: (it, id) => it.requestedDream(id),
  },
  requestedDreams: { all: (it) => every((page) => it.requestedDreams({ include_archived: true, ...page })) },
  cancelDream: { by_id: (it, id) => it.cancelDream(id, 'user:ann') },
  archiveDream: { by_id: (it, id) => it.archiveDream(id, 'user:ann') },
  dreamReport: {
    all: async (it) =>
      Promise.all((await every((page) => it.dreams(page))).map(({ id }) => it.dreamReport(id))),
    by_id: (it, id) => it.dreamReport(id),
  },
  digests: {
    all: (it) => every((page) => it.digests(page)),
    of: (it, store) => every((page) => it.digests({ store, ...page })),
    by_id: (it, id) => it.digests({ dream: id }),
  },
  changes: {
    all: (it) => every((page) => it.changes({ ...EVERY_CHANGE, ...page })),
    of: (it, store) => every((page) => it.changes({ ...EVERY_CHANGE, store, ...page })),
    by_id: (it, id) => it.changes({ dream: id }),
  },
  change: {
    all: async (it) =>
      Promise.all(
        (await every((page) => it.changes({ ...EVERY_CHANGE, ...page }))).map(({ id }) => it.change(id)),
      ),
    by_id: (it, id) => it.change(id),
  },
  waiting: {
    all: (it) => it.waiting(),
    of: (it, store) => it.waiting(store),
    by_id: (it, id) => it.waiting(id),
  },
  decide: { by_id: (it, id) => it.decide([{ id }], WORD, 'user:ann') },
  adopt: {
    by_id: async (it, id) => [
      await it.adopt({ changes: [id] }, 'user:ann').catch(messageOf),
      await it.adopt({ dream: id }, 'user:ann').catch(messageOf),
      await it.adopt({ store: id }, 'user:ann').catch(messageOf),
    ],
  },
  undo: { by_id: (it, id) => it.undo(id, { as: 'user:ann' }) },
  dreamOutput: {
    all: async (it) =>
      Promise.all((await every((page) => it.dreams(page))).map(({ id }) => it.dreamOutput(id))),
    by_id: (it, id) => it.dreamOutput(id),
  },
  lessons: {
    all: (it) => every((page) => it.lessons({ candidates: true, ...page })),
    of: (it, store) => every((page) => it.lessons({ candidates: true, store, ...page })),
    by_id: (it, id) => it.lessons({ store: id }),
  },
  evidence: {
    all: async (it) =>
      Promise.all(
        (await every((page) => it.lessons({ candidates: true, ...page }))).map(({ id }) =>
          it.evidence(id).catch(messageOf),
        ),
      ),
    by_id: (it, id) => it.evidence(id),
  },
  risk: {
    all: (it) => every((page) => it.risk(page)),
    of: (it, agent) => every((page) => it.risk({ agent, ...page })),
    by_id: (it, id) => it.risk({ store: id }),
  },
  drift: {
    // What they do is done within a day, and other windows than the sessions' have nothing to tell.
    all: async (it) =>
      Promise.all(
        (await it.agents()).map(({ agent }) => it.drift({ agent, window_days: 1 }).catch(messageOf)),
      ),
    of: (it, agent) => it.drift({ agent, window_days: 1 }).catch(messageOf),
    by_id: async (it, id) => [
      await it.drift({ agent: id }).catch(messageOf),
      await it.drift({ store: id }).catch(messageOf),
    ],
  },
  fitness: {
    all: (it) => every((page) => it.fitness(page)),
    of: (it, agent) => it.fitness({ agent }),
    by_id: (it, id) => it.fitness({ agent: id }),
  },
  recall: {
    of: (it, agent) => it.recall({ agent, query: 'Please see to it' }, 'user:ann').catch(messageOf),
    by_id: async (it, id) => [
      await it.recall({ store: id }, 'user:ann').catch(messageOf),
      await it.recall({ agent: id }, 'user:ann').catch(messageOf),
      await it.recall({ session: id }, 'user:ann').catch(messageOf),
    ],
  },
  recalls: {
    all: (it) => every((page) => it.recalls(page)),
    of: (it, store) => every((page) => it.recalls({ store, ...page })),
    by_id: async (it, id) => [await it.recalls({ session: id }), await it.recalls({ store: id })],
  },
  recallById: {
    all: async (it) =>
      Promise.all((await every((page) => it.recalls(page))).map(({ id }) => it.recallById(id))),
    by_id: (it, id) => it.recallById(id),
  },
  experiments: {
    all: (it) => every((page) => it.experiments(page)),
    of: (it, store) => every((page) => it.experiments({ store, ...page })),
    by_id: (it, id) => it.experiments({ store: id }),
  },
  experiment: {
    all: async (it) =>
      Promise.all((await every((page) => it.experiments(page))).map(({ id }) => it.experiment(id))),
    by_id: (it, id) => it.experiment(id),
  },
  startExperiment: {
    by_id: async (it, id) => [
      await it.startExperiment({ store: id, control_agent: 'nobody' }, 'user:ann').catch(messageOf),
      await it.startExperiment({ agent: id, control_agent: 'nobody' }, 'user:ann').catch(messageOf),
      await it.startExperiment({ store: 'desk', control_agent: id }, 'user:ann').catch(messageOf),
      await it.startExperiment({ store: 'desk', pattern_id: id }, 'user:ann').catch(messageOf),
    ],
  },
  lifts: {
    all: (it) => every((page) => it.lifts(page)),
    of: (it, store) => every((page) => it.lifts({ store, ...page })),
    by_id: async (it, id) => [
      await it.lifts({ store: id }).catch(messageOf),
      await it.lifts({ experiment: id }).catch(messageOf),
    ],
  },
  endExperiment: { by_id: (it, id) => it.endExperiment(id, { reason: 'mine' }, 'user:ann') },
  report: {
    all: async (it) => ({ ...(await it.report()), made_at: null }),
    of: async (it, store) => (await it.report({ store })).stores,
    by_id: (it, id) => it.report({ store: id }),
  },
  baseline: {
    all: (it) => every((page) => it.baseline({ by_intent: true, ...page })),
    of: (it, agent) => every((page) => it.baseline({ agent, by_intent: true, ...page })),
    by_id: (it, id) => it.baseline({ agent: id }),
  },
  memories: {
    all: (it) => every((page) => it.memories(undefined, page)),
    of: (it, store) => every((page) => it.memories(store, page)),
    by_id: (it, id) => it.memories(id),
  },
  memory: {
    of: async (it, store) =>
      Promise.all(
        (await every((page) => it.memories(store, page))).map(({ path }) => it.memory(store, path)),
      ),
    by_id: (it, id) => it.memory(id, '/_index.md'),
  },
  memoryHistory: {
    of: async (it, store) =>
      Promise.all(
        (await every((page) => it.memories(store, page))).map(({ path }) =>
          every((page) => it.memoryHistory(store, path, page)),
        ),
      ),
    by_id: (it, id) => it.memoryHistory(id, '/_index.md'),
  },
  memoryVersion: {
    all: async (it) => Promise.all((await versionsOf(it)).map((id) => it.memoryVersion(id))),
    by_id: (it, id) => it.memoryVersion(id),
  },
  memoryDiff: {
    all: async (it) => Promise.all((await versionsOf(it)).map((id) => it.memoryDiff(undefined, id))),
    by_id: (it, id) => it.memoryDiff(undefined, id),
  },
  restoreMemory: { by_id: (it, id) => it.restoreMemory(id, { as: 'user:ann' }) },
  restoreStore: { by_id: (it, id) => it.restoreStore(id, { seq: 1 }, { as: 'user:ann' }) },
  removeMemory: {
    by_id: (it, id) => it.removeMemory(id, '/by-hand/0.md', { as: 'user:ann', reason: '' }),
  },
  exportMemories: {
    of: async (it, store) => {
      const { files, ...exported } = await it.exportMemories(store, 'markdown', EXPORT)
      return { ...exported, files: files.map(({ bytes }) => Buffer.from(bytes).toString()) }
    },
    by_id: (it, id) => it.exportMemories(id, 'markdown', EXPORT),
  },
  importMemories: {
    by_id: (it, id) =>
      it.importMemories([], { store: id, format: 'markdown', as: 'user:ann', replace: true, dry_run: false }),
  },
  erase: {
    all: (it) => it.erase({ before: '2027-01-01T00:00:00Z' }, { as: 'user:ann', dry_run: true }),
    of: (it, agent) => it.erase({ before: '2027-01-01T00:00:00Z', agent }, { as: 'user:ann', dry_run: true }),
    by_id: (it, id) => it.erase({ session_ids: [id] }, { as: 'user:ann', dry_run: true }),
  },
  retain: { all: (it) => it.retain(true) },
  finishErasure: 'is about the files, which all workspaces share',
  policy: {
    all: (it) => it.policy(),
    by_id: (it, id) => it.policy(id),
  },
  policyHistory: { all: (it) => every((page) => it.policyHistory(page)) },
  setPolicy: 'tells what it is given',
  testPolicy: {
    all: (it) => it.testPolicy(POLICY),
    by_id: (it, id) => it.testPolicy(POLICY, { dream: id }),
  },
  auditHead: { all: (it) => it.auditHead() },
  audit: { all: (it) => every((page) => it.audit(page)) },
  auditLog: { all: (it) => all(it.auditLog()) },
  verifyAudit: {
    all: (it) => it.verifyAudit(),
    by_id: (it, head) => it.verifyAudit({ head }),
  },
}

const KEY = newKeyPair()

/** What is told of that id in a store of its own, and in a store of that very id. */
async function inOwn(engine: Engine, ask: (store?: string) => Promise<unknown>): Promise<unknown> {
  const [store] = await engine.memoryStores()
  return [await ask(store!.id).catch(messageOf), await ask().catch(messageOf)]
}

/** The whole list in each of its stores. */
async function inStores(
  engine: Engine,
  list: (store: string, page: PageRequest) => Promise<Page<unknown>>,
): Promise<unknown> {
  const stores = await engine.memoryStores()
  return Promise.all(stores.map(({ id }) => every((page) => list(id, page))))
}

test('every method of the engine is in the table', async () => {
  const engine = openEngine({ database: ':memory:' })
  await engine.close()

  expect(Object.keys(engine).sort()).toEqual(Object.keys(READINGS).sort())
})

describe.each([
  { here: 'red', there: 'blue' },
  { here: 'red', there: 'default' },
  { here: 'default', there: 'blue' },
])('$here is told nothing of $there', ({ here, there }) => {
  test('whatever both of them do, in whatever order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(deed, { maxLength: 8 }), async (more) => {
        const erased: Deed = { is_here: false, act: { does: 'erase', of: 'everybody' } }
        const deeds = [...FIRST, erased, ...more]
        const [own, other] = await twoIn(newDatabase(), here, there)
        const [alone] = await twoIn(newDatabase(), here, there)
        for (const { is_here, act } of deeds) {
          await (is_here ? own : other).act(act)
          if (is_here) await alone.act(act)
        }

        const told = await everything(own.engine)
        expect(JSON.stringify(told)).not.toContain(other.word)
        expect(JSON.stringify(told)).toContain(own.word)
        expect(comparable(told)).toEqual(comparable(await everything(alone.engine)))
        for (const it of [own, other, alone]) await it.engine.close()
      }),
      { numRuns: 5 },
    )
  })
})

describe('in one database', () => {
  const path = newDatabase()
  const opened = (async () => {
    const [own, other] = await twoIn(path, 'red', 'blue')
    for (const { is_here, act } of FIRST) await (is_here ? own : other).act(act)
    return { own, other }
  })()
  afterAll(async () => {
    const { own, other } = await opened
    await own.engine.close()
    await other.engine.close()
  })

  test.each(readings('by_id'))(
    '%s finds nothing of the other by its id, and says no more than of one that is not there',
    async (_, byId) => {
      const { own, other } = await opened
      const mine = idsOf(path, own)
      const ids = [...idsOf(path, other)].filter((it) => !mine.has(it))
      expect(ids.length).toBeGreaterThan(50)

      for (const id of ids) {
        const unknown = id.replace(/[0-9a-z]{4}$/, (it) => (it === 'ffff' ? 'eeee' : 'ffff'))
        const said = await byId(own.engine, id).then(JSON.stringify, messageOf)
        const said_of_unknown = await byId(own.engine, unknown).then(JSON.stringify, messageOf)
        expect(said.replaceAll(id, 'ID')).toBe(said_of_unknown.replaceAll(unknown, 'ID'))
      }
    },
  )

  test.each(readings('of'))('%s of one agent tells nothing of the other', async (_, of) => {
    const { own } = await opened
    for (const [agent, other] of [AGENTS, AGENTS.toReversed()] as [AgentName, AgentName][]) {
      const told = JSON.stringify(await of(own.engine, agent))
      expect(told).not.toContain(`${own.word}${other}`)
      if (!NEEDS_NO_WORD.has(of)) expect(told).toContain(agent)
    }
  })

  test('the same transcript is a session in each, and a copy in neither', async () => {
    const { own, other } = await opened
    const shared = async ({ engine }: Tenant) =>
      (await every((page) => engine.sessions(page))).filter((it) =>
        it.external_session_id.startsWith('run-shared-'),
      )
    const [mine, theirs] = [await shared(own), await shared(other)]

    expect(mine).toHaveLength(12)
    expect(theirs).toHaveLength(12)
    expect(mine.map((it) => it.continues_session_id)).toEqual(mine.map(() => null))
    expect(new Set([...mine, ...theirs].map((it) => it.id)).size).toBe(24)
  })

  test('a change of a store by its id from another workspace is refused, and changes nothing', async () => {
    const { own, other } = await opened
    const standing = async () => [
      await every((page) => other.engine.memories(undefined, page)),
      await all(other.engine.auditLog()),
    ]
    const before = await standing()
    const [store] = await other.engine.memoryStores()
    const files = [{ name: 'mine.md', bytes: Buffer.from('Mine.\n') }]
    const how = {
      store: store!.id,
      format: 'markdown',
      as: 'user:ann',
      replace: true,
      dry_run: false,
    } as const

    await expect(own.engine.importMemories(files, how)).rejects.toThrow(
      `there is no memory store ${store!.id}`,
    )
    expect(await standing()).toEqual(before)
  })

  test('the events of a session are read in its own workspace alone', async () => {
    const { other } = await opened
    const [session] = (await other.engine.sessions({ limit: 1 })).data
    const [red, blue] = [openDatabase(path, 'red'), openDatabase(path, 'blue')]

    expect(await readSession(red, session!.id)).toBeUndefined()
    expect((await readSession(blue, session!.id))?.id).toBe(session!.id)
    await Promise.all([red.destroy(), blue.destroy()])
  })

  test('a value has another placeholder in each', async () => {
    const { own, other } = await opened
    const placeholder = async ({ engine }: Tenant, name: string) => {
      const file = join(scratch, `${name}.jsonl`)
      const steps = [{ role: 'user', text: 'Write to ann@example.org.' }]
      writeFileSync(file, `${JSON.stringify({ id: 'letter', agent: 'post', steps })}\n`)
      await engine.ingest([file], { redact: ['email'] })
      return (await engine.session('letter')).row.title
    }
    const [mine, theirs] = [await placeholder(own, 'mine'), await placeholder(other, 'theirs')]

    expect(mine).toMatch(/^Write to \[redacted:/)
    expect(mine).not.toBe(theirs)
  })
})

test('what was erased in one workspace is new in another', async () => {
  const [own, other] = await twoIn(newDatabase(), 'red', 'blue')
  await other.act({ does: 'ingest what others have too' })
  await other.act({ does: 'erase', of: 'everybody' })
  await own.act({ does: 'ingest', agent: 'shop', batch: 0 })
  await own.act({ does: 'erase', of: 'shop' })

  const erased = own.engine.erase({ session_ids: ['run-shared-0'] }, { as: 'user:ann', dry_run: true })
  await expect(erased).rejects.toThrow(/^there is no session run-shared-0$/)
  await own.act({ does: 'ingest what others have too' })
  expect(await own.engine.agents()).toEqual([{ agent: 'desk', sessions: 12 }])
  for (const it of [own, other]) await it.engine.close()
})

test('a workspace that is not there is refused, and not made', async () => {
  const database = newDatabase()
  await (await tenant(database, scratch, 'red', 'crimson')).engine.close()

  expect(() => openEngine({ database, workspace: 'rde' })).toThrow('there is no workspace rde')
  const sqlite = new DatabaseSync(database, { readOnly: true })
  expect(
    sqlite
      .prepare('SELECT name FROM workspace ORDER BY name')
      .all()
      .map((it) => it.name),
  ).toEqual(['default', 'red'])
  sqlite.close()
})

// ---------------------------------------------------------------- deeds

type Deed = { is_here: boolean; act: Act }

/** What both have done before anything else, one after the other. */
const FIRST: Deed[] = (
  [
    { does: 'ingest', agent: 'desk', batch: 0 },
    { does: 'ingest', agent: 'shop', batch: 0 },
    { does: 'ingest what others have too' },
    { does: 'record', agent: 'desk', batch: 9 },
    { does: 'set a policy', share: 0 },
    { does: 'dream' },
    { does: 'import', agent: 'desk', path: 0, text: 0, replace: false },
    { does: 'import', agent: 'shop', path: 0, text: 0, replace: false },
    { does: 'decide', nth: 0, decision: 'approved' },
    { does: 'adopt' },
    { does: 'compare', agent: 'desk' },
    { does: 'compare', agent: 'shop' },
  ] satisfies Act[]
).flatMap((act) => [
  { is_here: false, act },
  { is_here: true, act },
])

const small = fc.nat({ max: 3 })
const agent = fc.constantFrom(...AGENTS)
const deed: fc.Arbitrary<Deed> = fc.record({
  is_here: fc.boolean(),
  act: fc.oneof(
    fc.record({ does: fc.constant('ingest' as const), agent, batch: small }),
    fc.record({ does: fc.constant('record' as const), agent, batch: small }),
    fc.record({ does: fc.constant('dream' as const) }),
    fc.record({ does: fc.constant('adopt' as const) }),
    fc.record({ does: fc.constant('erase' as const), of: fc.constantFrom('everybody' as const, ...AGENTS) }),
    fc.record({ does: fc.constant('undo' as const), nth: small }),
    fc.record({ does: fc.constant('set a policy' as const), share: small }),
    fc.record({
      does: fc.constant('decide' as const),
      nth: small,
      decision: fc.constantFrom('approved' as const, 'rejected' as const),
    }),
    fc.record({
      does: fc.constant('import' as const),
      agent,
      path: small,
      text: small,
      replace: fc.boolean(),
    }),
  ),
})

function newDatabase(): string {
  return join(scratch, `${databases++}.db`)
}

async function twoIn(database: string, here: string, there: string): Promise<[Tenant, Tenant]> {
  return [
    await tenant(database, `${database}-own`, here, 'crimson'),
    await tenant(database, `${database}-other`, there, 'azure'),
  ]
}

// ---------------------------------------------------------------- what is told

const READ = Object.entries(READINGS).filter((it): it is [string, Reading] => typeof it[1] !== 'string')

function readings<Kind extends keyof Reading>(kind: Kind): [string, NonNullable<Reading[Kind]>][] {
  return READ.flatMap(([name, it]) => (it[kind] ? [[name, it[kind]]] : []))
}

/** Counts alone, where an agent is not named. */
const NEEDS_NO_WORD = new Set([(READINGS.waiting as Reading).of])

/** All that an engine tells, method by method. */
async function everything(engine: Engine): Promise<Record<string, unknown>> {
  const told: Record<string, unknown> = {}
  for (const [name, all] of readings('all')) told[name] = await all(engine)
  // An agent may not be there any more.
  for (const [name, of] of readings('of'))
    for (const agent of AGENTS) told[`${name} of ${agent}`] = await of(engine, agent).catch(messageOf)
  return told
}

async function versionsOf(engine: Engine): Promise<string[]> {
  return (await every((page) => engine.memories(undefined, page))).map((it) => it.memory_version_id)
}

/** Two pages and more of a list, as one. */
async function every<T>(list: (page: PageRequest) => Promise<Page<T>>): Promise<T[]> {
  const rows: T[] = []
  for (let page: string | null | undefined; page !== null; ) {
    const { data, next_page } = await list({ limit: 7, page })
    rows.push(...data)
    page = next_page
  }
  return rows
}

/** Random ids, and hashes over them, by the order in which they are told. The number of a version is the database's. */
function comparable(told: unknown): unknown {
  const seen = new Map<string, string>()
  const text = JSON.stringify(told, function (this: { id?: unknown }, key, value) {
    return key === 'seq' && String(this.id).startsWith('memver_') ? undefined : value
  })
  const named = text.replace(
    /\b(?:(?:memstore|mem|memver|drm|chg|wrkspc|sesn|sevt|sthr|sesrsc|exp|rcl)_[0-9a-f]{24}|[0-9a-f]{64})\b/g,
    (it) => {
      if (!seen.has(it)) seen.set(it, `id ${seen.size}`)
      return seen.get(it)!
    },
  )
  // In order of their ids, some of which are random.
  return JSON.parse(named, (key, value) => (key === 'session_ids' ? value.toSorted() : value))
}

/** Every id that is a workspace's, read from the database behind the engine's back. */
function idsOf(path: string, { workspace }: Tenant): Set<string> {
  const sqlite = new DatabaseSync(path, { readOnly: true })
  const stores = `SELECT memory_store.id FROM memory_store JOIN workspace ON workspace.id = workspace_id WHERE workspace.name = '${workspace}'`
  const ids = [
    stores,
    `SELECT hash AS id FROM audit JOIN workspace ON workspace.id = workspace_id WHERE workspace.name = '${workspace}'`,
    `SELECT sha256 AS id FROM policy JOIN workspace ON workspace.id = workspace_id WHERE workspace.name = '${workspace}'`,
    `SELECT recording.id FROM recording JOIN workspace ON workspace.id = workspace_id WHERE workspace.name = '${workspace}'`,
    `SELECT environment.id FROM environment JOIN workspace ON workspace.id = workspace_id WHERE workspace.name = '${workspace}'`,
    `SELECT session.id FROM session JOIN workspace ON workspace.id = workspace_id WHERE workspace.name = '${workspace}'`,
    ...['dream', 'memory', 'memory_version', 'pattern', 'experiment', 'recall'].map(
      (it) => `SELECT id FROM ${it} WHERE memory_store_id IN (${stores})`,
    ),
    `SELECT change.id FROM change JOIN dream ON dream.id = dream_id WHERE memory_store_id IN (${stores})`,
  ].flatMap((it) => sqlite.prepare(it).all())
  sqlite.close()
  return new Set(ids.map((it) => String(it.id)))
}

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = []
  for await (const it of rows) found.push(it)
  return found
}

function messageOf(error: Error): string {
  return error.message
}
