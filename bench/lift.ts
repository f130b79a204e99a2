/**
 * Whether the intervals of lifts are right on all nights together, how often a lesson that does nothing is kept, and what can be shown.
 *
 *     npm run bench:lift [-- --runs 1000]
 *
 * Each run is one experiment of 1,000 sessions in 200 nights, with eight intents. It takes about a minute, and ends with 1 when an interval is
 * right less often than it says, or what does nothing is kept more often.
 */
import { parseArgs } from 'node:util'
import { type Coverage, coverageOf, type Setting } from './lift/coverage.ts'

const { values } = parseArgs({ options: { runs: { type: 'string', default: '1000' } } })
const runs = Number(values.runs)

const SHARES = [
  { name: '10 %', control_share: () => 0.1 },
  { name: '50 %', control_share: () => 0.5 },
  { name: '5 %', control_share: () => 0.05 },
  { name: '50, then 10, then 5 %', control_share: (n: number) => (n < 120 ? 0.5 : n < 500 ? 0.1 : 0.05) },
  { name: 'by verdict', control_share: 'by verdict' as const },
  { name: 'pairs', control_share: 'pairs' as const },
]

const nulls: Setting[] = SHARES.flatMap((share) =>
  [0, 1.5].flatMap((intents) => [
    ...[0.05, 0.3, 0.7].map((p) => ({
      name: `${p} in both arms${alike(intents)}, control ${share.name}`,
      control_share: share.control_share,
      intents,
      outcome: { treatment: p, control: p },
    })),
    {
      name: `skewed amounts${alike(intents)}, control ${share.name}`,
      control_share: share.control_share,
      intents,
      outcome: 'amounts' as const,
    },
  ]),
)

const effects: Setting[] = SHARES.flatMap((share) =>
  [
    [0.75, 0.7],
    [0.8, 0.7],
    [0.85, 0.7],
    [0.9, 0.6],
    [0.95, 0.4],
    [0.6, 0.7],
    [0.02, 0.2],
  ].map(([treatment, control]) => ({
    name: `${treatment} against ${control}, control ${share.name}`,
    control_share: share.control_share,
    intents: 1,
    outcome: { treatment: treatment!, control: control! },
  })),
)

console.log(`${runs} runs each\n\nNo effect\n`)
const measured = nulls.map((it) => show(it, coverageOf(it, runs)))
const most_kept = Math.max(...measured.map((it) => it.keep))
console.log('\nAn effect\n')
measured.push(...effects.map((it) => show(it, coverageOf(it, runs))))
const least = Math.min(...measured.map((it) => it.covered))
console.log(`\nleast coverage ${percent(least)}, nominal 95.0 %`)
console.log(`most kept that do nothing ${percent(most_kept)}, nominal at most 10.0 %`)
if (least < 0.95 || most_kept > 0.1) process.exitCode = 1

function show(setting: Setting, it: Coverage): Coverage {
  const seen = it.first_night === null ? '' : `, seen by night ${it.first_night}`
  const kept = it.kept_night === null ? '' : `, kept by night ${it.kept_night}`
  console.log(
    `${setting.name.padEnd(62)} covered ${percent(it.covered)}  keep ${percent(it.keep)}  harm ${percent(it.harm)}  futile ${percent(it.futile)}  ± ${it.half_width.toFixed(3)}${seen}${kept}`,
  )
  return it
}

function alike(intents: number): string {
  return intents === 0 ? '' : ', intents unlike'
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1).padStart(5)} %`
}
