import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readTranscript } from '../../src/1-ingest/detect.ts'
import { isManagedAgents, parseManagedAgents } from '../../src/1-ingest/managed-agents.ts'
import type { Problem, Transcript } from '../../src/1-ingest/transcript.ts'
import { answeredCall, isToolResult, type SessionEvent, textOf } from '../../src/domain/event.ts'

function parse(...lines: unknown[]): { transcripts: Transcript[]; problems: string[] } {
  const problems: Problem[] = []
  const entries = lines.map((value, index) => ({ line: index + 1, value }))
  const source = { path: '/exports/sesn_file.jsonl', agent: null }
  const transcripts = [...parseManagedAgents(entries, source, (it) => problems.push(it))]
  return { transcripts, problems: problems.map((it) => `${it.line}: ${it.reason}`) }
}

const hi = {
  id: 'sevt_hi',
  type: 'user.message',
  processed_at: null,
  content: [{ type: 'text', text: 'hi' }],
}
const message = (id: string, text: string, more = {}) => ({ ...hi, id, content: text, ...more })

test('the events of a session, whole', () => {
  const problems: Problem[] = []
  const path = join(import.meta.dirname, '../fixtures/managed-agents/denied-deploy.jsonl')
  const found = [...readTranscript(path, { harness: 'auto', agent: null }, (it) => problems.push(it))]

  expect(problems).toEqual([])
  expect(found.map((it) => it.harness)).toEqual(['managed-agents'])
  const { session, passed_over, event_ids_survive_copying } = found[0]!.transcript
  expect(event_ids_survive_copying).toBe(true)
  expect(passed_over).toEqual({ duplicate: 2, 'session.status_running': 1, 'hologram.shown': 1 })
  expect(session).toMatchObject({
    external_session_id: 'sesn_deploy',
    agent: 'release-desk',
    agent_version: 'model-4 v3',
    task: 'deploy-42',
    started_at: '2026-11-03T09:00:00.000Z',
    ended_at: '2026-11-03T09:03:02.000Z',
    usage: {
      input_tokens: 10,
      output_tokens: 5,
      cache_read_input_tokens: 100,
      cache_creation_input_tokens: 7,
    },
    outcome: {
      result: 'satisfied',
      verified: false,
      rule: 'managed-agents.rubric@1',
      reported: 'satisfied',
      explanation: 'deployed after the backup',
    },
  })
  expect(session.events.map((it) => [it.id, it.type, textOf(it)])).toEqual([
    ['sevt_01', 'user.message', 'Deploy release 42.\n[image]'],
    ['sevt_02', 'user.define_outcome', 'Release 42 runs'],
    ['sevt_05', 'agent.tool_use', ''],
    ['sevt_06', 'session.status_idle', ''],
    ['sevt_07', 'user.tool_confirmation', 'Not before the backup.'],
    ['sevt_08', 'agent.tool_result', 'denied'],
    ['sevt_09', 'agent.thinking', ''],
    ['sevt_10', 'agent.mcp_tool_use', ''],
    ['sevt_11', 'agent.mcp_tool_result', 'ok'],
    ['sevt_12', 'agent.message', 'The backup is done.'],
    ['sevt_13', 'session.outcome', ''],
    ['sevt_14', 'session.error', 'try later'],
    ['sevt_15', 'session.outcome', ''],
    ['sevt_17', 'session.status_idle', ''],
  ])
  expect(session.events[0]!.processed_at).toBe('2026-11-03T09:00:00.000Z')
  expect(session.events[5]).toMatchObject({ is_error: true, error_class: 'user_rejection' })
})

