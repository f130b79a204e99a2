import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readTranscript } from '../../src/1-ingest/detect.ts'
import { isOpenaiChat, parseOpenaiChat } from '../../src/1-ingest/openai-chat.ts'
import type { Problem, Transcript } from '../../src/1-ingest/transcript.ts'
import { textOf } from '../../src/domain/event.ts'

function parse(...lines: unknown[]): { transcripts: Transcript[]; problems: string[] } {
  const problems: Problem[] = []
  const entries = lines.map((value, index) => ({ line: index + 1, value }))
  const source = { path: '/chats/one.json', agent: null }
  const transcripts = [...parseOpenaiChat(entries, source, (it) => problems.push(it))]
  return { transcripts, problems: problems.map((it) => `${it.line}: ${it.reason}`) }
}

const user = (content: unknown) => ({ role: 'user', content })
const assistant = (content: unknown) => ({ role: 'assistant', content })

function eventsOf(...messages: unknown[]) {
  return parse({ messages }).transcripts[0]!.session.events
}

function said(transcript: Transcript): string[] {
  return transcript.session.events.map((it) => `${it.type}: ${textOf(it)}`)
}

test('a log of requests, whole: of the snapshots of a conversation the longest counts', () => {
  const problems: Problem[] = []
  const path = join(import.meta.dirname, '../fixtures/openai-chat/request-log.jsonl')
  const found = [
    ...readTranscript(path, { harness: 'auto', agent: 'weather-desk' }, (it) => problems.push(it)),
  ]

  expect(problems).toEqual([])
  expect(found.map((it) => [it.harness, it.transcript.session.external_session_id])).toEqual([
    ['openai-chat', 'req-2'],
    ['openai-chat', 'req-3'],
  ])
  const { session, passed_over } = found[1]!.transcript
  expect(passed_over).toEqual({ snapshot: 1 })
  expect(session).toMatchObject({
    agent: 'weather-desk',
    agent_version: 'model-4',
    started_at: '2026-11-03T09:00:00.000Z',
    ended_at: '2026-11-03T09:00:10.000Z',
    outcome: { result: 'unsatisfied', verified: true, rule: 'openai-chat.outcome@1' },
    usage: { input_tokens: 70, output_tokens: 9, cache_read_input_tokens: 10 },
  })
  expect(session.events).toMatchObject([
    { id: 'sevt_0', type: 'system.message' },
    {
      id: 'sevt_1',
      type: 'user.message',
      content: [{ text: 'How hot is it in Oslo?' }, { text: '[image]' }],
    },
    { id: 'sevt_2_0', type: 'agent.tool_use', name: 'weather', input: { city: 'Oslo' } },
    { id: 'sevt_3', type: 'agent.tool_result', tool_use_id: 'sevt_2_0', is_error: true },
    { id: 'sevt_4', type: 'agent.message' },
  ])
})

describe('what a conversation can be', () => {
  const expected = ['user.message: hi', 'agent.message: hello']
  test.each([
    ['messages', [{ messages: [user('hi'), assistant('hello')] }]],
    ['an array', [[user('hi'), assistant('hello')]]],
    ['bare messages', [user('hi'), assistant('hello')]],
    [
      'messages and their response',
      [{ messages: [user('hi')], response: { choices: [{ message: assistant('hello') }] } }],
    ],
    ['a request and a message', [{ request: { messages: [user('hi')] }, response: assistant('hello') }]],
    [
      'a request that failed',
      [{ request: { messages: [user('hi'), assistant('hello')] }, response: { error: {} } }],
    ],
  ])('%s', (_, lines) => {
    const { transcripts, problems } = parse(...lines)
    expect(problems).toEqual([])
    expect(transcripts.map(said)).toEqual([expected])
  })
})

