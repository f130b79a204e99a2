/**
 * What runs a dream that was asked for over the wire.
 *
 * A dream is begun by its job, one at a time in a memory store. Its sessions are settled, its store is copied where the result goes into a
 * new one, and the pipeline of every dream runs over exactly these sessions. Everything it leaves it leaves in the transaction that
 * ends it; a worker that died before that leaves the copy and the dream's session, and the next one goes on with both.
 *
 * A dream fails where its inputs are gone before, while or when it ends. What is no fault of the inputs is tried again.
 */
import { isWanted, readInstructions, type Steering } from '../4-consolidate/steering.ts'
import type { Database, Transaction } from '../db/database.ts'
import {
  clonedThrough,
  countStores,
  isOverEverythingNew,
  namedSessions,
  requestedDreams,
  setOutput,
  setRecording,
  sizeOf,
  storedSessions,
} from '../db/dream-requests.ts'
import { endDream, failureOf, renewLease, setAgent, takeTurn } from '../db/dreams.ts'
import { jobState } from '../db/jobs.ts'
import { newestVersion } from '../db/memories.ts'
import { cloneKnowledge, cloneMemoryStore } from '../db/memory-store-clones.ts'
import { findMemoryStore } from '../db/memory-stores.ts'
import { findRecording } from '../db/recordings.ts'
import type { Change } from '../domain/change.ts'
import type { DreamErrorType, RequestedDream } from '../domain/dream.ts'
import { EngineError } from '../domain/error.ts'
import type { MemoryStore } from '../domain/memory.ts'
import type { Pattern } from '../domain/pattern.ts'
import { AS_USUAL, dreamOn, type Witness } from '../dream.ts'
import { fillOutput } from '../govern/output-store.ts'
import { type Job, NotYet, type Port } from '../jobs/port.ts'
import type { ModelAtHand } from '../model/at-hand.ts'
import { settle } from '../settle.ts'
import {
  called,
  closeDreamSession,
  failedWith,
  openDreamSession,
  said,
  type Told,
  tell,
  wrote,
} from './dream-session.ts'
import type { Opened } from './opened.ts'
import { isAlive, WORKER } from './worker.ts'

export type DreamLimits = {
  /** How long a dream may run, its worker's deaths included. */
  budget_ms: number
  /** Of the store it reads. */
  memories: number
  bytes: number
  /** Stores of a workspace, with the output. */
  stores: number
}

export const DREAM_LIMITS: DreamLimits = {
  budget_ms: 3_600_000,
  memories: 10_000,
  bytes: 200_000_000,
  stores: 1_000,
}

const ASK_AGAIN_MS = 500

/** Takes a dream to its end, or puts it off while another of its store is before it. Its last attempt leaves none that waits or runs. */
export async function runDream(
  opened: Opened,
  job: Job,
  port: Port,
  limits: DreamLimits = DREAM_LIMITS,
): Promise<void> {
  const { db, now } = opened
  const id = String(job.payload.dream_id)
  const worker = `${WORKER}:${job.attempt}`
  let model: ModelAtHand | null = null
  try {
    await begunByNight(opened, id)
    const turn = await db.transaction().execute((tx) => takeTurn(tx, id, worker, now(), isAlive))
    if (turn.is === 'ended') return
    if (turn.is === 'waiting')
      throw new NotYet(new Date(now().getTime() + ASK_AGAIN_MS), `the dream ${turn.for} is before it`)
    model = await modelFor(opened, await dreamNamed(db, id), port)
    await run(opened, id, worker, port, limits, model)
  } catch (error) {
    if (error instanceof NotYet) throw error
    const { ended_at } = await dreamNamed(db, id)
    // Canceled: whoever did that has said so in its session.
    if (ended_at !== null) return
    if (port.signal.aborted || (!isFinal(error) && job.attempt < job.max_attempts)) throw error
    await failWith(opened, id, error, model)
    if (!isFinal(error)) throw error
  }
}

/** Why a dream cannot come to its end. */
class DreamFailure extends Error {
  readonly type: DreamErrorType

  constructor(type: DreamErrorType, message: string) {
    super(message)
    this.name = 'DreamFailure'
    this.type = type
  }
}

