import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { consolidate, type Earlier, type Known, type Proposal } from '../../src/4-consolidate/consolidate.ts'
import { memoryFile } from '../../src/4-consolidate/memory-file.ts'
import { parsePolicy } from '../../src/5-decide/policy-file.ts'
import { verdictsOn } from '../../src/5-decide/verdict.ts'
import { besideWaiting } from '../../src/5-decide/waiting.ts'
import { sha256 } from '../../src/domain/id.ts'
import type { Pattern } from '../../src/domain/pattern.ts'
import { ours, pattern, theirs } from './patterns.ts'

const DAY_1 = '2026-11-03'
const DAY_2 = '2026-11-20'
const PATH = '/mistakes/get-before-update_1.md'
const written = (status: Pattern['status'] = 'probation') => memoryFile(pattern(1, { status }), DAY_1)

describe('a lesson', () => {
  test('without a memory is added, in the folder of its class', () => {
    expect(changes([pattern(1), pattern(2, { class: 'practice' })], [])).toMatchObject([
      {
        operation: 'created',
        kind: 'add',
        path: PATH,
        before: null,
        before_sha256: null,
        after: memoryFile(pattern(1), DAY_2),
        reason: 'New lesson: Call `get` before `update_1`.',
        pattern_ids: [pattern(1).id],
      },
      { kind: 'add', path: '/practices/get-before-update_2.md' },
    ])
  })

  test('with a memory is refreshed in its place when its words differ, and keeps the day it was learned', () => {
    const grown = pattern(1, { why: 'Without it 30 of 30 failed.' })
    expect(changes([grown], [ours('/moved/by/hand.md', written())])).toEqual([
      {
        operation: 'modified',
        kind: 'refresh',
        path: '/moved/by/hand.md',
        before: written(),
        before_sha256: sha256(written()),
        after: memoryFile(grown, DAY_1),
        reason: 'Newer evidence: Without it 30 of 30 failed.',
        pattern_ids: [grown.id],
      },
    ])
  })

  test('that stopped holding is marked, not deleted', () => {
    expect(changes([pattern(1, { status: 'stale' })], [ours(PATH, written())])).toMatchObject([
      {
        operation: 'modified',
        kind: 'stale',
        before: written(),
        after: written('stale'),
        reason: 'No longer supported: Call `get` before `update_1`.',
      },
    ])
  })

  test('that holds again is told again', () => {
    expect(changes([pattern(1)], [ours(PATH, written('stale'))])).toMatchObject([
      { kind: 'refresh', before: written('stale'), after: written() },
    ])
  })

  test.each<{ name: string; status: Pattern['status']; memories: Known[] }>([
    { name: 'is only a candidate', status: 'candidate', memories: [] },
    { name: 'is only a candidate again', status: 'candidate', memories: [ours(PATH, written('stale'))] },
    { name: 'was never told before it went stale', status: 'stale', memories: [] },
    { name: 'went stale before', status: 'stale', memories: [ours(PATH, written('stale'))] },
    { name: 'says what it said', status: 'probation', memories: [ours(PATH, written())] },
    {
      name: 'was edited by a person',
      status: 'stale',
      memories: [theirs(PATH, `${written()}\nBut not on Fridays.\n`)],
    },
  ])('that $name changes nothing', ({ status, memories }) => {
    expect(changes([pattern(1, { status })], memories)).toEqual([])
  })

  test('that a person copied is refreshed where Reverie wrote it', () => {
    const grown = pattern(1, { why: 'Without it 30 of 30 failed.' })
    const memories = [
      theirs('/a.md', `${written()}Mine.\n`),
      ours(PATH, written()),
      theirs('/z.md', `${written()}Too.\n`),
    ]
    expect(changes([grown], memories).map((it) => it.path)).toEqual([PATH])
  })

  test('finds another path when its own is taken', () => {
    const [one, two, three] = [1, 2, 3].map((n) => pattern(n, { name: 'same' }))
    expect(changes([one!, two!, three!], [theirs('/mistakes/same.md', 'mine')]).map((it) => it.path)).toEqual(
      ['/mistakes/same-2.md', '/mistakes/same-3.md', '/mistakes/same-4.md'],
    )
  })
})

