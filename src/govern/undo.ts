/**
 * Undo: one adopted change is taken back, by a new version with the bytes that stood there before, or by taking the memory away.
 *
 * What became of other memories since does not matter. What became of this one does: where it is not what the change left, undoing
 * would take back somebody else's work too, so it is refused and says whose. What was undone is not proposed again.
 */

import { changesBehind, moveChange } from '../db/changes.ts'
import type { Transaction } from '../db/database.ts'
import { writeMemory } from '../db/memories.ts'
import { type HistoryRow, historyOf, type OrderedVersion, versionsAt } from '../db/memory-versions.ts'
import type { Change, ChangeStatus } from '../domain/change.ts'
import { EngineError } from '../domain/error.ts'
import type { Actor, MemoryVersion } from '../domain/memory.ts'
import { bury } from './bury.ts'
import { keepingIndex } from './keep-index.ts'

export type Undone = {
  /** As it is now. */
  change: Change
  /** What undoing wrote. */
  version: MemoryVersion
}

/** `reason` is what the person typed, redacted; empty for none. Throws `conflict_error` where the change is not live, or not alone. */
export async function undo(
  tx: Transaction,
  memory_store_id: string,
  change: Change,
  { actor, reason, now }: { actor: Actor; reason: string; now: string },
): Promise<Undone> {
  if (change.status !== 'adopted') throw notLive(change)
  const versions = await versionsAt(tx, memory_store_id, change.path)
  const [newest] = versions
  const at = versions.findIndex((it) => it.id === change.memory_version_id)
  const made = versions[at]!
  const before = standingIn(versions[at + 1])
  if (!isAsLeft(newest!, made)) throw await changedSince(tx, change, newest!, before)
  if (before !== null && before.content === null) throw erased(change, before)

  const version = await keepingIndex(tx, memory_store_id, { created_by: actor, now }, () =>
    writeMemory(tx, memory_store_id, {
      path: change.path,
      content: before?.content ?? null,
      expected: newest!.content_sha256,
      created_by: before?.created_by ?? actor,
      actor,
      reason: `${change.id} was undone${reason === '' ? '' : `: ${reason}`}`,
      now,
    }),
  )
  await moveChange(tx, change.id, 'undone')
  const why = { cause: 'undone' as const, reason, by: actor, at: now }
  await bury(tx, { taken: newest!, put: before }, why)
  return { change: { ...change, status: 'undone' }, version: version! }
}

function notLive({ id, status, after, memory_version_id }: Change): EngineError {
  const [what, hint] = {
    ...NEVER_LIVE,
    undone: [
      'was taken back already',
      after === null
        ? 'what it took away stands there again'
        : `\`reverie memory restore ${memory_version_id}\` brings the text back that it had`,
    ],
  }[status as Exclude<ChangeStatus, 'adopted'>]
  return new EngineError('conflict_error', `the change ${id} ${what}`, { hint })
}

const NEVER_LIVE = {
  undecided: ['is not live', 'there is nothing to take back; `reverie decide` rejects it'],
  approved: ['is not live yet', 'there is nothing to take back; `reverie decide` rejects it'],
  rejected: ['was rejected and never was live', 'there is nothing to take back'],
  superseded: ['never was live', 'there is nothing to take back; `reverie changes` lists what waits'],
  denied: ['is denied by the policy and never was live', 'there is nothing to take back'],
} as const

/** The version as a text that stands; null where nothing does. */
function standingIn(version: OrderedVersion | undefined): OrderedVersion | null {
  return version === undefined || version.operation === 'deleted' ? null : version
}

/** The same bytes of the same author: a later change that was itself taken back leaves it so. */
function isAsLeft(newest: OrderedVersion, made: OrderedVersion): boolean {
  return newest.content_sha256 === made.content_sha256 && newest.created_by === made.created_by
}

async function changedSince(
  tx: Transaction,
  change: Change,
  newest: OrderedVersion,
  before: OrderedVersion | null,
): Promise<EngineError> {
  const later = (await changesBehind(tx, newest)).find((it) => it.memory_version_id === newest.id)
  const what = newest.operation === 'deleted' ? 'taken away' : 'changed'
  const [{ actor, reason }] = (await historyOf(tx, newest.memory_store_id, newest.path)) as [HistoryRow]
  const whose = later ? `the change ${later.id}` : (actor ?? newest.created_by).replace(/^user:/, '')
  const instead =
    before !== null
      ? `\`reverie memory restore ${before.id}\` puts back what stood there before`
      : newest.operation === 'deleted'
        ? 'nothing stands there now, so there is nothing to take back'
        : `\`reverie memory remove ${change.path}\` takes away what stands there now`
  return new EngineError(
    'conflict_error',
    `${change.path} was ${what} since ${change.id} went live, by ${whose} (${[newest.id, reason ?? []].flat().join(': ')})`,
    { hint: `${later?.status === 'adopted' ? `undo ${later.id} first, or: ` : ''}${instead}` },
  )
}

function erased({ path, id }: Change, before: OrderedVersion): EngineError {
  return new EngineError(
    'conflict_error',
    `what stood at ${path} before ${id} was erased (${before.id}), so it cannot be put back`,
    { hint: `\`reverie memory remove ${path}\` takes away what stands there now` },
  )
}
