/** Amazon Bedrock's Converse, with a key of its own or signed by those of AWS. */
import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock'
import type { Outbound } from '../domain/residency.ts'
import type { ProviderSettings } from './config.ts'
import type { Ask } from './model.ts'
import { askThrough } from './sdk-model.ts'
import { transportOf } from './transport.ts'

export function bedrock(settings: ProviderSettings, model: string, send: Outbound): Ask {
  const { aws } = settings
  const provider = createAmazonBedrock({
    baseURL: settings.base_url,
    region: settings.region ?? 'us-east-1',
    // Left out, they would be looked for in the environment. An empty key makes the SDK sign.
    apiKey: settings.api_key ?? '',
    accessKeyId: aws?.access_key_id ?? 'none',
    secretAccessKey: aws?.secret_access_key ?? 'none',
    sessionToken: aws?.session_token ?? undefined,
    ...transportOf(send, settings),
  })
  return askThrough(provider(model), settings, keeps(model) ? { keep: KEEP } : {})
}

const KEEP = { bedrock: { cachePoint: { type: 'default' } } }

/** The others refuse a request that asks them to. */
function keeps(model: string): boolean {
  return /\banthropic\.claude|\bamazon\.nova/.test(model)
}
