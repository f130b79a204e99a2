import { expect, test } from 'vitest'
import { baselineMetrics } from '../../src/7-measure/baseline.ts'
import type { SessionMeasures } from '../../src/domain/measures.ts'

const QUIET: SessionMeasures = {
  ...{ completed: null, verified: false, duration_ms: null, edit_distance: null, escalated: false },
  ...{ refusals: 0, tool_calls: 0, tool_errors: 0, tokens: null, words: 0, tools: {} },
}
const sessions = (n: number, of: Partial<SessionMeasures>) =>
  Array.from({ length: n }, () => ({ ...QUIET, ...of }))

test('what a session does not say counts as unknown, and as nothing else', () => {
  const metrics = baselineMetrics([...sessions(8, { completed: 1 }), ...sessions(2, { completed: 0 })], 12)

  expect(metrics.find((it) => it.metric === 'completion')).toEqual({
    metric: 'completion',
    statistic: 'share',
    known: 10,
    unknown: 2,
    value: 0.8,
    // Wilson 1927.
    low: expect.closeTo(0.4902, 4),
    high: expect.closeTo(0.9433, 4),
  })
  expect(metrics.find((it) => it.metric === 'tokens')).toMatchObject({
    ...{ known: 0, unknown: 12, value: null, low: null, high: null },
  })
})

test.each([
  { metric: 'duration_ms', field: 'duration_ms', value: 10 },
  { metric: 'tokens', field: 'tokens', value: 10 },
  { metric: 'tool_errors', field: 'tool_errors', value: 145 },
  { metric: 'edit_distance', field: 'edit_distance', value: 145 },
])('one session that is far off moves $metric to $value', ({ metric, field, value }) => {
  const measures = [...sessions(9, { [field]: 10 }), ...sessions(1, { [field]: 1_360 })]

  expect(baselineMetrics(measures).find((it) => it.metric === metric)).toMatchObject({ value, known: 10 })
})

test('who was handed to a person is a share of all sessions that were measured', () => {
  const measures = [...sessions(1, { escalated: true }), ...sessions(3, {})]

  expect(baselineMetrics(measures, 5).find((it) => it.metric === 'escalation')).toMatchObject({
    ...{ value: 0.25, known: 4, unknown: 1 },
  })
})

test('each metric but that of lessons is told once, without sessions too', () => {
  const metrics = baselineMetrics([])

  expect(metrics.map((it) => it.metric).sort()).toEqual([
    ...['completion', 'duration_ms', 'edit_distance', 'escalation', 'tokens', 'tool_errors'],
  ])
  expect(metrics.every((it) => it.value === null && it.known === 0)).toBe(true)
})
