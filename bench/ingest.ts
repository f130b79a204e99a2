/**
 * How fast and how large is ingest, set against only splitting and parsing the same bytes?
 *
 *     npm run bench:ingest [-- --mb 200 --rounds 3 --json]
 *
 * Ingest is the real one: read, parse, redact, review, compress, store, into a new database file each round.
 * The ceiling and ingest take turns in one process, so the ratio holds when the machine's speed drifts.
 */
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { splitAndParse } from './ceiling.ts'
import { writeClaudeCodeWorkload } from './claude-code-workload.ts'
import { openEngine } from './engine-as-shipped.ts'

const { values } = parseArgs({
  options: {
    mb: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    median: { type: 'string', default: '300' },
    json: { type: 'boolean', default: false },
  },
})

const folder = mkdtempSync(join(tmpdir(), 'reverie-bench-'))
try {
  const workload = writeClaudeCodeWorkload(join(folder, 'projects'), {
    bytes: Number(values.mb) * 1024 * 1024,
    median_bytes: Number(values.median) * 1024,
  })
  const files = readdirSync(join(folder, 'projects'), { recursive: true, encoding: 'utf8' })
    .filter((it) => it.endsWith('.jsonl'))
    .map((it) => join(folder, 'projects', it))
  splitAndParse(files)

  const rounds = []
  for (let i = 0; i < Number(values.rounds); i++) {
    const ceiling = splitAndParse(files)
    rounds.push({
      ceiling_mb_per_s: speed(ceiling.bytes, ceiling.ms),
      ...(await ingestOnce(join(folder, `round-${i}.db`))),
    })
  }
  const middle = rounds.toSorted((a, b) => a.ingest_mb_per_s - b.ingest_mb_per_s)[
    Math.floor(rounds.length / 2)
  ]!
  const result = {
    settings: { ...workload, cores: availableParallelism(), node: process.version, rounds: rounds.length },
    ceiling_mb_per_s: middle.ceiling_mb_per_s,
    ingest_mb_per_s: middle.ingest_mb_per_s,
    ratio: median(rounds.map((it) => it.ingest_mb_per_s / it.ceiling_mb_per_s)),
    sessions_per_s: middle.sessions_per_s,
    sessions: middle.sessions,
    redactions: middle.redactions,
    skipped: middle.skipped,
    peak_memory_mb: process.resourceUsage().maxRSS / 1024,
    database_mb: middle.database_mb,
    rounds,
  }
  if (values.json) console.log(JSON.stringify(result, null, 2))
  else {
    console.log(
      `${workload.files} files, ${values.mb} MB, ${workload.lines} lines; ${result.settings.cores} cores, Node ${process.version}`,
    )
    console.table(rounds.map((it) => Object.fromEntries(Object.entries(it).map(([k, v]) => [k, round(v)]))))
    console.log(
      `ratio to the ceiling, median: ${result.ratio.toFixed(2)}; peak memory of the process: ${round(result.peak_memory_mb)} MB`,
    )
  }
} finally {
  rmSync(folder, { recursive: true })
}

async function ingestOnce(database: string) {
  const engine = openEngine({ database })
  const begin = performance.now()
  const report = await engine.ingest([join(folder, 'projects')])
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

function speed(bytes: number, ms: number): number {
  return bytes / 1024 / 1024 / (ms / 1000)
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
}

function round(value: number): number {
  return value >= 10 ? Math.round(value) : Math.round(100 * value) / 100
}
