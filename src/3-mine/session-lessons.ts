/**
 * Session lessons: what the sessions that ended badly did, and those that ended well did not.
 *
 * Only verified outcomes, only within the same task and agent version (`score-test.ts`), false discoveries
 * held at 5 %. An association of this kind is true without being an instruction: "sessions that cancelled
 * failed" does not mean "do not cancel". So these lessons are worded as checks.
 */
import { type Count, type TallyRow, totalOf } from '../domain/tally.ts'
import { intentOf } from './cell.ts'
import { qValues } from './false-discovery.ts'
import type { Finding } from './finding.ts'
import { twoSidedP } from './normal.ts'
import { fitNuisance, type Score, scoreTest } from './score-test.ts'

const FALSE_DISCOVERY_RATE = 0.05
const CANDIDATE_RATE = 0.2
const MIN_SESSIONS = 5
const MIN_INTENTS = 4
const MIN_INFORMATION = 0.5
const RIDGE = { intent: 0.5, version: 0.1 }

/** Below this many sessions with a verified outcome and a known task, nothing can be said at session level. */
export const MIN_OUTCOMES = 150

export function sessionFindings(contexts: Map<TallyRow, TallyRow[]>): Finding[] {
  const tested = [...contexts].flatMap(([every, traits]) => testContext(every, traits))
  const q = qValues(tested.map((it) => it.p))
  const tau2 = spreadOfEffects(tested.map((it) => it.score))
  const found = tested
    .map((it, i) => asFinding(it, q[i]!, tau2))
    .filter((it) => it.q! <= CANDIDATE_RATE && isSayable(it) && leavesNoDoubt(it))
    .sort((a, b) => b.strength - a.strength)
  return withoutRestatements(found, new Map(tested.map((it) => [it.row.context + it.row.trait, it.row])))
}

type Tested = { row: TallyRow; exposed: Count; unexposed: Count; score: Score; p: number }

function testContext(every: TallyRow, traits: TallyRow[]): Tested[] {
  const known = withTask(every)
  const all = totalOf(known)
  if (all[1] < 2 * MIN_SESSIONS || all[0] === 0 || all[0] === all[1]) return []
  const fit = fitNuisance(known.cells, RIDGE)
  return traits.flatMap((trait): Tested[] => {
    const row = withTask(trait)
    const exposed = totalOf(row)
    const unexposed: Count = [all[0] - exposed[0], all[1] - exposed[1]]
    const intents = new Set(Object.keys(row.cells).map(intentOf)).size
    if (exposed[1] < MIN_SESSIONS || unexposed[1] < MIN_SESSIONS || intents < MIN_INTENTS) return []
    const score = scoreTest(fit, row.cells)
    return score.information < MIN_INFORMATION
      ? []
      : [{ row, exposed, unexposed, score, p: twoSidedP(score.z) }]
  })
}

/** Sessions of unknown task are left out: their difficulty cannot be taken into account. */
function withTask(row: TallyRow): TallyRow {
  return {
    ...row,
    cells: Object.fromEntries(Object.entries(row.cells).filter(([cell]) => !intentOf(cell).startsWith('~'))),
  }
}

/**
 * How far the true effects spread, τ² (method of moments, weights V²), at least 0.02:
 *
 *     τ² = Σ V² (β̂² − 1/V) / Σ V²
 */
function spreadOfEffects(scores: Score[]): number {
  const weight = scores.reduce((sum, it) => sum + it.information ** 2, 0)
  const excess = scores.reduce(
    (sum, it) => sum + it.information ** 2 * (it.beta ** 2 - 1 / it.information),
    0,
  )
  return weight === 0 ? 0.02 : Math.max(0.02, excess / weight)
}

/** Shown is the shrunk effect, m = β̂ τ² / (τ² + 1/V) with variance τ² / (1 + τ² V): small samples are pulled toward no effect. */
function asFinding({ row, exposed, unexposed, score, p }: Tested, q: number, tau2: number): Finding {
  const m = (score.beta * tau2) / (tau2 + 1 / score.information)
  const sd = Math.sqrt(tau2 / (1 + tau2 * score.information))
  const harmful = score.z > 0
  return {
    published: q <= FALSE_DISCOVERY_RATE,
    kind: 'check',
    class: harmful ? 'mistake' : 'success',
    channel: 'session',
    tier: 'verified',
    context: row.context,
    trait: row.trait,
    better: null,
    effect: {
      exposed,
      unexposed,
      odds_ratio: Math.exp(m),
      low: Math.exp(m - 1.959964 * sd),
      high: Math.exp(m + 1.959964 * sd),
    },
    p,
    q,
    strength: Math.abs(score.z),
    sessions: exposed[1],
    sightings: harmful ? row.sightings.bad : row.sightings.good,
    lacks: null,
  }
}

/** That something came before something else is only worth saying when it helps. */
function isSayable({ trait, class: kind }: Finding): boolean {
  return kind === 'success'
    ? trait.startsWith('before ') || trait.startsWith('use ')
    : !trait.startsWith('before ')
}

/** Whether the interval lies on one side of no effect. */
function leavesNoDoubt({ effect: { low, high } }: Finding): boolean {
  return low! > 1 || high! < 1
}

/** Two traits of mostly the same sessions are one lesson: the better supported of them stays, an order before a mere use. */
function withoutRestatements(found: Finding[], rows: Map<string, TallyRow>): Finding[] {
  const isOrder = (it: Finding) => it.trait.startsWith('before ')
  const kept: Finding[] = []
  for (const it of [...clearestSteps(found.filter(isOrder)), ...found.filter((it) => !isOrder(it))]) {
    const row = rows.get(it.context + it.trait)!
    if (!kept.some((other) => overlap(row, rows.get(other.context + other.trait)!) >= 0.8)) kept.push(it)
  }
  return kept.sort((a, b) => b.strength - a.strength)
}

/**
 * What should come before one step comes before the next one too. Of the steps for which that is about equally
 * clear, the rarest is the one it is about: the sessions that the others have besides told nothing.
 */
function clearestSteps(orders: Finding[]): Finding[] {
  const occasions = ({ effect }: Finding) => effect.exposed[1] + effect.unexposed[1]
  return [...Map.groupBy(orders, (it) => it.trait).values()].map((steps) => {
    const clearest = Math.max(...steps.map((it) => it.strength))
    return steps
      .filter((it) => it.strength >= ABOUT_EQUAL * clearest)
      .sort((a, b) => occasions(a) - occasions(b))[0]!
  })
}

const ABOUT_EQUAL = 0.9

/** Share of occasions that two rows can have in common, judged by their counts in each cell: an upper bound of the Jaccard index. */
function overlap(a: TallyRow, b: TallyRow): number {
  let both = 0
  let either = 0
  for (const cell of new Set([...Object.keys(a.cells), ...Object.keys(b.cells)])) {
    const [x, y] = [a.cells[cell]?.[1] ?? 0, b.cells[cell]?.[1] ?? 0]
    both += Math.min(x, y)
    either += Math.max(x, y)
  }
  return either === 0 ? 0 : both / either
}
