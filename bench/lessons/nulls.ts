/** Nulls: how many lessons the miner reports where there is nothing to learn. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { type Random, seeded } from '../../examples/compliance-desk/random.ts'
import { intentOf, versionOf } from '../../src/3-mine/cell.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { MIN_OUTCOMES } from '../../src/3-mine/session-lessons.ts'
import { type Counted, tallyOf } from '../../src/3-mine/tally.ts'
import type { Tally } from '../../src/domain/tally.ts'
import { madeUpWorld } from './made-up-world.ts'
import { cellOfOutcome, resimulatedOutcomes, shuffledCalls, shuffledOutcomes } from './null-outcomes.ts'
import { allRecordings, failed, onlyChannel, readRecordings } from './recorded.ts'
import { type Bar, recordings, type Section } from './section.ts'
import { crudeLessons, verifiedLessons } from './verified.ts'

const MAX_FALSE_LESSONS = 0.1

/** A set of sessions to put under a null; a made-up one is another one in each run. */
type Ground = { name: string; sessions: (run: number) => Counted[] }

type Null = {
  name: string
  channel: 'session' | 'call'
  of: (sessions: Counted[], random: Random) => Counted[]
  /** Inside what outcomes change places; null where they do not, or where that is not one group a session. */
  group: ((session: Counted) => string) | null
}

const task = (it: Counted) => intentOf(it.cell)

const SESSION_NULLS: Null[] = [
  {
    name: 'shuffled within task',
    channel: 'session',
    of: (it, random) => shuffledOutcomes(it, task, random),
    group: task,
  },
  {
    name: 'shuffled within task and agent version',
    channel: 'session',
    of: (it, random) => shuffledOutcomes(it, cellOfOutcome, random),
    group: cellOfOutcome,
  },
  {
    name: 'drawn from the fitted task + agent model',
    channel: 'session',
    of: resimulatedOutcomes,
    group: null,
  },
]

const CALL_NULL: Null = {
  name: 'failures of calls shuffled within tool and agent version',
  channel: 'call',
  of: (it, random) => shuffledCalls(it, ({ cell }) => versionOf(cell), random),
  group: null,
}

export async function nulls(seeds: number): Promise<Section> {
  const recorded = await recordedGrounds()
  const with_outcomes = recorded.filter((it) => outcomesIn(it) >= MIN_OUTCOMES)
  const too_small = recorded.filter((it) => !with_outcomes.includes(it))
  const made_up = {
    name: 'made-up world, no effects',
    sessions: (run: number) => madeUpWorld(run, { with_effects: false }).sessions,
  }

  const rows: Section['rows'] = []
  const bars: Bar[] = []
  for (const null_ of SESSION_NULLS) {
    const measured = [...with_outcomes, made_up].map((it) => measure(it, null_, seeds))
    rows.push(...measured)
    bars.push(barOf(`false verified lessons a run, ${null_.name}`, measured))
  }
  const calls = recorded.map((it) => measure(it, CALL_NULL, seeds))
  rows.push(...calls)
  bars.push(barOf(`false call lessons a run, ${CALL_NULL.name}`, calls))

  return {
    name: 'nulls',
    about: [
      `Lessons reported where no behaviour has an effect, so all of them false; ${seeds} runs each. "Free" is the share of sessions whose group had`,
      'both outcomes to shuffle: where it is small, little was made null. "Crude" is what a miner without strata reports on the same outcomes at the same',
      'false discovery rate. Fragile actions are not counted: they say that an action often fails, whatever came before, and a shuffle leaves that as it is.',
      recordings() === null ? 'The data folder is missing, so there are no recordings among them.' : '',
      too_small.length > 0
        ? `With fewer than ${MIN_OUTCOMES} verified outcomes nothing is said of whole sessions by rule: ${too_small.map((it) => it.name).join(', ')}.`
        : '',
    ]
      .filter(Boolean)
      .join(' '),
    rows,
    bars,
    skipped: null,
  }
}

async function recordedGrounds(): Promise<Ground[]> {
  return [...(await allRecordings()), await sampleWorkload()].map(({ name, sessions }) => ({
    name,
    sessions: () => sessions,
  }))
}

async function sampleWorkload() {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-bench-desk-'))
  try {
    generateComplianceDesk(folder, { seed: 1 })
    const [desk] = await readRecordings(folder)
    return { ...desk!, name: 'sample workload' }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

function outcomesIn({ sessions }: Ground): number {
  return sessions(1).filter((it) => failed(it) !== null).length
}

function measure({ name, sessions }: Ground, { name: null_, channel, of, group }: Null, runs: number) {
  const told = channel === 'session' ? (it: Tally) => verifiedLessons(it).length : callLessons
  const measured = Array.from({ length: runs }, (_, i) => {
    const tally = tallyOf(of(onlyChannel(sessions(i + 1), channel), seeded(i + 1)))
    return { lessons: told(tally), crude: crudeLessons(tally) }
  })
  const shown = onlyChannel(sessions(1), channel)
  return {
    null: null_,
    on: name,
    sessions: shown.length,
    free: group ? shareFree(shown, group) : '',
    'false lessons a run': mean(measured.map((it) => it.lessons)),
    'P(any)': mean(measured.map((it) => (it.lessons > 0 ? 1 : 0))),
    crude: channel === 'session' ? mean(measured.map((it) => it.crude)) : '',
  }
}

function callLessons(tally: Tally): number {
  const findings = mine(tally).findings.filter((it) => it.channel === 'call' && it.published)
  return findings.filter((it) => it.kind !== 'fragile').length
}

function shareFree(sessions: Counted[], group: (session: Counted) => string): number {
  const groups = [...Map.groupBy(sessions, group).values()]
  const free = groups.filter((it) => new Set(it.map(failed)).size > 1)
  return free.flat().length / sessions.length
}

/** The mean over all grounds: a single one has too few runs to tell 0.1 from 0.05. */
function barOf(name: string, measured: { 'false lessons a run': number }[]): Bar {
  const value = mean(measured.map((it) => it['false lessons a run']))
  return { name, value, limit: MAX_FALSE_LESSONS, is: 'at most' }
}

function mean(numbers: number[]): number {
  return numbers.reduce((sum, it) => sum + it, 0) / numbers.length
}
