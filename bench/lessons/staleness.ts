/**
 * How soon a lesson is stale when what it says stops happening, and how often one is that still holds.
 *
 * A lesson held on so many of 40 occasions; from then on it holds as often as before (a false alarm within 500 occasions is an error), or
 * less often (the delay is the number of occasions until the alarm).
 */
import { seeded } from '../../examples/compliance-desk/random.ts'
import { ALARM, detectorAfter, usualRate } from '../../src/3-mine/staleness.ts'
import type { Bar, Section } from './section.ts'

const HISTORY = 40
const HORIZON = 500
/**
 * The delays of mining.md 5.5, and a little room for chance. They are those of the lower end of an 80 % interval as usual rate, with which 7 to 9 % of
 * the lessons that hold are called stale; `staleness.ts` takes that of 95 %, is slower by a third, and wrong a fifth as often.
 */
const CHANGES = [
  { from: 0.9, to: 0.1, delay: 7 },
  { from: 0.9, to: 0.5, delay: 18 },
  { from: 0.7, to: 0.4, delay: 42 },
]
const MOST_FALSE_ALARMS = 0.03

export function staleness(runs = 2_000): Section {
  const measured = CHANGES.map(({ from, to, delay }, i) => {
    const calm = alarms(runs, from, from, 2 * i + 1)
    const changed = alarms(runs, from, to, 2 * i + 2)
    return { from, to, limit: delay, ...summary(calm, changed) }
  })
  return {
    name: 'staleness',
    about: `a lesson with a history of ${HISTORY} occasions that stops holding, ${runs} runs; alarms in ${HORIZON} occasions while it holds are false`,
    rows: measured.map((it) => ({
      held: percent(it.from),
      'holds now': percent(it.to),
      'false alarms': percent(it.false_alarms),
      'median delay': it.delay,
      '90 % within': it.late,
      missed: percent(it.missed),
    })),
    bars: [
      {
        name: 'most false alarms',
        value: Math.max(...measured.map((it) => it.false_alarms)),
        limit: MOST_FALSE_ALARMS,
        is: 'at most',
      },
      ...measured.map(({ from, to, delay, limit }): Bar => {
        return {
          name: `median delay of ${percent(from)} to ${percent(to)}`,
          value: delay,
          limit,
          is: 'at most',
        }
      }),
    ],
    skipped: null,
  }
}

/** For each run, the occasion on which the alarm was raised; infinity when it never was. */
function alarms(runs: number, from: number, to: number, seed: number): number[] {
  const random = seeded(seed)
  const times = (n: number, share: number) => Array.from({ length: n }, () => random.chance(share))
  return Array.from({ length: runs }, () => {
    const usual_rate = usualRate({ held: times(HISTORY, from).filter((it) => it).length, n: HISTORY })
    let detector = 0
    for (const [i, held] of times(HORIZON, to).entries()) {
      detector = detectorAfter([held], detector, usual_rate)
      if (detector >= ALARM) return i + 1
    }
    return Number.POSITIVE_INFINITY
  })
}

function summary(calm: number[], changed: number[]) {
  const sorted = changed.toSorted((a, b) => a - b)
  return {
    false_alarms: calm.filter(Number.isFinite).length / calm.length,
    delay: sorted[Math.floor(sorted.length / 2)]!,
    late: sorted[Math.floor(0.9 * sorted.length)]!,
    missed: sorted.filter((it) => !Number.isFinite(it)).length / sorted.length,
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(share === 0 || share >= 0.1 ? 0 : 1)} %`
}
