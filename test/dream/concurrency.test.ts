import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateComplianceDesk } from '../../examples/compliance-desk/generate.ts'
import { openDatabase } from '../../src/db/database.ts'
import { ensureMemoryStore } from '../../src/db/memory-stores.ts'
import type { MemoryStore } from '../../src/domain/memory.ts'
import { AS_USUAL, dream, type World } from '../../src/dream.ts'
import { openEngine } from '../../src/engine.ts'
import { onStatement } from '../db/on-statement.ts'
import { resultOf } from './result-of.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-dream-concurrency-'))
const ingested = join(scratch, 'ingested.db')
afterAll(() => rmSync(scratch, { recursive: true }))

beforeAll(async () => {
  generateComplianceDesk(join(scratch, 'desk'), { sessions: 100 })
  const engine = openEngine({ database: ingested })
  await engine.ingest([join(scratch, 'desk')])
  await engine.close()
})

describe('while one process dreams', () => {
  test.each(['plan', 'mine', 'finish'])(
    'at its stage "%s", a second dream of the store is refused, and the first one ends well',
    async (stage) => {
      const path = copy(`refused-${stage}.db`)
      const first = await dreamingUntil(stage, path)
      const engine = openEngine({ database: path })

      await expect(engine.dream()).rejects.toMatchObject({
        type: 'conflict_error',
        message: expect.stringMatching(/the dream drm_\w+ of this memory store is still running/),
        hint: expect.stringMatching(/wait for it to end/),
      })

      writeFileSync(`${path}.go-on`, '')
      await once(first, 'exit')
      const [report] = await engine.dream()
      await engine.close()
      expect(report!.dream.result).toBe('nothing_new')
      expect(resultOf(path).dream.map((it) => [it.status, it.result])).toEqual([
        ['completed', 'changed'],
        ['completed', 'nothing_new'],
      ])
    },
  )

  test('and is killed, the next dream takes over at once', async () => {
    const path = copy('taken-over.db')
    const first = await dreamingUntil('mine', path)
    first.kill('SIGKILL')
    await once(first, 'exit')

    const engine = openEngine({ database: path })
    const [report] = await engine.dream()
    await engine.close()

    expect(report!.dream).toMatchObject({ status: 'completed', result: 'changed' })
    expect(resultOf(path).dream).toHaveLength(1)
  })

  test('and another store is dreamed of, neither waits', async () => {
    const path = copy('two-stores.db')
    const first = await dreamingUntil('mine', path)
    const engine = openEngine({ database: path })

    const [report] = await engine.dream({ store: 'second opinion', agent: 'compliance-desk' })

    expect(report!.dream.result).toBe('changed')
    writeFileSync(`${path}.go-on`, '')
    await once(first, 'exit')
    await engine.close()
    expect(resultOf(path).dream.map((it) => it.status)).toEqual(['completed', 'completed'])
  })
})

test('of two dreams of one store that begin at once in one process, one is refused', async () => {
  const path = copy('one-process.db')
  const engine = openEngine({ database: path })
  const ends = await Promise.allSettled([engine.dream(), engine.dream()])
  await engine.close()

  expect(ends.map((it) => it.status).sort()).toEqual(['fulfilled', 'rejected'])
  expect(ends.find((it) => it.status === 'rejected')!.reason.message).toMatch(/is still running/)
  expect(resultOf(path).dream.map((it) => it.status)).toEqual(['completed'])
})

test('a dream of an earlier process that had the number of this one is taken over at once', async () => {
  const path = copy('same-number.db')
  await leaveRunning(path, `${hostname()}:${process.pid}:earlier`, new Date())
  const engine = openEngine({ database: path })
  await engine.dream()
  await engine.close()
  expect(resultOf(path).dream.map((it) => it.status)).toEqual(['completed'])
})

