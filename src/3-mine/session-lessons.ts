/**
 * Session lessons: what the sessions that ended badly did, and those that ended well did not.
 *
 * Only verified outcomes, only within the same task and agent version (`score-test.ts`), false discoveries
 * held at 5 %. An association of this kind is true without being an instruction: "sessions that cancelled
 * failed" does not mean "do not cancel". So these lessons are worded as checks.
 *
 * Of sessions without a known task only clusters of similar requests are known, which leave much of the work's
 * difficulty in. The same test with clusters for tasks gives *markers*: something for a person to look at, no lesson.
 *
 * What may be tested is decided before any outcome is looked at: enough sessions with and without it, in at least four
 * intents both, and of traits that the same sessions show only one, so that each hypothesis is counted once.
 * What is told must besides not rest on one of the intents, and the exact test must agree (`crossCheck`).
 */
import type { Tier } from '../domain/pattern.ts'
import { type Cell, type Count, type TallyRow, totalOf } from '../domain/tally.ts'
import { intentOf } from './cell.ts'
import { exactCmh, type Stratum } from './exact-cmh.ts'
import { type Exposure, exposureOf, exposureOverlap, marksOf, SAME_EXPOSURE } from './exposure.ts'
import { qValues } from './false-discovery.ts'
import type { Finding } from './finding.ts'
import { mantelHaenszel } from './mantel-haenszel.ts'
import { fitNuisance, type Nuisance, type Score, scoreInsideCells, scoreTest } from './score-test.ts'
import { AS_COUNTED, type Untold } from './told.ts'

const FALSE_DISCOVERY_RATE = 0.05
/**
 * And no single p above this (Benjamin et al. 2018, "Redefine statistical significance"): where few things are tested, one
 * clear lesson would let weak ones pass at the same false discovery rate.
 */
const MOST_P = 0.005
/** One-sided 5 %: what is left without the intent that speaks most for it. What one task teaches is about that task. */
const LEAST_WITHOUT_STRONGEST = 1.645
const CANDIDATE_RATE = 0.2
const MIN_SESSIONS = 5
const MIN_INTENTS = 4
const MIN_INFORMATION = 0.5

/** How strongly tasks and agent versions are pulled toward each other when the outcomes of sessions are fitted (mining.md 7.2). */
export const SESSION_RIDGE = { intent: 0.5, version: 0.1 }

/** Below this many sessions with a verified outcome and a known task, nothing can be said at session level. */
export const MIN_OUTCOMES = 150

/** `contexts` maps the row of each session context to the rows of its traits. */
export function sessionFindings(contexts: Map<TallyRow, TallyRow[]>, untold: Untold = AS_COUNTED): Finding[] {
  const verified = verifiedFindings(contexts, DEEDS, untold)
  const known = new Set(verified.map((it) => it.context + it.trait))
  const markers = findingsAmong(contexts, DEEDS, 'marker', untold)
  // What is known within tasks is not also told as an association; an association is not watched for becoming more.
  return [...verified, ...markers.filter((it) => it.published && !known.has(it.context + it.trait))]
}

/** What is tested together, with false discoveries held in all of it. */
export type Family = {
  /** The context that every session with a verified outcome has an occasion of. */
  whole: string
  /** Whether there is a lesson in it; not every difference is one. */
  isSayable: (finding: Pick<Finding, 'trait' | 'class'>) => boolean
}

/** What sessions did. */
const DEEDS: Family = { whole: 'session', isSayable: isSayableDeed }

/** What goes with how sessions end, at the same task and agent version. */
export function verifiedFindings(
  contexts: Map<TallyRow, TallyRow[]>,
  family: Family,
  untold: Untold = AS_COUNTED,
): Finding[] {
  return findingsAmong(contexts, family, 'verified', untold)
}

/** Whether so many sessions ended, of those that tier compares, that they are tested; how they ended decides nothing here. */
export function hasEnoughOutcomes(outcomes: TallyRow | undefined, tier: EndingTier): boolean {
  return totalOf(outcomes && { cells: cellsOf(outcomes, COMPARED[tier]) })[1] >= MIN_OUTCOMES
}

