/**
 * Repair lessons: errors that recur, and the reaction that works best.
 *
 * Attempts after the same error of the same action are compared with each other, so no outcome of the
 * session is needed. A *repair* is the reaction with the best Wilson lower bound, when it worked at least three
 * times, and more often than the rest. An error that no reaction is known to mend, but that agents keep
 * running into, is *recurring*: worth knowing before the call.
 */
import { type Count, type TallyRow, totalOf } from '../domain/tally.ts'
import { intentOf } from './cell.ts'
import { type Finding, templateOf } from './finding.ts'
import { oddsRatio } from './odds-ratio.ts'
import { wilsonInterval } from './proportion.ts'

const MIN_ATTEMPTS = 5
const MIN_MEETINGS = 6
const MIN_INTENTS = 4
/** An error is beyond repair when at least this share of the attempts after it fail. */
const MOSTLY_FAILS = 0.7
/** The template of an error without words: nothing to recognise it by. */
const NO_MESSAGE = '(no message)'
const MIN_SUCCESSES = 3
/** Another action's success is weaker evidence than the success of the call that had failed, so a switch has to work more often. */
const MIN_LOWER_BOUND = { retry: 0.4, switch: 0.5 }

export function repairFindings(contexts: Map<TallyRow, TallyRow[]>): Finding[] {
  return [...contexts].flatMap(([every, traits]) => {
    const all = totalOf(every)
    const met = traits.find((it) => it.trait === 'met')
    if (!met || all[1] < MIN_ATTEMPTS || templateOf(every) === NO_MESSAGE) return []
    const best = traits
      .filter((it) => it.trait !== 'give up' && it !== met)
      .map((row) => judge(row, all))
      .filter((it) => it !== null)
      .sort((a, b) => b.strength - a.strength || a.row.trait.length - b.row.trait.length)[0]
    return best ? [repair(best, met)] : recurring(met, all)
  })
}

type Judged = { row: TallyRow; exposed: Count; unexposed: Count; strength: number }

function judge(row: TallyRow, all: Count): Judged | null {
  const exposed = totalOf(row)
  const unexposed: Count = [all[0] - exposed[0], all[1] - exposed[1]]
  const worked = exposed[1] - exposed[0]
  const strength = wilsonInterval(worked, exposed[1])[0]
  const otherwise = unexposed[1] === 0 ? 0 : 1 - unexposed[0] / unexposed[1]
  const enough = row.trait.startsWith('switch ') ? MIN_LOWER_BOUND.switch : MIN_LOWER_BOUND.retry
  if (worked < MIN_SUCCESSES || strength < enough) return null
  return worked / exposed[1] > otherwise ? { row, exposed, unexposed, strength } : null
}

function repair({ row, exposed, unexposed, strength }: Judged, met: TallyRow): Finding {
  return {
    published: true,
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
    sessions: totalOf(met)[1],
    sightings: interleave(met.sightings.good.concat(met.sightings.bad), row.sightings.good),
    lacks: null,
  }
}

function recurring(met: TallyRow, all: Count): Finding[] {
  const total = totalOf(met)
  const intents = new Set(Object.keys(met.cells).map(intentOf)).size
  if (total[1] < MIN_MEETINGS || intents < MIN_INTENTS || all[0] < MOSTLY_FAILS * all[1]) return []
  return [
    {
      published: true,
      kind: 'recurring',
      class: 'mistake',
      channel: 'repair',
      tier: 'process',
      context: met.context,
      trait: met.trait,
      better: null,
      effect: { exposed: total, unexposed: [0, 0], odds_ratio: null, low: null, high: null },
      p: null,
      q: null,
      strength: total[1],
      sessions: total[1],
      sightings: met.sightings.bad.concat(met.sightings.good),
      lacks: null,
    },
  ]
}

/** One of the error, one of the repair, and so on. */
function interleave<T>(a: T[], b: T[]): T[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [a[i], b[i]])
    .flat()
    .filter((it) => it !== undefined)
}
