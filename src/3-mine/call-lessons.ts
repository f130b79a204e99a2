/**
 * Call lessons: what makes a call fail.
 *
 * A *guard* is an action, or a yes of the person, that should come first: calls made without it fail, calls made after
 * it do not. A *shape* is an argument given in the wrong form. *Timing* is a call made too early, or right after another
 * one failed. A *fragile* action fails in most sessions whatever was done before: a program that is not there, a tool
 * whose demands agents keep missing. All are read off the calls themselves, so they need no outcome of the session; each
 * must be seen in several kinds of work, or it would be about one task.
 *
 * A difference counts when it is near-deterministic (with 95 % confidence most exposed calls fail, and few
 * others do), or when the score test finds it at a false discovery rate of 10 %. What holds too little information
 * for the test, whatever the calls did, is not tested.
 */

import { wilsonInterval } from '../domain/proportion.ts'
import { type Count, EVERY, type TallyRow, totalOf } from '../domain/tally.ts'
import { intentOf } from './cell.ts'
import { qValues } from './false-discovery.ts'
import type { Finding } from './finding.ts'
import { twoSidedP } from './normal.ts'
import { oddsRatio } from './odds-ratio.ts'
import { fitNuisance, type Score, scoreTest } from './score-test.ts'
import { AS_COUNTED, type Untold } from './told.ts'

const FALSE_DISCOVERY_RATE = 0.1
const CANDIDATE_RATE = 0.2
const MIN_CALLS = 5
const MIN_INTENTS = 4
const MIN_INFORMATION = 0.5
const RIDGE = { intent: 2, version: 0.5 }
/** Near-deterministic: the 95 % interval of the failure rate lies above the first with the mistake, and below the second without. */
const MOSTLY_FAILS = 0.75
const SELDOM_FAILS = 0.3

/** `contexts` maps the row of each call context to the rows of its traits. */
export function callFindings(contexts: Map<TallyRow, TallyRow[]>, untold: Untold = AS_COUNTED): Finding[] {
  const tested = [...contexts].flatMap(([every, traits]) => testContext(every, traits, untold))
  const informative = tested.filter((it) => it.score.information >= MIN_INFORMATION)
  const values = qValues(informative.map((it) => it.p))
  const q = new Map(informative.map((it, i) => [it, values[i]!]))
  const found = tested.flatMap((it) => {
    const worse = oddsRatio(it.exposed, it.unexposed)
    const own = q.get(it) ?? null
    const discovered = own !== null && own <= CANDIDATE_RATE && it.score.z > 0 && failsMore(it)
    return worse && (discovered || isNearDeterministic(it))
      ? [{ is_told: it.is_told, finding: asFinding(it, own, worse) }]
      : []
  })
  return [...bestPerContext(found), ...[...contexts.keys()].flatMap((it) => fragile(untold(it, EVERY)))]
}

type Tested = {
  every: TallyRow
  row: TallyRow
  /** Whether sessions were told so, which are not among those. */
  is_told: boolean
  kind: 'guard' | 'shape' | 'timing'
  /** Calls that showed the mistake: made without the guard, or with the shape. */
  exposed: Count
  unexposed: Count
  score: Score
  p: number
  /** For a shape: the most frequent other shape that works. */
  better: string | null
}

function testContext(counted: TallyRow, traits: TallyRow[], untold: Untold): Tested[] {
  const total = totalOf(counted)
  if (total[0] === 0 || total[1] < 2 * MIN_CALLS) return []
  const fit_of_all = fitNuisance(counted.cells, RIDGE)
  // Rare traits do not count, so it makes no difference when a dream leaves them where they are.
  const supported = traits.filter((it) => totalOf(it)[1] >= MIN_CALLS)
  return supported.flatMap((seen): Tested[] => {
    const [every, row] = [untold(counted, seen.trait), untold(seen, seen.trait)]
    const is_told = every !== counted
    const all = totalOf(every)
    const having = totalOf(row)
    const lacking: Count = [all[0] - having[0], all[1] - having[1]]
    if (all[0] === 0 || having[1] < MIN_CALLS || lacking[1] < MIN_CALLS) return []
    const kind = kindOf(row.trait)
    const intents = kind === 'guard' ? intentsLacking(every, row) : intentsOf(row)
    if (intents < MIN_INTENTS || (isChoice(row) && !isOneOfFew(seen, supported))) return []
    const score = scoreTest(is_told ? fitNuisance(every.cells, RIDGE) : fit_of_all, row.cells)
    const better = kind === 'shape' ? betterShape(seen, supported) : null
    if (kind === 'shape' && better === null) return []
    const [exposed, unexposed] = kind === 'guard' ? [lacking, having] : [having, lacking]
    const toward = kind === 'guard' ? -1 : 1
    return [
      {
        every,
        row,
        is_told,
        kind,
        exposed,
        unexposed,
        score: { ...score, z: toward * score.z },
        p: twoSidedP(score.z),
        better,
      },
    ]
  })
}

function kindOf(trait: string): Tested['kind'] {
  if (trait.startsWith('arg ')) return 'shape'
  return trait.startsWith('before ') || /^after .+ failed$/.test(trait) ? 'timing' : 'guard'
}

function isChoice({ trait }: TallyRow): boolean {
  return trait.startsWith('arg ') && / is \S+$/.test(trait)
}

