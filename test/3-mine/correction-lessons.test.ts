import { describe, expect, test } from 'vitest'
import { lessonOf } from '../../src/3-mine/lesson.ts'
import type { Session } from '../../src/domain/session.ts'
import { answer, call, deny, error, feedback, result, type Step, say } from '../session-builder.ts'
import { findingsIn, runs, told } from './tallied.ts'

const WISHES = [
  'Use the case number in the subject, not the name.',
  'No, put the case number into the subject line!',
  'Please always write the case number in the subject.',
  'You forgot the case number in the subject.',
  'The subject should have been the case number, as we told you.',
  'Next time the subject is the case number, not the customer.',
]
const corrected = (words: string): Step[] => [say('Write to the customer.'), answer('Sent.'), say(words)]
const plain = (words: string): Step[] => [say(words), answer('Sent.'), say('Thank you very much indeed.')]

describe('a wish', () => {
  test('that people keep repeating in their own words is one lesson', () => {
    const [wish, ...others] = wishesIn(eachOnce(WISHES.map(corrected)))
    expect(others).toEqual([])
    expect(wish).toMatchObject({
      published: true,
      kind: 'correction',
      class: 'practice',
      tier: 'people',
      context: 'said',
      sessions: 6,
      effect: { exposed: [6, 6] },
    })
    expect(wish!.better!.split(' ')).toEqual(expect.arrayContaining(['case', 'number', 'subject']))
  })

  test('is told in the words of a person', () => {
    const sessions = eachOnce(WISHES.map(corrected))
    const quotes = WISHES.map(quoted)
    const lesson = lessonOf(wishesIn(sessions)[0]!, 'desk', quotes)
    expect(WISHES.map((it) => `People keep asking for this: "${it}"`)).toContain(lesson.text)
  })

  test('of two different kinds is two lessons', () => {
    const audit = [
      'Always add an audit trail.',
      'Never skip the audit trail.',
      'You forgot the audit trail.',
      'No, the audit trail!',
    ]
    const wishes = wishesIn(eachOnce([...WISHES, ...audit].map(corrected)))
    expect(wishes.map((it) => it.better!.includes('audit'))).toEqual([false, true])
  })

  test.each<{ name: string; said: string[][]; wishes: number }>([
    {
      name: 'one thing in long sentences, the ends of which share no word',
      said: [
        ['Please use the case number, not the customer name, in the subject line.'],
        ['Please change the subject line: case number instead of customer name.'],
        ['Not the customer name please, use that. The subject line must have the case number instead of it.'],
        ['Never the customer name: the subject line has the case number.'],
        ['No, the subject line should carry the case number instead of the customer name.'],
        ['Again, case number in the subject line, never the customer name.'],
      ],
      wishes: 1,
    },
    {
      name: 'three things that share words, and are often said in one session',
      said: [
        ['Run the tests before you commit.', 'Write the commit message in English.'],
        [
          'You should run the tests before the commit.',
          'Never write the commit message in German, use English.',
        ],
        ['Always run the tests before a commit.', 'Please write a test for each bug.'],
        ['Please write a test for the bug.', 'No, write the commit message in English.'],
        ['Always write a test for a bug.', 'Please always run the tests before you commit.'],
        ['You must write a test for the bug.', 'Please write every commit message in English.'],
      ],
      wishes: 3,
    },
    {
      name: 'one thing, which some ask for and others miss',
      said: [
        ...Array.from({ length: 4 }, () => ['Please add the total at the bottom.']),
        ...Array.from({ length: 4 }, () => ['You forgot the total.']),
        ...Array.from({ length: 4 }, () => ['No, the total is missing.']),
        ...Array.from({ length: 4 }, () => ['You missed the total.']),
      ],
      wishes: 1,
    },
    {
      name: 'two things, both of which are missed',
      said: [
        ...Array.from({ length: 4 }, () => ['You forgot the total.']),
        ...Array.from({ length: 4 }, () => ['You forgot the changelog.']),
      ],
      wishes: 2,
    },
  ])('about $name: $wishes lessons', ({ said, wishes }) => {
    const sessions = eachOnce(said.map((all) => [say('Go on.'), answer('Done.'), ...all.map(say)]))
    expect(wishesIn(sessions)).toHaveLength(wishes)
  })

  test('is shown by what people said in any of its words', () => {
    const sessions = eachOnce([
      ...Array.from({ length: 4 }, () => corrected('You forgot the total.')),
      ...Array.from({ length: 4 }, () => corrected('Please add the total at the bottom.')),
    ])
    expect(wishesIn(sessions)).toMatchObject([
      { sessions: 8, effect: { exposed: [4, 4] }, sightings: sessions.map(() => ({ event: 2 })) },
    ])
  })

  test.each<{ name: string; quotes: string[]; better: string; text: string; file: string }>([
    {
      name: 'who say what to do, where some only complain',
      quotes: [
        'No, the total is missing.',
        'The total is missing again.',
        'Please add the total at the bottom.',
      ],
      better: 'bottom missing total',
      text: 'People keep asking for this: "Please add the total at the bottom."',
      file: 'add-total-at-bottom',
    },
    {
      name: 'who complain, where nobody says what to do',
      quotes: ["No, the numbers don't add up.", 'You must have made a mistake, the numbers do not add up.'],
      better: 'add number',
      text: `People keep objecting: "No, the numbers don't add up."`,
      file: 'numbers-dont-add',
    },
    {
      name: 'who say no more than most do',
      quotes: [
        'Use the formal address.',
        'Never drop the formal address.',
        'Use the formal address with them.',
      ],
      better: 'address drop formal',
      text: 'People keep asking for this: "Use the formal address."',
      file: 'use-formal-address',
    },
    {
      name: 'whose “not” stays in the name',
      quotes: ["Don't push to main."],
      better: 'main push',
      text: `People keep asking for this: "Don't push to main."`,
      file: 'dont-push-to-main',
    },
    {
      name: 'whose own words stay out of the name',
      quotes: ['Never push Karl’s hotfix to main.'],
      better: 'main push',
      text: 'People keep asking for this: "Never push Karl’s hotfix to main."',
      file: 'never-push-to-main',
    },
  ])('is told in the words of those $name', ({ quotes, better, text, file }) => {
    const found = { ...wishesIn(eachOnce(WISHES.map(corrected)))[0]!, better }
    const told = [quotes, quotes.toReversed()].map((it) => lessonOf(found, 'desk', it.map(quoted)))
    expect(told.map((it) => [it.text, it.name])).toEqual([
      [text, file],
      [text, file],
    ])
  })

  test.each([
    { name: 'three sessions', sessions: eachOnce(WISHES.slice(0, 3).map(corrected)), found: 0 },
    { name: 'four sessions', sessions: eachOnce(WISHES.slice(0, 4).map(corrected)), found: 1 },
    {
      name: 'one session that says it again and again',
      sessions: runs(1, WISHES.flatMap(corrected)),
      found: 0,
    },
    {
      name: 'one task, which may be what it is about',
      sessions: runs(12, corrected(WISHES[0]!), { tasks: 1 }),
      found: 0,
    },
    { name: 'three tasks', sessions: runs(12, corrected(WISHES[0]!), { tasks: 3 }), found: 1 },
    {
      name: 'words that people use anyway',
      sessions: [
        ...runs(6, corrected(WISHES[0]!)),
        ...runs(12, plain('The case number in the subject, and the name.')),
      ],
      found: 0,
    },
    {
      name: 'words that people seldom use otherwise',
      sessions: [
        ...runs(20, corrected(WISHES[0]!)),
        ...runs(2, plain('The case number in the subject, and the name.')),
      ],
      found: 1,
    },
    {
      name: 'the first words of a person, which correct nothing',
      sessions: runs(12, [say(WISHES[2]!), answer('Done.')]),
      found: 0,
    },
    { name: 'words of a tool', sessions: runs(12, [call('read'), result(WISHES[2]!)]), found: 0 },
    {
      name: 'words of the agent',
      sessions: runs(12, [call('read'), result(), answer(WISHES[2]!)]),
      found: 0,
    },
  ])('seen in $name: $found', ({ sessions, found }) => {
    expect(wishesIn(sessions)).toHaveLength(found)
  })
})

