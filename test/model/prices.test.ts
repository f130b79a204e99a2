import { describe, expect, test } from 'vitest'
import { NO_USAGE } from '../../src/domain/usage.ts'
import { costOf, listPrice } from '../../src/model/prices.ts'

describe('the list price of', () => {
  test.each([
    ['a model by its name', 'claude-haiku-4-5', 1],
    ['one of a certain date', 'claude-haiku-4-5-20251001', 1],
    ['one of a certain date, written otherwise', 'gpt-4o-mini-2024-07-18', 0.15],
    ['the latest', 'gpt-4.1-mini-latest', 0.4],
    ['one of Bedrock', 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0', 3],
    ['one of Vertex', 'claude-opus-4-5@20251101', 5],
    ['a model that another begins with', 'gpt-5', 1.25],
    ['the other', 'gpt-5-mini', 0.25],
    ['a name where a dot is another letter', 'gpt-4x1', undefined],
    ['a model of which more is said', 'claude-haiku-4-5-thinking', undefined],
    ['a model that nobody has heard of', 'llama-4', undefined],
  ])('%s (%s) is %s a million tokens in', (_, model, input) => {
    expect(listPrice(model)?.input).toBe(input)
  })

  test('a cache is as dear as other input where the provider says nothing else', () => {
    expect(listPrice('gpt-5-mini')).toEqual({ input: 0.25, output: 2, cache_read: 0.025, cache_write: 0.25 })
  })
})

describe('what was used costs', () => {
  const price = { input: 1, output: 5, cache_read: 0.1, cache_write: 1.25 }

  test.each([
    ['input', { ...NO_USAGE, input_tokens: 1_000_000 }, 1],
    ['output', { ...NO_USAGE, output_tokens: 1_000_000 }, 5],
    ['what a cache had', { ...NO_USAGE, cache_read_input_tokens: 1_000_000 }, 0.1],
    ['what was put into one', { ...NO_USAGE, cache_creation_input_tokens: 1_000_000 }, 1.25],
    [
      'all together',
      { input_tokens: 10, output_tokens: 3, cache_read_input_tokens: 7, cache_creation_input_tokens: 1 },
      0.00002695,
    ],
  ])('%s', (_, usage, usd) => {
    expect(costOf(usage, price)).toBe(usd)
    expect(costOf(usage, price, true)).toBe(usd / 2)
  })
})