describe('what a rubric says of the outcome', () => {
  const graded = (result: string) => ({ id: `sevt_${result}`, type: 'span.outcome_evaluation_end', result })
  test.each([
    ['satisfied', 'satisfied'],
    ['needs_revision', 'unsatisfied'],
    ['max_iterations_reached', 'unsatisfied'],
    ['failed', 'unknown'],
    ['interrupted', 'unknown'],
    ['a_new_word', 'unknown'],
  ])('%s means %s, unverified', (reported, result) => {
    const { outcome } = parse(graded(reported)).transcripts[0]!.session
    expect(outcome).toMatchObject({ result, reported, verified: false, rule: 'managed-agents.rubric@1' })
  })

  test('the last evaluation counts', () => {
    const { outcome } = parse(graded('needs_revision'), graded('satisfied')).transcripts[0]!.session
    expect(outcome.result).toBe('satisfied')
  })

  test('what the session object says counts where no event says it', () => {
    const session = {
      type: 'session',
      id: 'sesn_1',
      outcome_evaluations: [{ result: 'max_iterations_reached' }],
    }
    expect(parse(session, hi).transcripts[0]!.session.outcome.result).toBe('unsatisfied')
    expect(parse(session, graded('satisfied')).transcripts[0]!.session.outcome.result).toBe('satisfied')
  })

  test.each([
    [
      'flat',
      { result: 'unsatisfied', verified: true, reward: 0.5, rule: 'reopened@2', explanation: 'reopened' },
    ],
    [
      'nested',
      {
        outcome: {
          result: 'unsatisfied',
          verified: true,
          reward: 0.5,
          rule: 'reopened@2',
          reported: null,
          explanation: 'reopened',
        },
      },
    ],
  ])('a session.outcome of ours wins, wherever it stands: %s', (_, fields) => {
    const ours = { id: 'sevt_ours', type: 'session.outcome', ...fields }
    expect(parse(ours, graded('satisfied')).transcripts[0]!.session.outcome).toEqual({
      result: 'unsatisfied',
      verified: true,
      reward: 0.5,
      rule: 'reopened@2',
      reported: null,
      explanation: 'reopened',
    })
  })
})

describe('events', () => {
  test.each([
    [
      'feedback, flat',
      { type: 'user.feedback', kind: 'rating', rating: 2 },
      { feedback: { kind: 'rating', rating: 2, comment: null } },
    ],
    [
      'feedback, nested',
      { type: 'user.feedback', feedback: { kind: 'approval', comment: 'fine' } },
      { feedback: { kind: 'approval', comment: 'fine' } },
    ],
    ['an interrupt', { type: 'user.interrupt' }, { type: 'user.interrupt' }],
    [
      'a document',
      { type: 'user.message', content: [{ type: 'document', title: 'a.pdf' }] },
      { content: [{ text: '[document: a.pdf]' }] },
    ],
    [
      'a redacted block',
      { type: 'agent.message', content: [{ type: 'redacted' }] },
      { content: [{ text: '[redacted]' }] },
    ],
    [
      'a rubric in a file',
      { type: 'user.define_outcome', description: 'd', rubric: { type: 'file', file_id: 'file_1' } },
      { rubric: '[file: file_1]' },
    ],
    [
      'a subagent’s task',
      { type: 'agent.thread_message_received', content: 'do it' },
      { content: [{ text: 'do it' }] },
    ],
    ['a compaction', { type: 'agent.thread_context_compacted' }, { content: [] }],
    [
      'a result of our own tool',
      { type: 'user.custom_tool_result', custom_tool_use_id: 'x', is_error: true },
      { is_error: true, error_class: 'tool_fault' },
    ],
    [
      'a result without a flag',
      { type: 'user.tool_result', tool_use_id: 'x', content: 'Error: quoted' },
      { is_error: false },
    ],
    [
      'an error class given',
      { type: 'agent.tool_result', tool_use_id: 'x', is_error: true, error_class: 'timeout' },
      { error_class: 'timeout' },
    ],
    [
      'input that is no object',
      { type: 'agent.custom_tool_use', name: 'n', input: 'x' },
      { input: { raw: 'x' } },
    ],
  ])('%s', (_, event, expected) => {
    const { transcripts, problems } = parse({ id: 'sevt_1', processed_at: null, ...event })
    expect(problems).toEqual([])
    expect(transcripts[0]!.session.events).toMatchObject([expected])
  })

  test('a call that a policy denied failed for want of permission', () => {
    const use = { id: 'sevt_u', type: 'agent.tool_use', name: 'rm', input: {}, evaluated_permission: 'deny' }
    const result = {
      id: 'sevt_r',
      type: 'agent.tool_result',
      tool_use_id: 'sevt_u',
      is_error: true,
      content: 'no',
    }
    expect(parse(use, result).transcripts[0]!.session.events[1]).toMatchObject({
      error_class: 'permission_denied',
    })
  })

  test('one that cannot be read is reported, and the others are kept', () => {
    const { transcripts, problems } = parse(
      hi,
      { id: 'sevt_2', type: 'agent.tool_use' },
      { type: 7 },
      'x',
      message('sevt_3', 'bye'),
    )
    expect(transcripts[0]!.session.events.map((it) => it.id)).toEqual(['sevt_hi', 'sevt_3'])
    expect(problems).toEqual([
      '2: agent.tool_use passed over: name: expected string, received undefined',
      '3: not an event of the Managed Agents API: expected an object with a type',
      '4: not an event of the Managed Agents API: expected an object with a type',
    ])
  })

  test('what we write of a session is read again as it was', () => {
    const path = join(import.meta.dirname, '../fixtures/managed-agents/denied-deploy.jsonl')
    const [first] = [...readTranscript(path, { harness: 'managed-agents', agent: null }, () => {})]
    const { events } = first!.transcript.session
    const again = parse(...(JSON.parse(JSON.stringify(events)) as SessionEvent[])).transcripts[0]!.session
    expect(again.events).toEqual(events)
    expect(again.events.filter(isToolResult).map(answeredCall)).toEqual(['sevt_05', 'sevt_10'])
  })
})

