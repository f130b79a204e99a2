import { z } from 'zod'
import { sha256 } from './id.ts'

/** What can happen to the state of an engine. */
export const AuditAction = z.enum([
  'sessions.ingested',
  'redaction_key.created',
  'dream.completed',
  'dream.failed',
  'memory.created',
  'memory.modified',
  'memory.deleted',
])
export type AuditAction = z.infer<typeof AuditAction>

/** One thing that happened: who did what to which object, and why. It holds ids and hashes, never content. */
export const AuditEntry = z.object({
  /** RFC 3339. */
  at: z.string(),
  /** `user:NAME`, `dream:ID` or `ingest`. */
  actor: z.string(),
  action: AuditAction,
  /** The id or, for a memory, the store and the path. */
  object: z.string(),
  /** sha256 of the object before and after; null where there was none, or where the object has no content. */
  before_sha256: z.string().nullable(),
  after_sha256: z.string().nullable(),
  reason: z.string(),
})
export type AuditEntry = z.infer<typeof AuditEntry>

/**
 * An entry as a link of the chain. `hash` covers the entry, its place and the hash of the record before, so that no
 * record can be changed, removed or moved without breaking every link after it.
 */
export const AuditRecord = AuditEntry.extend({
  /** 1, 2, 3, … without gaps. */
  seq: z.number().int().positive(),
  previous_hash: z.string(),
  hash: z.string(),
})
export type AuditRecord = z.infer<typeof AuditRecord>

/** The end of a chain: what the next record links to, and what a copy kept elsewhere is compared with. */
export type AuditHead = { seq: number; hash: string }

/** The head of an empty chain. */
export const NO_RECORDS: AuditHead = { seq: 0, hash: '0'.repeat(64) }

/** The record that `entry` becomes after `head`. */
export function linkedTo(head: AuditHead, entry: AuditEntry): AuditRecord {
  const link = { ...entry, seq: head.seq + 1, previous_hash: head.hash }
  return { ...link, hash: hashOf(link) }
}

/** What is wrong with `record` as the one that follows `head`, in words; null when nothing is. */
export function brokenLink(head: AuditHead, record: AuditRecord): string | null {
  if (record.seq !== head.seq + 1) return `record ${head.seq + 1} is missing`
  if (record.previous_hash !== head.hash)
    return `record ${record.seq} does not follow on the record before it`
  if (record.hash !== hashOf(record)) return `record ${record.seq} was changed`
  return null
}

/** Over a JSON array of the fields in this order, so that any reader in any language can check it. */
function hashOf(it: Omit<AuditRecord, 'hash'>): string {
  const fields = [
    it.seq,
    it.at,
    it.actor,
    it.action,
    it.object,
    it.before_sha256,
    it.after_sha256,
    it.reason,
    it.previous_hash,
  ]
  return sha256(JSON.stringify(fields))
}
