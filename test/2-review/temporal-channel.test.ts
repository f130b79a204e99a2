import { describe, expect, test } from 'vitest'
import { observeWishes, wishesOf } from '../../src/2-review/temporal-channel.ts'
import { answer, call, feedback, result, type Step, say, session } from '../session-builder.ts'

describe('a sentence asks of an answer', () => {
  test.each([
    { words: 'Keep it short please.', wishes: ['short answers'] },
    { words: 'Can you give me a concise overview?', wishes: ['short answers'] },
    { words: 'Answer in two sentences.', wishes: ['short answers'] },
    { words: 'Please explain it in more detail.', wishes: ['detailed answers'] },
    { words: 'I want a thorough write-up of this.', wishes: ['detailed answers'] },
    { words: "Please don't go into detail.", wishes: ['short answers'] },
    { words: 'Not too short please.', wishes: ['detailed answers'] },
    { words: 'Put it into bullet points.', wishes: ['bullet points'] },
    { words: 'No bullet points please.', wishes: [] },
    { words: 'Show me the numbers as a table.', wishes: ['tables'] },
    { words: 'Explain it step by step.', wishes: ['numbered steps'] },
    { words: 'Just an executive summary.', wishes: ['a summary'] },
    { words: 'Please use plain language.', wishes: ['plain language'] },
    { words: 'Use a more formal tone.', wishes: ['a formal tone'] },
    { words: 'Not so formal tone please.', wishes: ['a casual tone'] },
    { words: 'Please answer in German.', wishes: ['answers in German'] },
    { words: 'French version please.', wishes: ['answers in French'] },
    { words: 'Start with the open risks, then the rest.', wishes: ['start with risk'] },
    { words: 'Please leave out the greeting.', wishes: ['leave out greeting'] },
    { words: 'Short, and include the totals of the month.', wishes: ['include total'] },
  ])('"$words": $wishes', ({ words, wishes }) => {
    expect(wishesOf(words)).toEqual(wishes)
  })

  test.each([
    'The bond is a short position.',
    'The details page of the shop is broken.',
    'Drop the users table.',
    'The request takes too long.',
    'The contract is in German.',
    'Refund order C-4711 to ana@example.com.',
  ])('nothing: "%s"', (words) => {
    expect(wishesOf(words)).toEqual([])
  })

  test('names nothing by which a customer could be known', () => {
    expect(wishesOf('Please include C-4711 and start with ana@example.com.')).toEqual([])
  })
})

describe('a session of a person', () => {
  test('is one occasion, with each wish by itself, by weekday and by part of the day', () => {
    const [it, ...others] = at(
      '2026-11-02T09:00:00Z',
      say('Write to the customer.'),
      answer('Done.'),
      say('Make it short.'),
    )
    expect(others).toEqual([])
    expect(it).toEqual({
      channel: 'temporal',
      context: 'asks ana',
      bad: true,
      event: 0,
      traits: { 'short answers': 2, 'Monday: short answers': 2, '06-12: short answers': 2 },
    })
  })

  test('counts too when nothing was asked of the answer', () => {
    expect(at('2026-11-02T09:00:00Z', say('Write to the customer.'))).toMatchObject([
      { bad: false, traits: {} },
    ])
  })

  test.each([
    { started_at: '2026-11-01T23:59:59Z', windows: ['Sunday', '18-24'] },
    { started_at: '2026-11-02T00:00:00Z', windows: ['Monday', '00-06'] },
    { started_at: '2026-11-06T12:00:00Z', windows: ['Friday', '12-18'] },
  ])('at $started_at falls into $windows', ({ started_at, windows }) => {
    const [it] = at(started_at, say('Make it short.'))
    expect(Object.keys(it!.traits)).toEqual([
      'short answers',
      ...windows.map((window) => `${window}: short answers`),
    ])
  })

  test('may hold the wish in the comment of a feedback', () => {
    const rejected = feedback({ kind: 'rejection', comment: 'Make it short.' })
    expect(at('2026-11-02T09:00:00Z', say('Write.'), answer('Done.'), rejected)).toMatchObject([
      { traits: { 'short answers': 2 } },
    ])
  })

  test.each<{ name: string; steps: Step[] }>([
    { name: 'the agent asks for it', steps: [say('Write to them.'), answer('Keep it short please.')] },
    { name: 'a tool says it', steps: [say('Read it.'), call('read'), result('Keep it short please.')] },
    { name: 'it stands in a long pasted text', steps: [say(`${'Keep it short please. '.repeat(100)}`)] },
  ])('has no wish when $name', ({ steps }) => {
    expect(at('2026-11-02T09:00:00Z', ...steps)).toMatchObject([{ bad: false, traits: {} }])
  })

  test('counts only when somebody speaks', () => {
    expect(at('2026-11-02T09:00:00Z', call('cleanup'), result())).toEqual([])
  })

  test('at an unknown time falls into no window', () => {
    expect(at(null, say('Make it short.'))).toMatchObject([{ traits: { 'short answers': 0 } }])
    expect(Object.keys(at(null, say('Make it short.'))[0]!.traits)).toEqual(['short answers'])
  })
})

function at(started_at: string | null, ...steps: Step[]) {
  return observeWishes({ ...session(...steps), person: 'ana', started_at })
}
