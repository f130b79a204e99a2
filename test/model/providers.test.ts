/** What becomes of one call: what reaches the wire, what is made of the answer, and what of everything that is none. */
import { inspect } from 'node:util'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { type Outbound, within } from '../../src/domain/residency.ts'
import { NO_USAGE, tokensIn } from '../../src/domain/usage.ts'
import type { ProviderSettings } from '../../src/model/config.ts'
import type { Question } from '../../src/model/model.ts'
import { ModelError } from '../../src/model/model-error.ts'
import { providerAsk } from '../../src/model/providers.ts'
import {
  nobodyListens,
  type Protocol,
  type Reply,
  type ScriptedServer,
  scriptedServer,
} from './scripted-servers.ts'

const KINDS: { kind: ProviderSettings['kind']; protocol: Protocol; model: string }[] = [
  { kind: 'anthropic', protocol: 'anthropic', model: 'claude-haiku-4-5' },
  { kind: 'openai_compatible', protocol: 'openai', model: 'qwen3' },
  { kind: 'google', protocol: 'google', model: 'gemini-2.5-flash' },
  { kind: 'bedrock', protocol: 'bedrock', model: 'eu.anthropic.claude-sonnet-4-5-20250929-v1:0' },
]

const Answer = z.object({
  claims: z.array(z.object({ kind: z.enum(['wrong', 'right']), action: z.string().nullable() })),
})
const ANSWER = { claims: [{ kind: 'right', action: null }] }
const KEY = 'sk-not-for-anyone-0123456789'

const QUESTION: Question<z.infer<typeof Answer>> = {
  stage: 'review',
  system: 'You review sessions. '.repeat(250),
  prompt: 'The person said that their sister lives at 12 Cobbler Lane.',
  schema: Answer,
  max_output_tokens: 900,
}

let server: ScriptedServer

beforeEach(async () => {
  server = await scriptedServer(() => ({ json: ANSWER }))
})

afterEach(async () => {
  vi.unstubAllEnvs()
  await server.close()
})

test.each(KINDS)('$kind is sent what the question says, once', async (kind) => {
  const ask = await asked(kind)
  await ask(QUESTION)

  expect(server.requests).toHaveLength(1)
  const [request] = server.requests
  expect(request).toMatchObject({
    protocol: kind.protocol,
    model: kind.model,
    prompt: QUESTION.prompt,
    max_tokens: 900,
  })
  expect(request!.system.trim()).toBe(QUESTION.system.trim())
  expect(request!.schema).toMatchObject({
    type: 'object',
    additionalProperties: false,
    required: ['claims'],
    properties: { claims: { items: { additionalProperties: false, required: ['kind', 'action'] } } },
  })
  const { authorization, 'x-api-key': x_api_key, 'x-goog-api-key': google } = request!.headers
  expect(x_api_key ?? google ?? authorization!.toString().replace('Bearer ', '')).toBe(KEY)
})

test.each(KINDS)('of $kind the answer is what was said, and the usage what is billed', async (kind) => {
  const ask = await asked(kind)
  for (const how of ['first', 'second']) {
    const { value, usage, from } = await ask(QUESTION)
    expect({ how, value, from }).toEqual({ how, value: ANSWER, from: 'provider' })
    const { input, output, cache_read, cache_write } = server.requests.at(-1)!.billed
    expect(usage).toEqual({
      input_tokens: input,
      output_tokens: output,
      cache_read_input_tokens: cache_read,
      cache_creation_input_tokens: cache_write,
    })
  }
})

test.each(KINDS.filter((it) => it.kind !== 'google'))(
  'the second question of a stage finds its system prompt kept by $kind',
  async (kind) => {
    const ask = await asked(kind)
    const first = await ask(QUESTION)
    const second = await ask({ ...QUESTION, prompt: 'Another session.' })
    expect(first.usage.cache_read_input_tokens).toBe(0)
    expect(second.usage.cache_read_input_tokens).toBeGreaterThanOrEqual(tokensIn(QUESTION.system))
    expect(second.usage.input_tokens).toBeLessThan(200)
  },
)

