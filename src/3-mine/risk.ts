/**
 * Risk: a view of where sessions are likely to fail, for a person who decides where to look.
 *
 * A model of everything at once predicts better than any single pattern, and its single coefficients mean nothing: they
 * share what correlated traits have in common. So nothing here is a lesson, is tested, or is told to an agent
 * (mining.md 4.5: many weak signals exist together that do not stand alone).
 *
 * For a record r (one session, or all sessions of one cell), with n_r occasions, y_r of them bad, and x_rk the share of
 * them that showed trait k:
 *
 *     logit p_r = μ + α_t + β_a + Σ_k θ_k x_rk,   α ~ N(0, 1/λ_t), β ~ N(0, 1/λ_a), θ ~ N(0, 1/λ), μ free
 *
 * fitted by coordinate-wise Newton steps to the mode. λ = Σ_k s_k (1 − s_k), s_k the share of all occasions that show k, so
 * that before anything is seen all traits together are expected to move the log odds by a standard deviation of 1,
 * however many there are; no outcome chooses it.
 *
 * Records of single sessions tell the most. A tally has no sessions but cells, and the model of cells is one for small
 * areas: what the sessions of an intent do says where its failure rate lies as long as its own sessions are few.
 *
 * Source: Hoerl and Kennard (1970); le Cessie and van Houwelingen (1992) for the logistic model; Fay and Herriot (1979) for areas.
 */
import { type Cell, type Count, EVERY, rowKey, type Tally } from '../domain/tally.ts'
import { intentOf, versionOf } from './cell.ts'
import { byCluster, clustersIn } from './intent.ts'
import { suspectSources, withoutSuspects } from './outcome-source.ts'
import { fitNuisance, scoreTest } from './score-test.ts'
import { SESSION_RIDGE } from './session-lessons.ts'
import { whatTheyDid } from './session-words.ts'

/** Occasions of one cell: how many went badly, and the share of them that showed each trait, under any name that stands for it. */
export type RiskRecord = { cell: Cell; count: Count; traits: Map<string, number> }

export type RiskModel = {
  base: number
  intents: Map<string, number>
  versions: Map<string, number>
  traits: Map<string, number>
}

/** The failure risk of one intent, and what its sessions do more than others that goes with failure. */
export type IntentRisk = {
  /** A task, or the name of a cluster of similar requests, which begins with `~`. */
  intent: string
  /** `[bad, n]` as counted, verified outcomes only. */
  sessions: Count
  /** Chance that a session fails, with its 95 % interval; the mix of agent versions being as it was. */
  risk: number
  low: number
  high: number
  stands_out: StandsOut[]
}

/** What sessions did ("called `x`"): `[shown, n]` of this intent, and of all others. */
export type StandsOut = { what: string; here: Count; elsewhere: Count }

/** Traits that fewer occasions show, or lack, are left out. */
const MIN_OCCASIONS = 5
const SWEEPS = 200
const SETTLED = 1e-5

/** The intents of a tally, those that are surely likely to fail first. Empty where no outcome is verified. */
export function riskByIntent(tally: Tally): IntentRisk[] {
  const counted = byCluster(withoutSuspects(tally, suspectSources(tally).rules), clustersIn(tally))
  const records = recordsOf(counted)
  const model = fitRisk(records)
  const everywhere = shownIn(records)
  const harm = harmOf(model, counted)
  return [...Map.groupBy(records, (it) => intentOf(it.cell))]
    .map(([intent, of]) => ({ intent, ...riskOfAll(of, model), stands_out: standsOut(of, everywhere, harm) }))
    .sort((a, b) => b.low - a.low || (a.intent < b.intent ? -1 : 1))
}

