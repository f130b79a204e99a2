import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  isWanted,
  NO_STEERING,
  placed,
  readInstructions,
  type Steering,
} from '../../src/4-consolidate/steering.ts'
import { misshapen } from '../../src/domain/memory-path.ts'
import { pattern } from './patterns.ts'

describe('instructions are read', () => {
  test.each<[text: string, read: Partial<Steering>]>([
    ['Focus on refunds.', { focus: [['refund']] }],
    ['Please focus on refunds and late parcels', { focus: [['refund'], ['lat', 'parcel']] }],
    ['Concentrate on the tool get_customer.', { focus: [['tool', 'get', 'customer']] }],
    ['Only look at mistakes', { focus: [['mistak']] }],
    ['only corrections', { focus: [['correction']] }],
    ['Pay special attention to error handling', { focus: [['error', 'handl']] }],
    ['Ignore greetings; skip small talk!', { ignored: [['greet'], ['small', 'talk']] }],
    ["Don't focus on pricing", { ignored: [['pric']] }],
    ['never write about salaries', { ignored: [['salary']] }],
    ['Keep /team.md unchanged.', { kept: ['/team.md'] }],
    ['Leave `/policies/` as it is', { kept: ['/policies/'] }],
    ['keep the folder /policies and /team.md untouched', { kept: ['/policies/', '/team.md'] }],
    ['Do not touch /policies', { kept: ['/policies', '/policies/'] }],
    ['Never change anything under /policies', { kept: ['/policies/'] }],
    ["don't edit /a/**", { kept: ['/a/'] }],
    ['Put lessons under /lessons', { folders: [{ of: 'everything', folder: '/lessons' }] }],
    ['Store all new mistakes in the folder /errors/', { folders: [{ of: 'mistake', folder: '/errors' }] }],
    ['Start file names with desk-', { prefix: 'desk-' }],
    ['Use kebab-case for file names', {}],
    [
      '- Focus on refunds\n- ignore greetings\n2) keep /team.md unchanged',
      { focus: [['refund']], ignored: [['greet']], kept: ['/team.md'] },
    ],
    [
      'Focus on refunds, ignore greetings and keep /a.md unchanged, then put lessons under /l.',
      {
        ...{ focus: [['refund']], ignored: [['greet']], kept: ['/a.md'] },
        folders: [{ of: 'everything', folder: '/l' }],
      },
    ],
    // What is not understood is given back, never guessed at.
    ['Change “blue” to “green” in /team.md', { not_followed: ['Change “blue” to “green” in /team.md'] }],
    ['Be nice. Focus on refunds.', { focus: [['refund']], not_followed: ['Be nice'] }],
    ['Focus on everything', { not_followed: ['Focus on everything'] }],
    ['Do not ignore refunds', { not_followed: ['Do not ignore refunds'] }],
    ['Keep the tone friendly', { not_followed: ['Keep the tone friendly'] }],
    ['Keep my notes unchanged', { not_followed: ['Keep my notes unchanged'] }],
    ['Put lessons under /../etc', { not_followed: ['Put lessons under /../etc'] }],
    ['Start file names with ../', { not_followed: ['Start file names with ../'] }],
    ['', {}],
    ['  \n - \n', {}],
  ])('%j', (text, read) => {
    expect(readInstructions(text)).toEqual({ ...NO_STEERING, ...read })
  })
})

describe('a change is made', () => {
  const refund = pattern(1, { name: 'get_order-before-refund', text: 'Call get_order before you refund.' })
  const parcel = pattern(2, { name: 'track-parcels', text: 'Track parcels.' })

  test.each([
    { says: 'Focus on refunds', of: [refund], path: '/a.md', is: true },
    { says: 'Focus on refunds', of: [parcel], path: '/a.md', is: false },
    { says: 'Focus on refunds', of: [parcel, refund], path: '/a.md', is: true },
    { says: 'Focus on refunds or parcels', of: [parcel], path: '/a.md', is: true },
    { says: 'Ignore refunds', of: [refund], path: '/a.md', is: false },
    { says: 'Ignore refunds', of: [parcel], path: '/a.md', is: true },
    { says: 'Focus on orders. Ignore refunds.', of: [refund], path: '/a.md', is: false },
    // What tidies up is about no lesson.
    { says: 'Focus on refunds', of: [], path: '/a.md', is: true },
    { says: 'Keep /a.md unchanged', of: [refund], path: '/a.md', is: false },
    { says: 'Keep /a/ unchanged', of: [], path: '/a/b.md', is: false },
    { says: 'Keep /a/ unchanged', of: [], path: '/ab.md', is: true },
    { says: 'Do not touch /a', of: [], path: '/a/b.md', is: false },
  ])('$is: $says, at $path', ({ says, of, path, is }) => {
    expect(isWanted({ path }, of, readInstructions(says))).toBe(is)
  })
})

test.each([
  { says: '', stem: '/mistakes/x', at: '/mistakes/x' },
  { says: 'Put lessons under /l', stem: '/mistakes/x', at: '/l/mistakes/x' },
  { says: 'Put mistakes under /errors', stem: '/mistakes/x', at: '/errors/x' },
  { says: 'Put practices under /how', stem: '/mistakes/x', at: '/mistakes/x' },
  { says: 'Put lessons under /l. Put mistakes under /errors.', stem: '/mistakes/x', at: '/errors/x' },
  { says: 'Put mistakes under /errors', stem: '/people/ann/mistakes/x', at: '/errors/people/ann/x' },
  { says: 'Prefix files with desk-', stem: '/mistakes/x', at: '/mistakes/desk-x' },
])('with $says a mistake that would stand at $stem stands at $at', ({ says, stem, at }) => {
  expect(placed(stem, 'mistake', readInstructions(says))).toBe(at)
})

const words = fc.constantFrom(
  ...'focus on only ignore keep unchanged put lessons under in /a /a/b.md /../x . , ; and do not touch never prefix files with - \n ( ) [ * \\ “ refunds'.split(
    ' ',
  ),
)
const instructions = fc.oneof(
  fc.string({ maxLength: 4_096, unit: 'binary' }),
  fc.array(words, { maxLength: 60 }).map((it) => it.join(' ')),
)

test('whatever is written, nothing throws, and no place is one that a memory cannot have', () => {
  fc.assert(
    fc.property(instructions, (text) => {
      const steering = readInstructions(text)
      isWanted({ path: '/mistakes/x.md' }, [pattern(1)], steering)
      expect(misshapen(`${placed('/mistakes/x', 'mistake', steering)}.md`)).toBeNull()
    }),
    { numRuns: 500 },
  )
})

test('the longest instructions are read at once', () => {
  const began = performance.now()
  for (const it of [
    'keep '.repeat(800),
    'and '.repeat(1_000),
    `keep ${'/a '.repeat(1_300)}`,
    '- '.repeat(2_000),
    ' '.repeat(4_000),
    `put ${'all '.repeat(1_000)}`,
  ])
    readInstructions(it)
  expect(performance.now() - began).toBeLessThan(500)
})
