/** From lots and sessions to verdicts: what a dream measures, and what it does about it. */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Lift } from '../../src/domain/lift.ts'
import type { Lesson, Recalled } from '../../src/engine.ts'
import { ANA, type Desk, openDesk } from '../govern/desk.ts'

let desk: Desk
let lesson: Lesson
let batches = 0

beforeEach(async () => {
  desk = await openDesk()
  await desk.live(await desk.night(['refund']))
  lesson = (await desk.engine.lessons()).data[0]!
})
afterEach(() => desk.close())

/** How a session ends, and whether the call that the lesson is about fails in it. */
type End = { completed: boolean | null; fails: boolean }

const recall = (session: string) =>
  desk.engine.recall({ agent: 'desk', session, query: 'Please see to the refund.' }, ANA)
const wasGiven = ({ memories }: Recalled) => memories.some((it) => it.given === 'delivered')

async function ingest(sessions: ({ id: string } & End)[]): Promise<void> {
  const file = join(dirname(desk.path), `measured-${batches++}.jsonl`)
  writeFileSync(file, sessions.map((it) => `${JSON.stringify(asSteps(it))}\n`).join(''))
  await desk.engine.ingest([file])
}

function asSteps({ id, completed, fails }: { id: string } & End) {
  return {
    id,
    agent: 'desk',
    agent_version: 'v1',
    task_id: `refund-${id.length % 3}`,
    started_at: '2026-11-10T09:00:00.000Z',
    ended_at: '2026-11-10T09:01:00.000Z',
    ...(completed === null
      ? {}
      : { outcome: { success: completed, verified: true, rule: 'second-line-check@1' } }),
    steps: [
      { role: 'user', text: `Please see to case ${id}.` },
      { role: 'assistant', text: '', calls: [{ id: 'c', name: 'refund', args: { case_id: id } }] },
      {
        role: 'tool',
        call_id: 'c',
        name: 'refund',
        text: fails ? 'Error: not allowed now' : 'done',
        error: fails,
      },
    ],
  }
}

/** Sessions in which an error was mended so, where it had been tried again in vain; and which were completed or were not. */
async function ingestMended(how: 'again' | 'first open_queue', n: number, completed = (_: number) => true) {
  const file = join(dirname(desk.path), `mended-${batches++}.jsonl`)
  const calls = how === 'again' ? ['send', 'send'] : ['send', 'send', 'open_queue', 'send']
  const fails = (k: number) => k < calls.length - 1 && calls[k] === 'send'
  const sessions = Array.from({ length: n }, (_, i) => ({
    ...asSteps({ id: `send-${i}`, completed: completed(i), fails: false }),
    ...{ id: how === 'again' ? `first-${i}` : `send-${i}`, task_id: `send-${i % 5}` },
    steps: [
      { role: 'user', text: `Please send offer ${i}.` },
      ...calls.flatMap((name, k) => [
        { role: 'assistant', text: '', calls: [{ id: `c${k}`, name, args: { offer: `o-${i}` } }] },
        {
          role: 'tool',
          call_id: `c${k}`,
          name,
          text: fails(k) ? 'Error: queue closed' : 'done',
          error: fails(k),
        },
      ]),
    ],
  }))
  writeFileSync(file, sessions.map((it) => `${JSON.stringify(it)}\n`).join(''))
  await desk.engine.ingest([file])
}

/** So many sessions recall, and end as they do with what they were given. */
async function work(
  n: number,
  name: string,
  end: (was_given: boolean, i: number) => End,
): Promise<Recalled[]> {
  const recalled: Recalled[] = []
  for (let i = 0; i < n; i++) recalled.push(await recall(`${name}-${i}`))
  await ingest(recalled.map((it, i) => ({ id: `${name}-${i}`, ...end(wasGiven(it), i) })))
  return recalled
}

const lifts = async (kind: 'memory' | 'lesson') => (await desk.engine.lifts({ kind })).data
const ofLesson = async () => (await lifts('lesson'))[0]!
const completion = async () => (await ofLesson()).lifts.find((it) => it.metric === 'completion')!
const memory = async () => (await lifts('memory'))[0]!.lifts.find((it) => it.metric === 'completion')!
const drew = ({ treatment, control }: Lift) => treatment.sessions + control.sessions
const dream = async () => (await desk.engine.dream())[0]!
const audited = async (action: string) =>
  (await desk.engine.audit({ limit: 1_000 })).data.filter((it) => it.action === action)

const HELPS = (was_given: boolean, i: number): End => ({
  completed: was_given ? i % 10 !== 0 : i % 10 === 0,
  fails: !was_given,
})

