import { expect, test } from 'vitest'
import { rankedPairs } from '../../bench/lessons/prediction.ts'

/** Areas of scipy 1.10: `mannwhitneyu(bad, good).statistic / (len(bad) * len(good))`. */
test.each([
  { name: 'without ties', bad: [0.9, 0.8, 0.3], good: [0.7, 0.2, 0.1], area: 0.8888888888888888 },
  { name: 'with ties', bad: [3, 1, 2, 2], good: [2, 0, 1], area: 0.7916666666666666 },
  { name: 'of a constant', bad: [1, 1], good: [1, 1, 1], area: 0.5 },
])('the area under the curve $name is that of the rank-sum test', ({ bad, good, area }) => {
  const { pairs, in_order } = inOneFold(bad, good)
  expect(in_order / pairs).toBeCloseTo(area, 12)
})

test('sessions of different folds make no pair', () => {
  const { pairs, in_order } = rankedPairs([0.9, 0.1, 0.2, 0.1], [false, true, true, false], [0, 0, 1, 1])
  expect({ pairs, in_order }).toEqual({ pairs: 2, in_order: 1 })
})

test('a session that was drawn twice counts like two', () => {
  const weighted = rankedPairs([0.9, 0.5, 0.1], [true, true, false], [0, 0, 0], [2, 0, 3])
  expect(weighted).toEqual(inOneFold([0.9, 0.9], [0.1, 0.1, 0.1]))
})

function inOneFold(bad: number[], good: number[]) {
  const scores = [...bad, ...good]
  return rankedPairs(
    scores,
    scores.map((_, i) => i < bad.length),
    scores.map(() => 0),
  )
}
