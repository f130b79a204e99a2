import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isClaudeCode, parseClaudeCode, withoutResultCopy } from '../../src/1-ingest/claude-code.ts'
import { isCodex } from '../../src/1-ingest/codex.ts'
import { readEntries } from '../../src/1-ingest/entries.ts'
import type { Problem } from '../../src/1-ingest/transcript.ts'
import { isToolResult, SessionEvent } from '../../src/domain/event.ts'
import { entriesOf, parsed, tale } from './told.ts'

const FIXTURES = join(dirname(fileURLToPath(import.meta.url)), '../fixtures/claude-code')
const fixture = (name: string) => parsed(parseClaudeCode, join(FIXTURES, `${name}.jsonl`))
const first = (name: string) => fixture(name).transcripts[0]!

describe('a session is told as it happened', () => {
  test.each([
    {
      rule: 'lines of one message, parallel calls, and results in another order, through lines of unknown types',
      name: '5a1e0000-0000-4000-8000-000000000001',
      events: [
        'user.message Why does the invoice test fail?',
        'agent.thinking Look at the test first.',
        'agent.message I will read the test and run it.',
        'agent.tool_use Read {"file_path":"/home/ana/acme-api/test/invoice.test.ts"}',
        'agent.tool_use Bash {"command":"npm test -- invoice"}',
        'agent.tool_result Bash (exit_code 1): Exit code 1\n1 failed: total is 119.99, expected 120.00',
        "agent.tool_result Read: test('rounds the total')",
        'agent.message The total is rounded twice.',
      ],
      passed_over: {
        'file-history-snapshot': 1,
        progress: 2,
        attachment: 1,
        'some-future-type': 1,
        'system/turn_duration': 1,
        summary: 1,
      },
    },
    {
      rule: 'what was rewound did not happen',
      name: 'rewind',
      events: [
        'user.message Add a health endpoint.',
        'agent.message Done, at /health.',
        'user.message Also add metrics, without a new library.',
        'agent.message Metrics are there, without a library.',
      ],
      passed_over: { rewound: 4 },
    },
    {
      rule: 'the chain goes on over a compaction, whose summary is no word of a person',
      name: 'compaction',
      events: [
        'user.message Port the billing job to the queue.',
        'agent.message First half is ported.',
        'agent.thread_context_compacted This session is being continued from a previous conversation that ran out of context. The billing job is half ported.',
        'user.message Go on with the second half.',
        'agent.message Second half is ported.',
      ],
      passed_over: { 'system/compact_boundary': 1 },
    },
    {
      rule: 'a compaction that kept the last messages is not a rewind',
      name: 'compaction-preserved',
      events: [
        'user.message Port the report job too.',
        'agent.message Which queue?',
        'agent.thread_context_compacted Summary: the person wants the report job on the queue.',
        'user.message The nightly one.',
        'agent.message It runs on the nightly queue now.',
      ],
      passed_over: { 'system/compact_boundary': 1 },
    },
    {
      rule: 'rejections, interrupts and denials are kept apart from faults',
      name: 'feedback',
      events: [
        'user.message Clean the branch up.',
        'agent.tool_use Bash {"command":"git push --force"}',
        expect.stringMatching(/^agent.tool_result Bash \(user_rejection\): The user doesn't want/),
        'user.tool_confirmation deny Bash: never force-push, open a pull request',
        'agent.tool_use Bash {"command":"git reset --hard"}',
        expect.stringMatching(/^agent.tool_result Bash \(user_rejection\): The user doesn't want/),
        'user.tool_confirmation deny Bash: -',
        'user.interrupt',
        'user.message Plan it first.',
        'agent.tool_use ExitPlanMode {"plan":"1. open a pull request"}',
        'agent.tool_result ExitPlanMode (user_rejection): User chose to stay in plan mode and continue planning',
        'user.tool_confirmation deny ExitPlanMode: -',
        'agent.message What should change in the plan',
        'user.interrupt',
        'user.message Nothing, go.',
        'agent.tool_use Bash {"command":"curl https://example.org"}',
        'agent.tool_result Bash (permission_denied): Permission to use Bash with command curl https://example.org has been denied.',
        'agent.tool_use Skill {"skill":"comit"}',
        'agent.tool_result Skill (validation): <tool_use_error>Unknown skill: comit</tool_use_error>',
        'agent.tool_use Bash {"command":"npm run e2e"}',
        'agent.tool_result Bash (timeout 143): Exit code 143\nCommand timed out after 2m 0.0s',
        'agent.tool_use Bash {"command":"tail -f log"}',
        'agent.tool_result Bash (interrupt): line 1',
      ],
      passed_over: {},
    },
    {
      rule: 'what the harness wrote in the name of a person is the harness speaking',
      name: 'injected',
      events: [
        expect.stringMatching(/^system.message <local-command-caveat>/),
        expect.stringMatching(/^system.message <command-name>\/model/),
        'system.message <local-command-stdout>Set model to opus</local-command-stdout>',
        'system.message <command-message>review</command-message>\n<command-name>/review</command-name>',
        'user.message only the billing folder',
        'system.message You are reviewing a pull request. Be brief.',
        'agent.message The billing folder looks fine.',
        'system.message <ide_opened_file>The user opened the file invoice.ts in the IDE.</ide_opened_file>',
        'user.message [image: image/png, 33 KB]\nwhat is this?',
        'agent.message A screenshot.',
        'user.message fix the header',
        'system.message <system-reminder>\nThe todo list is empty.\n</system-reminder>',
        'agent.message Fixed.',
        expect.stringMatching(/^system.message <task-notification>[\s\S]*Full output: tasks\/b12.output$/),
        'system.message Build 512 is green.',
        'system.message Stop hook feedback:\nrun the linter',
        'agent.message The linter is clean.',
        'user.message and update the changelog',
        'agent.message Changelog updated.',
        'user.message why is there a <system-reminder> in my log?',
        'system.message <command-name>/cost</command-name>',
      ],
      passed_over: {},
    },
    {
      rule: 'what the harness wrote in the name of the model is an error of the infrastructure',
      name: 'infrastructure',
      events: [
        'user.message Summarise the log.',
        'session.error API error 529 (attempt 1)',
        'session.error API error ECONNRESET (attempt 2)',
        'session.error API Error: 500 Internal server error',
        'user.message Again.',
        'user.message Please.',
        'agent.message The log shows three restarts.',
      ],
      passed_over: { empty: 1 },
    },
    {
      rule: 'a missing parent loses nothing, and what cannot be read is counted',
      name: 'broken-chain',
      events: [
        'user.message Start the release.',
        'agent.message Which version?',
        'user.message 4.2',
        'agent.message Released 4.2.',
        'agent.message Nothing more to do.',
      ],
      passed_over: { duplicate: 1, malformed: 5 },
    },
    {
      rule: 'a conversation that a resumed session wrote down again counts once, and whole',
      name: 'recorded-again',
      events: [
        'system.message <ide_opened_file>b/index.ts</ide_opened_file>',
        'user.message Rename the package.',
        'agent.tool_use Grep {"pattern":"a/"}',
        'agent.tool_use Bash {"command":"git mv a b"}',
        'agent.tool_result Grep: none',
        'agent.tool_result Bash: ok',
        'agent.message Renamed.',
        'user.interrupt',
        'user.message And the imports.',
        'agent.message Renamed.',
      ],
      passed_over: { summary: 1, copied: 6 },
    },
    {
      rule: 'calls and results of old versions, without ids, find each other',
      name: 'drift',
      events: [
        'user.message Show the readme',
        'agent.tool_use bash {"command":"cat README.md"}',
        'agent.tool_result bash: # Acme',
        'agent.message It says Acme.',
      ],
      passed_over: {},
    },
    {
      rule: 'thinking without words, images, odd inputs and unknown blocks',
      name: 'blocks',
      events: [
        'user.message Show me the chart.',
        'agent.thinking',
        'agent.thinking',
        'agent.tool_use mcp__browser__screenshot {"url":"http://localhost"}',
        'agent.tool_use Odd {"raw":"just text"}',
        'agent.tool_result mcp__browser__screenshot: taken\n[image: image/jpeg, 2 KB]\n[tool_reference]',
        'agent.tool_result Odd: ',
        'agent.tool_result unknown call toolu_gone: the call is not in this file',
        'agent.message Here it is.\nTwo bars.',
      ],
      passed_over: { empty: 1, 'block/hologram': 1 },
    },
  ])('$rule', ({ name, events, passed_over }) => {
    const { transcripts } = fixture(name)
    expect(transcripts).toHaveLength(1)
    expect(tale(transcripts[0]!)).toEqual(events)
    expect(transcripts[0]!.passed_over).toEqual(passed_over)
  })
})

describe('lines that are told by their marks', () => {
  const user = (uuid: string, parentUuid: string | null, content: unknown, marks = {}) => ({
    type: 'user',
    uuid,
    parentUuid,
    message: { role: 'user', content },
    ...marks,
  })
  const reply = (uuid: string, parentUuid: string, content: unknown[], marks = {}) => ({
    type: 'assistant',
    uuid,
    parentUuid,
    message: { id: `msg_${uuid}`, model: 'claude', content },
    ...marks,
  })
  const call = { type: 'tool_use', id: 'toolu_1', name: 'Bash', input: {} }
  const failure = (content: string) => [
    { type: 'tool_result', tool_use_id: 'toolu_1', is_error: true, content },
  ]

  const result = (tool_use_id: string, content: string, is_error: boolean) => [
    { type: 'tool_result', tool_use_id, is_error, content },
  ]

  test.each([
    {
      rule: 'going back behind a compaction takes the compaction back',
      lines: [
        user('u1', null, 'port it'),
        reply('a1', 'u1', [{ type: 'text', text: 'half is ported' }]),
        user('u2', 'a1', 'go on'),
        { type: 'system', subtype: 'compact_boundary', uuid: 'b', parentUuid: null, logicalParentUuid: 'u2' },
        user('c', 'b', 'Summary.', { isCompactSummary: true }),
        user('u3', 'a1', 'stop there'),
      ],
      events: ['user.message port it', 'agent.message half is ported', 'user.message stop there'],
    },
    {
      rule: 'the summary of a compaction in versions that do not mark it',
      lines: [user('u1', null, 'This session is being continued from a previous conversation that ran out.')],
      events: [
        'agent.thread_context_compacted This session is being continued from a previous conversation that ran out.',
      ],
    },
    {
      rule: 'an API error in the name of a real model',
      lines: [
        user('u1', null, 'hello'),
        reply('a1', 'u1', [{ type: 'text', text: 'Overloaded' }], { isApiErrorMessage: true }),
      ],
      events: ['user.message hello', 'session.error Overloaded'],
    },
    {
      rule: 'a rejection in words we do not know',
      lines: [
        reply('a1', 'u1', [call]),
        user('u2', 'a1', failure('No thanks'), { toolDenialKind: 'user-rejected' }),
      ],
      events: [
        'agent.tool_use Bash {}',
        'agent.tool_result Bash (user_rejection): No thanks',
        'user.tool_confirmation deny Bash: -',
      ],
    },
    {
      rule: 'a denial by anything but a person',
      lines: [
        reply('a1', 'u1', [call]),
        user('u2', 'a1', failure('Not on main'), { toolDenialKind: 'classifier' }),
      ],
      events: ['agent.tool_use Bash {}', 'agent.tool_result Bash (permission_denied): Not on main'],
    },
    {
      rule: 'a call whose id was taken before, as where each turn counts anew',
      lines: [
        reply('a1', 'u0', [{ ...call, id: 'call_0', input: { command: 'a' } }]),
        user('u1', 'a1', result('call_0', 'boom', true)),
        reply('a2', 'u1', [{ ...call, id: 'call_0', input: { command: 'b' } }]),
        user('u2', 'a2', result('call_0', 'fine', false)),
      ],
      events: [
        'agent.tool_use Bash {"command":"a"}',
        'agent.tool_result Bash (tool_fault): boom',
        'agent.tool_use Bash {"command":"b"}',
        'agent.tool_result Bash: fine',
      ],
    },
    {
      rule: 'a call that is written down again, with its result, under ids that count anew or not',
      lines: ['call_0', 'toolu_1'].flatMap((id, i) => [
        reply(`a${i}`, 'u0', [{ ...call, id }]),
        user(`b${i}`, `a${i}`, result(id, 'boom', false)),
        reply(`c${i}`, `b${i}`, [{ ...call, id }]),
        user(`d${i}`, `c${i}`, result(id, 'boom', false)),
      ]),
      events: [
        'agent.tool_use Bash {}',
        'agent.tool_result Bash: boom',
        'agent.tool_use Bash {}',
        'agent.tool_result Bash: boom',
      ],
    },
    {
      rule: 'the same words without a time are not known to be a copy',
      lines: [user('u1', null, 'again'), user('u2', 'u1', 'again')],
      events: ['user.message again', 'user.message again'],
    },
  ])('$rule', ({ lines, events }) => {
    const entries = lines.map((value, index) => ({ line: index + 1, value }))
    expect([...parseClaudeCode(entries, SOURCE, () => {})].map(tale)).toEqual([events])
  })

  test('a model counts once a message, however many lines the message has', () => {
    const line = (id: string, model: string, text: string) => ({
      line: 1,
      value: { type: 'assistant', message: { id, model, content: [{ type: 'text', text }] } },
    })
    const lines = [line('m1', 'small', 'a'), line('m1', 'small', 'b'), line('m1', 'small', 'c')]
    lines.push(line('m2', 'large', 'd'), line('m3', 'large', 'e'))
    const [transcript] = parseClaudeCode(lines, SOURCE, () => {})
    expect(transcript!.session.agent_version).toBe('large')
  })
})

describe('what is known of a session', () => {
  test('usage counts a message once, with the numbers of its last line', () => {
    expect(first('5a1e0000-0000-4000-8000-000000000001').session.usage).toEqual({
      input_tokens: 15,
      output_tokens: 97,
      cache_read_input_tokens: 300,
      cache_creation_input_tokens: 20,
    })
  })

  test('the agent is the harness in its project, its version the model used most', () => {
    const { session, event_ids_survive_copying } = first('infrastructure')
    expect(session).toMatchObject({
      harness: 'claude-code',
      agent: 'claude-code:acme-api',
      agent_version: 'claude-opus-4-5-20251101',
      task: null,
      outcome: { result: 'unknown' },
    })
    expect(event_ids_survive_copying).toBe(true)
    expect(first('drift').session).toMatchObject({ agent: 'claude-code:unknown', agent_version: null })
  })

  test('a name that the user gave the agent wins', () => {
    const path = join(FIXTURES, 'rewind.jsonl')
    const [transcript] = parseClaudeCode(entriesOf(path), { path, agent: 'api' }, () => {})
    expect(transcript!.session.agent).toBe('api')
  })

  test('it begins at the first time and ends at the last, also when times run backwards', () => {
    expect(first('broken-chain').session).toMatchObject({
      started_at: '2026-03-02T06:00:00.000Z',
      ended_at: '2026-03-02T12:00:00.000Z',
    })
  })

  test('what was rewound does not move its beginning', () => {
    const line = (second: number, uuid: string, parentUuid: string | null) => ({
      line: second,
      value: {
        type: 'user',
        uuid,
        parentUuid,
        timestamp: `2026-03-02T09:00:0${second}Z`,
        message: { content: uuid },
      },
    })
    const lines = [line(1, 'asked', 'hook'), line(2, 'asked again', 'hook'), line(3, 'hook', null)]
    lines[2]!.value.type = 'progress'
    const [transcript] = parseClaudeCode(lines, SOURCE, () => {})
    expect(transcript!.session.started_at).toBe('2026-03-02T09:00:02.000Z')
  })

  test.each([
    {
      path: 'x/broken-chain.jsonl',
      id: 'broken-chain',
      why: 'the name of the file, which one of its lines carries',
    },
    {
      path: 'x/renamed.jsonl',
      id: 'newer-id',
      why: 'the last id, when no line carries the name of the file',
    },
  ])('its id is $why', ({ path, id }) => {
    const entries = entriesOf(join(FIXTURES, 'broken-chain.jsonl'))
    const [transcript] = parseClaudeCode(entries, { path, agent: null }, () => {})
    expect(transcript!.session.external_session_id).toBe(id)
  })

  test('without an id, the file gives its name', () => {
    const entries = [{ line: 1, value: { type: 'user', uuid: 'u1', message: { content: 'hello' } } }]
    const [transcript] = parseClaudeCode(entries, { path: 'C:\\logs\\today.jsonl', agent: null }, () => {})
    expect(transcript!.session.external_session_id).toBe('today')
  })
})

describe('event ids', () => {
  test('are the uuid of the line, and say which event of the line it is when there are several', () => {
    const uuid = '8b2ea12b-9afc-4adf-bf9c-0180ec7c18aa'
    const told = (content: unknown) =>
      [
        ...parseClaudeCode(
          [{ line: 1, value: { type: 'user', uuid, message: { content } } }],
          SOURCE,
          () => {},
        ),
      ][0]!
    expect(told('hello').session.events.map((it) => it.id)).toEqual(['sevt_8b2ea12b9afc4adfbf9c0180ec7c18aa'])
    expect(told('hello <system-reminder>x</system-reminder>').session.events.map((it) => it.id)).toEqual([
      'sevt_8b2ea12b9afc4adfbf9c0180ec7c18aa_0',
      'sevt_8b2ea12b9afc4adfbf9c0180ec7c18aa_1',
    ])
  })

  test('of lines without a uuid are derived, the same each time', () => {
    const [once, again] = [first('broken-chain'), first('broken-chain')].map(
      (it) => it.session.events.at(-1)!.id,
    )
    expect(once).toMatch(/^sevt_[0-9a-f]{24}$/)
    expect(again).toBe(once)
  })

  test('join a result, and a rejection, to its call', () => {
    const { events } = first('feedback').session
    const [call, result, confirmation] = events.slice(1)
    expect(result).toMatchObject({ tool_use_id: call!.id })
    expect(confirmation).toMatchObject({ tool_use_id: call!.id })
  })
})

describe('subagents', () => {
  test('that stand in the main file are sessions of their own', () => {
    const [main, ...others] = fixture('main-with-subagents').transcripts
    expect(tale(main!)).toEqual([
      'user.message Find every use of the old logger.',
      'agent.tool_use Task {"prompt":"Search src for oldLogger"}',
      'agent.tool_result Task: One use, in src/app.ts.',
      'agent.message There is one use.',
    ])
    expect(others.map((it) => it.session)).toMatchObject([
      {
        external_session_id: 'main-with-subagents/agent-a17',
        parent_external_session_id: 'main-with-subagents',
        agent: 'claude-code:acme-api',
        agent_version: 'claude-haiku-4-5',
      },
      {
        external_session_id: 'main-with-subagents/agent-y1',
        parent_external_session_id: 'main-with-subagents',
      },
    ])
    expect(others.map(tale)).toEqual([
      [
        'agent.thread_message_received Search src for oldLogger',
        'agent.tool_use Grep {"pattern":"oldLogger"}',
        'agent.tool_result Grep: src/app.ts:3',
        'agent.message One use, in src/app.ts.',
      ],
      ['agent.thread_message_received Search test for oldLogger', 'agent.message None in test.'],
    ])
  })

  test('that stand in a file of their own belong to the session of the folder', () => {
    const transcript = first('main-with-subagents/subagents/agent-b99')
    expect(transcript.session).toMatchObject({
      external_session_id: 'main-with-subagents/agent-b99',
      parent_external_session_id: 'main-with-subagents',
    })
    expect(tale(transcript)).toEqual([
      'agent.thread_message_received Count the TODO comments.',
      'agent.message There are four.',
      'agent.thread_message_received Only those in src.',
      'agent.message Three.',
    ])
  })

  test('can be spoken to by a person, when the harness says so', () => {
    const value = {
      type: 'user',
      isSidechain: true,
      origin: { kind: 'human' },
      message: { content: 'only in src' },
    }
    const [transcript] = parseClaudeCode([{ line: 1, value }], SOURCE, () => {})
    expect(tale(transcript!)).toEqual(['user.message only in src'])
  })
})

describe('input that is no transcript', () => {
  test('a file in which nobody says anything is reported and gives no session', () => {
    expect(fixture('silent')).toEqual({
      transcripts: [],
      problems: [{ line: null, reason: expect.stringMatching(/^no conversation in this file/) }],
    })
  })

  test('entries that are no objects are counted, and reported once', () => {
    const problems: Problem[] = []
    const values = [7, 'text', null, [], { type: 'user', message: { content: 'hello' } }]
    const entries = values.map((value, index) => ({ line: index + 1, value }))
    const [transcript] = parseClaudeCode(entries, SOURCE, (it) => problems.push(it))
    expect(transcript!.passed_over).toEqual({ malformed: 4 })
    expect(problems).toEqual([{ line: 1, reason: expect.stringContaining('not a JSON object') }])
  })

  test('lines that name each other as parents are all kept', () => {
    const line = (uuid: string, parentUuid: string) => ({
      line: 1,
      value: { type: 'user', uuid, parentUuid, message: { content: uuid } },
    })
    const [transcript] = parseClaudeCode([line('a', 'c'), line('b', 'a'), line('c', 'b')], SOURCE, () => {})
    expect(tale(transcript!)).toEqual(['user.message a', 'user.message b', 'user.message c'])
  })

  test('whatever the entries are, nothing is thrown and every event is one', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.jsonValue(), oddLine)), (values) => {
        const entries = values.map((value, index) => ({ line: index + 1, value }))
        const transcripts = [...parseClaudeCode(entries, SOURCE, () => {})]
        for (const { session } of transcripts) {
          for (const event of session.events) SessionEvent.parse(event)
          for (const it of session.events.filter(isToolResult))
            expect(it.error_class === null).toBe(!it.is_error)
        }
      }),
      { numRuns: 500 },
    )
  })
})