describe('messages', () => {
  test.each([
    ['a developer', { role: 'developer', content: 'x' }, { type: 'system.message' }],
    [
      'a refusal',
      { role: 'assistant', content: null, refusal: 'no' },
      { type: 'agent.message', content: [{ text: 'no' }] },
    ],
    ['reasoning', { role: 'assistant', content: null, reasoning_content: 'hm' }, { type: 'agent.thinking' }],
    ['audio', user([{ type: 'input_audio' }]), { content: [{ text: '[audio]' }] }],
    [
      'audio with its data',
      user([{ type: 'input_audio', input_audio: { data: 'A'.repeat(4096), format: 'wav' } }]),
      { content: [{ text: '[audio: wav, 3 KB]' }] },
    ],
    ['an image', user([{ type: 'image_url', image_url: { url: 'x' } }]), { content: [{ text: '[image]' }] }],
    [
      'a file',
      user([{ type: 'file', file: { filename: 'prices.pdf', file_data: 'AAAA' } }]),
      { content: [{ text: '[file: prices.pdf]' }] },
    ],
    [
      'a file that was sent before',
      user([{ type: 'file', file: { file_id: 'file-7' } }]),
      { content: [{ text: '[file: file-7]' }] },
    ],
    [
      'an image beside an empty text, as tables write it',
      user([{ type: 'image', text: null }]),
      { content: [{ text: '[image]' }] },
    ],
    [
      'a part that refuses',
      assistant([{ type: 'refusal', refusal: 'no' }]),
      { type: 'agent.message', content: [{ text: 'no' }] },
    ],
    [
      'what was said aloud',
      { role: 'assistant', content: null, audio: { id: 'a1', data: 'AAAA', transcript: 'Good day' } },
      { type: 'agent.message', content: [{ text: 'Good day' }] },
    ],
    [
      'what was said aloud, by its id',
      { role: 'assistant', content: null, audio: { id: 'a1' } },
      { type: 'agent.message', content: [{ text: '[audio]' }] },
    ],
    ['a part of an unknown type', user([{ type: 'smell' }]), { content: [{ text: '[content]' }] }],
    [
      'a time',
      { ...user('x'), timestamp: '2026-11-03T09:00:00Z' },
      { processed_at: '2026-11-03T09:00:00.000Z' },
    ],
  ])('%s', (_, message, expected) => {
    expect(eventsOf(message)).toMatchObject([expected])
  })

  test('the function call of old times, answered by name', () => {
    const events = eventsOf(
      { role: 'assistant', content: null, function_call: { name: 'f', arguments: '{"a":1}' } },
      { role: 'function', name: 'f', content: 'ok' },
    )
    expect(events).toMatchObject([
      { type: 'agent.tool_use', name: 'f', input: { a: 1 } },
      { type: 'agent.tool_result', tool_use_id: 'sevt_0_0', is_error: false },
    ])
  })

  test.each([
    ['JSON', '{"a":1}', { a: 1 }],
    ['nothing', '', {}],
    ['not JSON', '{"a":', { raw: '{"a":' }],
    ['not an object', '[1]', { raw: [1] }],
    ['an object already', { a: 1 }, { a: 1 }],
  ])('arguments that are %s', (_, args, input) => {
    const call = { id: 'c', type: 'function', function: { name: 'f', arguments: args } }
    expect(eventsOf({ role: 'assistant', content: null, tool_calls: [call] })).toMatchObject([{ input }])
  })

  test('arguments nested 100,000 deep stay a text', () => {
    const text = '['.repeat(100_000) + ']'.repeat(100_000)
    const call = { id: 'c', function: { name: 'f', arguments: text } }
    expect(eventsOf({ role: 'assistant', tool_calls: [call] })).toMatchObject([{ input: { raw: text } }])
  })

  test.each([
    ['a text', 'print(1)', { raw: 'print(1)' }],
    ['JSON', '{"a":1}', { a: 1 }],
    ['nothing', undefined, {}],
  ])('the input of a custom tool that is %s', (_, input, expected) => {
    const call = { id: 'c', type: 'custom', custom: { name: 'python', input } }
    expect(eventsOf({ role: 'assistant', content: 'Running.', tool_calls: [call] })).toMatchObject([
      { type: 'agent.message', content: [{ text: 'Running.' }] },
      { type: 'agent.tool_use', id: 'sevt_0_0', name: 'python', input: expected },
    ])
  })

  test('call ids that are numbers are read as texts', () => {
    const calls = [17, 18].map((id) => ({ id, function: { name: `f${id}`, arguments: '{}' } }))
    const events = eventsOf(
      { role: 'assistant', tool_calls: calls },
      { role: 'tool', tool_call_id: '18', content: 'ok' },
      { role: 'tool', tool_call_id: 17, content: 'ok' },
    )
    expect(events.slice(2)).toMatchObject([{ tool_use_id: 'sevt_0_1' }, { tool_use_id: 'sevt_0_0' }])
  })

  const good = { id: 'c1', type: 'function', function: { name: 'good', arguments: '{}' } }
  const answer = { role: 'tool', tool_call_id: 'c1', content: 'ok' }
  const told = ['agent.message: hello', 'agent.tool_use: ', 'agent.tool_result: ok']
  test.each([
    ['a part without its text', { content: [{ type: 'text', text: null }, 'hello'] }, 'part 1', 'part'],
    ['a part that is a number', { content: ['hello', 7] }, 'part 2', 'part'],
    ['a part that is nothing', { content: [null, { type: 'text', text: 'hello' }] }, 'part 1', 'part'],
    ['a content that is none, beside a refusal', { content: 7, refusal: 'hello' }, 'part 1', 'part'],
    ['a refusal that is none', { content: 'hello', refusal: 7 }, 'part 2', 'part'],
    [
      'a call without a name',
      { content: 'hello', tool_calls: [{ id: 'x', function: {} }, good] },
      'call 1',
      'call',
    ],
    [
      'a call of an unknown kind',
      { content: 'hello', tool_calls: [good, { type: 'smell' }] },
      'call 2',
      'call',
    ],
    ['a call that is none', { content: 'hello', tool_calls: [good, 'x'] }, 'call 2', 'call'],
    [
      'a custom call without a name',
      { content: 'hello', tool_calls: [good, { type: 'custom', custom: { input: 'x' } }] },
      'call 2',
      'call',
    ],
    [
      'a function call that is none',
      { content: 'hello', tool_calls: [good], function_call: 7 },
      'call 2',
      'call',
    ],
  ])('%s costs itself and no more', (_, message, what, kind) => {
    const { transcripts, problems } = parse({
      messages: [{ role: 'assistant', tool_calls: [good], ...message }, answer],
    })
    expect(transcripts.map(said)).toEqual([told])
    expect(transcripts[0]!.session.events[2]).toMatchObject({
      tool_use_id: transcripts[0]!.session.events[1]!.id,
    })
    expect(transcripts[0]!.passed_over).toEqual({ [`malformed ${kind}`]: 1 })
    expect(problems).toEqual([
      expect.stringMatching(`^1: ${what} of message 1 passed over: expected|content:`),
    ])
  })

  test('what message 3 says is `sevt_3`, whatever was passed over before it', () => {
    const bad = { id: 'x', function: {} }
    const events = eventsOf(user('hi'), { role: 'robot' }, user(7), {
      ...assistant('hello'),
      tool_calls: [bad, good],
    })
    expect(events.map((it) => it.id)).toEqual(['sevt_0', 'sevt_3', 'sevt_3_1'])
  })

  test('the places of bare messages go on from line to line', () => {
    const { transcripts, problems } = parse(user('hi'), assistant([null, 'hello']))
    expect(transcripts[0]!.session.events.map((it) => it.id)).toEqual(['sevt_0', 'sevt_1'])
    expect(transcripts[0]!.passed_over).toEqual({ 'malformed part': 1 })
    expect(problems).toEqual([
      '2: part 1 of message 2 passed over: expected a text, or an object with a type',
    ])
  })

  test('one that cannot be read is reported and counted, and the conversation goes on', () => {
    const { transcripts, problems } = parse({
      messages: [user('hi'), { role: 'robot' }, user(7), assistant('hello')],
    })
    expect(transcripts.map(said)).toEqual([['user.message: hi', 'agent.message: hello']])
    expect(transcripts[0]!.passed_over).toEqual({ 'malformed message': 2 })
    expect(problems).toEqual([
      expect.stringContaining('1: message 2 passed over: role: expected one of'),
      '1: message 3 passed over: content: expected a string or an array of parts',
    ])
  })
})