/** One record a cell, with what its sessions as a whole did. */
function recordsOf(tally: Tally): RiskRecord[] {
  const every = tally.get(rowKey(SESSION, EVERY))
  const records = new Map(
    Object.keys(every?.cells ?? {})
      .sort()
      .map((cell): [Cell, RiskRecord] => [cell, { cell, count: every!.cells[cell]!, traits: new Map() }]),
  )
  const rows = [...tally.values()].filter((it) => it.context === SESSION && it.trait !== EVERY)
  for (const row of rows.sort((a, b) => (a.trait < b.trait ? -1 : 1)))
    for (const cell in row.cells) {
      const record = records.get(cell)!
      record.traits.set(row.trait, row.cells[cell]![1] / record.count[1])
    }
  return [...records.values()]
}

const SESSION = 'session'

/**
 * The risk of an intent's sessions, with the interval that the curvature of its own term leaves: on the log odds,
 * ± 1.96 / √(λ_t + Σ n p (1 − p)) (Laplace), all other terms taken as they are.
 */
function riskOfAll(
  of: RiskRecord[],
  model: RiskModel,
): Pick<IntentRisk, 'sessions' | 'risk' | 'low' | 'high'> {
  const sessions: Count = [0, 0]
  let expected = 0
  let curvature = SESSION_RIDGE.intent
  for (const it of of) {
    const p = riskOf(model, it)
    sessions[0] += it.count[0]
    sessions[1] += it.count[1]
    expected += it.count[1] * p
    curvature += it.count[1] * p * (1 - p)
  }
  const risk = expected / sessions[1]
  const logit = Math.log(risk / (1 - risk))
  const margin = 1.959964 / Math.sqrt(curvature)
  return { sessions, risk, low: sigmoid(logit - margin), high: sigmoid(logit + margin) }
}

/**
 * The coefficients of the traits that go with failure. One with which the sessions of one task and version fail less often is
 * left out: it is what hard tasks ask for.
 */
function harmOf(model: RiskModel, tally: Tally): Map<string, number> {
  const every = tally.get(rowKey(SESSION, EVERY))
  if (!every) return new Map()
  const fit = fitNuisance(every.cells, SESSION_RIDGE)
  return new Map(
    [...model.traits].filter(
      ([trait, it]) => it > 0 && scoreTest(fit, tally.get(rowKey(SESSION, trait))!.cells).z >= 0,
    ),
  )
}

/** At most so many are told of an intent, each raising the odds of failing by at least a tenth. */
const MOST_TOLD = 3
const WORTH_TELLING = Math.log(1.1)

function standsOut(of: RiskRecord[], everywhere: Shown, harm: Map<string, number>): StandsOut[] {
  const here = shownIn(of)
  return [...here.traits]
    .map(([trait, n]) => {
      const elsewhere: Count = [everywhere.traits.get(trait)! - n, everywhere.n - here.n]
      const more = n / here.n - (elsewhere[1] === 0 ? 0 : elsewhere[0] / elsewhere[1])
      const raises = (harm.get(trait) ?? 0) * more
      return { what: whatTheyDid(trait), here: [n, here.n] satisfies Count, elsewhere, raises }
    })
    .filter((it) => it.raises >= WORTH_TELLING)
    .sort((a, b) => b.raises - a.raises || (a.what < b.what ? -1 : 1))
    .slice(0, MOST_TOLD)
    .map(({ what, here, elsewhere }) => ({ what, here, elsewhere }))
}

/** How many sessions showed each trait, of how many. */
type Shown = { traits: Map<string, number>; n: number }

function shownIn(records: RiskRecord[]): Shown {
  const shown: Shown = { traits: new Map(), n: 0 }
  for (const { count, traits } of records) {
    shown.n += count[1]
    for (const [trait, share] of traits)
      shown.traits.set(trait, (shown.traits.get(trait) ?? 0) + Math.round(share * count[1]))
  }
  return shown
}

