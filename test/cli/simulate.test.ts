/** `reverie simulate`: a whole closed loop from the command line, apart from everything of the user's. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { WORLDS } from '../../examples/worlds/worlds.ts'
import { reverieProgram } from '../../src/cli/program.ts'
import { showSimulated } from '../../src/cli/show/simulate.ts'
import { Simulated } from './json-shapes.ts'
import { reverie, reverieJson } from './reverie.ts'

const home = mkdtempSync(join(tmpdir(), 'reverie-simulate-'))
afterAll(() => rmSync(home, { recursive: true }))

const SMALL = ['simulate', '--world', 'helpdesk', '--nights', '3', '--sessions', '12']

test('the JSON is whole, and nothing is left behind', async () => {
  const data = Simulated.parse(await reverieJson(SMALL, { home }))

  expect(data).toMatchObject({ world: 'helpdesk', seed: 1, sessions_a_night: 12, out: null, database: null })
  expect(data.nights.map((it) => [it.night, it.treatment.sessions, it.control.sessions])).toEqual([
    [1, 12, 12],
    [2, 12, 12],
    [3, 12, 12],
  ])
  expect(readdirSync(home)).toEqual([])
})

test('what is kept can be looked at, and is not written over', async () => {
  const out = join(home, 'kept')
  const first = await reverie([...SMALL, '--out', out], { home })
  const again = await reverie([...SMALL, '--out', out], { home })
  const database = join(out, 'simulation.db')
  const sessions = await reverieJson(['sessions', '--limit', '100', '--db', database], { home })

  expect(first.stdout).toContain(`Kept in ${out}`)
  expect(first.stdout).toContain(`lessons --db ${database}`)
  expect(existsSync(join(out, 'sessions', 'night-003-treatment.jsonl'))).toBe(true)
  expect(sessions.data).toHaveLength(72)
  expect(again).toMatchObject({ exit_code: 1, stderr: expect.stringContaining('there is a simulation in') })
})

test.each([
  { args: ['--world', 'atlantis'], says: 'Allowed choices are document-review' },
  { args: ['--nights', '0'], says: 'whole number from 1' },
  { args: ['--agents', 'nobody'], says: 'Allowed choices are' },
])('$args is refused: $says', async ({ args, says }) => {
  const { exit_code, stderr } = await reverie(['simulate', ...args], { home })
  expect(exit_code).toBe(2)
  expect(stderr.replace(/\s+/g, ' ')).toContain(says)
})

test('the help names every world, and no other', () => {
  const command = reverieProgram(async () => {}).commands.find((it) => it.name() === 'simulate')!
  const choices = command.options.find((it) => it.long === '--world')!.argChoices
  expect(choices).toEqual(WORLDS.map((it) => it.name))
})

test('the plot shows both agents, from the worst night to the best, in 80 columns', () => {
  const nights = Array.from({ length: 200 }, (_, at) => ({
    night: at + 1,
    treatment: { sessions: 20, completed: Math.round(4 + (at * 12) / 199) },
    control: { sessions: 20, completed: 4 },
  }))
  const text = showSimulated({ ...SIMULATED, nights }, screen)
  const plot = text.split('\n').filter((it) => it.includes('│'))

  expect(text.split('\n').filter((it) => it.length > 80)).toEqual([])
  expect(plot[0]).toMatch(/^ +80 % │ +●+$/)
  expect(plot.findLast((it) => it.includes('○'))).toMatch(/^ +│◉.*○$/)
  expect(plot.join('').match(/[●◉]/g)).toHaveLength(70)
})

const GONE = { since: 3, night: 9, path: '/b.md', text: 'Call `b`.', status: 'confirmed', became: null }

test.each([
  {
    name: 'the lift',
    more: { lift: { estimate: 0.31, low: 0.2, high: -0.42 } },
    says: '+31.0 points, 95 % interval +20.0 to −42.0',
  },
  { name: 'that nothing is live', more: { lessons_live: [] }, says: 'No lesson is live' },
  {
    name: 'what was withdrawn, and what it is since',
    more: { withdrawn: [{ ...GONE, now: 'stale', says: null }] },
    says: 'Withdrawn on night 9, live since night 3, stale since: Call `b`.',
  },
  {
    name: 'what was retired, and why',
    more: { withdrawn: [{ ...GONE, now: 'retired', says: 'Sessions with it complete less.' }] },
    says: 'retired since: Call `b`. Sessions with it complete less.',
  },
  {
    name: 'what nobody knows any more',
    more: { withdrawn: [{ ...GONE, now: null, says: null }] },
    says: 'on night 9, live since night 3: Call `b`.',
  },
  {
    name: 'what must not be told',
    more: { forbidden: [{ night: 4, text: 'Call `zq`.' }] },
    says: 'Told, and must not be',
  },
])('it tells $name', ({ more, says }) => {
  expect(showSimulated({ ...SIMULATED, ...more }, screen).replace(/\s+/g, ' ')).toContain(says)
})

const one = (arm: number) => ({ sessions: 24, completed: arm })
const SIMULATED = {
  world: 'helpdesk',
  about: 'tickets',
  seed: 1,
  sessions_a_night: 24,
  from: '2025-01-06',
  to: '2025-01-08',
  nights: [{ night: 1, treatment: one(12), control: one(6) }],
  lift: null,
  ratio: 2,
  ratio_at_the_end: 2,
  lessons_live: [{ since: 1, path: '/a.md', text: 'Call `a` before `b`.', status: 'confirmed' }],
  withdrawn: [],
  memory: { memories: 1, bytes: 300, contradictions: 0 },
  forbidden: [],
  out: null,
  database: null,
}

const plain = (text: string) => text
const screen = {
  columns: 80,
  bold: plain,
  dim: plain,
  good: plain,
  bad: plain,
  command: (words: string[]) => words.join(' '),
  more: () => '',
}
