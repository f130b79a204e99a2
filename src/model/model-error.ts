/** Why a question was not answered. */
import { NO_USAGE, type Usage } from '../domain/usage.ts'

/**
 * - `unavailable`: the provider could not be reached, or was too busy, as often as it was tried. Another time it may answer.
 * - `refused`: the provider does not take the request as it is: a wrong key, an unknown model. It would say so again.
 * - `unusable`: it answered, and the answer is of no use: no JSON, another shape, cut off, empty, or a refusal to answer.
 * - `stopped`: nothing was asked, since the budget is spent or the provider failed too often.
 */
export type ModelErrorKind = 'unavailable' | 'refused' | 'unusable' | 'stopped'

export class ModelError extends Error {
  readonly kind: ModelErrorKind
  /** In a word or two, for counting: `rate limited`, `cut off`, `no JSON`. */
  readonly reason: string
  /** What was paid all the same. */
  readonly usage: Usage
  /** Whether it was paid as part of a batch. */
  readonly in_batch: boolean
  /** How long the provider asks to be left alone, in ms; null where it does not say. */
  readonly retry_after_ms: number | null

  /** The message is said to people: it never holds a key, nor words of a session. */
  constructor(
    kind: ModelErrorKind,
    reason: string,
    message: string,
    more: { usage?: Usage; in_batch?: boolean; retry_after_ms?: number | null; cause?: unknown } = {},
  ) {
    super(message, { cause: more.cause })
    this.name = 'ModelError'
    this.kind = kind
    this.reason = reason
    this.usage = more.usage ?? NO_USAGE
    this.in_batch = more.in_batch ?? false
    this.retry_after_ms = more.retry_after_ms ?? null
  }
}