describe('of a worker on another machine nothing is known but its lease', () => {
  test('while the lease holds its dream is left alone, afterwards it is taken over', async () => {
    const path = copy('other-machine.db')
    const begun = new Date('2026-11-09T03:00:00Z')
    await leaveRunning(path, 'elsewhere:7:abc', begun)

    const soon = openEngine({ database: path, now: () => new Date(begun.getTime() + 59_000) })
    await expect(soon.dream()).rejects.toMatchObject({ type: 'conflict_error' })
    await soon.close()
    const later = openEngine({ database: path, now: () => new Date(begun.getTime() + 61_000) })
    const [report] = await later.dream()
    await later.close()

    expect(report!.dream.status).toBe('completed')
    expect(resultOf(path).dream).toHaveLength(1)
  })

  test('one that was taken over stops, writes nothing, and does not end the other one', async () => {
    const path = copy('comes-back.db')
    const db = openDatabase(path)
    const memory_store = await storeOf(path)
    let hour = 3
    const now = () => new Date(Date.UTC(2026, 10, 9, hour))
    const sleeps: World['progress'] = (stage) => {
      if (stage !== 'finish' || hour > 3) return
      // The machine sleeps for an hour; meanwhile another one begins, and takes the dream over.
      hour++
      const steal = new DatabaseSync(path)
      steal
        .prepare("UPDATE dream SET worker = 'elsewhere:7:abc', lease_expires_at = ?")
        .run('2026-11-09T04:01:00.000Z')
      steal.close()
    }

    const slept = dream(db, { ...AS_USUAL, memory_store }, world({ now, progress: sleeps }))

    await expect(slept).rejects.toMatchObject({
      type: 'conflict_error',
      message: expect.stringMatching(/taken over by another process/),
    })
    await db.destroy()
    const { dream: dreams, memory, tally, ledger } = resultOf(path)
    expect(dreams).toMatchObject([{ status: 'running', worker: 'elsewhere:7:abc' }])
    expect([memory, tally, ledger]).toEqual([[], [], []])
  })

  test('however long a stage takes, the lease is renewed in time', async () => {
    const path = copy('slow.db')
    const memory_store = await storeOf(path)
    let time = Date.UTC(2026, 10, 9, 3)
    const watch = new DatabaseSync(path)
    const lease = watch.prepare('SELECT lease_expires_at FROM dream')
    const late: unknown[] = []
    const db = openDatabase(path)
    // Every statement takes four seconds. In the end all is written in one transaction, which nobody can come between.
    let finishing = false
    const progress: World['progress'] = (stage) => (finishing ||= stage === 'finish')
    const slow = db.withPlugin(
      onStatement((when) => {
        if (when === 'after' || finishing) return
        time += 4_000
        const held = lease.get()?.lease_expires_at
        if (typeof held === 'string' && held < new Date(time).toISOString()) late.push(held)
      }),
    )
    await dream(slow, { ...AS_USUAL, memory_store }, world({ now: () => new Date(time), progress }))
    await db.destroy()
    watch.close()

    expect(time).toBeGreaterThan(Date.UTC(2026, 10, 9, 3) + 90_000)
    expect(late).toEqual([])
  })
})

function copy(name: string): string {
  const path = join(scratch, name)
  copyFileSync(ingested, path)
  return path
}

/** A process that has begun to dream and stands still at the beginning of `stage`. */
async function dreamingUntil(stage: string, path: string): Promise<ChildProcess> {
  const child = fork(new URL('./waiting-dream.ts', import.meta.url), [path, stage], { execArgv: [] })
  await once(child, 'message')
  return child
}

/** The memory store that the first dream would make. */
async function storeOf(path: string): Promise<MemoryStore> {
  const db = openDatabase(path)
  const memory_store = await ensureMemoryStore(
    db,
    'compliance-desk',
    'compliance-desk',
    '2026-11-09T03:00:00Z',
  )
  await db.destroy()
  return memory_store
}

async function leaveRunning(path: string, worker: string, begun: Date): Promise<void> {
  const { id } = await storeOf(path)
  const sqlite = new DatabaseSync(path)
  sqlite
    .prepare(
      "INSERT INTO dream (id, memory_store_id, status, worker, lease_expires_at, created_at) VALUES ('drm_x', ?, 'running', ?, ?, ?)",
    )
    .run(id, worker, new Date(begun.getTime() + 60_000).toISOString(), begun.toISOString())
  sqlite.close()
}

function world(given: Partial<World>): World {
  return { now: () => new Date(), worker: 'here', is_alive: () => true, progress: () => {}, ...given }
}
