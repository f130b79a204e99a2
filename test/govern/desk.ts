/** A database on disk with an agent whose sessions teach what a test wants them to teach. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Change } from '../../src/domain/change.ts'
import type { Actor } from '../../src/domain/memory.ts'
import { type Engine, openEngine } from '../../src/engine.ts'

export type Person = `user:${string}`
export const ANA: Person = 'user:ana'
export const BO: Person = 'user:bo'

export type Desk = Awaited<ReturnType<typeof openDesk>>

let files = 0

export async function openDesk(folder = mkdtempSync(join(tmpdir(), 'reverie-adopt-'))) {
  const path = join(folder, `desk-${files++}.db`)
  const now = ticking()
  const engine = openEngine({ database: path, now })

  /** A file of sessions that show that each of these calls fails without `get_…` before it. */
  const sessionFile = (calls: string[], n = 40): string => {
    const file = join(folder, `sessions-${files++}.jsonl`)
    writeFileSync(file, calls.flatMap((call) => sessionsOf(call, n, `${files}`)).join(''))
    return file
  }
  const word = { reason: '', edited: null, until: null, covered_by: null }

  return {
    path,
    engine,
    now,
    sessionFile,

    /** A dream over such sessions, or over nothing new: what it proposes. */
    async night(calls: string[] = [], n?: number): Promise<Change[]> {
      if (calls.length > 0) await engine.ingest([sessionFile(calls, n)])
      const [report] = await engine.dream()
      return report!.changes
    },

    approve: (change: Pick<Change, 'id'>, by = ANA, edited: string | null = null) =>
      engine.decide([{ id: change.id }], { ...word, decision: 'approved', edited }, by),

    reject: (change: Pick<Change, 'id'>, by = ANA) =>
      engine.decide([{ id: change.id }], { ...word, decision: 'rejected', reason: 'not so' }, by),

    /** The only change that waits for that call, approved and live. */
    async live(changes: Change[], by = ANA): Promise<Change[]> {
      for (const { id } of changes) await engine.decide([{ id }], { ...word, decision: 'approved' }, by)
      const { adopted } = await engine.adopt({ changes: changes.map((it) => it.id) }, by)
      return adopted
    },

    /** A person writes a memory, over whatever stands there. */
    async write(at: string, text: string, by: Actor = BO): Promise<void> {
      const name = at.replace(/^\//, '')
      await engine.importMemories([{ name, bytes: Buffer.from(text) }], {
        format: 'markdown',
        as: by,
        replace: true,
        dry_run: false,
      })
    },

    standing: () => standingIn(engine),

    async close(): Promise<void> {
      await engine.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** A second passes whenever somebody looks. */
export function ticking(time = Date.UTC(2026, 10, 9, 3)): () => Date {
  let seconds = 0
  return () => {
    seconds++
    return new Date(time + seconds * 1_000)
  }
}

/** What stands in the memory, without the index, which has to name all of it. */
export async function standingIn(engine: Engine): Promise<Record<string, string>> {
  const { data } = await engine.memories(undefined, { limit: 10_000 })
  const found = Object.fromEntries(data.map((it) => [it.path, it.content]))
  const { '/_index.md': index = '', ...memories } = found
  const named = [...index.matchAll(/^- \[(.*?)\]/gm)].map(([, path]) => path).sort()
  const paths = Object.keys(memories).sort()
  if (JSON.stringify(named) !== JSON.stringify(paths))
    throw new Error(`the index names ${named.join(', ')}, and there are ${paths.join(', ')}`)
  return memories
}

/** Every second session looks first, and only the others fail. */
function sessionsOf(call: string, n: number, batch: string): string[] {
  return Array.from({ length: n }, (_, i) => {
    const looked = i % 2 === 0
    const calls: [name: string, succeeds: boolean][] = looked
      ? [
          [`get_${call}`, true],
          [call, true],
        ]
      : [[call, false]]
    const id = `${batch}-${call}-${i}`
    const steps = calls.flatMap(([name, succeeds], k) => [
      { role: 'assistant', text: '', calls: [{ id: `c${k}`, name, args: { case_id: `${name}-${id}` } }] },
      {
        role: 'tool',
        call_id: `c${k}`,
        name,
        text: succeeds ? 'done' : 'Error: not allowed now',
        error: !succeeds,
      },
    ])
    const session = {
      id,
      agent: 'desk',
      agent_version: 'v1',
      task_id: `${call}-${i % 5}`,
      started_at: '2026-01-05T09:00:00.000Z',
      steps: [{ role: 'user', text: `Please see to case ${id}.` }, ...steps],
    }
    return `${JSON.stringify(session)}\n`
  })
}
