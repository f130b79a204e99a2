/**
 * Decide: what a word on a change does to it.
 *
 * - What counts is the words since the last rejection: whoever rejects takes back every approval before, and whoever approves then,
 *   approves anew.
 * - An approval is of exact bytes. An edit makes other bytes, so what was approved before it counts no longer; the editor approves them.
 * - One person is one approver, however the name is written. Where the policy is regulated, it takes two.
 * - What is live, was taken back, is out of date or is denied cannot be decided.
 */
import type { Change, ChangeStatus } from '../domain/change.ts'
import type { Decision } from '../domain/decision.ts'
import { EngineError } from '../domain/error.ts'
import { sha256 } from '../domain/id.ts'
import { visible } from '../domain/visible-text.ts'

/** A word as it is given. */
export type Word = Pick<Decision, 'decision' | 'by' | 'reason' | 'edited'>

type Proposed = Pick<Change, 'after'>

/** The largest memory on the wire of the Managed Agents API. */
const LARGEST_BYTES = 102_400

/** What goes live if it is adopted: the text as last edited, else as proposed; whose it is, null for the dream's own. */
export function textOf(
  { after }: Proposed,
  decisions: Decision[],
): { content: string | null; content_sha256: string | null; edited_by: Decision['by'] | null } {
  const edit = decisions.findLast((it) => it.edited !== null)
  const content = edit?.edited ?? after
  return {
    content,
    content_sha256: content === null ? null : sha256(content),
    edited_by: content === after ? null : edit!.by,
  }
}

/** Whether enough approve exactly the text that would go live, and who does, each once. */
export function approvalOf(
  change: Proposed,
  decisions: Decision[],
  regulated: boolean,
): { approved_by: Decision['by'][]; approvals_needed: 1 | 2; is_approved: boolean } {
  const { content_sha256 } = textOf(change, decisions)
  const rejected = decisions.findLastIndex((it) => it.decision === 'rejected')
  const standing = decisions
    .slice(rejected + 1)
    .filter((it) => it.content_sha256 === content_sha256 && !(regulated && it.by.startsWith('policy:')))
  const approved_by = [...Map.groupBy(standing, (it) => personIn(it.by)).values()].map((its) => its[0]!.by)
  const approvals_needed = regulated ? 2 : 1
  return { approved_by, approvals_needed, is_approved: approved_by.length >= approvals_needed }
}

/** Where a change that waits stands after all these words. */
export function statusAfter(
  change: Proposed,
  decisions: Decision[],
  regulated: boolean,
): 'undecided' | 'approved' | 'rejected' {
  if (decisions.at(-1)?.decision === 'rejected') return 'rejected'
  return approvalOf(change, decisions, regulated).is_approved ? 'approved' : 'undecided'
}

/** Another text whenever anything of a change is not what it was: who saw this one, saw all there is to decide on. */
export function stateOf(change: Pick<Change, 'id' | 'status' | 'after'>, decisions: Decision[]): string {
  const { content_sha256 } = textOf(change, decisions)
  return sha256(JSON.stringify([change.id, change.status, content_sha256, decisions.length]))
}

/** What people, or the policy, said of a change, whatever became of it. */
export function decisionOn(
  { status }: Pick<Change, 'status'>,
  decisions: Decision[],
): 'undecided' | 'approved' | 'rejected' {
  if (status === 'undecided' || status === 'approved' || status === 'rejected') return status
  if (status === 'adopted' || status === 'undone') return 'approved'
  return decisions.at(-1)?.decision ?? 'undecided'
}

/** Whether the same person said the same of the same text already, and nobody anything else since. */
export function isSaid(change: Proposed, decisions: Decision[], word: Word): boolean {
  if (word.edited !== null) return false
  if (word.decision === 'approved')
    return approvalOf(change, decisions, false).approved_by.some((it) => isSamePerson(it, word.by))
  const last = decisions.at(-1)
  return last?.decision === 'rejected' && isSamePerson(last.by, word.by) && last.reason === word.reason
}

/** Why this word cannot be said of anything; null when it can. */
export function refusalOfWord({ decision, reason }: Pick<Word, 'decision' | 'reason'>): EngineError | null {
  if (decision === 'approved' || reason.trim() !== '') return null
  return new EngineError('invalid_request_error', 'a rejection needs a reason', {
    hint: 'whoever meets the lesson again goes by it: give one, as `reason` or --reason',
  })
}

/** Why this word cannot be said of this change; null when it can. */
export function refusalOf(
  change: Pick<Change, 'id' | 'path' | 'status' | 'after' | 'verdict_reason' | 'redacted_at'>,
  decisions: Decision[],
  word: Word,
): EngineError | null {
  const closed = change.redacted_at === null ? CLOSED[change.status] : erased
  if (closed !== undefined) {
    const [what, hint] = closed(change, word)
    return new EngineError('conflict_error', `the change ${change.id} ${what}`, { hint })
  }
  return word.edited === null ? null : refusalOfText(change, decisions, word.edited)
}

type Closed = (
  change: Pick<Change, 'id' | 'path' | 'verdict_reason'>,
  word: Word,
) => [what: string, hint: string]

const erased: Closed = () => [
  'rests on what was erased, and its text is gone',
  'what still speaks for the lesson is proposed again by the next dream',
]

/** What can no longer be decided, and what to do instead. */
const CLOSED: Partial<Record<ChangeStatus, Closed>> = {
  adopted: ({ id }) => ['is live already', `\`reverie undo ${id}\` takes it back`],
  undone: ({ path }) => [
    'was live and was taken back',
    `\`reverie memory history ${path}\` shows what stood there, and \`reverie memory restore\` brings a version back`,
  ],
  superseded: ({ path }) => [
    'is out of date: the memory, or what is known of the lesson, is not what it was',
    `\`reverie changes --path '${path}'\` shows whether another has taken its place`,
  ],
  denied: ({ verdict_reason }, { decision }) =>
    decision === 'rejected'
      ? ['is denied by the policy already', 'nothing of it goes live']
      : [
          `is denied by the policy: ${verdict_reason}`,
          'a policy without that rule (`reverie policy show`, `reverie policy set`) lets a later dream propose it again',
        ],
}

function refusalOfText(change: Proposed, decisions: Decision[], text: string): EngineError | null {
  const refuse = (message: string, hint: string) =>
    new EngineError('invalid_request_error', message, { hint })
  const bytes = Buffer.byteLength(text)
  if (change.after === null)
    return refuse(
      'this change takes a memory away, so there is no text to edit',
      'approve it, or reject it with the reason why the memory stays',
    )
  if (text === textOf(change, decisions).content)
    return refuse('the edited text is the one that is proposed', 'approve it as it is')
  if (text.trim() === '') return refuse('the edited text is empty', 'reject the change instead')
  if (bytes > LARGEST_BYTES)
    return refuse(
      `the edited text has ${bytes} bytes, and a memory has at most ${LARGEST_BYTES}`,
      'shorten it: an agent reads all of it',
    )
  if (!text.isWellFormed() || text.includes('\0'))
    return refuse('the edited text is not text: it holds NUL or half a character', 'save it as UTF-8')
  return null
}

function isSamePerson(a: Decision['by'], b: Decision['by']): boolean {
  return personIn(a) === personIn(b)
}

/** Ana, “ANA ” and a full-width Ａｎａ are one person. */
function personIn(by: Decision['by']): string {
  const [, kind, name] = /^(user|policy):(.*)$/s.exec(by)!
  const seen = visible(name!.normalize('NFKC')).toUpperCase().toLowerCase()
  return `${kind}:${seen.normalize('NFKC')}`
}
