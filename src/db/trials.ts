/** What lifts are measured from: the lots that sessions drew, and the sessions that drew them. */
import { sql } from 'kysely'
import type { Arm } from '../domain/experiment.ts'
import { inChunks } from './chunks.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

/** What is known of a stored session before its measures are looked at. */
export type SessionFacts = {
  id: string
  agent: string
  agent_version: string | null
  task: string | null
  title: string
  intent: string | null
  person: string | null
  /** When it began, or else came in. */
  at: string
  ingested_at: string
}

const FACTS = [
  'session.id',
  'session.agent',
  'session.agent_version',
  'session.task',
  'session.title',
  'session.intent',
  'session.person',
  'session.ingested_at',
  sql<string>`coalesce(session.started_at, session.ingested_at)`.as('at'),
] as const

/** A recall with one of the stored sessions that it was for. */
type RecalledSession = SessionFacts & {
  recall_id: string
  recalled: number
  recalled_at: string
  session_key: string
}

/**
 * The recalls from a memory store with their stored sessions, in the order in which these arrived: by any of their names, once for each.
 * A session that was stored in pieces, because it was resumed or grew, is each of them. Subagents did not recall themselves.
 */
export async function recalledSessions(
  db: Database | Transaction,
  memory_store_id: string,
): Promise<RecalledSession[]> {
  const found: (RecalledSession & { seq: number })[] = []
  for (const name of ['id', 'external_session_id', 'recording_id'] as const)
    found.push(
      ...(await db
        .selectFrom('recall')
        .innerJoin('session', (on) => on.onRef(`session.${name}`, '=', 'recall.session_key'))
        .select([
          ...FACTS,
          'session.seq',
          'recall.id as recall_id',
          'recall.seq as recalled',
          'recall.created_at as recalled_at',
          sql<string>`recall.session_key`.as('session_key'),
        ])
        .where('recall.memory_store_id', '=', memory_store_id)
        .where(sql<string>`+recall.workspace_id`, '=', OWN_WORKSPACE)
        .where(sql<string>`+session.workspace_id`, '=', OWN_WORKSPACE)
        .where('session.parent_external_session_id', 'is', null)
        .execute()),
    )
  const once = new Map(found.map((it) => [`${it.recall_id} ${it.id}`, it]))
  return [...once.values()].sort((a, b) => a.seq - b.seq).map(({ seq, ...it }) => it)
}

/** One lot: which was drawn with which recall, and how likely control was. */
export type Lot = [recall_id: string, arm: Arm, control_share: number]

/** All lots of an experiment, in no order. They come as one text, since there may be very many, and of many experiments. */
export async function lotsOf(db: Database | Transaction, experiment_id: string): Promise<Lot[]> {
  const { lots } = await db
    .selectFrom('assignment')
    .select(sql<string>`json_group_array(json_array(recall_id, arm, control_share))`.as('lots'))
    .where('experiment_id', '=', experiment_id)
    .executeTakeFirstOrThrow()
  return JSON.parse(lots)
}

/** The sessions of these agents that began at or after a time, in the order in which they began; without subagents. */
export async function sessionsSince(
  db: Database | Transaction,
  agents: string[],
  since: string,
): Promise<SessionFacts[]> {
  return db
    .selectFrom('session')
    .select(FACTS)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('agent', 'in', agents)
    .where('parent_external_session_id', 'is', null)
    .where(sql<string>`coalesce(started_at, ingested_at)`, '>=', since)
    .orderBy('at')
    .orderBy('seq')
    .execute()
}

/** The patterns that the memories of a store tell now. */
export async function patternsTold(
  db: Database | Transaction,
  memory_store_id: string,
): Promise<Set<string>> {
  const rows = await db
    .selectFrom('memory_text')
    .select('pattern_id')
    .where('memory_store_id', '=', memory_store_id)
    .where('pattern_id', 'is not', null)
    .execute()
  return new Set(rows.map((it) => it.pattern_id!))
}

/** Whether what the lesson of an experiment is about happened again in a session. */
export type Recurrence = { experiment_id: string; session_id: string; recurred: boolean }

/** By session: whether what the lesson of an experiment is about happened again, as far as it was looked up before. */
export async function readRecurrences(
  db: Database | Transaction,
  experiment_id: string,
): Promise<Map<string, boolean>> {
  const { known } = await db
    .selectFrom('recurrence')
    .select(sql<string>`json_group_array(json_array(session_id, recurred))`.as('known'))
    .where('experiment_id', '=', experiment_id)
    .executeTakeFirstOrThrow()
  return new Map((JSON.parse(known) as [string, 0 | 1][]).map(([id, recurred]) => [id, recurred === 1]))
}

/** Keeps what was looked up; of a session that was erased meanwhile, nothing. */
export async function storeRecurrences(tx: Transaction, recurrences: Recurrence[]): Promise<void> {
  await inChunks(recurrences, async (chunk) => {
    const rows = JSON.stringify(chunk.map((it) => [it.experiment_id, it.session_id, Number(it.recurred)]))
    await sql`
      INSERT INTO recurrence (experiment_id, session_id, recurred)
      SELECT value ->> 0, value ->> 1, value ->> 2 FROM json_each(${rows})
      WHERE EXISTS (SELECT 1 FROM session WHERE session.id = value ->> 1)
      ON CONFLICT DO NOTHING`.execute(tx)
  })
}
