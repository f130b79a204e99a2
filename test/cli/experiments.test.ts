/** Experiments at the command line, in words that somebody understands who never saw them, and as JSON. */
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/db/database.ts'
import { updateExperiment } from '../../src/db/experiments.ts'
import type { Lift } from '../../src/domain/lift.ts'
import { experimentsFor } from '../../src/engine/experiments.ts'
import type { ShownExperiment } from '../../src/engine.ts'
import { type Desk, openDesk } from '../govern/desk.ts'
import * as shapes from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

let desk: Desk
let world: { home: string; env: Record<string, string> }
let lessons: string[]

const run = async (...args: string[]) => (await reverie(['experiments', ...args], world)).stdout
const json = (...args: string[]) => reverieJson(['experiments', ...args], world)
const rows = async (...args: string[]): Promise<ShownExperiment[]> =>
  shapes.list(shapes.ExperimentRow).parse(await json('list', ...args)).data
const wide = (text: string) => text.split('\n').filter((it) => it.length > 80)

beforeAll(async () => {
  desk = await openDesk()
  world = { home: dirname(desk.path), env: { REVERIE_DB: desk.path } }
  await desk.live(await desk.night(['refund', 'invoice']))
  lessons = (await desk.engine.lessons()).data.map((it) => it.id)
})
afterAll(() => desk.close())

test('where none runs it says when one starts, and what to do', async () => {
  const stdout = await run()
  expect(stdout).toMatch(/^No experiment to show\. One starts by itself with the first session/)
  expect(stdout).toMatch(/\nNext: .*changes/)
})

test('the list says of each who goes without and what is known', async () => {
  await sessionRecalls()
  const stdout = await run()
  expect(stdout).toMatch(/^experiment +kind +without +so far +about\n/)
  expect(stdout).toMatch(/exp_\w{8} +memory +10 % +not known +all lessons of desk\n/)
  expect(stdout.match(/exp_\w{8} +lesson +50 % +not known +Call `get_\w+` before/g)).toHaveLength(2)
  expect(wide(stdout)).toEqual([])
})

test('pages and filters', async () => {
  const first = shapes.list(shapes.ExperimentRow).parse(await json('--limit', '2'))
  const second = shapes
    .list(shapes.ExperimentRow)
    .parse(await json('list', '--limit', '2', '--page', first.next_page!))
  expect([...first.data, ...second.data]).toEqual(await rows())
  expect((await rows('--kind', 'lesson', '--store', 'desk')).map((it) => it.pattern_id).toSorted()).toEqual(
    lessons.toSorted(),
  )
  expect(await rows('--status', 'ended')).toEqual([])
  expect(await run('--limit', '1')).toContain('There is more: ')
})

