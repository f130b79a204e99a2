/**
 * Ingest: transcript files in, stored sessions out, with an account of everything that was not stored and why.
 *
 * Reading, redacting and reviewing happen in worker threads; storing happens here, in the order of the files,
 * so the same files always give the same database. A session is stored whole or not at all: a process that is
 * killed in the middle leaves complete sessions behind, and the next run goes on from there.
 */
import { copiedEvents } from './1-ingest/copies.ts'
import { holdsErased } from './1-ingest/erased.ts'
import { findTranscripts } from './1-ingest/find.ts'
import type { Privacy } from './1-ingest/pii.ts'
import { redact } from './1-ingest/redact.ts'
import { withoutCopied } from './2-review/review.ts'
import { MEASURER } from './7-measure/session-measures.ts'
import { appendAudit } from './db/audit.ts'
import type { Database, Transaction } from './db/database.ts'
import { erasedPrints, forgetErased } from './db/erased.ts'
import { storeMeasures } from './db/session-measures.ts'
import { insertSession, type SharingSession, sessionsSharing } from './db/sessions.ts'
import { ownWorkspace } from './db/workspaces.ts'
import type { AuditEntry } from './domain/audit.ts'
import { DEFAULT_WORKSPACE } from './domain/default-workspace.ts'
import { derivedId, sha256 } from './domain/id.ts'
import { isVerified } from './domain/outcome.ts'
import type { Copied } from './domain/review.ts'
import type { Harness } from './domain/session.ts'
import { type Item, readFiles } from './ingest-threads.ts'
import type { IngestOptions, ReadySession } from './ready-session.ts'

/** A part of the input that was not stored. `line` is null when it is a whole file. */
export type Skipped = { path: string; line: number | null; reason: string }

export type HarnessReport = {
  sessions_new: number
  sessions_known: number
  events: number
  bytes: number
  redactions: number
}

export type IngestReport = {
  sessions_new: number
  /** Sessions that were there already, under this or another id. */
  sessions_known: number
  /** How many of these have an outcome now that they did not have when they were stored. */
  outcomes_new: number
  /** Files, and parts of files, that are no session or could not be read. */
  sessions_skipped: number
  /** Events of the new sessions. */
  events: number
  /** Bytes of transcript read. */
  bytes: number
  /** Secrets, and personal data where it was asked for, replaced, by class. */
  redactions: Record<string, number>
  skipped: Skipped[]
  /** Kinds of entries that were passed over, counted: unknown types and those without meaning for us. */
  passed_over: Record<string, number>
  by_harness: Partial<Record<Harness, HarnessReport>>
  files: number
}

export type IngestProgress = (done_bytes: number, total_bytes: number) => void

/** Stores at least this many bytes of packed sessions in one transaction: each one costs a sync of the disk. */
const LARGE_BATCH = { bytes: 4 * 1024 * 1024, sessions: 200 }

export async function ingest(
  db: Database,
  paths: string[],
  options: Omit<IngestOptions, 'workspace'> & {
    /** Stores again what was erased. */
    again?: boolean
  },
  now: () => Date,
  progress: IngestProgress,
): Promise<IngestReport> {
  const report = emptyReport()
  const files = [
    ...findTranscripts(paths, (it) => report.skipped.push({ path: it.path, line: null, reason: it.reason })),
  ]
  const total = files.reduce((sum, it) => sum + it.bytes, 0)
  report.files = files.length
  let done = 0
  progress(0, total)
  const items = readFiles(files, { ...options, workspace: await workspaceOf(db) })
  await storeItems(db, items, report, {
    ...{ options, now, by: 'ingest', batch: LARGE_BATCH, stored: () => {} },
    ended: (bytes) => {
      done += bytes
      progress(done, total)
    },
  })
  report.bytes = total
  report.sessions_skipped = report.skipped.length
  return redactReport(report, options.privacy)
}

/** Name of the workspace, where it is not the default one. */
export async function workspaceOf(db: Database): Promise<string | undefined> {
  const { name } = await ownWorkspace(db)
  return name === DEFAULT_WORKSPACE.name ? undefined : name
}

export type Storing = {
  options: Omit<IngestOptions, 'workspace'> & { again?: boolean }
  now: () => Date
  /** Who put the sessions in. */
  by: AuditEntry['actor']
  /** How much is stored in one transaction. */
  batch: { bytes: number; sessions: number }
  /** Awaited between two sessions of a transaction, so that what else this thread has to do can go on. */
  pause?: () => Promise<unknown>
  /** Told the id under which each session is stored, now or from before. */
  stored: (session_id: string) => void
  /** Told when all of a file was read. */
  ended: (bytes: number) => void
}