describe('ids', () => {
  test('an event without one gets one, and is not looked for in other files', () => {
    const { transcripts } = parse(message('', 'a'), message('', 'b'))
    const [first, second] = transcripts[0]!.session.events
    expect(first!.id).toMatch(/^sevt_/)
    expect(first!.id).not.toBe(second!.id)
    expect(transcripts[0]!.event_ids_survive_copying).toBe(false)
  })

  test('the same event twice counts once', () => {
    const { transcripts, problems } = parse(
      message('sevt_1', 'a'),
      message('sevt_1', 'a', { session_thread_id: 'sthr_1' }),
    )
    expect(transcripts[0]!.session.events).toHaveLength(1)
    expect(transcripts[0]!.passed_over).toEqual({ duplicate: 1 })
    expect(problems).toEqual([])
  })

  test('another event under a used id is kept under an id of ours, and reported', () => {
    const { transcripts, problems } = parse(message('sevt_1', 'a'), message('sevt_1', 'b'))
    expect(transcripts[0]!.session.events.map(textOf)).toEqual(['a', 'b'])
    expect(new Set(transcripts[0]!.session.events.map((it) => it.id)).size).toBe(2)
    expect(problems).toEqual(['2: event sevt_1 has the id of another event; kept under a new id'])
  })
})

describe('which session an event belongs to', () => {
  const session = (id: string) => ({ type: 'session', id })
  const a = message('sevt_a', 'a')
  const b = message('sevt_b', 'b')

  test.each([
    ['the one called like the file', [a, b], { sesn_file: 'ab' }],
    ['the session object before it', [session('s1'), a, session('s2'), b], { s1: 'a', s2: 'b' }],
    ['the session object after it, when it is the first', [a, b, session('s1')], { s1: 'ab' }],
    [
      'the one it names, however they are mixed',
      [
        { ...a, session_id: 's1' },
        { ...b, session_id: 's2' },
        { ...message('sevt_c', 'c'), session_id: 's1' },
      ],
      { s1: 'ac', s2: 'b' },
    ],
    [
      'pages of one list',
      [
        { data: [a], next_page: 'p2' },
        { data: [b], next_page: null },
      ],
      { sesn_file: 'ab' },
    ],
    [
      'a session with its events',
      [
        { session: session('s1'), events: [a] },
        { session: { id: 's2' }, events: [b] },
      ],
      { s1: 'a', s2: 'b' },
    ],
  ])('%s', (_, lines, expected) => {
    const { transcripts, problems } = parse(...lines)
    const found = transcripts.map(({ session }) => [
      session.external_session_id,
      session.events.map(textOf).join(''),
    ])
    expect(Object.fromEntries(found)).toEqual(expected)
    expect(problems).toEqual([])
  })

  test('a session without events is reported', () => {
    expect(parse(session('s1')).problems).toEqual(['null: session s1 has no events here'])
  })
})

