/** What happened to a memory store day by day. Days are `YYYY-MM-DD`, in UTC. */
import { sql } from 'kysely'
import type { MemorySize, RecalledOfDay } from '../domain/report.ts'
import { type Spending, type StageUse, sumOfUses } from '../domain/spending.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

const INDEX = '/_index.md'

/**
 * How large a store was on the evening of each day from `from` to `to` on which something was written, and on the first and the last of these
 * days; nothing where nothing was ever written. The index counts neither way; a text that was erased since counts as a memory without bytes.
 */
export async function sizesByDay(
  db: Database | Transaction,
  memory_store_id: string,
  from: string,
  to: string,
): Promise<MemorySize[]> {
  const writes = await db
    .selectFrom('memory_version')
    .select(['memory_id', 'operation', 'path', 'content_size_bytes'])
    .select(sql<string>`substr(created_at, 1, 10)`.as('day'))
    .where('memory_store_id', '=', memory_store_id)
    .where(sql<string>`substr(created_at, 1, 10)`, '<=', to)
    .orderBy('seq')
    .execute()
  if (writes.length === 0) return []
  const standing = new Map<string, number>()
  const sizes = new Map<string, MemorySize>()
  const note = (day: string) => sizes.set(day, { day, ...sumOf(standing) })
  let today = from
  for (const it of writes) {
    if (it.day > today) {
      note(today)
      today = it.day
    }
    if (it.path === INDEX || it.operation === 'deleted') standing.delete(it.memory_id)
    else standing.set(it.memory_id, it.content_size_bytes ?? 0)
  }
  note(today)
  note(to)
  return [...sizes.values()]
}

function sumOf(standing: Map<string, number>): Omit<MemorySize, 'day'> {
  return { memories: standing.size, bytes: [...standing.values()].reduce((sum, it) => sum + it, 0) }
}

/** What sessions recalled on each day from `from` to `to` on which any did; what was recalled for no session is left out. */
export async function recalledByDay(
  db: Database | Transaction,
  memory_store_id: string,
  from: string,
  to: string,
): Promise<RecalledOfDay[]> {
  const day = sql<string>`substr(created_at, 1, 10)`
  return db
    .selectFrom('recall')
    .select((eb) => [
      day.as('day'),
      eb.fn.countAll<number>().as('recalls'),
      eb.fn.sum<number>('tokens').as('tokens'),
    ])
    .where('memory_store_id', '=', memory_store_id)
    .where(sql<string>`+workspace_id`, '=', OWN_WORKSPACE)
    .where('session_key', 'is not', null)
    .where(day, '>=', from)
    .where(day, '<=', to)
    .groupBy(day)
    .orderBy(day)
    .execute()
}

/** How many dreams ended from `from` to `to`, and how many of them failed. */
export async function dreamsBetween(
  db: Database | Transaction,
  memory_store_id: string,
  from: string,
  to: string,
): Promise<{ ended: number; failed: number }> {
  const day = sql<string>`substr(ended_at, 1, 10)`
  const rows = await db
    .selectFrom('dream')
    .select((eb) => ['status', eb.fn.countAll<number>().as('n')])
    .where('memory_store_id', '=', memory_store_id)
    .where('status', 'in', ['completed', 'failed'])
    .where(day, '>=', from)
    .where(day, '<=', to)
    .groupBy('status')
    .execute()
  const of = (status: string) => Number(rows.find((it) => it.status === status)?.n ?? 0)
  return { ended: of('completed') + of('failed'), failed: of('failed') }
}

/** What they asked of language models. */
export async function askedBetween(
  db: Database | Transaction,
  memory_store_id: string,
  from: string,
  to: string,
): Promise<StageUse[]> {
  const day = sql<string>`substr(ended_at, 1, 10)`
  const rows = await db
    .selectFrom('dream')
    .select('spending')
    .where('memory_store_id', '=', memory_store_id)
    .where('spending', 'is not', null)
    .where(day, '>=', from)
    .where(day, '<=', to)
    .execute()
  return sumOfUses(rows.flatMap((it) => (JSON.parse(it.spending!) as Spending).uses))
}

/** Those of them that proposed something, the latest first. */
export async function changingDreams(
  db: Database | Transaction,
  memory_store_id: string,
  { from, to, most }: { from: string; to: string; most: number },
): Promise<string[]> {
  const day = sql<string>`substr(ended_at, 1, 10)`
  const rows = await db
    .selectFrom('dream')
    .select('id')
    .where('memory_store_id', '=', memory_store_id)
    .where('result', '=', 'changed')
    .where(day, '>=', from)
    .where(day, '<=', to)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(most)
    .execute()
  return rows.map((it) => it.id)
}
