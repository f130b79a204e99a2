/** Environments as the wire knows them. */
import type { Environment } from '../domain/environment.ts'
import type { Place } from '../domain/page.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

const listed = [
  'id',
  'name',
  'description',
  'metadata',
  'config',
  'created_at',
  'updated_at',
  'archived_at',
] as const

export async function insertEnvironment(tx: Transaction, it: Environment): Promise<void> {
  await tx
    .insertInto('environment')
    .values({ workspace_id: OWN_WORKSPACE, ...asRow(it) })
    .execute()
}

export async function updateEnvironment(tx: Transaction, it: Environment): Promise<void> {
  const { id, ...fields } = asRow(it)
  await tx
    .updateTable('environment')
    .set(fields)
    .where('id', '=', id)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .execute()
}

export async function deleteEnvironment(tx: Transaction, id: string): Promise<void> {
  await tx.deleteFrom('environment').where('id', '=', id).where('workspace_id', '=', OWN_WORKSPACE).execute()
}

export async function findEnvironment(
  db: Database | Transaction,
  id: string,
): Promise<Environment | undefined> {
  const row = await db
    .selectFrom('environment')
    .select(listed)
    .where('id', '=', id)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .executeTakeFirst()
  return row && asEnvironment(row)
}

/** Newest first. */
export async function listEnvironments(
  db: Database,
  { include_archived }: { include_archived: boolean },
  { after, limit }: { after?: Place; limit: number },
): Promise<Environment[]> {
  const rows = await db
    .selectFrom('environment')
    .select(listed)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .$if(!include_archived, (it) => it.where('archived_at', 'is', null))
    .$if(after !== undefined, (it) =>
      it.where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(after!.created_at, after!.id))),
    )
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .execute()
  return rows.map(asEnvironment)
}

function asRow({ metadata, config, ...it }: Environment) {
  return { ...it, metadata: JSON.stringify(metadata), config: JSON.stringify(config) }
}

function asEnvironment(
  row: Omit<Environment, 'metadata' | 'config'> & { metadata: string; config: string },
): Environment {
  return { ...row, metadata: JSON.parse(row.metadata), config: JSON.parse(row.config) }
}