describe('byte-identical memories', () => {
  const [early, late] = ['2026-11-01T03:00:00Z', '2026-11-02T03:00:00Z']

  test.each<{ name: string; memories: Known[]; gone: string[] }>([
    {
      name: 'fold into the oldest',
      memories: [ours('/a.md', 'x', late), ours('/b.md', 'x', early), ours('/c.md', 'x', late)],
      gone: ['/a.md', '/c.md'],
    },
    {
      name: 'of one age fold into the first path',
      memories: [ours('/b.md', 'x'), ours('/a.md', 'x')],
      gone: ['/b.md'],
    },
    {
      name: 'fold into the one of a person, however young',
      memories: [ours('/a.md', 'x', early), theirs('/b.md', 'x', late)],
      gone: ['/a.md'],
    },
    { name: 'of the index are no matter', memories: [ours('/a.md', 'x'), ours('/_index.md', 'x')], gone: [] },
  ])('$name', ({ memories, gone }) => {
    const folded = changes([], memories)
    expect(folded.map((it) => it.path)).toEqual(gone)
    for (const it of folded)
      expect(it).toMatchObject({ operation: 'deleted', kind: 'merge', before: 'x', after: null })
  })

  test('say where the text still stands', () => {
    expect(changes([], [ours('/a.md', 'x'), ours('/b.md', 'x')])[0]!.reason).toBe(
      'The same text stands in /a.md',
    )
  })

  test('of a lesson fold, and the one that stays is refreshed', () => {
    const grown = pattern(1, { why: 'Without it 30 of 30 failed.' })
    const memories = [ours('/a.md', written(), late), ours('/b.md', written(), early)]
    expect(changes([grown], memories).map((it) => [it.kind, it.path])).toEqual([
      ['merge', '/a.md'],
      ['refresh', '/b.md'],
    ])
  })
})

describe('memories that say nearly the same', () => {
  test.each<{ name: string; memories: Known[]; asked: [string, string][] }>([
    {
      name: 'of Reverie: may the second go',
      memories: [ours('/a.md', 'Run the tests.'), ours('/b.md', 'run tests')],
      asked: [],
    },
    {
      name: 'of Reverie, for a trifle of many words: may the second go',
      memories: [
        ours('/a.md', 'Run the tests before you push.'),
        ours('/b.md', 'Run the tests before you push!'),
      ],
      asked: [['merge', '/b.md']],
    },
    {
      name: 'of Reverie and a person: may that of Reverie go',
      memories: [
        ours('/a.md', 'Run the tests before you push.'),
        theirs('/b.md', 'Run the tests before you push!'),
      ],
      asked: [['merge', '/a.md']],
    },
    {
      name: 'of people: may one be marked as a copy',
      memories: [theirs('/a.md', 'Be kind.'), theirs('/b.md', 'Be kind.')],
      asked: [['conflict', '/b.md']],
    },
    {
      name: 'for different people: nothing',
      memories: [
        theirs('/a.md', '---\nscope: { agent: desk, person: ana }\n---\nBe kind.'),
        theirs('/b.md', '---\nscope: { agent: desk, person: bo }\n---\nBe kind.'),
      ],
      asked: [],
    },
    {
      name: 'as older copies of one lesson: may they go',
      memories: [ours('/a.md', written()), ours('/b.md', memoryFile(pattern(1, { why: 'Earlier.' }), DAY_1))],
      asked: [['merge', '/b.md']],
    },
  ])('$name', ({ memories, asked }) => {
    const found = changes([], memories)
    expect(found.map((it) => [it.kind, it.path])).toEqual(asked)
    expect(verdictsOn(found, judging(memories)).map((it) => it.verdict)).toEqual(asked.map(() => 'hold'))
    expect(changes([], memories.toReversed())).toEqual(found)
  })

  test('a copy that is marked stays whole', () => {
    const [copy] = changes(
      [],
      [
        theirs('/a.md', '# Tone\n\nBe kind to everybody.\n'),
        theirs('/b.md', 'Tone\n\nBe kind to everybody!\n'),
      ],
    )
    expect(copy).toMatchObject({
      operation: 'modified',
      before: 'Tone\n\nBe kind to everybody!\n',
      after: 'Copy: /a.md says the same.\n\nTone\n\nBe kind to everybody!\n',
    })
  })

  test('look-alikes are let be, or put to a person where they exclude each other; they never fold', () => {
    const pairs = [
      ['PR 260 broke the build.', 'PR 480 broke the build.'],
      ['Alice is the CEO.', 'Sarah is the CTO.'],
      ['We chose SQLite for the store.', 'We chose bge for the embedder.'],
      ['The logo is purple.', 'The logo is cyan.'],
    ]
    const memories = pairs.flat().map((text, i) => ours(`/notes/${i}.md`, text))
    expect(changes([], memories).map((it) => [it.kind, it.path])).toEqual([['conflict', '/notes/7.md']])
  })
})

