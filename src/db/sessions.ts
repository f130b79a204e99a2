import { sql } from 'kysely'
import { EngineError } from '../domain/error.ts'
import { sha256 } from '../domain/id.ts'
import type { Outcome } from '../domain/outcome.ts'
import type { Review } from '../domain/review.ts'
import type { Session } from '../domain/session.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'
import type { Schema } from './schema.ts'

/**
 * A session as it is listed: everything but its events. Its place in the order of arrival is for the database alone: the numbers
 * that are missing would tell how much arrived in other workspaces.
 */
export type SessionRow = Omit<
  Schema['session'],
  'workspace_id' | 'fingerprints' | 'transcript_sha256' | 'copied' | 'seq' | 'intent' | 'recording_id'
>

const listed = [
  'id',
  'harness',
  'external_session_id',
  'agent',
  'agent_version',
  'task',
  'person',
  'parent_external_session_id',
  'continues_session_id',
  'title',
  'started_at',
  'ended_at',
  'outcome_result',
  'outcome_verified',
  'reward',
  'outcome_rule',
  'events',
  'human_turns',
  'tool_calls',
  'tool_errors',
  'feedback',
  'redactions',
  'ingested_at',
] as const

/** One that may have been copied: which it is, how it ended, and the fingerprints of its events. */
export type SharingSession = {
  id: string
  agent: string
  external_session_id: string
  result: Outcome['result']
  verified: boolean
  events: string
}

/**
 * The sessions that share any of the checkpoints, with the fingerprints of all their events: those that share most come first, and of many
 * that only begin alike, not all. Always among them is the session itself where it is stored, under any of its
 * ids, and what else goes by its name. What another
 * workspace has makes nothing a copy.
 */
export async function sessionsSharing(
  db: Database | Transaction,
  session: { ids: string[]; external_session_id: string },
  checkpoints: string[],
): Promise<SharingSession[]> {
  if (checkpoints.length === 0) return []
  type Row = Omit<SharingSession, 'events' | 'verified'> & { verified: number; fingerprints: Uint8Array }
  const { rows } = await sql<Row>`
    WITH relative AS (
      SELECT session_id, count(*) AS shared FROM fingerprint
      WHERE workspace_id = ${OWN_WORKSPACE} AND fingerprint IN (SELECT value FROM json_each(${JSON.stringify(checkpoints)}))
      GROUP BY session_id ORDER BY shared DESC LIMIT ${MOST_RELATIVES}
    ), namesake AS (
      SELECT id FROM session
      WHERE +workspace_id = ${OWN_WORKSPACE} AND external_session_id = ${session.external_session_id}
      ORDER BY seq DESC LIMIT ${MOST_RELATIVES}
    )
    SELECT session.id, session.agent, session.external_session_id, session.outcome_result AS result,
      session.outcome_verified AS verified, session.fingerprints
    FROM session LEFT JOIN relative ON relative.session_id = session.id
    WHERE +session.workspace_id = ${OWN_WORKSPACE} AND session.id IN (
      SELECT session_id FROM relative UNION SELECT id FROM namesake UNION SELECT value FROM json_each(${JSON.stringify(session.ids)})
    )
    ORDER BY relative.shared DESC NULLS LAST, session.seq`.execute(db)
  return rows.map(({ fingerprints, verified, ...it }) => ({
    ...it,
    verified: verified === 1,
    events: Buffer.from(fingerprints).toString('hex'),
  }))
}

const MOST_RELATIVES = 50

export async function insertSession(
  tx: Transaction,
  session: Omit<Schema['session'], 'seq' | 'workspace_id' | 'fingerprints' | 'intent' | 'recording_id'> & {
    /** What was put in over the wire event by event, where it was. */
    recording_id: string | null
  },
  transcript: Omit<Schema['transcript'], 'removed_at'>,
  fingerprints: { events: string; checkpoints: string[] },
  review: { reviewer: number; observations: string },
): Promise<void> {
  await tx
    .insertInto('transcript')
    .values(transcript)
    .onConflict((it) => it.doNothing())
    .execute()
  await tx
    .insertInto('session')
    .values({
      ...session,
      workspace_id: OWN_WORKSPACE,
      fingerprints: Buffer.from(fingerprints.events, 'hex'),
    })
    .execute()
  await sql`
    INSERT INTO fingerprint (workspace_id, fingerprint, session_id)
    SELECT DISTINCT ${OWN_WORKSPACE}, value, ${session.id} FROM json_each(${JSON.stringify(fingerprints.checkpoints)})`.execute(
    tx,
  )
  await tx
    .insertInto('review')
    .values({ session_id: session.id, reviewer: review.reviewer, content: review.observations })
    .execute()
}

