/**
 * Providers of language models that say what a script has them say: a real HTTP server of this machine that speaks
 * Anthropic Messages, OpenAI chat completions and embeddings, Gemini and Bedrock Converse, so that the real SDKs are on our side.
 *
 * What is billed is counted as a provider counts: a token is four characters, and a beginning of 1024 tokens and more that
 * was sent before is read from a cache. It fails as providers fail, at the socket as well as in what it says.
 */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, createServer as createListener } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { tokensIn } from '../../src/domain/usage.ts'

export type Protocol = 'anthropic' | 'openai' | 'google' | 'bedrock'

/** What a provider was asked, said alike for all protocols. */
export type Asked = {
  /** The how manieth question it is, from 1. */
  n: number
  protocol: Protocol
  model: string
  system: string
  /** All that is not `system`, each message on lines of its own. */
  prompt: string
  /** JSON Schema of the answer; null where none was sent. */
  schema: Json | null
  max_tokens: number | null
  path: string
  headers: IncomingHttpHeaders
  body: Json
}

/**
 * - `refused`: the connection is closed before a byte is answered.
 * - `reset`: it breaks off in the middle of the answer.
 * - `slow`: nothing is answered, until the other side gives up.
 * - `stalled`: half of the answer comes, and then nothing.
 * - `truncated`: the answer is cut off, since it may be no longer.
 * - `empty`: an answer without words.
 * - `refusal`: the model does not want to answer.
 * - `html`: something between answers with a page and a status of 200.
 */
export type Reply = (
  | { json: unknown }
  | { text: string }
  | { fault: 'truncated'; json?: unknown }
  | { fault: 'refused' | 'reset' | 'slow' | 'stalled' | 'empty' | 'refusal' | 'html' }
  | { status: number; headers?: Record<string, string>; body?: string }
) & {
  /** How long it thinks first. */
  ms?: number
}

export type Script = (asked: Asked) => Reply | Promise<Reply>

export type Recorded = Asked & {
  /** In ms since the server listens: when it was asked, and when that was over; null while it is not. */
  began: number
  ended: number | null
  /** What a provider would put on the bill; whether the other side heard of it is another matter. */
  billed: Billed
  /** That the whole answer was sent, whatever it said. */
  answered: boolean
}

export type Billed = { input: number; output: number; cache_read: number; cache_write: number }

export type ScriptedServer = {
  /** `http://127.0.0.1:PORT`. */
  url: string
  /** As the SDKs want it: with the version that the protocol's paths begin with. */
  base_url: (protocol: Protocol) => string
  /** What to say from now on. */
  script: Script
  /** Questions in the order they came; those for embeddings are in `embeddings`. */
  requests: Recorded[]
  embeddings: { model: string; texts: string[]; tokens: number }[]
  /** How many questions were open at the same time, at most. */
  most_at_once: () => number
  billed: () => Billed
  close: () => Promise<void>
}

type Json = Record<string, unknown>

