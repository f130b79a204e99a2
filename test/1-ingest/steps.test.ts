import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readTranscript } from '../../src/1-ingest/detect.ts'
import { isSteps, parseSteps } from '../../src/1-ingest/steps.ts'
import type { Problem, Transcript } from '../../src/1-ingest/transcript.ts'
import { textOf } from '../../src/domain/event.ts'
import { UNKNOWN_OUTCOME } from '../../src/domain/outcome.ts'

function parse(...lines: unknown[]): { transcripts: Transcript[]; problems: string[] } {
  const problems: Problem[] = []
  const entries = lines.map((value, index) => ({ line: index + 1, value }))
  const transcripts = [...parseSteps(entries, { path: 's.jsonl', agent: null }, (it) => problems.push(it))]
  return { transcripts, problems: problems.map((it) => `${it.line}: ${it.reason}`) }
}

function eventsOf(...steps: unknown[]) {
  return parse({ id: 'a', steps }).transcripts[0]!.session.events
}

test('a file of sessions, whole', () => {
  const problems: Problem[] = []
  const path = join(import.meta.dirname, '../fixtures/steps/refund-desk.jsonl')
  const found = [...readTranscript(path, { harness: 'auto', agent: null }, (it) => problems.push(it))]

  expect(problems).toEqual([])
  expect(found.map((it) => it.harness)).toEqual(['steps', 'steps', 'steps'])
  const [first, second, third] = found.map((it) => it.transcript.session)
  expect(first).toMatchObject({
    external_session_id: 'run-1',
    agent: 'refund-desk',
    agent_version: 'model-4',
    task: 'retail/17',
    started_at: '2026-11-03T09:00:00.000Z',
    ended_at: '2026-11-03T09:02:10.000Z',
    outcome: {
      result: 'satisfied',
      verified: true,
      reward: 1,
      rule: 'steps.success@1',
      reported: 'user_stop',
    },
  })
  expect(first!.events.map((it) => [it.id, it.type, textOf(it)])).toEqual([
    ['sevt_0', 'system.message', 'Refund only to the card that paid.'],
    ['sevt_1', 'user.message', 'Please refund order 17.'],
    ['sevt_2', 'agent.message', 'I will look it up.'],
    ['sevt_2_0', 'agent.tool_use', ''],
    ['sevt_2_1', 'agent.tool_use', ''],
    ['sevt_3', 'agent.tool_result', 'Error: card service is down'],
    ['sevt_4', 'agent.tool_result', '{"status": "delivered"}'],
    ['sevt_5_0', 'agent.tool_use', ''],
    ['sevt_6', 'agent.tool_result', 'refunded'],
    ['sevt_7', 'agent.message', 'Done.'],
    ['sevt_8', 'user.feedback', 'say where to'],
  ])
  expect(first!.events[5]).toMatchObject({
    tool_use_id: 'sevt_2_1',
    is_error: true,
    error_class: 'tool_fault',
  })
  expect(first!.events[6]).toMatchObject({ tool_use_id: 'sevt_2_0', is_error: false, error_class: null })
  expect(first!.events[8]).toMatchObject({ tool_use_id: 'sevt_5_0' })
  expect(second!.outcome).toMatchObject({ result: 'unsatisfied', verified: true, reward: 0 })
  expect(second!.events.at(-1)).toMatchObject({ feedback: { kind: 'rejection', comment: 'It can.' } })
  expect(third!.outcome).toMatchObject({
    result: 'unknown',
    reward: 1,
    rule: null,
    reported: 'agent_timeout',
  })
})

test('a reference solution is never in the session', () => {
  const { transcripts } = parse({ id: 'a', gold_actions: [{ name: 'the_answer' }], steps: [] })
  expect(JSON.stringify(transcripts)).not.toContain('the_answer')
})

