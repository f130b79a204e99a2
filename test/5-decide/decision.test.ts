/** What people's words do to a change. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  approvalOf,
  decisionOn,
  isSaid,
  refusalOf,
  refusalOfWord,
  stateOf,
  statusAfter,
  textOf,
  type Word,
} from '../../src/5-decide/decision.ts'
import type { ChangeStatus } from '../../src/domain/change.ts'
import type { Decision } from '../../src/domain/decision.ts'
import { sha256 } from '../../src/domain/id.ts'
import { change } from './changes.ts'

const PROPOSED = 'Call `get` before `update`.\n'
const proposal = change({ after: PROPOSED })

/** `ana approves`, `ben edits X`: one word after another, each on the text as it then is. */
function said(...words: string[]): Decision[] {
  const decisions: Decision[] = []
  for (const it of words) {
    const [, name, verb, text] = /^(.+?) (approves|rejects|edits)(?: (.*))?$/s.exec(it)!
    const edited = verb === 'edits' ? text! : null
    decisions.push({
      change_id: proposal.id,
      decision: verb === 'rejects' ? 'rejected' : 'approved',
      by: name!.startsWith('policy:') ? (name as 'policy:x') : `user:${name}`,
      reason: 'because',
      at: '2026-11-09T03:00:00Z',
      content_sha256: edited === null ? textOf(proposal, decisions).content_sha256 : sha256(edited),
      edited,
    })
  }
  return decisions
}

describe('after', () => {
  test.each<[words: string[], usual: ChangeStatus, regulated: ChangeStatus]>([
    [[], 'undecided', 'undecided'],
    [['ana approves'], 'approved', 'undecided'],
    [['ana approves', 'ben approves'], 'approved', 'approved'],
    [['ana approves', 'ana approves'], 'approved', 'undecided'],
    [['ana approves', 'Ana approves'], 'approved', 'undecided'],
    [['ana approves', '  ANA  approves'], 'approved', 'undecided'],
    [['ana approves', 'Ａｎａ approves'], 'approved', 'undecided'],
    [['hal approves', 'ℌal approves'], 'approved', 'undecided'],
    [['ana approves', 'a\u200bna approves'], 'approved', 'undecided'],
    [['Jose\u0301 approves', 'jos\u00e9 approves'], 'approved', 'undecided'],
    [['ana rejects'], 'rejected', 'rejected'],
    [['ana approves', 'ana rejects'], 'rejected', 'rejected'],
    [['ana approves', 'ben rejects'], 'rejected', 'rejected'],
    [['ana approves', 'ben rejects', 'ana approves'], 'approved', 'undecided'],
    [['ana approves', 'ben rejects', 'ben approves'], 'approved', 'undecided'],
    [['ana rejects', 'ana approves', 'ben approves'], 'approved', 'approved'],
    [['ana approves', 'ben approves', 'cyd edits X'], 'approved', 'undecided'],
    [['ana edits X', 'ben approves'], 'approved', 'approved'],
    [['ana edits X', 'ana approves'], 'approved', 'undecided'],
    [['ana edits X', 'ben edits Y'], 'approved', 'undecided'],
    [['ana approves', 'ben edits X', `ben edits ${PROPOSED}`], 'approved', 'approved'],
    [['policy:abc approves'], 'approved', 'undecided'],
    [['policy:abc approves', 'ana approves'], 'approved', 'undecided'],
    [['policy approves', 'policy:policy approves'], 'approved', 'undecided'],
  ])('%j a change is %s, where the policy is regulated %s', (words, usual, regulated) => {
    expect(statusAfter(proposal, said(...words), false)).toBe(usual)
    expect(statusAfter(proposal, said(...words), true)).toBe(regulated)
  })
})

describe('of any words', () => {
  const spelling = fc.constantFrom('ana', 'Ana', 'ANA ', ' ana', 'Ａｎａ', 'a\u200bna', 'an\u00ada')
  const anyone = fc.oneof(spelling, fc.constantFrom('ben', 'cyd', 'policy:abc'))
  const words = (who: fc.Arbitrary<string>) =>
    fc.array(
      fc
        .tuple(who, fc.constantFrom('approves', 'rejects', 'edits A', 'edits B', `edits ${PROPOSED}`))
        .map(([name, verb]) => `${name} ${verb}`),
      { maxLength: 12 },
    )

  test('one person alone approves nothing where the policy is regulated, however the name is written', () => {
    fc.assert(
      fc.property(words(fc.oneof(spelling, fc.constant('policy:abc'))), (it) => {
        expect(statusAfter(proposal, said(...it), true)).not.toBe('approved')
      }),
    )
  })

  test('approved is what one, or two different people, approved to the byte since the last rejection', () => {
    fc.assert(
      fc.property(words(anyone), fc.boolean(), (it, regulated) => {
        const decisions = said(...it)
        const since = decisions.slice(decisions.findLastIndex((it) => it.decision === 'rejected') + 1)
        const edit = decisions.findLast((it) => it.edited !== null)
        const bytes = sha256(edit?.edited ?? PROPOSED)
        const names = since
          .filter((it) => it.content_sha256 === bytes && !(regulated && it.by === 'policy:abc'))
          .map((it) => (/user:(ben|cyd)|policy/.test(it.by) ? it.by : 'one ana'))
        const is_approved = new Set(names).size >= (regulated ? 2 : 1)

        expect(statusAfter(proposal, decisions, regulated) === 'approved').toBe(is_approved)
      }),
    )
  })

  test('each is a new state of the change', () => {
    fc.assert(
      fc.property(words(anyone), (it) => {
        const decisions = said(...it)
        const states = decisions.map((_, i) => stateOf(proposal, decisions.slice(0, i + 1)))
        expect(new Set([...states, stateOf(proposal, [])]).size).toBe(decisions.length + 1)
      }),
    )
  })
})

