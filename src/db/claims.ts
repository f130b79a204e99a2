/** What language models said of sessions, claim by claim. A claim is written once, with its group, and goes with its session. */
import { sql } from 'kysely'
import type { Citation, Claim, ClaimKind } from '../domain/claim.ts'
import { inChunks } from './chunks.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'
import type { Schema } from './schema.ts'

export async function insertClaims(tx: Transaction, claims: Claim[]): Promise<void> {
  const rows = claims.map(({ citations, ...it }) => ({
    ...it,
    workspace_id: OWN_WORKSPACE,
    citations: JSON.stringify(citations),
  }))
  await inChunks(rows, (chunk) => tx.insertInto('claim').values(chunk).execute())
}

/** The claims of these sessions, in the order in which they were made. */
export async function claimsOf(db: Database | Transaction, session_ids: string[]): Promise<Claim[]> {
  const found: (Claim & { seq: number })[] = []
  await inChunks(session_ids, async (chunk) => {
    const rows = await db
      .selectFrom('claim')
      .selectAll()
      .where('session_id', 'in', chunk)
      .where(sql<string>`+workspace_id`, '=', OWN_WORKSPACE)
      .execute()
    for (const it of rows) found.push({ ...parse(it), seq: it.seq })
  })
  return found.sort((a, b) => a.seq - b.seq).map(({ seq, ...it }) => it)
}

/** A group, as the first of its claims says it. */
export type SaidFirst = Pick<Claim, 'group_id' | 'agent' | 'kind' | 'statement' | 'action'>

/** What was said of an agent's sessions so far, once a group, in the order in which the groups were first said. */
export async function groupsOf(db: Database | Transaction, agent: string): Promise<SaidFirst[]> {
  const rows = await db
    .selectFrom('claim')
    .select(FIRST)
    .where('seq', 'in', (eb) =>
      eb
        .selectFrom('claim')
        .select((it) => it.fn.min('seq').as('seq'))
        .where('workspace_id', '=', OWN_WORKSPACE)
        .where('agent', '=', agent)
        .groupBy('group_id'),
    )
    .orderBy('seq')
    .execute()
  return rows as SaidFirst[]
}

/** The claim of a group that was made first, of those about sessions that are not `gone`; undefined where none is left. */
export async function firstOfGroup(
  db: Database | Transaction,
  group_id: string,
  gone: Set<string>,
): Promise<SaidFirst | undefined> {
  const rows = await db
    .selectFrom('claim')
    .select(['seq', 'session_id'])
    .where('group_id', '=', group_id)
    .where(sql<string>`+workspace_id`, '=', OWN_WORKSPACE)
    .orderBy('seq')
    .execute()
  const seq = rows.find((it) => !gone.has(it.session_id))?.seq
  if (seq === undefined) return undefined
  const row = await db.selectFrom('claim').select(FIRST).where('seq', '=', seq).executeTakeFirstOrThrow()
  return row as SaidFirst
}

const FIRST = ['group_id', 'agent', 'kind', 'statement', 'action'] as const

/** What a session was quoted for, and what the session is called where it came from. */
export type Quoted = { session_id: string; external_session_id: string; citations: Citation[] }

/** What the claims of a group quote of these sessions, by session; nothing of sessions whose transcript was removed. */
export async function quotedBy(
  db: Database | Transaction,
  group_id: string,
  session_ids: string[],
): Promise<Map<string, Quoted>> {
  const found = new Map<string, Quoted>()
  await inChunks(session_ids, async (chunk) => {
    const rows = await db
      .selectFrom('claim')
      .innerJoin('session', 'session.id', 'claim.session_id')
      .innerJoin('transcript', 'transcript.sha256', 'session.transcript_sha256')
      .select(['claim.session_id', 'session.external_session_id', 'claim.citations'])
      .where('claim.session_id', 'in', chunk)
      .where('claim.group_id', '=', group_id)
      .where(sql<string>`+claim.workspace_id`, '=', OWN_WORKSPACE)
      .where('transcript.removed_at', 'is', null)
      .orderBy('claim.seq')
      .execute()
    for (const it of rows)
      if (!found.has(it.session_id)) found.set(it.session_id, { ...it, citations: JSON.parse(it.citations) })
  })
  return found
}

/** The quotes of claims about these sessions go; what they say, and that they said it, stays. */
export async function forgetQuotes(tx: Transaction, session_ids: string[]): Promise<void> {
  await inChunks(session_ids, (chunk) =>
    tx.updateTable('claim').set({ citations: '[]' }).where('session_id', 'in', chunk).execute(),
  )
}

function parse(row: Omit<Schema['claim'], 'seq'>): Claim {
  const { workspace_id, kind, citations, ...it } = row
  return {
    id: it.id,
    session_id: it.session_id,
    agent: it.agent,
    kind: kind as ClaimKind,
    statement: it.statement,
    action: it.action,
    citations: JSON.parse(citations),
    group_id: it.group_id,
  }
}
