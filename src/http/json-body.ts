/**
 * The JSON body of a request, read once: no larger than it may be, no slower, and without what two readers would understand
 * differently. Every route behind it finds parsed JSON, whatever content type the caller forgot to name.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Context, MiddlewareHandler } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { EngineError } from '../domain/error.ts'
import type { Env } from './env.ts'

const MB = 1_000_000

/** Most of what a caller says fits in this; a batch of events has room for whole files that were read. */
const MAX_BYTES = 1 * MB
const MAX_BYTES_OF_EVENTS = 32 * MB
const TAKES_EVENTS = /^\/v1\/sessions\/[^/]+\/events$/

/** What is read as it comes, by the route itself. */
const IS_STREAMED = /^\/v1\/sessions\/import$/

const MAX_DEPTH = 64

/** How long a body may take that has begun. */
const DEADLINE_MS = 30_000

export const jsonBody: MiddlewareHandler<Env> = async (c, next) => {
  const { method } = c.req
  if (method !== 'GET' && method !== 'HEAD' && !IS_STREAMED.test(c.req.path)) await read(c)
  await next()
}

async function read(c: Context<Env>): Promise<void> {
  const max = TAKES_EVENTS.test(c.req.path) ? MAX_BYTES_OF_EVENTS : MAX_BYTES
  const bytes = hasBody(c) ? await bytesOf(c, max) : null
  const headers = c.req.raw.headers
  if (bytes === null || bytes.byteLength === 0) {
    // Some clients name a content type for nothing; what has no body is an object without fields.
    headers.delete('content-type')
    return
  }
  const type = headers.get('content-type')
  if (type !== null && !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type))
    throw invalid('the body is no JSON, by its content-type', 'send it as application/json')
  const json = parsed(bytes)
  headers.set('content-type', 'application/json')
  c.req.json = async <T>() => json as T
}

function hasBody(c: Context<Env>): boolean {
  const incoming = c.env?.incoming
  if (incoming === undefined) return c.req.raw.body !== null
  return (
    incoming.headers['transfer-encoding'] !== undefined || Number(incoming.headers['content-length'] ?? 0) > 0
  )
}

/** Throws `request_too_large` before it has held more than it may, whatever the caller says of the length. */
async function bytesOf(c: Context<Env>, max: number): Promise<Uint8Array<ArrayBuffer>> {
  const { headers } = c.req.raw
  const length = headers.get('content-length')
  if (Number(length ?? 0) > max) throw tooLarge(c, max)
  const is_counted = length !== null && headers.get('transfer-encoding') === null
  const work = is_counted ? c.req.raw.arrayBuffer().then((it) => new Uint8Array(it)) : counted(c, max)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      c.header('connection', 'close')
      reject(
        new HTTPException(408, { message: `the body did not arrive within ${DEADLINE_MS / 1000} seconds` }),
      )
    }, DEADLINE_MS)
  })
  try {
    return await Promise.race([work, late])
  } catch (error) {
    if (error instanceof EngineError || error instanceof HTTPException) throw error
    // The caller went away, or broke the encoding off: there is nobody to tell, or nothing else to tell.
    throw new EngineError('invalid_request_error', 'the body broke off', { cause: error })
  } finally {
    clearTimeout(timer)
    work.catch(() => {})
  }
}

async function counted(c: Context<Env>, max: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  // What is too large is not canceled: that would close the connection before the answer is out.
  const reader = c.req.raw.body!.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return Buffer.concat(chunks)
    bytes += value.byteLength
    if (bytes > max) {
      await dropRest(reader, max)
      throw tooLarge(c, max)
    }
    chunks.push(value)
  }
}

const DROPPING_MS = 1_000

/** Who is still sending when the connection is closed may lose the answer, so most are let finish; none for long. */
async function dropRest(reader: ReadableStreamDefaultReader<Uint8Array>, max: number): Promise<void> {
  const late = performance.now() + DROPPING_MS
  for (let left = max; left > 0 && performance.now() < late; ) {
    const { done, value } = await Promise.race([reader.read(), sleep(DROPPING_MS, NOTHING, { ref: false })])
    if (done) return
    left -= value?.byteLength ?? 0
  }
}

const NOTHING = { done: true, value: undefined } as const

function tooLarge(c: Context<Env>, max: number): EngineError {
  // What is still to come would be read as the next request.
  c.header('connection', 'close')
  return new EngineError('request_too_large', `the body is larger than ${max / MB} MB`, {
    hint: 'send less at once; POST /v1/sessions/import takes whole files',
  })
}

/**
 * Throws `invalid_request_error` for what is no JSON in UTF-8, and for JSON that is read in two ways: a key that stands twice in one
 * object, the key `__proto__`, more than 64 levels.
 */
export function parsed(bytes: Uint8Array<ArrayBuffer>): unknown {
  let text: string
  let json: unknown
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
    json = JSON.parse(text)
  } catch (error) {
    // Never the parser's own words, which quote the body.
    throw new EngineError('invalid_request_error', 'the body is no valid JSON', {
      hint: 'send one JSON value, in UTF-8',
      cause: error,
    })
  }
  refuseAmbiguous(text)
  return json
}

/** Goes through valid JSON, in one pass and without recursion. */
function refuseAmbiguous(text: string): void {
  const open: (Set<string> | null)[] = []
  let keys: Set<string> | null = null
  for (let i = 0; i < text.length; i += 1) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      const end = endOfString(text, i)
      if (keys !== null && isKey(text, end)) see(keys, text.slice(i, end + 1))
      i = end
    } else if (code === OPEN_BRACE || code === OPEN_BRACKET) {
      if (open.length === MAX_DEPTH) throw invalid(`the body has more than ${MAX_DEPTH} levels`)
      open.push(keys)
      keys = code === OPEN_BRACE ? new Set() : null
    } else if (code === CLOSE_BRACE || code === CLOSE_BRACKET) keys = open.pop()!
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_BRACE = 0x7b
const CLOSE_BRACE = 0x7d
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const COLON = 0x3a

function see(keys: Set<string>, quoted: string): void {
  const key = quoted.includes('\\') ? (JSON.parse(quoted) as string) : quoted.slice(1, -1)
  if (key === '__proto__') throw invalid('the body has a key __proto__, which no object may have')
  if (keys.has(key)) throw invalid(`the body has a key twice in one object: ${key.slice(0, 64)}`)
  keys.add(key)
}

function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (isEscaped(text, end)) end = text.indexOf('"', end + 1)
  return end
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes += 1
  return backslashes % 2 === 1
}

function isKey(text: string, end: number): boolean {
  let next = end + 1
  while (text.charCodeAt(next) <= 0x20) next += 1
  return text.charCodeAt(next) === COLON
}

function invalid(message: string, hint?: string): EngineError {
  return new EngineError('invalid_request_error', message, hint === undefined ? {} : { hint })
}
