import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contradiction } from '../../src/4-consolidate/contradiction.ts'
import { isCopy, sameSessions, saysTheSame } from '../../src/4-consolidate/duplicate.ts'
import { statementOf, statementsOf } from '../../src/4-consolidate/statement.ts'
import { pattern } from './patterns.ts'

const areCopies = (one: string, other: string) => isCopy(statementsOf(one), statementsOf(other))

describe('a light edit says the same', () => {
  test.each([
    ['Run the tests before you push.', 'Run tests before you push'],
    ['Ask for the customer number first.', 'Please ask for the customer number first!'],
    ['Don’t send the letter at once.', 'Do not send the letter at once.'],
    ['Keep every summary under five sentences, always.', 'Keep every summary under 5 sentences, always.'],
    [
      'Acommodate the wishes of the customer when planning.',
      'Accommodate the wishes of the customer when planning.',
    ],
    ['Check the recieved documents for a signature.', 'Check the received documents for a signature.'],
    [
      '# House rules\n\n- Use `pnpm`.\n- Never push to main.',
      'House rules\n\n* Use `pnpm`\n* Never push to main',
    ],
    ['Write   the report\non Friday.', 'write the report on Fridays.'],
  ])('%j / %j', (one, other) => {
    expect(areCopies(one, other)).toBe(true)
    expect(areCopies(other, one)).toBe(true)
  })
})

describe('a look-alike does not', () => {
  test.each([
    ['a colour', 'The favourite colour of Ana is purple.', 'The favourite colour of Ana is cyan.'],
    ['a number', 'PR 260 broke the build on main.', 'PR 480 broke the build on main.'],
    ['two names', 'Alice is the head of the company.', 'Sarah is the head of the company.'],
    [
      'a decision',
      'Decision: we use SQLite for the memory store.',
      'Decision: we use Postgres for the memory store.',
    ],
    [
      'a version',
      'Pin the compiler to version 5.9.2 in the build.',
      'Pin the compiler to version 5.9.3 in the build.',
    ],
    ['a date', 'The contract with Acme ends on 2026-03-01.', 'The contract with Acme ends on 2027-03-01.'],
    ['a day', 'Send the weekly report on Monday morning.', 'Send the weekly report on Friday morning.'],
    ['a path', 'Keep the fixtures in test/fixtures/web/.', 'Keep the fixtures in test/fixtures/api/.'],
    ['a unit', 'Wait 30 seconds before you try again.', 'Wait 30 minutes before you try again.'],
    [
      'a unit that is stuck to its number',
      'The timeout of the gateway is 30s.',
      'The timeout of the gateway is 30ms.',
    ],
    [
      'code',
      'Call `get_customer` before you send the letter.',
      'Call `get_customers` before you send the letter.',
    ],
    [
      'case in code',
      'Read the variable `Path` before the start.',
      'Read the variable `PATH` before the start.',
    ],
    [
      'a quotation',
      'Answer "not yet" when somebody asks for a date.',
      'Answer "not now" when somebody asks for a date.',
    ],
    [
      'a negation',
      'Do send the customer a copy of the letter.',
      'Do not send the customer a copy of the letter.',
    ],
    [
      'a late negation',
      'Send a copy to customers who asked for it.',
      'Send a copy to customers who never asked for it.',
    ],
    [
      'how often',
      'Always send the customer a copy of the letter.',
      'Sometimes send the customer a copy of the letter.',
    ],
    ['only', 'Send the customer only a copy of the letter.', 'Send the customer also a copy of the letter.'],
    [
      'a condition',
      'Send the customer a copy of the letter.',
      'Send the customer a copy of the letter if asked.',
    ],
    ['an adjective', 'Run all tests before you push to main.', 'Run all unit tests before you push to main.'],
    ['the past', 'We deploy the web shop every Friday.', 'We deployed the web shop every Friday.'],
    ['the order', 'Ana reviews the code that Bo has written.', 'Bo reviews the code that Ana has written.'],
    [
      'who',
      'Ask for her opinion before you answer the letter.',
      'Ask for his opinion before you answer the letter.',
    ],
    [
      'the direction',
      'Copy the files from staging to production.',
      'Copy the files to staging from production.',
    ],
    [
      'with',
      'Restart the server with the cache directory.',
      'Restart the server without the cache directory.',
    ],
    [
      'a short word',
      'Fill in the form before the customer signs.',
      'Fill in the from before the customer signs.',
    ],
    [
      'a word that may be misspelled, or another one',
      'Note the trial of the new customer in the letter.',
      'Note the trail of the new customer in the letter.',
    ],
    ['a sentence', 'Run the tests before you push.', 'Run the tests before you push. Then rest.'],
    ['a question', 'The release of the web shop is on Friday.', 'The release of the web shop is on Friday?'],
    ['everything', 'Run the tests before you push.', 'Invoices are due after a month.'],
  ])('that differs in %s', (_, one, other) => {
    expect(areCopies(one, other)).toBe(false)
    expect(areCopies(other, one)).toBe(false)
  })
})

