import fc from 'fast-check'
import { expect, test } from 'vitest'
import { resimulatedOutcomes, shuffledCalls, shuffledOutcomes } from '../../bench/lessons/null-outcomes.ts'
import { seeded } from '../../examples/compliance-desk/random.ts'
import type { Counted } from '../../src/3-mine/tally.ts'

const taskOf = ({ cell }: Counted) => cell.split('|')[1]!
const versionOf = ({ cell }: Counted) => cell.split('|')[0]!

/** Sessions of three tasks and two versions; a third of them were not judged, and each made one call. */
const sessions = fc.array(
  fc.record({
    task: fc.nat(2),
    version: fc.nat(1),
    judged: fc.nat(2),
    bad: fc.boolean(),
    failed_call: fc.boolean(),
  }),
  { maxLength: 60 },
)
const worlds = sessions.map((all) =>
  all.map(({ task, version, judged, bad, failed_call }, i): Counted => {
    const seen = { event: i, traits: { 'use search': i } }
    return {
      session_id: `sesn_${i}`,
      cell: `v${version}|task-${task}`,
      person: null,
      at: null,
      observations: [
        { channel: 'call', context: 'call search', bad: failed_call, ...seen },
        ...(judged === 0
          ? []
          : [
              { channel: 'session', context: 'session', bad, ...seen } as const,
              { channel: 'session', context: 'session search', bad, ...seen } as const,
            ]),
      ],
    }
  }),
)

const NULLS = [
  {
    name: 'shuffled within task',
    of: (it: Counted[], seed: number) => shuffledOutcomes(it, taskOf, seeded(seed)),
    keeps: taskOf,
    channel: 'session',
  },
  {
    name: 'shuffled within task and agent version',
    of: (it: Counted[], seed: number) => shuffledOutcomes(it, ({ cell }) => cell, seeded(seed)),
    keeps: ({ cell }: Counted) => cell,
    channel: 'session',
  },
  {
    name: 'calls shuffled within tool and agent version',
    of: (it: Counted[], seed: number) => shuffledCalls(it, versionOf, seeded(seed)),
    keeps: versionOf,
    channel: 'call',
  },
  {
    name: 'drawn from the fitted model',
    of: (it: Counted[], seed: number) => resimulatedOutcomes(it, seeded(seed)),
    keeps: null,
    channel: 'session',
  },
]

test.each(NULLS.filter((it) => it.keeps))(
  'outcomes $name keep the failures of every group',
  ({ of, keeps, channel }) => {
    fc.assert(
      fc.property(worlds, fc.nat(), (world, seed) => {
        expect(failuresBy(of(world, seed), keeps!, channel)).toEqual(failuresBy(world, keeps!, channel))
      }),
    )
  },
)

test.each(NULLS)('outcomes $name change only how it ended', ({ of, channel }) => {
  fc.assert(
    fc.property(worlds, fc.nat(), (world, seed) => {
      const changed = of(world, seed)
      expect(changed.map((it) => withoutEndings(it, channel))).toEqual(
        world.map((it) => withoutEndings(it, channel)),
      )
      for (const { observations } of changed) {
        const endings = observations.filter((it) => it.channel === 'session').map((it) => it.bad)
        expect(new Set(endings).size, 'a session ends in one way').toBeLessThan(2)
      }
    }),
  )
})

test.each([
  { name: 'by a rule', rule: 'steps.success@1' },
  { name: 'by nobody knows what', rule: undefined },
])(
  'outcomes judged $name and drawn from the fitted model fail as often as the task and the version did',
  ({ rule }) => {
    const world = Array.from({ length: 4_000 }, (_, i): Counted => {
      const [task, version] = [i % 2, (i >> 1) % 2]
      const bad = (i * 7919) % 10 < (task === 0 ? 1 : 6) + 2 * version
      return {
        session_id: `sesn_${i}`,
        cell: `v${version}|task-${task}`,
        person: null,
        at: null,
        observations: [{ channel: 'session', context: 'session', bad, rule, event: 0, traits: {} }],
      }
    })
    const before = failuresBy(world, ({ cell }) => cell, 'session')
    const drawn = failuresBy(resimulatedOutcomes(world, seeded(1)), ({ cell }) => cell, 'session')
    for (const [cell, bad] of Object.entries(before))
      expect(Math.abs(drawn[cell]! - bad) / 1_000).toBeLessThan(0.06)
  },
)

test('a shuffle does change which sessions fail', () => {
  const world = Array.from(
    { length: 40 },
    (_, i): Counted => ({
      session_id: `sesn_${i}`,
      cell: 'v0|task-0',
      person: null,
      at: null,
      observations: [{ channel: 'session', context: 'session', bad: i < 20, event: 0, traits: {} }],
    }),
  )
  expect(shuffledOutcomes(world, taskOf, seeded(1))).not.toEqual(world)
})

function failuresBy(
  world: Counted[],
  group: (session: Counted) => string,
  channel: string,
): Record<string, number> {
  const failures: Record<string, number> = {}
  for (const it of world) {
    const bad = it.observations.filter((at) => at.channel === channel && at.bad).length
    failures[group(it)] = (failures[group(it)] ?? 0) + bad
  }
  return failures
}

function withoutEndings(session: Counted, channel: string) {
  return {
    ...session,
    observations: session.observations.map((it) => (it.channel === channel ? { ...it, bad: null } : it)),
  }
}
