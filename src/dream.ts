/**
 * The whole pipeline on one screen: read this first.
 *
 * A dream takes one agent's memory store and the sessions that the store has not dreamed of yet, or some of them. Everything before
 * `finish` only reads, and `finish` is one transaction, so a dream that is killed anywhere leaves nothing
 * behind but its own row; run again, it takes that row over and ends with the same result.
 */
import { setTimeout } from 'node:timers/promises'
import { REVIEWER, reviewSession } from './2-review/review.ts'
import { cellOf } from './3-mine/cell.ts'
import { claimOf, isSameClaim } from './3-mine/expectation.ts'
import { firstLooks } from './3-mine/first-look.ts'
import { lessonOf, patternId } from './3-mine/lesson.ts'
import { MIN_SUPPORT } from './3-mine/mine.ts'
import { type Counted, mergeTallies, tallyOf } from './3-mine/tally.ts'
import { keysOf } from './3-mine/told.ts'
import { NO_STEERING, type Steering } from './4-consolidate/steering.ts'
import type { Advice } from './advise.ts'
import { alarmsOf } from './alarms.ts'
import type { Database, Transaction } from './db/database.ts'
import {
  beginDream,
  endDream,
  failureOf,
  listDreams,
  markDreamedThrough,
  noteSpending,
  RENEW_MS,
  renewLease,
  setAgent,
  writeLedger,
} from './db/dreams.ts'
import { forgetCandidates, patternsOf, readPatterns, statusesOf, storePatterns } from './db/patterns.ts'
import { deliveredTo, wasAnyRecalled } from './db/recalls.ts'
import {
  agentsOf,
  firstUndreamed,
  listAgents,
  type NewSession,
  oldReview,
  readReviews,
  readSession,
  replaceReview,
  undreamed,
  undreamedAmong,
} from './db/sessions.ts'
import { loadTally, storeTally } from './db/tallies.ts'
import { announce } from './db/webhooks.ts'
import type { Alert } from './domain/alert.ts'
import type { Change } from './domain/change.ts'
import type { Dream } from './domain/dream.ts'
import { EngineError } from './domain/error.ts'
import { randomId } from './domain/id.ts'
import type { MemoryStore } from './domain/memory.ts'
import type { Pattern } from './domain/pattern.ts'
import type { Copied, Observation } from './domain/review.ts'
import type { Spending } from './domain/spending.ts'
import type { Tally } from './domain/tally.ts'
import { type HeldBack, heldBack } from './erasure/retention.ts'
import { evidenceFor, worded } from './evidence.ts'
import { type MeasuredStore, measureStore, notesOnVerdicts, storeMeasured, withRetired } from './measure.ts'
import type { ModelAtHand } from './model/at-hand.ts'
import { judge } from './night.ts'
import { type Proposed, propose, proposedNow, putUp } from './propose.ts'

export type DreamRequest = {
  memory_store: MemoryStore
  /** Exactly these, whatever their agent, by their ids; null for all of the store's agent. None is counted again. */
  sessions: string[] | null
  /** Only sessions that ended at or after this time (RFC 3339); older ones stay new for a later dream. */
  since: string | null
  /** Work out the changes and write nothing. */
  dry_run: boolean
  /** What somebody asked of it in words. */
  steering: Steering
  /** Whether what the policy allows goes live in the memory store; if not, it is approved and waits. */
  adopts: boolean
}

/** A dream over everything new, as the policy has it. */
export const AS_USUAL: Omit<DreamRequest, 'memory_store'> = {
  sessions: null,
  since: null,
  dry_run: false,
  steering: NO_STEERING,
  adopts: true,
}

/** What a dream needs of the world besides the database. */
export type World = {
  now: () => Date
  /** Names this process to the others. */
  worker: string
  is_alive: (worker: string) => boolean
  progress: (stage: Stage, done: number, total: number) => void
  /** Who looks on, where somebody does. */
  witness?: Witness
  /** Sees in sessions what counts cannot, where one is wanted; without one nothing is asked of anybody. */
  model?: ModelAtHand
  /** Told what the model will cost, before it is asked anything. */
  planned?: (planned: Spending['planned']) => void
}

