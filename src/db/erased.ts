/**
 * What is remembered of what was erased, by keyed hashes alone, so that it does not come back.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { inChunks } from './chunks.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'
import { readSetting } from './settings.ts'

/** The key of all keyed hashes of what was erased; made at first use. */
export async function erasureKey(tx: Transaction): Promise<string> {
  const known = await readSetting(tx, KEY)
  if (known !== undefined) return known
  const value = randomBytes(32).toString('hex')
  await tx.insertInto('setting').values({ name: KEY, value }).execute()
  return value
}

const KEY = 'erasure_key'

function keyed(key: string, text: string): string {
  return createHmac('sha256', key).update(text).digest('hex').slice(0, 32)
}

/** Remembers sessions by keyed hashes: of their ids, and of the fingerprints of the events that were their own. */
export async function rememberErased(
  tx: Transaction,
  sessions: { id: string; external_session_id: string; own: string[] }[],
  at: string,
): Promise<void> {
  const key = await erasureKey(tx)
  for (const { id, external_session_id, own } of sessions) {
    const session_id = keyed(key, id)
    await tx
      .insertInto('erased_session')
      .values({
        id: session_id,
        external_id: keyed(key, external_session_id),
        workspace_id: OWN_WORKSPACE,
        erased_at: at,
      })
      .onConflict((it) => it.doNothing())
      .execute()
    const last = own.at(-1)
    const rows = [...new Set(own)].map((it) => ({
      fingerprint: keyed(key, it),
      workspace_id: OWN_WORKSPACE,
      session_id,
      is_last: it === last ? 1 : 0,
    }))
    await inChunks(rows, (chunk) =>
      tx
        .insertInto('erased_event')
        .values(chunk)
        .onConflict((it) => it.doNothing())
        .execute(),
    )
  }
}

/** When the session of that id, ours or the harness's own, was erased; null for one that was not. */
export async function erasedAt(db: Database | Transaction, id: string): Promise<string | null> {
  const key = await readSetting(db, KEY)
  if (key === undefined) return null
  const row = await db
    .selectFrom('erased_session')
    .select('erased_at')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where((eb) => eb.or([eb('id', '=', keyed(key, id)), eb('external_id', '=', keyed(key, id))]))
    .executeTakeFirst()
  return row?.erased_at ?? null
}

/** What tells of a session's fingerprints which were erased. Null while nothing ever was. */
export async function erasedPrints(
  db: Database | Transaction,
): Promise<((prints: string[]) => Promise<Erased>) | null> {
  const key = await readSetting(db, KEY)
  const any = await db
    .selectFrom('erased_session')
    .select('id')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .limit(1)
    .executeTakeFirst()
  if (!any || key === undefined) return null
  return async (prints) => {
    const hashes = prints.map((it) => keyed(key, it))
    const found = new Map<string, { session_id: string; erased_at: string; is_last: number }>()
    await inChunks([...new Set(hashes)], async (chunk) => {
      const rows = await db
        .selectFrom('erased_event')
        .innerJoin('erased_session', (join) =>
          join
            .onRef('erased_session.id', '=', 'erased_event.session_id')
            .onRef('erased_session.workspace_id', '=', 'erased_event.workspace_id'),
        )
        .select(['fingerprint', 'session_id', 'erased_at', 'is_last'])
        .where('erased_event.workspace_id', '=', OWN_WORKSPACE)
        .where('fingerprint', 'in', chunk)
        .orderBy('is_last')
        .execute()
      for (const it of rows) found.set(it.fingerprint, it)
    })
    const events = hashes.map((it) => found.get(it))
    const [first] = found.values()
    return {
      session_ids: [...new Set([...found.values()].map((it) => it.session_id))],
      erased_at: first?.erased_at ?? null,
      events: events.map((it) => it !== undefined),
      holds_last: [...found.values()].some((it) => it.is_last === 1),
    }
  }
}

/** What of a session was erased. */
export type Erased = {
  /** Keyed hashes. */
  session_ids: string[]
  erased_at: string | null
  /** Of each of its events. */
  events: boolean[]
  /** Whether the last event of an erased session is among them. */
  holds_last: boolean
}

/** What was erased may come again. `session_ids` are keyed hashes. */
export async function forgetErased(tx: Transaction, session_ids: string[]): Promise<void> {
  await inChunks(session_ids, (chunk) =>
    tx
      .deleteFrom('erased_session')
      .where('workspace_id', '=', OWN_WORKSPACE)
      .where('id', 'in', chunk)
      .execute(),
  )
}
