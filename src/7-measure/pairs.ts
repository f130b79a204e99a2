/**
 * Pairs: two agents that were given the same work, session against session.
 *
 * Nobody draws lots between agents, so their sessions are compared only where they were asked the same: the k-th session of one with the
 * k-th of the other of the same intent, in the order in which they began. What is left over waits for its match. The estimate is the
 * mean of the differences. It holds as far as the two were given like work at like times; whoever sends the hard cases to
 * one of them measures that.
 */
import type { Arm } from '../domain/experiment.ts'
import type { Metric } from '../domain/measures.ts'
import { Bets } from './bets.ts'
import type { Estimate } from './confidence-sequence.ts'
import { isShare, Mean, type MeasuredLift, scaledAs, type Trial, told, UNSEEN, type ValueIn } from './lift.ts'

/** Pairs that there are at least before anything is estimated. */
export const FEWEST_PAIRS = 20

/** One session of either agent. */
export type Run = Pick<Trial, 'intent' | 'arm'>

/** `runs` of both agents, in the order in which they began. The sessions that are told are those that found their match. */
export function liftOfPairs<T extends Run>(metric: Metric, runs: T[], valueIn: ValueIn<T>): MeasuredLift {
  const means = { treatment: new Mean(), control: new Mean() }
  const pairs = new Pairs()
  const bets = new Bets()
  for (const it of runs) {
    const y = valueIn(it)
    const pair = y === null ? null : pairs.add(it, y, (it) => scaledAs(metric, it))
    if (pair === null) continue
    means.treatment.add(pair.treatment)
    means.control.add(pair.control)
    if (isShare(metric)) bets.addPair(pair.treatment - pair.control)
  }
  const until = 2 * Math.max(0, FEWEST_PAIRS - means.control.n)
  return told(metric, means, { estimate: pairs.estimate(), won: bets.won() }, { until, each: 1 })
}

/** Sessions that come one by one, matched, and the differences of the pairs in sums. */
export class Pairs {
  private readonly waiting = { treatment: new Map<string, number[]>(), control: new Map<string, number[]>() }
  private readonly differences = new Mean()
  private squares = 0

  /** The pair that a session completes; null where it waits for its match. */
  add({ intent, arm }: Run, y: number, scaled = (it: number) => it): Record<Arm, number> | null {
    const match = this.waiting[arm === 'treatment' ? 'control' : 'treatment'].get(intent)?.shift()
    if (match === undefined) {
      const waiting = this.waiting[arm].get(intent) ?? []
      waiting.push(y)
      this.waiting[arm].set(intent, waiting)
      return null
    }
    const pair = arm === 'treatment' ? { treatment: y, control: match } : { treatment: match, control: y }
    const difference = scaled(pair.treatment) - scaled(pair.control)
    this.differences.add(difference)
    this.squares += difference ** 2
    return pair
  }

  /** Null before there are two pairs. */
  estimate(): Estimate | null {
    const { n, total } = this.differences
    if (n < 2) return null
    const value = total / n
    const varies = Math.max(0, this.squares - n * value ** 2) + UNSEEN
    return { value, error: Math.sqrt(varies) / n, sessions: 2 * n }
  }
}
