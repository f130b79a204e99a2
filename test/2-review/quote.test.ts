import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { quoteOf } from '../../src/2-review/quote.ts'
import { isToolUse, SessionEvent, textOf } from '../../src/domain/event.ts'
import { answer, call, deny, error, events, result, type Step, say } from '../session-builder.ts'

test.each<{ name: string; step: Step; trait?: string; quote: string | null }>([
  {
    name: 'an error is its telling line',
    step: error('trying\nError: order 17 not found\nbye'),
    quote: 'Error: order 17 not found',
  },
  {
    name: 'a call is its command',
    step: call('Bash', { command: 'git push --force', timeout: 3 }),
    quote: 'git push --force',
  },
  { name: 'a call without words is its name', step: call('list', { page: 3, id: 'a1' }), quote: 'list' },
  {
    name: 'a changed argument is its new value',
    step: call('find', { zip: '10115', order: 'W54' }),
    trait: 'first sync, change zip',
    quote: '10115',
  },
  {
    name: 'an argument of another shape is its new value',
    step: call('find', { order: '#W54' }),
    trait: 'ask, give order: digits -> #W<n>',
    quote: '#W54',
  },
  {
    name: 'an added argument is its value',
    step: call('find', { zip: '10115' }),
    trait: 'add zip',
    quote: '10115',
  },
  {
    name: 'a command in words is its script',
    step: call('shell', { command: ['bash', '-lc', 'npm ci\nnpm test'] }),
    quote: 'npm ci',
  },
  {
    name: 'a command that stands nowhere as one text is the tool',
    step: call('shell', { command: ['git', 'status'] }),
    quote: 'shell',
  },
  {
    name: 'a person is the sentence that holds the words',
    step: say('Thanks a lot. Use the case number here. Bye for now.'),
    trait: 'case + number',
    quote: 'Use the case number here.',
  },
  {
    name: 'a person who used other words is the first sentence',
    step: say('Thanks a lot. Bye for now.'),
    trait: 'case + number',
    quote: 'Thanks a lot.',
  },
  { name: 'a short word is said all the same', step: say('No!\nAgain'), quote: 'No!' },
  { name: 'a refusal is its reason', step: deny('never push to main'), quote: 'never push to main' },
  { name: 'a refusal without a reason is nothing', step: deny(), quote: null },
  { name: 'a result without words is nothing', step: result('\n \n'), quote: null },
  {
    name: 'a long line is cut',
    step: error(`Error: ${'x'.repeat(1_000)}`),
    quote: `Error: ${'x'.repeat(293)}`,
  },
  {
    name: 'a long line is not cut inside a character',
    step: answer('😀'.repeat(400)),
    quote: '😀'.repeat(300),
  },
  {
    name: 'a progress bar is its last words',
    step: error('10 %\r50 %\rError: disk full'),
    quote: 'Error: disk full',
  },
])('the quote of $name', ({ step, trait, quote }) => {
  expect(quoteOf(events(step)[0]!, trait ?? '')).toBe(quote)
})

describe('every quote', () => {
  const words = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 500 }),
    fc
      .array(
        fc.constantFrom(
          'Error: no\n',
          '\r\n',
          '\u2028',
          '😀',
          '{"error": "x y"}',
          'Use the case number. ',
          ' ',
          'x'.repeat(299),
        ),
        { maxLength: 20 },
      )
      .map((it) => it.join('')),
  )
  const step = fc.oneof(
    words.map((it) => say(it)),
    words.map((it) => error(it)),
    words.map((it) => deny(it)),
    fc.tuple(words, words).map(([a, b]) => call('tool', { a, b, c: 3 })),
  )

  test('stands in its event, word for word, on one line of at most 300 characters', () => {
    fc.assert(
      fc.property(step, (it) => {
        const event = SessionEvent.parse(events(it)[0])
        const quote = quoteOf(event, 'case + number')
        if (quote === null) return
        const source = isToolUse(event)
          ? [event.name, ...Object.values(event.input).map(String)].join('\n')
          : textOf(event)
        expect(source.includes(quote)).toBe(true)
        expect(quote).toMatch(/^[^\n\r\u2028\u2029]{1,300}$/u)
        expect(quote.isWellFormed()).toBe(true)
        expect(quote).toBe(quote.trim())
      }),
      { numRuns: 1_000 },
    )
  })
})
