/**
 * The server on its socket: what comes in is held to time and size, what is refused before it is a request gets the same kind of
 * answer as any other error, and to stop is to finish what has begun.
 */
import {
  createAdaptorServer,
  getRequestListener,
  type HttpBindings,
  type ServerType,
} from '@hono/node-server'
import { EngineError } from '../domain/error.ts'
import { randomId } from '../domain/id.ts'
import type { Server } from '../engine.ts'
import { appOf } from './app.ts'
import { answerUnreadable } from './errors.ts'
import { isLoopback } from './hosts.ts'
import { type LogLevel, logTo } from './log.ts'
import { metricsOf } from './metrics.ts'
import type { Observed, Observer } from './observe.ts'

export type Serving = {
  /** Where it listens: `http://127.0.0.1:4777`. */
  address: string
  port: number
  /**
   * Takes no more requests, finishes those that it has for up to ten seconds, ends the streams, and lets jobs stop where they can go on.
   * The database is still open afterwards.
   */
  stop: () => Promise<void>
}

export type ServeOptions = {
  host: string
  /** 0 for any that is free. */
  port: number
  /** Names it is called by besides those of this machine. */
  public_hosts: string[]
  /** Requests a second for each key; 0 for as many as come. */
  rate_limit: number
  log_level: LogLevel
}

const MS = {
  /** Until all headers are there. */
  headers: 15_000,
  /** Until all of a request is there: an import may be large, and its line slow. A body of JSON has less (`json-body.ts`). */
  request: 3_600_000,
  /** Between two requests on one connection; longer than the minute after which proxies give theirs up. */
  keep_alive: 65_000,
  /** How long what has begun may take once the server is to stop. */
  finish: 10_000,
}
/** The thread that works jobs is started again when it dies, after ten seconds at most. */
const THREAD_IS_BACK_MS = 15_000
const MAX_HEADER_BYTES = 16_384
/** Each may be a stream that lasts for hours. */
const MAX_CONNECTIONS = 10_000