describe('the text that goes live', () => {
  test.each<[words: string[], content: string, edited_by: string | null]>([
    [[], PROPOSED, null],
    [['ana approves'], PROPOSED, null],
    [['ana edits X'], 'X', 'user:ana'],
    [['ana edits X', 'ben approves'], 'X', 'user:ana'],
    [['ana edits X', 'ben edits Y'], 'Y', 'user:ben'],
    [['ana edits X', 'ben edits Y', 'ana edits X'], 'X', 'user:ana'],
    [['ana edits X', 'ben rejects'], 'X', 'user:ana'],
    [['ana edits X', `ben edits ${PROPOSED}`], PROPOSED, null],
  ])('after %j is %j, by %s', (words, content, edited_by) => {
    expect(textOf(proposal, said(...words))).toEqual({
      content,
      content_sha256: sha256(content),
      edited_by,
    })
  })
})

describe('a word', () => {
  const word = (of: Partial<Word>): Word => ({
    decision: 'approved',
    by: 'user:ana',
    reason: '',
    edited: null,
    ...of,
  })
  const reject = word({ decision: 'rejected', reason: 'because' })
  const edit = (edited: string) => word({ edited })

  test.each<[what: string, of: Parameters<typeof change>[0], word: Word, says: RegExp]>([
    ['on what is live', { status: 'adopted' }, word({}), /is live already.*reverie undo chg_1/],
    ['against what is live', { status: 'adopted' }, reject, /is live already.*reverie undo chg_1/],
    ['on what was taken back', { status: 'undone' }, word({}), /was taken back.*memory restore/],
    ['on what is out of date', { status: 'superseded' }, word({}), /out of date.*reverie changes --path/],
    [
      'for what the policy denies',
      { status: 'denied', verdict_reason: 'rule 3 of the policy' },
      word({}),
      /denied by the policy: rule 3 of the policy.*policy show/,
    ],
    ['against what the policy denies', { status: 'denied' }, reject, /denied by the policy already/],
    ['on what was erased', { status: 'rejected', redacted_at: '2026-11-09' }, word({}), /was erased/],
    ['that edits what goes away', { before: 'x', after: null }, edit('y'), /takes a memory away/],
    ['that edits nothing', {}, edit(PROPOSED), /is the one that is proposed/],
    ['that edits everything away', {}, edit(' \n'), /is empty/],
    ['that edits in too much', {}, edit('é'.repeat(51_201)), /has 102402 bytes.*at most 102400/],
    ['that edits in half a character', {}, edit('\ud800'), /half a character/],
    ['that edits in NUL', {}, edit('a\0b'), /NUL/],
  ])('%s is refused', (_, of, word, says) => {
    const { type, message, hint } = refusalOf(change(of), [], word)!
    expect(`${message} ${hint}`).toMatch(says)
    expect(type).toBe(word.edited === null ? 'conflict_error' : 'invalid_request_error')
  })

  test.each<[what: string, status: ChangeStatus, word: Word]>([
    ['of approval', 'undecided', word({})],
    ['of rejection', 'undecided', reject],
    ['of rejection after an approval', 'approved', reject],
    ['of approval after a rejection', 'rejected', word({})],
    ['that edits', 'undecided', edit('X\n')],
    ['that edits up to the limit', 'approved', edit('é'.repeat(51_200))],
  ])('%s is taken', (_, status, word) => {
    expect(refusalOf(change({ status }), [], word)).toBe(null)
    expect(refusalOfWord(word)).toBe(null)
  })

  test('of rejection without a reason is refused', () => {
    expect(refusalOfWord(word({ decision: 'rejected', reason: ' ' }))).toMatchObject({
      message: 'a rejection needs a reason',
    })
  })

  test.each<[words: string[], word: Word, is_said: boolean]>([
    [['ana approves'], word({}), true],
    [['ANA approves'], word({}), true],
    [['ben approves'], word({}), false],
    [['ana approves', 'ben approves'], word({}), true],
    [['ana approves', 'ben rejects'], word({}), false],
    [['ana approves', 'ben edits X'], word({}), false],
    [['ana edits X'], word({}), true],
    [['ana edits X'], edit('Y'), false],
    [['ana rejects'], reject, true],
    [['ana rejects'], word({ decision: 'rejected', reason: 'another' }), false],
    [['ben rejects'], reject, false],
    [['ana rejects', 'ana approves'], reject, false],
  ])('after %j, of ana again, adds nothing: %#', (words, word, is_said) => {
    expect(isSaid(proposal, said(...words), word)).toBe(is_said)
  })
})

test.each<[status: ChangeStatus, words: string[], shown: string]>([
  ['undecided', [], 'undecided'],
  ['undecided', ['ana approves'], 'undecided'],
  ['approved', ['ana approves'], 'approved'],
  ['adopted', ['ana approves'], 'approved'],
  ['undone', ['ana approves'], 'approved'],
  ['rejected', ['ana rejects'], 'rejected'],
  ['superseded', [], 'undecided'],
  ['superseded', ['ana approves'], 'approved'],
  ['denied', [], 'undecided'],
])('of a change that is %s after %j the decision is shown as %s', (status, words, shown) => {
  expect(decisionOn(change({ status }), said(...words))).toBe(shown)
})

test('each person who approves is named once, as first written', () => {
  const decisions = said('Ana approves', 'ANA approves', 'ben approves')
  expect(approvalOf(proposal, decisions, true)).toEqual({
    approved_by: ['user:Ana', 'user:ben'],
    approvals_needed: 2,
    is_approved: true,
  })
})
