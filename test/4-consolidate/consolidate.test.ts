import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { consolidate, type Known, type Proposal } from '../../src/4-consolidate/consolidate.ts'
import { indexFile } from '../../src/4-consolidate/index-file.ts'
import { memoryFile } from '../../src/4-consolidate/memory-file.ts'
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
    { name: 'of people stay', memories: [theirs('/a.md', 'x'), theirs('/b.md', 'x')], gone: [] },
    {
      name: 'but for a space stay',
      memories: [ours('/a.md', 'x'), ours('/b.md', 'x '), ours('/c.md', 'X')],
      gone: [],
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

  test('look-alikes never fold', () => {
    const pairs = [
      ['The logo is purple.', 'The logo is cyan.'],
      ['PR 260 broke the build.', 'PR 480 broke the build.'],
      ['Alice is the CEO.', 'Sarah is the CTO.'],
    ]
    const memories = pairs.flat().map((text, i) => ours(`/notes/${i}.md`, text))
    expect(changes([], memories)).toEqual([])
  })
})

describe('the index', () => {
  const index = (memories: Known[], patterns: Pattern[] = []) =>
    consolidate(patterns, memories, DAY_2).find((it) => it.path === '/_index.md')

  test('comes with the first memory and tells of the changes made with it', () => {
    const [added] = changes([pattern(1)], [])
    expect(index([], [pattern(1)])).toMatchObject({
      operation: 'created',
      kind: 'add',
      after: indexFile([{ path: PATH, content: added!.after! }]),
    })
  })

  test('forgets what was folded away', () => {
    expect(index([ours('/a.md', 'x'), ours('/b.md', 'x')])!.after).not.toContain('/b.md')
  })

  test('of an empty store is none', () => {
    expect(consolidate([], [], DAY_2)).toEqual([])
  })

  test('of a person stays as it is', () => {
    expect(index([theirs('/_index.md', 'my own index'), ours('/a.md', 'x')])).toBeUndefined()
  })

  test('that somebody spoiled is made again', () => {
    expect(index([ours('/_index.md', 'spoiled'), ours('/a.md', 'x')])).toMatchObject({
      kind: 'refresh',
      before: 'spoiled',
    })
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

  test('consolidating again changes nothing, on 730 nights', () => {
    fc.assert(
      fc.property(patterns, memories, (patterns, memories) => {
        let store = applied(memories, consolidate(patterns, memories, DAY_1))
        const first = structuredClone(store)
        for (let night = 0; night < 730; night++) {
          const day = new Date(Date.UTC(2026, 10, 4 + night)).toISOString().slice(0, 10)
          const again = consolidate(patterns, store, day)
          if (again.length > 0) store = applied(store, again)
          expect(again).toEqual([])
        }
        expect(store).toEqual(first)
      }),
      { numRuns: 20 },
    )
    fc.assert(
      fc.property(patterns, memories, (patterns, memories) => {
        const store = applied(memories, consolidate(patterns, memories, DAY_1))
        expect(consolidate(patterns, store, DAY_2)).toEqual([])
      }),
      { numRuns: 1_000 },
    )
  })

  test('what people wrote is not touched, no path is changed twice, and no text is lost', () => {
    fc.assert(
      fc.property(patterns, memories, (patterns, memories) => {
        const proposed = consolidate(patterns, memories, DAY_1)
        const store = applied(memories, proposed)
        for (const it of memories.filter((it) => it.created_by.startsWith('user:')))
          expect(store).toContainEqual(it)
        expect(new Set(proposed.map((it) => it.path)).size).toBe(proposed.length)
        for (const it of proposed.filter((it) => it.operation === 'deleted'))
          expect(memories.filter((other) => other.content === it.before).length).toBeGreaterThan(1)
        const kept = new Set(store.map((it) => it.content))
        const rewritten = new Set(proposed.filter((it) => it.operation === 'modified').map((it) => it.before))
        for (const it of memories) expect(kept.has(it.content) || rewritten.has(it.content)).toBe(true)
      }),
      { numRuns: 1_000 },
    )
  })
})

/** The changes to memories: the index has its own tests. */
function changes(patterns: Pattern[], memories: Known[]): Proposal[] {
  return consolidate(patterns, memories, DAY_2).filter((it) => it.path !== '/_index.md')
}

/** The store after all changes, each made only where what it was proposed against still stands. */
function applied(memories: Known[], changes: Proposal[]): Known[] {
  const store = new Map(memories.map((it) => [it.path, it]))
  for (const { path, before, after } of changes) {
    expect(store.get(path)?.content ?? null).toBe(before)
    if (after === null) store.delete(path)
    else
      store.set(path, {
        ...ours(path, after),
        created_at: store.get(path)?.created_at ?? '2026-11-03T03:00:00Z',
      })
  }
  return [...store.values()].sort((a, b) => (a.path < b.path ? -1 : 1))
}
