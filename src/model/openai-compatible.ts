/** OpenAI chat completions, which Ollama, vLLM, llama.cpp and many others speak as well. */
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { Outbound } from '../domain/residency.ts'
import type { ProviderSettings } from './config.ts'
import type { Ask } from './model.ts'
import { askThrough } from './sdk-model.ts'
import { transportOf } from './transport.ts'

export function openaiCompatible(settings: ProviderSettings, model: string, send: Outbound): Ask {
  const provider = createOpenAICompatible({
    name: settings.name,
    baseURL: settings.base_url,
    apiKey: settings.api_key ?? undefined,
    supportsStructuredOutputs: true,
    transformRequestBody: isOpenAI(settings) ? renamed : undefined,
    ...transportOf(send, settings),
  })
  return askThrough(
    provider(model),
    settings,
    isOpenAI(settings) && thinks(model) ? { reasoning: 'low' } : {},
  )
}

function isOpenAI({ base_url }: ProviderSettings): boolean {
  return URL.parse(base_url)?.host === 'api.openai.com'
}

/** Less than low is not for all of these, and anything at all is refused by the others. */
function thinks(model: string): boolean {
  return /^(?:o\d|gpt-5)(?!.*(?:chat|pro))/.test(model)
}

/** OpenAI's newer models refuse the name that everybody else goes by. */
function renamed({ max_tokens, ...body }: Record<string, unknown>): Record<string, unknown> {
  return { ...body, max_completion_tokens: max_tokens }
}