/** Whether it would end so again: what the database says of itself may be otherwise the next time, and so may a bug. */
function isFinal(error: unknown): boolean {
  if (error instanceof DreamFailure) return true
  return error instanceof EngineError && error.type !== 'database_error' && error.type !== 'conflict_error'
}

async function run(
  { db, now }: Opened,
  id: string,
  worker: string,
  port: Port,
  limits: DreamLimits,
  model: ModelAtHand | null,
): Promise<void> {
  const recording_id = await opened(db, id, worker, now)
  const everything = await isOverEverythingNew(db, id)
  const session_ids = everything ? null : (await dreamNamed(db, id)).session_ids
  const store = await prepared(db, id, session_ids, worker, limits, now)
  await settle(db, session_ids ?? 'all idle', now)
  const sessions = session_ids === null ? null : await storedSessions(db, session_ids)

  const dream = await dreamNamed(db, id)
  const steering = readInstructions(dream.instructions ?? '')
  const adopts = dream.output_behavior === 'update_existing'
  const deadline = (await deadlineOf(db, recording_id, limits, now)) + (model?.may_wait_ms ?? 0)
  const asks_until = deadline - limits.budget_ms / 4
  const watch: Watch = { dream, recording_id, session_ids, steering, deadline, asks_until, model, now }
  await dreamOn(
    db,
    id,
    { ...AS_USUAL, memory_store: store, sessions, steering, adopts },
    {
      ...{ now, worker, is_alive: isAlive, progress: () => {}, witness: witnessOf(db, watch, port) },
      ...(model && { model }),
    },
  )
}

/** A dream that waits for the night has not begun: it keeps no place of others, and nobody from erasing. */
async function begunByNight(opened: Opened, id: string): Promise<void> {
  const { status, model } = await dreamNamed(opened.db, id)
  if (opened.models_file === undefined || status !== 'pending') return
  const { waitsForNight } = await import('./models.ts')
  const night = waitsForNight(opened, model.id)
  if (night !== null) throw new NotYet(night, 'its model is asked by night')
}

/** What the configuration has in store for the id that was asked for; without a configuration, nothing of models is loaded. */
async function modelFor(
  opened: Opened,
  { id, model }: RequestedDream,
  { rest }: Port,
): Promise<ModelAtHand | null> {
  if (opened.models_file === undefined) return null
  const { modelOnTheWire } = await import('./models.ts')
  const { openModel } = await import('./open-model.ts')
  const of = { dream_id: id }
  return openModel(opened, { model: modelOnTheWire(opened, model.id), of, at_night: 'usual', rest })
}

/** The session of the dream, which is there from the first worker on. */
async function opened(db: Database, id: string, worker: string, now: () => Date): Promise<string> {
  return db.transaction().execute(async (tx) => {
    await renewLease(tx, id, worker, now())
    const dream = await dreamNamed(tx, id)
    if (dream.recording_id !== null) return dream.recording_id
    const recording_id = await openDreamSession(tx, dream, now().toISOString())
    await setRecording(tx, id, recording_id)
    return recording_id
  })
}

/** The store that the dream reads; where the result goes is there then. */
async function prepared(
  db: Database,
  id: string,
  session_ids: string[] | null,
  worker: string,
  limits: DreamLimits,
  now: () => Date,
): Promise<MemoryStore> {
  return db.transaction().execute(async (tx) => {
    await renewLease(tx, id, worker, now())
    const dream = await dreamNamed(tx, id)
    const store = await inputsOf(tx, dream, session_ids)
    if (dream.output_store_id !== null) return store
    const { memories, bytes } = await sizeOf(tx, store.id)
    if (memories > limits.memories || bytes > limits.bytes)
      throw new DreamFailure(
        'input_memory_store_too_large',
        `the memory store ${store.id} has ${memories} memories with ${bytes} bytes; a dream reads at most ${limits.memories} with ${limits.bytes}`,
      )
    if (dream.output_behavior === 'update_existing') {
      await setOutput(tx, id, { output_store_id: store.id, cloned_through: null })
      return store
    }
    if ((await countStores(tx)) >= limits.stores)
      throw new DreamFailure(
        'memory_store_org_limit_exceeded',
        `this workspace has ${limits.stores} memory stores, which is all it can have; delete some`,
      )
    const cloned_through = (await newestVersion(tx, store.id)) ?? 0
    const copy = await cloneMemoryStore(tx, store, {
      name: outputName(store.name, id),
      actor: `dream:${id}`,
      now: now().toISOString(),
    })
    await setOutput(tx, id, { output_store_id: copy.id, cloned_through })
    return store
  })
}

