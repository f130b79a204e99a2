import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { measureSession } from '../../src/7-measure/session-measures.ts'
import type { SessionEvent } from '../../src/domain/event.ts'
import { SessionMeasures } from '../../src/domain/measures.ts'
import { UNKNOWN_OUTCOME } from '../../src/domain/outcome.ts'
import {
  answer,
  call,
  error,
  exit,
  feedback,
  result,
  SATISFIED,
  type Step,
  say,
  session,
  UNSATISFIED,
} from '../session-builder.ts'

const approval = feedback({ kind: 'approval', comment: null })
const edit = (before: string, after: string) => feedback({ kind: 'edit', before, after, comment: null })
const idle =
  (stop_reason: string): Step =>
  (id) => ({ type: 'session.status_idle', id, processed_at: null, stop_reason })
const custom =
  (name: string): Step =>
  (id) => ({ type: 'agent.custom_tool_use', id, processed_at: null, name, input: {} })

test('a session comes to these numbers', () => {
  const of = session(
    say('refund order 17'),
    call('get_order', { order: '17' }),
    error('order not found'),
    call('get_order', { order: '#17' }),
    result(),
    call('Bash', { command: 'cd api && npm install left-pad' }),
    result(),
    answer("I'm sorry, but I can't refund this order."),
    edit('a b c d', 'a b c x'),
    approval,
  )
  const usage = {
    input_tokens: 1_000,
    output_tokens: 200,
    cache_read_input_tokens: 30,
    cache_creation_input_tokens: 4,
  }

  expect(measureSession({ ...of, usage, outcome: SATISFIED })).toEqual({
    completed: 1,
    verified: true,
    duration_ms: 30 * 60_000,
    edit_distance: 0.125,
    escalated: false,
    refusals: 1,
    tool_calls: 3,
    tool_errors: 1,
    tokens: 1_234,
    words: 8,
    tools: { get_order: 2, 'npm install': 1 },
  })
})

test('what a session does not say is unknown', () => {
  const of = session(say('hello'), answer('hello'))

  expect(measureSession({ ...of, ended_at: null })).toMatchObject({
    ...{ completed: null, verified: false, duration_ms: null, edit_distance: null, tokens: null },
  })
  expect(measureSession({ ...of, started_at: of.ended_at, ended_at: of.started_at }).duration_ms).toBeNull()
})

test.each([
  { outcome: SATISFIED, completed: 1, verified: true },
  { outcome: UNSATISFIED, completed: 0, verified: true },
  { outcome: { ...SATISFIED, verified: false }, completed: 1, verified: false },
  { outcome: { ...UNKNOWN_OUTCOME, verified: true }, completed: null, verified: false },
])('$outcome.result, verified: $outcome.verified, counts as $completed', ({ outcome, ...wanted }) => {
  expect(measureSession({ ...session(say('hello')), outcome })).toMatchObject(wanted)
})

describe('a failed call is an error', () => {
  test.each([
    { name: 'of the tool', steps: [call('get_order'), error('not found')], errors: 1 },
    { name: 'of a program', steps: [call('Bash', { command: 'npm install' }), exit(1)], errors: 1 },
    { name: 'but not red tests', steps: [call('Bash', { command: 'npm test' }), exit(1)], errors: 0 },
    { name: 'nor no match', steps: [call('Bash', { command: 'grep -r x .' }), exit(1)], errors: 0 },
    { name: 'nor a refusal of a person', steps: [call('Edit'), error('no', 'user_rejection')], errors: 0 },
    { name: 'nor an outage', steps: [call('Edit'), error('down', 'infrastructure')], errors: 0 },
    { name: 'nor the answer to no call', steps: [error('down')], errors: 0 },
  ])('$name', ({ steps, errors }) => {
    expect(measureSession(session(...steps)).tool_errors).toBe(errors)
  })
})

describe('a session is escalated', () => {
  test.each([
    { name: 'by a call', steps: [call('transfer_to_human_agents'), result()], escalated: true },
    { name: 'by a call that ends it', steps: [call('transfer_to_human_agents')], escalated: true },
    {
      name: 'not by one that failed',
      steps: [call('escalate_ticket'), error('no such ticket')],
      escalated: false,
    },
    {
      name: 'when it ends waiting for a person to allow a call',
      steps: [call('Bash', { command: 'rm x' }), idle('requires_action')],
      escalated: true,
    },
    {
      name: 'not when a program was to answer',
      steps: [custom('get_order'), idle('requires_action')],
      escalated: false,
    },
    {
      name: 'not when a person allowed it',
      steps: [call('Bash', { command: 'rm x' }), idle('requires_action'), result(), idle('end_turn')],
      escalated: false,
    },
    {
      name: 'not by words',
      steps: [say('transfer me to a human'), answer('hm')],
      escalated: false,
    },
  ])('$name', ({ steps, escalated }) => {
    expect(measureSession(session(...steps)).escalated).toBe(escalated)
  })
})

