/**
 * A model of the AI SDK as a function: one request for a question, and an answer that was checked, or a `ModelError`.
 *
 * The SDK tries nothing again and reads nothing from the environment here: tries, keys and addresses are given. What it throws holds the whole
 * request, so nothing of that is handed on (`failure.ts`).
 */
import type { LanguageModelV4, LanguageModelV4GenerateResult } from '@ai-sdk/provider'
import { tokensIn, type Usage } from '../domain/usage.ts'
import { answerIn, type Said, tokensSaid } from './answer.ts'
import { answerShape } from './answer-shape.ts'
import type { ProviderSettings } from './config.ts'
import { failureOf } from './failure.ts'
import type { Ask, Question } from './model.ts'

/** What some providers, or models, are told besides. */
export type Ways = {
  /** With the system prompt, that it is worth keeping; not where a provider keeps prompts by itself. */
  keep?: Record<string, Record<string, Record<string, string>>>
  /**
   * How much a model thinks before it answers, where it would think much: that is paid for as its answer is, and leaves less room for it. What it
   * says is checked in any case.
   */
  reasoning?: 'none' | 'low'
}

export function askThrough(sdk: LanguageModelV4, settings: ProviderSettings, ways: Ways = {}): Ask {
  return async (question, signal) => {
    const result = await generated(sdk, question, settings, ways, signal)
    const said = { text: textOf(result), end: endOf(result), usage: usageOf(result, question) }
    return { value: answerIn(said, question, settings.name), usage: said.usage, from: 'provider' }
  }
}

async function generated(
  sdk: LanguageModelV4,
  { system, prompt, schema, max_output_tokens }: Question<unknown>,
  settings: ProviderSettings,
  { keep, reasoning }: Ways,
  signal: AbortSignal | undefined,
): Promise<LanguageModelV4GenerateResult> {
  const shape = answerShape(schema) as SdkSchema
  try {
    return await sdk.doGenerate({
      prompt: [
        { role: 'system', content: system, providerOptions: keep },
        { role: 'user', content: [{ type: 'text', text: prompt }] },
      ],
      responseFormat: { type: 'json', schema: shape, name: 'answer' },
      maxOutputTokens: max_output_tokens,
      reasoning,
      abortSignal: signal,
    })
  } catch (error) {
    signal?.throwIfAborted()
    throw failureOf(error, settings, `${system}\n${prompt}`)
  }
}

/** The SDK has types of its own for the same JSON Schema. */
type Format = NonNullable<Parameters<LanguageModelV4['doGenerate']>[0]['responseFormat']>
type SdkSchema = Extract<Format, { type: 'json' }>['schema']

function textOf({ content }: LanguageModelV4GenerateResult): string {
  return content
    .filter((it) => it.type === 'text')
    .map((it) => it.text)
    .join('')
}

/** Some servers give no reason, or one of their own, for the end of an answer that is whole. */
function endOf({ finishReason }: LanguageModelV4GenerateResult): Said['end'] {
  if (finishReason.unified === 'length') return 'length'
  return finishReason.unified === 'content-filter' ? 'refusal' : 'stop'
}

/** What is billed. A server that does not say is taken to count as is reckoned, so that a budget holds there too. */
function usageOf(result: LanguageModelV4GenerateResult, { system, prompt }: Question<unknown>): Usage {
  const { inputTokens, outputTokens } = result.usage
  const input = tokensSaid(inputTokens.total) ?? tokensIn(system) + tokensIn(prompt)
  const cacheRead = tokensSaid(inputTokens.cacheRead) ?? 0
  const cacheWrite = tokensSaid(inputTokens.cacheWrite) ?? 0
  return {
    input_tokens: Math.max(0, input - cacheRead - cacheWrite),
    output_tokens: tokensSaid(outputTokens.total) ?? tokensIn(textOf(result)),
    cache_read_input_tokens: cacheRead,
    cache_creation_input_tokens: cacheWrite,
  }
}
