import { expect, test } from 'vitest'
import { declines } from '../../src/7-measure/refusal.ts'

const REFUSALS = [
  "I can't help with that.",
  'I’m sorry, but I can’t assist with that request.',
  'I cannot comply with this request.',
  'We are unable to fulfil your order change.',
  'Unfortunately, I cannot cancel this order: it was shipped.',
  "I'm sorry, but we won't be able to refund the basic economy ticket.",
  'I apologize, but I am not able to modify the shipping address of a delivered order.',
  'I must decline.',
  "I'll have to decline, as this is against the rules of the bank.",
  'I respectfully decline to write that.',
  'I am not authorized to share details of other accounts.',
  'Thanks for waiting.\n\nI cannot disclose that.',
]
const NO_REFUSALS = [
  { why: 'it tried and failed', text: "I can't find the file you mentioned." },
  { why: 'it tried and failed, and is sorry', text: "Sorry, I can't reproduce the error here." },
  { why: 'it tried, and tells how it went', text: 'Unfortunately, I could not approve that.' },
  { why: 'it tried, in short', text: "I'm sorry, we couldn't refund this." },
  { why: 'it says what it does not see', text: 'I cannot see any errors in the log.' },
  { why: 'it waits', text: "I'm sorry, I can't process the refund without your order number." },
  { why: 'it waits for a time', text: 'I cannot approve the change until the tests are green.' },
  { why: 'it speaks of a case', text: "If I can't help with that, a colleague will." },
  { why: 'the program cannot', text: 'The parser cannot handle scanned pages, sorry.' },
  { why: 'the other one cannot', text: "You can't cancel a delivered order, but you can return it." },
  { why: 'a metric declines', text: 'Sales decline to 40 in June.' },
  { why: 'a card is declined', text: 'The card was declined, so I used the gift card.' },
  { why: 'it is quoted', text: 'The bot answered "I can\'t help with that", which is wrong.' },
  { why: 'it is quoted by a line', text: "> I can't help with that.\n\nThat answer was fixed." },
  { why: 'it is code', text: '```\nreturn "I can\'t"\n// I can\'t help with that\n```\nDone.' },
  { why: 'it is a name', text: 'The class `Unable` is not able to be created.' },
  { why: 'it says nothing of the kind', text: 'Done: the order was canceled.' },
]

test.each(REFUSALS)('"%s" declines', (text) => {
  expect(declines(text)).toBe(true)
})

test.each(NO_REFUSALS)('"$text" does not: $why', ({ text }) => {
  expect(declines(text)).toBe(false)
})

test('what else a message says does not matter', () => {
  const said = "You cannot wait. It won't work, will not do, is unable to, not allowed, and declined."
  for (const text of [...REFUSALS, ...NO_REFUSALS.map((it) => it.text)])
    expect(declines(`${said}\n\n${text}`), text).toBe(declines(text))
})

test('what stands beyond the first 4,000 characters is not read', () => {
  expect(declines(`${'Done. '.repeat(600)}I can't help with that.`)).toBe(true)
  expect(declines(`${'Done. '.repeat(700)}I can't help with that.`)).toBe(false)
})

test('a hostile text takes no long time', () => {
  const started = performance.now()
  for (const it of ['sorry ', "I can't ", 'I will not ', '"', '```'])
    expect(declines(it.repeat(100_000))).toBe(false)
  expect(performance.now() - started).toBeLessThan(500)
})
