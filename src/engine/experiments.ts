/** Experiments: started where a lesson is live and nobody knows yet whether it helps, shown, and ended. */
import { randomBytes } from 'node:crypto'
import { frontMatterOf } from '../4-consolidate/memory-file.ts'
import { controlShareOf } from '../7-measure/control-share.ts'
import { endedBecause } from '../7-measure/ending.ts'
import { agentCalled } from '../db/agents.ts'
import { appendAudit } from '../db/audit.ts'
import type { Database, Transaction } from '../db/database.ts'
import {
  agentsCompared,
  endedByPerson,
  endersOf,
  insertExperiments,
  listExperiments,
  lotsDrawn,
  runningExperiments,
  storeThatGives,
  updateExperiment,
} from '../db/experiments.ts'
import { listMemories } from '../db/memories.ts'
import { everyMemoryStore } from '../db/memory-stores.ts'
import { patternsOf } from '../db/patterns.ts'
import { measuringInForce } from '../db/policies.ts'
import { listAgents } from '../db/sessions.ts'
import type { AuditActor } from '../domain/audit.ts'
import { EngineError } from '../domain/error.ts'
import type { Arm, Experiment } from '../domain/experiment.ts'
import { randomId } from '../domain/id.ts'
import type { Actor, MemoryStore } from '../domain/memory.ts'
import { type Page, type PageRequest, pageOf } from '../domain/page.ts'
import type { Measuring } from '../domain/policy.ts'
import { notFound, onePattern, theOne } from './find.ts'
import type { Opened } from './opened.ts'
import { memoryStore, storesOf } from './stores.ts'

/** An experiment with what it is about. Its salt stays in: who knew it could choose the lots of sessions. */
export type ShownExperiment = Omit<Experiment, 'salt'> & {
  /** Names of the memory store and of its agent. */
  store: string
  agent: string
  /** The sentence of the lesson; null where it is about no lesson, or about one that is gone. */
  lesson: string | null
  /** How many sessions drew which lot so far; null in an `agent` experiment, where none is drawn. */
  drawn: Record<Arm, number> | null
  /** Whether sessions that begin now draw lots in it: not once it has ended, nor while the policy has measuring switched off. */
  draws_lots: boolean
  /** Who ended it: a person or a dream. */
  ended_by: string | null
}

export type ExperimentsWanted = {
  store?: string
  kind?: Experiment['kind']
  status?: Experiment['status']
}

/** Of one memory store, or of the only one of an agent: either another agent to compare it with, or a lesson to measure again. */
export type ExperimentWanted = {
  store?: string
  agent?: string
  control_agent?: string
  /** Id of the lesson, or the beginning of it. */
  pattern_id?: string
}

export function experimentsOf({ db, now }: Opened) {
  return {
    /** The newest first. */
    async experiments(filter: ExperimentsWanted & PageRequest = {}): Promise<Page<ShownExperiment>> {
      const { store, limit, page, ...asked } = filter
      const memory_store_id = store === undefined ? undefined : (await memoryStore(db, store)).id
      const found = pageOf((await listExperiments(db, { ...asked, memory_store_id })).reverse(), {
        limit,
        page,
      })
      return { ...found, data: await shown(db, found.data) }
    },

    /** By its id or an unambiguous beginning of it. */
    async experiment(id: string): Promise<ShownExperiment> {
      return oneShown(db, id)
    },

    /**
     * Compares the agent of a memory store with one that is never given memory from then on, or has the effect of a lesson measured
     * again after a person ended that.
     *
     * Throws `invalid_request_error` unless one of both is wanted, `not_found_error` for an agent or lesson that nobody knows, and
     * `conflict_error` where the comparison runs already or would be none: of an agent with itself or with one that is given memory, of a
     * lesson that is not told.
     */
    async startExperiment(wanted: ExperimentWanted, as: Actor): Promise<ShownExperiment> {
      const at = now().toISOString()
      const store = await storeMeant(db, wanted)
      const compared = await comparedIn(db, store, wanted)
      const id = await db.transaction().execute(async (tx) => {
        const measuring = await measuringInForce(tx)
        if (compared.kind === 'agent') await refuseControl(tx, store, compared.control_agent)
        else await refuseLesson(tx, store, compared.pattern_id, measuring)
        const [started] = await start(tx, [newExperiment(store, compared, measuring, at, as)])
        if (started) return started.id
        throw new EngineError('conflict_error', 'this comparison runs already', {
          hint: '`reverie experiments list --status running` shows it',
        })
      })
      return oneShown(db, id)
    },

    /**
     * Ends an experiment, for good. A lesson is then given to every session that it fits, and its effect is not measured any more, until
     * a person starts that again; the control of an agent is given memory as any other agent is.
     *
     * Throws `conflict_error` for one that has ended, and for that of a whole memory, which the policy switches on and off.
     */
    async endExperiment(id: string, { reason }: { reason: string }, as: Actor): Promise<ShownExperiment> {
      const at = now().toISOString()
      // Sessions that are about to begin wait for this file, and need none of it.
      const { redact } = await import('../1-ingest/redact.ts')
      const why = (await redact(reason)).text.trim()
      if (why === '') throw new EngineError('invalid_request_error', 'say why it is ended')
      const { id: whole } = await oneExperiment(db, id)
      await db.transaction().execute(async (tx) => {
        const [experiment] = await listExperiments(tx, { id: whole })
        refuseToEnd(experiment!)
        await updateExperiment(tx, whole, { status: 'ended', ended_at: at, reason: why })
        const entry = { object: whole, before_sha256: null, after_sha256: null, reason: why }
        await appendAudit(tx, { at, actor: as, action: 'experiment.ended', ...entry })
      })
      return oneShown(db, whole)
    },
  }
}

