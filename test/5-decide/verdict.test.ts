import { describe, expect, test } from 'vitest'
import { type Judged, type Owned, verdictsOn } from '../../src/5-decide/verdict.ts'

const add: Judged = { operation: 'created', kind: 'add', path: '/mistakes/new.md' }
const change = (path: string): Judged => ({ operation: 'modified', kind: 'refresh', path })
const drop = (path: string): Judged => ({ operation: 'deleted', kind: 'stale', path })
/** `n` memories of Reverie, `/0.md` and so on, and one of a person. */
const store = (n: number): Owned[] => [
  ...Array.from({ length: n }, (_, i) => ({
    path: `/${i}.md`,
    created_by: 'dream:drm_1',
    content: `text ${i}`,
  })),
  { path: '/notes.md', created_by: 'user:ana', content: 'notes' },
]

describe('a change', () => {
  test.each<{ name: string; change: Judged; verdict: string; reason: string }>([
    { name: 'that adds a lesson', change: add, verdict: 'allow', reason: 'a memory of Reverie’s own' },
    {
      name: 'of a memory of Reverie',
      change: change('/1.md'),
      verdict: 'allow',
      reason: 'a memory of Reverie’s own',
    },
    {
      name: 'that drops one of eight',
      change: drop('/1.md'),
      verdict: 'allow',
      reason: 'a memory of Reverie’s own',
    },
    {
      name: 'of a person’s memory',
      change: change('/notes.md'),
      verdict: 'hold',
      reason: 'a person wrote this memory',
    },
    {
      name: 'that drops a person’s memory',
      change: drop('/notes.md'),
      verdict: 'hold',
      reason: 'a person wrote this memory',
    },
    {
      name: 'that puts a conflict between memories of Reverie',
      change: { ...change('/1.md'), kind: 'conflict' },
      verdict: 'hold',
      reason: 'which of two memories holds is for a person to say',
    },
    {
      name: 'that adds a lesson against what a person wrote',
      change: { ...add, kind: 'conflict' },
      verdict: 'hold',
      reason: 'which of two memories holds is for a person to say',
    },
    {
      name: 'that folds what stands elsewhere only in other words',
      change: { ...drop('/1.md'), kind: 'merge' },
      verdict: 'hold',
      reason: 'the same stands elsewhere, but not word for word',
    },
  ])('$name: $verdict', ({ change, verdict, reason }) => {
    expect(verdictsOn([change], store(7))).toEqual([{ verdict, verdict_reason: reason }])
  })
})

describe('a dream that drops', () => {
  test.each([
    { dropped: 2, of: 8, verdict: 'allow' },
    { dropped: 3, of: 8, verdict: 'hold' },
    { dropped: 1, of: 3, verdict: 'hold' },
    { dropped: 8, of: 8, verdict: 'hold' },
  ])('$dropped of $of memories: $verdict', ({ dropped, of, verdict }) => {
    const memories = store(of).slice(0, of)
    const verdicts = verdictsOn(
      Array.from({ length: dropped }, (_, i) => drop(`/${i}.md`)),
      memories,
    )
    expect(new Set(verdicts.map((it) => it.verdict))).toEqual(new Set([verdict]))
  })

  test('too much may still do the rest of its work, and says why not that', () => {
    const verdicts = verdictsOn([add, drop('/0.md'), change('/1.md')], store(1))
    expect(verdicts.map((it) => it.verdict)).toEqual(['allow', 'hold', 'allow'])
    expect(verdicts[1]!.verdict_reason).toBe('this dream would drop 1 of 2 memories, more than a quarter')
  })

  test('nothing has nothing to be judged', () => {
    expect(verdictsOn([], store(3))).toEqual([])
  })
})

test('a text that still stands elsewhere is not dropped: folding three equal memories into one is allowed', () => {
  const memories = store(3).map((it) => ({ ...it, content: 'old' }))
  const verdicts = verdictsOn([drop('/1.md'), drop('/2.md')], memories)
  expect(verdicts.map((it) => it.verdict)).toEqual(['allow', 'allow'])
})

test('of copies that are all to go, the last one is what would be lost', () => {
  const memories = store(3).map((it) => ({ ...it, content: 'old' }))
  const merges = ['/0.md', '/1.md', '/2.md'].map((path): Judged => ({ ...drop(path), kind: 'merge' }))
  const people_less = memories.filter((it) => it.path !== '/notes.md')
  expect(verdictsOn(merges, people_less).map((it) => it.verdict)).toEqual(['allow', 'allow', 'hold'])
})

test('what stands only in the index as well stands nowhere else: the index is made anew', () => {
  const index: Owned = { path: '/_index.md', created_by: 'dream:drm_1', content: 'text 1' }
  const [verdict] = verdictsOn([{ ...drop('/1.md'), kind: 'merge' }], [...store(8), index])

  expect(verdict!.verdict).toBe('hold')
})
