/**
 * Adopting: approved changes go into the live memory store, exactly the bytes that were approved.
 *
 * - A memory that is not what it was when its change was proposed is not written over: the change is put up again, against what
 *   stands there now, and waits for a decision as any other.
 * - The policy in force now is asked again: what it denies, has to be approved by two, or no longer lets through by itself, stays as it is.
 * - A text that a person edited is that person's; so is a change of what a person wrote.
 * - What people did not want once, and let in now, is forgotten to have been unwanted.
 *
 * All of it is one transaction of the caller.
 */
import { frontMatterOf } from '../4-consolidate/memory-file.ts'
import { approvalOf, textOf } from '../5-decide/decision.ts'
import { type Judged, verdictsOn } from '../5-decide/verdict.ts'
import { appendAudit } from '../db/audit.ts'
import { editorOf, insertChange, moveChange } from '../db/changes.ts'
import type { Transaction } from '../db/database.ts'
import { decisionsOn } from '../db/decisions.ts'
import { inTheWayOf, listMemories, writeMemory } from '../db/memories.ts'
import { patternsOf, peopleBehind } from '../db/patterns.ts'
import { policyInForce } from '../db/policies.ts'
import { forgetTombstones } from '../db/tombstones.ts'
import type { Change } from '../domain/change.ts'
import type { Decision } from '../domain/decision.ts'
import { randomId, sha256 } from '../domain/id.ts'
import type { Actor, Memory, MemoryStore, MemoryVersion } from '../domain/memory.ts'
import type { Policy } from '../domain/policy.ts'
import { keysOf } from '../domain/tombstone.ts'
import { remember } from './bury.ts'
import { keepingIndex } from './keep-index.ts'

export type Adopted = {
  /** As it is now. */
  change: Change
  /** The change that takes its place, where the memory had changed; null when it is live, or when nothing is left to do. */
  again: Change | null
  /** Why it is not live, in words; null when it is. */
  why: string | null
}

type Actors = { actor: Actor; now: string }
/** A change with what was said of it, and the text that goes live. */
type Approved = {
  change: Change
  decisions: Decision[]
  content: string | null
  edited_by: Decision['by'] | null
}

/** Throws nothing of its own: of what cannot be adopted the answer says why. The changes must be approved, and of this store. */
export async function adopt(
  tx: Transaction,
  store: MemoryStore,
  changes: Change[],
  by: Actors,
): Promise<Adopted[]> {
  const [first] = changes
  if (!first) return []
  const decisions = await decisionsOn(
    tx,
    changes.map((it) => it.id),
  )
  const approved = changes.map((change): Approved => {
    const said = decisions.get(change.id) ?? []
    return { change, decisions: said, ...textOf(change, said) }
  })
  const refusals =
    store.archived_at === null
      ? await refusalsOf(tx, store, approved)
      : approved.map(() => 'its memory store was archived, so it does not change')
  const maker = { created_by: `dream:${first.dream_id}` as const, ...by }
  return keepingIndex(tx, store.id, maker, async () => {
    const adopted: Adopted[] = []
    for (const [i, it] of approved.entries()) {
      const why = refusals[i]!
      adopted.push(
        why === null ? await adoptOne(tx, store.id, it, by) : { change: it.change, again: null, why },
      )
    }
    return adopted
  })
}

/** Why the policy in force now does not have these changes go live; null for each that may. */
async function refusalsOf(
  tx: Transaction,
  { id, agent }: MemoryStore,
  approved: Approved[],
): Promise<(string | null)[]> {
  const { policy } = await policyInForce(tx)
  const memories = await listMemories(tx, id)
  const patterns = await patternsOf(tx, id, [...new Set(approved.flatMap((it) => it.change.pattern_ids))])
  const judged = approved.map(({ change, content }): Judged => ({ ...change, after: content }))
  const people = await peopleBehind(tx, patterns)
  const verdicts = verdictsOn(judged, { memories, patterns, agent, policy, people })
  return approved.map((it, i) => refusalOf(it, verdicts[i]!, policy))
}

