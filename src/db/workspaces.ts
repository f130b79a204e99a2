import { EngineError } from '../domain/error.ts'
import { randomId, sha256 } from '../domain/id.ts'
import type { Actor } from '../domain/memory.ts'
import type { Workspace } from '../domain/workspace.ts'
import { appendAuditOf } from './audit.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'
import type { Schema } from './schema.ts'

/** The workspace that the database was opened in. */
export async function ownWorkspace(db: Database | Transaction): Promise<Workspace> {
  const row = await db
    .selectFrom('workspace')
    .selectAll()
    .where('id', '=', OWN_WORKSPACE)
    .executeTakeFirstOrThrow()
  return asWorkspace(row)
}

/** Those of the whole database, whichever of them it was opened in. */
export async function listWorkspaces(db: Database): Promise<Workspace[]> {
  const rows = await db.selectFrom('workspace').selectAll().orderBy('name').execute()
  return rows.map(asWorkspace)
}

/** A new workspace; that it was made is the first record of its own audit log. Throws `conflict_error` where the name is taken. */
export async function insertWorkspace(
  tx: Transaction,
  { offline, regions, model_hosts, ...named }: Omit<Workspace, 'id'>,
  actor: Actor,
): Promise<Workspace> {
  const workspace = { id: randomId('wrkspc'), ...named, offline, regions, model_hosts }
  const row = {
    ...workspace,
    offline: offline ? 1 : 0,
    regions: JSON.stringify(regions),
    model_hosts: JSON.stringify(model_hosts),
  }
  const made = await tx
    .insertInto('workspace')
    .values(row)
    .onConflict((it) => it.column('name').doNothing())
    .executeTakeFirst()
  if (made.numInsertedOrUpdatedRows !== 1n)
    throw new EngineError('conflict_error', `there is a workspace ${named.name} already`, {
      hint: 'give another name; `reverie workspace list` shows those that are there',
    })
  await appendAuditOf(tx, workspace.id, {
    at: named.created_at,
    actor,
    action: 'workspace.created',
    object: workspace.id,
    before_sha256: null,
    after_sha256: null,
    reason: 'a person made a workspace',
  })
  return workspace
}

/** Changes where what is in a workspace may be sent; nothing where it says so already. Null where there is none of that name. */
export async function updateWorkspace(
  tx: Transaction,
  name: string,
  allowed: Partial<Pick<Workspace, 'offline' | 'regions' | 'model_hosts'>>,
  by: { actor: Actor; at: string },
): Promise<Workspace | null> {
  const row = await tx.selectFrom('workspace').selectAll().where('name', '=', name).executeTakeFirst()
  if (!row) return null
  const before = asWorkspace(row)
  const after = { ...before, ...allowed }
  const [was, is] = [before, after].map((it) => sha256(JSON.stringify(it)))
  if (was === is) return before
  await tx
    .updateTable('workspace')
    .set({
      offline: after.offline ? 1 : 0,
      regions: JSON.stringify(after.regions),
      model_hosts: JSON.stringify(after.model_hosts),
    })
    .where('id', '=', row.id)
    .execute()
  await appendAuditOf(tx, row.id, {
    at: by.at,
    actor: by.actor,
    action: 'workspace.changed',
    object: row.id,
    before_sha256: was!,
    after_sha256: is!,
    reason: 'a person changed what the workspace may call',
  })
  return after
}

function asWorkspace(row: Schema['workspace']): Workspace {
  return {
    ...row,
    offline: row.offline === 1,
    regions: JSON.parse(row.regions),
    model_hosts: JSON.parse(row.model_hosts),
  }
}