/** Is told what a dream does as it does it, and may throw to stop it. */
export type Witness = {
  /** Between the steps of long stages. */
  stays: () => Promise<void>
  /** Before the sessions are read. */
  plans: (sessions: number) => Promise<void>
  reads: (session: Pick<NewSession, 'id'>) => Promise<void>
  /** First in the transaction that ends it: what it rests on is still there, or this throws. */
  checks: (tx: Transaction) => Promise<void>
  /** Last in that transaction, with the changes as they stand; gives what is to be noted besides. */
  ends: (
    tx: Transaction,
    end: { store: MemoryStore; changes: Change[]; patterns: Pattern[]; notes: string[] },
  ) => Promise<string[]>
}

export type Stage = 'plan' | 'review' | 'read' | 'mine' | 'measure' | 'consolidate' | 'finish'

export type DreamReport = { dream: Dream; changes: Change[]; patterns: Pattern[] }

export async function dream(db: Database, request: DreamRequest, world: World): Promise<DreamReport> {
  const { memory_store, dry_run } = request
  const id = dry_run
    ? randomId('drm')
    : await beginDream(db, memory_store.id, world.worker, world.now(), world.is_alive)
  try {
    return await dreamOn(db, id, request, world)
  } catch (error) {
    if (!dry_run) await fail(db, id, error, world)
    throw error
  }
}

/** Takes a dream that the worker has begun to its end. Where it throws, the dream has not ended. */
export async function dreamOn(
  db: Database,
  id: string,
  request: DreamRequest,
  world: World,
): Promise<DreamReport> {
  const run = await begin(db, id, request, world)
  const planned = await run.stage('plan', () => plan(db, run))
  const reviewed = await run.stage('review', () => review(db, planned.sessions, run))
  const read = await readAll(db, { ...planned, counted: reviewed }, run)
  const found = await run.stage('mine', () => mineAll(db, read.counted, run))
  const mined = await run.stage('measure', () => measureAll(db, found, run))
  const proposals = await run.stage('consolidate', () => proposeAll(db, mined.patterns, read, run))
  return run.stage('finish', () => finish(db, run, { ...read, ...mined, ...proposals }))
}

/** One dream while it runs. `stage` and, in long stages, `stay` renew the lease, so nobody takes a living dream over. */
type Run = {
  id: string
  store: MemoryStore
  request: DreamRequest
  steering: Steering
  adopts: boolean
  world: World
  stage: <T>(name: Stage, work: () => Promise<T>) => Promise<T>
  stay: () => Promise<void>
  /** Waits for others while it stays. Where it may not stay, the work is told to stop. */
  during: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>
  /** What has to go by the policy, and is not read any more. */
  held_back: HeldBack
}

async function begin(db: Database, id: string, request: DreamRequest, world: World): Promise<Run> {
  let renewed = 0
  const stay = async () => {
    await world.witness?.stays()
    const now = world.now()
    if (request.dry_run || now.getTime() - renewed < RENEW_MS) return
    await renewLease(db, id, world.worker, now)
    renewed = now.getTime()
  }
  const stage: Run['stage'] = async (name, work) => {
    world.progress(name, 0, 0)
    await stay()
    return work()
  }
  const store = await withAgent(db, request)
  const { steering, adopts } = request
  const held_back = await heldBack(db, world.now())
  return { id, store, request, steering, adopts, world, stage, stay, during: staying(stay), held_back }
}

const LOOK_MS = 1_000

function staying(stay: Run['stay']): Run['during'] {
  return async (work) => {
    // However soon each work is done, many of them take their time.
    await stay()
    const stop = new AbortController()
    const working = work(stop.signal)
    try {
      const ended = working.then(() => true)
      while (!(await Promise.race([ended, setTimeout(LOOK_MS, false, { ref: false })]))) await stay()
      return await working
    } catch (error) {
      stop.abort(error)
      await working.catch(() => undefined)
      throw error
    }
  }
}

