import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reviewSession } from '../../src/2-review/review.ts'
import { ErrorClass, SessionEvent } from '../../src/domain/event.ts'
import { UNKNOWN_OUTCOME } from '../../src/domain/outcome.ts'
import { Observation } from '../../src/domain/review.ts'
import { answer, call, error, result, SATISFIED, say, session, UNSATISFIED } from '../session-builder.ts'

const refund = {
  ...session(
    say('Refund order 17.'),
    call('find_order', { order: '17' }),
    error('order 17 not found'),
    call('find_order', { order: '#W17' }),
    result(),
    answer('Done.'),
    say('No, use the case number in the subject.'),
  ),
  outcome: UNSATISFIED,
}

test('a review is a function of the session alone', () => {
  const first = reviewSession(refund)
  reviewSession(session(say('something else')))

  expect(reviewSession(structuredClone(refund))).toEqual(first)
  expect(
    reviewSession({ ...refund, agent: 'other', external_session_id: 'other', started_at: null }),
  ).toEqual(first)
  expect(new Set(first.map((it) => it.channel))).toEqual(
    new Set(['call', 'repair', 'session', 'approval', 'correction', 'temporal']),
  )
})

test('a review changes nothing in the session', () => {
  const before = structuredClone(refund)
  reviewSession(refund)
  expect(refund).toEqual(before)
})

describe('any session', () => {
  const words = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 80 }),
    fc.constantFrom(
      'Error: order 17 not found',
      'No, always use the case number.',
      '{"error": "x"}',
      '\n---\n',
      '',
    ),
  )
  const name = fc.oneof(
    fc.constantFrom(
      'look',
      'look_again',
      'Bash',
      'shell',
      '__proto__',
      'constructor',
      'toString',
      ' ',
      '',
      'a\n---\nb',
    ),
    words,
  )
  const input = fc.dictionary(
    fc.oneof(fc.constantFrom('command', 'path', '__proto__', 'constructor'), words),
    fc.oneof(words, fc.jsonValue({ maxDepth: 2 })),
    { maxKeys: 4 },
  )
  const id = fc.constantFrom('1', '2', '3', '4', '5', '6')
  const base = { id, processed_at: fc.constant(null) }
  const content = fc.array(fc.record({ type: fc.constant('text' as const), text: words }), { maxLength: 2 })
  const toolResult = {
    ...base,
    content,
    is_error: fc.boolean(),
    error_class: fc.option(fc.constantFrom(...ErrorClass.options)),
    exit_code: fc.option(fc.integer({ min: -1, max: 255 })),
  }
  const type = <T extends string>(it: T) => fc.constant(it)
  const event: fc.Arbitrary<SessionEvent> = fc.oneof(
    fc.record({ type: type('agent.tool_use'), ...base, name, input }),
    fc.record({ type: type('agent.mcp_tool_use'), ...base, name, input, mcp_server_name: words }),
    fc.record({ type: type('agent.custom_tool_use'), ...base, name, input }),
    fc.record({ type: type('agent.tool_result'), ...toolResult, tool_use_id: id }),
    fc.record({ type: type('agent.mcp_tool_result'), ...toolResult, mcp_tool_use_id: id }),
    fc.record({ type: type('user.custom_tool_result'), ...toolResult, custom_tool_use_id: id }),
    fc.record({ type: type('user.tool_result'), ...toolResult, tool_use_id: id }),
    fc.record({
      type: fc.constantFrom(
        'user.message',
        'agent.message',
        'system.message',
        'agent.thinking',
        'agent.thread_message_received',
        'agent.thread_context_compacted',
      ),
      ...base,
      content,
    }),
    fc.record({ type: type('user.interrupt'), ...base }),
    fc.record({
      type: type('user.tool_confirmation'),
      ...base,
      tool_use_id: id,
      result: fc.constantFrom('allow', 'deny'),
      deny_message: fc.option(words),
    }),
    fc.record({
      type: type('user.feedback'),
      ...base,
      feedback: fc.oneof(
        fc.record({ kind: fc.constantFrom('approval', 'rejection'), comment: fc.option(words) }),
        fc.record({ kind: type('edit'), before: words, after: words, comment: fc.option(words) }),
        fc.record({ kind: type('rating'), rating: fc.integer(), comment: fc.option(words) }),
      ),
    }),
    fc.record({ type: type('user.define_outcome'), ...base, description: words, rubric: fc.option(words) }),
    fc.record({ type: type('session.error'), ...base, error: fc.record({ type: words, message: words }) }),
    fc.record({ type: type('session.status_idle'), ...base, stop_reason: fc.option(words) }),
    fc.record({ type: type('session.outcome'), ...base, outcome: fc.constant(UNKNOWN_OUTCOME) }),
  ) as fc.Arbitrary<SessionEvent>

  test('has a review whose every observation points at events that are there', () => {
    fc.assert(
      fc.property(
        fc.array(event, { maxLength: 30 }),
        fc.constantFrom(SATISFIED, UNSATISFIED, UNKNOWN_OUTCOME),
        (events, outcome) => {
          for (const it of events) SessionEvent.parse(it)
          for (const it of reviewSession({ ...session(), events, outcome })) {
            Observation.parse(it)
            for (const at of [it.event, ...Object.values(it.traits)]) expect(events[at]).toBeDefined()
            for (const key of [it.context, ...Object.keys(it.traits)])
              expect(key).toMatch(/^[^\p{Cc}\p{Cs}]+$/u)
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  test('shows a trait in a context at most once, so that counts are counts of sessions', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        const shown = reviewSession({ ...session(), events, outcome: SATISFIED }).flatMap(
          ({ context, bad, traits }) =>
            // Of sentences the agent wrote the share counts. A person may say the same words as a correction and otherwise.
            context.endsWith(' written')
              ? []
              : Object.keys(traits).map((it) => `${context}|${it}${context === 'said' ? bad : ''}`),
        )
        expect(new Set(shown).size).toBe(shown.length)
      }),
      { numRuns: 500 },
    )
  })
})
