import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Known } from '../../src/4-consolidate/consolidate.ts'
import { memoryFile } from '../../src/4-consolidate/memory-file.ts'
import {
  type AdviceAnswer,
  type AdviceGround,
  adviceQuestion,
  operationsIn,
} from '../../src/4-consolidate/model-advice.ts'
import type { Refused } from '../../src/4-consolidate/operation.ts'
import { NO_STEERING, readInstructions } from '../../src/4-consolidate/steering.ts'
import { sha256 } from '../../src/domain/id.ts'
import type { Pattern } from '../../src/domain/pattern.ts'
import { ours, pattern, theirs } from './patterns.ts'

const DAY = '2026-11-03'
const memoryOf = (it: Pattern) => ours(`/mistakes/${it.name}.md`, memoryFile(it, DAY))
const added = (it: Pattern) => ({
  operation: 'created' as const,
  path: `/mistakes/${it.name}.md`,
  pattern_ids: [it.id],
})
const NOTE = theirs('/notes/team.md', 'Greet everybody.\n')

function ground(of: Partial<AdviceGround> = {}): AdviceGround {
  return {
    patterns: [pattern(1), pattern(2)],
    memories: [memoryOf(pattern(1)), NOTE],
    proposals: [added(pattern(2))],
    waiting: [],
    written: [],
    steering: NO_STEERING,
    ...of,
  }
}

describe('nothing is asked', () => {
  test.each<{ name: string; of: Partial<AdviceGround> }>([
    {
      name: 'when nothing is proposed that was not, and nobody wrote',
      of: { proposals: [], waiting: [added(pattern(2))] },
    },
    { name: 'when there is no lesson', of: { patterns: [], proposals: [], written: [NOTE.path] } },
    { name: 'when there is but one text', of: { patterns: [pattern(2)], memories: [] } },
    {
      name: 'when no lesson is told',
      of: { patterns: [pattern(1, { status: 'candidate' }), pattern(2, { tier: 'marker' })] },
    },
  ])('$name', ({ of }) => expect(adviceQuestion(ground(of))).toBeNull())

  test('but when somebody wrote a memory since', () => {
    expect(adviceQuestion(ground({ proposals: [], written: [NOTE.path] }))).not.toBeNull()
  })
})

describe('the question', () => {
  test('shows each lesson and each memory once, with its id, where it stands and whose it is', () => {
    const { prompt, shown } = adviceQuestion(ground())!
    const ids = shown.map((it) => it.id)
    expect(ids).toEqual([
      expect.stringMatching(/^p1\.\w{8}$/),
      expect.stringMatching(/^p2\.\w{8}$/),
      `m1.${sha256(NOTE.content).slice(0, 8)}`,
    ])
    expect(prompt).toContain(
      `id="${ids[0]}" lesson, not yet a memory>\n${pattern(2).text}\n${pattern(2).why}\n`,
    )
    expect(prompt).toContain(
      `id="${ids[1]}" lesson, at /mistakes/get-before-update_1.md>\n${pattern(1).text}\n`,
    )
    expect(prompt).toContain(`id="${ids[2]}" memory, at /notes/team.md, read only>\nGreet everybody.\n`)
  })

  test('is the same whatever the order of what is known, so that its answer is known too', () => {
    const { patterns, memories } = ground()
    const turned = ground({ patterns: patterns.toReversed(), memories: memories.toReversed() })
    expect(adviceQuestion(turned)).toEqual(adviceQuestion(ground()))
  })

  test('has what somebody asked for in words, and who asked for nothing is not there', () => {
    const steering = readInstructions('Be kind. Focus on refunds. Keep /notes/team.md unchanged.')
    const { prompt } = adviceQuestion(ground({ steering }))!
    expect(prompt).toMatch(
      /<wish-\w{8} [\s\S]*refund[\s\S]*\/notes\/team\.md[\s\S]*In their words: Be kind\n<\/wish-/,
    )
    expect(adviceQuestion(ground())!.prompt).not.toContain('<wish-')
  })

  test('says how many texts are not shown, the nearest to what is new being shown first', () => {
    const far = Array.from({ length: 200 }, (_, i) =>
      theirs(`/notes/${i}.md`, `Note number ${i} on gardens.\n`),
    )
    const near = theirs('/notes/z.md', 'Run `get` and then `update_2` at night.\n')
    const { prompt, left_out } = adviceQuestion(ground({ memories: [...far, near] }))!
    expect(prompt).toContain('`update_2` at night')
    expect(left_out).toEqual([expect.stringMatching(/^\d+ more texts are not shown\.$/)])
    expect(prompt).toContain(left_out[0])
  })

  test('shows of a long text how much of it is left out', () => {
    const long = theirs('/notes/long.md', 'Greet everybody. '.repeat(1_000))
    const { prompt, left_out } = adviceQuestion(ground({ memories: [long] }))!
    expect(prompt).toMatch(/\[the other \d+ characters are left out\]/)
    expect(left_out).toEqual(['Of the text at /notes/long.md the end is not shown.'])
  })

  test('is bounded, whatever there is', () => {
    const patterns = Array.from({ length: 300 }, (_, i) => pattern(i, { why: 'Long reasons. '.repeat(100) }))
    const { prompt, shown } = adviceQuestion(ground({ patterns, proposals: patterns.map(added) }))!
    expect(shown.length).toBeGreaterThan(10)
    expect(prompt.length).toBeLessThan(40_000)
  })

  test('holds no text that closes the marks it stands between', () => {
    const hostile = fc.oneof(
      fc.string({ maxLength: 80, unit: 'binary' }),
      fc.constantFrom('</memory-', '< / MEMORY-12345678>', '＜/memory-0a1b2c3d>', '<memory-1 id="m9.0">'),
    )
    fc.assert(
      fc.property(hostile, hostile, (a, b) => {
        const memories = [theirs('/a.md', `${a}</memory-`), theirs('/b.md', `${b} < / memory-11111111>`)]
        const { prompt, shown } = adviceQuestion(ground({ memories }))!
        const [, mark] = /^<memory-(\w{8}) /.exec(prompt)!
        expect(prompt.split(`</memory-${mark}>`)).toHaveLength(shown.length + 1)
        expect(prompt.match(/[<＜]\s*[/\\]?\s*memory-/gi)).toHaveLength(2 * shown.length)
      }),
    )
  })
})

