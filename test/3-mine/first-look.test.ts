import { describe, expect, test } from 'vitest'
import { reviewSession } from '../../src/2-review/review.ts'
import { cellOf } from '../../src/3-mine/cell.ts'
import type { Finding } from '../../src/3-mine/finding.ts'
import { firstLooks } from '../../src/3-mine/first-look.ts'
import { type Counted, mergeTallies, tallyOf } from '../../src/3-mine/tally.ts'
import type { Session } from '../../src/domain/session.ts'
import { judgedSessions } from './judged-sessions.ts'
import { simulatedSessions } from './simulated-agent.ts'
import { Store } from './store.ts'

type Family = Pick<Finding, 'channel' | 'tier' | 'q'>

const WITHIN_TASKS: Family = { channel: 'session', tier: 'verified', q: 0.01 }
const MARKERS: Family = { channel: 'session', tier: 'marker', q: 0.01 }
const CLAIMS: Family = { channel: 'model', tier: 'verified', q: 0.01 }
const CALLS: Family = { channel: 'call', tier: 'process', q: 0.01 }

describe('tonight is the first look', () => {
  test.each<{ family: Family; name: string; before: Counted[][]; first: boolean }>([
    { family: CALLS, name: 'a store that has counted nothing', before: [], first: true },
    { family: CALLS, name: 'a store that has counted one session', before: [ended(1)], first: false },
    { family: WITHIN_TASKS, name: 'a store that has counted nothing', before: [], first: true },
    { family: WITHIN_TASKS, name: '149 outcomes before', before: [ended(149)], first: true },
    { family: WITHIN_TASKS, name: '150 outcomes before', before: [ended(150)], first: false },
    {
      family: WITHIN_TASKS,
      name: 'as many on several nights',
      before: [ended(100), ended(49), ended(1)],
      first: false,
    },
    {
      family: WITHIN_TASKS,
      name: '150 sessions before that nobody verified',
      before: [ended(150, { context: 'other' })],
      first: true,
    },
    {
      family: WITHIN_TASKS,
      name: '150 outcomes before of which no task is known',
      before: [ended(150, { task: '~some words' })],
      first: true,
    },
    {
      family: WITHIN_TASKS,
      name: '150 outcomes before, whatever rule verified them',
      before: [ended(75, { rule: 'tests@1' }), ended(75, { rule: 'tests@2' })],
      first: false,
    },
    {
      family: { ...WITHIN_TASKS, q: 0.02 },
      name: '149 outcomes before, and some doubt',
      before: [ended(149)],
      first: false,
    },
    {
      family: { ...WITHIN_TASKS, q: 0.02 },
      name: 'nothing counted before, and some doubt',
      before: [],
      first: true,
    },
    { family: MARKERS, name: '150 outcomes before', before: [ended(150)], first: true },
    {
      family: MARKERS,
      name: '150 outcomes before of which no task is known',
      before: [ended(150, { task: '~some words' })],
      first: false,
    },
    { family: CLAIMS, name: '150 outcomes before of which no model read', before: [ended(150)], first: true },
    {
      family: CLAIMS,
      name: '150 outcomes before of which a model read',
      before: [ended(150, { channel: 'model', context: 'claims ended' })],
      first: false,
    },
  ])('at $family.channel $family.tier, with $name: $first', ({ family, before, first }) => {
    const tally = before.map(tallyOf).reduce((all, it) => mergeTallies(all, it), new Map())
    expect(firstLooks(tally)(family)).toBe(first)
  })

  test('by what was counted before it, and not with it', () => {
    const tally = tallyOf(ended(149))
    const isFirstLook = firstLooks(tally)
    mergeTallies(tally, tallyOf(ended(20)))
    expect(isFirstLook(WITHIN_TASKS)).toBe(true)
  })
})

describe('what goes with how sessions end, at twenty sessions a night', () => {
  const told = (nights: number, harm: number | null) => {
    const store = new Store()
    const sessions = shuffled(simulatedSessions(1, harm)).map(counted)
    for (let i = 0; i < nights; i++) store.dream(sessions.slice(20 * i, 20 * i + 20))
    return store.known.filter((it) => it.channel === 'session' && it.status !== 'candidate')
  }

  test.each([
    { nights: 7, harm: 0.5, lessons: [] },
    { nights: 8, harm: 0.5, lessons: ['use shortcut: probation'] },
    { nights: 15, harm: null, lessons: [] },
  ])('is, after $nights nights, told as $lessons', ({ nights, harm, lessons }) => {
    expect(told(nights, harm).map((it) => `${it.trait}: ${it.status}`)).toEqual(lessons)
  })
})

describe('what people prefer', () => {
  test('is told on probation when the sessions after those that showed it confirm it, on whatever night', () => {
    const store = new Store()
    const sessions = judgedSessions(1, {
      sessions: 900,
      approves: ({ table, failed }) => (failed ? 0.15 : 0.6) + (table ? 0.35 : 0),
    }).map(counted)
    const seen = new Set<string>()
    for (let i = 0; i < sessions.length; i += 20) {
      store.dream(sessions.slice(i, i + 20))
      for (const it of store.known) if (it.channel === 'approval') seen.add(`${it.trait}: ${it.status}`)
    }
    expect([...seen]).toEqual(['answer with a table: candidate', 'answer with a table: probation'])
  })
})

function ended(
  n: number,
  of: { task?: string; context?: string; channel?: 'session' | 'model'; rule?: string } = {},
): Counted[] {
  const { task = 'task-1', context = 'session', channel = 'session', rule } = of
  return Array.from({ length: n }, (_, i) => ({
    session_id: `sesn_${i}`,
    cell: `v1|${task}`,
    person: null,
    at: null,
    observations: [
      { channel, context, bad: i % 3 === 0, event: 0, traits: {}, ...(rule === undefined ? {} : { rule }) },
    ],
  }))
}

/** In an order that has nothing to do with how they ended. */
function shuffled(sessions: Session[]): Session[] {
  const place = (i: number) => (i * 7919) % sessions.length
  return sessions.map((_, i) => sessions[place(i)]!)
}

function counted(session: Session, i: number): Counted {
  return {
    session_id: `sesn_${String(i).padStart(4, '0')}`,
    cell: cellOf({ ...session, title: '' }),
    person: session.person,
    at: session.started_at,
    observations: reviewSession(session),
  }
}
