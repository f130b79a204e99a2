/**
 * The whole pipeline on one screen: read this first.
 *
 * A dream takes one agent's memory store and the sessions that the store has not dreamed of yet. Everything before
 * `finish` only reads, and `finish` is one transaction, so a dream that is killed anywhere leaves nothing
 * behind but its own row; run again, it takes that row over and ends with the same result.
 */
import { REVIEWER, reviewSession } from './2-review/review.ts'
import { cellOf } from './3-mine/cell.ts'
import { byCluster } from './3-mine/intent.ts'
import { lessonOf, patternId } from './3-mine/lesson.ts'
import { MIN_SUPPORT } from './3-mine/mine.ts'
import { withoutSuspects, withoutSuspectVerdicts } from './3-mine/outcome-source.ts'
import { overnight } from './3-mine/overnight.ts'
import { type Counted, mergeTallies, tallyOf } from './3-mine/tally.ts'
import { consolidate } from './4-consolidate/consolidate.ts'
import { verdictsOn } from './5-decide/verdict.ts'
import type { Database } from './db/database.ts'
import {
  beginDream,
  endDream,
  heldChanges,
  insertChange,
  listDreams,
  markDreamedThrough,
  RENEW_MS,
  renewLease,
  writeLedger,
} from './db/dreams.ts'
import { listMemories, writeMemory } from './db/memories.ts'
import { forgetCandidates, readPatterns, storePatterns } from './db/patterns.ts'
import { type NewSession, readReviews, readSession, replaceReview, undreamed } from './db/sessions.ts'
import { loadTally, storeTally } from './db/tallies.ts'
import type { Alert } from './domain/alert.ts'
import type { Change } from './domain/change.ts'
import type { Dream } from './domain/dream.ts'
import { EngineError } from './domain/error.ts'
import { randomId } from './domain/id.ts'
import type { MemoryStore } from './domain/memory.ts'
import type { Pattern } from './domain/pattern.ts'
import type { Copied } from './domain/review.ts'
import type { Tally } from './domain/tally.ts'
import { evidenceFor } from './evidence.ts'
import { mineOnThread } from './mine-on-thread.ts'

export type DreamRequest = {
  memory_store: MemoryStore
  /** Only sessions that ended at or after this time (RFC 3339); older ones stay new for a later dream. */
  since: string | null
  /** Work out the changes and write nothing. */
  dry_run: boolean
}

/** What a dream needs of the world besides the database. */
export type World = {
  now: () => Date
  /** Names this process to the others. */
  worker: string
  is_alive: (worker: string) => boolean
  progress: (stage: Stage, done: number, total: number) => void
}

export type Stage = 'plan' | 'review' | 'mine' | 'consolidate' | 'finish'

export type DreamReport = { dream: Dream; changes: Change[]; patterns: Pattern[] }

export async function dream(db: Database, request: DreamRequest, world: World): Promise<DreamReport> {
  const run = await begin(db, request, world)
  try {
    const sessions = await run.stage('plan', () =>
      undreamed(db, run.store.id, run.store.agent, request.since),
    )
    const counted = await run.stage('review', () => review(db, sessions, run))
    const mined = await run.stage('mine', () => mineAll(db, counted, run))
    const changes = await run.stage('consolidate', () => propose(db, mined.patterns, run))
    return await run.stage('finish', () => finish(db, run, { sessions, counted, changes, ...mined }))
  } catch (error) {
    await fail(db, run, error)
    throw error
  }
}

/** One dream while it runs. `stage` and, in long stages, `stay` renew the lease, so nobody takes a living dream over. */
type Run = {
  id: string
  store: MemoryStore
  request: DreamRequest
  world: World
  stage: <T>(name: Stage, work: () => Promise<T>) => Promise<T>
  stay: () => Promise<void>
}