test('of many tools the most frequent thirty are told, and the rest as other', () => {
  const rare = Array.from({ length: 40 }, (_, i) => call(`tool_${String(i).padStart(2, '0')}`))
  const { tools } = measureSession(
    session(call('often'), call('often'), call('other'), call('other'), ...rare),
  )

  expect(Object.keys(tools)).toHaveLength(30)
  expect(tools).toMatchObject({ often: 2, other: 2 + 12, tool_00: 1 })
  expect(tools).not.toHaveProperty('tool_28')
})

test('a tool may be called anything', () => {
  const { tools } = measureSession(session(call('__proto__'), call('constructor'), call('toString')))

  expect(Object.entries(tools)).toEqual([
    ['__proto__', 1],
    ['constructor', 1],
    ['toString', 1],
  ])
})

describe('of a copy', () => {
  const steps = [say('refund'), call('a', {}, 'a1'), error('no'), answer('two words'), approval]
  const more = [say('go on'), call('b', {}, 'b1'), result(), answer('three more words'), edit('a b', 'a c')]
  const times = (all: SessionEvent[]) =>
    all.map((it, i) => ({ ...it, processed_at: `2026-11-02T09:0${i}:00Z` }))
  const of = session(...steps, ...more)
  const grown = { ...of, outcome: SATISFIED, events: times(of.events), ended_at: '2026-11-02T09:30:00Z' }
  const copied = { events: [0, 1, 2, 3, 4], was_judged: false }

  test('only what is new is measured', () => {
    expect(measureSession(grown, copied)).toMatchObject({
      ...{ completed: 1, duration_ms: 25 * 60_000, edit_distance: 0.5, tool_calls: 1, tool_errors: 0 },
      ...{ words: 3, tools: { b: 1 }, tokens: null },
    })
  })

  test('how it ended is no news where the original was judged', () => {
    expect(measureSession(grown, { ...copied, was_judged: true })).toMatchObject({
      ...{ completed: null, verified: false },
    })
  })

  test('an answer that is new to a call that is not is an error, and no call', () => {
    expect(measureSession(session(...steps), { events: [0, 1], was_judged: false })).toMatchObject({
      ...{ tool_calls: 0, tool_errors: 1, tools: {} },
    })
  })

  test('an original and what is new in its copy add up to the whole, wherever they part', () => {
    const sums = ({ words, refusals, tool_calls, tool_errors }: SessionMeasures) => ({
      ...{ words, refusals, tool_calls, tool_errors },
    })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), (n) => {
        const first = sums(measureSession({ ...grown, events: grown.events.slice(0, n) }))
        const rest = sums(
          measureSession(grown, { events: Array.from({ length: n }, (_, i) => i), was_judged: false }),
        )
        const added = Object.fromEntries(
          Object.entries(first).map(([key, value]) => [key, value + rest[key as keyof typeof rest]]),
        )
        expect(added).toEqual(sums(measureSession(grown)))
      }),
    )
  })
})

test('whatever a session holds, its measures are of their shape, and its tools add up to its calls', () => {
  const Steps = fc.array(
    fc.oneof(
      fc.string().map((it) => say(it)),
      fc.string().map((it) => answer(it)),
      fc
        .tuple(fc.string(), fc.dictionary(fc.string(), fc.string()))
        .map(([name, input]) => call(name, input)),
      fc.string().map((it) => error(it)),
      fc.constant(result()),
      fc.tuple(fc.string(), fc.string()).map(([before, after]) => edit(before, after)),
      fc.constant(approval),
    ),
    { maxLength: 50 },
  )
  fc.assert(
    fc.property(Steps, (steps) => {
      const measures = measureSession(session(...steps))
      expect(SessionMeasures.parse(measures)).toEqual(measures)
      expect(Object.values(measures.tools).reduce((a, b) => a + b, 0)).toBe(measures.tool_calls)
    }),
  )
})
