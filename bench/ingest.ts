/**
 * How fast and how large is ingest, set against only splitting and parsing the same bytes?
 *
 *     npm run bench:ingest [-- --mb 200 --rounds 3 --json]
 *
 * Ingest is the real one: read, parse, redact, review, compress, store, into a new database file each round.
 * The ceiling and ingest take turns in one process, so the ratio holds when the machine's speed drifts. The first
 * round of each is cold (nothing compiled yet) and is shown, but not counted in the medians.
 *
 * Peak memory is that of a process of its own that does nothing but ingest, once for sessions of the usual size and
 * once for the same bytes in many small ones: it must not grow with their number.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { splitAndParse } from './ceiling.ts'
import { writeClaudeCodeWorkload } from './claude-code-workload.ts'
import { openEngine } from './engine-as-shipped.ts'

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'reverie-bench-'))
try {
  const bytes = Number(values.mb) * 1024 * 1024
  const workload = writeClaudeCodeWorkload(join(folder, 'projects'), { bytes })
  const files = readdirSync(join(folder, 'projects'), { recursive: true, encoding: 'utf8' })
    .filter((it) => it.endsWith('.jsonl'))
    .map((it) => join(folder, 'projects', it))
  const rounds: (Awaited<ReturnType<typeof ingestOnce>> & { ceiling_mb_per_s: number; ratio: number })[] = []
  for (let i = 0; i <= Number(values.rounds); i++) {
    const ceiling = splitAndParse(files)
    const ceiling_mb_per_s = speed(ceiling.bytes, ceiling.ms)
    const ingest = await ingestOnce(join(folder, 'projects'), join(folder, `round-${i}.db`))
    rounds.push({ ceiling_mb_per_s, ...ingest, ratio: ingest.ingest_mb_per_s / ceiling_mb_per_s })
  }
  const warm = rounds.slice(1)
  const of = (read: (round: (typeof rounds)[number]) => number) => median(warm.map(read))
  const small = writeClaudeCodeWorkload(join(folder, 'small'), { bytes, median_bytes: 8_000 })
  const result = {
    settings: { ...workload, cores: availableParallelism(), node: process.version, rounds: warm.length },
    ceiling_mb_per_s: of((it) => it.ceiling_mb_per_s),
    ingest_mb_per_s: of((it) => it.ingest_mb_per_s),
    sessions_per_s: of((it) => it.sessions_per_s),
    ratio: of((it) => it.ratio),
    cold_ratio: rounds[0]!.ratio,
    peak_memory_mb: peakMemory(join(folder, 'projects')),
    peak_memory_of_small_sessions_mb: peakMemory(join(folder, 'small')),
    small_sessions_files: small.files,
    rounds,
  }
  if (values.json) console.log(JSON.stringify(result, null, 2))
  else {
    console.log(
      `${workload.files} files, ${values.mb} MB, ${workload.lines} lines; ${result.settings.cores} cores, Node ${process.version}`,
    )
    console.table(rounds.map((it) => Object.fromEntries(Object.entries(it).map(([k, v]) => [k, round(v)]))))
    console.log(
      `medians without the first, cold round: ceiling ${round(result.ceiling_mb_per_s)} MB/s, ingest ${round(result.ingest_mb_per_s)} MB/s, ratio ${result.ratio.toFixed(2)} (cold ${result.cold_ratio.toFixed(2)})`,
    )
    console.log(
      `peak memory of a process that only ingests: ${round(result.peak_memory_mb)} MB; the same bytes in ${small.files} small files: ${round(result.peak_memory_of_small_sessions_mb)} MB`,
    )
  }
} finally {
  rmSync(folder, { recursive: true })
}

async function ingestOnce(transcripts: string, database: string) {
  const engine = openEngine({ database })
  const begin = performance.now()
  const report = await engine.ingest([transcripts])
  const ms = performance.now() - begin
  await engine.close()
  return {
    ingest_mb_per_s: speed(report.bytes, ms),
    sessions: report.sessions_new,
    sessions_known: report.sessions_known,
    sessions_per_s: (1000 * (report.sessions_new + report.sessions_known)) / ms,
    redactions: Object.values(report.redactions).reduce((sum, it) => sum + it, 0),
    skipped: report.skipped.length,
    database_mb: statSync(database).size / 1024 / 1024,
  }
}

function peakMemory(transcripts: string): number {
  const script = join(import.meta.dirname, 'ingest-once.ts')
  const { stdout } = spawnSync(
    process.execPath,
    [script, transcripts, join(folder, `memory-${basename(transcripts)}.db`)],
    { encoding: 'utf8' },
  )
  return JSON.parse(stdout).peak_memory_mb
}

function speed(bytes: number, ms: number): number {
  return bytes / 1024 / 1024 / (ms / 1000)
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
}

function round(value: number): number {
  return value >= 10 ? Math.round(value) : Math.round(100 * value) / 100
}