describe('memories that contradict each other', () => {
  const lesson = pattern(1)
  const never = 'Never call `get` before `update_1`.'

  test('of people stay both; approving only marks one', () => {
    const memories = [
      theirs('/notes/ports.md', '# Ports\n\nThe server listens on port 8080.\n'),
      theirs(
        '/notes/setup.md',
        '---\ntitle: Setup\n---\nRead this first. The server listens on port 9090.\n',
      ),
    ]
    expect(changes([], memories)).toEqual([
      {
        operation: 'modified',
        kind: 'conflict',
        path: '/notes/setup.md',
        before: memories[1]!.content,
        before_sha256: sha256(memories[1]!.content),
        after:
          '---\ntitle: Setup\n---\nConflict: /notes/ports.md says "The server listens on port 8080."\n\nRead this first. The server listens on port 9090.\n',
        reason:
          'It contradicts /notes/ports.md: here "The server listens on port 9090.", there "The server listens on port 8080." (they give different numbers).\n' +
          'No sessions are counted for either: /notes/ports.md is a person’s word; /notes/setup.md is a person’s word. Approve to keep both, with a mark here that says so; or change one of the two.',
        pattern_ids: [],
      },
    ])
  })

  test('as a new lesson and a person’s word: the lesson waits, and the question says what speaks for each', () => {
    const [asked, ...others] = changes([lesson], [theirs('/notes/calls.md', never)])
    expect(others).toEqual([])
    expect(asked).toMatchObject({
      operation: 'created',
      kind: 'conflict',
      path: PATH,
      before: null,
      pattern_ids: [lesson.id],
    })
    expect(asked!.after).toBe(
      memoryFile(lesson, DAY_2, { marks: [`Conflict: /notes/calls.md says "${never}"`], also: [] }),
    )
    expect(asked!.reason).toContain(
      `Better supported is ${PATH}: ${PATH} rests on 12 sessions, read off the tool calls; /notes/calls.md is a person’s word.`,
    )
    expect(consolidate([lesson], [theirs('/notes/calls.md', never)], DAY_2).at(-1)!.after).not.toContain(PATH)
  })

  test('as an older memory of Reverie and a person’s newer word: the question is put on that of Reverie, and newer is no reason', () => {
    const [early, late] = ['2026-11-01T03:00:00Z', '2026-11-02T03:00:00Z']
    const store = (one: string, other: string) => [
      ours(PATH, written(), one),
      theirs('/notes/calls.md', never, other),
    ]
    const asked = changes([lesson], store(early, late))
    expect(asked).toMatchObject([{ kind: 'conflict', path: PATH, before: written() }])
    expect(changes([lesson], store(late, early))).toEqual(asked)
  })

  test('of Reverie: the weaker one is marked', () => {
    const weak = pattern(1, { tier: 'people', channel: 'correction', sessions: 40 })
    const strong = pattern(2, { text: never, tier: 'process', sessions: 12 })
    const asked = changes([weak, strong], [])
    expect(asked.map((it) => [it.kind, it.path])).toEqual([
      ['add', '/mistakes/get-before-update_2.md'],
      ['conflict', PATH],
    ])
    expect(asked[1]!.reason).toContain('Better supported is /mistakes/get-before-update_2.md')
  })

  test('of Reverie and as strong as each other: neither is called better', () => {
    const asked = changes([pattern(1), pattern(2, { text: never })], [])
    expect(asked.filter((it) => it.kind === 'conflict')).toHaveLength(1)
    expect(asked.find((it) => it.kind === 'conflict')!.reason).toContain(
      'Neither is clearly better supported',
    )
  })

  test('for different people are no conflict', () => {
    const ana = pattern(1, { scope: { agent: 'desk', person: 'Ana' } })
    expect(changes([ana, pattern(2, { text: never })], []).map((it) => [it.kind, it.path])).toEqual([
      ['add', '/people/ana/mistakes/get-before-update_1.md'],
      ['add', '/mistakes/get-before-update_2.md'],
    ])
  })

  test('are not told of again once they were asked about, whatever the person said', () => {
    const memories = [ours(PATH, written()), theirs('/notes/calls.md', never)]
    const asked = changes([lesson], memories)
    expect(consolidate([lesson], memories, DAY_2, earlier(asked))).toEqual([])
    const grown = pattern(1, { why: 'Without it 30 of 30 failed.', sessions: 30 })
    expect(consolidate([grown], memories, DAY_2, earlier(asked)).map((it) => it.kind)).toEqual(['refresh'])
    const other = [memories[0]!, theirs('/notes/calls.md', 'Do not call `get` before `update_1`, ever.')]
    expect(consolidate([lesson], other, DAY_2, earlier(asked)).map((it) => it.kind)).toContain('conflict')
  })

  test('and are marked are done with, until the other one changes its mind', () => {
    const marks = [`Conflict: /notes/calls.md says "${never}"`]
    const settled = memoryFile(lesson, DAY_1, { marks, also: [] })
    expect(changes([lesson], [ours(PATH, settled), theirs('/notes/calls.md', never)])).toEqual([])
    expect(changes([lesson], [ours(PATH, settled), theirs('/notes/calls.md', 'Be kind.')])).toMatchObject([
      { kind: 'refresh', after: written() },
    ])
  })

  test('and no longer count are let be', () => {
    expect(
      changes([pattern(1, { status: 'stale' })], [ours(PATH, written('stale')), theirs('/a.md', never)]),
    ).toEqual([])
  })

  test('are put to a person a few at a time, in the same order from whatever side they are looked at', () => {
    const memories = Array.from({ length: 30 }, (_, i) => [
      theirs(`/a/${i}.md`, `Deploy service s${i} on Fridays.`),
      theirs(`/b/${i}.md`, `Never deploy service s${i} on Fridays.`),
    ]).flat()
    const first = changes([], memories)
    expect(first).toHaveLength(12)
    expect(changes([], memories.toReversed())).toEqual(first)
    const second = consolidate([], memories, DAY_2, earlier(first)).filter((it) => it.kind === 'conflict')
    expect(second).toHaveLength(12)
    expect(second.map((it) => it.path).filter((it) => first.some((other) => other.path === it))).toEqual([])
  })
})

