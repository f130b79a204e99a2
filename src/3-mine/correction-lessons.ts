/**
 * Correction lessons: what people keep telling the agent, and what they keep refusing.
 *
 * A wish is found by pairs of content words that people use together when they correct the agent, and
 * seldom otherwise. Pairs of the same sentences are one wish, and so is what the agent keeps changing when it is said; it is told by the pair
 * that most sessions share, or by an account that is told already (`known-wishes.ts`). It must recur over sessions and kinds of work. What only
 * one named person says is that person's wish.
 */

import { wilsonInterval } from '../domain/proportion.ts'
import {
  type Count,
  EVERY,
  rowKey,
  type Sighting,
  type Tally,
  type TallyRow,
  totalOf,
} from '../domain/tally.ts'
import type { Finding } from './finding.ts'
import { oddsRatio } from './odds-ratio.ts'
import { intentsBehind, onlyPersonBehind } from './people.ts'
import { SIGHTINGS } from './tally.ts'
import { AS_COUNTED, type Untold } from './told.ts'

export const MIN_SESSIONS = 4
export const MIN_INTENTS = 3
/** Words that correct are, with 95 % confidence, said in corrections at least this often when they are said at all. */
const MOSTLY_CORRECTS = 0.5
/** A word is said together with another when that is so in at least this share of the sessions of its pair; it belongs to a wish that it is said with this much of. */
const TOGETHER = 1 / 3
const IN_ONE_BREATH = 2 / 3
/** Rows with less are not always loaded, so nothing may depend on them. */
const LEAST_SEEN = 3
/** With these words people say that something is not there, and no more. */
const MISSES = new Set(
  'forgot forget forgotten forgetting miss misse missed missing lack lacked lacking absent'.split(' '),
)
const MIN_REFUSALS = 3
const OFTEN_REFUSED = 0.2

/** `redone` is what keeps changing after a correction: of a wish in words it is another account. */
export function correctionFindings(
  contexts: Map<TallyRow, TallyRow[]>,
  redone: Finding[],
  tally: Tally,
  untold: Untold = AS_COUNTED,
): Finding[] {
  const countedOf = ({ context, trait }: Finding) => tally.get(rowKey(context, trait))!
  const isAbout = (wish: Finding, other: Finding) =>
    sharesWord(wish.better!, other.better!) &&
    accountsOf(wish).some((it) => shareSession(countedOf(it), countedOf(other)))
  const found = [...contexts].flatMap(([every, traits]) =>
    every.context === 'said' ? wishes(every, traits, untold) : refusals(untold(every, EVERY)),
  )
  const byWish = Map.groupBy(onceEach(redone), (it) =>
    found.find((wish) => wish.better !== null && accountsOf(it).some((other) => isAbout(wish, other))),
  )
  return [
    ...found.map((wish) => ({
      ...wish,
      alike: [...(wish.alike ?? []), ...(byWish.get(wish) ?? []).flatMap(accountsOf)],
    })),
    ...(byWish.get(undefined) ?? []),
  ]
}

/** What was put in and what was taken out at the same times is one change. */
function onceEach(redone: Finding[]): Finding[] {
  const changes: Finding[] = []
  for (const it of redone.toSorted((a, b) => b.sessions - a.sessions || (a.trait < b.trait ? -1 : 1))) {
    const home = changes.find((other) => sameOccasions(it, other))
    if (home === undefined) changes.push({ ...it, alike: [] })
    else home.alike!.push(it)
  }
  return changes
}

/** Whether the one is seen in at least half of where the other, the rarer, is. */
function sameOccasions(a: Pick<Finding, 'sightings'>, b: Pick<Finding, 'sightings'>): boolean {
  return sharedOccasions(a.sightings, b.sightings) >= 1 / 2
}

/** Of where the rarer is seen, the share in which the other is seen too, as far as both show it: those of the lowest ids. */
function sharedOccasions(a: Sighting[], b: Sighting[]): number {
  const last = [a, b].map((it) => it.at(-1)!.session_id).sort()[0]!
  const [one, other] = [a, b].map((it) =>
    it.filter(({ session_id }) => session_id <= last).map((at) => `${at.session_id} ${at.event}`),
  )
  const least = Math.min(one!.length, other!.length)
  return least === 0 ? 0 : one!.filter((it) => other!.includes(it)).length / least
}

function accountsOf({ alike = [], ...best }: Finding): Finding[] {
  return [best, ...alike]
}

function wishes(every: TallyRow, traits: TallyRow[], untold: Untold): Finding[] {
  const found = traits
    .filter((it) => totalOf(it)[0] >= MIN_SESSIONS)
    .map((counted) => ({ counted, row: untold(counted, counted.trait), words: counted.trait.split(' + ') }))
    .map((it): Pair => ({ ...it, total: totalOf(it.row) }))
    .filter(
      ({ row, total }) =>
        total[0] >= MIN_SESSIONS &&
        intentsBehind(row) >= MIN_INTENTS &&
        wilsonInterval(...total)[0] >= MOSTLY_CORRECTS,
    )
    .sort(byCounted)
  return saidAtOnce(clustersOf(found, traits)).map((cluster) => {
    const better = [...new Set(cluster.flatMap((it) => it.words))].sort().join(' ')
    const person = whose(...cluster.map((it) => it.row))
    const sightings = sightingsOf(cluster)
    const [best, ...alike] = cluster.map(({ row, total }): Finding => {
      const all = totalOf(untold(every, row.trait))
      const unexposed: Count = [all[0] - total[0], all[1] - total[1]]
      return {
        published: true,
        kind: 'correction',
        class: 'practice',
        channel: 'correction',
        tier: 'people',
        context: row.context,
        trait: row.trait,
        better,
        effect: { exposed: total, unexposed, ...oddsRatio(total, unexposed)! },
        p: null,
        q: null,
        strength: wilsonInterval(...total)[0],
        // More are not known: how many sessions said it in the one words or in the others is counted nowhere.
        sessions: Math.max(total[0], sightings.length),
        sightings,
        ...person,
        lacks: null,
      }
    })
    return { ...best!, alike }
  })
}

