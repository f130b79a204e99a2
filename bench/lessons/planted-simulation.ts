/**
 * Which harmful habits the session channel finds, by how common and how harmful they are and by how much else there is
 * to look at: the table of mining.md 5.2, made again. No recordings are needed.
 *
 * One agent, 40 intents of different difficulty (a session fails in 15 % of the cases on average, log odds of the intents
 * with standard deviation 0.8). Each session shows each of M patterns with the chance `support`, which differs by intent
 * (standard deviation 0.5 of its logarithm). Four of the patterns are planted: a session that shows one, and would have
 * succeeded, fails with probability `d`. The reference does not tell its rate of failure and how many it planted; these
 * are guesses at it, and both columns are measured in the same worlds, so they can be compared with each other for certain.
 */
import { type Random, seeded } from '../../examples/compliance-desk/random.ts'
import { exactCmh } from '../../src/3-mine/exact-cmh.ts'
import { qValues } from '../../src/3-mine/false-discovery.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { EVERY, rowKey, type Tally, type TallyRow } from '../../src/domain/tally.ts'
import type { Bar, Section } from './section.ts'

/** `[patterns, sessions, support]`, and for each `d` what the reference found with exact CMH and with the score test. */
const POINTS: {
  patterns: number
  sessions: number
  support: number
  found: [cmh: number, score: number][]
}[] = [
  {
    patterns: 1000,
    sessions: 300,
    support: 0.05,
    found: [
      [0, 0],
      [0.04, 0.08],
      [0.25, 0.44],
    ],
  },
  {
    patterns: 1000,
    sessions: 600,
    support: 0.05,
    found: [
      [0.02, 0.13],
      [0.38, 0.46],
      [0.98, 0.98],
    ],
  },
  {
    patterns: 1000,
    sessions: 1000,
    support: 0.15,
    found: [
      [0.34, 0.41],
      [0.97, 1],
      [1, 1],
    ],
  },
  {
    patterns: 1000,
    sessions: 3000,
    support: 0.05,
    found: [
      [0.55, 0.55],
      [1, 1],
      [1, 1],
    ],
  },
  {
    patterns: 150,
    sessions: 300,
    support: 0.15,
    found: [
      [0.04, 0.06],
      [0.33, 0.48],
      [0.94, 0.96],
    ],
  },
  {
    patterns: 150,
    sessions: 1000,
    support: 0.05,
    found: [
      [0.16, 0.25],
      [0.72, 0.78],
      [1, 1],
    ],
  },
  {
    patterns: 150,
    sessions: 3000,
    support: 0.05,
    found: [
      [0.75, 0.85],
      [1, 1],
      [1, 1],
    ],
  },
]
const HARMS = [0.2, 0.4, 0.7]

const INTENTS = 40
const PLANTED = 4
const FAILURE = 0.15
const DIFFICULTY = 0.8
const HABITS = 0.5
const FALSE_DISCOVERY_RATE = 0.05

export function plantedSimulation(replicates = 20): Section {
  const measured = POINTS.flatMap(({ found, ...point }) =>
    HARMS.map((d, i) => ({ ...point, d, reference: found[i]!, ...measure({ ...point, d }, replicates) })),
  )
  return {
    name: 'planted habits, simulated',
    about: `Recall of ${PLANTED} planted patterns at q <= .05, mean of ${replicates} replicates a row; "false" are the other lessons of a replicate. One agent, ${INTENTS} intents.`,
    rows: measured.map(({ reference, ...it }) => ({
      ...it,
      reference_exact: reference[0],
      reference_score: reference[1],
    })),
    bars: measured.map(({ patterns, sessions, support, d, recall, reference: [, score] }): Bar => {
      // Two standard errors of what was measured here, each planted pattern a draw; the reference has an error of its own.
      const error = Math.sqrt((score * (1 - score)) / (PLANTED * replicates))
      return {
        name: `recall, ${patterns} patterns, ${sessions} sessions, support ${support}, d ${d}`,
        value: recall,
        limit: rounded(Math.max(0, score - 2 * error)),
        is: 'at least',
      }
    }),
    skipped: null,
  }
}