test('a model of Bedrock that keeps no prompts is not told to', async () => {
  const ask = await asked({ kind: 'bedrock', protocol: 'bedrock', model: 'meta.llama3-3-70b-instruct-v1:0' })
  await ask(QUESTION)
  expect(JSON.stringify(server.requests[0]!.body)).not.toContain('cachePoint')
})

test('an older model of Anthropic answers by using a tool, and that is an answer too', async () => {
  const ask = await asked({ kind: 'anthropic', protocol: 'anthropic', model: 'claude-3-haiku-20240307' })
  const { value } = await ask(QUESTION)
  expect(server.requests[0]!.body.output_config).toBeUndefined()
  expect(value).toEqual(ANSWER)
})

test('an answer in a block of code is an answer', async () => {
  server.script = () => ({ text: `\`\`\`json\n${JSON.stringify(ANSWER, null, 2)}\n\`\`\`\n` })
  const ask = await asked(KINDS[1]!)
  expect((await ask(QUESTION)).value).toEqual(ANSWER)
})

test('a server that does not say what it bills is taken to bill a token for four characters', async () => {
  const ask = await asked(KINDS[1]!, {}, async (url, request) => {
    const response = await fetch(url, request)
    return Response.json({ ...((await response.json()) as object), usage: undefined })
  })
  const { usage } = await ask(QUESTION)
  expect(usage).toEqual({
    ...NO_USAGE,
    input_tokens: tokensIn(QUESTION.system) + tokensIn(QUESTION.prompt),
    output_tokens: tokensIn(JSON.stringify(ANSWER)),
  })
})

test('OpenAI is told how long the answer may be as it wants to be told', async () => {
  const ask = await asked(KINDS[1]!, { base_url: 'https://api.openai.com/v1' }, (url, request) =>
    fetch(url.replace('https://api.openai.com', server.url), request),
  )
  await ask(QUESTION)
  expect(server.requests[0]!.body).toMatchObject({ max_completion_tokens: 900 })
  expect(server.requests[0]!.body).not.toHaveProperty('max_tokens')
})

test.each<{ of: number; model: string; told: unknown }>([
  { of: 0, model: 'claude-haiku-4-5', told: { type: 'disabled' } },
  { of: 0, model: 'claude-opus-5-5', told: 'low' },
  { of: 1, model: 'gpt-5.4-mini', told: 'low' },
  { of: 1, model: 'o3', told: 'low' },
  { of: 1, model: 'gpt-4o', told: undefined },
  { of: 1, model: 'gpt-5-chat-latest', told: undefined },
  { of: 2, model: 'gemini-2.5-flash', told: { thinkingBudget: 0 } },
  { of: 2, model: 'gemini-3-flash-preview', told: { thinkingLevel: 'minimal' } },
  { of: 2, model: 'gemma-3-27b-it', told: undefined },
])('$model is asked to think little, as far as it can be asked', async ({ of, model, told }) => {
  const is_openai = KINDS[of]!.protocol === 'openai'
  const ask = await asked(
    { ...KINDS[of]!, model },
    is_openai ? { base_url: 'https://api.openai.com/v1' } : {},
    (url, request) => fetch(url.replace('https://api.openai.com', server.url), request),
  )
  expect((await ask(QUESTION)).value).toEqual(ANSWER)
  const { thinking, output_config, reasoning_effort, generationConfig } = server.requests[0]!.body as Thinking
  expect(thinking ?? output_config?.effort ?? reasoning_effort ?? generationConfig?.thinkingConfig).toEqual(
    told,
  )
})

type Thinking = {
  thinking?: unknown
  output_config?: { effort?: unknown }
  reasoning_effort?: unknown
  generationConfig?: { thinkingConfig?: unknown }
}

test("a server of one's own is told nothing that it may not know", async () => {
  const ask = await asked({ ...KINDS[1]!, model: 'gpt-5-at-home' })
  await ask(QUESTION)
  expect(Object.keys(server.requests[0]!.body).toSorted()).toEqual([
    'max_tokens',
    'messages',
    'model',
    'response_format',
  ])
})

