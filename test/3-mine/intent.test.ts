import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cellOf, intentOf } from '../../src/3-mine/cell.ts'
import { byCluster, clustersAmong, clustersIn, signatureOf } from '../../src/3-mine/intent.ts'
import { type Counted, mergeTallies, tallyOf } from '../../src/3-mine/tally.ts'
import { rowKey, type Tally, totalOf } from '../../src/domain/tally.ts'

const REFUND = 'Please refund the order of the two blue chairs, they arrived broken'
const LOGIN = 'The login test fails on the build server since this morning, find out why'

describe('the signature of first words', () => {
  test.each([
    {
      name: 'case, marks and blanks',
      other: 'please REFUND the order of the two  blue chairs: they arrived broken!',
    },
    { name: 'order', other: 'They arrived broken, the two blue chairs. Please refund the order of' },
    { name: 'how often a word is said', other: `${REFUND}, please, please` },
    { name: 'words of less than three letters', other: `Hi, ${REFUND}. I am at it` },
  ])('does not depend on $name', ({ other }) => {
    expect(signatureOf(other)).toBe(signatureOf(REFUND))
  })

  test('is there for any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(signatureOf(text)).toMatch(/^~[\w-]{11}$/)
      }),
    )
  })

  test('is that of other machines: changing it would tear every store in two', () => {
    expect(signatureOf(REFUND)).toBe('~iYgczgUnFUg')
    expect(signatureOf('')).toBe('~AAAAAAAAAAA')
  })
})

describe('clusters', () => {
  test.each([
    {
      name: 'another order',
      other: 'Please refund the order of the two blue chairs, they came broken',
      together: true,
    },
    { name: 'other things wanted', other: LOGIN, together: false },
    {
      name: 'the same words in a script without spaces',
      words: '请把这两把蓝色椅子的订单退款,到货时坏了',
      other: '请把这两把蓝色椅子的订单退款,到货时就坏了',
      together: true,
    },
  ])('of $name: together $together', ({ words = REFUND, other, together }) => {
    const clusters = clustersIn(tallied([words, other]))
    expect(clusters.get(signatureOf(words)) === clusters.get(signatureOf(other))).toBe(together)
  })

  test('are those of the set of requests, in whatever order and number the sessions came', () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 30 }), (texts) => {
        const reversed = mergeTallies(tallied(texts.toReversed()), tallied(texts))
        expect(clustersIn(reversed)).toEqual(clustersIn(tallied(texts)))
      }),
    )
  })

  test('are named after one of their own, which stands for itself', () => {
    fc.assert(
      fc.property(fc.array(request, { minLength: 1, maxLength: 30 }), (texts) => {
        const clusters = clustersIn(tallied(texts))
        for (const first of clusters.values()) expect(clusters.get(first)).toBe(first)
      }),
    )
  })

  test('are begun and joined in the order of the signatures, at most 12 of 64 bits from the first, the nearest and earliest', () => {
    fc.assert(
      fc.property(signatures, (signatures) => {
        expect([...clustersAmong(signatures)]).toEqual([...clustersByDefinition(signatures)])
      }),
      { numRuns: 2_000 },
    )
  })

  test('are made of first words only: a task stays as it is named', () => {
    const tally = tallyOf([counted(0, cellOf({ agent_version: 'v1', task: '~refund', title: '' }))])
    expect(clustersIn(tally)).toEqual(new Map())
    expect(byCluster(tally, new Map())).toBe(tally)
  })
})

test('added up by cluster, the versions stay apart, and no occasion is lost', () => {
  const other = 'Please refund the order of the two blue chairs, they came broken'
  const tally = tallyOf([
    counted(0, cellOf({ agent_version: 'v1', task: null, title: REFUND })),
    counted(1, cellOf({ agent_version: 'v1', task: null, title: other })),
    counted(2, cellOf({ agent_version: 'v2', task: null, title: other })),
    counted(3, cellOf({ agent_version: 'v1', task: 'refund', title: other })),
  ])
  const before = structuredClone(tally)
  const row = byCluster(tally, clustersIn(tally)).get(rowKey('call a', ''))!

  expect(Object.values(row.cells).sort()).toEqual([
    [0, 1],
    [0, 1],
    [0, 2],
  ])
  expect(new Set(Object.keys(row.cells).map(intentOf)).size).toBe(2)
  expect(totalOf(row)).toEqual([0, 4])
  expect(tally).toEqual(before)
})

/** A few words of a small vocabulary, so that many are nearly alike. */
const request = fc
  .array(fc.constantFrom(...REFUND.split(' '), ...LOGIN.split(' ')), { minLength: 3, maxLength: 12 })
  .map((it) => it.join(' '))

/** Sorted, each a few bits from one of a few kinds. */
const signatures = fc
  .tuple(
    fc.array(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 3 }),
    fc.array(fc.tuple(fc.nat(2), fc.uniqueArray(fc.nat(63), { maxLength: 13, size: 'max' })), {
      maxLength: 40,
    }),
  )
  .map(([kinds, others]) => {
    const bits = others.map(([kind, flips]) =>
      flips.reduce((sum, it) => sum ^ (1n << BigInt(it)), kinds[kind % kinds.length]!),
    )
    return [...new Set([...kinds, ...bits].map(signatureOfBits))].sort()
  })

function signatureOfBits(bits: bigint): string {
  return `~${Buffer.from(bits.toString(16).padStart(16, '0'), 'hex').toString('base64url')}`
}

function clustersByDefinition(signatures: string[]): Map<string, string> {
  const clusters = new Map<string, string>()
  for (const it of signatures) {
    const firsts = [...new Set(clusters.values())].filter((first) => distance(it, first) <= 12)
    clusters.set(it, firsts.sort((a, b) => distance(it, a) - distance(it, b))[0] ?? it)
  }
  return clusters
}

/** How many bits differ. */
function distance(a: string, b: string): number {
  const [x, y] = [a, b].map((it) => Buffer.from(it.slice(1), 'base64url').readBigUInt64BE())
  return [...(x! ^ y!).toString(2)].filter((it) => it === '1').length
}

function tallied(texts: string[]): Tally {
  return tallyOf(texts.map((title, i) => counted(i, cellOf({ agent_version: 'v1', task: null, title }))))
}

function counted(i: number, cell: string): Counted {
  return {
    session_id: `sesn_${i}`,
    cell,
    person: null,
    at: null,
    observations: [{ channel: 'call', context: 'call a', bad: false, event: 1, traits: {} }],
  }
}
