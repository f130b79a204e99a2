/**
 * Temporal lessons: what one person asks for on some days of the week, or at some time of the day, and less at others.
 *
 * The unit is not the session but the block: a calendar day, or for times of day a quarter of one (UTC). A block counts
 * when it holds at least three sessions of the person, and has the wish when most of them ask for it. People work in
 * projects, and a project asks for the same thing for days on end: its sessions are not independent, and counting
 * them one by one turns every project that happens to touch two Mondays into a habit.
 *
 * Blocks are compared with an exact test inside strata: weekdays inside the calendar month, times of day inside the
 * weekday of the month, so neither a change of mind in spring nor a busy Friday looks like a habit. It takes at
 * least eight weeks of the person's last half year, so that a habit that ended is seen to end. False discoveries are held
 * at 5 % over all persons, wishes and windows, and the wish must be made in most of the window's blocks, or it is no
 * help to the agent.
 */

import { wilsonInterval } from '../domain/proportion.ts'
import type { Count, TallyRow } from '../domain/tally.ts'
import { intentOf } from './cell.ts'
import { exactCmh, type Stratum } from './exact-cmh.ts'
import { qValues } from './false-discovery.ts'
import type { Finding } from './finding.ts'
import { oddsRatio } from './odds-ratio.ts'
import { AS_COUNTED, type Untold } from './told.ts'

const MIN_SESSIONS = 3
const MIN_WEEKS = 8
const RECENT_WEEKS = 26
const FALSE_DISCOVERY_RATE = 0.05
const CANDIDATE_RATE = 0.2

export function temporalFindings(
  contexts: Map<TallyRow, TallyRow[]>,
  untold: Untold = AS_COUNTED,
): Finding[] {
  const tested = [...contexts].flatMap(([every, wishes]) => testPerson(every, wishes, untold))
  const q = qValues(tested.map((it) => it.p))
  return tested
    .map((it, i) => asFinding(it, q[i]!))
    .filter(({ q, effect: { exposed } }) => q! <= CANDIDATE_RATE && 2 * exposed[0] > exposed[1])
    .sort((a, b) => a.p! - b.p! || (a.context + a.trait < b.context + b.trait ? -1 : 1))
}

const QUARTERS = ['00-06', '06-12', '12-18', '18-24']

/** Sessions of one person in each block of time that holds enough of them. */
type Blocks = Map<string, number>

type Tested = {
  trait: string
  /** Where the wish was made in this window. */
  sighted: TallyRow
  inside: Count
  outside: Count
  p: number
  sessions: number
  last_seen: string
}

function testPerson(every: TallyRow, traits: TallyRow[], untold: Untold): Tested[] {
  const rows = new Map(traits.map((it) => [it.trait, it]))
  const wishes = traits.filter((it) => !it.trait.includes(': '))
  return DIVISIONS.flatMap(({ blockOf, windows }) => {
    const blocks_of_all = blocksIn(every, blockOf)
    return wishes.flatMap((wish) => {
      const left = untold(every, wish.trait)
      const blocks = left === every ? blocks_of_all : blocksIn(left, blockOf)
      if (blocks === null) return []
      const asked = sessionsIn(untold(wish, wish.trait), blockOf)
      return windows.flatMap((window) => {
        const sighted = rows.get(`${window.name}: ${wish.trait}`)
        return sighted ? testWindow(window, blocks, asked, untold(sighted, wish.trait)) : []
      })
    })
  })
}

/** Those of late that hold enough sessions; null where they are of too few weeks. */
function blocksIn(every: TallyRow, blockOf: (hour: string) => string): Blocks | null {
  const blocks = recent(new Map([...sessionsIn(every, blockOf)].filter(([, n]) => n >= MIN_SESSIONS)))
  return weeksIn(blocks) < MIN_WEEKS ? null : blocks
}

function testWindow(window: Window, blocks: Blocks, asked: Blocks, sighted: TallyRow): Tested[] {
  const strata = new Map<string, Stratum>()
  let sessions = 0
  let last_seen = ''
  for (const [block, n] of blocks) {
    const k = asked.get(block) ?? 0
    const has_wish = 2 * k > n
    const is_inside = window.holds(block)
    const stratum = strata.get(window.stratumOf(block)) ?? { exposed: [0, 0], unexposed: [0, 0] }
    const group = is_inside ? stratum.exposed : stratum.unexposed
    group[1]++
    if (has_wish) group[0]++
    strata.set(window.stratumOf(block), stratum)
    if (!is_inside) continue
    sessions += k
    if (has_wish && dayOf(block) > last_seen) last_seen = dayOf(block)
  }
  const all = [...strata.values()]
  const { excess, p } = exactCmh(all)
  if (excess <= 0 || leastP(all) > FALSE_DISCOVERY_RATE) return []
  const [inside, outside] = [sumOf(all.map((it) => it.exposed)), sumOf(all.map((it) => it.unexposed))]
  return [{ trait: sighted.trait, sighted, inside, outside, p, sessions, last_seen }]
}

