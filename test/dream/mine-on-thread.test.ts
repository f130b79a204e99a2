import { beforeAll, describe, expect, test } from 'vitest'
import { mine } from '../../src/3-mine/mine.ts'
import { tallyOf } from '../../src/3-mine/tally.ts'
import type { Tally } from '../../src/domain/tally.ts'
import { mineOnThread } from '../../src/mine-on-thread.ts'
import { generator } from '../3-mine/tallied.ts'

describe('a large tally', () => {
  let tally: Tally
  let mined_here: ReturnType<typeof mine>
  let here_ms: number
  beforeAll(() => {
    tally = manyCalls(600)
    const begin = performance.now()
    mined_here = mine(tally)
    here_ms = performance.now() - begin
  })

  test('has in it what it has when it is mined here', async () => {
    const mined = await mineOnThread(tally, new Map(), 0)
    expect(mined.findings.length).toBeGreaterThan(0)
    expect(mined).toEqual(mined_here)
  })

  test('is mined without holding up the process for long', async () => {
    let last = performance.now()
    let longest = 0
    const tick = () => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }
    const timer = setInterval(tick, 1)
    await mineOnThread(tally, new Map(), 0)
    tick()
    clearInterval(timer)
    expect(tally.size).toBeGreaterThan(1_000)
    expect(longest).toBeLessThan(here_ms / 2)
  })

  test('that cannot be mined tells why', async () => {
    const [row] = tally.values()
    const broken: Tally = new Map([['', { ...row!, sightings: null as never }]])
    await expect(mineOnThread(broken, new Map(), 0)).rejects.toThrow(/null/)
  })
})

test('a small tally is mined at once', async () => {
  const tally = manyCalls(20)
  expect(await mineOnThread(tally, new Map())).toEqual(mine(tally))
})

/** Sessions of many tasks that make a few calls each; one call in three fails, and every time without another before it. */
function manyCalls(sessions: number): Tally {
  const random = generator(1)
  const actions = Array.from({ length: 40 }, (_, i) => `step_${i}`)
  return tallyOf(
    Array.from({ length: sessions }, (_, i) => ({
      session_id: `sesn_${String(Math.floor(random() * 1e9)).padStart(9, '0')}`,
      cell: `v1|task-${i % 300}`,
      person: null,
      at: null,
      observations: actions.map((action) => {
        const before = actions.filter(() => random() < 0.5)
        const bad = action === 'step_0' ? !before.includes('step_1') : random() < 0.3
        return {
          channel: 'call' as const,
          context: `call ${action}`,
          bad,
          event: 1,
          traits: Object.fromEntries(before.map((it) => [`after ${it}`, 0])),
        }
      }),
    })),
  )
}