export async function scriptedServer(script: Script, host = '127.0.0.1'): Promise<ScriptedServer> {
  const requests: Recorded[] = []
  const embeddings: ScriptedServer['embeddings'] = []
  const seen = new Set<string>()
  const start = performance.now()
  let open = 0
  let most = 0

  const server = createServer(async (request, response) => {
    const sent = await textOf(request)
    if (sent === null) return
    const body = JSON.parse(sent || '{}') as Json
    const path = request.url!
    if (path.endsWith('/embeddings')) {
      const texts = [body.input].flat().map(String)
      const tokens = sum(texts.map(tokensIn))
      embeddings.push({ model: String(body.model), texts, tokens })
      return json(response, 200, embedded(body, texts, tokens))
    }
    const route = ROUTES.find((it) => request.method === 'POST' && it.path.test(path))
    if (!route) return json(response, 404, { error: { type: 'not_found_error', message: `no ${path}` } })
    const speech = SPEECH[route.protocol]
    const asked: Asked = {
      n: requests.length + 1,
      protocol: route.protocol,
      path,
      headers: request.headers,
      body,
      ...speech.heard(body, path),
    }
    const recorded: Recorded = {
      ...asked,
      began: performance.now() - start,
      ended: null,
      billed: { input: 0, output: 0, cache_read: 0, cache_write: 0 },
      answered: false,
    }
    requests.push(recorded)
    open += 1
    most = Math.max(most, open)
    response.once('close', () => {
      open -= 1
      recorded.ended = performance.now() - start
      recorded.answered = response.writableFinished
    })
    const reply = await it.script(asked)
    if (reply.ms) await sleep(reply.ms)
    if (response.destroyed) return
    say(response, asked, reply, recorded.billed, seen)
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, host)
  await once(server, 'listening')
  const url = `http://${host}:${(server.address() as AddressInfo).port}`
  const it: ScriptedServer = {
    url,
    base_url: (protocol) => url + VERSION[protocol],
    script,
    requests,
    embeddings,
    most_at_once: () => most,
    billed: () => ({
      input: sum(requests.map((it) => it.billed.input)),
      output: sum(requests.map((it) => it.billed.output)),
      cache_read: sum(requests.map((it) => it.billed.cache_read)),
      cache_write: sum(requests.map((it) => it.billed.cache_write)),
    }),
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  return it
}

/** An address of this machine at which nobody listens. */
export async function nobodyListens(): Promise<string> {
  const listener = createListener().listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  listener.close()
  await once(listener, 'close')
  return `http://127.0.0.1:${port}`
}

const VERSION: Record<Protocol, string> = { anthropic: '/v1', openai: '/v1', google: '/v1beta', bedrock: '' }

const ROUTES: { protocol: Protocol; path: RegExp }[] = [
  { protocol: 'anthropic', path: /^\/v1\/messages(?:\?|$)/ },
  { protocol: 'openai', path: /^\/v1\/chat\/completions$/ },
  { protocol: 'google', path: /^\/v1beta\/models\/[^/]+:generateContent$/ },
  { protocol: 'bedrock', path: /^\/model\/[^/]+\/converse$/ },
]

function say(response: ServerResponse, asked: Asked, reply: Reply, billed: Billed, seen: Set<string>): void {
  const speech = SPEECH[asked.protocol]
  if ('status' in reply) {
    const body = reply.body ?? JSON.stringify(speech.failed(reply.status))
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(body)
    return
  }
  const fault = 'fault' in reply ? reply.fault : null
  if (fault === 'refused') {
    response.socket!.destroy()
    return
  }
  Object.assign(billed, inputOf(asked, seen))
  if (fault === 'slow') return
  if (fault === 'html') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Sign in to go on</body></html>')
    return
  }
  const said = saidBy(reply)
  billed.output = tokensIn(said.text)
  const answer = speech.answered(asked, said, billed)
  if (asked.body.stream === true) streamed(response, answer)
  else if (fault === 'reset' || fault === 'stalled') half(response, answer, fault === 'reset')
  else json(response, 200, answer)
}

/** Says that so many bytes come, and sends half of them. */
function half(response: ServerResponse, answer: Json, breaks_off: boolean): void {
  const bytes = Buffer.from(JSON.stringify(answer))
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.byteLength })
  response.write(bytes.subarray(0, bytes.byteLength / 2), () => {
    if (breaks_off) response.socket!.resetAndDestroy()
  })
}

type Said = { text: string; stop: 'end' | 'length' | 'refusal' }

function saidBy(reply: Exclude<Reply, { status: number }>): Said {
  if (!('fault' in reply))
    return { text: 'text' in reply ? reply.text : JSON.stringify(reply.json), stop: 'end' }
  if (reply.fault === 'empty') return { text: '', stop: 'end' }
  if (reply.fault === 'refusal') return { text: 'I cannot help with that.', stop: 'refusal' }
  const whole = JSON.stringify(
    'json' in reply && reply.json !== undefined ? reply.json : { answer: 'so long' },
  )
  if (reply.fault === 'truncated') return { text: whole.slice(0, whole.length / 2), stop: 'length' }
  return { text: whole, stop: 'end' }
}

/** How a protocol asks, answers and fails. */
type Speech = {
  heard: (body: Json, path: string) => Pick<Asked, 'model' | 'system' | 'prompt' | 'schema' | 'max_tokens'>
  answered: (asked: Asked, said: Said, billed: Billed) => Json
  failed: (status: number) => Json
}

