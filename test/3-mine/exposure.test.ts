import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { exposureOf, exposureOverlap, marksOf, SAME_EXPOSURE } from '../../src/3-mine/exposure.ts'
import { type Counted, tallyOf } from '../../src/3-mine/tally.ts'
import { rowKey } from '../../src/domain/tally.ts'
import { generator } from './tallied.ts'

describe('how much two traits are shown by the same sessions', () => {
  test.each([
    { name: 'all the same', a: range(0, 12), b: range(0, 12), overlap: 1 },
    { name: 'none the same, in the same cells', a: range(0, 12, 2), b: range(1, 12, 2), overlap: 0 },
    { name: 'half of one', a: range(0, 12), b: range(0, 6), overlap: 0.5 },
    { name: 'one in eleven differs', a: range(0, 11), b: range(0, 10), overlap: 10 / 11 },
  ])('$name: exact while the rows keep every session', ({ a, b, overlap }) => {
    expect(overlapOf(a, b)).toBeCloseTo(overlap, 9)
    expect(overlapOf(b, a)).toBeCloseTo(overlap, 9)
  })

  test('of many sessions, chance that falls evenly over the cells is not the same exposure', () => {
    // In each of five cells 100 of 200 sessions show each: by counts alone they could be the same ones.
    const random = generator(1)
    const half = () => range(0, 1_000).filter(() => random() < 0.5)
    expect(overlapOf(half(), half())).toBeLessThan(0.7)
  })

  test('is the same to whoever looks, and 1 of itself', () => {
    const sessions = fc.uniqueArray(fc.nat(200), { minLength: 5, maxLength: 150 })
    fc.assert(
      fc.property(sessions, sessions, (a, b) => {
        expect(overlapOf(a, b)).toBe(overlapOf(b, a))
        expect(overlapOf(a, a)).toBe(1)
      }),
    )
  })

  test('rows of the same exposure find each other by their marks, whichever of the lowest ids one lacks', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.nat(300), { minLength: 20, maxLength: 200 }),
        fc.nat(2),
        (shown, lacking) => {
          const a = shown.toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1))
          const [one, other] = exposures(
            a,
            a.filter((_, i) => i !== lacking),
          )
          if (exposureOverlap(one!, other!) < SAME_EXPOSURE) return
          expect(marksOf(one!).some((it) => marksOf(other!).includes(it))).toBe(true)
        },
      ),
    )
  })
})

function overlapOf(a: number[], b: number[]): number {
  const [one, other] = exposures(a, b)
  return exposureOverlap(one!, other!)
}

/** Of traits that these sessions show; every third session fails, and there are five tasks. */
function exposures(...shown: number[][]) {
  const sets = shown.map((it) => new Set(it))
  const sessions = range(0, 1_000).map(
    (i): Counted => ({
      session_id: idOf(i),
      cell: `v|task-${i % 5}`,
      person: null,
      at: null,
      observations: [
        {
          channel: 'session',
          context: 'session',
          bad: i % 3 === 0,
          event: 0,
          traits: Object.fromEntries(sets.flatMap((it, k) => (it.has(i) ? [[`trait ${k}`, 0]] : []))),
        },
      ],
    }),
  )
  const tally = tallyOf(sessions)
  return shown.map((_, k) => exposureOf(tally.get(rowKey('session', `trait ${k}`))!))
}

/** In no order, as hashes are. */
function idOf(i: number): string {
  return `sesn_${String((i * 7_919) % 10_007).padStart(5, '0')}`
}

function range(from: number, to: number, by = 1): number[] {
  return Array.from({ length: Math.ceil((to - from) / by) }, (_, i) => from + i * by)
}