/** Listens, from when it is settled. Throws `invalid_request_error` where that address cannot be listened on. */
export async function serve(server: Server, options: ServeOptions): Promise<Serving> {
  const { host, port, public_hosts, rate_limit, log_level } = options
  const log = logTo(2, log_level)
  const metrics = metricsOf(server)
  metrics.watchProcess()
  const streams = new Set<HttpBindings['outgoing']>()
  let is_stopping = false
  let died_at = Number.NEGATIVE_INFINITY
  const works = () => performance.now() - died_at > THREAD_IS_BACK_MS
  const app = appOf(server, (error, request_id) => log.failure(error, request_id), {
    rate_limit,
    public_hosts: isLoopback(host) || public_hosts.length > 0 ? [host, ...public_hosts] : null,
    observers: [
      { observed: log.request },
      rememberingIn(streams),
      { observed: (it) => isMadeToWork(it) && jobs.nudge() },
    ],
    metrics,
    isReady: async () => !is_stopping && works() && (await server.isReady()),
  })
  const http = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      headersTimeout: MS.headers,
      requestTimeout: MS.request,
      keepAliveTimeout: MS.keep_alive,
      connectionsCheckingInterval: 5_000,
      maxHeaderSize: MAX_HEADER_BYTES,
      // A request that names no host is refused below, with the envelope; Node would say nothing but 400.
      requireHostHeader: false,
    },
  }) as HttpServer
  http.maxConnections = MAX_CONNECTIONS
  refuseUnreadable(http, app.fetch, log.unreadable)
  http.prependListener('request', (_, outgoing) => {
    if (is_stopping) outgoing.setHeader('connection', 'close')
  })
  const sockets = new Set<HttpBindings['incoming']['socket']>()
  http.on('connection', (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  await listening(http, host, port)
  const address = addressOf(http, host)
  log.server('listening', { address: address.url })
  const jobs = server.startJobs({
    report(news) {
      if (news.type === 'thread died') died_at = performance.now()
      log.job(news)
    },
  })

  return {
    address: address.url,
    port: address.port,
    async stop() {
      is_stopping = true
      log.server('stopping')
      const closed = new Promise((resolve) => http.close(resolve))
      for (const it of streams) it.end()
      // A connection whose answer is out would wait for another request.
      const idle = setInterval(() => {
        http.closeIdleConnections()
        // Clients open connections ahead of need; Node waits for their first request as for one that has begun.
        for (const it of sockets) if (it.bytesRead === 0) it.destroy()
      }, 50)
      const late = setTimeout(() => http.closeAllConnections(), MS.finish)
      await Promise.all([closed, jobs.stop()])
      clearInterval(idle)
      clearTimeout(late)
      log.server('stopped')
      log.end()
    },
  }
}

/** Of what the adaptor may make, that of HTTP/1. */
type HttpServer = Extract<ServerType, { closeIdleConnections: () => void }>

/** Remembers the streams that are open, so that they can be ended: by themselves they end when their callers have enough. */
function rememberingIn(streams: Set<HttpBindings['outgoing']>): Observer {
  return {
    streaming(c) {
      const outgoing = c.env.outgoing!
      streams.add(outgoing)
      return () => streams.delete(outgoing)
    },
  }
}

/** A dream that was asked for, or canceled, need not wait until somebody looks; events come by the thousand, and make no job. */
function isMadeToWork({ method, route, status }: Observed): boolean {
  return method === 'POST' && status < 400 && !route.endsWith('/events')
}

/** What is no request gets the envelope too, with an id: a URL that is none, headers that are too large or too slow. */
function refuseUnreadable(
  http: HttpServer,
  fetch: Parameters<typeof getRequestListener>[0],
  tell: (it: { request_id: string; status: number; code: string }) => void,
): void {
  const answer = (status: Unreadable['status'], message: string, code: string) => {
    const request_id = randomId('req')
    tell({ request_id, status, code })
    return answerUnreadable(status, message, request_id)
  }
  http.removeAllListeners('request')
  http.on(
    'request',
    getRequestListener(fetch, {
      errorHandler(error) {
        const message = 'the address or the host of the request cannot be read'
        const { headers, body } = answer(400, message, error instanceof Error ? error.name : '')
        return new Response(body, { status: 400, headers })
      },
    }),
  )
  http.on('checkExpectation', (_, outgoing) => {
    const { headers, body } = answer(417, 'expect: only 100-continue can be met', 'expectation')
    outgoing.writeHead(417, headers).end(body)
  })

  const busy = new WeakSet<object>()
  http.on('request', ({ socket }, outgoing) => {
    busy.add(socket)
    outgoing.once('close', () => busy.delete(socket))
  })
  http.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    // In the middle of an answer another one would be taken for its end.
    if (!socket.writable || busy.has(socket)) return socket.destroy()
    const code = error.code ?? ''
    const { status, message } = UNREADABLE[code] ?? { status: 400, message: 'this is no HTTP request' }
    const { headers, body } = answer(status, message, code)
    const head = Object.entries(headers)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')
    socket.end(`HTTP/1.1 ${status} ${REASONS[status]}\r\n${head}\r\n${body}`)
  })
}

type Unreadable = { status: 400 | 408 | 413 | 417 | 431; message: string }

const UNREADABLE: Record<string, Unreadable> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    message: `the address and the headers are larger than ${MAX_HEADER_BYTES} bytes together`,
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: { status: 413, message: 'the extensions of a chunk are too large' },
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, message: 'the request did not arrive in time' },
}

const REASONS = {
  400: 'Bad Request',
  408: 'Request Timeout',
  413: 'Payload Too Large',
  417: 'Expectation Failed',
  431: 'Request Header Fields Too Large',
} as const

async function listening(http: HttpServer, host: string, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    http.once('error', (error: NodeJS.ErrnoException) => reject(cannotListen(error, host, port)))
    http.listen({ host, port }, resolve)
  })
}

function cannotListen(error: NodeJS.ErrnoException, host: string, port: number): unknown {
  const at = `port ${port} of ${host}`
  switch (error.code) {
    case 'EADDRINUSE':
      return new EngineError('conflict_error', `${at} is taken by another program`, {
        hint: 'give another one with --port; is a server of Reverie running already?',
        cause: error,
      })
    case 'EACCES':
      return new EngineError('invalid_request_error', `this account may not listen on ${at}`, {
        hint: 'give a port above 1023 with --port',
        cause: error,
      })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new EngineError('invalid_request_error', `${host} is no address of this machine`, {
        hint: 'give one with --host: 127.0.0.1 for this machine alone, 0.0.0.0 for every address it has',
        cause: error,
      })
    default:
      return error
  }
}

function addressOf(http: HttpServer, host: string): { url: string; port: number } {
  const address = http.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://${host.includes(':') ? `[${host}]` : host}:${port}`, port }
}