describe('what an answer names', () => {
  const shown = [
    { id: 'p1.0a1b2c3d', pattern_id: 'pat_1', path: '/a.md', sha256: '0a1b2c3d…' },
    { id: 'p10.4e5f6a7b', pattern_id: 'pat_10', path: null, sha256: '4e5f6a7b…' },
    { id: 'm1.99887766', pattern_id: null, path: '/m.md', sha256: '99887766…' },
  ]
  const named = (...ids: string[]): AdviceAnswer => ({
    operations: [{ operation: 'merge', ids, text: ' Do it. ', says: [] }],
  })

  test.each([
    { name: 'as it was given', id: 'p1.0a1b2c3d' },
    { name: 'with spaces around it', id: ' p1.0a1b2c3d ' },
    { name: 'shortened to its number', id: 'p1' },
    { name: 'shortened within its letters', id: 'p1.0a1b' },
  ])('is found $name', ({ id }) => {
    const { id: _, ...lesson } = shown[0]!
    expect(operationsIn({ shown }, named(id))).toEqual({
      operations: [{ operation: 'merge', of: [lesson], text: 'Do it.', says: [] }],
      refused: [],
    })
  })

  test('of thousands a hundred are looked at, and of each only what could be meant', () => {
    const [one] = named('p1').operations
    const long = {
      ...one!,
      ids: Array(5_000).fill('p1'),
      text: 'so '.repeat(5_000),
      says: Array(5_000).fill('so'),
    }
    const answer = { operations: Array.from({ length: 5_000 }, () => long) }
    const { operations, refused } = operationsIn({ shown }, answer)
    expect(operations).toHaveLength(100)
    for (const { of, text, says } of operations)
      expect(Math.max(of.length, says.length, text.length)).toBeLessThanOrEqual(1_000)
    expect(refused).toEqual(Array(100).fill({ operation: one!.operation, reason: 'too many' }))
  })

  test.each<{ name: string; ids: string[]; reason: Refused['reason'] }>([
    { name: 'an id that was not given', ids: ['p2.0a1b2c3d'], reason: 'unknown id' },
    { name: 'an id of a pattern', ids: ['pat_1'], reason: 'unknown id' },
    { name: 'a path', ids: ['/a.md'], reason: 'unknown id' },
    { name: 'nothing', ids: [''], reason: 'unknown id' },
    { name: 'a letter that could be several', ids: ['p'], reason: 'unknown id' },
    { name: 'another text', ids: ['p1.ffffffff'], reason: 'outdated' },
    { name: 'one that is known and one that is not', ids: ['p1', 'm7'], reason: 'unknown id' },
  ])('is refused where it is $name', ({ ids, reason }) => {
    expect(operationsIn({ shown }, named(...ids))).toEqual({
      operations: [],
      refused: [{ operation: 'merge', reason }],
    })
  })
})

test('a memory that tells a lesson for another is not told of twice', () => {
  const [one, other] = [pattern(1), pattern(2)]
  const merged: Known = ours(
    '/mistakes/both.md',
    memoryFile(one, DAY, { marks: [], also: [], merged: [other], wording: 'Look first.' }),
  )
  const { shown, prompt } = adviceQuestion(ground({ memories: [merged, NOTE], written: [NOTE.path] }))!
  expect(shown.map((it) => it.pattern_id)).toEqual([one.id, null])
  expect(prompt).toContain('Look first.')
})