export type EndingTier = Extract<Tier, 'verified' | 'marker'>

/** Whether the intent of a cell is a task, and not a cluster of similar requests. */
export function hasTask(cell: Cell): boolean {
  return !intentOf(cell).startsWith('~')
}

type Chosen = (cell: Cell) => boolean

const COMPARED: Record<EndingTier, Chosen> = { verified: hasTask, marker: (cell) => !hasTask(cell) }

function findingsAmong(
  contexts: Map<TallyRow, TallyRow[]>,
  { whole, isSayable }: Family,
  tier: EndingTier,
  untold: Untold,
): Finding[] {
  const chosen = COMPARED[tier]
  const outcomes = [...contexts.keys()].find((it) => it.context === whole)
  if (!hasEnoughOutcomes(outcomes, tier)) return []
  const tested = [...contexts].flatMap(([every, traits]) => testContext(every, traits, chosen, untold))
  const q = qValues(tested.map((it) => it.score.p))
  const standing = tested.flatMap((it, i) => {
    if (q[i]! > CANDIDATE_RATE) return []
    const exact_p = crossCheck(it)
    return exact_p <= CANDIDATE_RATE ? [{ ...it, q: q[i]!, exact_p }] : []
  })
  const tau2 = spreadOfEffects(standing.map((it) => it.score))
  const found = standing.map((it) => ({
    exposure: it.exposure,
    is_told: it.is_told,
    finding: asFinding(it, tier, tau2),
  }))
  return withoutRestatements(found.filter((it) => isSayable(it.finding)))
}

type Hypothesis = {
  row: TallyRow
  /** Those of the row's cells that are chosen. */
  cells: Record<Cell, Count>
  exposed: Count
  unexposed: Count
  exposure: Exposure
  /** What it is compared with. */
  base: Base
  /** Whether sessions were told so, which count for nothing here. */
  is_told: boolean
}

/** The occasions of a context that a trait is compared with. */
type Base = { cells: Record<Cell, Count>; all: Count; of_intent: Map<string, number>; fit: () => Nuisance }

type Tested = Hypothesis & { score: Score; is_thick: boolean }

function testContext(every: TallyRow, traits: TallyRow[], chosen: Chosen, untold: Untold): Tested[] {
  const base_of_all = baseOf(every, chosen)
  if (!isTestable(base_of_all)) return []
  const hypotheses = withoutDuplicates(
    traits.flatMap((row) => {
      const left = untold(every, row.trait)
      const is_told = left !== every
      const base = is_told ? baseOf(left, chosen) : base_of_all
      return isTestable(base) ? hypothesis(untold(row, row.trait), base, exposureOf(row), is_told) : []
    }),
  )
  return hypotheses.flatMap((it) => {
    const fit = it.base.fit()
    const score = scoreTest(fit, it.cells)
    return score.information < MIN_INFORMATION
      ? []
      : [{ ...it, ...inSpiteOfInteraction(fit, it.cells, score) }]
  })
}

function baseOf(every: TallyRow, chosen: Chosen): Base {
  const cells = cellsOf(every, chosen)
  let fit: Nuisance | undefined
  return {
    cells,
    all: totalOf({ cells }),
    of_intent: byIntent(cells),
    fit: () => {
      fit ??= fitNuisance(cells, SESSION_RIDGE)
      return fit
    },
  }
}

function isTestable({ all }: Base): boolean {
  return all[1] >= 2 * MIN_SESSIONS && all[0] > 0 && all[0] < all[1]
}

/** The chosen cells of a row. */
function cellsOf({ cells }: TallyRow, chosen: Chosen): Record<Cell, Count> {
  for (const cell in cells)
    if (!chosen(cell)) return Object.fromEntries(Object.entries(cells).filter(([cell]) => chosen(cell)))
  return cells
}

/** How many sessions of each intent there are. */
function byIntent(cells: Record<Cell, Count>): Map<string, number> {
  const sum = new Map<string, number>()
  for (const cell in cells) {
    const intent = intentOf(cell)
    sum.set(intent, (sum.get(intent) ?? 0) + cells[cell]![1])
  }
  return sum
}

