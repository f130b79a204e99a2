/** A model that is ready to be asked, and what it has cost so far. */
import type { Spending } from '../domain/spending.ts'
import type { Model, Question } from './model.ts'

export type ModelAtHand = {
  /** With everything around it: what was answered already is not asked again, the budget is kept, a provider that fails is let alone. */
  model: Model
  meter: Meter
  /** How much longer than usual a dream may take, in ms: where it asks by night, it waits for the night, and for a batch. */
  may_wait_ms: number
}

/** Counts what one dream asks and pays. */
export type Meter = {
  /**
   * Adds what a question would cost to what is planned, before it is asked. The tokens of a text, the shape of the answer among them, are a
   * fourth of its characters, and an answer is taken to be as long as it may be.
   */
  plan: (question: Pick<Question<unknown>, 'system' | 'prompt' | 'schema' | 'max_output_tokens'>) => void
  spending: () => Spending
  /** Why nothing is asked any more; null while it is. */
  stopped: () => string | null
  /** From now on nothing is asked. The first reason is kept. */
  stop: (why: string) => void
}
