/** Errors as the wire tells them: the envelope of the Managed Agents API, a status for each type. */
import type { Context } from 'hono'
import { HTTPException } from 'hono/http-exception'
import { EngineError, type ErrorType } from '../domain/error.ts'
import type { Env } from './env.ts'

/** Leaving a type out of this table is a compile error, so every new error gets a status. */
const STATUS = {
  invalid_request_error: 400,
  transcript_format_error: 400,
  file_access_error: 400,
  authentication_error: 401,
  permission_error: 403,
  not_found_error: 404,
  conflict_error: 409,
  memory_path_conflict_error: 409,
  memory_precondition_failed_error: 409,
  request_too_large: 413,
  rate_limit_error: 429,
  model_error: 502,
  database_error: 500,
  database_version_error: 500,
} as const satisfies Record<ErrorType, number>

/** What the wire calls it, where it has another name for it. */
const ON_THE_WIRE: Partial<Record<ErrorType, string>> = {
  transcript_format_error: 'invalid_request_error',
  file_access_error: 'invalid_request_error',
  model_error: 'api_error',
  database_error: 'api_error',
  database_version_error: 'api_error',
}

/** What is refused before it is a request that a route could read. */
const TYPES: Record<number, string> = { 408: 'timeout_error', 413: 'request_too_large' }

/** The answer to a request that failed. A bug says nothing of itself to the caller; the log has its stack. */
export function answerError(error: unknown, c: Context<Env>): Response {
  if (!(error instanceof EngineError)) {
    if (error instanceof HTTPException && error.status < 500)
      return envelope(c, error.status, {
        type: TYPES[error.status] ?? 'invalid_request_error',
        message: error.message || 'the request cannot be read',
      })
    c.var.report(error)
    return envelope(c, 500, {
      type: 'api_error',
      message: `something went wrong here; the log of the server has it under ${c.var.request_id}`,
    })
  }
  const status = STATUS[error.type]
  if (status >= 500) c.var.report(error)
  // A client that tries again would be told the same again.
  if (status === 409) c.header('x-should-retry', 'false')
  if (status === 429) c.header('x-should-retry', 'true')
  return envelope(c, status, {
    type: ON_THE_WIRE[error.type] ?? error.type,
    message: error.message,
    ...(error.hint === null ? {} : { hint: error.hint }),
    ...error.details,
  })
}

function envelope(c: Context<Env>, status: number, error: Record<string, unknown>): Response {
  return c.json(envelopeOf(error, c.var.request_id), status as 400)
}

function envelopeOf(error: Record<string, unknown>, request_id: string) {
  return { type: 'error', error, request_id }
}

/** The answer where there is no request yet, since what came is none, or none that is let through. */
export function answerUnreadable(
  status: 400 | 408 | 413 | 417 | 431,
  message: string,
  request_id: string,
): { headers: Record<string, string>; body: string } {
  const type = TYPES[status] ?? 'invalid_request_error'
  const body = JSON.stringify(envelopeOf({ type, message }, request_id))
  return {
    headers: {
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
      'request-id': request_id,
      'x-content-type-options': 'nosniff',
      connection: 'close',
    },
    body,
  }
}
