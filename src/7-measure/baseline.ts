/** Baseline: sessions in, each metric with its 95 % interval out. What a session does not say is counted as unknown, never guessed. */
import type { BaselineMetric } from '../domain/baseline.ts'
import type { SessionMeasures } from '../domain/measures.ts'
import { wilsonInterval } from '../domain/proportion.ts'
import { type Interval, meanInterval, medianInterval } from './interval.ts'

/** Of `n` sessions, the measures of those that have any. */
export function baselineMetrics(measures: SessionMeasures[], n = measures.length): BaselineMetric[] {
  return READINGS.map(({ metric, statistic, most, of }) => {
    const values = measures.map(of).filter((it) => it !== null)
    const interval = INTERVALS[statistic](values, most) ?? { value: null, low: null, high: null }
    return { metric, statistic, known: values.length, unknown: n - values.length, ...interval }
  })
}

const INTERVALS: Record<BaselineMetric['statistic'], (values: number[], most?: number) => Interval | null> = {
  share: shareInterval,
  mean: meanInterval,
  median: medianInterval,
}

function shareInterval(values: number[]): Interval | null {
  if (values.length === 0) return null
  const k = values.reduce((sum, it) => sum + it, 0)
  const [low, high] = wilsonInterval(k, values.length)
  return { value: k / values.length, low, high }
}

type Reading = Pick<BaselineMetric, 'metric' | 'statistic'> & {
  of: (it: SessionMeasures) => number | null
  /** More is not possible. */
  most?: number
}

/** Time and tokens have long tails, of which the median knows nothing; of errors and edits most sessions have none, so it would be 0. */
const READINGS: Reading[] = [
  { metric: 'completion', statistic: 'share', of: (it) => it.completed },
  { metric: 'duration_ms', statistic: 'median', of: (it) => it.duration_ms },
  { metric: 'edit_distance', statistic: 'mean', most: 1, of: (it) => it.edit_distance },
  { metric: 'escalation', statistic: 'share', of: (it) => Number(it.escalated) },
  { metric: 'tool_errors', statistic: 'mean', of: (it) => it.tool_errors },
  { metric: 'tokens', statistic: 'median', of: (it) => it.tokens },
]
