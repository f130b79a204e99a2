/**
 * A session that was given a lesson is no evidence for that lesson's pattern; one that was given a remedy is none for how sessions end with that
 * error either. For every other pattern it is evidence as ever.
 */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { reviewSession } from '../../src/2-review/review.ts'
import { cellOf } from '../../src/3-mine/cell.ts'
import type { Finding } from '../../src/3-mine/finding.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { type Counted, tallyOf } from '../../src/3-mine/tally.ts'
import { keysOf, TOLD, untoldIn } from '../../src/3-mine/told.ts'
import type { Pattern } from '../../src/domain/pattern.ts'
import type { Channel, Observation } from '../../src/domain/review.ts'
import { EVERY, rowKey, type TallyRow } from '../../src/domain/tally.ts'
import { judgedSessions, type World } from './judged-sessions.ts'
import { Store } from './store.ts'
import { generator } from './tallied.ts'

type Lesson = { channel: Channel; context: string; trait: string }

/** A lesson of each channel, and the rows that its test compares, as `[context, trait]`. */
const LESSONS: (Lesson & { compares: [string, string][] })[] = [
  {
    ...{ channel: 'call', context: 'call pay', trait: 'after look' },
    compares: [
      ['call pay', EVERY],
      ['call pay', 'after look'],
    ],
  },
  { ...{ channel: 'call', context: 'call pay', trait: EVERY }, compares: [['call pay', EVERY]] },
  {
    ...{ channel: 'repair', context: 'repair pay | not open', trait: 'first look' },
    compares: [
      ['repair pay | not open', EVERY],
      ['repair pay | not open', 'met'],
      ['repair pay | not open', 'again'],
      ['repair pay | not open', 'first look'],
    ],
  },
  {
    ...{ channel: 'session', context: 'session', trait: 'use pay' },
    compares: [
      ['session', EVERY],
      ['session', 'use pay'],
    ],
  },
  {
    ...{ channel: 'approval', context: 'judged by people', trait: 'answer with a list' },
    compares: [
      ['judged by people', EVERY],
      ['approved by people', 'answer with a list'],
      ['verified and judged by people', EVERY],
    ],
  },
  {
    ...{ channel: 'edit', context: 'edit', trait: 'add author when report' },
    compares: [
      ['edit', EVERY],
      ['edit', 'asked report'],
      ['edit', 'add author when report'],
      ['edit added', EVERY],
      ['edit added', 'add author'],
      ['edit written', EVERY],
      ['edit written', 'author'],
    ],
  },
  {
    ...{ channel: 'edit', context: 'edit replaced', trait: 'replace utilize > use' },
    compares: [
      ['edit replaced', EVERY],
      ['edit written', 'use'],
    ],
  },
  {
    ...{ channel: 'correction', context: 'said', trait: 'tests + run' },
    compares: [
      ['said', EVERY],
      ['said', 'tests + run'],
    ],
  },
  {
    ...{ channel: 'temporal', context: 'asks ana', trait: 'Monday: short' },
    compares: [
      ['asks ana', EVERY],
      ['asks ana', 'short'],
    ],
  },
]

const ROWS: [Channel, string, string[]][] = [
  ['call', 'call pay', ['after look', 'after ask']],
  ['repair', 'repair pay | not open', ['met', 'again', 'first look']],
  ['session', 'session', ['use pay', 'use look', 'error pay | not open']],
  ['approval', 'judged by people', ['answer with a list']],
  ['approval', 'approved by people', ['answer with a list']],
  ['approval', 'verified and judged by people', ['answer with a list']],
  ['edit', 'edit', ['asked report', 'add author when report', 'add date when report']],
  ['edit', 'edit added', ['add author', 'add date']],
  ['edit', 'edit written', ['author', 'use', 'date']],
  ['edit', 'edit replaced', ['replace utilize > use']],
  ['correction', 'said', ['tests + run', 'no + emoji']],
  ['temporal', 'asks ana', ['short', 'Monday: short', 'Tuesday: short', 'table']],
]

const observation: fc.Arbitrary<Observation> = fc.constantFrom(...ROWS).chain(([channel, context, traits]) =>
  fc.record({ bad: fc.boolean(), shown: fc.subarray(traits) }).map(({ bad, shown }) => ({
    ...{ channel, context, bad, event: 1 },
    traits: Object.fromEntries(shown.map((it) => [it, 2])),
  })),
)

