import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cellOf, intentOf, ruleOf, stratumOf, versionOf } from '../../src/3-mine/cell.ts'
import { onlyPersonBehind } from '../../src/3-mine/people.ts'
import { hasTask } from '../../src/3-mine/session-lessons.ts'
import { type Counted, fillSightings, mergeTallies, subtractTally, tallyOf } from '../../src/3-mine/tally.ts'
import { keysOf } from '../../src/3-mine/told.ts'
import { rowKey, type TallyRow, totalOf } from '../../src/domain/tally.ts'

/** A context is of one channel: its first word says which. */
const context = fc.constantFrom('call a', 'call __proto__', 'correction', 'temporal monday')

const observation = fc
  .record({
    context,
    bad: fc.boolean(),
    event: fc.nat(20),
    traits: fc.dictionary(fc.constantFrom('after x', 'after y', 'arg k = empty'), fc.nat(20)),
  })
  .map((it) => ({ ...it, channel: it.context.split(' ')[0]! }))

/** What a session was given. */
const told = fc
  .subarray([
    { channel: 'call' as const, context: 'call a', trait: 'after x' },
    { channel: 'call' as const, context: 'call __proto__', trait: 'arg k = empty' },
    { channel: 'call' as const, context: 'call a', trait: '' },
    { channel: 'repair' as const, context: 'correction', trait: 'after y' },
  ])
  .map((it) => it.flatMap(keysOf))

