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
 *
 * V, the information, depends on outcomes only through the null fit, so filtering on V does not bias z.
 * Assumes no interaction of task and agent version; where there is one, mine one version at a time.
 *
 * Source: Cox and Hinkley, Theoretical Statistics (1974), 9.3; partialling out as in Baah, Podgurski and
 * Harrold (2010) for fault localisation.
 */
import type { Cell, Count } from '../domain/tally.ts'
import { intentOf, versionOf } from './cell.ts'

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

export type Score = { z: number; beta: number; se: number; information: number }

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
  const x = new Array<number>(fit.n.length).fill(0)
  const x1y = new Array<number>(fit.n.length).fill(0)
  for (const cell in exposed) {
    const c = fit.index.get(cell)
    if (c === undefined) continue
    x[c] = exposed[cell]![1]
    x1y[c] = exposed[cell]![0]
  }
  const h = project(fit, x)
  let U = 0
  let V = 0
  for (let c = 0; c < x.length; c++) {
    const p = fit.p[c]!
    U += x1y[c]! - x[c]! * p - h[c]! * (fit.y[c]! - fit.n[c]! * p)
    V += p * (1 - p) * (x[c]! * (1 - h[c]!) ** 2 + (fit.n[c]! - x[c]!) * h[c]! ** 2)
  }
  if (V <= 0) return { z: 0, beta: 0, se: Number.POSITIVE_INFINITY, information: 0 }
  return { z: U / Math.sqrt(V), beta: U / V, se: 1 / Math.sqrt(V), information: V }
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
