/** A dream with a model may take hours: it says all the while that it lives, and hears that it is to stop. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { listMemoryStores } from '../../src/db/memory-stores.ts'
import { AS_USUAL, dream, type World } from '../../src/dream.ts'
import { runDream } from '../../src/engine/dream-jobs.ts'
import { openEngine } from '../../src/engine.ts'
import type { Port } from '../../src/jobs/port.ts'
import { readingModel } from '../dream/reading-model.ts'
import { AGENT, copyOf, NEW, NIGHT, newPlace, openDesk, rowsOf } from './dreaming.ts'
import { configure } from './scripted-models.ts'
import { scriptedServer } from './scripted-servers.ts'

const { place, remove } = newPlace()
const desk = place('desk.db')

beforeAll(() => openDesk(desk))
afterAll(remove)

async function dreamt(name: string, world: Partial<World>) {
  const db = openDatabase(copyOf(desk, place(`${name}.db`)))
  const [memory_store] = (await listMemoryStores(db)).filter((it) => it.agent === AGENT)
  const usual = { now: NIGHT, worker: 'me', is_alive: () => true, progress: () => {} }
  const asked = { ...AS_USUAL, memory_store: memory_store! }
  await dream(db, asked, { ...usual, model: readingModel([]), ...world })
  await db.destroy()
}

test('it looks whether it is to stop before each question that it reckons, and each time it asks, however fast the answers come', async () => {
  const looks: string[] = []
  let stage = ''
  const witness = {
    stays: async () => void looks.push(stage),
    plans: async () => {},
    reads: async () => {},
    checks: async () => {},
    ends: async () => [],
  }
  const progress = (at: string) => {
    stage = at
  }
  await dreamt('looks', { witness, progress })
  // Once when the stage begins, then for each session, and for what is asked and compared of them together.
  expect(looks.filter((it) => it === 'read')).toHaveLength(1 + NEW + 2)
  // Once when the stage begins, and once more before advice is asked for.
  expect(looks.filter((it) => it === 'consolidate')).toHaveLength(2)
})

test('over the wire, where it may take an hour, it asks for three quarters of it, and what it has read by then counts', async () => {
  const [database, models_file] = [copyOf(desk, place('hour.db')), place('hour.yaml')]
  let minutes = 0
  const server = await scriptedServer(({ n }) => {
    if (n === 6) minutes = 46
    return { json: { claims: [], operations: [] }, ms: n < 5 ? 0 : 1_500 }
  })
  await configure(database, models_file, {
    ...{ protocol: 'anthropic', base_url: server.base_url('anthropic') },
    besides: ['wire:', '  slow: scripted/m'],
  })
  const now = () => new Date(NIGHT().getTime() + minutes * 60_000)
  const engine = openEngine({ database, now })
  const db = openDatabase(database)
  const [store] = (await listMemoryStores(db)).filter((it) => it.agent === AGENT)
  const fresh = rowsOf(database, 'SELECT id FROM session WHERE seq NOT IN (SELECT session_seq FROM ledger)')
  const { id } = await engine.requestDream(
    {
      ...{ memory_store_id: store!.id, session_ids: fresh.map((it) => String(it.id)) },
      ...{ model: { id: 'slow', speed: 'standard' }, instructions: null, output_behavior: 'update_existing' },
    },
    'user:ana',
  )
  const job = {
    ...{ id, kind: 'dream', payload: { dream_id: id }, attempt: 1, max_attempts: 5 },
    ...{ workspace_id: 'unused', created_at: '' },
  }
  const port: Port = {
    stay: async () => {},
    step: (_, work) => work(),
    rest: (wait) => wait(),
    fan: (_, items, work) => Promise.all(items.map(work)),
    signal: new AbortController().signal,
  }
  await runDream({ db, now, models_file }, job, port)

  const { status, spending, notes, sessions_read } = await engine.requestedDream(id)
  expect(status).toBe('completed')
  expect(spending!.stopped).toBe('the dream has taken as long as it may ask')
  expect(sessions_read).toBe(server.requests.length)
  expect(sessions_read).toBeLessThan(NEW)
  expect(notes.join()).toContain(
    `${NEW - sessions_read} sessions were not read and will be by the next dream`,
  )
  await engine.close()
  await db.destroy()
  await server.close()
})
