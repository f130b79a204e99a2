/** Requests that came with a key of their caller, and what they made. */
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

export type KeptRequest = { request_sha256: string; made: string[] }

/** What was made by the request of that key, unless that was before `since`. */
export async function requestOfKey(
  db: Database | Transaction,
  key: string,
  since: string,
): Promise<KeptRequest | undefined> {
  const row = await db
    .selectFrom('idempotency_key')
    .select(['request_sha256', 'made'])
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('key', '=', key)
    .where('created_at', '>=', since)
    .executeTakeFirst()
  return row && { ...row, made: JSON.parse(row.made) }
}

/** Keeps what a request made, and forgets all that was kept before `since`. */
export async function keepRequest(
  tx: Transaction,
  key: string,
  { request_sha256, made }: KeptRequest,
  { now, since }: { now: string; since: string },
): Promise<void> {
  await tx.deleteFrom('idempotency_key').where('created_at', '<', since).execute()
  await tx
    .insertInto('idempotency_key')
    .values({ workspace_id: OWN_WORKSPACE, key, request_sha256, made: JSON.stringify(made), created_at: now })
    .execute()
}
