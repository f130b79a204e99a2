/**
 * Whether the lessons are true: what the miner finds, what it invents, what it misses, and what its lessons are worth.
 *
 *     npm run bench:lessons [-- --json] [--only NAME,NAME] [--seeds 20] [--strict]
 *
 * Every section is measured on a thread of its own, as many at a time as there are cores. With `--strict` the exit code is 1
 * when a bar is not met; a section that fails always makes it 1. Fewer seeds are for a quick look.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads'
import { approvals } from './lessons/approvals.ts'
import { beam } from './lessons/beam.ts'
import { currentValue } from './lessons/current-value.ts'
import { edits } from './lessons/edits.ts'
import { evidencePrecision } from './lessons/evidence-precision.ts'
import { feedbackLoop } from './lessons/feedback-loop.ts'
import { formats } from './lessons/formats.ts'
import { heldOut } from './lessons/held-out.ts'
import { intents } from './lessons/intents.ts'
import { noiseNights } from './lessons/noise-nights.ts'
import { nulls } from './lessons/nulls.ts'
import { planted } from './lessons/planted.ts'
import { plantedSimulation } from './lessons/planted-simulation.ts'
import { prediction } from './lessons/prediction.ts'
import { repairs } from './lessons/repairs.ts'
import { sample } from './lessons/sample.ts'
import { isMet, recordings, type Section } from './lessons/section.ts'
import { staleness } from './lessons/staleness.ts'
import { lessons } from './lessons/tiers.ts'
import { weekdays } from './lessons/weekdays.ts'

type Measure = (seeds: number) => Section | Promise<Section>

/** In the order in which they are told. */
const SECTIONS: { name: string; measure: Measure }[] = [
  { name: 'lessons', measure: lessons },
  // False lessons are rare: to tell how rare takes more runs.
  { name: 'nulls', measure: (seeds) => nulls(2 * seeds) },
  { name: 'intents', measure: intents },
  { name: 'planted', measure: planted },
  { name: 'planted-simulation', measure: atMost(20, plantedSimulation) },
  { name: 'held-out', measure: heldOut },
  { name: 'noise-nights', measure: atMost(20, noiseNights) },
  { name: 'prediction', measure: prediction },
  { name: 'evidence-precision', measure: evidencePrecision },
  { name: 'repairs', measure: atMost(20, repairs) },
  { name: 'edits', measure: edits },
  { name: 'weekdays', measure: weekdays },
  { name: 'approvals', measure: approvals },
  { name: 'staleness', measure: () => staleness() },
  { name: 'beam', measure: beam },
  { name: 'current-value', measure: currentValue },
  { name: 'sample', measure: sample },
  { name: 'formats', measure: formats },
  { name: 'feedback-loop', measure: feedbackLoop },
]

const SEEDS = 20

type Measured = { name: string; ms: number } & ({ section: Section } | { error: string })

if (isMainThread) await main()
else parentPort!.postMessage(await measure(workerData.name, workerData.seeds))

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      only: { type: 'string', default: SECTIONS.map((it) => it.name).join(',') },
      seeds: { type: 'string', default: String(SEEDS) },
      strict: { type: 'boolean', default: false },
    },
  })
  const seeds = Number(values.seeds)
  if (!Number.isInteger(seeds) || seeds < 1)
    throw new RangeError(`--seeds is ${values.seeds}; give a whole number from 1 on`)
  const names = values.only.split(',')
  const unknown = names.find((it) => !SECTIONS.some(({ name }) => name === it))
  if (unknown !== undefined)
    throw new RangeError(
      `there is no section ${unknown}; there are ${SECTIONS.map((it) => it.name).join(', ')}`,
    )

  const begin = performance.now()
  const measured = await measureAll(names, seeds)
  const settings = {
    seeds,
    node: process.version,
    cores: availableParallelism(),
    recordings: recordings() !== null,
  }
  const total_ms = Math.round(performance.now() - begin)
  if (values.json)
    console.log(JSON.stringify({ settings, total_ms, sections: measured.map(asJson) }, null, 2))
  else console.log(asText(measured, settings, total_ms))
  const failed = measured.some((it) => 'error' in it)
  const unmet = measured.some((it) => 'section' in it && !it.section.bars.every(isMet))
  if (failed || (values.strict && unmet)) process.exitCode = 1
}