/** The name of the input, and of which dream it is the output; of a dream over an output it is the last. */
function outputName(name: string, dream_id: string): string {
  const end = ` (${dream_id.slice(0, 12)})`
  return `${[...name.replace(/ \(drm_[0-9a-f]{8}\)$/, '')].slice(0, 255 - end.length).join('')}${end}`
}

/** The input store. Throws where it, or a session that is to be read, is gone. */
async function inputsOf(
  tx: Transaction,
  dream: RequestedDream,
  session_ids: string[] | null,
): Promise<MemoryStore> {
  const store = await findMemoryStore(tx, dream.memory_store_id)
  if (!store || store.archived_at !== null)
    throw new DreamFailure(
      'input_memory_store_unavailable',
      `the memory store ${dream.memory_store_id} was ${store ? 'archived' : 'deleted'}`,
    )
  const known = session_ids === null ? new Map() : await namedSessions(tx, session_ids)
  const gone = session_ids?.find((it) => !known.has(it))
  if (gone !== undefined)
    throw new DreamFailure('input_session_unavailable', `the session ${gone} was deleted`)
  return store
}

async function deadlineOf(
  db: Database,
  recording_id: string,
  { budget_ms }: DreamLimits,
  now: () => Date,
): Promise<number> {
  const begun = (await findRecording(db, recording_id))?.created_at
  return (begun === undefined ? now().getTime() : Date.parse(begun)) + budget_ms
}

type Watch = {
  dream: RequestedDream
  recording_id: string
  session_ids: string[] | null
  steering: Steering
  deadline: number
  /** Then there is time left to make something of what was read. */
  asks_until: number
  model: ModelAtHand | null
  now: () => Date
}

const LOOK_EVERY_MS = 50
/** More sessions than this are told of in bunches. */
const TOLD_ONE_BY_ONE = 100
const BUNCH = 100
/** So many are told of together where nothing takes long. */
const FEW = 10

/** Tells the dream's session what the dream does, and stops the dream where it was canceled, is out of time or has lost its inputs. */
function witnessOf(db: Database, watch: Watch, port: Port): Witness {
  const { dream, recording_id, session_ids, deadline, asks_until, model, now } = watch
  let looked_at = 0
  let is_bunched = false
  let untold: string[] = []
  const told = (events: Told[]) =>
    db.transaction().execute((tx) => tell(tx, recording_id, events, now().toISOString()))
  const flush = async () => {
    if (untold.length === 0) return
    const ids = untold
    untold = []
    await told(is_bunched ? readTogether(recording_id, ids) : ids.flatMap((it) => readOne(recording_id, it)))
  }
  const stays = async () => {
    if (performance.now() - looked_at < LOOK_EVERY_MS) return
    await port.stay()
    if (now().getTime() > asks_until) model?.meter.stop('the dream has taken as long as it may ask')
    if (now().getTime() > deadline) throw new DreamFailure('timeout', 'the dream ran longer than it may')
    if ((await dreamNamed(db, dream.id)).status !== 'running')
      throw new EngineError('conflict_error', `the dream ${dream.id} was canceled`)
    await flush()
    looked_at = performance.now()
  }
  return {
    stays,
    async plans(sessions) {
      is_bunched = sessions > TOLD_ONE_BY_ONE
      await told([said('plan', readingOf(sessions, session_ids))])
    },
    async reads({ id }) {
      untold.push(id)
      if (untold.length >= (is_bunched ? BUNCH : FEW)) await flush()
      await stays()
    },
    async checks(tx) {
      await inputsOf(tx, dream, session_ids)
      if (dream.output_behavior === 'create_new') await outputOf(tx, dream)
    },
    async ends(tx, end) {
      const at = now().toISOString()
      await tell(
        tx,
        recording_id,
        is_bunched ? readTogether(recording_id, untold) : untold.flatMap((it) => readOne(recording_id, it)),
        at,
      )
      const { told: writes, notes } =
        dream.output_behavior === 'create_new'
          ? await intoNewStore(tx, watch, end, at)
          : { told: end.changes.flatMap((it) => wrote(recording_id, it, BECAME[it.status])), notes: [] }
      const all = [...end.notes, ...notes]
      await closeDreamSession(
        tx,
        recording_id,
        [...writes, ...all.map((it, i) => said(`note ${i}`, it)), said('end', endOf(end.changes.length))],
        at,
      )
      return notes
    },
  }
}

