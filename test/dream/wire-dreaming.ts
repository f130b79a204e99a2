/** Dreams as they are asked for over the wire, run here and now by the handler of their job. */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { type Database, openDatabase } from '../../src/db/database.ts'
import type { RequestedDream } from '../../src/domain/dream.ts'
import type { MemoryStore } from '../../src/domain/memory.ts'
import { type DreamLimits, runDream } from '../../src/engine/dream-jobs.ts'
import { type Engine, openEngine } from '../../src/engine.ts'
import type { Job, Port } from '../../src/jobs/port.ts'

export const ANA = 'user:ana'

/** A folder with one file of sessions a week, of an agent with lessons to learn. */
export function deskFiles(sessions: number): { folder: string; week: (n: number) => string } {
  const folder = mkdtempSync(join(tmpdir(), 'reverie-wire-'))
  generateComplianceDesk(join(folder, 'desk'), { sessions })
  return { folder, week: (n) => join(folder, `desk/week-${String(n).padStart(2, '0')}.jsonl`) }
}

export type Wire = {
  engine: Engine
  db: Database
  path: string
  /** All sessions there are, by the ids that the wire knows them by. */
  sessions: () => Promise<string[]>
  store: (name?: string) => Promise<MemoryStore>
  ask: (store: string, session_ids: string[], how?: Partial<Asked>) => Promise<RequestedDream>
  /** Runs its job once; gives the dream as it is then. */
  run: (id: string, how?: Partial<Running>) => Promise<RequestedDream>
  /** What stands in a store. */
  texts: (store: string) => Promise<Record<string, string>>
  close: () => Promise<void>
}

export type Asked = Pick<RequestedDream, 'instructions' | 'output_behavior'>
export type Running = {
  limits: Partial<DreamLimits>
  db: Database
  attempt: number
  stay: () => Promise<void>
}

const LIMITS: DreamLimits = { budget_ms: 3_600_000, memories: 10_000, bytes: 1e9, stores: 1_000 }

export function openWire(path: string, now: () => Date): Wire {
  const engine = openEngine({ database: path, now })
  const db = openDatabase(path)
  return {
    engine,
    db,
    path,
    async sessions() {
      const rows = await db.selectFrom('session').select(['id', 'recording_id']).orderBy('seq').execute()
      return [...new Set(rows.map((it) => it.recording_id ?? it.id))]
    },
    store: (name = 'desk') => engine.createStore({ name, description: '', metadata: {} }, ANA),
    ask: (memory_store_id, session_ids, how = {}) =>
      engine.requestDream(
        {
          ...{ memory_store_id, session_ids, model: { id: 'claude-opus-5', speed: 'standard' } },
          ...{ instructions: null, output_behavior: 'create_new', ...how },
        },
        ANA,
      ),
    async run(id, { limits = {}, db: other = db, attempt = 1, stay = async () => {} } = {}) {
      const job: Job = {
        ...{ id, kind: 'dream', payload: { dream_id: id }, attempt, max_attempts: 5 },
        ...{ workspace_id: 'unused', created_at: '' },
      }
      const port: Port = {
        stay,
        step: (_, work) => work(),
        rest: (wait) => wait(),
        fan: async (_, items, work) => Promise.all(items.map(work)),
        signal: new AbortController().signal,
      }
      await runDream({ db: other, now }, job, port, { ...LIMITS, ...limits })
      return engine.requestedDream(id)
    },
    async texts(store) {
      const { data } = await engine.memories(store, { limit: 1_000 })
      return Object.fromEntries(data.map((it) => [it.path, it.content]))
    },
    async close() {
      await engine.close()
      await db.destroy()
    },
  }
}
