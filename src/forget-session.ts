/**
 * Forgetting: takes a session out of what a memory store has counted.
 *
 * Afterwards the store's tally and ledger are what they would be had it never dreamed of the session, to the last digit. Its
 * lessons follow at the next dream, which mines that tally. The session itself, and quotes from it, are not touched here; a copy
 * of it stays counted as a copy. Not while a dream of the store runs: that dream would write what it counted before.
 */
import { cellOf } from './3-mine/cell.ts'
import { type Counted, fillSightings, subtractTally, tallyOf } from './3-mine/tally.ts'
import type { Database, Transaction } from './db/database.ts'
import {
  type DreamedSession,
  dreamedSessions,
  loadTally,
  storeTally,
  strikeFromLedger,
} from './db/tallies.ts'
import type { Tally } from './domain/tally.ts'

/** Whether the store had dreamed of it. */
export async function forgetSession(
  db: Database,
  memory_store_id: string,
  session_id: string,
): Promise<boolean> {
  return db.transaction().execute(async (tx) => {
    const [session] = await dreamedSessions(tx, memory_store_id, { id: session_id, limit: 1 })
    if (!session) return false
    const gone = tallyOf([asCounted(session)])
    const tally = await loadTally(tx, memory_store_id, gone, Number.MAX_SAFE_INTEGER)
    const short = subtractTally(tally, gone)
    await strikeFromLedger(tx, memory_store_id, session.seq)
    if (short.size > 0) await fillFromLedger(tx, memory_store_id, short)
    await storeTally(tx, memory_store_id, tally, gone)
    return true
  })
}

/** Sessions that are in memory at a time. */
const PAGE = 500

async function fillFromLedger(tx: Transaction, memory_store_id: string, short: Tally): Promise<void> {
  for (let after = 0; ; ) {
    const page = await dreamedSessions(tx, memory_store_id, { after, limit: PAGE })
    if (page.length === 0) return
    fillSightings(short, page.map(asCounted))
    after = page.at(-1)!.seq
  }
}

function asCounted(session: DreamedSession): Counted {
  return {
    session_id: session.id,
    cell: cellOf(session),
    person: session.person,
    at: session.started_at,
    observations: JSON.parse(session.observations),
  }
}
