import { expect, test } from 'vitest'
import { fullFormsOf, isContraction, withPlainApostrophes } from '../../src/domain/contraction.ts'

test.each([
  { word: "don't", full: ['do not'] },
  { word: 'don’t', full: ['do not'] },
  { word: "Can't", full: ['cannot', 'can not'] },
  { word: "won't", full: ['will not'] },
  { word: "shan't", full: ['shall not'] },
  { word: "we'll", full: ['we will'] },
  { word: "I'd", full: ['i would', 'i had'] },
  { word: "it's", full: ['it is', 'it has'] },
  { word: "let's", full: ['let us'] },
  { word: "should've", full: ['should have'] },
  { word: "customer's", full: [] },
  { word: 'dont', full: [] },
  { word: "o'clock", full: [] },
  { word: 'its', full: [] },
])('"$word" stands for $full', ({ word, full }) => {
  expect(fullFormsOf(word)).toEqual(full)
  expect(isContraction(word)).toBe(full.length > 0)
})

test.each([
  { typed: 'don’t', plain: "don't" },
  { typed: 'donʼt and can´t', plain: "don't and can't" },
  { typed: '‘quoted’ words', plain: '‘quoted’ words' },
])('$typed is $plain, however the apostrophe was typed', ({ typed, plain }) => {
  expect(withPlainApostrophes(typed)).toBe(plain)
})
