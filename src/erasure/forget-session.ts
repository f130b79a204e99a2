/**
 * Forgetting: takes sessions out of what a memory store has counted.
 *
 * Afterwards the store's tally and ledger are what they would be had it never dreamed of them, to the last digit. The sessions
 * themselves, lessons and quotes are not touched here (`erase.ts`). Not while a dream of the store runs: that dream would write
 * what it counted before.
 */
import { fillSightings, subtractTally, tallyOf } from '../3-mine/tally.ts'
import type { Transaction } from '../db/database.ts'
import { dreamedSessions, loadTally, storeTally, strikeFromLedger } from '../db/tallies.ts'
import type { Tally } from '../domain/tally.ts'
import { countedAgain } from './relearn.ts'

/** How many of them the store had dreamed of. */
export async function forgetSessions(
  tx: Transaction,
  memory_store_id: string,
  session_ids: string[],
): Promise<number> {
  const sessions = await dreamedSessions(tx, memory_store_id, { ids: session_ids })
  if (sessions.length === 0) return 0
  const gone = tallyOf(sessions.map(countedAgain))
  const tally = await loadTally(tx, memory_store_id, gone, Number.MAX_SAFE_INTEGER)
  const short = subtractTally(tally, gone)
  await strikeFromLedger(
    tx,
    memory_store_id,
    sessions.map((it) => it.seq),
  )
  if (short.size > 0) await fillFromLedger(tx, memory_store_id, short)
  await storeTally(tx, memory_store_id, tally, gone)
  return sessions.length
}

/** Sessions that are in memory at a time. */
const PAGE = 500

async function fillFromLedger(tx: Transaction, memory_store_id: string, short: Tally): Promise<void> {
  for (let after = 0; ; ) {
    const page = await dreamedSessions(tx, memory_store_id, { after, limit: PAGE })
    if (page.length === 0) return
    fillSightings(short, page.map(countedAgain))
    after = page.at(-1)!.seq
  }
}
