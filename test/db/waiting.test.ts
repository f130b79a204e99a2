/** Whoever waits for a lock of the database does not keep its thread waiting, and is served in its turn. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { sql } from 'kysely'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { carryLogOver, type Database, type Opening, openDatabase } from '../../src/db/database.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-waiting-'))
afterAll(() => rmSync(folder, { recursive: true }))

let path: string
let db: Database
let others: ChildProcess[]
let n = 0
beforeEach(() => {
  path = join(folder, `${++n}.db`)
  others = []
  db = openDatabase(path)
})
afterEach(async () => {
  for (const it of others) if (it.exitCode === null && it.signalCode === null) await once(it, 'exit')
  await db.destroy()
})

/** Another process that holds the write lock, for so long or until it is killed. */
async function heldFor(ms: number): Promise<ChildProcess> {
  const child = fork(new URL('./holding.ts', import.meta.url), [path, String(ms)], { execArgv: [] })
  others.push(child)
  await once(child, 'message')
  return child
}

const write = (name: string, on = db) => on.insertInto('setting').values({ name, value: '' }).execute()
const transaction = (name: string, on = db) => on.transaction().execute((tx) => write(name, tx as never))
const names = async (on = db) => {
  const rows = await on.selectFrom('setting').select('name').orderBy(sql`rowid`).execute()
  return rows.map((it) => it.name).filter((it) => !it.startsWith('held by'))
}

describe('while another process holds the write lock for a second', () => {
  test.each([
    { name: 'a transaction', wait: transaction },
    { name: 'a single write', wait: write },
  ])('$name waits and succeeds, and meanwhile the thread does other things and reads', async ({ wait }) => {
    await heldFor(1_000)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    let reads = 0
    let is_done = false

    delay.enable()
    const waiting = wait('mine').then(() => {
      is_done = true
    })
    for (; !is_done; reads++) {
      expect(await names()).toEqual([])
      await setTimeout(2)
    }
    await waiting
    delay.disable()

    expect(reads).toBeGreaterThan(50)
    expect(delay.max / 1e6).toBeLessThan(400)
    expect(await names()).toEqual(['mine'])
  })

  test.each([
    { name: 'a transaction', wait: transaction },
    { name: 'a single write', wait: write },
  ])(
    '$name whose patience ends before says who has been writing, and the next one is as good as new',
    async ({ wait }) => {
      const impatient = openDatabase(path, undefined, { patience_ms: 200 })
      await heldFor(1_000)

      const begun = performance.now()
      const reading = setInterval(() => void names(impatient), 10)
      await expect(wait('too late', impatient)).rejects.toMatchObject({
        type: 'database_error',
        message: expect.stringMatching(/\.db cannot be used: database is locked/),
        hint: expect.stringMatching(/another process has been writing for very long/),
      })
      clearInterval(reading)
      expect(performance.now() - begun).toBeLessThan(800)

      await once(others[0]!, 'exit')
      await wait('in time', impatient)
      expect(await names()).toEqual(['in time'])
      await impatient.destroy()
    },
  )

  test('patience is not used up by waiting for transactions of the same handle', async () => {
    const impatient = openDatabase(path, undefined, { patience_ms: 300 })
    const slow = impatient.transaction().execute(async (tx) => {
      await write('slow', tx as never)
      await setTimeout(600)
    })
    const next = transaction('next', impatient)
    await slow
    // Between the two comes somebody else.
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    await setTimeout(100)
    other.exec('COMMIT')
    other.close()
    await next
    expect(await names()).toEqual(['slow', 'next'])
    await impatient.destroy()
  })

  test('a process that is killed while it holds the lock lets it go', async () => {
    const other = await heldFor(60_000)
    const waiting = transaction('mine')
    await setTimeout(50)
    other.kill('SIGKILL')
    await waiting
    expect(await names()).toEqual(['mine'])
  })
})

