/** Intents: what is lost, and what is invented, when the tasks of sessions are not known and first words stand for them. */
import { type Random, seeded } from '../../examples/compliance-desk/random.ts'
import { cellIn, cellOf, intentOf, versionOf } from '../../src/3-mine/cell.ts'
import { clustersIn } from '../../src/3-mine/intent.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { type Counted, tallyOf } from '../../src/3-mine/tally.ts'
import { shuffledCalls, shuffledOutcomes } from './null-outcomes.ts'
import { allRecordings, onlyChannel, type Recorded } from './recorded.ts'
import { recordings, type Section, skipped } from './section.ts'
import { verifiedLessons } from './verified.ts'

/** Each session -> the stratum in which it is compared. */
type Strata = { name: string; of: (sessions: Recorded[]) => Map<Recorded, string> }

const STRATA: Strata[] = [
  { name: 'ten groups at random', of: (sessions) => new Map(sessions.map((it, i) => [it, `${i % 10}`])) },
  { name: 'clusters of first words', of: clustersOfFirstWords },
  { name: 'the task', of: (sessions) => new Map(sessions.map((it) => [it, it.task!])) },
]

export async function intents(seeds: number): Promise<Section> {
  if (recordings() === null) return skipped('intents', 'The data folder is missing.')
  const with_tasks = (await allRecordings()).filter(({ sessions }) => areRepeated(sessions))
  return {
    name: 'intents',
    about: [
      'Recordings in which tasks were done more than once, with the tasks taken away. Purity: the share of sessions whose stratum is mostly of their task.',
      'Rand: how far two sessions of one stratum are of one task and the other way round, above chance (adjusted Rand index). False lessons are those told',
      `where no behaviour has an effect: outcomes of sessions, and failures of calls, shuffled within task and agent version; ${seeds} runs each.`,
      'Clusters are taken for tasks here. In the product what rests on them and on the outcome of whole sessions is a marker.',
    ].join(' '),
    rows: with_tasks.flatMap(({ name, sessions }) => STRATA.map((it) => measure(name, sessions, it, seeds))),
    bars: [],
    skipped: null,
  }
}

function measure(
  on: string,
  sessions: Recorded[],
  { name, of }: Strata,
  runs: number,
): Section['rows'][number] {
  const strata = of(sessions)
  const cells = new Map(sessions.map((it) => [it.session_id, cellIn(versionOf(it.cell), strata.get(it)!)]))
  const placed = (some: Counted[]) => some.map((it) => ({ ...it, cell: cells.get(it.session_id)! }))
  const told = (null_: (random: Random) => Recorded[], lessons: (sessions: Counted[]) => number) =>
    mean(Array.from({ length: runs }, (_, i) => lessons(placed(null_(seeded(i + 1))))))
  const ended = onlyChannel(sessions, 'session')
  const called = onlyChannel(sessions, 'call')
  return {
    on,
    sessions: sessions.length,
    strata: name,
    n: new Set(strata.values()).size,
    purity: purity(sessions, strata),
    rand: adjustedRand(sessions, strata),
    'false session lessons a run': told(
      (random) => shuffledOutcomes(ended, (it) => it.cell, random),
      (it) => verifiedLessons(tallyOf(it)).length,
    ),
    'false call lessons a run': told((random) => shuffledCalls(called, (it) => it.cell, random), callLessons),
    'call lessons': callLessons(placed(called)),
  }
}

/** What the product makes of them: the first words are the signature in a cell without a task. */
function clustersOfFirstWords(sessions: Recorded[]): Map<Recorded, string> {
  const cells = new Map(
    sessions.map((it) => [it, cellOf({ agent_version: '', task: null, title: it.title })]),
  )
  const clusters = clustersIn(tallyOf(sessions.map((it) => ({ ...it, cell: cells.get(it)! }))))
  return new Map(
    sessions.map((it) => [it, clusters.get(intentOf(cells.get(it)!))?.slice(1) ?? 'without observations']),
  )
}

function areRepeated(sessions: Recorded[]): boolean {
  const tasks = new Set(sessions.map((it) => it.task))
  return !tasks.has(null) && tasks.size < 0.8 * sessions.length
}

function callLessons(sessions: Counted[]): number {
  const findings = mine(tallyOf(sessions)).findings.filter((it) => it.channel === 'call' && it.published)
  return findings.filter((it) => it.kind !== 'fragile').length
}

function purity(sessions: Recorded[], strata: Map<Recorded, string>): number {
  const groups = [...Map.groupBy(sessions, (it) => strata.get(it)!).values()]
  const largest = groups.map((group) => Math.max(...sizes(group, (it) => it.task!)))
  return sum(largest) / sessions.length
}

/** Hubert and Arabie (1985): (Σ C(n_ij, 2) − e) / (½ (Σ C(a_i, 2) + Σ C(b_j, 2)) − e), e = Σ C(a_i, 2) Σ C(b_j, 2) / C(n, 2). */
function adjustedRand(sessions: Recorded[], strata: Map<Recorded, string>): number {
  const pairs = (of: (it: Recorded) => string) => sum(sizes(sessions, of).map((n) => (n * (n - 1)) / 2))
  const both = pairs((it) => `${it.task} ${strata.get(it)!}`)
  const [by_task, by_stratum] = [pairs((it) => it.task!), pairs((it) => strata.get(it)!)]
  const expected = (by_task * by_stratum) / ((sessions.length * (sessions.length - 1)) / 2)
  return (both - expected) / ((by_task + by_stratum) / 2 - expected)
}

function sizes(sessions: Recorded[], of: (it: Recorded) => string): number[] {
  return [...Map.groupBy(sessions, of).values()].map((it) => it.length)
}

function mean(numbers: number[]): number {
  return sum(numbers) / numbers.length
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, it) => total + it, 0)
}