const sessions = fc
  .array(fc.array(observation, { maxLength: 8 }), { maxLength: 30 })
  .map((them) => them.map((observations, i) => session(i, observations)))

describe('whatever sessions show', () => {
  test.each(LESSONS)(
    'a lesson about $channel: $context: $trait is tested as if those that had it were not there',
    ({ compares, ...lesson }) => {
      fc.assert(
        fc.property(sessions, fc.infiniteStream(fc.boolean()), (all, had) => {
          const which = all.map(() => had.next().value!)
          const tally = tallyOf(all.map((it, i) => (which[i] ? { ...it, told: keysOf(lesson) } : it)))
          const left = tallyOf(all.filter((_, i) => !which[i]))
          const untold = untoldIn(tally)
          for (const [context, trait] of compares) {
            const row = tally.get(rowKey(context, trait))
            const of = lesson.channel === 'repair' ? EVERY : toldWord(context, lesson)
            expect(countsOf(row && untold(row, of))).toEqual(countsOf(left.get(rowKey(context, trait))))
          }
        }),
        { numRuns: 50 },
      )
    },
  )

  test('how sessions end in which an error happens is judged as if those that were told its remedy were not there', () => {
    const remedy: Lesson = { channel: 'repair', context: 'repair pay | not open', trait: 'first look' }
    const error = 'error pay | not open'
    fc.assert(
      fc.property(sessions, fc.infiniteStream(fc.boolean()), (all, had) => {
        const which = all.map(() => had.next().value!)
        const tally = tallyOf(all.map((it, i) => (which[i] ? { ...it, told: keysOf(remedy) } : it)))
        const left = tallyOf(all.filter((_, i) => !which[i]))
        for (const trait of [EVERY, error]) {
          const row = tally.get(rowKey('session', trait))
          const others = left.get(rowKey('session', trait))
          expect(countsOf(row && untoldIn(tally)(row, error))).toEqual(countsOf(others))
        }
      }),
    )
  })

  test('every row is what it would be had nobody been told anything, and what is told has rows of its own', () => {
    fc.assert(
      fc.property(sessions, fc.infiniteStream(fc.subarray(LESSONS.map((it) => keysOf(it)))), (all, keys) => {
        const told = all.map((it) => ({ ...it, told: keys.next().value!.flat() }))
        const rows = [...tallyOf(told)]
        expect(new Map(rows.filter(([, it]) => it.channel !== TOLD))).toEqual(tallyOf(all))
      }),
    )
  })

  test('a row that nobody was told of is given as it is', () => {
    const tally = tallyOf([session(1, [call(true)], LOOK), session(2, [call(false, 'after ask')])])
    const row = tally.get(rowKey('call pay', 'after ask'))!
    expect(untoldIn(tally)(row, 'after ask')).toBe(row)
  })
})

/** In the words of an edit and of what the agent wrote, a lesson goes by other names. */
function toldWord(context: string, { channel, trait }: Lesson): string {
  if (channel !== 'edit' || context === 'edit') return trait
  const words = trait.replace(/ when .+$/, '')
  return context === 'edit written' ? words.split(' ').at(-1)! : words
}

