/** Weekdays: habits in time, set against projects that ask for the same thing for days on end. */
import { type Random, seeded } from '../../examples/compliance-desk/random.ts'
import { exactCmh, type Stratum } from '../../src/3-mine/exact-cmh.ts'
import { qValues } from '../../src/3-mine/false-discovery.ts'
import { type Counted, mergeTallies, tallyOf } from '../../src/3-mine/tally.ts'
import { temporalFindings } from '../../src/3-mine/temporal-lessons.ts'
import { EVERY, type Tally, type TallyRow } from '../../src/domain/tally.ts'
import type { Section } from './section.ts'

const WISHES = 50
/** The one habit: asked for in this share of the sessions of a Monday, and of other days. */
const ON_MONDAYS = 0.8
const ON_OTHER_DAYS = 0.3
/** All other wishes come with projects of three to five working days, of which one begins on one day in twenty. */
const PROJECT_BEGINS = 1 / 20
const IN_A_PROJECT = 0.8
const OUTSIDE = 0.05

const HABIT = 'Monday: wish-0'
const NIGHTLY_WEEKS = 26

export async function weekdays(seeds: number): Promise<Section> {
  const runs = Array.from({ length: seeds }, (_, i) => i + 1)
  const measured = [4, 8, 12].map((weeks) => {
    const told = runs.map((seed) => {
      const tally = tallyOf(yearOf(seed, weeks).flat())
      return { by_days: habitsIn(tally), by_sessions: naiveHabits(tally) }
    })
    return {
      weeks,
      recall: mean(told.map((it) => Number(it.by_days.has(HABIT)))),
      'false a run': mean(told.map((it) => falseOnes(it.by_days))),
      'recall, sessions as units': mean(told.map((it) => Number(it.by_sessions.has(HABIT)))),
      'false a run, sessions as units': mean(told.map((it) => falseOnes(it.by_sessions))),
    }
  })
  const nightly = runs.map((seed) => everTold(seed))
  const every_night = {
    weeks: `${NIGHTLY_WEEKS}, looked at every night`,
    recall: mean(nightly.map((it) => Number(it.has(HABIT)))),
    'false a run': mean(nightly.map(falseOnes)),
    'recall, sessions as units': '',
    'false a run, sessions as units': '',
  }
  return {
    name: 'Habits in time',
    about: `One person, four to twelve sessions every working day, ${WISHES} wishes: one asked for in ${ON_MONDAYS} of the sessions of Mondays and ${ON_OTHER_DAYS} of the others, the rest in projects of three to five days. Mean of ${seeds} runs.`,
    rows: [...measured, every_night],
    bars: [
      { name: 'false habits a run, 8 weeks', value: measured[1]!['false a run'], limit: 0.1, is: 'at most' },
      { name: 'false habits a run, 12 weeks', value: measured[2]!['false a run'], limit: 0.1, is: 'at most' },
      {
        name: 'false habits in half a year of nightly looks',
        value: every_night['false a run'],
        limit: 0.1,
        is: 'at most',
      },
      { name: 'recall of the habit, 8 weeks', value: measured[1]!.recall, limit: 0.77, is: 'at least' },
      { name: 'recall of the habit, 12 weeks', value: measured[2]!.recall, limit: 0.93, is: 'at least' },
    ],
    skipped: null,
  }
}

function falseOnes(told: Set<string>): number {
  return told.size - Number(told.has(HABIT))
}

/** Sessions of a person, night by night. */
function yearOf(seed: number, weeks: number): Counted[][] {
  const random = seeded(seed)
  const projects = new Array<number>(WISHES).fill(0)
  const nights: Counted[][] = []
  let id = 0
  for (let day = 0; day < 7 * weeks; day++) {
    if (day % 7 > 4) continue
    for (let wish = 1; wish < WISHES; wish++)
      projects[wish] =
        projects[wish]! > 0 ? projects[wish]! - 1 : random.chance(PROJECT_BEGINS) ? random.int(2, 4) : 0
    nights.push(Array.from({ length: random.int(4, 12) }, () => sessionOn(day, id++, projects, random)))
  }
  return nights
}

const WORKING_DAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday']
/** A Monday. */
const FIRST_DAY = Date.UTC(2026, 0, 5)

function sessionOn(day: number, id: number, projects: number[], random: Random): Counted {
  const at = new Date(FIRST_DAY + day * 86_400_000 + random.int(8, 17) * 3_600_000).toISOString()
  const weekday = WORKING_DAYS[day % 7]!
  const quarter = Number(at.slice(11, 13)) < 12 ? '06-12' : '12-18'
  const traits: Record<string, number> = {}
  for (let wish = 0; wish < WISHES; wish++) {
    const p =
      wish === 0 ? (day % 7 === 0 ? ON_MONDAYS : ON_OTHER_DAYS) : projects[wish]! > 0 ? IN_A_PROJECT : OUTSIDE
    if (!random.chance(p)) continue
    for (const it of ['', `${weekday}: `, `${quarter}: `]) traits[`${it}wish-${wish}`] = 0
  }
  return {
    session_id: `sesn_${String(id).padStart(6, '0')}`,
    cell: 'v1|task',
    person: 'ana',
    at,
    observations: [{ channel: 'temporal', context: 'asks ana', bad: true, event: 0, traits }],
  }
}

function habitsIn(tally: Tally): Set<string> {
  return new Set(
    temporalFindings(contextOf(tally))
      .filter((it) => it.published)
      .map((it) => it.trait),
  )
}

/** Everything that one of the nights told. */
function everTold(seed: number): Set<string> {
  const tally: Tally = new Map()
  const told = new Set<string>()
  for (const night of yearOf(seed, NIGHTLY_WEEKS)) {
    mergeTallies(tally, tallyOf(night))
    for (const it of habitsIn(tally)) told.add(it)
  }
  return told
}

function contextOf(tally: Tally): Map<TallyRow, TallyRow[]> {
  const rows = [...tally.values()]
  return new Map([[rows.find((it) => it.trait === EVERY)!, rows.filter((it) => it.trait !== EVERY)]])
}

/** What the same test and the same control of false discoveries say when every session is a unit of its own. */
function naiveHabits(tally: Tally): Set<string> {
  const [[every, traits]] = [...contextOf(tally)] as [[TallyRow, TallyRow[]]]
  const tests = traits
    .filter((it) => /^[A-Z]\w+: /.test(it.trait))
    .map((it) => ({ trait: it.trait, ...exactCmh(sessionStrata(it.trait, every, tally)) }))
  const q = qValues(tests.map((it) => it.p))
  return new Set(tests.filter((it, i) => it.excess > 0 && q[i]! <= 0.05).map((it) => it.trait))
}

function sessionStrata(trait: string, every: TallyRow, tally: Tally): Stratum[] {
  const [weekday, wish] = trait.split(': ') as [string, string]
  const asked = tally.get(`asks ana\0${wish}`)!.cells
  const strata = new Map<string, Stratum>()
  for (const [cell, [, n]] of Object.entries(every.cells)) {
    const day = cell.slice('ana|'.length, 'ana|'.length + 10)
    const it = strata.get(day.slice(0, 7)) ?? { exposed: [0, 0], unexposed: [0, 0] }
    const is_inside = WORKING_DAYS[new Date(day).getUTCDay() - 1] === weekday
    const group = is_inside ? it.exposed : it.unexposed
    group[0] += asked[cell]?.[1] ?? 0
    group[1] += n
    strata.set(day.slice(0, 7), it)
  }
  return [...strata.values()]
}

function mean(values: number[]): number {
  return values.reduce((sum, it) => sum + it, 0) / values.length
}
