/** The log: JSON lines on stderr, of requests and of failures of ours. It never holds what anybody sent or stored. */
import { pino } from 'pino'
import { EngineError } from '../domain/error.ts'
import type { JobReport } from '../engine.ts'
import type { Observed } from './observe.ts'

export const LOG_LEVELS = ['error', 'warn', 'info', 'debug', 'silent'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Writes to the file descriptor `fd`, without holding up who tells it. */
export function logTo(fd: number, level: LogLevel) {
  const destination = pino.destination({ dest: fd, sync: false })
  // Whoever read the log has gone: there is nobody to tell.
  destination.on('error', () => {})
  const log = pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters }, destination)
  return {
    request(it: Observed): void {
      log[it.status >= 500 ? 'error' : isQuiet(it) ? 'debug' : 'info'](it, 'request')
    },
    /** What Node's parser refused, before there was a request. */
    unreadable(it: { request_id: string; status: number; code: string }): void {
      log.info(it, 'unreadable request')
    },
    failure(error: unknown, request_id: string): void {
      log.error({ request_id, error: withoutContent(error) }, 'failure')
    },
    /** What became of a job. Its error is a type and a place in the code already. */
    job(it: JobReport): void {
      log[BAD_NEWS.has(it.type) ? 'error' : 'info'](it, 'job')
    },
    /** What the server itself does. */
    server(said: string, facts: Record<string, string | number | boolean> = {}): void {
      log.info(facts, said)
    },
    /** Writes what is still to be written. */
    end(): void {
      try {
        destination.flushSync()
      } catch {
        // Nothing was ever written, or nobody reads it any more.
      }
    },
  }
}

const BAD_NEWS: ReadonlySet<JobReport['type']> = new Set(['failed', 'thread died', 'database'])

const formatters = { level: (label: string) => ({ level: label }) }

/** Asked every few seconds by whatever watches the server. */
function isQuiet({ route, status }: Observed): boolean {
  return status < 400 && ['/healthz', '/readyz', '/metrics'].includes(route)
}

type Told = { name: string; code: string | null; message: string | null; stack: string[]; cause: Told | null }

/**
 * An error as the log may have it. Messages of errors that are not ours are left out: parsers quote what they read, and databases what was
 * to be stored.
 */
function withoutContent(error: unknown, depth = 0): Told | null {
  if (!(error instanceof Error)) return null
  const { code, cause, stack } = error as { code?: unknown; cause?: unknown; stack?: string }
  return {
    name: error instanceof EngineError ? error.type : error.name,
    code: typeof code === 'string' || typeof code === 'number' ? String(code) : null,
    message: error instanceof EngineError ? error.message : null,
    stack: (stack ?? '')
      .split('\n')
      .filter((it) => /^ {4}at /.test(it))
      .map((it) => it.trim()),
    cause: depth < 3 ? withoutContent(cause, depth + 1) : null,
  }
}
