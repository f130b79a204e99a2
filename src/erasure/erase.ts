/**
 * Erasing: sessions go, with everything that would not be there without them, and nothing else changes.
 *
 * - Their transcripts, rows, fingerprints and reviews are deleted, what models said of them, and their share of every count. What a store knows is worked out again,
 *   night by night, as if it had never dreamed of them (`relearn.ts`).
 * - A memory whose lesson has lost its support is taken out of the live store; one that quotes them is written anew from the
 *   sessions that remain. What a person wrote stays, and is named where it repeats words of theirs.
 * - History is redacted where it has a trace of them (`plan-erasure.ts`): ids, hashes, times and who acted stay.
 * - What they were given, the lots that they drew and what they came to in numbers go too, and what experiments measured of them is measured anew.
 * - Keyed hashes of them stay, so that the same transcripts are refused when they are ingested again.
 *
 * Planning only reads. Carrying out is one transaction; after it the file is written anew, so that no deleted byte is left in it.
 */
import { appendAudit, auditAfter, auditBefore } from '../db/audit.ts'
import { bytesLeftSince, leaveNoBytes, noteBytesLeft, noteNoBytesLeft } from '../db/bytes.ts'
import { moveChange } from '../db/changes.ts'
import type { Database, Transaction } from '../db/database.ts'
import {
  type Candidate,
  disownDreams,
  lastRecall,
  printsOf,
  type RecallToErase,
  runningDreams,
  storesInvolved,
  versionsOf,
} from '../db/erasable.ts'
import { rememberErased } from '../db/erased.ts'
import {
  deleteRecalls,
  deleteSessions,
  forgetModelAnswers,
  forgetPatterns,
  type Hidden,
  redactChanges,
  redactDecisions,
  redactDreams,
  redactTombstones,
  redactVersions,
  unmeasure,
} from '../db/erasure.ts'
import { writeMemory } from '../db/memories.ts'
import { storePatterns } from '../db/patterns.ts'
import { deleteRecordings, emptyRecordingsOfDreams } from '../db/recordings.ts'
import type { AuditActor } from '../domain/audit.ts'
import { EngineError } from '../domain/error.ts'
import { sha256 } from '../domain/id.ts'
import type { Actor } from '../domain/memory.ts'
import { keepingIndex } from '../govern/keep-index.ts'
import { forgetSessions } from './forget-session.ts'
import { planForStore, type StorePlan } from './plan-erasure.ts'
import { type Selection, select, type Which } from './which-sessions.ts'

export type ErasureReport = {
  dry_run: boolean
  /** How many sessions go, and how many of them were not asked for: copies of those, and sessions of their subagents. */
  sessions: number
  followers: number
  /** Sessions that are old enough to go and stay, because newer ones go on from them. */
  kept_for_newer: number
  session_ids: string[]
  transcript_bytes: number
  /** Records of what was given to those sessions, or asked for in their names. */
  recalls: number
  stores: StoreReport[]
  /** Whether bytes of what was erased, now or earlier, may still be in the database's files. */
  bytes_left: boolean
}

export type StoreReport = {
  store: string
  /** Of those sessions, how many it had dreamed of. */
  sessions: number
  lessons: number
  /** Lessons that were told and are no longer supported. */
  lessons_lost: number
  memories_removed: string[]
  memories_rewritten: string[]
  /** Versions, changes, decisions and notes of dreams that were redacted. */
  texts_redacted: number
  /** Memories that people wrote, and that repeat words of those sessions; they stay. */
  people_repeat: string[]
}

export type ErasureRequest = {
  which: Which
  /** Who erases: a person, or the policy in force. */
  actor: Extract<AuditActor, `user:${string}` | `policy:${string}`>
  /** For the audit log: a phrase of ours, or what the person typed. */
  reason: string
  dry_run: boolean
}

export type ErasureWorld = { now: () => Date; is_alive: (worker: string) => boolean }

/**
 * Throws `not_found_error` for a session or person that is not there, `conflict_error` while a dream of a store involved runs, or where
 * others keep writing meanwhile.
 */
export async function erase(
  db: Database,
  request: ErasureRequest,
  world: ErasureWorld,
): Promise<ErasureReport> {
  for (let attempt = 1; ; attempt++) {
    const plan = await planErasure(db, request)
    if (request.dry_run || isNothing(plan.chosen)) {
      const bytes_left = request.dry_run ? (await bytesLeftSince(db)) !== null : !(await finishErasure(db))
      return reportOf(plan, request, bytes_left)
    }
    const is_done = await db.transaction().execute((tx) => carryOut(tx, plan, request, world))
    if (is_done) return reportOf(plan, request, !(await finishErasure(db)))
    if (attempt === ATTEMPTS)
      throw new EngineError('conflict_error', 'the memory stores kept changing while this was worked out', {
        hint: 'nothing was erased; run it again when nobody else writes',
      })
  }
}