/** Each with what it is called, whether it was paid for, and how long the provider wants to be let alone. */
const FAULTS: { name: string; reply: Reply; kind: string; reason: string; paid?: true; wait?: number }[] = [
  {
    name: 'a connection that is closed',
    reply: { fault: 'refused' },
    kind: 'unavailable',
    reason: 'connection lost',
  },
  { name: 'a reset mid-answer', reply: { fault: 'reset' }, kind: 'unavailable', reason: 'connection lost' },
  { name: 'no answer', reply: { fault: 'slow' }, kind: 'unavailable', reason: 'timed out' },
  { name: 'half an answer', reply: { fault: 'stalled' }, kind: 'unavailable', reason: 'timed out' },
  { name: 'a page of a proxy', reply: { fault: 'html' }, kind: 'unavailable', reason: 'not a provider' },
  { name: '429', reply: { status: 429 }, kind: 'unavailable', reason: 'rate limited' },
  {
    name: '429 with seconds to wait',
    reply: { status: 429, headers: { 'retry-after': '7' } },
    kind: 'unavailable',
    reason: 'rate limited',
    wait: 7_000,
  },
  {
    name: '429 with ms to wait',
    reply: { status: 429, headers: { 'retry-after-ms': '250', 'retry-after': '1' } },
    kind: 'unavailable',
    reason: 'rate limited',
    wait: 250,
  },
  {
    name: '429 with a date to wait for',
    reply: {
      status: 429,
      headers: { date: 'Sat, 03 Oct 2026 10:00:00 GMT', 'retry-after': 'Sat, 03 Oct 2026 10:00:30 GMT' },
    },
    kind: 'unavailable',
    reason: 'rate limited',
    wait: 30_000,
  },
  {
    name: '429 with words to wait for',
    reply: { status: 429, headers: { 'retry-after': 'tomorrow' } },
    kind: 'unavailable',
    reason: 'rate limited',
  },
  {
    name: '429 for want of money',
    reply: {
      status: 429,
      body: '{"error":{"message":"You exceeded your quota","code":"insufficient_quota"}}',
    },
    kind: 'refused',
    reason: 'no credit',
  },
  {
    name: '429 in words like those for a question that is too long',
    reply: { status: 429, body: '{"message":"Too many tokens, please wait before trying again."}' },
    kind: 'unavailable',
    reason: 'rate limited',
  },
  { name: '529', reply: { status: 529 }, kind: 'unavailable', reason: 'overloaded' },
  { name: '503', reply: { status: 503 }, kind: 'unavailable', reason: 'overloaded' },
  { name: '500', reply: { status: 500 }, kind: 'unavailable', reason: 'server error' },
  {
    name: '502 with a page',
    reply: { status: 502, body: '<html>Bad gateway</html>' },
    kind: 'unavailable',
    reason: 'server error',
  },
  { name: '408', reply: { status: 408 }, kind: 'unavailable', reason: 'server error' },
  { name: '400', reply: { status: 400 }, kind: 'refused', reason: 'bad request' },
  { name: '401', reply: { status: 401 }, kind: 'refused', reason: 'wrong key' },
  { name: '403', reply: { status: 403 }, kind: 'refused', reason: 'wrong key' },
  { name: '404', reply: { status: 404 }, kind: 'refused', reason: 'not found' },
  { name: '413', reply: { status: 413 }, kind: 'unusable', reason: 'too long' },
  {
    name: 'no JSON',
    reply: { text: 'Sure! Here it is: {' },
    kind: 'unusable',
    reason: 'no JSON',
    paid: true,
  },
  {
    name: 'another shape',
    reply: { json: { claims: [{ kind: 'perhaps' }] } },
    kind: 'unusable',
    reason: 'other shape',
    paid: true,
  },
  { name: 'a list', reply: { json: [1] }, kind: 'unusable', reason: 'other shape', paid: true },
  { name: 'cut off', reply: { fault: 'truncated' }, kind: 'unusable', reason: 'cut off', paid: true },
  { name: 'nothing said', reply: { fault: 'empty' }, kind: 'unusable', reason: 'empty', paid: true },
  { name: 'a refusal', reply: { fault: 'refusal' }, kind: 'unusable', reason: 'refusal', paid: true },
]

