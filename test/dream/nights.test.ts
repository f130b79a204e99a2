/** What becomes of a lesson from night to night, in a database on disk. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Change } from '../../src/domain/change.ts'
import { type Engine, openEngine } from '../../src/engine.ts'
import { generator } from '../3-mine/tallied.ts'
import { trust } from '../trusting.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-nights-'))
afterAll(() => rmSync(scratch, { recursive: true }))

let engine: Engine
let files = 0
let random: () => number

beforeEach(async () => {
  random = generator(11)
  engine = openEngine({ database: join(scratch, `${files++}.db`) })
  await trust(engine)
})
afterEach(() => engine.close())

const GUARD = 'Call `get_order` before `refund`.'
/** What can be said of the same calls while nobody is told the guard. */
const ERROR =
  'Rule out "not allowed now" before you call `refund`: once it happens, nothing tried so far is known to mend it.'

describe('a difference that only a p value shows', () => {
  const mostly = { without: 0.6, with_get: 0.1 }

  test('is told at once when a store is new and there is a backlog', async () => {
    await night(refunds(120, mostly))
    expect(await lessons()).toEqual({ [GUARD]: 'probation' })
    expect(await told()).toEqual([GUARD])
  })

  test('is a candidate on any later night, and told when the nights after that confirm it', async () => {
    await night(greetings(5))
    await night(refunds(100, mostly))
    expect(await lessons()).toEqual({ [GUARD]: 'candidate', [ERROR]: 'probation' })
    expect(await told()).toEqual([ERROR])

    await night(refunds(100, mostly))
    await night(refunds(100, mostly))
    expect(await lessons()).toEqual({ [GUARD]: 'confirmed', [ERROR]: 'stale' })
    expect(await told()).toEqual([GUARD])
    const { data } = await engine.lessons({ status: ['confirmed'] })
    expect(data[0]!.e).toBeGreaterThan(100)
    expect(data[0]).not.toHaveProperty('watch')
  })

  test('has to be confirmed anew when the agent is a new version, and is told meanwhile', async () => {
    await night(refunds(100, mostly))
    await night(refunds(100, mostly))
    await night(refunds(100, mostly))
    expect(await lessons()).toEqual({ [GUARD]: 'confirmed' })

    await night(refunds(5, { ...mostly, agent_version: 'v2' }))
    expect(await lessons()).toEqual({ [GUARD]: 'probation' })
    expect(await told()).toEqual([GUARD])

    await night(refunds(100, { ...mostly, agent_version: 'v2' }))
    await night(refunds(100, { ...mostly, agent_version: 'v2' }))
    expect(await lessons()).toEqual({ [GUARD]: 'confirmed' })
  })
})

describe('a lesson that stops happening', () => {
  const always = { without: 1, with_get: 0 }
  const never = { without: 0, with_get: 0 }

  test('is stale, is not told in other words, and comes back with new evidence only', async () => {
    await night(refunds(80, always))
    expect(await lessons()).toEqual({ [GUARD]: 'probation' })

    expect(kinds(await night(refunds(16, never)))).toEqual(['stale'])
    expect(await lessons()).toEqual({ [GUARD]: 'stale', [ERROR]: 'candidate' })
    expect(await night(greetings(3))).toEqual([])
    expect(await lessons()).toEqual({ [GUARD]: 'stale', [ERROR]: 'candidate' })

    await night(refunds(20, always))
    expect(await lessons()).toEqual({
      [GUARD]: expect.stringMatching(/probation|confirmed/),
      [ERROR]: 'candidate',
    })
  })

  test('without a session in sight is dormant after three months of work, not told, and awake with the next', async () => {
    await night(refunds(80, always))
    for (let week = 1; week <= 12; week++) await night(greetings(2, week))
    expect(await lessons()).toEqual({ [GUARD]: 'probation' })
    expect(await index()).toContain(GUARD)

    await night(greetings(2, 13))
    expect(await lessons()).toEqual({ [GUARD]: 'dormant' })
    expect(await index()).not.toContain(`: ${GUARD}`)
    expect(await night(greetings(2, 14))).toEqual([])

    await night(refunds(2, { ...always, week: 15 }))
    expect(await lessons()).toEqual({ [GUARD]: 'probation' })
    expect(await index()).toContain(`: ${GUARD}`)
  })
})

