/**
 * Sends a webhook, and is the one file that calls out by itself.
 *
 * The URL is a stranger's word, so where it leads is looked up first, and the connection goes to the very addresses that
 * were found good: a name that means something else a moment later leads nobody inside. Redirects are not followed, proxies of the
 * environment not asked, and of the answer nothing is kept but its status.
 */
import { lookup } from 'node:dns/promises'
import { request as httpRequest, type RequestOptions } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { type AddressKind, addressKind } from '../domain/network-address.ts'
import { addressIn } from '../domain/residency.ts'

export type Found = { address: string; family: number }

/** What a name means. */
export type Resolve = (hostname: string) => Promise<Found[]>

/** The status of the answer, or why there is none, in words of ours. */
export type Answer = { status: number } | { error: string }

export const resolveByDns: Resolve = (hostname) => lookup(hostname, { all: true })

const TIMEOUT_MS = 10_000
const MAX_ANSWER_BYTES = 64 * 1_024

/** Posts once. Whatever goes wrong is part of the answer; nothing is thrown. */
export async function postWebhook(
  url: URL,
  { headers, body }: { headers: Record<string, string>; body: string },
  reach: AddressKind[],
  how: { resolve: Resolve; signal: AbortSignal; timeout_ms?: number },
): Promise<Answer> {
  const ended = AbortSignal.any([how.signal, AbortSignal.timeout(how.timeout_ms ?? TIMEOUT_MS)])
  try {
    const found = await unlessAborted(addressesOf(url, how.resolve), ended)
    const unfit = found.find((it) => !reach.includes(addressKind(it.address)))
    if (unfit) return { error: `the host leads to ${kindInWords(addressKind(unfit.address))}` }
    const options: RequestOptions = {
      method: 'POST',
      // A new agent knows no proxy.
      agent: false,
      headers: {
        ...headers,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'user-agent': 'Reverie-Webhooks/1',
      },
      signal: ended,
      lookup: (_hostname, { all }, found_it) =>
        all ? found_it(null, found) : found_it(null, found[0]!.address, found[0]!.family),
    }
    return { status: await send(url, options, body) }
  } catch (error) {
    if (how.signal.aborted) return { error: 'this server was stopped' }
    if (ended.aborted) return { error: 'there was no answer in time' }
    return { error: inWords(error) }
  }
}

async function addressesOf(url: URL, resolve: Resolve): Promise<Found[]> {
  const literal = addressIn(url.hostname)
  if (literal === null) return resolve(url.hostname)
  return [{ address: literal, family: literal.includes(':') ? 6 : 4 }]
}

function send(url: URL, options: RequestOptions, body: string): Promise<number> {
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)(url, options)
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response) => {
      // The status is the answer, whatever becomes of the rest.
      const done = () => {
        resolve(response.statusCode!)
        request.destroy()
      }
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
        if (bytes > MAX_ANSWER_BYTES) done()
      })
      response.on('end', done)
      response.on('error', done)
    })
    request.end(body)
  })
}

/** Looking a name up cannot be broken off, only left alone. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted()
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason)
    signal.addEventListener('abort', stop, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', stop))
  })
}

function kindInWords(kind: AddressKind): string {
  if (kind === 'never') return 'an address that nothing is sent to'
  return kind === 'private' ? 'an address of a private network' : 'a public address, without encryption'
}

/** What a person can do something about; the text of an error may quote what a stranger said. */
function inWords(error: unknown): string {
  const code = String((error as { code?: unknown }).code ?? '')
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'the host was not found'
  if (code === 'ECONNREFUSED') return 'the connection was refused'
  if (/^(?:CERT_|ERR_TLS|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|EPROTO|ERR_SSL)/.test(code))
    return `its certificate or its encryption was not accepted (${code})`
  return /^[A-Z][A-Z_]+$/.test(code) ? `the connection failed (${code})` : 'the connection failed'
}
