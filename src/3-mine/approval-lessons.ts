/**
 * Approval lessons: what people, or a judge, think of the work, held against what was verified of it.
 *
 * Verified outcomes decide. Approvals alone teach only how an answer should look, never what to do, and are weighed
 * first: where bad work is approved as often as good, they weigh nothing (`approval-ratio.ts`). Without sessions that
 * were both judged and verified no weight is known, and nothing is said.
 *
 * Where the two channels contradict each other the lesson is *disputed*, a matter for a person:
 *
 * - Approved but wrong: among approved sessions those with the trait were wrong more often (q ≤ 10 %).
 * - Opposite signs: people like what goes with failure, or dislike what goes with success, both at p < .05.
 *
 * Either way most of the sessions with the trait must have been approved and failed, or rejected and gone well.
 *
 * All tests are the score test adjusted for task and agent version; sessions without a task are left out.
 */

import { wilsonInterval } from '../domain/proportion.ts'
import { type Cell, type Count, type TallyRow, totalOf } from '../domain/tally.ts'
import { approvalRatio, approvalWeight } from './approval-ratio.ts'
import { intentOf } from './cell.ts'
import { type Exposure, exposureOf, exposureOverlap } from './exposure.ts'
import { qValues } from './false-discovery.ts'
import type { Finding } from './finding.ts'
import { twoSidedP } from './normal.ts'
import { fitNuisance, type Nuisance, type Score, scoreTest } from './score-test.ts'
import { hasTask, SESSION_RIDGE } from './session-lessons.ts'
import { AS_COUNTED, type Untold } from './told.ts'

const FALSE_DISCOVERY_RATE = 0.05
const DISPUTE_RATE = 0.1
const CONTRADICTION = 0.05
const MIN_SESSIONS = 5
const MIN_INTENTS = 4
const MIN_INFORMATION = 0.5
/** From this many sessions on one may expect that something is made of them, and is told why not. */
const WORTH_A_WORD = 20
/** Of two disputes that share this much of their sessions only the clearer one is told. */
const RESTATES = 0.8

const JUDGES = ['people', 'a judge']

/** The row of each context of the channel, and the rows of its traits. */
export function approvalFindings(rows: Map<TallyRow, TallyRow[]>, untold: Untold = AS_COUNTED): Finding[] {
  const contexts = byContext(rows)
  return JUDGES.flatMap((judge) => {
    const disputed = disputes(judge, contexts, untold)
    const settled = new Set(disputed.map((it) => it.trait))
    return [...disputed, ...preferences(judge, contexts, untold).filter((it) => !settled.has(it.trait))]
  })
}

/** Why the approvals of a judge, of which there are enough, teach nothing. */
export function whyNoApprovalLessons(rows: Map<TallyRow, TallyRow[]>): string[] {
  const contexts = byContext(rows)
  return JUDGES.flatMap((judge) => {
    if (totalOf(contexts.get(`judged by ${judge}`)?.every)[1] < WORTH_A_WORD) return []
    const { satisfied, unsatisfied } = calibrationOf(judge, contexts)
    if (approvalWeight(approvalRatio(satisfied, unsatisfied)) > 0) return []
    const who = judge === 'people' ? 'people' : 'judges'
    return [
      satisfied[1] + unsatisfied[1] < WORTH_A_WORD
        ? `No lessons from what ${who} approve: too few of the judged sessions have a verified outcome to say what an approval is worth.`
        : `No lessons from what ${who} approve: of the sessions they judged they approved ${satisfied[0]} of ${satisfied[1]} that went well and ${unsatisfied[0]} of ${unsatisfied[1]} that failed, ${whatThatShows(satisfied, unsatisfied)}.`,
    ]
  })
}

/** That bad work is approved less often, but not surely, says nothing against those who approve. */
function whatThatShows(satisfied: Count, unsatisfied: Count): string {
  const both = satisfied[1] > 0 && unsatisfied[1] > 0
  return both && satisfied[0] * unsatisfied[1] <= unsatisfied[0] * satisfied[1]
    ? 'so their approval does not tell good work from bad'
    : 'which is not enough to show that their approval tells good work from bad'
}

type Contexts = Map<string, { every: TallyRow; traits: TallyRow[] }>

function byContext(rows: Map<TallyRow, TallyRow[]>): Contexts {
  return new Map([...rows].map(([every, traits]) => [every.context, { every, traits }]))
}

/** Of the sessions that were judged and verified: `[approved, n]` of those that went well, and of those that failed. */
function calibrationOf(judge: string, contexts: Contexts): { satisfied: Count; unsatisfied: Count } {
  const both = totalOf(contexts.get(`verified and judged by ${judge}`)?.every)
  const approved = totalOf(contexts.get(`approved by ${judge}`)?.every)
  return {
    satisfied: [approved[1] - approved[0], both[1] - both[0]],
    unsatisfied: [approved[0], both[0]],
  }
}

function preferences(judge: string, contexts: Contexts, untold: Untold): Finding[] {
  const { satisfied, unsatisfied } = calibrationOf(judge, contexts)
  const weight = approvalWeight(approvalRatio(satisfied, unsatisfied))
  const tested = tests(`judged by ${judge}`, contexts, untold).filter((it) =>
    it.row.trait.startsWith('answer '),
  )
  const p = tested.map((it) => twoSidedP(weight * it.score.z))
  const q = qValues(p)
  return tested
    .map((it, i) => ({
      ...findingOf(it, judge),
      kind: 'preference' as const,
      class: 'practice' as const,
      tier: 'people' as const,
      published: true,
      needs_confirmation: true,
      p: p[i]!,
      q: q[i]!,
      sightings: it.score.z < 0 ? it.row.sightings.good : it.row.sightings.bad,
    }))
    .filter((it) => it.q <= FALSE_DISCOVERY_RATE)
    .sort((a, b) => b.strength - a.strength)
}