/**
 * The smallest p that these margins can give at all. What cannot reach the level is no hypothesis, and is not
 * counted as one (Tarone 1990); the margins do not say in which blocks the wishes fell, so this biases no test.
 */
function leastP(strata: Stratum[]): number {
  const extreme = strata.map(({ exposed, unexposed }): Stratum => {
    const wishes = exposed[0] + unexposed[0]
    const most = Math.min(wishes, exposed[1])
    return { exposed: [most, exposed[1]], unexposed: [wishes - most, unexposed[1]] }
  })
  return exactCmh(extreme).p
}

function sumOf(counts: Count[]): Count {
  return counts.reduce<Count>(([k, n], it) => [k + it[0], n + it[1]], [0, 0])
}

type Window = {
  name: string
  holds: (block: string) => boolean
  /** Blocks are compared with others of the same stratum. */
  stratumOf: (block: string) => string
}

/** How time is cut into blocks, `2026-11-02` or `2026-11-02 06-12`, and the windows that may have a habit. */
const DIVISIONS: { blockOf: (hour: string) => string; windows: Window[] }[] = [
  {
    blockOf: dayOf,
    windows: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'].map(
      (name, weekday) => ({ name, holds: (it) => weekdayOf(it) === weekday, stratumOf: monthOf }),
    ),
  },
  {
    blockOf: (hour) => `${dayOf(hour)} ${QUARTERS[Math.floor(Number(hour.slice(11)) / 6)]}`,
    windows: QUARTERS.map((name) => ({
      name,
      holds: (it) => it.endsWith(` ${name}`),
      stratumOf: (it) => `${monthOf(it)} ${weekdayOf(it)}`,
    })),
  },
]

/** Sessions of a row by block; those of unknown time are in none. */
function sessionsIn({ cells }: TallyRow, blockOf: (hour: string) => string): Blocks {
  const blocks: Blocks = new Map()
  for (const cell in cells) {
    const hour = intentOf(cell)
    if (hour === '') continue
    const block = blockOf(hour)
    blocks.set(block, (blocks.get(block) ?? 0) + cells[cell]![1])
  }
  return blocks
}

function dayOf(block: string): string {
  return block.slice(0, 10)
}

function monthOf(block: string): string {
  return block.slice(0, 7)
}

function weekdayOf(block: string): number {
  return new Date(dayOf(block)).getUTCDay()
}

/** The blocks of the last half year in which the person worked. */
function recent(blocks: Blocks): Blocks {
  const last = Math.max(...[...blocks.keys()].map(weekOf))
  return new Map([...blocks].filter(([block]) => weekOf(block) > last - RECENT_WEEKS))
}

function weeksIn(blocks: Blocks): number {
  return new Set([...blocks.keys()].map(weekOf)).size
}

/** Weeks begin on Monday; 1970 began on a Thursday. */
function weekOf(block: string): number {
  return Math.floor((Date.parse(dayOf(block)) / DAY_MS + 3) / 7)
}

const DAY_MS = 86_400_000

function asFinding(it: Tested, q: number): Finding {
  const { inside, outside, sighted, trait, p, sessions, last_seen } = it
  const person = personOf(sighted)
  return {
    published: q <= FALSE_DISCOVERY_RATE,
    kind: 'habit',
    class: 'practice',
    channel: 'temporal',
    tier: 'people',
    context: sighted.context,
    trait,
    better: null,
    effect: { exposed: inside, unexposed: outside, ...oddsRatio(inside, outside)! },
    p,
    q,
    strength: wilsonInterval(...inside)[0],
    sessions,
    sightings: sighted.sightings.bad,
    ...(person === '' ? {} : { person }),
    last_seen,
    lacks: null,
  }
}

/** Whose wishes a row counts; an empty text when the harness does not say. */
function personOf({ context }: TallyRow): string {
  return context.slice('asks '.length)
}