/** Stores a review in place of an older reviewer's. */
export async function replaceReview(db: Database | Transaction, review: Review): Promise<void> {
  const row = {
    session_id: review.session_id,
    reviewer: review.reviewer,
    content: JSON.stringify(review.observations),
  }
  await db
    .insertInto('review')
    .values(row)
    .onConflict((it) => it.column('session_id').doUpdateSet(row))
    .execute()
}

/** The whole session; undefined when there is none of that id, or its transcript was removed. Throws `database_error` when it is not what was stored. */
export async function readSession(db: Database, id: string): Promise<Session | undefined> {
  const row = await db
    .selectFrom('session')
    .innerJoin('transcript', 'transcript.sha256', 'session.transcript_sha256')
    .select(['transcript.sha256', 'transcript.content'])
    .where('session.id', '=', id)
    .where('session.workspace_id', '=', OWN_WORKSPACE)
    .where('transcript.removed_at', 'is', null)
    .executeTakeFirst()
  return row && { ...(JSON.parse(await unpack(row, id)) as Session), id }
}

async function unpack(
  transcript: { sha256: string; content: Uint8Array },
  session_id: string,
): Promise<string> {
  // Whoever only looks a session up need not wait for it.
  const { zstdDecompressSync } = await import('node:zlib')
  let cause: unknown
  try {
    const json = zstdDecompressSync(transcript.content)
    if (sha256(json) === transcript.sha256) return json.toString()
  } catch (error) {
    cause = error
  }
  throw new EngineError('database_error', `the transcript of the session ${session_id} is damaged`, {
    hint: 'restore the database from a backup, or ingest the transcripts into a new one with --db PATH',
    cause,
  })
}

/** By our id or the harness's. The plus keeps SQLite from going through all sessions of the workspace. */
export async function findSession(db: Database, id: string): Promise<SessionRow | undefined> {
  return db
    .selectFrom('session')
    .select(listed)
    .where((eb) => eb.or([eb('id', '=', id), eb('external_session_id', '=', id)]))
    .where(sql<string>`+workspace_id`, '=', OWN_WORKSPACE)
    .orderBy('seq', 'desc')
    .executeTakeFirst()
}

/** Newest arrivals first, those that came before the session `before`. */
export async function listSessions(
  db: Database,
  filter: { agent?: string; before?: string; limit: number },
): Promise<SessionRow[]> {
  return db
    .selectFrom('session')
    .select(listed)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .$if(filter.agent !== undefined, (it) => it.where('agent', '=', filter.agent!))
    .$if(filter.before !== undefined, (it) =>
      it.where('seq', '<', (eb) => eb.selectFrom('session').select('seq').where('id', '=', filter.before!)),
    )
    .orderBy('seq', 'desc')
    .limit(filter.limit)
    .execute()
}

/** Of these sessions, those that were put in event by event: the id of the recording of each. */
export async function recordingsBehind(
  db: Database | Transaction,
  session_ids: string[],
): Promise<Map<string, string>> {
  const found = new Map<string, string>()
  for (let i = 0; i < session_ids.length; i += CHUNK) {
    const rows = await db
      .selectFrom('session')
      .select(['id', 'recording_id'])
      .where('workspace_id', '=', OWN_WORKSPACE)
      .where('id', 'in', session_ids.slice(i, i + CHUNK))
      .where('recording_id', 'is not', null)
      .execute()
    for (const it of rows) found.set(it.id, it.recording_id!)
  }
  return found
}

/** The agents that have sessions, with how many. */
export async function listAgents(db: Database): Promise<{ agent: string; sessions: number }[]> {
  return db
    .selectFrom('session')
    .select((eb) => ['agent', eb.fn.countAll<number>().as('sessions')])
    .where('workspace_id', '=', OWN_WORKSPACE)
    .groupBy('agent')
    .orderBy('agent')
    .execute()
}

