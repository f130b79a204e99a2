/**
 * Lift: sessions with and without what is tried in, the difference it makes out.
 *
 * A session whose lot was drawn with the control share p gives one score of the effect (augmented inverse probability weighting):
 *
 *     φ = m1 − m0 + A (y − m1) / (1 − p) − (1 − A) (y − m0) / p
 *
 * A is 1 in treatment, and m1 and m0 are what was to be expected of it in either arm, from earlier sessions only. Whatever they are, the
 * mean of φ is the effect, since the chance of the lot is known; the better they are, the less φ varies. Sessions of one intent are
 * alike, so they are means by intent and arm, drawn towards what is common to all. The estimate is the mean of the scores,
 * each weighted by p (1 − p), what is known of it when it begins: a session whose lot was even tells more than one of which one in
 * twenty was control.
 *
 * Its error is the larger of two: how much the scores varied, and how much they are to vary by what is known of either arm.
 * Of 20 sessions in control it may be that none failed although one in ten does, and then the scores alone would promise far too much.
 *
 * Sessions come in the order in which their lots were drawn, and only those whose y is known. Nothing is said of an arm with fewer than
 * `FEWEST` of them. Assumes that the chance of a known y is the same in both arms.
 *
 * Sources: Robins, Rotnitzky and Zhao (1994) for the score; Crump, Hotz, Imbens and Mitnik (2009) for the weights. `bench/lift.ts` measures
 * how often the intervals are right.
 */
import type { Arm } from '../domain/experiment.ts'
import type { Lift, LiftUnit } from '../domain/lift.ts'
import type { Metric } from '../domain/measures.ts'
import { Bets, type Won } from './bets.ts'
import { type Estimate, intervalOf } from './confidence-sequence.ts'
import { detectableOf, knowingMore, sessionsNeeded } from './power.ts'

/** One session in one experiment, and the lot that it drew there. */
export type Trial = {
  intent: string
  arm: Arm
  /** How likely control was when the lot was drawn. */
  control_share: number
}

/** What a metric is in a session; null where the session does not say. */
export type ValueIn<T> = (it: T) => number | null

/**
 * A lift, and what a verdict goes by: the estimate it tells, on the scale it was estimated on, and what was won by betting on it. On amounts nobody
 * bets, and 1 stays 1.
 */
export type MeasuredLift = { lift: Lift; estimate: Estimate | null; won: Won }

/** Sessions that each arm has at least before anything is estimated. */
export const FEWEST = 10

/** `trials` in the order in which their lots were drawn; `control_share` is that of the sessions to come. */
export function liftOf<T extends Trial>(
  metric: Metric,
  trials: T[],
  valueIn: ValueIn<T>,
  control_share: number,
): MeasuredLift {
  const scores = new Scores()
  const bets = new Bets()
  const means = { treatment: new Mean(), control: new Mean() }
  for (const it of trials) {
    const y = valueIn(it)
    if (y === null) continue
    means[it.arm].add(y)
    scores.add(it, scaledAs(metric, y))
    if (isShare(metric)) bets.add(it, y)
  }
  const [treatment, control] = [means.treatment.n, means.control.n]
  const until = Math.max((FEWEST - treatment) / (1 - control_share), (FEWEST - control) / control_share)
  const more = { until: Math.max(0, Math.ceil(until)), each: 4 * control_share * (1 - control_share) }
  return told(metric, means, { estimate: scores.estimate(), won: bets.won() }, more)
}

/**
 * A lift as it is told. `until` is how many more sessions there have to be before anything is estimated, and `each` how much
 * one of them tells.
 */
export function told(
  metric: Metric,
  means: Record<Arm, Mean>,
  { estimate: known, won }: Omit<MeasuredLift, 'lift'>,
  { until, each }: { until: number; each: number },
): MeasuredLift {
  const unit = UNITS[metric]
  const tell = (it: number | null | undefined) =>
    it === null || it === undefined ? null : inFourDigits(SCALES[unit].unscaled(it))
  const estimate = until > 0 ? null : known
  const interval = estimate && intervalOf(estimate)
  const lift = {
    metric,
    unit,
    treatment: sideOf(means.treatment),
    control: sideOf(means.control),
    estimate: tell(estimate?.value),
    low: tell(interval?.low),
    high: tell(interval?.high),
    detectable: tell(known && sensible(unit, detectableOf(knowingMore(known, until * each)))),
    sessions_needed: estimate ? sessionsNeeded(estimate, each) : until,
  }
  return { lift, estimate, won }
}

/** Amounts on the scale on which they are compared, and differences on that scale as they are told. */
const SCALES: Record<LiftUnit, { scaled: (y: number) => number; unscaled: (difference: number) => number }> =
  {
    share: { scaled: (y) => y, unscaled: (it) => Math.min(1, Math.max(-1, it)) },
    relative: { scaled: Math.log1p, unscaled: Math.expm1 },
    // A session with hundreds of failed calls was in a loop; it must not outweigh all others.
    calls: { scaled: (y) => Math.min(y, 20), unscaled: (it) => it },
  }

