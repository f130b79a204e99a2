/** What a worker does with jobs: tries again, waits, cancels, stops, and takes over from one that is gone. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../src/db/database.ts'
import { cancelJob, enqueue, giveUpAll, type NewJob } from '../../src/db/jobs.ts'
import { ensureMemoryStore } from '../../src/db/memory-stores.ts'
import { insertWorkspace } from '../../src/db/workspaces.ts'
import { DEFAULT_WORKSPACE } from '../../src/domain/default-workspace.ts'
import { EngineError } from '../../src/domain/error.ts'
import { type Handler, NotYet } from '../../src/jobs/port.ts'
import {
  delayBefore,
  type JobNews,
  type Pace,
  type Work,
  type World,
  workJobs,
} from '../../src/jobs/worker.ts'

const folder = mkdtempSync(join(tmpdir(), 'reverie-jobs-'))
afterAll(() => rmSync(folder, { recursive: true }))
const SECOND = 1_000
const MINUTE = 60 * SECOND
const DAY = 24 * 60 * MINUTE

let db: Database
let clock: number
let news: JobNews[]
let working: Work[]
let n = 0

beforeEach(() => {
  db = openDatabase(join(folder, `${++n}.db`))
  clock = Date.parse('2026-11-20T03:00:00.000Z')
  news = []
  working = []
})
afterEach(async () => {
  for (const it of working) await it.stop(0)
  await db.destroy()
})

const now = () => new Date(clock)
const put = (job: Partial<NewJob> = {}) =>
  db.transaction().execute((tx) => enqueue(tx, { kind: 'note', payload: {}, now: now(), ...job }))

function work(handlers: Record<string, Handler>, world: Partial<World> = {}, pace: Partial<Pace> = {}): Work {
  const report = (it: JobNews) => news.push(it)
  const whole = { worker: 'here', now, random: () => 1, is_alive: () => true, report, ...world }
  const begun = workJobs(db, handlers, whole, { poll_ms: 5, ...pace })
  working.push(begun)
  return begun
}

const jobOf = (id: string) => db.selectFrom('job').selectAll().where('id', '=', id).executeTakeFirstOrThrow()
const stepsOf = async (id: string) => {
  const rows = await db.selectFrom('job_step').select('key').where('job_id', '=', id).execute()
  return rows.map((it) => it.key)
}

async function until(is_so: () => unknown): Promise<void> {
  for (let i = 0; i < 1_000; i++) {
    if (await is_so()) return
    await setTimeout(5)
  }
  throw new Error(`it never came to be that ${is_so}`)
}
const status = (id: string, wanted: string) => until(async () => (await jobOf(id)).status === wanted)

test('a job is done once, whenever it is put in, and its handler is told what it is', async () => {
  const done: unknown[] = []
  work({ note: async (job) => void done.push(job) })
  const id = await put({ id: 'job_1', payload: { session_id: 'sesn_1' } })
  await put({ id: 'job_1', payload: { session_id: 'sesn_2' } })
  await status(id, 'completed')
  await put({ id: 'job_1' })
  await setTimeout(30)

  expect(done).toEqual([
    {
      id: 'job_1',
      workspace_id: DEFAULT_WORKSPACE.id,
      kind: 'note',
      payload: { session_id: 'sesn_1' },
      attempt: 1,
      max_attempts: 5,
      created_at: '2026-11-20T03:00:00.000Z',
    },
  ])
  expect(await jobOf(id)).toMatchObject({ ended_at: now().toISOString(), worker: null, error: null })
  expect(news).toMatchObject([{ type: 'completed', job_id: 'job_1', kind: 'note', attempt: 1 }])
})

test('jobs are done in the order in which they are due, and not before', async () => {
  const done: string[] = []
  for (const [id, seconds] of [
    ['third', 0],
    ['first', -2],
    ['later', 1],
    ['second', -1],
  ] as const)
    await put({ id, due_at: new Date(clock + seconds * SECOND) })
  work({ note: async (job) => void done.push(job.id) }, {}, { places: 1 })
  await status('third', 'completed')
  expect(done).toEqual(['first', 'second', 'third'])

  clock += SECOND
  await status('later', 'completed')
})

test('a kind that nobody here knows is left alone', async () => {
  const id = await put({ kind: 'of-tomorrow' })
  const known = await put()
  work({ note: async () => {} })
  await status(known, 'completed')
  expect(await jobOf(id)).toMatchObject({ status: 'pending', attempt: 0 })
})

describe('what fails', () => {
  test.each([
    { random: 1, delays: [1, 2, 4, 8] },
    { random: 0, delays: [0.5, 1, 2, 4] },
  ])('is tried again, each time later ($delays s), and given up at last', async ({ random, delays }) => {
    let attempts = 0
    work(
      {
        note: async (job) => {
          expect(job.attempt).toBe(++attempts)
          throw new TypeError('what the person said')
        },
      },
      { random: () => random },
    )
    const id = await put()
    for (const [i, delay] of delays.entries()) {
      await until(async () => news.length > i)
      const { status, due_at, worker } = await jobOf(id)
      expect({ status, delay: Date.parse(due_at) - clock, worker }).toEqual({
        status: 'pending',
        delay: delay * SECOND,
        worker: null,
      })
      clock = Date.parse(due_at) - 1
      await setTimeout(20)
      expect(attempts).toBe(i + 1)
      clock++
    }
    await status(id, 'failed')
    expect(attempts).toBe(5)
    expect((await jobOf(id)).error).toMatch(/^internal_error TypeError at worker\.test\.ts:\d+$/)
    expect(news.map((it) => it.type)).toEqual([...delays.map(() => 'tried again later'), 'failed'])
    expect(JSON.stringify(news)).not.toContain('person')
  })

  test.each([
    { failed: 1, delay: SECOND },
    { failed: 10, delay: 512 * SECOND },
    { failed: 13, delay: 60 * MINUTE },
    { failed: 2_000, delay: 60 * MINUTE },
  ])('after $failed attempts waits $delay ms', ({ failed, delay }) => {
    expect(delayBefore(failed, 1)).toBe(delay)
    expect(delayBefore(failed, 0)).toBe(delay / 2)
  })

  test.each([
    {
      name: 'an error of ours',
      error: new EngineError('conflict_error', 'no', { hint: 'wait' }),
      told: 'conflict_error',
    },
    {
      name: 'an error with a code',
      error: Object.assign(new Error('no'), { code: 'E_X' }),
      told: /^internal_error Error E_X at worker\.test\.ts:\d+$/,
    },
    {
      name: 'an error of several lines',
      error: new Error('no\n    at said.ts:1:1)'),
      told: /^internal_error Error at worker\.test\.ts:\d+$/,
    },
    { name: 'what is no error', error: 'said', told: 'internal_error' },
  ])('is kept as its type and place: $name', async ({ error, told }) => {
    work({
      note: async () => {
        throw error
      },
    })
    const id = await put({ max_attempts: 1 })
    await status(id, 'failed')
    expect((await jobOf(id)).error).toEqual(typeof told === 'string' ? told : expect.stringMatching(told))
  })

  test('says nothing of others: they are done', async () => {
    work({
      note: async (job) => {
        if (job.id === 'bad') throw new Error('bad')
      },
    })
    await put({ id: 'bad' })
    await put({ id: 'good' })
    await status('good', 'completed')
  })
})

test('a job that cannot be done yet is put off, and the attempt does not count', async () => {
  let times = 0
  work({
    note: async (job) => {
      expect(job.attempt).toBe(1)
      if (++times < 4) throw new NotYet(new Date(clock + MINUTE), 'another runs')
    },
  })
  const id = await put({ max_attempts: 1 })
  for (let i = 1; i < 4; i++) {
    await until(() => news.length === i)
    expect(await jobOf(id)).toMatchObject({ status: 'pending', attempt: 0, error: null })
    clock += MINUTE
  }
  await status(id, 'completed')
  expect(news.map((it) => it.type)).toEqual(['put off', 'put off', 'put off', 'completed'])
})

describe('a step that was done', () => {
  test('is not done again when its job is, and comes to the same', async () => {
    const done: string[] = []
    let sum = 0
    work({
      note: async (job, { step }) => {
        const one = await step('one', async () => {
          done.push('one')
          return { n: 1, at: new Date(clock) as unknown }
        })
        if (job.attempt === 1) throw new Error('no')
        const two = await step('two', async () => void done.push('two'))
        if (job.attempt === 2) throw new Error('no')
        expect(one).toEqual({ n: 1, at: '2026-11-20T03:00:00.000Z' })
        expect(two).toBeNull()
        sum += one.n
      },
    })
    const id = await put()
    await until(() => news.length === 1)
    clock += MINUTE
    await until(() => news.length === 2)
    expect(await stepsOf(id)).toEqual(['one', 'two'])
    clock += MINUTE
    await status(id, 'completed')
    expect({ done, sum }).toEqual({ done: ['one', 'two'], sum: 1 })
    expect(await stepsOf(id)).toEqual([])
  })

  test('of many is one of its own; they are done some at a time and come in order', async () => {
    const done: number[] = []
    let at_once = 0
    let most = 0
    let results: number[] = []
    work({
      note: async (job, { fan }) => {
        results = await fan(
          'item',
          [5, 6, 7, 8, 9, 10],
          async (it, i) => {
            most = Math.max(most, ++at_once)
            await setTimeout(10 - i)
            at_once--
            if (it === 8 && job.attempt === 1) throw new Error('no')
            done.push(it)
            return it * it
          },
          2,
        )
      },
    })
    const id = await put()
    await until(() => news.length === 1)
    // What was going on beside the one that failed was finished, and nothing new was begun.
    expect((await stepsOf(id)).length).toBe(done.length)
    expect(done).not.toContain(10)
    clock += MINUTE
    await status(id, 'completed')
    expect(results).toEqual([25, 36, 49, 64, 81, 100])
    expect(done.toSorted((a, b) => a - b)).toEqual([5, 6, 7, 8, 9, 10])
    expect(most).toBe(2)
  })
})

describe('a job that is canceled', () => {
  test('before it begins is never begun', async () => {
    const id = await put({ due_at: new Date(clock + SECOND) })
    expect(await cancelJob(db, id, now())).toBe(true)
    expect(await cancelJob(db, id, now())).toBe(false)
    clock += SECOND
    const other = await put()
    const begun: string[] = []
    work({ note: async (job) => void begun.push(job.id) })
    await status(other, 'completed')
    expect(begun).toEqual([other])
    expect(await jobOf(id)).toMatchObject({ status: 'canceled', attempt: 0 })
  })

  test('while it runs hears of it at once, and can write nothing more', async () => {
    const heard: unknown[] = []
    const { nudge } = work(
      {
        note: async (_, { signal, stay, step }) => {
          await step('before', async () => 1)
          await new Promise((resolve) => signal.addEventListener('abort', resolve))
          heard.push(signal.reason.reason)
          await stay().catch((error) => heard.push(error.message))
          await step('after', async () => heard.push('done')).catch((error) => heard.push(error.message))
        },
      },
      {},
      { poll_ms: 60_000 },
    )
    const id = await put()
    nudge()
    await until(async () => (await stepsOf(id)).length === 1)

    const canceled_at = performance.now()
    await cancelJob(db, id, now())
    nudge()
    await until(() => heard.length === 3)
    // The next look by itself would be after 60 seconds.
    expect(performance.now() - canceled_at).toBeLessThan(5_000)

    expect(heard).toEqual(['canceled', 'the job was canceled', 'the job was canceled'])
    await until(() => news.length === 1)
    expect(news).toMatchObject([{ type: 'canceled' }])
    expect(await jobOf(id)).toMatchObject({ status: 'canceled', error: null })
    expect(await stepsOf(id)).toEqual(['before'])
  })

  test.each<{ name: string; end: () => Promise<void> }>([
    { name: 'ends well', end: async () => {} },
    { name: 'fails', end: async () => Promise.reject(new Error('no')) },
    { name: 'is put off', end: async () => Promise.reject(new NotYet(new Date(clock), 'wait')) },
  ])('and $name before it hears of it, stays canceled', async ({ end }) => {
    const ends: (() => void)[] = []
    work(
      { note: () => new Promise<void>((resolve) => ends.push(resolve)).then(end) },
      {},
      { poll_ms: 60_000 },
    )
    const id = await put()
    working[0]!.nudge()
    await until(() => ends.length === 1)
    await cancelJob(db, id, now())
    ends[0]!()
    await until(() => news.length === 1)
    expect(news[0]!.type).toBe('canceled')
    expect((await jobOf(id)).status).toBe('canceled')
  })

  test('is one of the own workspace', async () => {
    const workspace = {
      name: 'other',
      created_at: now().toISOString(),
      offline: false,
      regions: [],
      model_hosts: [],
    }
    await db.transaction().execute((tx) => insertWorkspace(tx, workspace, 'user:ana'))
    const other = openDatabase(join(folder, `${n}.db`), 'other')
    const id = await put()
    expect(await cancelJob(other, id, now())).toBe(false)
    expect((await jobOf(id)).status).toBe('pending')
    await other.destroy()
  })
})

describe('a job that rests', () => {
  /** A job by its id rests until it is told to go on. */
  function resters() {
    const told = new Map<string, PromiseWithResolvers<void>>()
    const seen: string[] = []
    const handler: Handler = async ({ id }, { rest }) => {
      const outside = Promise.withResolvers<void>()
      told.set(id, outside)
      seen.push(`${id} waits`)
      await rest(() => outside.promise).catch((error) => seen.push(`${id} hears ${error.message}`))
      seen.push(`${id} goes on`)
    }
    return { told, seen, handler }
  }

  test('gives its place to others, and goes on when there is one again', async () => {
    const { told, seen, handler } = resters()
    let end = () => {}
    const other: Handler = () => {
      seen.push('the other begins')
      return new Promise<void>((resolve) => {
        end = resolve
      })
    }
    work({ note: handler, other }, {}, { places: 1 })
    const id = await put()
    await until(() => told.has(id))
    const between = await put({ kind: 'other' })
    await until(() => seen.includes('the other begins'))
    told.get(id)!.resolve()
    await setTimeout(30)
    expect(seen).toEqual([`${id} waits`, 'the other begins'])

    end()
    await status(between, 'completed')
    await status(id, 'completed')
    expect(seen.at(-1)).toBe(`${id} goes on`)
  })

  test('has a place again, too, when what it waited for failed', async () => {
    const { told, seen, handler } = resters()
    const ends: (() => void)[] = []
    const other: Handler = () => new Promise<void>((resolve) => void ends.push(resolve))
    work({ note: handler, other }, {}, { places: 1 })
    const id = await put()
    await until(() => told.has(id))
    await put({ kind: 'other' })
    await until(() => ends.length === 1)
    told.get(id)!.reject(new Error('gone'))
    await setTimeout(30)
    expect(seen).toEqual([`${id} waits`])
    ends[0]!()
    await status(id, 'completed')
    expect(seen.slice(1)).toEqual([`${id} hears gone`, `${id} goes on`])
  })

  test('is held all the same, and hears that it was canceled', async () => {
    const { told, seen, handler } = resters()
    const ends: (() => void)[] = []
    const other: Handler = () => new Promise<void>((resolve) => void ends.push(resolve))
    work({ note: handler, other }, {}, { places: 1, heartbeat_ms: 5 })
    const id = await put()
    await until(() => told.has(id))
    await put({ kind: 'other' })
    await until(() => ends.length === 1)
    clock += 10 * MINUTE
    await until(async () => Date.parse((await jobOf(id)).lease_expires_at!) > clock)
    expect(await jobOf(id)).toMatchObject({ status: 'running', worker: 'here', attempt: 1 })

    told.get(id)!.resolve()
    await setTimeout(10)
    await cancelJob(db, id, now())
    working[0]!.nudge()
    await until(() => news.some((it) => it.type === 'canceled' && it.job_id === id))
    expect(seen).toEqual([`${id} waits`, `${id} hears the job was canceled`, `${id} goes on`])
    ends[0]!()
    await until(() => news.some((it) => it.type === 'completed'))
  })

  test('and ends while something of it still waits, leaves its place to others for good', async () => {
    const late = Promise.withResolvers<void>()
    const hasty: Handler = async (_, { rest }) => {
      void rest(() => late.promise)
    }
    work({ note: hasty, other: async () => {} }, {}, { places: 1 })
    await status(await put(), 'completed')
    late.resolve()
    await setTimeout(10)
    await status(await put({ kind: 'other' }), 'completed')
  })

  test('and is to stop meanwhile is put back, and that attempt does not count', async () => {
    const { told, handler } = resters()
    const { stop } = work({ note: handler })
    const id = await put()
    await until(() => told.has(id))
    await stop(10)
    expect(await jobOf(id)).toMatchObject({ status: 'pending', attempt: 0, worker: null })
  })
})