/** Sessions that show a lesson, and sessions that were told it and show nothing of it any more. */
const SHOWN: (Lesson & { kind: Finding['kind']; by: Counted[]; told: Counted[] })[] = [
  {
    ...{ kind: 'fragile', channel: 'call', context: 'call pay', trait: EVERY },
    by: times(20, (i) => session(i, [call(true)])),
    told: times(60, (i) => session(100 + i, [call(false)])),
  },
  {
    ...{ kind: 'repair', channel: 'repair', context: 'repair pay | not open', trait: 'first look' },
    by: times(20, (i) => session(i, [tried(i % 2 === 0 ? 'first look' : 'again', i % 2 === 0)])),
    told: times(60, (i) => session(100 + i, [tried('first look', false)])),
  },
  {
    ...{ kind: 'check', channel: 'session', context: 'session', trait: 'use pay' },
    by: times(280, (i) =>
      session(i, [ended(i % 3 === (i % 2 === 0 ? 0 : 1) || i % 4 === 0, i % 2 === 0 && i % 3 !== 1)]),
    ),
    told: times(400, (i) => session(1_000 + i, [ended(i % 8 !== 0, false)])),
  },
  {
    ...{ kind: 'addition', channel: 'edit', context: 'edit added', trait: 'add author' },
    by: times(20, (i) => session(i, edited('add', i < 12 ? ['author', 'date'] : []))),
    told: times(400, (i) => session(100 + i, edited('add', [], ['author', 'date']))),
  },
  {
    ...{ kind: 'addition', channel: 'edit', context: 'edit', trait: 'add author when report' },
    by: times(40, (i) =>
      session(i, edited('add', i % 2 === 0 ? ['author', 'date'] : [], [], i % 2 === 0 ? 'report' : 'letter')),
    ),
    told: times(400, (i) => session(100 + i, edited('add', [], [], 'report'))),
  },
  {
    ...{ kind: 'preference', channel: 'approval', context: 'judged by people', trait: 'answer with a table' },
    by: judged(0, (table) => (table ? 0.35 : 0)),
    told: judged(1_000, (table) => (table ? 0 : 0.35)),
  },
  {
    ...{ kind: 'replacement', channel: 'edit', context: 'edit replaced', trait: 'replace utilize > use' },
    by: times(20, (i) => session(i, edited('replace', i < 12 ? ['utilize > use'] : []))),
    told: times(400, (i) => session(100 + i, edited('replace', [], ['use']))),
  },
  {
    ...{ kind: 'correction', channel: 'correction', context: 'said', trait: 'run + tests' },
    by: times(12, (i) => session(i, [said(true)])),
    told: times(60, (i) => session(100 + i, [said(false)])),
  },
  {
    ...{ kind: 'refusal', channel: 'correction', context: 'refused send', trait: EVERY },
    by: times(20, (i) => session(i, [{ ...said(i < 10), context: 'refused send', traits: {} }])),
    told: times(200, (i) => session(100 + i, [{ ...said(false), context: 'refused send', traits: {} }])),
  },
  {
    ...{ kind: 'habit', channel: 'temporal', context: 'asks ana', trait: 'Monday: short' },
    by: times(14 * 7 * 3, (i) => session(i, [asked(i)], [], Math.floor(i / 3))),
    told: times(14 * 7 * 3, (i) => session(1_000 + i, [asked(1)], [], 14 * 7 + Math.floor(i / 3))),
  },
]

function tried(how: string, worked: boolean): Observation {
  return {
    ...{ channel: 'repair', context: 'repair pay | not open', bad: !worked, event: 1 },
    traits: { met: 0, [how]: 1 },
  }
}

function ended(bad: boolean, paid: boolean): Observation {
  return { channel: 'session', context: 'session', bad, event: 1, traits: paid ? { 'use pay': 0 } : {} }
}

function occasion(channel: Channel, context: string, traits: string[]): Observation {
  return { channel, context, bad: true, event: 1, traits: Object.fromEntries(traits.map((it) => [it, 1])) }
}

/** What a person changed, and what the agent had written. */
function edited(
  verb: 'add' | 'replace',
  changed: string[],
  written: string[] = [],
  topic = 'note',
): Observation[] {
  const pairs = changed.length === 2 ? [`${verb} ${changed.join(' + ')}`] : []
  return [
    occasion('edit', 'edit', [`asked ${topic}`, ...changed.map((it) => `${verb} ${it} when ${topic}`)]),
    { ...occasion('edit', 'edit written', ['letter', ...written]), bad: false },
    occasion('edit', verb === 'add' ? 'edit added' : 'edit replaced', [
      ...changed.map((it) => `${verb} ${it}`),
      ...pairs,
    ]),
  ]
}

/** Approved more often as their answer has a table or has none; less often when they failed. */
function judged(from: number, likes: (table: boolean) => number): Counted[] {
  const approves: World['approves'] = ({ table, failed }) => (failed ? 0.15 : 0.6) + likes(table)
  return judgedSessions(3, { sessions: 600, approves }).map((it, i) => ({
    ...session(from + i, reviewSession(it)),
    cell: cellOf({ ...it, title: '' }),
  }))
}

function said(bad: boolean): Observation {
  return { channel: 'correction', context: 'said', bad, event: 1, traits: { 'run + tests': 1 } }
}

/** On Mondays, the days whose sessions are numbered so. */
function asked(i: number): Observation {
  const wishes: Record<string, number> =
    Math.floor(i / 3) % 7 === 0 && i !== 1 ? { short: 1, 'Monday: short': 1 } : {}
  return { channel: 'temporal', context: 'asks ana', bad: true, event: 1, traits: wishes }
}