test('before enough sessions have ended it says how many are missing', async () => {
  expect(await lifts('lesson')).toEqual([])
  await work(12, 'early', HELPS)

  const { says, verdict, lifts: measured } = await ofLesson()
  expect(verdict).toBeNull()
  expect(says).toMatch(/^Too early to say: \d+ sessions? with it, \d+ without; about \d+ more /)
  expect(measured.map((it) => it.metric)).toContain('recurrence')
  expect((await lifts('memory'))[0]!.lifts.map((it) => it.metric)).not.toContain('recurrence')
})

describe('a lesson that helps', () => {
  beforeEach(async () => {
    await work(140, 'case', HELPS)
  })

  test('is kept, said to help, and then held from fewer sessions', async () => {
    const before = await ofLesson()
    const { dream: it, changes } = await dream()
    const after = await ofLesson()

    expect(after).toMatchObject({ verdict: 'keep', status: 'running', control_share: 0.05 })
    expect(before).toMatchObject({ verdict: null, control_share: 0.5 })
    expect(after.lifts.map(drew)).toEqual(before.lifts.map(drew))
    const told = it.notes.find((note) => note.startsWith(`Helps: ${lesson.text}`))!
    expect(told).toMatch(
      /Sessions with it complete \d+ points more often \(\d+ to \d+\); \d+ sessions with it, \d+ without\./,
    )
    expect(told).toMatch(/run into it \d+ points less often/)
    expect(changes.filter((it) => it.kind === 'stale')).toEqual([])
    expect(await audited('lesson.retired')).toEqual([])
  })

  test('is told as helping once, not every night', async () => {
    await dream()
    const { dream: second } = await dream()
    expect(second.notes.join()).not.toContain(`Helps: ${lesson.text}`)
    expect((await ofLesson()).verdict).toBe('keep')
  })

  test('counts a session that recalled after it was stored no more than one that never did', async () => {
    const before = await completion()
    await ingest([{ id: 'late', completed: false, fails: true }])
    await recall('late')
    await ingest([{ id: 'never', completed: false, fails: true }])
    expect(await completion()).toEqual(before)
  })

  test('counts what a subagent did for nothing', async () => {
    await recall('child')
    await recall('grown-up')
    const sqlite = new DatabaseSync(desk.path)
    const columns = sqlite.prepare("SELECT name FROM pragma_table_info('session') WHERE name <> 'seq'").all()
    const store = (name: string, parent: string) => {
      const other = new Map([
        ['id', `'sesn_${name}'`],
        ['external_session_id', `'${name}'`],
        ['parent_external_session_id', parent],
        ['ingested_at', "'2027'"],
      ])
      const values = columns.map((it) => other.get(String(it.name)) ?? it.name)
      sqlite.exec(`INSERT INTO session (${columns.map((it) => it.name)}) SELECT ${values}
        FROM session WHERE external_session_id = 'case-0'`)
      sqlite.exec(`INSERT INTO session_measures SELECT 'sesn_${name}', measurer, content
        FROM session_measures JOIN session ON session.id = session_id WHERE external_session_id = 'case-0'`)
      sqlite.exec(`INSERT INTO review SELECT 'sesn_${name}', reviewer, content FROM review LIMIT 1`)
    }
    store('child', "'parent'")
    expect(drew(await memory())).toBe(140)
    store('grown-up', 'NULL')
    expect(drew(await memory())).toBe(141)
    sqlite.close()
  })

  test('counts a session that recalls again once', async () => {
    await recall('twice')
    await recall('twice')
    await ingest([{ id: 'twice', completed: true, fails: false }])
    expect(drew(await memory())).toBe(141)
  })

  test('counts a session that was erased no more', async () => {
    await dream()
    expect(drew(await memory())).toBe(140)
    await desk.engine.erase({ session_ids: ['case-0', 'case-1'] }, { as: ANA, dry_run: false })
    expect(drew(await memory())).toBe(138)
    await dream()
    expect(drew(await memory())).toBe(138)
  })
})

describe('a lesson that harms', () => {
  const HARMS = (was_given: boolean, i: number): End => ({
    completed: was_given ? i % 10 === 0 : i % 10 !== 0,
    fails: true,
  })

  test('is retired the same night: told no more, its memory marked, its experiment ended', async () => {
    await work(140, 'case', HARMS)
    const { dream: it, changes, patterns } = await dream()

    expect(patterns.find(({ id }) => id === lesson.id)!.status).toBe('retired')
    expect(it.notes.find((note) => note.startsWith(`Retired: ${lesson.text}`))).toMatch(
      /complete \d+ points less often/,
    )
    expect(changes.find((change) => change.pattern_ids.includes(lesson.id))).toMatchObject({ kind: 'stale' })
    expect(await ofLesson()).toMatchObject({ status: 'ended', verdict: 'harm' })
    expect((await audited('lesson.retired')).map(({ object, reason }) => ({ object, reason }))).toEqual([
      { object: lesson.id, reason: 'sessions that were to be given it complete less often' },
    ])
    expect((await audited('experiment.ended')).map(({ object }) => object)).toEqual([(await ofLesson()).id])
    expect((await recall('after')).memories.filter((it) => it.pattern_ids.includes(lesson.id))).toEqual([])
  })

  test('stays retired', async () => {
    await work(140, 'case', HARMS)
    await dream()
    await ingest(Array.from({ length: 30 }, (_, i) => ({ id: `more-${i}`, completed: true, fails: true })))
    const { patterns } = await dream()
    expect(patterns.find(({ id }) => id === lesson.id)!.status).toBe('retired')
    expect(await audited('lesson.retired')).toHaveLength(1)
  })

  test('in a dry run is only said to be', async () => {
    await work(140, 'case', HARMS)
    const [report] = await desk.engine.dream({ dry_run: true })
    expect(report!.dream.notes.some((note) => note.startsWith('Retired: '))).toBe(true)
    expect(await ofLesson()).toMatchObject({ status: 'running', verdict: null, measured_at: null })
    expect(await audited('lesson.retired')).toEqual([])
  })
})