/** A store that is nobody's becomes that of the agent that most of the sessions are of, of several the first by name. */
async function withAgent(db: Database, { memory_store, sessions }: DreamRequest): Promise<MemoryStore> {
  if (memory_store.agent !== '') return memory_store
  const agents = sessions === null ? await listAgents(db) : await agentsOf(db, sessions)
  const [first] = agents.sort((a, b) => b.sessions - a.sessions || (a.agent < b.agent ? -1 : 1))
  return { ...memory_store, agent: first?.agent ?? '' }
}

type Planned = { sessions: NewSession[]; passed_over: number }

async function plan(db: Database, { store, request, held_back, world }: Run): Promise<Planned> {
  const found =
    request.sessions === null
      ? await undreamed(db, store.id, store.agent, request.since)
      : await undreamedAmong(db, store.id, request.sessions)
  await world.witness?.plans(found.length)
  const sessions = found.filter((it) => !held_back.sessions.has(it.id))
  return { sessions, passed_over: found.length - sessions.length }
}

/** The reviews of the new sessions. They were made at ingest; those of an older reviewer are made again and stored as they come, where there is still a transcript. */
async function review(db: Database, sessions: NewSession[], run: Run): Promise<Counted[]> {
  const ids = sessions.map((it) => it.id)
  const reviews = await readReviews(db, ids, REVIEWER)
  for (const [i, row] of sessions.entries()) {
    run.world.progress('review', i + 1, sessions.length)
    await run.world.witness?.reads(row)
    if (reviews.has(row.id)) continue
    await run.stay()
    const session = run.held_back.transcripts.has(row.id) ? undefined : await readSession(db, row.id)
    if (session === undefined) {
      reviews.set(row.id, await oldReview(db, row.id))
      continue
    }
    const copied: Copied | null = row.copied === null ? null : JSON.parse(row.copied)
    const review = { session_id: row.id, reviewer: REVIEWER, observations: reviewSession(session, copied) }
    if (!run.request.dry_run) await replaceReview(db, review)
    reviews.set(row.id, review)
  }
  const told = await toldTo(db, run.store, ids)
  return sessions.map((row) => ({
    session_id: row.id,
    cell: cellOf(row),
    person: row.person,
    at: row.started_at,
    observations: reviews.get(row.id)!.observations,
    told: told.get(row.id) ?? [],
  }))
}

/** Keys of the lessons of the store that each session was given; a session that was given none is not in there. */
async function toldTo(
  db: Database,
  store: MemoryStore,
  session_ids: string[],
): Promise<Map<string, string[]>> {
  if (!(await wasAnyRecalled(db))) return new Map()
  const delivered = await deliveredTo(db, session_ids)
  const ids = new Set([...delivered.values()].flatMap((it) => [...it]))
  const lessons = new Map((await patternsOf(db, store.id, [...ids])).map((it) => [it.id, keysOf(it)]))
  const keysIn = (it: Set<string>) => [...new Set([...it].flatMap((id) => lessons.get(id) ?? []))].sort()
  return new Map([...delivered].map(([id, it]) => [id, keysIn(it)]))
}

/** What there is to mine: without a model, all that was planned. */
type ReadSessions = Planned & {
  counted: Counted[]
  /** What the model saw in each of them; none that it did not read. */
  seen: Map<string, Observation[]>
  /** Sessions that the model could not read; they stay new. */
  waiting: number
  read_notes: string[]
}

async function readAll(
  db: Database,
  planned: Planned & { counted: Counted[] },
  run: Run,
): Promise<ReadSessions> {
  const { model, now, progress, planned: tell = () => {} } = run.world
  const nothing = { seen: new Map(), waiting: 0, read_notes: [] }
  if (model === undefined || planned.sessions.length === 0) return { ...planned, ...nothing }
  return run.stage('read', async () => {
    const { readSessions } = await import('./read-sessions.ts')
    const reviews = new Map(planned.counted.map((it) => [it.session_id, it.observations]))
    const { seen, waiting, notes } = await readSessions(db, planned.sessions, reviews, model, {
      now,
      progress: (done, total) => progress('read', done, total),
      during: run.during,
      async planned(it) {
        tell(it)
        if (!run.request.dry_run) await noteSpending(db, run.id, run.world.worker, model.meter.spending())
      },
      unread: run.held_back.transcripts,
      dry_run: run.request.dry_run,
    })
    return {
      sessions: planned.sessions.filter((it) => !waiting.has(it.id)),
      passed_over: planned.passed_over,
      counted: planned.counted
        .filter((it) => !waiting.has(it.session_id))
        .map((it) => ({ ...it, observations: [...it.observations, ...(seen.get(it.session_id) ?? [])] })),
      ...{ seen, waiting: waiting.size, read_notes: notes },
    }
  })
}

