/**
 * What waits for a decision against what is proposed tonight: nobody is asked the same twice, and nobody approves what is out of date.
 *
 * - What waits unchanged is not proposed again.
 * - An approved change waits for its adoption; until then nothing else is proposed for that memory.
 * - What tonight's dream would no longer propose, or proposes otherwise, is superseded. A question to a person stays.
 */
import type { Change } from '../domain/change.ts'

type Proposed = Pick<Change, 'path' | 'kind' | 'before_sha256' | 'after'>
type Waiting = Proposed & Pick<Change, 'status'>

/** Of `proposals` those that are new, and which of the `waiting` changes are out of date. */
export function besideWaiting<P extends Proposed, W extends Waiting>(
  proposals: P[],
  waiting: W[],
): { fresh: P[]; superseded: W[] } {
  const approved = new Set(waiting.filter((it) => it.status === 'approved').map((it) => it.path))
  const undecided = waiting.filter((it) => it.status === 'undecided')
  const known = new Set(undecided.map(edit))
  const tonight = new Set(proposals.map(edit))
  const fresh = proposals.filter((it) => !known.has(edit(it)) && !approved.has(it.path))
  const renewed = new Set(fresh.map((it) => it.path))
  const superseded = undecided.filter(
    (it) => !tonight.has(edit(it)) && (!isQuestion(it) || renewed.has(it.path)),
  )
  return { fresh, superseded }
}

function edit({ path, before_sha256, after }: Proposed): string {
  return JSON.stringify([path, before_sha256, after])
}

/** What a dream puts to a person once, and does not propose again. Lessons that are to be told together it proposes every night. */
function isQuestion({ kind, after }: Proposed): boolean {
  return kind === 'conflict' || (kind === 'merge' && after === null)
}
