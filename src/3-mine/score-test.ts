/**
 * Score test of one trait, adjusted for task and agent version.
 *
 * The question is whether occasions with the trait go badly more often than others *of the same task and
 * agent version*. Hard tasks make agents do certain things, and without this adjustment those things look
 * like mistakes.
 *
 * Model under the null, on cells c = (agent version a, intent t) with n_c occasions, y_c bad:
 *
 *     logit p_c = μ + α_t + β_a,   α ~ N(0, 1/λ_t), β ~ N(0, 1/λ_a)   (ridge), μ free
 *
 * fitted once a context (`fitNuisance`). For a trait with x_c exposed occasions, x1y_c of them bad, the
 * exposure share is projected on the same additive terms with weights w_c = p_c (1 − p_c), giving h_c, and
 *
 *     U = Σ_c [ x1y_c − x_c p_c − h_c (y_c − n_c p_c) ]
 *     V = Σ_c w_c [ x_c (1 − h_c)² + (n_c − x_c) h_c² ]
 *     z = U / √V,   β̂ = U / V (one-step log odds ratio),   se = 1 / √V
 *     p = P(|U| as large or larger), by the saddlepoint where |z| > 2 (`tail`)
 *
 * V, the information, depends on outcomes only through the null fit, so filtering on V does not bias z.
 * Assumes no interaction of task and agent version: `scoreInsideCells` is for where there may be one.
 *
 * Source: Cox and Hinkley, Theoretical Statistics (1974), 9.3; partialling out as in Baah, Podgurski and
 * Harrold (2010) for fault localisation.
 */
import type { Cell, Count } from '../domain/tally.ts'
import { intentOf, versionOf } from './cell.ts'
import { twoSidedP } from './normal.ts'

/** Occasions of a context by cell, and the fitted chance of going badly in each. */
export type Nuisance = {
  index: Map<Cell, number>
  n: number[]
  y: number[]
  p: number[]
  intent: number[]
  version: number[]
  intents: number
  versions: number
}

export type Ridge = { intent: number; version: number }

export type Score = {
  z: number
  beta: number
  se: number
  information: number
  /** Two-sided. */
  p: number
  /** The least z in the direction of this one when one intent is left out: below 0 when the rest points the other way. */
  without_strongest: number
}

const NEWTON_SWEEPS = 30
const PROJECTION_SWEEPS = 8

export function fitNuisance(cells: Record<Cell, Count>, ridge: Ridge): Nuisance {
  const names = Object.keys(cells).sort()
  const intents = new Map<string, number>()
  const versions = new Map<string, number>()
  const place = (map: Map<string, number>, name: string) => {
    if (!map.has(name)) map.set(name, map.size)
    return map.get(name)!
  }
  const fit: Nuisance = {
    index: new Map(names.map((name, i) => [name, i])),
    n: names.map((it) => cells[it]![1]),
    y: names.map((it) => cells[it]![0]),
    p: new Array(names.length).fill(0.5),
    intent: names.map((it) => place(intents, intentOf(it))),
    version: names.map((it) => place(versions, versionOf(it))),
    intents: intents.size,
    versions: versions.size,
  }
  const everywhere = fit.n.map(() => 0)
  let mu = [0]
  let alpha = new Array<number>(fit.intents).fill(0)
  let beta = new Array<number>(fit.versions).fill(0)
  const refresh = () => {
    for (let c = 0; c < fit.p.length; c++) {
      const logit = mu[0]! + alpha[fit.intent[c]!]! + beta[fit.version[c]!]!
      fit.p[c] = 1 / (1 + Math.exp(-Math.max(-12, Math.min(12, logit))))
    }
  }
  for (let sweep = 0; sweep < NEWTON_SWEEPS; sweep++) {
    mu = newtonStep(fit, everywhere, mu, 0)
    refresh()
    alpha = newtonStep(fit, fit.intent, alpha, ridge.intent)
    refresh()
    beta = newtonStep(fit, fit.version, beta, ridge.version)
    refresh()
  }
  return fit
}

/** The coefficients of one factor after one Newton step, the others held: gradient over curvature, both with the ridge. */
function newtonStep(fit: Nuisance, factor: number[], coefficients: number[], ridge: number): number[] {
  const gradient = coefficients.map((it) => -ridge * it)
  const curvature = coefficients.map(() => ridge + 1e-9)
  for (let c = 0; c < fit.n.length; c++) {
    const p = fit.p[c]!
    gradient[factor[c]!]! += fit.y[c]! - fit.n[c]! * p
    curvature[factor[c]!]! += fit.n[c]! * p * (1 - p)
  }
  // A step of more than 2 on the logit scale overshoots when all outcomes so far are equal.
  return coefficients.map((it, i) => it + Math.max(-2, Math.min(2, gradient[i]! / curvature[i]!)))
}