function refusalOf(
  { change, decisions }: Approved,
  { verdict, verdict_reason }: ReturnType<typeof verdictsOn>[number],
  { regulated }: Policy,
): string | null {
  const { is_approved, approved_by, approvals_needed } = approvalOf(change, decisions, regulated)
  if (change.redacted_at !== null) return 'its text was erased, because sessions that it quoted were'
  if (verdict === 'deny') return `the policy in force denies it: ${verdict_reason}`
  if (!is_approved)
    return `the policy in force asks for ${approvals_needed} approvals of the same text, and it has ${approved_by.length}`
  const is_policys = approved_by.every((it) => it.startsWith('policy:'))
  return is_policys && verdict === 'hold'
    ? `the policy in force has a person decide: ${verdict_reason}`
    : null
}

async function adoptOne(
  tx: Transaction,
  memory_store_id: string,
  approved: Approved,
  { actor, now }: Actors,
): Promise<Adopted> {
  const { change, content } = approved
  const [standing] = await listMemories(tx, memory_store_id, { path: change.path })
  const other = standing ? undefined : await inTheWayOf(tx, memory_store_id, change.path)
  if (other && content !== null && change.before_sha256 === null)
    return { change, again: null, why: `${other.path} is a memory: move or remove that first` }
  const version = await writeMemory(tx, memory_store_id, {
    path: change.path,
    content,
    expected: change.before_sha256,
    created_by: await authorOf(tx, approved, standing, actor),
    actor,
    reason: `${change.id} was adopted`,
    now,
  })
  if (!version) return putUpAgain(tx, approved, standing ?? null, { actor, now })
  await moveChange(tx, change.id, 'adopted', version.id)
  await forgetTombstones(tx, memory_store_id, { kind: change.kind, keys: keysOf(change) })
  if (content !== null && version.created_by.startsWith('user:'))
    await leaveToPerson(tx, change, version, now)
  return {
    change: { ...change, status: 'adopted', memory_version_id: version.id },
    again: null,
    why: null,
  }
}

/** A person's, where a person wrote these bytes or what stood there; else the dream's. */
async function authorOf(
  tx: Transaction,
  { change, content, edited_by }: Approved,
  standing: Memory | undefined,
  actor: Actor,
): Promise<Actor> {
  const editor = edited_by ?? (content === null ? null : await editorOf(tx, change, sha256(content)))
  const person = editor ?? (standing?.created_by.startsWith('user:') ? actor : null)
  return person?.startsWith('user:') ? (person as Actor) : `dream:${change.dream_id}`
}

/** A lesson that a person puts in other words is not written down again beside theirs, while theirs stand. */
async function leaveToPerson(
  tx: Transaction,
  change: Change,
  { memory_store_id, path, content, created_by }: MemoryVersion,
  now: string,
): Promise<void> {
  const { pattern } = frontMatterOf(content ?? '')
  if (change.kind === 'conflict' || (pattern !== null && change.pattern_ids.includes(pattern))) return
  const lesson = { ...change, kind: 'add' as const }
  const why = { cause: 'retired', reason: 'a person put it in other words', by: created_by, at: now } as const
  await remember(tx, memory_store_id, lesson, { ...why, covered_by: path })
}

/** The same edit of what stands there now, to be decided on again. */
async function putUpAgain(
  tx: Transaction,
  { change, content }: Approved,
  standing: Memory | null,
  { actor, now }: Actors,
): Promise<Adopted> {
  await moveChange(tx, change.id, 'superseded')
  const again = editOf(change, content, standing)
  if (again) await insertChange(tx, again)
  await appendAudit(tx, {
    at: now,
    actor,
    action: 'change.superseded',
    object: change.id,
    before_sha256: change.before_sha256,
    after_sha256: standing?.content_sha256 ?? null,
    reason: again
      ? `the memory had changed; put up again as ${again.id}`
      : 'the memory is already as it was to be',
  })
  const why = again
    ? `the memory ${standing ? 'was changed' : 'was taken away'} since this was proposed`
    : `the memory is already ${standing ? 'what it was to become' : 'gone'}`
  return { change: { ...change, status: 'superseded' }, again, why }
}

/** What is left to do of a change to make `after` of what stands there now; null when nothing is. */
function editOf(change: Change, after: string | null, standing: Memory | null): Change | null {
  const before = standing?.content ?? null
  if (before === after) return null
  return {
    ...change,
    id: randomId('chg'),
    operation: before === null ? 'created' : after === null ? 'deleted' : 'modified',
    before,
    before_sha256: before === null ? null : sha256(before),
    after,
    verdict: 'hold',
    verdict_reason: 'the memory was changed by somebody else since this was proposed',
    status: 'undecided',
    memory_version_id: null,
  }
}
