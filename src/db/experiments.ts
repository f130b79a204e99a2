import { type Selectable, sql } from 'kysely'
import type { AuditActor } from '../domain/audit.ts'
import type { Arm, Experiment } from '../domain/experiment.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'
import type { Schema } from './schema.ts'

export type ExperimentsWanted = {
  memory_store_id?: string
  kind?: Experiment['kind']
  status?: Experiment['status']
  /** One, or those whose ids begin like this. */
  id?: string
}

/** The oldest first. */
export async function listExperiments(
  db: Database | Transaction,
  { memory_store_id, kind, status, id }: ExperimentsWanted = {},
): Promise<Experiment[]> {
  const rows = await db
    .selectFrom('experiment')
    .selectAll()
    .where('workspace_id', '=', OWN_WORKSPACE)
    .$if(memory_store_id !== undefined, (it) => it.where('memory_store_id', '=', memory_store_id!))
    .$if(kind !== undefined, (it) => it.where('kind', '=', kind!))
    .$if(status !== undefined, (it) => it.where('status', '=', status!))
    .$if(id !== undefined, (it) => it.where('id', '>=', id!).where('id', '<', `${id!}g`))
    .orderBy('started_at')
    .orderBy('id')
    .execute()
  return rows.map(parse)
}

/** That of the memory store as a whole, and those of these lessons, that run; unordered. */
export async function runningExperiments(
  db: Database | Transaction,
  memory_store_id: string,
  pattern_ids: string[],
): Promise<Experiment[]> {
  // As the index of what runs has it, or SQLite would go through every experiment of the store.
  const { rows } = await sql<Selectable<Schema['experiment']>>`
    SELECT * FROM experiment
    WHERE memory_store_id = ${memory_store_id} AND status = 'running' AND kind IN ('memory', 'lesson')
      AND coalesce(pattern_id, '') IN (SELECT value FROM json_each(${JSON.stringify(['', ...pattern_ids])}))
      AND +workspace_id = ${OWN_WORKSPACE}`.execute(db)
  return rows.map(parse)
}

/**
 * Of these lessons, those whose last experiment a person ended. Only the audit log says who did; nobody can edit it, so it is asked.
 */
export async function endedByPerson(
  tx: Transaction,
  memory_store_id: string,
  pattern_ids: string[],
): Promise<Set<string>> {
  const ended = await tx
    .selectFrom('experiment')
    .select(['id', 'pattern_id'])
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('memory_store_id', '=', memory_store_id)
    .where('pattern_id', 'in', pattern_ids)
    .where('status', '=', 'ended')
    .orderBy('ended_at')
    .execute()
  const last = new Map(ended.map((it) => [it.pattern_id!, it.id]))
  const enders = await endersOf(tx, [...last.values()])
  return new Set([...last].filter(([, id]) => enders.get(id)?.startsWith('user:')).map(([it]) => it))
}

/** Who ended each of these experiments, as the audit log has it. */
export async function endersOf(db: Database | Transaction, ids: string[]): Promise<Map<string, AuditActor>> {
  const rows = await db
    .selectFrom('audit')
    .select(['object', 'actor'])
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('object', 'in', ids)
    .where('action', '=', 'experiment.ended')
    .execute()
  return new Map(rows.map((it) => [it.object, it.actor as AuditActor]))
}

/** How many sessions have drawn each lot in these experiments. One that recalled twice drew once. */
export async function lotsDrawn(
  db: Database | Transaction,
  ids: string[],
): Promise<Map<string, Record<Arm, number>>> {
  const rows = await db
    .selectFrom('assignment')
    .innerJoin('recall', 'recall.id', 'recall_id')
    .select((eb) => [
      'experiment_id',
      'assignment.arm',
      eb.fn.count<number>('session_key').distinct().as('sessions'),
    ])
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('experiment_id', 'in', ids)
    .groupBy(['experiment_id', 'assignment.arm'])
    .execute()
  const drawn = new Map(ids.map((id) => [id, { treatment: 0, control: 0 }]))
  for (const it of rows) drawn.get(it.experiment_id)![it.arm as Arm] = it.sessions
  return drawn
}

/** A memory store, of those that are not archived, from which sessions of this agent were given memories; undefined where there is none. */
export async function storeThatGives(
  tx: Transaction,
  agent: string,
): Promise<{ name: string; last: string } | undefined> {
  return tx
    .selectFrom('recall')
    .innerJoin('memory_store', 'memory_store.id', 'recall.memory_store_id')
    .innerJoin('recall_memory', 'recall_id', 'recall.id')
    .select(['memory_store.name', 'recall.created_at as last'])
    .where('recall.workspace_id', '=', OWN_WORKSPACE)
    .where('recall.agent', '=', agent)
    .where('given', '=', 'delivered')
    .where('archived_at', 'is', null)
    .where('deleted_at', 'is', null)
    .orderBy('recall.seq', 'desc')
    .limit(1)
    .executeTakeFirst()
}

/** The agents that an agent is compared with now: each as its own memory store has it, with the control. */
export async function agentsCompared(
  tx: Transaction,
): Promise<{ id: string; agent: string; control_agent: string }[]> {
  // As the index of what runs has it.
  const rows = await tx
    .selectFrom('experiment')
    .innerJoin('memory_store', 'memory_store.id', 'memory_store_id')
    .select(['experiment.id', 'agent', 'control_agent'])
    .where('experiment.workspace_id', '=', OWN_WORKSPACE)
    .where('status', '=', sql.lit('running'))
    .where('kind', '=', sql.lit('agent'))
    .execute()
  return rows as { id: string; agent: string; control_agent: string }[]
}

/** Those that were written: nothing happens where the same comparison runs already. */
export async function insertExperiments(tx: Transaction, experiments: Experiment[]): Promise<Experiment[]> {
  const inserted: Experiment[] = []
  for (const it of experiments) {
    const row = await tx
      .insertInto('experiment')
      .values({ ...it, workspace_id: OWN_WORKSPACE, lifts: JSON.stringify(it.lifts) })
      .onConflict((conflict) => conflict.doNothing())
      .returning('id')
      .executeTakeFirst()
    if (row) inserted.push(it)
  }
  return inserted
}

/** What was measured, and what follows from it for the sessions to come. An experiment that has ended stays as it is. */
export async function updateExperiment(
  tx: Transaction,
  id: string,
  {
    lifts,
    ...it
  }: Partial<
    Pick<Experiment, 'control_share' | 'status' | 'verdict' | 'reason' | 'lifts' | 'measured_at' | 'ended_at'>
  >,
): Promise<void> {
  await tx
    .updateTable('experiment')
    .set({ ...it, ...(lifts === undefined ? {} : { lifts: JSON.stringify(lifts) }) })
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('id', '=', id)
    .where('status', '=', 'running')
    .execute()
}

function parse({ workspace_id, lifts, ...it }: Selectable<Schema['experiment']>): Experiment {
  return { ...it, lifts: JSON.parse(lifts) } as Experiment
}
