/**
 * Correction lessons: what people keep telling the agent, and what they keep refusing.
 *
 * A wish is found by pairs of content words that people use together when they correct the agent, and
 * seldom otherwise. Pairs of the same sentences are one wish, told by the pair that
 * most sessions share, or by one that is told already (`known-wishes.ts`). It must recur over sessions and kinds of work. What only
 * one named person says is that person's wish.
 */

import { wilsonInterval } from '../domain/proportion.ts'
import { type Count, EVERY, rowKey, type Tally, type TallyRow, totalOf } from '../domain/tally.ts'
import type { Finding } from './finding.ts'
import { oddsRatio } from './odds-ratio.ts'
import { intentsBehind, onlyPersonBehind } from './people.ts'
import { AS_COUNTED, type Untold } from './told.ts'

export const MIN_SESSIONS = 4
export const MIN_INTENTS = 3
/** Words that correct are, with 95 % confidence, said in corrections at least this often when they are said at all. */
const MOSTLY_CORRECTS = 0.5
const MIN_REFUSALS = 3
const OFTEN_REFUSED = 0.2

/** `redone` is what keeps changing after a correction: told where no wish tells it already. */
export function correctionFindings(
  contexts: Map<TallyRow, TallyRow[]>,
  redone: Finding[],
  tally: Tally,
  untold: Untold = AS_COUNTED,
): Finding[] {
  const countedOf = ({ context, trait }: Finding) => tally.get(rowKey(context, trait))!
  const isAbout = (wish: Finding, other: Finding) =>
    sharesWord(wish.better!, other.better!, ' ') && shareSession(countedOf(wish), countedOf(other))
  const found = [...contexts].flatMap(([every, traits]) =>
    every.context === 'said' ? wishes(every, traits, untold) : refusals(untold(every, EVERY)),
  )
  return [
    ...found,
    ...redone.filter((it) => !found.some((wish) => wish.better !== null && isAbout(wish, it))),
  ]
}

function wishes(every: TallyRow, traits: TallyRow[], untold: Untold): Finding[] {
  const found = traits
    .filter((it) => totalOf(it)[0] >= MIN_SESSIONS)
    .map((counted) => ({ counted, row: untold(counted, counted.trait) }))
    .map((it) => ({ ...it, total: totalOf(it.row) }))
    .filter(
      ({ row, total }) =>
        total[0] >= MIN_SESSIONS &&
        intentsBehind(row) >= MIN_INTENTS &&
        wilsonInterval(...total)[0] >= MOSTLY_CORRECTS,
    )
    .sort((a, b) => b.total[0] - a.total[0] || (a.row.trait < b.row.trait ? -1 : 1))
  const clusters: (typeof found)[] = []
  for (const it of found) {
    const home = clusters.filter((cluster) => cluster.some((other) => saysTheSame(it.counted, other.counted)))
    for (const other of home) clusters.splice(clusters.indexOf(other), 1)
    clusters.push([...home.flat(), it])
  }
  return clusters.map((cluster) => {
    const better = [...new Set(cluster.flatMap((it) => it.row.trait.split(' + ')))].sort().join(' ')
    const person = whose(...cluster.map((it) => it.row))
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
        sessions: total[0],
        sightings: row.sightings.bad,
        ...person,
        lacks: null,
      }
    })
    return { ...best!, alike }
  })
}

/** Two pairs of one wish: they share a word, and sessions. By what was counted: those that were told one pair still said the other. */
function saysTheSame(a: TallyRow, b: TallyRow): boolean {
  return sharesWord(a.trait, b.trait, ' + ') && shareSession(a, b)
}

function sharesWord(a: string, b: string, between: string): boolean {
  const words = a.split(between)
  return b.split(between).some((it) => words.includes(it))
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
