import { randomBytes } from 'node:crypto'
import { appendAudit } from './audit.ts'
import type { Database } from './database.ts'

/**
 * The key that makes the placeholders of personal data: made at first use, and the same for as long as the database lives,
 * so that one value has one placeholder in it and another one in every other database.
 */
export async function redactionKey(db: Database, now: string): Promise<string> {
  return (
    (await readKey(db)) ??
    db.transaction().execute(async (tx) => {
      const known = await readKey(tx)
      if (known !== undefined) return known
      const value = randomBytes(32).toString('hex')
      await tx.insertInto('setting').values({ name: KEY, value }).execute()
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

async function readKey(db: Database): Promise<string | undefined> {
  const row = await db.selectFrom('setting').select('value').where('name', '=', KEY).executeTakeFirst()
  return row?.value
}
