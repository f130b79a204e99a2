import { beforeAll, expect, test } from 'vitest'
import type { Session } from '../../bench/cost/contender.ts'
import { measured, type Row } from '../../bench/cost/measured.ts'
import { reverie } from '../../bench/cost/reverie.ts'

const SESSIONS = 12
const WIDTH = 4
/** Of the question about a session, without the session: who the model is to be, the rules, the form of the answer. */
const WORDS_OF_OURS = 700

/** As the recordings are, and short. */
function session(i: number): Session & Record<string, unknown> {
  const order = `#W${1_000_000 + i}`
  return {
    id: `session ${i}`,
    agent: 'desk',
    model: 'm1',
    task_id: i,
    outcome: { success: i % 3 !== 0 },
    steps: [
      { role: 'user', text: `Please change the address of order ${order} to number ${i} of my street.` },
      { role: 'assistant', text: '', calls: [{ id: 'c1', name: 'change_address', args: { order } }] },
      { role: 'tool', call_id: 'c1', name: 'change_address', text: `{"order": "${order}", "number": ${i}}` },
      { role: 'assistant', text: `The address of order ${order} has been changed to number ${i}.` },
    ] as Session['steps'],
  }
}

let first: Row, again: Row, more: Row
beforeAll(async () => {
  const all = Array.from({ length: SESSIONS + 1 }, (_, i) => session(i))
  const rows = await measured(reverie, { all, more: 1, width: WIDTH, ms: 20, one_in: 1 })
  ;[first, again, more] = rows as [Row, Row, Row]
})

test('a session is read once, and what was said of several is compared in fewer questions', () => {
  expect(first.calls).toBeGreaterThanOrEqual(SESSIONS)
  expect(first.calls).toBeLessThan(2 * SESSIONS)
})

test('what a question says besides the session is short', () => {
  const of_a_session = JSON.stringify(session(0).steps).length / 4
  expect(first.prompt_tokens / first.calls).toBeLessThan(WORDS_OF_OURS + of_a_session)
})

test('as many questions are open at a time as the provider is said to take', () => {
  expect(first.most_at_once).toBe(WIDTH)
})

test('where nothing is new nothing is asked', () => {
  expect(again).toMatchObject({ calls: 0, prompt_tokens: 0, answer_tokens: 0 })
})

test('of one session more, only that is asked', () => {
  expect(more.calls).toBeGreaterThanOrEqual(1)
  expect(more.calls).toBeLessThanOrEqual(3)
})
