import { expect, test } from 'vitest'
import { madeUpWorld } from '../../bench/lessons/made-up-world.ts'
import { withPlanted } from '../../bench/lessons/planted.ts'
import { failed } from '../../bench/lessons/recorded.ts'
import { seeded } from '../../examples/compliance-desk/random.ts'
import { fitNuisance, scoreTest } from '../../src/3-mine/score-test.ts'
import { SESSION_RIDGE } from '../../src/3-mine/session-lessons.ts'
import { type Counted, tallyOf } from '../../src/3-mine/tally.ts'
import { EVERY, rowKey } from '../../src/domain/tally.ts'

const idle = madeUpWorld(1, { with_effects: false })

test.each([
  { harm: 0, failures: 'no more failures' },
  { harm: 0.5, failures: 'about half of them made failures' },
  { harm: 1, failures: 'all of them failures' },
])('a planted trait of harm $harm stands in exactly the exposed sessions, $failures', ({ harm }) => {
  const planted = withPlanted(idle.sessions, 300, harm, seeded(1))
  const exposed = planted.flatMap((it, i) => (shows(it) ? [{ before: idle.sessions[i]!, after: it }] : []))
  expect(exposed).toHaveLength(300)

  const successes = exposed.filter(({ before }) => !failed(before))
  const harmed = successes.filter(({ after }) => failed(after)).length
  expect(Math.abs(harmed / successes.length - harm)).toBeLessThan(0.12)
  for (const { before, after } of exposed) if (failed(before)) expect(failed(after)).toBe(true)
  expect(planted.filter((it) => !shows(it))).toEqual(idle.sessions.filter((_, i) => !shows(planted[i]!)))
})

test('a made-up world is the same for the same seed, and another for another', () => {
  expect(madeUpWorld(1, { with_effects: false })).toEqual(idle)
  expect(madeUpWorld(2, { with_effects: false }).sessions).not.toEqual(idle.sessions)
})

test('a made-up world has the size and the failures of the recordings that it stands for', () => {
  const { sessions } = idle
  const tasks = new Set(sessions.map(({ cell }) => cell.split('|')[1]))
  const agents = new Set(sessions.map(({ cell }) => cell.split('|')[0]))
  expect([sessions.length, tasks.size, agents.size]).toEqual([1_695, 458, 36])
  expect(sessions.filter(failed).length / sessions.length).toBeCloseTo(0.36, 1)
})

test('in a made-up world the true traits have an effect, unless it is to have none', () => {
  const world = madeUpWorld(1, { with_effects: true })
  expect(world.true_traits.size).toBe(30)
  expect(idle.true_traits.size).toBe(0)
  expect(meanZ2(world.sessions, world.true_traits)).toBeGreaterThan(4)
  expect(meanZ2(idle.sessions, world.true_traits)).toBeLessThan(2)
})

/** Mean square of the score of these traits: 1 when none has an effect. */
function meanZ2(sessions: Counted[], traits: Set<string>): number {
  const tally = tallyOf(sessions)
  const z2 = [...traits].map((trait) => {
    const row = [...tally.values()].find((it) => it.trait === trait)!
    const fit = fitNuisance(tally.get(rowKey(row.context, EVERY))!.cells, SESSION_RIDGE)
    return scoreTest(fit, row.cells).z ** 2
  })
  return z2.reduce((sum, it) => sum + it, 0) / z2.length
}

function shows({ observations }: Counted): boolean {
  return observations.some((it) => 'use planted' in it.traits)
}