type Mined = {
  patterns: Pattern[]
  /** Ids of those that said something else until tonight. */
  changed: Set<string>
  notes: string[]
  alerts: Alert[]
  tally: Tally
  touched: Tally
}

/** What the store knew and what is new, as one tally; the patterns in it, with their quotes, each where it stands tonight. */
async function mineAll(db: Database, counted: Counted[], run: Run): Promise<Mined> {
  const { id, agent } = run.store
  const touched = tallyOf(counted)
  const counted_before = await loadTally(db, id, touched, MIN_SUPPORT)
  const isFirstLook = firstLooks(counted_before)
  const tally = counted_before.size === 0 ? touched : mergeTallies(counted_before, touched)
  const known = await readPatterns(db, id)
  const night = { agent, counted, touched, tally, isFirstLook }
  const { found, others, notes, alerts } = await judge(night, known)

  const before = new Map(known.map((it) => [it.id, it]))
  const patterns: Pattern[] = []
  const changed = new Set<string>()
  for (const [finding, standing] of found) {
    await run.stay()
    const was = before.get(patternId(finding, agent))
    const { sightings, evidence } = was ?? {}
    const is_quoted = JSON.stringify(sightings) === JSON.stringify(finding.sightings)
    const quotes = is_quoted ? evidence! : await evidenceFor(db, finding, run.held_back.transcripts)
    const pattern = { ...lessonOf(await worded(db, finding), agent, quotes), ...standing }
    patterns.push(pattern)
    if (was && !isSameClaim(claimOf(was), claimOf(pattern))) changed.add(pattern.id)
  }
  return { patterns: [...patterns, ...others], changed, notes, alerts, tally, touched }
}

type Measured = Mined & { measured: MeasuredStore }

/** What was found, with what its experiments say of it: a lesson that did not help is retired the same night. And what moved further than is wanted. */
async function measureAll(db: Database, mined: Mined, { store, world, stay }: Run): Promise<Measured> {
  const measured = await measureStore(db, store, mined.patterns, mined.changed)
  await stay()
  const alarms = await alarmsOf(db, store, world.now(), stay)
  const notes = notesOnVerdicts(measured, mined.patterns)
  return {
    ...mined,
    measured,
    patterns: withRetired(mined.patterns, measured),
    notes: [...mined.notes, ...notes],
    alerts: [...mined.alerts, ...alarms],
  }
}

type Proposals = { proposed: Proposed; advice: Advice | null }

/** What to change, by the counts, and, where something was read, as the model advises and the counts bear out. */
async function proposeAll(
  db: Database,
  patterns: Pattern[],
  { sessions }: ReadSessions,
  run: Run,
): Promise<Proposals> {
  const proposing = { ...run, now: run.world.now() }
  const proposed = await propose(db, proposing, patterns)
  const { model } = run.world
  if (model === undefined || run.request.dry_run || sessions.length === 0) return { proposed, advice: null }
  const { advise } = await import('./advise.ts')
  const advice = await run.during((signal) =>
    advise(db, proposing, patterns, proposed, model.model.ask, signal),
  )
  return advice === null
    ? { proposed, advice }
    : { proposed: await propose(db, proposing, patterns, advice), advice }
}

type Result = Measured & ReadSessions & Proposals

