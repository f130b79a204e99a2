import { sql } from 'kysely'
import type { Assignment } from '../domain/experiment.ts'
import type { Recall, RecalledMemory } from '../domain/recall.ts'
import { inChunks } from './chunks.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

/** Writes down what a session is given, and the lots it drew. */
export async function insertRecall(
  tx: Transaction,
  recall: Recall,
  assignments: Assignment[],
): Promise<void> {
  const { memories, ...it } = recall
  await tx
    .insertInto('recall')
    .values({ ...it, workspace_id: OWN_WORKSPACE })
    .execute()
  if (memories.length > 0)
    await tx
      .insertInto('recall_memory')
      .values(
        memories.map(({ path, pattern_ids, ...memory }) => ({
          ...memory,
          recall_id: recall.id,
          pattern_ids: JSON.stringify(pattern_ids),
        })),
      )
      .execute()
  if (assignments.length > 0)
    await tx
      .insertInto('assignment')
      .values(assignments.map((it) => ({ ...it, recall_id: recall.id })))
      .execute()
}

/** The newest first. */
export async function listRecalls(
  db: Database | Transaction,
  wanted: {
    memory_store_id?: string
    agent?: string
    /** Of any of them. */
    session_keys?: string[]
    id?: string
    before?: number
    limit?: number
  },
): Promise<(Recall & { seq: number })[]> {
  const { memory_store_id, agent, session_keys, id, before, limit } = wanted
  const rows = await db
    .selectFrom('recall')
    .selectAll()
    .where('workspace_id', '=', OWN_WORKSPACE)
    .$if(memory_store_id !== undefined, (it) => it.where('memory_store_id', '=', memory_store_id!))
    .$if(agent !== undefined, (it) => it.where('agent', '=', agent!))
    .$if(session_keys !== undefined, (it) => it.where('session_key', 'in', session_keys!))
    .$if(id !== undefined, (it) => it.where('id', '>=', id!).where('id', '<', `${id!}g`))
    .$if(before !== undefined, (it) => it.where('seq', '<', before!))
    .orderBy('seq', 'desc')
    .$if(limit !== undefined, (it) => it.limit(limit!))
    .execute()
  const memories = await memoriesOf(
    db,
    rows.map((it) => it.id),
  )
  return rows.map(
    ({ workspace_id, ...it }) => ({ ...it, memories: memories.get(it.id) ?? [] }) as Recall & { seq: number },
  )
}

async function memoriesOf(
  db: Database | Transaction,
  recall_ids: string[],
): Promise<Map<string, RecalledMemory[]>> {
  const found = new Map<string, RecalledMemory[]>()
  await inChunks(recall_ids, async (chunk) => {
    const rows = await db
      .selectFrom('recall_memory')
      .innerJoin('memory_version', 'memory_version.id', 'memory_version_id')
      .select([
        'recall_id',
        'rank',
        'recall_memory.memory_id',
        'memory_version_id',
        'path',
        'pattern_ids',
        'given',
      ])
      .where('recall_id', 'in', chunk)
      .orderBy('recall_id')
      .orderBy('rank')
      .execute()
    for (const { recall_id, pattern_ids, ...it } of rows) {
      const memory = { ...it, pattern_ids: JSON.parse(pattern_ids) } as RecalledMemory
      found.set(recall_id, [...(found.get(recall_id) ?? []), memory])
    }
  })
  return found
}

/** The lots that a session has drawn already: one is drawn once, however often the session recalls. */
export async function assignmentsOf(db: Database | Transaction, session_key: string): Promise<Assignment[]> {
  return db
    .selectFrom('assignment')
    .innerJoin('recall', 'recall.id', 'recall_id')
    .select(['experiment_id', 'assignment.arm', 'control_share'])
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('session_key', '=', session_key)
    .orderBy('seq')
    .execute() as Promise<Assignment[]>
}

/**
 * Of sessions, the lessons that each was given before it was stored, of whatever memory store: the same lesson has the same id in a copy of its
 * store. A session is known by any of its names; a subagent's by its parent's, too.
 */
export async function deliveredTo(
  db: Database | Transaction,
  session_ids: string[],
): Promise<Map<string, Set<string>>> {
  const delivered = new Map<string, Set<string>>()
  // The plus keeps SQLite from going through every session of the workspace.
  const is_own = sql<boolean>`+session.workspace_id = ${OWN_WORKSPACE}`
  const is_its_name = sql<boolean>`recall.session_key IN
    (session.id, session.external_session_id, session.parent_external_session_id, session.recording_id)`
  await inChunks(session_ids, async (chunk) => {
    const rows = await db
      .selectFrom('session')
      .innerJoin('recall', (on) => on.on('recall.workspace_id', '=', OWN_WORKSPACE).on(is_its_name))
      .innerJoin('recall_memory', 'recall_memory.recall_id', 'recall.id')
      .select(['session.id', 'pattern_ids'])
      .where('session.id', 'in', chunk)
      .where(is_own)
      .whereRef('recall.created_at', '<=', 'session.ingested_at')
      .where('given', '=', 'delivered')
      .execute()
    for (const { id, pattern_ids } of rows) {
      const lessons = delivered.get(id) ?? new Set()
      for (const it of JSON.parse(pattern_ids)) lessons.add(it)
      delivered.set(id, lessons)
    }
  })
  return delivered
}

/** Whether anything was ever recalled for a session: where not, nobody need ask what each was given. */
export async function wasAnyRecalled(db: Database | Transaction): Promise<boolean> {
  const any = await db
    .selectFrom('recall')
    .select('id')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('session_key', 'is not', null)
    .limit(1)
    .executeTakeFirst()
  return any !== undefined
}
