import { expect, test } from 'vitest'
import { utcTime } from '../../src/1-ingest/timestamp.ts'

test.each([
  { written: '2026-03-02T09:00:00.123Z', time: '2026-03-02T09:00:00.123Z' },
  { written: '2026-03-02T09:00:00Z', time: '2026-03-02T09:00:00.000Z' },
  { written: '2026-03-02T09:00:00.123456789Z', time: '2026-03-02T09:00:00.123Z' },
  { written: '2026-03-02T10:00:00+01:00', time: '2026-03-02T09:00:00.000Z' },
  { written: '2026-03-02T09:00:00', time: '2026-03-02T09:00:00.000Z' },
  { written: '2026-03-02 09:00:00', time: '2026-03-02T09:00:00.000Z' },
  { written: 1772442000000, time: '2026-03-02T09:00:00.000Z' },
  { written: 1772442000.5, time: '2026-03-02T09:00:00.500Z' },
  { written: '2026-03-02', time: null },
  { written: '2026-13-45T09:00:00+01:00', time: null },
  { written: 'yesterday', time: null },
  { written: 0, time: null },
  { written: -1, time: null },
  { written: 1e300, time: null },
  { written: Number.NaN, time: null },
  { written: null, time: null },
  { written: {}, time: null },
])('$written is $time', ({ written, time }) => {
  expect(utcTime(written)).toBe(time)
})