describe('a worker that is to stop', () => {
  test('lets jobs end that do so in time, and takes no new ones', async () => {
    const ends: (() => void)[] = []
    const { stop } = work(
      { note: () => new Promise<void>((resolve) => ends.push(resolve)) },
      {},
      { places: 1 },
    )
    const id = await put({ id: 'a' })
    const next = await put({ id: 'b' })
    await until(() => ends.length === 1)
    const stopped = stop(5_000)
    ends[0]!()
    await stopped
    expect((await jobOf(id)).status).toBe('completed')
    expect(await jobOf(next)).toMatchObject({ status: 'pending', attempt: 0 })
  })

  test.each([
    { name: 'that listens', listens: true },
    { name: 'that does not listen', listens: false },
  ])('puts a job back $name, with what it has done, and another goes on with it', async ({ listens }) => {
    const done: string[] = []
    let end = () => {}
    const { stop } = work({
      note: async (_, { step, signal }) => {
        await step('one', async () => void done.push('one'))
        await new Promise<void>((resolve) => {
          end = resolve
          if (listens) signal.addEventListener('abort', () => resolve())
        })
        await step('two', async () => void done.push('two by the first'))
      },
    })
    const id = await put({ max_attempts: 1 })
    await until(async () => (await stepsOf(id)).length === 1)
    await stop(10)
    expect(await jobOf(id)).toMatchObject({
      status: 'pending',
      attempt: 0,
      lost: 0,
      worker: null,
      lease_expires_at: null,
      due_at: now().toISOString(),
    })

    work(
      {
        note: async (_, { step }) => {
          await step('one', async () => void done.push('one again'))
          await step('two', async () => void done.push('two'))
        },
      },
      { worker: 'second' },
    )
    await status(id, 'completed')
    end()
    await setTimeout(20)
    expect(done).toEqual(['one', 'two'])
  })
})

