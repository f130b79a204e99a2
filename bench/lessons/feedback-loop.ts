/**
 * The feedback loop: a lesson that works makes its own pattern disappear. A miner that does not know who was given the
 * lesson then takes it back, and the mistake returns.
 */
import { type Random, seeded } from '../../examples/compliance-desk/random.ts'
import { firstLooks } from '../../src/3-mine/first-look.ts'
import { lessonOf } from '../../src/3-mine/lesson.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { overnight } from '../../src/3-mine/overnight.ts'
import { type Counted, mergeTallies, tallyOf } from '../../src/3-mine/tally.ts'
import { keysOf } from '../../src/3-mine/told.ts'
import { derivedId } from '../../src/domain/id.ts'
import type { Pattern } from '../../src/domain/pattern.ts'
import type { Tally } from '../../src/domain/tally.ts'
import type { Section } from './section.ts'

const MAX_RUNS = 10
const NIGHTS = 120
const SESSIONS_A_NIGHT = 40
const TASKS = 20
const OTHER_TRAITS = 10
const WINDOW_NIGHTS = 7

/** How often an agent without the lesson takes the shortcut, how many points more then fail, and how often it heeds the lesson. */
const SHORTCUTS = 0.35
const HARM = 0.37
const COMPLIANCE = 0.8
const SHORTCUT = 'use shortcut'
const TOLD = keysOf({ channel: 'session', context: 'session', trait: SHORTCUT })

/** Share of eligible sessions that are not given the lesson: at first, and once each side has `ENOUGH` (mining.md 7.8). */
const HOLDBACK = { at_first: 0.5, later: 0.1 }
const ENOUGH = 60
/** A lesson that helps by less than this, with 95 % confidence on each side, is not worth its place. */
const FUTILE = 0.02
const Z_90 = 1.645

type Policy = {
  name: string
  /** Which sessions the miner counts, and whether it knows which of them had the lesson. */
  counts: 'the last nights' | 'all' | 'all, and who was told'
  /** When a lesson is taken back. */
  retires: 'when its pattern is gone' | 'that, or when futile'
}

const POLICIES: Policy[] = [
  {
    name: `p values over the last ${WINDOW_NIGHTS} nights`,
    counts: 'the last nights',
    retires: 'when its pattern is gone',
  },
  { name: 'dreams that do not know who was told', counts: 'all', retires: 'when its pattern is gone' },
  {
    name: 'dreams as they are now',
    counts: 'all, and who was told',
    retires: 'when its pattern is gone',
  },
  {
    name: 'the same, with a futility rule',
    counts: 'all, and who was told',
    retires: 'that, or when futile',
  },
]

export function feedbackLoop(seeds: number): Section {
  const runs = Array.from({ length: Math.min(seeds, MAX_RUNS) }, (_, i) => i + 1)
  const rows = [true, false].flatMap((is_useful) =>
    POLICIES.map((policy) => {
      const lived = runs.map((seed) => life(policy, is_useful, seed))
      return {
        lesson: is_useful ? 'useful' : 'useless',
        policy: policy.name,
        'times switched': mean(lived.map((it) => it.switches)),
        'live, of the nights since first told': mean(lived.map((it) => it.live)),
        'uplift, as estimated':
          policy.counts === 'all, and who was told' ? mean(lived.map((it) => it.uplift)) : '',
        'runs that told it': lived.filter((it) => it.switches > 0).length,
      }
    }),
  )
  return {
    name: 'feedback-loop',
    about: [
      `A simulation, ${runs.length} runs: ${NIGHTS} nights of ${SESSIONS_A_NIGHT} sessions of one agent. A shortcut in ${SHORTCUTS * 100} % of the sessions makes ${HARM * 100} points more of them fail`,
      `(useful lesson), or only goes with a trouble that does (useless lesson); agents heed ${COMPLIANCE * 100} % of the lessons they are given. Tallying, mining and the status of a lesson`,
      'overnight are the real code, and sessions that had the lesson are marked as a dream marks them; delivery, holding back and a simple futility rule are simulated here (the verdicts of',
      `the product are in bench/lift). The true uplift of the useful lesson is ${(SHORTCUTS * HARM * COMPLIANCE).toFixed(3)}.`,
    ].join(' '),
    rows,
    bars: [
      {
        name: 'times that dreams switch a useful lesson',
        value: rows.find((it) => it.lesson === 'useful' && it.policy === 'dreams as they are now')![
          'times switched'
        ],
        limit: 1.2,
        is: 'at most',
      },
    ],
    skipped: null,
  }
}

type Life = { switches: number; live: number; uplift: number }