async function begin(db: Database, request: DreamRequest, world: World): Promise<Run> {
  const store = request.memory_store
  const id = request.dry_run
    ? randomId('drm')
    : await beginDream(db, store.id, world.worker, world.now(), world.is_alive)
  let renewed = 0
  const stay = async () => {
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
  return { id, store, request, world, stage, stay }
}

/** The reviews of the new sessions. They were made at ingest; those of an older reviewer are made again and stored as they come. */
async function review(db: Database, sessions: NewSession[], run: Run): Promise<Counted[]> {
  const ids = sessions.map((it) => it.id)
  const reviews = await readReviews(db, ids, REVIEWER)
  for (const [i, row] of sessions.entries()) {
    run.world.progress('review', i + 1, sessions.length)
    if (reviews.has(row.id)) continue
    await run.stay()
    const session = (await readSession(db, row.id))!
    const copied: Copied | null = row.copied === null ? null : JSON.parse(row.copied)
    const review = { session_id: row.id, reviewer: REVIEWER, observations: reviewSession(session, copied) }
    if (!run.request.dry_run) await replaceReview(db, review)
    reviews.set(row.id, review)
  }
  return sessions.map((row) => ({
    session_id: row.id,
    cell: cellOf(row),
    person: row.person,
    at: row.started_at,
    observations: reviews.get(row.id)!.observations,
  }))
}

type Mined = { patterns: Pattern[]; notes: string[]; alerts: Alert[]; tally: Tally; touched: Tally }

/** What the store knew and what is new, as one tally; the patterns in it, with their quotes, each where it stands tonight. */
async function mineAll(db: Database, counted: Counted[], run: Run): Promise<Mined> {
  const { id, agent } = run.store
  const touched = tallyOf(counted)
  const counted_before = await loadTally(db, id, touched, MIN_SUPPORT)
  const is_first_look = counted_before.size === 0
  const tally = is_first_look ? touched : mergeTallies(counted_before, touched)
  const { findings, notes, alerts, clusters, suspects } = await mineOnThread(tally)
  const trusted = (it: Tally) => withoutSuspects(byCluster(it, clusters), suspects)
  const known = await readPatterns(db, id)
  const { found, others } = overnight(findings, known, {
    agent,
    counted: withoutSuspectVerdicts(counted, suspects),
    touched: trusted(touched),
    tally: trusted(tally),
    is_first_look,
  })

  const before = new Map(known.map((it) => [it.id, it]))
  const patterns: Pattern[] = []
  for (const [finding, standing] of found) {
    await run.stay()
    const { sightings, evidence } = before.get(patternId(finding, agent)) ?? {}
    const is_quoted = JSON.stringify(sightings) === JSON.stringify(finding.sightings)
    const quotes = is_quoted ? evidence! : await evidenceFor(db, finding)
    patterns.push({ ...lessonOf(finding, agent, quotes), ...standing })
  }
  return { patterns: [...patterns, ...others], notes, alerts, tally, touched }
}

/** The changes that the patterns ask for, each with the policy's verdict. */
async function propose(db: Database, patterns: Pattern[], run: Run): Promise<Change[]> {
  const memories = await listMemories(db, run.store.id)
  const asked = await heldChanges(db, run.store.id)
  const proposals = consolidate(patterns, memories, run.world.now().toISOString().slice(0, 10), asked)
  const verdicts = verdictsOn(proposals, memories)
  return proposals.map((it, i) => ({ id: randomId('chg'), dream_id: run.id, ...it, ...verdicts[i]! }))
}

type Result = Mined & { sessions: NewSession[]; counted: Counted[]; changes: Change[] }

/** Everything a dream leaves behind, in one transaction: tally, ledger, patterns, memories, changes, and that it ended. */
async function finish(db: Database, run: Run, result: Result): Promise<DreamReport> {
  const { sessions, counted, patterns, changes, notes, alerts } = result
  const now = run.world.now().toISOString()
  const end = {
    status: 'completed' as const,
    result: outcomeOf(sessions.length, changes.length),
    notes,
    alerts,
    sessions_read: sessions.length,
    observations: counted.reduce((sum, it) => sum + it.observations.length, 0),
    error: null,
  }
  if (run.request.dry_run) {
    const { id: memory_store_id, agent } = run.store
    return {
      dream: { id: run.id, memory_store_id, agent, ...end, created_at: now, ended_at: now },
      changes,
      patterns,
    }
  }
  return db.transaction().execute(async (tx) => {
    await renewLease(tx, run.id, run.world.worker, run.world.now())
    await storeTally(tx, run.store.id, result.tally, result.touched)
    await writeLedger(
      tx,
      run.store.id,
      run.id,
      sessions.map((it) => it.seq),
    )
    const newest = sessions.at(-1)?.seq
    if (newest !== undefined && run.request.since === null) await markDreamedThrough(tx, run.store.id, newest)
    await forgetCandidates(
      tx,
      run.store.id,
      patterns.map((it) => it.id),
    )
    await storePatterns(tx, run.store.id, patterns, now)
    const written: Change[] = []
    for (const [seq, proposed] of changes.entries()) {
      const allowed = proposed.verdict === 'allow'
      const version = allowed
        ? await writeMemory(tx, run.store.id, {
            path: proposed.path,
            content: proposed.after,
            expected: proposed.before_sha256,
            created_by: `dream:${run.id}`,
            reason: proposed.reason,
            now,
          })
        : null
      const change: Change =
        allowed && !version
          ? {
              ...proposed,
              verdict: 'hold',
              verdict_reason: 'the memory was changed by somebody else while the dream ran',
            }
          : proposed
      await insertChange(tx, seq, change, version?.id ?? null)
      written.push(change)
    }
    await endDream(tx, run.id, run.world.worker, end, now)
    const [ended] = await listDreams(tx, { id: run.id, limit: 1 })
    return { dream: ended!, changes: written, patterns }
  })
}

function outcomeOf(sessions: number, changes: number): Dream['result'] {
  return changes > 0 ? 'changed' : sessions > 0 ? 'unchanged' : 'nothing_new'
}

/** Records why a dream failed. When even that cannot be written (disk full, taken over), the lease runs out and the next dream takes it over. */
async function fail(db: Database, run: Run, error: unknown): Promise<void> {
  if (run.request.dry_run) return
  const type = error instanceof EngineError ? error.type : 'internal_error'
  const message = error instanceof Error ? error.message : String(error)
  const end = {
    status: 'failed' as const,
    result: null,
    notes: [],
    alerts: [],
    sessions_read: 0,
    observations: 0,
    error: { type, message },
  }
  const now = run.world.now().toISOString()
  await db
    .transaction()
    .execute((tx) => endDream(tx, run.id, run.world.worker, end, now))
    .catch(() => undefined)
}