describe('how a session ended', () => {
  test.each([
    ['satisfied', { success: true }, { result: 'satisfied', verified: true, rule: 'steps.success@1' }],
    ['unsatisfied', { success: false }, { result: 'unsatisfied', verified: true }],
    [
      'nobody knows',
      { success: null, reward: 1 },
      { result: 'unknown', verified: false, reward: 1, rule: null },
    ],
    ['a reward alone decides nothing', { reward: 1 }, { result: 'unknown', verified: false, reward: 1 }],
    ['judged by a model', { success: true, verified: false }, { result: 'satisfied', verified: false }],
    ['verified, but nobody knows', { success: null, verified: true }, { result: 'unknown', verified: false }],
    ['judged by a named rule', { success: true, rule: 'unit-tests@3' }, { rule: 'unit-tests@3' }],
    ['with words', { success: false, explanation: 'wrong card' }, { explanation: 'wrong card' }],
    [
      'the first word of its own',
      { termination: 3, failure_mode: 'timeout', kind: 'x' },
      { reported: 'timeout' },
    ],
    ['not said', undefined, UNKNOWN_OUTCOME],
  ])('%s', (_, outcome, expected) => {
    expect(parse({ id: 'a', outcome, steps: [] }).transcripts[0]!.session.outcome).toMatchObject(expected)
  })
})

describe('which call a result answers', () => {
  const call = (id: string | undefined, name: string) => ({
    role: 'assistant',
    text: '',
    calls: [{ id, name }],
  })
  const result = (call_id: string | undefined, name?: string) => ({ role: 'tool', call_id, name, text: 'ok' })

  test.each([
    [
      'the one with its id',
      [call('x', 'a'), call('y', 'a'), result('y'), result('x')],
      ['sevt_1_0', 'sevt_0_0'],
    ],
    ['ids used again', [call('1', 'a'), result('1'), call('1', 'a'), result('1')], ['sevt_0_0', 'sevt_2_0']],
    ['empty ids', [call('', 'a'), call('', 'b'), result('', 'b'), result('', 'a')], ['sevt_1_0', 'sevt_0_0']],
    [
      'no ids: the oldest of that name',
      [call(undefined, 'a'), call(undefined, 'a'), result(undefined, 'a')],
      ['sevt_0_0'],
    ],
    ['no id and no name: the oldest', [call('x', 'a'), call('y', 'b'), result(undefined)], ['sevt_0_0']],
    [
      'no call is answered twice',
      [call('x', 'a'), call('y', 'a'), result('x'), result('', 'a')],
      ['sevt_0_0', 'sevt_1_0'],
    ],
    ['a result without a call keeps its id', [call('x', 'a'), result('z', 'a')], ['z']],
  ])('%s', (_, steps, expected) => {
    const answered = eventsOf(...steps).flatMap((it) => ('tool_use_id' in it ? it.tool_use_id : []))
    expect(answered).toEqual(expected)
  })
})

describe('a tool step', () => {
  test.each([
    [
      'marked as an error',
      { text: 'no', error: true },
      { is_error: true, error_class: 'tool_fault', exit_code: null },
    ],
    ['marked as none', { text: 'Error: quoted', error: false }, { is_error: false, error_class: null }],
    ['unmarked, with words of an error', { text: 'Error: no' }, { is_error: true }],
    [
      'an exit code without a mark',
      { text: 'x', rc: 2 },
      { is_error: true, error_class: 'exit_code', exit_code: 2 },
    ],
    ['exit code 0', { text: 'x', rc: 0, error: false }, { is_error: false, exit_code: 0 }],
    ['no exit code', { text: 'x', rc: null, error: false }, { is_error: false, exit_code: null }],
  ])('%s', (_, step, expected) => {
    expect(eventsOf({ role: 'tool', ...step })[0]).toMatchObject(expected)
  })
})

test.each([
  ['an object', { a: 1 }, { a: 1 }],
  ['a string', '{"a":1}', { raw: '{"a":1}' }],
  ['an array', [1], { raw: [1] }],
  ['nothing', undefined, {}],
])('arguments that are %s', (_, args, input) => {
  expect(eventsOf({ role: 'assistant', calls: [{ name: 'a', args }] })[0]).toMatchObject({ input })
})