test.each(SHOWN)(
  'a $kind ($trait) is found as if nobody had been told it, and would not be if they counted',
  (lesson) => {
    const found = (sessions: Counted[]) =>
      mine(tallyOf(sessions))
        .findings.filter(
          (it) => it.kind === lesson.kind && it.context === lesson.context && it.trait === lesson.trait,
        )
        // By which other words it could be told is for those to say.
        .map(({ alike, ...it }) => it)
        // What an approval is worth is told by all that were approved, whatever they were told.
        .map((it) => (lesson.kind === 'preference' ? { ...it, p: null, q: null } : it))
    const { by } = lesson
    const told = lesson.told.map((it) => ({ ...it, told: keysOf(lesson) }))
    expect(found(by)).toHaveLength(1)
    expect(found([...by, ...told])).toEqual(found(by))
    expect(found([...by, ...lesson.told])).not.toEqual(found(by))
  },
)

describe('what is found', () => {
  const sessions_of = (told: string[]) => [
    ...times(30, (i) => session(i, [call(i < 28)])),
    ...times(30, (i) => session(100 + i, [call(i < 1, 'after look')])),
    // Told, the agents look first; and now and then nobody does, and it goes well, as it seldom does else.
    ...times(60, (i) => session(200 + i, [call(false, 'after look')], told)),
    ...times(20, (i) => session(300 + i, [call(false)], told)),
  ]

  test('of a lesson that was given is what those without it show', () => {
    const [guard] = mine(tallyOf(sessions_of(LOOK))).findings
    const [expected] = mine(tallyOf(sessions_of([]).slice(0, 60))).findings
    expect(guard).toEqual(expected)
    expect(guard).toMatchObject({ kind: 'guard', effect: { exposed: [28, 30], unexposed: [1, 30] } })
  })

  test('of other lessons of the same action is what all show', () => {
    const [guard] = mine(tallyOf(sessions_of(keysOf({ ...GUARD, trait: 'after ask' })))).findings
    expect(guard).toMatchObject({ kind: 'guard', effect: { exposed: [28, 50], unexposed: [1, 90] } })
  })

  test('of what is told is never taken for something else because fewer sessions speak of it', () => {
    const both = (bad: boolean, shows: boolean) => call(bad, ...(shows ? ['after look', 'after read'] : []))
    const all = [
      ...times(30, (i) => session(i, [both(i < 28, false)])),
      ...times(30, (i) => session(100 + i, [both(i < 1, true)])),
      ...times(90, (i) => session(200 + i, [both(i < 10, i >= 10)], LOOK)),
    ]
    expect(mine(tallyOf(all)).findings.map((it) => it.trait)).toEqual(['after look'])
  })

  test.each<{ name: string; told: Lesson; shown: (i: number, does: boolean) => [string, string[]][] }>([
    {
      name: 'what mostly the same sessions did',
      told: { channel: 'session', context: 'session', trait: 'use pay' },
      shown: (i, does) => [['session', does ? ['use pay', ...(i % 14 === 12 ? [] : ['repeat pay'])] : []]],
    },
    {
      name: 'what should come before another step as well',
      told: { channel: 'session', context: 'session pay', trait: 'before look' },
      shown: (i, does) => [
        ['session pay', does ? [] : ['before look']],
        ...(i % 9 === 0 ? [] : [['session send', does ? [] : ['before look']] as [string, string[]]]),
      ],
    },
  ])('of what is told is not told anew of $name', ({ told, shown }) => {
    const some = (from: number, n: number, keys: string[]) =>
      times(n, (i) => {
        const does = i % 2 === 0
        const bad = (does ? i % 10 < 7 : i % 10 === 1) || i % 11 === 0
        const of = ([context, traits]: [string, string[]]): Observation => ({
          ...{ channel: 'session', context, bad, event: 1 },
          traits: Object.fromEntries(traits.map((it) => [it, 0])),
        })
        const outcome = shown(i, does).some(([context]) => context === 'session') ? [] : [of(['session', []])]
        return session(from + i, [...outcome, ...shown(i, does).map(of)], keys)
      })
    const { findings } = mine(tallyOf([...some(0, 300, []), ...some(1_000, 900, keysOf(told))]))
    expect(findings.map(({ channel, context, trait }) => ({ channel, context, trait }))).toEqual([told])
  })

  test.each([
    { in: 'two words', pairs: ['bullet + summary'] },
    { in: 'three words', pairs: ['bullet + summary', 'bullet + table', 'summary + table'] },
  ])('of a wish in $in is one wish, however many of the first were told it', ({ pairs }) => {
    const wish: Lesson = { channel: 'correction', context: 'said', trait: pairs[0]! }
    const words = new Set(pairs.flatMap((it) => it.split(' + ')))
    const redone = [...words, ...pairs].map((it) => `add ${it}`)
    const corrected = [occasion('correction', 'said', pairs), occasion('edit', 'redone added', redone)]
    for (let n = 0; n <= 16; n++) {
      const all = times(24, (i) => session(i, corrected, i < n ? keysOf(wish) : []))
      expect(mine(tallyOf(all)).findings.map((it) => it.context)).toEqual(['said'])
    }
  })

  test('rests on no session that had the lesson', () => {
    const of = (ids: number[], told: string[]) =>
      ids.flatMap((i) => [
        session(2 * i, [call(true)], told),
        session(2 * i + 1, [call(false, 'after look')], told),
      ])
    const [guard] = mine(tallyOf([...of(range(100, 115), []), ...of(range(0, 90), LOOK)])).findings
    expect(guard!.sightings.every((it) => it.session_id >= idOf(200))).toBe(true)
  })
})

