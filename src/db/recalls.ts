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
  for (const { path, pattern_ids, ...memory } of memories)
    await tx
      .insertInto('recall_memory')
      .values({ ...memory, recall_id: recall.id, pattern_ids: JSON.stringify(pattern_ids) })
      .execute()
  for (const lot of assignments)
    await tx
      .insertInto('assignment')
      .values({ ...lot, recall_id: recall.id })
      .execute()
}

/** The newest first. */
export async function listRecalls(
  db: Database | Transaction,
  wanted: {
    memory_store_id?: string
    agent?: string
    session_key?: string
    id?: string
    before?: number
    limit?: number
  },
): Promise<(Recall & { seq: number })[]> {
  const { memory_store_id, agent, session_key, id, before, limit } = wanted
  const rows = await db
    .selectFrom('recall')
    .selectAll()
    .where('workspace_id', '=', OWN_WORKSPACE)
    .$if(memory_store_id !== undefined, (it) => it.where('memory_store_id', '=', memory_store_id!))
    .$if(agent !== undefined, (it) => it.where('agent', '=', agent!))
    .$if(session_key !== undefined, (it) => it.where('session_key', '=', session_key!))
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

/** Of sessions of one memory store, the lessons that each was given. A session is known by any of its names; a subagent's by its parent's, too. */
export async function deliveredTo(
  db: Database | Transaction,
  memory_store_id: string,
  session_ids: string[],
): Promise<Map<string, Set<string>>> {
  const delivered = new Map<string, Set<string>>()
  await inChunks(session_ids, async (chunk) => {
    for (const name of ['id', 'external_session_id', 'parent_external_session_id', 'recording_id'] as const) {
      const rows = await db
        .selectFrom('session')
        .innerJoin('recall', (on) =>
          on
            .onRef('recall.session_key', '=', `session.${name}`)
            .onRef('recall.workspace_id', '=', 'session.workspace_id'),
        )
        .innerJoin('recall_memory', 'recall_memory.recall_id', 'recall.id')
        .select(['session.id', 'pattern_ids'])
        .where('session.workspace_id', '=', OWN_WORKSPACE)
        .where('session.id', 'in', chunk)
        .where('memory_store_id', '=', memory_store_id)
        .where('given', '=', 'delivered')
        .execute()
      for (const { id, pattern_ids } of rows) {
        const lessons = delivered.get(id) ?? new Set()
        for (const it of JSON.parse(pattern_ids)) lessons.add(it)
        delivered.set(id, lessons)
      }
    }
  })
  return delivered
}