const SPEECH: Record<Protocol, Speech> = {
  anthropic: {
    heard: (body) => ({
      model: String(body.model),
      system: textIn(body.system),
      prompt: textIn(body.messages),
      schema: within(body, 'output_config', 'format', 'schema') ?? within(body, 'tools', 0, 'input_schema'),
      max_tokens: Number(body.max_tokens),
    }),
    answered: (asked, { text, stop }, billed) => ({
      id: `msg_${asked.n}`,
      type: 'message',
      role: 'assistant',
      model: asked.model,
      content: anthropicContent(asked, text, stop),
      stop_reason: { end: 'end_turn', length: 'max_tokens', refusal: 'refusal' }[stop],
      stop_sequence: null,
      usage: {
        input_tokens: billed.input,
        output_tokens: billed.output,
        cache_read_input_tokens: billed.cache_read,
        cache_creation_input_tokens: billed.cache_write,
      },
    }),
    failed: (status) => ({
      type: 'error',
      error: { type: ANTHROPIC_ERRORS[status] ?? 'api_error', message: `scripted ${status}` },
      request_id: 'req_scripted',
    }),
  },
  openai: {
    heard: (body) => {
      const messages = body.messages as { role: string; content: unknown }[]
      const is_system = (it: { role: string }) => it.role === 'system' || it.role === 'developer'
      return {
        model: String(body.model),
        system: textIn(messages.filter(is_system)),
        prompt: textIn(messages.filter((it) => !is_system(it))),
        schema: within(body, 'response_format', 'json_schema', 'schema'),
        max_tokens: Number(body.max_tokens ?? body.max_completion_tokens) || null,
      }
    },
    answered: (asked, { text, stop }, billed) => ({
      id: `chatcmpl-${asked.n}`,
      object: 'chat.completion',
      created: 1_790_000_000,
      model: asked.model,
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: stop === 'refusal' ? null : text,
            refusal: stop === 'refusal' ? text : null,
          },
          logprobs: null,
          finish_reason: stop === 'length' ? 'length' : 'stop',
        },
      ],
      usage: {
        prompt_tokens: billed.input + billed.cache_read,
        completion_tokens: billed.output,
        total_tokens: billed.input + billed.cache_read + billed.output,
        prompt_tokens_details: { cached_tokens: billed.cache_read },
      },
    }),
    failed: (status) => ({
      error: { message: `scripted ${status}`, type: 'scripted', param: null, code: null },
    }),
  },
  google: {
    heard: (body, path) => ({
      model: path.replace(/^.*\/models\/([^/]+):.*$/, '$1'),
      system: textIn(within(body, 'systemInstruction')),
      prompt: textIn(body.contents),
      schema:
        within(body, 'generationConfig', 'responseJsonSchema') ??
        within(body, 'generationConfig', 'responseSchema'),
      max_tokens: Number(within(body, 'generationConfig')?.maxOutputTokens) || null,
    }),
    answered: (asked, { text, stop }, billed) => ({
      candidates: [
        {
          content: { role: 'model', parts: stop === 'refusal' || text === '' ? [] : [{ text }] },
          finishReason: { end: 'STOP', length: 'MAX_TOKENS', refusal: 'SAFETY' }[stop],
          index: 0,
        },
      ],
      usageMetadata: {
        promptTokenCount: billed.input + billed.cache_read,
        candidatesTokenCount: billed.output,
        cachedContentTokenCount: billed.cache_read,
        totalTokenCount: billed.input + billed.cache_read + billed.output,
      },
      modelVersion: asked.model,
      responseId: `resp_${asked.n}`,
    }),
    failed: (status) => ({ error: { code: status, message: `scripted ${status}`, status: 'SCRIPTED' } }),
  },
  bedrock: {
    heard: (body, path) => ({
      model: decodeURIComponent(path.replace(/^\/model\/([^/]+)\/converse$/, '$1')),
      system: textIn(body.system),
      prompt: textIn(body.messages),
      schema:
        within(body, 'additionalModelRequestFields', 'output_config', 'format', 'schema') ??
        within(body, 'toolConfig', 'tools', 0, 'toolSpec', 'inputSchema', 'json'),
      max_tokens: Number(within(body, 'inferenceConfig')?.maxTokens) || null,
    }),
    answered: (asked, { text, stop }, billed) => {
      const tool = within(asked.body, 'toolConfig', 'tools', 0, 'toolSpec')?.name
      const input = tool === undefined || stop !== 'end' ? null : objectIn(text)
      return {
        output: {
          message: {
            role: 'assistant',
            content: input
              ? [{ toolUse: { toolUseId: `use_${asked.n}`, name: tool, input } }]
              : text === ''
                ? []
                : [{ text }],
          },
        },
        stopReason: {
          end: input ? 'tool_use' : 'end_turn',
          length: 'max_tokens',
          refusal: 'content_filtered',
        }[stop],
        metrics: { latencyMs: 1 },
        usage: {
          inputTokens: billed.input,
          outputTokens: billed.output,
          totalTokens: billed.input + billed.output + billed.cache_read + billed.cache_write,
          cacheReadInputTokens: billed.cache_read,
          cacheWriteInputTokens: billed.cache_write,
        },
      }
    },
    failed: (status) => ({ message: `scripted ${status}` }),
  },
}

