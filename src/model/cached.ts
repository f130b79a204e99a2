/** Answers that are known already, by all that was asked: what a dream paid for before it was killed is not paid for again. */
import { sha256 } from '../domain/id.ts'
import type { ModelStage } from '../domain/spending.ts'
import { NO_USAGE } from '../domain/usage.ts'
import { answerShape } from './answer-shape.ts'
import type { Ask, Model, Question } from './model.ts'

/** The sha256 of whom is asked and of everything that is sent. */
export function hashOf(
  { provider, model }: Pick<Model, 'provider' | 'model'>,
  { system, prompt, schema, max_output_tokens }: Question<unknown>,
): string {
  return sha256(JSON.stringify([provider, model, system, prompt, answerShape(schema), max_output_tokens]))
}

/**
 * Asks only what nobody has answered before. `known` gives the answer to the question of a hash, or undefined; who asks stores it. One that
 * the schema does not take any more is no answer. `told` hears of every question that an earlier answer answered.
 */
export function cached(
  ask: Ask,
  model: Pick<Model, 'provider' | 'model'>,
  known: (hash: string) => Promise<unknown>,
  told: (stage: ModelStage) => void,
): Ask {
  return async (question, signal) => {
    const { success, data } = question.schema.safeParse(await known(hashOf(model, question)))
    if (!success) return ask(question, signal)
    told(question.stage)
    return { value: data, usage: NO_USAGE, from: 'cache' }
  }
}
