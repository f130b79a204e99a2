/**
 * Made-up experiments about which the truth is known, looked at every night: how often the intervals are right on all nights, how often a
 * verdict is wrong on any, and how soon a true effect is seen.
 */
import { type Random, seeded } from '../../examples/compliance-desk/random.ts'
import { Bets } from '../../src/7-measure/bets.ts'
import { intervalOf } from '../../src/7-measure/confidence-sequence.ts'
import { controlShareOf } from '../../src/7-measure/control-share.ts'
import { FEWEST, Scores } from '../../src/7-measure/lift.ts'
import { FEWEST_PAIRS, Pairs } from '../../src/7-measure/pairs.ts'
import { type Effect, verdictOf } from '../../src/7-measure/verdict.ts'
import type { Arm, Experiment } from '../../src/domain/experiment.ts'
import { Measuring } from '../../src/domain/policy.ts'

export type Setting = {
  name: string
  /**
   * How likely control is for the n-th session; as it is for a lesson `by verdict` of the night before; or `pairs` of agents that are given the
   * same work.
   */
  control_share: ((n: number) => number) | 'by verdict' | 'pairs'
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
  /** Shares of runs in which it had each verdict on any night; of amounts none is kept, since nobody bets on them. */
  keep: number
  harm: number
  futile: number
  /** Half the width of the interval on the last night, the mean. */
  half_width: number
  /** The night on which zero was first excluded, the median over runs; null where that is none. */
  first_night: number | null
  /** The night on which it was first kept, the median over runs; null where that is none. */
  kept_night: number | null
}

export function coverageOf(setting: Setting, runs: number): Coverage {
  const looks = Array.from({ length: runs }, (_, i) => oneRun(setting, seeded(i + 1)))
  const share = (is: (it: Run) => boolean) => looks.filter(is).length / runs
  const medianOf = (night: (it: Run) => number | null) => {
    const nights = looks.map((it) => night(it) ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)
    const median = nights[Math.floor(runs / 2)]!
    return median === Number.POSITIVE_INFINITY ? null : median
  }
  return {
    covered: share((it) => it.is_covered),
    keep: share((it) => it.verdicts.has('keep')),
    harm: share((it) => it.verdicts.has('harm')),
    futile: share((it) => it.verdicts.has('futile')),
    half_width: looks.reduce((sum, it) => sum + it.half_width, 0) / runs,
    first_night: medianOf((it) => it.first_night),
    kept_night: medianOf((it) => it.kept_night),
  }
}

type Run = {
  is_covered: boolean
  verdicts: Set<Experiment['verdict']>
  half_width: number
  first_night: number | null
  kept_night: number | null
}

function oneRun({ control_share, intents, outcome }: Setting, random: Random): Run {
  const world = worldOf(outcome, intents, random)
  const experiment = control_share === 'pairs' ? pairs(world, random) : lots(world, control_share, random)
  const run: Run = {
    ...{ is_covered: true, verdicts: new Set(), half_width: 0 },
    ...{ first_night: null, kept_night: null },
  }
  let verdict: Experiment['verdict'] = null
  for (let night = 1; night <= NIGHTS; night++) {
    for (let i = 0; i < SESSIONS_A_NIGHT; i++) experiment.add(verdict)
    verdict = look(run, experiment.effect(), world.effect, night)
  }
  return run
}

/** `verdict` is that of the night before. */
type MadeUp = { add: (verdict: Experiment['verdict']) => void; effect: () => Effect }

function lots(
  world: World,
  control_share: Exclude<Setting['control_share'], 'pairs'>,
  random: Random,
): MadeUp {
  const [scores, bets] = [new Scores(), new Bets()]
  const sessions = { treatment: 0, control: 0 }
  const shareAt = (verdict: Experiment['verdict']) =>
    control_share === 'by verdict'
      ? controlShareOf({ kind: 'lesson', verdict, ...sessions, measuring: MEASURING })
      : control_share(sessions.treatment + sessions.control)
  return {
    add(verdict) {
      const share = shareAt(verdict)
      const arm: Arm = random.chance(share) ? 'control' : 'treatment'
      const intent = random.int(0, INTENTS - 1)
      sessions[arm]++
      const trial = { intent: String(intent), arm, control_share: share }
      const y = world.draw(intent, arm)
      scores.add(trial, y)
      if (world.is_share) bets.add(trial, y)
    },
    effect: () => ({
      estimate: Math.min(sessions.treatment, sessions.control) < FEWEST ? null : scores.estimate(),
      won: bets.won(),
    }),
  }
}

const MEASURING = Measuring.parse({})

function pairs(world: World, random: Random): MadeUp {
  const [runs, bets] = [new Pairs(), new Bets()]
  let found = 0
  return {
    add() {
      const intent = random.int(0, INTENTS - 1)
      const arm = random.chance(0.5) ? 'control' : 'treatment'
      const pair = runs.add({ intent: String(intent), arm }, world.draw(intent, arm))
      if (pair === null) return
      found++
      if (world.is_share) bets.addPair(pair.treatment - pair.control)
    },
    effect: () => ({ estimate: found < FEWEST_PAIRS ? null : runs.estimate(), won: bets.won() }),
  }
}

function look(run: Run, completion: Effect, truth: number, night: number): Experiment['verdict'] {
  const verdict = verdictOf(null, { completion, recurrence: null, recurs_without: null })
  run.verdicts.add(verdict)
  if (verdict === 'keep') run.kept_night ??= night
  if (completion.estimate === null) return verdict
  const { low, high } = intervalOf(completion.estimate)
  if (low > truth || high < truth) run.is_covered = false
  if (low > 0 || high < 0) run.first_night ??= night
  run.half_width = (high - low) / 2
  return verdict
}

type World = { draw: (intent: number, arm: Arm) => number; effect: number; is_share: boolean }

function worldOf(outcome: Setting['outcome'], intents: number, random: Random): World {
  const shifts = Array.from({ length: INTENTS }, () => intents * normal(random))
  if (outcome === 'amounts') {
    // Log-normal with a heavy tail: one in twenty is thirty times as much.
    const draw = (intent: number) =>
      10 + shifts[intent]! + normal(random) + (random.chance(0.05) ? Math.log(30) : 0)
    return { draw, effect: 0, is_share: false }
  }
  const chance = (intent: number, arm: Arm) => inverseLogit(logit(outcome[arm]) + shifts[intent]!)
  const effects = shifts.map((_, i) => chance(i, 'treatment') - chance(i, 'control'))
  return {
    draw: (intent, arm) => (random.chance(chance(intent, arm)) ? 1 : 0),
    effect: effects.reduce((sum, it) => sum + it) / INTENTS,
    is_share: true,
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
