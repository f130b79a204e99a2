import { sql } from 'kysely'
import { type Count, EVERY, RARE_EDIT, rowKey, type Tally, type TallyRow, totalOf } from '../domain/tally.ts'
import type { Database, Transaction } from './database.ts'
import type { Schema } from './schema.ts'

/**
 * What a dream needs of a store's tally: every context, the rows that can become a pattern, what is taken out of these, and the rows
 * that `touched` adds to. Empty when nothing has been counted yet; every row with a `min_support` of 0.
 *
 * A row with little support can only matter together with new sessions, and those are in `touched`; so a
 * nightly dream reads the patterns of a store, not its sessions.
 */
export async function loadTally(
  db: Database | Transaction,
  memory_store_id: string,
  touched: Tally,
  min_support: number,
): Promise<Tally> {
  const tally: Tally = new Map()
  const rows = db.selectFrom('tally').select(COUNTED).where('memory_store_id', '=', memory_store_id)
  const add = (found: CountedRow[]) => {
    for (const it of found) tally.set(rowKey(it.context, it.trait), parse(it))
  }
  // The plus keeps SQLite from going by an index: most of the rows are wanted, and one after another they are read faster.
  const rare_edits = min_support === 0 ? 0 : await rareEdits(db, memory_store_id)
  const is_supported = sql<boolean>`channel = 'told' OR +n >= ${min_support} AND (channel <> 'correction' OR bad >= ${min_support})
    AND (context <> 'edit' OR n >= ${rare_edits} OR trait NOT LIKE '% when %')`
  add(await rows.where((eb) => eb.or([eb('trait', '=', EVERY), is_supported])).execute())
  if (tally.size === 0) return tally

  const missing = [...touched.values()].filter((it) => !tally.has(rowKey(it.context, it.trait)))
  for (let i = 0; i < missing.length; i += CHUNK) {
    const keys = missing.slice(i, i + CHUNK).map((it) => sql`(${it.context}, ${it.trait})`)
    add(await rows.where(sql<boolean>`(context, trait) IN (VALUES ${sql.join(keys)})`).execute())
  }
  return tally
}

/** Every word that was added goes with every word of the request; pairs rarer than the miner looks at are most of a large store's rows. */
async function rareEdits(db: Database | Transaction, memory_store_id: string): Promise<number> {
  const edited = await db
    .selectFrom('tally')
    .select('n')
    .where('memory_store_id', '=', memory_store_id)
    .where('context', '=', 'edit')
    .where('trait', '=', EVERY)
    .executeTakeFirst()
  return RARE_EDIT * (edited?.n ?? 0)
}

const COUNTED = ['channel', 'context', 'trait', 'cells', 'weeks', 'sightings'] as const
type CountedRow = Pick<Schema['tally'], (typeof COUNTED)[number]>

const CHUNK = 400

/**
 * Writes the rows that `touched` names as they stand in `tally`, and deletes those that no longer do. In the order of the
 * table: a tree that grows at its end is the quickest to write.
 */
export async function storeTally(
  tx: Transaction,
  memory_store_id: string,
  tally: Tally,
  touched: Tally,
): Promise<void> {
  for (const [key, { context, trait }] of touched) {
    if (tally.has(key)) continue
    await tx
      .deleteFrom('tally')
      .where(sql<boolean>`(memory_store_id, context, trait) = (${memory_store_id}, ${context}, ${trait})`)
      .execute()
  }
  const keys = [...touched.keys()].filter((key) => tally.has(key)).sort()
  const rows = keys.map((key) => {
    const known = tally.get(key)!
    const { cells, weeks, sightings, ...row } = known
    const [bad, n] = totalOf(known)
    const json = {
      cells: sortedJson(cells),
      // Numbers as keys are in order by themselves.
      weeks: JSON.stringify(weeks),
      sightings: JSON.stringify(sightings),
    }
    return { memory_store_id, ...row, bad, n, ...json }
  })
  for (let i = 0; i < rows.length; i += CHUNK) {
    await tx
      .insertInto('tally')
      .values(rows.slice(i, i + CHUNK))
      .onConflict((it) =>
        it.columns(['memory_store_id', 'context', 'trait']).doUpdateSet((eb) => ({
          bad: eb.ref('excluded.bad'),
          n: eb.ref('excluded.n'),
          cells: eb.ref('excluded.cells'),
          weeks: eb.ref('excluded.weeks'),
          sightings: eb.ref('excluded.sightings'),
        })),
      )
      .execute()
  }
}

