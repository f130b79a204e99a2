import { z } from 'zod'

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