describe('the order of events', () => {
  const at = (id: string, time: string | null, more = {}) =>
    message(id, id, { processed_at: time && `2026-11-03T${time}:00Z`, ...more })
  const call = (time: string) => at('call', time, { type: 'agent.tool_use', name: 'query', input: {} })
  const result = (time: string) => at('result', time, { type: 'agent.tool_result', tool_use_id: 'call' })

  test.each([
    {
      what: 'asked for with the newest first are turned around',
      events: [at('bye', '09:03'), result('09:02'), call('09:01'), at('hi', '09:00')],
      order: 'hi call result bye',
    },
    {
      what: 'with the newest first, in pages',
      events: [{ data: [at('b', '09:02'), result('09:01')] }, { data: [call('09:01'), at('a', '09:00')] }],
      order: 'a call result b',
    },
    {
      what: 'with the newest first, the newest waiting',
      events: [at('c', null), at('b', '09:01'), at('a', '09:00')],
      order: 'a b c',
    },
    {
      what: 'with one time out of order stay as they are',
      events: [at('a', '09:02'), at('b', '09:00'), at('c', '09:01')],
      order: 'a b c',
    },
    {
      what: 'of one time stay as they are',
      events: [at('a', '09:00'), at('b', '09:00')],
      order: 'a b',
    },
    {
      what: 'whose times fall although a result comes after its call stay as they are',
      events: [call('09:01'), result('09:00')],
      order: 'call result',
    },
    { what: 'without times stay as they are', events: [at('a', null), at('b', null)], order: 'a b' },
  ])('events $what', ({ events, order }) => {
    const { session } = parse(...events).transcripts[0]!
    expect(session.events.map((it) => it.id).join(' ')).toBe(order)
  })

  test('sessions in one file are each turned around or not', () => {
    const down = [at('b', '09:01'), at('a', '09:00')].map((it) => ({ ...it, session_id: 'down' }))
    const up = [at('c', '09:00'), at('d', '09:01')].map((it) => ({ ...it, session_id: 'up' }))
    const { transcripts } = parse(down[0], up[0], down[1], up[1])
    expect(transcripts.map(({ session }) => session.events.map((it) => it.id).join(' '))).toEqual([
      'a b',
      'c d',
    ])
  })

  test('times that run backwards bound the session all the same', () => {
    const { session } = parse(at('b', '09:00'), at('a', '08:00')).transcripts[0]!
    expect([session.started_at, session.ended_at]).toEqual([
      '2026-11-03T08:00:00.000Z',
      '2026-11-03T09:00:00.000Z',
    ])
  })

  test('the outcome is the last that was graded, whichever way the file runs', () => {
    const graded = (id: string, result: string, time: string) =>
      at(id, time, { type: 'span.outcome_evaluation_end', result })
    const events = [graded('a', 'needs_revision', '09:00'), graded('b', 'satisfied', '09:01')]
    for (const file of [events, events.toReversed()])
      expect(parse(...file).transcripts[0]!.session.outcome.result).toBe('satisfied')
  })
})

test('usage is that of the session object where no event says it', () => {
  const session = {
    type: 'session',
    id: 's1',
    usage: {
      input_tokens: 3,
      cache_creation: { ephemeral_5m_input_tokens: 1, ephemeral_1h_input_tokens: 2 },
    },
  }
  expect(parse(session, hi).transcripts[0]!.session.usage).toMatchObject({
    input_tokens: 3,
    cache_creation_input_tokens: 3,
  })
})

test.each([
  [hi, true],
  [{ data: [hi], next_page: null }, true],
  [{ type: 'session', id: 'sesn_1' }, true],
  [{ session: { id: 'sesn_1' }, events: [hi] }, true],
  [{ session: { id: 'sesn_1' }, events: [{ type: 'click' }] }, false],
  [{ type: 'session', id: 'of-another-harness' }, false],
  [{ type: 'user.message', data: { content: 'hi' } }, false],
  [{ type: 'event_msg', payload: {} }, false],
  [{ role: 'user', content: 'hi' }, false],
  [undefined, false],
])('%j looks like Managed Agents: %j', (value, expected) => {
  expect(isManagedAgents(value)).toBe(expected)
})