/** Stores what was read, in the order in which it comes, and counts it in `report`. */
export async function storeItems(
  db: Database,
  items: AsyncIterable<Item>,
  report: IngestReport,
  { options, now, by, batch: largest, pause, stored: tellStored, ended }: Storing,
): Promise<void> {
  const skip = (path: string, line: number | null, reason: string) =>
    report.skipped.push({ path, line, reason })
  const files_of = new WeakMap<ReadySession, string>()
  let batch: ReadySession[] = []
  let batch_bytes = 0
  const flush = async () => {
    const sessions = batch
    batch = []
    batch_bytes = 0
    if (sessions.length === 0) return
    await db.transaction().execute(async (tx) => {
      const at = now().toISOString()
      const stored: ReadySession[] = []
      const refusal = await refusals(tx, options.again ?? false)
      for (const it of sessions) {
        const reason = await refusal(it)
        if (reason !== null) {
          skip(files_of.get(it)!, null, reason)
          continue
        }
        const { id, new_events, is_judged_later } = await store(tx, it, at)
        note(report, it, new_events)
        if (is_judged_later) report.outcomes_new++
        tellStored(id)
        await pause?.()
        if (new_events > 0 || is_judged_later) stored.push(it)
      }
      if (stored.length > 0) await appendAudit(tx, ingested(stored, options.privacy, by, at))
    })
  }

  let harness: Harness | null = null
  for await (const it of items) {
    switch (it.type) {
      case 'session':
        harness = it.session.facts.harness
        files_of.set(it.session, it.path)
        batch.push(it.session)
        batch_bytes += it.session.content.length
        if (batch_bytes >= largest.bytes || batch.length >= largest.sessions) await flush()
        break
      case 'problem':
        skip(it.path, it.problem.line, it.problem.reason)
        break
      case 'end':
        // Nothing tells which harness wrote a file without sessions.
        if (harness !== null) harnessIn(report, harness).bytes += it.bytes
        harness = null
        ended(it.bytes)
    }
  }
  await flush()
}

/** Paths, reasons and kinds of entries are words of the input, too. */
export async function redactReport(report: IngestReport, privacy?: Privacy): Promise<IngestReport> {
  const clean = async (text: string) => (await redact(text, privacy)).text
  const skipped: Skipped[] = []
  for (const it of report.skipped)
    skipped.push({ ...it, path: await clean(it.path), reason: await clean(it.reason) })
  const passed_over: Record<string, number> = {}
  for (const [kind, n] of Object.entries(report.passed_over)) {
    const name = await clean(kind)
    passed_over[name] = (passed_over[name] ?? 0) + n
  }
  return { ...report, skipped, passed_over }
}

/** One audit record for all sessions of a batch; their ids can be told from the hash when somebody has them. */
export function ingested(
  sessions: ReadySession[],
  privacy: Privacy | undefined,
  actor: AuditEntry['actor'],
  at: string,
): AuditEntry {
  const ids = sessions.map((it) => it.facts.id)
  return {
    at,
    actor,
    action: 'sessions.ingested',
    object: ids.length === 1 ? ids[0]! : `${ids.length} sessions from ${ids[0]} on`,
    before_sha256: null,
    after_sha256: sha256(ids.join('\n')),
    reason:
      privacy === undefined
        ? 'transcripts were ingested'
        : `transcripts were ingested, with ${privacy.classes.join(', ')} redacted`,
  }
}

/** Why a session is not stored: it was erased, or goes on from one that was. With `again` it is stored, and no longer counts as erased. */
export async function refusals(
  tx: Transaction,
  again: boolean,
): Promise<(ready: ReadySession) => Promise<string | null>> {
  const erasedAmong = await erasedPrints(tx)
  if (erasedAmong === null) return async () => null
  return async ({ fingerprints }) => {
    const erased = await erasedAmong(fingerprints.events.match(/.{16}/g) ?? [])
    if (!holdsErased(fingerprints.rule, erased)) return null
    if (again) await forgetErased(tx, erased.session_ids)
    const day = erased.erased_at!.slice(0, 10)
    return again ? null : `it holds a session that was erased on ${day}; --again stores it all the same`
  }
}