describe('times', () => {
  test.each([
    ['without a zone', '2026-11-03T09:00:01', '2026-11-03T09:00:01.000Z'],
    ['of another zone', '2026-11-03T09:00:01+02:00', '2026-11-03T07:00:01.000Z'],
    ['seconds since 1970', 1_793_696_400, '2026-11-03T09:00:00.000Z'],
    ['that are none', 'yesterday', null],
  ])('%s', (_, ts, expected) => {
    expect(eventsOf({ role: 'user', text: 'x', ts })[0]!.processed_at).toBe(expected)
  })

  test('a session without times has those of its steps, even where they run backwards', () => {
    const at = (ts: string) => ({ role: 'user', text: 'x', ts })
    const { transcripts, problems } = parse({
      id: 'a',
      steps: [at('2026-11-03T09:00'), at('2026-11-03T08:00')],
    })
    expect(transcripts[0]!.session).toMatchObject({
      started_at: '2026-11-03T08:00:00.000Z',
      ended_at: '2026-11-03T09:00:00.000Z',
    })
    expect(problems).toEqual([])
  })

  test('a session that ends before it starts is kept, and reported', () => {
    const { transcripts, problems } = parse({
      id: 'a',
      started_at: '2026-11-03T09:00:00Z',
      ended_at: '2026-11-03T08:00:00Z',
      steps: [],
    })
    expect(transcripts).toHaveLength(1)
    expect(problems).toEqual(['1: ended_at is before started_at; both are kept as they are'])
  })
})

describe('a line that does not fit is passed over, and the message says where', () => {
  test.each([
    ['no steps', { id: 'a' }, 'steps: expected array, received undefined'],
    ['not an object', 7, 'expected object, received number'],
    [
      'an unknown role',
      { steps: [{ role: 'user', text: 'x' }, { role: 'robot' }] },
      'steps[1].role: expected role to be user, assistant, tool, system or feedback',
    ],
    [
      'a text that is none',
      { steps: [{ role: 'user', text: 7 }] },
      'steps[0].text: expected string, received number',
    ],
    [
      'a call without a name',
      { steps: [{ role: 'assistant', calls: [{ id: '1' }] }] },
      'steps[0].calls[0].name: expected string, received undefined',
    ],
    [
      'feedback of no kind',
      { steps: [{ role: 'feedback', kind: 'shrug' }] },
      'steps[0].kind: expected kind to be approval, rejection, edit or rating',
    ],
    [
      'a success that is a word',
      { steps: [], outcome: { success: 'yes' } },
      'outcome.success: expected boolean, received string',
    ],
  ])('%s', (_, line, expected) => {
    const { transcripts, problems } = parse(line, { id: 'good', steps: [] })
    expect(problems).toEqual([`1: not a session in the steps format: ${expected}`])
    expect(transcripts.map((it) => it.session.external_session_id)).toEqual(['good'])
  })
})

describe('the id of a session', () => {
  test('is its own', () => {
    expect(parse({ id: 42, steps: [] }).transcripts[0]!.session.external_session_id).toBe('42')
  })

  test('may be the number 0, as may those of people and calls', () => {
    const { session } = parse({
      id: 0,
      user: 0,
      steps: [
        {
          role: 'assistant',
          calls: [
            { id: 1, name: 'first' },
            { id: 0, name: 'second' },
          ],
        },
        { role: 'tool', call_id: 0, text: 'Error: boom', error: true },
      ],
    }).transcripts[0]!
    expect(session).toMatchObject({ external_session_id: '0', person: '0' })
    expect(session.events[2]).toMatchObject({ tool_use_id: session.events[1]!.id })
  })

  test('comes from its content when it has none, so it is the same the next time', () => {
    const line = (text: string) => ({ steps: [{ role: 'user', text }] })
    const ids = parse(line('a'), line('b')).transcripts.map((it) => it.session.external_session_id)
    expect(ids).toEqual(parse(line('a'), line('b')).transcripts.map((it) => it.session.external_session_id))
    expect(ids[0]).not.toBe(ids[1])
  })

  test('twice in a file is reported; both are given, and whoever stores them tells copies apart', () => {
    const { transcripts, problems } = parse(
      { id: 'a', steps: [] },
      { id: 'b', steps: [] },
      { id: 'a', steps: [] },
    )
    expect(transcripts).toHaveLength(3)
    expect(problems).toEqual(['3: has the id of the session on line 1; what both say counts once'])
  })
})

test.each([
  [{ steps: [{ role: 'user' }] }, true],
  [{ steps: [] }, true],
  [{ steps: [{ source: 'user' }] }, false],
  [{ steps: 3 }, false],
  [[], false],
])('%j looks like steps: %j', (value, expected) => {
  expect(isSteps(value)).toBe(expected)
})
