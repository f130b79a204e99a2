/**
 * What a nightly dream costs: 50 new sessions on a ledger of 1,000 against the same 50 on a ledger of 40,000.
 *
 *     npm run bench:dream [-- --small 1000 --large 40000 --rounds 3 --json]
 *
 * Both stores hold sessions of the sample workload. Each round dreams over 50 sessions more, the two stores in
 * turn, in one process; the time is that of the dream alone, the sessions being ingested before.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { generateComplianceDesk } from '../examples/compliance-desk/generate.ts'
import { openEngine } from './engine-as-shipped.ts'

const { values } = parseArgs({
  options: {
    small: { type: 'string', default: '1000' },
    large: { type: 'string', default: '40000' },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
})

const NEW_SESSIONS = 50
const folder = mkdtempSync(join(tmpdir(), 'reverie-bench-'))
try {
  const rounds = Number(values.rounds)
  const nights = newSessions(rounds + 1)
  const small = await store('small', Number(values.small))
  const large = await store('large', Number(values.large))
  const times = []
  for (const night of nights)
    times.push({ small_ms: await small.dream(night), large_ms: await large.dream(night) })
  // The first night of each store runs cold code and cold pages.
  const counted = times.slice(1)
  const result = {
    settings: {
      small: small.sessions,
      large: large.sessions,
      new_sessions: NEW_SESSIONS,
      rounds,
      cores: availableParallelism(),
      node: process.version,
    },
    first_dream_ms: { small: small.first_dream_ms, large: large.first_dream_ms },
    small_ms: median(counted.map((it) => it.small_ms)),
    large_ms: median(counted.map((it) => it.large_ms)),
    ratio: median(counted.map((it) => it.large_ms / it.small_ms)),
    peak_memory_mb: process.resourceUsage().maxRSS / 1024,
    rounds: times,
  }
  await small.close()
  await large.close()
  if (values.json) console.log(JSON.stringify(result, null, 2))
  else {
    console.log(
      `first dreams: ${small.sessions} sessions ${Math.round(small.first_dream_ms)} ms, ${large.sessions} sessions ${Math.round(large.first_dream_ms)} ms`,
    )
    console.table(
      times.map((it) => ({ small_ms: Math.round(it.small_ms), large_ms: Math.round(it.large_ms) })),
    )
    console.log(
      `a dream over ${NEW_SESSIONS} new sessions, medians without the first: ${Math.round(result.small_ms)} ms and ${Math.round(result.large_ms)} ms, ratio ${result.ratio.toFixed(2)}`,
    )
  }
} finally {
  rmSync(folder, { recursive: true })
}

/** A store that has dreamed of that many sessions. */
async function store(name: string, sessions: number) {
  generateComplianceDesk(join(folder, name), { seed: 1, sessions })
  const engine = openEngine({ database: join(folder, `${name}.db`) })
  const ingested = await engine.ingest([join(folder, name)])
  const begin = performance.now()
  await engine.dream()
  return {
    sessions: ingested.sessions_new,
    first_dream_ms: performance.now() - begin,
    close: engine.close,
    async dream(night: string): Promise<number> {
      await engine.ingest([night])
      const begin = performance.now()
      await engine.dream()
      return performance.now() - begin
    },
  }
}

/** Files of 50 sessions each that neither store has seen. */
function newSessions(nights: number): string[] {
  const source = join(folder, 'new')
  generateComplianceDesk(source, { seed: 2, sessions: nights * NEW_SESSIONS * 2 })
  const lines = readdirSync(source).flatMap((it) =>
    readFileSync(join(source, it), 'utf8').split('\n').filter(Boolean),
  )
  mkdirSync(join(folder, 'nights'))
  return Array.from({ length: nights }, (_, i) => {
    const path = join(folder, 'nights', `${i}.jsonl`)
    writeFileSync(path, lines.slice(i * NEW_SESSIONS, (i + 1) * NEW_SESSIONS).join('\n'))
    return path
  })
}

function median(numbers: number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
}