/** A pair of words as it was counted, and as it was said by those who were told nothing of it. */
type Pair = { words: string[]; counted: TallyRow; row: TallyRow; total: Count }

/** Pairs of one wish, and its words, each with the sessions of the first pair that has it. */
type Cluster = { words: Map<string, number>; pairs: Pair[] }

/**
 * The pairs of each wish, those of most sessions first. Each goes to the wish it goes with best, so a word that goes with anything
 * (“write”) ties no two wishes together. By what was counted: those that were told one pair still said the other.
 */
function clustersOf(found: Pair[], traits: TallyRow[]): Pair[][] {
  const said = new Map(traits.map((it) => [it.trait, totalOf(it)[0]]))
  const clusters: Cluster[] = []
  // What says only that something is missing comes last: it is one more way to ask for whatever else is wished of that.
  for (const pair of [...found.filter((it) => !isMissed(it)), ...found.filter(isMissed)]) {
    const words = isMissed(pair) ? pair.words.filter((it) => !MISSES.has(it)) : pair.words
    const [k] = totalOf(pair.counted)
    const isTogether = (a: string, b: string) =>
      (said.get(a < b ? `${a} + ${b}` : `${b} + ${a}`) ?? 0) >= Math.max(LEAST_SEEN, TOGETHER * k)
    const fits = clusters.map((it) => fitOf(words, it.words, isTogether))
    const best = Math.max(0, ...fits)
    const home: Cluster = best >= TOGETHER ? clusters[fits.indexOf(best)]! : { words: new Map(), pairs: [] }
    if (!clusters.includes(home)) clusters.push(home)
    home.pairs.push(pair)
    for (const it of words) if (!home.words.has(it)) home.words.set(it, k)
  }
  return clusters.map((it) => it.pairs.sort(byCounted))
}

/** What is mostly said in one breath is one wish, though it shares no word: “the case number, not the customer name, in the subject line”. */
function saidAtOnce(clusters: Pair[][]): Pair[][] {
  const wishes: Pair[][] = []
  for (const it of clusters.toSorted((a, b) => byCounted(a[0]!, b[0]!))) {
    const home = wishes.find((other) => sharedOccasions(sightingsOf(it), sightingsOf(other)) >= IN_ONE_BREATH)
    if (home === undefined) wishes.push([...it])
    else home.push(...it)
  }
  return wishes.map((it) => it.sort(byCounted))
}

/** How much of what else a wish says, each word by its sessions, is said together with the one word that is new; 1 where none is new. */
function fitOf(
  words: string[],
  wish: Map<string, number>,
  isTogether: (a: string, b: string) => boolean,
): number {
  const [fresh, ...more] = words.filter((it) => !wish.has(it))
  if (fresh === undefined) return 1
  const others = [...wish].filter(([it]) => !words.includes(it))
  if (more.length > 0 || others.length === 0) return 0
  const sum = (of: typeof others) => of.reduce((all, [, k]) => all + k, 0)
  return sum(others.filter(([it]) => isTogether(fresh, it))) / sum(others)
}

function isMissed({ words }: Pair): boolean {
  return words.filter((it) => MISSES.has(it)).length === 1
}

function byCounted(a: Pair, b: Pair): number {
  return totalOf(b.counted)[0] - totalOf(a.counted)[0] || (a.row.trait < b.row.trait ? -1 : 1)
}

/** Those of the lowest session ids, as of any row: whatever the wish is told by, it is shown by what was said in any of its words. */
function sightingsOf(cluster: Pair[]): Sighting[] {
  const first = new Map<string, Sighting>()
  for (const it of cluster.flatMap(({ row }) => row.sightings.bad))
    if (it.event < (first.get(it.session_id)?.event ?? Number.POSITIVE_INFINITY)) first.set(it.session_id, it)
  return [...first.values()].sort((a, b) => (a.session_id < b.session_id ? -1 : 1)).slice(0, SIGHTINGS)
}

function sharesWord(a: string, b: string): boolean {
  const words = a.split(' ')
  return b.split(' ').some((it) => words.includes(it))
}

function shareSession(a: TallyRow, b: TallyRow): boolean {
  const sessions = new Set(a.sightings.bad.map((it) => it.session_id))
  return b.sightings.bad.some((it) => sessions.has(it.session_id))
}

function whose(...rows: TallyRow[]): { person?: string } {
  const person = onlyPersonBehind(...rows)
  return person === undefined ? {} : { person }
}

function refusals(every: TallyRow): Finding[] {
  const total = totalOf(every)
  const rate = total[0] / total[1]
  if (total[0] < MIN_REFUSALS || rate < OFTEN_REFUSED) return []
  return [
    {
      published: true,
      kind: 'refusal',
      class: 'practice',
      channel: 'correction',
      tier: 'people',
      context: every.context,
      trait: every.trait,
      better: null,
      effect: { exposed: total, unexposed: [0, 0], odds_ratio: null, low: null, high: null },
      p: null,
      q: null,
      strength: wilsonInterval(...total)[0],
      sessions: total[0],
      sightings: every.sightings.bad,
      ...whose(every),
      lacks: null,
    },
  ]
}
