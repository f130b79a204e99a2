import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Contradiction, contradiction, suspicionIn } from '../../src/4-consolidate/contradiction.ts'
import { corpusOf } from '../../src/4-consolidate/similarity.ts'
import { statementOf, statementsOf } from '../../src/4-consolidate/statement.ts'

const between = (one: string, other: string) => contradiction(statementOf(one), statementOf(other))

describe('contradict each other', () => {
  test.each<[Contradiction, string, string]>([
    ['polarity', 'Deploy on Fridays.', 'Never deploy on Fridays.'],
    [
      'polarity',
      'Never deploy on Fridays, because nobody is there to help.',
      'Deploy on Fridays after four.',
    ],
    ['polarity', 'Send the invoice by mail.', 'Don’t send the invoice by mail.'],
    ['polarity', 'Avoid calling `refund_order` twice.', 'Call `refund_order` twice.'],
    ['polarity', 'The export needs a header row.', 'The export no longer needs a header row.'],
    ['polarity', 'Ask for approval, but never send the letter at once.', 'Send the letter at once.'],
    ['polarity', 'Release with approval of the owner.', 'Release without approval of the owner.'],
    ['polarity', 'I have never visited the Hamburg office.', 'I visited the Hamburg office in May.'],
    ['polarity', 'Refund the list price instead of the amount paid.', 'Never refund the list price.'],
    ['quantity', 'Always ask for the customer number.', 'Sometimes ask for the customer number.'],
    ['quantity', 'The report must have a summary.', 'The report may have a summary.'],
    ['order', 'Run the linter before the tests.', 'Run the tests before the linter.'],
    ['order', 'Call `get_user` before `get_order`.', 'Call `get_order` before `get_user`.'],
    [
      'order',
      'Call `get_user` before `get_order` for the same `id`.',
      'Call `get_user` after `get_order` for the same `id`.',
    ],
    ['number', 'Wait 10 seconds before the next try.', 'Wait 30 seconds before the next try.'],
    ['number', 'The refund limit is $500.', 'The refund limit is now $750.'],
    ['number', 'Keep summaries under five sentences.', 'Keep summaries under eight sentences.'],
    ['number', 'The server listens on port 8080.', 'The server listens on port 9090.'],
    ['opposite', 'Enable caching for reports.', 'Disable caching for reports.'],
    ['opposite', 'Indent with tabs.', 'Indent with spaces.'],
    ['opposite', 'The token is valid for guests.', 'The token is invalid for guests.'],
    ['opposite', 'Give long answers to experts.', 'Give short answers to experts.'],
    ['choice', 'Use pnpm for installs.', 'Use yarn for installs.'],
    ['choice', 'The logo is purple.', 'The logo is cyan.'],
    ['choice', 'Always use `jq` to read the answer.', 'Always use `grep` to read the answer.'],
    ['choice', 'The release day is Tuesday.', 'The release day is Thursday.'],
    ['choice', 'Set the default branch to `main`.', 'Set the default branch to `trunk`.'],
  ])('%s: %s / %s', (kind, one, other) => {
    expect(between(one, other)).toBe(kind)
    expect(between(other, one)).toBe(kind)
  })
})

