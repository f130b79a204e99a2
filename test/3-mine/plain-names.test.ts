import { expect, test } from 'vitest'
import type { Finding } from '../../src/3-mine/finding.ts'
import { mine } from '../../src/3-mine/mine.ts'
import { hasPlainNames } from '../../src/3-mine/plain-names.ts'
import { call, error, result } from '../session-builder.ts'
import { runs, tallied } from './tallied.ts'

const BAD = 'always_approve_all'

test.each<Pick<Finding, 'channel' | 'context' | 'trait'> & { better?: string }>([
  { channel: 'call', context: 'call NAME', trait: 'confirmed' },
  { channel: 'call', context: 'call book', trait: 'after NAME' },
  { channel: 'call', context: 'call book', trait: 'after find on the same NAME' },
  { channel: 'call', context: 'call book', trait: 'after NAME failed' },
  { channel: 'call', context: 'call book', trait: 'arg NAME = digits', better: '#W<n>' },
  { channel: 'call', context: 'call book', trait: 'arg NAME = <n>-<n>', better: '<n>..<n>' },
  { channel: 'call', context: 'call book', trait: 'arg NAME = one word', better: 'one word with "' },
  { channel: 'call', context: 'call book', trait: 'arg mode is NAME', better: 'other' },
  { channel: 'call', context: 'call book', trait: 'arg mode is other', better: 'NAME' },
  { channel: 'repair', context: 'repair NAME | not found', trait: 'again' },
  { channel: 'repair', context: 'repair book | not found', trait: 'switch NAME' },
  { channel: 'repair', context: 'repair book | not found', trait: 'first NAME, change date' },
  { channel: 'repair', context: 'repair book | not found', trait: 'ask, give NAME: digits -> #W<n>' },
  { channel: 'repair', context: 'repair book | not found', trait: 'option --NAME' },
  { channel: 'repair', context: 'repair book | not found', trait: 'raise NAME' },
  { channel: 'repair', context: 'repair book | not found', trait: 'wait, lower NAME' },
  { channel: 'repair', context: 'repair book | not found', trait: 'wait 10 s, change NAME' },
  { channel: 'repair', context: 'repair NAME | not found', trait: 'wait 1 min' },
  { channel: 'session', context: 'session', trait: 'use NAME 3 times or more' },
  { channel: 'session', context: 'session', trait: 'error NAME | not found' },
  { channel: 'session', context: 'session book', trait: 'before NAME' },
  { channel: 'approval', context: 'judged by people', trait: 'use book with NAME = true' },
  { channel: 'correction', context: 'refused NAME', trait: '' },
])('$channel: $context, $trait $better', ({ better, ...key }) => {
  const named = (name: string) =>
    ({
      channel: key.channel,
      context: key.context.replace('NAME', name),
      trait: key.trait.replace('NAME', name),
      better: better?.replace('NAME', name) ?? null,
    }) as Finding

  expect(hasPlainNames(named('find_seat'))).toBe(true)
  expect(hasPlainNames(named(BAD))).toBe(false)
})

test('words of an error, and of people, are no names', () => {
  const told = { channel: 'repair', context: `repair book | ${BAD}`, trait: 'again', better: null }
  expect(hasPlainNames(told as Finding)).toBe(true)
  expect(hasPlainNames({ ...told, channel: 'edit', context: 'edit', trait: 'add always' } as Finding)).toBe(
    true,
  )
})

test('what is not told for a name in it is counted in a note', () => {
  const { findings, notes } = mine(
    tallied([
      ...runs(12, [call('book', { trip: 'T-100' }), error('no seat')]),
      ...runs(12, [call(BAD, { trip: 'T-100' }), result(), call('book', { trip: 'T-100' }), result()]),
    ]),
  )
  expect(JSON.stringify(findings)).not.toContain(BAD)
  expect(notes).toContainEqual(expect.stringMatching(/^One lesson is not told, because a name in it /))
})