/** Where more runs than these would take long and tell little more. */
function atMost(limit: number, measure: Measure): Measure {
  return (seeds) => measure(Math.min(seeds, limit))
}

/** The measured sections in the order of the list, whichever was done first. */
async function measureAll(names: string[], seeds: number): Promise<Measured[]> {
  const waiting = SECTIONS.filter(({ name }) => names.includes(name))
  const measured = new Map<string, Measured>()
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      measured.set(next.name, await onThread(next.name, seeds))
    }
  }
  const chosen = [...waiting]
  await Promise.all(Array.from({ length: availableParallelism() }, work))
  return chosen.map(({ name }) => measured.get(name)!)
}

function onThread(name: string, seeds: number): Promise<Measured> {
  return new Promise((resolve) => {
    const thread = new Worker(import.meta.filename, { workerData: { name, seeds } })
    thread.once('message', (it: Measured) => {
      resolve(it)
      void thread.terminate()
    })
    thread.once('error', (error) => resolve({ name, ms: 0, error: String(error) }))
  })
}

async function measure(name: string, seeds: number): Promise<Measured> {
  const begin = performance.now()
  const passed = () => Math.round(performance.now() - begin)
  try {
    const section = await SECTIONS.find((it) => it.name === name)!.measure(seeds)
    return { name, section, ms: passed() }
  } catch (error) {
    return {
      name,
      error: error instanceof Error ? (error.stack ?? error.message) : String(error),
      ms: passed(),
    }
  }
}

function asJson(it: Measured) {
  if ('error' in it) return it
  const bars = it.section.bars.map((bar) => ({ ...bar, is_met: isMet(bar) }))
  return { ...it.section, name: it.name, bars, ms: it.ms }
}

function asText(measured: Measured[], settings: object, total_ms: number): string {
  const bars = measured.flatMap((it) => ('section' in it ? it.section.bars : []))
  const skipped = measured.filter((it) => 'section' in it && it.section.skipped !== null)
  return [
    ...(recordings() === null
      ? [
          'The data folder is missing (../shared/data, or where REVERIE_DATA points): what needs recordings is skipped.',
        ]
      : []),
    ...measured.map(sectionText),
    [
      `${bars.filter(isMet).length} of ${bars.length} bars met, ${skipped.length} sections skipped, in ${seconds(total_ms)}.`,
      Object.entries(settings)
        .map(([name, value]) => `${name}: ${value}`)
        .join(', '),
    ].join(' '),
  ].join('\n\n')
}

function sectionText(it: Measured): string {
  const title = `## ${it.name} (${seconds(it.ms)})`
  if ('error' in it) return `${title}\n\nFailed: ${it.error}`
  const { about, rows, bars, skipped } = it.section
  if (skipped !== null) return `${title}\n\nSkipped: ${skipped}.`
  return [title, about, table(rows), barsText(bars)].filter(Boolean).join('\n\n')
}

function barsText(bars: Section['bars']): string {
  return bars
    .map((it) => `- ${isMet(it) ? 'met' : 'NOT MET'}: ${it.name} ${cell(it.value)}, ${it.is} ${it.limit}`)
    .join('\n')
}

/** A Markdown table that is also legible as it stands. */
function table(rows: Section['rows']): string {
  const names = [...new Set(rows.flatMap((it) => Object.keys(it)))]
  const cells = rows.map((row) => names.map((name) => cell(row[name] ?? '')))
  const widths = names.map((name, i) => Math.max(name.length, 2, ...cells.map((it) => it[i]!.length)))
  const numeric = names.map((name) =>
    rows.every((it) => typeof it[name] === 'number' || (it[name] ?? '') === ''),
  )
  const line = (texts: string[]) =>
    `| ${texts.map((it, i) => (numeric[i] ? it.padStart(widths[i]!) : it.padEnd(widths[i]!))).join(' | ')} |`
  const rule = widths.map((it, i) => (numeric[i] ? `${'-'.repeat(it - 1)}:` : '-'.repeat(it)))
  return names.length === 0 ? '' : [line(names), line(rule), ...cells.map(line)].join('\n')
}

function cell(value: string | number): string {
  return typeof value === 'number' ? String(Math.round(value * 1000) / 1000) : value
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