/** In which experiments the sessions of a memory store draw lots now; `memory` is null where they draw none. */
export type ExperimentsOfStore = { memory: Experiment | null; lessons: Map<string, Experiment> }

/**
 * The experiments that run on a memory store and on these lessons of it, which are live; those that are missing are started, in this
 * transaction. Of processes that do so at once, one starts each: the database refuses a second.
 *
 * Nothing is given back, and nothing started, where the policy in force switched measuring off. A lesson whose experiment a person
 * ended is not among `lessons`: every session that it fits is given it.
 */
export async function experimentsFor(
  tx: Transaction,
  store: Pick<MemoryStore, 'id'>,
  pattern_ids: string[],
  now: string,
): Promise<ExperimentsOfStore> {
  const measuring = await measuringInForce(tx)
  if (!measuring.enabled) return { memory: null, lessons: new Map() }
  const running = byLesson(await runningExperiments(tx, store.id, pattern_ids))
  const missing = pattern_ids.filter((it) => !running.lessons.has(it))
  if (missing.length === 0 && (running.memory || pattern_ids.length === 0)) return running
  const settled = await endedByPerson(tx, store.id, missing)
  const wanted = missing.filter((it) => !settled.has(it))
  await start(tx, [
    ...(running.memory ? [] : [newExperiment(store, { kind: 'memory' }, measuring, now)]),
    ...wanted.map((pattern_id) => newExperiment(store, { kind: 'lesson', pattern_id }, measuring, now)),
  ])
  return byLesson(await runningExperiments(tx, store.id, pattern_ids))
}

/** Whether sessions of this agent go without memory, because a person chose it for the control of another one. */
export async function isControlAgent(tx: Transaction, agent: string): Promise<boolean> {
  return (await agentsCompared(tx)).some((it) => it.control_agent === agent)
}

function byLesson(experiments: Experiment[]): ExperimentsOfStore {
  const lessons = experiments.filter((it) => it.kind === 'lesson')
  return {
    memory: experiments.find((it) => it.kind === 'memory') ?? null,
    lessons: new Map(lessons.map((it) => [it.pattern_id!, it])),
  }
}

type Compared =
  | { kind: 'memory' }
  | { kind: 'lesson'; pattern_id: string }
  | { kind: 'agent'; control_agent: string }

function newExperiment(
  store: Pick<MemoryStore, 'id'>,
  compared: Compared,
  measuring: Measuring,
  now: string,
  started_by: AuditActor = 'server',
): Experiment {
  return {
    id: randomId('exp'),
    memory_store_id: store.id,
    pattern_id: null,
    control_agent: null,
    ...compared,
    salt: randomBytes(16).toString('hex'),
    control_share: controlShareOf({
      kind: compared.kind,
      verdict: null,
      treatment: 0,
      control: 0,
      measuring,
    }),
    status: 'running',
    verdict: null,
    reason: '',
    lifts: [],
    measured_at: null,
    started_at: now,
    started_by,
    ended_at: null,
  }
}

/** Those that were started: what runs already is not started again. */
async function start(tx: Transaction, experiments: Experiment[]): Promise<Experiment[]> {
  const started = await insertExperiments(tx, experiments)
  const entries = started.map((it) => ({
    at: it.started_at,
    actor: it.started_by as AuditActor,
    action: 'experiment.started' as const,
    object: it.id,
    before_sha256: null,
    after_sha256: null,
    reason: BECAUSE[it.kind],
  }))
  if (entries.length > 0) await appendAudit(tx, ...entries)
  return started
}

const BECAUSE: Record<Experiment['kind'], string> = {
  memory: 'the memory store has a live lesson, so its effect is measured',
  lesson: 'the lesson is live, so its effect is measured',
  agent: 'a person compares two agents',
}

async function oneExperiment(db: Database, id: string): Promise<Experiment> {
  const found = /^exp_[0-9a-f]*$/.test(id) ? await listExperiments(db, { id }) : []
  return theOne('experiment', id, found, 'list them, or `reverie experiments`')
}

async function oneShown(db: Database, id: string): Promise<ShownExperiment> {
  return (await shown(db, [await oneExperiment(db, id)]))[0]!
}

