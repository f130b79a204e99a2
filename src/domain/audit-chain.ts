/** The chain of the audit log: how a record links to the one before, and what is wrong where one does not. */
import type { AuditEntry, AuditHead, AuditRecord } from './audit.ts'
import { DEFAULT_WORKSPACE } from './default-workspace.ts'
import { sha256 } from './id.ts'

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
