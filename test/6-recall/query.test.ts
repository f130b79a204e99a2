import fc from 'fast-check'
import { expect, test } from 'vitest'
import { queryWords, relevanceOf } from '../../src/6-recall/query.ts'

test.each<[query: string, words: string[]]>([
  ['', []],
  ['Close the account of Müller!', ['account', 'müller', 'close', 'the', 'of']],
  ['get_customer, get_customer', ['customer', 'get']],
  ['a "b" OR c* NEAR(d)', ['near', 'or']],
  ['Закрыть счёт', ['закрыть', 'счёт']],
])('%j is looked up by %j', (query, words) => {
  expect(queryWords(query)).toEqual(words)
})

test('whatever a query says, few words of letters and digits are looked up', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 10_000 }), (query) => {
      const words = queryWords(query)
      expect(words.length).toBeLessThanOrEqual(16)
      for (const it of words) expect(it).toMatch(/^[\p{L}\p{N}]{2,64}$/u)
      expect(new Set(words).size).toBe(words.length)
    }),
  )
})

test('the best memory has relevance 1, rare words say more than frequent ones, and what has no word is not there', () => {
  const found = new Map([
    ['rare', [1, 2]],
    ['frequent', [2, 3, 4, 5, 6, 7, 8, 9]],
  ])
  const relevance = relevanceOf(found, 10)
  expect(relevance.get(2)).toBe(1)
  expect(relevance.get(1)!).toBeGreaterThan(0.8)
  expect(relevance.get(3)!).toBeLessThan(0.2)
  expect(relevance.has(10)).toBe(false)
  expect(relevanceOf(new Map(), 10).size).toBe(0)
})