/**
 * The number of its events that are new, 0 when the session was known; and the id of the session that holds it. One that was known, but not how
 * it ended, is stored again as what goes on from it, with nothing new but its outcome.
 */
export async function store(
  tx: Transaction,
  ready: ReadySession,
  now: string,
  recording_id: string | null = null,
): Promise<{ id: string; new_events: number; is_judged_later: boolean }> {
  const { facts, counts, fingerprints } = ready
  const id_if_judged_later = derivedId('sesn', facts.id, 'judged later')
  const named = { ids: [facts.id, id_if_judged_later], external_session_id: facts.external_session_id }
  const events = new Set<number>()
  const originals: SharingSession[] = []
  for (const other of await sessionsSharing(tx, named, fingerprints.checkpoints)) {
    const shared = copiedEvents({ ...facts, result: facts.outcome.result }, fingerprints, other)
    if (shared.length > 0) originals.push(other)
    for (const it of shared) events.add(it)
  }
  const was_judged = originals.some(isVerified)
  const is_known = events.size === counts.events
  const is_judged_later = is_known && !was_judged && isVerified(facts.outcome)
  if (is_known && !is_judged_later) return { id: originals[0]!.id, new_events: 0, is_judged_later }

  const copied = events.size === 0 ? null : { events: [...events], was_judged }
  const { outcome, ...session } = facts
  if (is_judged_later) session.id = id_if_judged_later
  await insertSession(
    tx,
    {
      ...session,
      continues_session_id: originals[0]?.id ?? null,
      copied: copied === null ? null : JSON.stringify(copied),
      title: ready.title,
      outcome_result: outcome.result,
      outcome_verified: outcome.verified ? 1 : 0,
      reward: outcome.reward,
      outcome_rule: outcome.rule,
      ...counts,
      redactions: Object.values(ready.redactions).reduce((sum, it) => sum + it, 0),
      transcript_sha256: ready.content_sha256,
      ingested_at: now,
      recording_id,
    },
    { sha256: ready.content_sha256, size_bytes: ready.size_bytes, content: ready.content },
    copied === null ? fingerprints : foundByOriginal(fingerprints, events.size),
    copied === null ? ready.review : ownReview(ready.review, copied),
  )
  // What is new in a copy is measured when somebody asks: it takes the whole session again.
  if (copied === null) await storeMeasures(tx, session.id, MEASURER, ready.measures)
  return { id: session.id, new_events: counts.events - events.size, is_judged_later }
}

/** With the last event that was copied among the checkpoints: whoever erases the original looks for its last event. */
function foundByOriginal(fingerprints: ReadySession['fingerprints'], copied: number) {
  if (fingerprints.rule === 'id') return fingerprints
  const last = fingerprints.events.slice(16 * (copied - 1), 16 * copied)
  return { ...fingerprints, checkpoints: [...fingerprints.checkpoints, last] }
}

function ownReview(
  { reviewer, observations }: ReadySession['review'],
  copied: Copied,
): ReadySession['review'] {
  return { reviewer, observations: JSON.stringify(withoutCopied(JSON.parse(observations), copied)) }
}

function note(
  report: IngestReport,
  { facts, redactions, passed_over }: ReadySession,
  new_events: number,
): void {
  const harness = harnessIn(report, facts.harness)
  for (const [kind, n] of Object.entries(passed_over))
    report.passed_over[kind] = (report.passed_over[kind] ?? 0) + n
  if (new_events === 0) {
    report.sessions_known++
    harness.sessions_known++
    return
  }
  report.sessions_new++
  report.events += new_events
  harness.sessions_new++
  harness.events += new_events
  for (const [kind, n] of Object.entries(redactions)) {
    report.redactions[kind] = (report.redactions[kind] ?? 0) + n
    harness.redactions += n
  }
}

function harnessIn(report: IngestReport, harness: Harness): HarnessReport {
  report.by_harness[harness] ??= { sessions_new: 0, sessions_known: 0, events: 0, bytes: 0, redactions: 0 }
  return report.by_harness[harness]
}

export function emptyReport(): IngestReport {
  return {
    sessions_new: 0,
    sessions_known: 0,
    outcomes_new: 0,
    sessions_skipped: 0,
    events: 0,
    bytes: 0,
    redactions: {},
    skipped: [],
    passed_over: {},
    by_harness: {},
    files: 0,
  }
}