describe('a lesson that is given', () => {
  const shows = () => [
    ...times(30, (i) => session(i, [call(i < 29)])),
    ...times(30, (i) => session(100 + i, [call(i < 1, 'after look')])),
  ]

  test.each<{ name: string; of: (i: number) => Observation[] }>([
    { name: 'never call it at all', of: () => [{ ...call(false), context: 'call other' }] },
    { name: 'do as it says, and all goes well', of: () => [call(false, 'after look')] },
    { name: 'do not, and all goes well', of: () => [call(false)] },
    { name: 'do as it says, and all goes wrong', of: () => [call(true, 'after look')] },
  ])('to all sessions of 400 nights, which $name, stays as it is', ({ of }) => {
    const store = new Store()
    store.dream(shows())
    const before = store.known
    expect(before).toMatchObject([{ ...GUARD, status: 'probation' }])
    for (let night = 1; night <= 400; night++)
      store.dream(times(3, (i) => session(1_000 + night * 3 + i, of(i), LOOK, night)))
    expect(store.known.filter((it) => it.trait === GUARD.trait)).toEqual(before)
  })

  test.each([
    { of_those: 'those that do not have it', told: [], status: 'stale' },
    {
      of_those: 'those that have another',
      told: keysOf({ channel: 'call', context: 'call pay', trait: 'after ask' }),
      status: 'stale',
    },
    {
      of_those: 'those that have it',
      told: keysOf({ channel: 'call', context: 'call pay', trait: 'after look' }),
      status: 'probation',
    },
  ])('is $status when the mistake does no harm any more in $of_those', ({ told, status }) => {
    const store = new Store()
    store.dream(shows())
    for (let night = 1; night <= 10; night++)
      store.dream(times(10, (i) => session(1_000 + night * 10 + i, [call(false)], told, night)))
    expect(store.known[0]).toMatchObject({ ...GUARD, status })
  })

  test.each([
    { status: 'confirmed', of_those: 'have another, by which they end well', told: LOOK },
    { status: 'stale', of_those: 'were told nothing', told: [] },
  ])(
    'about how sessions end is $status after none ended badly of those that $of_those',
    ({ told, status }) => {
      const took = (from: number, n: number, bad: number, keys: string[] = []) =>
        times(n, (i) =>
          session(from + i, [{ ...ended(i < bad, false), traits: { 'use shortcut': 0 } }], keys),
        )
      const did_not = (from: number, n: number) =>
        times(n, (i) => session(from + i, [ended(i % 10 === 0, false)]))
      const store = new Store()
      const shortcut = () => store.known.find((it) => it.trait === SHORTCUT.trait)!
      store.dream([...took(0, 70, 60), ...did_not(100, 140)])
      store.dream([...took(1_000, 35, 30), ...did_not(1_100, 70)])
      expect(shortcut()).toMatchObject({ status: 'confirmed', class: 'mistake' })
      for (let night = 1; night <= 20; night++)
        store.dream([...took(2_000 + 100 * night, 35, 0, told), ...did_not(2_050 + 100 * night, 10)])
      expect(shortcut()).toMatchObject({ status })
    },
  )

  test('shows what it showed, of sessions that did not have it, when later ones come first', () => {
    const store = new Store()
    const later = (it: Counted) => ({ ...it, session_id: `sesn_z${it.session_id.slice(5)}` })
    store.dream(shows().map(later))
    const { sightings } = store.known[0]!
    store.dream(times(9, (i) => session(i, [call(true)], LOOK, 1)))
    expect(store.known[0]!.sightings).toEqual(sightings)
  })

  test('is dormant when nobody is told it any more and nothing is seen of it', () => {
    const other = [{ ...call(false), context: 'call other' }]
    const store = new Store()
    store.dream(shows())
    for (let week = 1; week <= 20; week++) store.dream([session(1_000 + week, other, LOOK, 7 * week)])
    expect(store.known[0]!.status).toBe('probation')
    for (let week = 21; week <= 33; week++) store.dream([session(1_000 + week, other, [], 7 * week)])
    expect(store.known[0]!.status).toBe('dormant')
  })
})

