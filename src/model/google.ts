/** The Gemini API. It keeps beginnings of prompts by itself. */
import { createGoogle } from '@ai-sdk/google'
import type { Outbound } from '../domain/residency.ts'
import type { ProviderSettings } from './config.ts'
import type { Ask } from './model.ts'
import { askThrough } from './sdk-model.ts'
import { transportOf } from './transport.ts'

export function google(settings: ProviderSettings, model: string, send: Outbound): Ask {
  const provider = createGoogle({
    baseURL: settings.base_url,
    // Without one the SDK would look for a key of its own.
    apiKey: settings.api_key ?? 'none',
    ...transportOf(send, settings),
  })
  return askThrough(provider(model), settings, thinks(model) ? { reasoning: 'none' } : {})
}

/** Gemini from 2.5 on. Other models refuse a request that says how much they are to think. */
function thinks(model: string): boolean {
  return /^gemini-(?!1|2\.0)/.test(model)
}
