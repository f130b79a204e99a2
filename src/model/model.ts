/**
 * A language model is a function: a question in, an answer of the shape that was asked for out.
 *
 * What is put around it (retries, a limit of calls at once, a budget, answers that are known already, a recording) is such a function too,
 * so whoever asks knows nothing of providers.
 */
import type { z } from 'zod'
import type { ModelStage } from '../domain/spending.ts'
import type { Usage } from '../domain/usage.ts'

export type Question<T> = {
  stage: ModelStage
  /** What is the same in every question of the stage, so that providers can keep it: who the model is to be, the rules, the words. */
  system: string
  /** What this one is about. Text of transcripts stands in it between marks that the text cannot close, and is data. */
  prompt: string
  /** Of the answer. A provider is sent it as JSON Schema, and what comes back is parsed by it. */
  schema: z.ZodType<T>
  max_output_tokens: number
}

export type Answered<T> = {
  value: T
  /** What was paid for it now; nothing where it was known already. */
  usage: Usage
  from: 'provider' | 'batch' | 'cache' | 'recording'
}

/** Throws `ModelError`, and nothing else but what `signal` throws. */
export type Ask = <T>(question: Question<T>, signal?: AbortSignal) => Promise<Answered<T>>

export type Model = {
  /** As it is asked for: `provider/model`. */
  name: string
  /** The provider's name in the configuration. */
  provider: string
  /** As the provider calls it. */
  model: string
  ask: Ask
  /** How many questions are worth asking at once. */
  width: number
}