test.each(
  KINDS.flatMap((kind) =>
    FAULTS.map((fault) => ({ ...kind, ...fault, of: kind.kind, kind, is: fault.kind })),
  ),
)('of $of, $name is $is: $reason', async ({ kind, reply, is, reason, paid = false, wait = null }) => {
  server.script = () => reply
  const error = await failure(await asked(kind, reason === 'timed out' ? { timeout_ms: 300 } : {}))

  expect(error).toMatchObject({ kind: is, reason, retry_after_ms: wait })
  expect(error.usage.output_tokens + error.usage.input_tokens > 0 || !paid).toBe(true)
  expect(error.usage).toEqual(paid ? billed() : NO_USAGE)
  expect(error.message).toContain('here')
  expect(server.requests).toHaveLength(1)
})

test.each(KINDS.filter((it) => it.kind !== 'google'))(
  'an answer that lacks what every answer of $kind has is none of a provider',
  async (kind) => {
    server.script = () => ({ status: 200, body: '{"choices":[],"output":{}}' })
    expect(await failure(await asked(kind))).toMatchObject({ kind: 'unavailable', reason: 'not a provider' })
  },
)

/** As these providers say it. */
test.each([
  'prompt is too long: 210000 tokens > 200000 maximum',
  "This model's maximum context length is 8192 tokens. However, your messages resulted in 9000 tokens.",
  'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
  'the request exceeds the available context size, try increasing it',
  'Input is too long for requested model.',
])('a question that is too long is unusable, and does not end the dream: %s', async (message) => {
  server.script = () => ({
    status: 400,
    body: JSON.stringify({ type: 'error', error: { type: 'x', message } }),
  })
  expect(await failure(await asked(KINDS[0]!))).toMatchObject({ kind: 'unusable', reason: 'too long' })
})

test.each(KINDS)('of $kind, where nobody listens nobody is there', async (kind) => {
  const error = await failure(await asked(kind, { base_url: await nobodyListens() }))
  expect(error).toMatchObject({ kind: 'unavailable', reason: 'no connection', usage: NO_USAGE })
  expect(error.message).toMatch(/^here cannot be reached at 127\.0\.0\.1:\d+ \(ECONNREFUSED\)$/)
})

test.each(KINDS)(
  'of $kind, what it says is handed on, unless it repeats the key or the question',
  async (kind) => {
    const says = async (message: string) => {
      server.script = ({ protocol }) => ({
        status: 400,
        body: JSON.stringify(
          protocol === 'bedrock'
            ? { message }
            : { type: 'error', error: { type: 'x', code: 400, status: 'X', message } },
        ),
      })
      return (await failure(await asked(kind))).message
    }
    expect(await says('max_tokens: 900 > 512\nfor this\u001b[31m model')).toBe(
      'here does not take the request (400): max_tokens: 900 > 512 for this [31m model',
    )
    for (const told of [
      `${KEY} is unknown`,
      `sk-…${KEY.slice(-4)}`,
      `what is "${QUESTION.prompt.slice(0, 40)}"?`,
    ])
      expect(await says(told)).toBe('here does not take the request (400)')
  },
)

test.each(KINDS)('no error of $kind holds the key or words of the question, however deep', async (kind) => {
  const replies: Reply[] = [
    ...FAULTS.map((it) => it.reply),
    { text: `{"claims": [{"kind": "${QUESTION.prompt}"}]}` },
    { json: { [QUESTION.prompt]: 1, claims: QUESTION.prompt } },
    { text: QUESTION.prompt },
    ...[400, 401, 404, 429, 500].map((status) => ({ status, body: `${QUESTION.prompt} ${KEY}` })),
  ]
  const ask = await asked(kind, { timeout_ms: 200 })
  for (const reply of replies) {
    server.script = () => reply
    const error = await failure(ask)
    const all = inspect(error, { depth: Number.POSITIVE_INFINITY, showHidden: true })
    expect(all).not.toContain('Cobbler')
    expect(all).not.toContain(KEY)
  }
})

test('what the workspace does not allow is refused, and nothing is sent', async () => {
  const workspace = { name: 'desk', offline: false, regions: [], model_hosts: [] }
  const ask = await asked(KINDS[0]!, {}, within(workspace, fetch))
  const error = await failure(ask)
  expect(error).toMatchObject({ kind: 'refused', reason: 'not allowed' })
  expect(error.message).toMatch(/^the workspace desk allows no call to 127\.0\.0\.1:\d+/)
  expect(server.requests).toEqual([])
})