test('the experiment on a lesson that no memory tells any more ends, without a verdict', async () => {
  await work(4, 'few', HELPS)
  const [path] = Object.keys(await desk.standing())
  await desk.engine.removeMemory(undefined, path!, { as: ANA, reason: 'no longer true' })
  await dream()
  expect(await ofLesson()).toMatchObject({
    status: 'ended',
    verdict: null,
    reason: 'no live memory tells the lesson',
  })
})

test('the experiment on a lesson that says something else now ends, and what was said of the other retires nothing', async () => {
  await ingestMended('again', 20)
  await desk.live((await dream()).changes)
  const ofRemedy = async () =>
    (await desk.engine.lessons({ limit: 100 })).data.find((it) => it.channel === 'repair')!
  const { id, text } = await ofRemedy()
  expect(text).toContain('make the same call once more')
  const recalled = await Promise.all(
    Array.from({ length: 140 }, (_, i) =>
      desk.engine.recall({ agent: 'desk', session: `send-${i}`, query: 'Please send the offer.' }, ANA),
    ),
  )
  const was_spared = recalled.map(
    (it) => !it.memories.some((of) => of.given === 'delivered' && of.pattern_ids.includes(id)),
  )
  await ingestMended('first open_queue', 140, (i) => was_spared[i]!)
  await dream()

  expect(await ofRemedy()).toMatchObject({ id, status: 'probation' })
  expect((await ofRemedy()).text).toContain('call `open_queue` first')
  const experiments = (await desk.engine.lifts({ kind: 'lesson' })).data
  expect(experiments.find((it) => it.pattern_id === id)).toMatchObject({
    status: 'ended',
    verdict: 'harm',
    reason: 'the lesson says something else now',
  })
  expect(await audited('lesson.retired')).toEqual([])
})

test('sessions whose outcome nobody knows count for what is known of them', async () => {
  await work(60, 'case', (was_given) => ({ completed: null, fails: !was_given }))
  const { lifts: measured } = await ofLesson()
  const of = (metric: string) => measured.find((it) => it.metric === metric)!
  expect(of('completion')).toMatchObject({ treatment: { sessions: 0, mean: null }, estimate: null })
  expect(of('recurrence').control).toMatchObject({ mean: 1 })
  expect(of('recurrence').high).toBeLessThan(0)
})

test('two agents are compared session by session of the same task', async () => {
  const of = (agent: string, i: number, success: boolean) => ({
    ...asSteps({ id: `${agent}-${i}`, completed: success, fails: false }),
    ...{
      agent,
      task_id: `task-${i % 4}`,
      started_at: `2026-12-${10 + (i % 15)}T09:00:00.000Z`,
      ended_at: null,
    },
  })
  const file = join(dirname(desk.path), 'agents.jsonl')
  const write = (list: object[]) => writeFileSync(file, list.map((it) => `${JSON.stringify(it)}\n`).join(''))
  write([of('plain', 100, true)])
  await desk.engine.ingest([file])
  await desk.engine.startExperiment({ store: 'desk', control_agent: 'plain' }, ANA)
  const sessions = Array.from({ length: 60 }, (_, i) => [of('desk', i, true), of('plain', i, i % 3 === 0)])
  write([...sessions.flat(), of('desk', 61, false)])
  await desk.engine.ingest([file])
  await dream()

  const [it] = (await desk.engine.lifts({ kind: 'agent' })).data
  expect(it).toMatchObject({ verdict: 'keep', control_agent: 'plain' })
  expect(it!.lifts[0]).toMatchObject({
    metric: 'completion',
    treatment: { sessions: 60 },
    control: { sessions: 60 },
  })
  expect(it!.lifts[0]!.low).toBeGreaterThan(0.3)
  expect(it!.says).toMatch(/^Sessions of the agent complete \d+ points more often/)
})