describe('snapshots', () => {
  const hi = [user('hi')]
  const hello = [...hi, assistant('hello')]
  const more = [...hello, user('more')]
  const other = [...hi, assistant('good day')]

  test.each([
    ['each longer than the one before', [{ messages: hi }, { messages: hello }, { messages: more }], [3]],
    ['the same line twice', [{ messages: hello }, { messages: hello }], [2]],
    [
      'the same words under other ids',
      [
        { id: 1, messages: hello },
        { id: 2, messages: hello },
      ],
      [2, 2],
    ],
    ['two ways on from one beginning', [{ messages: hi }, { messages: hello }, { messages: other }], [2, 2]],
    [
      'conversations with ids of their own',
      [
        { conversation_id: 'a', messages: hi },
        { conversation_id: 'b', messages: hello },
      ],
      [1, 2],
    ],
    ['a shorter one after a longer one', [{ messages: hello }, { messages: hi }], [2, 1]],
  ])('%s', (_, lines, lengths) => {
    expect(parse(...lines).transcripts.map((it) => it.session.events.length)).toEqual(lengths)
  })

  test('what was said of a shorter one still holds', () => {
    const { transcripts } = parse({ messages: hi, outcome: 'satisfied' }, { messages: hello })
    expect(transcripts.map((it) => it.session.outcome.result)).toEqual(['satisfied'])
  })

  test('what was said aloud is told once, though later lines give only its id', () => {
    const aloud = (audio: object) => ({ role: 'assistant', content: null, audio })
    const reply = { choices: [{ message: aloud({ id: 'a1', transcript: 'Good day' }) }] }
    const { transcripts } = parse(
      { messages: hi, response: reply },
      { messages: [...hi, aloud({ id: 'a1' }), user('more')] },
      { messages: [...hi, aloud({ id: 'a2' }), user('more')] },
    )
    expect(transcripts.map(said)).toEqual([
      ['user.message: hi', 'agent.message: Good day', 'user.message: more'],
      ['user.message: hi', 'agent.message: [audio]', 'user.message: more'],
    ])
  })

  test('one that lies too far back is reported, and both count', () => {
    const long = (text: string) => ({ messages: [user(text.repeat(9_000_000)), assistant('ok')] })
    const { transcripts, problems } = parse({ messages: hello }, long('a'), long('b'), { messages: more })
    expect(transcripts).toHaveLength(4)
    expect(problems).toEqual(['4: goes on from line 1, too far back to be joined: both count as sessions'])
  })
})

