/**
 * What became of a call that got no answer, told from what an SDK throws: whether another time it may go better, or whether it would end so again.
 *
 * An SDK's error holds the request, and with it words of a session and perhaps a key. Of it nothing is handed on but numbers, and
 * what the provider says where that repeats neither.
 */
import { APICallError, InvalidResponseDataError } from '@ai-sdk/provider'
import { EngineError } from '../domain/error.ts'
import type { ProviderSettings } from './config.ts'
import { ModelError } from './model-error.ts'

/** `asked` is all text of the question. */
export function failureOf(error: unknown, settings: ProviderSettings, asked: string): ModelError {
  if (error instanceof EngineError)
    return new ModelError('refused', 'not allowed', error.message, { cause: error })
  if (InvalidResponseDataError.isInstance(error)) return notAProvider(settings)
  if (!APICallError.isInstance(error)) return strange(settings, error)
  const { statusCode: status } = error
  if (status === undefined || status < 300) return noAnswer(error, settings)
  const said = error.responseBody ?? ''
  const quoted = quotable(error.message, settings, asked)
  const more = { retry_after_ms: retryAfter(error.responseHeaders) }
  const because = (kind: ModelError['kind'], reason: string, what: string) =>
    new ModelError(kind, reason, `${settings.name} ${what} (${status})${quoted}`, more)

  if (NO_CREDIT.test(said)) return because('refused', 'no credit', 'says that nothing is left to pay with')
  if (status === 413 || (status === 400 && isTooLong(said)))
    return because('unusable', 'too long', 'takes no question of this length')
  if (status === 400 && FILTERED.test(said)) return because('unusable', 'refusal', 'did not want to answer')
  if (status === 429) return because('unavailable', 'rate limited', 'is asked too often')
  if (status === 529 || status === 503) return because('unavailable', 'overloaded', 'has too much to do')
  if (status >= 500 || MAY_PASS.includes(status))
    return because('unavailable', 'server error', 'has an error of its own')
  if (status === 401 || status === 403)
    return new ModelError('refused', 'wrong key', `${settings.name} does not take the key (${status})`)
  if (status === 404)
    return because('refused', 'not found', `has no such model, or is not at ${settings.base_url}`)
  return because('refused', 'bad request', 'does not take the request')
}

/** Request timeout, conflict, too early. */
const MAY_PASS = [408, 409, 425]
const NO_CREDIT = /insufficient_quota|credit balance is too low|billing_error|billing_hard_limit/i
const TOO_LONG =
  /context.?(?:length|size|window)|(?:prompt|input|request|query) (?:is |are )?too (?:long|large)|token count\b.{0,40}\bexceeds|too many (?:input )?tokens|request_too_large/i
const FILTERED = /content.?(?:filter|policy)/i

/** Whether a provider says so of a question. */
export function isTooLong(said: string): boolean {
  return TOO_LONG.test(said)
}

/** Nobody answered, or what came is not the provider's. */
function noAnswer(error: APICallError, settings: ProviderSettings): ModelError {
  const { name } = settings
  const host = hostOf(settings)
  const code = networkCode(error)
  if (code === null && error.statusCode !== undefined) return notAProvider(settings)
  if (code !== null && NEVER_THERE.test(code))
    return new ModelError('unavailable', 'no connection', `${name} cannot be reached at ${host} (${code})`)
  const lost = `the connection to ${name} at ${host} was lost before it had answered`
  return new ModelError('unavailable', 'connection lost', code === null ? lost : `${lost} (${code})`)
}

/** A page of a proxy, or an answer that lacks what every answer has. */
function notAProvider(settings: ProviderSettings): ModelError {
  const what = `${hostOf(settings)} answered as no provider of this kind does`
  const why = `is something between, or is base_url of ${settings.name} wrong?`
  return new ModelError('unavailable', 'not a provider', `${what}; ${why}`)
}

function hostOf({ base_url }: ProviderSettings): string {
  return URL.parse(base_url)?.host ?? base_url
}

const NEVER_THERE =
  /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|UND_ERR_CONNECT_TIMEOUT|.*CERT.*|.*SSL.*)$/

/** The code that Node, or `fetch`, gave the failure, however deep it lies; null where it was not the network that failed. */
function networkCode(error: unknown): string | null {
  for (let it = error; it instanceof Error; it = it.cause)
    if ('code' in it && typeof it.code === 'string') return it.code
  return null
}

/** What is no error of a call at all: a request that an SDK did not even send. */
function strange({ name }: ProviderSettings, error: unknown): ModelError {
  const what = error instanceof Error ? error.name : typeof error
  return new ModelError('refused', 'not sent', `no request could be made for ${name} (${what})`)
}

/** In ms, as `retry-after-ms` or `retry-after` say it: a number of seconds, or a date. */
function retryAfter(headers: Record<string, string> = {}): number | null {
  const ms = Number(headers['retry-after-ms'] ?? Number.NaN)
  if (ms >= 0) return ms
  const text = headers['retry-after']
  if (text === undefined) return null
  const seconds = Number(text)
  const date = Date.parse(text)
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1_000)
  const now = Date.parse(headers.date ?? '')
  return Number.isNaN(date) || Number.isNaN(now) ? null : Math.max(0, date - now)
}

/** A message as the end of a sentence; nothing where it is long, or repeats the key or what was asked. */
function quotable(message: string, { api_key }: ProviderSettings, asked: string): string {
  const line = message.replace(/[\s\p{C}]+/gu, ' ').trim()
  if (line === '' || line.length > 300) return ''
  const tells = repeats(line, asked, 16) || (api_key !== null && repeats(line, api_key, 4))
  return tells ? '' : `: ${line}`
}

/** Whether so many characters in a row stand in both. */
function repeats(text: string, other: string, run: number): boolean {
  for (let at = 0; at + run <= text.length; at++) if (other.includes(text.slice(at, at + run))) return true
  return false
}
