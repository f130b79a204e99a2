import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isClaudeCode } from '../../src/1-ingest/claude-code.ts'
import { isCodex, parseCodex } from '../../src/1-ingest/codex.ts'
import type { Problem } from '../../src/1-ingest/transcript.ts'
import { isToolResult, SessionEvent } from '../../src/domain/event.ts'
import { entriesOf, parsed, tale } from './told.ts'

const FIXTURES = join(dirname(fileURLToPath(import.meta.url)), '../fixtures/codex')
const ROLLOUT = 'rollout-2026-03-02T09-00-00-019a0000-0000-7000-8000-000000000001'
const fixture = (name: string) => parsed(parseCodex, join(FIXTURES, `${name}.jsonl`))
const first = (name: string) => fixture(name).transcripts[0]!

describe('a session is told as it happened', () => {
  test.each([
    {
      rule: 'what is said twice is told once, and how a call went is taken from wherever it is said',
      name: ROLLOUT,
      events: [
        'system.message <permissions instructions>Ask before you write.</permissions instructions>',
        expect.stringMatching(/^system.message # AGENTS.md instructions[\s\S]*<\/environment_context>$/),
        'user.message Why does the invoice test fail?',
        'agent.thinking Run the test',
        'agent.thinking',
        'agent.tool_use exec_command {"cmd":"npm test"}',
        'agent.tool_use shell {"command":["rg","total"]}',
        'agent.tool_result shell (exit_code 2): no match',
        expect.stringMatching(/^agent.tool_result exec_command \(exit_code 1\): Chunk ID[\s\S]*1 failed$/),
        'agent.tool_use shell {"command":["cat","a.txt"]}',
        'agent.tool_result shell (exit_code 3): ',
        'agent.tool_use apply_patch {"raw":"*** Begin Patch\\n*** End Patch"}',
        'agent.tool_result apply_patch (tool_fault): hunk 1 does not apply',
        'agent.tool_use tracker__create_issue {"raw":"{not json"}',
        'agent.tool_result tracker__create_issue (tool_fault): title is required',
        'agent.tool_use tracker__list {}',
        'agent.tool_result tracker__list: Error: is the title of issue 7\n[image: image/png, 3 KB]',
        'agent.tool_use web_search {"type":"search","query":"rounding"}',
        'agent.tool_use local_shell {"type":"exec","command":["ls"]}',
        expect.stringMatching(
          /^agent.tool_result local_shell \(exit 0\): [\s\S]*Error: is the name of a file$/,
        ),
        'agent.message The total is rounded twice.',
      ],
      passed_over: {
        'event_msg/task_complete': 1,
        'response_item/ghost_snapshot': 1,
        world_state: 1,
        echo: 3,
      },
    },
    {
      rule: 'rejections and interrupts are words of a person, the text that tells the model of them is not',
      name: 'feedback',
      events: [
        'user.message Clean the branch up.',
        'agent.tool_use shell {"command":["git","push","--force"]}',
        'agent.tool_result shell (user_rejection): exec command rejected by user',
        'user.tool_confirmation deny shell: -',
        'agent.tool_use shell {"command":["git","reset"]}',
        'agent.tool_result shell (user_rejection -1): declined',
        'user.tool_confirmation deny shell: -',
        'agent.tool_use shell {"command":["sleep","99"]}',
        'user.interrupt',
        'agent.tool_result shell (interrupt): aborted by user after 2.1s',
        'system.message <turn_aborted>\nThe user interrupted the previous turn.\n</turn_aborted>',
        expect.stringMatching(/^system.message # Context from my IDE setup:/),
        'user.message Do it by a pull request.',
        'session.error stream disconnected before completion',
        'agent.message The pull request is open.',
      ],
      passed_over: { 'event_msg/turn_aborted': 1 },
    },
    {
      rule: 'where only the screen was kept, the screen is the record',
      name: 'only-the-screen',
      events: [
        'system.message <environment_context>\n<cwd>/x</cwd>\n</environment_context>',
        'user.message List the routes.',
        'agent.thinking Look at the router',
        'agent.message There are three.',
        'agent.thread_context_compacted',
      ],
      passed_over: {},
    },
    {
      rule: 'a compaction does not tell the history again',
      name: 'compacted',
      events: [
        'user.message Port the job.',
        'agent.message Half is ported.',
        'agent.thread_context_compacted The job is half ported.',
        'user.message Go on.',
        'agent.message Ported.',
      ],
      passed_over: { echo: 1 },
    },
    {
      rule: 'items that a fork repeats count once, a person who says the same twice is heard twice',
      name: 'forked',
      events: [
        'user.message Rename the package.',
        'agent.tool_use shell {"command":["mv","a","b"]}',
        'agent.tool_result shell: ',
        'agent.message Renamed.',
        'user.message And the imports.',
        'user.message And the imports.',
      ],
      passed_over: { session_meta: 1, copied: 4 },
    },
    {
      rule: 'in a subagent the user is another agent',
      name: 'subagent',
      events: [
        'system.message <environment_context>\n<cwd>/x</cwd>\n</environment_context>',
        'agent.thread_message_received Search for the old logger.',
        'agent.thread_message_received Only in src.',
        'agent.message One use.',
      ],
      passed_over: {},
    },
    {
      rule: 'bare messages and calls of early versions',
      name: 'bare-2025',
      events: [
        'user.message Translate hello',
        'agent.tool_use translate {"text":"hello"}',
        'agent.tool_result translate (exit_code 6): no network',
        'agent.message I could not.',
        'session.error gone',
      ],
      passed_over: {},
    },
    {
      rule: 'bare items below a header of early versions',
      name: 'bare-rollout',
      events: [
        'user.message List the files.',
        'agent.tool_use shell {"command":["ls"]}',
        'agent.tool_result shell (exit 0): a.txt\n',
        'agent.message One file.',
      ],
      passed_over: { state: 1 },
    },
  ])('$rule', ({ name, events, passed_over }) => {
    const { transcripts, problems } = fixture(name)
    expect(transcripts).toHaveLength(1)
    expect(tale(transcripts[0]!)).toEqual(events)
    expect(transcripts[0]!.passed_over).toEqual(passed_over)
    expect(problems).toEqual([])
  })
})

describe('what is known of a session', () => {
  test('agent, version, times, and the tokens of the last total, cached ones apart', () => {
    const { session, event_ids_survive_copying } = first(ROLLOUT)
    expect(session).toMatchObject({
      harness: 'codex',
      external_session_id: '019a0000-0000-7000-8000-000000000001',
      agent: 'codex:acme-api',
      agent_version: 'gpt-5.2',
      parent_external_session_id: null,
      started_at: '2026-03-02T09:00:03.000Z',
      ended_at: '2026-03-02T09:00:30.000Z',
      outcome: { result: 'unknown' },
      usage: {
        input_tokens: 500,
        output_tokens: 90,
        cache_read_input_tokens: 2000,
        cache_creation_input_tokens: 0,
      },
    })
    expect(event_ids_survive_copying).toBe(false)
  })

  test.each([
    { name: 'feedback', known: { external_session_id: 'feedback-session', agent_version: 'gpt-5.2' } },
    { name: 'forked', known: { external_session_id: 'forked', parent_external_session_id: null } },
    { name: 'subagent', known: { external_session_id: 'child', parent_external_session_id: 'parent' } },
    {
      name: 'bare-2025',
      known: { external_session_id: 'bare-2025', agent: 'codex:unknown', agent_version: 'o4-mini' },
    },
    { name: 'bare-rollout', known: { external_session_id: 'old-session', started_at: null } },
  ])('of $name: $known', ({ name, known }) => {
    expect(first(name).session).toMatchObject(known)
  })

  test.each([
    { why: 'the one in the name of the file', path: 'rollout-2026-03-02-new.jsonl', id: 'new' },
    { why: 'the first, when the file was renamed', path: 'mine.jsonl', id: 'old' },
  ])('its id is $why, when a resumed file has several', ({ path, id }) => {
    const values = [
      { type: 'session_meta', payload: { id: 'old', parent_thread_id: 'root' } },
      { type: 'session_meta', payload: { id: 'new' } },
      { type: 'response_item', payload: { type: 'message', role: 'user', content: 'hello' } },
    ]
    const entries = values.map((value, index) => ({ line: index + 1, value }))
    const [transcript] = parseCodex(entries, { path, agent: null }, () => {})
    expect(transcript!.session).toMatchObject({ external_session_id: id, parent_external_session_id: 'root' })
  })

  test('a command that ended well did not fail, whatever it printed', () => {
    const output = JSON.stringify({ output: 'Error: is a word', metadata: { exit_code: 0 } })
    const values = [
      { type: 'function_call', name: 'shell', call_id: 'call_1', arguments: '{}' },
      { type: 'function_call_output', call_id: 'call_1', output },
    ]
    const entries = values.map((value, index) => ({ line: index + 1, value }))
    const [transcript] = parseCodex(entries, SOURCE, () => {})
    expect(tale(transcript!)).toEqual([
      'agent.tool_use shell {}',
      'agent.tool_result shell (exit 0): Error: is a word',
    ])
  })

  test('ids of calls may count anew in every turn; what is written down again counts once', () => {
    const turn = (command: string, output: string) => [
      { type: 'function_call', name: 'shell', call_id: 'call_0', arguments: JSON.stringify({ command }) },
      { type: 'function_call_output', call_id: 'call_0', output },
    ]
    const turns = [...turn('a', 'Error: boom'), ...turn('b', 'fine'), ...turn('c', 'fine')]
    const entries = [...turns, ...turns].map((value, index) => ({ line: index + 1, value }))
    const [transcript] = parseCodex(entries, SOURCE, () => {})
    expect(tale(transcript!)).toEqual([
      'agent.tool_use shell {"command":"a"}',
      'agent.tool_result shell (tool_fault): Error: boom',
      'agent.tool_use shell {"command":"b"}',
      'agent.tool_result shell: fine',
      'agent.tool_use shell {"command":"c"}',
      'agent.tool_result shell: fine',
    ])
    expect(transcript!.passed_over).toEqual({ copied: 6 })
  })

  test('a name that the user gave the agent wins', () => {
    const path = join(FIXTURES, 'compacted.jsonl')
    const [transcript] = parseCodex(entriesOf(path), { path, agent: 'api' }, () => {})
    expect(transcript!.session.agent).toBe('api')
  })

  test('events are numbered, and a result names the event of its call', () => {
    const { events } = first('bare-rollout').session
    // The first 12 digits of the SHA-256 of `old-session`.
    expect(events.map((it) => it.id)).toEqual([0, 1, 2, 3].map((n) => `sevt_13c49aa4e416_${n}`))
    expect(events[2]).toMatchObject({ tool_use_id: 'sevt_13c49aa4e416_1' })
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
    const values = [
      7,
      'text',
      null,
      [],
      { created_at: '2026-03-02T09:00:00Z', role: 'user', content: 'hello' },
    ]
    const entries = values.map((value, index) => ({ line: index + 1, value }))
    const [transcript] = parseCodex(entries, SOURCE, (it) => problems.push(it))
    expect(transcript!.passed_over).toEqual({ malformed: 4 })
    expect(problems).toEqual([{ line: 1, reason: expect.stringContaining('not a JSON object') }])
  })

  test('what the screen says of a call that the record does not have is counted', () => {
    const line = (type: string, payload: object) => ({ line: 1, value: { type, payload } })
    const [transcript] = parseCodex(
      [
        line('response_item', { type: 'message', role: 'user', content: 'hello' }),
        line('event_msg', { type: 'exec_command_end', call_id: 'call_9', exit_code: 1 }),
      ],
      SOURCE,
      () => {},
    )
    expect(transcript!.passed_over).toEqual({ 'event_msg/exec_command_end': 1 })
  })

  test('whatever the entries are, nothing is thrown and every event is one', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.jsonValue(), oddLine, bareLine)), (values) => {
        const entries = values.map((value, index) => ({ line: index + 1, value }))
        const transcripts = [...parseCodex(entries, SOURCE, () => {})]
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

describe('isCodex', () => {
  test.each([
    { value: { timestamp: 't', type: 'session_meta', payload: { id: 'x' } }, is: true },
    { value: { timestamp: 't', type: 'response_item', payload: { type: 'message' } }, is: true },
    { value: { created_at: 't', role: 'user', message: 'x' }, is: true },
    { value: { timestamp: 't', role: 'user', content: 'x', model: 'o4-mini' }, is: true },
    { value: { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'x' }] }, is: true },
    { value: { id: 'x', timestamp: 't', instructions: null }, is: true },
    { value: { created_at: 't', type: 'function_call', function: { name: 'x' } }, is: true },
    { value: { timestamp: 't', role: 'user', content: 'x' }, is: false },
    { value: { role: 'user', content: 'x' }, is: false },
    { value: { type: 'message', id: 'm', message: { role: 'user', content: [] } }, is: false },
    { value: { type: 'tool_call', timestamp: 't', session_id: 's', toolName: 'x' }, is: false },
    { value: { type: 'tool_result', timestamp: 't', sessionId: 's', name: 'x' }, is: false },
    { value: { type: 'user', sessionId: 's', uuid: 'u', message: { content: 'x' } }, is: false },
    { value: { type: 'user.message', id: 'sevt_1', content: [], processed_at: 't' }, is: false },
    { value: { id: '1', steps: [{ role: 'user', text: 'x' }] }, is: false },
    { value: [], is: false },
  ])('$value: $is', ({ value, is }) => {
    expect(isCodex(value)).toBe(is)
    expect(isClaudeCode(value) && is).toBe(false)
  })
})

const SOURCE = { path: 'rollout.jsonl', agent: null }

const odd = fc.oneof(
  fc.jsonValue({ maxDepth: 2 }),
  fc.constantFrom('', 'a', 'b', '{"output":"x","metadata":{}}'),
)

const item = fc.record(
  {
    type: fc.oneof(
      odd,
      fc.constantFrom('message', 'reasoning', 'function_call', 'function_call_output', 'custom_tool_call'),
      fc.constantFrom('local_shell_call', 'web_search_call', 'tool_search_call', 'agent_message'),
      fc.constantFrom('user_message', 'turn_aborted', 'token_count', 'error', 'context_compacted'),
      fc.constantFrom('exec_command_end', 'patch_apply_end', 'mcp_tool_call_end'),
    ),
    role: fc.oneof(odd, fc.constantFrom('user', 'assistant', 'developer')),
    id: odd,
    call_id: odd,
    name: odd,
    function: odd,
    arguments: odd,
    input: odd,
    action: odd,
    output: fc.oneof(odd, fc.record({ output: odd, metadata: fc.record({ exit_code: odd }) })),
    result: fc.oneof(odd, fc.record({ Ok: odd })),
    content: fc.oneof(
      odd,
      fc.array(fc.record({ type: odd, text: odd, image_url: odd }, { requiredKeys: [] })),
    ),
    summary: odd,
    message: odd,
    text: odd,
    reason: fc.oneof(odd, fc.constant('interrupted')),
    info: fc.oneof(odd, fc.record({ total_token_usage: fc.record({ input_tokens: odd }) })),
    exit_code: odd,
    success: odd,
    status: fc.oneof(odd, fc.constant('declined')),
    source: odd,
    model: odd,
    cwd: odd,
  },
  { requiredKeys: [] },
)

/** Lines that look like ours and hold anything. */
const oddLine = fc.record({
  timestamp: odd,
  type: fc.oneof(
    odd,
    fc.constantFrom('session_meta', 'turn_context', 'response_item', 'event_msg', 'compacted', 'world_state'),
  ),
  payload: fc.oneof(odd, item),
})

const bareLine = fc
  .tuple(item, fc.record({ created_at: odd, type: odd }, { requiredKeys: [] }))
  .map(([a, b]) => ({ ...a, ...b }))
