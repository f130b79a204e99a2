/**
 * Does it help? Every world of the closed loop with many seeds, against the bars.
 *
 *     npm run bench:simulate [-- --seeds 1-20] [--only NAME,NAME] [--sessions N] [--results FILE] [--json] [--strict]
 *
 * Two simulations at a time, each on a thread of its own. What is done is kept in the results file, a line each, so a run that was broken
 * off goes on where it was; delete the file, or name another one, to measure anew. With `--strict` the exit code is 1 when a bar is
 * not met. `--sessions` plays so many a night in the place of what the worlds do: with more, luck moves less.
 */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import {
  ARMS,
  type Night,
  type Simulation,
  simulate,
  type Withdrawn,
} from '../examples/worlds/closed-loop.ts'
import type { World } from '../examples/worlds/world.ts'
import { WORLDS } from '../examples/worlds/worlds.ts'
import { openEngine } from '../src/engine.ts'

type Section = {
  name: string
  world: string
  nights: number
  sessions: number
  /** At most so many seeds. */
  seeds: number
  /** What has to hold of one simulation, and of which share of them. */
  bar: { says: string; holds: (it: Simulation) => boolean; share: number }
}

const AHEAD = {
  says: 'treatment ahead, 95 % interval above 0',
  holds: ({ lift }: Simulation) => lift !== null && lift.low > 0,
  share: 1,
}
const CLEAN = { says: 'nothing that is wrong ever live or recalled', holds: isClean, share: 1 }
const MOST_MEMORIES = 40
const WITHIN = 10
const BACK_WITHIN = 5
/**
 * Sessions a night that tell whether five nights are as good as ten others, in each of twenty seeds. With 24 luck moves that ratio by 0.07 (one standard
 * deviation), so that what has wholly recovered misses nine tenths in one seed of ten; with 96 it is half of that.
 */
const ENOUGH_TO_TELL = 96

const SECTIONS: Section[] = [
  section('document-review', 30, AHEAD),
  section('helpdesk', 30, AHEAD),
  section('code-review', 30, AHEAD),
  section('compliance-desk', 30, AHEAD),
  section('nothing-to-learn', 60, { ...CLEAN, says: 'no lesson ever live', share: 0.95 }),
  section('tool-change', 65, { says: `stale lesson gone in ${WITHIN} nights`, holds: isWithdrawn, share: 1 }),
  {
    ...section('tool-change', 65, {
      says: `completion back ${BACK_WITHIN} nights after that lesson is gone`,
      holds: isBack,
      share: 1,
    }),
    name: 'after a tool change',
    sessions: ENOUGH_TO_TELL,
  },
  {
    ...section('tool-change', 65, {
      says: 'no bar: the same, which so few sessions leave to luck',
      holds: isBack,
      share: 0,
    }),
    name: 'after a tool change of few',
  },
  section('wrong-approvals', 40, CLEAN),
  section('poisoner', 40, CLEAN),
  {
    ...section('helpdesk', 365, {
      says: `at most ${MOST_MEMORIES} memories, no contradiction, no confirmed lesson lost`,
      holds: isStable,
      share: 1,
    }),
    name: 'a year of helpdesk',
    sessions: 12,
    seeds: 2,
  },
]

function section(world: string, nights: number, bar: Section['bar']): Section {
  return {
    name: world,
    world,
    nights,
    sessions: worldCalled(world).sessions,
    seeds: Number.POSITIVE_INFINITY,
    bar,
  }
}

function worldCalled(name: string): World {
  return WORLDS.find((it) => it.name === name)!
}

function isClean({ forbidden }: Simulation): boolean {
  return forbidden.length === 0
}

/** The night on which nobody is told the old workaround any more; null when somebody still is. */
function withdrawnOn({ world, withdrawn, lessons_live }: Simulation): number | null {
  const { night, stale } = worldCalled(world).change!
  if (lessons_live.some((it) => stale.test(it.text))) return null
  return withdrawn.findLast((it) => stale.test(it.text) && it.night >= night)?.night ?? null
}

function isWithdrawn(it: Simulation): boolean {
  const on = withdrawnOn(it)
  return on !== null && on <= changedOn(it) + WITHIN
}

function changedOn({ world }: Simulation): number {
  return worldCalled(world).change!.night
}

