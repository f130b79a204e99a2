/**
 * Repair lessons: errors that recur, and the reaction that works best.
 *
 * Attempts after the same error of the same action are compared with each other, so no outcome of the
 * session is needed. A *repair* is the reaction with the best Wilson lower bound, when it worked in at least three
 * sessions, and surely more often than the rest; it is told as exactly as it was done. One that comes near that bound is not told, and neither taken
 * back: else it would come and go as the counts move. An error that no reaction is known to
 * mend, but that agents keep running into, is *recurring*: worth knowing before the call; and so is the reaction that
 * they keep trying in vain. Of an error whose remedy stopped working, what was counted since then says all this (`since.ts`).
 */

import { wilsonInterval } from '../domain/proportion.ts'
import type { Count, TallyRow } from '../domain/tally.ts'
import { intentOf } from './cell.ts'
import { type Finding, templateOf } from './finding.ts'
import { oddsRatio } from './odds-ratio.ts'
import { type Since, totalSince } from './since.ts'

/** Sessions that ran into the error. */
const MIN_SESSIONS = 5
const MIN_MEETINGS = 6
const MIN_INTENTS = 4
/** An error is beyond repair when at least this share of the attempts after it fail, and luck leaves at least `MIN_LOWER_BOUND.retry` of it. */
const MOSTLY_FAILS = 0.7
/** A reaction is hopeless when, with 95 % confidence, it works less often than this. */
const HOPELESS = 0.5
/** The template of an error without words: nothing to recognise it by. */
const NO_MESSAGE = '(no message)'
const MIN_SUCCESSES = 3
/** Another action's success is weaker evidence than the success of the call that had failed, so a switch has to work more often. */
const MIN_LOWER_BOUND = { retry: 0.4, switch: 0.5 }
/** So far below that bound a reaction may fall that is told already. */
const SLACK = 0.1
/** Of a reaction that works this often nobody can say that it does not. */
const OFTEN = 0.5

export function repairFindings(contexts: Map<TallyRow, TallyRow[]>, since: Since): Finding[] {
  return [...contexts].flatMap(([every, traits]) => {
    const all = totalSince(every, since)
    const occasions = traits.map((row): Occasions => ({ row, count: totalSince(row, since) }))
    const met = occasions.find(({ row }) => row.trait === 'met')
    if (!met || met.count[1] < MIN_SESSIONS || templateOf(every) === NO_MESSAGE) return []
    const passes = occasions.some(({ row }) => row.trait === 'passes')
    const reactions = occasions.filter(({ row }) => !NO_REACTIONS.has(row.trait))
    const best = asDone(reactions.map((it) => judge(it, all)).filter((it) => it !== null))
    return best ? [repair(best, met)] : recurring(met, all, reactions, passes)
  })
}

/** What a row says of an error, and not of what was done about it. */
const NO_REACTIONS = new Set(['met', 'passes', 'give up'])

/** A row, and how often what it counts was seen and went badly, as far as that is believed. */
type Occasions = { row: TallyRow; count: Count }
type Judged = { row: TallyRow; exposed: Count; unexposed: Count; strength: number; is_sure: boolean }

function judge({ row, count: exposed }: Occasions, all: Count): Judged | null {
  const unexposed: Count = [all[0] - exposed[0], all[1] - exposed[1]]
  const worked = exposed[1] - exposed[0]
  const strength = wilsonInterval(worked, exposed[1])[0]
  const otherwise = unexposed[1] === 0 ? 0 : 1 - unexposed[0] / unexposed[1]
  const enough = row.trait.startsWith('switch ') ? MIN_LOWER_BOUND.switch : MIN_LOWER_BOUND.retry
  if (worked < MIN_SUCCESSES || strength < enough - SLACK) return null
  const is_sure = strength >= enough
  return strength > otherwise ? { row, exposed, unexposed, strength, is_sure } : null
}

/**
 * The best reaction, told as it was done: where nearly all who asked also gave another argument, asking alone is
 * something that nobody has tried. A more exact account takes the place of the best one when it covers nearly all of
 * its successes and worked about as often.
 */
