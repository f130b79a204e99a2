import type { Pattern } from '../domain/pattern.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

/** A pattern with the store it was found for, when it was first found, and when it last changed. */
export type StoredPattern = Pattern & { memory_store_id: string; created_at: string; updated_at: string }

/** The patterns of one memory store, or of all; unordered. */
export async function readPatterns(
  db: Database | Transaction,
  memory_store_id: string | null,
): Promise<StoredPattern[]> {
  const rows = await db
    .selectFrom('pattern')
    .innerJoin('memory_store', 'memory_store.id', 'memory_store_id')
    .selectAll('pattern')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .$if(memory_store_id !== null, (it) => it.where('memory_store_id', '=', memory_store_id!))
    .execute()
  return rows.map(parse)
}

/** Where each pattern of a memory store stands, by its id. */
export async function statusesOf(tx: Transaction, memory_store_id: string): Promise<Map<string, string>> {
  const rows = await tx
    .selectFrom('pattern')
    .select(['id', 'status'])
    .where('memory_store_id', '=', memory_store_id)
    .execute()
  return new Map(rows.map((it) => [it.id, it.status]))
}

/** Those of these ids in one memory store. */
export async function patternsOf(
  db: Database | Transaction,
  memory_store_id: string,
  ids: string[],
): Promise<StoredPattern[]> {
  const rows = await db
    .selectFrom('pattern')
    .selectAll()
    .where('memory_store_id', '=', memory_store_id)
    .where('id', 'in', ids)
    .execute()
  return rows.map(parse)
}

/**
 * How many people are known to stand behind each pattern: those of the sessions that its quotes are from, at most eight. Where none of
 * them has a name, one person worked there.
 */
export async function peopleBehind(
  db: Database | Transaction,
  patterns: Pick<Pattern, 'id' | 'evidence'>[],
): Promise<Map<string, number>> {
  const sessions = [...new Set(patterns.flatMap((it) => it.evidence.map(({ session_id }) => session_id)))]
  const people = new Map<string, string | null>()
  for (let i = 0; i < sessions.length; i += CHUNK) {
    const rows = await db
      .selectFrom('session')
      .select(['id', 'person'])
      .where('workspace_id', '=', OWN_WORKSPACE)
      .where('id', 'in', sessions.slice(i, i + CHUNK))
      .execute()
    for (const it of rows) people.set(it.id, it.person)
  }
  return new Map(
    patterns.map(({ id, evidence }) => {
      const known = evidence.map((it) => people.get(it.session_id)).filter((it) => it !== undefined)
      const named = new Set(known.filter((it) => it !== null))
      return [id, Math.max(named.size, Math.min(known.length, 1))]
    }),
  )
}

const CHUNK = 1_000

/** The patterns whose id is `id` or begins with it. */
export async function findPatterns(db: Database, id: string): Promise<StoredPattern[]> {
  const rows = await db
    .selectFrom('pattern')
    .innerJoin('memory_store', 'memory_store.id', 'memory_store_id')
    .selectAll('pattern')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('pattern.id', '>=', id)
    .where('pattern.id', '<', `${id}g`)
    .execute()
  return rows.map(parse)
}

/** Writes the patterns that are new or not as they were. */
export async function storePatterns(
  tx: Transaction,
  memory_store_id: string,
  patterns: Pattern[],
  now: string,
): Promise<void> {
  for (const it of patterns) {
    const row = {
      class: it.class,
      channel: it.channel,
      tier: it.tier,
      status: it.status,
      content: JSON.stringify(it),
      updated_at: now,
    }
    await tx
      .insertInto('pattern')
      .values({ id: it.id, memory_store_id, created_at: now, ...row })
      .onConflict((conflict) =>
        conflict
          .columns(['memory_store_id', 'id'])
          .doUpdateSet(row)
          .where('pattern.content', '<>', row.content),
      )
      .execute()
  }
}

/** Candidates are only watched: those that a dream no longer knows of leave nothing behind. */
export async function forgetCandidates(
  tx: Transaction,
  memory_store_id: string,
  but: string[],
): Promise<void> {
  await tx
    .deleteFrom('pattern')
    .where('memory_store_id', '=', memory_store_id)
    .where('status', '=', 'candidate')
    .where('id', 'not in', but)
    .execute()
}

function parse(it: {
  memory_store_id: string
  content: string
  created_at: string
  updated_at: string
}): StoredPattern {
  return {
    ...(JSON.parse(it.content) as Pattern),
    memory_store_id: it.memory_store_id,
    created_at: it.created_at,
    updated_at: it.updated_at,
  }
}
