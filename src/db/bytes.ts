/**
 * Leaving no bytes of what was deleted in the files of the database.
 */
import { setTimeout } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Database, Transaction } from './database.ts'
import { readSetting } from './settings.ts'

/**
 * Writes the database anew without what was deleted from it, and empties its log. False when another process still reads what was
 * there before: then bytes of it stay in the files until that one has finished.
 */
export async function leaveNoBytes(db: Database): Promise<boolean> {
  // Not in memory: it takes as much room as the database.
  await sql`PRAGMA temp_store = FILE`.execute(db)
  try {
    await sql`VACUUM`.execute(db)
  } finally {
    await sql`PRAGMA temp_store = MEMORY`.execute(db)
  }
  return emptyLog(db)
}

async function emptyLog(db: Database): Promise<boolean> {
  const give_up_at = performance.now() + 2_000
  for (;;) {
    const { rows } = await sql<{ busy: number }>`PRAGMA wal_checkpoint(TRUNCATE)`.execute(db)
    if (rows.every((it) => it.busy === 0)) return true
    if (performance.now() > give_up_at) return false
    await setTimeout(20)
  }
}

/** Since when bytes of what was erased may be left in the files; null when nothing is. */
export async function bytesLeftSince(db: Database): Promise<string | null> {
  return (await readSetting(db, LEFT)) ?? null
}

export async function noteBytesLeft(tx: Transaction, at: string): Promise<void> {
  await tx
    .insertInto('setting')
    .values({ name: LEFT, value: at })
    .onConflict((it) => it.column('name').doNothing())
    .execute()
}

export async function noteNoBytesLeft(db: Database): Promise<void> {
  await db.deleteFrom('setting').where('name', '=', LEFT).execute()
  await emptyLog(db)
}

const LEFT = 'erasure_left_bytes_since'