const ANTHROPIC_ERRORS: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  529: 'overloaded_error',
}

/** Text, or the use of the one tool that a request without `output_config` forces. */
function anthropicContent(asked: Asked, text: string, stop: Said['stop']): Json[] {
  const tool = within(asked.body, 'tools', 0)?.name
  const input = tool === undefined || stop === 'refusal' ? null : objectIn(text)
  if (input) return [{ type: 'tool_use', id: `toolu_${asked.n}`, name: tool, input }]
  return text === '' ? [] : [{ type: 'text', text }]
}

/** As a provider reckons what it was sent: a fourth of the characters, of which a beginning it has seen is cheap. */
function inputOf(asked: Asked, seen: Set<string>): Pick<Billed, 'input' | 'cache_read' | 'cache_write'> {
  const whole = tokensIn(asked.system) + tokensIn(asked.prompt) + tokensIn(schemaText(asked))
  const prefix = tokensIn(asked.system)
  const is_kept =
    prefix >= 1_024 && (asked.protocol === 'openai' || JSON.stringify(asked.body).includes('"cache'))
  if (!is_kept) return { input: whole, cache_read: 0, cache_write: 0 }
  const key = `${asked.protocol} ${asked.model} ${asked.system}`
  if (seen.has(key)) return { input: whole - prefix, cache_read: prefix, cache_write: 0 }
  seen.add(key)
  // OpenAI takes nothing for keeping it.
  if (asked.protocol === 'openai') return { input: whole, cache_read: 0, cache_write: 0 }
  return { input: whole - prefix, cache_read: 0, cache_write: prefix }
}

function schemaText(asked: Asked): string {
  return asked.schema === null ? '' : JSON.stringify(asked.schema)
}

/** What a client that asked for a stream gets: the answer in two pieces, the reason it ended, and the bill. */
function streamed(response: ServerResponse, answer: Json): void {
  const { choices, usage, ...head } = answer as { choices: { message: { content: string | null } }[] } & Json
  const content = choices[0]!.message.content ?? ''
  const piece = (delta: Json, finish_reason: string | null) => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason }],
  })
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  for (const event of [
    piece({ role: 'assistant', content: content.slice(0, content.length / 2) }, null),
    piece({ content: content.slice(content.length / 2) }, null),
    piece({}, 'stop'),
    { ...head, object: 'chat.completion.chunk', choices: [], usage },
  ])
    response.write(`data: ${JSON.stringify(event)}\n\n`)
  response.end('data: [DONE]\n\n')
}

/** The same text has the same vector, and texts that share words have vectors that point alike. */
function embedded(body: Json, texts: string[], tokens: number): Json {
  const size = Number(body.dimensions ?? 1_536)
  return {
    object: 'list',
    model: body.model,
    data: texts.map((text, index) => {
      const vector = new Float32Array(size)
      for (const word of text.toLowerCase().match(/\w+/g) ?? [])
        vector[createHash('sha256').update(word).digest().readUInt32LE() % size]! += 1
      const length = Math.hypot(...vector) || 1
      const unit = vector.map((it) => it / length)
      const embedding =
        body.encoding_format === 'base64' ? Buffer.from(unit.buffer).toString('base64') : [...unit]
      return { object: 'embedding', index, embedding }
    }),
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  }
}

function json(response: ServerResponse, status: number, body: Json): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

/** Null where the other side was gone before it had said all: then nothing was asked. */
async function textOf(request: IncomingMessage): Promise<string | null> {
  try {
    return await text(request)
  } catch {
    return null
  }
}

/** All text in a message, or in many, however deep it lies. */
function textIn(value: unknown): string {
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map(textIn).join('\n')
  if (typeof value !== 'object' || value === null) return ''
  const { text, content, parts } = value as Json
  return textIn(text ?? content ?? parts)
}

function within(value: unknown, ...keys: (string | number)[]): Json | null {
  let it: unknown = value
  for (const key of keys) it = (it as Json | undefined)?.[key]
  return typeof it === 'object' && it !== null ? (it as Json) : null
}

function objectIn(text: string): Json | null {
  try {
    return within(JSON.parse(text))
  } catch {
    // Cut off, or no JSON at all: then it is said as text.
    return null
  }
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, it) => total + it, 0)
}
