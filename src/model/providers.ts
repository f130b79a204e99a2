/** Which kind of provider is called how. Each is loaded when it is first asked for, since few are ever used and none is small. */
import type { Outbound } from '../domain/residency.ts'
import type { ProviderKind, ProviderSettings } from './config.ts'
import type { Ask } from './model.ts'
import { timed } from './timed.ts'

/**
 * `model` of a provider as a function that makes one call a question, which may take as long as the settings say. All it sends goes through
 * `send`. It throws `ModelError`: see `failure.ts` for what becomes of what a provider says instead of an answer.
 */
export async function providerAsk(settings: ProviderSettings, model: string, send: Outbound): Promise<Ask> {
  const provider = await PROVIDERS[settings.kind]()
  return timed(provider(settings, model, send), settings)
}

type ProviderFunction = (settings: ProviderSettings, model: string, send: Outbound) => Ask

const PROVIDERS: Record<ProviderKind, () => Promise<ProviderFunction>> = {
  anthropic: async () => (await import('./anthropic.ts')).anthropic,
  openai_compatible: async () => (await import('./openai-compatible.ts')).openaiCompatible,
  google: async () => (await import('./google.ts')).google,
  bedrock: async () => (await import('./bedrock.ts')).bedrock,
}
