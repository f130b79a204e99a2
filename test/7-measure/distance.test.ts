/** How different two mixes are, and how much of that is luck. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { jensenShannon, mixDrift, type Part } from '../../src/7-measure/distance.ts'
import { generator } from '../3-mine/tallied.ts'

describe('the Jensen-Shannon divergence', () => {
  test.each([
    { name: 'the same shares', a: [1, 3], b: [10, 30], bits: 0 },
    { name: 'nothing in common', a: [5, 0], b: [0, 9], bits: 1 },
    { name: 'one call in ten goes to something new', a: [10, 0], b: [9, 1], bits: 0.0519 },
    { name: 'one of them empty', a: [1, 2], b: [0, 0], bits: 0 },
  ])('$name: $bits bits', ({ a, b, bits }) => expect(jensenShannon(a, b)).toBeCloseTo(bits, 4))

  test('lies between 0 and 1, and is the same from either side', () => {
    const counts = fc.array(fc.nat(50), { minLength: 4, maxLength: 4 })
    fc.assert(
      fc.property(counts, counts, (a, b) => {
        const bits = jensenShannon(a, b)
        expect(bits).toBeCloseTo(jensenShannon(b, a), 12)
        return bits >= 0 && bits <= 1
      }),
    )
  })
})

const ways = { search: { search: 6, read: 3 }, list: { list: 5, read: 4, open: 1 } }
const sessions = (n: number, counts: Record<string, number>, stratum = 'reviews'): Part[] =>
  Array.from({ length: n }, () => ({ counts, stratum }))

describe('what luck makes', () => {
  test('is all of it where nothing changed', () => {
    const random = generator(3)
    const window = () =>
      Array.from({ length: 60 }, () => ({ counts: random() < 0.5 ? ways.search : ways.list, stratum: '' }))
    const looks = Array.from({ length: 40 }, () => mixDrift(window(), window()))
    expect(looks.filter((it) => it.p! <= 0.05).length).toBeLessThanOrEqual(6)
  })

  test('is nearly nothing where every session works in another way', () => {
    const { divergence, by_luck, p } = mixDrift(sessions(40, ways.search), sessions(40, ways.list))
    expect(divergence).toBeGreaterThan(0.5)
    expect(by_luck).toBeLessThan(0.05)
    expect(p).toBe(0.001)
  })

  test('holds what other work explains: each kind is done as before, and there is more of one', () => {
    const window = (reviews: number, tickets: number) => [
      ...sessions(reviews, ways.search, 'reviews'),
      ...sessions(tickets, ways.list, 'tickets'),
    ]
    const { divergence, by_luck, p } = mixDrift(window(50, 10), window(10, 50))
    expect(divergence).toBeGreaterThan(0.2)
    expect(by_luck).toBeCloseTo(divergence!)
    expect(p).toBe(1)
  })

  test('is not asked for where the divergence is not worth it', () => {
    const found = mixDrift(sessions(40, ways.search), sessions(40, ways.list), 1)
    expect(found).toMatchObject({ by_luck: null, p: null, divergence: expect.any(Number) })
  })

  test('is the same each time it is asked for', () => {
    const look = () =>
      mixDrift(sessions(30, ways.search), [...sessions(20, ways.search), ...sessions(10, ways.list)])
    expect(look()).toEqual(look())
  })
})

test('too few sessions have no divergence, and nothing that came or went', () => {
  const found = mixDrift(sessions(19, ways.search), sessions(40, ways.list))
  expect(found).toMatchObject({ divergence: null, p: null, appeared: [], vanished: [] })
})

test('what only one window has is told where luck would not put it all there', () => {
  const before = [...sessions(34, ways.search), ...sessions(6, { ...ways.search, seldom: 1 })]
  const after = [...sessions(33, ways.search), ...sessions(7, { ...ways.search, upload: 1 })]
  const { appeared, vanished } = mixDrift(before, after)
  expect(appeared).toEqual([{ name: 'upload', sessions: 7 }])
  expect(vanished).toEqual([])
})
