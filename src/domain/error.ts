/**
 * The one error of the engine. Its `type` is part of the API and comes from this closed list; its
 * message says what is wrong and where, its `hint` what to try.
 *
 * A bug is not an `EngineError`: it crashes, is seen, and is mended.
 */
export type ErrorType = (typeof ERROR_TYPES)[number]

export const ERROR_TYPES = [
  'invalid_request_error',
  'not_found_error',
  'permission_error',
  'conflict_error',
  'memory_path_conflict_error',
  'memory_precondition_failed_error',
  'authentication_error',
  'request_too_large',
  'rate_limit_error',
  'model_error',
  'transcript_format_error',
  'file_access_error',
  'database_error',
  'database_version_error',
] as const

export class EngineError extends Error {
  readonly type: ErrorType
  /** What the reader can do about it, as one sentence; null when the message already says it. */
  readonly hint: string | null
  /** What the wire says of some errors besides: `conflicting_path`, the `errors` of a policy. */
  readonly details: Record<string, unknown>

  constructor(
    type: ErrorType,
    message: string,
    options: { hint?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = 'EngineError'
    this.type = type
    this.hint = options.hint ?? null
    this.details = options.details ?? {}
  }
}
