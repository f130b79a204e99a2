/**
 * Retention: what the policy in force no longer lets be kept goes, as often as somebody runs it.
 *
 * A session that is too old is erased, as `erase.ts` does. Where only its transcript is, that goes with the first words and its quotes, and the
 * review, the counts and what was learned stay. A conversation is as old as its last part.
 */

import { signatureOf } from '../3-mine/intent.ts'
import { keptSince } from '../5-decide/retention.ts'
import { appendAudit } from '../db/audit.ts'
import { noteBytesLeft } from '../db/bytes.ts'
import { forgetQuotes } from '../db/claims.ts'
import type { Database, Transaction } from '../db/database.ts'
import { type Candidate, candidates, storesInvolved } from '../db/erasable.ts'
import { forgetModelAnswers, removeTranscripts } from '../db/erasure.ts'
import { readPatterns, storePatterns } from '../db/patterns.ts'
import { policyInForce } from '../db/policies.ts'
import { emptyRecordings, type RecordingToErase } from '../db/recordings.ts'
import type { AuditActor } from '../domain/audit.ts'
import { sha256 } from '../domain/id.ts'
import type { Policy } from '../domain/policy.ts'
import { type ErasureReport, type ErasureWorld, erase, finishErasure } from './erase.ts'
import { select } from './which-sessions.ts'

export type RetentionReport = {
  dry_run: boolean
  /** Of the policy that says so. */
  policy_sha256: string
  /** Sessions of which only the transcript went. */
  transcripts: number
  transcript_ids: string[]
  transcript_bytes: number
  /** Sessions that were erased, and what that changed. */
  erased: ErasureReport
  bytes_left: boolean
}

export async function retain(
  db: Database,
  { dry_run }: { dry_run: boolean },
  world: ErasureWorld,
): Promise<RetentionReport> {
  const { policy, sha256: policy_sha256 } = await policyInForce(db)
  const actor = `policy:${policy_sha256}` as const
  const isDue = (it: Pick<Candidate, 'agent' | 'at'>) => isOld(it, policy, 'sessions', world.now())
  const reason = 'the policy in force keeps them no longer'
  const erased = await erase(db, { which: { due: isDue }, actor, reason, dry_run }, world)
  const gone = new Set(erased.session_ids)
  const all = await transcriptsDue(db, policy, world.now())
  const due: Due = {
    sessions: all.sessions.filter((it) => !gone.has(it.id)),
    recordings: all.recordings.filter((it) => !gone.has(it.id)),
    unstored: all.unstored.filter((it) => !gone.has(it.id)),
  }
  const ids = [...due.sessions, ...due.unstored].map((it) => it.id)
  const is_due = ids.length > 0 || due.recordings.length > 0
  if (!dry_run && is_due) await db.transaction().execute((tx) => remove(tx, due, actor, world.now()))
  const bytes_left = dry_run ? erased.bytes_left : !(await finishErasure(db))
  return {
    dry_run,
    policy_sha256,
    transcripts: ids.length,
    transcript_ids: ids,
    transcript_bytes: due.sessions.reduce((sum, it) => sum + it.transcript_bytes, 0),
    erased,
    bytes_left,
  }
}

/** Ids of sessions that have to go, or whose transcripts have to, and that are still there: a dream does not read them. */
export type HeldBack = { sessions: Set<string>; transcripts: Set<string> }

export async function heldBack(db: Database, now: Date): Promise<HeldBack> {
  const { policy } = await policyInForce(db)
  if (policy.retention.length === 0) return { sessions: new Set(), transcripts: new Set() }
  const due = await select(db, { due: (it) => isOld(it, policy, 'sessions', now) })
  const transcripts = await transcriptsDue(db, policy, now)
  return {
    sessions: new Set(due.sessions.map((it) => it.id)),
    transcripts: new Set([...due.sessions, ...transcripts.sessions].map((it) => it.id)),
  }
}

function isOld(
  { agent, at }: Pick<Candidate, 'agent' | 'at'>,
  policy: Policy,
  what: 'sessions' | 'transcripts',
  now: Date,
): boolean {
  const since = keptSince(policy, agent, now)[what]
  return since !== null && at < since
}

/** Sessions whose transcripts have to go, and what was put in over the wire: of these sessions, or of what nothing was stored. */
type Due = { sessions: Candidate[]; recordings: RecordingToErase[]; unstored: RecordingToErase[] }

async function transcriptsDue(db: Database, policy: Policy, now: Date): Promise<Due> {
  if (policy.retention.length === 0) return { sessions: [], recordings: [], unstored: [] }
  const due = await select(db, { due: (it) => isOld(it, policy, 'transcripts', now) })
  return {
    sessions: due.sessions.filter((it) => it.removed_at === null),
    recordings: due.recordings.filter((it) => it.has_events),
    unstored: due.unstored.filter((it) => it.has_events),
  }
}

async function remove(
  tx: Transaction,
  { sessions, recordings, unstored }: Due,
  actor: Extract<AuditActor, `policy:${string}`>,
  now: Date,
): Promise<void> {
  const at = now.toISOString()
  await emptyRecordings(
    tx,
    recordings.map((it) => it.id),
  )
  // Of two runs at once the second finds them gone.
  const there = new Map((await candidates(tx)).map((it) => [it.id, it]))
  const due = sessions.filter((it) => there.get(it.id)?.removed_at === null)
  const ids = new Set([...due, ...unstored].map((it) => it.id))
  await noteBytesLeft(tx, at)
  if (ids.size === 0) return
  await removeTranscripts(
    tx,
    due.map((it) => ({ ...it, intent: signatureOf(it.title) })),
    at,
  )
  await forgetQuotes(tx, [...ids])
  await forgetModelAnswers(tx)
  for (const { id } of await storesInvolved(tx, due)) {
    const patterns = (await readPatterns(tx, id)).filter((it) =>
      it.evidence.some(({ session_id }) => ids.has(session_id)),
    )
    const unquoted = patterns.map(({ memory_store_id, created_at, updated_at, ...it }) => ({
      ...it,
      evidence: it.evidence.filter(({ session_id }) => !ids.has(session_id)),
    }))
    await storePatterns(tx, id, unquoted, at)
  }
  await appendAudit(tx, {
    at,
    actor,
    action: 'transcripts.removed',
    object: [...ids].join(' '),
    before_sha256: sha256([...ids].join('\n')),
    after_sha256: null,
    reason: `${ids.size} transcripts: the policy in force keeps them no longer; counts and lessons stay`,
  })
}