test('one that runs says in words who goes without, and how to end it', async () => {
  const [lesson] = await rows('--kind', 'lesson')
  const stdout = await run('show', lesson!.id.slice(0, 12))
  expect(stdout).toMatch(/^\* Call `get_/)
  expect(plain(stdout)).toContain('Of the sessions that the lesson fits, 50 % go without it.')
  expect(plain(stdout)).toContain('So far 0 sessions drew to go with, 0 to go without.')
  expect(plain(stdout)).toContain('Whether it helps is not known yet.')
  expect(stdout).toMatch(/experiments end exp_\w{8} --reason TEXT/)
  expect(wide(stdout)).toEqual([])
  expect(shapes.ExperimentRow.parse(await json('show', lesson!.id))).toEqual(lesson)

  const [memory] = await rows('--kind', 'memory')
  const words = plain(await run('show', memory!.id))
  expect(words).toContain(
    'Of the sessions that a lesson fits, 10 % are given none; what people wrote they are given.',
  )
  expect(words).not.toContain('experiments end')
})

test('one that was measured shows what it found, metric by metric', async () => {
  const [memory] = await rows('--kind', 'memory')
  await measured(memory!.id, [
    lift({ metric: 'completion', unit: 'share', estimate: 0.12, low: 0.03, high: 0.21 }, [0.8, 0.68]),
    lift(
      { metric: 'duration_ms', unit: 'relative', estimate: -0.5, low: -0.6, high: -0.4 },
      [60_000, 120_000],
    ),
    lift({ metric: 'tool_errors', unit: 'calls', estimate: null, low: null, high: null }, [1.5, null]),
  ])
  const stdout = await run('show', memory!.id)
  expect(plain(stdout)).toContain('It helps: sessions with it went better than sessions without.')
  expect(stdout).toMatch(/ {4} +with +without +difference \(between, 95 %\)\n/)
  expect(stdout).toMatch(/completed +80 % of 900 +68 % of 100 +\+12 points \(\+3\.0 to \+21\)\n/)
  expect(stdout).toMatch(/duration +60 s of 900 +120 s of 100 +-50 % \(-60 to -40\)\n/)
  expect(stdout).toMatch(/failed calls +1\.5 of 900 +- +not known yet\n/)
  expect(wide(stdout)).toEqual([])
  expect(await run()).toMatch(/memory +5 % +helps /)
})

test('one that a person ended says by whom, why, and what holds since then', async () => {
  const [lesson] = await rows('--kind', 'lesson')
  const stdout = await run('end', lesson!.id, '--reason', 'nobody may go without it', '--as', 'ana')
  expect(plain(stdout)).toMatch(
    /Ended on .* UTC by ana: nobody may go without it\. Since then every session that the lesson fits is given it, and its effect is not measured\./,
  )
  expect(await rows('--status', 'ended')).toMatchObject([{ id: lesson!.id, ended_by: 'user:ana' }])
  const again = shapes.ExperimentRow.parse(await json('start', '--lesson', lesson!.pattern_id!, '--as', 'bo'))
  expect(again).toMatchObject({ kind: 'lesson', pattern_id: lesson!.pattern_id, started_by: 'user:bo' })
})

test('two agents are compared, in words that say what is not drawn by lot', async () => {
  const file = desk.sessionFile(['close'], 1)
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('"agent":"desk"', '"agent":"till\\u001b[2J"'))
  await desk.engine.ingest([file])
  const stdout = await run('start', '--agent', 'desk', '--control-agent', 'till\u001b[2J')
  expect(stdout).toMatch(/^\* desk against till\\x1b\[2J\n/)
  expect(plain(stdout)).toContain('are given no memory while this runs. Nobody draws lots')
  expect(stdout).not.toContain('\u001b')
})

test('with measuring switched off it says so, wherever an effect would stand', async () => {
  const text = 'format_version: 1\nmeasuring: { enabled: false }\n'
  await desk.engine.setPolicy({ file: 'policy.yaml', text }, 'user:ana')
  expect(plain(await run())).toContain('Not measured now: the policy in force has measuring switched off.')
  expect(await run()).toMatch(/memory +off +helps/)
  const [memory] = await rows('--kind', 'memory')
  expect(memory!.draws_lots).toBe(false)
  expect(plain(await run('show', memory!.id))).toContain('Not measured now:')
  expect(
    plain((await reverie(['policy', 'check', 'p.yaml'], await withFile('p.yaml', text))).stdout),
  ).toContain('Whether lessons help is not measured.')
})

test.each<[args: string[], said: RegExp, exit_code: number]>([
  [['show', 'exp_ffffffff'], /no experiment exp_ffffffff/, 1],
  [['start'], /either a control agent or a lesson/, 1],
  [['start', '--control-agent', 'desk'], /cannot be its own control/, 1],
  [['end', 'exp_1'], /--reason/, 2],
  [['list', '--kind', 'other'], /memory, lesson, agent/, 2],
])('experiments %j is refused', async (args, said, exit_code) => {
  const ended = await reverie(['experiments', ...args], world)
  expect(ended.stderr).toMatch(said)
  expect(ended.exit_code).toBe(exit_code)
})

/** Without the breaks of its lines. */
function plain(text: string): string {
  return text.replace(/\s+/g, ' ')
}

async function withFile(name: string, text: string) {
  writeFileSync(`${world.home}/${name}`, text)
  return world
}

/** What its recall asks for. */
async function sessionRecalls(): Promise<void> {
  const db = openDatabase(desk.path)
  const [store] = await desk.engine.memoryStores()
  await db.transaction().execute((tx) => experimentsFor(tx, store!, lessons, desk.now().toISOString()))
  await db.destroy()
}

async function measured(id: string, lifts: Lift[]): Promise<void> {
  const db = openDatabase(desk.path)
  const found = {
    verdict: 'keep',
    control_share: 0.05,
    measured_at: desk.now().toISOString(),
    lifts,
  } as const
  await db.transaction().execute((tx) => updateExperiment(tx, id, found))
  await db.destroy()
}

function lift(
  it: Pick<Lift, 'metric' | 'unit' | 'estimate' | 'low' | 'high'>,
  [treatment, control]: [number | null, number | null],
): Lift {
  const sides = { treatment: { sessions: 900, mean: treatment }, control: { sessions: 100, mean: control } }
  return { ...it, ...sides, detectable: 0.1, sessions_needed: 0 }
}
