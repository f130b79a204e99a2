/**
 * The audit log: one append-only hash chain for every change of state, a chain for each workspace.
 *
 * A record is appended in the transaction of the change it tells of, so neither is there without the other. The head is
 * kept beside the chain: a chain that lost its end is found out as well.
 */
import { sql } from 'kysely'
import type { AuditEntry, AuditHead, AuditRecord } from '../domain/audit.ts'
import { brokenLink, emptyChain, linkedTo } from '../domain/audit-chain.ts'
import { DEFAULT_POLICY_SHA256 } from '../domain/default-policy.ts'
import { type Database, OWN_WORKSPACE, type Transaction } from './database.ts'

/** Appends one record for each entry. */
export async function appendAudit(tx: Transaction, ...entries: AuditEntry[]): Promise<void> {
  await appendAuditOf(tx, await ownId(tx), ...entries)
}

/** The same in the log of that workspace, which is a new one. */
export async function appendAuditOf(
  tx: Transaction,
  workspace_id: string,
  ...entries: AuditEntry[]
): Promise<void> {
  const policy_sha256 = await policyOf(tx, workspace_id)
  let head = await readHead(tx, workspace_id)
  for (const entry of entries) {
    const record = linkedTo(head, entry, policy_sha256)
    await tx
      .insertInto('audit')
      .values({ workspace_id, ...record })
      .execute()
    head = { seq: record.seq, hash: record.hash }
  }
  await tx
    .insertInto('audit_head')
    .values({ workspace_id, ...head })
    .onConflict((it) => it.column('workspace_id').doUpdateSet(head))
    .execute()
}

/** In the order of the chain, those after the record `after`. */
export async function auditAfter(
  db: Database | Transaction,
  after: number,
  limit: number,
): Promise<AuditRecord[]> {
  const rows = await db
    .selectFrom('audit')
    .select(listed)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute()
  return rows as AuditRecord[]
}

/** Newest first, those before the record `before`; null for the newest of all. */
export async function auditBefore(
  db: Database,
  before: number | null,
  limit: number,
): Promise<AuditRecord[]> {
  const rows = await db
    .selectFrom('audit')
    .select(listed)
    .where('workspace_id', '=', OWN_WORKSPACE)
    .$if(before !== null, (it) => it.where('seq', '<', before!))
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute()
  return rows as AuditRecord[]
}

/** Where a record's object is, for a reader: the log itself holds no names. Nulls where it has no place, or is gone. */
export type Place = { store: string | null; path: string | null }

/** The place of the object of each of these records. */
export async function placesOf(db: Database, records: AuditRecord[]): Promise<Place[]> {
  const places = new Map<string, Place>()
  const note = (rows: ({ id: string } & Place)[]) => {
    for (const { id, store, path } of rows) places.set(id, { store, path })
  }
  const objects = records.map((it) => it.object)
  const named = (prefix: string) => objects.filter((it) => it.startsWith(prefix))
  const stores = db
    .selectFrom('memory_store')
    .select('memory_store.name as store')
    .where('memory_store.workspace_id', '=', OWN_WORKSPACE)
  note(
    await stores
      .innerJoin('memory_version', 'memory_version.memory_store_id', 'memory_store.id')
      .select(['memory_version.id', 'memory_version.path'])
      .where('memory_version.id', 'in', named('memver_'))
      .execute(),
  )
  const dreams = stores.innerJoin('dream', 'dream.memory_store_id', 'memory_store.id')
  note(
    await dreams
      .select(['dream.id', sql.lit(null).as('path')])
      .where('dream.id', 'in', named('drm_'))
      .execute(),
  )
  note(
    await dreams
      .innerJoin('change', 'change.dream_id', 'dream.id')
      .select(['change.id', 'change.path'])
      .where('change.id', 'in', named('chg_'))
      .execute(),
  )
  const of_stores = named('memstore_').map((it) => it.replace(/\/.*/s, ''))
  note(
    await stores
      .select(['memory_store.id', sql.lit(null).as('path')])
      .where('memory_store.id', 'in', of_stores)
      .execute(),
  )
  return objects.map((it) => {
    // Records from before the log held no paths name the store and the path.
    const [, id = it, path = null] = /^(memstore_[^/]*)(\/.*)?$/s.exec(it) ?? []
    const { store = null, path: found = null } = places.get(id) ?? {}
    return { store, path: found ?? path }
  })
}

/** Where in the log a record with that hash stands; null where none does. */
export async function seqOfHash(db: Database, hash: string): Promise<number | null> {
  const row = await db
    .selectFrom('audit')
    .select('seq')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('hash', '=', hash)
    .executeTakeFirst()
  return row?.seq ?? null
}

/** What the log says was the hash of that object after that action; null where it says nothing. */
export async function recordedHash(
  db: Database,
  action: AuditEntry['action'],
  object: string,
): Promise<string | null> {
  const row = await db
    .selectFrom('audit')
    .select('after_sha256')
    .where('workspace_id', '=', OWN_WORKSPACE)
    .where('action', '=', action)
    .where('object', '=', object)
    .executeTakeFirst()
  return row?.after_sha256 ?? null
}

export type Verification = {
  records: number
  head: AuditHead
  broken: { seq: number; reason: string } | null
}

/** Follows the whole chain; `broken` names the first record that is not as it was written, or is not there. */
export async function verifyAudit(db: Database): Promise<Verification> {
  return db.transaction().execute(async (tx) => {
    const workspace_id = await ownId(tx)
    let head = emptyChain(workspace_id)
    for (;;) {
      const records = await auditAfter(tx, head.seq, PAGE)
      if (records.length === 0) break
      for (const record of records) {
        const reason = brokenLink(head, record)
        if (reason !== null) return { records: head.seq, head, broken: { seq: head.seq + 1, reason } }
        head = { seq: record.seq, hash: record.hash }
      }
    }
    const kept = await readHead(tx, workspace_id)
    const reason =
      kept.seq > head.seq
        ? `record ${head.seq + 1} is missing, and all after it`
        : kept.seq < head.seq || kept.hash !== head.hash
          ? 'the chain does not end where its head says'
          : null
    return {
      records: head.seq,
      head,
      broken: reason === null ? null : { seq: Math.min(kept.seq, head.seq) + 1, reason },
    }
  })
}

const PAGE = 1_000

const listed = [
  'seq',
  'at',
  'actor',
  'action',
  'object',
  'before_sha256',
  'after_sha256',
  'reason',
  'previous_hash',
  'policy_sha256',
  'hash',
] as const

async function readHead(db: Database | Transaction, workspace_id: string): Promise<AuditHead> {
  const row = await db
    .selectFrom('audit_head')
    .select(['seq', 'hash'])
    .where('workspace_id', '=', workspace_id)
    .executeTakeFirst()
  return row ?? emptyChain(workspace_id)
}

/** Of the policy in force there, which may be the default. */
async function policyOf(tx: Transaction, workspace_id: string): Promise<string> {
  const last = await tx
    .selectFrom('policy_in_force')
    .select('policy_sha256')
    .where('workspace_id', '=', workspace_id)
    .orderBy('seq', 'desc')
    .limit(1)
    .executeTakeFirst()
  return last?.policy_sha256 ?? DEFAULT_POLICY_SHA256
}

async function ownId(db: Transaction): Promise<string> {
  const { id } = await db.selectNoFrom(OWN_WORKSPACE.as('id')).executeTakeFirstOrThrow()
  return id
}