test.each([
  { name: 'is ended', end: (thread: Worker) => thread.terminate() },
  { name: 'dies of an error', end: (thread: Worker) => thread.postMessage('die') },
])('a thread that $name while it holds the lock lets it go, and its files', async ({ end }) => {
  const url = new URL('./holding.ts', import.meta.url)
  const code = `
    require('node:worker_threads').parentPort.on('message', () => { throw new Error('dies') })
    process.argv[2] = ${JSON.stringify(path)}
    process.argv[3] = '60000'
    void import(${JSON.stringify(url.href)})`
  const thread = new Worker(code, { eval: true })
  thread.on('error', () => {})
  await once(thread, 'message')
  const ended = new Promise((resolve) => thread.once('exit', resolve))
  const waiting = transaction('mine')
  await end(thread)
  await ended
  await waiting
  expect(await names()).toEqual(['mine'])
  await db.destroy()
  // Whoever closes it last takes the log away.
  expect(existsSync(`${path}-wal`)).toBe(false)
})

describe('writes of one handle', () => {
  test('take their turns in the order in which they were asked for', async () => {
    const order = Array.from({ length: 60 }, (_, i) => String(i).padStart(2, '0'))
    await Promise.all(order.map((it, i) => (i % 3 === 0 ? write(it) : transaction(it))))
    expect(await names()).toEqual(order)
  })

  test('let others have the thread in between', async () => {
    let ticks = 0
    const ticking = setInterval(() => ticks++, 0)
    await Promise.all(Array.from({ length: 200 }, (_, i) => transaction(String(i))))
    clearInterval(ticking)
    expect(ticks).toBeGreaterThan(10)
  })

  test('see nothing of each other, and a reader sees what stood there before', async () => {
    const open = db.transaction().execute(async (tx) => {
      await write('unfinished', tx as never)
      await setTimeout(50)
      const seen_outside = await names()
      expect(await names(tx as never)).toEqual(['unfinished'])
      return seen_outside
    })
    const behind = write('behind')
    expect(await open).toEqual([])
    await behind
    expect(await names()).toEqual(['unfinished', 'behind'])
  })

  test('that fail leave nothing, and the next one goes on', async () => {
    const failing = db.transaction().execute(async (tx) => {
      await write('half', tx as never)
      throw new Error('stop')
    })
    const next = transaction('next')
    await expect(failing).rejects.toThrow('stop')
    await next
    await expect(write('next')).rejects.toThrow(/UNIQUE/)
    await write('last')
    expect(await names()).toEqual(['next', 'last'])
  })

  test('of a database in memory take turns with its readers, which have no other connection', async () => {
    const memory = openDatabase(':memory:')
    const open = memory.transaction().execute(async (tx) => {
      await write('one', tx as never)
      await setTimeout(20)
    })
    const seen = names(memory)
    await open
    expect(await seen).toEqual(['one'])
    await memory.destroy()
  })
})

test('what is read beside a transaction is of the same workspace', async () => {
  const own = sql<{ id: string }>`SELECT own_workspace() AS id`
  const { rows: before } = await own.execute(db)
  await db.transaction().execute(async () => {
    const { rows } = await own.execute(db)
    expect(rows).toEqual(before)
  })
})

test('two processes that write as fast as they can both get on', async () => {
  const other = fork(new URL('./writing.ts', import.meta.url), [path, '100'], { execArgv: [] })
  others.push(other)
  await once(other, 'message')
  for (let i = 0; i < 100; i++) await transaction(`here ${i}`)
  await once(other, 'exit')
  expect(await names()).toHaveLength(200)
})

describe('the log', () => {
  const logged = () => statSync(`${path}-wal`).size
  const fill = async (on: Database, mb: number) => {
    for (let i = 0; i < mb; i++)
      await on
        .insertInto('setting')
        .values({ name: `${i} of ${mb}`, value: 'x'.repeat(1e6) })
        .execute()
  }

  test.each<{ name: string; opening: Opening; least: number; most: number }>([
    { name: 'does not grow without bound', opening: {}, least: 0, most: 7e6 },
    {
      name: 'grows where another thread is to carry it over',
      opening: { checkpoint_pages: 16_384 },
      least: 18e6,
      most: 40e6,
    },
  ])('$name', async ({ opening, least, most }) => {
    const served = openDatabase(path, undefined, opening)
    await fill(served, 20)
    expect(logged()).toBeGreaterThan(least)
    expect(logged()).toBeLessThan(most)
    await served.destroy()
  })

  test('that another handle carries over is used again from its beginning', async () => {
    const served = openDatabase(path, undefined, { checkpoint_pages: 16_384 })
    await fill(served, 10)
    const full = logged()
    await carryLogOver(db)
    await fill(served, 9)
    expect(logged()).toBe(full)
    await served.destroy()
  })
})
