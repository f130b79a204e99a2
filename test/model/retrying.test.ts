/** How often a provider is asked again, and how long it is let alone before. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { NO_USAGE } from '../../src/domain/usage.ts'
import type { Ask, Question } from '../../src/model/model.ts'
import { ModelError, type ModelErrorKind } from '../../src/model/model-error.ts'
import { retrying } from '../../src/model/retrying.ts'

const QUESTION: Question<string> = {
  stage: 'review',
  system: 'Be short.',
  prompt: 'Who?',
  schema: z.string(),
  max_output_tokens: 10,
}
const PATIENCE = { tries: 4, first_ms: 1_000, longest_ms: 3_000, longest_asked_ms: 60_000 }

test('a provider that fails is asked again until it answers, and every while is longer', async () => {
  const { ask, slept, tries } = provider([busy(), busy(), busy()])
  expect((await ask(QUESTION)).value).toBe('Me.')
  expect(tries()).toBe(4)
  expect(slept).toEqual([500, 1_000, 1_500])
})

test('one that goes on failing is asked so often and no more, and the error says how often', async () => {
  const { ask, slept, tries } = provider(Array(10).fill(busy()))
  const error = await ask(QUESTION).catch((it) => it)
  expect(error).toMatchObject({
    kind: 'unavailable',
    reason: 'overloaded',
    message: 'it has too much to do; asked 4 times',
  })
  expect(tries()).toBe(4)
  expect(slept).toHaveLength(3)
})

test.each<{ kind: ModelErrorKind; tried: number }>([
  { kind: 'unavailable', tried: 4 },
  { kind: 'refused', tried: 1 },
  { kind: 'unusable', tried: 1 },
  { kind: 'stopped', tried: 1 },
])('what is $kind is asked $tried times', async ({ kind, tried }) => {
  const error = new ModelError(kind, 'x', 'it failed', { usage: { ...NO_USAGE, output_tokens: 7 } })
  const { ask, tries } = provider(Array(10).fill(error))
  const thrown = await ask(QUESTION).catch((it) => it)
  expect(thrown).toMatchObject({ kind, reason: 'x', usage: { output_tokens: 7 } })
  expect(tries()).toBe(tried)
})

test('a bug is no reason to ask again', async () => {
  const bug = new TypeError('undefined is not a function')
  const { ask, tries } = provider([bug])
  expect(await ask(QUESTION).catch((it) => it)).toBe(bug)
  expect(tries()).toBe(1)
})

test.each([
  { asked_ms: 0, slept: [500] },
  { asked_ms: 7_000, slept: [7_500] },
  { asked_ms: 60_000, slept: [60_500] },
  { asked_ms: 60_001, slept: [] },
])('a provider that asks for $asked_ms ms is let alone for $slept', async ({ asked_ms, slept: expected }) => {
  const { ask, slept } = provider([busy(asked_ms)])
  await ask(QUESTION).catch((it) => it)
  expect(slept).toEqual(expected)
})

test('whatever is drawn and asked for, no while is shorter than asked for, nor longer than that and the longest', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.array(fc.integer({ min: 0, max: 60_000 }), { minLength: 1, maxLength: 3 }),
      async (lot, asked) => {
        const { ask, slept } = provider(asked.map(busy), lot)
        await ask(QUESTION)
        expect(slept).toHaveLength(asked.length)
        for (const [at, ms] of slept.entries()) {
          expect(ms).toBeGreaterThanOrEqual(asked[at]!)
          expect(ms).toBeLessThanOrEqual(asked[at]! + Math.min(3_000, 1_000 * 2 ** at))
        }
      },
    ),
  )
})

test('who is told to stop while it waits stops at once, and throws why', async () => {
  const over = new AbortController()
  const why = new Error('the dream was cancelled')
  const ask = retrying(provider([busy(50_000)]).bare, PATIENCE)
  const answer = ask(QUESTION, over.signal).catch((it) => it)
  setTimeout(() => over.abort(why), 20)
  const began = performance.now()
  expect(await answer).toBe(why)
  expect(performance.now() - began).toBeLessThan(5_000)
})

function busy(retry_after_ms: number | null = null): ModelError {
  return new ModelError('unavailable', 'overloaded', 'it has too much to do', { retry_after_ms })
}

/** A provider that fails so, and then answers; asked by somebody for whom waiting takes no time. */
function provider(errors: Error[], lot = 0.5) {
  let tried = 0
  const slept: number[] = []
  const bare: Ask = async ({ schema }) => {
    const error = errors[tried++]
    if (error) throw error
    return { value: schema.parse('Me.'), usage: NO_USAGE, from: 'provider' }
  }
  const ask = retrying(bare, PATIENCE, {
    sleep: async (ms) => {
      slept.push(ms)
    },
    lot: () => lot,
  })
  return { ask, bare, slept, tries: () => tried }
}
