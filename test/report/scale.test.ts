import fc from 'fast-check'
import { expect, test } from 'vitest'
import { dayScale, scaleOf } from '../../src/report/scale.ts'

test.each([
  { low: 0, high: 1, ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] },
  { low: -0.04, high: 0.23, ticks: [-0.1, 0, 0.1, 0.2, 0.3] },
  { low: 0, high: 14, ticks: [0, 5, 10, 15] },
  { low: 3, high: 3, ticks: [3, 3.2, 3.4, 3.6, 3.8, 4] },
  { low: 0, high: 0, ticks: [0, 0.2] },
])('from $low to $high stand $ticks', ({ low, high, ticks }) => {
  expect(scaleOf([low, high], [0, 100]).ticks.slice(0, ticks.length)).toEqual(ticks)
})

test('every value has its place between the ends, in order', () => {
  const Value = fc.double({ min: -1e6, max: 1e6, noNaN: true })
  fc.assert(
    fc.property(Value, Value, Value, (a, b, c) => {
      const [low, middle, high] = [a, b, c].sort((x, y) => x - y) as [number, number, number]
      const { at, ticks } = scaleOf([low, high], [0, 100])
      expect(at(low)).toBeGreaterThanOrEqual(-1e-6)
      expect(at(high)).toBeLessThanOrEqual(100 + 1e-6)
      expect(at(middle)).toBeGreaterThanOrEqual(at(low) - 1e-6)
      expect(ticks.length).toBeLessThan(12)
    }),
  )
})

test('of many days a few stand beside the axis', () => {
  const days = Array.from({ length: 60 }, (_, i) =>
    new Date(Date.UTC(2026, 0, 1 + i)).toISOString().slice(0, 10),
  )
  const { at, ticks } = dayScale(days, [0, 590])

  expect(ticks.length).toBeLessThanOrEqual(8)
  expect(at('2026-01-01')).toBe(0)
  expect(at('2026-01-02')).toBe(10)
  expect(dayScale(['2026-01-01'], [0, 590]).at('2026-01-01')).toBe(295)
})
