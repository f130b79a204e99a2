import { randomBytes } from 'node:crypto'
import { DEFAULT_WORKSPACE } from '../domain/default-workspace.ts'
import { appendAudit } from './audit.ts'
import type { Database, Transaction } from './database.ts'
import { ownWorkspace } from './workspaces.ts'

/**
 * The key that makes the placeholders of personal data: made at first use, and the same for as long as the database lives,
 * so that one value has one placeholder in a workspace, and another one in every other workspace and database.
 */
export async function redactionKey(db: Database, now: string): Promise<string> {
  const name = await keyName(db)
  return (
    (await readSetting(db, name)) ??
    db.transaction().execute(async (tx) => {
      const known = await readSetting(tx, name)
      if (known !== undefined) return known
      const value = randomBytes(32).toString('hex')
      await tx.insertInto('setting').values({ name, value }).execute()
      await appendAudit(tx, {
        at: now,
        actor: 'ingest',
        action: 'redaction_key.created',
        object: KEY,
        before_sha256: null,
        after_sha256: null,
        reason: 'personal data was to be redacted for the first time',
      })
      return value
    })
  )
}

const KEY = 'redaction_key'

async function keyName(db: Database | Transaction): Promise<string> {
  const { id } = await ownWorkspace(db)
  return id === DEFAULT_WORKSPACE.id ? KEY : `${KEY} of ${id}`
}

/** The key of `redactionKey`, where it was ever made. */
export async function knownRedactionKey(db: Database | Transaction): Promise<string | undefined> {
  return readSetting(db, await keyName(db))
}

/** What was set under that name. */
export async function readSetting(db: Database | Transaction, name: string): Promise<string | undefined> {
  const row = await db.selectFrom('setting').select('value').where('name', '=', name).executeTakeFirst()
  return row?.value
}