function life(policy: Policy, is_useful: boolean, seed: number): Life {
  const random = seeded(seed)
  const failure = Array.from({ length: TASKS }, () => random.int(10, 40) / 100)
  const store = new Store(policy)
  const arms = { delivered: [0, 0], held: [0, 0] } as Record<'delivered' | 'held', [bad: number, n: number]>
  let is_live = false
  let is_retired = false
  let switches = 0
  let live_nights = 0
  let first_night = 0

  for (let night = 1; night <= NIGHTS; night++) {
    const holdback = Math.min(arms.held[1], arms.delivered[1]) < ENOUGH ? HOLDBACK.at_first : HOLDBACK.later
    const sessions = Array.from({ length: SESSIONS_A_NIGHT }, (_, i) => {
      const is_delivered = is_live && !random.chance(holdback)
      const session = sessionOf({ seed, night, i }, failure, is_useful, is_delivered, random)
      if (is_live) {
        const arm = arms[is_delivered ? 'delivered' : 'held']
        if (session.observations[0]!.bad) arm[0]++
        arm[1]++
      }
      return { session, is_delivered }
    })
    const knows = policy.counts === 'all, and who was told'
    const is_told = store.dream(
      sessions.map(({ session, is_delivered }) => ({ ...session, told: knows && is_delivered ? TOLD : [] })),
    )
    is_retired ||= policy.retires === 'that, or when futile' && isFutile(arms)
    const was_live: boolean = is_live
    is_live = is_told && !is_retired
    if (is_live !== was_live) switches++
    if (is_live && first_night === 0) first_night = night
    if (is_live) live_nights++
  }
  return {
    switches,
    live: first_night === 0 ? 0 : live_nights / (NIGHTS - first_night + 1),
    uplift: rate(arms.held) - rate(arms.delivered),
  }
}

/** What a miner knows from night to night, and whether it tells the lesson about the shortcut. */
class Store {
  private readonly policy: Policy
  private readonly tally: Tally = new Map()
  private readonly nights: Counted[][] = []
  private known: Pattern[] = []

  constructor(policy: Policy) {
    this.policy = policy
  }

  dream(counted: Counted[]): boolean {
    return this.policy.counts === 'the last nights'
      ? this.dreamOfTheLastNights(counted)
      : this.dreamOfAll(counted)
  }

  private dreamOfTheLastNights(counted: Counted[]): boolean {
    this.nights.push(counted)
    const { findings } = mine(tallyOf(this.nights.slice(-WINDOW_NIGHTS).flat()))
    return findings.some((it) => it.trait === SHORTCUT && it.published)
  }

  private dreamOfAll(counted: Counted[]): boolean {
    const touched = tallyOf(counted)
    const isFirstLook = firstLooks(this.tally)
    const tally = mergeTallies(this.tally, touched)
    const night = { agent: 'desk', counted, touched, tally, isFirstLook }
    const { found, others } = overnight(mine(tally).findings, this.known, night)
    this.known = [
      ...[...found].map(([it, standing]) => ({ ...lessonOf(it, 'desk', []), ...standing })),
      ...others,
    ]
    return this.known.some(
      (it) => it.trait === SHORTCUT && (it.status === 'probation' || it.status === 'confirmed'),
    )
  }
}

function sessionOf(
  { seed, night, i }: { seed: number; night: number; i: number },
  failure: number[],
  is_useful: boolean,
  is_delivered: boolean,
  random: Random,
): Counted {
  const task = random.int(0, TASKS - 1)
  const would_take_it = random.chance(SHORTCUTS)
  const takes_it = would_take_it && !(is_delivered && random.chance(COMPLIANCE))
  const is_in_trouble = is_useful ? takes_it : would_take_it
  const traits: Record<string, number> = takes_it ? { [SHORTCUT]: 0 } : {}
  for (let other = 0; other < OTHER_TRAITS; other++)
    if (random.chance(0.05 + 0.02 * other)) traits[`use tool_${other}`] = 0
  return {
    session_id: derivedId('sesn', String(seed), String(night), String(i)),
    cell: `v1|task-${task}`,
    person: null,
    at: new Date(Date.UTC(2026, 0, night, 12)).toISOString(),
    observations: [
      {
        channel: 'session',
        context: 'session',
        bad: random.chance(failure[task]! + (is_in_trouble ? HARM : 0)),
        event: 0,
        traits,
      },
    ],
  }
}

/** Whether the upper 90 % bound (normal approximation) of failure held back minus failure delivered is below what is worth while. */
function isFutile({ held, delivered }: Record<'delivered' | 'held', [bad: number, n: number]>): boolean {
  if (Math.min(held[1], delivered[1]) < ENOUGH) return false
  const variance = [held, delivered].reduce((sum, it) => sum + (rate(it) * (1 - rate(it))) / it[1], 0)
  return rate(held) - rate(delivered) + Z_90 * Math.sqrt(variance) < FUTILE
}

function rate([bad, n]: [bad: number, n: number]): number {
  return n === 0 ? 0 : bad / n
}

function mean(numbers: number[]): number {
  return numbers.reduce((sum, it) => sum + it, 0) / numbers.length
}