export function fitRisk(records: RiskRecord[]): RiskModel {
  const shares = sharesOf(records)
  const ridge = [...shares.values()].reduce((sum, s) => sum + s * (1 - s), 0)
  const all = termsOf(records, () => [['all', 1]], 0)
  const intents = termsOf(records, (it) => [[intentOf(it.cell), 1]], SESSION_RIDGE.intent)
  const versions = termsOf(records, (it) => [[versionOf(it.cell), 1]], SESSION_RIDGE.version)
  const traits = termsOf(records, (it) => [...it.traits].filter(([key]) => shares.has(key)), ridge)
  const terms = [all, intents, versions, traits].flatMap((it) => [...it.values()])
  const base = all.get('all') ?? { coefficient: 0 }
  const logit = new Float64Array(records.length)
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let moved = 0
    for (const it of terms) moved = Math.max(moved, step(it, records, logit))
    for (const factor of [intents, versions]) moved = Math.max(moved, center(factor, base))
    if (moved < SETTLED) break
  }
  const coefficients = (of: Map<string, Term>) => new Map([...of].map(([key, it]) => [key, it.coefficient]))
  return {
    base: base.coefficient,
    intents: coefficients(intents),
    versions: coefficients(versions),
    traits: coefficients(traits),
  }
}

/** Chance that a session of this cell which shows these traits goes badly; what the model has not seen moves nothing. */
export function riskOf(model: RiskModel, { cell, traits }: Pick<RiskRecord, 'cell' | 'traits'>): number {
  let logit =
    model.base + (model.intents.get(intentOf(cell)) ?? 0) + (model.versions.get(versionOf(cell)) ?? 0)
  for (const [key, share] of traits) logit += (model.traits.get(key) ?? 0) * share
  return sigmoid(logit)
}

/** One coefficient, the records it acts on, and how strongly. */
type Term = { coefficient: number; ridge: number; on: number[]; share: number[] }

function termsOf(
  records: RiskRecord[],
  sharesIn: (record: RiskRecord) => [key: string, share: number][],
  ridge: number,
): Map<string, Term> {
  const terms = new Map<string, Term>()
  for (const [i, record] of records.entries())
    for (const [key, share] of sharesIn(record)) {
      const term = terms.get(key) ?? { coefficient: 0, ridge, on: [], share: [] }
      terms.set(key, term)
      term.on.push(i)
      term.share.push(share)
    }
  return terms
}

/** One Newton step of one coefficient, the others held; how far it moved. */
function step(term: Term, records: RiskRecord[], logit: Float64Array): number {
  let gradient = -term.ridge * term.coefficient
  let curvature = term.ridge + 1e-9
  for (const [j, i] of term.on.entries()) {
    const [bad, n] = records[i]!.count
    const p = sigmoid(logit[i]!)
    gradient += term.share[j]! * (bad - n * p)
    curvature += term.share[j]! ** 2 * n * p * (1 - p)
  }
  const move = Math.max(-2, Math.min(2, gradient / curvature))
  term.coefficient += move
  for (const [j, i] of term.on.entries()) logit[i]! += move * term.share[j]!
  return Math.abs(move)
}

/** Moves what all terms of a factor have in common into the base, which the ridge leaves free: the same fit, and many sweeps saved. */
function center(factor: Map<string, Term>, base: { coefficient: number }): number {
  if (factor.size === 0) return 0
  const mean = [...factor.values()].reduce((sum, it) => sum + it.coefficient, 0) / factor.size
  for (const it of factor.values()) it.coefficient -= mean
  base.coefficient += mean
  return Math.abs(mean)
}

/** The share of all occasions that show each trait that enough of them show, and enough do not. */
function sharesOf(records: RiskRecord[]): Map<string, number> {
  const { traits, n } = shownIn(records)
  return new Map(
    [...traits]
      .filter(([, it]) => it >= MIN_OCCASIONS && it <= n - MIN_OCCASIONS)
      .map(([key, it]) => [key, it / n]),
  )
}

function sigmoid(logit: number): number {
  return 1 / (1 + Math.exp(-Math.max(-12, Math.min(12, logit))))
}
