import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { detectHarness, parsers } from '../../src/1-ingest/detect.ts'
import { readEntries } from '../../src/1-ingest/entries.ts'
import { Harness, Session } from '../../src/domain/session.ts'

/** A session as a parser gives it. */
const Parsed = Session.omit({ id: true })

/** Reads bytes as every harness there is: none may throw, and every session must be one. */
function readAsAll(bytes: Buffer): void {
  const entries = [...readEntries([bytes], () => {})]
  for (const { value } of entries) JSON.stringify(value)
  const detected = detectHarness(entries)
  if (detected !== null) expect(Harness.options).toContain(detected)
  for (const harness of Harness.options) {
    for (const { session } of parsers[harness](entries, { path: 'any.jsonl', agent: null }, () => {})) {
      const parsed = Parsed.safeParse(session)
      if (!parsed.success) throw new Error(`${harness}: ${parsed.error.message}`)
      const ids = session.events.map((it) => it.id)
      expect(new Set(ids).size, `${harness}: event ids are unique`).toBe(ids.length)
    }
  }
}

const fixtures = Harness.options.flatMap((harness) => {
  const folder = join(import.meta.dirname, '../fixtures', harness)
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((it) => /\.jsonl?$/.test(it))
    .sort()
    .map((it) => readFileSync(join(folder, it)))
})

/** Lines of the fixtures, damaged as files are: cut, repeated, glued, reordered, bits turned, bytes lost. */
const damaged = fc
  .record({
    fixture: fc.constantFrom(...fixtures),
    order: fc.array(fc.nat(), { maxLength: 12 }),
    glue: fc.constantFrom('\n', '\n', '\r\n', '', ' ', '\n\n'),
    hits: fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(40)), { maxLength: 4 }),
    end: fc.nat(),
    is_cut: fc.boolean(),
  })
  .map(({ fixture, order, glue, hits, end, is_cut }) => {
    const lines = fixture.toString().trim().split('\n')
    const chosen = order.length === 0 ? lines : order.map((it) => lines[it % lines.length]!)
    let bytes = Buffer.from(chosen.join(glue))
    for (const [at, byte, lost] of hits) {
      const place = at % (bytes.length + 1)
      bytes = Buffer.concat([bytes.subarray(0, place), Buffer.from([byte]), bytes.subarray(place + lost)])
    }
    return is_cut ? bytes.subarray(0, end % (bytes.length + 1)) : bytes
  })

const keys = [
  'type', 'role', 'content', 'message', 'messages', 'steps', 'calls', 'tool_calls', 'function', 'arguments', 'id',
  'uuid', 'parentUuid', 'sessionId', 'payload', 'timestamp', 'processed_at', 'outcome', 'success', 'events', 'session',
  'data', 'tool_use_id', 'input', 'name', 'is_error', 'model_usage', 'usage', 'request', 'response', 'choices',
  'feedback', 'kind', 'text', 'args', 'result', 'output', 'call_id', 'ts', '__proto__', 'constructor', 'toString',
] // biome-ignore format: a list of words reads best as one
const words = [
  'user', 'assistant', 'tool', 'system', 'feedback', 'text', 'tool_use', 'tool_result', 'image', 'session', 'function',
  'user.message', 'agent.tool_use', 'agent.tool_result', 'user.feedback', 'session.outcome', 'session.error',
  'span.model_request_end', 'span.outcome_evaluation_end', 'response_item', 'event_msg', 'session_meta', 'compacted',
  'function_call', 'function_call_output', 'turn_context', 'summary', '2026-11-03T09:00:00Z', '', '__proto__',
] // biome-ignore format: a list of words reads best as one

/** Any JSON made of the words of the formats, so that it gets past the first look. */
const lookalike = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, depthSize: 'small' },
    fc.constantFrom<unknown>(...words, null, true, false, 0, -1, 1e308, 2 ** 60, 1.5),
    tie('object'),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
  object: fc.array(fc.tuple(fc.constantFrom(...keys), tie('value')), { maxLength: 6 }).map((pairs) => {
    const members = pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
    return JSON.parse(`{${[...members].join(',')}}`) as unknown
  }),
}))

describe('whatever the bytes are, no parser throws and every session is one', () => {
  test('any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => readAsAll(Buffer.from(bytes))),
      { numRuns: 300 },
    )
  })

  test('damaged transcripts', () => {
    fc.assert(
      fc.property(damaged, (bytes) => readAsAll(bytes)),
      { numRuns: 400 },
    )
  })

  test('JSON that uses the words of the formats', () => {
    const lines = fc.array(lookalike.object, { minLength: 1, maxLength: 5 })
    fc.assert(
      fc.property(lines, (values) =>
        readAsAll(Buffer.from(values.map((it) => JSON.stringify(it)).join('\n'))),
      ),
      { numRuns: 1_000 },
    )
  })
})

test('the fixtures themselves are read as what they are', () => {
  expect(fixtures.length).toBeGreaterThanOrEqual(Harness.options.length)
  for (const bytes of fixtures) readAsAll(bytes)
})