const sessions = fc.uniqueArray(fc.nat(10_000), { maxLength: 40 }).chain((ids) =>
  fc.tuple(
    ...ids.map((id) =>
      fc.record({
        session_id: fc.constant(`sesn_${id}`),
        cell: fc.constantFrom('v1|a', 'v1|b', 'v2|a'),
        person: fc.constantFrom(null, 'ada', 'ben'),
        at: fc.constantFrom(null, '2026-09-01T10:00:00Z', '2026-09-09T10:00:00Z', 'no time at all'),
        observations: fc.array(observation, { maxLength: 6 }),
        told,
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

  test('without some of its sessions a tally is what it would be had they never been counted', () => {
    fc.assert(
      fc.property(sessions, fc.array(fc.boolean(), { minLength: 40, maxLength: 40 }), (all, goes) => {
        const gone = all.filter((_, i) => goes[i])
        const remaining = all.filter((_, i) => !goes[i])
        const left = tallyOf(all)
        fillSightings(subtractTally(left, tallyOf(gone)), remaining)
        expect(plain(left)).toEqual(plain(tallyOf(remaining)))
      }),
    )
  })

  test.each([
    { name: 'a session that no row shows', sessions: 12, goes: 11, are_read: false },
    { name: 'a session that a row shows, where others wait', sessions: 12, goes: 3, are_read: true },
    { name: 'a session that a row shows, where none waits', sessions: 7, goes: 3, are_read: false },
  ])('to take out $name, other sessions are read: $are_read', ({ sessions, goes, are_read }) => {
    const all = Array.from({ length: sessions }, (_, i) =>
      counted(`sesn_${String(i).padStart(2, '0')}`, true),
    )
    expect(subtractTally(tallyOf(all), tallyOf([all[goes]!])).size).toBe(are_read ? 1 : 0)
  })

  test('a row of what sessions were told is filled from those that remain, as any other', () => {
    const all = Array.from({ length: 12 }, (_, i) => ({
      ...counted(`sesn_${String(i).padStart(2, '0')}`, true),
      told: keysOf({ channel: 'call', context: 'call a', trait: '' }),
    }))
    const left = tallyOf(all)
    const short = subtractTally(left, tallyOf(all.slice(0, 2)))
    expect([...short.values()].map((it) => it.channel)).toEqual(['call', 'told', 'told'])
    fillSightings(short, all.slice(2))
    expect(plain(left)).toEqual(plain(tallyOf(all.slice(2))))
  })

  test('of a session that shows something twice, the first time is kept', () => {
    const session = counted('sesn_1', true)
    const [first] = session.observations
    session.observations = [
      { ...first!, event: 7 },
      { ...first!, event: 3 },
      { ...first!, event: 9 },
    ]
    expect(tallyOf([session]).get(rowKey('call a', ''))!.sightings.bad).toEqual([
      { session_id: 'sesn_1', event: 3 },
    ])
  })

  test('text that was cut in the middle of a character is counted as what a database makes of it', () => {
    const [cut] = ['\ud83d\ude00'.slice(0, 1)]
    const it = counted('sesn_1', true)
    it.observations[0]!.context = `call ${cut}`
    it.observations[0]!.traits = { [`after ${cut}`]: 0 }
    expect([...tallyOf([it]).keys()]).toEqual([
      rowKey('call \ufffd', ''),
      rowKey('call \ufffd', 'after \ufffd'),
    ])
  })
})

describe('cells', () => {
  test('sessions of one task and one version are compared, whatever was said', () => {
    const a = cellOf({ agent_version: 'v1', task: 'refund', title: 'please refund me' })
    expect(a).toBe(cellOf({ agent_version: 'v1', task: 'refund', title: 'something else entirely' }))
    expect(a).not.toBe(cellOf({ agent_version: 'v2', task: 'refund', title: 'please refund me' }))
    expect(a).not.toBe(cellOf({ agent_version: 'v1', task: 'exchange', title: 'please refund me' }))
  })

  test.each([
    { name: 'a call', channel: 'call' as const, stratum: 'v1|refund' },
    { name: 'a whole session', channel: 'session' as const, stratum: 'v1|refund' },
    { name: 'what a person corrects', channel: 'correction' as const, stratum: 'ada|refund' },
    { name: 'what a person edits', channel: 'edit' as const, stratum: 'ada|refund' },
    { name: 'a habit in time', channel: 'temporal' as const, stratum: 'ada|2026-11-02T09' },
  ])('$name is compared within $stratum', ({ channel, stratum }) => {
    const session = { cell: 'v1|refund', person: 'ada', at: '2026-11-02T09:30:00Z' }
    expect(stratumOf(channel, session)).toBe(stratum)
  })

  /** Names as people and harnesses make them up. */
  const name = fc.string({ unit: fc.constantFrom('|', ' ', '%', '\\', 'a', 'é', '🎈'), maxLength: 6 })

  test('give back whose they are and what was asked for, whatever the names hold', () => {
    fc.assert(
      fc.property(name, name, name, (agent_version, person, task) => {
        const cell = cellOf({ agent_version, task, title: '' })
        const session = { cell, person, at: '2026-11-02T09:30:00Z' }
        const halves = (it: string) => [versionOf(it), intentOf(it)]
        expect(halves(cell)).toEqual([agent_version, task])
        expect(halves(stratumOf('correction', session))).toEqual([person, task])
        expect(halves(stratumOf('temporal', session))).toEqual([person, '2026-11-02T09'])
        const judged = stratumOf('session', session, 'the-rule')
        expect([ruleOf(judged), intentOf(judged)]).toEqual(['the-rule', task])
      }),
    )
  })

  test('of names without a bar are the two names and a bar, as they were always stored', () => {
    fc.assert(
      fc.property(name, name, (version, task) => {
        const agent_version = version.replaceAll('|', '')
        expect(cellOf({ agent_version, task, title: '' })).toBe(`${agent_version}|${task}`)
      }),
    )
  })

  test('tell two people apart whose names differ after a bar, and a session without a task from one with', () => {
    const said = (person: string) => stratumOf('correction', { cell: 'v1|refund', person, at: null })
    expect(onlyPersonBehind(badIn(said('Ana | Sales')))).toBe('Ana | Sales')
    expect(onlyPersonBehind(badIn(said('Ana | Sales'), said('Ana | Support')))).toBeUndefined()
    expect(hasTask(cellOf({ agent_version: '2.1|beta', task: null, title: 'refund me' }))).toBe(false)
  })
})

function badIn(...cells: string[]): TallyRow {
  const row = {
    channel: 'correction',
    context: 'said',
    trait: '',
    weeks: {},
    sightings: { bad: [], good: [] },
  }
  return { ...row, cells: Object.fromEntries(cells.map((it) => [it, [1, 1]])) }
}

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
