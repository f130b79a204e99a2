/** An open database and a clock: what everything the engine does is done with. */
import type { Database, Transaction } from '../db/database.ts'
import { rehearse } from '../db/rehearse.ts'
import type { PrivacyChoice } from '../domain/pii.ts'

export type Opened = {
  db: Database
  now: () => Date
  /** Webhooks may be sent to this machine and to networks of one's own; false unless whoever started the server says so. */
  allows_private_webhooks?: boolean
  /** Personal data that is redacted in all that is put in over the wire; where it is left out, none. */
  redacts?: PrivacyChoice
  /** Path of `models.yaml`, which is read anew for each dream; where it is left out, no model is asked unless one is named. */
  models_file?: string
}

export async function transaction<T>(
  db: Database,
  dry_run: boolean,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return dry_run ? rehearse(db, work) : db.transaction().execute(work)
}
