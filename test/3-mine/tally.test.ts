import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cellOf } from '../../src/3-mine/cell.ts'
import { type Counted, mergeTallies, tallyOf } from '../../src/3-mine/tally.ts'
import { rowKey, totalOf } from '../../src/domain/tally.ts'

const observation = fc.record({
  channel: fc.constant('call' as const),
  context: fc.constantFrom('call a', 'call b', 'call __proto__'),
  bad: fc.boolean(),
  event: fc.nat(20),
  traits: fc.dictionary(fc.constantFrom('after x', 'after y', 'arg k = empty'), fc.nat(20)),
})

const sessions = fc.uniqueArray(fc.nat(10_000), { maxLength: 40 }).chain((ids) =>
  fc.tuple(
    ...ids.map((id) =>
      fc.record({
        session_id: fc.constant(`sesn_${id}`),
        cell: fc.constantFrom('v1|a', 'v1|b', 'v2|a'),
        at: fc.constantFrom(null, '2026-09-01T10:00:00Z', '2026-09-09T10:00:00Z', 'no time at all'),
        observations: fc.array(observation, { maxLength: 6 }),
      }),
    ),
  ),
) as fc.Arbitrary<Counted[]>

describe('tallies', () => {
  test('counted in shards and merged in any order they are the tally of one pass, to the last digit', () => {
    fc.assert(
      fc.property(
        sessions,
        fc.array(fc.nat(4), { minLength: 40, maxLength: 40 }),
        fc.infiniteStream(fc.nat()),
        (all, shard, order) => {
          const shards = Map.groupBy(all, (it) => shard[all.indexOf(it)]!)
          const shuffled = [...shards.values()].sort(() => (order.next().value! % 2 === 0 ? 1 : -1))
          const merged = shuffled.map((it) => tallyOf(it)).reduce(mergeTallies, new Map())
          expect(plain(merged)).toEqual(plain(tallyOf(all)))
        },
      ),
    )
  })

  test('merging does not change what is merged in', () => {
    const one = tallyOf([counted('sesn_1', true)])
    const before = structuredClone(one)
    const sum = mergeTallies(mergeTallies(new Map(), one), one)
    expect(one).toEqual(before)
    expect(totalOf(sum.get(rowKey('call a', '')))).toEqual([2, 2])
  })

  test('a session is one sighting, and only the eight lowest session ids are kept', () => {
    const tally = tallyOf(
      Array.from({ length: 30 }, (_, i) => counted(`sesn_${String(i).padStart(2, '0')}`, true)),
    )
    const { sightings } = tally.get(rowKey('call a', ''))!
    expect(sightings.bad.map((it) => it.session_id)).toEqual(
      Array.from({ length: 8 }, (_, i) => `sesn_0${i}`),
    )
    expect(sightings.good).toEqual([])
  })
})

describe('cells', () => {
  test('sessions of one task and one version are compared, whatever was said', () => {
    const a = cellOf({ agent_version: 'v1', task: 'refund', title: 'please refund me' })
    expect(a).toBe(cellOf({ agent_version: 'v1', task: 'refund', title: 'something else entirely' }))
    expect(a).not.toBe(cellOf({ agent_version: 'v2', task: 'refund', title: 'please refund me' }))
    expect(a).not.toBe(cellOf({ agent_version: 'v1', task: 'exchange', title: 'please refund me' }))
  })

  test('without a task, the same first words are the same kind of work', () => {
    const of = (title: string) => cellOf({ agent_version: null, task: null, title })
    expect(of('Fix the failing login test')).toBe(of('fix the failing   LOGIN test!'))
    expect(of('Fix the failing login test')).not.toBe(of('Write a poem about the sea and its many ships'))
  })
})

function counted(session_id: string, bad: boolean): Counted {
  return {
    session_id,
    cell: 'v|t',
    person: null,
    at: null,
    observations: [{ channel: 'call', context: 'call a', bad, event: 1, traits: {} }],
  }
}

/** Order of insertion does not matter. */
function plain(tally: ReturnType<typeof tallyOf>): unknown {
  return Object.fromEntries([...tally].sort(([a], [b]) => (a < b ? -1 : 1)))
}
