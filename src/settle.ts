/**
 * Settling: what was put in over the wire, event by event, becomes sessions that never change, as if it had come in a file.
 *
 * It goes through the same parser, redaction and review as a file, and is stored in the same kind of transaction. A recording that has grown
 * since is a grown copy of what was stored of it, of which only the new part counts.
 */
import { parseManagedAgents } from './1-ingest/managed-agents.ts'
import { withoutRecalled } from './1-ingest/recalled-memory.ts'
import type { Transcript } from './1-ingest/transcript.ts'
import { appendAudit } from './db/audit.ts'
import type { Database, Transaction } from './db/database.ts'
import { listEvents } from './db/recorded-events.ts'
import {
  findFiledSession,
  findRecording,
  markSettled,
  recordingsToSettle,
  type StoredRecording,
  sessionsOfRecording,
} from './db/recordings.ts'
import { UNKNOWN_MODEL } from './domain/agent.ts'
import { ingested, refusals, store, workspaceOf } from './ingest.ts'
import { type ReadySession, readySession } from './ready-session.ts'

export type Settled = {
  /** All sessions that are stored of each recording, in order of arrival; of a session from a file itself. By the id that was asked for. */
  sessions: Map<string, string[]>
  /** The same in one list, each once. */
  session_ids: string[]
  /** What no dream can read, and why. */
  skipped: { id: string; reason: string }[]
}

/**
 * Settles recordings that have grown since: these, whatever their status, or all that no one writes at the moment. An id may be that
 * of a session from a file, too.
 */
export async function settle(db: Database, which: string[] | 'all idle', now: () => Date): Promise<Settled> {
  const ids = which === 'all idle' ? await recordingsToSettle(db) : [...new Set(which)]
  const workspace = await workspaceOf(db)
  const settled: Settled = { sessions: new Map(), session_ids: [], skipped: [] }
  let batch: Grown[] = []
  const flush = async () => {
    await storeGrown(db, batch, now, settled)
    batch = []
  }
  for (const id of ids) {
    const recording = await findRecording(db, id)
    if (!recording) {
      const filed = await findFiledSession(db, id)
      if (filed) settled.sessions.set(id, [filed.id])
      else settled.skipped.push({ id, reason: 'there is no such session' })
      continue
    }
    if (recording.dream_id !== null) {
      settled.skipped.push({ id, reason: 'it is the session of a dream' })
      continue
    }
    const sessions = await storedOf(db, recording)
    if (recording.settled_through >= recording.last_event && sessions.length > 0) {
      settled.sessions.set(id, sessions)
      continue
    }
    batch.push({ id, recording, ...(await readRecording(db, recording, workspace)) })
    if (batch.length >= BATCH) await flush()
  }
  await flush()
  settled.session_ids = [...new Set([...settled.sessions.values()].flat())]
  return settled
}

const BATCH = 50

/** A recording that grew, as the session that it is now; null where nothing in it is for a dream. */
type Grown = { id: string; recording: StoredRecording; read_through: number; ready: ReadySession | null }

async function readRecording(
  db: Database,
  recording: StoredRecording,
  workspace: string | undefined,
): Promise<{ read_through: number; ready: ReadySession | null }> {
  const events = await listEvents(
    db,
    recording.id,
    { processed: {} },
    { after: null, order: 'asc', limit: Number.MAX_SAFE_INTEGER },
  )
  const read_through = events.at(-1)?.seq ?? 0
  const value = { session: sessionOf(recording), events: events.map((it) => it.event) }
  const source = { path: recording.id, agent: null }
  const [transcript] = parseManagedAgents([{ line: 1, value }], source, () => {})
  if (!transcript) return { read_through, ready: null }
  const ready = await readySession(withOwnEvents(transcript), { workspace })
  if (recording.title !== null) ready.title = recording.title
  return { read_through, ready }
}

/** What the parser asks of a session object. Of an agent of which nothing but the name is known it is told nothing else. */
function sessionOf({ id, agent, metadata, created_at }: StoredRecording) {
  const known = agent.model.id === UNKNOWN_MODEL && agent.version === 1 ? { name: agent.name } : agent
  return { id, agent: known, metadata, created_at }
}

/**
 * Callers number their events as they like, so two sessions may have events of the same ids. Only ids that a service made are the same
 * event wherever they stand; others are known by what they say. The first event decides, so that a session that grows stays what it was.
 */
function withOwnEvents(transcript: Transcript): Transcript {
  const session = withoutRecalled(transcript.session)
  return { ...transcript, session, event_ids_survive_copying: MADE_BY_A_SERVICE.test(session.events[0]!.id) }
}

const MADE_BY_A_SERVICE = /^sevt_01[0-9A-Za-z]{20,}$/

async function storeGrown(db: Database, batch: Grown[], now: () => Date, settled: Settled): Promise<void> {
  if (batch.length === 0) return
  await db.transaction().execute(async (tx) => {
    const at = now().toISOString()
    const refusal = await refusals(tx, false)
    const stored: ReadySession[] = []
    for (const { id, recording, read_through, ready } of batch) {
      const there = await findRecording(tx, recording.id)
      if (!there) {
        settled.skipped.push({ id, reason: 'there is no such session' })
        continue
      }
      const reason = ready === null ? 'nothing in it is for a dream to read' : await refusal(ready)
      if (reason !== null || ready === null) {
        await markSettled(tx, recording.id, Math.max(read_through, there.settled_through), there.same_as)
        settled.skipped.push({ id, reason: reason! })
        continue
      }
      // Somebody else may have settled it meanwhile: then it is known.
      const { id: session_id, new_events, is_judged_later } = await store(tx, ready, at, recording.id)
      if (new_events > 0 || is_judged_later) stored.push(ready)
      const own = await sessionsOfRecording(tx, recording.id)
      const same_as = own.length === 0 ? session_id : null
      await markSettled(tx, recording.id, Math.max(read_through, there.settled_through), same_as)
      settled.sessions.set(id, own.length === 0 ? [session_id] : own)
    }
    if (stored.length > 0) await appendAudit(tx, ingested(stored, undefined, 'ingest', at))
  })
}

async function storedOf(db: Database | Transaction, { id, same_as }: StoredRecording): Promise<string[]> {
  const own = await sessionsOfRecording(db, id)
  return own.length === 0 && same_as !== null ? [same_as] : own
}
