/**
 * How long the hooks of Claude Code take, from the start of the process to its end, beside an empty one and `reverie lessons`.
 *
 *     npm run bench:hook [-- --runs 40] [--json]
 *
 * All take turns, so that a busy machine is busy for all; what counts is what they take more than the empty process. Stores hold 500 and 10,000 memories.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openDatabase } from '../src/db/database.ts'
import { ensureMemoryStore } from '../src/db/memory-stores.ts'
import { randomId, sha256 } from '../src/domain/id.ts'

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '40' }, json: { type: 'boolean', default: false } },
})
const RUNS = Number(values.runs)
const AGENT = 'claude-code:acme-api'
const reverie = fileURLToPath(new URL('../bin/reverie.js', import.meta.url))

/** `over_empty_ms` is by how much its median is above that of the empty process. */
type Row = { name: string; p50_ms: number; p95_ms: number; over_empty_ms: number }

const home = mkdtempSync(join(tmpdir(), 'reverie-bench-hook-'))
try {
  writeFileSync(join(home, 'empty.js'), '')
  const small = await store(500)
  const large = await store(10_000)
  const rows = measured({
    'an empty process': [join(home, 'empty.js')],
    'hook session-start, 500 memories': [reverie, '--db', small, 'hook', 'session-start'],
    'hook session-start, 10,000 memories': [reverie, '--db', large, 'hook', 'session-start'],
    'hook session-start, no database': [reverie, '--db', join(home, 'none.db'), 'hook', 'session-start'],
    'hook session-end': [reverie, '--db', join(home, 'none.db'), 'hook', 'session-end'],
    lessons: [reverie, '--db', small, 'lessons'],
  })
  if (values.json) console.log(JSON.stringify({ runs: RUNS, load: loadavg()[0], rows }, null, 2))
  else {
    for (const { name, p50_ms, p95_ms, over_empty_ms } of rows)
      console.log(
        `${name.padEnd(36)} median ${p50_ms.toFixed(0)} ms (empty + ${over_empty_ms.toFixed(0)}), p95 ${p95_ms.toFixed(0)} ms`,
      )
    console.log(`${RUNS} runs each, load ${loadavg()[0]!.toFixed(1)}`)
  }
} finally {
  // What the last session's end started in the background may still write there.
  rmSync(home, { recursive: true, force: true, maxRetries: 20, retryDelay: 250 })
}

/** In turns; the first two of each, which compile and warm up, do not count. */
function measured(commands: Record<string, string[]>): Row[] {
  const took = new Map(Object.keys(commands).map((name) => [name, [] as number[]]))
  for (let i = -2; i < RUNS; i++)
    for (const [name, args] of Object.entries(commands)) {
      const input = JSON.stringify({ session_id: `session-${i}`, cwd: '/home/ada/acme-api' })
      const began = performance.now()
      const { status, stdout, stderr } = spawnSync(process.execPath, args, {
        input,
        encoding: 'utf8',
        env: { PATH: process.env.PATH, HOME: home, XDG_DATA_HOME: join(home, 'data') },
      })
      const ms = performance.now() - began
      if (status !== 0 || stderr !== '') throw new Error(`${name}: ${stderr}`)
      if (/ memories$/.test(name) && !stdout.includes('additionalContext'))
        throw new Error(`${name} gave nothing`)
      if (i >= 0) took.get(name)!.push(ms)
      // What the end of a session starts in the background would slow down whoever comes next.
      if (name.endsWith('session-end')) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500)
    }
  const rows = [...took].map(([name, all]) => {
    const sorted = all.sort((a, b) => a - b)
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!
    return { name, p50_ms: at(0.5), p95_ms: at(0.95) }
  })
  return rows.map((it) => ({ ...it, over_empty_ms: it.p50_ms - rows[0]!.p50_ms }))
}

async function store(memories: number): Promise<string> {
  const path = join(home, `${memories}.db`)
  mkdirSync(home, { recursive: true })
  const db = openDatabase(path)
  const created_at = '2026-11-03T00:00:00.000Z'
  const { id: memory_store_id } = await ensureMemoryStore(db, AGENT, AGENT, created_at)
  await db.transaction().execute(async (tx) => {
    for (let i = 0; i < memories; i++) {
      const content = `Call \`tool_${i}\` before \`tool_${i + 1}\`, since the other way round it fails in most sessions.\n`
      const [memory_id, memory_version_id] = [randomId('mem'), randomId('memver')]
      const common = { memory_store_id, path: `/lesson-${i}.md`, created_at }
      const size = Buffer.byteLength(content)
      const written = { content, content_sha256: sha256(content), content_size_bytes: size }
      const version = {
        id: memory_version_id,
        memory_id,
        operation: 'created' as const,
        created_by: 'user:bench',
      }
      await tx
        .insertInto('memory_version')
        .values({ ...version, ...common, ...written })
        .execute()
      await tx
        .insertInto('memory')
        .values({ id: memory_id, memory_version_id, ...common, updated_at: created_at })
        .execute()
    }
  })
  await db.destroy()
  return path
}