const word = fc.constantFrom(
  ...'Send send the a letter letters not never 30 60 `get` `set` Ana Bo Friday red please always before "a b" accommodate acommodate . ! ,'.split(
    ' ',
  ),
)
const text = fc.array(word, { minLength: 1, maxLength: 9 }).map((it) => it.join(' '))

describe('whatever the texts', () => {
  test('saying the same is symmetric, and so is not', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        expect(areCopies(one, other)).toBe(areCopies(other, one))
      }),
      { numRuns: 3_000 },
    )
  })

  test('what says the same does not contradict, so no contradiction is ever folded', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const [a, b] = [statementOf(one), statementOf(other)]
        if (saysTheSame(a, b)) expect(contradiction(a, b)).toBe(null)
        if (contradiction(a, b) !== null) expect(areCopies(one, other)).toBe(false)
      }),
      { numRuns: 10_000 },
    )
  })

  test('a text that says something says the same as itself', () => {
    fc.assert(
      fc.property(text, (it) => {
        expect(areCopies(it, it)).toBe(statementsOf(it).length > 0)
      }),
    )
  })

  test('what says the same has the same numbers, code and quotations', () => {
    const small = fc.array(fc.constantFrom('a', 'letter', '30', '60', '`get`', '`set`', '"x"', 'the'), {
      minLength: 1,
      maxLength: 4,
    })
    const kept = (it: string) => it.match(/\d+|`\w+`|"\w+"/g) ?? []
    fc.assert(
      fc.property(small, small, (a, b) => {
        const [one, other] = [a.join(' '), b.join(' ')]
        if (areCopies(one, other)) expect(kept(one)).toEqual(kept(other))
      }),
      { numRuns: 10_000 },
    )
  })
})

describe('patterns from the same sessions', () => {
  const seen = (n: number, ids: number[], of = {}) =>
    pattern(n, {
      channel: 'session',
      context: 'session',
      trait: `use ${n}`,
      sessions: ids.length,
      sightings: ids.map((it) => ({ session_id: `sesn_${it}`, event: 1 })),
      ...of,
    })
  const ten = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
  const grouped = (patterns: ReturnType<typeof pattern>[], has_memory: number[] = []) =>
    sameSessions(patterns, (it) => has_memory.some((n) => it.id === pattern(n).id)).map(({ pattern, also }) =>
      [pattern, ...also].map((it) => Number(it.trait.split(' ')[1])),
    )

  test.each([
    { name: 'are one group', patterns: [seen(1, ten), seen(2, ten)], groups: [[1, 2]] },
    {
      name: 'with nine of ten in common are',
      patterns: [seen(1, ten), seen(2, ten.slice(1))],
      groups: [[1, 2]],
    },
    {
      name: 'with eight of ten are not',
      patterns: [seen(1, ten), seen(2, ten.slice(2))],
      groups: [[1], [2]],
    },
    {
      name: 'that are too few are not',
      patterns: [seen(1, [1, 2, 3, 4]), seen(2, [1, 2, 3, 4])],
      groups: [[1], [2]],
    },
    {
      name: 'of which only a sample is kept count by their number, too',
      patterns: [seen(1, ten, { sessions: 100 }), seen(2, ten)],
      groups: [[1], [2]],
    },
    {
      name: 'in another context are not',
      patterns: [seen(1, ten), seen(2, ten, { context: 'call pay' })],
      groups: [[1], [2]],
    },
    {
      name: 'of another kind are not',
      patterns: [seen(1, ten), seen(2, ten, { trait: 'repeat 2' })],
      groups: [[1], [2]],
    },
    {
      name: 'of another person are not',
      patterns: [seen(1, ten), seen(2, ten, { scope: { agent: 'desk', person: 'ana' } })],
      groups: [[1], [2]],
    },
  ])('$name', ({ patterns, groups }) => {
    expect(grouped(patterns)).toEqual(groups)
    expect(grouped(patterns.toReversed())).toEqual(groups)
  })

  test('follow the one that has a memory, and those that have one stay by themselves', () => {
    const patterns = [seen(1, ten), seen(2, ten), seen(3, ten)]
    expect(grouped(patterns, [2])).toEqual([[2, 1, 3]])
    expect(grouped(patterns, [2, 3])).toEqual([[2, 1], [3]])
  })
})