describe('what is not to be done', () => {
  test.each<Partial<Pattern>>([
    { tier: 'marker' },
    { status: 'disputed' },
    { status: 'dormant' },
    { status: 'retired' },
  ])('%o is never proposed as a lesson', (of) => expect(changes([pattern(1, of)], [])).toEqual([]))

  test.each<{ of: Partial<Pattern>; reason: string }>([
    { of: { status: 'disputed', tier: 'people' }, reason: 'Approved by people but judged wrong: Call' },
    { of: { status: 'disputed' }, reason: 'As much speaks for the opposite: Call' },
    { of: { status: 'dormant' }, reason: 'Not seen for three months: Call' },
    { of: { status: 'retired' }, reason: 'Followed, and it did not help: Call' },
    { of: { tier: 'marker' }, reason: 'No longer supported: Call' },
  ])('$reason…', ({ of, reason }) => {
    const [change] = changes([pattern(1, of)], [ours(PATH, written())])
    expect(change).toMatchObject({ kind: 'stale', path: PATH })
    expect(change!.reason).toContain(reason)
  })

  test('two lessons that say the opposite of the same, as strongly, are disputed', () => {
    const effect = { ...pattern(1).effect, odds_ratio: 1 / 200, low: 1 / 900, high: 1 / 9 }
    const [one, other] = [pattern(1), { ...pattern(1, { effect }), id: pattern(2).id }]
    expect(changes([one!, other!], [])).toEqual([])
    expect(changes([one!, other!], [ours(PATH, written())])).toMatchObject([{ kind: 'stale', path: PATH }])
  })
})

