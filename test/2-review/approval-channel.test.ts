import { describe, expect, test } from 'vitest'
import { reviewSession } from '../../src/2-review/review.ts'
import type { Feedback } from '../../src/domain/feedback.ts'
import { type Outcome, UNKNOWN_OUTCOME } from '../../src/domain/outcome.ts'
import {
  answer,
  call,
  feedback,
  result,
  SATISFIED,
  type Step,
  say,
  session,
  UNSATISFIED,
} from '../session-builder.ts'

const APPROVED: Feedback = { kind: 'approval', comment: null }
const REJECTED: Feedback = { kind: 'rejection', comment: null }
const EDITED: Feedback = { kind: 'edit', before: 'a', after: 'b', comment: null }
const rated = (rating: number): Feedback => ({ kind: 'rating', rating, comment: null })

describe('what people think of a session', () => {
  test.each<{ name: string; said: Feedback[]; approved: boolean | undefined }>([
    { name: 'an approval', said: [APPROVED], approved: true },
    { name: 'a rejection', said: [REJECTED], approved: false },
    { name: 'a rating of five', said: [rated(5)], approved: true },
    { name: 'a rating of four', said: [rated(4)], approved: true },
    { name: 'a rating of three', said: [rated(3)], approved: undefined },
    { name: 'a rating of two', said: [rated(2)], approved: false },
    { name: 'an edit', said: [EDITED], approved: undefined },
    { name: 'a rejection, and an approval after the repair', said: [REJECTED, APPROVED], approved: true },
    { name: 'an approval that was taken back', said: [APPROVED, REJECTED], approved: false },
    { name: 'an approval, then an edit', said: [APPROVED, EDITED], approved: true },
    { name: 'no word', said: [], approved: undefined },
  ])('of $name: approved $approved', ({ said, approved }) => {
    const judged = observed(SATISFIED, answer('Done.'), ...said.map(feedback)).find(
      (it) => it.context === 'judged by people',
    )
    expect(judged && !judged.bad).toBe(approved)
  })

  test.each<{ name: string; outcome: Outcome; said: Feedback; contexts: Record<string, boolean> }>([
    {
      name: 'approved and verified to be right',
      outcome: SATISFIED,
      said: APPROVED,
      contexts: {
        'judged by people': false,
        'verified and judged by people': false,
        'approved by people': false,
      },
    },
    {
      name: 'approved and verified to be wrong',
      outcome: UNSATISFIED,
      said: APPROVED,
      contexts: {
        'judged by people': false,
        'verified and judged by people': true,
        'approved by people': true,
      },
    },
    {
      name: 'rejected and verified to be right',
      outcome: SATISFIED,
      said: REJECTED,
      contexts: { 'judged by people': true, 'verified and judged by people': false },
    },
    {
      name: 'approved and never verified',
      outcome: UNKNOWN_OUTCOME,
      said: APPROVED,
      contexts: { 'judged by people': false },
    },
  ])('$name', ({ outcome, said, contexts }) => {
    const judgments = observed(outcome, answer('Done.'), feedback(said)).filter((it) =>
      it.context.endsWith('by people'),
    )
    expect(Object.fromEntries(judgments.map((it) => [it.context, it.bad]))).toEqual(contexts)
  })
})

test('an outcome that nobody verified is the verdict of a judge', () => {
  const verdict = { ...SATISFIED, verified: false }
  expect(observed(verdict, answer('Done.'))).toMatchObject([{ context: 'judged by a judge', bad: false }])
  expect(
    observed(UNSATISFIED, answer('Done.'), (id) => ({
      type: 'session.outcome',
      id,
      processed_at: null,
      outcome: verdict,
    })).map((it) => [it.context, it.bad]),
  ).toEqual([
    ['outcome ', true],
    ['judged by a judge', false],
    ['verified and judged by a judge', true],
    ['approved by a judge', true],
  ])
})