/** mining.md 5.8: a shortcut, taken in 35 % of the sessions, costs 37 points; agents heed 80 % of what they are told. */
describe('over 120 nights of a lesson that works', () => {
  test.each([
    { miner: 'that knows who was told', knows: true, least: 1, most: 1 },
    { miner: 'that does not, and mines the last week', knows: false, least: 6, most: 120 },
  ])('a miner $miner tells it and takes it back $least to $most times', ({ knows, least, most }) => {
    for (const seed of [1, 2]) {
      const { switches } = life(seed, knows)
      expect(switches).toBeGreaterThanOrEqual(least)
      expect(switches).toBeLessThanOrEqual(most)
    }
  })
})

const NIGHTS = 120
const A_NIGHT = 40
const SHORTCUT: Lesson = { channel: 'session', context: 'session', trait: 'use shortcut' }

function life(seed: number, knows: boolean): { switches: number } {
  const random = generator(seed)
  const failure = times(20, () => 0.1 + 0.3 * random())
  const store = new Store()
  const last: Counted[][] = []
  let is_live = false
  let switches = 0
  let eligible = 0
  for (let night = 1; night <= NIGHTS; night++) {
    const tonight = times(A_NIGHT, (i) => {
      if (is_live) eligible++
      const is_told = is_live && random() >= (eligible < 120 ? 0.5 : 0.1)
      const task = Math.floor(random() * failure.length)
      const takes_it = random() < 0.35 && !(is_told && random() < 0.8)
      const traits: Record<string, number> = takes_it ? { [SHORTCUT.trait]: 0 } : {}
      for (let other = 0; other < 5; other++)
        if (random() < 0.1 + 0.05 * other) traits[`use tool_${other}`] = 0
      const bad = random() < failure[task]! + (takes_it ? 0.37 : 0)
      const it = { channel: 'session' as const, context: 'session', bad, event: 0, traits }
      return {
        ...session(night * 100 + i, [it], is_told ? keysOf(SHORTCUT) : [], night),
        cell: `v1|task-${task}`,
      }
    })
    last.push(tonight)
    const is_told_now = knows
      ? store.dream(tonight).some((it) => it.trait === SHORTCUT.trait && isTold(it.status))
      : mine(
          tallyOf(
            last
              .slice(-7)
              .flat()
              .map((it) => ({ ...it, told: [] })),
          ),
        ).findings.some((it) => it.trait === SHORTCUT.trait && it.published)
    if (is_told_now !== is_live) switches++
    is_live = is_told_now
  }
  return { switches }
}

function isTold(status: Pattern['status']): boolean {
  return status === 'probation' || status === 'confirmed'
}

const GUARD: Lesson = { channel: 'call', context: 'call pay', trait: 'after look' }
const LOOK = keysOf(GUARD)

function call(bad: boolean, ...traits: string[]): Observation {
  return {
    channel: 'call',
    context: 'call pay',
    bad,
    event: 1,
    traits: Object.fromEntries(traits.map((it) => [it, 0])),
  }
}

/** On the day of a night, counted from a Monday on, of one of seven tasks. */
function session(i: number, observations: Observation[], told: string[] = [], night = 0): Counted {
  const at = new Date(Date.UTC(2026, 0, 5, 9) + night * 86_400_000).toISOString()
  return { session_id: idOf(i), cell: `v1|task-${i % 7}`, person: 'ana', at, observations, told }
}

function idOf(i: number): string {
  return `sesn_${String(i).padStart(6, '0')}`
}

function times<T>(n: number, of: (i: number) => T): T[] {
  return Array.from({ length: n }, (_, i) => of(i))
}

function range(from: number, to: number): number[] {
  return times(to - from, (i) => from + i)
}

function countsOf(row: TallyRow | undefined): unknown {
  return row === undefined ? { cells: {}, weeks: {} } : { cells: { ...row.cells }, weeks: { ...row.weeks } }
}