/** Scores the trait whose exposed occasions are `exposed`, a part of the occasions that `fit` was made of. */
export function scoreTest(fit: Nuisance, exposed: Record<Cell, Count>): Score {
  const counts = placed(fit, exposed)
  return score(fit, counts, project(fit, counts.x))
}

/**
 * The same test with each cell for itself: h_c = x_c / n_c, so only occasions of one cell are compared (Cochran 1954).
 * It stands where task and agent version do interact, and has nothing to say of cells with one occasion.
 */
export function scoreInsideCells(fit: Nuisance, exposed: Record<Cell, Count>): Score {
  const counts = placed(fit, exposed)
  return score(
    fit,
    counts,
    counts.x.map((it, c) => it / fit.n[c]!),
  )
}

/** Exposed occasions of each cell, and how many of them went badly. */
type Exposures = { x: number[]; x1y: number[] }

function placed(fit: Nuisance, exposed: Record<Cell, Count>): Exposures {
  const x = new Array<number>(fit.n.length).fill(0)
  const x1y = new Array<number>(fit.n.length).fill(0)
  for (const cell in exposed) {
    const c = fit.index.get(cell)
    if (c === undefined) continue
    x[c] = exposed[cell]![1]
    x1y[c] = exposed[cell]![0]
  }
  return { x, x1y }
}

function score(fit: Nuisance, { x, x1y }: Exposures, h: number[]): Score {
  let U = 0
  let V = 0
  const u = new Array<number>(fit.intents).fill(0)
  const v = new Array<number>(fit.intents).fill(0)
  for (let c = 0; c < x.length; c++) {
    const p = fit.p[c]!
    const add_u = x1y[c]! - x[c]! * p - h[c]! * (fit.y[c]! - fit.n[c]! * p)
    const add_v = p * (1 - p) * (x[c]! * (1 - h[c]!) ** 2 + (fit.n[c]! - x[c]!) * h[c]! ** 2)
    U += add_u
    V += add_v
    u[fit.intent[c]!]! += add_u
    v[fit.intent[c]!]! += add_v
  }
  if (V <= 0) return NOTHING_SAID
  const z = U / Math.sqrt(V)
  const p = Math.abs(z) < SURELY_NORMAL ? twoSidedP(z) : tail(fit, x, h, U) + tail(fit, x, h, -U)
  // Not Math.min(...): a call takes some hundred thousand arguments, and there may be more intents.
  const without_strongest = u.reduce((least, it, t) => {
    const left = V - v[t]!
    return Math.min(least, left > 1e-9 * V ? (Math.sign(U) * (U - it)) / Math.sqrt(left) : 0)
  }, Number.POSITIVE_INFINITY)
  return { z, beta: U / V, se: 1 / Math.sqrt(V), information: V, p: Math.min(1, p), without_strongest }
}

const NOTHING_SAID: Score = {
  z: 0,
  beta: 0,
  se: Number.POSITIVE_INFINITY,
  information: 0,
  p: 1,
  without_strongest: 0,
}

/** Nearer to the middle than this many standard deviations, the normal approximation serves. */
const SURELY_NORMAL = 2

/**
 * The chance under the null of a score as far out as `u`, on the side of `u`, by the saddlepoint. U is a sum of independent
 * terms: each exposed occasion adds (1 − h_c)(y − p_c), each other −h_c (y − p_c). With K its cumulant generating function
 * and t the root of K′(t) = u,
 *
 *     w = sign(t) √(2 (t u − K(t))),   v = t √K″(t),   P = Φ̄(|w + log(v / w) / w|)
 *
 * Where outcomes are rare and few are exposed, the normal tail is too thin by orders of magnitude, and a thousand such traits
 * would give a false lesson every other night; this one is right to a few per cent, and still pools as the score does.
 * On a lattice it is close to the mid-p value. There is no root where u is the most there can be; then P is its chance.
 *
 * Source: Lugannani and Rice (1980); Barndorff-Nielsen (1990); for the score test Dey et al. (2017).
 */
