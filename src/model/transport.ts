/**
 * How an SDK sends: through the one door, by no way of its own, and to the provider alone, whatever address an answer names. What comes back is read
 * up to a bound, in a bounded time: a provider that is hostile or broken costs no more than that.
 */
import { EngineError } from '../domain/error.ts'
import type { Outbound } from '../domain/residency.ts'
import type { ProviderSettings } from './config.ts'

/** To be given to an SDK among its settings. */
export function transportOf(
  send: Outbound,
  { base_url, region }: Pick<ProviderSettings, 'base_url' | 'region'>,
) {
  const { origin } = new URL(base_url)
  const through: typeof fetch = async (url, request = {}) => {
    if (URL.parse(String(url))?.origin !== origin) throw elsewhere(origin)
    const over = AbortSignal.timeout(LONGEST_MS)
    const signal = request.signal ? AbortSignal.any([request.signal, over]) : over
    return bounded(await send(String(url), { ...request, signal }, region))
  }
  return { fetch: through }
}

/** The key is for that address, and so is what the workspace allows. */
function elsewhere(origin: string): EngineError {
  return new EngineError('permission_error', `a provider at ${origin} names an address elsewhere`, {
    hint: 'nothing was sent there; is base_url in models.yaml its address?',
  })
}

/** Longer than any call may take; some SDKs watch only how long the first byte takes. */
const LONGEST_MS = 600_000
/** Of an answer, or of a batch of them, unpacked: several times what the longest may come to. */
const MOST_BYTES = 32 * 1024 * 1024

function bounded(response: Response): Response {
  const { body, status, statusText, headers } = response
  if (body === null) return response
  let left = MOST_BYTES
  const counted = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, to) {
      left -= chunk.byteLength
      if (left < 0) to.error(new Error(`more than ${MOST_BYTES} bytes were answered`))
      else to.enqueue(chunk)
    },
  })
  return new Response(body.pipeThrough(counted), { status, statusText, headers })
}