describe('a lesson that', () => {
  test('a person has written down is not written again', () => {
    expect(
      changes(
        [pattern(1)],
        [theirs('/notes/calls.md', '# Calls\n\n- Please call `get` before `update_1`!\n')],
      ),
    ).toEqual([])
  })

  test('somebody wrote down for one person only is', () => {
    const ana = theirs(
      '/a.md',
      '---\nscope: { agent: desk, person: ana }\n---\nCall `get` before `update_1`.',
    )
    expect(changes([pattern(1)], [ana]).map((it) => it.kind)).toEqual(['add'])
  })

  test.each([
    { person: 'Ana Lopez', folder: 'ana-lopez' },
    { person: 'ana@acme.example', folder: 'ana-acme-example' },
    { person: '../../etc', folder: 'etc' },
    { person: '李雷', folder: '李雷' },
    { person: '??', folder: `person-${sha256('??').slice(0, 8)}` },
    { person: 'x'.repeat(90), folder: 'x'.repeat(60) },
  ])('is of $person only stands in the folder of that person', ({ person, folder }) => {
    expect(changes([pattern(1, { scope: { agent: 'desk', person } })], [])[0]!.path).toBe(
      `/people/${folder}/mistakes/get-before-update_1.md`,
    )
  })

  test('rests on the same sessions as another one shares its memory, and loses no number', () => {
    const sightings = [1, 2, 3, 4, 5, 6].map((it) => ({ session_id: `sesn_${it}`, event: 1 }))
    const seen = (n: number) =>
      pattern(n, { context: 'session', trait: `use ${n}`, sightings, why: `Failed in ${n}7 of 90.` })
    const [change, ...others] = changes([seen(1), seen(2)], [])
    expect(others).toEqual([])
    expect(change).toMatchObject({ kind: 'add', path: PATH, pattern_ids: [seen(1).id, seen(2).id] })
    expect(change!.after).toContain(
      'Also, in the same sessions: Call `get` before `update_2`. Failed in 27 of 90.',
    )
    const store = applied([], [change!])
    expect(changes([seen(1), seen(2)], store)).toEqual([])
  })
})

test('the index is nobody’s change', () => {
  expect(consolidate([], [], DAY_2)).toEqual([])
  for (const index of [ours('/_index.md', 'spoiled'), theirs('/_index.md', 'my own index')])
    expect(consolidate([], [index, ours('/a.md', 'x')], DAY_2)).toEqual([])
})

describe('a lesson that waits for a decision', () => {
  const [waiting] = consolidate([pattern(1)], [], DAY_1)
  const nights = { asked: [], waiting: [waiting!] }

  test('is proposed word for word the same on a later day', () => {
    expect(consolidate([pattern(1)], [], DAY_2, nights)).toEqual([waiting])
  })

  test('keeps its place and its day when its numbers grow', () => {
    const grown = pattern(1, { why: 'Without it 30 of 30 failed.', name: 'another-name' })
    expect(consolidate([grown], [], DAY_2, nights)).toMatchObject([
      { kind: 'add', path: PATH, after: memoryFile(grown, DAY_1) },
    ])
  })

  test('leaves its place to nobody else', () => {
    const other = pattern(2, { name: pattern(1).name })
    expect(consolidate([other], [], DAY_2, nights).map((it) => it.path)).toEqual([
      PATH.replace('.md', '-2.md'),
    ])
  })
})

