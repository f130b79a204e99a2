/**
 * How long a recall takes, and whether it matters how much memory there is, in the agent's own store and in others.
 *
 *     npm run bench:recall [-- --json] [--memories 10000] [--recalls 200]
 *
 * Memories are lessons, each of 60 words of a vocabulary of 5,000 in which few words are frequent and most are rare, as in any language. A
 * query is 30 such words, so most of it is frequent words. A recall is the whole of it, as every door does it: find, rank, draw lots,
 * and write down what is given, which ends with the disk.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Database, openDatabase } from '../src/db/database.ts'
import { ensureMemoryStore } from '../src/db/memory-stores.ts'
import { randomId, sha256 } from '../src/domain/id.ts'
import { openEngine } from '../src/engine.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    memories: { type: 'string', default: '10000' },
    recalls: { type: 'string', default: '200' },
  },
})
const MANY = Number(values.memories)
const RECALLS = Number(values.recalls)
const FEW = 100
const NOW = '2026-11-03T00:00:00.000Z'

const random = seeded(1)
const VOCABULARY = Array.from({ length: 5_000 }, (_, i) => sha256(`word ${i}`).replace(/\d/g, '').slice(0, 9))

/** `cpu_ms` is the mean, also of recalls that start experiments: it is the same on a busy machine. The ratio is that of the medians. */
type Row = { setting: string; p50_ms: number; p95_ms: number; cpu_ms: number; ratio: number }

const folder = mkdtempSync(join(tmpdir(), 'reverie-bench-recall-'))
try {
  const alone = await measured(`${FEW} memories, alone`, { own: FEW, others: 0 })
  const beside = await measured(`${FEW} memories, beside ${MANY} of others`, { own: FEW, others: MANY })
  const many = await measured(`${MANY} memories`, { own: MANY, others: 0 })
  const rows: Row[] = [alone, beside, many].map((it) => ({ ...it, ratio: it.p50_ms / alone.p50_ms }))
  if (values.json) console.log(JSON.stringify({ recalls: RECALLS, settings: rows }, null, 2))
  else
    for (const { setting, p50_ms, p95_ms, cpu_ms, ratio } of rows)
      console.log(
        `${setting.padEnd(40)} median ${p50_ms.toFixed(1)} ms, p95 ${p95_ms.toFixed(1)} ms, processor ${cpu_ms.toFixed(1)} ms, ${ratio.toFixed(2)} x alone`,
      )
} finally {
  rmSync(folder, { recursive: true })
}

async function measured(setting: string, { own, others }: { own: number; others: number }) {
  const database = join(folder, `${setting}.db`)
  const db = openDatabase(database)
  await fill(db, 'desk', own)
  for (let i = 0; i < 10 && others > 0; i++) await fill(db, `other-${i}`, others / 10)
  await db.destroy()
  const engine = openEngine({ database })
  const took: number[] = []
  const began = process.cpuUsage()
  // The first few load code and prepare statements.
  for (let i = -20; i < RECALLS; i++) {
    const query = words(30)
    const recall = (session: string) => engine.recall({ agent: 'desk', session, query }, 'user:bench')
    // The first session that is told a lesson starts its experiment, once; that is not what is measured here.
    await recall(`first ${i}`)
    const began = performance.now()
    await recall(`session ${i}`)
    if (i >= 0) took.push(performance.now() - began)
  }
  const { user, system } = process.cpuUsage(began)
  await engine.close()
  const sorted = took.sort((a, b) => a - b)
  const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))]!
  return {
    setting,
    p50_ms: at(0.5),
    p95_ms: at(0.95),
    cpu_ms: (user + system) / 1_000 / (2 * (RECALLS + 20)),
  }
}

/** A store of that name with so many lessons, each with a memory. */
async function fill(db: Database, name: string, n: number): Promise<void> {
  const { id: memory_store_id } = await ensureMemoryStore(db, name, name, NOW)
  await db.transaction().execute(async (tx) => {
    for (let i = 0; i < n; i++) {
      const pattern = `pat_${sha256(`${name} ${i}`).slice(0, 24)}`
      const content = `---\nname: lesson-${i}\ntype: mistake\npattern: ${pattern}\n---\n${words(40)}\n\nWhy: ${words(20)}\n`
      const ids = { memory_id: randomId('mem'), memory_version_id: randomId('memver') }
      const path = `/mistakes/lesson-${i}.md`
      const written = {
        content,
        content_sha256: sha256(content),
        content_size_bytes: Buffer.byteLength(content),
      }
      const common = { memory_store_id, path, created_at: NOW }
      await tx
        .insertInto('memory_version')
        .values({
          id: ids.memory_version_id,
          memory_id: ids.memory_id,
          operation: 'created',
          ...common,
          ...written,
          created_by: 'dream:bench',
        })
        .execute()
      await tx
        .insertInto('memory')
        .values({ id: ids.memory_id, memory_version_id: ids.memory_version_id, ...common, updated_at: NOW })
        .execute()
      const kind = { class: 'mistake', channel: 'call', tier: 'process', status: 'probation' }
      const facts = {
        scope: { agent: name, person: null },
        effect: { exposed: [Math.ceil(random() * 50), 50], unexposed: [1, 100] },
        watch: { expectation: { of_those: 'without', bad: true } },
        sightings: [],
        // As long as what a real lesson is kept with.
        evidence: words(400),
      }
      await tx
        .insertInto('pattern')
        .values({
          id: pattern,
          memory_store_id,
          ...kind,
          content: JSON.stringify(facts),
          created_at: NOW,
          updated_at: NOW,
        })
        .execute()
    }
  })
}

/** Of the vocabulary, by Zipf's law: the word of rank r is drawn in proportion to 1 / r. */
function words(n: number): string {
  return Array.from({ length: n }, () => VOCABULARY[Math.floor(VOCABULARY.length ** random()) - 1]).join(' ')
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32
    return state / 2 ** 32
  }
}