/** A trait that enough sessions show, and enough do not, both in enough intents; blind to how they ended. */
function hypothesis(row: TallyRow, base: Base, exposure: Exposure, is_told: boolean): Hypothesis[] {
  const { all, of_intent } = base
  const cells = cellsOf(row, (cell) => cell in base.cells)
  const exposed = totalOf({ cells })
  const unexposed: Count = [all[0] - exposed[0], all[1] - exposed[1]]
  if (exposed[1] < MIN_SESSIONS || unexposed[1] < MIN_SESSIONS) return []
  const that_tell = [...byIntent(cells)].filter(([intent, shown]) => shown < of_intent.get(intent)!)
  return that_tell.length < MIN_INTENTS ? [] : [{ row, cells, exposed, unexposed, exposure, base, is_told }]
}

/** Of traits that the same sessions show, the one that says most plainly what they did; blind to how they ended. */
function withoutDuplicates(hypotheses: Hypothesis[]): Hypothesis[] {
  const kept = new Map<string, Exposure[]>()
  const plainest_first = hypotheses.toSorted(
    (a, b) => plainness(a.row) - plainness(b.row) || b.exposed[1] - a.exposed[1],
  )
  return plainest_first.filter((it) => {
    const marks = marksOf(it.exposure)
    const alike = marks.flatMap((mark) => kept.get(mark) ?? [])
    if (alike.some((other) => exposureOverlap(it.exposure, other) >= SAME_EXPOSURE)) return false
    for (const mark of marks) kept.set(mark, [...(kept.get(mark) ?? []), it.exposure])
    return true
  })
}

const PLAINEST = [/^use \S+$/, /^(?:before|a yes|a look) /, /^use /, /^left failed /, /^repeat /, /^error /]

function plainness({ trait }: TallyRow): number {
  const at = PLAINEST.findIndex((it) => it.test(trait))
  return at === -1 ? PLAINEST.length : at
}

/**
 * Where several agent versions worked, the additive fit cannot represent a version that is bad at one task, and what
 * this version does there would look like a mistake. So where the cells are thick enough to tell (at least half of the
 * information lies inside them, which no outcome decides), the difference must also show inside the cells, and the
 * weaker of the two scores counts.
 */
function inSpiteOfInteraction(
  fit: Nuisance,
  cells: Record<Cell, Count>,
  score: Score,
): { score: Score; is_thick: boolean } {
  if (fit.versions === 1) return { score, is_thick: true }
  const inside = scoreInsideCells(fit, cells)
  if (inside.information < score.information / 2) return { score, is_thick: false }
  if (inside.z * score.z <= 0) return { score: { ...score, p: 1 }, is_thick: true }
  return { score: inside.p > score.p ? inside : score, is_thick: true }
}

function strataOf(every: Record<Cell, Count>, exposed: Record<Cell, Count>): Stratum[] {
  return Object.keys(exposed).map((cell) => {
    const [bad, n] = exposed[cell]!
    return { exposed: [bad, n], unexposed: [every[cell]![0] - bad, every[cell]![1] - n] }
  })
}

/**
 * The cross-check: what the exact test finds inside thick cells, 1 where it points the other way. Whoever is told or
 * watched has to pass it too, at the same rate.
 */
function crossCheck({ base, cells, is_thick, score }: Tested): number {
  if (!is_thick) return 0
  const { excess, p } = exactCmh(strataOf(base.cells, cells))
  return excess * score.z > 0 ? p : 1
}

/**
 * How far the true effects spread among those that stand out, τ² (method of moments, weights V²), between 0.02 and 1:
 *
 *     τ² = Σ V² (β̂² − 1/V) / Σ V²
 *
 * Taken over all that was tested it would be nearly 0 wherever one thing in a thousand matters, and shrink that one
 * to nothing. 1 is the spread that confirmation expects of an effect before it has seen any (mining.md 7.3).
 */