type Point = { patterns: number; sessions: number; support: number; d: number }

function measure(point: Point, replicates: number) {
  const sums = { recall: 0, false: 0, exact_recall: 0, exact_false: 0 }
  for (let seed = 1; seed <= replicates; seed++) {
    const tally = simulated(point, seeded(seed))
    const lessons = mine(tally)
      .findings.filter((it) => it.channel === 'session' && it.published)
      .map((it) => it.trait)
    const exact = exactLessons(tally)
    sums.recall += lessons.filter(isPlanted).length / PLANTED
    sums.false += lessons.filter((it) => !isPlanted(it)).length
    sums.exact_recall += exact.filter(isPlanted).length / PLANTED
    sums.exact_false += exact.filter((it) => !isPlanted(it)).length
  }
  return {
    recall: rounded(sums.recall / replicates),
    false: rounded(sums.false / replicates),
    exact_recall: rounded(sums.exact_recall / replicates),
    exact_false: rounded(sums.exact_false / replicates),
  }
}

function isPlanted(trait: string): boolean {
  return Number(trait.slice('use habit_'.length)) < PLANTED
}

/** The tally of one simulated agent. */
function simulated({ patterns, sessions, support, d }: Point, random: Random): Tally {
  const difficulty = Array.from({ length: INTENTS }, () => DIFFICULTY * normal(random))
  const every = emptyRow(EVERY)
  const rows = Array.from({ length: patterns }, (_, i) => ({
    row: emptyRow(`use habit_${i}`),
    // The mean over intents is `support`.
    chances: difficulty.map(() =>
      Math.min(0.95, support * Math.exp(HABITS * normal(random) - HABITS ** 2 / 2)),
    ),
  }))
  for (let session = 0; session < sessions; session++) {
    const intent = session % INTENTS
    const shown = rows.filter(({ chances }) => random.chance(chances[intent]!)).map((it) => it.row)
    const base = 1 / (1 + Math.exp(-Math.log(FAILURE / (1 - FAILURE)) - difficulty[intent]!))
    const bad = random.chance(base) || shown.some((it) => isPlanted(it.trait) && random.chance(d))
    const session_id = `sesn_${String(session).padStart(5, '0')}`
    for (const row of [every, ...shown]) count(row, `v1|intent-${intent}`, bad, session_id)
  }
  return new Map([every, ...rows.map((it) => it.row)].map((it) => [rowKey(it.context, it.trait), it]))
}

function emptyRow(trait: string): TallyRow {
  return {
    channel: 'session',
    context: 'session',
    trait,
    cells: {},
    weeks: {},
    sightings: { bad: [], good: [] },
  }
}

/** As `tallyOf` counts, for sessions that come in the order of their ids. */
function count(row: TallyRow, cell: string, bad: boolean, session_id: string): void {
  row.cells[cell] ??= [0, 0]
  row.cells[cell][1]++
  if (bad) row.cells[cell][0]++
  const sightings = row.sightings[bad ? 'bad' : 'good']
  if (sightings.length < 8) sightings.push({ session_id, event: 0 })
}

/** What the exact test alone would publish, every pattern tested. */
function exactLessons(tally: Tally): string[] {
  const every = tally.get(rowKey('session', EVERY))!
  const rows = [...tally.values()].filter((it) => it.trait !== EVERY)
  const p = rows.map(
    ({ cells }) =>
      exactCmh(
        Object.keys(cells).map((cell) => {
          const [bad, n] = cells[cell]!
          return { exposed: [bad, n], unexposed: [every.cells[cell]![0] - bad, every.cells[cell]![1] - n] }
        }),
      ).p,
  )
  const q = qValues(p)
  return rows.filter((_, i) => q[i]! <= FALSE_DISCOVERY_RATE).map((it) => it.trait)
}

/** Standard normal (Box and Muller 1958). */
function normal(random: Random): number {
  const uniform = () => random.int(1, 1_000_000) / 1_000_001
  return Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform())
}

function rounded(value: number): number {
  return Math.round(100 * value) / 100
}
