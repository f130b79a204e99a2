/** Anthropic Messages, at Anthropic's or at any server that speaks as it does. */
import { createAnthropic } from '@ai-sdk/anthropic'
import type { Outbound } from '../domain/residency.ts'
import type { ProviderSettings } from './config.ts'
import type { Ask } from './model.ts'
import { askThrough } from './sdk-model.ts'
import { transportOf } from './transport.ts'

export function anthropic(settings: ProviderSettings, model: string, send: Outbound): Ask {
  const provider = createAnthropic({
    baseURL: settings.base_url,
    // Without one the SDK would look for a key of its own.
    apiKey: settings.api_key ?? 'none',
    ...transportOf(send, settings),
  })
  return askThrough(provider(model), settings, { keep: KEEP, reasoning: 'none' })
}

const KEEP = { anthropic: { cacheControl: { type: 'ephemeral' } } }
