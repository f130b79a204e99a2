/** Numbers over the whole of a database, of all its workspaces: for whoever looks after it. */
import { sql } from 'kysely'
import type { Database } from './database.ts'
import { MIGRATIONS } from './migrate.ts'

export type Counts = {
  sessions: number
  /** Events that were ever sent over the wire. */
  recorded_events: number
  jobs: Record<string, number>
  dreams: Record<string, number>
}

/** Walks over small indexes where it can; of what is large, nothing is read. */
export async function countsOf(db: Database): Promise<Counts> {
  const { sessions } = await db
    .selectFrom('session')
    .select((eb) => eb.fn.countAll<number>().as('sessions'))
    .executeTakeFirstOrThrow()
  const { rows } = await sql<{
    seq: number
  }>`SELECT seq FROM sqlite_sequence WHERE name = 'recorded_event'`.execute(db)
  return {
    sessions,
    recorded_events: rows[0]?.seq ?? 0,
    jobs: await byStatus(db, 'job'),
    dreams: await byStatus(db, 'dream'),
  }
}

async function byStatus(db: Database, table: 'job' | 'dream'): Promise<Record<string, number>> {
  const rows = await db
    .selectFrom(table)
    .select((eb) => ['status', eb.fn.countAll<number>().as('n')])
    .groupBy('status')
    .execute()
  return Object.fromEntries(rows.map((it) => [it.status, it.n]))
}

/** Whether it answers, and has the shape that this version knows: a newer one may have changed it since it was opened. */
export async function isCurrent(db: Database): Promise<boolean> {
  const { rows } = await sql<{ n: number }>`SELECT count(*) AS n FROM migration`.execute(db)
  return rows[0]?.n === MIGRATIONS.length
}
