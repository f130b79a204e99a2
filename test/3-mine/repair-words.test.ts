import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { errorTemplate } from '../../src/2-review/error-template.ts'
import type { Finding } from '../../src/3-mine/finding.ts'
import { recurring, repair } from '../../src/3-mine/repair-words.ts'
import { NOT_REPEATED } from '../../src/3-mine/words.ts'

const finding: Finding = {
  published: true,
  kind: 'repair',
  class: 'mistake',
  channel: 'repair',
  tier: 'process',
  context: 'repair find | no such order',
  trait: 'again',
  better: null,
  effect: { exposed: [3, 33], unexposed: [5, 7], odds_ratio: 0.1, low: 0.01, high: 0.5 },
  p: null,
  q: null,
  strength: 0.7,
  sessions: 40,
  sightings: [],
  lacks: null,
}

describe('what to do about an error', () => {
  test.each([
    { trait: 'again', remedy: 'make the same call once more' },
    { trait: 'ask', remedy: 'ask the user before you try again' },
    { trait: 'change zip', remedy: 'try again with another `zip`' },
    { trait: 'take zip', remedy: 'try again with a `zip` that the error names' },
    {
      trait: 'give order: digits -> #W<n>',
      remedy: 'try again and give `order` as `#W<n>` instead of digits',
    },
    {
      trait: 'give count: digits -> a whole number',
      remedy: 'try again and give `count` as a whole number instead of digits in quotes',
    },
    {
      trait: 'give pattern: one word with : -> a relative path with *',
      remedy: 'try again and give `pattern` as a relative path with `*` instead of one word with `:`',
    },
    { trait: 'add zip', remedy: 'try again and give `zip` too' },
    { trait: 'leave out zip', remedy: 'try again without `zip`' },
    { trait: 'option --user', remedy: 'try again with the option `--user`' },
    { trait: 'switch find_archived', remedy: 'use `find_archived` instead' },
    { trait: 'first sync', remedy: 'call `sync` first, then try again' },
    { trait: 'first sync, change zip', remedy: 'call `sync` first, then try again with another `zip`' },
    {
      trait: 'first sync, give order: digits -> #W<n>',
      remedy: 'call `sync` first, then try again and give `order` as `#W<n>` instead of digits',
    },
    { trait: 'ask, change zip', remedy: 'ask the user about `zip`, then try again with what they say' },
    { trait: 'ask, add zip', remedy: 'ask the user for `zip`, then try again with it' },
    {
      trait: 'ask, give order: digits -> #W<n>',
      remedy: 'ask the user for `order`, then try again and give it as `#W<n>`',
    },
    { trait: 'ask, take zip', remedy: 'ask the user, then try again with a `zip` that the error names' },
    { trait: 'wait', remedy: 'wait a little, then try again' },
    { trait: 'wait 10 s', remedy: 'wait ten seconds or more, then try again' },
    { trait: 'wait 1 min', remedy: 'wait a minute or more, then try again' },
    { trait: 'wait 10 min', remedy: 'wait ten minutes or more, then try again' },
    {
      trait: 'wait 10 s, lower limit',
      remedy: 'wait ten seconds or more, then try again with a smaller `limit`',
    },
    { trait: 'lower limit', remedy: 'try again with a smaller `limit`' },
    { trait: 'raise timeout', remedy: 'try again with a larger `timeout`' },
    {
      trait: 'first sync, raise timeout',
      remedy: 'call `sync` first, then try again with a larger `timeout`',
    },
    { trait: 'ask, lower limit', remedy: 'ask the user, then try again with a smaller `limit`' },
    { trait: 'ask, leave out zip', remedy: 'ask the user, then try again without `zip`' },
  ])('is said of $trait', ({ trait, remedy }) => {
    expect(repair({ ...finding, trait }).text).toBe(`If \`find\` fails with "no such order", ${remedy}.`)
  })
})

test.each([
  { error: 'no such order', name: 'find no such order' },
  { error: NOT_REPEATED, name: 'find error' },
])('a lesson about "$error" is kept under the name $name', ({ error, name }) => {
  expect(repair({ ...finding, context: `repair find | ${error}` }).name).toBe(name)
})

test('a reaction that is tried in vain is told as such', () => {
  const { text, why } = recurring({
    ...finding,
    kind: 'recurring',
    trait: 'change q',
    effect: { ...finding.effect, exposed: [10, 12], unexposed: [0, 0] },
  })
  expect(text).toBe('If `find` fails with "no such order", do not just try again with another `q`.')
  expect(why).toBe(
    'That worked in 2 of 12 attempts; 40 sessions ran into the error, and nothing else that they tried is known to mend it.',
  )
})

describe('the error in a lesson', () => {
  test('is cut at a word when it is long', () => {
    const long = `the account is frozen ${'and so is the next one '.repeat(6)}`
    expect(repair({ ...finding, context: `repair find | ${long}` }).text).toBe(
      'If `find` fails with "the account is frozen and so is the next one and so is the next one and so is the next…", make the same call once more.',
    )
  })

  const anything = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc
      .array(fc.constantFrom('"', '`', '“', "'", 'no such ', 'order ', '\n', 'Error: ', 'x'), {
        maxLength: 12,
      })
      .map((it) => it.join('')),
  )

  test('stays a quotation, whatever a tool says', () => {
    fc.assert(
      fc.property(anything, (said) => {
        const { text } = repair({ ...finding, context: `repair find | ${errorTemplate(said)}` })
        const quote = /^If `find` fails with "([^"`\n]{1,91})", make the same call once more\.$/u.exec(text)
        expect(quote).not.toBeNull()
      }),
      { numRuns: 500 },
    )
  })
})
