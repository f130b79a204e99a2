import { z } from 'zod'
import { DEFAULT_WORKSPACE } from './default-workspace.ts'
import { sha256 } from './id.ts'

/** What can happen to the state of an engine. */
export const AuditAction = z.enum([
  'sessions.ingested',
  'sessions.erased',
  'transcripts.removed',
  'redaction_key.created',
  'dream.completed',
  'dream.failed',
  'memory.created',
  'memory.modified',
  'memory.deleted',
  'change.approved',
  'change.rejected',
  'change.edited',
  'change.superseded',
  'store.restored',
  'store.created',
  'store.changed',
  'store.archived',
  'store.deleted',
  'version.redacted',
  'session.created',
  'session.deleted',
  'dream.requested',
  'dream.canceled',
  'dream.archived',
  'key.created',
  'key.revoked',
  'schedule.created',
  'schedule.changed',
  'schedule.archived',
  'webhook.created',
  'webhook.changed',
  'webhook.deleted',
  'workspace.created',
  'workspace.changed',
  'policy.set',
  'experiment.started',
  'experiment.ended',
  'lesson.retired',
])
export type AuditAction = z.infer<typeof AuditAction>

/** Who acts: a person, a dream, a policy (by its sha256), the ingest of transcripts, or the server by itself. */
export const AuditActor = z.union([
  z.templateLiteral(['user:', z.string()]),
  z.templateLiteral(['dream:', z.string()]),
  z.templateLiteral(['policy:', z.string()]),
  z.literal('ingest'),
  z.literal('server'),
])
export type AuditActor = z.infer<typeof AuditActor>

/**
 * One thing that happened: who did what to which object, and why.
 *
 * The log is for ever, and what sessions say is not: so an entry holds ids, hashes, phrases of ours and what a person typed as a
 * reason, never a word of a session, and no path of a memory, which is made of such words.
 */
export const AuditEntry = z.object({
  /** RFC 3339. */
  at: z.string(),
  actor: AuditActor,
  action: AuditAction,
  /** Its id: of a memory, that of the version written. Older records name the store and the path. */
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
  /** Of the policy that was in force when it was written; null in records from before there were policies. */
  policy_sha256: z.string().nullable(),
  hash: z.string(),
})
export type AuditRecord = z.infer<typeof AuditRecord>

/** The end of a chain: what the next record links to, and what a copy kept elsewhere is compared with. */
export type AuditHead = { seq: number; hash: string }

/** The head of an empty chain, that of the workspace named default. */
export const NO_RECORDS: AuditHead = { seq: 0, hash: '0'.repeat(64) }

/** The head of the empty chain of a workspace. It differs from workspace to workspace, so none can be shown as another's. */
export function emptyChain(workspace_id: string): AuditHead {
  return workspace_id === DEFAULT_WORKSPACE.id ? NO_RECORDS : { seq: 0, hash: sha256(workspace_id) }
}

/** The record that `entry` becomes after `head`, under that policy. */
export function linkedTo(head: AuditHead, entry: AuditEntry, policy_sha256: string | null): AuditRecord {
  const link = { ...entry, seq: head.seq + 1, previous_hash: head.hash, policy_sha256 }
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

/** Over a JSON array of the fields in this order, so that any reader in any language can check it. Older records end with `previous_hash`. */
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
    ...(it.policy_sha256 === null ? [] : [it.policy_sha256]),
  ]
  return sha256(JSON.stringify(fields))
}