describe('can both hold', () => {
  test.each([
    ['Refund what was paid instead of the list price.', 'Refund what was paid, never the list price.'],
    ['Use the short name rather than the full name.', 'Never say the full name.'],
    ['PR 260 broke the build.', 'PR 480 broke the build.'],
    ['PR 260 is merged into main.', 'PR 480 is merged into main.'],
    ['Merged PR #260 on Monday.', 'Merged PR #480 on Monday.'],
    ['Alice is the head of sales.', 'Sarah is the head of support.'],
    ['We chose SQLite for the store.', 'We chose bge for the embedder.'],
    ['Call `get_user` before `update_user`.', 'Call `get_order` before `update_user`.'],
    ['Call `get_user` before `update_user`.', 'Call `get_user` before `update_order`.'],
    ['Use `rg` to search the code.', 'Use `rg` to search the notes.'],
    ['Deploy staging on Mondays.', 'Deploy production on Fridays.'],
    ['Do not deploy on Fridays after four.', 'Deploy on Fridays.'],
    ['Never deploy on Fridays unless the owner agrees.', 'Deploy on Fridays if the owner agrees.'],
    ['Deploy on Mondays, not on Fridays.', 'Never deploy on Fridays.'],
    ['Do not release without approval.', 'Release with approval.'],
    ['Ana reviews the code of Bo.', 'Bo reviews the code of Ana.'],
    ['Ana never reviews the code of Bo.', 'Bo reviews the code of Ana.'],
    ['Do not call `a` before `b`.', 'Call `b` before `a`.'],
    ['The build is slow.', 'The build is flaky.'],
    ['We spent $200 on tools in May.', 'We spent $300 on tools in May.'],
    ['I am not sure about the header.', 'Make sure that the header is there.'],
    ['Check ticket 12 for a signature.', 'Check ticket 14 for a signature.'],
    ['Use tables.', 'Use lists.'],
    ['Use the cache before `build`.', 'Use the cache before `deploy`.'],
    ['Read the contract first.', 'Read the invoice first.'],
    ['The office in Hamburg has 20 desks.', 'The office in Bremen has 35 desks.'],
    ['Never push to main.', 'Never push to release.'],
    ['', ''],
  ])('%s / %s', (one, other) => {
    expect(between(one, other)).toBe(null)
    expect(between(other, one)).toBe(null)
  })

  test('statements that have nothing to do with each other', () => {
    const unrelated = [
      'Never send a letter without a date.',
      'The warehouse in Bremen opens at 7.',
      'Call `get_stock` before `reserve`.',
      'Use tabs in Makefiles.',
      'Ana likes short answers.',
      'Always quote the error word for word.',
      'The export must have a header row.',
      'Do not touch the folder vendor/.',
      'Invoices are due after 30 days.',
      'Retry twice, then ask.',
    ]
    for (const one of unrelated) for (const other of unrelated) expect(between(one, other)).toBe(null)
  })
})

const word = fc.constantFrom(
  ...'deploy friday never not always sometimes before after `a` `b` 3 5 use the is Ana red blue on without if'.split(
    ' ',
  ),
)
const sentence = fc.array(word, { maxLength: 8 }).map((it) => it.join(' '))

test('contradiction is symmetric, and nothing contradicts itself', () => {
  fc.assert(
    fc.property(sentence, sentence, (one, other) => {
      expect(between(one, other)).toBe(between(other, one))
      expect(between(one, one)).toBe(null)
    }),
    { numRuns: 5_000 },
  )
})

describe('suspicion', () => {
  const corpus = corpusOf(
    [
      'I have never been to the trade fair in Hanover.',
      'Last spring I met Jo at the trade fair in Hanover, and we talked for hours.',
      'The trade fair in Hanover is in April.',
      'The trade fair in Hanover is in May this time.',
      'My budget for shoes is $200.',
      'The budget for shoes grew to $250.',
      'Shoes wear out.',
    ].map(statementsOf),
  )
  const suspicion = suspicionIn(corpus)
  const ranked = (i: number) =>
    corpus.texts
      .map((_, j) => j)
      .filter((j) => j !== i)
      .sort((a, b) => suspicion(i, b) - suspicion(i, a))

  test('puts first what a denial speaks of, and what has another value of the same', () => {
    expect(ranked(4)[0]).toBe(5)
    expect(ranked(5)[0]).toBe(4)
    expect(suspicion(0, 1)).toBeGreaterThan(corpus.similarity(0, 1))
    expect(suspicion(2, 3)).toBeGreaterThan(corpus.similarity(2, 3))
    expect(suspicion(4, 6)).toBe(corpus.similarity(4, 6))
  })

  test('is symmetric, and none where nothing is shared', () => {
    for (const i of corpus.texts.keys())
      for (const j of corpus.texts.keys()) expect(suspicion(i, j)).toBe(suspicion(j, i))
    expect(suspicion(0, 4)).toBe(0)
  })
})