function spreadOfEffects(scores: Score[]): number {
  const weight = scores.reduce((sum, it) => sum + it.information ** 2, 0)
  const excess = scores.reduce(
    (sum, it) => sum + it.information ** 2 * (it.beta ** 2 - 1 / it.information),
    0,
  )
  return weight === 0 ? 0.02 : Math.min(1, Math.max(0.02, excess / weight))
}

/** Shown is the shrunk effect, m = β̂ τ² / (τ² + 1/V) with variance τ² / (1 + τ² V): small samples are pulled toward no effect. */
function shrunkEffect(score: Score, tau2: number): Interval {
  const m = (score.beta * tau2) / (tau2 + 1 / score.information)
  const margin = 1.959964 * Math.sqrt(tau2 / (1 + tau2 * score.information))
  return { odds_ratio: Math.exp(m), low: Math.exp(m - margin), high: Math.exp(m + margin) }
}

type Interval = { odds_ratio: number; low: number; high: number }

function asFinding(it: Tested & { q: number; exact_p: number }, tier: Tier, tau2: number): Finding {
  const { row, exposed, unexposed, score } = it
  const harmful = score.z > 0
  // A marker is no estimate of an effect: it shows what was seen among similar requests, as it was seen.
  const seen = tier === 'marker' ? mantelHaenszel(strataOf(it.base.cells, it.cells)) : null
  return {
    published:
      Math.max(it.q, it.exact_p) <= FALSE_DISCOVERY_RATE &&
      score.p <= MOST_P &&
      score.without_strongest >= LEAST_WITHOUT_STRONGEST,
    needs_confirmation: true,
    kind: tier === 'marker' ? 'marker' : 'check',
    class: harmful ? 'mistake' : 'success',
    channel: 'session',
    tier,
    context: row.context,
    trait: row.trait,
    better: null,
    effect: { exposed, unexposed, ...(seen ?? shrunkEffect(score, tau2)) },
    p: score.p,
    q: it.q,
    strength: Math.abs(score.z),
    sessions: exposed[1],
    sightings: harmful ? row.sightings.bad : row.sightings.good,
    lacks: null,
  }
}

/** That something came before or after something else is only worth saying when it helps. */
function isSayableDeed({ trait, class: kind }: Pick<Finding, 'trait' | 'class'>): boolean {
  return /^(?:before|a yes|a look) /.test(trait)
    ? kind === 'success'
    : kind === 'mistake' || trait.startsWith('use ')
}

type Found = { exposure: Exposure; is_told: boolean; finding: Finding }

/** Two traits of mostly the same sessions are one lesson: the better supported of them stays, an order before a mere use. */
function withoutRestatements(found: Found[]): Finding[] {
  const isOrder = ({ finding }: Found) => finding.trait.startsWith('before ')
  const strongest_first = found.toSorted((a, b) => toldFirst(a, b) || b.finding.strength - a.finding.strength)
  const kept: Found[] = []
  for (const it of [
    ...clearestSteps(strongest_first.filter(isOrder)),
    ...strongest_first.filter((it) => !isOrder(it)),
  ])
    if (!kept.some((other) => exposureOverlap(it.exposure, other.exposure) >= RESTATES)) kept.push(it)
  return kept.map((it) => it.finding).sort((a, b) => b.strength - a.strength)
}

const RESTATES = 0.8

/** What is told comes first: fewer sessions speak of it because it is told. */
function toldFirst(a: Found, b: Found): number {
  return Number(b.is_told) - Number(a.is_told)
}

/**
 * What should come before one step comes before the next one too. Of the steps for which that is about equally
 * clear, the rarest is the one it is about: the sessions that the others have besides told nothing.
 */
function clearestSteps(orders: Found[]): Found[] {
  const occasions = ({ finding: { effect } }: Found) => effect.exposed[1] + effect.unexposed[1]
  return [...Map.groupBy(orders, (it) => it.finding.trait).values()].map((steps) => {
    const clearest = Math.max(...steps.map((it) => it.finding.strength))
    return steps
      .filter((it) => it.is_told || it.finding.strength >= ABOUT_EQUAL * clearest)
      .sort((a, b) => occasions(a) - occasions(b))[0]!
  })
}

const ABOUT_EQUAL = 0.9
