import type { Experiment } from '../domain/experiment.ts'
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

/** Nothing happens where the same comparison runs already. */
export async function insertExperiments(tx: Transaction, experiments: Experiment[]): Promise<void> {
  for (const { lifts, ...it } of experiments)
    await tx
      .insertInto('experiment')
      .values({ ...it, workspace_id: OWN_WORKSPACE, lifts: JSON.stringify(lifts) })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
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

function parse({
  workspace_id,
  lifts,
  ...it
}: Omit<Schema['experiment'], GeneratedColumn> & Row): Experiment {
  return { ...it, lifts: JSON.parse(lifts) } as Experiment
}

type GeneratedColumn = 'status' | 'verdict' | 'reason' | 'lifts' | 'measured_at' | 'ended_at'
type Row = {
  status: string
  verdict: string | null
  reason: string
  lifts: string
  measured_at: string | null
  ended_at: string | null
}
