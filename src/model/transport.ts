/** How an SDK sends: through the one door, and by no way of its own. */
import type { Outbound } from '../domain/residency.ts'
import type { ProviderSettings } from './config.ts'

/** To be given to an SDK among its settings. */
export function transportOf(send: Outbound, { region }: Pick<ProviderSettings, 'region'>) {
  const through: typeof fetch = (url, request = {}) => send(String(url), request, region)
  return { fetch: through }
}
