import type { Change } from '../../src/domain/change.ts'
import { sha256 } from '../../src/domain/id.ts'

/** A change as a dream proposes it, other than said in `of`. */
export function change(of: Partial<Change> = {}): Change {
  const { before = null, after = 'Call `get` before `update`.\n' } = of
  return {
    id: 'chg_1',
    dream_id: 'drm_1',
    operation: before === null ? 'created' : after === null ? 'deleted' : 'modified',
    kind: 'add',
    path: '/mistakes/get-before-update.md',
    before,
    before_sha256: before === null ? null : sha256(before),
    after,
    reason: 'New lesson',
    pattern_ids: ['pat_1'],
    verdict: 'hold',
    verdict_reason: 'nothing goes live without a decision',
    policy_sha256: 'sha',
    status: 'undecided',
    memory_version_id: null,
    redacted_at: null,
    ...of,
  }
}
