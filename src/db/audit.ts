/**
 * The audit log: one append-only hash chain for every change of state.
 *
 * A record is appended in the transaction of the change it tells of, so neither is there without the other. The head is
 * kept beside the chain: a chain that lost its end is found out as well.
 */
import {
  type AuditEntry,
  type AuditHead,
  type AuditRecord,
  brokenLink,
  linkedTo,
  NO_RECORDS,
} from '../domain/audit.ts'
import type { Database, Transaction } from './database.ts'

/** Appends one record for each entry. */
export async function appendAudit(tx: Transaction, ...entries: AuditEntry[]): Promise<void> {
  let head = await readHead(tx)
  for (const entry of entries) {
    const record = linkedTo(head, entry)
    await tx.insertInto('audit').values(record).execute()
    head = { seq: record.seq, hash: record.hash }
  }
  await tx
    .insertInto('audit_head')
    .values({ id: 1, ...head })
    .onConflict((it) => it.column('id').doUpdateSet(head))
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
    .selectAll()
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
    .selectAll()
    .$if(before !== null, (it) => it.where('seq', '<', before!))
    .orderBy('seq', 'desc')
    .limit(limit)
    .execute()
  return rows as AuditRecord[]
}

export type Verification = {
  records: number
  head: AuditHead
  broken: { seq: number; reason: string } | null
}

/** Follows the whole chain; `broken` names the first record that is not as it was written, or is not there. */
export async function verifyAudit(db: Database): Promise<Verification> {
  return db.transaction().execute(async (tx) => {
    let head = NO_RECORDS
    for (;;) {
      const records = await auditAfter(tx, head.seq, PAGE)
      if (records.length === 0) break
      for (const record of records) {
        const reason = brokenLink(head, record)
        if (reason !== null) return { records: head.seq, head, broken: { seq: head.seq + 1, reason } }
        head = { seq: record.seq, hash: record.hash }
      }
    }
    const kept = await readHead(tx)
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

async function readHead(db: Database | Transaction): Promise<AuditHead> {
  const row = await db.selectFrom('audit_head').select(['seq', 'hash']).executeTakeFirst()
  return row ?? NO_RECORDS
}