/** What a change is by the end of its dream. */
const BECAME: Record<Change['status'], string> = {
  undecided: 'waits for a decision',
  approved: 'approved, and not live',
  adopted: 'written',
  denied: 'the policy denies it',
  rejected: 'rejected',
  undone: 'taken back',
  superseded: 'the memory had changed',
}

async function intoNewStore(
  tx: Transaction,
  { dream, recording_id, steering }: Watch,
  { store, patterns }: { store: MemoryStore; patterns: Pattern[] },
  now: string,
): Promise<{ told: Told[]; notes: string[] }> {
  const output = await outputOf(tx, dream)
  const known = new Map(patterns.map((it) => [it.id, it]))
  const wanted = (it: Change) =>
    isWanted(
      it,
      it.pattern_ids.flatMap((id) => known.get(id) ?? []),
      steering,
    )
  const { written, left_out } = await fillOutput(
    tx,
    { input_id: store.id, output_id: output.id, cloned_through: await clonedThrough(tx, dream.id) },
    wanted,
    { dream_id: dream.id, now },
  )
  await setAgent(tx, output.id, store.agent)
  await cloneKnowledge(tx, store.id, output.id)
  const notes = left_out.map((it) => `${it.path} was not written: something else stands there.`)
  return { told: written.flatMap((it) => wrote(recording_id, it, 'written')), notes }
}

/** The store that was made for the result. Throws where somebody took it away. */
async function outputOf(tx: Transaction, { output_store_id }: RequestedDream): Promise<MemoryStore> {
  const output = await findMemoryStore(tx, output_store_id!)
  if (output && output.archived_at === null) return output
  throw new DreamFailure(
    'internal_error',
    `the memory store ${output_store_id} that was to hold the result was ${output ? 'archived' : 'deleted'}`,
  )
}

function readOne(recording_id: string, session_id: string): Told[] {
  const call = { name: 'read_session', input: { session_id }, answer: 'read' }
  return called(recording_id, session_id, call)
}

function readTogether(recording_id: string, session_ids: string[]): Told[] {
  const [first] = session_ids
  if (first === undefined) return []
  const call = { name: 'read_sessions', input: { session_ids }, answer: `read ${session_ids.length}` }
  return called(recording_id, first, call)
}

function readingOf(fresh: number, session_ids: string[] | null): string {
  const given = session_ids?.length ?? fresh
  const known = session_ids === null ? 0 : Math.max(0, given - fresh)
  const reading = `Reading ${fresh === 1 ? '1 session' : `${fresh} sessions`}`
  return known === 0
    ? reading
    : `${reading}; of the ${given} given the others were read before, or say nothing`
}

function endOf(changes: number): string {
  if (changes === 0) return 'Nothing to change.'
  return changes === 1 ? 'Proposed 1 change.' : `Proposed ${changes} changes.`
}

async function failWith(
  { db, now: clock }: Opened,
  id: string,
  error: unknown,
  model: ModelAtHand | null,
): Promise<void> {
  const now = clock()
  const spent = { model: model?.model.name ?? null, spending: model?.meter.spending() ?? null }
  const type = error instanceof DreamFailure ? error.type : 'internal_error'
  // What the database or a bug says of itself may name paths, or say words of sessions.
  const message =
    error instanceof DreamFailure || (error instanceof EngineError && isFinal(error))
      ? error.message
      : 'something went wrong here; the log of the server says where'
  await db.transaction().execute(async (tx) => {
    const holder = (await jobState(tx, id))?.worker ?? WORKER
    // Whoever has the job has the dream, even where it could not be noted so.
    if (holder !== WORKER || !(await endDream(tx, id, null, failureOf({ type, message }, spent), now))) return
    const { recording_id } = await dreamNamed(tx, id)
    if (recording_id !== null)
      await closeDreamSession(tx, recording_id, [failedWith(message)], now.toISOString())
  })
}

async function dreamNamed(db: Database | Transaction, id: string): Promise<RequestedDream> {
  const [found] = await requestedDreams(db, { id, include_archived: true, limit: 1 })
  return found!
}