/** The same experiments, in their order, with what each is about. */
export async function shown(db: Database, experiments: Experiment[]): Promise<ShownExperiment[]> {
  const measuring = await measuringInForce(db)
  const stores = new Map((await everyMemoryStore(db)).map((it) => [it.id, it]))
  const ids = experiments.map((it) => it.id)
  const drawn = await lotsDrawn(db, ids)
  const enders = await endersOf(db, ids)
  const lessons = new Map<string, string>()
  for (const store of new Set(experiments.map((it) => it.memory_store_id))) {
    const told = experiments.flatMap((it) => (it.memory_store_id === store ? (it.pattern_id ?? []) : []))
    for (const it of await patternsOf(db, store, told)) lessons.set(`${store} ${it.id}`, it.text)
  }
  return experiments.map(({ salt, ...it }) => ({
    ...it,
    store: stores.get(it.memory_store_id)?.name ?? '',
    agent: stores.get(it.memory_store_id)?.agent ?? '',
    lesson: lessons.get(`${it.memory_store_id} ${it.pattern_id}`) ?? null,
    drawn: it.kind === 'agent' ? null : drawn.get(it.id)!,
    draws_lots: it.status === 'running' && it.kind !== 'agent' && measuring.enabled,
    ended_by: enders.get(it.id) ?? null,
  }))
}

/** The only store that is meant, by its name or by its agent's. */
async function storeMeant(db: Database, { store, agent }: { store?: string; agent?: string }) {
  if (agent === undefined) return memoryStore(db, store)
  const [found, ...more] = await storesOf(db, { agent, store })
  if (more.length === 0) return found!
  throw new EngineError('invalid_request_error', `${agent} has ${more.length + 1} memory stores`, {
    hint: `choose one with --store: ${[found!, ...more].map((it) => it.name).join(', ')}`,
  })
}

async function comparedIn(
  db: Database,
  store: MemoryStore,
  { control_agent, pattern_id }: ExperimentWanted,
): Promise<Exclude<Compared, { kind: 'memory' }>> {
  if ((control_agent === undefined) === (pattern_id === undefined))
    throw new EngineError('invalid_request_error', 'give either a control agent or a lesson', {
      hint: 'what all lessons of a memory store do together is measured without a word',
    })
  if (pattern_id !== undefined)
    return { kind: 'lesson', pattern_id: (await onePattern(db, pattern_id, store.id)).id }
  await refuseUnknownAgent(db, control_agent!)
  return { kind: 'agent', control_agent: control_agent! }
}

async function refuseUnknownAgent(db: Database, agent: string): Promise<void> {
  const known = (await listAgents(db)).map((it) => it.agent)
  const is_known = known.includes(agent) || (await agentCalled(db, agent)) !== undefined
  if (!is_known)
    throw notFound('agent', agent, `those that have sessions are ${known.join(', ') || 'none yet'}`)
}

async function refuseControl(tx: Transaction, store: MemoryStore, control: string): Promise<void> {
  const refuse = (message: string, hint: string) => {
    throw new EngineError('conflict_error', message, { hint })
  }
  if (store.agent === '')
    refuse(
      `the memory store ${store.name} belongs to no agent yet`,
      'the first dream into it says whose it is',
    )
  if (store.agent === control)
    refuse(`${control} cannot be its own control`, 'choose an agent that does the same work without memory')
  for (const it of await agentsCompared(tx)) {
    if (it.control_agent === store.agent)
      refuse(`${store.agent} is given no memory: it is the control of ${it.agent}`, `end ${it.id} before`)
    if (it.agent === control)
      refuse(`${control} is compared with a control of its own, ${it.control_agent}`, `end ${it.id} before`)
  }
  const gives = await storeThatGives(tx, control)
  if (gives)
    refuse(
      `sessions of ${control} are given memories of the store ${gives.name}, the last on ${gives.last.slice(0, 10)}`,
      'a control has no memory: choose another agent, or archive that store before',
    )
}

async function refuseLesson(
  tx: Transaction,
  store: MemoryStore,
  pattern_id: string,
  measuring: Measuring,
): Promise<void> {
  const [lesson] = await patternsOf(tx, store.id, [pattern_id])
  const memories = await listMemories(tx, store.id)
  const is_live = memories.some((it) => frontMatterOf(it.content).pattern === pattern_id)
  const because = endedBecause(lesson?.status ?? null, is_live)
  if (because !== null)
    throw new EngineError('conflict_error', `${because}, so there is nothing to measure`, {
      hint: '`reverie changes` shows what waits to go live',
    })
  if (!measuring.enabled)
    throw new EngineError('conflict_error', 'the policy in force has measuring switched off', {
      hint: 'take "enabled: false" out of its measuring section',
    })
}

function refuseToEnd({ id, kind, status, ended_at }: Experiment): void {
  if (status === 'ended') throw new EngineError('conflict_error', `${id} ended at ${ended_at} already`)
  if (kind === 'memory')
    throw new EngineError('conflict_error', `${id} compares sessions with all lessons and with none`, {
      hint: 'memory_control in the measuring section of the policy says how many go without, enabled: false that none does',
    })
}