/** In the order of the keys, so that equal counts are equal texts, whatever was counted first. */
function sortedJson(counts: Record<string, Count>): string {
  return JSON.stringify(counts, Object.keys(counts).sort())
}

/** What is JSON is parsed when it is asked for: most rows of a large store are never looked into. */
function parse(row: CountedRow): TallyRow {
  const { channel, context, trait } = row
  let cells: TallyRow['cells'] | undefined
  let weeks: TallyRow['weeks'] | undefined
  let sightings: TallyRow['sightings'] | undefined
  return {
    channel,
    context,
    trait,
    get cells() {
      cells ??= JSON.parse(row.cells) as TallyRow['cells']
      return cells
    },
    get weeks() {
      weeks ??= JSON.parse(row.weeks) as TallyRow['weeks']
      return weeks
    },
    get sightings() {
      sightings ??= JSON.parse(row.sightings) as TallyRow['sightings']
      return sightings
    },
  }
}

/**
 * A session that a memory store has dreamed of, as it was counted; its review is JSON, and so are what it was told and what a model saw in
 * it, which is null where it was counted without.
 */
export type DreamedSession = Pick<
  Schema['session'],
  'id' | 'agent_version' | 'task' | 'person' | 'title' | 'started_at'
> & {
  seq: number
  intent: string | null
  observations: string
  told: string | null
  seen_by_model: string | null
}

/** The sessions in a store's ledger in order of arrival: those of these ids, or a page from the one after `after` on. */
export async function dreamedSessions(
  db: Database | Transaction,
  memory_store_id: string,
  which: { ids: string[] } | { after: number; limit: number },
): Promise<DreamedSession[]> {
  if ('ids' in which) {
    const found: DreamedSession[] = []
    for (let i = 0; i < which.ids.length; i += CHUNK) {
      const ids = which.ids.slice(i, i + CHUNK)
      found.push(...(await inLedger(db, memory_store_id).where('session.id', 'in', ids).execute()))
    }
    return found.sort((a, b) => a.seq - b.seq)
  }
  return inLedger(db, memory_store_id)
    .where('session.seq', '>', which.after)
    .orderBy('session.seq')
    .limit(which.limit)
    .execute()
}

/** Its sessions as they were counted. */
export function inLedger(db: Database | Transaction, memory_store_id: string) {
  return db
    .selectFrom('ledger')
    .innerJoin('session', 'session.seq', 'ledger.session_seq')
    .innerJoin('review', 'review.session_id', 'session.id')
    .select(['session.seq', 'session.id', 'agent_version', 'task', 'person', 'title', 'intent', 'started_at'])
    .leftJoin('model_review', (join) =>
      join.onRef('model_review.session_id', '=', 'session.id').on('ledger.with_model', '=', 1),
    )
    .select(['review.content as observations', 'ledger.told', 'model_review.observations as seen_by_model'])
    .where('ledger.memory_store_id', '=', memory_store_id)
}

/** Strikes sessions off a store's ledger. */
export async function strikeFromLedger(
  tx: Transaction,
  memory_store_id: string,
  seqs: number[],
): Promise<void> {
  for (let i = 0; i < seqs.length; i += CHUNK)
    await tx
      .deleteFrom('ledger')
      .where('memory_store_id', '=', memory_store_id)
      .where('session_seq', 'in', seqs.slice(i, i + CHUNK))
      .execute()
}