/** The agents of these sessions, with how many each has of them. */
export async function agentsOf(db: Database, ids: string[]): Promise<{ agent: string; sessions: number }[]> {
  return db
    .selectFrom('session')
    .select((eb) => ['agent', eb.fn.countAll<number>().as('sessions')])
    .where(sql<string>`+workspace_id`, '=', OWN_WORKSPACE)
    .where('id', 'in', ids)
    .groupBy('agent')
    .orderBy('agent')
    .execute()
}

/** A session that is yet to be dreamed of; `copied` is a `Copied` as JSON. */
export type NewSession = SessionRow & { seq: number; copied: string | null; intent: string | null }

/** The sessions of an agent that a memory store has not dreamed of, in order of arrival. */
export async function undreamed(
  db: Database,
  memory_store_id: string,
  agent: string,
  since: string | null,
): Promise<NewSession[]> {
  return newOf(db, memory_store_id, agent)
    .select([...listed, 'seq', 'copied', 'intent'])
    .$if(since !== null, (it) =>
      it.where((eb) => eb.or([eb('ended_at', '>=', since), eb('ended_at', 'is', null)])),
    )
    .execute()
}

/** The place in the order of arrival of the first session of an agent that a memory store has not dreamed of; null where there is none. */
export async function firstUndreamed(
  db: Database | Transaction,
  memory_store_id: string,
  agent: string,
): Promise<number | null> {
  const row = await newOf(db, memory_store_id, agent).select('seq').limit(1).executeTakeFirst()
  return row?.seq ?? null
}

/** Those of these sessions that a memory store has not dreamed of, whatever their agent, in order of arrival. */
export async function undreamedAmong(
  db: Database,
  memory_store_id: string,
  ids: string[],
): Promise<NewSession[]> {
  const found: NewSession[] = []
  for (let i = 0; i < ids.length; i += CHUNK)
    found.push(
      ...(await db
        .selectFrom('session')
        .select([...listed, 'seq', 'copied', 'intent'])
        .where(sql<string>`+workspace_id`, '=', OWN_WORKSPACE)
        .where('id', 'in', ids.slice(i, i + CHUNK))
        .where(isNotInLedger(memory_store_id))
        .execute()),
    )
  return found.sort((a, b) => a.seq - b.seq)
}

function newOf(db: Database | Transaction, memory_store_id: string, agent: string) {
  return db
    .selectFrom('session')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('agent', '=', agent)
    .where('seq', '>', (eb) =>
      eb.fn.coalesce(
        eb.selectFrom('memory_store').select('dreamed_through').where('id', '=', memory_store_id),
        eb.lit(0),
      ),
    )
    .where(isNotInLedger(memory_store_id))
    .orderBy('seq')
}

function isNotInLedger(memory_store_id: string) {
  return sql<boolean>`NOT EXISTS (SELECT session_seq FROM ledger
    WHERE memory_store_id = ${memory_store_id} AND session_seq = session.seq)`
}

/** The review of a session by whatever reviewer: all that is known of one without a transcript. */
export async function oldReview(db: Database | Transaction, session_id: string): Promise<Review> {
  const { reviewer, content } = await db
    .selectFrom('review')
    .selectAll()
    .where('session_id', '=', session_id)
    .executeTakeFirstOrThrow()
  return { session_id, reviewer, observations: JSON.parse(content) }
}

/** The reviews of these sessions by session id, those of other reviewers left out. */
export async function readReviews(
  db: Database | Transaction,
  session_ids: string[],
  reviewer: number,
): Promise<Map<string, Review>> {
  const reviews = new Map<string, Review>()
  for (let i = 0; i < session_ids.length; i += CHUNK) {
    const rows = await db
      .selectFrom('review')
      .selectAll()
      .where('session_id', 'in', session_ids.slice(i, i + CHUNK))
      .where('reviewer', '=', reviewer)
      .execute()
    for (const it of rows)
      reviews.set(it.session_id, {
        session_id: it.session_id,
        reviewer,
        observations: JSON.parse(it.content),
      })
  }
  return reviews
}

const CHUNK = 500
