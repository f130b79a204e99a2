/** API keys, of every workspace: a key says which workspace its holder is let into, so it is looked up before one is known. */
import { randomBytes } from 'node:crypto'
import type { ApiKey, Role } from '../domain/api-key.ts'
import { randomId, sha256 } from '../domain/id.ts'
import { appendAuditOf } from './audit.ts'
import type { Database, Transaction } from './database.ts'

const listed = [
  'id',
  'workspace_id',
  'name',
  'role',
  'created_at',
  'created_by',
  'expires_at',
  'revoked_at',
  'last_used_at',
] as const

export type NewApiKey = { workspace_id: string; name: string; role: Role; expires_at: string | null }

/** A new key, and the token that is shown this once. */
export async function insertApiKey(
  tx: Transaction,
  wanted: NewApiKey,
  by: { actor: `user:${string}`; at: string },
): Promise<{ key: ApiKey; token: string }> {
  const token = `rvk_${randomBytes(32).toString('base64url')}`
  const made = { id: randomId('apikey'), ...wanted, created_at: by.at, created_by: by.actor }
  await tx
    .insertInto('api_key')
    .values({ ...made, token_sha256: sha256(token) })
    .execute()
  await appendAuditOf(tx, wanted.workspace_id, {
    at: by.at,
    actor: by.actor,
    action: 'key.created',
    object: made.id,
    before_sha256: null,
    after_sha256: null,
    reason: `a key with the role ${wanted.role}`,
  })
  return { key: { ...made, revoked_at: null, last_used_at: null }, token }
}

/** The key of that token, whether it may still be used or not. */
export async function keyOfToken(db: Database, token: string): Promise<ApiKey | undefined> {
  const row = await db
    .selectFrom('api_key')
    .select(listed)
    .where('token_sha256', '=', sha256(token))
    .executeTakeFirst()
  return row as ApiKey | undefined
}

/** Newest first, those of one workspace or of all. */
export async function listApiKeys(db: Database | Transaction, workspace_id?: string): Promise<ApiKey[]> {
  const rows = await db
    .selectFrom('api_key')
    .select(listed)
    .$if(workspace_id !== undefined, (it) => it.where('workspace_id', '=', workspace_id!))
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .execute()
  return rows as ApiKey[]
}

/** One that was revoked before stays as it is. */
export async function revokeApiKey(
  tx: Transaction,
  key: ApiKey,
  by: { actor: `user:${string}`; at: string },
): Promise<ApiKey> {
  if (key.revoked_at !== null) return key
  await tx.updateTable('api_key').set({ revoked_at: by.at }).where('id', '=', key.id).execute()
  await appendAuditOf(tx, key.workspace_id, {
    at: by.at,
    actor: by.actor,
    action: 'key.revoked',
    object: key.id,
    before_sha256: null,
    after_sha256: null,
    reason: 'a person revoked it',
  })
  return { ...key, revoked_at: by.at }
}

/** Notes that a key was used. */
export async function markUsed(db: Database, id: string, at: string): Promise<void> {
  await db
    .updateTable('api_key')
    .set({ last_used_at: at })
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .execute()
}
