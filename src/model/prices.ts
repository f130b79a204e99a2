/**
 * What models cost, in USD for a million tokens: the list prices of those that are asked most, as their providers' pages had them in
 * October 2026 (platform.claude.com/docs/en/about-claude/pricing, developers.openai.com/api/docs/pricing,
 * ai.google.dev/gemini-api/docs/pricing). Where a price grows with the length of a prompt this is that of short ones. What one pays otherwise, and
 * models that are not here, stand in `models.yaml`.
 */
import { inUsd } from '../domain/spending.ts'
import type { Usage } from '../domain/usage.ts'
import type { Price } from './config.ts'

/** Null for a model that is not known. Dates and versions at the end of a name, and what Bedrock puts before it, do not matter. */
export function listPrice(model: string): Price | null {
  const found = PRICES.find(([name]) => endings(name).test(model))
  if (found === undefined) return null
  const [, input, output, cache_read = input, cache_write = input] = found
  return { input, output, cache_read, cache_write }
}

/** In USD. A batch costs half. */
export function costOf(usage: Usage, price: Price, in_batch = false): number {
  const usd =
    usage.input_tokens * price.input +
    usage.output_tokens * price.output +
    usage.cache_read_input_tokens * price.cache_read +
    usage.cache_creation_input_tokens * price.cache_write
  return inUsd((in_batch ? usd / 2 : usd) / 1_000_000)
}

function endings(name: string): RegExp {
  const literal = name.replaceAll('.', '\\.')
  return new RegExp(
    `^(?:[a-z]+\\.)*${literal}(?:[-@]\\d{8}|-\\d{4}-\\d\\d-\\d\\d|-latest)?(?:-v\\d+(?::\\d+)?)?$`,
  )
}

type Row = [name: string, input: number, output: number, cache_read?: number, cache_write?: number]

const PRICES: Row[] = [
  ['claude-fable-5-1', 10, 50, 0.25, 12.5],
  ['claude-opus-5-5', 4, 20, 0.2, 5],
  ['claude-opus-5', 5, 25, 0.5, 6.25],
  ['claude-opus-4-8', 5, 25, 0.5, 6.25],
  ['claude-opus-4-7', 5, 25, 0.5, 6.25],
  ['claude-opus-4-6', 5, 25, 0.5, 6.25],
  ['claude-opus-4-5', 5, 25, 0.5, 6.25],
  ['claude-opus-4-1', 15, 75, 1.5, 18.75],
  ['claude-sonnet-5-5', 2, 10, 0.1, 2.5],
  ['claude-sonnet-5', 2, 10, 0.2, 2.5],
  ['claude-sonnet-4-6', 3, 15, 0.3, 3.75],
  ['claude-sonnet-4-5', 3, 15, 0.3, 3.75],
  ['claude-haiku-5-5', 0.1, 0.5, 0.01, 0.125],
  ['claude-haiku-4-5', 1, 5, 0.1, 1.25],
  ['gpt-6-sol', 2, 10, 0.2, 2.5],
  ['gpt-6-luna', 0.1, 0.5, 0.01, 0.125],
  ['gpt-5', 1.25, 10, 0.125],
  ['gpt-5-mini', 0.25, 2, 0.025],
  ['gpt-4.1', 2, 8, 0.5],
  ['gpt-4.1-mini', 0.4, 1.6, 0.1],
  ['gpt-4.1-nano', 0.1, 0.4, 0.025],
  ['gpt-4o', 2.5, 10, 1.25],
  ['gpt-4o-mini', 0.15, 0.6, 0.075],
  ['gemini-3.5-flash', 1.5, 9],
  ['gemini-3.5-flash-lite', 0.3, 2.5],
  ['gemini-3.1-pro-preview', 2, 12],
  ['gemini-2.5-pro', 1.25, 10],
  ['gemini-2.5-flash', 0.3, 2.5],
  ['gemini-2.5-flash-lite', 0.1, 0.4],
]