/** Everything a dream leaves behind, in one transaction: tally, ledger, patterns, changes, and that it ended. */
async function finish(db: Database, run: Run, result: Result): Promise<DreamReport> {
  const { sessions, patterns, seen, advice } = result
  const at = run.world.now()
  const now = at.toISOString()
  if (run.request.dry_run) {
    const { id: memory_store_id, agent } = run.store
    const end = endOf(run, result, result.proposed)
    return {
      dream: { id: run.id, memory_store_id, agent, ...end, created_at: now, ended_at: now },
      changes: result.proposed.changes,
      patterns,
    }
  }
  return db.transaction().execute(async (tx) => {
    await renewLease(tx, run.id, run.world.worker, run.world.now())
    await run.world.witness?.checks(tx)
    await setAgent(tx, run.store.id, run.store.agent)
    await storeTally(tx, run.store.id, result.tally, result.touched)
    await writeLedger(
      tx,
      run.store.id,
      run.id,
      sessions.map(({ seq, id }, i) => ({
        seq,
        told: result.counted[i]!.told ?? [],
        with_model: seen.has(id),
      })),
    )
    const through = await gapless(tx, run, result)
    if (through !== null) await markDreamedThrough(tx, run.store.id, through)
    const known = await statusesOf(tx, run.store.id)
    await forgetCandidates(
      tx,
      run.store.id,
      patterns.map((it) => it.id),
    )
    await storePatterns(tx, run.store.id, patterns, now)
    await storeMeasured(tx, result.measured, { at: now, actor: `dream:${run.id}` })
    const proposed = await proposedNow(
      tx,
      { ...run, now: run.world.now() },
      patterns,
      result.proposed,
      advice,
    )
    const changes = await putUp(tx, run, proposed, patterns, now)
    const { notes, ...rest } = endOf(run, result, proposed)
    const { store } = run
    const more = (await run.world.witness?.ends(tx, { store, changes, patterns, notes })) ?? []
    const end = { ...rest, notes: [...notes, ...more], read_through: proposed.read_through }
    await endDream(tx, run.id, run.world.worker, end, at)
    for (const { id, status } of patterns)
      if (status === 'disputed' && known.get(id) !== 'disputed')
        await announce(tx, { type: 'lesson.disputed', id, now: at })
    const [ended] = await listDreams(tx, { id: run.id, limit: 1 })
    return { dream: ended!, changes, patterns }
  })
}

/** Up to where in the order of arrival the store has now dreamed of every session of its agent; null where that is no further than before. */
async function gapless(
  tx: Transaction,
  { store, request }: Run,
  { sessions, passed_over, waiting }: ReadSessions,
): Promise<number | null> {
  const newest = sessions.findLast((it) => it.agent === store.agent)?.seq
  if (newest === undefined || request.since !== null || passed_over > 0 || waiting > 0) return null
  if (request.sessions === null) return newest
  const next = await firstUndreamed(tx, store.id, store.agent)
  return next === null || next > newest ? newest : null
}

function endOf(
  { world }: Run,
  { sessions, passed_over, counted, read_notes, notes, alerts }: Result,
  proposed: Proposed,
) {
  return {
    status: 'completed' as const,
    result: outcomeOf(sessions.length, proposed.changes.length),
    notes: [...read_notes, ...notes, ...proposed.notes, ...whyPassedOver(passed_over)],
    alerts,
    sessions_read: sessions.length,
    observations: counted.reduce((sum, it) => sum + it.observations.length, 0),
    ...spentBy(world),
    error: null,
  }
}

function spentBy({ model }: World) {
  return { model: model?.model.name ?? null, spending: model?.meter.spending() ?? null }
}

function whyPassedOver(n: number): string[] {
  if (n === 0) return []
  const what = n === 1 ? 'One session was' : `${n} sessions were`
  return [`${what} not read: the policy keeps them no longer. \`reverie retention run\` removes them.`]
}

function outcomeOf(sessions: number, changes: number): Dream['result'] {
  return changes > 0 ? 'changed' : sessions > 0 ? 'unchanged' : 'nothing_new'
}

/** Records why a dream failed. When even that cannot be written (disk full, taken over), the lease runs out and the next dream takes it over. */
async function fail(db: Database, id: string, error: unknown, world: World): Promise<void> {
  const { worker, now } = world
  const type = error instanceof EngineError ? error.type : 'internal_error'
  const message = error instanceof Error ? error.message : String(error)
  await db
    .transaction()
    .execute((tx) => endDream(tx, id, worker, { ...failureOf({ type, message }), ...spentBy(world) }, now()))
    .catch(() => undefined)
}