describe('isClaudeCode', () => {
  test.each([
    { value: { type: 'user', sessionId: 's', uuid: 'u', message: { role: 'user', content: 'x' } }, is: true },
    { value: { type: 'summary', summary: 's', leafUuid: 'u' }, is: true },
    { value: { type: 'file-history-snapshot', messageId: 'm', snapshot: {} }, is: true },
    { value: { type: 'queue-operation', operation: 'enqueue', sessionId: 's' }, is: true },
    { value: { type: 'system', subtype: 'x', sessionId: 's', uuid: 'u', isSidechain: false }, is: true },
    { value: { type: 'user', sessionId: 's', uuid: 'u', message: { role: 'user', parts: [] } }, is: false },
    { value: { type: 'system', subtype: 'init', sessionId: 's' }, is: false },
    { value: { type: 'user.message', id: 'sevt_1', content: [] }, is: false },
    { value: { role: 'user', content: 'x' }, is: false },
    { value: { messages: [{ role: 'user', content: 'x' }] }, is: false },
    { value: { id: '1', steps: [{ role: 'user', text: 'x' }] }, is: false },
    { value: { type: 'event_msg', timestamp: 't', payload: { type: 'user_message' } }, is: false },
    { value: null, is: false },
  ])('$value: $is', ({ value, is }) => {
    expect(isClaudeCode(value)).toBe(is)
    expect(isCodex(value) && is).toBe(false)
  })
})