const ATTEMPTS = 5

/** Removes what bytes an erasure left in the files. False where another process keeps them from going. */
export async function finishErasure(db: Database): Promise<boolean> {
  if ((await bytesLeftSince(db)) === null) return true
  if (!(await leaveNoBytes(db))) return false
  await noteNoBytesLeft(db)
  return true
}

function isNothing({ sessions, recordings, recalls }: Selection): boolean {
  return sessions.length === 0 && recordings.length === 0 && recalls.length === 0
}

type Plan = {
  chosen: Selection
  stores: StorePlan[]
  /** The last audit record, and the last recall, that the plan knows of. */
  seen: number
  seen_recall: number
}

async function planErasure(db: Database, { which }: ErasureRequest): Promise<Plan> {
  const [last] = await auditBefore(db, null, 1)
  const seen_recall = await lastRecall(db)
  const chosen = await select(db, which)
  const stores: StorePlan[] = []
  if (chosen.sessions.length > 0)
    for (const store of await storesInvolved(db, chosen.sessions))
      stores.push(await planForStore(db, store, chosen))
  return { chosen, stores, seen: last?.seq ?? 0, seen_recall }
}

/** False, with nothing done, where the plan is out of date. */
async function carryOut(
  tx: Transaction,
  plan: Plan,
  { which, actor, reason }: ErasureRequest,
  { now, is_alive }: ErasureWorld,
): Promise<boolean> {
  const { sessions, recordings, unstored, recalls, unheard } = plan.chosen
  await refuseWhileDreaming(
    tx,
    plan.stores.map((it) => it.store.id),
    { now: now(), is_alive },
  )
  if (!(await isUpToDate(tx, plan, which))) return false

  const at = now().toISOString()
  const ids = sessions.map((it) => it.id)
  for (const it of plan.stores) await eraseFromStore(tx, it, ids, { actor, at })
  const own = new Map(
    (await printsOf(tx, ids)).map((it) => [it.id, it.events.filter((_, i) => !it.copied.has(i))]),
  )
  await rememberErased(
    tx,
    [
      ...sessions.map((it) => ({ ...it, own: own.get(it.id)! })),
      ...unstored.map(({ id, external_id }) => ({ id, external_session_id: external_id ?? id, own: [] })),
      ...('session_ids' in which ? keysOf(unheard) : []).map((id) => ({
        id,
        external_session_id: id,
        own: [],
      })),
    ],
    at,
  )
  await deleteSessions(tx, sessions)
  await forgetModelAnswers(tx)
  await deleteRecalls(
    tx,
    recalls.map((it) => it.id),
  )
  await unmeasure(tx, {
    store_ids: [...plan.stores.map((it) => it.store.id), ...recalls.map((it) => it.memory_store_id)],
    agents: sessions.map((it) => it.agent),
  })
  await deleteRecordings(
    tx,
    recordings.map((it) => it.id),
  )
  // They tell what those dreams read and wrote.
  await emptyRecordingsOfDreams(
    tx,
    plan.stores.map((it) => it.store.id),
  )
  await noteBytesLeft(tx, at)
  const all_ids = [...idsOf(plan.chosen), ...unheard.map((it) => it.id)]
  await appendAudit(tx, {
    at,
    actor,
    action: 'sessions.erased',
    object: all_ids.join(' '),
    before_sha256: sha256(all_ids.join('\n')),
    after_sha256: null,
    reason: `${countsOf(plan)}: ${reason}`,
  })
  return true
}

/** What the sessions were called that never came. */
function keysOf(unheard: RecallToErase[]): string[] {
  return [...new Set(unheard.flatMap((it) => it.session_key ?? []))]
}

async function refuseWhileDreaming(
  tx: Transaction,
  store_ids: string[],
  { now, is_alive }: { now: Date; is_alive: ErasureWorld['is_alive'] },
): Promise<void> {
  const dreams = await runningDreams(tx, store_ids)
  const running = dreams.find(
    ({ worker, lease_expires_at }) =>
      worker !== null && lease_expires_at! >= now.toISOString() && is_alive(worker),
  )
  if (running)
    throw new EngineError('conflict_error', `the dream ${running.id} is still running`, {
      hint: 'it would write down what it has read: wait for it to end, then erase',
    })
  // One that is believed dead and is not finds out when it comes to write.
  await disownDreams(
    tx,
    dreams.map((it) => it.id),
  )
}