function disputes(judge: string, contexts: Contexts, untold: Untold): Finding[] {
  const approved = tests(`approved by ${judge}`, contexts, untold)
  const q = qValues(approved.map((it) => it.p))
  const wrong = new Map(
    approved.flatMap((it, i) => (q[i]! <= DISPUTE_RATE && it.score.z > 0 ? [[it.row.trait, q[i]!]] : [])),
  )
  const judged = new Map(tests(`judged by ${judge}`, contexts, untold).map((it) => [it.row.trait, it]))

  const disputed = tests(`verified and judged by ${judge}`, contexts, untold).flatMap((it) => {
    const opinion = judged.get(it.row.trait)
    if (!opinion || !isDisputed(opinion, it)) return []
    if (!wrong.has(it.row.trait) && !contradicts(opinion, it)) return []
    return [{ row: it.row, finding: disputeOf(it, opinion, wrong.get(it.row.trait) ?? null, judge) }]
  })
  return withoutRestatements(disputed)
}

/** Whether most sessions were approved and failed, or rejected and went well: a difference alone is no contradiction. */
function isDisputed(opinion: Tested, verified: Tested): boolean {
  const [rejected, judged] = opinion.exposed
  const [failed, n] = verified.exposed
  return verified.score.z > 0
    ? areMost(judged - rejected, judged) && areMost(failed, n)
    : areMost(rejected, judged) && areMost(n - failed, n)
}

/** With 80 % confidence. */
function areMost(k: number, n: number): boolean {
  return wilsonInterval(k, n, 1.281552)[0] >= 0.5
}

function contradicts(opinion: Tested, verified: Tested): boolean {
  return (
    opinion.p < CONTRADICTION &&
    verified.p < CONTRADICTION &&
    Math.sign(opinion.score.z) !== Math.sign(verified.score.z)
  )
}

type Tested = { row: TallyRow; exposed: Count; unexposed: Count; score: Score; p: number }

/** The traits of a context that enough sessions of enough tasks tell about, scored. */
function tests(context: string, contexts: Contexts, untold: Untold): Tested[] {
  const known = contexts.get(context)
  if (!known) return []
  const base_of_all = baseOf(known.every)
  return known.traits.flatMap((seen): Tested[] => {
    const left = untold(known.every, seen.trait)
    const base = left === known.every ? base_of_all : baseOf(left)
    if (base === null) return []
    const { all, fit } = base
    const trait = untold(seen, seen.trait)
    const row = { ...trait, cells: withTask(trait) }
    const exposed = totalOf(row)
    const unexposed: Count = [all[0] - exposed[0], all[1] - exposed[1]]
    const intents = new Set(Object.keys(row.cells).map(intentOf)).size
    if (exposed[1] < MIN_SESSIONS || unexposed[1] < MIN_SESSIONS || intents < MIN_INTENTS) return []
    const score = scoreTest(fit, row.cells)
    if (score.information < MIN_INFORMATION) return []
    return [{ row, exposed, unexposed, score, p: twoSidedP(score.z) }]
  })
}

/** What traits are compared with; null where there is too little of it. */
function baseOf(every: TallyRow): { all: Count; fit: Nuisance } | null {
  const cells = withTask(every)
  const all = totalOf({ cells })
  if (all[1] < 2 * MIN_SESSIONS || all[0] === 0 || all[0] === all[1]) return null
  return { all, fit: fitNuisance(cells, SESSION_RIDGE) }
}

/** Sessions of unknown task are left out: their difficulty cannot be taken into account. */
function withTask({ cells }: TallyRow): Record<Cell, Count> {
  return Object.fromEntries(Object.entries(cells).filter(([cell]) => hasTask(cell)))
}

/** One context for whatever is said of a trait: a preference that comes to be disputed stays the same pattern. */
function findingOf({ row, exposed, unexposed, score, p }: Tested, judge: string) {
  return {
    channel: 'approval' as const,
    context: `judged by ${judge}`,
    trait: row.trait,
    better: null,
    effect: {
      exposed,
      unexposed,
      odds_ratio: Math.exp(score.beta),
      low: Math.exp(score.beta - 1.959964 * score.se),
      high: Math.exp(score.beta + 1.959964 * score.se),
    },
    p,
    strength: Math.abs(score.z),
    sessions: exposed[1],
    lacks: null,
  }
}

/** The sessions behind it are those whose outcome contradicts the opinion. */
function disputeOf(it: Tested, opinion: Tested, q: number | null, judge: string): Finding {
  const fails = it.score.z > 0
  const { exposed, unexposed } = opinion
  return {
    ...findingOf(it, judge),
    kind: 'disputed',
    class: fails ? 'mistake' : 'success',
    tier: 'verified',
    published: false,
    disputed: { exposed, unexposed },
    q,
    sightings: fails ? it.row.sightings.bad : it.row.sightings.good,
  }
}

/** The clearest first; of disputes about mostly the same sessions only that one. */
function withoutRestatements(disputed: { row: TallyRow; finding: Finding }[]): Finding[] {
  const kept: { shown: Exposure; finding: Finding }[] = []
  for (const { row, finding } of disputed.toSorted((a, b) => b.finding.strength - a.finding.strength)) {
    const shown = exposureOf(row)
    if (!kept.some((it) => exposureOverlap(shown, it.shown) >= RESTATES)) kept.push({ shown, finding })
  }
  return kept.map((it) => it.finding)
}
