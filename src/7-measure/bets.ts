/**
 * Bets: whether sessions in treatment have more of something, or fewer, by betting on it.
 *
 * Before a session a part of what there is is staked on it: on treatment having more of it than earlier sessions did, and control less. The lot
 * knows nothing of the session, so where what is tried does nothing the odds are fair, and nobody gets rich by betting often or by stopping in
 * time: the chance that what there is is ever ten times what there was is at most one in ten (Ville 1939). After n sessions there is
 *
 *     mean over u of  Π  1 + u (A − (1 − p)) (y − m) / max(p, 1 − p)
 *
 * p is the control share of a session, A is 1 in treatment, y is from 0 to 1, and m is what was usual: the mean of y in earlier sessions of its
 * intent, drawn towards that of all. Whatever m is, the mean of a factor is 1 + u min(p, 1 − p) times the effect. u is how much of what may be
 * staked is, and the best u is not known before: what there is at first is spread over ten. Of pairs, the difference takes the place of the fraction.
 *
 * So it holds for any number of sessions, few or many, and for any shares that were set before the lots were drawn, where an interval has to have
 * enough sessions for the central limit theorem.
 *
 * Source: Waudby-Smith and Ramdas (2024), Estimating means of bounded random variables by betting, Journal of the Royal Statistical Society B 86; for
 * lots, Waudby-Smith, Wu, Ramdas, Karampatziakis and Mineiro (2024), Anytime-valid off-policy inference for contextual bandits.
 */
import type { Assignment } from '../domain/experiment.ts'

/** What 1 has become by betting on treatment having more of it, and by betting on it having fewer: e-values. */
export type Won = { more: number; fewer: number }

/** The lot of a session in one experiment, and what the session was to do. */
type Trial = Pick<Assignment, 'arm' | 'control_share'> & { intent: string }

/** Of what may be staked; all of it could be lost at once. */
const STAKES = [0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85, 0.95]

/** Sessions, or pairs, that come one by one. */
export class Bets {
  /** By stake, the logarithm of what 1 that was bet with it has become. */
  private readonly more = STAKES.map(() => 0)
  private readonly fewer = STAKES.map(() => 0)
  private readonly past = new Past()

  /** The next session, in the order in which the lots were drawn; `y` is from 0 to 1. */
  add({ intent, arm, control_share }: Trial, y: number): void {
    const lot = arm === 'treatment' ? control_share : control_share - 1
    const off = y - this.past.usual(intent)
    this.settle((lot * off) / Math.max(control_share, 1 - control_share))
    this.past.add(intent, y)
  }

  /** The next pair: its session in treatment minus that in control, from -1 to 1. */
  addPair(difference: number): void {
    this.settle(difference)
  }

  won(): Won {
    return { more: meanOf(this.more), fewer: meanOf(this.fewer) }
  }

  /** `payoff` is from -1 to 1. */
  private settle(payoff: number): void {
    for (let i = 0; i < STAKES.length; i++) {
      this.more[i]! += Math.log1p(STAKES[i]! * payoff)
      this.fewer[i]! += Math.log1p(-STAKES[i]! * payoff)
    }
  }
}

function meanOf(logarithms: number[]): number {
  return logarithms.reduce((sum, it) => sum + Math.exp(it), 0) / logarithms.length
}

/** What was seen in earlier sessions. */
class Past {
  /** As if there had been two sessions, one with 0 and one with 1. */
  private readonly all = { n: 2, total: 1 }
  private readonly intents = new Map<string, { n: number; total: number }>()

  /** As if there had been four more sessions of the intent that were like all. */
  usual(intent: string): number {
    const { n, total } = this.intents.get(intent) ?? NONE
    return (total + (4 * this.all.total) / this.all.n) / (n + 4)
  }

  add(intent: string, y: number): void {
    const { n, total } = this.intents.get(intent) ?? NONE
    this.intents.set(intent, { n: n + 1, total: total + y })
    this.all.n++
    this.all.total += y
  }
}

const NONE = { n: 0, total: 0 }
