/** What helped, at the command line, in words that somebody understands who never saw them, and as JSON. */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ANA, type Desk, openDesk } from '../govern/desk.ts'
import * as shapes from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

let desk: Desk
let world: { home: string; env: Record<string, string> }

const run = async (...args: string[]) => (await reverie(['lift', ...args], world)).stdout
const rows = async (...args: string[]) =>
  shapes.list(shapes.LiftRow).parse(await reverieJson(['lift', ...args], world))
const plain = (text: string) => text.replace(/\s+/g, ' ')

beforeAll(async () => {
  desk = await openDesk()
  world = { home: dirname(desk.path), env: { REVERIE_DB: desk.path } }
  await desk.live(await desk.night(['refund']))
})
afterAll(() => desk.close())

test('where nothing is measured it says when that starts', async () => {
  const stdout = await run()
  expect(stdout).toMatch(/^Nothing is measured yet\. It starts by itself with the first session/)
  expect((await rows()).data).toEqual([])
})

test('the whole memory comes before single lessons, each with what it says in a sentence', async () => {
  await sessions(24)
  const stdout = await run()
  expect(stdout).toMatch(/^\* All lessons of desk, against sessions without memory\n/)
  expect(stdout).toMatch(/\n\* Call `get_refund` before `refund`/)
  expect(plain(stdout)).toMatch(/Too early to say: \d+ sessions? with memory, \d+ without; about \d+ more/)
  expect(plain(stdout)).toMatch(/completed [\d.]+ % of \d+ ([\d.]+ % of \d+|-)/)
  expect(plain(stdout)).toContain('no verdict yet')
  expect(stdout.split('\n').filter((it) => it.length > 80)).toEqual([])

  const { data } = await rows()
  expect(data.map((it) => it.kind)).toEqual(['memory', 'lesson'])
  expect(data[0]!.lifts.find((it) => it.metric === 'completion')!.treatment.sessions).toBeGreaterThan(10)
})

test('filters and pages', async () => {
  const { data } = await rows()
  expect((await rows('--kind', 'lesson')).data).toEqual(data.slice(1))
  expect((await rows('--store', 'desk')).data).toEqual(data)
  expect((await rows('--experiment', data[0]!.id.slice(0, 14))).data).toEqual(data.slice(0, 1))
  const first = await rows('--limit', '1')
  expect((await rows('--page', first.next_page!)).data).toEqual(data.slice(1))
})

test('what is not there is refused with what to do', async () => {
  const { exit_code, stderr } = await reverie(['lift', '--experiment', 'exp_none'], world)
  expect(exit_code).toBe(1)
  expect(stderr).toContain('there is no experiment exp_none')
  expect(stderr).toContain('experiments')
})

/** So many sessions of the agent recall, and half of them complete. */
async function sessions(n: number): Promise<void> {
  const lines: string[] = []
  for (let i = 0; i < n; i++) {
    const id = `case-${i}`
    await desk.engine.recall({ agent: 'desk', session: id, query: 'Please refund' }, ANA)
    const outcome = { success: i % 2 === 0, verified: true, rule: 'second-line-check@1' }
    const steps = [{ role: 'user', text: `Please see to ${id}.` }]
    lines.push(JSON.stringify({ id, agent: 'desk', task_id: 'refund', outcome, steps }))
  }
  const file = join(dirname(desk.path), 'cases.jsonl')
  writeFileSync(file, lines.map((it) => `${it}\n`).join(''))
  await desk.engine.ingest([file])
}
