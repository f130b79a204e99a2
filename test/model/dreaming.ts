/**
 * A desk that dreams with a scripted model: a database in which sessions of two sorts wait, and what every table has after a dream.
 *
 * What people wish in many words only a model sees; that a mail needs an address first, counts show. A memory of each is live before.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openDatabase } from '../../src/db/database.ts'
import { writeMemory } from '../../src/db/memories.ts'
import { ensureMemoryStore } from '../../src/db/memory-stores.ts'
import { openEngine } from '../../src/engine.ts'
import { resultOf } from '../dream/result-of.ts'
import { modelTranscripts } from '../golden/model-reader.ts'
import { transcripts } from '../golden/transcripts.ts'
import { trust } from '../trusting.ts'

export const AGENT = 'offer-desk'
export const FIRST_NIGHT = () => new Date('2026-11-03T03:00:00Z')
export const NIGHT = () => new Date('2026-11-04T03:00:00Z')
/** Sessions that are new on the second night, and how many of them say a wish. */
export const [NEW, WISHES] = [14, 7]

/** A place for databases, and how to take it away. */
export function newPlace(): { place: (name: string) => string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-model-dreams-'))
  return { place: (name) => join(folder, name), remove: () => rmSync(folder, { recursive: true }) }
}

/** Dreams once without a model, so that there is something to lose, and takes in what the model is to read. */
export async function openDesk(database: string): Promise<void> {
  const folder = `${database}.transcripts`
  const [mails] = Object.values(filesOf('newer-numbers/transcripts/night-1', transcripts()))
  const [offers] = Object.values(filesOf('a-model-reads-a-wish-in-many-words/', modelTranscripts()))
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'mails.jsonl'), mails!.replaceAll('mail-desk', AGENT))
  writeFileSync(join(folder, 'offers.jsonl'), offers!)

  await writeByHand(database, '/house.md', 'Answer within a day.\n')
  const engine = openEngine({ database, now: FIRST_NIGHT })
  await trust(engine)
  await engine.ingest([join(folder, 'mails.jsonl')])
  await engine.dream({ agent: AGENT })
  await engine.ingest([join(folder, 'offers.jsonl')])
  await engine.close()
}

/** A database of one's own, as it stands in `from`. */
export function copyOf(from: string, to: string): string {
  mkdirSync(dirname(to), { recursive: true })
  cpSync(from, to)
  return to
}

async function writeByHand(database: string, path: string, content: string): Promise<void> {
  const db = openDatabase(database)
  const now = '2026-11-01T12:00:00Z'
  const store = await ensureMemoryStore(db, AGENT, AGENT, now)
  await db.transaction().execute((tx) =>
    writeMemory(tx, store.id, {
      path,
      content,
      expected: null,
      created_by: 'user:ana',
      reason: 'ours',
      now,
    }),
  )
  await db.destroy()
}

function filesOf(folder: string, all: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(all).filter(([path]) => path.startsWith(folder)))
}

/** All that dreams leave, and up to where the store has dreamed. */
export function leftIn(database: string) {
  return {
    ...resultOf(database),
    cursor: rowsOf(database, 'SELECT name, dreamed_through FROM memory_store ORDER BY name'),
  }
}

/** What a model had to do with, in no order of time: which claims there are, and which sessions it has read. */
export function saidIn(database: string) {
  return {
    claims: rowsOf(database, 'SELECT id, session_id, kind, statement, group_id FROM claim ORDER BY id'),
    reviews: rowsOf(
      database,
      'SELECT session_id, status, dropped, observations FROM model_review ORDER BY session_id',
    ),
  }
}

export function rowsOf(database: string, query: string): Record<string, unknown>[] {
  const sqlite = new DatabaseSync(database)
  const rows = sqlite.prepare(query).all()
  sqlite.close()
  return rows.map((it) => ({ ...it }))
}