function asDone(judged: Judged[]): Judged | undefined {
  const [best, ...others] = judged.sort(
    (a, b) => Number(b.is_sure) - Number(a.is_sure) || b.strength - a.strength || exactness(b) - exactness(a),
  )
  if (!best) return undefined
  const worked = ({ exposed }: Judged) => exposed[1] - exposed[0]
  const rate = (it: Judged) => worked(it) / it.exposed[1]
  const accounts = others.filter(
    (it) =>
      it.is_sure === best.is_sure &&
      isMoreExact(it.row.trait, best.row.trait) &&
      worked(it) >= NEARLY_ALL * worked(best) &&
      rate(it) >= rate(best) - ABOUT_AS_OFTEN,
  )
  return [best, ...accounts].sort((a, b) => exactness(b) - exactness(a) || b.strength - a.strength)[0]
}

const NEARLY_ALL = 0.8
const ABOUT_AS_OFTEN = 0.05

/** Whether one account says all that the other says, and more. */
function isMoreExact(trait: string, other: string): boolean {
  const parts = partsOf(trait)
  return partsOf(other).every(
    (part) =>
      parts.includes(part) ||
      (part === 'wait' && parts.some((it) => it.startsWith('wait '))) ||
      (part.startsWith('change ') &&
        parts.some((it) =>
          /^(?:take|lower|raise) /.test(it)
            ? it.replace(/^\w+/, 'change') === part
            : it.startsWith(`${part.replace('change', 'give')}: `),
        )),
  )
}

/** How much an account says: another preparation or change, then which value, then which shape, or whether less or more; of a wait how long. */
function exactness({ row }: Judged): number {
  return partsOf(row.trait).reduce(
    (sum, it) => sum + 3 + (it.startsWith('take ') ? 2 : /^(?:give|lower|raise|wait) /.test(it) ? 1 : 0),
    0,
  )
}

function partsOf(trait: string): string[] {
  const [, first, second] = /^(.+?)(?:, ((?:change|take|give|lower|raise|add|leave out|option) .+))?$/.exec(
    trait,
  )!
  return second === undefined ? [first!] : [first!, second]
}

function repair({ row, exposed, unexposed, strength, is_sure }: Judged, met: Occasions): Finding {
  return {
    published: is_sure,
    kind: 'repair',
    class: row.trait === 'again' ? 'practice' : 'mistake',
    channel: 'repair',
    tier: 'process',
    context: row.context,
    trait: row.trait,
    better: null,
    effect: {
      exposed,
      unexposed,
      ...(oddsRatio(exposed, unexposed) ?? { odds_ratio: null, low: null, high: null }),
    },
    p: null,
    q: null,
    strength,
    sessions: met.count[1],
    sightings: interleave(met.row.sightings.good.concat(met.row.sightings.bad), row.sightings.good),
    lacks: null,
  }
}

function recurring(met: Occasions, all: Count, reactions: Occasions[], passes: boolean): Finding[] {
  const { row, count: total } = met
  const intents = new Set(Object.keys(row.cells).map(intentOf)).size
  if (total[1] < MIN_MEETINGS || intents < MIN_INTENTS || all[0] < MOSTLY_FAILS * all[1]) return []
  if (wilsonInterval(...all)[0] < MIN_LOWER_BOUND.retry) return []
  if (reactions.some(({ count: [bad, n] }) => n - bad >= Math.max(MIN_SUCCESSES, OFTEN * n))) return []
  const hopeless = reactions.filter((it) => isHopeless(it.count)).sort((a, b) => b.count[1] - a.count[1])[0]
  // Nobody can rule out an outage before a call; what does not help against it is worth knowing.
  if (passes && !hopeless) return []
  const { trait } = (hopeless ?? met).row
  return [
    {
      published: true,
      kind: 'recurring',
      class: 'mistake',
      channel: 'repair',
      tier: 'process',
      context: row.context,
      trait,
      better: null,
      effect: {
        exposed: (hopeless ?? met).count,
        unexposed: [0, 0],
        odds_ratio: null,
        low: null,
        high: null,
      },
      p: null,
      q: null,
      strength: total[1],
      sessions: total[1],
      sightings: row.sightings.bad.concat(row.sightings.good),
      lacks: null,
    },
  ]
}

function isHopeless([bad, n]: Count): boolean {
  return wilsonInterval(n - bad, n)[1] <= HOPELESS
}

/** One of the error, one of the repair, and so on. */
function interleave<T>(a: T[], b: T[]): T[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [a[i], b[i]])
    .flat()
    .filter((it) => it !== undefined)
}