describe('a job whose worker', () => {
  const hold = async (worker: string, given: { lost?: number } = {}) => {
    const id = await put({ max_attempts: 1 })
    const lease_expires_at = new Date(clock + MINUTE).toISOString()
    await db
      .updateTable('job')
      .set({ status: 'running', attempt: 1, worker, lease_expires_at, ...given })
      .where('id', '=', id)
      .execute()
    return id
  }

  test('is of this machine and dead goes on at once', async () => {
    const id = await hold('dead')
    work({ note: async () => {} }, { is_alive: (it) => it !== 'dead' })
    await status(id, 'completed')
    expect(await jobOf(id)).toMatchObject({ attempt: 1, lost: 1 })
    expect(news.map((it) => it.type)).toEqual(['lost', 'completed'])
  })

  test('says nothing goes on when its lease has run out', async () => {
    const id = await hold('far away')
    work({ note: async () => {} })
    clock += MINUTE
    await setTimeout(30)
    expect((await jobOf(id)).worker).toBe('far away')
    clock++
    await status(id, 'completed')
  })

  test('died of it three times already waits before it goes on', async () => {
    const id = await hold('dead', { lost: 3 })
    work({ note: async () => {} }, { is_alive: (it) => it !== 'dead' })
    await status(id, 'pending')
    expect(await jobOf(id)).toMatchObject({
      due_at: new Date(clock + 1 * SECOND).toISOString(),
      attempt: 0,
      lost: 4,
    })
    clock += SECOND
    await status(id, 'completed')
  })

  test('lives and works keeps it, however long it takes', async () => {
    const ends: (() => void)[] = []
    const handlers = { note: () => new Promise<void>((resolve) => ends.push(resolve)) }
    work(handlers, {}, { heartbeat_ms: 5 })
    const id = await put()
    await until(() => ends.length === 1)
    work({ note: async () => expect.unreachable() }, { worker: 'second' })
    for (let i = 0; i < 6; i++) {
      clock += MINUTE / 2
      const renewed = new Date(clock + MINUTE).toISOString()
      await until(async () => (await jobOf(id)).lease_expires_at === renewed)
    }
    ends[0]!()
    await status(id, 'completed')
    expect(news.map((it) => it.type)).toEqual(['completed'])
  })

  test('was believed dead and is not hears that another has it, and leaves no trace in it', async () => {
    const heard: unknown[] = []
    let look = () => {}
    work(
      {
        note: async (_, { step, signal }) => {
          await step('one', async () => 'first')
          const two = step('two', async () => {
            await new Promise<void>((resolve) => (look = resolve))
            return 'of the first'
          })
          heard.push(await two.catch((error) => error.reason), signal.aborted)
        },
      },
      {},
      { poll_ms: 60_000 },
    )
    const id = await put()
    working[0]!.nudge()
    await until(async () => (await stepsOf(id)).length === 1)
    clock += MINUTE + 1
    let end = () => {}
    const seen: unknown[] = []
    work(
      {
        note: async (_, { step }) => {
          seen.push(await step('one', async () => 'second'))
          await new Promise<void>((resolve) => (end = resolve))
          seen.push(await step('two', async () => 'of the second'))
        },
      },
      { worker: 'second' },
    )
    await until(() => seen.length === 1)
    look()
    await until(() => heard.length === 2)
    expect(heard).toEqual(['taken over', true])
    expect(await jobOf(id)).toMatchObject({ status: 'running', worker: 'second' })
    end()
    await status(id, 'completed')
    expect(seen).toEqual(['first', 'of the second'])
    expect(news.map((it) => it.type)).toEqual(['lost', 'taken over', 'completed'])
  })
})