const SESSIONS_CAME: ReadonlySet<string> = new Set(['sessions.ingested', 'session.created'])

/** New sessions and recalls do not matter, unless they would go as well. */
async function isUpToDate(tx: Transaction, plan: Plan, which: Which): Promise<boolean> {
  const { seen, seen_recall, chosen } = plan
  let has_more = (await lastRecall(tx)) !== seen_recall
  for (let after = seen; ; ) {
    const records = await auditAfter(tx, after, 1_000)
    if (records.length === 0) break
    if (records.some((it) => !SESSIONS_CAME.has(it.action))) return false
    has_more = true
    after = records.at(-1)!.seq
  }
  if (!has_more) return true
  const again = await select(tx, which)
  return (['sessions', 'recordings', 'recalls'] as const).every(
    (it) => again[it].length === chosen[it].length,
  )
}

/** What the store counted and knew, its memories, and its past. */
async function eraseFromStore(
  tx: Transaction,
  plan: StorePlan,
  session_ids: string[],
  { actor, at }: { actor: ErasureRequest['actor']; at: string },
): Promise<void> {
  const { store, patterns, author } = plan
  await forgetSessions(tx, store.id, session_ids)
  await forgetPatterns(
    tx,
    store.id,
    patterns.map((it) => it.id),
  )
  await storePatterns(tx, store.id, patterns, at)

  const created_by: Actor = actor.startsWith('user:') ? (actor as Actor) : author
  const removals = await keepingIndex(tx, store.id, { created_by, now: at }, async () => {
    const hidden: Hidden[] = []
    for (const { path, expected, content, created_by: whose, hides_path } of plan.writes) {
      const version = await writeMemory(tx, store.id, {
        path,
        content,
        expected,
        created_by: whose ?? created_by,
        actor,
        reason: content === null ? REMOVED : REWRITTEN,
        now: at,
      })
      if (hides_path) hidden.push({ id: version!.id, hides_path })
    }
    return hidden
  })

  for (const it of plan.superseded) await moveChange(tx, it, 'superseded')
  await redactChanges(tx, plan.changes, at)
  await redactDecisions(tx, plan.decisions, at)
  await redactTombstones(tx, plan.tombstones)
  await redactDreams(tx, plan.dreams, at)
  const live = new Set((await versionsOf(tx, store.id)).filter((it) => it.is_live).map((it) => it.id))
  await redactVersions(
    tx,
    [...plan.versions, ...removals].filter((it) => !live.has(it.id)),
    at,
  )
}

const REMOVED = 'the sessions that it rested on were erased'
const REWRITTEN = 'the sessions that it quoted were erased'

function reportOf({ chosen, stores }: Plan, { dry_run }: ErasureRequest, bytes_left: boolean): ErasureReport {
  return {
    dry_run,
    sessions: idsOf(chosen).length,
    followers: chosen.followers,
    kept_for_newer: chosen.kept_for_newer,
    session_ids: idsOf(chosen),
    transcript_bytes: chosen.sessions.reduce((sum, it) => sum + bytesOf(it), 0),
    recalls: chosen.recalls.length,
    stores: stores.map((it) => ({
      store: it.store.name,
      sessions: it.sessions,
      lessons: it.lessons,
      lessons_lost: it.lessons_lost,
      memories_removed: it.writes.filter((write) => write.content === null).map((write) => write.path),
      memories_rewritten: it.writes.filter((write) => write.content !== null).map((write) => write.path),
      texts_redacted: redactedIn(it),
      people_repeat: it.people_repeat,
    })),
    bytes_left,
  }
}

/** Of the sessions, and of what was put in and never stored as one. */
function idsOf({ sessions, unstored }: Selection): string[] {
  return [...sessions, ...unstored].map((it) => it.id)
}

function bytesOf({ transcript_bytes, removed_at }: Candidate): number {
  return removed_at === null ? transcript_bytes : 0
}

function redactedIn({ versions, changes, decisions, tombstones, dreams }: StorePlan): number {
  return versions.length + changes.length + decisions.length + tombstones.length + dreams.length
}

function countsOf({ chosen, stores }: Plan): string {
  const sum = (of: (it: StorePlan) => number) => stores.reduce((n, it) => n + of(it), 0)
  return [
    `${idsOf(chosen).length} sessions`,
    `${chosen.recalls.length} recalls`,
    `${sum((it) => it.lessons_lost)} lessons lost`,
    `${sum((it) => it.writes.length)} memories removed or rewritten`,
    `${sum(redactedIn)} texts redacted`,
  ].join(', ')
}