describe('a wish of one person', () => {
  const saidBy = (...people: (string | null)[]) =>
    eachOnce(WISHES.map(corrected)).map((it, i) => ({ ...it, person: people[i % people.length]! }))

  test.each<{ name: string; people: (string | null)[]; person: string | undefined }>([
    { name: 'that nobody else has', people: ['ana'], person: 'ana' },
    { name: 'that another has too', people: ['ana', 'ana', 'ana', 'ana', 'ben'], person: undefined },
    { name: 'whom the harness does not name', people: [null], person: undefined },
  ])('$name is of $person', ({ people, person }) => {
    expect(wishesIn(saidBy(...people)).map((it) => it.person)).toEqual([person])
  })

  test('is told as that, and is scoped so', () => {
    const lesson = lessonOf(wishesIn(saidBy('ana'))[0]!, 'desk', [quoted(WISHES[0]!)])
    expect(lesson.text).toBe(`When you work for ana, heed this: "${WISHES[0]}"`)
    expect(lesson.scope.person).toBe('ana')
  })
})

describe('why people reject an output', () => {
  const reasons = [
    'The retention period is missing.',
    'No retention period here.',
    'Where is the retention period?',
    'It lacks the retention period.',
  ]
  const rejected = eachOnce(
    reasons.map((comment) => [
      say('Write to them.'),
      answer('Here.'),
      feedback({ kind: 'rejection', comment }),
    ]),
  )

  test('is a lesson when it recurs, in their words, whatever they are', () => {
    const [wish, ...others] = wishesIn(rejected)
    expect(others).toEqual([])
    expect(wish!.better).toBe('period retention')
    expect(lessonOf(wish!, 'desk', [quoted(reasons[0]!)]).text).toBe(
      'People keep objecting: "The retention period is missing."',
    )
  })
})

describe('what people refuse', () => {
  const push: Step[] = [call('push'), deny('open a pull request'), error('rejected', 'user_rejection')]
  const pushed: Step[] = [call('push'), result()]

  test.each([
    { refused: 3, allowed: 12, found: ['refusal: refused push'] },
    { refused: 2, allowed: 0, found: [] },
    { refused: 3, allowed: 13, found: [] },
  ])('$refused times, and allow $allowed times: $found', ({ refused, allowed, found }) => {
    const sessions = [...runs(refused, push), ...runs(allowed, pushed)]
    expect(findingsIn(sessions).map(told)).toEqual(found)
  })
})

function quoted(quote: string) {
  return {
    session_id: 'sesn_1',
    external_session_id: 'built-1',
    event_id: 'e3',
    origin: 'person' as const,
    quote,
  }
}

/** A session of a task of its own for each. */
function eachOnce(stories: Step[][]): Session[] {
  return stories.flatMap((steps, i) => runs(1, steps).map((it) => ({ ...it, task: `task-${i}` })))
}

function wishesIn(sessions: Session[]) {
  return findingsIn(sessions).filter((it) => it.kind === 'correction')
}