describe('whatever stands in the store', () => {
  const text = fc.oneof(
    fc.constantFrom(
      'x',
      'y',
      '',
      '---\npattern: pat_1\n---\n',
      written(),
      written('stale'),
      memoryFile(pattern(2), DAY_1),
    ),
    fc.string({ unit: 'grapheme', maxLength: 40 }),
  )
  const memory = fc
    .tuple(
      fc.constantFrom(PATH, '/mistakes/get-before-update_2.md', '/a.md', '/b.md', '/c/d.md', '/_index.md'),
      text,
      fc.constantFrom('2026-11-01T03:00:00Z', '2026-11-02T03:00:00Z'),
      fc.boolean(),
    )
    .map(([path, content, at, is_ours]) => (is_ours ? ours(path, content, at) : theirs(path, content, at)))
  const memories = fc.uniqueArray(memory, { selector: (it) => it.path, maxLength: 6 })
  const patterns = fc.uniqueArray(
    fc
      .tuple(
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom('candidate', 'probation', 'stale'),
        fc.constantFrom('get-before-update_1', 'other'),
        fc.constantFrom('w', 'v'),
      )
      .map(([n, status, name, why]) => pattern(n, { status: status as Pattern['status'], name, why })),
    { selector: (it) => it.id },
  )

  test('dreaming again changes nothing and asks nothing, on 730 nights', () => {
    fc.assert(
      fc.property(patterns, memories, (patterns, memories) => {
        let night = dreamt(patterns, memories, [], DAY_1)
        const first = structuredClone(night)
        for (let n = 0; n < 730; n++) {
          const day = new Date(Date.UTC(2026, 10, 4 + n)).toISOString().slice(0, 10)
          night = dreamt(patterns, night.store, night.asked, day)
          expect(night.asked).toEqual(first.asked)
        }
        expect(night).toEqual(first)
      }),
      { numRuns: 10 },
    )
    fc.assert(
      fc.property(patterns, memories, (patterns, memories) => {
        const { store, asked } = dreamt(patterns, memories, [], DAY_1)
        expect(dreamt(patterns, store, asked, DAY_2)).toEqual({ store, asked })
      }),
      { numRuns: 1_000 },
    )
  })

  test('when everything that was asked is approved, there is nothing left to ask', () => {
    fc.assert(
      fc.property(patterns, memories, (patterns, memories) => {
        const { store, asked } = dreamt(patterns, memories, [], DAY_1)
        const approved = applied(store, asked)
        const settled = dreamt(patterns, approved, [], DAY_2)
        expect(settled.asked).toEqual([])
        expect(consolidate(patterns, settled.store, DAY_2)).toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })

  test('the order of patterns and memories changes nothing', () => {
    fc.assert(
      fc.property(patterns, memories, fc.func(fc.integer()), (patterns, memories, by) => {
        const shuffled = memories.toSorted((a, b) => by(a.path) - by(b.path))
        expect(consolidate(patterns, shuffled, DAY_1)).toEqual(
          consolidate(
            patterns,
            memories.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
            DAY_1,
          ),
        )
      }),
      { numRuns: 1_000 },
    )
  })

  test('what people wrote is only asked about, no path is changed twice, and no text is lost', () => {
    fc.assert(
      fc.property(patterns, memories, (patterns, memories) => {
        const proposed = consolidate(patterns, memories, DAY_1)
        const { store } = dreamt(patterns, memories, [], DAY_1)
        const people = memories.filter((it) => it.created_by.startsWith('user:'))
        for (const it of people) expect(store).toContainEqual(it)
        for (const it of proposed.filter((it) => people.some((other) => other.path === it.path)))
          expect(it.kind).toBe('conflict')
        for (const it of proposed.filter((it) => people.some((other) => other.path === it.path)))
          expect(it.after!.replaceAll(/^(?:Conflict|Copy): .*\n\n/gm, '')).toBe(it.before)
        expect(new Set(proposed.map((it) => it.path)).size).toBe(proposed.length)
        const kept = new Set(store.map((it) => it.content))
        const rewritten = new Set(proposed.filter((it) => it.operation === 'modified').map((it) => it.before))
        for (const it of memories) expect(kept.has(it.content) || rewritten.has(it.content)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})

/** A dream: what the policy allows is done, the rest is asked. */
function dreamt(
  patterns: Pattern[],
  memories: Known[],
  before: Proposal[],
  day: string,
): { store: Known[]; asked: Proposal[] } {
  const waiting = before.map((it) => ({ ...it, status: 'undecided' as const }))
  const tonight = besideWaiting(consolidate(patterns, memories, day, earlier(before)), waiting)
  expect(tonight.superseded).toEqual([])
  const proposed = tonight.fresh
  const verdicts = verdictsOn(proposed, judging(memories, patterns))
  return {
    store: applied(
      memories,
      proposed.filter((_, i) => verdicts[i]!.verdict === 'allow'),
    ),
    asked: [...before, ...proposed.filter((_, i) => verdicts[i]!.verdict === 'hold')],
  }
}

function changes(patterns: Pattern[], memories: Known[]): Proposal[] {
  return consolidate(patterns, memories, DAY_2)
}

const trusting = parsePolicy(
  readFileSync(new URL('../../examples/policies/trusting.yaml', import.meta.url), 'utf8'),
)

/** By a policy that lets all go live that is Reverie's own. */
function judging(memories: Known[], patterns: Pattern[] = []) {
  return { memories, patterns, agent: 'desk', policy: trusting }
}

/** What was proposed before, and is not live. */
function earlier(proposed: Proposal[]): Earlier {
  return { asked: proposed, waiting: proposed }
}

/** The store after all changes, each made only where what it was proposed against still stands. */
function applied(memories: Known[], changes: Proposal[]): Known[] {
  const store = new Map(memories.map((it) => [it.path, it]))
  for (const { path, before, after } of changes) {
    expect(store.get(path)?.content ?? null).toBe(before)
    if (after === null) store.delete(path)
    else
      store.set(path, {
        // A person's memory that is marked with that person's word stays that person's.
        ...(store.get(path)?.created_by.startsWith('user:') ? theirs(path, after) : ours(path, after)),
        created_at: store.get(path)?.created_at ?? '2026-11-03T03:00:00Z',
      })
  }
  return [...store.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}