test('all that a worker held that is gone is free at once, its dreams as well, and nobody else loses anything', async () => {
  const dreamed = { status: 'running', lease_expires_at: '2027', created_at: now().toISOString() }
  const workers = ['here:1:ab:2', 'here:1:ab:2:1', 'here:1:ab:21', 'here:1:ab:1:2']
  for (const [i, worker] of workers.entries()) {
    const { id: memory_store_id } = await ensureMemoryStore(db, `store ${i}`, 'desk', now().toISOString())
    await db
      .insertInto('dream')
      .values({ id: `drm_${i}`, memory_store_id, worker, ...dreamed })
      .execute()
    const held = { status: 'running', worker, lease_expires_at: '2027', attempt: 1 }
    await db
      .updateTable('job')
      .set(held)
      .where('id', '=', await put())
      .execute()
  }
  await giveUpAll(db, 'here:1:ab:2')

  const dreams = await db.selectFrom('dream').select('lease_expires_at as lease').orderBy('id').execute()
  expect(dreams.map((it) => it.lease)).toEqual(['', '', '2027', '2027'])
  const jobs = await db.selectFrom('job').select(['worker', 'attempt', 'lost']).orderBy('worker').execute()
  expect(jobs).toEqual([
    { worker: null, attempt: 0, lost: 1 },
    ...workers
      .slice(1)
      .sort()
      .map((worker) => ({ worker, attempt: 1, lost: 0 })),
  ])
})