describe('facts of the session', () => {
  const messages = [user('hi'), assistant('hello')]
  test.each([
    ['conversation id', { conversation_id: 'c', id: 'i' }, { external_session_id: 'c' }],
    ['id', { id: 'i' }, { external_session_id: 'i' }],
    ['no id', {}, { external_session_id: expect.stringMatching(/^chat-[0-9a-f]{24}$/) }],
    ['agent and task', { metadata: { agent: 'desk', task_id: 't' } }, { agent: 'desk', task: 't' }],
    ['a time in words', { created_at: '2026-11-03T09:00:00Z' }, { started_at: '2026-11-03T09:00:00.000Z' }],
    [
      'an outcome in the metadata',
      { metadata: { outcome: { success: true } } },
      { outcome: { result: 'satisfied' } },
    ],
    [
      'an outcome in our words',
      { outcome: 'unsatisfied' },
      { outcome: { result: 'unsatisfied', verified: false } },
    ],
    ['an outcome in other words', { outcome: 'meh' }, { outcome: { result: 'unknown', reported: 'meh' } }],
  ])('%s', (_, line, expected) => {
    expect(parse({ ...line, messages }).transcripts[0]!.session).toMatchObject(expected)
  })

  test.each([
    ['a model that is no text', { request: { messages: messages.slice(0, 1), model: 7 } }],
    ['an agent that is no text', { messages: messages.slice(0, 1), metadata: { agent: 7 } }],
  ])('%s costs itself and no more', (_, line) => {
    const response = { model: 7, choices: [{ message: assistant('hello') }] }
    const { transcripts, problems } = parse({ ...line, response })
    expect(transcripts.map(said)).toEqual([['user.message: hi', 'agent.message: hello']])
    expect(problems).toEqual([])
  })

  test.each([
    ['is no object', 'hello', 'expected object, received string'],
    ['has a choice without a message', { choices: [{ delta: {} }] }, 'its choice has no message'],
  ])('a response that %s is reported', (_, response, reason) => {
    const { transcripts, problems } = parse({ messages, response })
    expect(transcripts).toHaveLength(1)
    expect(problems).toEqual([`1: response passed over: ${reason}`])
  })

  test('of several choices the first counts, the others are counted', () => {
    const response = { choices: [{ message: assistant('a') }, { message: assistant('b') }] }
    const [transcript] = parse({ messages: [user('hi')], response }).transcripts
    expect(said(transcript!)).toEqual(['user.message: hi', 'agent.message: a'])
    expect(transcript!.passed_over).toEqual({ 'other choice': 1 })
  })

  test('a conversation without an id is called as it always was, empty call ids and all', () => {
    const call = { id: '', function: { name: 'f', arguments: '{}' } }
    const line = { messages: [user('q'), { ...assistant(''), tool_calls: [call] }] }
    expect(parse(line).transcripts[0]!.session.external_session_id).toBe('chat-076577adaebfd64eb265cac1')
  })

  test('bare messages are called like their file', () => {
    expect(parse(...messages).transcripts[0]!.session.external_session_id).toBe('one')
  })

  test('an outcome that cannot be read is reported', () => {
    const { transcripts, problems } = parse({ messages, outcome: { success: 'yes' } })
    expect(transcripts[0]!.session.outcome.result).toBe('unknown')
    expect(problems).toEqual(['1: outcome passed over: success: expected boolean, received string'])
  })
})

test.each([
  ['no object', 7, 'expected object, received number'],
  ['no messages', { id: 'a' }, 'messages: expected array, received undefined'],
  ['messages that are none', { messages: 'hi' }, 'messages: expected array, received string'],
])('%s is reported', (_, line, expected) => {
  expect(parse(line)).toEqual({
    transcripts: [],
    problems: [`1: not a conversation of OpenAI chat messages: ${expected}`],
  })
})

test('an empty conversation is reported', () => {
  expect(parse({ messages: [] }).problems).toEqual(['1: a conversation without messages'])
})

test.each([
  [{ messages: [user('hi')] }, true],
  [{ request: { messages: [user('hi')] } }, true],
  [[user('hi')], true],
  [user('hi'), true],
  [{ messages: [{ type: 'user', content: 'hi' }] }, false],
  [{ role: 'user', message: { content: 'hi' } }, false],
  [{ role: 'user', text: 'hi' }, false],
  [{ messages: [] }, false],
  [null, false],
])('%j looks like OpenAI chat: %j', (value, expected) => {
  expect(isOpenaiChat(value)).toBe(expected)
})