test('noise publishes nothing, night after night', async () => {
  const tools = Array.from({ length: 30 }, (_, i) => ({ name: `tool_${i}`, share: 0.1 + 0.02 * i }))
  for (let i = 0; i < 8; i++) {
    await night(
      Array.from({ length: 40 }, (_, n) => ({
        task: `task-${n % 8}`,
        success: random() < 0.3 + 0.05 * (n % 8),
        calls: tools.filter(({ share }) => random() < share).map(({ name }) => [name, true] as Call),
      })),
    )
    expect(await told()).toEqual([])
  }
  expect((await engine.dreams()).data.map((it) => it.result)).toEqual(new Array(8).fill('unchanged'))
})

test('a second dream over nothing new leaves everything where it stands', async () => {
  await night(refunds(100, { without: 0.6, with_get: 0.1 }))
  await night(refunds(100, { without: 0.6, with_get: 0.1 }))
  const before = await engine.lessons({ candidates: true })
  expect(await night([])).toEqual([])
  expect(await engine.lessons({ candidates: true })).toEqual(before)
})

type Call = [name: string, succeeds: boolean]
type Told = { task: string; calls: Call[]; success?: boolean; agent_version?: string; week?: number }
type Rates = { without: number; with_get: number; agent_version?: string; week?: number }

/** Refunds, every second one after `get_order`, that fail that often without it and with it. */
function refunds(n: number, { without, with_get, ...facts }: Rates): Told[] {
  return Array.from({ length: n }, (_, i) => {
    const looked = i % 2 === 0
    const fails = random() < (looked ? with_get : without)
    const calls: Call[] = [...(looked ? [['get_order', true] as Call] : []), ['refund', !fails]]
    return { task: `task-${Math.floor(i / 2) % 5}`, calls, ...facts }
  })
}

function greetings(n: number, week = 0): Told[] {
  return Array.from({ length: n }, (_, i) => ({ task: `hello-${i}`, calls: [['greet', true]], week }))
}

/** One dream over new sessions, with the changes it made. */
async function night(sessions: Told[]): Promise<Change[]> {
  const path = join(scratch, `night-${files++}.jsonl`)
  writeFileSync(path, sessions.map((it, i) => `${sessionLine(it, `${files}-${i}`)}\n`).join(''))
  await engine.ingest([path])
  const [report] = await engine.dream()
  return report!.changes
}

function sessionLine({ task, calls, success, agent_version = 'v1', week = 0 }: Told, id: string): string {
  const steps = calls.flatMap(([name, succeeds], n) => [
    { role: 'assistant', text: '', calls: [{ id: `c${n}`, name, args: { case_id: `${name}-${id}` } }] },
    {
      role: 'tool',
      call_id: `c${n}`,
      name,
      text: succeeds ? 'done' : 'Error: not allowed now',
      error: !succeeds,
    },
  ])
  return JSON.stringify({
    id,
    agent: 'desk',
    agent_version,
    task_id: task,
    started_at: new Date(Date.UTC(2026, 0, 5, 9) + week * 7 * 86_400_000).toISOString(),
    ...(success === undefined ? {} : { outcome: { success } }),
    steps: [{ role: 'user', text: `Please see to case ${id}.` }, ...steps],
  })
}

async function lessons(): Promise<Record<string, string>> {
  const { data } = await engine.lessons({ candidates: true })
  return Object.fromEntries(data.map((it) => [it.text, it.status]))
}

/** What stands in the memory as something to do. */
async function told(): Promise<string[]> {
  const { data } = await engine.lessons()
  const memories = (await engine.memories()).data.filter((it) => !it.content.includes('\nstatus: stale\n'))
  return data
    .map((it) => it.text)
    .filter((it) => memories.some(({ content }) => content.includes(`\n${it}\n`)))
}

async function index(): Promise<string> {
  return (await engine.memory(undefined, '/_index.md')).content
}

function kinds(changes: Change[]): string[] {
  return changes.map((it) => it.kind)
}