describe('of many jobs', () => {
  test('only so many run at a time, and one kind leaves a place for others', async () => {
    const at_once = { long: 0, short: 0 }
    let most = 0
    let ends: (() => void)[] = []
    const long = async () => {
      most = Math.max(most, ++at_once.long)
      await new Promise<void>((resolve) => ends.push(resolve))
      at_once.long--
    }
    work({ long, short: async () => void at_once.short++ })
    const ids: string[] = []
    for (let i = 0; i < 8; i++) ids.push(await put({ kind: 'long' }))
    await until(() => ends.length === 3)
    const short = await put({ kind: 'short' })
    await status(short, 'completed')
    await until(async () => {
      for (const it of ends) it()
      ends = []
      return (await jobOf(ids.at(-1)!)).status === 'completed'
    })
    expect(most).toBe(3)
  })

  test('those that ended a week ago are removed, with their steps', async () => {
    const ended = await put({ id: 'ended' })
    const canceled = await put({ id: 'canceled', due_at: new Date(clock + 30 * DAY) })
    const pending = await put({ id: 'pending', due_at: new Date(clock + 30 * DAY) })
    await db.insertInto('job_step').values({ job_id: canceled, key: 'one', result: '1' }).execute()
    await cancelJob(db, canceled, now())
    work({ note: async () => {} })
    await status(ended, 'completed')
    clock += 6 * DAY
    const later = await put({ id: 'later' })
    await status(later, 'completed')
    expect(await db.selectFrom('job').select('id').execute()).toHaveLength(4)
    clock += DAY + 1
    await until(async () => (await db.selectFrom('job').select('id').execute()).length === 2)
    const left = await db.selectFrom('job').select('id').orderBy('id').execute()
    expect(left.map((it) => it.id)).toEqual([later, pending])
  })
})
