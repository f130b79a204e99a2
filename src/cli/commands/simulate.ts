/**
 * Simulate: the closed loop in an invented world, with a real engine on a database of its own.
 *
 * Everything is written into a folder that is gone afterwards, or into the one that was asked for; never into the user's database.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { EngineError } from '../../domain/error.ts'
import type { Answer, Call } from '../call.ts'
import { type Simulated, showSimulated } from '../show/simulate.ts'

type Options = {
  world?: string
  nights?: number
  sessions?: number
  agents?: string
  seed?: number
  out?: string
}

export async function simulate(call: Call, options: Options): Promise<Answer<Simulated>> {
  const kept = options.out === undefined ? null : resolve(options.out)
  const folder = kept ?? mkdtempSync(join(tmpdir(), 'reverie-simulation-'))
  try {
    return { data: await simulatedIn(folder, kept, call, options), show: showSimulated }
  } finally {
    if (kept === null) rmSync(folder, { recursive: true })
  }
}

async function simulatedIn(
  folder: string,
  kept: string | null,
  call: Call,
  { world: name = 'document-review', nights = 30, sessions, agents, seed = 1 }: Options,
): Promise<Simulated> {
  const { ARMS, DATABASE, simulate } = await import('../../../examples/worlds/closed-loop.ts')
  const database = join(folder, DATABASE)
  if (existsSync(database))
    throw new EngineError('conflict_error', `there is a simulation in ${folder} already`, {
      hint: 'give --out an empty folder',
    })
  const { WORLDS } = await import('../../../examples/worlds/worlds.ts')
  const { openEngine } = await import('../../engine.ts')
  const arms = ARMS.filter((it) => agents === undefined || agents.split(',').includes(it))
  const world = WORLDS.find((it) => it.name === name)!
  const plan = { world, nights, sessions: sessions ?? world.sessions, seed, arms, folder }
  const simulation = await simulate(openEngine, plan, ({ night }) => call.progress.nights(night, nights))
  return { ...simulation, out: kept, database: kept && database }
}