const UNITS: Record<Metric, LiftUnit> = {
  completion: 'share',
  recurrence: 'share',
  duration_ms: 'relative',
  edit_distance: 'share',
  escalation: 'share',
  tool_errors: 'calls',
  tokens: 'relative',
}

/** Whether it is from 0 to 1 in every session. */
export function isShare(metric: Metric): boolean {
  return UNITS[metric] === 'share'
}

/** Null where only all or nothing could be told apart. */
function sensible(unit: LiftUnit, difference: number): number | null {
  return unit === 'share' && difference >= 1 ? null : difference
}

/** A metric on the scale on which it is compared. */
export function scaledAs(metric: Metric, y: number): number {
  return SCALES[UNITS[metric]].scaled(y)
}

function sideOf({ n, total }: Mean): Lift['treatment'] {
  return { sessions: n, mean: n === 0 ? null : inFourDigits(total / n) }
}

/** More digits would only look exact. */
function inFourDigits(it: number): number {
  return Number(it.toPrecision(4))
}

/** Squares of what was not seen yet, by which a variance is raised; `bench/lift.ts` shows that without it intervals would be wrong too often. */
export const UNSEEN = 2

export class Mean {
  n = 0
  total = 0

  add(y: number): void {
    this.n++
    this.total += y
  }

  /** As if four more had been seen that are `prior` each. */
  towards(prior: number): number {
    return (this.total + 4 * prior) / (this.n + 4)
  }
}

/** The scores of trials that come one by one, in sums. */
export class Scores {
  private readonly past = new Past()
  private n = 0
  private weight = 0
  private score = 0
  /** How far sessions of either arm were from what was expected, squared, and how much weight they have in the error. */
  private readonly residuals = { treatment: new Mean(), control: new Mean() }
  private readonly weights = { treatment: 0, control: 0 }
  /** Sums of the squares of weights and of weighted scores, and of their products. */
  private readonly of = { weights: 0, scores: 0, both: 0 }

  add(trial: Trial, y: number): void {
    const like_it = this.past.of(trial.intent)
    if (!this.past.isEmpty()) this.count(trial, y, like_it)
    this.past.add(trial, y, like_it)
  }

  private count({ arm, control_share }: Trial, y: number, like_it: Seen): void {
    const treated = this.past.expected(like_it, 'treatment')
    const control = this.past.expected(like_it, 'control')
    const weight = control_share * (1 - control_share)
    const residual = y - (arm === 'treatment' ? treated : control)
    const off = arm === 'treatment' ? control_share * residual : -(1 - control_share) * residual
    const score = weight * (treated - control) + off
    this.n++
    this.weight += weight
    this.score += score
    this.residuals[arm].add(residual ** 2)
    this.weights.treatment += weight * control_share
    this.weights.control += weight * (1 - control_share)
    this.of.weights += weight ** 2
    this.of.scores += score ** 2
    this.of.both += weight * score
  }

  /** Null before there are two scores. */
  estimate(): Estimate | null {
    if (this.n < 2) return null
    const value = this.score / this.weight
    const varies = this.of.scores - 2 * value * this.of.both + value ** 2 * this.of.weights
    const expected =
      this.weights.treatment * this.spread('treatment') + this.weights.control * this.spread('control')
    return { value, error: Math.sqrt(Math.max(varies, expected)) / this.weight, sessions: 4 * this.weight }
  }

  /** The variance in an arm, as if two sessions more had been a whole unit off: nothing is certain because it was never seen. */
  private spread(arm: Arm): number {
    const { n, total } = this.residuals[arm]
    return (total + UNSEEN) / Math.max(n, 1)
  }
}

/** What was seen in earlier sessions. */
type Seen = Record<Arm | 'all', Mean>

/** What was seen in earlier sessions of all intents, and of each. */
class Past {
  private readonly seen: Seen = { all: new Mean(), treatment: new Mean(), control: new Mean() }
  private readonly intents = new Map<string, Seen>()

  isEmpty(): boolean {
    return this.seen.all.n === 0
  }

  of(intent: string): Seen {
    let it = this.intents.get(intent)
    if (it === undefined) {
      it = { all: new Mean(), treatment: new Mean(), control: new Mean() }
      this.intents.set(intent, it)
    }
    return it
  }

  add({ arm }: Trial, y: number, like_it: Seen): void {
    this.seen.all.add(y)
    this.seen[arm].add(y)
    like_it.all.add(y)
    like_it[arm].add(y)
  }

  /** What is to be expected of a session: the mean of its intent, and what its arm makes out, drawn towards what is known of more. */
  expected(like_it: Seen, arm: Arm): number {
    const overall = this.seen.all.total / this.seen.all.n
    const made_out = this.seen[arm].towards(overall) - overall
    return like_it[arm].towards(like_it.all.towards(overall) + made_out)
  }
}
