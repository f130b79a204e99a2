/** Requests as no SDK sends them: any path, any header, any bytes. */
import { Agent, type OutgoingHttpHeaders, request } from 'node:http'
import { connect, type Socket } from 'node:net'

export type Answer = { status: number; headers: Record<string, unknown>; text: string; json: Json }
export type Json = {
  type?: string
  error?: { type: string; message: string }
  request_id?: string
  data?: unknown[]
  next_page?: string | null
} & Record<string, unknown>

export type Asked = {
  method?: string
  path: string
  headers?: OutgoingHttpHeaders
  /** Sent as it is when it is text or bytes, else as JSON. */
  body?: unknown
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

export async function ask(
  port: number,
  { method = 'GET', path, headers = {}, body }: Asked,
): Promise<Answer> {
  const bytes =
    body === undefined
      ? null
      : typeof body === 'string' || Buffer.isBuffer(body)
        ? Buffer.from(body)
        : Buffer.from(JSON.stringify(body))
  return new Promise((resolve, reject) => {
    const outgoing = request(
      {
        port,
        host: '127.0.0.1',
        method,
        path,
        agent,
        headers: {
          ...(bytes === null
            ? {}
            : { 'content-type': 'application/json', 'content-length': bytes.byteLength }),
          ...headers,
        },
      },
      (incoming) => {
        const chunks: Buffer[] = []
        incoming.on('data', (it) => chunks.push(it))
        incoming.on('error', reject)
        incoming.on('end', () => {
          const text = Buffer.concat(chunks).toString()
          resolve({ status: incoming.statusCode!, headers: incoming.headers, text, json: jsonOf(text) })
        })
      },
    )
    outgoing.on('error', reject)
    outgoing.end(bytes ?? undefined)
  })
}

function jsonOf(text: string): Json {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

/** Writes these bytes to a new connection, and gives all that comes back until it is closed or `patience_ms` are over. */
export async function speak(port: number, bytes: string, patience_ms = 2_000): Promise<string> {
  const socket = await opened(port)
  let heard = ''
  socket.on('data', (it) => {
    heard += it.toString('latin1')
  })
  const over = new Promise<void>((done) => {
    socket.on('close', () => done())
    setTimeout(done, patience_ms).unref()
  })
  socket.write(bytes, 'latin1')
  await over
  socket.destroy()
  return heard
}

/** A connection, whose errors are of no interest. */
export async function opened(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => {})
  await new Promise((done) => socket.once('connect', done))
  return socket
}
