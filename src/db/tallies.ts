import { sql } from 'kysely'
import { type Count, EVERY, rowKey, type Tally, totalOf } from '../domain/tally.ts'
import type { Database, Transaction } from './database.ts'

/**
 * What a dream needs of a store's tally: the rows that can become a pattern, and the rows that `touched` adds to.
 *
 * A row with little support can only matter together with new sessions, and those are in `touched`; so a
 * nightly dream reads the patterns of a store, not its sessions.
 */
export async function loadTally(
  db: Database,
  memory_store_id: string,
  touched: Tally,
  min_support: number,
): Promise<Tally> {
  const tally: Tally = new Map()
  const supported = await db
    .selectFrom('tally')
    .selectAll()
    .where('memory_store_id', '=', memory_store_id)
    .where('n', '>=', min_support)
    .where((eb) =>
      eb.or([eb('channel', '<>', 'correction'), eb('bad', '>=', min_support), eb('trait', '=', EVERY)]),
    )
    .execute()
  for (const it of supported) tally.set(rowKey(it.context, it.trait), parse(it))

  const missing = [...touched.values()].filter((it) => !tally.has(rowKey(it.context, it.trait)))
  for (let i = 0; i < missing.length; i += CHUNK) {
    const keys = missing.slice(i, i + CHUNK).map((it) => sql`(${it.context}, ${it.trait})`)
    const rows = await db
      .selectFrom('tally')
      .selectAll()
      .where('memory_store_id', '=', memory_store_id)
      .where(sql<boolean>`(context, trait) IN (VALUES ${sql.join(keys)})`)
      .execute()
    for (const it of rows) tally.set(rowKey(it.context, it.trait), parse(it))
  }
  return tally
}

const CHUNK = 400

/** Writes the rows of `tally` that `touched` added to. */
export async function storeTally(
  tx: Transaction,
  memory_store_id: string,
  tally: Tally,
  touched: Tally,
): Promise<void> {
  const rows = [...touched.keys()].map((key) => {
    const { cells, weeks, sightings, ...row } = tally.get(key)!
    const [bad, n] = totalOf(tally.get(key))
    const json = {
      cells: sortedJson(cells),
      weeks: sortedJson(weeks),
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

function parse(it: {
  channel: string
  context: string
  trait: string
  cells: string
  weeks: string
  sightings: string
}) {
  return {
    channel: it.channel,
    context: it.context,
    trait: it.trait,
    cells: JSON.parse(it.cells),
    weeks: JSON.parse(it.weeks),
    sightings: JSON.parse(it.sightings),
  }
}
