import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { corpusOf, cosine } from '../../src/4-consolidate/similarity.ts'
import { statementsOf } from '../../src/4-consolidate/statement.ts'

describe('the cosine of three-letter pieces', () => {
  // Computed with collections.Counter and math of Python 3.
  test.each([
    ['Run the tests before you push.', 'Run the tests before you push!', 0.933333],
    ['The logo is purple.', 'The logo is cyan.', 0.612056],
    ['banana', 'bananas', 0.824958],
    ['abc', 'xyz', 0],
    ['  Some\n text ', 'some text', 1],
    ['', '', 1],
  ])('of %j and %j', (one, other, expected) => {
    expect(cosine(one, other)).toBeCloseTo(expected, 5)
  })

  test('is symmetric, at most 1, and 1 for a text with itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string({ unit: 'grapheme' }), (one, other) => {
        expect(cosine(one, other)).toBeCloseTo(cosine(other, one), 12)
        expect(cosine(one, other)).toBeGreaterThanOrEqual(0)
        expect(cosine(one, other)).toBeLessThanOrEqual(1)
        expect(cosine(one, one)).toBeCloseTo(1, 12)
      }),
    )
  })
})

describe('a corpus', () => {
  const corpus = corpusOf(
    ['Deploy on Fridays.', 'Deploy it on a Monday!', 'Write the report on Friday.'].map(statementsOf),
  )

  test('knows which texts are about the same, rare words counting more', () => {
    // By the formula in the module, with math of Python 3; "on", "it" and "the" count for nothing.
    expect(corpus.similarity(0, 1)).toBeCloseTo(0.305567, 6)
    expect(corpus.similarity(1, 0)).toBe(corpus.similarity(0, 1))
    expect(corpus.similarity(0, 2)).toBeCloseTo(0.226922, 6)
    expect(corpus.similarity(1, 2)).toBe(0)
    expect(corpus.weight('deploy')).toBeCloseTo(0.47919, 6)
    expect(corpus.weight('monday')).toBe(1)
  })

  test('leads from a text to those that share a word with it', () => {
    expect([0, 1, 2].map((it) => corpus.related(it, 5))).toEqual([[1, 2], [0], [0]])
    expect(corpus.related(0, 1)).toEqual([1])
  })
})
