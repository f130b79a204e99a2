/**
 * What a dream costs: the first one, over 2,000 sessions, and a nightly one over 50 new sessions on a ledger of 1,000 against
 * the same 50 on a ledger of 40,000.
 *
 *     npm run bench:dream [-- --first 2000 --small 1000 --large 40000 --rounds 3 --json]
 *
 * All stores hold sessions of the sample workload. The first dream is measured twice: in a process that has only ingested, and
 * once more in a new store when the code is warm, as it is in a server. Each round of nights dreams over 50 sessions
 * more, the two stores in turn, in one process. The time is that of the dream alone, the sessions being ingested before; the time
 * of the processor stands beside it, which other work on the machine lengthens less.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { generateComplianceDesk } from '../examples/compliance-desk/generate.ts'
import { openEngine } from './engine-as-shipped.ts'

const { values } = parseArgs({
  options: {
    first: { type: 'string', default: '2000' },
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
  const first = await store('first', Number(values.first))
  await first.close()
  const first_again = await store('first-again', Number(values.first))
  await first_again.close()
  const small = await store('small', Number(values.small))
  const large = await store('large', Number(values.large))
  const times = []
  for (const night of nights)
    times.push({ small_ms: await small.dream(night), large_ms: await large.dream(night) })
  // The first night of each store runs cold code and cold pages.
  const counted = times.slice(1)
  const result = {
    settings: {
      first: first.sessions,
      small: small.sessions,
      large: large.sessions,
      new_sessions: NEW_SESSIONS,
      rounds,
      cores: availableParallelism(),
      node: process.version,
    },
    first: { cold: first.first_dream, warm: first_again.first_dream },
    first_dream_ms: { small: small.first_dream.ms, large: large.first_dream.ms },
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
    for (const { sessions, first_dream } of [first, first_again, small, large])
      console.log(
        `first dream over ${sessions} sessions: ${Math.round(first_dream.ms)} ms, of the processor ${Math.round(first_dream.cpu_ms)} ms`,
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
  return {
    sessions: ingested.sessions_new,
    first_dream: await timed(engine.dream),
    close: engine.close,
    async dream(night: string): Promise<number> {
      await engine.ingest([night])
      return (await timed(engine.dream)).ms
    },
  }
}

async function timed(work: () => Promise<unknown>): Promise<{ ms: number; cpu_ms: number }> {
  const begin = performance.now()
  const used = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(used)
  return { ms: performance.now() - begin, cpu_ms: (user + system) / 1000 }
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