const SOURCE = { path: 'session.jsonl', agent: null }

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('', 'a', 'b', '<system-reminder>', '[Request interrupted by user]'),
)

/** Lines that look like ours and hold anything. */
const oddLine = fc.record(
  {
    type: fc.oneof(
      odd,
      fc.constantFrom('user', 'assistant', 'system', 'attachment', 'tool_use', 'tool_result'),
    ),
    subtype: fc.oneof(odd, fc.constantFrom('api_error', 'local_command')),
    uuid: odd,
    parentUuid: odd,
    logicalParentUuid: odd,
    sessionId: odd,
    agentId: odd,
    timestamp: odd,
    cwd: odd,
    isSidechain: fc.boolean(),
    isMeta: odd,
    isCompactSummary: odd,
    isApiErrorMessage: odd,
    origin: odd,
    toolDenialKind: odd,
    toolUseResult: odd,
    content: odd,
    error: odd,
    attachment: fc.oneof(odd, fc.record({ commandMode: fc.constant('prompt'), prompt: odd })),
    name: odd,
    input: odd,
    message: fc.oneof(
      odd,
      fc.record(
        {
          id: odd,
          model: odd,
          usage: fc.oneof(odd, fc.record({ input_tokens: odd, output_tokens: fc.double() })),
          content: fc.oneof(
            odd,
            fc.array(
              fc.record(
                {
                  type: fc.oneof(
                    odd,
                    fc.constantFrom(
                      'text',
                      'thinking',
                      'tool_use',
                      'tool_result',
                      'web_search_tool_result',
                      'image',
                    ),
                  ),
                  id: odd,
                  tool_use_id: odd,
                  name: odd,
                  input: odd,
                  text: odd,
                  thinking: odd,
                  is_error: odd,
                  content: fc.oneof(odd, fc.array(odd)),
                  source: fc.oneof(odd, fc.record({ media_type: odd, data: odd })),
                },
                { requiredKeys: [] },
              ),
            ),
          ),
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
)

describe('the copy of a result that stands beside the message', () => {
  const message = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'out' }] }
  const entry = { type: 'user', uuid: 'u-1', timestamp: '2026-10-05T09:00:00Z', message }
  const copy = { stdout: 'x'.repeat(3_000), stderr: '', interrupted: false }

  test.each([
    { name: 'is not read', value: { ...entry, toolUseResult: copy }, read: entry },
    {
      name: 'is not read when a reference follows it',
      value: { ...entry, toolUseResult: copy, sourceToolAssistantUUID: 'u-0' },
      read: entry,
    },
    {
      name: 'is read when it says that the tool was interrupted',
      value: { ...entry, toolUseResult: { ...copy, interrupted: true } },
    },
    {
      name: 'is read when a person’s refusal stands behind it',
      value: { ...entry, toolUseResult: copy, toolDenialKind: 'user-rejected' },
    },
    { name: 'is read when the message stands behind it', value: { toolUseResult: copy, ...entry } },
    {
      name: 'is read when a long message stands behind it',
      value: { toolUseResult: copy, ...entry, message: { ...message, padding: 'y'.repeat(2_000) } },
    },
    { name: 'is read when the line is short', value: { ...entry, toolUseResult: { stdout: 'x' } } },
  ])('$name', ({ value, read }) => {
    const shorter = withoutResultCopy(JSON.stringify(value))
    expect(shorter === null ? undefined : JSON.parse(shorter)).toEqual(read)
  })

  test('of an entry inside another entry leaves no JSON, so that the line is read whole', () => {
    const nested = { type: 'progress', uuid: 'u-2', data: { message: { ...entry, toolUseResult: copy } } }
    const entries = [
      ...readEntries([Buffer.from(`${JSON.stringify(nested)}\n{"a":1}\n`)], () => {}, withoutResultCopy),
    ]
    expect(entries[0]!.value).toEqual(nested)
  })
})

test('entries without uuids that are glued on one line are told apart', () => {
  const said = (content: string) =>
    JSON.stringify({ type: 'user', sessionId: 's', message: { role: 'user', content } })
  const glued = [...readEntries([Buffer.from(`${said('Go on.')}${said('Stop.')}\n`)], () => {})]
  const [transcript] = [...parseClaudeCode(glued, { path: 's.jsonl', agent: null }, () => {})]
  const [first, second] = transcript!.session.events
  expect(first!.id).not.toBe(second!.id)
})
