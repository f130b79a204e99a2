/**
 * Made-up experiments about which the truth is known, looked at every night: how often the intervals are right on all nights, how often a
 * verdict is wrong on any, and how soon a true effect is seen.
 */
import { type Random, seeded } from '../../examples/compliance-desk/random.ts'
import { type Estimate, intervalOf } from '../../src/7-measure/confidence-sequence.ts'
import { FEWEST, Scores } from '../../src/7-measure/lift.ts'
import { FEWEST_PAIRS, Pairs } from '../../src/7-measure/pairs.ts'
import { verdictOf } from '../../src/7-measure/verdict.ts'
import type { Arm } from '../../src/domain/experiment.ts'

export type Setting = {
  name: string
  /** How likely control is for the n-th session; `pairs` of agents that are given the same work. */
  control_share: ((n: number) => number) | 'pairs'
  /** The standard deviation of what intents make out: in log odds, or of the logarithm of an amount. */
  intents: number
  /** Share of completed sessions in either arm; `amounts` are drawn from a skewed distribution, with the same in both. */
  outcome: { treatment: number; control: number } | 'amounts'
}

export const NIGHTS = 200
export const SESSIONS_A_NIGHT = 5
const INTENTS = 8

export type Coverage = {
  /** Share of runs in which no interval of any night excluded the truth. */
  covered: number
  /** Shares of runs in which it had each verdict on any night. */
  keep: number
  harm: number
  futile: number
  /** Half the width of the interval on the last night, the mean. */
  half_width: number
  /** The night on which zero was first excluded, the median over runs; null where that is none. */
  first_night: number | null
}

export function coverageOf(setting: Setting, runs: number): Coverage {
  const looks = Array.from({ length: runs }, (_, i) => oneRun(setting, seeded(i + 1)))
  const share = (is: (it: Run) => boolean) => looks.filter(is).length / runs
  const first = looks.map((it) => it.first_night ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)
  const median = first[Math.floor(runs / 2)]!
  return {
    covered: share((it) => it.is_covered),
    keep: share((it) => it.verdicts.has('keep')),
    harm: share((it) => it.verdicts.has('harm')),
    futile: share((it) => it.verdicts.has('futile')),
    half_width: looks.reduce((sum, it) => sum + it.half_width, 0) / runs,
    first_night: median === Number.POSITIVE_INFINITY ? null : median,
  }
}

type Run = {
  is_covered: boolean
  verdicts: Set<string | null>
  half_width: number
  first_night: number | null
}

function oneRun({ control_share, intents, outcome }: Setting, random: Random): Run {
  const world = worldOf(outcome, intents, random)
  const experiment = control_share === 'pairs' ? pairs(world, random) : lots(world, control_share, random)
  const run: Run = { is_covered: true, verdicts: new Set(), half_width: 0, first_night: null }
  for (let night = 1; night <= NIGHTS; night++) {
    for (let i = 0; i < SESSIONS_A_NIGHT; i++) experiment.add()
    const estimate = experiment.estimate()
    if (estimate !== null) look(run, estimate, world.effect, night)
  }
  return run
}

type MadeUp = { add: () => void; estimate: () => Estimate | null }

function lots(world: World, control_share: (n: number) => number, random: Random): MadeUp {
  const scores = new Scores()
  const sessions = { treatment: 0, control: 0 }
  return {
    add() {
      const share = control_share(sessions.treatment + sessions.control)
      const arm = random.chance(share) ? 'control' : 'treatment'
      const intent = random.int(0, INTENTS - 1)
      sessions[arm]++
      scores.add({ intent: String(intent), arm, control_share: share }, world.draw(intent, arm))
    },
    estimate: () => (Math.min(sessions.treatment, sessions.control) < FEWEST ? null : scores.estimate()),
  }
}

function pairs(world: World, random: Random): MadeUp {
  const runs = new Pairs()
  let found = 0
  return {
    add() {
      const intent = random.int(0, INTENTS - 1)
      const arm = random.chance(0.5) ? 'control' : 'treatment'
      if (runs.add({ intent: String(intent), arm }, world.draw(intent, arm)) !== null) found++
    },
    estimate: () => (found < FEWEST_PAIRS ? null : runs.estimate()),
  }
}

function look(run: Run, completion: Estimate, truth: number, night: number): void {
  const { low, high } = intervalOf(completion)
  if (low > truth || high < truth) run.is_covered = false
  if (run.first_night === null && (low > 0 || high < 0)) run.first_night = night
  run.half_width = (high - low) / 2
  run.verdicts.add(verdictOf(null, { completion, recurrence: null, recurs_without: null }))
}

type World = { draw: (intent: number, arm: Arm) => number; effect: number }

function worldOf(outcome: Setting['outcome'], intents: number, random: Random): World {
  const shifts = Array.from({ length: INTENTS }, () => intents * normal(random))
  if (outcome === 'amounts') {
    // Log-normal with a heavy tail: one in twenty is thirty times as much.
    const draw = (intent: number) =>
      10 + shifts[intent]! + normal(random) + (random.chance(0.05) ? Math.log(30) : 0)
    return { draw, effect: 0 }
  }
  const chance = (intent: number, arm: Arm) => inverseLogit(logit(outcome[arm]) + shifts[intent]!)
  const effects = shifts.map((_, i) => chance(i, 'treatment') - chance(i, 'control'))
  return {
    draw: (intent, arm) => (random.chance(chance(intent, arm)) ? 1 : 0),
    effect: effects.reduce((sum, it) => sum + it) / INTENTS,
  }
}

function normal(random: Random): number {
  const uniform = () => random.int(1, 1_000_000) / 1_000_000
  return Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
}

function logit(p: number): number {
  return Math.log(p / (1 - p))
}

function inverseLogit(x: number): number {
  return 1 / (1 + Math.exp(-x))
}