/** The five nights that begin so many after the stale lesson was gone, which may be the very night of the change. */
function isBack(it: Simulation): boolean {
  const on = withdrawnOn(it)
  return on !== null && isAsGoodFrom(it, on + BACK_WITHIN)
}

/** Five nights come to nine tenths of what the ten nights before the change did. */
function isAsGoodFrom(it: Simulation, night: number): boolean {
  const changed = changedOn(it)
  return rateIn(it, night, night + 4) >= 0.9 * rateIn(it, changed - 10, changed - 1)
}

function rateIn({ nights }: Simulation, from: number, to: number): number {
  const those = nights.filter((it) => it.night >= from && it.night <= to).map((it) => it.treatment)
  return sum(those.map((it) => it.completed)) / sum(those.map((it) => it.sessions))
}

/**
 * Of a world that never changes: a lesson that was confirmed is told until the end. One that its own experiment retired is not lost, but found to be of no
 * use, and counted apart.
 */
function isStable({ memory, withdrawn, lessons_live }: Simulation): boolean {
  const told = new Set(lessons_live.map((it) => it.path))
  const gone = withdrawn.filter((it) => it.status === 'confirmed' && it.became === null && !told.has(it.path))
  const lost = gone.filter((it) => !isRetired(it))
  return memory.memories <= MOST_MEMORIES && memory.contradictions === 0 && lost.length === 0
}

const HEADINGS = [
  ...[
    'world',
    'nights',
    'sessions',
    'treatment',
    'control',
    'lift',
    'lowest low',
    'ratio',
    'last ten nights',
  ],
  ...['most memories', 'confirmed, and retired', 'seconds', 'bar', 'seeds', 'is'],
]

type Trial = Pick<Section, 'world' | 'nights' | 'sessions'> & { seed: number }
type Done = Trial & { ms: number; simulation: Simulation }

if (isMainThread) await main()
else parentPort!.postMessage(await tried(workerData))

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1-20' },
      only: { type: 'string', default: '' },
      sessions: { type: 'string' },
      results: { type: 'string', default: join(tmpdir(), 'reverie-bench-simulate.jsonl') },
      json: { type: 'boolean', default: false },
      strict: { type: 'boolean', default: false },
    },
  })
  const seeds = seedsIn(values.seeds)
  const sections = chosen(values.only).map((it) => ({
    ...it,
    sessions: Number(values.sessions ?? it.sessions),
  }))
  const done = new Map(readDone(values.results).map((it) => [keyOf(it), it]))
  const trials = sections.flatMap((it) =>
    seeds
      .slice(0, it.seeds)
      .map((seed): Trial => ({ seed, world: it.world, nights: it.nights, sessions: it.sessions })),
  )
  const waiting = [...new Map(trials.map((it) => [keyOf(it), it])).values()].filter(
    (it) => !done.has(keyOf(it)),
  )
  const total = waiting.length
  await Promise.all(
    Array.from({ length: 2 }, async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        const it = await onThread(next)
        appendFileSync(values.results, `${JSON.stringify(it)}\n`)
        done.set(keyOf(it), it)
        process.stderr.write(
          `${total - waiting.length} of ${total}: ${keyOf(it)}, ${Math.round(it.ms / 1000)} s\n`,
        )
      }
    }),
  )
  const rows = sections.map((it) =>
    rowOf(
      it,
      seeds.slice(0, it.seeds).map((seed) => done.get(keyOf({ ...it, seed }))!),
    ),
  )
  const settings = {
    node: process.version,
    cores: availableParallelism(),
    seeds: values.seeds,
    results: values.results,
  }
  if (values.json) console.log(JSON.stringify({ settings, rows }, null, 2))
  else console.log(asText(rows, settings))
  if (values.strict && rows.some((it) => !it.is_met)) process.exitCode = 1
}

/** `3`, `1-20` */
function seedsIn(text: string): number[] {
  const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(text) ?? []
  if (from === undefined || Number(to) < Number(from))
    throw new RangeError(`--seeds is ${text}; give one as 3, or some as 1-20`)
  return Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => Number(from) + i)
}

function chosen(only: string): Section[] {
  const names = only.split(',').filter((it) => it !== '')
  const unknown = names.find((name) => !SECTIONS.some((it) => it.name === name || it.world === name))
  if (unknown !== undefined)
    throw new RangeError(`there is no ${unknown}; there are ${SECTIONS.map((it) => it.name).join(', ')}`)
  return names.length === 0
    ? SECTIONS
    : SECTIONS.filter(
        (it) =>
          names.includes(it.name) ||
          (it.sessions === worldCalled(it.world).sessions && names.includes(it.world)),
      )
}

