import { describe, expect, test } from 'vitest'
import { reviewSession } from '../../src/2-review/review.ts'
import { cellOf } from '../../src/3-mine/cell.ts'
import type { Finding } from '../../src/3-mine/finding.ts'
import { lessonOf } from '../../src/3-mine/lesson.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { type Counted, tallyOf } from '../../src/3-mine/tally.ts'
import { textOf } from '../../src/domain/event.ts'
import type { Outcome } from '../../src/domain/outcome.ts'
import type { Session } from '../../src/domain/session.ts'
import { answer, call, error, result, SATISFIED, type Step, say, UNSATISFIED } from '../session-builder.ts'
import { simulatedSessions } from './simulated-agent.ts'
import { generator, runs, tallied, told } from './tallied.ts'

const seeds = Array.from({ length: 20 }, (_, i) => i + 1)

describe('an agent whose outcomes depend on its tasks and versions alone', () => {
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
      name: 'and so is one',
      given: sessions(4).slice(0, 1),
      found: false,
      note: 'No lessons about whole sessions: only one session has a verified outcome, and below 150 luck cannot be told from cause.',
    },
    {
      name: 'what a rule says that judges all alike is no outcome to learn from',
      given: sessions(120).slice(0, 60),
      found: false,
      note: 'No lessons about whole sessions: none of the sessions has a verified outcome that is trusted (of 60 outcomes the source is not trusted: see the alert), and below 150 luck cannot be told from cause.',
    },
    {
      name: 'with no known task there is none to compare',
      given: sessions(200).map(undated),
      found: false,
      note: 'No lessons about whole sessions: none of the sessions has both a verified outcome and a known task, and below 150 luck cannot be told from cause.',
    },
    {
      name: 'approvals are no outcomes',
      given: sessions(400).map(unjudged),
      found: false,
      note: 'No lessons about whole sessions: none of the sessions has a verified outcome, and below 150 luck cannot be told from cause.',
    },
  ])('$name', ({ given, found, note }) => {
    const { findings, ...mined } = mine(tallied(given))
    const notes = mined.notes.filter((it) => it.startsWith('No lessons about whole sessions'))
    expect(findings.some((it) => it.tier === 'verified')).toBe(found)
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

  test('is only watched while luck could explain it', () => {
    const found = [1, 2, 3].flatMap((seed) =>
      mine(tallied(simulatedSessions(seed, 0.25))).findings.filter((it) => it.channel === 'session'),
    )
    expect(new Set(found.map((it) => it.published))).toEqual(new Set([true, false]))
    for (const { published, q } of found) {
      expect(published).toBe(q! <= 0.05)
      expect(q).toBeLessThanOrEqual(0.2)
    }
  })

  test('tells about how large the effect is: pulled toward none, but not to none', () => {
    // The shortcut adds 40 points to failure rates from 5 % to 90 %: odds 6 times higher, halfway.
    const effects = seeds
      .flatMap((seed) => published(simulatedSessions(seed, 0.4)))
      .filter((it) => it.trait === 'use shortcut')
      .map((it) => it.effect.odds_ratio!)
    const mean = Math.exp(effects.reduce((sum, it) => sum + Math.log(it), 0) / effects.length)
    expect(mean).toBeGreaterThan(4)
    expect(mean).toBeLessThan(9)
  })

  test('says when the size of the effect is open', () => {
    const [it] = published(simulatedSessions(1, 0.4))
    const open = { ...it!, effect: { ...it!.effect, odds_ratio: 1.4, low: 0.9, high: 2.2 } }
    expect(lessonOf(it!, 'desk', []).why).toMatch(/times higher \(95 % interval/)
    expect(lessonOf(open, 'desk', []).why).toContain(
      'their odds of failing are higher, by how much is open (95 % interval of the odds ratio 0.90 to 2.2)',
    )
  })

  test.each<{ about: string; class: Finding['class']; text: string }>([
    {
      about: 'session: use cancel',
      class: 'mistake',
      text: 'Check the rules that allow `cancel` before you call it.',
    },
    {
      about: 'session: use look',
      class: 'success',
      text: 'Before you finish, check whether `look` is still needed.',
    },
    {
      about: 'session: use look 3 times or more',
      class: 'mistake',
      text: 'Before another `look` after 2, stop and check the approach.',
    },
    {
      about: 'session: repeat look',
      class: 'mistake',
      text: 'Before you repeat a `look` call word for word, check what its last answer said.',
    },
    {
      about: 'session: error look | not found',
      class: 'mistake',
      text: 'After "not found" from `look`, check the task again before you go on.',
    },
    {
      about: 'session: a call left failed',
      class: 'mistake',
      text: 'Before you finish, check that no call is left failed.',
    },
    {
      about: 'session: left failed send',
      class: 'mistake',
      text: 'Before you finish, check that `send` has not been left failed.',
    },
    {
      about: 'session: 3 errors or more',
      class: 'mistake',
      text: 'After 3 errors, stop and check the approach.',
    },
    {
      about: 'session: 20 calls or more',
      class: 'mistake',
      text: 'After 20 calls, stop and check the approach.',
    },
    {
      about: 'session review: before collect',
      class: 'success',
      text: 'Before `review`, check that `collect` was done.',
    },
    {
      about: 'session cancel: a yes before',
      class: 'success',
      text: 'Before `cancel`, check that the person has said yes to it.',
    },
    {
      about: 'session-change: a yes before',
      class: 'success',
      text: 'Before a call whose name says that it changes something, check that the person has said yes to it.',
    },
    {
      about: 'session-change: a look after',
      class: 'success',
      text: 'After the last change, check with another call that it is as it should be.',
    },
    {
      about: 'session-change: changes of two kinds or more',
      class: 'mistake',
      text: 'Before a second kind of change in one session, check that both were asked for.',
    },
  ])('about $about as a $class: $text', ({ about, class: kind, text }) => {
    const [it] = published(simulatedSessions(1, 0.4))
    const [context, trait] = about.split(': ') as [string, string]
    expect(lessonOf({ ...it!, context, trait, class: kind }, 'desk', []).text).toBe(text)
  })

  test.each<{ name: string; good: Step[]; bad: Step[]; found: string }>([
    {
      name: 'of a yes, that it was missing',
      good: [say('cancel it'), answer('Sure?'), say('Yes, go ahead'), call('cancel_order'), result()],
      bad: [say('cancel it'), answer('Sure?'), say('It is 17.'), call('cancel_order'), result()],
      found: 'check: session cancel_order: a yes before',
    },
    {
      name: 'of a yes that does harm, nothing',
      good: [say('cancel it'), answer('Sure?'), say('It is 17.'), call('cancel_order'), result()],
      bad: [say('cancel it'), answer('Sure?'), say('Yes, go ahead'), call('cancel_order'), result()],
      found: '',
    },
    {
      name: 'of an error, that it was left',
      good: [say('go'), call('send'), error('busy'), call('send'), result()],
      bad: [say('go'), call('send'), error('busy')],
      found: 'check: session: left failed send',
    },
  ])('tells $name', ({ good, bad, found }) => {
    const sessions = [...group(80, 60, bad, 'task'), ...group(80, 20, good, 'task')]
    expect(published(sessions).map(told)[0] ?? '').toBe(found)
  })
})

describe('one hypothesis is counted once', () => {
  test('of what the same sessions did, the plainest is told, with as few tests as there are things to tell', () => {
    const pair = [say('go'), call('lookup'), result(), call('lookup'), result(), call('lookup'), result()]
    const sessions = [...group(80, 60, pair, 'task'), ...group(80, 20, without, 'task')]
    const found = published(sessions)
    expect(found.map(told)).toEqual(['check: session: use lookup'])
  })

  test('so what says the same three times makes nothing else look better', () => {
    // The first group shows `use lookup`, `use lookup 3 times or more` and `repeat lookup`: one of three hypotheses, not three of five.
    const sessions = [
      ...group(
        40,
        32,
        [say('go'), call('lookup'), result(), call('lookup'), result(), call('lookup'), result()],
        'task',
      ),
      ...group(40, 29, [say('go'), call('note'), result()], 'task'),
      ...group(40, 18, [say('go'), call('page'), result()], 'task'),
      ...group(80, 24, without, 'task'),
    ]
    const found = mine(tallied(sessions)).findings
    const note = found.find((it) => it.channel === 'session' && it.trait === 'use note')!
    expect(note.q! / note.p!).toBeCloseTo(3 / 2, 6)
  })
})

describe('the exact test has to agree', () => {
  test('where the pooled one takes chance for a difference, it is only watched', () => {
    // 75 tasks of two sessions, one with the tool: it alone fails in 37 of them, the other alone in 23, so 60 pairs differ.
    // Two-sided binomial mid-p of 37 of 60 (SciPy 1.10): 0.072. The pooled test expects 37 pairs to differ and finds p 0.02.
    const pair = (task: number, with_tool: Outcome, other: Outcome): Session[] => [
      { ...runs(1, use)[0]!, task: `task-${task}`, outcome: with_tool },
      { ...runs(1, without)[0]!, task: `task-${task}`, outcome: other },
    ]
    const sessions = Array.from({ length: 75 }, (_, i) =>
      pair(
        i,
        i < 37 || i >= 67 ? UNSATISFIED : SATISFIED,
        (i >= 37 && i < 60) || i >= 67 ? UNSATISFIED : SATISFIED,
      ),
    ).flat()
    const found = mine(tallied(sessions)).findings.filter((it) => it.channel === 'session')
    expect(found.map((it) => [told(it), it.published])).toEqual([['check: session: use tool', false]])
    expect(found[0]!.q).toBeLessThan(0.05)
  })
})

describe('what one task teaches is about that task', () => {
  /** Per task: how many with the tool and how many of them bad, and the same without it. */
  const tasks = (...counts: [n: number, bad: number, others: number, bad_others: number][]) =>
    counts.flatMap(([n, bad, others, bad_others], i) =>
      [...ended(n, bad, use), ...ended(others, bad_others, without)].map((it) => ({
        ...it,
        task: `task-${i}`,
      })),
    )
  const ended = (n: number, bad: number, steps: Step[]) =>
    runs(n, steps).map((it, i) => ({ ...it, outcome: i < bad ? UNSATISFIED : SATISFIED }))
  const note = [say('go'), call('note'), result()]
  const lessons = (sessions: Session[]) =>
    mine(tallied(sessions))
      .findings.filter((it) => it.channel === 'session')
      .map((it) => [told(it), it.published])

  test('a difference that four tasks show alike is a lesson', () => {
    expect(lessons(tasks([20, 12, 20, 4], [20, 12, 20, 4], [20, 12, 20, 4], [20, 12, 20, 4]))).toEqual([
      ['check: session: use tool', true],
    ])
  })

  test('one that rests on a single task is only watched', () => {
    expect(lessons(tasks([20, 19, 20, 1], [20, 6, 20, 5], [20, 5, 20, 5], [20, 5, 20, 5]))).toEqual([
      ['check: session: use tool', false],
    ])
  })

  test('tasks that always use it, or never, are not among the four that it takes', () => {
    const three: Parameters<typeof tasks> = [
      [20, 12, 20, 4],
      [20, 12, 20, 4],
      [20, 12, 20, 4],
    ]
    expect(lessons(tasks(...three, [20, 12, 0, 0], [0, 0, 20, 4]))).toEqual([])
  })

  test('a clear lesson does not carry a weak one with it', () => {
    // Per task 20 sessions each with the tool, with a note, and with neither. The note has p 0.01, which beside a clear
    // first hypothesis is q 0.01 as well.
    const sessions = [13, 14, 13, 14].flatMap((noted, i) =>
      [...ended(20, 15, use), ...ended(20, noted, note), ...ended(20, 5, without)].map((it) => ({
        ...it,
        task: `task-${i}`,
      })),
    )
    const found = mine(tallied(sessions)).findings.filter((it) => it.channel === 'session')
    expect(found.map((it) => [it.trait, it.published])).toEqual([
      ['use tool', true],
      ['use note', false],
    ])
    expect(found[1]!.q).toBeLessThan(0.05)
    expect(found[1]!.p).toBeGreaterThan(0.005)
  })
})

describe('several versions of an agent', () => {
  test('a version that is bad at one task makes what it does there no mistake', () => {
    // The old version fails at the odd tasks, where it happens to draft; inside each cell drafting changes nothing.
    const random = generator(3)
    const sessions = Array.from({ length: 800 }, (_, i): Session => {
      const [task, old] = [i % 8, Math.floor(i / 8) % 2 === 0]
      const is_bad_at = old && task % 2 === 1
      const steps = random() < (is_bad_at ? 0.8 : 0.2) ? [say('go'), call('draft'), result()] : without
      const outcome = random() < (is_bad_at ? 0.8 : 0.2) ? UNSATISFIED : SATISFIED
      return { ...runs(1, steps)[0]!, task: `task-${task}`, agent_version: old ? 'v1' : 'v2', outcome }
    })
    expect(published(sessions)).toEqual([])
    // As one version, in which the interaction cannot show, the same sessions would teach it.
    expect(published(sessions.map((it) => ({ ...it, agent_version: 'v' }))).map(told)).toEqual([
      'check: session: use draft',
    ])
  })

  test('nor are a hundred things that it does there, of which the exact test alone lets some pass', () => {
    const found = seeds.slice(0, 6).flatMap((seed) => {
      const random = generator(seed)
      const sessions = Array.from({ length: 960 }, (_, i): Counted => {
        const [task, old] = [i % 8, Math.floor(i / 8) % 2 === 0]
        const is_bad_at = old && task % 2 === 1
        const habits = Array.from({ length: 100 }, (_, k) => `use habit_${k}`)
        const shown = habits.filter(() => random() < (is_bad_at ? 0.7 : 0.2))
        const traits = Object.fromEntries(shown.map((it) => [it, 0]))
        const bad = random() < (is_bad_at ? 0.7 : 0.2)
        return {
          session_id: `sesn_${String(i).padStart(4, '0')}`,
          cell: `${old ? 'v1' : 'v2'}|task-${task}`,
          person: null,
          at: null,
          observations: [{ channel: 'session', context: 'session', bad, event: 0, traits }],
        }
      })
      return mine(tallyOf(sessions)).findings.filter((it) => it.published && it.channel === 'session')
    })
    // False discoveries are held at 5 %, so now and then there is one.
    expect(found.length, found.map(told).join(', ')).toBeLessThanOrEqual(1)
  })
})

describe('sessions of unknown task give markers', () => {
  const requests = [
    'refund my order please',
    'where is the parcel now',
    'change the delivery address',
    'close this account today',
  ]
  const acting = [call('shortcut'), result()]
  const asked = requests.flatMap((words) => [
    ...group(25, 20, [say(words), ...acting], words),
    ...group(25, 5, [say(words), answer('There it is.')], words),
  ])
  const unknown = asked.map((it) => ({ ...it, task: null }))
  /** Sessions without a task are told apart by how they begin. */
  const findings = (sessions: Session[]) =>
    mine(
      tallyOf(
        sessions.map((it, i) => ({
          session_id: `sesn_${String(i).padStart(4, '0')}`,
          cell: cellOf({ ...it, title: textOf(it.events[0]!) }),
          person: null,
          at: null,
          observations: reviewSession(it),
        })),
      ),
    ).findings.filter((it) => it.channel === 'session')

  test('which tell a person where to look, and an agent nothing', () => {
    const found = findings(unknown)
    expect(found.map(told)).toEqual(['marker: session: use shortcut'])
    expect(found[0]).toMatchObject({
      tier: 'marker',
      // Both groups as they are, and the Mantel-Haenszel odds ratio over four equal clusters: that of each of them.
      effect: { exposed: [80, 100], unexposed: [20, 100], odds_ratio: (20 * 20) / (5 * 5) },
    })
    const { text, why } = lessonOf(found[0]!, 'desk', [])
    expect(text).toBe('Look into why sessions that called `shortcut` fail more often.')
    expect(why).toMatch(
      /^Sessions that called `shortcut` failed in 80 % \(80 of 100\), the others in 20 % \(20 of 100\)\. Among similar requests their odds of failing are 16 times higher \(/,
    )
    expect(why).toMatch(/Their tasks are not known, so it may only show which work is hard\.$/)
  })

  test('but not of what is known within tasks', () => {
    expect(findings([...unknown, ...asked]).map(told)).toEqual(['check: session: use shortcut'])
  })

  test('and none below 150 of them', () => {
    expect(findings(unknown.filter((_, i) => i % 4 > 0))).toHaveLength(1)
    expect(findings(unknown.filter((_, i) => i % 3 > 0))).toEqual([])
  })
})

const use: Step[] = [say('go'), call('tool'), result()]
const without: Step[] = [say('go'), answer('There it is.')]

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
