/** Sessions as work that was done: when, what was asked, by whom it was judged. */
import { sql } from 'kysely'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

const work = [
  'id',
  'seq',
  'continues_session_id',
  'harness',
  'external_session_id',
  'agent_version',
  'task',
  'intent',
  'title',
  'person',
  'outcome_result',
  'outcome_verified',
  'events',
  'human_turns',
  'tool_calls',
  'tool_errors',
  'feedback',
] as const

/**
 * A session without its words but the first. `at` is when it began, or came in where nobody knows. One that was stored several times, as it
 * grew, is one, with the numbers of its last state.
 */
export type SessionWork = {
  id: string
  /** The ids of what was stored of it, in order of arrival: each holds what was new in it. */
  pieces: string[]
  harness: string
  at: string
  agent_version: string | null
  task: string | null
  intent: string | null
  title: string
  person: string | null
  outcome_result: string
  outcome_verified: number
  events: number
  human_turns: number
  tool_calls: number
  tool_errors: number
  feedback: number
}

/** As the index `session_by_time` has it. */
const AT = sql<string>`coalesce(started_at, ingested_at)`

/** RFC 3339; `until` is not included. */
export type WorkWanted = { from: string; until: string; most: number }

/** The sessions of an agent that began in a time, in order of time; the latest where there are more than `most`. */
export async function workBetween(
  db: Database | Transaction,
  agent: string,
  wanted: WorkWanted,
): Promise<SessionWork[]> {
  const rows = [
    ...(await workPutIn(db, agent, wanted, 'at once')),
    ...(await workPutIn(db, agent, wanted, 'event by event')),
  ]
  const sessions = whole(rows.sort((a, b) => a.seq - b.seq))
  return sessions
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.id < b.id ? -1 : 1))
    .slice(-wanted.most)
}

type Row = Omit<SessionWork, 'pieces'> & {
  seq: number
  continues_session_id: string | null
  external_session_id: string
}

/** What goes on under the name of what it continues is the same session. */
function whole(rows: Row[]): SessionWork[] {
  const sessions: SessionWork[] = []
  const latest = new Map<string, SessionWork>()
  for (const { seq, continues_session_id, external_session_id, ...row } of rows) {
    const name = `${row.harness} ${external_session_id}`
    const known = continues_session_id === null ? undefined : latest.get(name)
    if (known === undefined) {
      const session = { ...row, pieces: [row.id] }
      sessions.push(session)
      latest.set(name, session)
    } else {
      const { id, at, title, pieces } = known
      const { outcome_result, outcome_verified } = row.outcome_result === 'unknown' ? known : row
      Object.assign(known, row, {
        id,
        at,
        title,
        pieces: [...pieces, row.id],
        outcome_result,
        outcome_verified,
      })
    }
  }
  return sessions
}

/** Those that were put in so, the latest first: each way has an index of its own, and the plus leads to the second one. */
export async function workPutIn(
  db: Database | Transaction,
  agent: string,
  { from, until, most }: WorkWanted,
  how: 'at once' | 'event by event',
): Promise<Row[]> {
  const at_once = how === 'at once'
  return db
    .selectFrom('session')
    .select([...work, AT.as('at')])
    .where(at_once ? 'workspace_id' : sql<string>`+workspace_id`, '=', OWN_WORKSPACE)
    .where(at_once ? 'agent' : sql<string>`+agent`, '=', agent)
    .where('recording_id', at_once ? 'is' : 'is not', null)
    .where(AT, '>=', from)
    .where(AT, '<', until)
    .orderBy(AT, 'desc')
    .orderBy('id', 'desc')
    .limit(most)
    .execute()
}

/** When the first and the last session of an agent began; null where it has none. */
export async function timeOfWork(
  db: Database | Transaction,
  agent: string,
): Promise<{ first: string; last: string } | null> {
  const { first, last } = await db
    .selectFrom('session')
    .select((eb) => [eb.fn.min(AT).as('first'), eb.fn.max(AT).as('last')])
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('agent', '=', agent)
    .executeTakeFirstOrThrow()
  return first === null || last === null ? null : { first, last }
}

/** How many sessions of an agent a memory store has not dreamed of. */
export async function countUndreamed(
  db: Database | Transaction,
  memory_store_id: string,
  agent: string,
): Promise<number> {
  const { n } = await db
    .selectFrom('session')
    .select((eb) => eb.fn.countAll<number>().as('n'))
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('agent', '=', agent)
    .where('seq', '>', (eb) =>
      eb.selectFrom('memory_store').select('dreamed_through').where('id', '=', memory_store_id),
    )
    .where(
      sql<boolean>`NOT EXISTS (SELECT session_seq FROM ledger WHERE memory_store_id = ${memory_store_id} AND session_seq = session.seq)`,
    )
    .executeTakeFirstOrThrow()
  return Number(n)
}