function tail(fit: Nuisance, x: number[], h: number[], u: number): number {
  const side = Math.sign(u)
  const most = farthest(fit, x, h, side)
  if (Math.abs(u) >= most.u * (1 - ROUNDING)) return Math.exp(most.log)
  const falls_short = (t: number) => side * cumulants(fit, x, h, side * t).first < Math.abs(u)
  let [low, high] = [0, 1]
  while (falls_short(high)) [low, high] = [high, 2 * high]
  while (high - low > 1e-9 * high) {
    const middle = (low + high) / 2
    if (falls_short(middle)) low = middle
    else high = middle
  }
  const { log, second } = cumulants(fit, x, h, side * high)
  const w = Math.sqrt(2 * Math.max(0, high * Math.abs(u) - log))
  const v = high * Math.sqrt(second)
  return w === 0 || v === 0 ? 0.5 : twoSidedP(w + Math.log(v / w) / w) / 2
}

/** The terms of U: `occasions` of them add `weight` × (y − chance). */
type Terms = (occasions: number, weight: number, chance: number) => void

function eachTerm({ n, p }: Nuisance, x: number[], h: number[], take: Terms): void {
  for (let c = 0; c < x.length; c++) {
    take(x[c]!, 1 - h[c]!, p[c]!)
    take(n[c]! - x[c]!, -h[c]!, p[c]!)
  }
}

/**
 * The most that |U| can be on one side, and the logarithm of its chance. An occasion that makes less difference than `tail` tells
 * apart has no part in it: where nobody showed the trait, back-fitting leaves 1e-17 and not 0 of h, and the chance of all that
 * happened there would count.
 */
function farthest(fit: Nuisance, x: number[], h: number[], side: number): { u: number; log: number } {
  const most = { u: 0, log: 0 }
  eachTerm(fit, x, h, (occasions, weight, chance) => {
    most.u += occasions * Math.abs(weight) * (side * weight > 0 ? 1 - chance : chance)
  })
  eachTerm(fit, x, h, (occasions, weight, chance) => {
    if (occasions === 0 || Math.abs(weight) <= ROUNDING * most.u) return
    most.log += occasions * Math.log(side * weight > 0 ? chance : 1 - chance)
  })
  return most
}

/** Scores that differ by less than this part of the most there can be are taken for one: rounding does that. */
const ROUNDING = 1e-9

/** K(t) of the score U, and its first two derivatives. */
function cumulants(
  fit: Nuisance,
  x: number[],
  h: number[],
  t: number,
): { log: number; first: number; second: number } {
  const sum = { log: 0, first: 0, second: 0 }
  eachTerm(fit, x, h, (occasions, weight, chance) => {
    if (occasions === 0) return
    const tilt = t * weight
    // Out of max(0, tilt), so that nothing overflows.
    const [good, bad] = tilt > 0 ? [Math.exp(-tilt), 1] : [1, Math.exp(tilt)]
    const total = (1 - chance) * good + chance * bad
    const share = (chance * bad) / total
    sum.log += occasions * (Math.max(0, tilt) + Math.log(total) - tilt * chance)
    sum.first += occasions * weight * (share - chance)
    sum.second += occasions * weight * weight * share * (1 - share)
  })
  return sum
}

/** Weighted least-squares fit of the exposure share by intent and version, by back-fitting. */
function project(fit: Nuisance, x: number[]): number[] {
  const g = new Array<number>(fit.intents).fill(0)
  const k = new Array<number>(fit.versions).fill(0)
  const weight = fit.n.map((n, c) => n * fit.p[c]! * (1 - fit.p[c]!))
  const backfit = (target: number[], factor: number[], other: number[], other_factor: number[]) => {
    const sum = target.map(() => 0)
    const total = target.map(() => 0)
    for (let c = 0; c < x.length; c++) {
      const w = weight[c]!
      sum[factor[c]!]! += w * (x[c]! / fit.n[c]! - other[other_factor[c]!]!)
      total[factor[c]!]! += w
    }
    for (let i = 0; i < target.length; i++) target[i] = total[i]! > 0 ? sum[i]! / total[i]! : 0
  }
  for (let sweep = 0; sweep < PROJECTION_SWEEPS; sweep++) {
    backfit(g, fit.intent, k, fit.version)
    backfit(k, fit.version, g, fit.intent)
  }
  return fit.n.map((_, c) => g[fit.intent[c]!]! + k[fit.version[c]!]!)
}
