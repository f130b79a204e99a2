/** The closed loop with a real engine: short runs; `npm run bench:simulate` has the long ones. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import {
  ARMS,
  agentOf,
  DATABASE,
  type Plan,
  type Simulation,
  simulate,
} from '../../examples/worlds/closed-loop.ts'
import { WORLDS } from '../../examples/worlds/worlds.ts'
import { openEngine } from '../../src/engine.ts'

const scratch = mkdtempSync(join(tmpdir(), 'reverie-loop-'))
afterAll(() => rmSync(scratch, { recursive: true }))

describe('ten nights of document review', () => {
  test('the agent that dreams is ahead, by lessons that are true', async () => {
    const { simulation } = await run('document-review', { nights: 10 })
    const [treatment, control] = lastNights(simulation, 4)

    expect(treatment).toBeGreaterThan(control! + 0.15)
    expect(simulation.ratio).toBeGreaterThan(1.5)
    expect(simulation.lessons_live.map((it) => it.text)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/exceeds the limit.*use `parse_document_stream` instead/),
      ]),
    )
    const reworded = simulation.withdrawn.filter((it) => it.became !== null)
    expect(reworded.length).toBeGreaterThan(0)
    expect(reworded.every((it) => it.now === 'probation' && it.says === null)).toBe(true)
  })
})

test('only the treatment agent is given memory, and what it is given stands in its sessions', async () => {
  const { engine, simulation } = await run('helpdesk', {
    nights: 4,
    world: { ...world('helpdesk'), never: [/get_customer/] },
  })
  const [treatment, control] = ARMS.map((arm) => agentOf(world('helpdesk'), arm))
  const { data: recalls } = await engine.recalls({ limit: 1_000 })
  const { data: sessions } = await engine.sessions({ agent: treatment, limit: 1_000 })
  const told = recalls.filter((it) => it.memories.some((memory) => memory.given === 'delivered'))

  expect(new Set(recalls.map((it) => it.agent))).toEqual(new Set([treatment]))
  expect(told.length).toBeGreaterThan(10)
  expect(sessions.length).toBe(96)
  for (const { session_key } of told.slice(0, 5)) {
    const { session } = await engine.session(session_key!)
    expect(JSON.stringify(session!.events.filter((it) => it.type === 'system.message'))).toContain(
      'earlier sessions taught',
    )
  }
  const { data: others } = await engine.sessions({ agent: control, limit: 1_000 })
  for (const { id } of others.slice(0, 5)) {
    const { session } = await engine.session(id)
    expect(session!.events.filter((it) => it.type === 'system.message')).toEqual([])
  }
  await engine.close()
  // What may not be told is seen where it is: as a lesson, and in what was given.
  expect(simulation.forbidden.map((it) => it.text)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^(?:Call|If) [^\n]*`get_customer`[^\n]*$/),
      expect.stringContaining('# What earlier sessions taught'),
    ]),
  )
})

test.each(['nothing-to-learn', 'poisoner', 'wrong-approvals'])(
  'nothing that is wrong goes live in %s',
  async (name) => {
    const { simulation } = await run(name, { nights: 9 })
    expect(simulation.forbidden).toEqual([])
  },
)

test('an agent alone is simulated as well, and everything stays in the folder', async () => {
  const { simulation, folder } = await run('helpdesk', { nights: 2, arms: ['control'] })

  expect(simulation.nights.map((it) => [it.treatment.sessions, it.control.sessions])).toEqual([
    [0, 24],
    [0, 24],
  ])
  expect(simulation).toMatchObject({ lift: null, ratio: null, lessons_live: [], withdrawn: [] })
  expect(readdirSync(join(folder, 'sessions'))).toEqual([
    'night-001-control.jsonl',
    'night-002-control.jsonl',
  ])
})

function world(name: string) {
  return WORLDS.find((it) => it.name === name)!
}

async function run(name: string, more: Partial<Plan>) {
  const folder = mkdtempSync(join(scratch, `${name}-`))
  const plan: Plan = { world: world(name), nights: 10, sessions: 24, seed: 3, arms: ARMS, folder, ...more }
  const simulation = await simulate(openEngine, plan)
  return { simulation, folder, engine: openEngine({ database: join(folder, DATABASE) }) }
}

function lastNights({ nights }: Simulation, n: number): number[] {
  return ARMS.map((arm) => {
    const last = nights.slice(-n).map((it) => it[arm])
    return last.reduce((sum, it) => sum + it.completed, 0) / last.reduce((sum, it) => sum + it.sessions, 0)
  })
}