describe('what a judged session shows', () => {
  const traitsOf = (...steps: Step[]) =>
    Object.keys(observed(UNKNOWN_OUTCOME, ...steps, feedback(APPROVED))[0]!.traits)

  test('are the calls, with the switches that were set', () => {
    expect(
      traitsOf(
        call('close', { ticket: 'T-17', force: true, notes: null }),
        result(),
        call('close', { ticket: 'T-18', force: true }),
        result(),
        call('Bash', { command: 'git commit --no-verify -m "T-17 --all done"' }),
        result(),
        call('Bash', { command: 'cd api && npm test --silent && git push --force' }),
        result(),
      ),
    ).toEqual([
      'use close',
      'use close with force = true',
      'use git commit',
      'use git commit with --no-verify',
      'use git push',
    ])
  })

  test.each([
    { look: 'with a table', text: 'Here:\n| a | b |\n|---|---|\n| 1 | 2 |' },
    { look: 'with a list', text: 'Two things:\n- one\n- two' },
    { look: 'with headings', text: '## Result\nAll is well.' },
    { look: 'with code', text: 'Run this:\n```\nls\n```' },
    { look: 'with links', text: 'See https://shop.example/returns for more.' },
    { look: 'with emoji', text: 'It is done 🎉' },
    { look: 'with a question at the end', text: 'It is done. Shall I close it?' },
    { look: 'with an apology', text: 'Sorry for the trouble.' },
    { look: 'in a long text', text: 'word '.repeat(300) },
  ])('and an answer $look', ({ look, text }) => {
    expect(traitsOf(answer(text), answer('Done.'))).toContain(`answer ${look}`)
    expect(traitsOf(answer('It is done, the parcel left.'))).toEqual(['answer in a short text'])
  })
})

describe('the rule that verified an outcome', () => {
  const by = (rule: string | null, reward: number | null = null): Outcome => ({
    ...UNSATISFIED,
    rule,
    reward,
  })

  test.each([
    { outcome: by('second-line@1'), context: 'outcome second-line@1', traits: [] },
    {
      outcome: by('reward >= 0.999@1', 0.93),
      context: 'outcome reward_>=_0.999@1',
      traits: ['a partial reward'],
    },
    { outcome: by('tests@2', 0), context: 'outcome tests@2', traits: [] },
    { outcome: by('a|b@1'), context: 'outcome a_b@1', traits: [] },
    { outcome: by(null), context: 'outcome ', traits: [] },
  ])('is counted in "$context"', ({ outcome, context, traits }) => {
    const [it] = observed(outcome, answer('Done.'))
    expect(it).toMatchObject({ context, bad: true })
    expect(Object.keys(it!.traits)).toEqual(traits)
  })

  test('is told with every count that rests on the outcome, and with no other', () => {
    const outcome = { ...SATISFIED, rule: 'tests@2' }
    const rules = reviewSession({
      ...session(say('Fix it.'), call('fix'), result(), answer('Done.'), feedback(APPROVED)),
      outcome,
    }).flatMap((it) => (it.rule === undefined ? [] : [`${it.context}: ${it.rule}`]))
    expect(rules).toEqual([
      'session: tests@2',
      'session fix: tests@2',
      'verified and judged by people: tests@2',
      'approved by people: tests@2',
    ])
  })
})

test('a resumed copy tells nothing that its original told; what the outcome says of an approval is told with the outcome', () => {
  const whole = {
    ...session(say('Fix it.'), answer('Done.'), feedback(APPROVED), say('Anything new?')),
    outcome: SATISFIED,
  }
  const told = (copied: Parameters<typeof reviewSession>[1]) =>
    reviewSession(whole, copied)
      .filter((it) => it.channel === 'approval')
      .map((it) => it.context)
  expect(told(null)).toHaveLength(4)
  expect(told({ events: [0, 1, 2], was_judged: true })).toEqual([])
  expect(told({ events: [0, 1, 2], was_judged: false })).toEqual([
    'outcome ',
    'verified and judged by people',
    'approved by people',
  ])
})

function observed(outcome: Outcome, ...steps: Step[]) {
  return reviewSession({ ...session(...steps), outcome }).filter((it) => it.channel === 'approval')
}
