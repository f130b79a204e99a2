/** What a provider says besides what it was asked for: nothing of it may hold us up, or give back what others have spent. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { NO_USAGE, tokensIn } from '../../src/domain/usage.ts'
import { answerIn, tokensSaid } from '../../src/model/answer.ts'
import { providerAsk } from '../../src/model/providers.ts'

const QUESTION = {
  stage: 'review' as const,
  system: 'Read. '.repeat(1_000),
  prompt: 'This. '.repeat(4_000),
  schema: z.object({ about: z.string() }),
  max_output_tokens: 100,
}
const ANSWER = '{"about":"a refund"}'

const read = (text: string) => answerIn({ text, end: 'stop', usage: NO_USAGE }, QUESTION, 'here')

test.each([
  ['as it is', ANSWER],
  ['in a block of code', `\`\`\`json\n${ANSWER}\n\`\`\``],
  ['in a block with room around it', `\n \`\`\` \n\n\n${ANSWER}\n\n\`\`\`\n\n`],
  ['beside keys of prototypes', '{"__proto__":{"about":1},"constructor":{"x":1},"about":"a refund"}'],
  ['beside what is nested deep', `{"x":${'['.repeat(100_000)}${']'.repeat(100_000)},"about":"a refund"}`],
])('an answer is read %s', (_, text) => {
  expect(read(text)).toEqual({ about: 'a refund' })
})

test.each([
  ['lines', `\`\`\`json${'\n'.repeat(300_000)}x`],
  ['ends of blocks', `\`\`\`json\n${'\n```'.repeat(100_000)}x`],
  ['spaces', `\`\`\`${' '.repeat(300_000)}x`],
])('a long row of %s that is no answer is read at once', (_, text) => {
  const began = performance.now()
  expect(() => read(text)).toThrow('here answered with something that is no JSON')
  expect(performance.now() - began).toBeLessThan(2_000)
})

test.each([-1, -1e12, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 1e10, null, undefined])(
  '%s is no number of tokens',
  (it) => expect(tokensSaid(it)).toBeUndefined(),
)

const RECKONED = { ...NO_USAGE, input_tokens: tokensIn(QUESTION.system) + tokensIn(QUESTION.prompt) }

test.each<[string, Record<string, unknown>]>([
  ['less than nothing', { prompt_tokens: -5, completion_tokens: -1e12, total_tokens: 0 }],
  ['half a token', { prompt_tokens: 1.5, completion_tokens: 2.5, total_tokens: 4 }],
  ['more than there are', { prompt_tokens: 9e15, completion_tokens: 9e15, total_tokens: 9e15 }],
  [
    'less than nothing of a cache',
    { prompt_tokens: -9, completion_tokens: -9, prompt_tokens_details: { cached_tokens: -1e9 } },
  ],
])('a provider that says it took %s is taken to count as is reckoned', async (_, usage) => {
  const ask = await providerAsk(...(await saying({ status: 200, body: completion(usage) })))
  expect((await ask(QUESTION)).usage).toEqual({ ...RECKONED, output_tokens: tokensIn(ANSWER) })
})

test('a long complaint is neither shown nor compared with the question', async () => {
  const body = JSON.stringify({ error: { message: 'This. Read. '.repeat(200_000) } })
  const ask = await providerAsk(...(await saying({ status: 400, body })))
  const began = performance.now()
  await expect(ask(QUESTION)).rejects.toThrow(/^here does not take the request \(400\)$/)
  expect(performance.now() - began).toBeLessThan(2_000)
})

function completion(usage: Record<string, unknown>): string {
  const choices = [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: ANSWER } }]
  return JSON.stringify({ id: 'c', object: 'chat.completion', created: 1, model: 'm', choices, usage })
}

/** A provider that says just this, once. */
async function saying({ status, body }: { status: number; body: string }) {
  const server = createServer((request, response) => {
    request.resume()
    response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end(body)
    server.close()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const settings = {
    name: 'here',
    kind: 'openai_compatible' as const,
    base_url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    api_key: null,
    aws: null,
    region: null,
    concurrency: 1,
    timeout_ms: 20_000,
  }
  return [settings, 'qwen3', (url: string, request: RequestInit) => fetch(url, request)] as const
}
