/**
 * Deciding: a word on changes that wait, and what follows from it: the decision, where each change then stands, what is not to come
 * back, and the audit record. All of it is one transaction of the caller.
 *
 * A change that cannot be decided, or is not what the person saw, is refused and stays as it is; the others are decided. What is
 * approved is exactly the text that goes live: a text that holds a secret is refused, not altered.
 */
import { redact } from '../1-ingest/redact.ts'
import {
  isSaid,
  refusalOf,
  refusalOfWord,
  stateOf,
  statusAfter,
  textOf,
  type Word,
} from '../5-decide/decision.ts'
import { appendAudit } from '../db/audit.ts'
import { findChanges, moveChange, type StoredChange } from '../db/changes.ts'
import type { Transaction } from '../db/database.ts'
import { decisionsOn, insertDecision } from '../db/decisions.ts'
import { listMemories } from '../db/memories.ts'
import { deleteTombstones } from '../db/tombstones.ts'
import type { Change } from '../domain/change.ts'
import type { Decision } from '../domain/decision.ts'
import { EngineError } from '../domain/error.ts'
import { sha256 } from '../domain/id.ts'
import { remember } from './bury.ts'

/** A change to decide, by its whole id. */
export type Choice = {
  id: string
  /** Only as long as all of it is what the person saw (`stateOf`). */
  expect?: string
  /** Only as long as this is the text that would go live; null where the memory would go. */
  expect_content_sha256?: string | null
}

export type PersonsWord = Omit<Word, 'by'> & {
  /** Of a rejection: the last day on which its reason holds, `YYYY-MM-DD`; null for good. */
  until: string | null
  /** Of a rejection: the path of the memory that says it already; null for none. */
  covered_by: string | null
}

export type Decided = {
  change: StoredChange
  /** `known`: this person had said so already, and nothing was added. */
  result: 'decided' | 'known' | EngineError
}

/** Throws `invalid_request_error` where the word itself cannot be said; a change that cannot take it is in the answer. */
export async function decide(
  tx: Transaction,
  choices: Choice[],
  word: PersonsWord,
  who: { by: `user:${string}`; now: string; regulated: boolean },
): Promise<Decided[]> {
  const refusal = refusalOfWord(word)
  if (refusal) throw refusal
  await refuseSecrets(word.edited)
  refusePast(word.until, who.now)
  const said = { ...word, reason: (await redact(word.reason.trim())).text, by: who.by }
  const decided: Decided[] = []
  for (const it of choices) {
    const [change] = await findChanges(tx, it.id)
    if (change) decided.push(await decideOne(tx, change, it, said, who))
  }
  return decided
}

async function decideOne(
  tx: Transaction,
  change: StoredChange,
  choice: Choice,
  word: PersonsWord & { by: `user:${string}` },
  { now, regulated }: { now: string; regulated: boolean },
): Promise<Decided> {
  const before = (await decisionsOn(tx, [change.id])).get(change.id) ?? []
  const refusal =
    (isAsSeen(change, before, choice) ? null : movedOn(change)) ??
    refusalOf(change, before, word) ??
    (await refusalOfCover(tx, change, word.covered_by))
  if (refusal) return { change, result: refusal }
  const is_plain = word.until === null && word.covered_by === null
  // Where the policy has become another since, the same word may have another effect.
  const is_settled = statusAfter(change, before, regulated) === change.status
  if (is_plain && is_settled && isSaid(change, before, word)) return { change, result: 'known' }

  const { decision, by, reason, edited } = word
  const content_sha256 = edited === null ? textOf(change, before).content_sha256 : sha256(edited)
  const said = { change_id: change.id, decision, by, reason, at: now, content_sha256, edited }
  await deleteTombstones(tx, change.id)
  if (decision === 'rejected')
    await remember(tx, change.memory_store_id, change, { cause: 'rejected', ...word, at: now })
  return { change: { ...change, ...(await say(tx, change, before, said, regulated)) }, result: 'decided' }
}

/** Writes one word down: the decision, where the change then stands, and the audit record. */
export async function say(
  tx: Transaction,
  change: Change,
  before: Decision[],
  said: Decision,
  regulated: boolean,
): Promise<Change> {
  await insertDecision(tx, said)
  const status = statusAfter(change, [...before, said], regulated)
  if (status !== change.status) await moveChange(tx, change.id, status)
  await appendAudit(tx, {
    at: said.at,
    actor: said.by,
    action: said.edited === null ? `change.${said.decision}` : 'change.edited',
    object: change.id,
    before_sha256: change.before_sha256,
    after_sha256: said.content_sha256,
    reason: said.by.startsWith('policy:') ? 'the policy allows it' : said.reason,
  })
  return { ...change, status }
}

/** What is approved goes live as it is, so a secret cannot be taken out of it afterwards. */
async function refuseSecrets(edited: string | null): Promise<void> {
  const found = edited === null ? [] : Object.entries((await redact(edited)).redactions)
  if (found.length === 0) return
  const what = found.map(([name, n]) => `${n} × ${name}`).join(', ')
  throw new EngineError('invalid_request_error', `the edited text holds what looks like a secret: ${what}`, {
    hint: 'take it out, or write a placeholder such as [key] in its place: every session would read it',
  })
}

function refusePast(until: string | null, now: string): void {
  if (until === null || until >= now.slice(0, 10)) return
  throw new EngineError('invalid_request_error', `${until} has passed`, {
    hint: 'give the last day on which the reason holds, or leave it out',
  })
}

async function refusalOfCover(
  tx: Transaction,
  { memory_store_id, path, store }: StoredChange,
  covered_by: string | null,
): Promise<EngineError | null> {
  if (covered_by === null) return null
  const paths = (await listMemories(tx, memory_store_id)).map((it) => it.path)
  if (paths.includes(covered_by) && covered_by !== path) return null
  return new EngineError('not_found_error', `there is no other memory ${covered_by} in the store ${store}`, {
    hint: `\`reverie memory ls --store ${store}\` lists them`,
  })
}

function isAsSeen(
  change: StoredChange,
  decisions: Decision[],
  { expect, expect_content_sha256 }: Choice,
): boolean {
  const { content_sha256 } = textOf(change, decisions)
  return (
    (expect === undefined || expect === stateOf(change, decisions)) &&
    (expect_content_sha256 === undefined || expect_content_sha256 === content_sha256)
  )
}

function movedOn({ id, status }: StoredChange): EngineError {
  return new EngineError('conflict_error', `the change ${id} is not what you saw: it is ${status} now`, {
    hint: `somebody else decided or edited it; \`reverie changes show ${id}\` shows it as it is`,
  })
}
