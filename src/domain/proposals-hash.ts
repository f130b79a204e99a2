import type { Change } from './change.ts'
import { sha256 } from './id.ts'

/** The hash of what a dream proposed: each change is hashed with the hash of those before it. */
export function proposalsHash(changes: Change[]): string {
  return hashesOf(changes).at(-1)!
}

/** After no change, after the first, and so on: what is put up again later stands after those that the dream ended with. */
export function hashesOf(changes: Change[]): string[] {
  const hashes = [sha256('')]
  for (const it of changes) hashes.push(nextHash(hashes.at(-1)!, it))
  return hashes
}

/** Over what never changes of a proposal. */
function nextHash(before: string, it: Change): string {
  const after_sha256 = it.after === null ? null : sha256(it.after)
  const fields = [
    before,
    it.id,
    it.operation,
    it.kind,
    it.path,
    it.before_sha256,
    after_sha256,
    it.reason,
    it.pattern_ids,
    it.verdict,
    it.verdict_reason,
    it.policy_sha256,
  ]
  return sha256(JSON.stringify(fields))
}
