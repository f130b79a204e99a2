/** Message batches of Anthropic: many questions at once, at half the price, within a day. */
import { setTimeout } from 'node:timers/promises'
import Anthropic, { APIConnectionError, APIError } from '@anthropic-ai/sdk'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import { EngineError } from '../domain/error.ts'
import type { Outbound } from '../domain/residency.ts'
import { tokensIn } from '../domain/usage.ts'
import { answerIn, type Said, tokensSaid } from './answer.ts'
import type { BatchProvider } from './batched.ts'
import type { ProviderSettings } from './config.ts'
import { isTooLong } from './failure.ts'
import type { Answered, Question } from './model.ts'
import { ModelError } from './model-error.ts'
import { transportOf } from './transport.ts'

const TRIES = 4

export function anthropicBatches(settings: ProviderSettings, model: string, send: Outbound): BatchProvider {
  const { name, api_key, base_url, timeout_ms } = settings
  const { batches } = new Anthropic({
    apiKey: api_key,
    // Else the SDK would look for one, and for whether to log or to trace, in the environment.
    authToken: null,
    logLevel: 'off',
    openTelemetry: false,
    // The SDK begins every path with the version itself.
    baseURL: base_url.replace(/\/v1$/, ''),
    maxRetries: TRIES,
    timeout: timeout_ms,
    ...transportOf(send, settings),
  }).messages
  return {
    async submit(questions, signal) {
      const requests = [...questions].map(([custom_id, it]) => ({ custom_id, params: paramsOf(it, model) }))
      const { id } = await told(() =>
        submitted(() => batches.create({ requests }, { maxRetries: 0 }), signal),
      )
      return id
    },
    async has_ended(batch_id, signal) {
      const { processing_status } = await told(() => batches.retrieve(batch_id, undefined, { signal }))
      return processing_status === 'ended'
    },
    async cancel(batch_id, signal) {
      await told(() => batches.cancel(batch_id, undefined, { signal }))
    },
    async answers(batch_id, questions, signal) {
      return told(async () => {
        const answers = new Map<string, Answered<unknown> | ModelError>()
        for await (const { custom_id, result } of await batches.results(batch_id, undefined, { signal })) {
          const question = questions.get(custom_id)
          if (question === undefined) continue
          const answer = answerOf(result, question, name)
          if (answer !== null) answers.set(custom_id, answer)
        }
        return answers
      })
    },
  }
}

/** Tried again only where it is sure that nothing was taken: a batch that was sent twice is paid twice. */
async function submitted<T>(send: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await send()
    } catch (error) {
      const is_turned_away = error instanceof APIError && TURNED_AWAY.includes(error.status)
      if (!is_turned_away || tries === TRIES) throw error
      await setTimeout(2 ** tries * 250, undefined, { signal })
    }
  }
}

const TURNED_AWAY: unknown[] = [429, 503, 529]

function paramsOf({ system, prompt, schema, max_output_tokens }: Question<unknown>, model: string) {
  const { type, schema: shape } = zodOutputFormat(schema)
  return {
    model,
    max_tokens: max_output_tokens,
    system: [{ type: 'text' as const, text: system, cache_control: { type: 'ephemeral' as const } }],
    messages: [{ role: 'user' as const, content: prompt }],
    output_config: { format: { type, schema: shape } },
  }
}

/** Null for what the batch did not come to. */
function answerOf(
  result: Anthropic.Messages.MessageBatchResult,
  question: Question<unknown>,
  whose: string,
): Answered<unknown> | ModelError | null {
  if (result.type === 'succeeded') return read(result.message, question, whose)
  if (result.type !== 'errored') return null
  const { type, message } = result.error.error
  if (isTooLong(message))
    return new ModelError('unusable', 'too long', `${whose} takes no question of this length`, IN_BATCH)
  const is_final =
    type === 'invalid_request_error' || type === 'permission_error' || type === 'not_found_error'
  return is_final
    ? new ModelError('refused', type, `the provider refused a question of the batch (${type})`, IN_BATCH)
    : new ModelError('unavailable', type, `the provider could not answer a question of the batch (${type})`)
}

const IN_BATCH = { in_batch: true }

function read(
  { content, stop_reason, usage }: Anthropic.Message,
  question: Question<unknown>,
  whose: string,
): Answered<unknown> | ModelError {
  const text = content.flatMap((it) => (it.type === 'text' ? it.text : [])).join('')
  const { system, prompt } = question
  const said = {
    text,
    end: ENDS[stop_reason ?? ''] ?? 'stop',
    usage: {
      input_tokens: tokensSaid(usage.input_tokens) ?? tokensIn(system) + tokensIn(prompt),
      output_tokens: tokensSaid(usage.output_tokens) ?? tokensIn(text),
      cache_read_input_tokens: tokensSaid(usage.cache_read_input_tokens) ?? 0,
      cache_creation_input_tokens: tokensSaid(usage.cache_creation_input_tokens) ?? 0,
    },
  }
  try {
    return { value: answerIn(said, question, whose), usage: said.usage, from: 'batch' }
  } catch (error) {
    if (!(error instanceof ModelError)) throw error
    const { kind, reason, message, usage } = error
    return new ModelError(kind, reason, message, { usage, in_batch: true })
  }
}

const ENDS: Record<string, Said['end']> = {
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  refusal: 'refusal',
}

/** What the SDK throws, as this code says it. What `send` refuses stays what it is. */
async function told<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    if (error instanceof APIConnectionError && error.cause instanceof EngineError)
      throw new ModelError('refused', 'not allowed', error.cause.message, { cause: error.cause })
    if (error instanceof APIConnectionError || !(error instanceof APIError))
      throw new ModelError('unavailable', 'no connection', 'the provider of the batch could not be reached', {
        cause: error,
      })
    const is_busy =
      error.status === undefined || error.status === 408 || error.status === 409 || error.status === 429
    if (is_busy || error.status >= 500)
      throw new ModelError(
        'unavailable',
        `status ${error.status}`,
        `the provider answered ${error.status} to the batch`,
      )
    throw new ModelError(
      'refused',
      `status ${error.status}`,
      `the provider refused the batch (${error.status})`,
    )
  }
}
