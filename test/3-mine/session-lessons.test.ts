import { describe, expect, test } from 'vitest'
import { lessonOf } from '../../src/3-mine/lesson.ts'
import { mine } from '../../src/3-mine/mine.ts'
import type { Session } from '../../src/domain/session.ts'
import { call, result, SATISFIED, type Step, say, UNSATISFIED } from '../session-builder.ts'
import { simulatedSessions } from './simulated-agent.ts'
import { runs, tallied, told } from './tallied.ts'

describe('an agent whose outcomes depend on its tasks and versions alone', () => {
  const seeds = Array.from({ length: 20 }, (_, i) => i + 1)

  test('teaches nothing about whole sessions', () => {
    const found = seeds.flatMap((seed) => published(simulatedSessions(seed)).map(told))
    // At most 0.1 a run.
    expect(found.length, found.join(', ')).toBeLessThanOrEqual(2)
  })

  test('teaches the one habit that makes it fail, when there is one', () => {
    const found = seeds.filter((seed) =>
      published(simulatedSessions(seed, 0.4)).some(
        (it) => it.class === 'mistake' && it.trait === 'use shortcut',
      ),
    )
    expect(found.length).toBeGreaterThanOrEqual(18)
  })
})

describe('a difference of the tasks is no lesson', () => {
  test('when the hard task is the one that needs the tool', () => {
    // Four hard tasks use it nine times in ten, four easy ones once in ten; inside a task it changes nothing.
    const sessions = [
      ...group(90, 63, use, 'hard'),
      ...group(10, 7, without, 'hard'),
      ...group(10, 1, use, 'easy'),
      ...group(90, 9, without, 'easy'),
    ]
    expect(published(sessions)).toEqual([])
  })

  test('and does not hide one: what looks harmless may help inside every task', () => {
    // Both groups fail in 50 of 100: the hard tasks use it mostly, and fail less when they do.
    const sessions = [
      ...group(80, 48, use, 'hard'),
      ...group(20, 20, without, 'hard'),
      ...group(20, 2, use, 'easy'),
      ...group(80, 30, without, 'easy'),
    ]
    const [help] = published(sessions)
    expect(help).toMatchObject({
      class: 'success',
      trait: 'use tool',
      effect: { exposed: [50, 100], unexposed: [50, 100] },
    })
    expect(lessonOf(help!, 'desk', []).why).toContain('(the difference of the tasks hides it)')
  })

  test('nor is what came with a worse version of the agent', () => {
    const versioned = (it: Session[], agent_version: string) =>
      it.map((session) => ({ ...session, agent_version }))
    const sessions = [
      ...versioned(group(90, 63, use, 'task'), 'v1'),
      ...versioned(group(10, 7, without, 'task'), 'v1'),
      ...versioned(group(10, 1, use, 'task'), 'v2'),
      ...versioned(group(90, 9, without, 'task'), 'v2'),
    ]
    expect(published(sessions)).toEqual([])
  })
})

describe('what is not known is not used, and the dream says so', () => {
  const sessions = (n: number) => [...group(n / 2, n / 2, use, 'task'), ...group(n / 2, 0, without, 'task')]
  const undated = (it: Session): Session => ({ ...it, task: null })
  const unjudged = (it: Session): Session => ({ ...it, outcome: { ...it.outcome, verified: false } })

  test.each([
    { name: '150 verified outcomes are enough', given: sessions(150), found: true, note: null },
    {
      name: '148 are too few',
      given: sessions(148),
      found: false,
      note: 'No lessons about whole sessions: only 148 sessions have a verified outcome, and below 150 luck cannot be told from cause.',
    },
    {
      name: 'of sessions of unknown task the difficulty is not known',
      given: sessions(400).map((it, i) => (i % 4 === 0 ? it : undated(it))),
      found: false,
      note: 'No lessons about whole sessions: only 100 sessions have both a verified outcome and a known task, and below 150 luck cannot be told from cause.',
    },
    {
      name: 'approvals are no outcomes',
      given: sessions(400).map(unjudged),
      found: false,
      note: 'No lessons about whole sessions: none of the sessions has a verified outcome, and below 150 luck cannot be told from cause.',
    },
  ])('$name', ({ given, found, note }) => {
    const { findings, notes } = mine(tallied(given))
    expect(findings.some((it) => it.channel === 'session')).toBe(found)
    expect(notes).toEqual(note === null ? [] : [note])
  })

  test('sessions of unknown task are not even counted beside those of a known one', () => {
    const [check] = published([...sessions(200), ...sessions(200).map(undated)])
    expect(check!.effect).toMatchObject({ exposed: [100, 100], unexposed: [0, 100] })
  })

  test('a habit of three tasks may be theirs alone', () => {
    const three = [
      ...runs(60, use, { tasks: 3, outcome: UNSATISFIED }),
      ...runs(60, without, { tasks: 3, outcome: SATISFIED }),
      ...runs(60, without, { tasks: 20, outcome: SATISFIED }),
    ]
    expect(published(three)).toEqual([])
  })
})

describe('a lesson about whole sessions', () => {
  test('is worded as a check, never as a prohibition', () => {
    for (const seed of [1, 2, 3]) {
      for (const it of published(simulatedSessions(seed, 0.4))) {
        const { text } = lessonOf(it, 'desk', [])
        expect(text).toMatch(/\bcheck\b/i)
        expect(text).not.toMatch(/\b(?:avoid|never|do not|don't)\b/i)
      }
    }
  })

  test('is told once, for the step that it is about', () => {
    // The evidence is collected before the review, hence before the mail that follows it as well.
    const collect = [call('collect'), result(), call('review'), result(), call('mail'), result()]
    const skip = [call('review'), result(), call('mail'), result()]
    const chat = [call('mail'), result()]
    const sessions = [
      ...group(80, 8, collect, 'review'),
      ...group(80, 56, skip, 'review'),
      ...group(40, 8, chat, 'chat'),
    ]
    expect(published(sessions).map(told)).toEqual(['check: session review: before collect'])
  })

  test('is only watched while luck could explain it, and not even that when its interval holds no effect', () => {
    const found = [1, 2, 3].flatMap((seed) =>
      mine(tallied(simulatedSessions(seed, 0.25))).findings.filter((it) => it.channel === 'session'),
    )
    expect(new Set(found.map((it) => it.published))).toEqual(new Set([true, false]))
    for (const { published, q, effect } of found) {
      expect(published).toBe(q! <= 0.05)
      expect(q).toBeLessThanOrEqual(0.2)
      expect(effect.low! > 1 || effect.high! < 1).toBe(true)
    }
  })
})

const use: Step[] = [say('go'), call('tool'), result()]
const without: Step[] = [say('go')]

/** `n` sessions of four tasks, `bad` of which end badly, spread evenly over the tasks. */
function group(n: number, bad: number, steps: Step[], task: string): Session[] {
  return runs(n, steps, { tasks: 4 }).map((it, i) => ({
    ...it,
    task: `${task}-${it.task}`,
    outcome: Math.floor(((i + 1) * bad) / n) > Math.floor((i * bad) / n) ? UNSATISFIED : SATISFIED,
  }))
}

function published(sessions: Session[]) {
  return mine(tallied(sessions)).findings.filter((it) => it.channel === 'session' && it.published)
}