test('a provider that sends elsewhere is not followed', async () => {
  const other = await scriptedServer(() => ({ json: ANSWER }))
  server.script = () => ({ status: 307, headers: { location: `${other.url}/v1/messages` } })
  const workspace = { name: 'desk', offline: false, regions: [], model_hosts: [new URL(server.url).host] }
  const error = await failure(await asked(KINDS[0]!, {}, within(workspace, fetch)))
  expect(error).toMatchObject({ kind: 'unavailable', reason: 'connection lost' })
  expect(other.requests).toEqual([])
  await other.close()
})

test.each(KINDS)('a call of $kind that is given up is closed, and throws why', async (kind) => {
  server.script = () => ({ fault: 'slow' })
  const ask = await asked(kind)
  const over = new AbortController()
  const answer = ask(QUESTION, over.signal).catch((it) => it)
  await vi.waitFor(() => expect(server.requests).toHaveLength(1))
  const why = new Error('the dream was cancelled')
  over.abort(why)

  expect(await answer).toBe(why)
  await vi.waitFor(() => expect(server.requests[0]!.ended).not.toBeNull())
})

test.each(KINDS)('a key and an address of the environment are not what $kind goes by', async (kind) => {
  const elsewhere = await nobodyListens()
  for (const name of ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'GOOGLE_GENERATIVE_AI_API_KEY'])
    vi.stubEnv(name, 'from-the-environment')
  for (const name of [
    'AWS_BEARER_TOKEN_BEDROCK',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'AWS_SESSION_TOKEN',
  ])
    vi.stubEnv(name, 'from-the-environment')
  for (const name of ['ANTHROPIC_BASE_URL', 'AWS_ENDPOINT_URL_BEDROCK_RUNTIME']) vi.stubEnv(name, elsewhere)
  const ask = await asked(kind, { api_key: null })
  await ask(QUESTION)
  expect(JSON.stringify(server.requests[0]!.headers)).not.toContain('from-the-environment')
})

test('Bedrock without a key of its own is signed for the region by the keys of AWS', async () => {
  const aws = { access_key_id: 'AKIDEXAMPLE', secret_access_key: 'wJalr', session_token: 'for-an-hour' }
  const ask = await asked(KINDS[3]!, { api_key: null, aws, region: 'eu-central-1' })
  await ask(QUESTION)
  const { authorization, 'x-amz-security-token': token } = server.requests[0]!.headers
  expect(authorization).toMatch(/^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/\d{8}\/eu-central-1\/bedrock\//)
  expect(token).toBe('for-an-hour')
})

test('the region of the settings is told to whoever sends', async () => {
  const regions: (string | null)[] = []
  for (const kind of KINDS) {
    const ask = await asked(kind, { region: 'eu-west-3' }, (url, request, region) => {
      regions.push(region)
      return fetch(url, request)
    })
    await ask(QUESTION)
  }
  expect(regions).toEqual(KINDS.map(() => 'eu-west-3'))
})

type Kind = (typeof KINDS)[number]

function asked(
  { kind, protocol, model }: Kind,
  settings: Partial<ProviderSettings> = {},
  send: Outbound = fetch,
) {
  const all: ProviderSettings = {
    name: 'here',
    kind,
    base_url: server.base_url(protocol),
    api_key: KEY,
    aws: null,
    region: null,
    concurrency: 4,
    timeout_ms: 10_000,
    ...settings,
  }
  return providerAsk(all, model, send)
}

async function failure(ask: Awaited<ReturnType<typeof providerAsk>>): Promise<ModelError> {
  const error = await ask(QUESTION).then(
    (it) => it,
    (it) => it,
  )
  expect(error).toBeInstanceOf(ModelError)
  return error as ModelError
}

function billed() {
  const { input, output, cache_read, cache_write } = server.requests[0]!.billed
  return {
    input_tokens: input,
    output_tokens: output,
    cache_read_input_tokens: cache_read,
    cache_creation_input_tokens: cache_write,
  }
}