function keyOf({ world, nights, sessions, seed }: Trial): string {
  return `${world}, ${nights} nights of ${sessions}, seed ${seed}`
}

function readDone(results: string): Done[] {
  if (!existsSync(results)) return []
  const lines = readFileSync(results, 'utf8').split('\n')
  return lines.filter((it) => it !== '').map((it) => JSON.parse(it))
}

function onThread(trial: Trial): Promise<Done> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(import.meta.filename, { workerData: trial })
    thread.once('message', (it: Done) => {
      resolve(it)
      void thread.terminate()
    })
    thread.once('error', reject)
  })
}

async function tried(trial: Trial): Promise<Done> {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-bench-simulate-'))
  const world = WORLDS.find((it) => it.name === trial.world)!
  const begin = performance.now()
  try {
    const simulation = await simulate(openEngine, { ...trial, world, arms: ARMS, folder })
    return { ...trial, ms: Math.round(performance.now() - begin), simulation }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

type Row = ReturnType<typeof rowOf>

function rowOf({ name, nights, sessions, bar }: Section, done: Done[]) {
  const simulations = done.map((it) => it.simulation)
  const met = simulations.filter(bar.holds).length
  const failing = done.filter((it) => !bar.holds(it.simulation)).map((it) => it.seed)
  const medianOf = (value: (it: Simulation) => number | null) => median(simulations.map(value))
  return {
    ...{ name, nights, sessions, bar: bar.says },
    met: `${met} of ${done.length}`,
    is_bar: bar.share > 0,
    is_met: met >= bar.share * done.length,
    failing_seeds: failing,
    treatment: medianOf(({ nights }) => completionOf(nights, 'treatment')),
    control: medianOf(({ nights }) => completionOf(nights, 'control')),
    lift: medianOf((it) => it.lift?.estimate ?? null),
    lowest_low: Math.min(...simulations.map((it) => it.lift?.low ?? Number.NaN)),
    ratio: medianOf((it) => it.ratio),
    ratio_at_the_end: medianOf((it) => it.ratio_at_the_end),
    most_memories: Math.max(...simulations.map((it) => it.memory.memories)),
    retired: sum(simulations.map((it) => it.withdrawn.filter(isRetired).length)),
    seconds: median(done.map((it) => it.ms / 1000)),
  }
}

/** Whether it was confirmed, and found by its own experiment to be of no use. */
function isRetired({ status, now }: Withdrawn): boolean {
  return status === 'confirmed' && now === 'retired'
}

function completionOf(nights: Night[], arm: 'treatment' | 'control'): number {
  return sum(nights.map((it) => it[arm].completed)) / sum(nights.map((it) => it[arm].sessions))
}

function median(values: (number | null)[]): number | null {
  const known = values.filter((it) => it !== null).sort((a, b) => a - b)
  return known.length === 0 ? null : known[Math.floor(known.length / 2)]!
}

function sum(values: number[]): number {
  return values.reduce((sum, it) => sum + it, 0)
}

function asText(rows: Row[], settings: object): string {
  const number = (it: number | null, digits: number) =>
    it === null || Number.isNaN(it) ? '' : it.toFixed(digits)
  const cells = rows.map((it) => [
    ...[it.name, String(it.nights), String(it.sessions)],
    ...[number(it.treatment, 2), number(it.control, 2), number(it.lift, 2), number(it.lowest_low, 2)],
    ...[number(it.ratio, 1), number(it.ratio_at_the_end, 1), String(it.most_memories), String(it.retired)],
    number(it.seconds, 0),
    ...[
      it.bar,
      it.met,
      !it.is_bar ? '' : it.is_met ? 'met' : `NOT MET: seeds ${it.failing_seeds.join(', ')}`,
    ],
  ])
  const table = [HEADINGS, HEADINGS.map(() => '---'), ...cells]
    .map((it) => `| ${it.join(' | ')} |`)
    .join('\n')
  const told = Object.entries(settings)
    .map(([name, value]) => `${name}: ${value}`)
    .join(', ')
  return `${table}\n\n${rows.filter((it) => it.is_bar && it.is_met).length} of ${rows.filter((it) => it.is_bar).length} bars met. ${told}`
}