/** `arg A` of `arg A = S` and of `arg A is W`; null for other traits. */
function argumentOf(trait: string): string | null {
  return /^(arg .+?)(?: = .+| is \S+)$/.exec(trait)?.[1] ?? null
}

const FEW = 8
const NEARLY_ALL = 0.8

/**
 * Whether an argument is chosen from a few words or prefixes, each used in several kinds of work. Otherwise a word is
 * a name of somebody's task, and no lesson may tell it.
 */
function isOneOfFew(row: TallyRow, traits: TallyRow[]): boolean {
  const argument = argumentOf(row.trait)!
  const rows = traits.filter((it) => argumentOf(it.trait) === argument)
  const [choices, shapes] = [rows.filter(isChoice), rows.filter((it) => !isChoice(it))]
  const calls = (of: TallyRow[]) => of.reduce((sum, it) => sum + totalOf(it)[1], 0)
  return (
    choices.length <= FEW &&
    choices.every((it) => intentsOf(it) >= MIN_INTENTS) &&
    calls(choices) >= NEARLY_ALL * calls(shapes)
  )
}

function failsMore({ exposed, unexposed }: Tested): boolean {
  return exposed[0] / exposed[1] > Math.max(0.3, (2 * unexposed[0]) / unexposed[1])
}

function isNearDeterministic({ exposed, unexposed }: Tested): boolean {
  return wilsonInterval(...exposed)[0] >= MOSTLY_FAILS && wilsonInterval(...unexposed)[1] <= SELDOM_FAILS
}

/** Fails, with 95 % confidence, at least this often. */
const FRAGILE = 0.45

function fragile(every: TallyRow): Finding[] {
  const total = totalOf(every)
  const low = wilsonInterval(...total)[0]
  if (total[0] < MIN_CALLS || low < FRAGILE || intentsOf(every) < MIN_INTENTS) return []
  return [
    {
      published: true,
      kind: 'fragile',
      class: 'mistake',
      channel: 'call',
      tier: 'process',
      context: every.context,
      trait: every.trait,
      better: null,
      effect: { exposed: total, unexposed: [0, 0], odds_ratio: null, low: null, high: null },
      p: null,
      q: null,
      strength: low,
      sessions: total[1],
      sightings: every.sightings.bad,
      lacks: null,
    },
  ]
}

function intentsOf(row: TallyRow): number {
  return new Set(Object.keys(row.cells).map(intentOf)).size
}

function intentsLacking(every: TallyRow, row: TallyRow): number {
  const cells = Object.keys(every.cells).filter((it) => every.cells[it]![1] > (row.cells[it]?.[1] ?? 0))
  return new Set(cells.map(intentOf)).size
}

/** The most frequent other shape, or word, of the same argument whose calls mostly go well. */
function betterShape(row: TallyRow, traits: TallyRow[]): string | null {
  const argument = argumentOf(row.trait)!
  const others = traits
    .filter((it) => it !== row && argumentOf(it.trait) === argument && isChoice(it) === isChoice(row))
    .map((it) => ({ shape: it.trait.slice(argument.length).replace(/^ (?:=|is) /, ''), total: totalOf(it) }))
    .filter(({ total }) => wilsonInterval(...total)[1] < 0.5 || total[0] / total[1] < 0.2)
  return others.sort((a, b) => b.total[1] - a.total[1])[0]?.shape ?? null
}

function asFinding(
  it: Tested,
  q: number | null,
  effect: { odds_ratio: number; low: number; high: number },
): Finding {
  const { exposed, unexposed, every, row, kind } = it
  return {
    published: isNearDeterministic(it) || (q !== null && q <= FALSE_DISCOVERY_RATE),
    needs_confirmation: !isNearDeterministic(it),
    kind,
    class: 'mistake',
    channel: 'call',
    tier: 'process',
    context: row.context,
    trait: row.trait,
    better: it.better,
    effect: { exposed, unexposed, ...effect },
    p: q === null ? null : it.p,
    q,
    strength: Math.abs(it.score.z),
    sessions: exposed[1],
    sightings: kind === 'guard' ? every.sightings.bad : row.sightings.bad,
    lacks: kind === 'guard' ? row.trait : null,
  }
}

/**
 * Of the explanations of one action's failures, the clearest guard and the clearest shape: the others
 * describe mostly the same calls in other words. One that is told comes first: fewer calls speak of it because it is.
 */
function bestPerContext(found: { is_told: boolean; finding: Finding }[]): Finding[] {
  const best = new Map<string, { is_told: boolean; finding: Finding }>()
  for (const it of found) {
    const key = `${it.finding.context}\0${it.finding.kind}`
    const known = best.get(key)
    const told_first = Number(it.is_told) - Number(known?.is_told)
    if (!known || (told_first || clarity(it.finding) - clarity(known.finding)) > 0) best.set(key, it)
  }
  return [...best.values()].map((it) => it.finding)
}

/** The distance between the two failure rates, by the near ends of their intervals; a guard on the same object is the more exact one. */
function clarity({ effect, trait }: Finding): number {
  return (
    wilsonInterval(...effect.exposed)[0] -
    wilsonInterval(...effect.unexposed)[1] +
    (trait.includes(' on the same ') ? 0.05 : 0)
  )
}
